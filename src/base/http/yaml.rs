//! The contract as YAML, read alike by old and new readers.

use utoipa::openapi::OpenApi;

use crate::base::error::{Error, Result};

/// What YAML 1.1 takes for something else than text, in any case of letters.
const WORDS: [&str; 8] = ["y", "yes", "n", "no", "on", "off", "=", "<<"];

/// The contract as YAML. What YAML 1.2 would not take for text its writer quotes; here the rest is quoted, which only YAML 1.1 takes for a
/// boolean, a date or a number, for that is what many readers still speak.
///
/// # Errors
/// `Internal` where it cannot be written.
pub fn to_yaml(api: &OpenApi) -> Result<String> {
    Ok(quoted(&api.to_yaml().map_err(Error::internal)?))
}

/// The writer puts each scalar on one line, but for blocks of text.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 50);
    // Lines behind this column are text.
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let indented = line.trim_start_matches(' ');
        let is_text = block.is_some_and(|column| indented.is_empty() || line.len() - indented.len() > column);
        if !is_text {
            block = None;
        }
        // A quoted key has no value on its line, and a quoted value is well.
        let mut bare = indented;
        while let Some(item) = bare.strip_prefix("- ") {
            bare = item;
        }
        if is_text || bare.starts_with(['\'', '"']) {
            out.push_str(line);
        } else {
            out.push_str(line.strip_suffix(bare).unwrap_or_default());
            let column = line.len() - bare.len();
            let (key, value) = match bare.split_once(": ") {
                Some((key, value)) => (Some(key), value),
                None => bare.strip_suffix(':').map_or((None, bare), |key| (Some(key), "")),
            };
            block = value.starts_with(['|', '>']).then(|| if key.is_some() { column } else { column.saturating_sub(2) });
            if let Some(key) = key {
                out.push_str(&scalar(key));
                out.push_str(if value.is_empty() { ":" } else { ": " });
            }
            out.push_str(&scalar(value));
        }
        out.push('\n');
    }
    out
}

fn scalar(bare: &str) -> String {
    let is_word = WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word));
    let is_like_a_number = bare.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) && bare.parse::<f64>().is_err();
    if is_word || is_like_a_number { format!("'{}'", bare.replace('\'', "''")) } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_readers_misread_is_quoted() {
        for (line, expected) in [
            ("on: 2026-03-12", "'on': '2026-03-12'"),
            ("  - on: 17:00", "  - 'on': '17:00'"),
            ("- - No", "- - 'No'"),
            ("- 2026-03-01T08:00:00Z", "- '2026-03-01T08:00:00Z'"),
            ("n:", "'n':"),
            ("4XX:", "'4XX':"),
            ("- 1_000's", "- '1_000''s'"),
            ("year: 2026", "year: 2026"),
            ("- -1.5", "- -1.5"),
            ("is_on: true", "is_on: true"),
            ("'200':", "'200':"),
            ("note: 'on: 2026'", "note: 'on: 2026'"),
            ("path: /v1/people/{id}", "path: /v1/people/{id}"),
            ("items: []", "items: []"),
            ("none: null", "none: null"),
        ] {
            assert_eq!(quoted(line), format!("{expected}\n"));
        }
        let blocks = "a:\n  text: |-\n    on: 1\n\n    - no\n  on: x\n- |-\n  on: 1\n- text: |-\n    no\n'200':\n      no: 1\n";
        let quoted_blocks = "a:\n  text: |-\n    on: 1\n\n    - no\n  'on': x\n- |-\n  on: 1\n- text: |-\n    no\n'200':\n      'no': 1\n";
        assert_eq!(quoted(blocks), quoted_blocks);
    }
}
