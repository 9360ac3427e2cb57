//! Text that people type: lines, notes, telephone numbers, e-mail addresses.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

use serde::de;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Flaw;

macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident = $parse:path, $schema:expr;)+) => {$(
        $(#[doc = $doc])+
        ///
        /// Its `Debug` shows the length only: such values are personal more often than not.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(String);
        impl $name {
            /// Reads what a client sent.
            pub fn parse(text: &str) -> Result<Self, Flaw> {
                $parse(text).map(Self)
            }
            /// Takes what our own database gives back: judged when it came in, not again under later rules.
            pub const fn stored(text: String) -> Self {
                Self(text)
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// The text, owned.
            pub fn into_string(self) -> String {
                self.0
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} chars)", stringify!($name), self.0.chars().count())
            }
        }
        impl std::str::FromStr for $name {
            type Err = Flaw;
            fn from_str(text: &str) -> Result<Self, Flaw> {
                Self::parse(text)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.schema_type(Type::String).description(Some(concat!($($doc),+).trim())).into()
            }
        }
        impl ToSchema for $name {}
    )+};
}

texts! {
    /// One line of 1 to 200 characters, trimmed, without control characters; composed (NFC), and one character shows. Embedded marks of writing
    /// direction (U+202A to U+202E, U+2066 to U+2069) and of byte order (U+FEFF) are dropped, and so are NUL and keys that do nothing; U+2028,
    /// U+2029, VT and FF become spaces.
    Line = line, ObjectBuilder::new().min_length(Some(1)).max_length(Some(LINE_MAX));
    /// Text of 1 to 8000 characters in lines, trimmed; carriage returns, U+0085, U+2028, U+2029, VT and FF become line feeds, embedded marks of
    /// writing direction (U+202A to U+202E, U+2066 to U+2069) and of byte order (U+FEFF) are dropped, and so are NUL and keys that do nothing; other
    /// control characters but tabs become spaces.
    Text = text, ObjectBuilder::new().min_length(Some(1)).max_length(Some(TEXT_MAX));
    /// A telephone number in E.164 (`+4512345678`); eight digits alone are Danish, `00` is read as `+`, spaces and unseen marks are dropped.
    Phone = phone, ObjectBuilder::new().min_length(Some(8)).max_length(Some(24)).examples(["+4570101155"]);
    /// An e-mail address with a dotted domain, kept in lower case and ASCII (`bøh.dk` as `xn--bh-lka.dk`); before the @ it must be ASCII, in capitals
    /// or not: it is the same mailbox.
    Email = email, ObjectBuilder::new().max_length(Some(EMAIL_MAX)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)));
}

const LINE_MAX: usize = 200;
const TEXT_MAX: usize = 8000;
const EMAIL_MAX: usize = 254;

/// A text in the one form in which each letter is one character (NFC), whatever keyboard wrote it.
pub fn composed(text: &str) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    NFC.normalize(text)
}

/// A text as it is compared where capital letters and the way of typing do not matter: trimmed, composed, in lower case.
pub fn folded(text: &str) -> String {
    composed(&text.trim().to_lowercase()).into_owned()
}

fn line(raw: &str) -> Result<String, Flaw> {
    let line = ruled(raw, ' ');
    let line = composed(line.trim());
    if line.contains(char::is_control) { Err(Flaw::ControlCharacter) } else { bounded(line, LINE_MAX) }
}

fn text(raw: &str) -> Result<String, Flaw> {
    let mut lines = ruled(&raw.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n"), '\n');
    // Any other stood, somewhere else, for what kept two words apart.
    lines = lines.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { ' ' } else { c }).collect();
    bounded(composed(lines.trim()), TEXT_MAX)
}

/// A text without what its writer cannot see, and so cannot take out: address books, word processors and keyboards put it there. Marks of
/// writing direction go, since they let a text look like another one, and so do keys that did nothing; what separates lines is put in one way.
fn ruled(raw: &str, separator: char) -> String {
    let seen = raw.chars().filter(|c| !is_mark(*c) && !is_key(*c));
    seen.map(|c| if matches!(c, '\u{2028}' | '\u{2029}' | '\u{0B}' | '\u{0C}') { separator } else { c }).collect()
}

