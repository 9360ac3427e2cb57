//! Shapes of members: bounded lists, and members of a PATCH.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::Flaw;

/// At most `N` elements. Reading stops at the one too many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Few<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Few<T, N> {
    /// From a list that may be too long.
    pub fn new(items: Vec<T>) -> Result<Self, Flaw> {
        if items.len() > N { Err(Flaw::TooMany) } else { Ok(Self(items)) }
    }

    /// The elements, owned.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}
impl<T, const N: usize> std::ops::Deref for Few<T, N> {
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
impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Few<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const N: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Elements<T, N> {
            type Value = Few<T, N>;
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
                Ok(Few(items))
            }
        }
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}
impl<T: ToSchema, const N: usize> PartialSchema for Few<T, N> {
    fn schema() -> RefOr<Schema> {
        let items = match T::schema() {
            // What has members is named once; plain values stand where they are used.
            RefOr::T(Schema::Object(object)) if object.properties.is_empty() => Schema::Object(object).into(),
            _ => RefOr::<Schema>::Ref(Ref::from_schema_name(T::name())),
        };
        ArrayBuilder::new().items(items).max_items(Some(N)).into()
    }
}
impl<T: ToSchema, const N: usize> ToSchema for Few<T, N> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Few{N}_{}", T::name()).into()
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        T::schemas(schemas);
    }
}

/// A member of a PATCH: absent (leave it), null (clear it) or set. Give the member `#[serde(default)]`.
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
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Set))
    }
}
impl<T: ToSchema> PartialSchema for Field<T>
where
    Option<T>: PartialSchema,
{
    fn schema() -> RefOr<Schema> {
        Option::<T>::schema()
    }
}
impl<T: ToSchema> ToSchema for Field<T>
where
    Option<T>: ToSchema,
{
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Field_{}", T::name()).into()
    }
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
