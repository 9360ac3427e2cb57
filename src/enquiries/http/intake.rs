//! Take a concern in, give its receipts.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reporters::ReporterInput;
use super::views::EnquiryView;
use super::{answer, get_view};
use crate::access::bars::BarCause;
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::{Result, invalid};
use crate::base::http::{Answer, Body, Call, Empty, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, EnquiryId, ReporterId};
use crate::base::value::{Day, Few, Flaw, Line, Text};
use crate::enquiries::actions::intake as actions;
use crate::enquiries::model::{Channel, Concern, Description, Intake, NewSubject, ReceiptWay, SUBJECTS_MOST, Source, Urgency};
use crate::people::model::Registration;

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(receive).service(give_receipt).service(retract_receipt);
}

/// The oldest age that anybody states.
const AGE_MOST: u8 = 120;

/// A concern. A partner leaves out what the account says by itself: when, how, from where, and who hands it in.
#[derive(Deserialize, ToSchema)]
struct ReceiveEnquiry {
    /// When it was received; a coordinator states it.
    received_at: Option<Stated>,
    /// How it came; a coordinator states it.
    channel: Option<Channel>,
    /// From where; a coordinator states it.
    source: Option<Source>,
    urgency: Urgency,
    concern: Concern,
    /// At least one; of a partner at most one.
    #[serde(default)]
    reporters: Few<ReporterInput, 10>,
    /// Whom it is about, as far as it is known.
    #[serde(default)]
    subjects: Few<SubjectInput, { SUBJECTS_MOST }>,
    /// Accounts that must not see it: own family, neighbours.
    #[serde(default)]
    barred: Few<BarredInput, 10>,
}

/// Whom it is about, as told.
#[derive(Deserialize, ToSchema)]
pub(super) struct SubjectInput {
    given_name: Option<Line>,
    family_name: Option<Line>,
    /// Civil registration number, ten digits; kept sealed, never shown.
    #[schema(pattern = "^[0-9]{6}-?[0-9]{4}$")]
    registration_number: Option<String>,
    born_on: Option<Day>,
    /// In years, where the birth date is not known; at most 120.
    #[schema(maximum = 120)]
    age: Option<u8>,
    note: Option<Text>,
}

/// An account that must not see it.
#[derive(Deserialize, ToSchema)]
struct BarredInput {
    account_id: AccountId,
    cause: BarCause,
}

/// That a concern is stored.
#[derive(Serialize, ToSchema)]
struct Acknowledgement {
    id: EnquiryId,
    received_at: Instant,
    recorded_at: Instant,
}

fn intake(body: &ReceiveEnquiry) -> Result<Intake> {
    Ok(Intake {
        received_at: body.received_at.map(Stated::at),
        channel: body.channel,
        source: body.source,
        urgency: body.urgency,
        concern: body.concern.clone(),
        reporters: body.reporters.iter().map(Into::into).collect(),
        subjects: body.subjects.iter().enumerate().map(|(at, input)| subject(&format!("/subjects/{at}"), input)).collect::<Result<_>>()?,
        barred: body.barred.iter().map(|barred| (barred.account_id, barred.cause)).collect(),
    })
}

/// A subject to be written down. `at`: where the body has it.
pub(super) fn subject(at: &str, input: &SubjectInput) -> Result<NewSubject> {
    let unreadable = || Flaw::WrongValue.refused(format!("{at}/registration_number"));
    let registration = input.registration_number.as_ref().map(|text| Registration::parse(text).ok_or_else(unreadable)).transpose()?;
    if input.age.is_some_and(|age| age > AGE_MOST) {
        return Err(invalid(format!("{at}/age"), Flaw::OutOfRange, "Alderen er for høj", "The age is too high"));
    }
    let description = Description {
        given: input.given_name.clone(),
        family: input.family_name.clone(),
        registration,
        age: input.age,
        note: input.note.clone(),
    };
    Ok(NewSubject { description, born_on: input.born_on.map(Day::date) })
}

/// Hand a concern in
///
/// It is stored before it is acknowledged. The answer repeats nothing of it.
#[utoipa::path(operation_id = "enquiries.receive", tag = "enquiries", params(IdempotencyKey), request_body = ReceiveEnquiry,
    responses((status = 201, body = Acknowledgement, description = "Stored")))]
#[post("/enquiries")]
async fn receive(door: web::Data<Door>, call: Call, body: Body<ReceiveEnquiry>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| actions::receive(tx, intake(body.get()?)?);
    let view = |tx: &mut Tx<'_>, id| {
        let enquiry = actions::get_acknowledgement(tx, id)?;
        Ok(Acknowledgement { id, received_at: enquiry.received_at, recorded_at: enquiry.recorded_at })
    };
    let stored = door.command(&call, Capability::EnquiriesReceive, verb, view).await?.view;
    call.created(&format!("/v1/enquiries/{}", stored.id), 1, &stored)
}

/// How a receipt was given.
#[derive(Deserialize, ToSchema)]
struct GiveReceipt {
    /// When; now where absent.
    happened_at: Option<Stated>,
    way: ReceiptWay,
}

/// Record that a reporter got a receipt
#[utoipa::path(operation_id = "enquiries.give_receipt", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("reporter_id" = ReporterId, Path, description = "Who"), IdempotencyKey),
    request_body = GiveReceipt, responses((status = 201, body = EnquiryView, description = "Recorded; the promise is kept")))]
#[post("/enquiries/{enquiry_id}/reporters/{reporter_id}/receipt")]
async fn give_receipt(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, ReporterId)>, body: Body<GiveReceipt>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, reporter), body) = (path.get()?, body.get()?);
        actions::give_receipt(tx, id, reporter, body.happened_at.map(Stated::at), body.way)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesGiveReceipt, verb, get_view).await?.view)
}

/// Take back a receipt that was recorded for the wrong reporter, or was never given
///
/// It is due again; what was recorded of it is kept, and shown to coordinators.
#[utoipa::path(operation_id = "enquiries.retract_receipt", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("reporter_id" = ReporterId, Path, description = "Who"), IdempotencyKey),
    responses((status = 201, body = EnquiryView, description = "Taken back; the promise is open again")))]
#[post("/enquiries/{enquiry_id}/reporters/{reporter_id}/receipt/retract")]
async fn retract_receipt(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, ReporterId)>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, reporter) = path.get()?;
        empty.get()?;
        actions::retract_receipt(tx, id, reporter)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRetractReceipt, verb, get_view).await?.view)
}
