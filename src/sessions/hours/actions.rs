//! What is planned where somebody said that they cannot.

use super::rules;
use crate::access::Tx;
use crate::availability::{Exception, Hours, Week};
use crate::base::calendar::two_years_from;
use crate::base::error::Result;
use crate::base::ids::{PersonId, StaffId};
use crate::sessions::model::Session;
use crate::sessions::store;

/// The most sessions that are named.
const MOST: usize = 200;
/// The most sessions to come that are looked at: more than anybody has.
const LOOKED_AT: i64 = 2_000;

/// The sessions to come that a member of staff would hold outside of their hours, as far as the caller may see them, by start.
///
/// # Errors
/// The database's.
pub fn outside(tx: &mut Tx<'_>, staff: StaffId, hours: &Hours, exceptions: &[Exception]) -> Result<Vec<Session>> {
    let (now, calendar) = (tx.now, tx.programme.calendar());
    // An earlier version let a series begin within two years, and last two.
    let last = two_years_from(two_years_from(calendar.zone.date(now)));
    let coming = store::list_of_staff(tx, staff, now, calendar.zone.end_of(last), LOOKED_AT)?;
    let theirs = coming.into_iter().filter(|session| session.host() == staff && session.starts_at > now);
    Ok(theirs.filter(|session| session.time().is_some_and(|at| rules::is_outside(at, hours, exceptions, calendar))).take(MOST).collect())
}

/// The sessions to come of a person that lie in what is never possible for them, as far as the caller may see them, by start.
///
/// # Errors
/// The database's.
pub fn in_never(tx: &mut Tx<'_>, person: PersonId, never: &Week) -> Result<Vec<Session>> {
    if never.is_empty() {
        return Ok(Vec::new());
    }
    let (now, calendar) = (tx.now, tx.programme.calendar());
    let filter = store::Filter { person: Some(person), from: Some(now), ..store::Filter::default() };
    let coming = store::list(tx, &filter, None, LOOKED_AT)?;
    let planned = coming.into_iter().filter(|session| session.state.is_open() && session.starts_at > now);
    Ok(planned.filter(|session| session.time().is_some_and(|at| rules::is_never(at, never, calendar))).take(MOST).collect())
}
