//! One message of a round: what leaves, what became of it, and what follows. Which room answers for which kind stands here, and nowhere else.

use super::{alone, late};
use crate::access::{Tx, accounts, sign_in};
use crate::base::calendar::Zone;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DeviceId, RowId};
use crate::base::value::Email;
use crate::messages::channels::{Channel, Outcome, Prepared, Senders};
use crate::messages::delivery::actions::{self as steps, Screened};
use crate::messages::model::{Details, HowToAnswer, Kind, Message, Recipient, State, Taken};
use crate::messages::rules::{Fate, is_patience_over};
use crate::sessions::answers::actions as answers;
use crate::sessions::reminders::actions::speaking;
use crate::{availability, calendars, people, sessions, staff};

/// What was done with a message in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Ended(State),
    Later,
    Failed,
}

/// A message that is ready to leave.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) taken: Taken,
    pub(super) prepared: Prepared,
}

/// Why a message that was taken is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Its provider is not there.
    Outage(&'static str),
    /// Too little of the lease is left to connect and have an answer.
    NoTime,
    /// The process was told to stop.
    Stopping,
    /// The disk fills: how it ended could perhaps not be written down.
    NoRoom,
    /// The database refuses what is to be written down.
    NoDatabase,
}

impl Halt {
    /// Its code, for the list of messages and the log.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Outage(code) => code,
            Self::NoTime => "no_time_left",
            Self::Stopping => "stopping",
            Self::NoRoom => "disk_fills",
            Self::NoDatabase => "database_away",
        }
    }

    /// How a message ended that was prepared and then not begun.
    pub(super) const fn outcome(self) -> Outcome {
        Outcome::NotBegun { code: self.code() }
    }
}

/// One message on its way out: what leaves, or what became of it instead.
pub(super) fn prepare(tx: &mut Tx<'_>, token: RowId, taken: &Taken, senders: &Senders, link_base: &str) -> Result<Result<Prepared, Step>> {
    let message = &taken.message;
    if !steps::stands(tx, token, message.id)? {
        return Ok(Err(Step::Ended(State::Retracted)));
    }
    match steps::screen(tx, token, taken)? {
        Screened::MayGo => {}
        Screened::Waits => return Ok(Err(Step::Later)),
        Screened::Ended(state) => {
            follow(tx, message, state, senders)?;
            return Ok(Err(Step::Ended(state)));
        }
    }
    let count = match ask_again(tx, message, senders)? {
        Ok(count) => count,
        Err(reason) => {
            steps::end(tx, token, message, State::Retracted, reason)?;
            None
        }
    };
    if !steps::stands(tx, token, message.id)? {
        return Ok(Err(Step::Ended(State::Retracted)));
    }
    let hooks: steps::Hooks = (answers::is_text_alone, speaking::word_changed_at, people::actions::is_reader_since);
    match steps::screen_said(tx, token, taken, hooks, people::actions::is_address_of)? {
        Screened::MayGo => {}
        Screened::Waits => return Ok(Err(Step::Later)),
        Screened::Ended(state) => {
            follow_try(tx, message, state, senders)?;
            return Ok(Err(Step::Ended(state)));
        }
    }
    let Some(to) = address(tx, message)? else {
        steps::end(tx, token, message, State::Refused, "no_address")?;
        follow(tx, message, State::Refused, senders)?;
        return Ok(Err(Step::Ended(State::Refused)));
    };
    let attendee = to.clone();
    let details = move |tx: &mut Tx<'_>| {
        let calendar = match senders.organiser() {
            Some(organiser) if message.kind.is_for_calendar() => Some(calendars::actions::part(tx, message, &attendee, organiser)?),
            _ => None,
        };
        Ok(Details { count, how: how_to_answer(tx, message, link_base)?, calendar, zone: zone_of(tx, message)? })
    };
    steps::prepare(tx, token, taken, to, details).map(Ok)
}

