//! Closed vocabularies: an enum whose stable code is what the database, the API and the word lists share.

use std::borrow::Cow;

use crate::base::error::Words;

/// An enum of [`coded!`](crate::coded).
pub trait Coded: Copy + Eq + 'static {
    /// Every value, in the order of the definition.
    const ALL: &'static [Self];
    /// The stable code: lower-case snake case.
    fn code(self) -> &'static str;
    /// What people call it.
    fn words(self) -> Words;
    /// The value of a code.
    fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// Defines a closed vocabulary: a `Copy` enum with its codes and its Danish and English words.
///
/// ```
/// makker::coded! {
///     /// How far an enquiry is.
///     pub enum State {
///         /// Nobody has looked at it.
///         Received = "received" : "Modtaget" / "Received",
///         /// It became a case.
///         Founded = "founded" : "Sag oprettet" / "Case opened",
///     }
/// }
/// use makker::base::db::Coded;
/// assert_eq!(State::parse("founded"), Some(State::Founded));
/// assert_eq!(State::Received.words().en, "Received");
/// ```
/// The code is what JSON and the database hold. As input an unknown code is refused (without repeating it); from the database it is
/// an error. In the API description it stays an open string: clients must accept codes that come later.
#[macro_export]
macro_rules! coded {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($(#[$doc:meta])* $value:ident = $code:literal : $da:literal / $en:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = ::diesel::sql_types::Text)]
        $visibility enum $name { $($(#[$doc])* $value,)+ }

        impl $crate::base::db::Coded for $name {
            const ALL: &'static [Self] = &[$(Self::$value),+];
            fn code(self) -> &'static str {
                match self { $(Self::$value => $code),+ }
            }
            fn words(self) -> $crate::base::error::Words {
                match self { $(Self::$value => $crate::base::error::words($da, $en)),+ }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::base::db::Coded::code(*self))
            }
        }
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::base::db::Coded::code(*self))
            }
        }
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let code = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::base::db::Coded>::parse(&code).ok_or_else(|| ::serde::de::Error::custom($crate::base::value::Flaw::UnknownCode))
            }
        }
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::base::db::coded::schema::<Self>()
            }
        }
        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $crate::base::db::coded::schema_name(::std::module_path!(), ::std::stringify!($name))
            }
        }
        impl<DB: ::diesel::backend::Backend> ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB> for $name
        where
            str: ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, DB>) -> ::diesel::serialize::Result {
                <str as ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>>::to_sql($crate::base::db::Coded::code(*self), out)
            }
        }
        impl<DB: ::diesel::backend::Backend> ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB> for $name
        where
            String: ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                let code = <String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                <Self as $crate::base::db::Coded>::parse(&code)
                    .ok_or_else(|| ::std::concat!("unknown code of ", ::std::stringify!($name), " in the database").into())
            }
        }
    };
}

/// The schema of a vocabulary: an open string that names the codes known today. For [`coded!`](crate::coded).
pub fn schema<C: Coded>() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    open_vocabulary(&C::ALL.iter().map(|value| (value.code(), value.words())).collect::<Vec<_>>())
}

/// The schema of these codes: an open string that names them.
pub fn open_vocabulary(known: &[(&'static str, Words)]) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    let named: Vec<String> = known.iter().map(|(code, words)| format!("`{code}` ({})", words.en)).collect();
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .description(Some(format!("Open vocabulary: accept codes that are not in this list. Known today: {}.", named.join(", "))))
        .examples(known.first().map(|(code, _)| *code))
        .into()
}

/// The schema's name, made unique by the room: `State` in `makker::sessions::model` is `SessionsState`. For [`coded!`](crate::coded).
pub fn schema_name(module: &str, name: &'static str) -> Cow<'static, str> {
    let room = module.split("::").nth(1).unwrap_or_default();
    let mut letters = room.chars();
    match letters.next() {
        Some(first) => Cow::Owned(format!("{}{}{name}", first.to_ascii_uppercase(), letters.as_str())),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::coded! {
        /// Colours of a test.
        pub enum Colour {
            /// The first.
            Red = "red" : "Rød" / "Red",
            /// The second.
            DeepBlue = "deep_blue" : "Dybblå" / "Deep blue",
        }
    }

    #[test]
    fn codes_go_out_and_come_back() {
        assert_eq!(Colour::ALL, [Colour::Red, Colour::DeepBlue]);
        assert_eq!(Colour::parse("deep_blue"), Some(Colour::DeepBlue));
        assert_eq!(Colour::parse("DeepBlue"), None);
        assert_eq!(Colour::DeepBlue.to_string(), "deep_blue");
        assert_eq!(serde_json::to_string(&Colour::Red).unwrap(), "\"red\"");
        assert_eq!(serde_json::from_str::<Colour>("\"deep\\u005fblue\"").unwrap(), Colour::DeepBlue);
    }

    #[test]
    fn an_unknown_code_is_refused_without_repeating_it() {
        let refusal = serde_json::from_str::<Colour>("\"Karla\"").unwrap_err().to_string();
        assert!(refusal.starts_with("unknown_code") && !refusal.contains("Karla"), "{refusal}");
    }

    #[test]
    fn the_schema_is_an_open_string_named_by_its_room() {
        let schema = serde_json::to_value(schema::<Colour>()).unwrap();
        assert_eq!(schema["type"], "string");
        assert!(schema.get("enum").is_none());
        assert!(schema["description"].as_str().unwrap().contains("`deep_blue` (Deep blue)"));
        assert_eq!(<Colour as utoipa::ToSchema>::name(), "BaseColour");
        assert_eq!(schema_name("makker::sessions::model", "State"), "SessionsState");
    }
}
