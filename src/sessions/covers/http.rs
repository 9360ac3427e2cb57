//! Covers over HTTP: what a leave leaves to decide, the decision, who could cover, and a cover taken back.

use std::sync::Arc;

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions;
use super::model::{CoverList, CoverState, Decision, Record, What};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, List, Paged, Path, Registry};
use crate::base::ids::{AccountId, AnyId, DutyId, MessageId, RowId, SessionId, StaffId};
use crate::base::value::{Few, Flaw, Line};
use crate::duties;
use crate::matching::ranking::{Candidate, Exclusion};
use crate::messages;
use crate::sessions::changes::Reason;
use crate::sessions::http as sessions;
use crate::sessions::model::Side;
use crate::staff::actions::names;

/// Adds the routes of covers.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(show).service(decide).service(list_eligible).service(list_of_session).service(end);
}

/// An open promise that falls due in a leave.
#[derive(Serialize, ToSchema)]
struct LeaveDutyView {
    id: DutyId,
    kind: duties::Kind,
    /// What made it, e.g. a session.
    subject_id: AnyId,
    /// The last moment in time.
    due_at: Instant,
}

/// A message that waits for a session of a leave.
#[derive(Serialize, ToSchema)]
struct LeaveMessageView {
    id: MessageId,
    kind: messages::Kind,
    session_id: SessionId,
    /// It does not go before this.
    not_before_at: Instant,
}

/// A no of the person of a session to whoever was to cover it.
#[derive(Serialize, ToSchema)]
struct RefusedCoverView {
    session_id: SessionId,
    /// They cover no session of that match any more.
    staff_id: StaffId,
}

/// What lies in a leave: to be decided in one step.
#[derive(Serialize, ToSchema)]
struct CoverListView {
    staff_id: StaffId,
    leave_id: RowId,
    from_on: NaiveDate,
    /// The last day.
    until_on: NaiveDate,
    /// By start, 200 at most: what they would hold, and with `covered_by` what somebody covers already.
    sessions: Vec<sessions::SessionView>,
    /// Who of these sessions' people said no to whom, in that order.
    refused: Vec<RefusedCoverView>,
    /// Theirs, 200 at most; the log of a covered session is promised by whoever covers.
    duties: Vec<LeaveDutyView>,
    /// 200 at most.
    messages: Vec<LeaveMessageView>,
    /// False: there is more; decide about these first.
    is_complete: bool,
}

fn view(tx: &mut Tx<'_>, list: CoverList) -> Result<CoverListView> {
    tx.saw(list.staff);
    for duty in &list.duties {
        tx.saw(duty.id);
        duty.about.person.into_iter().for_each(|person| tx.saw(person));
    }
    for message in &list.messages {
        tx.saw(message.id);
    }
    list.refused.iter().for_each(|(_, staff)| tx.saw(*staff));
    let duty = |duty: &duties::Duty| LeaveDutyView { id: duty.id, kind: duty.kind, subject_id: duty.subject_id, due_at: duty.due_at };
    let message = |message: &messages::Message| LeaveMessageView {
        id: message.id,
        kind: message.kind,
        session_id: message.subject_id.cast(),
        not_before_at: message.not_before_at,
    };
    Ok(CoverListView {
        staff_id: list.staff,
        leave_id: list.leave,
        from_on: list.from_on,
        until_on: list.until_on,
        refused: list.refused.into_iter().map(|(session_id, staff_id)| RefusedCoverView { session_id, staff_id }).collect(),
        duties: list.duties.iter().map(duty).collect(),
        messages: list.messages.iter().map(message).collect(),
        sessions: sessions::views(tx, list.sessions)?,
        is_complete: list.is_complete,
    })
}

/// What lies in a leave
///
/// Every planned session, open promise and waiting message inside it: for a coordinator, and for whoever is away.
#[utoipa::path(operation_id = "covers.list", tag = "covers",
    params(("staff_id" = StaffId, Path, description = "Who is away"), ("leave_id" = RowId, Path, description = "Which leave")),
    responses((status = 200, body = CoverListView, description = "What is to be decided")))]
