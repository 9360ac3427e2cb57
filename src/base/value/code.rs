//! Codes that a municipality chooses itself, and tags: short ASCII text of one shape, a type each.

/// Whether text is a code: 1 to 40 of `a-z`, `0-9`, `_` and `-`.
pub fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-')
}

/// A type for text of one shape: `shape` says which text it is, `pattern` says the same to clients.
#[macro_export]
macro_rules! shaped {
    ($(#[$doc:meta])* pub struct $name:ident: $shape:path, $pattern:literal, $example:literal, $says:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        pub struct $name(String);

        impl $name {
            /// Reads what a client sent.
            pub fn parse(text: &str) -> Option<Self> {
                $shape(text).then(|| Self(text.to_owned()))
            }

            /// Takes what our own database gives back.
            pub const fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom($crate::base::value::Flaw::WrongValue))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let text = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                text.pattern(Some($pattern)).examples([$example]).description(Some($says)).into()
            }
        }
        impl utoipa::ToSchema for $name {}
    };
}
