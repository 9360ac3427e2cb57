//! Home visits of a case over HTTP.

use actix_web::{post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseView, answer};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Empty, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{CaseId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::cases::actions::visits as actions;
use crate::cases::model::{Correction, Visit, VisitFinding, VisitOutcome};
use crate::enquiries::http::former::{self, FormerVisitView};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(decide).service(record).service(correct).service(retract);
}

/// A home visit of a case.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseVisitView)]
pub(super) struct VisitView {
    id: RowId,
    case_id: CaseId,
    /// When it was decided (stated).
    decided_at: Instant,
    /// When it was done (stated); null while it is only decided.
    visited_at: Option<Instant>,
    outcome: Option<VisitOutcome>,
    /// Who went, who was met, what was seen.
    notes: Option<Text>,
    /// What was recorded before each correction, the first first.
    former: Vec<FormerVisitView>,
    recorded_at: Instant,
    version: i64,
}

fn view(tx: &mut Tx<'_>, visit: Visit, corrections: &[Correction]) -> Result<VisitView> {
    let place = Place::new("home_visits", "notes", visit.id);
    Ok(VisitView {
        id: visit.id,
        case_id: visit.case,
        decided_at: visit.decided_at,
        visited_at: visit.visited_at,
        outcome: visit.outcome,
        notes: visit.notes.as_ref().map(|sealed| tx.open(Holder::case(visit.case), place, sealed)).transpose()?,
        former: former::visits(corrections, visit.id),
        recorded_at: visit.recorded_at,
        version: visit.version,
    })
}

/// The home visits of a case, opened.
pub(super) fn views(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<VisitView>> {
    let corrections = actions::list_corrections(tx, case)?;
    actions::list(tx, case)?.into_iter().map(|visit| view(tx, visit, &corrections)).collect()
}

fn get_view(tx: &mut Tx<'_>, id: RowId) -> Result<VisitView> {
    let visit = actions::get(tx, id)?;
    tx.saw(visit.case);
    let corrections = actions::list_corrections(tx, visit.case)?;
    view(tx, visit, &corrections)
}

/// When a home visit was decided.
#[derive(Deserialize, ToSchema)]
#[schema(as = DecideCaseVisit)]
struct DecideVisit {
    happened_at: Stated,
}

/// Decide on a home visit in a case
#[utoipa::path(operation_id = "cases.decide_visit", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = DecideVisit,
    responses((status = 201, body = VisitView, description = "Decided")))]
#[post("/cases/{case_id}/home_visits")]
async fn decide(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<DecideVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, body) = (path.get()?, body.get()?);
        actions::decide(tx, case, body.happened_at.at())
    };
    let visit = door.command(&call, Capability::CasesDecideVisit, verb, get_view).await?.view;
    call.created(&format!("/v1/cases/{}", visit.case_id), visit.version, &visit)
}

/// What came of a home visit.
#[derive(Deserialize, ToSchema)]
#[schema(as = RecordCaseVisit)]
struct RecordVisit {
    outcome: VisitOutcome,
    /// Who went, who was met, what was seen.
    notes: Text,
    happened_at: Stated,
}

impl RecordVisit {
    fn found(&self) -> VisitFinding {
        VisitFinding { visited_at: self.happened_at.at(), outcome: self.outcome, notes: Some(self.notes.clone()) }
    }
}

/// Record what came of a home visit
#[utoipa::path(operation_id = "cases.record_visit", tag = "cases", request_body = RecordVisit,
    params(("case_id" = CaseId, Path, description = "Which case"), ("visit_id" = RowId, Path, description = "Which visit"), IdempotencyKey),
    responses((status = 201, body = VisitView, description = "Recorded")))]
#[post("/cases/{case_id}/home_visits/{visit_id}/record")]
async fn record(door: web::Data<Door>, call: Call, path: Path<(CaseId, RowId)>, body: Body<RecordVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((case, id), body) = (path.get()?, body.get()?);
        actions::record(tx, case, id, &body.found())
    };
    let visit = door.command(&call, Capability::CasesRecordVisit, verb, get_view).await?.view;
    call.created(&format!("/v1/cases/{}", visit.case_id), visit.version, &visit)
}

/// Correct what a home visit found
///
/// The whole anew; what was recorded before is kept. The same again changes nothing.
#[utoipa::path(operation_id = "cases.correct_visit", tag = "cases", request_body = RecordVisit,
    params(("case_id" = CaseId, Path, description = "Which case"), ("visit_id" = RowId, Path, description = "Which visit"), Expected),
    responses((status = 200, body = CaseView, description = "Corrected")))]
#[put("/cases/{case_id}/home_visits/{visit_id}/record")]
async fn correct(door: web::Data<Door>, call: Call, path: Path<(CaseId, RowId)>, body: Body<RecordVisit>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let ((case, id), expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::correct(tx, case, id, &expected, &body.found())?;
        super::view(tx, case)
    };
    let case = door.write(&call, Capability::CasesCorrectVisit, verb).await?;
    call.answer(case.version, &case)
}

/// Take back what was recorded of a home visit that was another's, or did not take place
///
/// It is only decided again; what was recorded of it is kept.
#[utoipa::path(operation_id = "cases.retract_visit", tag = "cases",
    params(("case_id" = CaseId, Path, description = "Which case"), ("visit_id" = RowId, Path, description = "Which visit"), IdempotencyKey),
    responses((status = 201, body = CaseView, description = "Taken back")))]
#[post("/cases/{case_id}/home_visits/{visit_id}/record/retract")]
async fn retract(door: web::Data<Door>, call: Call, path: Path<(CaseId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, id) = path.get()?;
        empty.get()?;
        actions::retract(tx, case, id)
    };
    answer(&call, &door.command(&call, Capability::CasesRetractVisit, verb, super::view).await?.view)
}
