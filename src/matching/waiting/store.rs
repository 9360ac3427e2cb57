//! Answers to whether a match is still wanted, as rows.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{Asked, Check, NewCheck};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId, PersonId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::interest_checks as c;

/// The last answer of each of these courses, for a rule.
///
/// # Errors
/// The database's.
pub fn last_checks(tx: &mut Tx<'_>, of: &[CourseId]) -> Result<HashMap<CourseId, Check>> {
    let mut last = HashMap::new();
    for chunk in of.chunks(IDS_MOST) {
        let rows: Vec<(CourseId, bool, Instant)> = c::table
            .filter(c::course_id.eq_any(chunk.to_vec()))
            .order((c::asked_at, c::recorded_at, c::id))
            .select((c::course_id, c::still_wanted, c::asked_at))
            .load(tx.db())?;
        // The last of each stands.
        last.extend(rows.into_iter().map(|(course, still_wanted, asked_at)| (course, Check { still_wanted, asked_at })));
    }
    Ok(last)
}

/// What was said of a course when it was last asked, so many times at most, the latest first; opened.
///
/// # Errors
/// The database's and the vault's.
pub fn list(tx: &mut Tx<'_>, course: CourseId, person: PersonId, most: Option<i64>) -> Result<Vec<Asked>> {
    type Row = (RowId, bool, Instant, Sealed<Option<Text>>, AccountId);
    let rows: Vec<Row> = c::table
        .filter(c::course_id.eq(course))
        .order((c::asked_at.desc(), c::recorded_at.desc(), c::id.desc()))
        .limit(most.unwrap_or(i64::MAX))
        .select((c::id, c::still_wanted, c::asked_at, c::words, c::recorded_by))
        .load(tx.db())?;
    let open = |(id, still_wanted, asked_at, words, by): (RowId, _, _, _, _)| {
        let words = tx.open(Holder::person(person), place(id), &words)?;
        Ok(Asked { check: Check { still_wanted, asked_at }, words, by })
    };
    rows.into_iter().map(open).collect()
}

const fn place(id: RowId) -> Place {
    Place { table: "interest_checks", column: "words", row: id.cast() }
}

/// Writes an answer.
pub(super) fn insert(tx: &mut Tx<'_>, course: CourseId, person: PersonId, check: &NewCheck, at: Instant, by: AccountId) -> Result<()> {
    let id: RowId = tx.new_id();
    // Of two words of one moment the one that was written down later counts.
    let last: Option<Instant> =
        c::table.filter(c::course_id.eq(course)).order(c::recorded_at.desc()).select(c::recorded_at).first(tx.db()).optional()?;
    let recorded_at = tx.after(last);
    let words = tx.seal(Holder::person(person), place(id), &check.words)?;
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::course_id.eq(course),
            c::still_wanted.eq(check.still_wanted),
            c::asked_at.eq(at),
            c::words.eq(&words),
            c::recorded_by.eq(by),
            c::recorded_at.eq(recorded_at),
        ))
        .execute(tx.db())?;
    tx.changed(course);
    tx.changed(person);
    Ok(())
}
