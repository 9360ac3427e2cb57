//! Courses as rows; offers, consents, plans and stops stand beside.

pub mod consents;
pub mod offers;
pub mod plans;
pub mod stops;

use std::collections::HashSet;

use diesel::dsl::min;
use diesel::prelude::*;

use super::model::{Closing, Course, CourseFacts, CourseState, Pause, Track};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::{IDS_MOST, MultiBackend};
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, ConsentId, CourseId, MatchId, OfferId, PersonId, RowId, SessionId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::schema::{course_pauses, courses, matches, sessions};
use crate::{row, save_over};

row! {
    Row of Course in courses {
        id: CourseId,
        offer: OfferId = offer_id,
        case: CaseId = case_id,
        person: PersonId = person_id,
        track: Track,
        state: CourseState,
        accepted_at: Instant,
        adult_at_acceptance: bool,
        started_at: Option<Instant>,
        started_recorded_at: Option<Instant>,
        paused_at: Option<Instant>,
        ended_at: Option<Instant>,
        ended_recorded_at: Option<Instant>,
        closing: Option<Sealed<Closing>>,
        recorded_at: Instant,
        version: i64,
        before_death: Option<CourseState>,
    }
}

/// The place of the sealed closing form of a course.
pub const fn closing_place(id: CourseId) -> Place {
    Place::new("courses", "closing", id)
}

/// Mentors and coaches see the courses of their matches, and no other of the same person.
fn visible(tx: &Tx<'_>) -> courses::BoxedQuery<'static, MultiBackend> {
    let query = courses::table
        .filter(courses::id.ne_all(tx.barred()))
        .filter(courses::case_id.ne_all(tx.barred()))
        .filter(courses::person_id.ne_all(tx.barred()))
        .into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(courses::id.eq_any(tx.related())) }
}

/// A course the caller may see.
///
/// # Errors
/// 404 when it does not exist or the caller may not see it: identical.
pub fn get(tx: &mut Tx<'_>, id: CourseId) -> Result<Course> {
    visible(tx).filter(courses::id.eq(id)).select(Course::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// Which courses are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// Of this kind.
    pub track: Option<Track>,
    /// In this state.
    pub state: Option<CourseState>,
    /// Ended, or still open.
    pub ended: Option<bool>,
}

/// One page of the courses the caller may see, the latest accepted first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, CourseId)>, fetch: i64) -> Result<Vec<Course>> {
    let mut query = visible(tx);
    if let Some(case) = filter.case {
        query = query.filter(courses::case_id.eq(case));
    }
    if let Some(person) = filter.person {
        query = query.filter(courses::person_id.eq(person));
    }
    if let Some(track) = filter.track {
        query = query.filter(courses::track.eq(track));
    }
    if let Some(state) = filter.state {
        query = query.filter(courses::state.eq(state));
    }
    match filter.ended {
        Some(true) => query = query.filter(courses::ended_at.is_not_null()),
        Some(false) => query = query.filter(courses::ended_at.is_null()),
        None => {}
    }
    if let Some((at, id)) = after {
        query = query.filter(courses::accepted_at.lt(at).or(courses::accepted_at.eq(at).and(courses::id.lt(id))));
    }
    let order = (courses::accepted_at.desc(), courses::id.desc());
    Ok(query.order(order).limit(fetch).select(Course::as_select()).load(tx.db())?)
}

/// When the first session of each of these courses was held that the caller sees: of the matches that they are related to. Sessions and matches belong to
/// rooms below this one, which therefore reads their rows.
pub(super) fn list_first_seen(tx: &mut Tx<'_>, courses: &[CourseId]) -> Result<Vec<(CourseId, Option<Instant>)>> {
    let seen = sessions::table.filter(sessions::course_id.eq_any(courses.to_vec())).filter(sessions::match_id.eq_any(tx.related()));
    let held = seen.filter(sessions::state.eq("held"));
    Ok(held.group_by(sessions::course_id).select((sessions::course_id, min(sessions::starts_at))).load(tx.db())?)
}

/// A course for a rule or a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: CourseId) -> Result<Option<Course>> {
    Ok(courses::table.find(id).select(Course::as_select()).first(tx.db()).optional()?)
}

/// The last session of a course, or of one match of it, that was held by now, and when it began. Sessions belong to a room below this one,
/// which therefore reads their rows.
pub(super) fn fact_last_held(tx: &mut Tx<'_>, id: CourseId, matched: Option<MatchId>) -> Result<Option<(SessionId, Instant)>> {
    let of_course = matches::table.filter(matches::course_id.eq(id)).select(matches::id);
    let of_matches = sessions::table.filter(sessions::match_id.eq_any(of_course));
    let held = of_matches.filter(sessions::state.eq("held")).filter(sessions::starts_at.le(tx.now));
    let mut query = held.into_boxed::<MultiBackend>();
    if let Some(matched) = matched {
        query = query.filter(sessions::match_id.eq(matched));
    }
    Ok(query.order(sessions::starts_at.desc()).select((sessions::id, sessions::starts_at)).first(tx.db()).optional()?)
}

