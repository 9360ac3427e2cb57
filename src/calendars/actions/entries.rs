//! What stands in whose calendar: make what waits to be told of a session agree with it.

use super::calendar;
use crate::access::{Tx, accounts};
use crate::base::error::{Code, Error, Result};
use crate::base::ical::{Event, Method, Parties, Status};
use crate::base::ids::{AccountId, MatchId, SessionId, StaffId};
use crate::base::language::Language;
use crate::base::value::Email;
use crate::calendars::model::Entry;
use crate::calendars::rules::{self, Told};
use crate::calendars::store;
use crate::matching;
use crate::matching::actions::covers::may_meet;
use crate::messages::channels::{CalendarPart, Organiser};
use crate::messages::{self, Channel, Kind, Message, Recipient, Wanted};
use crate::sessions::joint::{actions as joint, rules as joint_rules};
use crate::sessions::{self, Session, State};
use crate::staff;

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

/// Consequence of a changed session: what waits to be told of it agrees with it. Twice is once.
///
/// # Errors
/// The database's and the vault's.
pub fn follow(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let Some(session) = sessions::store::find_fact(tx, id)? else { return Ok(()) };
    if sync(tx, &session)? {
        // Another part of the same meeting stood for it, or does from now on.
        for other in joint::others_of(tx, id)? {
            sync(tx, &other)?;
        }
    }
    Ok(())
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

/// Consequence of an account that may no longer see all that it saw: what is no longer its own is taken out of its calendar.
///
/// # Errors
/// As [`follow`].
pub fn rights_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let coming = store::coming_of(tx, account)?;
    coming.into_iter().try_for_each(|id| follow(tx, id))
}

/// Makes what waits to be told of a session agree with it; whether its entry changed.
fn sync(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let known = store::find_entry(tx, session.id)?;
    let holder = holder(tx, session)?;
    let (entry, is_changed) = match (rules::next(known.as_ref(), session, holder, tx.now), known) {
        (Some(entry), known) => {
            store::save_entry(tx, &entry, known.is_none())?;
            (entry, true)
        }
        (None, Some(entry)) => (entry, false),
        (None, None) => return Ok(false),
    };
    let told = told(tx, session.id)?;
    let mut all = Vec::new();
    for (account, kind) in rules::wanted(&entry, &told) {
        // Whoever cannot be reached any more is told nothing.
        if let Some(language) = accounts::fact_language(tx, account)? {
            all.push(wanted(&entry, session, account, kind, language));
        }
    }
    messages::actions::sync_calendars(tx, session.id, &all, "changed")?;
    Ok(is_changed)
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

/// In whose calendar a session stands: where it belongs, unless another part of the same meeting stands there for it.
fn holder(tx: &mut Tx<'_>, session: &Session) -> Result<Option<AccountId>> {
    let Some(account) = owner(tx, session)? else { return Ok(None) };
    for other in joint::others_of(tx, session.id)? {
        if joint_rules::stands_for(&other, session) && owner(tx, &other)? == Some(account) {
            return Ok(None);
        }
    }
    Ok(Some(account))
}

/// In whose calendar a session belongs: of whoever runs its match or covers it, if they want it there, have an address and may see it.
fn owner(tx: &mut Tx<'_>, session: &Session) -> Result<Option<AccountId>> {
    if session.state != State::Planned {
        return Ok(None);
    }
    let Some(account) = staff::store::fact_account(tx, session.host())? else { return Ok(None) };
    if !store::find(tx, account)?.invitations {
        return Ok(None);
    }
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    let may = may_meet(tx, session.host(), &matched)?;
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
