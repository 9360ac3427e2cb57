//! Answers to proposals, over HTTP.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, MatchId};
use crate::base::value::Text;
use crate::corrections::Correction;
use crate::matching::actions;
use crate::matching::model::{DeclineReason, FormerYes, Given, Match, Said, Side, State};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(answer).service(answer_for_person).service(start);
}

/// The answer of the mentor or coach.
#[derive(Deserialize, ToSchema)]
struct AnswerMatch {
    accepted: bool,
    /// Whether they know the person or the family, as they are asked: a yes needs the answer. Who does says no, unless a coordinator who knows of
    /// it asked again.
    knows_person: Option<bool>,
    /// Why they say no; a no needs it. `too_far` is kept as `other` where the address is protected.
    reason: Option<DeclineReason>,
    /// The reason in words; the other side does not see it.
    words: Option<Text>,
    /// When it was given, if not now.
    happened_at: Option<Stated>,
}

/// The person's answer.
#[derive(Deserialize, ToSchema)]
struct AnswerForPerson {
    accepted: bool,
    /// Why they say no; a no needs it. `too_far` is kept as `other` where the address is protected.
    reason: Option<DeclineReason>,
    /// The reason in words; the other side does not see it.
    words: Option<Text>,
    /// When it was given, if not now.
    happened_at: Option<Stated>,
}

/// A yes that became a no.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerYesView {
    /// The mentor's or coach's; else the person's.
    by_staff: bool,
    /// When it was given (stated).
    said_at: Instant,
    /// What the member of staff said to whether they know the person or the family.
    knows_person: Option<bool>,
    words: Option<Text>,
    turned_at: Instant,
    /// Who wrote the no down.
    turned_by: AccountId,
}

/// The yeses to a proposal that became a no, the first first.
pub(super) fn former(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<FormerYesView>> {
    let view = |Correction { former, corrected_at: turned_at, corrected_by: turned_by, .. }| {
        let FormerYes { by_staff, said_at, knows_person, words } = former;
        FormerYesView { by_staff, said_at, knows_person, words, turned_at, turned_by }
    };
    Ok(actions::corrections::former_yeses(tx, matched)?.into_iter().map(view).collect())
}

/// What became of a proposal.
#[derive(Serialize, ToSchema)]
struct Outcome {
    id: MatchId,
    state: State,
    /// Both said yes, and still it does not run: the pair holds no longer as it was proposed. The unit will be in touch.
    is_held: bool,
    version: i64,
}

/// Whoever said no sees the match no longer: the answer says what became of it, not what may be read afterwards.
fn outcome(tx: &mut Tx<'_>, id: MatchId) -> Result<Outcome> {
    actions::outcome_of(tx, id).map(|(state, is_held, version)| Outcome { id, state, is_held, version })
}

fn created(call: &Call, outcome: &Outcome) -> Answer {
    call.created(&format!("/v1/matches/{}", outcome.id), outcome.version, outcome)
}

/// Answer a proposal as the mentor or coach
///
/// The member of staff answers; a coordinator may record it for them. The second yes starts the match, a no ends the proposal. A pair that no
/// longer holds is not started: the answer is kept (`is_held`), a coordinator reads why on the match, and may start it later. What was said
/// in time may be sent after the proposal expired, with `happened_at`, as long as the course has nobody else, nor had since. A no is taken
/// whatever became of the proposal, also later: it is for what is proposed next. Until the match runs a no may follow a yes, which is kept; a yes
/// never follows a no: whoever changes their mind is proposed `again`.
#[utoipa::path(operation_id = "matches.answer", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match"), IdempotencyKey), request_body = AnswerMatch,
    responses((status = 201, body = Outcome, description = "Answered")))]
#[post("/matches/{match_id}/answer")]
async fn answer(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<AnswerMatch>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let given = Given { reason: body.reason, knows_person: body.knows_person };
        let said = Said { accepted: body.accepted, given, words: body.words.clone(), happened_at: body.happened_at.map(Stated::at) };
        actions::answer(tx, id, Side::Staff, said)
    };
    created(&call, &door.command(&call, Capability::MatchesAnswer, verb, outcome).await?.view)
}

/// Record the person's answer to a proposal
///
/// As with the mentor's or coach's: the second yes starts the match, unless the pair no longer holds; until then a no may follow a yes.
#[utoipa::path(operation_id = "matches.answer_for_person", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match"), IdempotencyKey), request_body = AnswerForPerson,
    responses((status = 201, body = Outcome, description = "Answered")))]
#[post("/matches/{match_id}/answer-for-person")]
async fn answer_for_person(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<AnswerForPerson>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let given = Given { reason: body.reason, knows_person: None };
        let said = Said { accepted: body.accepted, given, words: body.words.clone(), happened_at: body.happened_at.map(Stated::at) };
        actions::answer(tx, id, Side::Person, said)
    };
    created(&call, &door.command(&call, Capability::MatchesAnswerForPerson, verb, outcome).await?.view)
}

/// Start a match that was held
///
/// Both said yes, but the pair no longer held as it was proposed (`held_by`). Once nothing is in its way it runs, from now on. 409 and 422
/// name what still is.
#[utoipa::path(operation_id = "matches.start", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match"), IdempotencyKey),
    responses((status = 201, body = Outcome, description = "It runs")))]
#[post("/matches/{match_id}/start")]
async fn start(door: web::Data<Door>, call: Call, path: Path<MatchId>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| actions::start_held(tx, path.get()?);
    created(&call, &door.command(&call, Capability::MatchesStart, verb, outcome).await?.view)
}
