//! Make a series, and decide about its gaps.

mod changes;
mod planning;
mod waiting;

pub use super::store::{Filter, get, list};
pub use changes::{cancel, change, match_ended};
pub use waiting::{born, certified, consent_lacking, custody_changed, plan_allowed, plan_waiting};

use chrono::TimeDelta;

use super::model::{Gap, GapState, Series, Terms, Wish};
use super::{rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{MatchId, RowId, SeriesId, SessionId};
use crate::base::value::Flaw;
use crate::courses::{self, Standing};
use crate::matching::{self, Match};
use crate::sessions::free::actions::check_offered;
use crate::sessions::model::{Plan, Session, State};
use crate::sessions::{actions as sessions, store as session_store};

/// How many sessions of a series are planned and still to come, and those of them, by start, that begin when the series has none.
///
/// # Errors
/// The database's.
pub fn coming(tx: &mut Tx<'_>, series: &Series) -> Result<(i64, Vec<Session>)> {
    let mut coming = session_store::fact_coming_of_series(tx, series.id)?;
    let many = i64::try_from(coming.len()).unwrap_or(i64::MAX);
    let starts = rules::starts(&series.terms)?;
    coming.retain(|session| !starts.contains(&session.starts_at));
    Ok((many, coming))
}

/// The open gaps of these series by date, as they were written down.
///
/// # Errors
/// The database's.
pub fn list_open_gaps(tx: &mut Tx<'_>, of: &[SeriesId]) -> Result<Vec<Gap>> {
    store::list_gaps(tx, of, true)
}

/// The gaps of a series by date. A time that was suggested for one that is open and cannot be used any more (leave, what is never possible, something
/// planned) is none.
///
/// # Errors
/// The database's.
pub fn list_gaps(tx: &mut Tx<'_>, series: &Series) -> Result<Vec<Gap>> {
    let mut gaps = store::list_gaps(tx, &[series.id], false)?;
    let open: Vec<&Gap> = gaps.iter().filter(|gap| gap.state == GapState::Open && gap.suggested_at.is_some()).collect();
    if open.is_empty() {
        return Ok(gaps);
    }
    let matched = matching::store::find_fact(tx, series.matched)?.ok_or(Code::NotFound)?;
    let standing = courses::actions::standing(tx, matched.course)?;
    let against = planning::against_suggested(tx, series, (&matched, &standing), &open)?;
    for gap in gaps.iter_mut().filter(|gap| against.get(&gap.id).is_some_and(|against| !against.is_empty())) {
        gap.suggested_at = None;
    }
    Ok(gaps)
}

/// Makes a series and plans all of it: each date that can be used is a session from now on, each other one a gap.
///
/// # Errors
/// 422 for an unknown match, or terms that are impossible or neither given nor agreed; 409 while the match or course plans nothing.
pub fn make(tx: &mut Tx<'_>, matched: MatchId, wish: &Wish) -> Result<SeriesId> {
    let matched = matching::actions::get_named(tx, matched, "/match_id")?;
    let standing = check(tx, &matched)?;
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
    let planned = planning::judge(tx, &series, (&matched, &standing), &dates, &planning::Own::default())?;
    let new = planning::plan(tx, &series, &matched, &planned, Some(series.recorded_by))?;
    sessions::follow_new(tx, &new)?;
    Ok(series.id)
}

/// A match for which something can be planned today.
fn check(tx: &mut Tx<'_>, matched: &Match) -> Result<Standing> {
    let standing = sessions::check_running(tx, matched)?;
    if sessions::consents(&standing)(standing.today) {
        return Ok(standing);
    }
    Err(Problem::new(Code::WrongState).say("Et nødvendigt samtykke mangler", "A needed consent is missing").into())
}

/// Plans a session for a gap: at another time as by hand, or at the suggested one, which nobody looked at: it is judged anew as a series judges its
/// dates. It stands for the gap's date from then on.
///
/// # Errors
/// 404, 409 when it is not open, the match plans nothing, something speaks against the time by now, or either has something else then, with other
/// times; 422 for an impossible time, or none where nothing was suggested.
pub fn fill_gap(tx: &mut Tx<'_>, id: SeriesId, gap: RowId, time: Option<(Instant, Instant)>) -> Result<SessionId> {
    let (series, gap) = open_gap(tx, id, gap)?;
    let session = match time {
        Some((starts_at, ends_at)) => {
            let Terms { kind, ref place, .. } = series.terms;
            let plan = Plan { id: None, matched: series.matched, starts_at, ends_at, kind, place: place.clone(), agreed_at: None };
            sessions::take_up(tx, &plan, State::Planned, Some(series.occurrence(gap.on)))?
        }
        None => take_suggested(tx, &series, &gap)?,
    };
    store::settle_gap(tx, &gap, GapState::Filled, Some(session))?;
    Ok(session)
}

/// Plans a session at the time that was suggested for a gap, if it can still be used.
fn take_suggested(tx: &mut Tx<'_>, series: &Series, gap: &Gap) -> Result<SessionId> {
    let starts_at = gap.suggested_at.ok_or_else(|| {
        invalid("/starts_at", Flaw::Required, "Der er ikke foreslået et tidspunkt: angiv et", "No time was suggested: give one")
    })?;
    let matched = matching::store::find_fact(tx, series.matched)?.ok_or(Code::NotFound)?;
    let on = tx.programme.calendar().zone.date(starts_at);
    let standing = sessions::check_match(tx, &matched, on)?;
    planning::lock(tx, &matched)?;
    let blank = sessions::blank(tx, tx.new_id(), &matched, tx.account()?);
    let ends_at = starts_at.plus(TimeDelta::minutes(series.terms.length_min.into()));
    let session = planning::session(series, &blank, gap.on, (starts_at, ends_at));
    let against = planning::against_suggested(tx, series, (&matched, &standing), &[gap])?.remove(&gap.id).unwrap_or_default();
    check_offered(tx, &session, against)?;
    sessions::take(tx, &session)?;
    Ok(session.id)
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
    let words = match gap.state {
        GapState::Open => return Ok((series, gap)),
        GapState::Filled | GapState::Dismissed => ("Der er allerede taget stilling", "It was decided already"),
        GapState::Closed => ("Der skal ikke længere tages stilling", "Nobody decides on it any more"),
    };
    Err(Problem::new(Code::WrongState).say(words.0, words.1).into())
}

/// Consequence of each night: nobody decides any more on the gaps of a match whose dates are past, with what was suggested instead. They stay to be
/// seen, with their reasons. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub fn close_past_gaps(tx: &mut Tx<'_>, matched: MatchId) -> Result<()> {
    let now = tx.now;
    for series in store::fact_of_match(tx, matched)? {
        let open = store::list_gaps(tx, &[series.id], true)?;
        for gap in open.iter().filter(|gap| rules::is_over(gap, series.terms.zone, now)) {
            store::settle_gap(tx, gap, GapState::Closed, None)?;
        }
    }
    Ok(())
}
