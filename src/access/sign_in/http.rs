//! Requests and answers of signing in, and of the caller's own devices and password.

use actix_web::{delete, get, patch, post, put, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, DeviceChange};
use super::model::{Attempt, Device, DeviceKind, Password, PushTarget};
use super::porter::SignedIn;
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Expected, List, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, DeviceId};
use crate::base::value::{Field, Line};

/// The operations of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry
        .service(sign_in)
        .service(refresh)
        .service(list_devices)
        .service(update_device)
        .service(sign_out)
        .service(sign_out_all)
        .service(change_password)
        .service(replace_password);
}

/// A name, a password, and where they were typed.
#[derive(Deserialize, utoipa::ToSchema)]
struct SignInRequest {
    /// The account's name; upper and lower case are the same.
    #[schema(example = "eva.holm")]
    name: Line,
    password: Password,
    device: DeviceRequest,
}

/// Where somebody signs in.
#[derive(Deserialize, utoipa::ToSchema)]
struct DeviceRequest {
    kind: DeviceKind,
    /// What its owner will know it by.
    #[schema(example = "Arbejdstelefon")]
    label: Line,
}

/// The refresh token of the last answer.
#[derive(Deserialize, utoipa::ToSchema)]
struct RefreshRequest {
    refresh_token: Line,
}

/// Tokens, or a further step.
#[derive(Serialize, utoipa::ToSchema)]
struct SignInView {
    /// What is still to be done before there are tokens. Always `null` today; a client shows what it does not know as "update the app".
    next: Option<String>,
    /// The tokens, when nothing is left to do.
    tokens: Option<TokensView>,
}

/// What the device sends from now on.
#[derive(Serialize, utoipa::ToSchema)]
struct TokensView {
    /// Goes into `Authorization: Bearer`.
    access_token: String,
    /// From then on it is refused.
    access_expires_at: Instant,
    /// Gives the next pair of tokens, once. When its answer was lost, send it again within 24 hours, before anything newer is used.
    refresh_token: String,
    /// From then on one must sign in with the password again.
    refresh_expires_at: Instant,
    account_id: AccountId,
    device_id: DeviceId,
}

impl From<SignedIn> for SignInView {
    fn from(SignedIn { pair, granted }: SignedIn) -> Self {
        let tokens = TokensView {
            access_token: pair.access.as_str().to_owned(),
            access_expires_at: granted.access_until,
            refresh_token: pair.refresh.as_str().to_owned(),
            refresh_expires_at: granted.refresh_until,
            account_id: granted.account,
            device_id: granted.device,
        };
        Self { next: None, tokens: Some(tokens) }
    }
}

/// One sign-in.
#[derive(Serialize, utoipa::ToSchema)]
struct DeviceView {
    id: DeviceId,
    kind: DeviceKind,
    label: String,
    /// Whether pushes go to it.
    has_push_target: bool,
    /// Whether it is the one that asks.
    is_this: bool,
    signed_in_at: Instant,
    /// When it last fetched new tokens.
    seen_at: Instant,
    /// When it must sign in with the password again, however often it is used.
    ends_at: Instant,
    version: i64,
}

impl DeviceView {
    fn new(device: &Device, this: Option<DeviceId>) -> Self {
        Self {
            id: device.id,
            kind: device.kind,
            label: device.label.clone(),
            has_push_target: device.push_target.is_some(),
            is_this: Some(device.id) == this,
            signed_in_at: device.signed_in_at,
            seen_at: device.seen_at,
            ends_at: device.ends_at,
            version: device.version,
        }
    }
}

/// What to change; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
struct DevicePatch {
    #[schema(nullable = false)]
    label: Option<Line>,
    /// Where pushes for this device go; `null` for nowhere.
    #[serde(default)]
    #[schema(value_type = Option<PushTarget>)]
    push_target: Field<PushTarget>,
}

/// Which devices to sign out.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SignOutQuery {
    /// Leave the device that asks signed in.
    #[serde(default)]
    keep_this: bool,
}

/// The old and the new password.
#[derive(Deserialize, utoipa::ToSchema)]
struct PasswordRequest {
    old_password: Password,
    new_password: Password,
}

/// The new password of somebody who forgot theirs.
#[derive(Deserialize, utoipa::ToSchema)]
struct NewPasswordRequest {
    /// To be handed over, and changed by its owner.
    password: Password,
}

/// Signs in.
///
/// Unknown names, wrong passwords and disabled accounts are answered alike. After some wrong tries one must wait (429).
#[utoipa::path(
    operation_id = "sign_in.create", tag = "sign_in", security(()), request_body = SignInRequest,
    responses((status = 200, body = SignInView, description = "Signed in, or a further step"))
)]
#[post("/sign-ins")]
async fn sign_in(door: web::Data<Door>, call: Call, body: Body<SignInRequest>) -> Answer {
    let SignInRequest { name, password, device } = body.take()?;
    let attempt = Attempt { name: name.into_string(), source: call.peer(), kind: device.kind, label: device.label };
    let signed_in = door.house().porter.sign_in(&door, &call, attempt, password).await?;
    call.answer_plain(&SignInView::from(signed_in))
}

