//! Requests and answers about bars.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Bar, BarCause, BarFilter, BarWarning};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, EnquiryId, Id, PersonId, RelationId};
use crate::journal::SubjectKind;

/// The operations of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(create_bar).service(list_bars).service(get_bar).service(end_bar);
}

/// A bar.
#[derive(Serialize, utoipa::ToSchema)]
struct BarView {
    id: RelationId,
    account_id: AccountId,
    /// `null` for a bar that was entered at intake.
    person_id: Option<PersonId>,
    /// The enquiry of a bar that was entered at intake: it also covers whom that is about.
    enquiry_id: Option<EnquiryId>,
    cause: BarCause,
    from_at: Instant,
    /// `null` while it stands.
    until_at: Option<Instant>,
    /// What it brings with it that somebody must look after; only in the answer to a POST that enters it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<BarWarning>>,
    #[serde(skip)]
    version: i64,
}

impl From<Bar> for BarView {
    fn from(bar: Bar) -> Self {
        let version = bar.version();
        let Bar { id, account, subject, cause, from_at, until_at } = bar;
        let on = |kind| (subject.kind == kind).then_some(subject.id);
        let (person_id, enquiry_id) = (on(SubjectKind::Person).map(Id::cast), on(SubjectKind::Enquiry).map(Id::cast));
        Self { id, account_id: account, person_id, enquiry_id, cause, from_at, until_at, warnings: None, version }
    }
}

/// Who must never see whom.
#[derive(Deserialize, utoipa::ToSchema)]
struct BarRequest {
    account_id: AccountId,
    person_id: PersonId,
    cause: BarCause,
}

/// Which bars, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct BarQuery {
    /// Those for this account.
    account_id: Option<AccountId>,
    /// Those that cover this person, also by an enquiry.
    person_id: Option<PersonId>,
    /// Those that have ended, instead of those that stand.
    #[serde(default)]
    ended: bool,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Bars an account from a person, their cases and enquiries, from its next request on.
///
/// Whoever bars themselves gets this one answer and sees the bar never again. `warnings` has `nobody_left` where an open case of the person is one
/// that no coordinator may see any more.
#[utoipa::path(
    operation_id = "bars.create", tag = "bars", request_body = BarRequest,
    params(IdempotencyKey),
    responses((status = 201, body = BarView, description = "The bar"))
)]
#[post("/bars")]
async fn create_bar(door: web::Data<Door>, call: Call, body: Body<BarRequest>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let request = body.get()?;
        actions::bar(tx, request.account_id, request.person_id, request.cause)
    };
    let look = |tx: &mut Tx<'_>, id| {
        let bar = actions::get_entered(tx, id)?;
        Ok(BarView { warnings: Some(actions::warnings(tx, &bar)?), ..BarView::from(bar) })
    };
    let view = door.command(&call, Capability::BarsCreate, verb, look).await?.view;
    call.created(&format!("/v1/bars/{}", view.id), view.version, &view)
}

/// Lists bars, oldest first.
#[utoipa::path(
    operation_id = "bars.list", tag = "bars", params(BarQuery),
    responses((status = 200, body = List<BarView>, description = "Bars"))
)]
#[get("/bars")]
async fn list_bars(door: web::Data<Door>, call: Call, query: Query<BarQuery>) -> Answer {
    let look = move |tx: &mut Tx<'_>| {
        let query = query.get()?;
        let filter = BarFilter { account: query.account_id, person: query.person_id, ended: query.ended };
        actions::list(tx, &filter, &Page::read("bars", query.limit, query.cursor.as_ref())?)
    };
    let bars = door.read(&call, Capability::BarsList, look).await?;
    call.answer_list(bars.map(BarView::from))
}

/// Shows a bar, also one that has ended.
#[utoipa::path(
    operation_id = "bars.get", tag = "bars", params(("bar_id" = RelationId, Path, description = "Which")),
    responses((status = 200, body = BarView, description = "The bar"))
)]
#[get("/bars/{bar_id}")]
async fn get_bar(door: web::Data<Door>, call: Call, path: Path<RelationId>) -> Answer {
    let view = BarView::from(door.read(&call, Capability::BarsGet, move |tx| actions::get(tx, path.get()?)).await?);
    call.answer(view.version, &view)
}

/// Ends a bar and all it covers. Nobody ends their own.
#[utoipa::path(
    operation_id = "bars.end", tag = "bars",
    params(
        ("bar_id" = RelationId, Path, description = "Which"),
        IdempotencyKey
    ),
    responses((status = 200, body = BarView, description = "The bar"))
)]
#[post("/bars/{bar_id}/end")]
async fn end_bar(door: web::Data<Door>, call: Call, path: Path<RelationId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        actions::end(tx, path.get()?)
    };
    let view = BarView::from(door.command(&call, Capability::BarsEnd, verb, actions::get_entered).await?.view);
    call.answer(view.version, &view)
}
