//! Entries as rows.

use diesel::prelude::*;

use super::model::Entry;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::each;
use crate::schema::journal;

/// Rows in one INSERT: PostgreSQL takes 65,535 parameters, an entry has ten.
const ROWS_A_STATEMENT: usize = 500;

/// Adds entries inside the caller's transaction.
pub fn insert(db: &mut Db, entries: &[Entry]) -> Result<()> {
    for some in entries.chunks(ROWS_A_STATEMENT) {
        let rows: Vec<_> = some
            .iter()
            .map(|entry| {
                (
                    journal::at.eq(entry.at),
                    journal::request.eq(entry.request.as_str()),
                    journal::actor.eq(entry.actor),
                    journal::account_id.eq(entry.account),
                    journal::device_id.eq(entry.device),
                    journal::act.eq(entry.act),
                    journal::operation.eq(entry.operation),
                    journal::purpose.eq(entry.purpose),
                    journal::subject_kind.eq(entry.subject.kind),
                    journal::subject_id.eq(Some(entry.subject.id)),
                )
            })
            .collect();
        each!(db, connection => diesel::insert_into(journal::table).values(&rows).execute(connection))?;
    }
    Ok(())
}
