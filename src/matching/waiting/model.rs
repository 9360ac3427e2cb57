//! Whoever waits.

use crate::base::clock::Instant;
use crate::base::db::CodeSet;
use crate::base::value::Text;
use crate::matching::ranking::{Ask, Missing};
use crate::matching::wishes::Wishes;

/// An answer to whether a match is still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Yes or no.
    pub still_wanted: bool,
    /// When it was asked (stated).
    pub asked_at: Instant,
}

/// Where the interest of a course that waits stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Wanted, as was last said at this moment: by accepting, by a match, or when asked. To be asked again by the other.
    Wanted {
        /// Last said.
        said_at: Instant,
        /// To be asked again; `None`: never.
        ask_again_at: Option<Instant>,
    },
    /// Not wanted any more, as was said at this moment.
    Gone {
        /// Last said.
        said_at: Instant,
    },
}

/// A course that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What is sought.
    pub ask: Ask,
    /// The person's first name.
    pub given_name: String,
    /// What is wished, opened.
    pub wishes: Wishes,
    /// What is not known and would match better.
    pub missing: CodeSet<Missing>,
    /// Whether a match is still wanted.
    pub interest: Interest,
    /// How many of the staff could run a match today.
    pub eligible: usize,
}

/// An answer to be written down.
#[derive(Clone, Debug)]
pub struct NewCheck {
    /// Yes or no.
    pub still_wanted: bool,
    /// When it was asked, if not now.
    pub happened_at: Option<Instant>,
    /// What was said.
    pub words: Option<Text>,
}