#[get("/staff/{staff_id}/leaves/{leave_id}/cover-list")]
async fn show(door: web::Data<Door>, call: Call, path: Path<(StaffId, RowId)>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (staff, leave) = path.get()?;
        let list = actions::show(tx, staff, leave)?;
        view(tx, list)
    };
    call.answer_plain(&door.read(&call, Capability::CoversList, look_up).await?)
}

/// Who covers.
#[derive(Deserialize, ToSchema)]
struct CoverBy {
    staff_id: StaffId,
}

/// When a session is instead, outside of the leave.
#[derive(Deserialize, ToSchema)]
struct CoverMove {
    /// After now.
    starts_at: Instant,
    /// At most 24 hours later.
    ends_at: Instant,
    /// Why.
    reason: Option<Reason>,
}

/// That a session is cancelled, by the side of whoever is away.
#[derive(Deserialize, ToSchema)]
struct CoverCancel {
    #[serde(default)]
    new_time_agreed: bool,
    /// Why.
    reason: Option<Reason>,
}

/// What is decided about a session: exactly one of the three.
#[derive(Deserialize, ToSchema)]
struct DecideSession {
    session_id: SessionId,
    cover: Option<CoverBy>,
    #[serde(rename = "move")]
    to: Option<CoverMove>,
    cancel: Option<CoverCancel>,
}

/// Everything that is decided in one step.
#[derive(Deserialize, ToSchema)]
struct DecideLeave {
    /// At least one.
    decisions: Few<DecideSession, { actions::MOST }, 1>,
}

fn decisions(body: &DecideLeave) -> Result<Vec<Decision>> {
    let read = |(place, decision): (usize, &DecideSession)| {
        let what = match (&decision.cover, &decision.to, &decision.cancel) {
            (Some(by), None, None) => What::Cover(by.staff_id),
            (None, Some(to), None) => What::Move { starts_at: to.starts_at, ends_at: to.ends_at, reason: to.reason },
            (None, None, Some(cancel)) => What::Cancel { new_time_agreed: cancel.new_time_agreed, reason: cancel.reason },
            _ => {
                let pointer = format!("/decisions/{place}");
                return Err(Flaw::NotOne.refused(pointer));
            }
        };
        Ok(Decision { session: decision.session_id, what })
    };
    body.decisions.iter().enumerate().map(read).collect()
}

/// Decide what becomes of the sessions in a leave
///
/// For each: another member of staff covers it, it moves out of the leave, or it is cancelled. All of it in one step or nothing, and each person is
/// told once. Whoever covers passes the match's hard limits (422 with each that they do not) and has the time (409 `claims_overlap` names every
/// session of which this is not so, with other times for the first); they see the session from now on and the person from some days before it, both
/// until some days after it, and nothing else of the match. That another comes is told by hand: a promise says so. Who went in the place of somebody to a session
/// that has begun can be said as long as it has no log; moved or cancelled it is not any more (422 `has_begun`).
/// Once nothing of a match is left to decide in the leave, here or by its sessions' own verbs, the promise to the unit is kept; what begins undecided
/// is left until it is logged, cancelled or moved, or it is said who went. A proposal that nobody answered needs no decision once it is past.
#[utoipa::path(operation_id = "covers.decide", tag = "covers",
    params(("staff_id" = StaffId, Path, description = "Who is away"), ("leave_id" = RowId, Path, description = "Which leave"), IdempotencyKey), request_body = DecideLeave,
    responses((status = 201, body = CoverListView, description = "Decided; what lies in the leave now")))]
#[post("/staff/{staff_id}/leaves/{leave_id}/cover-decisions")]
async fn decide(door: web::Data<Door>, call: Call, path: Path<(StaffId, RowId)>, body: Body<DecideLeave>) -> Answer {
    let path = Arc::new(path);
    let asked = Arc::clone(&path);
    let verb = move |tx: &mut Tx<'_>| {
        let ((staff, leave), body) = (path.get()?, body.get()?);
        actions::decide(tx, staff, leave, &decisions(body)?)
    };
    let look_up = move |tx: &mut Tx<'_>, staff: StaffId| {
        let (_, leave) = asked.get()?;
        let list = actions::show(tx, staff, leave)?;
        view(tx, list)
    };
    let list = door.command(&call, Capability::CoversDecide, verb, look_up).await?.view;
    call.created(&format!("/v1/staff/{}/leaves/{}/cover-list", list.staff_id, list.leave_id), 1, &list)
}

