//! Meetings that a partner reported, for the count.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AnyId, CaseId, PersonId};
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
