//! JSON, judged before it is believed: depth, text, members twice; then read into its type.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::read::{Read, invalid, member};
use crate::base::error::{Code, Problem, Result};
use crate::base::value::Flaw;

/// The deepest nesting of arrays and objects.
const DEPTH_LIMIT: usize = 32;

/// Judges and parses a body.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = || Problem::new(Code::MalformedBody);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed().say("Ikke UTF-8", "Not UTF-8"))?;
    if depth(text) > DEPTH_LIMIT {
        return Err(malformed().say("Mere end 32 niveauer", "Nested deeper than 32"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let sound = serde_path_to_error::deserialize::<_, Sound>(&mut json);
    if let Err(error) = sound {
        return Err(if error.inner().is_data() { invalid([member(error.path(), &error.inner().to_string())]) } else { malformed() });
    }
    json.end().map_err(|_| malformed())?;
    if !text.trim_start().starts_with('{') {
        return Err(invalid([Flaw::WrongType.at("")]));
    }
    let read = Read::<T>::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(|_| malformed())?;
    read.judged("/")
}

/// The deepest nesting, without recursion and without looking inside strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Any JSON without NUL in its strings and without a member twice.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self, E> {
        if text.contains('\0') { Err(E::custom(Flaw::ControlCharacter)) } else { Ok(self) }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let flaw = if name.contains('\0') { Some(Flaw::ControlCharacter) } else { None };
            let flaw = flaw.or_else(|| (!seen.insert(name)).then_some(Flaw::DuplicateMember));
            map.next_value_seed(Judge(flaw))?;
        }
        Ok(self)
    }
}

/// Refuses a member for its name, at the place of its value.
struct Judge(Option<Flaw>);

impl<'de> DeserializeSeed<'de> for Judge {
    type Value = Sound;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Sound, D::Error> {
        match self.0 {
            Some(flaw) => Err(de::Error::custom(flaw)),
            None => Sound::deserialize(deserializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn brackets_in_strings_are_no_depth() {
        for (text, deepest) in [("", 0), ("{}", 1), ("[[],[[]]]", 3), (r#"{"a":"[[[{{{"}"#, 1), (r#"{"a\"[[":[]}"#, 2), ("]]][", 1)] {
            assert_eq!(depth(text), deepest, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_more_than_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64), json in "[\\[\\]{}\",:\\\\0-9eEu.a-f -]{0,64}") {
            #[derive(Deserialize)]
            #[expect(dead_code, reason = "only its parsing is looked at")]
            struct Input { a: Option<Vec<u8>>, b: Option<String> }
            for bytes in [&bytes[..], json.as_bytes(), format!("{{\"a\":{json}}}").as_bytes()] {
                if let Err(problem) = parse::<Input>(bytes) {
                    prop_assert!(matches!(problem.code, Code::MalformedBody | Code::Invalid));
                }
            }
        }
    }
}
