//! Closings that an accepted offer undid, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, RowId};
use crate::cases::model::{CloseReason, Reopening};
use crate::schema::case_reopenings;

#[derive(Queryable, Selectable)]
#[diesel(table_name = case_reopenings)]
struct Row {
    closed_at: Instant,
    close_reason: CloseReason,
    reopened_at: Instant,
    recorded_at: Instant,
}

/// How often and when a case was closed and opened again, the earliest first. The caller must have been shown the case.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Reopening>> {
    let query = case_reopenings::table.filter(case_reopenings::case_id.eq(case)).order((case_reopenings::reopened_at, case_reopenings::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    let reopening = |row: Row| Reopening {
        closed_at: row.closed_at,
        close_reason: row.close_reason,
        reopened_at: row.reopened_at,
        recorded_at: row.recorded_at,
    };
    Ok(rows.into_iter().map(reopening).collect())
}

/// Writes down that a closed case is open again.
pub(in crate::cases) fn insert(tx: &mut Tx<'_>, case: CaseId, reopening: &Reopening) -> Result<()> {
    let id: RowId = tx.new_id();
    diesel::insert_into(case_reopenings::table)
        .values((
            case_reopenings::id.eq(id),
            case_reopenings::case_id.eq(case),
            case_reopenings::closed_at.eq(reopening.closed_at),
            case_reopenings::close_reason.eq(reopening.close_reason),
            case_reopenings::reopened_at.eq(reopening.reopened_at),
            case_reopenings::recorded_at.eq(reopening.recorded_at),
        ))
        .execute(tx.db())?;
    Ok(())
}
