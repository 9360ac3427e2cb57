//! What the demo expects of an answer, and how it says that something else came.

use std::fmt::{self, Debug, Display};

/// A step of the demo: the first thing that is not as expected ends it.
pub type Played<T = ()> = Result<T, Mismatch>;

/// Something was not as expected.
#[derive(Debug)]
pub struct Mismatch {
    /// What was looked at.
    what: String,
    expected: String,
    answered: String,
}

impl Mismatch {
    /// Of something, this was expected and that was answered.
    pub fn new(what: impl Display, expected: impl Display, answered: impl Display) -> Self {
        Self { what: what.to_string(), expected: expected.to_string(), answered: answered.to_string() }
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  expected: {}\n  answered: {}", self.what, self.expected, self.answered)
    }
}

/// What was answered is what was expected.
pub fn equal<A: PartialEq<E> + Debug, E: Debug>(what: impl Display, answered: A, expected: E) -> Played {
    if answered == expected { Ok(()) } else { Err(Mismatch::new(what, format_args!("{expected:?}"), format_args!("{answered:?}"))) }
}

/// Something holds of what was answered.
pub fn holds(what: impl Display, is_so: bool, answered: impl Debug) -> Played {
    if is_so { Ok(()) } else { Err(Mismatch::new(what, "that it is so", format_args!("{answered:?}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_expectation_names_what_was_expected_and_what_came() {
        assert!(equal("the referral", "done", "done").is_ok());
        let words = equal("the referral", "open", "done").unwrap_err().to_string();
        assert_eq!(words, "the referral\n  expected: \"done\"\n  answered: \"open\"");
        assert!(holds("it is late", true, 1).is_ok());
        assert!(holds("it is late", false, 7).unwrap_err().to_string().ends_with("answered: 7"));
    }
}
