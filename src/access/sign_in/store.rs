//! Devices, tokens and wrong tries as rows.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Device, DeviceKind, Granted, Login, Pair, PushTarget, RefreshToken, SignedOut, Tries};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::is_unique;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, DeviceId};
use crate::base::value::folded;
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::{access_tokens, accounts, devices, refresh_tokens, throttles};

/// Whose key a push target is sealed under.
pub(super) const fn holder(account: AccountId) -> Holder {
    Holder::account(account)
}

/// Where a device's push target lies.
pub(super) const fn push_place(device: DeviceId) -> Place {
    Place::new("devices", "push_target", device)
}

/// The account of a name as typed.
pub(super) fn find_login(tx: &mut Tx<'_>, name: &str) -> Result<Option<Login>> {
    let found: Option<(AccountId, String, Option<Instant>)> = accounts::table
        .filter(accounts::name.eq(folded(name)))
        .select((accounts::id, accounts::password_hash, accounts::disabled_at))
        .first(tx.db())
        .optional()?;
    Ok(found.map(|(account, hash, disabled)| Login { account, password_hash: disabled.is_none().then_some(hash) }))
}

/// Name, password hash and version of an account.
///
/// # Errors
/// 404.
pub(super) fn get_password(tx: &mut Tx<'_>, account: AccountId) -> Result<(String, String, i64)> {
    let columns = (accounts::name, accounts::password_hash, accounts::version);
    accounts::table.find(account).select(columns).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// A new password.
pub(super) fn set_password(tx: &mut Tx<'_>, account: AccountId, hash: &str) -> Result<()> {
    diesel::update(accounts::table.find(account))
        .set((accounts::password_hash.eq(hash), accounts::version.eq(accounts::version + 1)))
        .execute(tx.db())?;
    Ok(())
}

/// The wrong tries under a key.
pub(super) fn find_tries(tx: &mut Tx<'_>, key: &[u8]) -> Result<Option<Tries>> {
    let found: Option<(i32, Instant, Option<Instant>)> =
        throttles::table.find(key).select((throttles::failures, throttles::first_at, throttles::locked_until)).first(tx.db()).optional()?;
    Ok(found.map(|(failures, first_at, locked_until)| Tries {
        failures: u32::try_from(failures).unwrap_or_default(),
        first_at,
        locked_until,
    }))
}

/// Writes the wrong tries under a key down.
pub(super) fn save_tries(tx: &mut Tx<'_>, key: &[u8], tries: &Tries) -> Result<()> {
    let values = (
        throttles::failures.eq(i32::try_from(tries.failures).unwrap_or(i32::MAX)),
        throttles::first_at.eq(tries.first_at),
        throttles::locked_until.eq(tries.locked_until),
    );
    if diesel::update(throttles::table.find(key)).set(values).execute(tx.db())? > 0 {
        return Ok(());
    }
    let inserted = diesel::insert_into(throttles::table).values((throttles::key_hash.eq(key), values)).execute(tx.db());
    match inserted.map_err(Error::from) {
        // Somebody else's first wrong try under this key was faster: count after it.
        Err(error) if is_unique(&error, "throttles.key_hash") => Err(Error::RunAgain),
        other => other.map(|_| ()),
    }
}

/// Forgets the wrong tries under a key.
pub(super) fn forget_tries(tx: &mut Tx<'_>, key: &[u8]) -> Result<()> {
    diesel::delete(throttles::table.find(key)).execute(tx.db())?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices)]
struct DeviceRow {
    id: DeviceId,
    account_id: AccountId,
    kind: DeviceKind,
    label: String,
    push_target: Option<Vec<u8>>,
    push_hash: Option<Vec<u8>>,
    signed_in_at: Instant,
    seen_at: Instant,
    ends_at: Instant,
    version: i64,
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            kind: row.kind,
            label: row.label,
            push_target: row.push_target.map(Sealed::from_bytes),
            push_hash: row.push_hash,
            signed_in_at: row.signed_in_at,
            seen_at: row.seen_at,
            ends_at: row.ends_at,
            version: row.version,
        }
    }
}

/// The devices on which an account is signed in, newest first: those that can still fetch new tokens. One that was not used for too long
/// cannot, though its end is not there yet.
pub(super) fn devices_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Device>> {
    let now = tx.now;
    let good = refresh_tokens::table.filter(refresh_tokens::device_id.eq(devices::id)).filter(refresh_tokens::expires_at.gt(now));
    let rows: Vec<DeviceRow> = devices::table
        .filter(devices::account_id.eq(account))
        .filter(devices::signed_out_at.is_null())
        .filter(devices::ends_at.gt(now))
        .filter(exists(good))
        .order((devices::signed_in_at.desc(), devices::id))
        .select(DeviceRow::as_select())
        .load(tx.db())?;
    Ok(rows.into_iter().map(Device::from).collect())
}

