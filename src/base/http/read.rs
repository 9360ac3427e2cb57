//! Reading any format into a type, with the place of everything that is wrong.

use serde::{Deserialize, Deserializer};

use crate::base::error::{Code, FieldError, Problem, Result};
use crate::base::value::Flaw;

/// How much of a member's name is repeated in a pointer.
const NAME_MAX: usize = 64;

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
pub(super) fn member(path: &serde_path_to_error::Path, message: &str) -> FieldError {
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
    let flaw = if message.starts_with("missing field") {
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
        // Ours are said by their code.
        Flaw::ALL.iter().copied().find(|flaw| message.split(' ').next() == Some(flaw.text())).unwrap_or(Flaw::WrongValue)
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

/// 422 with these members.
pub(super) fn invalid(errors: impl IntoIterator<Item = FieldError>) -> Problem {
    let mut problem = Problem::new(Code::Invalid);
    problem.errors.extend(errors);
    problem
}
