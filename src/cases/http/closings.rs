//! Closings that were taken back, over HTTP.

use actix_web::{post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CaseView, answer};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Call, Empty, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, CaseId, DutyId};
use crate::cases::actions::reopening as actions;
use crate::cases::model::{CloseReason, RetractedClosing};
use crate::duties;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(retract_closing);
}

/// A closing that was taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct RetractedClosingView {
    /// When the case was said to have been closed.
    closed_at: Instant,
    close_reason: CloseReason,
    retracted_at: Instant,
    retracted_by: AccountId,
    /// The promises that ended with it and did not come back: what they were about is over, or something else would have ended them since.
    lapsed: Vec<LapsedDutyView>,
}

/// A promise that did not come back.
#[derive(Serialize, ToSchema)]
struct LapsedDutyView {
    duty_id: DutyId,
    kind: duties::Kind,
}

/// The closings of a case that were taken back, the first first.
pub(super) fn views(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<RetractedClosingView>> {
    let all = actions::list_retracted(tx, case)?;
    all.iter().flat_map(|retracted| &retracted.lapsed).for_each(|duty| tx.saw(duty.id));
    let view = |RetractedClosing { correction, lapsed }: RetractedClosing| RetractedClosingView {
        closed_at: correction.former.closed_at,
        close_reason: correction.former.reason,
        retracted_at: correction.corrected_at,
        retracted_by: correction.corrected_by,
        lapsed: lapsed.into_iter().map(|duty| LapsedDutyView { duty_id: duty.id, kind: duty.kind }).collect(),
    };
    Ok(all.into_iter().map(view).collect())
}

/// Take back a closing
///
/// For a case that was closed by mistake: it is open as if it had not been closed, and what was recorded is kept. Promises that ended with the
/// closing are open again, late ones too, as far as they still hold; `retracted_closings` names those that do not come back. Offers and courses
/// were over before it, and stay so: their answers and ends are put right by their own operations. 409 where an accepted offer opened the case
/// again since, or the police took over the concern that it came from.
#[utoipa::path(operation_id = "cases.retract_closing", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey),
    responses((status = 201, body = CaseView, description = "Taken back; the case is open")))]
#[post("/cases/{case_id}/closing/retract")]
async fn retract_closing(door: web::Data<Door>, call: Call, path: Path<CaseId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::retract_closing(tx, id)
    };
    answer(&call, &door.command(&call, Capability::CasesRetractClosing, verb, super::view).await?.view)
}
