//! What was recorded of a match before it was put right; each sealed under the person.

use serde::{Deserialize, Serialize};

use super::{EndReason, RepairOutcome};
use crate::base::clock::Instant;
use crate::base::value::Text;

/// An end of a match that was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerEnd {
    /// When it was said to have ended.
    pub ended_at: Instant,
    /// Why.
    pub reason: Option<EndReason>,
    /// In words.
    pub words: Option<Text>,
}

/// A yes to a proposal that became a no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerYes {
    /// The mentor's or coach's; else the person's.
    pub by_staff: bool,
    /// When it was given (stated).
    pub said_at: Instant,
    /// What was said with it to whether they know the person or the family.
    pub knows_person: Option<bool>,
    /// In words.
    pub words: Option<Text>,
}

/// The talk after a match: as it stands, or as it stood before it was put right or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// What came of it.
    pub outcome: RepairOutcome,
    /// When it was (stated).
    pub held_at: Instant,
    /// What was said in it.
    pub words: Option<Text>,
}
