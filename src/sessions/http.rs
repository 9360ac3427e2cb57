//! Sessions over HTTP. No name stands in a session: a phone knows its matches.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::steps;
use super::actions::{self, Filter};
use super::answers::http::AnsweredByLink;
use super::changes::{Because, Reason};
use super::covers::model::ShownAsCover;
use super::model::{Arrangement, Cancellation, Kind, Plan, Session, Side, State};
use super::{answers, changes, covers, free, joint, logs, series};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::{Code, Result};
use crate::base::http::{Answer, Body, Call, Cursor, Empty, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{CaseId, CourseId, JointId, LogId, MatchId, PersonId, SeriesId, SessionId, StaffId};
use crate::base::value::Field;
use crate::matching::PlaceCode;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(plan).service(list).service(show).service(move_to).service(cancel).service(confirm).service(restore);
    answers::http::routes(registry);
    free::http::routes(registry);
    changes::http::routes(registry);
    joint::http::routes(registry);
    logs::http::routes(registry);
    series::http::routes(registry);
    covers::http::routes(registry);
}

/// A session (a meeting).
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    id: SessionId,
    match_id: MatchId,
    course_id: CourseId,
    /// For coordinators.
    case_id: Option<CaseId>,
    staff_id: StaffId,
    state: State,
    starts_at: Instant,
    ends_at: Instant,
    kind: Kind,
    /// Where the address of somebody who is met there is protected, also at another part of a joint session, for coordinators.
    place_code: Option<PlaceCode>,
    /// False: held without a plan.
    was_planned: bool,
    /// How often it was moved; null for whoever only covers it.
    moved_count: Option<i32>,
    /// Whose side cancelled, or did not come.
    cancelled_by: Option<Side>,
    /// When it was cancelled (stated).
    cancelled_at: Option<Instant>,
    new_time_agreed: Option<bool>,
    /// Cancelled shortly before it began.
    late_cancellation: bool,
    /// Minutes held, as logged.
    minutes: Option<i32>,
    /// Its log, for whoever may see that: to read it, and to correct it under this id.
    log_id: Option<LogId>,
    /// The joint session it is a part of.
    joint_id: Option<JointId>,
    /// What the person, or the custody holder who gets the reminders, answered by a link.
    answered_by_link: Option<AnsweredByLink>,
    /// Who meets the person in the place of whoever runs the match, or met them; of what is cancelled, who would. Null once that was taken back.
    covered_by: Option<StaffId>,
    /// The series it is of; null for whoever only covers it.
    series_id: Option<SeriesId>,
    /// The local date of the series that it stands for, wherever it was moved; null for whoever only covers it.
    occurs_on: Option<NaiveDate>,
    /// When it was first planned; null for whoever only covers it.
    recorded_at: Option<Instant>,
    /// Counts up with each change; for whoever only covers it since they do.
    version: i64,
}

/// What stands beside a session for the caller.
struct Beside {
    answer: Option<AnsweredByLink>,
    joint: Option<JointId>,
    log: Option<LogId>,
    /// The caller only covers it: what it was before is none of theirs.
    shown_as_cover: Option<ShownAsCover>,
}

fn view(tx: &mut Tx<'_>, session: Session, beside: Beside) -> SessionView {
    tx.saw(session.id);
    tx.saw(session.person);
    let of_before = beside.shown_as_cover.is_none_or(|covered| !covered.hides_before);
    let given = session.occurrence.as_ref().filter(|_| of_before);
    SessionView {
        place_code: session.place,
        id: session.id,
        match_id: session.matched,
        course_id: session.course,
        case_id: tx.reaches(Reach::All).then_some(session.case),
        staff_id: session.staff,
        state: session.state,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        kind: session.kind,
        was_planned: session.was_planned,
        moved_count: of_before.then_some(session.moved_count),
        cancelled_by: session.cancelled_by,
        cancelled_at: session.cancelled_at,
        new_time_agreed: session.new_time_agreed,
        late_cancellation: session.late_cancellation,
        minutes: session.minutes,
        log_id: beside.log,
        joint_id: beside.joint,
        answered_by_link: beside.answer,
        covered_by: session.cover,
        series_id: given.map(|occurrence| occurrence.series),
        occurs_on: given.map(|occurrence| occurrence.on),
        recorded_at: of_before.then_some(session.recorded_at),
        version: beside.shown_as_cover.map_or(session.version, |covered| covered.version),
    }
}

