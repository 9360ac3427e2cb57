//! What stands in whose calendar: make what waits to be told of a session agree with it.

use std::collections::BTreeMap;

use super::calendar;
use crate::access::Tx;
use crate::access::accounts::{self, Contact};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result};
use crate::base::ical::{Event, Method, Parties, Status};
use crate::base::ids::{AccountId, MatchId, SessionId, StaffId};
use crate::base::language::Language;
use crate::base::value::Email;
use crate::calendars::model::Entry;
use crate::calendars::rules::{self, Told, Word};
use crate::calendars::store;
use crate::matching;
use crate::matching::actions::covers::may_meet;
use crate::messages::channels::{CalendarPart, Organiser};
use crate::messages::{self, Channel, Kind, Message, Recipient, Wanted};
use crate::sessions::joint::{actions as joint, rules as joint_rules};
use crate::sessions::{self, Session, State, covers};
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
    // What is taken out is named as the calendar holds it. How long it was there is not kept, and how long it is by now is not for its reader.
    let starts_at = message.about_at.unwrap_or(entry.starts_at);
    let ends_at = (method == Method::Request).then(|| starts_at.plus(entry.ends_at.since(entry.starts_at)));
    let event = Event {
        uid: entry.session.to_string(),
        sequence: rules::sequence(&message.slot).unwrap_or(entry.sequence),
        stamp: tx.now,
        starts_at,
        ends_at,
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
/// A closed account had left its mailbox when it was closed.
///
/// # Errors
/// As [`follow`].
pub fn mail_changed(tx: &mut Tx<'_>, account: AccountId, former: Option<&Email>) -> Result<()> {
    if let (Some(former), Some(language)) = (former, accounts::fact_language(tx, account)?) {
        leave_all(tx, account, former, language)?;
    }
    follow_all(tx, account)
}

/// Consequence of an account that nobody invites any more: what stands in its calendar is taken out. Where it is closed its mailbox is left, as one
/// is by another address: it is told that, whatever becomes of it, and nothing new.
///
/// # Errors
/// As [`follow`].
pub(super) fn ended(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    if let Some(Contact { email: Some(mailbox), language }) = accounts::find_contact_of_closed(tx, account)? {
        leave_all(tx, account, &mailbox, language)?;
    }
    rights_lost(tx, account)
}

/// Takes a session out of the mailboxes of closed accounts whose last word was that it stands there: what closes one says otherwise by now, and did
/// not always. Once, however that goes; where the mailbox refused it, once more after the session's next change.
///
/// # Errors
/// As [`follow`].
pub fn leave_closed(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let known = messages::actions::list_for_calendars(tx, id)?;
    if known.is_empty() {
        return Ok(());
    }
    let Some(entry) = store::find_entry(tx, id)? else { return Ok(()) };
    let changed_at = changed_at(tx, &entry, &known)?;
    let mut last_words = BTreeMap::new();
    for message in known.iter().filter(|message| rules::may_be_last_word(message, changed_at)) {
        if let Recipient::Account(account, _) = message.recipient {
            last_words.insert(account, message);
        }
    }
    last_words.retain(|_, last| last.kind == Kind::Invitation);
    for account in last_words.into_keys() {
        if let Some(Contact { email: Some(mailbox), language }) = accounts::find_contact_of_closed(tx, account)? {
            leave(tx, id, account, &mailbox, language)?;
        }
    }
    Ok(())
}

fn leave_all(tx: &mut Tx<'_>, account: AccountId, former: &Email, language: Language) -> Result<()> {
    let coming = store::coming_of(tx, account)?;
    coming.into_iter().try_for_each(|id| leave(tx, id, account, former, language))
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
    let mailbox = mailbox(tx, former);
    let known = messages::actions::list_for_calendars(tx, id)?;
    // What a mailbox refused is said once more where it is left: whenever that was, it does not count.
    let told = told(tx, &known, None)?;
    if rules::reader(&told, &mailbox).is_some() || mailbox_of(tx, entry.holder)?.as_ref() == Some(&mailbox) {
        // Whoever else reads there is told what there is to tell.
        return Ok(());
    }
    // Under a number of its own, for the account may have left several mailboxes.
    if let Some(word) = rules::taken_out(&told, &mailbox, account, entry.changed_at)
        && rules::on_its_way(&known, &word, true).is_none()
    {
        let out = wanted(tx, &entry, &session, &word, language);
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
    let entry = store::find_entry(tx, session.id)?;
    let (holder, is_new) = (holder(tx, session)?, entry.is_none());
    let next = rules::next(entry.as_ref(), session, holder, tx.now);
    let is_changed = next.is_some();
    let Some(mut entry) = next.or(entry) else { return Ok(false) };
    let (known, runs) = (messages::actions::list_for_calendars(tx, session.id)?, staff::store::fact_account(tx, session.staff)?);
    let (holders, changed_at) = (mailbox_of(tx, entry.holder)?, changed_at(tx, &entry, &known)?);
    let told = told(tx, &known, changed_at)?;
    if is_changed {
        if entry.holder.is_some() {
            entry = numbered(tx, session, entry, runs, &known, &told, holders.as_deref())?;
        }
        store::save_entry(tx, &entry, is_new)?;
    }
    take_back_former(tx, holders.as_deref(), &known)?;
    let mut all = Vec::new();
    for word in rules::wanted(&entry, runs, holders.as_deref(), &told) {
        if let Some(language) = accounts::fact_language(tx, word.account)? {
            let new = wanted(tx, &entry, session, &word, language);
            all.push(match rules::on_its_way(&known, &word, false) {
                Some(tried) => Wanted { slot: tried.slot.clone(), language: tried.language, not_before_at: tried.not_before_at, ..new },
                None => new,
            });
        }
    }
    messages::actions::sync_calendars(tx, session.id, &all, "changed")?;
    Ok(is_changed)
}

/// When a session was last changed, or whose entry it is, where a mailbox refused a word of it; `None`: none did, and nothing depends on it.
fn changed_at(tx: &mut Tx<'_>, entry: &Entry, known: &[Message]) -> Result<Option<Instant>> {
    if !known.iter().any(rules::is_refused_word) {
        return Ok(None);
    }
    let noted = sessions::changes::actions::last_noted_of(tx, &[entry.session])?;
    Ok(noted.into_values().chain([entry.changed_at]).max())
}

/// A changed entry with the number that its holder is told; `runs`: whose match it is.
fn numbered(
    tx: &mut Tx<'_>,
    session: &Session,
    entry: Entry,
    runs: Option<AccountId>,
    known: &[Message],
    told: &[Told],
    holders: Option<&[u8]>,
) -> Result<Entry> {
    let is_theirs = |message: &&Message| matches!(message.recipient, Recipient::Account(reader, _) if Some(reader) == entry.holder);
    let own = known.iter().filter(is_theirs).filter_map(|message| rules::sequence(&message.slot)).max();
    let there = holders.and_then(|mailbox| rules::last_tried(told, mailbox));
    let shown_version = if entry.holder == runs { None } else { Some(covers::actions::fact_shown_version(tx, session)?) };
    Ok(rules::numbered(entry, own.max(there), shown_version))
}

/// A word about an entry as a message: at once, or in the morning where its reader goes nowhere before.
fn wanted(tx: &Tx<'_>, entry: &Entry, session: &Session, word: &Word, language: Language) -> Wanted {
    let (quiet, zone) = (tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    Wanted {
        kind: word.kind,
        recipient: Recipient::Account(word.account, None),
        channel: Channel::Email,
        slot: word.sequence.to_string(),
        case: Some(session.case),
        person: Some(session.person),
        about_at: Some(word.starts_at),
        language,
        not_before_at: quiet.soon(entry.changed_at, word.expected_at, zone),
        not_after_at: word.starts_at,
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

/// Takes back what waits for a mailbox as one that its account has left, and that the account, or whoever has the session by now (`holders`), reads:
/// it is told there as in any other.
fn take_back_former(tx: &mut Tx<'_>, holders: Option<&[u8]>, known: &[Message]) -> Result<()> {
    for message in known.iter().filter(|message| message.goes_to_former() && message.settled_at.is_none()) {
        let Recipient::Account(account, _) = message.recipient else { continue };
        let Some((_, mailbox)) = messages::actions::find_address(tx, message.id)? else { continue };
        if holders == Some(mailbox.as_slice()) || mailbox_of(tx, Some(account))? == Some(mailbox) {
            messages::actions::take_back(tx, message, "address_in_use")?;
        }
    }
    Ok(())
}

/// Which of the messages about a session were tried, in the order they were planned: in the mailbox where each went, or, where that was not kept, in
/// that of its account. Which refused words count as told goes by when the session was last changed (`None`: none does).
fn told(tx: &mut Tx<'_>, known: &[Message], changed_at: Option<Instant>) -> Result<Vec<Told>> {
    let mut addresses: BTreeMap<AccountId, Option<Email>> = BTreeMap::new();
    let mut told = Vec::new();
    for message in known.iter().filter(|message| message.attempts > 0) {
        let (Recipient::Account(account, _), Some(sequence), Some(starts_at)) =
            (message.recipient, rules::sequence(&message.slot), message.about_at)
        else {
            continue;
        };
        let theirs = match addresses.get(&account) {
            Some(email) => email.clone(),
            None => {
                let email = address_of(tx, account)?;
                addresses.insert(account, email.clone());
                email
            }
        };
        let kept = messages::actions::find_address(tx, message.id)?.map(|(_, mailbox)| mailbox);
        let is_theirs = |email: &Email| kept.as_ref().is_none_or(|kept| messages::actions::is_kept_of(tx, kept, email.as_str()));
        let read = theirs.filter(is_theirs).map(|email| mailbox(tx, &email));
        let is_read = read.is_some();
        let Some(mailbox) = read.or(kept) else { continue };
        let (counts, has_arrived) = (rules::counts(message, changed_at), messages::actions::has_arrived(message));
        told.push(Told { account, mailbox, is_read, kind: message.kind, sequence, starts_at, counts, has_arrived });
    }
    Ok(told)
}

/// Where an account's mail goes, by what is kept of an address; `None`: nowhere.
fn mailbox_of(tx: &mut Tx<'_>, account: Option<AccountId>) -> Result<Option<Vec<u8>>> {
    let Some(account) = account else { return Ok(None) };
    Ok(address_of(tx, account)?.map(|email| mailbox(tx, &email)))
}

fn address_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Email>> {
    Ok(accounts::get_contact(tx, account)?.and_then(|contact| contact.email))
}

fn mailbox(tx: &Tx<'_>, email: &Email) -> Vec<u8> {
    messages::actions::address_hash(tx, email.as_str()).to_vec()
}
