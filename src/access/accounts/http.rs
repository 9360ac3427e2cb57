//! Requests and answers about accounts and agencies.

use actix_web::{delete, get, patch, post, put, web};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{AccountFilter, AccountName, Agency, AgencyKind, NewAccount, OpenAccount, Profile};
use crate::access::sign_in::Password;
use crate::access::{Capability, Door, Role, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, Expected, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, AgencyId, DeviceId};
use crate::base::language::Language;
use crate::base::value::{Email, Few, Field, Line};

/// The operations of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry
        .service(get_me)
        .service(create_account)
        .service(list_accounts)
        .service(get_account)
        .service(update_account)
        .service(set_roles)
        .service(disable_account)
        .service(enable_account)
        .service(sign_out_account)
        .service(create_agency)
        .service(list_agencies)
        .service(get_agency)
        .service(update_agency);
}

/// An account.
#[derive(Serialize, utoipa::ToSchema)]
struct AccountView {
    id: AccountId,
    /// What is typed at sign-in.
    name: String,
    /// The name shown to colleagues.
    display_name: Line,
    /// Where the account's own mail goes.
    email: Option<Email>,
    /// The language of its messages.
    language: Language,
    /// What it may do now.
    roles: Vec<Role>,
    /// The agency of a partner.
    agency_id: Option<AgencyId>,
    /// Since when nobody can sign in to it.
    disabled_at: Option<Instant>,
    recorded_at: Instant,
    version: i64,
}

impl From<OpenAccount> for AccountView {
    fn from(OpenAccount { account, profile, roles }: OpenAccount) -> Self {
        Self {
            id: account.id,
            name: account.name,
            display_name: profile.display_name,
            email: profile.email,
            language: account.language,
            roles,
            agency_id: account.agency,
            disabled_at: account.disabled_at,
            recorded_at: account.recorded_at,
            version: account.version,
        }
    }
}

/// The caller.
#[derive(Serialize, utoipa::ToSchema)]
struct MeView {
    account: AccountView,
    /// The device that asks.
    device_id: Option<DeviceId>,
}

/// Whose account, and what it may do.
#[derive(Deserialize, utoipa::ToSchema)]
struct AccountRequest {
    /// What is typed at sign-in: letters, digits and `. - _ @ +`; upper and lower case are the same.
    name: AccountName,
    /// The name shown to colleagues.
    #[schema(example = "Eva Holm")]
    display_name: Line,
    /// Where the account's own mail goes.
    email: Option<Email>,
    /// The language of its messages; Danish when left out.
    #[serde(default)]
    language: Language,
    /// At least one.
    roles: Few<Role, 7, 1>,
    /// The agency of a partner; nobody else has one.
    agency_id: Option<AgencyId>,
    /// The first password, to be handed over and changed.
    password: Password,
}

/// What of an account is set; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
struct AccountChange {
    /// The name shown to colleagues.
    #[schema(nullable = false)]
    display_name: Option<Line>,
    /// Where the account's own mail goes; null takes it away.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    email: Field<Email>,
    /// The language of its messages, from now on and of those that wait.
    #[schema(nullable = false)]
    language: Option<Language>,
}

/// What an account may do from now on.
#[derive(Deserialize, utoipa::ToSchema)]
struct RolesRequest {
    /// All of them; at least one.
    roles: Few<Role, 7, 1>,
}

/// Which accounts, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountQuery {
    /// Those that hold this role now.
    #[param(inline)]
    role: Option<Role>,
    /// Those of this agency.
    agency_id: Option<AgencyId>,
    /// Only closed ones, or only open ones.
    disabled: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// An agency.
#[derive(Serialize, utoipa::ToSchema)]
struct AgencyView {
    id: AgencyId,
    name: String,
    kind: AgencyKind,
    recorded_at: Instant,
    version: i64,
}

impl From<Agency> for AgencyView {
    fn from(agency: Agency) -> Self {
        Self { id: agency.id, name: agency.name, kind: agency.kind, recorded_at: agency.recorded_at, version: agency.version }
    }
}

/// What the agency is called, and its kind.
#[derive(Deserialize, utoipa::ToSchema)]
struct AgencyRequest {
    #[schema(example = "Nørrebro Skole")]
    name: Line,
    kind: AgencyKind,
}

/// What of an agency is put right; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
struct AgencyChange {
    #[schema(nullable = false)]
    name: Option<Line>,
    #[schema(nullable = false)]
    kind: Option<AgencyKind>,
}

/// Which agencies, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AgencyQuery {
    /// Those of this kind.
    #[param(inline)]
    kind: Option<AgencyKind>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Shows your own account.
