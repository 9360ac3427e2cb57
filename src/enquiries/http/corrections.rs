//! What was recorded wrongly of an enquiry is put right or taken back, over HTTP.

use actix_web::{post, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::EnquiryView;
use super::{answer, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Stated;
use crate::base::http::{Answer, Body, Call, Empty, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{EnquiryId, RowId};
use crate::base::value::Text;
use crate::enquiries::actions::corrections as actions;
use crate::enquiries::model::{PartnerAnswer, ScreenAnswer, ScreenResult, Urgency, VisitFinding, VisitOutcome};

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(correct_urgency).service(correct_answer).service(retract_answer).service(correct_screen).service(retract_screen);
    registry.service(correct_visit).service(retract_visit).service(retract_conclusion);
}

/// The enquiry after a correction of it.
fn corrected(call: &Call, view: &EnquiryView) -> Answer {
    call.answer(view.version().unwrap_or(1), view)
}

/// How soon it must be looked at.
#[derive(Deserialize, ToSchema)]
struct CorrectUrgency {
    urgency: Urgency,
}

/// Correct how soon a concern must be looked at
///
/// What was recorded before is kept. No promise goes by it: a referral's hours are those of its severity. The same again changes nothing.
#[utoipa::path(operation_id = "enquiries.correct_urgency", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), Expected),
    request_body = CorrectUrgency, responses((status = 200, body = EnquiryView, description = "Corrected")))]
#[put("/enquiries/{enquiry_id}/urgency")]
async fn correct_urgency(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<CorrectUrgency>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::correct_urgency(tx, id, &expected, body.urgency)?;
        get_view(tx, id)
    };
    corrected(&call, &door.write(&call, Capability::EnquiriesCorrectUrgency, verb).await?)
}

/// What a partner answered, the whole anew.
#[derive(Deserialize, ToSchema)]
struct CorrectPartnerAnswer {
    has_information: bool,
    text: Option<Text>,
    happened_at: Stated,
}

/// Correct what a partner answered
///
/// The whole anew; what was recorded before is kept. The same again changes nothing.
#[utoipa::path(operation_id = "enquiries.correct_answer", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("request_id" = RowId, Path, description = "Which question"), Expected),
    request_body = CorrectPartnerAnswer, responses((status = 200, body = EnquiryView, description = "Corrected")))]
#[put("/enquiries/{enquiry_id}/partner_requests/{request_id}/answer")]
async fn correct_answer(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<CorrectPartnerAnswer>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, request), expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let answer = PartnerAnswer { answered_at: body.happened_at.at(), has_information: body.has_information, text: body.text.clone() };
        actions::correct_answer(tx, id, request, &expected, &answer)?;
        get_view(tx, id)
    };
    corrected(&call, &door.write(&call, Capability::EnquiriesCorrectAnswer, verb).await?)
}

/// Take back an answer that was another partner's, or was never given
///
/// The question waits for one again, which is recorded as any other; what was recorded is kept.
#[utoipa::path(operation_id = "enquiries.retract_answer", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("request_id" = RowId, Path, description = "Which question"), IdempotencyKey),
    responses((status = 201, body = EnquiryView, description = "Taken back")))]
#[post("/enquiries/{enquiry_id}/partner_requests/{request_id}/answer/retract")]
async fn retract_answer(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, request) = path.get()?;
        empty.get()?;
        actions::retract_answer(tx, id, request)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractAnswer, verb, get_view).await?.view)
}

/// What the police said, the whole anew.
#[derive(Deserialize, ToSchema)]
struct CorrectScreen {
    result: ScreenResult,
    happened_at: Stated,
}

/// Correct what the police said
///
/// The whole anew; what was recorded before is kept, and the concern stands as if they had said it then: a take-over ends what is open. The same
/// again changes nothing. 409 where the concern was founded on that answer, or its case was closed by it, and says what to do instead.
#[utoipa::path(operation_id = "enquiries.correct_screen", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("screen_id" = RowId, Path, description = "Which question"), Expected),
    request_body = CorrectScreen, responses((status = 200, body = EnquiryView, description = "Corrected")))]
