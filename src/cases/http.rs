//! Cases over HTTP.

mod alerts;
mod closings;
mod members;
mod referral;
mod visits;

use actix_web::{get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Change};
use super::model::{Case, CloseReason, LeaveReason, Member, Reopening, Role, State};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, OfferId, PersonId};
use crate::base::value::{Field, Line, Text};
use crate::cases::model::{CaseKind, Severity, TargetGroup};

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(show).service(change).service(close);
    closings::routes(registry);
    referral::routes(registry);
    members::routes(registry);
    alerts::routes(registry);
    visits::routes(registry);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only cases in this state.
    #[param(inline)]
    state: Option<State>,
    /// Only cases of this responsible coordinator.
    coordinator: Option<AccountId>,
    /// Only cases in which this person stands.
    person: Option<PersonId>,
    /// Only cases that are referred (`true`) or not yet (`false`).
    referred: Option<bool>,
    /// Only cases with an open alert (`true`) or without (`false`).
    on_alert: Option<bool>,
    /// Only cases founded at this moment or later.
    founded_from: Option<Instant>,
    /// Only cases founded before this moment.
    founded_before: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A case (sag). Lists leave out what has to be opened: referral, alerts, visits and the count of duties.
#[derive(Serialize, ToSchema)]
struct CaseView {
    id: CaseId,
    state: State,
    case_kind: CaseKind,
    target_group: TargetGroup,
    /// When the police stated that an offer is suitable.
    police_statement_at: Option<Instant>,
    severity: Severity,
    responsible_authority: String,
    /// The responsible coordinator's account; null: the unit.
    coordinator_id: Option<AccountId>,
    /// When the enquiry was received (stated).
    received_at: Instant,
    /// When it was founded (stated): the referral's clock runs from here unless the setting says otherwise.
    founded_at: Instant,
    needs_local_effort: bool,
    custody_conflict: bool,
    /// When it was referred (stated).
    referred_at: Option<Instant>,
    /// When it was closed (stated).
    closed_at: Option<Instant>,
    close_reason: Option<CloseReason>,
    people: Vec<MemberView>,
    recorded_at: Instant,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    referral: Option<referral::ReferralView>,
    /// Closings that an accepted offer undid, the earliest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    reopenings: Option<Vec<ReopeningView>>,
    /// Closings that were recorded by mistake and taken back, the first first.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted_closings: Option<Vec<closings::RetractedClosingView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<Vec<alerts::AlertView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_visits: Option<Vec<visits::VisitView>>,
    /// How many promises are still to be kept: `GET /v1/duties` lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_duties: Option<usize>,
    /// How many of them are late.
    #[serde(skip_serializing_if = "Option::is_none")]
    late_duties: Option<usize>,
}

/// When a case was closed, and open again since an offer of it was accepted.
#[derive(Serialize, ToSchema)]
struct ReopeningView {
    /// The offer; null: its answer was taken back, and the case is open for what else was made or recorded in it since.
    offer_id: Option<OfferId>,
    /// When it was closed (stated).
    closed_at: Instant,
    close_reason: CloseReason,
    /// When the offer was accepted, or the first happened of what else keeps the case open (stated).
    reopened_at: Instant,
    recorded_at: Instant,
}

/// How a person stands in a case.
#[derive(Serialize, ToSchema)]
struct MemberView {
    person_id: PersonId,
    role: Role,
    joined_at: Instant,
    left_at: Option<Instant>,
    /// Why they left it: who was added by mistake counts as if they had never stood in it.
    left_reason: Option<LeaveReason>,
}

fn summary(tx: &mut Tx<'_>, case: &Case) -> Result<CaseView> {
    tx.saw(case.id);
    let members = actions::members(tx, case.id)?;
    members.iter().for_each(|member| tx.saw(member.person));
    let view = |Member { person: person_id, role, joined_at, left_at, left_reason, .. }| MemberView {
        person_id,
        role,
        joined_at,
        left_at,
        left_reason,
    };
    Ok(CaseView {
        id: case.id,
        state: case.state,
        case_kind: case.case_kind,
        target_group: case.target_group,
        police_statement_at: case.police_statement_at,
        severity: case.severity,
        responsible_authority: case.responsible_authority.clone(),
        coordinator_id: case.coordinator,
        received_at: case.received_at,
        founded_at: case.founded_at,
        needs_local_effort: case.needs_local_effort,
        custody_conflict: case.custody_conflict,
        referred_at: case.referred_at,
        closed_at: case.closed_at,
        close_reason: case.close_reason,
        people: members.into_iter().map(view).collect(),
        recorded_at: case.recorded_at,
        version: case.version,
        referral: None,
        reopenings: None,
        retracted_closings: None,
        alerts: None,
        home_visits: None,
        open_duties: None,
        late_duties: None,
    })
}

impl From<Reopening> for ReopeningView {
    fn from(reopening: Reopening) -> Self {
        let Reopening { offer, closed_at, close_reason, reopened_at, recorded_at } = reopening;
        Self { offer_id: offer, closed_at, close_reason, reopened_at, recorded_at }
    }
}

