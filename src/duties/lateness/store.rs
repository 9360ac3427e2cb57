//! Late promises as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::access::store::barred_from;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DutyId};
use crate::duties::store::{is_open, unbarred};
use crate::schema::duties;

/// Takes note of promises that are late. What was noticed at a moment that is still to come, a clock noticed that was wrong: it is noticed anew.
pub(super) fn notice(tx: &mut Tx<'_>, most: i64) -> Result<Vec<DutyId>> {
    let now = tx.now;
    let unnoticed = || duties::late_told_at.is_null().or(duties::late_told_at.assume_not_null().gt(now.latest_now()));
    let late: Vec<DutyId> = duties::table
        .filter(is_open())
        .filter(duties::due_at.lt(now))
        .filter(unnoticed())
        .order((duties::due_at, duties::id))
        .limit(most)
        .select(duties::id)
        .load(tx.db())?;
    if !late.is_empty() {
        diesel::update(duties::table.filter(duties::id.eq_any(late.clone())).filter(unnoticed()))
            .set((duties::late_told_at.eq(Some(now)), duties::version.eq(duties::version + 1)))
            .execute(tx.db())?;
    }
    for id in &late {
        tx.changed(*id);
    }
    Ok(late)
}

/// How many open promises are late, as far as an account may know: without those about whom and what it is barred from.
///
/// # Errors
/// The database's.
pub fn count_for(tx: &mut Tx<'_>, account: AccountId) -> Result<usize> {
    let now = tx.now;
    let count: i64 = duties::table
        .filter(is_open())
        .filter(duties::due_at.lt(now))
        .filter(unbarred(barred_from(account, now)))
        .count()
        .get_result(tx.db())?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Whether an account may know of any of these promises.
///
/// # Errors
/// The database's.
pub fn knows_any(tx: &mut Tx<'_>, account: AccountId, of: &[DutyId]) -> Result<bool> {
    let now = tx.now;
    let known = duties::table.filter(duties::id.eq_any(of.to_vec())).filter(unbarred(barred_from(account, now)));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(tx.db())?)
}

/// How many open promises are late (a figure of operation).
///
/// # Errors
/// The database's.
pub fn count(tx: &mut Tx<'_>) -> Result<usize> {
    let now = tx.now;
    let count: i64 = duties::table.filter(is_open()).filter(duties::due_at.lt(now)).count().get_result(tx.db())?;
    Ok(usize::try_from(count).unwrap_or_default())
}
