//! Closings that an accepted offer undid, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, OfferId, RowId};
use crate::cases::model::{Case, CloseReason, Reopening};
use crate::schema::{alerts, case_people, case_reopenings, enquiries, home_visits, offers};

#[derive(Queryable, Selectable)]
#[diesel(table_name = case_reopenings)]
struct Row {
    offer_id: Option<OfferId>,
    closed_at: Instant,
    close_reason: CloseReason,
    reopened_at: Instant,
    recorded_at: Instant,
}

impl From<Row> for Reopening {
    fn from(row: Row) -> Self {
        Self {
            offer: row.offer_id,
            closed_at: row.closed_at,
            close_reason: row.close_reason,
            reopened_at: row.reopened_at,
            recorded_at: row.recorded_at,
        }
    }
}

/// How often and when a case was closed and opened again, the earliest first. The caller must have been shown the case.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Reopening>> {
    let query = case_reopenings::table.filter(case_reopenings::case_id.eq(case)).order((case_reopenings::reopened_at, case_reopenings::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Reopening::from).collect())
}

/// Writes down that a closed case is open again.
pub(in crate::cases) fn insert(tx: &mut Tx<'_>, case: CaseId, reopening: &Reopening) -> Result<()> {
    let id: RowId = tx.new_id();
    diesel::insert_into(case_reopenings::table)
        .values((
            case_reopenings::id.eq(id),
            case_reopenings::case_id.eq(case),
            case_reopenings::offer_id.eq(reopening.offer),
            case_reopenings::closed_at.eq(reopening.closed_at),
            case_reopenings::close_reason.eq(reopening.close_reason),
            case_reopenings::reopened_at.eq(reopening.reopened_at),
            case_reopenings::recorded_at.eq(reopening.recorded_at),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The closing that the acceptance of an offer undid, and of which case.
pub(in crate::cases) fn find_of_offer(tx: &mut Tx<'_>, offer: OfferId) -> Result<Option<(RowId, CaseId, Reopening)>> {
    let query = case_reopenings::table.filter(case_reopenings::offer_id.eq(offer)).order(case_reopenings::recorded_at.desc());
    let query = query.select((case_reopenings::id, case_reopenings::case_id, Row::as_select()));
    let found: Option<(RowId, CaseId, Row)> = query.first(tx.db()).optional()?;
    Ok(found.map(|(id, case, row)| (id, case, row.into())))
}

/// Writes what opened a case again, and when.
pub(in crate::cases) fn set(tx: &mut Tx<'_>, id: RowId, offer: Option<OfferId>, at: Instant) -> Result<()> {
    let cause = (case_reopenings::offer_id.eq(offer), case_reopenings::reopened_at.eq(at));
    diesel::update(case_reopenings::table.find(id)).set(cause).execute(tx.db())?;
    Ok(())
}

/// What was written down as a reopening never was.
pub(in crate::cases) fn remove(tx: &mut Tx<'_>, id: RowId) -> Result<()> {
    diesel::delete(case_reopenings::table.find(id)).execute(tx.db())?;
    Ok(())
}

/// The first of what was made or recorded in a case since that moment, other than an offer, and takes an open one: when it happened, and which
/// offer it is where that was accepted. Offers, concerns and home visits belong to other rooms, whose rows are read here.
pub(in crate::cases) fn fact_kept_open(
    tx: &mut Tx<'_>,
    case: &Case,
    but: OfferId,
    since: Instant,
) -> Result<Option<(Instant, Option<OfferId>)>> {
    let id = case.id;
    let accepted = offers::table
        .filter(offers::case_id.eq(id))
        .filter(offers::id.ne(but))
        .filter(offers::state.eq("accepted"))
        .filter(offers::answered_recorded_at.ge(since));
    let accepted: Option<(Instant, OfferId)> =
        accepted.order(offers::answered_at).select((offers::answered_at.assume_not_null(), offers::id)).first(tx.db()).optional()?;
    // A promised re-offer is made in a closed case, too.
    let made = offers::table.filter(offers::case_id.eq(id));
    let made = made.filter(offers::state.ne("withdrawn")).filter(offers::fulfils_duty_id.is_null()).filter(offers::recorded_at.ge(since));
    let made: Option<Instant> = made.select(diesel::dsl::min(offers::offered_at)).first(tx.db())?;
    let joined = enquiries::table.filter(enquiries::case_id.eq(id)).filter(enquiries::decided_recorded_at.ge(since));
    let joined: Option<Instant> = joined.select(diesel::dsl::min(enquiries::decided_at)).first(tx.db())?;
    let raised = alerts::table.filter(alerts::case_id.eq(id)).filter(alerts::recorded_at.ge(since));
    let raised: Option<Instant> = raised.select(diesel::dsl::min(alerts::raised_at)).first(tx.db())?;
    let visits = home_visits::table.filter(home_visits::case_id.eq(id)).filter(home_visits::recorded_at.ge(since));
    let visits: Option<Instant> = visits.select(diesel::dsl::min(home_visits::decided_at)).first(tx.db())?;
    let came = case_people::table
        .filter(case_people::case_id.eq(id))
        .filter(case_people::left_at.is_null())
        .filter(case_people::joined_at.ge(since));
    let came: Option<Instant> = came.select(diesel::dsl::min(case_people::joined_at)).first(tx.db())?;
    let referred = case.referred_at.filter(|_| case.referred_recorded_at.is_some_and(|recorded_at| recorded_at >= since));
    let rest = [made, joined, raised, visits, came, referred].into_iter().flatten().map(|at| (at, None));
    Ok(accepted.map(|(at, offer)| (at, Some(offer))).into_iter().chain(rest).min_by_key(|(at, _)| *at))
}