fn view(tx: &mut Tx<'_>, id: CaseId) -> Result<CaseView> {
    let case = actions::get(tx, id)?;
    let (duties, now) = (actions::promises(tx, id)?, tx.now);
    let reopenings = actions::reopening::list(tx, id)?;
    Ok(CaseView {
        referral: Some(referral::view(tx, &case, &reopenings)?),
        reopenings: Some(reopenings.into_iter().map(ReopeningView::from).collect()),
        retracted_closings: Some(closings::views(tx, id)?),
        alerts: Some(alerts::views(tx, id)?),
        home_visits: Some(visits::views(tx, id)?),
        open_duties: Some(duties.len()),
        late_duties: Some(duties.iter().filter(|duty| duty.is_late(now)).count()),
        ..summary(tx, &case)?
    })
}

/// The cases the caller may see
///
/// The latest founded first.
#[utoipa::path(operation_id = "cases.list", tag = "cases", params(Filter), responses((status = 200, body = List<CaseView>, description = "One page")))]
#[get("/cases")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, CaseId)>::read("cases", filter.limit, filter.cursor.as_ref())?;
        let wanted = actions::Filter {
            state: filter.state,
            coordinator: filter.coordinator,
            person: filter.person,
            referred: filter.referred,
            on_alert: filter.on_alert,
            founded_from: filter.founded_from,
            founded_before: filter.founded_before,
        };
        let cases = actions::list(tx, &wanted, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(cases, |case| (case.founded_at, case.id));
        let items = items.iter().map(|case| summary(tx, case)).collect::<Result<Vec<_>>>()?;
        Ok(Paged { items, next })
    };
    call.answer_list(door.read(&call, Capability::CasesList, look_up).await?)
}

/// One case
#[utoipa::path(operation_id = "cases.get", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case")),
    responses((status = 200, body = CaseView, description = "The case with its persons, referral, alerts and visits")))]
#[get("/cases/{case_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<CaseId>) -> Answer {
    let case = door.read(&call, Capability::CasesGet, move |tx| view(tx, path.get()?)).await?;
    call.answer(case.version, &case)
}

/// What is changed; absent members stay.
#[derive(Deserialize, ToSchema)]
struct ChangeCase {
    #[schema(nullable = false)]
    case_kind: Option<CaseKind>,
    #[schema(nullable = false)]
    target_group: Option<TargetGroup>,
    /// When the police stated that an offer is suitable; needed for `radicalised`, where the case has none.
    #[schema(nullable = false)]
    police_statement_at: Option<Stated>,
    /// Moves the referral's due time from the same start.
    #[schema(nullable = false)]
    severity: Option<Severity>,
    /// The responsible coordinator's account; null gives the case to the unit. Open duties move with it.
    #[serde(default)]
    #[schema(value_type = Option<AccountId>)]
    coordinator_id: Field<AccountId>,
    #[schema(nullable = false)]
    responsible_authority: Option<Line>,
    /// Whether it counts in the figure of referrals in time.
    #[schema(nullable = false)]
    needs_local_effort: Option<bool>,
    /// Whether the custody holders disagree.
    #[schema(nullable = false)]
    custody_conflict: Option<bool>,
    /// Why the referral's limit was missed.
    #[schema(nullable = false)]
    late_reason: Option<Text>,
}

/// Change a case
#[utoipa::path(operation_id = "cases.update", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), Expected), request_body = ChangeCase,
    responses((status = 200, body = CaseView, description = "Changed")))]
#[patch("/cases/{case_id}")]
async fn change(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<ChangeCase>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let change = Change {
            case_kind: body.case_kind,
            target_group: body.target_group,
            police_statement_at: body.police_statement_at.map(Stated::at),
            severity: body.severity,
            coordinator: body.coordinator_id,
            responsible_authority: body.responsible_authority.clone(),
            needs_local_effort: body.needs_local_effort,
            custody_conflict: body.custody_conflict,
            late_reason: body.late_reason.clone(),
        };
        actions::update(tx, id, &expected.expected()?, change)?;
        view(tx, id)
    };
    let case = door.write(&call, Capability::CasesUpdate, verb).await?;
    call.answer(case.version, &case)
}

/// Why and when a case is closed.
#[derive(Deserialize, ToSchema)]
struct Close {
    reason: CloseReason,
    happened_at: Stated,
}

/// Close a case
///
/// 409 lists every open offer, course, alert and paused course's duty. Duties that do not survive end with reason `case_closed`.
#[utoipa::path(operation_id = "cases.close", tag = "cases", params(("case_id" = CaseId, Path, description = "Which case"), IdempotencyKey), request_body = Close,
    responses((status = 201, body = CaseView, description = "Closed")))]
#[post("/cases/{case_id}/close")]
async fn close(door: web::Data<Door>, call: Call, path: Path<CaseId>, body: Body<Close>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::close(tx, id, body.reason, body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::CasesClose, verb, view).await?.view)
}

fn answer(call: &Call, case: &CaseView) -> Answer {
    call.created(&format!("/v1/cases/{}", case.id), case.version, case)
}