/// Gives new tokens for a refresh token.
///
/// A token that comes back after one of its children was used is taken for stolen: the device is signed out.
#[utoipa::path(
    operation_id = "sign_in.refresh", tag = "sign_in", security(()), request_body = RefreshRequest,
    responses((status = 200, body = SignInView, description = "New tokens"))
)]
#[post("/sign-ins/refresh")]
async fn refresh(door: web::Data<Door>, call: Call, body: Body<RefreshRequest>) -> Answer {
    let refreshed = door.house().porter.refresh(&door, &call, body.get()?.refresh_token.as_str()).await?;
    call.answer_plain(&SignInView::from(refreshed))
}

/// Lists the devices on which you are signed in, newest first.
///
/// One that was not used for so long that it must sign in again is not among them, and gets no pushes.
#[utoipa::path(
    operation_id = "devices.list", tag = "me",
    responses((status = 200, body = List<DeviceView>, description = "Your devices"))
)]
#[get("/me/devices")]
async fn list_devices(door: web::Data<Door>, call: Call) -> Answer {
    let look = |tx: &mut Tx<'_>| Ok((actions::own_devices(tx)?, tx.actor.device));
    let (devices, this) = door.read(&call, Capability::DevicesList, look).await?;
    call.answer_list(Paged::all(devices.iter().map(|device| DeviceView::new(device, this)).collect()))
}

/// Names a device of yours anew, or says where its pushes go.
///
/// A phone's pushes are those of whoever said so last: the same address is forgotten at every other device.
#[utoipa::path(
    operation_id = "devices.update", tag = "me", request_body = DevicePatch,
    params(("device_id" = DeviceId, Path, description = "Which")),
    responses((status = 200, body = DeviceView, description = "The device"))
)]
#[patch("/me/devices/{device_id}")]
async fn update_device(door: web::Data<Door>, call: Call, path: Path<DeviceId>, body: Body<DevicePatch>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let patch = body.get()?;
        let change = DeviceChange { label: patch.label.clone(), push_target: patch.push_target.clone() };
        Ok((actions::update_device(tx, path.get()?, &change)?, tx.actor.device))
    };
    let (device, this) = door.write(&call, Capability::DevicesUpdate, verb).await?;
    call.answer(device.version, &DeviceView::new(&device, this))
}

/// Signs one of your devices out, effective with its next request. For a lost phone.
#[utoipa::path(
    operation_id = "devices.sign_out", tag = "me",
    params(("device_id" = DeviceId, Path, description = "Which")),
    responses((status = 204, description = "Signed out"))
)]
#[delete("/me/devices/{device_id}")]
async fn sign_out(door: web::Data<Door>, call: Call, path: Path<DeviceId>) -> Answer {
    door.write(&call, Capability::DevicesSignOut, move |tx| actions::sign_out_own(tx, path.get()?)).await?;
    call.done()
}

/// Signs all your devices out, effective with their next request.
#[utoipa::path(
    operation_id = "devices.sign_out_all", tag = "me", params(SignOutQuery),
    responses((status = 204, description = "Signed out"))
)]
#[delete("/me/devices")]
async fn sign_out_all(door: web::Data<Door>, call: Call, query: Query<SignOutQuery>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| actions::sign_out_all_own(tx, query.get()?.keep_this);
    door.write(&call, Capability::DevicesSignOutAll, verb).await?;
    call.done()
}

/// Changes your password. Your other devices are signed out.
///
/// After a lost answer the version has changed (412): the new password holds.
#[utoipa::path(
    operation_id = "password.change", tag = "me", request_body = PasswordRequest,
    params(Expected),
    responses((status = 204, description = "Changed"))
)]
#[put("/me/password")]
async fn change_password(door: web::Data<Door>, call: Call, body: Body<PasswordRequest>) -> Answer {
    let passwords = move || body.take().map(|asked| (asked.old_password, asked.new_password));
    door.house().porter.change_password(&door, &call, passwords).await?;
    call.done()
}

/// Replaces the password of somebody who forgot it. The account is signed out everywhere, and its calendar feed ends.
///
/// Your own is changed with the old one (403). After a lost answer the version has changed (412): the new password holds.
#[utoipa::path(
    operation_id = "accounts.set_password", tag = "accounts", request_body = NewPasswordRequest,
    params(("account_id" = AccountId, Path, description = "Which"), Expected),
    responses((status = 204, description = "Replaced"))
)]
#[put("/accounts/{account_id}/password")]
async fn replace_password(door: web::Data<Door>, call: Call, path: Path<AccountId>, body: Body<NewPasswordRequest>) -> Answer {
    let asked = move || Ok((path.get()?, body.take()?.password));
    door.house().porter.replace_password(&door, &call, asked).await?;
    call.done()
}
