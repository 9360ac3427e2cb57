//! From a concern to an answer: enquiries, cases, offers, re-offers.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Bars;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::ids::{CaseId, DutyId, EnquiryId, OfferId, PersonId};
use crate::cases::model::{Joined, State as CaseState};
use crate::cases::store::founded::list_joined;
use crate::courses::model::{DeclineReason, OfferState, Track};
use crate::duties;
use crate::enquiries::model::{Severity, Source, State as EnquiryState};
use crate::reports::model::{CaseThing, EnquiryThing, Ground, OfferThing, ReofferThing};
use crate::schema::{case_reopenings, cases, duties as promises, enquiries, offers, people};

#[derive(Queryable, Selectable)]
#[diesel(table_name = enquiries)]
struct EnquiryRow {
    id: EnquiryId,
    state: EnquiryState,
    case_id: Option<CaseId>,
    source: Source,
    received_at: Instant,
    recorded_at: Instant,
    decided_at: Option<Instant>,
    decided_recorded_at: Option<Instant>,
}

/// Enquiries received in the year.
pub fn enquiries(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<EnquiryThing>> {
    let rows: Vec<EnquiryRow> = enquiries::table
        .filter(enquiries::received_at.ge(ground.from))
        .filter(enquiries::received_at.lt(ground.until))
        .filter(enquiries::id.ne_all(bars.ids(tx)))
        .select(EnquiryRow::as_select())
        .load(tx.db())?;
    let thing = |row: EnquiryRow| EnquiryThing {
        id: row.id,
        state: row.state,
        has_case: row.case_id.is_some(),
        source: row.source,
        received_at: row.received_at,
        recorded_at: row.recorded_at,
        decided_at: row.decided_at,
        decided_recorded_at: row.decided_recorded_at,
    };
    Ok(rows.into_iter().map(thing).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cases)]
struct CaseRow {
    id: CaseId,
    severity: Severity,
    referral_severity: Option<Severity>,
    needs_local_effort: bool,
    received_at: Instant,
    founded_at: Instant,
    recorded_at: Instant,
    referred_at: Option<Instant>,
    referred_recorded_at: Option<Instant>,
    closed_at: Option<Instant>,
}

impl CaseRow {
    fn thing(self, reopened: &HashMap<CaseId, Instant>, joined: Vec<Joined>) -> CaseThing {
        CaseThing {
            id: self.id,
            severity: self.referral_severity.unwrap_or(self.severity),
            needs_local_effort: self.needs_local_effort,
            received_at: self.received_at,
            founded_at: self.founded_at,
            recorded_at: self.recorded_at,
            referred_at: self.referred_at,
            referred_recorded_at: self.referred_recorded_at,
            closed_at: reopened.get(&self.id).copied().or(self.closed_at),
            joined,
        }
    }
}

fn cases_before_end(tx: &Tx<'_>, ground: &Ground, bars: Bars) -> cases::BoxedQuery<'static, MultiBackend> {
    let kept = cases::table.filter(cases::state.ne(CaseState::Retracted)).filter(cases::founded_at.lt(ground.until));
    kept.filter(cases::id.ne_all(bars.ids(tx))).into_boxed()
}

/// Cases founded in the year.
pub fn cases_founded(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<CaseThing>> {
    let query = cases_before_end(tx, ground, bars).filter(cases::founded_at.ge(ground.from));
    things(tx, query)
}

fn things(tx: &mut Tx<'_>, query: cases::BoxedQuery<'static, MultiBackend>) -> Result<Vec<CaseThing>> {
    let rows: Vec<CaseRow> = query.select(CaseRow::as_select()).load(tx.db())?;
    let closings: Vec<(CaseId, Instant)> = case_reopenings::table
        .order(case_reopenings::closed_at.desc())
        .select((case_reopenings::case_id, case_reopenings::closed_at))
        .load(tx.db())?;
    // The first closing of each case comes last, and stays.
    let reopened: HashMap<CaseId, Instant> = closings.into_iter().collect();
    let mut joined = list_joined(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    let thing = |row: CaseRow| {
        let joined = joined.remove(&row.id).unwrap_or_default();
        row.thing(&reopened, joined)
    };
    Ok(rows.into_iter().map(thing).collect())
}

/// Cases founded before the year's end and not closed by it.
pub fn cases_open(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<CaseThing>> {
    let closed_meanwhile = case_reopenings::table
        .filter(case_reopenings::closed_at.lt(ground.until))
        .filter(case_reopenings::reopened_at.ge(ground.until))
        .select(case_reopenings::case_id);
    let query = cases_before_end(tx, ground, bars)
        .filter(cases::closed_at.is_null().or(cases::closed_at.ge(ground.until)))
        .filter(cases::id.ne_all(closed_meanwhile));
    things(tx, query)
}

/// Which offers.
#[derive(Clone, Copy)]
pub enum Offers {
    /// Made in the year.
    Made,
    /// First ones answered in the year.
    FirstAnswered,
    /// First ones made before the year's end and not answered by it.
    FirstOpen,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = offers)]
struct OfferRow {
    id: OfferId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
    state: OfferState,
    decline_reason: Option<DeclineReason>,
    offered_at: Instant,
    recorded_at: Instant,
    answered_at: Option<Instant>,
    answered_recorded_at: Option<Instant>,
}

/// Offers that count: what the unit withdrew does not.
pub fn offers(tx: &mut Tx<'_>, ground: &Ground, bars: Bars, which: Offers) -> Result<Vec<OfferThing>> {
    let query = offers::table
        .inner_join(people::table.on(people::id.eq(offers::person_id)))
        .filter(offers::state.ne(OfferState::Withdrawn))
        .filter(offers::case_id.ne_all(bars.ids(tx)))
        .filter(offers::person_id.ne_all(bars.ids(tx)))
        .into_boxed::<MultiBackend>();
    let query = match which {
        Offers::Made => query.filter(offers::offered_at.ge(ground.from)).filter(offers::offered_at.lt(ground.until)),
        Offers::FirstAnswered => {
            query.filter(offers::first.eq(true)).filter(offers::answered_at.ge(ground.from)).filter(offers::answered_at.lt(ground.until))
        }
        Offers::FirstOpen => query
            .filter(offers::first.eq(true))
            .filter(offers::offered_at.lt(ground.until))
            .filter(offers::answered_at.is_null().or(offers::answered_at.ge(ground.until))),
    };
    let rows: Vec<(OfferRow, Option<NaiveDate>)> = query.select((OfferRow::as_select(), people::born_on)).load(tx.db())?;
    let thing = |(row, born_on): (OfferRow, Option<NaiveDate>)| OfferThing {
        id: row.id,
        case: row.case_id,
        person: row.person_id,
        born_on,
        track: row.track,
        state: row.state,
        decline_reason: row.decline_reason,
        offered_at: row.offered_at,
        recorded_at: row.recorded_at,
        answered_at: row.answered_at,
        answered_recorded_at: row.answered_recorded_at,
    };
    Ok(rows.into_iter().map(thing).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = promises)]
struct ReofferRow {
    id: DutyId,
    state: duties::State,
    due_at: Instant,
    closed_at: Option<Instant>,
    closed_recorded_at: Option<Instant>,
}

/// Re-offers of a kind that are due in the year, with the declined offer that each is promised for.
pub fn reoffers(tx: &mut Tx<'_>, ground: &Ground, bars: Bars, kind: duties::Kind) -> Result<Vec<ReofferThing>> {
    let rows: Vec<(ReofferRow, CaseId, PersonId, Track, Option<NaiveDate>)> = promises::table
        .inner_join(offers::table.on(offers::id.eq(promises::subject_id)))
        .inner_join(people::table.on(people::id.eq(offers::person_id)))
        .filter(promises::kind.eq(kind))
        .filter(promises::due_at.ge(ground.from))
        .filter(promises::due_at.lt(ground.until))
        .filter(offers::case_id.ne_all(bars.ids(tx)))
        .filter(offers::person_id.ne_all(bars.ids(tx)))
        .select((ReofferRow::as_select(), offers::case_id, offers::person_id, offers::track, people::born_on))
        .load(tx.db())?;
    let thing = |(row, case, person, track, born_on): (ReofferRow, CaseId, PersonId, Track, Option<NaiveDate>)| ReofferThing {
        id: row.id,
        case,
        person,
        born_on,
        track,
        state: row.state,
        due_at: row.due_at,
        closed_at: row.closed_at,
        closed_recorded_at: row.closed_recorded_at,
    };
    Ok(rows.into_iter().map(thing).collect())
}
