//! What was recorded before it was put right: sealed under the participant.

use serde::{Deserialize, Serialize};

use super::{Closing, CourseState, DeclineReason, OfferState};
use crate::base::clock::Instant;
use crate::base::ids::AccountId;
use crate::base::value::Text;

/// An answer to an offer that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAnswer {
    /// Accepted or declined.
    pub state: OfferState,
    /// When it was said to have been answered.
    pub answered_at: Instant,
    /// When that was recorded.
    pub recorded_at: Option<Instant>,
    /// By whom.
    pub recorded_by: Option<AccountId>,
    /// Why it was declined.
    pub decline_reason: Option<DeclineReason>,
    /// The person's own words.
    pub words: Option<Text>,
}

/// An end of a course that was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerEnd {
    /// Which way.
    pub kind: CourseState,
    /// When it was said to have ended.
    pub ended_at: Instant,
    /// The closing form.
    pub closing: Closing,
}
