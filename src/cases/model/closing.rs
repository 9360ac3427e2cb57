//! What was recorded of a closing before it was taken back, sealed under the case, and what had ended with it.

use serde::{Deserialize, Serialize};

use super::CloseReason;
use crate::base::clock::Instant;
use crate::corrections::Correction;
use crate::duties::Duty;

/// A closing that never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerClosing {
    /// When the case was said to have been closed.
    pub closed_at: Instant,
    /// Why.
    pub reason: CloseReason,
}

/// A closing that was taken back, and the promises that ended with it and did not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetractedClosing {
    /// What was recorded, and when and by whom it was taken back.
    pub correction: Correction<FormerClosing>,
    /// What they were about is over, or would have ended otherwise since.
    pub lapsed: Vec<Duty>,
}