/// Sessions as the caller may see them.
pub(super) fn views(tx: &mut Tx<'_>, sessions: Vec<Session>) -> Result<Vec<SessionView>> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let (mut answers, joints) = (answers::actions::standing(tx, &sessions)?, joint::actions::joint_of(tx, &ids)?);
    let (logs, mut covered) = (logs::actions::ids_of(tx, &ids)?, covers::actions::shown_as_cover(tx, &sessions)?);
    let views = actions::places::shown(tx, sessions, &joints)?.into_iter().map(|session| {
        let beside = Beside {
            answer: answers.remove(&session.id).map(AnsweredByLink::from),
            joint: joints.get(&session.id).copied(),
            log: logs.get(&session.id).copied(),
            shown_as_cover: covered.remove(&session.id),
        };
        view(tx, session, beside)
    });
    Ok(views.collect())
}

/// One session as the caller may see it.
pub(super) fn get_view(tx: &mut Tx<'_>, id: SessionId) -> Result<SessionView> {
    let session = actions::get(tx, id)?;
    views(tx, vec![session])?.pop().ok_or_else(|| Code::NotFound.into())
}

pub(super) fn created(call: &Call, session: &SessionView) -> Answer {
    call.created(&format!("/v1/sessions/{}", session.id), session.version, session)
}

/// A session to be planned.
#[derive(Deserialize, ToSchema)]
struct PlanSession {
    /// The phone's own id for it, if it brings one; 409 `already_exists` where it is taken, which names the session to whoever may see that.
    id: Option<SessionId>,
    match_id: MatchId,
    /// After now, and within two years; a meeting that was held without a plan is made by its log.
    starts_at: Instant,
    /// At most 24 hours later.
    ends_at: Instant,
    kind: Kind,
    place_code: Option<PlaceCode>,
    /// Asked about, not agreed yet: it holds the time of both until it is confirmed, moved or cancelled, and nobody is told.
    #[serde(default)]
    proposed: bool,
}

/// Plan a session
///
/// Both have that time from now on: 409 `claims_overlap` when either has something else then, `not_available` when notice, horizon, a limit,
/// a buffer or leave stands against it by the settings, or the certificate that it takes to meet the person is over by then, each with the next free
/// times of the two in `alternatives`, of the four weeks after it those first that somebody wishes for; 409 `wrong_state`
/// while the match is not running, the course is paused or ended, or a needed consent is missing. Weekly hours and wishes are no limit
/// here: what two people agreed on is planned.
#[utoipa::path(operation_id = "sessions.plan", tag = "sessions", params(IdempotencyKey), request_body = PlanSession,
    responses((status = 201, body = SessionView, description = "Planned")))]
#[post("/sessions")]
async fn plan(door: web::Data<Door>, call: Call, body: Body<PlanSession>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let plan = Plan {
            id: body.id,
            matched: body.match_id,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            kind: body.kind,
            place: body.place_code.clone(),
            agreed_at: None,
        };
        if body.proposed { steps::propose(tx, &plan) } else { actions::plan(tx, &plan) }
    };
    created(&call, &door.command(&call, Capability::SessionsPlan, verb, get_view).await?.view)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only sessions of this match.
    #[serde(rename = "match")]
    #[param(rename = "match")]
    matched: Option<MatchId>,
    /// Only sessions of this case.
    case: Option<CaseId>,
    /// Only sessions of this person.
    person: Option<PersonId>,
    /// Only sessions of this series.
    series: Option<SeriesId>,
    /// Only sessions in this state.
    #[param(inline)]
    state: Option<State>,
    /// Only sessions that begin at this moment or later.
    from: Option<Instant>,
    /// Only sessions that begin before this moment.
    until: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The sessions the caller may see
///
/// In order of their start. A mentor or coach gets those of their matches, a supervisor those they supervise.
#[utoipa::path(operation_id = "sessions.list", tag = "sessions", params(Which), responses((status = 200, body = List<SessionView>, description = "One page")))]
#[get("/sessions")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, SessionId)>::read("sessions", which.limit, which.cursor.as_ref())?;
        let filter = Filter {
            matched: which.matched,
            case: which.case,
            person: which.person,
            series: which.series,
            state: which.state,
            from: which.from,
            until: which.until,
        };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |session| (session.starts_at, session.id));
        Ok(Paged { items: views(tx, items)?, next })
    };
    call.answer_list(door.read(&call, Capability::SessionsList, look_up).await?)
}

