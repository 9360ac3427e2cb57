//! What was recorded of a referral before it was put right: sealed under the case.

use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::AccountId;
use crate::base::value::Text;

/// A referral that was recorded wrongly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerReferral {
    /// To whom.
    pub to: String,
    /// When it was said to have been referred.
    pub referred_at: Instant,
    /// Why the limit was missed.
    pub late_reason: Option<Text>,
}

/// What was recorded before, and when and by whom it was put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralCorrection {
    /// What was recorded before.
    pub former: FormerReferral,
    /// When that was put right.
    pub corrected_at: Instant,
    /// By whom.
    pub corrected_by: AccountId,
}
