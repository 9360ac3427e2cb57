//! Switch a calendar on and off, read a feed, and make what waits to be told of a session agree with it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::TimeDelta;

use super::model::{Entry, Settings};
use super::rules::{self, Told};
use super::store::{self, Change};
use crate::access::sign_in::{count_visit, source_key};
use crate::access::store::related_accounts;
use crate::access::{RelationKind, Role, Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::Expected;
use crate::base::ical::{Calendar, Event, Method, Parties, Status};
use crate::base::ids::{AccountId, MatchId, SessionId, StaffId};
use crate::base::language::Language;
use crate::base::value::Email;
use crate::matching;
use crate::messages::channels::{CalendarPart, Organiser};
use crate::messages::{self, Channel, Kind, Message, Recipient, Wanted};
use crate::sessions::{self, Session, State};
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
/// time that nobody keeps up.
///
/// # Errors
/// 412; 409 where the account has no e-mail address.
pub fn set_invitations(tx: &mut Tx<'_>, expected: &Expected, invitations: bool) -> Result<()> {
    let account = tx.account()?;
    let settings = store::find(tx, account)?;
    expected.check(settings.version)?;
    if invitations && accounts::get_contact(tx, account)?.is_none_or(|contact| contact.email.is_none()) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Kontoen har ingen e-mailadresse", "The account has no e-mail address").into());
    }
    store::save(tx, account, &settings, &Change { invitations: Some(invitations), ..Change::default() })?;
    follow_all(tx, account)
}

/// All sessions to come that stand in an account's calendar, or belong into it: as they are wanted and may be seen by now.
///
/// # Errors
/// As [`follow`].
pub fn follow_all(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let mut changed = store::coming_of(tx, account)?;
    if let Some(member) = staff::store::fact_of_account(tx, account)? {
        changed.extend(store::coming_of_staff(tx, member)?);
    }
    changed.into_iter().try_for_each(|id| follow(tx, id))
}

