//! Joint sessions over HTTP: each side sees its own part.

use actix_web::{get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions;
use super::model::{JointCancellation, JointPlan};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{CaseId, JointId, MatchId};
use crate::base::value::{Few, Field, Text};
use crate::matching::PlaceCode;
use crate::sessions::changes::{Because, Reason};
use crate::sessions::http::{SessionView, views};
use crate::sessions::model::{Arrangement, Kind, Side};

/// Adds the routes of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(plan).service(show).service(move_to).service(cancel).service(ground);
}

/// A joint session, as far as the caller may see: a mentor or coach gets their own part and learns nothing of the others.
#[derive(Serialize, ToSchema)]
struct JointView {
    id: JointId,
    /// For coordinators.
    case_id: Option<CaseId>,
    /// The parts the caller may see; each with a log, a state and answers of its own.
    sessions: Vec<SessionView>,
    /// The one match whose side gets messages, the others are told by hand; null: each side its own. For coordinators.
    told_match_id: Option<MatchId>,
    /// Why it is right although the custody holders disagree. For coordinators.
    grounds: Option<Text>,
    /// When a coordinator said so. For coordinators.
    grounds_at: Option<Instant>,
    /// When it was planned; null for whoever only covers parts of it.
    recorded_at: Option<Instant>,
    /// Counts up with each change; for whoever only covers parts of it with these, since they do.
    version: i64,
}

fn get_view(tx: &mut Tx<'_>, id: JointId) -> Result<JointView> {
    let (joint, parts) = actions::get(tx, id)?;
    let (all, shown_as_cover) = (tx.reaches(Reach::All), actions::find_shown_as_cover(tx, &parts)?);
    let of_before = shown_as_cover.is_none_or(|covered| !covered.hides_before);
    tx.saw(joint.id);
    Ok(JointView {
        id,
        case_id: all.then_some(joint.case),
        sessions: views(tx, parts)?,
        told_match_id: joint.told.filter(|_| all),
        grounds: if all { actions::grounds(tx, &joint)? } else { None },
        grounds_at: joint.grounds_at.filter(|_| all),
        recorded_at: of_before.then_some(joint.recorded_at),
        version: shown_as_cover.map_or(joint.version, |covered| covered.version),
    })
}

fn created(call: &Call, joint: &JointView) -> Answer {
    call.created(&format!("/v1/joint-sessions/{}", joint.id), joint.version, joint)
}

/// A joint session to be planned.
#[derive(Deserialize, ToSchema)]
struct PlanJointSession {
    /// Two to six running matches of one case; across different staff only by a coordinator.
    match_ids: Few<MatchId, 6, 2>,
    /// After now.
    starts_at: Instant,
    /// At most 24 hours later.
    ends_at: Instant,
    kind: Kind,
    place_code: Option<PlaceCode>,
    /// Why it is right although the custody holders disagree: a coordinator's words, sealed under the case. Needed where they do.
    grounds: Option<Text>,
    /// The one of the matches whose side gets messages; the others are told by hand. Needed where the custody holders disagree.
    told_match_id: Option<MatchId>,
}

/// Plan a joint session
///
/// One session a match, all at one time; whoever takes part in several has the time once. Where the custody holders of the case disagree:
/// 409 `custody_conflict` without grounds and a side to be told, which only a coordinator gives.
#[utoipa::path(operation_id = "joint_sessions.plan", tag = "sessions", params(IdempotencyKey), request_body = PlanJointSession,
    responses((status = 201, body = JointView, description = "Planned")))]
#[post("/joint-sessions")]
async fn plan(door: web::Data<Door>, call: Call, body: Body<PlanJointSession>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let plan = JointPlan {
            matches: body.match_ids.to_vec(),
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            kind: body.kind,
            place: body.place_code.clone(),
            grounds: body.grounds.clone(),
            told: body.told_match_id,
        };
        actions::plan(tx, &plan)
    };
    created(&call, &door.command(&call, Capability::JointSessionsPlan, verb, get_view).await?.view)
}

/// One joint session
#[utoipa::path(operation_id = "joint_sessions.get", tag = "sessions", params(("joint_id" = JointId, Path, description = "Which joint session")),
    responses((status = 200, body = JointView, description = "The joint session, as far as the caller may see")))]
#[get("/joint-sessions/{joint_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<JointId>) -> Answer {
    let joint = door.read(&call, Capability::JointSessionsGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(joint.version, &joint)
}

