//! See who waits; write down whether they still want to.

use super::model::{Interest, NewCheck, Waiting};
use super::{rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::CourseId;
use crate::courses::model::Track;
pub use crate::courses::store::get as get_course;
use crate::matching::ranking::actions::load_waiting;
use crate::matching::{ranking, rules as matching_rules, store as matching_store, wishes};
use crate::{courses, people};

/// One page of the courses that wait, the longest waiting first.
///
/// # Errors
/// The database's and the vault's.
pub fn list(tx: &mut Tx<'_>, track: Option<Track>, after: Option<(Instant, CourseId)>, fetch: usize) -> Result<Vec<Waiting>> {
    let today = tx.programme.calendar().zone.date(tx.now);
    let field = load_waiting(tx, matching_rules::default_agreement(today).expected_end_on)?;
    let is_wanted = |at: &usize| {
        field.asks.get(*at).is_some_and(|ask| {
            track.is_none_or(|track| ask.track == track) && after.is_none_or(|after| (ask.waiting_since, ask.course) > after)
        })
    };
    let shown: Vec<usize> = (0..field.asks.len()).filter(is_wanted).take(fetch).collect();
    let courses: Vec<CourseId> = shown.iter().filter_map(|at| Some(field.asks.get(*at)?.course)).collect();
    let checks = store::last_checks(tx, &courses)?;
    let mut waiting = Vec::with_capacity(shown.len());
    for at in shown {
        let Some(ask) = field.asks.get(at) else { continue };
        let eligible = ranking::rules::score_all(&field, at, &tx.programme.pairing).into_iter().flatten().count();
        let (days, calendar) = (tx.programme.pairing.interest_days, tx.programme.calendar());
        tx.saw(ask.course);
        waiting.push(Waiting {
            given_name: people::store::find_name(tx, ask.person)?.map(|name| name.given.into_string()).unwrap_or_default(),
            wishes: wishes::actions::get(tx, ask.course)?,
            missing: ranking::rules::missing_of_person(ask),
            interest: rules::interest(ask.waiting_since, checks.get(&ask.course).copied(), days, calendar),
            eligible,
            ask: ask.clone(),
        });
    }
    Ok(waiting)
}

/// Writes down whether a match is still wanted.
///
/// # Errors
/// 404; 409 when the course has ended; 422 for a moment after now or before the acceptance.
pub fn record(tx: &mut Tx<'_>, id: CourseId, check: &NewCheck) -> Result<CourseId> {
    courses::store::get(tx, id)?;
    let course = courses::store::fact(tx, id)?;
    if course.state.is_ended() {
        return Err(Problem::new(Code::WrongState).say("Forløbet er afsluttet", "The course has ended").into());
    }
    let at = matching_rules::stated(check.happened_at, tx.now, course.accepted_at)?;
    let by = tx.account()?;
    store::insert(tx, id, course.person, check, at, by)?;
    Ok(id)
}

/// Where the interest of a course stands: it is said by the acceptance, by the end of the last match, and by whoever was asked.
///
/// # Errors
/// 404 when there is no such course.
pub fn interest_of(tx: &mut Tx<'_>, course: CourseId) -> Result<Interest> {
    let accepted_at = courses::store::fact(tx, course)?.accepted_at;
    let ended_at = matching_store::find_last_ended(tx, course)?.and_then(|matched| matched.ended_at);
    let last = store::last_checks(tx, &[course])?.remove(&course);
    let since = ended_at.map_or(accepted_at, |ended_at| accepted_at.max(ended_at));
    Ok(rules::interest(since, last, tx.programme.pairing.interest_days, tx.programme.calendar()))
}
