//! Recorded stops of contact over HTTP.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{CaseId, PersonId, RowId};
use crate::courses::actions::stops as actions;
use crate::courses::model::{StopReason, Track};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(record);
}

/// Why somebody is not offered a track again.
#[derive(Serialize, ToSchema)]
struct StopView {
    id: RowId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
    reason: StopReason,
    stopped_at: Instant,
    recorded_at: Instant,
}

fn view(tx: &mut Tx<'_>, id: RowId) -> Result<StopView> {
    let stop = actions::get(tx, id)?;
    tx.saw(stop.person_id);
    tx.saw(stop.case_id);
    Ok(StopView {
        id: stop.id,
        case_id: stop.case_id,
        person_id: stop.person_id,
        track: stop.track,
        reason: stop.reason,
        stopped_at: stop.stopped_at,
        recorded_at: stop.recorded_at,
    })
}

/// Why somebody is not offered a track again.
#[derive(Deserialize, ToSchema)]
struct RecordStop {
    /// A person of the case.
    person_id: PersonId,
    track: Track,
    reason: StopReason,
    happened_at: Instant,
}

/// Record why somebody is not offered a track again
///
/// What is left of the re-offers of that track in the case ends with this reason. A death is recorded with `people.record_death`.
#[utoipa::path(operation_id = "contact_stops.record", tag = "courses", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = RecordStop,
    responses((status = 201, body = StopView, description = "Recorded")))]
#[post("/cases/{case_id}/contact_stops")]
async fn record(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<RecordStop>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, body) = (path.get()?, body.get()?);
        actions::record(tx, case, body.person_id, body.track, body.reason, body.happened_at)
    };
    let stop = door.command(&call, Capability::ContactStopsRecord, verb, view).await?.view;
    call.created(&format!("/v1/cases/{}", stop.case_id), 1, &stop)
}
