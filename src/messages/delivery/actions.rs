//! Take what is due, look at its hour, prepare it, settle it.

use chrono::TimeDelta;

use super::store;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{MessageId, PersonId, RowId};
use crate::base::value::Email;
use crate::messages::actions::{StillTheirs, address_hash, went_astray};
use crate::messages::channels::{Channel, Outcome, Prepared};
use crate::messages::model::{Details, HowToAnswer, Kind, Lease, Message, Recipient, State, Taken};
use crate::messages::rules::{self, Beside, Fate, Timing, Window};
use crate::messages::store::{list_about, list_to};

/// Takes what was due by a channel at a moment, the oldest first, and what was tried before after all that was not, at most `most`; and what other
/// senders took whose lease is over at the first of two moments: until the second it is this sender's alone. Both are by one clock for all who ask;
/// several may at once.
///
/// # Errors
/// The database's.
pub fn lease(tx: &mut Tx<'_>, channel: Channel, due_by: Instant, lease: (Instant, Instant), most: u32) -> Result<Lease> {
    store::lease(tx, channel, due_by, lease, most.into())
}

/// Lets go what a clock that was wrong took or put back until later than anything rests: quiet hours and leases are over within a day.
///
/// # Errors
/// The database's.
pub fn recall(tx: &mut Tx<'_>) -> Result<()> {
    let tomorrow = tx.now.plus(TimeDelta::days(1));
    store::recall(tx, tomorrow)
}

/// What a taken message's hour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screened {
    /// It may go now.
    MayGo,
    /// It was put back until the quiet hours end.
    Waits,
    /// It came to its end without a word to anybody.
    Ended(State),
}

