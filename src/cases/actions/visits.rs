//! Verbs on home visits of a case.

use super::get_open;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CaseId, RowId};
use crate::base::value::Text;
use crate::base::vault::Holder;
use crate::cases::model::Visit;
use crate::cases::model::VisitOutcome;
use crate::cases::rules::check_stated;
use crate::cases::store::visits;
pub use crate::cases::store::visits::get;

/// The home visits of a case, the latest decided first.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Visit>> {
    visits::list(tx, case)
}

/// Decides on a home visit in an open case.
///
/// # Errors
/// 404, 409 when the case is closed, 422 for an impossible time.
pub fn decide(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<RowId> {
    let founded_at = get_open(tx, case)?.founded_at;
    check_stated("/happened_at", at, tx.now, founded_at)?;
    let by = tx.account()?;
    visits::insert(tx, case, at, by)
}

/// Records what came of a home visit, also when the case was closed meanwhile.
///
/// # Errors
/// 404, 409 when it was recorded already, 422 for an impossible time.
pub fn record(tx: &mut Tx<'_>, case: CaseId, id: RowId, outcome: VisitOutcome, notes: &Text, at: Instant) -> Result<RowId> {
    let visit = visits::get(tx, id)?;
    if visit.case != case {
        return Err(Code::NotFound.into());
    }
    if visit.visited_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Hjemmebesøget er allerede noteret", "The home visit is recorded already").into());
    }
    check_stated("/happened_at", at, tx.now, visit.decided_at)?;
    let notes = tx.seal(Holder::case(case), visits::place(id), notes)?;
    visits::record(tx, &visit, at, outcome, &notes)?;
    Ok(id)
}
