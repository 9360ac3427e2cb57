//! JSON as some phones write it, spelled as ours is read: what its writer cannot mend on a bus refuses nothing.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// Whole numbers are told from their neighbours by every reader of JSON below this one, 2^53 (RFC 8259, section 6).
const WHOLE_LIMIT: f64 = 9_007_199_254_740_992.0;

/// The length of an escape, `\ud83d`.
const ESCAPE: usize = 6;

/// The same JSON with U+FFFD for half a character, and whole numbers without a point or an exponent. What is no JSON stays none.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    match whole_characters(text) {
        Cow::Borrowed(text) => whole_numbers(text),
        Cow::Owned(text) => Cow::Owned(whole_numbers(&text).into_owned()),
    }
}

/// A character beyond U+FFFF is two escapes. JavaScript writes one of them alone where a text was cut between the two, as through an emoji.
fn whole_characters(text: &str) -> Cow<'_, str> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return Cow::Borrowed(text);
    }
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(ESCAPE..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * ESCAPE,
            (Some(0xD800..=0xDFFF), _) => {
                whole.push_str("\\ufffd");
                rest = escape.get(ESCAPE..).unwrap_or_default();
                continue;
            }
            // What follows an escaped backslash is no escape.
            _ if escape.starts_with("\\\\") => 2,
            _ => 1,
        };
        let (kept, after) = escape.split_at(length);
        whole.push_str(kept);
        rest = after;
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The number of an escape that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // The library takes a sign, too.
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}

