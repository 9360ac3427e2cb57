//! Who comes into a case and leaves it, over HTTP.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{CaseView, answer, view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Stated;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{CaseId, PersonId};
use crate::cases::actions::members as actions;
use crate::cases::model::{LeaveReason, Role};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(add_person).service(remove_person);
}

/// A person who stands in the case from now on.
#[derive(Deserialize, ToSchema)]
struct AddPerson {
    person_id: PersonId,
    role: Role,
}

/// Add a person to a case
///
/// Of whoever had left it what is still to come of their re-offers is promised again.
#[utoipa::path(operation_id = "cases.add_person", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = AddPerson,
    responses((status = 201, body = CaseView, description = "Added")))]
#[post("/cases/{case_id}/people")]
async fn add_person(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<AddPerson>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::add_person(tx, id, body.person_id, body.role)
    };
    answer(&call, &door.command(&call, Capability::CasesAddPerson, verb, view).await?.view)
}

/// That a person leaves the case.
#[derive(Deserialize, ToSchema)]
struct RemovePerson {
    reason: LeaveReason,
    happened_at: Stated,
}

/// Take a person out of a case
///
/// That they stood in it stays, and nothing is offered to them again; unless they were added by mistake: then they are nobody's family by it, and
/// whoever is barred from them sees it again. 409 lists their open offers, courses and alerts of the case. It is stated not before the last of
/// these came to its end, and the last of their sessions was held (422, `before_cause`). Added again, they stand in it in the role said then: so a
/// wrong role is put right.
#[utoipa::path(operation_id = "cases.remove_person", tag = "cases", request_body = RemovePerson,
    params(("case_id" = CaseId, Path, description = "Which case"), ("person_id" = PersonId, Path, description = "Who leaves it"), IdempotencyKey),
    responses((status = 201, body = CaseView, description = "They left")))]
#[post("/cases/{case_id}/people/{person_id}/leave")]
async fn remove_person(door: web::Data<Door>, call: Call, path: Path<(CaseId, PersonId)>, body: Body<RemovePerson>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, person), body) = (path.get()?, body.get()?);
        actions::remove_person(tx, id, person, body.reason, body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::CasesRemovePerson, verb, view).await?.view)
}
