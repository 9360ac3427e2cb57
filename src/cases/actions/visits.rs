//! Verbs on home visits of a case: decide, record, put right.

use super::get_open;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{CaseId, RowId};
use crate::base::vault::Holder;
use crate::cases::model::{Correction, Former, Visit, VisitFinding};
use crate::cases::rules::check_stated;
pub use crate::cases::store::visits::get;
use crate::cases::store::{self, visits};
use crate::corrections::{self, Kind};

/// The home visits of a case, the latest decided first.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Visit>> {
    visits::list(tx, case)
}

/// What was recorded of a case's home visits before each correction, the first first. The caller must have been shown the case.
///
/// # Errors
/// The database's and the vault's.
pub fn list_corrections(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Correction>> {
    corrections::list_under(tx, Kind::Finding, Holder::case(case))
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
pub fn record(tx: &mut Tx<'_>, case: CaseId, id: RowId, found: &VisitFinding) -> Result<RowId> {
    let visit = find(tx, case, id)?;
    if visit.visited_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Hjemmebesøget er allerede noteret", "The home visit is recorded already").into());
    }
    check_stated("/happened_at", found.visited_at, tx.now, visit.decided_at)?;
    visits::record(tx, &visit, Some(found))?;
    Ok(id)
}

/// Corrects what a home visit found: the whole anew, and what was recorded before is kept. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when nothing is recorded of it; 422 for an impossible time.
pub fn correct(tx: &mut Tx<'_>, case: CaseId, id: RowId, expected: &Expected, found: &VisitFinding) -> Result<()> {
    let file = store::get(tx, case)?;
    expected.check(file.version)?;
    let visit = find(tx, case, id)?;
    let former = find_former(tx, &visit)?;
    if former == *found {
        return Ok(());
    }
    check_stated("/happened_at", found.visited_at, tx.now, visit.decided_at)?;
    corrections::keep(tx, Kind::Finding, id.cast(), Holder::case(case), &Former::Visit(former))?;
    visits::record(tx, &visit, Some(found))?;
    store::save(tx, &file)
}

/// Takes back what was recorded of a home visit that was another's, or did not take place: it is only decided again.
///
/// # Errors
/// 404; 409 when nothing is recorded of it.
pub fn retract(tx: &mut Tx<'_>, case: CaseId, id: RowId) -> Result<CaseId> {
    let file = store::get(tx, case)?;
    let visit = find(tx, case, id)?;
    let former = find_former(tx, &visit)?;
    corrections::keep(tx, Kind::Finding, id.cast(), Holder::case(case), &Former::Visit(former))?;
    visits::record(tx, &visit, None)?;
    store::save(tx, &file)?;
    Ok(case)
}

fn find(tx: &mut Tx<'_>, case: CaseId, id: RowId) -> Result<Visit> {
    let visit = visits::get(tx, id)?;
    if visit.case == case { Ok(visit) } else { Err(Code::NotFound.into()) }
}

fn find_former(tx: &mut Tx<'_>, visit: &Visit) -> Result<VisitFinding> {
    let words = ("Der er intet noteret om hjemmebesøget", "Nothing is recorded of the home visit");
    visits::open(tx, visit)?.ok_or_else(|| Problem::new(Code::WrongState).say(words.0, words.1).into())
}