/// Makes the caller's feed: whatever it was before is gone.
///
/// # Errors
/// The database's.
pub fn make_feed(tx: &mut Tx<'_>, secret_hash: [u8; 32]) -> Result<AccountId> {
    let account = tx.account()?;
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

/// The caller's sessions as a calendar: from some days back to the horizon, what was cancelled left out.
///
/// # Errors
/// The database's.
pub fn feed(tx: &mut Tx<'_>) -> Result<String> {
    let me = tx.account()?;
    let language = accounts::fact_language(tx, me)?.unwrap_or_default();
    let days = |days: u32| TimeDelta::days(i64::from(days));
    let settings = &tx.programme.calendars;
    let (from, until) = (tx.now.minus(days(settings.past_days)), tx.now.plus(days(settings.horizon_days)));
    let filter = sessions::actions::Filter { from: Some(from), until: Some(until), ..sessions::actions::Filter::default() };
    let mut all = sessions::actions::list(tx, &filter, None, SESSIONS_MOST)?;
    let host = staff::store::find_by_account(tx, me)?.map(|member| member.id);
    // What somebody covers stands in their calendar, not in that of whoever runs the match.
    all.retain(|session| session.state != State::Cancelled && Some(session.host()) == host);
    let ids: Vec<SessionId> = all.iter().map(|session| session.id).collect();
    // The parts of a joint session that one member of staff runs are one meeting.
    let (joint, mut seen) = (sessions::joint::actions::joint_of(tx, &ids)?, BTreeSet::new());
    all.retain(|session| joint.get(&session.id).is_none_or(|joint| seen.insert(*joint)));
    let (changed, invited) = (sessions::changes::actions::last_noted_of(tx, &ids)?, store::sequences(tx, ids)?);
    let mut events = Vec::new();
    for session in all {
        tx.saw(session.id);
        tx.saw(session.person);
        let invited = invited.get(&session.id).copied();
        events.push(Event {
            uid: session.id.to_string(),
            sequence: rules::number(&session, invited.map(|(sequence, _)| sequence)),
            stamp: [changed.get(&session.id).copied(), invited.map(|(_, at)| at)]
                .into_iter()
                .flatten()
                .fold(session.timed_at, Instant::max),
            starts_at: session.starts_at,
            ends_at: session.ends_at,
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

/// The calendar part of an invitation, or of a word that it is taken out.
///
/// # Errors
/// The database's; a defect where nothing was ever said of the session.
pub fn part(tx: &mut Tx<'_>, message: &Message, attendee: &str, organiser: Organiser) -> Result<CalendarPart> {
    let entry = store::find_entry(tx, message.subject_id.cast())?;
    let entry = entry.ok_or_else(|| Error::internal("an invitation to what nobody was invited to"))?;
    let (method, status) = match message.kind {
        Kind::InvitationCancelled => (Method::Cancel, Status::Cancelled),
        _ => (Method::Request, Status::Confirmed),
    };
    let parties = Parties { organiser_name: organiser.name, organiser: organiser.address, attendee: attendee.to_owned() };
    let event = Event {
        uid: entry.session.to_string(),
        sequence: rules::sequence(message).unwrap_or(entry.sequence),
        stamp: tx.now,
        starts_at: entry.starts_at,
        ends_at: entry.ends_at,
        summary: tx.programme.calendars.summary(message.language).to_owned(),
        status,
    };
    Ok(CalendarPart { method: method.word().to_owned(), text: calendar(tx, method, Some(&parties), &[event]) })
}

/// Consequence of a changed session: what waits to be told of it agrees with it. Twice is once.
///
/// # Errors
/// The database's and the vault's.
pub fn follow(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    match sessions::store::find_fact(tx, id)? {
        Some(session) => sync(tx, &session),
        None => Ok(()),
    }
}

/// Consequence of several sessions of a match that changed in one verb.
///
/// # Errors
/// As [`follow`].
pub fn follow_match(tx: &mut Tx<'_>, matched: MatchId) -> Result<()> {
    let Some(matched) = matching::store::find_fact(tx, matched)? else { return Ok(()) };
    let wants = match staff::store::fact_account(tx, matched.staff)? {
        Some(account) => store::find(tx, account)?.invitations,
        None => false,
    };
    // Where nobody wants mail, only what was sent before is of interest.
    let coming = store::coming_of_match(tx, matched.id, wants)?;
    coming.into_iter().try_for_each(|id| follow(tx, id))
}

/// Consequence of another account of a member of staff: their sessions stand in its calendar, and in the former one no more.
///
/// # Errors
/// As [`follow`].
pub fn follow_staff(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let coming = store::coming_of_staff(tx, staff)?;
    coming.into_iter().try_for_each(|id| follow(tx, id))
}

/// Consequence of another e-mail address: what stands in the calendar of the former mailbox is taken out of it, and comes to the new one as news.
/// Its number is the higher one, so that it stands where both are read in one place.
///
/// # Errors
/// As [`follow`].
pub fn mail_changed(tx: &mut Tx<'_>, account: AccountId, former: Option<&Email>) -> Result<()> {
    let (now, language) = (tx.now, accounts::fact_language(tx, account)?);
    for id in store::coming_of(tx, account)? {
        let (Some(entry), Some(session)) = (store::find_entry(tx, id)?, sessions::store::find_fact(tx, id)?) else { continue };
        let mut entry = Entry { sequence: entry.sequence.saturating_add(1), changed_at: now, ..entry };
        if let (Some(former), Some(language)) = (former, language)
            && stands_in(tx, id, account, former)?
        {
            let out = wanted(&entry, &session, account, Kind::InvitationCancelled, language);
            messages::actions::tell_former(tx, id, out, former)?;
            entry.sequence = entry.sequence.saturating_add(1);
        }
        store::save_entry(tx, &entry, false)?;
    }
    follow_all(tx, account)
}

/// Whether a session stands in the calendar of a mailbox, as far as we know.
fn stands_in(tx: &mut Tx<'_>, session: SessionId, account: AccountId, mailbox: &Email) -> Result<bool> {
    let hash = messages::actions::address_hash(tx, mailbox.as_str());
    let mut stands = false;
    for message in messages::actions::list_for_calendars(tx, session)? {
        let is_theirs = message.recipient == Recipient::Account(account, None) && may_have_left(&message);
        if is_theirs && messages::actions::find_address(tx, message.id)?.is_some_and(|(_, kept)| kept == hash) {
            stands = message.kind == Kind::Invitation;
        }
    }
    Ok(stands)
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

/// Consequence of an account that was closed, or whose member of staff left: its feed is gone for good, and nothing more is told it than
/// what no longer stands. Opened again, it begins with both off.
///
/// # Errors
/// As [`follow`].
pub fn account_closed(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let settings = store::find(tx, account)?;
    if settings.version == 0 {
        return Ok(());
    }
    store::save(tx, account, &settings, &Change { feed: Some(None), invitations: Some(false) })?;
    rights_lost(tx, account)
}

/// Consequence of an account that may no longer see all that it saw: what is no longer its own is taken out of its calendar.
///
/// # Errors
/// As [`follow`].
pub fn rights_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let coming = store::coming_of(tx, account)?;
    coming.into_iter().try_for_each(|id| follow(tx, id))
}

fn sync(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let known = store::find_entry(tx, session.id)?;
    let holder = holder(tx, session)?;
    let entry = match rules::next(known.as_ref(), session, holder, tx.now) {
        Some(entry) => {
            store::save_entry(tx, &entry, known.is_none())?;
            entry
        }
        None => match known {
            Some(entry) => entry,
            None => return Ok(()),
        },
    };
    let told = told(tx, session.id)?;
    let mut all = Vec::new();
    for (account, kind) in rules::wanted(&entry, &told) {
        // Whoever cannot be reached any more is told nothing.
        if let Some(language) = accounts::fact_language(tx, account)? {
            all.push(wanted(&entry, session, account, kind, language));
        }
    }
    messages::actions::sync_calendars(tx, session.id, &all, "changed")
}

fn wanted(entry: &Entry, session: &Session, account: AccountId, kind: Kind, language: Language) -> Wanted {
    Wanted {
        kind,
        recipient: Recipient::Account(account, None),
        channel: Channel::Email,
        slot: entry.sequence.to_string(),
        case: Some(session.case),
        person: Some(session.person),
        about_at: Some(entry.starts_at),
        language,
        not_before_at: entry.changed_at,
        not_after_at: entry.starts_at,
    }
}

/// In whose calendar a session belongs: of whoever runs its match or covers it, if they want it there, have an address and may see it.
fn holder(tx: &mut Tx<'_>, session: &Session) -> Result<Option<AccountId>> {
    if session.state != State::Planned {
        return Ok(None);
    }
    let Some(account) = staff::store::fact_account(tx, session.host())? else { return Ok(None) };
    if !store::find(tx, account)?.invitations {
        return Ok(None);
    }
    let now = tx.now;
    let mut barred = related_accounts(tx, RelationKind::Bar, session.person, now)?;
    barred.extend(related_accounts(tx, RelationKind::Bar, session.case, now)?);
    let roles = accounts::find_roles(tx, account)?.unwrap_or_default();
    let may = !barred.contains(&account) && (roles.contains(&Role::Mentor) || roles.contains(&Role::ParentCoach));
    let contact = if may { accounts::get_contact(tx, account)? } else { None };
    Ok(contact.filter(|contact| contact.email.is_some()).map(|_| account))
}

/// What of a session may have left for a calendar.
fn told(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<Told>> {
    let mut all = messages::actions::list_for_calendars(tx, session)?;
    all.retain(|message| may_have_left(message) && !message.goes_to_former());
    let told = all.iter().filter_map(|message| {
        let Recipient::Account(account, _) = message.recipient else { return None };
        Some(Told { account, kind: message.kind, sequence: rules::sequence(message)? })
    });
    Ok(told.collect())
}

const fn may_have_left(message: &Message) -> bool {
    let came_to_nothing = matches!(message.state, messages::State::Refused | messages::State::TooLate);
    message.attempts > 0 && !came_to_nothing
}
