//! Signing in, refreshing, signing out, changing a password.
//!
//! What must outlive a refusal (a wrong try's count, a device signed out for a stolen token) is an [`Outcome`], not an error: it commits.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::model::{Attempt, Device, DeviceKind, Granted, Login, Pair, PushTarget, SignedOut, Tries};
use super::rules::{self, Counted, Verdict};
use super::store;
use crate::access::Tx;
use crate::base::config::SignIn;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, DeviceId};
use crate::base::value::{Field, Line};
use crate::base::vault::LookUpKind;
use crate::facts::Fact;
use crate::journal::Act;

/// How an errand ended. A refusal that left something behind is one, too.
pub(super) enum Outcome<T> {
    /// As asked.
    Good(T),
    /// The password or the token is not good.
    Wrong,
    /// Too many wrong tries: not looked at.
    Wait(TimeDelta),
}

/// Before the hash: the account of the name, if there is one.
pub(super) fn find_login(tx: &mut Tx<'_>, attempt: &Attempt, settings: &SignIn) -> Result<Option<Login>> {
    match longest_wait(tx, &attempt.name, attempt.source, settings)? {
        Some(wait) => Err(Problem::new(Code::TooManyRequests).retry_after(rules::whole_seconds(wait)).into()),
        None => store::find_login(tx, &attempt.name),
    }
}

/// After the hash: tokens for a new device, or one more wrong try. Looks at the waits again, so that many tries at once count like many
/// one after the other.
pub(super) fn conclude(
    tx: &mut Tx<'_>,
    attempt: &Attempt,
    login: Option<&Login>,
    right: bool,
    pair: &Pair,
    settings: &SignIn,
) -> Result<Outcome<Granted>> {
    if let Some(wait) = longest_wait(tx, &attempt.name, attempt.source, settings)? {
        return Ok(Outcome::Wait(wait));
    }
    // Disabled, or another password, since it was hashed?
    let still = store::find_login(tx, &attempt.name)?;
    let Some(login) = login.filter(|login| right && still.as_ref() == Some(login)) else {
        count_failure(tx, &attempt.name, attempt.source, settings)?;
        if let Some(login) = login {
            tx.note(Act::Refused, login.account);
        }
        return Ok(Outcome::Wrong);
    };
    tx.note(Act::SignIn, login.account);
    let key = throttle_key(tx, &rules::pair_key(&attempt.name, attempt.source));
    store::forget_tries(tx, &key)?;
    let (known, now) = (throttle_key(tx, &rules::known_key(&attempt.name, attempt.source)), tx.now);
    store::save_tries(tx, &known, &Tries { failures: 0, first_at: now, locked_until: None })?;
    let device = Device {
        id: tx.new_id(),
        account: login.account,
        kind: attempt.kind,
        label: attempt.label.as_str().to_owned(),
        push_target: None,
        push_hash: None,
        signed_in_at: tx.now,
        seen_at: tx.now,
        ends_at: rules::device_ends(attempt.kind, tx.now, settings),
        version: 1,
    };
    store::insert_device(tx, &device)?;
    tx.changed(device.id);
    grant(tx, &device, pair, None, settings).map(Outcome::Good)
}

/// Judges a refresh token and answers with new ones.
pub(super) fn refresh(tx: &mut Tx<'_>, hash: &[u8], pair: &Pair, settings: &SignIn) -> Result<Outcome<Granted>> {
    let Some((token, mut device)) = store::find_refresh_token(tx, hash)? else { return Ok(Outcome::Wrong) };
    match rules::judge(&token, tx.now, settings) {
        Verdict::Stolen => {
            let now = tx.now;
            tx.changed(device.id);
            tx.note(Act::Refused, device.account);
            store::sign_out_device(tx, device.id, SignedOut::TokenReused, now)?;
            Ok(Outcome::Wrong)
        }
        Verdict::Expired => Ok(Outcome::Wrong),
        verdict @ (Verdict::First | Verdict::Again) => {
            if verdict == Verdict::First {
                store::mark_used(tx, hash)?;
            }
            store::mark_seen(tx, device.id)?;
            let begun_at = rules::begun(device.signed_in_at, tx.now);
            if begun_at != device.signed_in_at {
                device.ends_at = rules::device_ends(device.kind, begun_at, settings);
                store::begin_anew(tx, device.id, begun_at, device.ends_at)?;
            }
            grant(tx, &device, pair, Some(hash), settings).map(Outcome::Good)
        }
    }
}

fn grant(tx: &mut Tx<'_>, device: &Device, pair: &Pair, parent: Option<&[u8]>, settings: &SignIn) -> Result<Granted> {
    let granted = rules::granted(device.account, device.id, device.kind, device.ends_at, tx.now, settings);
    store::insert_tokens(tx, pair, &granted, parent)?;
    Ok(granted)
}

/// The caller's own name, password and version, for a change of password.
pub(super) struct OwnPassword {
    pub(super) name: String,
    pub(super) hash: String,
}

