//! A receipt that was taken back.

use super::ReceiptWay;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, ReporterId};

/// A receipt that was recorded for the wrong reporter, or was never given.
#[derive(Clone, Debug)]
pub struct RetractedReceipt {
    /// Whose.
    pub reporter: ReporterId,
    /// When it was said to have been given.
    pub given_at: Instant,
    /// How.
    pub way: Option<ReceiptWay>,
    /// When that was recorded.
    pub recorded_at: Option<Instant>,
    /// By whom.
    pub recorded_by: Option<AccountId>,
    /// When it was taken back.
    pub retracted_at: Instant,
    /// By whom.
    pub retracted_by: AccountId,
}
