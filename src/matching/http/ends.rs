//! Ends of matches and what follows, over HTTP: for coordinators.

use actix_web::{post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MatchView, created, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Empty, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, MatchId, StaffId};
use crate::base::value::{Few, Text};
use crate::corrections::Correction;
use crate::matching::actions;
use crate::matching::model::{EndReason, EndStep, FormerEnd, Match, RepairOutcome, Talk};
use crate::matching::ranking::Asked;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry
        .service(end)
        .service(correct_end)
        .service(set_end_steps)
        .service(record_repair)
        .service(correct_repair)
        .service(retract_repair)
        .service(hand_over)
        .service(release_logs)
        .service(take_back_logs);
}

/// Why a match ends.
#[derive(Deserialize, ToSchema)]
struct EndMatch {
    /// `person_wish`, `staff_wish` or `other`: each other reason comes with its own operation. Of a proposal `other` alone: a no is an answer.
    reason: EndReason,
    words: Option<Text>,
    /// When it ended, if not now.
    happened_at: Option<Stated>,
}

/// End a match, or withdraw a proposal
///
/// What was planned after it is cancelled. The mentor or coach keeps seeing it for a short grace, for the last logs.
#[utoipa::path(operation_id = "matches.end", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match"), IdempotencyKey), request_body = EndMatch,
    responses((status = 201, body = MatchView, description = "Ended")))]
#[post("/matches/{match_id}/end")]
async fn end(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<EndMatch>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::end(tx, id, body.reason, body.words.clone(), body.happened_at.map(Stated::at))
    };
    created(&call, &door.command(&call, Capability::MatchesEnd, verb, get_view).await?.view)
}

/// An end that was put right.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerMatchEndView {
    ended_at: Instant,
    reason: Option<EndReason>,
    words: Option<Text>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

/// What was recorded of a match's end before each correction, the first first.
pub(super) fn former(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<FormerMatchEndView>> {
    let all = actions::corrections::former_ends(tx, matched)?.into_iter();
    let view = |Correction { former, corrected_at, corrected_by, .. }| {
        let FormerEnd { ended_at, reason, words } = former;
        FormerMatchEndView { ended_at, reason, words, corrected_at, corrected_by }
    };
    Ok(all.map(view).collect())
}

/// Why and when a match ended.
#[derive(Deserialize, ToSchema)]
struct CorrectMatchEnd {
    /// `person_wish`, `staff_wish` or `other`.
    reason: EndReason,
    words: Option<Text>,
    /// When it ended; as it was recorded, if not said.
    happened_at: Option<Stated>,
}

/// Correct why and when a match ended
///
/// The whole anew; what was recorded before is kept. Promises, the grace and the figures go by the corrected moment; what was sent stays sent, and
/// what was cancelled stays off. The same again changes nothing. A match that ended with something else is corrected there.
#[utoipa::path(operation_id = "matches.correct_end", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ended"), Expected), request_body = CorrectMatchEnd,
    responses((status = 200, body = MatchView, description = "Corrected")))]
#[put("/matches/{match_id}/end")]
async fn correct_end(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<CorrectMatchEnd>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::corrections::correct_end(tx, id, &expected, body.reason, body.words.clone(), body.happened_at.map(Stated::at))?;
        get_view(tx, id)
    };
    let matched = door.write(&call, Capability::MatchesCorrectEnd, verb).await?;
    call.answer(matched.version, &matched)
}

/// What was done: these, and nothing else.
#[derive(Deserialize, ToSchema)]
struct SetEndSteps {
    steps: Few<EndStep, 20>,
}

/// Tick off what an ended match leaves to do
///
/// All that was done; what is missing of the list `end_steps` is left to do.
#[utoipa::path(operation_id = "matches.set_end_steps", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ended"), Expected), request_body = SetEndSteps,
    responses((status = 200, body = MatchView, description = "Set")))]
#[put("/matches/{match_id}/end-steps")]
async fn set_end_steps(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<SetEndSteps>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::set_end_steps(tx, id, &expected, body.steps.to_vec())?;
        get_view(tx, id)
    };
    let matched = door.write(&call, Capability::MatchesSetEndSteps, verb).await?;
    call.answer(matched.version, &matched)
}

/// What came of the talk.
#[derive(Deserialize, ToSchema)]
struct RecordRepair {
    outcome: RepairOutcome,
    /// What was said.
    words: Option<Text>,
    /// When it was, if not now.
    happened_at: Option<Stated>,
}

/// Record the talk before somebody else is proposed
///
/// Asked for where a match ended because one of the two wished it: without it nobody else can be proposed for the course. That it could not
/// be had is an outcome, too.
#[utoipa::path(operation_id = "matches.record_repair", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ended"), IdempotencyKey), request_body = RecordRepair,
    responses((status = 201, body = MatchView, description = "Recorded")))]
#[post("/matches/{match_id}/repair-talk")]
async fn record_repair(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<RecordRepair>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::record_repair(tx, id, body.outcome, body.words.clone(), body.happened_at.map(Stated::at))
    };
    created(&call, &door.command(&call, Capability::MatchesRecordRepair, verb, get_view).await?.view)
}