/// Embeddings, overrides and isolates of writing direction, and the mark of byte order.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// NUL, bell, backspace, escape and delete.
const fn is_key(c: char) -> bool {
    matches!(c, '\0' | '\u{07}' | '\u{08}' | '\u{1B}' | '\u{7F}')
}

fn bounded(text: Cow<'_, str>, max: usize) -> Result<String, Flaw> {
    if text.chars().nth(max).is_some() {
        return Err(Flaw::TooLong);
    }
    if text.chars().any(is_visible) { Ok(text.into_owned()) } else { Err(Flaw::Empty) }
}

/// Whether a character shows by itself: neither space nor an accent without its letter, nor one that is made to be ignored.
fn is_visible(c: char) -> bool {
    let hidden = GeneralCategoryGroup::Mark.union(GeneralCategoryGroup::Separator).union(GeneralCategoryGroup::Other);
    c.is_ascii_graphic()
        || !(hidden.contains(CodePointMapData::<GeneralCategory>::new().get(c))
            || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c))
}

fn phone(raw: &str) -> Result<String, Flaw> {
    let raw = ruled(raw, ' ');
    let raw = raw.trim();
    if raw.len() > 24 {
        return Err(Flaw::NotAPhone);
    }
    let compact: String = raw.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    let digits = match compact.strip_prefix('+').or_else(|| compact.strip_prefix("00")) {
        Some(international) => international.to_owned(),
        None if compact.len() == 8 => format!("45{compact}"),
        None => return Err(Flaw::NotAPhone),
    };
    let sound = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if sound { Ok(format!("+{digits}")) } else { Err(Flaw::NotAPhone) }
}

