//! Courses over HTTP. A mentor or coach sees the courses of their own matches, with the plan, and nothing of consents, case or closing.

mod consents;
mod offers;
mod plans;
mod stops;

use actix_web::{get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions;
use super::model::{Closing, Course, CourseState, FormerEnd, Pause, Track};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, ConsentId, CourseId, OfferId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::corrections::Correction;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    offers::routes(registry);
    consents::routes(registry);
    stops::routes(registry);
    registry.service(list).service(show).service(stand_still).service(go_on).service(end).service(correct_end);
    plans::routes(registry);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only courses of this case.
    case: Option<CaseId>,
    /// Only courses of this person.
    person: Option<PersonId>,
    /// Only this kind.
    #[param(inline)]
    track: Option<Track>,
    /// Only courses in this state.
    #[param(inline)]
    state: Option<CourseState>,
    /// Only courses that have ended (`true`) or not (`false`).
    ended: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A course (forløb), as far as the caller may see.
#[derive(Serialize, ToSchema)]
struct CourseView {
    id: CourseId,
    person_id: PersonId,
    track: Track,
    state: CourseState,
    /// The day the last needed consent was given (stated).
    accepted_at: Instant,
    /// When the first session was held (stated); for a mentor or coach the first of their own match.
    started_at: Option<Instant>,
    /// It stands still: no session is planned until it is resumed or ended.
    paused: bool,
    /// When it ended (stated).
    ended_at: Option<Instant>,
    version: i64,
    // What only coordinators see.
    #[serde(skip_serializing_if = "Option::is_none")]
    case_id: Option<CaseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer_id: Option<OfferId>,
    /// Fixed on the day of acceptance, for counting only.
    #[serde(skip_serializing_if = "Option::is_none")]
    adult_at_acceptance: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_recorded_at: Option<Instant>,
    // What lists leave out.
    /// The newest version of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<plans::PlanView>,
    /// Whether every consent needed today stands and the course is not paused: without it no match starts and no session is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_run: Option<bool>,
    /// What was said to taking part; the offer says who is still asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    consents: Option<Vec<consents::ConsentView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pauses: Option<Vec<PauseView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<Closing>,
    /// What was recorded of its end before each correction, the first first.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_ends: Option<Vec<FormerCourseEndView>>,
}

/// An end that was put right.
#[derive(Serialize, ToSchema)]
struct FormerCourseEndView {
    kind: CourseState,
    ended_at: Instant,
    closing: Closing,
    corrected_at: Instant,
    corrected_by: AccountId,
}

impl From<Correction<FormerEnd>> for FormerCourseEndView {
    fn from(Correction { former, corrected_at, corrected_by, .. }: Correction<FormerEnd>) -> Self {
        let FormerEnd { kind, ended_at, closing } = former;
        Self { kind, ended_at, closing, corrected_at, corrected_by }
    }
}

/// A time during which a course stood still.
#[derive(Serialize, ToSchema)]
struct PauseView {
    /// The consent whose withdrawal paused it; null: the unit did, a word was missing once a birth date was put right or a death recorded (then
    /// without grounds), or the caller may not see whose it is.
    consent_id: Option<ConsentId>,
    paused_at: Instant,
    grounds: Option<Text>,
    resumed_at: Option<Instant>,
    /// On what basis it went on. Null with `resumed_at`: by itself, for what had paused it turned out never to have been, since whoever is said to have
    /// withdrawn had died before; or a death was taken back for which a word was missing.
    basis: Option<Text>,
}

fn view(tx: &mut Tx<'_>, course: &Course) -> CourseView {
    tx.saw(course.id);
    tx.saw(course.person);
    let all = tx.reaches(Reach::All);
    CourseView {
        id: course.id,
        person_id: course.person,
        track: course.track,
        state: course.state,
        accepted_at: course.accepted_at,
        started_at: course.started_at,
        paused: course.paused_at.is_some(),
        ended_at: course.ended_at,
        version: course.version,
        case_id: all.then_some(course.case),
        offer_id: all.then_some(course.offer),
        adult_at_acceptance: all.then_some(course.adult_at_acceptance),
        recorded_at: all.then_some(course.recorded_at),
        ended_recorded_at: course.ended_recorded_at.filter(|_| all),
        plan: None,
        may_run: None,
        consents: None,
        pauses: None,
        closing: None,
        former_ends: None,
    }
}

fn pause_view(tx: &mut Tx<'_>, person: PersonId, pause: &Pause, consents: &[consents::ConsentView]) -> Result<PauseView> {
    let (holder, place) = (Holder::person(person), |column| Place::new("course_pauses", column, pause.id));
    Ok(PauseView {
        consent_id: pause.consent.filter(|id| consents.iter().any(|consent| consent.id() == *id)),
        paused_at: pause.paused_at,
        grounds: pause.grounds.as_ref().map(|sealed| tx.open(holder, place("grounds"), sealed)).transpose()?,
        resumed_at: pause.resumed_at,
        basis: pause.basis.as_ref().map(|sealed| tx.open(holder, place("basis"), sealed)).transpose()?,
    })
}

fn details(tx: &mut Tx<'_>, id: CourseId) -> Result<CourseView> {
    let mut course = actions::get(tx, id)?;
    actions::begun_as_seen(tx, std::slice::from_mut(&mut course))?;
    let plan = actions::plans::list(tx, id)?.into_iter().next().map(|plan| plans::view(tx, plan)).transpose()?;
    let mut details = CourseView { plan, ..view(tx, &course) };
    if tx.reaches(Reach::All) {
        let standing = actions::standing(tx, id)?;
        details.may_run = Some(standing.may_run(standing.today));
        let (consents, pauses) = (consents::views(tx, course.offer)?, actions::pauses::list(tx, id)?);
        details.pauses = Some(pauses.iter().map(|pause| pause_view(tx, course.person, pause, &consents)).collect::<Result<_>>()?);
        details.consents = Some(consents);
        let place = Place::new("courses", "closing", id);
        details.former_ends = Some(actions::corrections::former_ends(tx, &course)?.into_iter().map(Into::into).collect());
        details.closing = course.closing.as_ref().map(|form| tx.open(Holder::person(course.person), place, form)).transpose()?;
    }
    Ok(details)
}

fn answer(call: &Call, course: &CourseView) -> Answer {
    call.created(&format!("/v1/courses/{}", course.id), course.version, course)
}

/// The courses the caller may see
///
/// The latest accepted first. A mentor or coach gets the courses of their matches.
#[utoipa::path(operation_id = "courses.list", tag = "courses", params(Filter), responses((status = 200, body = List<CourseView>, description = "One page")))]
#[get("/courses")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, CourseId)>::read("courses", filter.limit, filter.cursor.as_ref())?;
        let wanted =
            actions::Filter { case: filter.case, person: filter.person, track: filter.track, state: filter.state, ended: filter.ended };
        let courses = actions::list(tx, &wanted, page.after, page.fetch())?;
        let Paged { mut items, next } = page.cut(courses, |course| (course.accepted_at, course.id));
        actions::begun_as_seen(tx, &mut items)?;
        Ok(Paged { items: items.iter().map(|course| view(tx, course)).collect(), next })
    };
    call.answer_list(door.read(&call, Capability::CoursesList, look_up).await?)
}

