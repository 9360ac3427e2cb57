//! Answers to whether a match is still wanted, as rows.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{Check, NewCheck};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId, PersonId, RowId};
use crate::base::vault::{Holder, Place};
use crate::schema::interest_checks as c;

/// The last answer of each of these courses, for a rule.
///
/// # Errors
/// The database's.
pub fn last_checks(tx: &mut Tx<'_>, of: &[CourseId]) -> Result<HashMap<CourseId, Check>> {
    let rows: Vec<(CourseId, bool, Instant)> = c::table
        .filter(c::course_id.eq_any(of.to_vec()))
        .order((c::asked_at, c::recorded_at, c::id))
        .select((c::course_id, c::still_wanted, c::asked_at))
        .load(tx.db())?;
    // The last of each stands.
    Ok(rows.into_iter().map(|(course, still_wanted, asked_at)| (course, Check { still_wanted, asked_at })).collect())
}

/// Writes an answer.
pub(super) fn insert(tx: &mut Tx<'_>, course: CourseId, person: PersonId, check: &NewCheck, at: Instant, by: AccountId) -> Result<()> {
    let (id, now): (RowId, Instant) = (tx.new_id(), tx.now);
    let words = tx.seal(Holder::person(person), Place { table: "interest_checks", column: "words", row: id.cast() }, &check.words)?;
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::course_id.eq(course),
            c::still_wanted.eq(check.still_wanted),
            c::asked_at.eq(at),
            c::words.eq(&words),
            c::recorded_by.eq(by),
            c::recorded_at.eq(now),
        ))
        .execute(tx.db())?;
    tx.changed(course);
    tx.changed(person);
    Ok(())
}
