//! Entries as rows.

use diesel::prelude::*;

use super::model::Entry;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::insert_rows;
use crate::schema::journal;

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