/// When a joint session will be instead, or how.
#[derive(Deserialize, ToSchema)]
struct MoveJointSession {
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
    /// Of which match, one whose part is planned and has not begun: that is moved by that side, the others by the unit. Needed with `person`, and with `staff`
    /// where more than one of them meets the planned parts.
    match_id: Option<MatchId>,
    /// Why: with a match it stands in the history of its part alone.
    reason: Option<Reason>,
}

/// Move a joint session
///
/// Every part that is planned and has not begun, to another time, or only to another length, kind or place; a part is never moved alone. One that began
/// stays and waits for its log; 409 `wrong_state` where all have. 403 for whoever sees one side alone.
/// What one side wished and why is told to no other: its match is named, and 422 where a person wished it, or one of several staff, and none is.
#[utoipa::path(operation_id = "joint_sessions.move", tag = "sessions", params(("joint_id" = JointId, Path, description = "Which joint session"), IdempotencyKey, Expected), request_body = MoveJointSession,
    responses((status = 201, body = JointView, description = "Moved")))]
#[post("/joint-sessions/{joint_id}/move")]
async fn move_to(door: web::Data<Door>, call: Call, path: Path<JointId>, body: Body<MoveJointSession>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        let because = Because { by: body.by, reason: body.reason };
        let (starts_at, ends_at, kind, place) = (body.starts_at, body.ends_at, body.kind, body.place_code.clone());
        actions::move_to(tx, id, &expected, &Arrangement { starts_at, ends_at, kind, place }, (because, body.match_id))
    };
    created(&call, &door.command(&call, Capability::JointSessionsMove, verb, get_view).await?.view)
}

/// How a joint session is cancelled.
#[derive(Deserialize, ToSchema)]
struct CancelJointSession {
    /// By whose side.
    by: Side,
    /// Of which match, one whose part is planned: that is cancelled by that side, the others by the unit. Needed with `person`, and with
    /// `staff` where more than one of them meets the planned parts.
    match_id: Option<MatchId>,
    /// When it was cancelled, if not now.
    happened_at: Option<Stated>,
    /// Whether a new time was agreed; a cancellation by a person without one counts as missed, for that person alone.
    #[serde(default)]
    new_time_agreed: bool,
    /// Why: with a match it stands in the history of its part alone.
    reason: Option<Reason>,
}

/// Cancel a joint session
///
/// Every part that is still planned. One side that cannot come cancels its own session; the others then meet without it. Why one side cancelled
/// is told to no other: its match is named, and 422 where a person cancelled, or one of several staff, and none is.
#[utoipa::path(operation_id = "joint_sessions.cancel", tag = "sessions", params(("joint_id" = JointId, Path, description = "Which joint session"), IdempotencyKey), request_body = CancelJointSession,
    responses((status = 201, body = JointView, description = "Cancelled")))]
#[post("/joint-sessions/{joint_id}/cancel")]
async fn cancel(door: web::Data<Door>, call: Call, path: Path<JointId>, body: Body<CancelJointSession>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let CancelJointSession { by, match_id, happened_at, new_time_agreed, reason } = *body;
        let happened_at = happened_at.map(Stated::at);
        actions::cancel(tx, id, &JointCancellation { by, matched: match_id, happened_at, new_time_agreed, reason })
    };
    created(&call, &door.command(&call, Capability::JointSessionsCancel, verb, get_view).await?.view)
}

/// Why a joint session is right although the custody holders disagree.
#[derive(Deserialize, ToSchema)]
struct GroundJointSession {
    /// A coordinator's words, sealed under the case.
    grounds: Text,
    /// The one of its matches whose side gets messages; the others are told by hand.
    told_match_id: MatchId,
}

/// Ground a joint session where the custody holders disagree
///
/// For one that was planned before they did, or to choose anew who gets the messages. Until then nobody gets any, and everybody is told
/// by hand.
#[utoipa::path(operation_id = "joint_sessions.ground", tag = "sessions", params(("joint_id" = JointId, Path, description = "Which joint session"), Expected), request_body = GroundJointSession,
    responses((status = 200, body = JointView, description = "Recorded; waiting messages are planned anew")))]
#[put("/joint-sessions/{joint_id}/grounds")]
async fn ground(door: web::Data<Door>, call: Call, path: Path<JointId>, body: Body<GroundJointSession>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::ground(tx, id, &asked.expected()?, &body.grounds, body.told_match_id)?;
        get_view(tx, id)
    };
    let joint = door.write(&call, Capability::JointSessionsGround, verb).await?;
    call.answer(joint.version, &joint)
}
