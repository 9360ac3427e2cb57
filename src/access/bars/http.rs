//! Requests and answers about bars and supervision.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Bar, BarCause, BarFilter};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, MatchId, PersonId, RelationId};

/// The operations of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(create_bar).service(list_bars).service(get_bar).service(end_bar).service(assign_supervisor);
}

/// A bar.
#[derive(Serialize, utoipa::ToSchema)]
struct BarView {
    id: RelationId,
    account_id: AccountId,
    person_id: PersonId,
    cause: BarCause,
    from_at: Instant,
    /// `null` while it stands.
    until_at: Option<Instant>,
}

impl From<Bar> for BarView {
    fn from(bar: Bar) -> Self {
        let Bar { id, account, person, cause, from_at, until_at } = bar;
        Self { id, account_id: account, person_id: person, cause, from_at, until_at }
    }
}

impl BarView {
    /// A bar is entered, and once ended.
    const fn version(&self) -> i64 {
        if self.until_at.is_some() { 2 } else { 1 }
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
    /// Those on this person.
    person_id: Option<PersonId>,
    /// Those that have ended, instead of those that stand.
    #[serde(default)]
    ended: bool,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
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

/// Bars an account from a person, their cases and enquiries, from its next request on.
///
/// Whoever bars themselves gets this one answer and sees the bar never again.
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
    let view = BarView::from(door.command(&call, Capability::BarsCreate, verb, actions::get_entered).await?.view);
    call.created(&format!("/v1/bars/{}", view.id), view.version(), &view)
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
    call.answer(view.version(), &view)
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
    call.answer(view.version(), &view)
}

/// Gives a match to one supervisor from now on, or to nobody.
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
    let (match_id, account_id) = door.command(&call, Capability::SupervisionAssign, verb, actions::get_supervisor).await?.view;
    call.answer_plain(&SupervisionView { match_id, account_id })
}