#[put("/enquiries/{enquiry_id}/police_screens/{screen_id}/result")]
async fn correct_screen(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<CorrectScreen>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, screen), expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::correct_screen(tx, id, screen, &expected, ScreenAnswer { answered_at: body.happened_at.at(), result: body.result })?;
        get_view(tx, id)
    };
    corrected(&call, &door.write(&call, Capability::EnquiriesCorrectScreen, verb).await?)
}

/// Take back an answer that the police gave to something else, or never gave
///
/// The question waits for one again; what was recorded is kept. 409 where the police were asked again since, and as for a correction.
#[utoipa::path(operation_id = "enquiries.retract_screen", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("screen_id" = RowId, Path, description = "Which question"), IdempotencyKey),
    responses((status = 201, body = EnquiryView, description = "Taken back")))]
#[post("/enquiries/{enquiry_id}/police_screens/{screen_id}/result/retract")]
async fn retract_screen(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, screen) = path.get()?;
        empty.get()?;
        actions::retract_screen(tx, id, screen)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractScreen, verb, get_view).await?.view)
}

/// What a home visit found, the whole anew.
#[derive(Deserialize, ToSchema)]
struct CorrectEnquiryVisit {
    outcome: VisitOutcome,
    /// Who went, who was met, what was seen.
    notes: Option<Text>,
    happened_at: Stated,
}

/// Correct what a home visit found
///
/// The whole anew; what was recorded before is kept. The same again changes nothing.
#[utoipa::path(operation_id = "enquiries.correct_visit", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("visit_id" = RowId, Path, description = "Which visit"), Expected),
    request_body = CorrectEnquiryVisit, responses((status = 200, body = EnquiryView, description = "Corrected")))]
#[put("/enquiries/{enquiry_id}/home_visits/{visit_id}/record")]
async fn correct_visit(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<CorrectEnquiryVisit>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, visit), expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let found = VisitFinding { visited_at: body.happened_at.at(), outcome: body.outcome, notes: body.notes.clone() };
        actions::correct_visit(tx, id, visit, &expected, &found)?;
        get_view(tx, id)
    };
    corrected(&call, &door.write(&call, Capability::EnquiriesCorrectVisit, verb).await?)
}

/// Take back what was recorded of a home visit that was another's, or did not take place
///
/// It is only decided again; what was recorded of it is kept.
#[utoipa::path(operation_id = "enquiries.retract_visit", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("visit_id" = RowId, Path, description = "Which visit"), IdempotencyKey),
    responses((status = 201, body = EnquiryView, description = "Taken back")))]
#[post("/enquiries/{enquiry_id}/home_visits/{visit_id}/record/retract")]
async fn retract_visit(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, visit) = path.get()?;
        empty.get()?;
        actions::retract_visit(tx, id, visit)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractVisit, verb, get_view).await?.view)
}

/// Take back a conclusion that was drawn by mistake
///
/// The concern is qualified again and concluded anew, as any other; what was concluded is kept, and its decision is marked. A case that it opened is
/// `retracted`, in no figure; one that it joined goes on by the hours that are left, and needs local effort as it did. 409 names what was built on
/// it since, or whom it alone brought into the case that it joined, and says what to do instead.
#[utoipa::path(operation_id = "enquiries.retract_conclusion", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey, Expected),
    responses((status = 201, body = EnquiryView, description = "Taken back; it is qualified again")))]
#[post("/enquiries/{enquiry_id}/conclusion/retract")]
async fn retract_conclusion(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, empty: Empty) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected) = (path.get()?, asked.expected()?);
        empty.get()?;
        actions::retract_conclusion(tx, id, &expected)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractConclusion, verb, get_view).await?.view)
}
