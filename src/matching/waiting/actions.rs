//! See who waits; write down whether they still want to.

use std::collections::HashMap;

use super::model::{Asked, Hurdle, Interest, NewCheck, Standing, Waiting};
use super::{rules, store};
use crate::access::Tx;
use crate::availability::model::Times;
use crate::base::clock::Instant;
use crate::base::db::CodeSet;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CourseId, MatchId, PersonId};
use crate::courses::model::{Course, Track};
pub use crate::courses::store::get as get_course;
use crate::facts::Fact;
use crate::matching::model::{EndReason, LastEnded};
use crate::matching::ranking::actions::load_waiting;
use crate::matching::{ranking, rules as matching_rules, store as matching_store, wishes};
use crate::{availability, courses, people};

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
    let people: Vec<PersonId> = shown.iter().filter_map(|at| Some(field.asks.get(*at)?.person)).collect();
    let standings = standings(tx, &courses)?;
    let times = availability::store::fact_times(tx, &people)?;
    let words = &tx.programme.availability;
    let wished = |times: &Times| availability::rules::wished(times, words);
    let mut waiting = Vec::with_capacity(shown.len());
    for at in shown {
        let Some(ask) = field.asks.get(at) else { continue };
        let eligible = ranking::rules::score_all(&field, at, &tx.programme.pairing).into_iter().flatten().count();
        let Some(stands) = standings.get(&ask.course) else { continue };
        tx.saw(ask.course);
        let (Interest::Wanted { said_at, .. } | Interest::Gone { said_at }) = stands.interest;
        let last = store::list(tx, ask.course, ask.person, Some(1))?.into_iter().next().filter(|last| last.check.asked_at >= said_at);
        waiting.push(Waiting {
            given_name: people::store::find_name(tx, ask.person)?.map(|name| name.given.into_string()).unwrap_or_default(),
            wishes: wishes::actions::get(tx, ask.course)?,
            times: times.get(&ask.person).and_then(wished).map(|week| week.stretches().to_vec()).unwrap_or_default(),
            missing: ranking::rules::missing_of_person(ask),
            interest: stands.interest,
            interest_words: last.and_then(|last| last.words),
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
    tx.tell(Fact::InterestAsked { course: id });
    Ok(id)
}

/// Where the interest of a course stands: it is said by the acceptance, by the end of the last match, and by whoever was asked.
///
/// # Errors
/// 404 when there is no such course.
pub fn interest_of(tx: &mut Tx<'_>, course: CourseId) -> Result<Interest> {
    standing_of(tx, course).map(|stands| stands.interest)
}

/// What was said of a course that the caller may see, whenever it was asked, the latest first.
///
/// # Errors
/// 404.
pub fn list_said(tx: &mut Tx<'_>, id: CourseId) -> Result<Vec<Asked>> {
    let course = courses::store::get(tx, id)?;
    tx.saw(course.person);
    store::list(tx, id, course.person, None)
}

/// How a course stands, for whoever proposes.
///
/// # Errors
/// 404 when there is no such course.
pub(in crate::matching) fn standing_of(tx: &mut Tx<'_>, course: CourseId) -> Result<Standing> {
    standings(tx, &[course])?.remove(&course).ok_or_else(|| Code::NotFound.into())
}

/// What of these must come first for a course, and the match to talk about where that is among it and the caller may see it.
///
/// # Errors
/// 404 when there is no such course.
pub(in crate::matching) fn hurdles_of(tx: &mut Tx<'_>, course: CourseId, of: &[Hurdle]) -> Result<(CodeSet<Hurdle>, Option<MatchId>)> {
    let stands = standing_of(tx, course)?;
    let hurdles = rules::hurdles(&stands, tx.now).iter().filter(|hurdle| of.contains(hurdle)).collect();
    let talk_about = stands.talk_about.filter(|_| of.contains(&Hurdle::RepairTalk));
    match talk_about.map(|last| matching_store::get(tx, last)).transpose() {
        Ok(seen) => Ok((hurdles, seen.map(|last| last.id))),
        Err(error) if error.is_not_found() => Ok((hurdles, None)),
        Err(error) => Err(error),
    }
}

/// How these courses stand, in a handful of queries, whatever their number.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn standings(tx: &mut Tx<'_>, ids: &[CourseId]) -> Result<HashMap<CourseId, Standing>> {
    let (now, days, calendar) = (tx.now, tx.programme.pairing.interest_days, tx.programme.calendar());
    let lacking = courses::actions::lacking_consent(tx, ids, calendar.zone.date(now))?;
    let courses = courses::store::list_many(tx, ids)?;
    let people: Vec<PersonId> = courses.iter().map(|course| course.person).collect();
    // A new course does not make a talk needless: it is the person's.
    let (checks, ended) = (store::last_checks(tx, ids)?, matching_store::list_last_ended(tx, &people)?);
    let wished = |last: &&LastEnded| matches!(last.reason, Some(EndReason::PersonWish | EndReason::StaffWish));
    let to_talk_about: Vec<MatchId> = ended.values().filter(wished).map(|last| last.id).collect();
    let talked = matching_store::answers::list_repaired(tx, &to_talk_about)?;
    let stands = |course: Course| {
        let last = ended.get(&(course.person, course.track));
        let since = last.map_or(course.accepted_at, |last| course.accepted_at.max(last.at));
        let standing = Standing {
            is_paused: course.paused_at.is_some(),
            lacks_consent: lacking.contains(&course.id),
            interest: rules::interest(since, checks.get(&course.id).copied(), days, calendar),
            talk_about: last.filter(wished).map(|last| last.id).filter(|id| !talked.contains(id)),
        };
        (course.id, standing)
    };
    Ok(courses.into_iter().map(stands).collect())
}
