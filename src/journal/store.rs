//! Entries as rows.

use diesel::dsl::max;
use diesel::prelude::*;

use super::model::Entry;
use crate::base::clock::Instant;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::ids::RowId;
use crate::insert_rows;
use crate::schema::{journal, journal_cuts};

/// A write that changes nothing, where the entries go.
pub fn try_writing(db: &mut Db) -> Result<()> {
    diesel::delete(journal::table.filter(journal::id.lt(0_i64))).execute(db)?;
    Ok(())
}

/// Adds entries inside the caller's transaction.
pub fn insert(db: &mut Db, entries: &[Entry]) -> Result<()> {
    let row = |entry: &'_ Entry| {
        (
            journal::at.eq(entry.at),
            journal::request.eq(entry.request.clone()),
            journal::actor.eq(entry.actor),
            journal::account_id.eq(entry.account),
            journal::device_id.eq(entry.device),
            journal::act.eq(entry.act),
            journal::operation.eq(entry.operation),
            journal::purpose.eq(entry.purpose),
            journal::subject_kind.eq(entry.subject.kind),
            journal::subject_id.eq(Some(entry.subject.id)),
        )
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    insert_rows!(db, journal::table, &rows)?;
    Ok(())
}

/// The one lawful removal: entries of before a moment, among the first `most` after one. What is cut is written down before it goes.
/// Returns the last entry looked at; `None`: none of them was that old.
///
/// Entries stand about in the order of their moments, so that behind so many of which none is old enough there is none.
pub fn cut(db: &mut Db, id: RowId, (before, now): (Instant, Instant), after: Option<i64>, most: i64) -> Result<Option<i64>> {
    let looked_at: Vec<(i64, Instant)> = journal::table
        .filter(journal::id.gt(after.unwrap_or_default()))
        .order(journal::id)
        .limit(most)
        .select((journal::id, journal::at))
        .load(db)?;
    let (Some((first, _)), Some((last, _))) = (looked_at.iter().find(|(_, at)| *at < before), looked_at.last()) else { return Ok(None) };
    let known: Option<Instant> = journal_cuts::table.select(max(journal_cuts::before_at)).first(db)?;
    if known.is_none_or(|known| known < before) {
        diesel::insert_into(journal_cuts::table)
            .values((journal_cuts::id.eq(id), journal_cuts::before_at.eq(before), journal_cuts::made_at.eq(now)))
            .execute(db)?;
    }
    let old = journal::table.filter(journal::id.between(*first, *last)).filter(journal::at.lt(before));
    diesel::delete(old).execute(db)?;
    Ok(Some(*last))
}
