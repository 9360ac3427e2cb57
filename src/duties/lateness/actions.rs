//! Notice what became late; count what is.

use super::store;
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DutyId};

/// Open promises that are late and were not noticed before, the longest late first and at most `most`: noticed from now on, and never
/// again unless their last moment moves, or a clock noticed them that was ahead.
///
/// # Errors
/// The database's.
pub fn notice(tx: &mut Tx<'_>, most: u32) -> Result<Vec<DutyId>> {
    store::notice(tx, most.into())
}

/// How many open promises are late, as far as an account may know: without those about whom and what it is barred from.
///
/// # Errors
/// The database's.
pub fn count_for(tx: &mut Tx<'_>, account: AccountId) -> Result<usize> {
    store::count_for(tx, account)
}

/// Whether an account may know of any of these promises.
///
/// # Errors
/// The database's.
pub fn knows_any(tx: &mut Tx<'_>, account: AccountId, of: &[DutyId]) -> Result<bool> {
    store::knows_any(tx, account, of)
}

/// How many open promises are late (a figure of operation).
///
/// # Errors
/// The database's.
pub fn count(tx: &mut Tx<'_>) -> Result<usize> {
    store::count(tx)
}