#[utoipa::path(
    operation_id = "me.get", tag = "me",
    responses((status = 200, body = MeView, description = "You"))
)]
#[get("/me")]
async fn get_me(door: web::Data<Door>, call: Call) -> Answer {
    let look = |tx: &mut Tx<'_>| Ok((actions::get_own(tx)?, tx.actor.device));
    let (own, device_id) = door.read(&call, Capability::MeGet, look).await?;
    let version = own.account.version;
    call.answer(version, &MeView { account: own.into(), device_id })
}

/// Makes an account.
#[utoipa::path(
    operation_id = "accounts.create", tag = "accounts", request_body = AccountRequest,
    params(IdempotencyKey),
    responses((status = 201, body = AccountView, description = "The account"))
)]
#[post("/accounts")]
async fn create_account(door: web::Data<Door>, call: Call, body: Body<AccountRequest>) -> Answer {
    // Nobody gets a hash computed who may not make accounts.
    let request = door.read(&call, Capability::AccountsCreate, move |_| body.take()).await?;
    let porter = &door.house().porter;
    porter.check_new_password(&request.password, request.name.as_str(), "/password")?;
    let account = NewAccount {
        name: request.name,
        profile: Profile { display_name: request.display_name, email: request.email },
        language: request.language,
        roles: request.roles.into_vec(),
        agency: request.agency_id,
        password_hash: porter.hasher().hash(request.password).await?,
    };
    let verb = move |tx: &mut Tx<'_>| actions::create(tx, &account);
    let view = AccountView::from(door.command(&call, Capability::AccountsCreate, verb, actions::get).await?.view);
    call.created(&format!("/v1/accounts/{}", view.id), view.version, &view)
}

/// Lists accounts, oldest first.
#[utoipa::path(
    operation_id = "accounts.list", tag = "accounts", params(AccountQuery),
    responses((status = 200, body = List<AccountView>, description = "Accounts"))
)]
#[get("/accounts")]
async fn list_accounts(door: web::Data<Door>, call: Call, query: Query<AccountQuery>) -> Answer {
    let look = move |tx: &mut Tx<'_>| {
        let query = query.get()?;
        let filter = AccountFilter { role: query.role, agency: query.agency_id, disabled: query.disabled };
        actions::list(tx, &filter, &Page::read("accounts", query.limit, query.cursor.as_ref())?)
    };
    let accounts = door.read(&call, Capability::AccountsList, look).await?;
    call.answer_list(accounts.map(AccountView::from))
}

/// Shows an account.
#[utoipa::path(
    operation_id = "accounts.get", tag = "accounts", params(("account_id" = AccountId, Path, description = "Which")),
    responses((status = 200, body = AccountView, description = "The account"))
)]
#[get("/accounts/{account_id}")]
async fn get_account(door: web::Data<Door>, call: Call, path: Path<AccountId>) -> Answer {
    let account = door.read(&call, Capability::AccountsGet, move |tx| actions::get(tx, path.get()?)).await?;
    call.answer(account.account.version, &AccountView::from(account))
}

/// Sets the name, the e-mail address and the language of an account.
///
/// Sessions that came to the old address by mail come to the new one from now on, and are taken out of the calendar of the old mailbox. What waits
/// to be told goes in the new language; what is on its way, or was, stays as it was written.
#[utoipa::path(
    operation_id = "accounts.update", tag = "accounts", request_body = AccountChange,
    params(("account_id" = AccountId, Path, description = "Which"), Expected),
    responses((status = 200, body = AccountView, description = "The account"))
)]
#[patch("/accounts/{account_id}")]
async fn update_account(door: web::Data<Door>, call: Call, path: Path<AccountId>, body: Body<AccountChange>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, change) = (path.get()?, asked.expected()?, body.get()?);
        let change = actions::Change { display_name: change.display_name.clone(), email: change.email.clone(), language: change.language };
        actions::update(tx, id, &expected, change)
    };
    let account = door.write(&call, Capability::AccountsUpdate, verb).await?;
    call.answer(account.account.version, &AccountView::from(account))
}

/// Sets what an account may do, from its next request on.
#[utoipa::path(
    operation_id = "accounts.set_roles", tag = "accounts", request_body = RolesRequest,
    params(("account_id" = AccountId, Path, description = "Which"), Expected),
    responses((status = 200, body = AccountView, description = "The account"))
)]
#[put("/accounts/{account_id}/roles")]
async fn set_roles(door: web::Data<Door>, call: Call, path: Path<AccountId>, body: Body<RolesRequest>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| actions::set_roles(tx, path.get()?, &asked.expected()?, &body.get()?.roles);
    let account = door.write(&call, Capability::AccountsSetRoles, verb).await?;
    call.answer(account.account.version, &AccountView::from(account))
}

