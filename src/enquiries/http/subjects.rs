//! Whom a concern is about: added, found out, struck out.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::intake::{SubjectInput, subject};
use super::views::EnquiryView;
use super::{answer, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::error::invalid;
use crate::base::http::{Answer, Body, Call, Empty, IdempotencyKey, Path, Registry};
use crate::base::ids::{EnquiryId, PersonId, RowId};
use crate::base::value::Flaw;
use crate::enquiries::actions::subjects::{self as actions, Settled};
use crate::enquiries::model::Likeness;
use crate::people;

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(add_subject).service(retract_subject).service(likely_people).service(link_subject);
}

/// Add whom a concern is about
///
/// For somebody who was not known when it was taken in, or was named later: a sibling, or the first of all; at most twenty. As at intake it is what
/// was told; who it is is said afterwards (`enquiries.link_subject`). 409 once it is concluded, and while the police have it: into its case
/// somebody comes by `cases.add_person`.
#[utoipa::path(operation_id = "enquiries.add_subject", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey),
    request_body = SubjectInput, responses((status = 201, body = EnquiryView, description = "Added")))]
#[post("/enquiries/{enquiry_id}/subjects")]
async fn add_subject(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<SubjectInput>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, new) = (path.get()?, subject("", body.get()?)?);
        actions::add(tx, id, &new)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesAddSubject, verb, get_view).await?.view)
}

/// Strike out a subject that was entered by mistake
///
/// What was told of it is kept. 409 once it was said who it is, which is corrected instead (`enquiries.link_subject`), once the concern is
/// concluded, and while the police have it.
#[utoipa::path(operation_id = "enquiries.retract_subject", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("subject_id" = RowId, Path, description = "Which subject"), IdempotencyKey),
    responses((status = 201, body = EnquiryView, description = "Struck out")))]
#[post("/enquiries/{enquiry_id}/subjects/{subject_id}/retract")]
async fn retract_subject(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, subject) = path.get()?;
        empty.get()?;
        actions::retract(tx, id, subject)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractSubject, verb, get_view).await?.view)
}

/// A known person who may be the subject.
#[derive(Serialize, ToSchema)]
struct LikelyPerson {
    person_id: PersonId,
    kind: people::Kind,
    given_name: String,
    family_name: String,
    born_on: Option<NaiveDate>,
    why: Likeness,
}

/// Known persons who may be a subject
///
/// By registration number, else by name and birth date, however the name is written. A coordinator decides.
#[utoipa::path(operation_id = "enquiries.likely_people", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("subject_id" = RowId, Path, description = "Which subject")),
    responses((status = 200, body = Vec<LikelyPerson>, description = "Who it may be")))]
#[get("/enquiries/{enquiry_id}/subjects/{subject_id}/likely_people")]
async fn likely_people(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (id, subject) = path.get()?;
        let view = |(person, why): (people::Person, Likeness)| LikelyPerson {
            person_id: person.id,
            kind: person.kind,
            given_name: person.name.given.into_string(),
            family_name: person.name.family.into_string(),
            born_on: person.born_on,
            why,
        };
        Ok(actions::likely_people(tx, id, subject)?.into_iter().map(view).collect::<Vec<_>>())
    };
    call.answer_plain(&door.read(&call, Capability::EnquiriesLikelyPeople, look_up).await?)
}

/// Who a subject is: somebody on record, or somebody new.
#[derive(Deserialize, ToSchema)]
struct LinkSubject {
    person_id: Option<PersonId>,
    new_person: Option<NewSubjectPerson>,
}

/// Somebody new. Number and birth date are taken from what was told.
#[derive(Deserialize, ToSchema)]
struct NewSubjectPerson {
    kind: people::Kind,
    /// Where the told name will not do.
    name: Option<people::Name>,
}

/// Say who a subject is
///
/// Said again it is corrected; of a founded enquiry once whom it names is out of the case.
#[utoipa::path(operation_id = "enquiries.link_subject", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("subject_id" = RowId, Path, description = "Which subject"), IdempotencyKey),
    request_body = LinkSubject, responses((status = 201, body = EnquiryView, description = "Settled")))]
#[post("/enquiries/{enquiry_id}/subjects/{subject_id}/link")]
async fn link_subject(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<LinkSubject>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, subject), body) = (path.get()?, body.get()?);
        let settled = match (body.person_id, &body.new_person) {
            (Some(person), None) => Settled::Known(person),
            (None, Some(new)) => Settled::New(new.kind, new.name.clone()),
            _ => {
                return Err(invalid(
                    "/person_id",
                    Flaw::OneOf,
                    "Angiv enten en kendt eller en ny person",
                    "Name either a known or a new person",
                ));
            }
        };
        actions::link(tx, id, subject, &settled)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesLinkSubject, verb, get_view).await?.view)
}
