//! What a single setting can hold, and how it is read from TOML and from the text of a variable.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use chrono::NaiveTime;

use crate::base::calendar::Zone;
use crate::base::language::Language;

/// A type a setting can have.
pub trait Value: Sized {
    /// What is expected, to follow the word "expected".
    fn expected() -> String;

    /// From the text of a variable.
    fn from_text(text: &str) -> Option<Self>;

    /// From TOML.
    fn from_toml(value: &toml::Value) -> Option<Self>;

    /// As TOML, such that [`Value::from_toml`] reads the same again.
    fn to_toml(&self) -> toml::Value;

    /// Whether its numbers lie between `low` and `high`, both allowed.
    fn within(&self, _low: i64, _high: i64) -> bool {
        true
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl Value for $type {
            fn expected() -> String { "a whole number".into() }
            fn from_text(text: &str) -> Option<Self> { text.trim().parse().ok() }
            fn from_toml(value: &toml::Value) -> Option<Self> { Self::try_from(value.as_integer()?).ok() }
            fn to_toml(&self) -> toml::Value { toml::Value::Integer(i64::from(*self)) }
            fn within(&self, low: i64, high: i64) -> bool { (low..=high).contains(&i64::from(*self)) }
        }
    )+};
}
numbers!(u16, u32, i64);

macro_rules! texts {
    ($($type:ty: $expected:literal, $read:expr, $write:expr;)+) => {$(
        impl Value for $type {
            fn expected() -> String { $expected.into() }
            fn from_text(text: &str) -> Option<Self> { ($read)(text) }
            fn from_toml(value: &toml::Value) -> Option<Self> { Self::from_text(value.as_str()?) }
            fn to_toml(&self) -> toml::Value { toml::Value::String(($write)(self)) }
        }
    )+};
}

texts! {
    String: "text", |t: &str| Some(t.to_owned()), |v: &Self| v.clone();
    PathBuf: "a path", |t: &str| (!t.is_empty()).then(|| Self::from(t)), |v: &Self| v.to_string_lossy().into_owned();
    SocketAddr: "an address with a port, such as 127.0.0.1:8080", |t: &str| t.parse().ok(), |v: &Self| v.to_string();
    IpAddr: "an IP address", |t: &str| t.parse().ok(), |v: &Self| v.to_string();
    Language: "\"da\" or \"en\"", Self::of_tag, |v: &Self| v.tag().to_owned();
    Zone: "the name of a time zone, such as Europe/Copenhagen", |t: &str| t.parse().ok(), |v: &Self| v.to_string();
    NaiveTime: "a time of day, such as 17:00", |t: &str| Self::parse_from_str(t, "%H:%M").ok(), |v: &Self| v.format("%H:%M").to_string();
}

/// A default time of day: hour 0 to 23, minute 0 to 59; midnight when there is no such time.
pub(super) fn time_of_day(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN)
}

impl Value for bool {
    fn expected() -> String {
        "true or false".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        value.as_bool()
    }
    fn to_toml(&self) -> toml::Value {
        toml::Value::Boolean(*self)
    }
}

/// Empty text is "not set": TOML has no word for nothing, and a variable can so take back what the file says.
impl<T: Value> Value for Option<T> {
    fn expected() -> String {
        format!("{}, or \"\" for none", T::expected())
    }
    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::from_text(text).map(Some) }
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        if value.as_str() == Some("") { Some(None) } else { T::from_toml(value).map(Some) }
    }
    fn to_toml(&self) -> toml::Value {
        self.as_ref().map_or_else(|| toml::Value::from(""), Value::to_toml)
    }
    fn within(&self, low: i64, high: i64) -> bool {
        self.as_ref().is_none_or(|v| v.within(low, high))
    }
}

/// In a variable the entries are parted by commas.
impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("a list, each {}", T::expected())
    }
    fn from_text(text: &str) -> Option<Self> {
        if text.trim().is_empty() { Some(Self::new()) } else { text.split(',').map(|t| T::from_text(t.trim())).collect() }
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        value.as_array()?.iter().map(T::from_toml).collect()
    }
    fn to_toml(&self) -> toml::Value {
        toml::Value::Array(self.iter().map(Value::to_toml).collect())
    }
    fn within(&self, low: i64, high: i64) -> bool {
        self.iter().all(|v| v.within(low, high))
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn expected() -> String {
        format!("a list of {N}, each {}", T::expected())
    }
    fn from_text(text: &str) -> Option<Self> {
        Vec::from_text(text)?.try_into().ok()
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        Vec::from_toml(value)?.try_into().ok()
    }
    fn to_toml(&self) -> toml::Value {
        toml::Value::Array(self.iter().map(Value::to_toml).collect())
    }
    fn within(&self, low: i64, high: i64) -> bool {
        self.iter().all(|v| v.within(low, high))
    }
}
