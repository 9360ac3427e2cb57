//! A pattern of a gateway's answers, as an operator writes it.

use std::fmt;

use serde_json::Value as Json;

use crate::base::config::Value;

/// A status (or any), and perhaps what the body must show. Written `200`, `200 /id`, `200 /status=queued` or `* ~ no credit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    status: Option<u16>,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Any,
    /// Contains this text.
    Text(String),
    /// Is JSON and has a text, number or truth value at this pointer (RFC 6901).
    Present(String),
    /// Is JSON and has this at this pointer.
    Equal(String, String),
}

impl Pattern {
    /// Every answer of this status.
    pub const fn on_status(status: u16) -> Self {
        Self { status: Some(status), body: Body::Any }
    }

    pub(super) fn fits(&self, status: u16, text: &str, json: &Json) -> bool {
        let at = |pointer: &str| json.pointer(pointer).and_then(text_of);
        self.status.is_none_or(|wanted| wanted == status)
            && match &self.body {
                Body::Any => true,
                Body::Text(part) => text.contains(part),
                Body::Present(pointer) => at(pointer).is_some(),
                Body::Equal(pointer, wanted) => at(pointer).is_some_and(|found| found == *wanted),
            }
    }
}

/// A string, number or truth value as text; `None` for null, lists and objects.
pub(super) fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("*")?,
        }
        match &self.body {
            Body::Any => Ok(()),
            Body::Text(part) => write!(f, " ~ {part}"),
            Body::Present(pointer) => write!(f, " {pointer}"),
            Body::Equal(pointer, wanted) => write!(f, " {pointer}={wanted}"),
        }
    }
}

impl Value for Pattern {
    fn expected() -> String {
        "a pattern such as \"200\", \"200 /status=queued\" or \"* ~ no credit\"".into()
    }

    fn from_text(text: &str) -> Option<Self> {
        let (status, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let status = match status {
            "*" => None,
            number => Some(number.parse().ok().filter(|status| (100..=599).contains(status))?),
        };
        let rest = rest.trim_start();
        let body = match (rest.strip_prefix("~ "), rest.split_once('=')) {
            (Some(part), _) if !part.is_empty() => Body::Text(part.to_owned()),
            (None, Some((pointer, wanted))) if pointer.starts_with('/') => Body::Equal(pointer.to_owned(), wanted.to_owned()),
            (None, None) if rest.starts_with('/') => Body::Present(rest.to_owned()),
            // Any answer at all would say nothing.
            (None, None) if rest.is_empty() && status.is_some() => Body::Any,
            _ => return None,
        };
        Some(Self { status, body })
    }

    fn from_toml(value: &toml::Value) -> Option<Self> {
        Self::from_text(value.as_str()?)
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::from(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_they_are_written() {
        for text in ["200", "200 /id", "200 /status=queued", "200 /a/0/b=x = y", "* /error", "* ~ no credit", "503 ~ = /x"] {
            assert_eq!(Pattern::from_text(text).unwrap().to_string(), text);
        }
        for text in ["", "*", "20", "600", "2xx", "ok", "200 id", "200 ~", "200 ~ ", "200 status=queued", "-200"] {
            assert_eq!(Pattern::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn every_part_of_a_pattern_must_fit() {
        let body = r#"{"id":17,"ok":true,"none":null,"list":["a"],"status":"queued"}"#;
        let json: Json = serde_json::from_str(body).unwrap();
        let cases = [
            ("200", true),
            ("201", false),
            ("200 /id", true),
            ("200 /id=17", true),
            ("200 /id=1", false),
            ("200 /ok=true", true),
            ("200 /none", false),
            ("200 /list", false),
            ("200 /list/0=a", true),
            ("* /status=queued", true),
            ("500 /status=queued", false),
            ("* ~ queued", true),
            ("* ~ sent", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Pattern::from_text(pattern).unwrap().fits(200, body, &json), expected, "{pattern}");
        }
        assert!(!Pattern::from_text("200 /id").unwrap().fits(200, "<html>", &Json::Null));
    }
}