/// One course
#[utoipa::path(operation_id = "courses.get", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course")),
    responses((status = 200, body = CourseView, description = "The course, as far as the caller may see")))]
#[get("/courses/{course_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<CourseId>) -> Answer {
    let course = door.read(&call, Capability::CoursesGet, move |tx| details(tx, path.get()?)).await?;
    call.answer(course.version, &course)
}

/// Why a course stands still.
#[derive(Deserialize, ToSchema)]
struct PauseCourse {
    grounds: Text,
    happened_at: Stated,
}

/// Pause a course
#[utoipa::path(operation_id = "courses.pause", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course"), IdempotencyKey), request_body = PauseCourse,
    responses((status = 201, body = CourseView, description = "Paused; no session is planned until it is resumed")))]
#[post("/courses/{course_id}/pause")]
async fn stand_still(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<PauseCourse>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::pauses::pause(tx, id, body.happened_at.at(), &body.grounds)
    };
    answer(&call, &door.command(&call, Capability::CoursesPause, verb, details).await?.view)
}

/// On what basis a course goes on.
#[derive(Deserialize, ToSchema)]
struct ResumeCourse {
    /// Recorded of each pause that ends; it stands in for the custody holders whose withdrawals those were.
    basis: Text,
    happened_at: Stated,
}

/// Let a paused course go on
///
/// All that paused it by that moment ends with it, and the answer's pauses say of which consents; a withdrawal after it goes on holding the course.
/// Where a word was missing it is 409 until that is there, or why it is not needed, with whose it is.
#[utoipa::path(operation_id = "courses.resume", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course"), IdempotencyKey), request_body = ResumeCourse,
    responses((status = 201, body = CourseView, description = "It goes on, unless something later holds it")))]
#[post("/courses/{course_id}/resume")]
async fn go_on(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<ResumeCourse>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::pauses::resume(tx, id, body.happened_at.at(), &body.basis)
    };
    answer(&call, &door.command(&call, Capability::CoursesResume, verb, details).await?.view)
}

/// How a course ends.
#[derive(Deserialize, ToSchema)]
struct EndCourse {
    /// `completed`, `suspended_handed_over` or `discontinued`.
    kind: CourseState,
    happened_at: Stated,
    closing: Closing,
}

/// End a course
///
/// By joint decision, with a closing meeting or a reason why there was none. Its match ends, its planned sessions are cancelled, and a
/// course gone through is followed up after 6 and 12 months.
#[utoipa::path(operation_id = "courses.end", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course"), IdempotencyKey), request_body = EndCourse,
    responses((status = 201, body = CourseView, description = "Ended")))]
#[post("/courses/{course_id}/end")]
async fn end(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<EndCourse>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::end(tx, id, body.kind, body.happened_at.at(), &body.closing)
    };
    answer(&call, &door.command(&call, Capability::CoursesEnd, verb, details).await?.view)
}

/// Correct how and when a course ended
///
/// The whole anew; what was recorded before is kept. Its match, its follow-ups and the figures go by the corrected moment; what was sent stays
/// sent, and what was cancelled stays off. The same again changes nothing. A course that a withdrawal, a death or the police ended has no such end.
/// One in which nothing was held, as its logs have it by now, can only be broken off: 409, as for the end itself.
/// 409 names a follow-up result that does not go with it: that is corrected, or taken back, first.
#[utoipa::path(operation_id = "courses.correct_end", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course"), Expected), request_body = EndCourse,
    responses((status = 200, body = CourseView, description = "Corrected")))]
#[put("/courses/{course_id}/end")]
async fn correct_end(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<EndCourse>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::corrections::correct_end(tx, id, &expected, body.kind, body.happened_at.at(), &body.closing)?;
        details(tx, id)
    };
    let course = door.write(&call, Capability::CoursesCorrectEnd, verb).await?;
    call.answer(course.version, &course)
}
