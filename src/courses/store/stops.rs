//! Recorded reasons why somebody is not offered a track again, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, PersonId, RowId};
use crate::courses::model::{StopReason, Track};
use crate::schema::contact_stops;

/// A recorded stop.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = contact_stops)]
pub struct Stop {
    /// Its id.
    pub id: RowId,
    /// In which case.
    pub case_id: CaseId,
    /// Who is not offered again.
    pub person_id: PersonId,
    /// What.
    pub track: Track,
    /// Why.
    pub reason: StopReason,
    /// Since when (stated).
    pub stopped_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// When it was taken back.
    pub retracted_at: Option<Instant>,
    /// By whom.
    pub retracted_by: Option<AccountId>,
}

impl Stop {
    /// Whether it is said of an offer made then, or of whoever was offered nothing: a later offer overtakes a reason that does not last.
    pub fn holds(&self, offered_at: Option<Instant>) -> bool {
        self.reason.is_lasting() || offered_at.is_none_or(|offered_at| offered_at <= self.stopped_at)
    }
}

/// A stop the caller made just now or sees by its case.
///
/// # Errors
/// 404 when it does not exist or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: RowId) -> Result<Stop> {
    let found: Option<Stop> = contact_stops::table
        .filter(contact_stops::id.eq(id))
        .filter(contact_stops::case_id.ne_all(tx.barred()))
        .filter(contact_stops::person_id.ne_all(tx.barred()))
        .select(Stop::as_select())
        .first(tx.db())
        .optional()?;
    found.ok_or_else(|| crate::base::error::Code::NotFound.into())
}

/// A stop for a consequence; not for the caller's eyes.
pub fn fact(tx: &mut Tx<'_>, id: RowId) -> Result<Stop> {
    Ok(contact_stops::table.find(id).select(Stop::as_select()).first(tx.db())?)
}

/// The stops of a person in a case that were not taken back, for a rule.
pub fn fact_of(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<Vec<Stop>> {
    let query = contact_stops::table.filter(contact_stops::case_id.eq(case)).filter(contact_stops::person_id.eq(person));
    Ok(query.filter(contact_stops::retracted_at.is_null()).order(contact_stops::stopped_at).select(Stop::as_select()).load(tx.db())?)
}

/// The stops in a case, as far as no bar hides the person; the earliest first. The caller must have been shown the case.
pub(in crate::courses) fn list_in(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Stop>> {
    let query = contact_stops::table.filter(contact_stops::case_id.eq(case)).filter(contact_stops::person_id.ne_all(tx.barred()));
    Ok(query.order((contact_stops::stopped_at, contact_stops::id)).select(Stop::as_select()).load(tx.db())?)
}

/// Writes that a stop is taken back.
pub(in crate::courses) fn retract(tx: &mut Tx<'_>, stop: &Stop) -> Result<()> {
    let (now, by) = (tx.now, tx.account()?);
    let retracted = (contact_stops::retracted_at.eq(Some(now)), contact_stops::retracted_by.eq(Some(by)));
    diesel::update(contact_stops::table.find(stop.id)).set(retracted).execute(tx.db())?;
    tx.changed(stop.case_id);
    tx.changed(stop.person_id);
    Ok(())
}

/// Writes a stop.
pub(in crate::courses) fn insert(tx: &mut Tx<'_>, stop: &Stop) -> Result<()> {
    diesel::insert_into(contact_stops::table)
        .values((
            contact_stops::id.eq(stop.id),
            contact_stops::case_id.eq(stop.case_id),
            contact_stops::person_id.eq(stop.person_id),
            contact_stops::track.eq(stop.track),
            contact_stops::reason.eq(stop.reason),
            contact_stops::stopped_at.eq(stop.stopped_at),
            contact_stops::recorded_at.eq(stop.recorded_at),
            contact_stops::recorded_by.eq(stop.recorded_by),
        ))
        .execute(tx.db())?;
    tx.changed(stop.case_id);
    tx.changed(stop.person_id);
    Ok(())
}
