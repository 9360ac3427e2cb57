//! Parsed values: types that cannot hold what the product must not store. Their errors are a closed vocabulary in both languages.

mod code;
mod date;
mod shape;
mod text;

use std::fmt;

pub use code::is_code;
pub use date::Day;
pub use shape::{FIELD, Few, Field, Typed};
pub use text::{Email, Line, Phone, Text, composed, folded};

use super::error::{FieldError, Words, words};

macro_rules! flaws {
    ($($(#[$doc:meta])* $name:ident $text:literal : $da:literal / $en:literal;)+) => {
        /// What can be wrong with one value of the input, whatever noun it belongs to; rules of a room have their own codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flaw { $($(#[$doc])* $name,)+ }
        impl Flaw {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The stable code in `errors[].code`.
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// What is wrong, without the value.
            pub const fn words(self) -> Words { match self { $(Self::$name => words($da, $en)),+ } }
        }
    };
}

flaws! {
    /// A member or parameter that the operation does not know: drop it and send again.
    UnknownMember "unknown_member": "Feltet kendes ikke" / "The member is not known";
    /// A member that must be there.
    Required "required": "Feltet mangler" / "The member is missing";
    /// Text where a number is expected, and so on.
    WrongType "wrong_type": "Værdien har en forkert type" / "The value has the wrong type";
    /// The right type, but not a value of it (an id, a moment, a date that does not exist).
    WrongValue "wrong_value": "Værdien kan ikke læses" / "The value cannot be read";
    /// The same member twice.
    DuplicateMember "duplicate_member": "Feltet står to gange" / "The member stands twice";
    /// Not one of the codes in `/v1/vocabularies`.
    UnknownCode "unknown_code": "Koden kendes ikke" / "The code is not known";
    /// A number below or above what is allowed.
    OutOfRange "out_of_range": "Tallet er for lille eller for stort" / "The number is too small or too large";
    /// Nothing that can be seen.
    Empty "empty": "Feltet er tomt" / "The member is empty";
    /// Longer than allowed.
    TooLong "too_long": "Teksten er for lang" / "The text is too long";
    /// More elements than allowed.
    TooMany "too_many": "Listen er for lang" / "The list is too long";
    /// Fewer elements than needed.
    TooFew "too_few": "Listen er for kort" / "The list is too short";
    /// A character that is not text.
    ControlCharacter "control_character": "Teksten indeholder ulovlige tegn" / "The text contains characters that are not allowed";
    /// Not a telephone number.
    NotAPhone "not_a_phone": "Det er ikke et telefonnummer" / "This is not a telephone number";
    /// Not an e-mail address.
    NotAnEmail "not_an_email": "Det er ikke en e-mailadresse" / "This is not an e-mail address";
    /// Not a calendar date between 1900 and 2199 written as YYYY-MM-DD.
    NotADate "not_a_date": "Det er ikke en dato" / "This is not a date";
    /// Made by another list, or altered.
    ForeignCursor "foreign_cursor": "Begynd listen forfra" / "Start the list from the beginning";
}

impl Flaw {
    /// As one wrong member.
    pub fn at(self, pointer: impl Into<String>) -> FieldError {
        FieldError { pointer: pointer.into(), code: self.text(), words: self.words() }
    }
}

/// Carries the flaw through serde, whose errors are text.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
impl std::error::Error for Flaw {}
