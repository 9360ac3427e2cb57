//! Supervision over HTTP: for coordinators.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};

use super::actions;
use crate::access::{Capability, Door, Tx};
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, MatchId};

pub(in crate::matching) fn routes(registry: &mut Registry<'_>) {
    registry.service(assign_supervisor);
}

/// Who supervises from now on.
#[derive(Deserialize, utoipa::ToSchema)]
struct SupervisionRequest {
    /// `null` for nobody.
    account_id: Option<AccountId>,
}

/// Who supervises a match.
#[derive(Serialize, utoipa::ToSchema)]
struct SupervisionView {
    match_id: MatchId,
    account_id: Option<AccountId>,
}

/// Gives a match to one supervisor from now on, or to nobody.
///
/// 422 `not_eligible` for an account that is closed, no supervisor's, barred from the person or the case, that of whoever runs the match, or of
/// whoever runs, covers or is proposed for another match of the family: the child's mentor never reads what the father's coach writes. Once one
/// of these is so of whoever supervises it, nobody does; who supervises a match of a family is proposed for no other (`supervises`).
#[utoipa::path(
    operation_id = "supervision.assign", tag = "matches",
    request_body = SupervisionRequest,
    params(
        ("match_id" = MatchId, Path, description = "Which"),
        IdempotencyKey
    ),
    responses((status = 200, body = SupervisionView, description = "Who supervises it"))
)]
#[post("/matches/{match_id}/supervision")]
async fn assign_supervisor(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<SupervisionRequest>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| actions::supervise(tx, path.get()?, body.get()?.account_id);
    let (match_id, account_id) = door.command(&call, Capability::SupervisionAssign, verb, actions::get).await?.view;
    call.answer_plain(&SupervisionView { match_id, account_id })
}