/// Before the hash: the caller's own password, unless they must wait or their account changed since they read it.
pub(super) fn own_password(tx: &mut Tx<'_>, expected: &Expected, source: Option<IpAddr>, settings: &SignIn) -> Result<OwnPassword> {
    let account = tx.account()?;
    let (name, hash, version) = store::get_password(tx, account)?;
    expected.check(version)?;
    match longest_wait(tx, &name, source, settings)? {
        Some(wait) => Err(Problem::new(Code::TooManyRequests).retry_after(rules::whole_seconds(wait)).into()),
        None => Ok(OwnPassword { name, hash }),
    }
}

/// After the hashes: the new password, and every other device signed out; `None` is one more wrong try of the old one.
pub(super) fn change_password(
    tx: &mut Tx<'_>,
    own: &OwnPassword,
    new: Option<&str>,
    source: Option<IpAddr>,
    settings: &SignIn,
) -> Result<Outcome<AccountId>> {
    let account = tx.account()?;
    if let Some(wait) = longest_wait(tx, &own.name, source, settings)? {
        return Ok(Outcome::Wait(wait));
    }
    let (_, hash, _) = store::get_password(tx, account)?;
    let Some(new) = new.filter(|_| hash == own.hash) else {
        count_failure(tx, &own.name, source, settings)?;
        tx.note(Act::Refused, account);
        return Ok(Outcome::Wrong);
    };
    store::set_password(tx, account, new)?;
    tx.changed(account);
    let kept = tx.actor.device;
    sign_out_all(tx, account, kept, SignedOut::PasswordChanged)?;
    Ok(Outcome::Good(account))
}

/// Before the hash: the name of the account whose password a coordinator replaces.
///
/// # Errors
/// 404; 403 for the caller's own, whose old password is asked for; 412.
pub(super) fn whose_password(tx: &mut Tx<'_>, account: AccountId, expected: &Expected) -> Result<String> {
    let (name, _, version) = store::get_password(tx, account)?;
    if tx.actor.account == Some(account) {
        let own = "Det er din egen konto: skift adgangskoden med den gamle";
        return Err(Problem::new(Code::Forbidden).say(own, "It is your own account: change its password with the old one").into());
    }
    expected.check(version)?;
    Ok(name)
}

/// Puts a new password in the place of a forgotten one, and signs the account out everywhere.
///
/// # Errors
/// As [`whose_password`].
pub(super) fn replace_password(tx: &mut Tx<'_>, account: AccountId, expected: &Expected, hash: &str) -> Result<()> {
    whose_password(tx, account, expected)?;
    set_new_password(tx, account, hash)
}

/// Puts a new password in the place of a forgotten one for the machine's operator, who knows the name; whether there is an account of that name.
///
/// # Errors
/// The database's.
pub fn replace_password_of(tx: &mut Tx<'_>, name: &str, hash: &str) -> Result<bool> {
    let Some(login) = store::find_login(tx, name)? else { return Ok(false) };
    set_new_password(tx, login.account, hash)?;
    Ok(true)
}

fn set_new_password(tx: &mut Tx<'_>, account: AccountId, hash: &str) -> Result<()> {
    store::set_password(tx, account, hash)?;
    tx.changed(account);
    sign_out_everywhere(tx, account, SignedOut::PasswordChanged)
}

/// The devices on which the caller is signed in, newest first.
pub(super) fn own_devices(tx: &mut Tx<'_>) -> Result<Vec<Device>> {
    let account = tx.account()?;
    let devices = store::devices_of(tx, account)?;
    for device in &devices {
        tx.saw(device.id);
    }
    Ok(devices)
}

/// One device on which the caller is signed in.
///
/// # Errors
/// 404 for another's device and for one that is signed out.
pub(super) fn get_own_device(tx: &mut Tx<'_>, id: DeviceId) -> Result<Device> {
    let account = tx.account()?;
    let device = store::devices_of(tx, account)?.into_iter().find(|device| device.id == id).ok_or(Code::NotFound)?;
    tx.saw(id);
    Ok(device)
}

/// What may be changed of a device.
pub(super) struct DeviceChange {
    pub(super) label: Option<Line>,
    pub(super) push_target: Field<PushTarget>,
}

/// Names an own device anew, or says where its pushes go. One phone is one sign-in's: whoever had it before, or its owner before they signed in
/// anew, gets nothing there any more. What changes nothing makes no new version.
pub(super) fn update_device(tx: &mut Tx<'_>, id: DeviceId, change: &DeviceChange) -> Result<Device> {
    let mut device = get_own_device(tx, id)?;
    let before = device.clone();
    if let Some(label) = &change.label {
        label.as_str().clone_into(&mut device.label);
    }
    match &change.push_target {
        Field::Absent => {}
        Field::Null => (device.push_target, device.push_hash) = (None, None),
        Field::Set(target) => {
            let hash = tx.look_up_hash(LookUpKind::PushTarget, format!("{} {}", target.provider, target.token));
            for other in store::fact_others_at(tx, id, &hash)? {
                forget_push_target(tx, other)?;
            }
            if device.push_hash.as_deref() != Some(&hash[..]) {
                device.push_target = Some(tx.seal(store::holder(device.account), store::push_place(id), target)?);
                device.push_hash = Some(hash.to_vec());
            }
        }
    }
    // What an earlier version kept has no hash.
    let where_to = |device: &Device| (device.push_hash.clone(), device.push_target.is_some());
    if device.label == before.label && where_to(&device) == where_to(&before) {
        return Ok(device);
    }
    device.version += 1;
    store::update_device(tx, &device)?;
    tx.changed(id);
    Ok(device)
}