/// A number whose fraction is zero is a whole one (JSON Schema, `integer`), and frameworks without another kind write it with a point.
fn whole_numbers(text: &str) -> Cow<'_, str> {
    let (mut whole, mut done) = (String::new(), 0);
    let (mut in_string, mut escaped, mut begun) = (false, false, None);
    for (at, byte) in text.bytes().enumerate() {
        let goes_on = !in_string && matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if let Some(from) = begun.filter(|_| !goes_on) {
            if let Some(number) = text.get(from..at).and_then(whole_number) {
                whole.push_str(text.get(done..from).unwrap_or_default());
                whole.push_str(&number);
                done = at;
            }
            begun = None;
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'0'..=b'9' | b'+' | b'-' | b'.' if !in_string => begun = begun.or(Some(at)),
            _ => {}
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    whole.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(whole)
}

/// A number as it is read, where it is whole and written otherwise.
fn whole_number(number: &str) -> Option<String> {
    if !number.contains(['.', 'e', 'E']) && number != "-0" {
        return None;
    }
    // The standard library takes what JSON does not (`1.`, `01.0`), and reads exactly only what is whole and below the limit.
    serde_json::from_str::<IgnoredAny>(number).ok()?;
    let value: f64 = number.parse().ok()?;
    let is_whole = has_no_fraction(number) && value.abs() < WHOLE_LIMIT;
    // Zero has no sign.
    is_whole.then(|| if value == 0.0 { "0".to_owned() } else { value.to_string() })
}

/// Whether all digits of a number after its point are zeros, the point being where the exponent puts it: by the digits, for nothing is to be rounded.
fn has_no_fraction(number: &str) -> bool {
    let is_nought = |digits: &str| digits.bytes().all(|digit| matches!(digit, b'0' | b'.' | b'-'));
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let (is_down, places) = exponent.strip_prefix('-').map_or((false, exponent), |places| (true, places));
    match places.parse::<usize>() {
        _ if is_nought(digits) => true,
        Ok(places) if is_down => is_nought(after) && is_nought(before.get(before.len().saturating_sub(places)..).unwrap_or_default()),
        Ok(places) => is_nought(after.get(places..).unwrap_or_default()),
        // Far below one, or far above the limit.
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn value(text: &str) -> Option<Value> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn half_a_character_is_the_one_that_stands_for_none() {
        for (sent, read) in [
            (r#"{"a":"hej \ud83d"}"#, "{\"a\":\"hej \u{FFFD}\"}"),
            (r#"{"a":"\ud83dA"}"#, "{\"a\":\"\u{FFFD}A\"}"),
            (r#"{"a":"\udc00"}"#, "{\"a\":\"\u{FFFD}\"}"),
            (r#"{"a":"\uDE00\uD83D"}"#, "{\"a\":\"\u{FFFD}\u{FFFD}\"}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "{\"a\":\"\u{FFFD}😀\"}"),
            (r#"{"a":"\ud83d\ude00\ude00"}"#, "{\"a\":\"😀\u{FFFD}\"}"),
            (r#"{"a":"\ud83d\u0041\ud83d\n"}"#, "{\"a\":\"\u{FFFD}A\u{FFFD}\\n\"}"),
            (r#"{"\ud83d":{"b\ud83d":["\ud83d","æ\ud83dø"]}}"#, "{\"\u{FFFD}\":{\"b\u{FFFD}\":[\"\u{FFFD}\",\"æ\u{FFFD}ø\"]}}"),
            // Two escapes of one character, and ones that are no halves.
            (r#"{"a":"\uD83D\uDE00 \ud7ff\ue000"}"#, "{\"a\":\"😀 \u{D7FF}\u{E000}\"}"),
            // A backslash and what follows it, and a backslash before a half.
            (r#"{"a":"\\ud83d"}"#, r#"{"a":"\\ud83d"}"#),
            (r#"{"a":"\\\ud83d"}"#, "{\"a\":\"\\\\\u{FFFD}\"}"),
            (r#"{"a":"\\\\ud83d \"\\"}"#, r#"{"a":"\\\\ud83d \"\\"}"#),
        ] {
            assert_eq!(value(&plain(sent)).unwrap(), value(read).unwrap(), "{sent}");
        }
        // What is no JSON stays none.
        for broken in [
            r#"{"a":"\ud8"#,
            r#"{"a":"\ud8zz"}"#,
            r#"{"a":"\ud+3d"}"#,
            r#"{"a":"\ud83"}"#,
            r#"{"a":"\é\ud83d"}"#,
            r#"{\ud83d:1}"#,
            "\\ud83d\\",
        ] {
            assert_eq!(value(&plain(broken)), None, "{broken}");
        }
    }

    #[test]
    fn a_whole_number_has_no_point() {
        for (sent, read) in [
            ("30.0", "30"),
            ("-30.00", "-30"),
            ("1e1", "10"),
            ("1.5E+1", "15"),
            ("300e-1", "30"),
            ("0.0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e400", "0"),
            ("0.0e-400", "0"),
            ("0e-99999999999999999999", "0"),
            ("-1.50e1", "-15"),
            ("0.00001e5", "1"),
            ("30.0e-1", "3"),
            ("30.00000000000000000000", "30"),
            ("9007199254740991.0", "9007199254740991"),
            ("[1.0,2,3.0]", "[1,2,3]"),
            (" 1.0\n", " 1\n"),
            // Not whole, too large to be exact, or plain already.
            ("30.5", "30.5"),
            ("1e-1", "1e-1"),
            ("-5e-2", "-5e-2"),
            ("30.05e1", "30.05e1"),
            // Nor where it is only rounded to a whole one.
            ("0.99999999999999999999", "0.99999999999999999999"),
            ("30.0000000000000000001", "30.0000000000000000001"),
            ("1e-400", "1e-400"),
            ("1e-99999999999999999999", "1e-99999999999999999999"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            ("9007199254740992.0", "9007199254740992.0"),
            ("-1e300", "-1e300"),
            ("1e400", "1e400"),
            ("9007199254740993", "9007199254740993"),
            ("true", "true"),
            // In words nothing is a number.
            (r#""30.0""#, r#""30.0""#),
            (r#""a\"30.0""#, r#""a\"30.0""#),
            (r#""30.0\\",1.0"#, r#""30.0\\",1"#),
            // What is no number of JSON stays none.
            ("1.", "1."),
            (".0", ".0"),
            ("01.0", "01.0"),
            ("+1.0", "+1.0"),
            ("1.0.0", "1.0.0"),
            ("1.0e", "1.0e"),
            ("--1.0", "--1.0"),
            ("1.0-1.0", "1.0-1.0"),
        ] {
            let of = |value: &str| format!("{{\"a\":{value},\"1.0\":\"2.0\"}}");
            assert_eq!(plain(&of(sent)), of(read), "{sent}");
        }
    }

    /// The same, numbers by what they are and not by how they are written.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len() && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| same(one, other)))
            }
            _ => one == other,
        }
    }

    proptest! {
        #[test]
        fn what_was_json_says_what_it_said(text in "[\\[\\]{}\",:\\\\0-9eE+.udDa-f -]{0,32}", number in "-?[0-9]{1,3}(\\.[0-9]{1,2})?(e-?[0-9])?") {
            for sent in [text.clone(), format!("[{text}]"), format!("{{\"{text}\":[{number},\"{number}\"]}}")] {
                let read = plain(&sent).into_owned();
                prop_assert_eq!(&plain(&read), &read, "once is enough");
                if let Some(sent) = value(&sent) {
                    prop_assert!(value(&read).is_some_and(|read| same(&sent, &read)), "{}", read);
                }
            }
        }
    }
}
