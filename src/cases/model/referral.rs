//! What was recorded of a referral before it was put right: sealed under the case.

use serde::{Deserialize, Serialize};

use super::Acceptance;
use crate::base::clock::Instant;
use crate::base::value::Text;

/// A referral that was recorded wrongly, or never was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerReferral {
    /// To whom.
    pub to: String,
    /// When it was said to have been referred.
    pub referred_at: Instant,
    /// Why the limit was missed.
    pub late_reason: Option<Text>,
    /// When it was recorded; of one that was taken back, as what follows.
    pub recorded_at: Option<Instant>,
    /// When it was said to have been accepted.
    pub accepted_at: Option<Instant>,
    /// By whom, and what they do first.
    pub acceptance: Option<Acceptance>,
}
