//! Ask, visit, conclude.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::EnquiryView;
use super::{answer, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Stated;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, AgencyId, CaseId, EnquiryId, RowId};
use crate::base::value::{Day, Line, Text};
use crate::enquiries::actions::qualify::{self, Ask};
use crate::enquiries::model::{
    Assessment, CaseKind, Conclusion, Founding, LegalBasis, ScreenResult, Severity, Source, State, TargetGroup, VisitOutcome,
};

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(ask_partner).service(record_answer).service(ask_police).service(record_screen);
    registry.service(decide_visit).service(record_visit).service(conclude);
}

/// Whom to ask.
#[derive(Deserialize, ToSchema)]
struct AskPartner {
    source: Source,
    agency_id: Option<AgencyId>,
    legal_basis: LegalBasis,
    /// When; now where absent.
    happened_at: Option<Stated>,
}

/// Record that a partner was asked
#[utoipa::path(operation_id = "enquiries.ask_partner", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey),
    request_body = AskPartner, responses((status = 201, body = EnquiryView, description = "Recorded")))]
#[post("/enquiries/{enquiry_id}/partner_requests")]
async fn ask_partner(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<AskPartner>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let ask = Ask { source: body.source, agency: body.agency_id, legal_basis: body.legal_basis };
        qualify::ask_partner(tx, id, ask, body.happened_at.map(Stated::at))
    };
    answer(&call, &door.command(&call, Capability::EnquiriesAskPartner, verb, get_view).await?.view)
}

/// What a partner answered.
#[derive(Deserialize, ToSchema)]
struct RecordAnswer {
    has_information: bool,
    text: Option<Text>,
    /// When; now where absent.
    happened_at: Option<Stated>,
}

/// Record a partner's answer
#[utoipa::path(operation_id = "enquiries.record_answer", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("request_id" = RowId, Path, description = "Which question"), IdempotencyKey),
    request_body = RecordAnswer, responses((status = 201, body = EnquiryView, description = "Recorded")))]
#[post("/enquiries/{enquiry_id}/partner_requests/{request_id}/answer")]
async fn record_answer(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<RecordAnswer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, request), body) = (path.get()?, body.get()?);
        qualify::record_answer(tx, id, request, body.happened_at.map(Stated::at), body.has_information, body.text.as_ref())
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRecordAnswer, verb, get_view).await?.view)
}

/// When the police were asked.
#[derive(Deserialize, ToSchema)]
struct AskPolice {
    /// When; now where absent.
    happened_at: Option<Stated>,
}

/// Record that the police were asked
#[utoipa::path(operation_id = "enquiries.ask_police", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey),
    request_body = AskPolice, responses((status = 201, body = EnquiryView, description = "Recorded")))]
#[post("/enquiries/{enquiry_id}/police_screens")]
async fn ask_police(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<AskPolice>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| qualify::ask_police(tx, path.get()?, body.get()?.happened_at.map(Stated::at));
    answer(&call, &door.command(&call, Capability::EnquiriesAskPolice, verb, get_view).await?.view)
}

/// What the police said.
#[derive(Deserialize, ToSchema)]
struct RecordScreen {
    result: ScreenResult,
    /// When; now where absent.
    happened_at: Option<Stated>,
}

/// Record what the police said
///
/// A take-over ends what is open; a go-ahead gives a transferred concern back.
#[utoipa::path(operation_id = "enquiries.record_screen", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("screen_id" = RowId, Path, description = "Which question"), IdempotencyKey),
    request_body = RecordScreen, responses((status = 201, body = EnquiryView, description = "Recorded")))]
#[post("/enquiries/{enquiry_id}/police_screens/{screen_id}/result")]
async fn record_screen(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<RecordScreen>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, screen), body) = (path.get()?, body.get()?);
        qualify::record_screen(tx, id, screen, body.happened_at.map(Stated::at), body.result)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRecordScreen, verb, get_view).await?.view)
}

/// Who decided a home visit, and when.
#[derive(Deserialize, ToSchema)]
struct DecideEnquiryVisit {
    /// When; now where absent.
    happened_at: Option<Stated>,
    /// The caller where absent.
    decided_by: Option<AccountId>,
    /// The meeting; without one it was decided between meetings and waits for the next.
    meeting_on: Option<Day>,
}