/// A new device.
pub(super) fn insert_device(tx: &mut Tx<'_>, device: &Device) -> Result<()> {
    diesel::insert_into(devices::table)
        .values((
            devices::id.eq(device.id),
            devices::account_id.eq(device.account),
            devices::kind.eq(device.kind),
            devices::label.eq(&device.label),
            devices::signed_in_at.eq(device.signed_in_at),
            devices::seen_at.eq(device.seen_at),
            devices::ends_at.eq(device.ends_at),
            devices::version.eq(device.version),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What may change of a device.
pub(super) fn update_device(tx: &mut Tx<'_>, device: &Device) -> Result<()> {
    diesel::update(devices::table.find(device.id))
        .set((
            devices::label.eq(&device.label),
            devices::push_target.eq(device.push_target.as_ref().map(Sealed::<PushTarget>::as_bytes)),
            devices::push_hash.eq(device.push_hash.as_deref()),
            devices::version.eq(device.version),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The other devices whose pushes go to the same place, whoever is signed in there.
pub(super) fn fact_others_at(tx: &mut Tx<'_>, device: DeviceId, hash: &[u8]) -> Result<Vec<DeviceId>> {
    let same = devices::table.filter(devices::push_hash.eq(hash)).filter(devices::id.ne(device));
    Ok(same.order(devices::id).select(devices::id).load(tx.db())?)
}

/// Forgets where its pushes go.
pub(super) fn forget_push_target(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    diesel::update(devices::table.find(device))
        .set((devices::push_target.eq(None::<Vec<u8>>), devices::push_hash.eq(None::<Vec<u8>>), devices::version.eq(devices::version + 1)))
        .execute(tx.db())?;
    Ok(())
}

/// Notes that a device was here.
pub(super) fn mark_seen(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    diesel::update(devices::table.find(device)).set(devices::seen_at.eq(tx.now)).execute(tx.db())?;
    Ok(())
}

/// Dates a sign-in anew that a wrong clock had dated ahead.
pub(super) fn begin_anew(tx: &mut Tx<'_>, device: DeviceId, begun_at: Instant, ends_at: Instant) -> Result<()> {
    let dated = (devices::signed_in_at.eq(begun_at), devices::ends_at.eq(ends_at), devices::version.eq(devices::version + 1));
    diesel::update(devices::table.find(device)).set(dated).execute(tx.db())?;
    Ok(())
}

/// Ends a sign-in: its tokens hold no longer, and its push target is forgotten.
pub(super) fn sign_out_device(tx: &mut Tx<'_>, device: DeviceId, why: SignedOut, now: Instant) -> Result<()> {
    diesel::update(devices::table.find(device))
        .set((
            devices::signed_out_at.eq(now),
            devices::signed_out_why.eq(why),
            devices::push_target.eq(None::<Vec<u8>>),
            devices::push_hash.eq(None::<Vec<u8>>),
            devices::version.eq(devices::version + 1),
        ))
        .execute(tx.db())?;
    diesel::delete(access_tokens::table.filter(access_tokens::device_id.eq(device))).execute(tx.db())?;
    Ok(())
}

/// The hashes of two new tokens. `parent` is the refresh token they were given for.
pub(super) fn insert_tokens(tx: &mut Tx<'_>, pair: &Pair, granted: &Granted, parent: Option<&[u8]>) -> Result<()> {
    let (now, device) = (tx.now, granted.device);
    let expired = access_tokens::table.filter(access_tokens::device_id.eq(device)).filter(access_tokens::expires_at.le(now));
    diesel::delete(expired).execute(tx.db())?;
    diesel::insert_into(access_tokens::table)
        .values((
            access_tokens::hash.eq(pair.access.hash().as_slice()),
            access_tokens::device_id.eq(granted.device),
            access_tokens::expires_at.eq(granted.access_until),
        ))
        .execute(tx.db())?;
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(pair.refresh.hash().as_slice()),
            refresh_tokens::device_id.eq(granted.device),
            refresh_tokens::made_at.eq(tx.now),
            refresh_tokens::expires_at.eq(granted.refresh_until),
            refresh_tokens::parent_hash.eq(parent),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// A refresh token and its device, if that is signed in and its account not disabled.
pub(super) fn find_refresh_token(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<(RefreshToken, Device)>> {
    type TokenRow = (Instant, Option<Instant>, Option<Instant>, Option<Vec<u8>>);
    let now = tx.now;
    let found: Option<(TokenRow, DeviceRow)> = refresh_tokens::table
        .inner_join(devices::table.on(devices::id.eq(refresh_tokens::device_id)))
        .inner_join(accounts::table.on(accounts::id.eq(devices::account_id)))
        .filter(refresh_tokens::hash.eq(hash))
        .filter(devices::signed_out_at.is_null())
        .filter(devices::ends_at.gt(now))
        .filter(accounts::disabled_at.is_null())
        .select((
            (refresh_tokens::expires_at, refresh_tokens::used_at, refresh_tokens::child_used_at, refresh_tokens::parent_hash),
            DeviceRow::as_select(),
        ))
        .first(tx.db())
        .optional()?;
    let Some(((expires_at, used_at, child_used_at, parent), row)) = found else { return Ok(None) };
    let sibling_used_at: Option<Option<Instant>> = match parent {
        Some(parent) => refresh_tokens::table.find(parent).select(refresh_tokens::child_used_at).first(tx.db()).optional()?,
        None => None,
    };
    Ok(Some((RefreshToken { expires_at, used_at, child_used_at, sibling_used_at: sibling_used_at.flatten() }, row.into())))
}

/// Notes the first use of a refresh token, on it and on the one it was made from.
pub(super) fn mark_used(tx: &mut Tx<'_>, hash: &[u8]) -> Result<()> {
    let parent: Option<Vec<u8>> = refresh_tokens::table.find(hash).select(refresh_tokens::parent_hash).first(tx.db())?;
    diesel::update(refresh_tokens::table.find(hash)).set(refresh_tokens::used_at.eq(tx.now)).execute(tx.db())?;
    if let Some(parent) = parent {
        diesel::update(refresh_tokens::table.find(parent)).set(refresh_tokens::child_used_at.eq(tx.now)).execute(tx.db())?;
    }
    Ok(())
}
