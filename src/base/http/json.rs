//! JSON bodies: read once, judged completely, refused with the place of what is wrong.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::request::Arrival;
use crate::base::error::{Code, FieldError, Problem, Result};
use crate::base::value::Flaw;

/// The largest body, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;
/// The deepest nesting of arrays and objects.
const DEPTH_LIMIT: usize = 32;
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(15);
/// How much of a member's name is repeated in a pointer.
const NAME_MAX: usize = 64;

/// A JSON body of at most 256 KiB. Extraction never fails: [`Body::get`] says what was wrong, behind the door.
pub struct Body<T>(Result<T, Problem>);

impl<T> Body<T> {
    /// The parsed body, or the refusal: 400 unreadable, 413 too large, 415 not JSON, 422 with each wrong member.
    pub fn get(&self) -> Result<&T> {
        self.0.as_ref().map_err(|problem| problem.clone().into())
    }

    /// As [`Body::get`], owned.
    pub fn take(self) -> Result<T> {
        self.0.map_err(Into::into)
    }
}

/// No body, or `{}`: for commands that need no words.
pub struct Empty(Result<(), Problem>);

impl Empty {
    /// Refuses a body with members.
    pub fn get(&self) -> Result<()> {
        self.0.clone().map_err(Into::into)
    }
}

type Extracting<T> = Pin<Box<dyn Future<Output = std::result::Result<T, actix_web::Error>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move { Ok(Self(async { parse(&receive(&req, payload).await?) }.await)) })
    }
}

impl FromRequest for Empty {
    type Error = actix_web::Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        #[derive(Deserialize)]
        struct Nothing {}
        let (req, payload) = (req.clone(), payload.take());
        let judge = async move {
            let bytes = receive_any(&req, payload).await?;
            if bytes.is_empty() {
                return Ok(());
            }
            media_type(&req)?;
            parse::<Nothing>(&bytes).map(|_| ())
        };
        Box::pin(async move { Ok(Self(judge.await)) })
    }
}

async fn receive(req: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    media_type(req)?;
    receive_any(req, payload).await
}

/// Reads the whole body and leaves its hash for the idempotency row.
async fn receive_any(req: &HttpRequest, mut payload: Payload) -> Result<Bytes, Problem> {
    let declared = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > BODY_LIMIT) {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    let unreadable = || Problem::new(Code::MalformedBody);
    let payload = web::Payload::from_request(req, &mut payload).await.map_err(|_| unreadable())?;
    let read = tokio::time::timeout(BODY_TIME, payload.to_bytes_limited(BODY_LIMIT)).await;
    let bytes = read.map_err(|_| unreadable())?.map_err(|_| Problem::new(Code::BodyTooLarge))?.map_err(|_| unreadable())?;
    if let Some(arrival) = req.extensions().get::<Arrival>() {
        arrival.note_body(&bytes);
    }
    Ok(bytes)
}

/// JSON in UTF-8, neither compressed nor in another charset.
fn media_type(req: &HttpRequest) -> Result<(), Problem> {
    let value = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|p| !p.to_ascii_lowercase().starts_with("charset=") || p.to_ascii_lowercase().replace('"', "") == "charset=utf-8");
    let plain = req.headers().get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if json && utf8 && plain { Ok(()) } else { Err(Problem::new(Code::UnsupportedMediaType)) }
}

/// Judges and parses a body.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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

fn invalid(errors: impl IntoIterator<Item = FieldError>) -> Problem {
    let mut problem = Problem::new(Code::Invalid);
    problem.errors.extend(errors);
    problem
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

/// A value read from any format, with the members it did not know and the place of its first error.
pub(super) struct Read<T> {
    value: Result<T, FieldError>,
    unknown: Vec<String>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut track, mut unknown) = (serde_path_to_error::Track::new(), Vec::new());
        let value = {
            let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
            T::deserialize(serde_ignored::Deserializer::new(tracked, &mut |path| unknown.push(ignored(&path))))
        };
        let value = value.map_err(|error| member(&track.path(), &error.to_string()));
        Ok(Self { value, unknown })
    }
}

impl<T> Read<T> {
    /// The value, if nothing is wrong with it. `root` stands before each name: `/` in a body, `query/` in a query.
    pub(super) fn judged(self, root: &str) -> Result<T, Problem> {
        let place = |pointer: &str| match pointer.strip_prefix('/') {
            Some(rest) => format!("{root}{rest}"),
            None => pointer.to_owned(),
        };
        let unknown: Vec<_> = self.unknown.iter().map(|pointer| Flaw::UnknownMember.at(place(pointer))).collect();
        match self.value {
            Ok(value) if unknown.is_empty() => Ok(value),
            Ok(_) => Err(invalid(unknown)),
            Err(mut error) => {
                error.pointer = place(&error.pointer);
                Err(invalid(unknown.into_iter().chain([error])))
            }
        }
    }
}

/// The place and kind of one error of serde, whose own words repeat the value and stay here.
fn member(path: &serde_path_to_error::Path, message: &str) -> FieldError {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    let flaw = if let Some(flaw) = Flaw::ALL.iter().find(|flaw| message.split(' ').next() == Some(flaw.text())) {
        *flaw
    } else if message.starts_with("missing field") {
        push(&mut pointer, &quoted());
        Flaw::Required
    } else if message.starts_with("duplicate field") {
        push(&mut pointer, &quoted());
        Flaw::DuplicateMember
    } else if message.starts_with("unknown variant") {
        Flaw::UnknownCode
    } else if message.starts_with("invalid type") || message.starts_with("expected value") {
        Flaw::WrongType
    } else if message.starts_with("invalid value: integer") || message.starts_with("invalid value: floating") {
        Flaw::OutOfRange
    } else {
        Flaw::WrongValue
    };
    flaw.at(pointer)
}

/// The pointer to a member nobody asked for.
fn ignored(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path as P;
    match path {
        P::Root => String::new(),
        P::Seq { parent, index } => joined(ignored(parent), &index.to_string()),
        P::Map { parent, key } => joined(ignored(parent), key),
        P::Some { parent } | P::NewtypeStruct { parent } | P::NewtypeVariant { parent } => ignored(parent),
    }
}

fn joined(mut pointer: String, name: &str) -> String {
    push(&mut pointer, name);
    pointer
}

/// Appends one name, escaped (RFC 6901) and cut: the client knows what it sent.
fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    for c in name.chars().take(NAME_MAX) {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