/// What other rooms need of a course for their rules; not for the caller's eyes.
///
/// # Errors
/// 404 when there is no such course.
pub fn fact(tx: &mut Tx<'_>, id: CourseId) -> Result<CourseFacts> {
    Ok(facts(find_fact(tx, id)?.ok_or(Code::NotFound)?))
}

fn facts(course: Course) -> CourseFacts {
    CourseFacts {
        course: course.id,
        case: course.case,
        person: course.person,
        track: course.track,
        state: course.state,
        paused_at: course.paused_at,
        accepted_at: course.accepted_at,
        ended_at: course.ended_at,
    }
}

/// The unended courses that the caller may see, for a rule; nothing is shown of them by it.
///
/// # Errors
/// The database's.
pub fn list_unended_facts(tx: &mut Tx<'_>) -> Result<Vec<CourseFacts>> {
    let unended: Vec<Course> = visible(tx).filter(courses::ended_at.is_null()).select(Course::as_select()).load(tx.db())?;
    Ok(unended.into_iter().map(facts).collect())
}

/// These courses, for a rule.
///
/// # Errors
/// The database's.
pub fn list_many(tx: &mut Tx<'_>, ids: &[CourseId]) -> Result<Vec<Course>> {
    let mut all = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_MOST) {
        let some = courses::table.filter(courses::id.eq_any(chunk.to_vec())).select(Course::as_select());
        all.extend(some.load::<Course>(tx.db())?);
    }
    Ok(all)
}

/// Those of these courses that were gone through, for a rule.
///
/// # Errors
/// The database's.
pub fn list_gone_through(tx: &mut Tx<'_>, ids: &[CourseId]) -> Result<HashSet<CourseId>> {
    let all = list_many(tx, ids)?;
    Ok(all.into_iter().filter(|course| course.state.is_gone_through()).map(|course| course.id).collect())
}

/// The unended courses of a person, for a rule or a consequence.
pub fn fact_unended_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Course>> {
    let query = courses::table.filter(courses::person_id.eq(person)).filter(courses::ended_at.is_null());
    Ok(query.order((courses::accepted_at, courses::id)).select(Course::as_select()).load(tx.db())?)
}

/// All courses of a person, for a consequence.
pub(super) fn fact_all_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Course>> {
    let query = courses::table.filter(courses::person_id.eq(person)).order(courses::id);
    Ok(query.select(Course::as_select()).load(tx.db())?)
}