/// Decide a home visit
#[utoipa::path(operation_id = "enquiries.decide_visit", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey),
    request_body = DecideEnquiryVisit, responses((status = 201, body = EnquiryView, description = "Decided")))]
#[post("/enquiries/{enquiry_id}/home_visits")]
async fn decide_visit(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<DecideEnquiryVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        qualify::decide_visit(tx, id, body.happened_at.map(Stated::at), body.decided_by, body.meeting_on.map(Day::date))
    };
    answer(&call, &door.command(&call, Capability::EnquiriesDecideVisit, verb, get_view).await?.view)
}

/// What came of a home visit.
#[derive(Deserialize, ToSchema)]
struct RecordEnquiryVisit {
    outcome: VisitOutcome,
    /// Who went, who was met, what was seen.
    notes: Option<Text>,
    /// When; now where absent.
    happened_at: Option<Stated>,
}

/// Record what came of a home visit
#[utoipa::path(operation_id = "enquiries.record_visit", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("visit_id" = RowId, Path, description = "Which visit"), IdempotencyKey),
    request_body = RecordEnquiryVisit, responses((status = 201, body = EnquiryView, description = "Recorded")))]
#[post("/enquiries/{enquiry_id}/home_visits/{visit_id}/record")]
async fn record_visit(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, RowId)>, body: Body<RecordEnquiryVisit>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, visit), body) = (path.get()?, body.get()?);
        qualify::record_visit(tx, id, visit, body.happened_at.map(Stated::at), body.outcome, body.notes.as_ref())
    };
    answer(&call, &door.command(&call, Capability::EnquiriesRecordVisit, verb, get_view).await?.view)
}

/// The conclusion. The members from `case_kind` on belong to a founded one.
#[derive(Deserialize, ToSchema)]
struct Qualify {
    /// The state it leads to.
    outcome: State,
    /// When it was decided; now where absent.
    happened_at: Option<Stated>,
    /// The caller where absent.
    decided_by: Option<AccountId>,
    /// The meeting; without one it was decided between meetings and waits for the next.
    meeting_on: Option<Day>,
    risk_factors: Option<Text>,
    protective_factors: Option<Text>,
    /// The conclusion in words.
    conclusion: Option<Text>,
    case_kind: Option<CaseKind>,
    target_group: Option<TargetGroup>,
    /// When the police stated that an offer is suitable; needed for `radicalised`.
    police_statement_at: Option<Stated>,
    severity: Option<Severity>,
    responsible_authority: Option<Line>,
    needs_local_effort: Option<bool>,
    /// An open case that it joins; without it a case opens.
    joins_case_id: Option<CaseId>,
}

impl Qualify {
    fn conclusion(&self) -> Conclusion {
        Conclusion {
            outcome: self.outcome,
            at: self.happened_at.map(Stated::at),
            decided_by: self.decided_by,
            meeting_on: self.meeting_on.map(Day::date),
            assessment: Assessment {
                risk_factors: self.risk_factors.clone(),
                protective_factors: self.protective_factors.clone(),
                conclusion: self.conclusion.clone(),
            },
            founding: Founding {
                case_kind: self.case_kind,
                target_group: self.target_group,
                police_statement_at: self.police_statement_at.map(Stated::at),
                severity: self.severity,
                responsible_authority: self.responsible_authority.clone(),
                needs_local_effort: self.needs_local_effort,
                joins: self.joins_case_id,
            },
        }
    }
}

/// Conclude the qualification
///
/// Founded opens a case, or joins an open one, and starts the hours of its referral.
#[utoipa::path(operation_id = "enquiries.qualify", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey, Expected),
    request_body = Qualify, responses((status = 201, body = EnquiryView, description = "Concluded")))]
#[post("/enquiries/{enquiry_id}/qualify")]
async fn conclude(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<Qualify>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| -> Result<EnquiryId> {
        let (id, conclusion) = (path.get()?, body.get()?.conclusion());
        qualify::conclude(tx, id, &expected.expected()?, &conclusion)
    };
    answer(&call, &door.command(&call, Capability::EnquiriesQualify, verb, get_view).await?.view)
}
