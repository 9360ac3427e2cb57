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

/// Consequence of another e-mail address: whatever lies in the calendar of the former mailbox is taken out of it, also what is off by now and was
/// not said to be, and what stands comes to the new one as news. Its number is the higher one, so that it stands where both are read in one place.
///
/// # Errors
/// As [`follow`].
pub fn mail_changed(tx: &mut Tx<'_>, account: AccountId, former: Option<&Email>) -> Result<()> {
    if let (Some(former), Some(language)) = (former, accounts::fact_language(tx, account)?) {
        for id in store::coming_of(tx, account)? {
            leave(tx, id, account, former, language)?;
        }
    }
    follow_all(tx, account)
}

/// Takes a session out of the calendar of a mailbox that is its account's no more.
fn leave(tx: &mut Tx<'_>, id: SessionId, account: AccountId, former: &Email, language: Language) -> Result<()> {
    let (Some(mut entry), Some(session)) = (store::find_entry(tx, id)?, sessions::store::find_fact(tx, id)?) else { return Ok(()) };
    if entry.holder == Some(account) {
        // What has begun stays where it is.
        let Some(out) = rules::next(Some(&entry), &session, None, tx.now) else { return Ok(()) };
        store::save_entry(tx, &out, false)?;
        entry = out;
    }
    let mailbox = Some(messages::actions::address_hash(tx, former.as_str()).to_vec());
    if mailbox == mailbox_of(tx, entry.holder)? {
        // Whoever has the session by now reads it there.
        return Ok(());
    }
    let known = messages::actions::list_for_calendars(tx, id)?;
    let told = told(tx, &known, None)?;
    if let Some(number) = rules::standing(told.iter().filter(|one| one.account == account && one.mailbox == mailbox)) {
        // One above what it holds, and so another for each mailbox that the account has left.
        let entry = Entry { sequence: number.saturating_add(1), ..entry };
        let out = wanted(&entry, &session, account, Kind::InvitationCancelled, language);
        messages::actions::tell_former(tx, id, out, former)?;
    }
    Ok(())
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
    let known = messages::actions::list_for_calendars(tx, session.id)?;
    take_back_former(tx, &entry, &known)?;
    let told = told_elsewhere(tx, &entry, &known)?;
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

/// Takes back what waits for a mailbox as one that its account has left, and that the account, or whoever has the session by now, reads: it is
/// told there as in any other.
fn take_back_former(tx: &mut Tx<'_>, entry: &Entry, known: &[Message]) -> Result<()> {
    for message in known.iter().filter(|message| message.goes_to_former() && message.settled_at.is_none()) {
        let Recipient::Account(account, _) = message.recipient else { continue };
        let Some((_, mailbox)) = messages::actions::find_address(tx, message.id)? else { continue };
        let mailbox = Some(mailbox);
        if mailbox == mailbox_of(tx, Some(account))? || mailbox == mailbox_of(tx, entry.holder)? {
            messages::actions::take_back(tx, message, "address_in_use")?;
        }
    }
    Ok(())
}

/// What of a session was told to others than its holder, in mailboxes that are theirs by now, and not the holder's, too.
fn told_elsewhere(tx: &mut Tx<'_>, entry: &Entry, known: &[Message]) -> Result<Vec<Told>> {
    let mut elsewhere = Vec::new();
    for one in told(tx, known, entry.holder)? {
        let (theirs, holders) = (mailbox_of(tx, Some(one.account))?, mailbox_of(tx, entry.holder)?);
        let mailbox = if one.mailbox.is_some() { &one.mailbox } else { &theirs };
        if mailbox.is_some() && *mailbox == theirs && *mailbox != holders {
            elsewhere.push(one);
        }
    }
    Ok(elsewhere)
}

/// Which of the messages about a session count as told, but for those to one account.
fn told(tx: &mut Tx<'_>, known: &[Message], but: Option<AccountId>) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    for message in known.iter().filter(|message| rules::counts(message)) {
        let (Recipient::Account(account, _), Some(sequence)) = (message.recipient, rules::sequence(message)) else { continue };
        if Some(account) != but {
            let mailbox = messages::actions::find_address(tx, message.id)?.map(|(_, mailbox)| mailbox);
            told.push(Told { account, mailbox, kind: message.kind, sequence });
        }
    }
    Ok(told)
}

/// Where an account's mail goes, by what is kept of an address; `None`: nowhere.
fn mailbox_of(tx: &mut Tx<'_>, account: Option<AccountId>) -> Result<Option<Vec<u8>>> {
    let Some(account) = account else { return Ok(None) };
    let email = accounts::get_contact(tx, account)?.and_then(|contact| contact.email);
    Ok(email.map(|email| messages::actions::address_hash(tx, email.as_str()).to_vec()))
}