/// Looks at the hour, and at what an earlier sender left behind: what is useless now ends, what would disturb waits, and an SMS that may
/// have left is a person's to judge.
///
/// # Errors
/// The database's.
pub fn screen(tx: &mut Tx<'_>, token: RowId, taken: &Taken) -> Result<Screened> {
    let message = &taken.message;
    let (quiet, zone) = (tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    let (state, reason) = match rules::timing(message.kind, tx.now, Window::of(message), quiet, zone) {
        _ if taken.may_have_left && message.channel == Channel::Sms => (State::Unknown, "outcome_unknown"),
        Timing::TooLate if taken.may_have_left => (State::Unknown, "outcome_unknown"),
        Timing::TooLate => (State::TooLate, "window_closed"),
        Timing::Now => return Ok(Screened::MayGo),
        Timing::Wait(at) => {
            store::put_back(tx, message.id, token, at, "quiet_hours", taken.may_have_left)?;
            return Ok(Screened::Waits);
        }
    };
    end(tx, token, message, state, reason)?;
    Ok(Screened::Ended(state))
}

/// How long it rests while that is on its way.
const BESIDE: TimeDelta = TimeDelta::minutes(1);

/// Whether a reminder holds, and says nothing of its own beside its text: asked of the room that planned it.
pub type IsTextAlone = fn(&mut Tx<'_>, &Message) -> Result<bool>;

/// Since when what a word that appointments have changed tells of was so: asked of the room that planned it.
pub type ChangedAt = fn(&mut Tx<'_>, &Message) -> Result<Instant>;

/// Whether whoever gets what goes to a person by now did so at an earlier moment, too: asked of the room that knows.
pub type IsReaderSince = fn(&mut Tx<'_>, PersonId, Instant) -> Result<bool>;

/// What is asked of other rooms, beside whose an address is, to see whether a message is said by another.
pub type Hooks = (IsTextAlone, ChangedAt, IsReaderSince);

/// Looks whether another message says all that this would to the same reader by the same way ([`rules::beside`]): one is enough. While that is on its
/// way this waits to see whether it arrives; then this is told, too. What they read of changes before they read for this person says nothing of this.
///
/// # Errors
/// The database's and the vault's.
pub fn screen_said(
    tx: &mut Tx<'_>,
    token: RowId,
    taken: &Taken,
    (is_text_alone, changed_at, is_reader_since): Hooks,
    still_theirs: StillTheirs,
) -> Result<Screened> {
    let message = &taken.message;
    let (Recipient::Person(reader), false) = (message.recipient, taken.may_have_left) else { return Ok(Screened::MayGo) };
    let others = match (message.kind, message.about_at) {
        (Kind::Appointment, Some(about_at)) => {
            let mut others = list_about(tx, reader, Kind::AppointmentMoved, about_at)?;
            others.extend(list_about(tx, reader, message.kind, about_at)?);
            others
        }
        // Planned before the change it may have been read before, and says nothing of this; planned anew since, be it apart from this one, it does.
        (Kind::AppointmentsChanged, _) => {
            let changed_at = changed_at(tx, message)?;
            list_to(tx, reader, message.kind, changed_at.min(message.planned_at))?
        }
        _ => return Ok(Screened::MayGo),
    };
    let is_reminder = message.kind == Kind::Appointment;
    for other in others {
        let Some(beside) = rules::beside(message, &other) else { continue };
        if other.kind == Kind::Appointment && !(is_text_alone(tx, message)? && is_text_alone(tx, &other)?) {
            continue;
        }
        if let (false, Some(person)) = (is_reminder, message.person)
            && !is_reader_since(tx, person, other.planned_at)?
        {
            continue;
        }
        if beside == Beside::Goes {
            let at = tx.now.plus(BESIDE);
            store::put_back(tx, message.id, token, at, rules::SAID_BY_OTHER, false)?;
            return Ok(Screened::Waits);
        }
        if !went_astray(tx, &other, still_theirs)? {
            store::keep_address_of(tx, message.id, other.id)?;
            end(tx, token, message, State::Accepted, rules::SAID_BY_OTHER)?;
            return Ok(Screened::Ended(State::Accepted));
        }
    }
    Ok(Screened::MayGo)
}

/// Whether the message is still the sender's: not retracted meanwhile, and not taken by another after the lease.
///
/// # Errors
/// The database's.
pub fn stands(tx: &mut Tx<'_>, token: RowId, id: MessageId) -> Result<bool> {
    store::is_held(tx, id, token)
}

/// Where a message goes that does not go to its reader's present address.
///
/// # Errors
/// The database's and the vault's.
pub fn find_former_address(tx: &mut Tx<'_>, message: &Message) -> Result<Option<Email>> {
    store::find_former_address(tx, message)
}

/// Writes what goes out, seals it and stores it: from the commit on it may have left. What may have left before to the same address
/// goes again as it was; else `details` is asked what the text says.
///
/// # Errors
/// The database's and the vault's.
pub fn prepare(
    tx: &mut Tx<'_>,
    token: RowId,
    taken: &Taken,
    to: String,
    details: impl FnOnce(&mut Tx<'_>) -> Result<Details>,
) -> Result<Prepared> {
    let message = &taken.message;
    let earlier = if taken.may_have_left { store::find_prepared(tx, message)? } else { None };
    let prepared = match earlier.filter(|earlier| earlier.to == to) {
        Some(earlier) => earlier,
        None => {
            let details = details(tx)?;
            let zone = details.zone.unwrap_or(tx.programme.zone);
            let (subject, mut lines) = rules::text(message.kind, message.about_at, details.count, zone, message.language);
            lines.extend(rules::how_line(&details.how, message.language));
            let link = if let HowToAnswer::Link(link) = details.how { Some(link) } else { None };
            Prepared {
                id: message.id,
                channel: message.channel,
                to,
                language: message.language,
                subject,
                lines,
                link,
                calendar: details.calendar,
                prepared_at: tx.now,
                not_after_at: message.not_after_at,
            }
        }
    };
    let kept = address_hash(tx, &prepared.to);
    store::store_prepared(tx, token, message, &prepared, &kept)?;
    Ok(prepared)
}

/// Brings a taken message to its end without sending it.
///
/// # Errors
/// The database's.
pub fn end(tx: &mut Tx<'_>, token: RowId, message: &Message, state: State, reason: &'static str) -> Result<()> {
    store::end(tx, message.id, token, state, Some(reason), None).map(drop)
}

/// Puts a taken message back that was not sent because of a defect; what may have left stays so.
///
/// # Errors
/// The database's.
pub fn put_back(tx: &mut Tx<'_>, token: RowId, taken: &Taken, reason: &'static str) -> Result<()> {
    let at = tx.now.plus(rules::our_fault_rest());
    store::put_back(tx, taken.message.id, token, at, reason, taken.may_have_left)
}

/// Puts a taken message back that was not begun, for the next round, as it was when it was taken: what was prepared since counts no try, and
/// what may have left before stays so.
///
/// # Errors
/// The database's.
pub fn put_back_untried(tx: &mut Tx<'_>, token: RowId, taken: &Taken, reason: &'static str) -> Result<()> {
    let at = rules::next_round(&taken.message, tx.now);
    store::put_back_untried(tx, taken, token, at, reason)
}

/// Writes down how a sending ended: the end of the message, or when it goes again; what may have left stays so. One that was retracted while
/// it was on its way is written down as sent all the same.
///
/// # Errors
/// The database's.
pub fn settle(tx: &mut Tx<'_>, token: RowId, taken: &Taken, outcome: &Outcome) -> Result<Fate> {
    let message = &taken.message;
    let (quiet, zone) = (tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    let fate = rules::fate(taken, message.attempts.saturating_add(1), outcome, tx.now, quiet, zone);
    match fate {
        Fate::Untried { at, reason } => store::put_back_untried(tx, taken, token, at, reason)?,
        Fate::Again { at, reason, may_have_left } => store::put_back(tx, message.id, token, at, reason, may_have_left)?,
        Fate::End { state, reason } => {
            let reference = if let Outcome::Accepted { reference } = outcome { reference.as_deref() } else { None };
            let is_open = store::end(tx, message.id, token, state, reason, reference)?;
            if !is_open && state == State::Accepted {
                store::note_sent_though_retracted(tx, message.id, token, reference)?;
            }
        }
    }
    Ok(fate)
}

/// How many messages by a channel are due, and how many of those that wait have their time behind them.
///
/// # Errors
/// The database's.
pub fn count(tx: &mut Tx<'_>, channel: Channel) -> Result<(usize, usize)> {
    let now = tx.now;
    store::count(tx, channel, now)
}