/// A talk that was put right, or taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerTalkView {
    outcome: RepairOutcome,
    held_at: Instant,
    words: Option<Text>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

/// What was recorded of the talk after a match before each correction, the first first.
pub(super) fn former_talks(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<FormerTalkView>> {
    let view = |Correction { former: Talk { outcome, held_at, words }, corrected_at, corrected_by, .. }| FormerTalkView {
        outcome,
        held_at,
        words,
        corrected_at,
        corrected_by,
    };
    Ok(actions::corrections::former_talks(tx, matched)?.into_iter().map(view).collect())
}

/// What came of the talk.
#[derive(Deserialize, ToSchema)]
struct CorrectRepair {
    outcome: RepairOutcome,
    /// What was said.
    words: Option<Text>,
    /// When it was; as it was recorded, if not said.
    happened_at: Option<Stated>,
}

/// Correct the talk before somebody else is proposed
///
/// The whole anew; what was recorded before is kept. The same again changes nothing.
#[utoipa::path(operation_id = "matches.correct_repair", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ended"), Expected), request_body = CorrectRepair,
    responses((status = 200, body = MatchView, description = "Corrected")))]
#[put("/matches/{match_id}/repair-talk")]
async fn correct_repair(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<CorrectRepair>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::corrections::correct_talk(tx, id, &expected, body.outcome, body.words.clone(), body.happened_at.map(Stated::at))?;
        get_view(tx, id)
    };
    let matched = door.write(&call, Capability::MatchesCorrectRepair, verb).await?;
    call.answer(matched.version, &matched)
}

/// Take back a talk that never was
///
/// What was recorded is kept. The talk is asked for again before anybody else is proposed; whoever is proposed already stays so.
#[utoipa::path(operation_id = "matches.retract_repair", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ended"), IdempotencyKey),
    responses((status = 201, body = MatchView, description = "Taken back")))]
#[post("/matches/{match_id}/repair-talk/retract")]
async fn retract_repair(door: web::Data<Door>, call: Call, path: Path<MatchId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::corrections::retract_talk(tx, id)
    };
    created(&call, &door.command(&call, Capability::MatchesRetractRepair, verb, get_view).await?.view)
}

/// Who takes over.
#[derive(Deserialize, ToSchema)]
struct HandOver {
    staff_id: StaffId,
    /// Whether whoever takes over knows the person or the family, as they are asked; who does cannot, unless asked for by `again`.
    knows_person: Option<bool>,
    /// Ask for the same mentor as a sibling's.
    #[serde(default)]
    same_family: bool,
    /// Ask once more for a pair of whom one said no before, or that knows the family.
    #[serde(default)]
    again: bool,
    /// Why.
    words: Option<Text>,
    /// When, if not now.
    happened_at: Option<Stated>,
}

/// Hand a match over to another mentor or coach
///
/// Ends it and starts the next in one step, on the same terms: both the person and whoever takes over have said yes to it. Where its expected end
/// is over, the next is expected to last as long as one of which nothing is said. The old logs stay hidden from the next until they are released. 422 names each limit that excludes whoever would take over.
#[utoipa::path(operation_id = "matches.hand_over", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match ends"), IdempotencyKey), request_body = HandOver,
    responses((status = 201, body = MatchView, description = "The next match")))]
#[post("/matches/{match_id}/hand-over")]
async fn hand_over(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<HandOver>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let asked = Asked { same_family: body.same_family, again: body.again };
        actions::hand_over(tx, id, (body.staff_id, body.knows_person), asked, body.words.clone(), body.happened_at.map(Stated::at))
    };
    created(&call, &door.command(&call, Capability::MatchesHandOver, verb, get_view).await?.view)
}

/// To whom the logs are shown.
#[derive(Deserialize, ToSchema)]
struct ReleaseLogs {
    /// A running match of the same course.
    to_match_id: MatchId,
}

/// Release the logs of a match to the next
///
/// Whoever runs the later match of the course may read the logs of this one as long as they do.
#[utoipa::path(operation_id = "matches.release_logs", tag = "matching", params(("match_id" = MatchId, Path, description = "Whose logs"), IdempotencyKey), request_body = ReleaseLogs,
    responses((status = 201, body = MatchView, description = "Released")))]
#[post("/matches/{match_id}/release-logs")]
async fn release_logs(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<ReleaseLogs>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::release_logs(tx, id, body.to_match_id)
    };
    created(&call, &door.command(&call, Capability::MatchesReleaseLogs, verb, get_view).await?.view)
}

/// Take released logs back
///
/// From now on whoever runs the later match reads the logs of this one no more. They may be released anew.
#[utoipa::path(operation_id = "matches.take_back_logs", tag = "matching", params(("match_id" = MatchId, Path, description = "Whose logs"), IdempotencyKey), request_body = ReleaseLogs,
    responses((status = 201, body = MatchView, description = "Taken back")))]
#[post("/matches/{match_id}/release-logs/end")]
async fn take_back_logs(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<ReleaseLogs>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::take_back_logs(tx, id, body.to_match_id)
    };
    created(&call, &door.command(&call, Capability::MatchesTakeBackLogs, verb, get_view).await?.view)
}
