//! Make a series, and decide about its gaps.

mod changes;
mod planning;

pub use super::store::{Filter, get, list, list_gaps};
pub use changes::{cancel, change, match_ended};

use chrono::{NaiveDate, TimeDelta};

use super::model::{Gap, GapReason, GapState, Series, Wish};
use super::{rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result, invalid};
use crate::base::ids::{CourseId, MatchId, PersonId, RowId, SeriesId, SessionId, StaffId};
use crate::matching::{self, Match};
use crate::sessions::model::{Plan, Session, State};
use crate::sessions::{actions as sessions, store as session_store};

/// How many sessions of a series are planned and still to come, and those of them, by start, that begin when the series has none.
///
/// # Errors
/// The database's.
pub fn coming(tx: &mut Tx<'_>, series: &Series) -> Result<(i64, Vec<Session>)> {
    let coming = session_store::fact_coming_of_series(tx, series.id)?;
    let mut apart = Vec::new();
    if !coming.is_empty() {
        let starts = rules::starts(&series.terms)?;
        for (id, _) in coming.iter().filter(|(_, starts_at)| !starts.contains(starts_at)) {
            apart.extend(session_store::find_fact(tx, *id)?);
        }
    }
    Ok((i64::try_from(coming.len()).unwrap_or(i64::MAX), apart))
}

/// Makes a series and plans all of it: each date that can be used is a session from now on, each other one a gap.
///
/// # Errors
/// 422 for an unknown match, or terms that are impossible or neither given nor agreed; 409 while the match or course plans nothing.
pub fn make(tx: &mut Tx<'_>, matched: MatchId, wish: &Wish) -> Result<SeriesId> {
    let matched = matching::actions::get_named(tx, matched, "/match_id")?;
    check(tx, &matched)?;
    let terms = rules::terms(wish, &matched.agreed, tx.now, tx.programme.calendar().zone)?;
    let series = Series {
        id: tx.new_id(),
        matched: matched.id,
        course: matched.course,
        case: matched.case,
        person: matched.person,
        terms,
        follows: None,
        ended_at: None,
        end_reason: None,
        recorded_at: tx.now,
        recorded_by: tx.account()?,
        version: 1,
    };
    let dates = rules::dates(&series.terms)?;
    store::insert(tx, &series)?;
    planning::lock(tx, &matched)?;
    let planned = planning::judge(tx, &series, &matched, &dates, &planning::Own::default())?;
    let new = planning::plan(tx, &series, &matched, &planned)?;
    sessions::follow_new(tx, &new)?;
    Ok(series.id)
}

/// A match for which something can be planned today.
fn check(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    sessions::check_running(tx, matched)?;
    let today = tx.programme.calendar().zone.date(tx.now);
    if sessions::consents(tx, matched)?(today) {
        return Ok(());
    }
    Err(Problem::new(Code::WrongState).say("Et nødvendigt samtykke mangler", "A needed consent is missing").into())
}

/// Plans a session for a gap: at the suggested time, or another. It stands for the gap's date from then on.
///
/// # Errors
/// 404, 409 when it is not open, the match plans nothing, or either has something else then; 422 for an impossible time, or none where
/// nothing was suggested.
pub fn fill_gap(tx: &mut Tx<'_>, id: SeriesId, gap: RowId, time: Option<(Instant, Instant)>) -> Result<SessionId> {
    let (series, gap) = open_gap(tx, id, gap)?;
    let (starts_at, ends_at) = match (time, gap.suggested_at) {
        (Some(time), _) => time,
        (None, Some(starts_at)) => (starts_at, starts_at.plus(TimeDelta::minutes(series.terms.length_min.into()))),
        (None, None) => {
            return Err(invalid(
                "/starts_at",
                "required",
                "Der er ikke foreslået et tidspunkt: angiv et",
                "No time was suggested: give one",
            ));
        }
    };
    let plan = Plan { id: None, matched: series.matched, starts_at, ends_at, kind: series.terms.kind, place: series.terms.place.clone() };
    let session = sessions::take_up(tx, &plan, State::Planned, Some(series.occurrence(gap.on)))?;
    store::settle_gap(tx, &gap, GapState::Filled, Some(session))?;
    Ok(session)
}

/// Consequence of a consent: the dates of a course's series that only waited for it are planned.
///
/// # Errors
/// The database's and the vault's.
pub fn consent_given(tx: &mut Tx<'_>, course: CourseId) -> Result<()> {
    let live = matching::store::fact_live(tx, Some(course), None)?;
    plan_waiting(tx, &live, GapReason::Consent)
}

/// Consequence of a member of staff's proofs: the dates of the series they run that only waited for one are planned.
///
/// # Errors
/// The database's and the vault's.
pub fn certified(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let live = matching::store::fact_live(tx, None, Some(staff))?;
    plan_waiting(tx, &live, GapReason::Certificate)
}

/// Consequence of a birth date: whoever is no child on a date is met without a certificate.
///
/// # Errors
/// The database's and the vault's.
pub fn born(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let matches = matching::store::fact_of_person(tx, person)?;
    plan_waiting(tx, &matches, GapReason::Certificate)
}

/// Judges the dates of these matches' series anew that waited for one thing.
fn plan_waiting(tx: &mut Tx<'_>, matches: &[Match], reason: GapReason) -> Result<()> {
    for matched in matches {
        for series in store::fact_running(tx, matched.id)? {
            let gaps = store::list_gaps(tx, &[series.id], true)?;
            let waiting = gaps.into_iter().filter(|gap| gap.reason == reason);
            let waiting: Vec<Gap> = waiting.filter(|gap| rules::time_of(&series.terms, gap.on).0 > tx.now).collect();
            if waiting.is_empty() {
                continue;
            }
            match sessions::check_running(tx, matched) {
                Ok(()) => plan_gaps(tx, &series, matched, &waiting)?,
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Judges the dates of gaps anew: of one that can be used now a session stands in the gap.
fn plan_gaps(tx: &mut Tx<'_>, series: &Series, matched: &Match, gaps: &[Gap]) -> Result<()> {
    planning::lock(tx, matched)?;
    let dates: Vec<NaiveDate> = gaps.iter().map(|gap| gap.on).collect();
    let judged = planning::judge(tx, series, matched, &dates, &planning::Own::default())?;
    let new = planning::plan(tx, series, matched, &judged)?;
    for session in &new {
        let is_its = |gap: &&Gap| session.occurrence.as_ref().is_some_and(|occurrence| occurrence.on == gap.on);
        if let Some(gap) = gaps.iter().find(is_its) {
            store::settle_gap(tx, gap, GapState::Filled, Some(session.id))?;
        }
    }
    sessions::follow_new(tx, &new)
}

/// Decides that there will be no session for a gap.
///
/// # Errors
/// 404, 409 when it is not open.
pub fn dismiss_gap(tx: &mut Tx<'_>, id: SeriesId, gap: RowId) -> Result<SeriesId> {
    let (_, gap) = open_gap(tx, id, gap)?;
    store::settle_gap(tx, &gap, GapState::Dismissed, None)?;
    Ok(id)
}

fn open_gap(tx: &mut Tx<'_>, id: SeriesId, gap: RowId) -> Result<(Series, Gap)> {
    let series = store::get(tx, id)?;
    let gap = store::find_gap(tx, id, gap)?.ok_or(Code::NotFound)?;
    if gap.state != GapState::Open {
        return Err(Problem::new(Code::WrongState).say("Der er allerede taget stilling", "It was decided already").into());
    }
    Ok((series, gap))
}
