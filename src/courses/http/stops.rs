//! Recorded stops of contact over HTTP.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Empty, IdempotencyKey, List, Paged, Path, Registry};
use crate::base::ids::{AccountId, CaseId, PersonId, RowId};
use crate::courses::actions::stops as actions;
use crate::courses::actions::stops::Stop;
use crate::courses::model::{StopReason, Track};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(record).service(retract);
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
    recorded_by: AccountId,
    /// When it was taken back: from then on it holds no more.
    retracted_at: Option<Instant>,
    retracted_by: Option<AccountId>,
}

fn view(tx: &mut Tx<'_>, stop: &Stop) -> StopView {
    tx.saw(stop.person_id);
    tx.saw(stop.case_id);
    StopView {
        id: stop.id,
        case_id: stop.case_id,
        person_id: stop.person_id,
        track: stop.track,
        reason: stop.reason,
        stopped_at: stop.stopped_at,
        recorded_at: stop.recorded_at,
        recorded_by: stop.recorded_by,
        retracted_at: stop.retracted_at,
        retracted_by: stop.retracted_by,
    }
}

fn get_view(tx: &mut Tx<'_>, id: RowId) -> Result<StopView> {
    let stop = actions::get(tx, id)?;
    Ok(view(tx, &stop))
}

fn answer(call: &Call, stop: &StopView) -> Answer {
    call.created(&format!("/v1/cases/{}/contact_stops", stop.case_id), 1, stop)
}

/// Why somebody is not offered a track again.
#[derive(Deserialize, ToSchema)]
struct RecordStop {
    /// A person of the case.
    person_id: PersonId,
    track: Track,
    reason: StopReason,
    happened_at: Stated,
}

/// Why people of a case are not offered a track again
///
/// The earliest first, all on one page, with what was taken back.
#[utoipa::path(operation_id = "contact_stops.list", tag = "courses", params(("case_id" = CaseId, Path, description = "Which case")),
    responses((status = 200, body = List<StopView>, description = "All of the case")))]
#[get("/cases/{case_id}/contact_stops")]
async fn list(door: web::Data<Door>, call: Call, path: Path<CaseId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let case = path.get()?;
        tx.saw(case);
        let stops = actions::list(tx, case)?;
        Ok(Paged::all(stops.iter().map(|stop| view(tx, stop)).collect()))
    };
    call.answer_list(door.read(&call, Capability::ContactStopsList, look_up).await?)
}

/// Record why somebody is not offered a track again
///
/// What is left of the re-offers of that track in the case ends with this reason, and an open offer is withdrawn. An offer made after the
/// stated moment stays, unless the reason lasts. A death is recorded with `people.record_death`.
#[utoipa::path(operation_id = "contact_stops.record", tag = "courses", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = RecordStop,
    responses((status = 201, body = StopView, description = "Recorded")))]
#[post("/cases/{case_id}/contact_stops")]
async fn record(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<RecordStop>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, body) = (path.get()?, body.get()?);
        actions::record(tx, case, body.person_id, body.track, body.reason, body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::ContactStopsRecord, verb, get_view).await?.view)
}

/// Take back why somebody is not offered a track again
///
/// For one that was recorded by mistake. It is kept, and from now on offers may be made again. The re-offers that it ended are promised again,
/// with their own due dates, late or not, but to nobody whom the police took over since; an offer that it withdrew, and a course that it ended, stay
/// so.
#[utoipa::path(operation_id = "contact_stops.retract", tag = "courses",
    params(("case_id" = CaseId, Path, description = "Which case"), ("stop_id" = RowId, Path, description = "What was recorded"), IdempotencyKey),
    responses((status = 201, body = StopView, description = "Taken back")))]
#[post("/cases/{case_id}/contact_stops/{stop_id}/retract")]
async fn retract(door: web::Data<Door>, call: Call, path: Path<(CaseId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (case, stop) = path.get()?;
        empty.get()?;
        actions::retract(tx, case, stop)
    };
    answer(&call, &door.command(&call, Capability::ContactStopsRetract, verb, get_view).await?.view)
}
