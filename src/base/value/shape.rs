//! Shapes of members: bounded lists, and members of a PATCH.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

use super::Flaw;

/// At least `LEAST` elements, and at most `N`. Reading stops at the one too many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Few<T, const N: usize, const LEAST: usize = 0>(Vec<T>);

impl<T, const N: usize, const LEAST: usize> Few<T, N, LEAST> {
    /// From a list that may be too short or too long.
    pub fn new(items: Vec<T>) -> Result<Self, Flaw> {
        match items.len() {
            0 if LEAST == 1 => Err(Flaw::Empty),
            few if few < LEAST => Err(Flaw::TooFew),
            many if many > N => Err(Flaw::TooMany),
            _ => Ok(Self(items)),
        }
    }

    /// The elements, owned.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}
impl<T, const N: usize, const LEAST: usize> std::ops::Deref for Few<T, N, LEAST> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}
impl<T, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
impl<'de, T: Deserialize<'de>, const N: usize, const LEAST: usize> Deserialize<'de> for Few<T, N, LEAST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const N: usize, const LEAST: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const N: usize, const LEAST: usize> Visitor<'de> for Elements<T, N, LEAST> {
            type Value = Few<T, N, LEAST>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {N}")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    if items.len() == N {
                        return Err(de::Error::custom(Flaw::TooMany));
                    }
                    items.push(item);
                }
                Few::new(items).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}
/// The derive asks for this trait where a member's type has parameters; `parts` is the schema or reference of each.
impl<T: ToSchema, const N: usize, const LEAST: usize> ComposeSchema for Few<T, N, LEAST> {
    fn compose(parts: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let items = parts.into_iter().next().unwrap_or_else(T::schema);
        ArrayBuilder::new().items(items).min_items(Some(LEAST).filter(|least| *least > 0)).max_items(Some(N)).into()
    }
}
impl<T: ToSchema, const N: usize, const LEAST: usize> ToSchema for Few<T, N, LEAST> {
    fn name() -> Cow<'static, str> {
        if LEAST == 0 { format!("Few{N}").into() } else { format!("Few{LEAST}to{N}").into() }
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// The name under which a [`Field`] asks to be read: where `null` is refused elsewhere, it clears this.
pub const FIELD: &str = "Field";

/// A member of a PATCH: absent (leave it), null (clear it) or set. Give the member `#[serde(default)]`. Of a plain `Option` beside it null is refused:
/// give that one `#[schema(nullable = false)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not mentioned: stays as it is.
    #[default]
    Absent,
    /// `null`: to be cleared.
    Null,
    /// The new value.
    Set(T),
}

impl<T> Field<T> {
    /// What the value is after the change.
    pub fn or(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Absent => present,
            Self::Null => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same, borrowed.
    pub const fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Set(value) => Field::Set(value),
        }
    }
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Clearable<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Clearable<T> {
            type Value = Field<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                Option::deserialize(deserializer).map(|value| value.map_or(Field::Null, Field::Set))
            }
        }
        deserializer.deserialize_newtype_struct(FIELD, Clearable(PhantomData))
    }
}
impl<T: ToSchema> ComposeSchema for Field<T> {
    fn compose(parts: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(null).item(parts.into_iter().next().unwrap_or_else(T::schema)).into()
    }
}
impl<T: ToSchema> ToSchema for Field<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// A text that a form may send untouched: empty, or nothing that can be seen, is as if it were not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed<T>(Option<T>);

impl<T> Default for Typed<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Typed<T> {
    /// The text, where one was typed.
    pub fn into_option(self) -> Option<T> {
        self.0
    }
}
impl<'de, T: std::str::FromStr<Err = Flaw>> Deserialize<'de> for Typed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sent = Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty());
        match sent.map(|text| text.parse()).transpose() {
            Err(Flaw::Empty) => Ok(Self(None)),
            read => read.map(Self).map_err(de::Error::custom),
        }
    }
}
impl<T: ToSchema> ComposeSchema for Typed<T> {
    fn compose(parts: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        let blank = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\s*$"));
        AnyOfBuilder::new().item(null).item(blank).item(parts.into_iter().next().unwrap_or_else(T::schema)).into()
    }
}
impl<T: ToSchema> ToSchema for Typed<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_tells_absent_from_null() {
        #[derive(Deserialize)]
        struct Patch {
            #[serde(default)]
            a: Field<u8>,
        }
        let read = |json| serde_json::from_str::<Patch>(json).unwrap().a;
        assert_eq!((read("{}"), read(r#"{"a":null}"#), read(r#"{"a":3}"#)), (Field::Absent, Field::Null, Field::Set(3)));
        assert_eq!((Field::Absent.or(Some(1)), Field::Null.or(Some(1)), Field::Set(2).or(Some(1))), (Some(1), None, Some(2)));
    }
}
