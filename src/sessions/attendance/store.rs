//! Meetings that a partner reported, for the count.

use diesel::prelude::*;

use super::model::Report;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AnyId, CaseId, NoteId, PersonId};
use crate::schema::reported_meetings;
use crate::sessions::logs::model::Outcome;
use crate::sessions::model::Side;

/// One reported meeting.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = reported_meetings)]
pub struct Reported {
    /// Its id.
    pub id: AnyId,
    /// Its case.
    pub case_id: CaseId,
    /// When it began, or should have.
    pub starts_at: Instant,
    /// How it went.
    pub outcome: Outcome,
    /// Whose side cancelled, or did not come.
    pub cancelled_by: Option<Side>,
    /// Whether a new time was agreed.
    pub new_time_agreed: Option<bool>,
}

/// The reported meetings of a person.
pub fn fact_reported(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Reported>> {
    Ok(reported_meetings::table.filter(reported_meetings::person_id.eq(person)).select(Reported::as_select()).load(tx.db())?)
}

/// The meetings that a note reported: id, whose, when.
pub(super) fn fact_of_note(tx: &mut Tx<'_>, note: NoteId) -> Result<Vec<(AnyId, PersonId, Instant)>> {
    use reported_meetings as r;
    Ok(r::table.filter(r::note_id.eq(note)).order(r::id).select((r::id, r::person_id, r::starts_at)).load(tx.db())?)
}

/// Makes the meetings that a note reported these, each under its id.
pub(super) fn replace(tx: &mut Tx<'_>, note: NoteId, case: CaseId, reports: &[(AnyId, Report)]) -> Result<()> {
    use reported_meetings as r;
    diesel::delete(r::table.filter(r::note_id.eq(note))).execute(tx.db())?;
    for (id, report) in reports {
        diesel::insert_into(r::table)
            .values((
                r::id.eq(*id),
                r::note_id.eq(note),
                r::case_id.eq(case),
                r::person_id.eq(report.person_id),
                r::starts_at.eq(report.starts_at),
                r::outcome.eq(report.outcome),
                r::cancelled_by.eq(report.by),
                r::new_time_agreed.eq(report.new_time_agreed),
            ))
            .execute(tx.db())?;
        tx.changed(report.person_id);
    }
    Ok(())
}
