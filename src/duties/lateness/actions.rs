//! Notice what became late; count what is.

pub use super::store::{count, count_for, knows_any};

use super::store;
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::DutyId;

/// Open promises that are late and were not noticed before, the longest late first and at most `most`: noticed from now on, and never
/// again unless their last moment moves, or a clock noticed them that was ahead.
///
/// # Errors
/// The database's.
pub fn notice(tx: &mut Tx<'_>, most: u32) -> Result<Vec<DutyId>> {
    store::notice(tx, most.into())
}
