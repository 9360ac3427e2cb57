//! Home visits of a case over HTTP.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{CaseId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::cases::actions::visits as actions;
use crate::cases::model::Visit;
use crate::cases::model::VisitOutcome;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(decide).service(record);
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
    recorded_at: Instant,
    version: i64,
}

fn view(tx: &mut Tx<'_>, visit: Visit) -> Result<VisitView> {
    let place = Place::new("home_visits", "notes", visit.id);
    Ok(VisitView {
        id: visit.id,
        case_id: visit.case,
        decided_at: visit.decided_at,
        visited_at: visit.visited_at,
        outcome: visit.outcome,
        notes: visit.notes.as_ref().map(|sealed| tx.open(Holder::case(visit.case), place, sealed)).transpose()?,
        recorded_at: visit.recorded_at,
        version: visit.version,
    })
}

/// The home visits of a case, opened.
pub(super) fn views(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<VisitView>> {
    actions::list(tx, case)?.into_iter().map(|visit| view(tx, visit)).collect()
}

fn get_view(tx: &mut Tx<'_>, id: RowId) -> Result<VisitView> {
    let visit = actions::get(tx, id)?;
    tx.saw(visit.case);
    view(tx, visit)
}

/// When a home visit was decided.
#[derive(Deserialize, ToSchema)]
#[schema(as = DecideCaseVisit)]
struct DecideVisit {
    happened_at: Instant,
}

/// Decide on a home visit in a case
#[utoipa::path(operation_id = "cases.decide_visit", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = DecideVisit,
    responses((status = 201, body = VisitView, description = "Decided")))]
#[post("/cases/{case_id}/home_visits")]
async fn decide(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<DecideVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, body) = (path.get()?, body.get()?);
        actions::decide(tx, case, body.happened_at)
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
    happened_at: Instant,
}

/// Record what came of a home visit
#[utoipa::path(operation_id = "cases.record_visit", tag = "cases", request_body = RecordVisit,
    params(("case_id" = CaseId, Path, description = "Which case"), ("visit_id" = RowId, Path, description = "Which visit"), IdempotencyKey),
    responses((status = 201, body = VisitView, description = "Recorded")))]
#[post("/cases/{case_id}/home_visits/{visit_id}/record")]
async fn record(door: web::Data<Door>, call: Call, path: Path<(CaseId, RowId)>, body: Body<RecordVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((case, id), body) = (path.get()?, body.get()?);
        actions::record(tx, case, id, body.outcome, &body.notes, body.happened_at)
    };
    let visit = door.command(&call, Capability::CasesRecordVisit, verb, get_view).await?.view;
    call.created(&format!("/v1/cases/{}", visit.case_id), visit.version, &visit)
}
