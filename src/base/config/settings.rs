//! How settings are declared: `settings!` for a section, `choice!` for a setting with a few words to choose from.

use super::reference::Reference;
use super::source::Source;
use super::value::Value;

/// Where a setting stands: its path from the root, and the span its numbers must lie in.
#[derive(Clone, Debug, Default)]
pub struct Place {
    path: Vec<&'static str>,
    /// Least and greatest number, both allowed.
    pub bounds: Option<(i64, i64)>,
}

impl Place {
    /// The place of a member of this section.
    #[must_use]
    pub fn member(&self, key: &'static str, bounds: Option<(i64, i64)>) -> Self {
        let mut path = self.path.clone();
        path.push(key);
        Self { path, bounds }
    }

    /// The keys from the root.
    pub fn path(&self) -> &[&'static str] {
        &self.path
    }

    /// As an operator names it: `server.listen`.
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// The variable that overrides it: `MAKKER_SERVER__LISTEN`.
    pub fn variable(&self) -> String {
        format!("MAKKER_{}", self.path.join("__").to_uppercase())
    }
}

/// A section or a setting: both can be read from a source over their defaults, and described.
pub trait Node: Sized {
    /// Itself, with whatever the source says instead.
    #[must_use]
    fn read(self, place: &Place, source: &mut Source) -> Self;

    /// Adds itself (as the default) to the reference. `docs` are the lines of the field's documentation.
    fn describe(&self, place: &Place, docs: &[&str], page: &mut Reference);
}

impl<T: Value> Node for T {
    fn read(self, place: &Place, source: &mut Source) -> Self {
        source.take(place).unwrap_or(self)
    }

    fn describe(&self, place: &Place, docs: &[&str], page: &mut Reference) {
        page.setting(place, docs, &self.to_toml().to_string());
    }
}

/// Declares a section: `key: Type = default, in 1..=9;` is a setting, `key: Type;` a section within this one.
macro_rules! settings {
    (@default $type:ty) => { <$type>::default() };
    (@default $type:ty, $default:expr) => { $default };
    (@bounds) => { None };
    (@bounds $bounds:expr) => {{ let bounds: std::ops::RangeInclusive<i64> = $bounds; Some((*bounds.start(), *bounds.end())) }};
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $doc:literal])+ $key:ident : $type:ty $(= $default:expr $(, in $bounds:expr)?)? ;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $doc])+ pub $key: $type,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $crate::base::config::settings!(@default $type $(, $default)?),)+ }
            }
        }

        impl $crate::base::config::Node for $name {
            fn read(self, place: &$crate::base::config::Place, source: &mut $crate::base::config::Source) -> Self {
                Self { $($key: self.$key.read(
                    &place.member(stringify!($key), $crate::base::config::settings!(@bounds $($($bounds)?)?)), source),)+ }
            }

            fn describe(&self, place: &$crate::base::config::Place, _: &[&str], page: &mut $crate::base::config::Reference) {
                page.section(place, &[$($about),+]);
                $(self.$key.describe(
                    &place.member(stringify!($key), $crate::base::config::settings!(@bounds $($($bounds)?)?)), &[$($doc),+], page);)+
            }
        }
    };
}
pub(crate) use settings;

/// Declares a setting that is one of a few words.
macro_rules! choice {
    ($(#[$about:meta])+ pub enum $name:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])+ $variant),+ }

        impl $crate::base::config::Value for $name {
            fn expected() -> String { ["one of", $(concat!("\"", $word, "\"")),+].join(" ") }
            fn from_text(text: &str) -> Option<Self> { match text { $($word => Some(Self::$variant),)+ _ => None } }
            fn from_toml(value: &toml::Value) -> Option<Self> { Self::from_text(value.as_str()?) }
            fn to_toml(&self) -> toml::Value { toml::Value::from(match self { $(Self::$variant => $word),+ }) }
        }
    };
}
pub(crate) use choice;
