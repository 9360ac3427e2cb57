//! Switch a calendar on and off, and read a feed.

mod entries;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use chrono::TimeDelta;

pub use entries::{follow, follow_all, follow_match, follow_staff, leave_closed, mail_changed, part, rights_lost};

use super::model::Settings;
use super::rules;
use super::store::{self, Change};
use crate::access::sign_in::{count_visit, source_key};
use crate::access::{Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ical::{Calendar, Event, Method, Parties, Status};
use crate::base::ids::{AccountId, SessionId};
use crate::sessions::joint::{actions as joint, rules as joint_rules};
use crate::sessions::{self, Session, State, covers};
use crate::staff;

/// More sessions than one calendar holds.
const SESSIONS_MOST: i64 = 1_000;
/// What visits to feeds are counted by.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// What the caller has switched on.
///
/// # Errors
/// The database's.
pub fn get_own(tx: &mut Tx<'_>) -> Result<Settings> {
    let account = tx.account()?;
    tx.saw(account);
    store::find(tx, account)
}

/// Whether the caller's sessions come by mail from now on. Switched off, what stands in their calendar is taken out, so that it tells no
/// time that nobody keeps up. What is so already makes no new version.
///
/// # Errors
/// 412; 409 where the account has no e-mail address, or its member of staff left.
pub fn set_invitations(tx: &mut Tx<'_>, expected: &Expected, invitations: bool) -> Result<()> {
    let account = tx.account()?;
    let settings = store::find(tx, account)?;
    expected.check(settings.version)?;
    if invitations {
        check_in_service(tx, account)?;
    }
    if invitations && accounts::get_contact(tx, account)?.is_none_or(|contact| contact.email.is_none()) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Kontoen har ingen e-mailadresse", "The account has no e-mail address").into());
    }
    if invitations == settings.invitations {
        return Ok(());
    }
    store::save(tx, account, &settings, &Change { invitations: Some(invitations), ..Change::default() })?;
    follow_all(tx, account)
}

/// Whoever left has no calendar any more: an address would be dead from the start, and no invitation would come.
fn check_in_service(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let member = staff::store::find_by_account(tx, account)?;
    staff::rules::check_in_service(member.and_then(|member| member.left_on))
}

/// Makes the caller's feed: whatever it was before is gone.
///
/// # Errors
/// 409 where their member of staff left.
pub fn make_feed(tx: &mut Tx<'_>, secret_hash: [u8; 32]) -> Result<AccountId> {
    let account = tx.account()?;
    check_in_service(tx, account)?;
    let settings = store::find(tx, account)?;
    tx.seen_at(settings.version);
    store::save(tx, account, &settings, &Change { feed: Some(Some(secret_hash)), ..Change::default() })?;
    Ok(account)
}

/// Ends the caller's feed. Again changes nothing.
///
/// # Errors
/// The database's.
pub fn revoke_feed(tx: &mut Tx<'_>) -> Result<()> {
    let account = tx.account()?;
    let settings = store::find(tx, account)?;
    tx.seen_at(settings.version);
    if settings.feed_made_at.is_none() {
        return Ok(());
    }
    store::save(tx, account, &settings, &Change { feed: Some(None), ..Change::default() })
}

/// Whether a feed may be fetched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Granted,
    /// There is none under this secret.
    Unknown,
    /// Not for so many seconds.
    Wait(u32),
}

/// Counts a visit to a feed: of the feed itself, or of where a wrong secret came from.
///
/// # Errors
/// The database's.
pub fn admit(tx: &mut Tx<'_>, secret_hash: Option<[u8; 32]>, source: Option<IpAddr>) -> Result<Admission> {
    let owner = match secret_hash {
        Some(hash) => store::find_by_secret(tx, &hash)?,
        None => None,
    };
    let settings = &tx.programme.calendars;
    let (most, otherwise) = match owner {
        Some(_) => (settings.feed_reads_an_hour, Admission::Granted),
        None => (settings.wrong_secrets_an_hour, Admission::Unknown),
    };
    let wait = match (owner, source) {
        (Some(owner), _) => count_visit(tx, &format!("feed of {owner}"), most, HOUR)?,
        (None, Some(source)) => count_visit(tx, &format!("wrong feed from {}", source_key(source)), most, HOUR)?,
        (None, None) => None,
    };
    Ok(wait.map_or(otherwise, Admission::Wait))
}

/// Whose feed a secret is.
///
/// # Errors
/// 404 for a secret that nobody has, or has any more.
pub fn owner_of(tx: &mut Tx<'_>, secret_hash: Option<[u8; 32]>) -> Result<AccountId> {
    let Some(hash) = secret_hash else { return Err(Code::NotFound.into()) };
    store::find_by_secret(tx, &hash)?.ok_or_else(|| Code::NotFound.into())
}