/// Somebody who could cover, or why not.
#[derive(Serialize, ToSchema)]
struct CoverCandidate {
    staff_id: StaffId,
    name: Option<Line>,
    /// Whether nothing excludes them.
    eligible: bool,
    /// Why not.
    exclusions: Vec<Exclusion>,
}

/// Who could cover a session
///
/// Everybody on the staff of the track but whoever runs the match, tested for the session's date; whether they have the time shows when it is
/// decided.
#[utoipa::path(operation_id = "covers.eligible", tag = "covers", params(("session_id" = SessionId, Path, description = "Which session")),
    responses((status = 200, body = List<CoverCandidate>, description = "Everybody, with what excludes them")))]
#[get("/sessions/{session_id}/eligible-covers")]
async fn list_eligible(door: web::Data<Door>, call: Call, path: Path<SessionId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let found = actions::list_eligible(tx, path.get()?)?;
        let ids: Vec<StaffId> = found.iter().map(|(candidate, _)| candidate.staff).collect();
        let mut names = names(tx, &ids)?;
        let view = |(candidate, exclusions): (Candidate, Vec<Exclusion>)| CoverCandidate {
            staff_id: candidate.staff,
            name: names.remove(&candidate.staff),
            eligible: exclusions.is_empty(),
            exclusions,
        };
        Ok(Paged::all(found.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::CoversEligible, look_up).await?)
}

/// A cover of a session.
#[derive(Serialize, ToSchema)]
struct CoverView {
    /// Who covers, covered, or would have.
    staff_id: StaffId,
    name: Option<Line>,
    state: CoverState,
    /// From when.
    decided_at: Instant,
    decided_by: AccountId,
    /// Until when; null: it stands.
    ended_at: Option<Instant>,
    /// Null also where nobody at hand ended it.
    ended_by: Option<AccountId>,
}

/// Who covered a session
///
/// Every cover that was decided, what became of it and by whom, in the order of the decisions: for whoever sees the match.
#[utoipa::path(operation_id = "covers.of_session", tag = "covers", params(("session_id" = SessionId, Path, description = "Which session")),
    responses((status = 200, body = List<CoverView>, description = "All of them, in one page")))]
#[get("/sessions/{session_id}/covers")]
async fn list_of_session(door: web::Data<Door>, call: Call, path: Path<SessionId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let found = actions::history(tx, path.get()?)?;
        let ids: Vec<StaffId> = found.iter().map(|record| record.staff).collect();
        let names = names(tx, &ids)?;
        let view = |record: Record| CoverView {
            staff_id: record.staff,
            name: names.get(&record.staff).cloned(),
            state: record.state,
            decided_at: record.decided_at,
            decided_by: record.decided_by,
            ended_at: record.ended_at,
            ended_by: record.ended_by,
        };
        Ok(Paged::all(found.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::CoversOfSession, look_up).await?)
}

/// Who does not want it.
#[derive(Deserialize, ToSchema)]
struct EndCover {
    /// The person said no, whoever covers cannot, or the unit decided otherwise.
    by: Side,
}

/// Take a cover back
///
/// The session stays planned, with whoever runs the match, and is open to decide again. Whoever covered does not see it any more. To whom the
/// person says no they cover none of its match again (`said_no`): what they were to cover is taken back, too. Once it has begun it is 409.
#[utoipa::path(operation_id = "covers.end", tag = "covers", params(("session_id" = SessionId, Path, description = "Which session"), IdempotencyKey), request_body = EndCover,
    responses((status = 201, body = sessions::SessionView, description = "Taken back"),
        (status = 202, description = "Taken back by whoever covered")))]
#[post("/sessions/{session_id}/end-cover")]
async fn end(door: web::Data<Door>, call: Call, path: Path<SessionId>, body: Body<EndCover>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::end(tx, id, body.by)
    };
    let shown = |tx: &mut Tx<'_>, id| match sessions::get_view(tx, id) {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    };
    match door.command(&call, Capability::CoversEnd, verb, shown).await?.view {
        Some(session) => sessions::created(&call, &session),
        None => call.accepted(),
    }
}
