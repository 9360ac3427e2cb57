//! Alerts over HTTP.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{AlertId, CaseId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::cases::actions::alerts::{self as actions, NewAlert};
use crate::cases::model::{Alert, AlertKind};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(raise).service(resolve);
}

/// An alert on a person in a case.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertView {
    id: AlertId,
    case_id: CaseId,
    person_id: PersonId,
    kind: AlertKind,
    /// When it was raised (stated).
    raised_at: Instant,
    grounds: Text,
    /// When it was resolved (stated); null while it is open.
    resolved_at: Option<Instant>,
    resolution: Option<Text>,
    recorded_at: Instant,
    version: i64,
}

fn view(tx: &mut Tx<'_>, alert: Alert) -> Result<AlertView> {
    let (holder, place) = (Holder::case(alert.case), |column| Place::new("alerts", column, alert.id));
    tx.saw(alert.id);
    tx.saw(alert.person);
    Ok(AlertView {
        id: alert.id,
        case_id: alert.case,
        person_id: alert.person,
        kind: alert.kind,
        raised_at: alert.raised_at,
        grounds: tx.open(holder, place("grounds"), &alert.grounds)?,
        resolved_at: alert.resolved_at,
        resolution: alert.resolution.as_ref().map(|sealed| tx.open(holder, place("resolution"), sealed)).transpose()?,
        recorded_at: alert.recorded_at,
        version: alert.version,
    })
}

/// The alerts of a case, opened.
pub(super) fn views(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<AlertView>> {
    actions::list(tx, case)?.into_iter().map(|alert| view(tx, alert)).collect()
}

fn get_view(tx: &mut Tx<'_>, id: AlertId) -> Result<AlertView> {
    let alert = actions::get(tx, id)?;
    view(tx, alert)
}

/// An alert to be raised.
#[derive(Deserialize, ToSchema)]
struct RaiseAlert {
    /// A person of the case.
    person_id: PersonId,
    kind: AlertKind,
    /// What is feared, and from what.
    grounds: Text,
    happened_at: Stated,
}

/// Raise an alert on a person of a case
///
/// It is looked at each day, and the case does not close before it is resolved. 409 names the same alert where it is open already.
#[utoipa::path(operation_id = "cases.raise_alert", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = RaiseAlert,
    responses((status = 201, body = AlertView, description = "Raised")))]
#[post("/cases/{case_id}/alerts")]
async fn raise(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<RaiseAlert>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, body) = (path.get()?, body.get()?);
        let new = NewAlert { person: body.person_id, kind: body.kind, grounds: body.grounds.clone(), at: body.happened_at.at() };
        actions::raise(tx, case, &new)
    };
    let alert = door.command(&call, Capability::CasesRaiseAlert, verb, get_view).await?.view;
    call.created(&format!("/v1/cases/{}", alert.case_id), alert.version, &alert)
}

/// How an alert was resolved.
#[derive(Deserialize, ToSchema)]
struct ResolveAlert {
    resolution: Text,
    happened_at: Stated,
}

/// Resolve an alert
///
/// Stated not before it was raised, nor before somebody last looked at it (422, `before_cause`).
#[utoipa::path(operation_id = "cases.resolve_alert", tag = "cases", request_body = ResolveAlert,
    params(("case_id" = CaseId, Path, description = "Which case"), ("alert_id" = AlertId, Path, description = "Which alert"), IdempotencyKey),
    responses((status = 201, body = AlertView, description = "Resolved")))]
#[post("/cases/{case_id}/alerts/{alert_id}/resolve")]
async fn resolve(door: web::Data<Door>, call: Call, path: Path<(CaseId, AlertId)>, body: Body<ResolveAlert>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((case, id), body) = (path.get()?, body.get()?);
        actions::resolve(tx, case, id, &body.resolution, body.happened_at.at())
    };
    let alert = door.command(&call, Capability::CasesResolveAlert, verb, get_view).await?.view;
    call.created(&format!("/v1/cases/{}", alert.case_id), alert.version, &alert)
}
