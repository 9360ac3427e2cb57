//! Pages of a list: `?limit=` and an opaque `?cursor=` that holds the last row's key in the list's order.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::query::pairs;
use super::read::invalid;
use super::request::Call;
use crate::base::error::Result;
use crate::base::value::Flaw;

const LIMIT_DEFAULT: u16 = 50;
const LIMIT_MAX: u16 = 200;
const CURSOR_MAX: usize = 512;

/// How many rows a page has: 1 to 200, 50 when not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(LIMIT_DEFAULT)
    }
}
impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(de::Error::custom(Flaw::WrongType));
        }
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.map(Self).ok_or_else(|| de::Error::custom(Flaw::OutOfRange))
    }
}
impl utoipa::PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        let range = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(LIMIT_MAX));
        range.default(Some(LIMIT_DEFAULT.into())).description(Some("How many elements a page has.")).into()
    }
}
impl utoipa::ToSchema for Limit {}

/// Where the next page begins, opaque to clients. Holds keys of the list's order (moments, ids), never a name: it stands in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// After the row with this key, in this list only.
    fn after<K: Serialize>(list: &str, key: &K) -> Self {
        // Keys are tuples of our own ids and moments, which always serialise.
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(list, key)).unwrap_or_default()))
    }

    /// The cursor as it stands in the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key<K: DeserializeOwned>(&self, list: &str) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let (name, key): (String, K) = serde_json::from_slice(&bytes).ok()?;
        (name == list).then_some(key)
    }
}
impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let sound = (1..=CURSOR_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if sound { Ok(Self(text)) } else { Err(de::Error::custom(Flaw::ForeignCursor)) }
    }
}
impl utoipa::PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(CURSOR_MAX));
        text.description(Some("Where a page begins: taken from `Link: rel=\"next\"` of the page before, never made by hand.")).into()
    }
}
impl utoipa::ToSchema for Cursor {}

/// Which page is asked for, with `K` the key of the list's order, e.g. `(Instant, DutyId)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<K> {
    list: &'static str,
    limit: Limit,
    /// The key of the last row already seen.
    pub after: Option<K>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads the page from a list's parameters; 422 for a cursor of another list or a forged one.
    pub fn read(list: &'static str, limit: Option<Limit>, cursor: Option<&Cursor>) -> Result<Self> {
        let after = match cursor {
            None => None,
            Some(cursor) => Some(cursor.key(list).ok_or_else(|| invalid([Flaw::ForeignCursor.at("query/cursor")]))?),
        };
        Ok(Self { list, limit: limit.unwrap_or_default(), after })
    }

    /// How many rows to fetch: one more than shown, to know whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit.0) + 1
    }

    /// Cuts what was fetched to the page and points at the next one.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Paged<T> {
        let limit = usize::from(self.limit.0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|row| Cursor::after(self.list, &key(row))) } else { None };
        Paged { items: rows, next }
    }
}

/// The rows of one page, and where the next begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows in the list's order.
    pub items: Vec<T>,
    /// Where to go on; `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Paged<T> {
    /// A list that is short enough to be one page.
    pub const fn all(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The same page of something else, usually of views.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(view).collect(), next: self.next }
    }
}

impl Call {
    /// The next page as a `Link`: the same path and filters, another cursor.
    pub(super) fn link_to(&self, cursor: &str) -> String {
        let mut link = format!("<{}?", Percent(self.path(), b"/"));
        for (name, value) in pairs(self.query()).unwrap_or_default().iter().filter(|(name, _)| name != "cursor") {
            link.push_str(&format!("{}={}&", Percent(name, b""), Percent(value, b"")));
        }
        link.push_str(&format!("cursor={cursor}>; rel=\"next\""));
        link
    }
}

/// Percent-encoded (RFC 3986): letters, digits, `-._~` and the bytes of the second part stay.
struct Percent<'a>(&'a str, &'static [u8]);

impl fmt::Display for Percent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || self.1.contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_the_next() {
        let page = Page::<(u32, u32)>::read("duties", Some(Limit(2)), None).unwrap();
        assert_eq!(page.fetch(), 3);
        let cut = page.cut(vec![(1, 1), (2, 2), (3, 3)], |row| *row);
        assert_eq!(cut.items, [(1, 1), (2, 2)]);
        let cursor = cut.next.unwrap();
        assert_eq!(Page::<(u32, u32)>::read("duties", None, Some(&cursor)).unwrap().after, Some((2, 2)));
        assert_eq!(page.cut(vec![(1, 1), (2, 2)], |row| *row).next, None);
    }

    #[test]
    fn foreign_and_forged_cursors_are_refused() {
        let cursor = Cursor::after("duties", &(1, 2));
        assert!(Page::<(u32, u32)>::read("logs", None, Some(&cursor)).is_err());
        assert!(Page::<(u32, String)>::read("duties", None, Some(&cursor)).is_err());
        for forged in ["!!", "AAAA", "bnVsbA", "W10"] {
            assert!(Page::<(u32, u32)>::read("duties", None, Some(&Cursor(forged.to_owned()))).is_err(), "{forged}");
        }
    }

    #[test]
    fn percent_encoding_keeps_what_is_plain() {
        assert_eq!(Percent("a b/ø>\"", b"").to_string(), "a%20b%2F%C3%B8%3E%22");
        assert_eq!(Percent("/v1/x", b"/").to_string(), "/v1/x");
    }
}
