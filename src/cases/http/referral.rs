//! The referral of a case over HTTP.

use actix_web::{post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseView, answer};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Empty, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, CaseId};
use crate::base::value::{Line, Text};
use crate::base::vault::{Holder, Place};
use crate::cases::actions::referral as actions;
use crate::cases::model::{Acceptance, Case, FormerReferral, Reopening};
use crate::corrections::Correction;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(refer).service(correct).service(retract).service(accept_referral);
}

/// A referral that was recorded wrongly, or never was.
#[derive(Serialize, ToSchema)]
struct FormerReferralView {
    to: String,
    referred_at: Instant,
    late_reason: Option<Text>,
    /// When one that was taken back had been recorded; null: it was corrected, and what follows stayed.
    recorded_at: Option<Instant>,
    accepted_at: Option<Instant>,
    acceptance: Option<Acceptance>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

impl From<Correction<FormerReferral>> for FormerReferralView {
    fn from(Correction { former, corrected_at, corrected_by, .. }: Correction<FormerReferral>) -> Self {
        let FormerReferral { to, referred_at, late_reason, recorded_at, accepted_at, acceptance } = former;
        Self { to, referred_at, late_reason, recorded_at, accepted_at, acceptance, corrected_at, corrected_by }
    }
}

/// How a case was referred (visitation).
#[derive(Serialize, ToSchema)]
pub(super) struct ReferralView {
    /// The receiving authority.
    to: Option<String>,
    /// When (stated); null while it is not referred.
    referred_at: Option<Instant>,
    recorded_at: Option<Instant>,
    /// The last moment in time.
    due_at: Instant,
    /// Whether it was, or is, missed.
    late: bool,
    /// Why the limit was missed.
    late_reason: Option<Text>,
    /// When the receiving authority accepted (stated).
    accepted_at: Option<Instant>,
    /// By whom, and what they do first.
    acceptance: Option<Acceptance>,
    /// What was recorded before each correction, and of each that was taken back, the first first.
    former: Vec<FormerReferralView>,
}

/// The referral of a case, opened.
pub(super) fn view(tx: &mut Tx<'_>, case: &Case, reopenings: &[Reopening]) -> Result<ReferralView> {
    let (holder, place) = (Holder::case(case.id), |column| Place::new("cases", column, case.id));
    let late_reason = case.late_reason.as_ref().map(|sealed| tx.open(holder, place("referral_late_reason"), sealed)).transpose()?;
    let acceptance = case.acceptance.as_ref().map(|sealed| tx.open(holder, place("referral_acceptance"), sealed)).transpose()?;
    let due_at = actions::due_at(tx, case)?;
    // What was not referred by its first closing was missed then, or fell away.
    let closed_at = reopenings.first().map(|reopening| reopening.closed_at).or(case.closed_at);
    Ok(ReferralView {
        to: case.referred_to.clone(),
        referred_at: case.referred_at,
        recorded_at: case.referred_recorded_at,
        due_at,
        late: case.referred_at.or(closed_at).unwrap_or(tx.now) > due_at,
        late_reason,
        accepted_at: case.referral_accepted_at,
        acceptance,
        former: actions::former(tx, case.id)?.into_iter().map(FormerReferralView::from).collect(),
    })
}

/// How the case is referred.
#[derive(Deserialize, ToSchema)]
struct Refer {
    /// The receiving authority.
    to: Line,
    happened_at: Stated,
    /// Why the limit was missed; may follow later.
    late_reason: Option<Text>,
}

/// Refer a case to a receiving authority
///
/// A missed limit never blocks: it is recorded and counted.
#[utoipa::path(operation_id = "cases.refer", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = Refer,
    responses((status = 201, body = CaseView, description = "Referred")))]
#[post("/cases/{case_id}/refer")]
async fn refer(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<Refer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::refer(tx, id, &body.to, body.happened_at.at(), body.late_reason.as_ref())
    };
    answer(&call, &door.command(&call, Capability::CasesRefer, verb, super::view).await?.view)
}

/// Correct to whom and when a case was referred
///
/// The whole anew; what was recorded before is kept. The promise and the figures go by the corrected moment. The same again changes nothing.
#[utoipa::path(operation_id = "cases.correct_referral", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), Expected),
    request_body = Refer, responses((status = 200, body = CaseView, description = "Corrected")))]
#[put("/cases/{case_id}/referral")]
async fn correct(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<Refer>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::correct(tx, id, &expected, &body.to, body.happened_at.at(), body.late_reason.as_ref())?;
        super::view(tx, id)
    };
    let case = door.write(&call, Capability::CasesCorrectReferral, verb).await?;
    call.answer(case.version, &case)
}

/// Take back a referral that never was
///
/// With its acceptance: the case is still to be referred, by the same last moment, which may have passed. What was recorded is kept. 409 names
/// each offer that was made since.
#[utoipa::path(operation_id = "cases.retract_referral", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey),
    responses((status = 201, body = CaseView, description = "Taken back; the promise is open again")))]
#[post("/cases/{case_id}/referral/retract")]
async fn retract(door: web::Data<Door>, call: Call, path: Path<CaseId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::retract(tx, id)
    };
    answer(&call, &door.command(&call, Capability::CasesRetractReferral, verb, super::view).await?.view)
}

/// How the receiving authority accepted.
#[derive(Deserialize, ToSchema)]
struct AcceptReferral {
    /// Who accepted it.
    by: Line,
    /// The first thing they do.
    first_action: Text,
    happened_at: Stated,
}

/// Record that the receiving authority accepted the referral
#[utoipa::path(operation_id = "cases.accept_referral", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey),
    request_body = AcceptReferral, responses((status = 201, body = CaseView, description = "Recorded")))]
#[post("/cases/{case_id}/accept_referral")]
async fn accept_referral(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<AcceptReferral>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let acceptance = Acceptance { by: body.by.clone(), first_action: body.first_action.clone() };
        actions::accept(tx, id, body.happened_at.at(), &acceptance)
    };
    answer(&call, &door.command(&call, Capability::CasesAcceptReferral, verb, super::view).await?.view)
}