/// The caller's sessions as a calendar: whole days, from some back to the horizon, what was cancelled left out.
///
/// # Errors
/// The database's.
pub fn feed(tx: &mut Tx<'_>) -> Result<String> {
    let me = tx.account()?;
    let language = accounts::fact_language(tx, me)?.unwrap_or_default();
    let (settings, zone) = (&tx.programme.calendars, tx.programme.zone);
    let start_of = |days: i64| zone.start_of(zone.date(tx.now) + TimeDelta::days(days));
    let (from, until) = (start_of(-i64::from(settings.past_days)), start_of(i64::from(settings.horizon_days) + 1));
    let filter = sessions::actions::Filter { from: Some(from), until: Some(until), ..sessions::actions::Filter::default() };
    let mut all = sessions::actions::list(tx, &filter, None, SESSIONS_MOST)?;
    let host = staff::store::find_by_account(tx, me)?.map(|member| member.id);
    // What somebody covers stands in their calendar, not in that of whoever runs the match.
    all.retain(|session| session.state != State::Cancelled && Some(session.host()) == host);
    let ids: Vec<SessionId> = all.iter().map(|session| session.id).collect();
    let joints = joint::joint_of(tx, &ids)?;
    let is_stood_for = |part: &&Session| {
        let is_of_it = |other: &Session| joints.get(&other.id) == joints.get(&part.id);
        joints.contains_key(&part.id) && all.iter().any(|other| is_of_it(other) && joint_rules::stands_for(other, part))
    };
    let stood_for: BTreeSet<SessionId> = all.iter().filter(is_stood_for).map(|part| part.id).collect();
    all.retain(|session| !stood_for.contains(&session.id));
    let (changed, invited) = (sessions::changes::actions::last_noted_of(tx, &ids)?, store::sequences(tx, ids)?);
    // Whoever covers a session learns neither how often it was changed before, nor when last.
    let shown_as_cover = covers::actions::shown_as_cover(tx, &all)?;
    let mut told: BTreeMap<SessionId, i32> = BTreeMap::new();
    for (session, slot) in store::slots_to(tx, me, &shown_as_cover.keys().copied().collect::<Vec<_>>())? {
        if let Some(number) = rules::sequence(&slot) {
            told.entry(session).and_modify(|last| *last = number.max(*last)).or_insert(number);
        }
    }
    let mut events = Vec::new();
    for session in all {
        tx.saw(session.id);
        tx.saw(session.person);
        let (invited, covered) = (invited.get(&session.id).copied(), shown_as_cover.get(&session.id));
        let sequence = match covered {
            Some(covered) => rules::number(covered.version, told.get(&session.id).copied()),
            None => rules::number(session.version, invited.map(|(sequence, _)| sequence)),
        };
        events.push(Event {
            uid: session.id.to_string(),
            sequence,
            stamp: [changed.get(&session.id).copied(), invited.map(|(_, at)| at), covered.map(|covered| covered.since)]
                .into_iter()
                .flatten()
                .fold(session.timed_at, Instant::max),
            starts_at: session.starts_at,
            ends_at: Some(session.ends_at),
            summary: tx.programme.calendars.summary(language).to_owned(),
            status: if session.state == State::Proposed { Status::Tentative } else { Status::Confirmed },
        });
    }
    Ok(calendar(tx, Method::Publish, None, &events))
}

fn calendar(tx: &Tx<'_>, method: Method, parties: Option<&Parties>, events: &[Event]) -> String {
    let (settings, zone) = (&tx.programme.calendars, tx.programme.calendar().zone);
    let refresh_min = (method == Method::Publish).then_some(settings.refresh_min);
    Calendar { product: &settings.product, method, zone, refresh_min, parties, events }.text(tx.now)
}

/// Consequence of an account that others signed out everywhere: whoever has its lost phone has the feed's secret, too.
///
/// # Errors
/// The database's.
pub fn signed_out(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let settings = store::find(tx, account)?;
    if settings.feed_made_at.is_none() {
        return Ok(());
    }
    store::save(tx, account, &settings, &Change { feed: Some(None), ..Change::default() })
}

/// Consequence of an account that was closed, or whose member of staff left: its feed is gone for good, what stands in its mailbox is taken out, and
/// nothing new is told it. Opened again, it begins with both off.
///
/// # Errors
/// As [`follow`].
pub fn account_closed(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let settings = store::find(tx, account)?;
    if settings.version == 0 {
        return Ok(());
    }
    store::save(tx, account, &settings, &Change { feed: Some(None), invitations: Some(false) })?;
    entries::ended(tx, account)
}