/// Closes an account: it is signed out everywhere, nobody can sign in to it, and its promises are the unit's.
///
/// It is told nothing new. Sessions that came to it by mail are taken out of the calendar of its mailbox, by mail.
#[utoipa::path(
    operation_id = "accounts.disable", tag = "accounts",
    params(
        ("account_id" = AccountId, Path, description = "Which"),
        IdempotencyKey
    ),
    responses((status = 200, body = AccountView, description = "The account"))
)]
#[post("/accounts/{account_id}/disable")]
async fn disable_account(door: web::Data<Door>, call: Call, path: Path<AccountId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        actions::disable(tx, path.get()?)
    };
    let account = door.command(&call, Capability::AccountsDisable, verb, actions::get).await?.view;
    call.answer(account.account.version, &AccountView::from(account))
}

/// Opens a closed account again: with its password and roles, signed in nowhere.
#[utoipa::path(
    operation_id = "accounts.enable", tag = "accounts",
    params(
        ("account_id" = AccountId, Path, description = "Which"),
        IdempotencyKey
    ),
    responses((status = 200, body = AccountView, description = "The account"))
)]
#[post("/accounts/{account_id}/enable")]
async fn enable_account(door: web::Data<Door>, call: Call, path: Path<AccountId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        actions::enable(tx, path.get()?)
    };
    let account = door.command(&call, Capability::AccountsEnable, verb, actions::get).await?.view;
    call.answer(account.account.version, &AccountView::from(account))
}

/// Signs all devices of an account out, effective with their next request. Its calendar feed ends.
#[utoipa::path(
    operation_id = "accounts.sign_out", tag = "accounts",
    params(("account_id" = AccountId, Path, description = "Which")),
    responses((status = 204, description = "Signed out"))
)]
#[delete("/accounts/{account_id}/devices")]
async fn sign_out_account(door: web::Data<Door>, call: Call, path: Path<AccountId>) -> Answer {
    door.write(&call, Capability::AccountsSignOut, move |tx| actions::sign_out(tx, path.get()?)).await?;
    call.done()
}

/// Enters an agency.
#[utoipa::path(
    operation_id = "agencies.create", tag = "agencies", request_body = AgencyRequest,
    params(IdempotencyKey),
    responses((status = 201, body = AgencyView, description = "The agency"))
)]
#[post("/agencies")]
async fn create_agency(door: web::Data<Door>, call: Call, body: Body<AgencyRequest>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let request = body.get()?;
        actions::make_agency(tx, &request.name, request.kind)
    };
    let agency = door.command(&call, Capability::AgenciesCreate, verb, actions::get_agency).await?.view;
    call.created(&format!("/v1/agencies/{}", agency.id), agency.version, &AgencyView::from(agency))
}

/// Lists agencies, oldest first.
#[utoipa::path(
    operation_id = "agencies.list", tag = "agencies", params(AgencyQuery),
    responses((status = 200, body = List<AgencyView>, description = "Agencies"))
)]
#[get("/agencies")]
async fn list_agencies(door: web::Data<Door>, call: Call, query: Query<AgencyQuery>) -> Answer {
    let look = move |tx: &mut Tx<'_>| {
        let query = query.get()?;
        actions::list_agencies(tx, query.kind, &Page::read("agencies", query.limit, query.cursor.as_ref())?)
    };
    let agencies = door.read(&call, Capability::AgenciesList, look).await?;
    call.answer_list(agencies.map(AgencyView::from))
}

/// Shows an agency.
#[utoipa::path(
    operation_id = "agencies.get", tag = "agencies", params(("agency_id" = AgencyId, Path, description = "Which")),
    responses((status = 200, body = AgencyView, description = "The agency"))
)]
#[get("/agencies/{agency_id}")]
async fn get_agency(door: web::Data<Door>, call: Call, path: Path<AgencyId>) -> Answer {
    let agency = door.read(&call, Capability::AgenciesGet, move |tx| actions::get_agency(tx, path.get()?)).await?;
    call.answer(agency.version, &AgencyView::from(agency))
}

/// Puts right what an agency is called, and its kind.
#[utoipa::path(
    operation_id = "agencies.update", tag = "agencies", request_body = AgencyChange,
    params(("agency_id" = AgencyId, Path, description = "Which"), Expected),
    responses((status = 200, body = AgencyView, description = "The agency"))
)]
#[patch("/agencies/{agency_id}")]
async fn update_agency(door: web::Data<Door>, call: Call, path: Path<AgencyId>, body: Body<AgencyChange>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, change) = (path.get()?, expected.expected()?, body.get()?);
        actions::update_agency(tx, id, &expected, change.name.as_ref(), change.kind)
    };
    let agency = door.write(&call, Capability::AgenciesUpdate, verb).await?;
    call.answer(agency.version, &AgencyView::from(agency))
}