/// Signs one own device out.
pub(super) fn sign_out_own(tx: &mut Tx<'_>, id: DeviceId) -> Result<()> {
    let device = get_own_device(tx, id)?;
    let now = tx.now;
    tx.changed(device.id);
    store::sign_out_device(tx, id, SignedOut::Own, now)
}

/// Signs all own devices out, this one too unless it is to be kept.
pub(super) fn sign_out_all_own(tx: &mut Tx<'_>, keep_this: bool) -> Result<()> {
    let account = tx.account()?;
    let kept = tx.actor.device.filter(|_| keep_this);
    sign_out_all(tx, account, kept, SignedOut::Own)
}

/// Signs every device of an account out, effective with its next request, and ends what it reads without signing in.
///
/// # Errors
/// The database's.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, account: AccountId, why: SignedOut) -> Result<()> {
    tx.tell(Fact::SignedOutEverywhere { account });
    sign_out_all(tx, account, None, why)
}

fn sign_out_all(tx: &mut Tx<'_>, account: AccountId, kept: Option<DeviceId>, why: SignedOut) -> Result<()> {
    let now = tx.now;
    for device in store::devices_of(tx, account)? {
        if Some(device.id) != kept {
            tx.changed(device.id);
            store::sign_out_device(tx, device.id, why, now)?;
        }
    }
    Ok(())
}

/// Where pushes for an account go: the phones on which it is signed in.
///
/// # Errors
/// The database's and the key store's.
pub fn push_targets(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(DeviceId, PushTarget)>> {
    let mut targets = Vec::new();
    for device in store::devices_of(tx, account)? {
        if let (DeviceKind::Phone, Some(sealed)) = (device.kind, &device.push_target) {
            targets.push((device.id, tx.open(store::holder(account), store::push_place(device.id), sealed)?));
        }
    }
    Ok(targets)
}

/// The phones of an account that pushes go to, without opening where.
///
/// # Errors
/// The database's.
pub fn push_devices(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<DeviceId>> {
    let devices = store::devices_of(tx, account)?;
    Ok(devices.iter().filter(|device| device.kind == DeviceKind::Phone && device.push_target.is_some()).map(|device| device.id).collect())
}

/// Forgets where a device's pushes go: its provider says that nobody is there.
///
/// # Errors
/// The database's.
pub fn forget_push_target(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    tx.changed(device);
    store::forget_push_target(tx, device)
}

/// Counts a visit under a key, at most so many in a window that begins with the first of them; the seconds to wait where there were too
/// many already, which are not counted.
///
/// # Errors
/// The database's.
pub fn count_visit(tx: &mut Tx<'_>, key: &str, most: u32, window: TimeDelta) -> Result<Option<u32>> {
    let (key, now) = (throttle_key(tx, key), tx.now);
    let known = store::find_tries(tx, &key)?.filter(|tries| tries.first_at <= now && now < tries.first_at.plus(window));
    let (count, first_at) = known.map_or((0, now), |tries| (tries.failures, tries.first_at));
    if count >= most {
        return Ok(Some(rules::whole_seconds(first_at.plus(window).since(now))));
    }
    store::save_tries(tx, &key, &Tries { failures: count.saturating_add(1), first_at, locked_until: None })?;
    Ok(None)
}

fn throttle_key(tx: &Tx<'_>, key: &str) -> [u8; 32] {
    tx.look_up_hash(LookUpKind::Throttle, key)
}

/// The longest of the waits that a try for a name from a source meets. Who signed in to the account from there lately is not held up by what
/// others try elsewhere: else whoever knows a name could keep its owner out.
fn longest_wait(tx: &mut Tx<'_>, name: &str, source: Option<IpAddr>, settings: &SignIn) -> Result<Option<TimeDelta>> {
    let known = throttle_key(tx, &rules::known_key(name, source));
    let is_known = rules::is_known(store::find_tries(tx, &known)?.as_ref(), tx.now);
    let mut longest = None;
    for (key, counted) in rules::keys(name, source) {
        let key = throttle_key(tx, &key);
        let tries = store::find_tries(tx, &key)?;
        if counted != Counted::Everywhere || !is_known {
            longest = longest.max(rules::wait(tries.as_ref(), tx.now, settings));
        }
    }
    Ok(longest)
}

fn count_failure(tx: &mut Tx<'_>, name: &str, source: Option<IpAddr>, settings: &SignIn) -> Result<()> {
    for (key, counted) in rules::keys(name, source) {
        let key = throttle_key(tx, &key);
        let tries = store::find_tries(tx, &key)?;
        store::save_tries(tx, &key, &rules::failed(tries, counted.limit(settings), tx.now, settings))?;
    }
    Ok(())
}