/// A domain may have any letters: mail finds it by its ASCII name. Before the @ only ASCII: many servers take nothing else.
fn email(raw: &str) -> Result<String, Flaw> {
    let raw = raw.trim();
    let (local, domain) = raw.rsplit_once('@').ok_or(Flaw::NotAnEmail)?;
    let domain = idna::domain_to_ascii(domain).map_err(|_| Flaw::NotAnEmail)?;
    let atom = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b));
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    let sound = raw.len() <= EMAIL_MAX
        && local.len() + 1 + domain.len() <= EMAIL_MAX
        && local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit());
    if sound { Ok(format!("{local}@{domain}")) } else { Err(Flaw::NotAnEmail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_texts_hold_only_text() {
        assert_eq!(Line::parse("  Søren  ").unwrap().as_str(), "Søren");
        assert_eq!(Line::parse(" \t "), Err(Flaw::Empty));
        assert_eq!(Line::parse("a\0b\u{7}\u{1b}\u{7f}").unwrap().as_str(), "ab");
        assert_eq!(Line::parse("\0\u{8}"), Err(Flaw::Empty));
        assert_eq!(Line::parse("a\nb"), Err(Flaw::ControlCharacter));
        assert_eq!(Line::parse("a\u{85}b"), Err(Flaw::ControlCharacter));
        assert_eq!(Line::parse(&"ø".repeat(200)).unwrap().as_str().chars().count(), 200);
        assert_eq!(Line::parse(&"ø".repeat(201)), Err(Flaw::TooLong));
        assert_eq!(Text::parse("a\r\nb\rc\n").unwrap().as_str(), "a\nb\nc");
        assert_eq!(Text::parse("a\0\u{1b}b\u{7}\u{85}\u{9c}c\td\u{7f}").unwrap().as_str(), "ab\n c\td");
        assert_eq!(Text::parse("\u{7}\0\u{85}"), Err(Flaw::Empty));
        assert_eq!(Text::parse(&"x".repeat(8001)), Err(Flaw::TooLong));
        assert_eq!(format!("{:?}", Line::parse("Søren").unwrap()), "Line(5 chars)");
    }

    #[test]
    fn what_its_writer_cannot_see_refuses_no_text() {
        for (raw, line, text) in [
            ("ring \u{202A}+45 20 12 34 56\u{202C} i dag", "ring +45 20 12 34 56 i dag", "ring +45 20 12 34 56 i dag"),
            ("\u{FEFF} Søren\u{2069}", "Søren", "Søren"),
            ("a\u{202E}b\u{2066}c", "abc", "abc"),
            ("a\u{2028}b\u{2029}c\u{0B}d\u{0C}e\u{2028}", "a b c d e", "a\nb\nc\nd\ne"),
            // They are letters' own in some languages: they stay.
            ("می\u{200C}خواهم", "می\u{200C}خواهم", "می\u{200C}خواهم"),
        ] {
            let read = (Line::parse(raw).unwrap(), Text::parse(raw).unwrap());
            assert_eq!((read.0.as_str(), read.1.as_str()), (line, text), "{}", raw.escape_unicode());
        }
        assert_eq!(Line::parse("\u{FEFF}\u{202E}"), Err(Flaw::Empty));
        assert_eq!(Line::parse(&format!("{}\u{FEFF}", "ø".repeat(200))).unwrap().as_str(), "ø".repeat(200));
    }

    #[test]
    fn each_letter_is_one_character_and_one_shows() {
        assert_eq!(Line::parse("A\u{30a}se").unwrap().as_str(), "Åse");
        assert_eq!(Text::parse("Zoe\u{308}\r\n").unwrap().as_str(), "Zoë");
        assert_eq!(Line::parse(&"a\u{30a}".repeat(200)).unwrap().as_str(), "å".repeat(200));
        assert_eq!((folded(" A\u{30a}SE "), folded("Åse")), ("åse".to_owned(), "åse".to_owned()));
        for unseen in ["\u{200B}", "\u{301}", "\u{AD}\u{200D}", "\u{3164}", "\u{E000}"] {
            assert_eq!((Line::parse(unseen), Text::parse(unseen)), (Err(Flaw::Empty), Err(Flaw::Empty)), "{}", unseen.escape_unicode());
        }
        for seen in ["-", "ł", "محمد", "\u{200B}a", "२", "👍"] {
            assert!(Line::parse(seen).is_ok(), "{seen}");
        }
    }

    #[test]
    fn phones_become_e164() {
        for (raw, expected) in [
            ("70 10 11 55", Some("+4570101155")),
            ("+45 70101155", Some("+4570101155")),
            ("0045-70101155", Some("+4570101155")),
            ("+1 (415) 555.0100", Some("+14155550100")),
            ("7010115", None),
            ("+0701011555", None),
            ("+45 7010115x", None),
            ("+1234567890123456", None),
            ("١٢٣٤٥٦٧٨", None),
            ("", None),
            ("++4570101155", None),
            ("\u{202A}+45 70 10 11 55\u{202C}", Some("+4570101155")),
        ] {
            assert_eq!(Phone::parse(raw).ok().map(Phone::into_string).as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn emails_are_plain_addresses() {
        for (raw, expected) in [
            ("Eva.Holm+x@Kommune.DK", Some("Eva.Holm+x@kommune.dk")),
            ("a@b.co", Some("a@b.co")),
            ("Eva@BØH.dk", Some("Eva@xn--bh-lka.dk")),
            ("eva@xn--bh-lka.dk", Some("eva@xn--bh-lka.dk")),
            ("søren@kommune.dk", None),
            ("eva@bø h.dk", None),
            ("eva@\u{202E}b.dk", None),
            ("a@localhost", None),
            ("a@b..dk", None),
            (".a@b.dk", None),
            ("a..b@c.dk", None),
            ("a b@c.dk", None),
            ("a@b@c.dk", None),
            ("a@-b.dk", None),
            ("a@1.2.3.4", None),
            ("a@b.dk\r\nBcc: x@y.dk", None),
            ("\"a\"@b.dk", None),
            ("@b.dk", None),
        ] {
            assert_eq!(Email::parse(raw).ok().map(Email::into_string).as_deref(), expected, "{raw}");
        }
    }
}