/// The courses of a person that a death took, for a consequence.
pub(super) fn fact_taken_by_death(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Course>> {
    let query = courses::table.filter(courses::person_id.eq(person)).filter(courses::before_death.is_not_null()).order(courses::id);
    Ok(query.select(Course::as_select()).load(tx.db())?)
}

/// The unended courses of a case, for a consequence.
pub(super) fn fact_unended_in(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Course>> {
    let query = courses::table.filter(courses::case_id.eq(case)).filter(courses::ended_at.is_null());
    Ok(query.order(courses::id).select(Course::as_select()).load(tx.db())?)
}

/// When the courses of a person ended, with each its case, for a rule; one that never was ends nothing.
pub fn fact_ends_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<(CourseId, CaseId, Instant)>> {
    let ended = courses::table.filter(courses::person_id.eq(person)).filter(courses::ended_at.is_not_null());
    let ended = ended.filter(courses::state.ne(CourseState::Retracted));
    Ok(ended.select((courses::id, courses::case_id, courses::ended_at.assume_not_null())).load(tx.db())?)
}

/// The course that an offer became, for a rule.
pub fn fact_of_offer(tx: &mut Tx<'_>, offer: OfferId) -> Result<Option<Course>> {
    Ok(courses::table.filter(courses::offer_id.eq(offer)).select(Course::as_select()).first(tx.db()).optional()?)
}

/// When the person's next course of the track after this one was accepted, for a rule.
pub(super) fn fact_next_at(tx: &mut Tx<'_>, course: &Course, after: Instant) -> Result<Option<Instant>> {
    let others = courses::table.filter(courses::person_id.eq(course.person)).filter(courses::track.eq(course.track));
    let next = others.filter(courses::id.ne(course.id)).filter(courses::state.ne(CourseState::Retracted));
    let next = next.filter(courses::accepted_at.ge(after)).order(courses::accepted_at);
    Ok(next.select(courses::accepted_at).first(tx.db()).optional()?)
}

/// A match of a course that is proposed, runs, or ran, for a rule. Matches belong to a room below this one, which therefore reads their rows.
pub(super) fn fact_match(tx: &mut Tx<'_>, id: CourseId) -> Result<Option<MatchId>> {
    let now = tx.now;
    let proposed = matches::state.eq("proposed").and(matches::expires_at.ge(now));
    let begun = matches::state.eq("running").or(matches::state.eq("ended"));
    let standing = matches::table.filter(matches::course_id.eq(id)).filter(proposed.or(begun));
    Ok(standing.order((matches::proposed_at, matches::id)).select(matches::id).first(tx.db()).optional()?)
}

/// Writes a new course.
pub(super) fn insert(tx: &mut Tx<'_>, course: &Course) -> Result<()> {
    diesel::insert_into(courses::table).values(Row::from(course.clone())).execute(tx.db())?;
    tx.changed(course.id);
    tx.changed(course.person);
    Ok(())
}

/// Writes that an offer whose acceptance was taken back is accepted after all: its course waits, with nothing of the first time.
pub(super) fn accept_again(tx: &mut Tx<'_>, course: &Course) -> Result<()> {
    let since = (courses::accepted_at.eq(course.accepted_at), courses::adult_at_acceptance.eq(course.adult_at_acceptance));
    diesel::update(courses::table.find(course.id)).set(since).execute(tx.db())?;
    save(tx, course)
}

/// Writes whether a course was accepted as an adult, which a birth date that was put right changes.
pub(super) fn set_adult(tx: &mut Tx<'_>, course: &Course, adult: bool) -> Result<()> {
    let changed = (courses::adult_at_acceptance.eq(adult), courses::version.eq(course.version.saturating_add(1)));
    diesel::update(courses::table.find(course.id)).set(changed).execute(tx.db())?;
    tx.changed(course.id);
    tx.changed(course.person);
    Ok(())
}

/// Saves a changed course over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, course: &Course) -> Result<()> {
    let changes = (
        courses::state.eq(course.state),
        courses::started_at.eq(course.started_at),
        courses::started_recorded_at.eq(course.started_recorded_at),
        courses::paused_at.eq(course.paused_at),
        courses::ended_at.eq(course.ended_at),
        courses::ended_recorded_at.eq(course.ended_recorded_at),
        courses::closing.eq(&course.closing),
        courses::before_death.eq(course.before_death),
    );
    save_over!(tx.db(), courses, course, changes)?;
    tx.changed(course.id);
    tx.changed(course.person);
    Ok(())
}

/// The place of a sealed column of a pause.
pub const fn pause_place(column: &'static str, id: RowId) -> Place {
    Place::new("course_pauses", column, id)
}

type PauseRow = (RowId, Option<ConsentId>, Instant, Option<Sealed<Text>>, Option<Instant>, Option<Sealed<Text>>);

/// When a course stood still, the first first. The caller must have been shown the course.
pub(super) fn list_pauses(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Pause>> {
    use course_pauses as p;
    let rows: Vec<PauseRow> = p::table
        .filter(p::course_id.eq(course))
        .order((p::paused_at, p::id))
        .select((p::id, p::consent_id, p::paused_at, p::grounds, p::resumed_at, p::basis))
        .load(tx.db())?;
    let pause = |(id, consent, paused_at, grounds, resumed_at, basis)| Pause { id, consent, paused_at, grounds, resumed_at, basis };
    Ok(rows.into_iter().map(pause).collect())
}

/// Writes that a course stands still.
pub(super) fn insert_pause(tx: &mut Tx<'_>, course: CourseId, pause: &Pause, by: AccountId) -> Result<()> {
    use course_pauses as p;
    let now = tx.now;
    diesel::insert_into(p::table)
        .values((
            p::id.eq(pause.id),
            p::course_id.eq(course),
            p::consent_id.eq(pause.consent),
            p::paused_at.eq(pause.paused_at),
            p::grounds.eq(&pause.grounds),
            p::recorded_at.eq(now),
            p::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes since when and on what basis a course runs on.
pub(super) fn end_pause(tx: &mut Tx<'_>, pause: RowId, at: Instant, basis: Option<&Sealed<Text>>) -> Result<()> {
    use course_pauses as p;
    diesel::update(p::table.filter(p::id.eq(pause))).set((p::resumed_at.eq(Some(at)), p::basis.eq(basis))).execute(tx.db())?;
    Ok(())
}

/// Writes that a course stands still after all.
pub(super) fn hold_again(tx: &mut Tx<'_>, pause: RowId) -> Result<()> {
    use course_pauses as p;
    diesel::update(p::table.filter(p::id.eq(pause))).set(p::resumed_at.eq(None::<Instant>)).execute(tx.db())?;
    Ok(())
}
