//! A closed case that runs again.

use super::check_open;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::CaseId;
use crate::cases::model::{Reopening, State};
use crate::cases::store;
pub use crate::cases::store::reopenings::list;

/// Consequence: an offer of the case was accepted. A course runs in an open case only, so a closed one is open again from that day, with
/// the coordinator it had, as long as they may have it. What ended with the closing stays ended.
///
/// # Errors
/// 409 when it is archived or erased.
pub fn reopen(tx: &mut Tx<'_>, id: CaseId, at: Instant) -> Result<()> {
    let Some(mut case) = store::fact(tx, id)? else { return Ok(()) };
    let (State::Closed, Some(closed_at), Some(close_reason)) = (case.state, case.closed_at, case.close_reason) else {
        return check_open(&case);
    };
    let reopening = Reopening { closed_at, close_reason, reopened_at: at.max(closed_at), recorded_at: tx.now };
    store::reopenings::insert(tx, id, &reopening)?;
    (case.state, case.closed_at, case.close_reason) = (State::Open, None, None);
    if let Some(account) = case.coordinator
        && !store::fact_may_coordinate(tx, account, id)?
    {
        case.coordinator = None;
    }
    store::save(tx, &case)
}
