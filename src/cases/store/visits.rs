//! Home visits of a case as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::cases::model::{Visit, VisitFinding, VisitOutcome};
use crate::save_over;
use crate::schema::home_visits;

#[derive(Queryable, Selectable)]
#[diesel(table_name = home_visits)]
struct Row {
    id: RowId,
    case_id: Option<CaseId>,
    decided_at: Instant,
    visited_at: Option<Instant>,
    outcome: Option<VisitOutcome>,
    notes: Option<Sealed<Text>>,
    recorded_at: Instant,
    version: i64,
}

impl Row {
    /// A visit that an enquiry decided is not this room's.
    fn visit(self) -> Option<Visit> {
        Some(Visit {
            id: self.id,
            case: self.case_id?,
            decided_at: self.decided_at,
            visited_at: self.visited_at,
            outcome: self.outcome,
            notes: self.notes,
            recorded_at: self.recorded_at,
            version: self.version,
        })
    }
}

/// The place of the sealed notes of a visit.
const fn place(id: RowId) -> Place {
    Place::new("home_visits", "notes", id)
}

fn visible(tx: &Tx<'_>) -> home_visits::BoxedQuery<'static, MultiBackend> {
    home_visits::table.filter(home_visits::case_id.assume_not_null().ne_all(tx.barred())).into_boxed()
}

/// The home visits of a case that the caller may see, the latest decided first.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Visit>> {
    let query = visible(tx).filter(home_visits::case_id.eq(case)).order((home_visits::decided_at.desc(), home_visits::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().filter_map(Row::visit).collect())
}

/// A home visit the caller may see.
///
/// # Errors
/// 404 when it does not exist, is no case's or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: RowId) -> Result<Visit> {
    let row: Option<Row> = visible(tx).filter(home_visits::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.and_then(Row::visit).ok_or_else(|| Code::NotFound.into())
}

/// Writes that a home visit was decided.
pub(in crate::cases) fn insert(tx: &mut Tx<'_>, case: CaseId, decided_at: Instant, by: AccountId) -> Result<RowId> {
    let (id, now): (RowId, _) = (tx.new_id(), tx.now);
    diesel::insert_into(home_visits::table)
        .values((
            home_visits::id.eq(id),
            home_visits::case_id.eq(case),
            home_visits::decided_at.eq(decided_at),
            home_visits::recorded_at.eq(now),
            home_visits::recorded_by.eq(by),
            home_visits::version.eq(1),
        ))
        .execute(tx.db())?;
    tx.changed(case);
    Ok(id)
}

/// Opens what a home visit found; `None`: nothing is recorded of it.
pub(in crate::cases) fn open(tx: &mut Tx<'_>, visit: &Visit) -> Result<Option<VisitFinding>> {
    let (Some(visited_at), Some(outcome)) = (visit.visited_at, visit.outcome) else { return Ok(None) };
    let notes = visit.notes.as_ref().map(|sealed| tx.open(Holder::case(visit.case), place(visit.id), sealed)).transpose()?;
    Ok(Some(VisitFinding { visited_at, outcome, notes }))
}

/// Writes what came of a home visit, over the version it was read at; `None`: it did not take place after all.
pub(in crate::cases) fn record(tx: &mut Tx<'_>, visit: &Visit, found: Option<&VisitFinding>) -> Result<()> {
    let text = found.and_then(|found| found.notes.as_ref());
    let notes = text.map(|text| tx.seal(Holder::case(visit.case), place(visit.id), text)).transpose()?;
    let changes = (
        home_visits::visited_at.eq(found.map(|found| found.visited_at)),
        home_visits::outcome.eq(found.map(|found| found.outcome)),
        home_visits::notes.eq(&notes),
    );
    save_over!(tx.db(), home_visits, visit, changes)?;
    tx.changed(visit.case);
    Ok(())
}
