//! Decisions over HTTP.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::{Result, invalid};
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, DecisionId, EnquiryId};
use crate::base::value::{Day, Flaw, Text};
use crate::enquiries::actions::decisions::{self as actions, Make};
use crate::enquiries::model::{Decision, DecisionKind, Matter};

/// Adds the routes.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(make).service(list).service(show).service(ratify);
}

/// A decision on an enquiry or a case.
#[derive(Deserialize, ToSchema)]
struct MakeDecision {
    /// Conclusions and home visits have operations of their own.
    kind: DecisionKind,
    /// Either this or `case_id`.
    enquiry_id: Option<EnquiryId>,
    case_id: Option<CaseId>,
    /// When; now where absent.
    happened_at: Option<Stated>,
    /// The caller where absent.
    decided_by: Option<AccountId>,
    /// The meeting; without one it was decided between meetings and waits for the next.
    meeting_on: Option<Day>,
    grounds: Option<Text>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only about this enquiry.
    enquiry: Option<EnquiryId>,
    /// Only about this case.
    case: Option<CaseId>,
    /// Only this kind.
    #[param(inline)]
    kind: Option<DecisionKind>,
    /// Only those that wait for a meeting.
    to_ratify: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// What a meeting decided, or somebody between two of them.
#[derive(Serialize, ToSchema)]
struct DecisionView {
    id: DecisionId,
    kind: DecisionKind,
    enquiry_id: Option<EnquiryId>,
    case_id: Option<CaseId>,
    decided_at: Instant,
    decided_by: AccountId,
    /// The meeting; null: between meetings.
    meeting_on: Option<NaiveDate>,
    /// The meeting that ratified it.
    ratified_on: Option<NaiveDate>,
    grounds: Option<Text>,
    recorded_at: Instant,
    /// When it was taken back, with the conclusion that it was: that was drawn by mistake.
    retracted_at: Option<Instant>,
    retracted_by: Option<AccountId>,
    version: i64,
}

fn view((decision, grounds): (Decision, Option<Text>)) -> DecisionView {
    DecisionView {
        id: decision.id,
        kind: decision.kind,
        enquiry_id: decision.matter.enquiry(),
        case_id: decision.matter.case(),
        decided_at: decision.decided_at,
        decided_by: decision.decided_by,
        meeting_on: decision.meeting_on,
        ratified_on: decision.ratified_on,
        grounds,
        recorded_at: decision.recorded_at,
        retracted_at: decision.retracted_at,
        retracted_by: decision.retracted_by,
        version: decision.version,
    }
}

fn get_view(tx: &mut Tx<'_>, id: DecisionId) -> Result<DecisionView> {
    actions::get(tx, id).map(view)
}

/// Record a decision
///
/// Made between two meetings it opens a promise that the next one ratifies it.
#[utoipa::path(operation_id = "decisions.make", tag = "decisions", params(IdempotencyKey), request_body = MakeDecision,
    responses((status = 201, body = DecisionView, description = "Recorded")))]
#[post("/decisions")]
async fn make(door: web::Data<Door>, call: Call, body: Body<MakeDecision>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let matter = match (body.enquiry_id, body.case_id) {
            (Some(enquiry), None) => Matter::Enquiry(enquiry),
            (None, Some(case)) => Matter::Case(case),
            _ => {
                return Err(invalid(
                    "/case_id",
                    Flaw::OneOf,
                    "Angiv enten henvendelsen eller sagen",
                    "Name either the enquiry or the case",
                ));
            }
        };
        let make = Make {
            kind: body.kind,
            matter,
            at: body.happened_at.map(Stated::at),
            decided_by: body.decided_by,
            meeting_on: body.meeting_on.map(Day::date),
            grounds: body.grounds.clone(),
        };
        actions::make(tx, &make)
    };
    let made = door.command(&call, Capability::DecisionsMake, verb, get_view).await?.view;
    call.created(&format!("/v1/decisions/{}", made.id), made.version, &made)
}

/// Decisions, the latest first
#[utoipa::path(operation_id = "decisions.list", tag = "decisions", params(Filter),
    responses((status = 200, body = List<DecisionView>, description = "One page")))]
#[get("/decisions")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, DecisionId)>::read("decisions", filter.limit, filter.cursor.as_ref())?;
        let wanted =
            actions::Filter { enquiry: filter.enquiry, case: filter.case, kind: filter.kind, to_ratify: filter.to_ratify.unwrap_or(false) };
        let views = actions::list(tx, &wanted, page.after, page.fetch())?.into_iter().map(view).collect();
        Ok(page.cut(views, |decision: &DecisionView| (decision.decided_at, decision.id)))
    };
    call.answer_list(door.read(&call, Capability::DecisionsList, look_up).await?)
}

/// One decision
#[utoipa::path(operation_id = "decisions.get", tag = "decisions", params(("decision_id" = DecisionId, Path, description = "Which")),
    responses((status = 200, body = DecisionView, description = "The decision")))]
#[get("/decisions/{decision_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<DecisionId>) -> Answer {
    let decision = door.read(&call, Capability::DecisionsGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(decision.version, &decision)
}

/// Which meeting ratified it.
#[derive(Deserialize, ToSchema)]
struct Ratify {
    meeting_on: Day,
}

/// Ratify a decision made between meetings
#[utoipa::path(operation_id = "decisions.ratify", tag = "decisions", params(("decision_id" = DecisionId, Path, description = "Which"), IdempotencyKey),
    request_body = Ratify, responses((status = 201, body = DecisionView, description = "Ratified")))]
#[post("/decisions/{decision_id}/ratify")]
async fn ratify(door: web::Data<Door>, call: Call, path: Path<DecisionId>, body: Body<Ratify>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| actions::ratify(tx, path.get()?, body.get()?.meeting_on.date());
    let decision = door.command(&call, Capability::DecisionsRatify, verb, get_view).await?.view;
    call.created(&format!("/v1/decisions/{}", decision.id), decision.version, &decision)
}
