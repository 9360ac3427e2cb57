//! Whoever waits.

use crate::availability::model::Stretch;
use crate::base::clock::Instant;
use crate::base::db::CodeSet;
use crate::base::ids::{AccountId, MatchId};
use crate::base::value::Text;
use crate::coded;
use crate::matching::ranking::{Ask, Missing};
use crate::matching::wishes::Wishes;

coded! {
    /// What must come first before anybody can be proposed for a course.
    pub enum Hurdle {
        /// The course stands still.
        Paused = "paused" : "Forløbet er sat på pause" / "The course is paused",
        /// A consent that is needed now is missing.
        Consent = "consent" : "Et nødvendigt samtykke mangler" / "A needed consent is missing",
        /// A match is not wanted any more.
        NotWanted = "not_wanted" : "Der ønskes ikke længere et match" / "A match is not wanted any more",
        /// It is time to ask whether a match is still wanted.
        AskInterest = "ask_interest" : "Spørg først, om der stadig ønskes et match" / "Ask first whether a match is still wanted",
        /// A talk about why the last match ended.
        RepairTalk = "repair_talk" : "Tal først med dem om, hvorfor det sidste match endte" / "Talk with them first about why the last match ended",
    }
}

/// How a course stands that nobody runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It stands still.
    pub is_paused: bool,
    /// A consent that is needed now is missing.
    pub lacks_consent: bool,
    /// Whether a match is still wanted.
    pub interest: Interest,
    /// The last match, if one of the two had wished its end and no talk about it is on record.
    pub talk_about: Option<MatchId>,
}

/// An answer to whether a match is still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Yes or no.
    pub still_wanted: bool,
    /// When it was asked (stated).
    pub asked_at: Instant,
}

/// What was said when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The answer.
    pub check: Check,
    /// What was said.
    pub words: Option<Text>,
    /// Who wrote it down.
    pub by: AccountId,
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
    /// When they wish to meet, on the programme's clock; none: they never said.
    pub times: Vec<Stretch>,
    /// What is not known and would match better.
    pub missing: CodeSet<Missing>,
    /// Whether a match is still wanted.
    pub interest: Interest,
    /// What was said when that was last asked.
    pub interest_words: Option<Text>,
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
