//! JSON, judged before it is believed: depth, text, members twice; then read into its type.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Value;

use super::read::{Read, invalid, member};
use super::spelling;
use crate::base::clock::{Instant, STATED};
use crate::base::error::{Code, FieldError, Problem, Result};
use crate::base::value::{FIELD, Flaw};

/// The deepest nesting of arrays and objects.
const DEPTH_LIMIT: usize = 32;

/// What `null` is in the place of a member that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Null {
    /// The same as if the member were absent.
    Absent,
    /// Refused in the members of this object, but where it clears one ([`crate::base::value::Field`]): in a PATCH what is absent stays, and what
    /// cannot be cleared would stay, too, though its writer took it out.
    RefusedInside,
    /// Refused here.
    Refused,
}

impl Null {
    /// What it is in the members of an object.
    const fn inside(self) -> Self {
        match self {
            Self::RefusedInside => Self::Refused,
            Self::Absent | Self::Refused => Self::Absent,
        }
    }
}

/// How a body is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// What `null` is.
    pub(super) null: Null,
    /// When it came in: what is stated a little later is now ([`Instant::stated`]).
    pub(super) now: Instant,
}

/// Judges and parses a body.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], how: Reading) -> Result<T, Problem> {
    let malformed = || Problem::new(Code::MalformedBody);
    let text = spelling::plain(std::str::from_utf8(bytes).map_err(|_| malformed().say("Ikke UTF-8", "Not UTF-8"))?);
    let text = text.as_ref();
    if depth(text) > DEPTH_LIMIT {
        return Err(malformed().say("Mere end 32 niveauer", "Nested deeper than 32"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let sound = serde_path_to_error::deserialize::<_, Sound>(&mut json);
    if let Err(error) = sound {
        return Err(if error.inner().is_data() { invalid([member(error.path(), &error.inner().to_string())]) } else { malformed() });
    }
    json.end().map_err(|_| malformed())?;
    let value = serde_json::from_str(text).map_err(|_| malformed())?;
    let read = Read::<T>::deserialize(Whole(value, how)).map_err(|_| malformed())?;
    read.judged("/").map_err(|problem| with_the_rest::<T>(text, how, problem))
}

/// So many wrong members are named.
const WRONG_MOST: usize = 20;

/// A type is read until the first value that is none of it: without that member it is read again, and so on. So each wrong member of a body is
/// named, with the first that is wrong in it; of members that are missing the first.
fn with_the_rest<T: DeserializeOwned>(text: &str, how: Reading, first: Problem) -> Problem {
    let Ok(Value::Object(mut members)) = serde_json::from_str(text) else { return first };
    let (mut problem, mut wrong) = (first, Vec::new());
    while wrong.len() < WRONG_MOST
        && let Some(error) = problem.errors.pop_if(|error| error.code != Flaw::UnknownMember.text())
    {
        let name = member_of(&error.pointer).to_owned();
        let is_left_out = wrong.iter().any(|known: &FieldError| member_of(&known.pointer) == name);
        let is_there = members.remove(&name).is_some();
        // What was left out is not missing, and of the rest as a whole nothing can be said.
        if is_there || wrong.is_empty() || !is_left_out && !name.is_empty() {
            wrong.push(error);
        }
        if !is_there {
            break;
        }
        match Read::<T>::deserialize(Whole(Value::Object(members.clone()), how)).map(|read| read.judged("/")) {
            Ok(Err(next)) => problem = next,
            Ok(Ok(_)) => problem.errors.clear(),
            Err(_) => break,
        }
    }
    problem.errors.extend(wrong);
    problem
}

/// The member of a body in which a pointer lies. Those that a type knows need no escapes.
fn member_of(pointer: &str) -> &str {
    pointer.split('/').nth(1).unwrap_or_default()
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

/// JSON as the contract has it: where that says object, serde would take a bare list of the members' values, too.
struct Whole(Value, Reading);

impl<'de> Deserializer<'de> for Whole {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let part = |value, null| Self(value, Reading { null, ..self.1 });
        let inside = self.1.null.inside();
        match self.0 {
            Value::Array(items) => SeqDeserializer::new(items.into_iter().map(|item| part(item, Null::Absent))).deserialize_any(visitor),
            Value::Object(members) => {
                MapDeserializer::new(members.into_iter().map(|(name, value)| (name, part(value, inside)))).deserialize_any(visitor)
            }
            plain => plain.deserialize_any(visitor),
        }
    }
    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match (self.0.is_null(), self.1.null) {
            (false, _) => visitor.visit_some(self),
            (true, Null::Refused) => Err(de::Error::invalid_type(Unexpected::Unit, &visitor)),
            (true, _) => visitor.visit_none(),
        }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        let (value, how) = (self.0, self.1);
        let stated = if name == STATED { value.as_str().and_then(Instant::parse) } else { None };
        let null = if name == FIELD { Null::Absent } else { how.null };
        let value = stated.map_or(value, |at| Value::String(at.stated(how.now).to_string()));
        visitor.visit_newtype_struct(Self(value, Reading { null, ..how }))
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for Whole {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Any JSON without a member twice, or NUL in the name of one. What its strings may hold is for the types that read them.
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
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
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
    use crate::base::value::Field;
    use proptest::prelude::*;

    #[test]
    fn brackets_in_strings_are_no_depth() {
        for (text, deepest) in [("", 0), ("{}", 1), ("[[],[[]]]", 3), (r#"{"a":"[[[{{{"}"#, 1), (r#"{"a\"[[":[]}"#, 2), ("]]][", 1)] {
            assert_eq!(depth(text), deepest, "{text}");
        }
    }

    #[test]
    fn in_a_change_null_clears_or_is_refused() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Inner {
            c: Option<u8>,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Change {
            a: Option<u8>,
            #[serde(default)]
            b: Field<Inner>,
            d: Option<Inner>,
        }
        let read = |text: &str, null| match parse::<Change>(text.as_bytes(), Reading { null, now: Instant::from_micros(0) }) {
            Ok(change) => Ok(change),
            Err(problem) => Err(problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect::<Vec<_>>()),
        };
        let change = |a, b, d| Ok(Change { a, b, d });
        let in_change = |text| read(text, Null::RefusedInside);
        assert_eq!(in_change("{}"), change(None, Field::Absent, None));
        assert_eq!(in_change(r#"{"a":1,"b":null,"d":{"c":2}}"#), change(Some(1), Field::Null, Some(Inner { c: Some(2) })));
        assert_eq!(in_change(r#"{"a":null,"b":null,"d":null}"#), Err(vec!["/a wrong_type".to_owned(), "/d wrong_type".to_owned()]));
        // What is set as a whole has no member that would stay.
        assert_eq!(in_change(r#"{"b":{"c":null},"d":{"c":null}}"#), change(None, Field::Set(Inner { c: None }), Some(Inner { c: None })));
        assert_eq!(read(r#"{"a":null,"b":null,"d":null}"#, Null::Absent), change(None, Field::Null, None));
    }

    #[test]
    fn a_stated_moment_is_read_by_our_clock_wherever_it_stands() {
        use crate::base::clock::Stated;
        #[derive(Deserialize)]
        struct Said {
            #[serde(default)]
            at: Option<Stated>,
            #[serde(default)]
            planned_at: Option<Instant>,
            #[serde(default)]
            within: Vec<Said>,
        }
        let now = Instant::from_micros(1_772_000_000_000_000);
        let soon = now.plus(chrono::TimeDelta::minutes(5));
        let how = Reading { null: Null::Absent, now };
        let said: Said = parse(format!(r#"{{"at":"{soon}","within":[{{"at":"{soon}","planned_at":"{soon}"}}]}}"#).as_bytes(), how).unwrap();
        assert_eq!(
            (said.at.map(Stated::at), said.within[0].at.map(Stated::at), said.within[0].planned_at),
            (Some(now), Some(now), Some(soon))
        );
        let later: Said = parse(format!(r#"{{"at":"{}"}}"#, soon.next()).as_bytes(), how).unwrap();
        assert_eq!((later.at.map(Stated::at), later.planned_at), (Some(soon.next()), None));
        for (wrong, code) in [("3", "wrong_type"), ("\"i går\"", "wrong_value")] {
            let problem = parse::<Said>(format!(r#"{{"at":{wrong}}}"#).as_bytes(), how).err().unwrap();
            assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code), ("/at", code));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_more_than_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64), json in "[\\[\\]{}\",:\\\\0-9eEu.a-f -]{0,64}") {
            #[derive(Deserialize)]
            #[expect(dead_code, reason = "only its parsing is looked at")]
            struct Input { a: Option<Vec<u8>>, b: Option<String> }
            for bytes in [&bytes[..], json.as_bytes(), format!("{{\"a\":{json}}}").as_bytes()] {
                if let Err(problem) = parse::<Input>(bytes, Reading { null: Null::Absent, now: Instant::from_micros(0) }) {
                    prop_assert!(matches!(problem.code, Code::MalformedBody | Code::Invalid));
                }
            }
        }
    }
}
