//! Plan and retract messages, in the transaction of the fact.

pub mod daily;
pub mod ways;

use std::collections::BTreeSet;

use super::channels::Channel;
use super::model::{Kind, Message, Recipient, State, Wanted};
pub use super::store::{Filter, get, list};
use super::{delivery, rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, MessageId, PersonId};
use crate::base::language::Language;
use crate::base::value::{Email, folded};
use crate::base::vault::LookUpKind;
use crate::journal::Subject;

/// Makes what waits for a subject what is wanted: adds what is missing, keeps what is the same, retracts the rest with `why`
/// (a code, e.g. `session_moved`). What was sent, or came to its end, for the same moment is not planned again; but for what was too late by a clock
/// that was wrong. Twice is once.
///
/// # Errors
/// The database's.
pub fn sync(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: &[Wanted], why: &'static str) -> Result<()> {
    sync_among(tx, subject.into(), false, wanted, why, None)
}

/// Whether an address of a channel, by its [`address_hash`], is still a person's: asked of the room that knows how people are reached.
pub type StillTheirs = fn(&mut Tx<'_>, PersonId, Channel, &[u8]) -> Result<bool>;

/// As [`sync`], for what people are told: what went to an address that is its reader's no more counts as not told; and what tells of the start at which
/// the subject still stands (`stands_at`), and did not go in time, is left to be found too late: it was needed.
///
/// # Errors
/// The database's and the vault's.
pub fn sync_to_people(
    tx: &mut Tx<'_>,
    subject: impl Into<Subject>,
    wanted: &[Wanted],
    why: &'static str,
    (still_theirs, stands_at): (StillTheirs, Option<Instant>),
) -> Result<()> {
    sync_among(tx, subject.into(), false, wanted, why, Some((still_theirs, stands_at)))
}

/// As [`sync`], for what of a subject is told to calendars: neither touches what the other planned.
///
/// # Errors
/// The database's.
pub fn sync_calendars(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: &[Wanted], why: &'static str) -> Result<()> {
    sync_among(tx, subject.into(), true, wanted, why, None)
}

/// Plans what is told about a subject to an address that is its account's no more. What is planned anew of the subject leaves it alone, until
/// [`take_back`]. Twice is once.
///
/// # Errors
/// The database's and the vault's.
pub fn tell_former(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: Wanted, address: &Email) -> Result<()> {
    let subject = subject.into();
    let known = store::list_by_subject(tx, subject)?;
    let wanted = Wanted { slot: format!("{}{}", Message::FORMER, wanted.slot), ..wanted };
    if known.iter().any(|message| message.settled_at.is_none() && is_about(message, &wanted)) {
        return Ok(());
    }
    let (recipient, hash) = (wanted.recipient, address_hash(tx, address.as_str()));
    let planned_at = tx.after(known.last().map(|message| message.planned_at));
    for id in store::insert_all(tx, &[(subject, wanted)], planned_at)? {
        delivery::store::set_former_address(tx, id, recipient, address, &hash)?;
    }
    Ok(())
}

/// Takes back what waits, with `why` (a code).
///
/// # Errors
/// The database's.
pub fn take_back(tx: &mut Tx<'_>, message: &Message, why: &'static str) -> Result<()> {
    store::retract(tx, message, why)
}

/// What of a subject was ever planned for calendars, in the order it was planned.
///
/// # Errors
/// The database's.
pub fn list_for_calendars(tx: &mut Tx<'_>, subject: impl Into<Subject>) -> Result<Vec<Message>> {
    let mut known = store::list_by_subject(tx, subject.into())?;
    known.retain(|message| message.kind.is_for_calendar());
    Ok(known)
}

fn sync_among(
    tx: &mut Tx<'_>,
    subject: Subject,
    for_calendars: bool,
    wanted: &[Wanted],
    why: &'static str,
    to_people: Option<(StillTheirs, Option<Instant>)>,
) -> Result<()> {
    let (still_theirs, stands_at) = to_people.unzip();
    let mut known = store::list_by_subject(tx, subject)?;
    let mut last_at = known.last().map(|message| message.planned_at);
    known.retain(|message| message.kind.is_for_calendar() == for_calendars && !message.goes_to_former());
    let (open, past): (Vec<Message>, Vec<Message>) =
        known.into_iter().partition(|message| matches!(message.state, State::Waiting | State::Leased));
    for message in &open {
        if !rules::is_missed(message, stands_at.flatten(), tx.now) && !wanted.iter().any(|wanted| is_same(message, wanted)) {
            store::retract(tx, message, why)?;
        }
    }
    for wanted in wanted {
        // What became wanted after its window is no news any more.
        if open.iter().any(|message| is_same(message, wanted)) || wanted.not_after_at <= tx.now {
            continue;
        }
        if !was_settled(tx, &past, wanted, still_theirs)? {
            let planned_at = tx.after(last_at);
            store::insert(tx, subject, wanted, planned_at)?;
            last_at = Some(planned_at);
        }
    }
    Ok(())
}

/// Whether just this came to its end before, at an address that is its reader's still.
fn was_settled(tx: &mut Tx<'_>, past: &[Message], wanted: &Wanted, still_theirs: Option<StillTheirs>) -> Result<bool> {
    let (now, quiet, zone) = (tx.now, tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    let is_settled = |message: &&Message| message.state != State::Retracted && !rules::can_go_after_all(message, now, quiet, zone);
    let settled = past.iter().filter(is_settled).filter(|message| is_about(message, wanted));
    let Some(still_theirs) = still_theirs else { return Ok(has_told(settled, wanted)) };
    let mut theirs = Vec::with_capacity(past.len());
    for message in settled {
        if !went_astray(tx, message, still_theirs)? {
            theirs.push(message);
        }
    }
    Ok(has_told(theirs.into_iter(), wanted))
}

/// Whether a message went to an address that is its reader's no more.
pub(super) fn went_astray(tx: &mut Tx<'_>, message: &Message, still_theirs: StillTheirs) -> Result<bool> {
    match (message.recipient, find_address(tx, message.id)?) {
        (Recipient::Person(reader), Some((channel, hash))) => still_theirs(tx, reader, channel, &hash).map(|is_theirs| !is_theirs),
        _ => Ok(false),
    }
}

/// What of a kind was planned for a person to read since a moment, but for what went to an address that is theirs no more, in the order in which
/// it came to its end.
///
/// # Errors
/// The database's and the vault's.
pub fn list_since(tx: &mut Tx<'_>, reader: PersonId, kind: Kind, since: Instant, still_theirs: StillTheirs) -> Result<Vec<Message>> {
    let mut theirs = Vec::new();
    for message in store::list_to(tx, reader, kind, since)? {
        if !went_astray(tx, &message, still_theirs)? {
            theirs.push(message);
        }
    }
    theirs.sort_by_key(|message| message.settled_at);
    Ok(theirs)
}

/// By which way a message went, or is about to go, and what is kept of the address ([`address_hash`]).
///
/// # Errors
/// The database's.
pub fn find_address(tx: &mut Tx<'_>, id: MessageId) -> Result<Option<(Channel, Vec<u8>)>> {
    store::find_address(tx, id)
}

/// What is kept of an address when a message has gone: enough to see whether it is still its reader's, in whatever capitals it is written.
pub fn address_hash(tx: &Tx<'_>, to: &str) -> [u8; 32] {
    tx.look_up_hash(LookUpKind::Address, folded(to))
}

/// Whether this was kept of an address. Earlier versions kept it as the address was written.
pub fn is_kept_of(tx: &Tx<'_>, kept: &[u8], to: &str) -> bool {
    address_hash(tx, to) == *kept || tx.look_up_hash(LookUpKind::Address, to) == *kept
}

/// Plans what is to be told about subjects that were made in this very verb, so that nothing of theirs can be waiting yet: as [`sync`], without
/// a look-up for each.
///
/// # Errors
/// The database's.
pub fn plan_new(tx: &mut Tx<'_>, wanted: &[(Subject, Wanted)]) -> Result<()> {
    let of_use: Vec<(Subject, Wanted)> = wanted.iter().filter(|(_, wanted)| wanted.not_after_at > tx.now).cloned().collect();
    store::insert_all(tx, &of_use, tx.now).map(drop)
}

/// The same promise in every respect that a reader or a sender would notice.
fn is_same(message: &Message, wanted: &Wanted) -> bool {
    is_told(message, wanted)
        && message.channel == wanted.channel
        && message.language == wanted.language
        && message.not_before_at == wanted.not_before_at
        && message.not_after_at == wanted.not_after_at
}

/// The same thing told to the same recipient about the same moment.
fn is_told(message: &Message, wanted: &Wanted) -> bool {
    is_about(message, wanted) && message.recipient.device() == wanted.recipient.device() && message.about_at == wanted.about_at
}

/// Whether a message was planned once more as another.
fn is_again(later: &Message, message: &Message) -> bool {
    (later.kind, &later.slot, later.recipient, later.about_at) == (message.kind, &message.slot, message.recipient, message.about_at)
}

/// The same kind of news for the same recipient, whatever it says.
fn is_about(message: &Message, wanted: &Wanted) -> bool {
    message.kind == wanted.kind && message.slot == wanted.slot && message.recipient.subject() == wanted.recipient.subject()
}

/// Whether just this is among what was told, in the order it was planned. What was moved away and then moved there again is news once more, and so
/// is what was off, took place after all and is off again: of a change only the last word counts. That appointments have changed is told once a
/// change, whichever of them is the next by now.
fn has_told<'a>(told: impl Iterator<Item = &'a Message>, wanted: &Wanted) -> bool {
    let mut of_kind = told.filter(|message| is_about(message, wanted));
    let is_change = matches!(wanted.kind, Kind::AppointmentMoved | Kind::AppointmentsChanged | Kind::AppointmentCancelled);
    if is_change {
        let says_so = |last: &Message| wanted.kind == Kind::AppointmentsChanged || is_told(last, wanted);
        of_kind.last().is_some_and(|last| says_so(last) && last.not_before_at >= wanted.not_before_at)
    } else {
        of_kind.any(|message| is_told(message, wanted))
    }
}

/// What an account was told about a subject, or is to be, by the beginning of its slot, in the order it was planned.
///
/// # Errors
/// The database's.
pub fn list_told(tx: &mut Tx<'_>, subject: impl Into<Subject>, account: AccountId, slot: &str) -> Result<Vec<Message>> {
    let mut all = store::list_by_subject(tx, subject.into())?;
    let is_theirs = |message: &Message| matches!(message.recipient, Recipient::Account(reader, _) if reader == account);
    all.retain(|message| message.slot.starts_with(slot) && is_theirs(message));
    Ok(all)
}

/// Consequence of another language of an account: what waits for it goes in that one. What a sender has, or may have sent, stays as it was written.
///
/// # Errors
/// The database's.
pub fn language_changed(tx: &mut Tx<'_>, account: AccountId, language: Language) -> Result<()> {
    store::set_language(tx, account, language)
}

/// To which accounts a message of a subject left or is leaving, by the beginning of its slot.
///
/// # Errors
/// The database's.
pub fn accounts_told(tx: &mut Tx<'_>, subject: impl Into<Subject>, slot: &str) -> Result<BTreeSet<AccountId>> {
    let mut all = store::list_by_subject(tx, subject.into())?;
    all.retain(|message| message.slot.starts_with(slot) && may_have_left(message));
    let account = |message: Message| match message.recipient {
        Recipient::Account(account, _) => Some(account),
        Recipient::Person(_) => None,
    };
    Ok(all.into_iter().filter_map(account).collect())
}

/// Whether just this has been told about a subject, or may have been, by any message but one: that which asks.
///
/// # Errors
/// The database's.
pub fn was_told(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: &Wanted, but: Option<MessageId>) -> Result<bool> {
    let all = store::list_by_subject(tx, subject.into())?;
    Ok(has_told(all.iter().filter(|message| Some(message.id) != but && may_have_left(message)), wanted))
}

/// Whether just this arrived about a subject, at an address that is its reader's still.
///
/// # Errors
/// The database's and the vault's.
pub fn has_reached(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: &Wanted, still_theirs: StillTheirs) -> Result<bool> {
    let mut all = store::list_by_subject(tx, subject.into())?;
    all.retain(has_arrived);
    was_settled(tx, &all, wanted, Some(still_theirs))
}

/// Whether something that says that the subject is cancelled or changed `went`.
///
/// # Errors
/// The database's.
pub fn was_cancellation_sent(tx: &mut Tx<'_>, subject: impl Into<Subject>, went: impl Fn(&Message) -> bool) -> Result<bool> {
    let all = store::list_by_subject(tx, subject.into())?;
    let says_so = |message: &Message| matches!(message.kind, Kind::AppointmentCancelled | Kind::AppointmentsChanged);
    Ok(all.iter().any(|message| says_so(message) && went(message)))
}

/// Whether something that was planned since then and `went` says that a subject is at a moment.
///
/// # Errors
/// The database's.
pub fn was_time_sent(
    tx: &mut Tx<'_>,
    subject: impl Into<Subject>,
    about_at: Instant,
    since: Instant,
    went: impl Fn(&Message) -> bool,
) -> Result<bool> {
    let all = store::list_by_subject(tx, subject.into())?;
    let says_so = |message: &Message| {
        matches!(message.kind, Kind::Appointment | Kind::AppointmentMoved)
            && message.about_at == Some(about_at)
            && message.planned_at >= since
    };
    Ok(all.iter().any(|message| says_so(message) && went(message)))
}

/// Whether a message left or is leaving, as far as is known.
pub const fn may_have_left(message: &Message) -> bool {
    matches!(message.state, State::Leased | State::Accepted | State::Unknown)
}

/// Whether a message was handed to its channel and may have left, also on its way when it was taken back.
pub const fn may_have_gone(message: &Message) -> bool {
    message.attempts > 0 && !matches!(message.state, State::Refused | State::TooLate)
}

/// As [`may_have_gone`], of what was planned by a moment, and had not come to its end later.
pub fn may_have_gone_by(message: &Message, until: Instant) -> bool {
    let is_earlier = message.settled_at.map_or(message.planned_at < until, |at| at <= until);
    is_earlier && may_have_gone(message)
}

/// Whether a message's provider took it over: as near to its reader as we can know.
pub fn has_arrived(message: &Message) -> bool {
    message.state == State::Accepted
}

/// Since when the subject's last word of those that are asked about did not reach its reader: refused, of unknown fate, tried in vain too often,
/// or never sent while nothing more is to come. `None` once one of them was accepted after all.
///
/// # Errors
/// The database's.
pub fn find_undelivered(
    tx: &mut Tx<'_>,
    subject: impl Into<Subject>,
    is_asked_about: impl Fn(&Message) -> bool,
) -> Result<Option<Instant>> {
    let mut about = store::list_by_subject(tx, subject.into())?;
    about.retain(|message| is_asked_about(message) && message.state != State::Retracted && !message.kind.is_for_calendar());
    let (now, quiet, zone) = (tx.now, tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    // What was too late by a clock that was wrong is planned anew, or has been.
    let again = about.clone();
    about.retain(|message| {
        let was_planned_again = || again.iter().any(|later| later.planned_at > message.planned_at && is_again(later, message));
        let is_void = rules::can_go_after_all(message, now, quiet, zone) || rules::is_untried(message) && was_planned_again();
        !is_void
    });
    let is_stuck = |message: &&Message| message.settled_at.is_none() && rules::is_patience_over(message.attempts);
    if let Some(stuck) = about.iter().find(is_stuck) {
        return Ok(Some(stuck.not_before_at));
    }
    let is_more_to_come = about.iter().any(|message| message.settled_at.is_none());
    let last = about.iter().max_by_key(|message| (message.settled_at, message.state == State::Accepted));
    Ok(last
        .filter(|message| match message.state {
            State::Refused | State::Unknown => true,
            State::TooLate => !is_more_to_come,
            State::Waiting | State::Leased | State::Accepted | State::Retracted => false,
        })
        .and_then(|message| message.settled_at))
}

/// Whether something of what is asked about was sent, or tried for long, in vain, and nothing of it has arrived since a moment.
///
/// # Errors
/// The database's.
pub fn is_unheard_since(
    tx: &mut Tx<'_>,
    subject: impl Into<Subject>,
    is_asked_about: impl Fn(&Message) -> bool,
    since: Instant,
) -> Result<bool> {
    let mut about = store::list_by_subject(tx, subject.into())?;
    about.retain(|message| is_asked_about(message) && !message.kind.is_for_calendar());
    let arrived = |message: &Message| has_arrived(message) && message.settled_at.is_some_and(|at| at >= since);
    Ok(about.iter().any(rules::has_failed) && !about.iter().any(arrived))
}

/// What waits about these subjects, as far as the caller may see, the next to go first.
///
/// # Errors
/// The database's.
pub fn list_waiting(tx: &mut Tx<'_>, subjects: &[AnyId], most: i64) -> Result<Vec<Message>> {
    store::list_waiting(tx, subjects, most)
}
