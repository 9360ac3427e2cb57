//! Entity tags: `"<version>.<hash of this answer as this caller sees it>"`, for lists the hash alone.

use actix_web::http::header::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::request::malformed;
use crate::base::error::{Code, Problem, Result};

/// How many tags one header may list.
const TAGS_MAX: usize = 20;

/// The tag of an answer.
pub(super) fn tag(version: Option<i64>, body: &[u8]) -> String {
    let hash: String = URL_SAFE_NO_PAD.encode(Sha256::digest(body)).chars().take(16).collect();
    match version {
        Some(version) => format!("\"{version}.{hash}\""),
        None => format!("\"{hash}\""),
    }
}

/// The version a change was made from. The verb checks it after visibility and before its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `If-Match: *`: whatever it is now.
    Any,
    /// One of these; empty when the tags were not ours.
    Versions(Vec<i64>),
}

impl Expected {
    /// Refuses with 412 when the row has moved on.
    pub fn check(&self, version: impl Into<i64>) -> Result<()> {
        let version = version.into();
        match self {
            Self::Versions(versions) if !versions.contains(&version) => Err(Code::StaleVersion.into()),
            _ => Ok(()),
        }
    }
}

/// The tags of `If-Match` or `If-None-Match`, without quotes and `W/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    Any,
    These(Vec<String>),
}

impl Tags {
    /// Reads all lines of the header, which is named as the contract names it; `None` when there is none.
    pub(super) fn read(headers: &HeaderMap, name: &'static str) -> Result<Option<Self>, Problem> {
        let wrong = || malformed(&format!("header/{name}"));
        if !headers.contains_key(name) {
            return Ok(None);
        }
        let mut tags = Vec::new();
        for line in headers.get_all(name) {
            let line = line.to_str().map_err(|_| wrong())?;
            if line.trim() == "*" {
                return Ok(Some(Self::Any));
            }
            // Our own tags hold no comma; a foreign one that does is refused rather than guessed at.
            for tag in line.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
                let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                tags.push(opaque.filter(|tag| !tag.contains('"')).ok_or_else(wrong)?.to_owned());
            }
        }
        if tags.is_empty() || tags.len() > TAGS_MAX { Err(wrong()) } else { Ok(Some(Self::These(tags))) }
    }

    /// The versions named, for If-Match: a tag of ours, or what it begins with alone, as whoever knows the version only writes it. `W/` is let
    /// through: ours are strong, but a proxy that compresses weakens them, and only versions are compared.
    pub(super) fn expected(&self) -> Expected {
        match self {
            Self::Any => Expected::Any,
            Self::These(tags) => {
                let version = |tag: &String| tag.split_once('.').map_or(tag.as_str(), |(version, _)| version).parse().ok();
                Expected::Versions(tags.iter().filter_map(version).collect())
            }
        }
    }

    /// Whether the whole tag (with its quotes) is among them, for If-None-Match.
    pub(super) fn contain(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|known| known == tag.trim_matches('"')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderValue, IF_MATCH};

    fn read(value: &str) -> Result<Option<Tags>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_str(value).unwrap());
        Tags::read(&headers, "If-Match")
    }

    #[test]
    fn if_match_compares_versions_only() {
        for (value, version, allowed) in [
            ("\"3.abc\"", 3, true),
            ("W/\"3.abc\"", 3, true),
            ("\"3.abc\"", 4, false),
            ("\"2.x\", \"4.y\"", 4, true),
            ("*", 4, true),
            ("\"4\"", 4, true),
            ("\"3\"", 4, false),
            ("\"3\", \"4.y\"", 4, true),
            ("\"abc\"", 4, false),
            ("\"99999999999999999999.a\"", 4, false),
            ("\"\"", 4, false),
        ] {
            assert_eq!(read(value).unwrap().unwrap().expected().check(version).is_ok(), allowed, "{value}");
        }
        for bad in ["3", "\"3", "3\"", ",", "\"a\"b\"", "\"3.a\" \"4.b\""] {
            let problem = read(bad).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::MalformedRequest, "header/If-Match"), "{bad}");
        }
    }

    #[test]
    fn if_none_match_compares_the_whole() {
        let tag = tag(Some(3), b"{}");
        assert_eq!(tag.len(), 2 + 2 + 16);
        assert!(read(&tag).unwrap().unwrap().contain(&tag));
        assert!(read(&format!("W/{tag}")).unwrap().unwrap().contain(&tag));
        assert!(!read(&tag).unwrap().unwrap().contain(&super::tag(Some(3), b"[]")));
        assert!(!read(&tag).unwrap().unwrap().contain(&super::tag(Some(4), b"{}")));
    }
}
