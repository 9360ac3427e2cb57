//! Who handed a concern in: added, named later, opened.

use actix_web::{post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::EnquiryView;
use super::{answer, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, AgencyId, EnquiryId, ReporterId};
use crate::corrections::Correction;
use crate::enquiries::actions::reporters as actions;
use crate::enquiries::model::{FormerReporter, Identity, NewReporter, OpenReason, ReporterKind};

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(add_reporter).service(correct_reporter).service(open_reporter);
}

/// Who hands it in.
#[derive(Deserialize, ToSchema)]
pub(super) struct ReporterInput {
    kind: ReporterKind,
    agency_id: Option<AgencyId>,
    #[serde(default)]
    wants_feedback: bool,
    /// Who it is and how to reach them; without it the reporter is anonymous.
    identity: Option<Identity>,
}

impl From<&ReporterInput> for NewReporter {
    fn from(input: &ReporterInput) -> Self {
        let ReporterInput { kind, agency_id, wants_feedback, ref identity } = *input;
        Self { kind, agency: agency_id, account: None, wants_feedback, identity: identity.clone() }
    }
}

/// Add a reporter
///
/// For whoever told of the same later, or was not known when the concern was taken in; at most ten. A named professional is promised a receipt,
/// counted from when the concern was received: it may be late at once. The answer says nothing of who it is.
#[utoipa::path(operation_id = "enquiries.add_reporter", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which"), IdempotencyKey),
    request_body = ReporterInput, responses((status = 201, body = EnquiryView, description = "Added")))]
#[post("/enquiries/{enquiry_id}/reporters")]
async fn add_reporter(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, body: Body<ReporterInput>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::add(tx, id, &body.into())
    };
    answer(&call, &door.command(&call, Capability::EnquiriesAddReporter, verb, get_view).await?.view)
}

/// Say who a reporter is
///
/// For one who was anonymous and names themselves, or was recorded wrongly: the whole anew; what was recorded before is kept, and shown where
/// the reporter is opened. The receipt is promised by the same rules as at intake, or not any more. Of whoever handed it in with an account that
/// says kind and agency. 409 for one who would be anonymous and got a receipt. The same again changes nothing.
#[utoipa::path(operation_id = "enquiries.correct_reporter", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("reporter_id" = ReporterId, Path, description = "Who"), Expected),
    request_body = ReporterInput, responses((status = 200, body = EnquiryView, description = "Corrected")))]
#[put("/enquiries/{enquiry_id}/reporters/{reporter_id}")]
async fn correct_reporter(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, ReporterId)>, body: Body<ReporterInput>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, reporter), expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::correct(tx, id, reporter, &expected, body.into())?;
        get_view(tx, id)
    };
    let view = door.write(&call, Capability::EnquiriesCorrectReporter, verb).await?;
    call.answer(view.version().unwrap_or(1), &view)
}

/// Why it is opened.
#[derive(Deserialize, ToSchema)]
struct OpenReporter {
    reason: OpenReason,
}

/// Who a reporter is.
#[derive(Serialize, ToSchema)]
struct ReporterView {
    id: ReporterId,
    agency_id: Option<AgencyId>,
    /// The account that handed it in, where there is one.
    account_id: Option<AccountId>,
    /// Null: nothing was told.
    identity: Option<Identity>,
    /// What was recorded of them before they said who they are, or it was put right, the first first.
    former: Vec<FormerReporterView>,
}

/// A reporter as they were recorded before.
#[derive(Serialize, ToSchema)]
struct FormerReporterView {
    kind: ReporterKind,
    agency_id: Option<AgencyId>,
    wants_feedback: bool,
    identity: Option<Identity>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

impl From<Correction<FormerReporter>> for FormerReporterView {
    fn from(Correction { former, corrected_at, corrected_by, .. }: Correction<FormerReporter>) -> Self {
        let FormerReporter { kind, agency, wants_feedback, identity } = former;
        Self { kind, agency_id: agency, wants_feedback, identity, corrected_at, corrected_by }
    }
}

/// Open who a reporter is
///
/// The one answer that says it. A look-up: the journal keeps the reason, and no key is needed.
#[utoipa::path(operation_id = "enquiries.open_reporter", tag = "enquiries",
    params(("enquiry_id" = EnquiryId, Path, description = "Which"), ("reporter_id" = ReporterId, Path, description = "Who")),
    request_body = OpenReporter, responses((status = 200, body = ReporterView, description = "Who it is")))]
#[post("/enquiries/{enquiry_id}/reporters/{reporter_id}/open")]
async fn open_reporter(door: web::Data<Door>, call: Call, path: Path<(EnquiryId, ReporterId)>, body: Body<OpenReporter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let ((id, reporter), body) = (path.get()?, body.get()?);
        let (reporter, identity, former) = actions::open(tx, id, reporter, body.reason)?;
        let former = former.into_iter().map(Into::into).collect();
        Ok(ReporterView { id: reporter.id, agency_id: reporter.agency, account_id: reporter.account, identity, former })
    };
    call.answer_plain(&door.read(&call, Capability::EnquiriesOpenReporter, look_up).await?)
}