/// Asks the room that planned a message whether it still holds; the room retracts what does not, or says why not. `Ok` with the number
/// that the text tells, where it tells one. A new kind without an answer does not compile.
fn ask_again(tx: &mut Tx<'_>, message: &Message, senders: &Senders) -> Result<Result<Option<usize>, &'static str>> {
    match message.kind {
        Kind::Appointment | Kind::AppointmentMoved | Kind::AppointmentCancelled | Kind::AppointmentsChanged => {
            sessions::actions::ask_again(tx, message.subject_id.cast(), message.id)?;
            Ok(Ok(None))
        }
        Kind::AppointmentAnswered => {
            answers::retell(tx, message.subject_id.cast(), senders.is_on(Channel::Push))?;
            Ok(Ok(None))
        }
        Kind::Invitation | Kind::InvitationCancelled => {
            calendars::actions::follow(tx, message.subject_id.cast())?;
            Ok(Ok(None))
        }
        Kind::DutiesLate => Ok(late::count(tx, message.subject_id.cast())?.map(Some)),
    }
}

/// The clock that a member of staff keeps their hours by, where they read it.
fn zone_of(tx: &mut Tx<'_>, message: &Message) -> Result<Option<Zone>> {
    let Recipient::Account(account, _) = message.recipient else { return Ok(None) };
    let Some(member) = staff::store::find_by_account(tx, account)? else { return Ok(None) };
    availability::actions::zone_of(tx, member.id).map(Some)
}

/// What a message says of how to answer. A link is made as the last thing before it leaves, and stored with it.
fn how_to_answer(tx: &mut Tx<'_>, message: &Message, link_base: &str) -> Result<HowToAnswer> {
    match message.kind {
        Kind::Appointment | Kind::AppointmentMoved => answers::how_to_answer(tx, message, link_base),
        Kind::AppointmentCancelled
        | Kind::AppointmentsChanged
        | Kind::AppointmentAnswered
        | Kind::Invitation
        | Kind::InvitationCancelled
        | Kind::DutiesLate => Ok(HowToAnswer::Untold),
    }
}

/// What follows when a message did not arrive, or not for long, or nobody knows: its reader is told by the next way they have, and where none is
/// left, by hand. How it stands is written down even where this fails.
fn follow(tx: &mut Tx<'_>, message: &Message, state: State, senders: &Senders) -> Result<()> {
    alone(tx, "what follows from message", message.id, |tx| match message.kind {
        Kind::Appointment | Kind::AppointmentMoved | Kind::AppointmentCancelled | Kind::AppointmentsChanged => {
            sessions::actions::replan_messages(tx, message.subject_id.cast())
        }
        Kind::AppointmentAnswered => answers::retell(tx, message.subject_id.cast(), senders.is_on(Channel::Push)),
        // Nobody sent for a week: it is told anew.
        Kind::DutiesLate if state == State::TooLate => late::plan(tx, message.subject_id.cast(), senders),
        Kind::DutiesLate => late::plan_next(tx, message, senders),
        // Whoever looks at their own sessions finds them there.
        Kind::Invitation | Kind::InvitationCancelled => Ok(()),
    })
    .map(drop)
}

/// What follows from how a try ended, which left the message so: where it did not arrive, or not for so long that somebody should be told by
/// hand. One that went after that makes the errand needless, and so does the word for several of what of them is over.
fn follow_try(tx: &mut Tx<'_>, message: &Message, state: State, senders: &Senders) -> Result<()> {
    let is_in_order = matches!(state, State::Waiting | State::Accepted);
    let speaks_for_others = (message.kind, state) == (Kind::AppointmentsChanged, State::Accepted);
    if is_in_order && !speaks_for_others && !is_patience_over(message.attempts.saturating_add(1)) {
        return Ok(());
    }
    follow(tx, message, state, senders)
}

/// Where it goes, opened at this moment; `None` when there is no address any more.
fn address(tx: &mut Tx<'_>, message: &Message) -> Result<Option<String>> {
    match (message.recipient, message.channel) {
        (Recipient::Person(person), channel) => people::actions::address(tx, person, channel),
        (Recipient::Account(account, Some(device)), Channel::Push) => {
            let targets = sign_in::push_targets(tx, account)?;
            Ok(targets.into_iter().find(|(own, _)| *own == device).map(|(_, target)| target.token))
        }
        (Recipient::Account(_, None), Channel::Email) if message.goes_to_former() => {
            Ok(steps::find_former_address(tx, message)?.map(Email::into_string))
        }
        (Recipient::Account(account, None), Channel::Email) => {
            Ok(accounts::get_contact(tx, account)?.and_then(|contact| contact.email).map(|email| email.as_str().to_owned()))
        }
        (Recipient::Account(..), _) => Ok(None),
    }
}

/// Puts one back that was not begun: it goes in the next round.
pub(super) fn put_back(tx: &mut Tx<'_>, token: RowId, taken: &Taken, halt: Halt) -> Result<Step> {
    steps::put_back_untried(tx, token, taken, halt.code())?;
    Ok(Step::Later)
}

/// Writes down how one sending ended, and lets follow what must.
pub(super) fn settle(tx: &mut Tx<'_>, token: RowId, ready: &Ready, outcome: &Outcome, senders: &Senders) -> Result<Step> {
    let message = &ready.taken.message;
    let fate = steps::settle(tx, token, &ready.taken, outcome)?;
    if let (Outcome::TargetGone, Recipient::Account(account, Some(device))) = (outcome, message.recipient) {
        alone(tx, "push target of device", device, |tx| forget_target(tx, account, device, &ready.prepared.to))?;
    }
    let (state, step) = match fate {
        Fate::Untried { .. } => return Ok(Step::Later),
        Fate::Again { .. } => (State::Waiting, Step::Later),
        Fate::End { state, .. } => (state, Step::Ended(state)),
    };
    follow_try(tx, message, state, senders)?;
    Ok(step)
}

/// Forgets a phone's push target that is gone, unless the phone has given a new one meanwhile.
fn forget_target(tx: &mut Tx<'_>, account: AccountId, device: DeviceId, gone: &str) -> Result<()> {
    let is_gone = sign_in::push_targets(tx, account)?.iter().any(|(own, target)| *own == device && target.token == gone);
    if is_gone { sign_in::forget_push_target(tx, device) } else { Ok(()) }
}