/// One session
#[utoipa::path(operation_id = "sessions.get", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session")),
    responses((status = 200, body = SessionView, description = "The session")))]
#[get("/sessions/{session_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<SessionId>) -> Answer {
    let session = door.read(&call, Capability::SessionsGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(session.version, &session)
}

/// When a session will be instead, or how.
#[derive(Deserialize, ToSchema)]
struct MoveSession {
    /// After now, and within two years; the same as before where it stays.
    starts_at: Instant,
    /// At most 24 hours later.
    ends_at: Instant,
    /// As before when not said.
    kind: Option<Kind>,
    /// As before when not said; null: no place.
    #[serde(default)]
    #[schema(value_type = Option<PlaceCode>)]
    place_code: Field<PlaceCode>,
    /// Whose side wished it.
    by: Option<Side>,
    /// Why.
    reason: Option<Reason>,
}

/// Move a session
///
/// To another time, or only to another length, kind or place; it keeps its id. Who takes part is told where it begins at another time: a longer or
/// shorter session, or another way to meet, is told to nobody. One that has begun may be moved as long as it has no log: they did not meet then. At
/// what time they did meet is for its log to say.
#[utoipa::path(operation_id = "sessions.move", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session"), IdempotencyKey, Expected), request_body = MoveSession,
    responses((status = 201, body = SessionView, description = "Moved")))]
#[post("/sessions/{session_id}/move")]
async fn move_to(door: web::Data<Door>, call: Call, path: Path<SessionId>, body: Body<MoveSession>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        let because = Because { by: body.by, reason: body.reason };
        let (starts_at, ends_at, kind, place) = (body.starts_at, body.ends_at, body.kind, body.place_code.clone());
        steps::move_because(tx, id, &expected, Arrangement { starts_at, ends_at, kind, place }, because)
    };
    created(&call, &door.command(&call, Capability::SessionsMove, verb, get_view).await?.view)
}

/// Agree on a proposed session
///
/// It is planned from then on: reminded of, and waiting for its log.
#[utoipa::path(operation_id = "sessions.confirm", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session"), IdempotencyKey),
    responses((status = 201, body = SessionView, description = "Planned")))]
#[post("/sessions/{session_id}/confirm")]
async fn confirm(door: web::Data<Door>, call: Call, path: Path<SessionId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        steps::confirm(tx, path.get()?)
    };
    created(&call, &door.command(&call, Capability::SessionsConfirm, verb, get_view).await?.view)
}

/// Let a cancelled session take place after all
///
/// At the same time, which must still be free: 409 `claims_overlap` with the next free times when it is not. A part of a joint session comes back while
/// the rest of it stands at that time, as the rest is by now; where nothing of it does: 409. Where its custody holders disagree: 409 `custody_conflict`
/// without grounds and a side to be told, and 403 for whoever is no coordinator. What never was planned, but made by a log that was another's, does not
/// come back: 409 `wrong_state`.
#[utoipa::path(operation_id = "sessions.restore", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session"), IdempotencyKey),
    responses((status = 201, body = SessionView, description = "Planned again")))]
#[post("/sessions/{session_id}/restore")]
async fn restore(door: web::Data<Door>, call: Call, path: Path<SessionId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        steps::restore(tx, path.get()?)
    };
    created(&call, &door.command(&call, Capability::SessionsRestore, verb, get_view).await?.view)
}

/// How a session is cancelled.
#[derive(Deserialize, ToSchema)]
struct CancelSession {
    /// By whose side.
    by: Side,
    /// When it was cancelled, if not now.
    happened_at: Option<Stated>,
    /// Whether a new time was agreed; a cancellation by the person without one counts as missed.
    #[serde(default)]
    new_time_agreed: bool,
    /// Why.
    reason: Option<Reason>,
}

/// Cancel a session
#[utoipa::path(operation_id = "sessions.cancel", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session"), IdempotencyKey), request_body = CancelSession,
    responses((status = 201, body = SessionView, description = "Cancelled")))]
#[post("/sessions/{session_id}/cancel")]
async fn cancel(door: web::Data<Door>, call: Call, path: Path<SessionId>, body: Body<CancelSession>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let cancellation =
            Cancellation { by: body.by, happened_at: body.happened_at.map(Stated::at), new_time_agreed: body.new_time_agreed };
        steps::cancel_because(tx, id, &cancellation, body.reason)
    };
    created(&call, &door.command(&call, Capability::SessionsCancel, verb, get_view).await?.view)
}
