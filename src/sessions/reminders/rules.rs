//! Which messages should be waiting for a session. Pure: planned twice is planned once.

use chrono::TimeDelta;

use crate::base::clock::Instant;
use crate::base::config::Programme;
use crate::base::ids::SessionId;
use crate::duties::rules::name_of;
use crate::duties::{self, Duty};
use crate::sessions::model::{Session, State, Telling};

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct Appointment<'a> {
    /// The session.
    pub session: &'a Session,
    /// Who tells of its latest change by now; `None`: it does.
    pub telling: Option<Telling>,
    /// The start that its reader knows it by; of what takes place: knew it by before its latest change.
    pub known_at: Instant,
    /// Since when its reader has known it by the start that it has, where that is the one they know ([`heard_at`]). `None`: nobody has told them.
    pub heard_at: Option<Instant>,
    /// The earliest start to come at which its reader may come who has not heard of its latest change.
    pub expected_at: Instant,
    /// The start of the last session before it that was held or is planned, whatever its match; `None`: it is the first.
    pub previous_at: Option<Instant>,
    /// The start that a word for several would name as its reader's next; `None`: none is coming.
    pub named_at: Option<Instant>,
}

impl<'a> Appointment<'a> {
    /// A session that was just planned, after the last one before it: whoever agreed on it knows it.
    pub const fn new(session: &'a Session, previous_at: Option<Instant>) -> Self {
        let starts_at = session.starts_at;
        Self {
            session,
            telling: session.telling,
            known_at: starts_at,
            heard_at: session.agreed_at,
            expected_at: starts_at,
            previous_at,
            named_at: Some(starts_at),
        }
    }
}

/// Which of the three texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// There is an appointment.
    Reminder,
    /// It was moved.
    Moved,
    /// It was cancelled.
    Cancelled,
    /// Several were changed at once: when the next is, or that there is none.
    Changed,
}

/// A message that should be waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which text.
    pub kind: NoticeKind,
    /// Which of its kind: `day_before`, `early`, or nothing.
    pub slot: &'static str,
    /// The start that it names; `None`: that there is none.
    pub about_at: Option<Instant>,
    /// It must not go before this.
    pub not_before_at: Instant,
    /// It is useless from this moment on: the session begins, or would for all its reader knows; an early reminder a day after its moment, for another follows.
    pub not_after_at: Instant,
}

/// What should be told about a session: one reminder the day before; a second, earlier one for a first session or after a gap of some days, counted
/// from date to date; a change at once, or in the morning when it falls into the quiet hours and the session does not begin sooner, for all that its reader knows.
///
/// Whoever had not heard of a session by the moment of its reminder, when they did, is not reminded: they have just agreed on it, or been told of
/// it or of its move. Whoever knew it before is, however late, and so is whoever has not heard of it at all: what was planned by itself, or agreed on
/// with another, is told at once by the reminder whose moment is past.
///
/// Where one verb changed several of a person's, the earliest speaks for all of them, once; the rest have new reminders, and one whose
/// reminder would come too late speaks for itself. So does what the word for all leaves open, for it names an appointment before it, or at its
/// very moment: one that no reminder follows, and one that is off and was reminded of. Of what was only proposed nothing is told. What is off is off
/// at the time that its reader knows it by.
pub fn messages_for(appointment: &Appointment<'_>, programme: &Programme) -> Vec<Notice> {
    let session = appointment.session;
    let (zone, reminders) = (programme.calendar().zone, &programme.reminders);
    let named_at = appointment.named_at.filter(|named_at| session.state != State::Planned || *named_at != session.starts_at);
    // At that very moment, too: that the other stands would be taken to be said of this one.
    let names_another_by = |at: Instant| named_at.is_some_and(|named_at| named_at <= at);
    let starts_at = session.starts_at;
    let notice = |kind, slot, not_before_at| Notice { kind, slot, about_at: Some(starts_at), not_before_at, not_after_at: starts_at };
    let before = |at: Instant, days: u32| remind_at(at, days, programme);
    let mut notices = Vec::new();
    match session.state {
        State::Planned => {
            let days_before = |days: u32| before(session.starts_at, days);
            let gap = TimeDelta::days(i64::from(reminders.gap_days));
            let is_rare = appointment.previous_at.is_none_or(|previous| zone.date(session.starts_at) - zone.date(previous) >= gap);
            let is_known = appointment.known_at == session.starts_at;
            // Word of a change tells them, whatever they knew before.
            let is_news = !is_known || appointment.telling == Some(Telling::ForAll);
            let heard_at = if is_news { Some(session.timed_at) } else { appointment.heard_at };
            let is_reminded = heard_at.is_none_or(|heard_at| days_before(1) >= heard_at);
            if session.timed_at < session.starts_at {
                let soon = reminders.quiet_hours().soon(session.timed_at, appointment.expected_at, zone);
                // The reminder of its new time comes after the old one, of which they were reminded.
                let leaves_old = !is_known && before(appointment.known_at, 1) <= session.timed_at && names_another_by(appointment.known_at);
                match appointment.telling {
                    Some(Telling::ForAll) => {
                        notices.push(Notice { about_at: appointment.named_at, ..notice(NoticeKind::Changed, "", soon) });
                        if leaves_old || (!is_reminded && names_another_by(session.starts_at)) {
                            notices.push(notice(if is_known { NoticeKind::Reminder } else { NoticeKind::Moved }, "", soon));
                        }
                    }
                    Some(Telling::Nobody) => {}
                    Some(Telling::ByOther) if is_reminded && !leaves_old => {}
                    Some(Telling::ByOther) | None if is_known => {}
                    Some(Telling::ByOther) | None => notices.push(notice(NoticeKind::Moved, "", soon)),
                }
            }
            if is_rare && days_before(reminders.early_days) >= heard_at.unwrap_or(session.timed_at) {
                let early = notice(NoticeKind::Reminder, "early", days_before(reminders.early_days));
                notices.push(Notice { not_after_at: days_before(reminders.early_days.saturating_sub(1)), ..early });
            }
            if is_reminded {
                notices.push(notice(NoticeKind::Reminder, "day_before", days_before(1)));
            }
        }
        State::Cancelled => {
            if let (Some(at), Some(known_at)) = (session.cancelled_at, off_at(session, appointment.known_at)) {
                let not_before_at = reminders.quiet_hours().soon(at, known_at, zone);
                let off = |kind, about_at| Notice { kind, slot: "", about_at, not_before_at, not_after_at: known_at };
                let is_left_open = before(known_at, 1) <= at && names_another_by(known_at);
                if appointment.telling == Some(Telling::ForAll) {
                    notices.push(off(NoticeKind::Changed, appointment.named_at));
                }
                let speaks = match appointment.telling {
                    None => true,
                    Some(Telling::ForAll | Telling::ByOther) => is_left_open,
                    Some(Telling::Nobody) => false,
                };
                if speaks {
                    notices.push(off(NoticeKind::Cancelled, Some(known_at)));
                }
            }
        }
        State::Proposed | State::Held | State::NoShow | State::Tried => {}
    }
    notices
}

/// The moment of a reminder of what begins at a moment, so many days before it.
fn remind_at(at: Instant, days: u32, programme: &Programme) -> Instant {
    let zone = programme.calendar().zone;
    let date = zone.date(at) - TimeDelta::days(i64::from(days));
    zone.at_wall(date.and_time(programme.reminders.day_before_at))
}

/// Whether the moment of a session's reminder is past: only then does it matter who of its readers has heard of it, and when.
pub fn is_past_reminding(session: &Session, now: Instant, programme: &Programme) -> bool {
    remind_at(session.starts_at, 1, programme) < now
}

/// Since when the reader of a session has known it by the start that it has, which was set at `timed_at`: since they agreed on it (`None`: nobody did
/// with them), or were last told of it by these errands by hand. What somebody was to tell them when that start was set, and nobody told, they have
/// not heard; an errand that came up later, for a while, unsays nothing that they agreed on.
pub fn heard_at(agreed_at: Option<Instant>, timed_at: Instant, errands: &[Duty]) -> Option<Instant> {
    let told = errands.iter().filter(|errand| errand.state == duties::State::Done).filter_map(|errand| errand.closed_at).max();
    let was_owed = errands.iter().any(|errand| errand.state != duties::State::Done && errand.recorded_at <= timed_at);
    if was_owed { told } else { told.max(agreed_at) }
}

/// Whether an errand by hand of a session is of a start, whenever that was set: alone, or with all that was changed with it.
pub fn is_of_start(errand: &Duty, starts_at: Instant) -> bool {
    errand.slot.strip_prefix(&starts_at.to_string()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The start at which a session is off for its reader, who knows it by `known_at`. `None` where nobody is to be told: it stands, it never was
/// planned, or it was cancelled after that start.
pub fn off_at(session: &Session, known_at: Instant) -> Option<Instant> {
    let was_agreed = session.was_planned && !session.was_only_proposed();
    let is_off = session.state == State::Cancelled && was_agreed && session.cancelled_at.is_some_and(|at| at < known_at);
    is_off.then_some(known_at)
}

/// A move of a session, and whether its reader heard of it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The start it had.
    pub from_at: Instant,
    /// The start it got.
    pub to_at: Instant,
    /// Its reader read of it, or may have, was told by hand, or wished it.
    pub is_heard: bool,
}

/// The start that the reader of a moved session knows it by, from its moves since it was agreed on, in order: the last that they heard of,
/// else the one that was agreed on. Where that was past already when it was cancelled, the one it has.
pub fn known_at(session: &Session, moves: &[Step]) -> Instant {
    let heard = moves.iter().rfind(|step| step.is_heard).map(|step| step.to_at);
    let known_at = heard.or_else(|| moves.first().map(|step| step.from_at)).unwrap_or(session.starts_at);
    if session.cancelled_at.is_some_and(|at| at >= known_at) { session.starts_at } else { known_at }
}

/// The earliest of these moments at which the reader of a session may come who was not told how it stands; one that had passed when that was
/// found is past mending.
pub fn expected_at(session: &Session, known: &[Instant], since: Instant) -> Instant {
    let own = (session.state == State::Planned).then_some(session.starts_at);
    known.iter().copied().chain(own).filter(|at| *at > since).min().unwrap_or(session.starts_at)
}

/// The earliest start to come at which the reader of a session whose own is over may come in vain: it was moved to sooner, and that is none of these,
/// by which they may know it. Word that it was moved has nothing to say any more, for the time that it would name is past; nor does it change
/// anything that nobody came, or was there. What is off has words of its own.
pub fn in_vain_at(session: &Session, known: &[Instant], now: Instant) -> Option<Instant> {
    let is_over = session.starts_at <= now && matches!(session.state, State::Planned | State::NoShow | State::Tried);
    known.iter().copied().filter(|at| is_over && *at > now).min()
}

/// Of a session's errands by hand, the one that tells that it is off, and of all that was changed with it.
pub fn off_slot(changed_at: Instant) -> String {
    format!("{changed_at} off")
}

/// Of a session's errands by hand, beside the one of its time alone (`slot`), the one that tells of all that was changed with it, too.
pub fn for_all(slot: &str) -> String {
    format!("{slot} all")
}

/// Whether an errand by hand tells of all that was changed at a moment, and not of its own session alone.
pub fn speaks(errand: &Duty, changed_at: Instant) -> bool {
    let name = name_of(&errand.slot);
    name == off_slot(changed_at) || name.ends_with(&for_all(&format!(" {changed_at}")))
}

/// Whether an errand by hand is a session's own, of what is told of it in a slot: alone, or with all that was changed with it.
pub fn is_own_errand(errand: &Duty, session: SessionId, slot: &str) -> bool {
    let name = name_of(&errand.slot);
    errand.subject_id == session.cast() && (name == slot || name == for_all(slot))
}

/// When somebody last told by hand, `until` a moment where one is given, what is to be told of a session in a slot: by its own errands and by those
/// that speak for all that was changed with it. Whoever tells of all tells of this one, but where it has an errand of its own by then; that
/// something is off is told once.
pub fn told_by_hand_at(session: SessionId, slot: &str, errands: &[Duty], until: Option<Instant>) -> Option<Instant> {
    let is_own = |errand: &Duty| is_own_errand(errand, session, slot);
    let stood = |at: Instant| {
        let is_then = |own: &Duty| own.from_at <= at && own.closed_at.is_none_or(|closed_at| closed_at > at);
        errands.iter().any(|own| is_own(own) && is_then(own))
    };
    let kept = errands.iter().filter(|errand| errand.state == duties::State::Done);
    let told = kept.filter_map(|errand| errand.closed_at.filter(|at| is_own(errand) || name_of(&errand.slot) == slot || !stood(*at)));
    told.filter(|at| until.is_none_or(|until| *at <= until)).max()
}

/// Until when somebody is told by hand of whom it is known since then that no message reaches them: the end of the day before they may come,
/// or if that is over, until then.
pub fn by_hand_until(expected_at: Instant, since: Instant, programme: &Programme) -> Instant {
    let zone = programme.calendar().zone;
    let day_before = zone.end_of(zone.date(expected_at) - TimeDelta::days(1));
    if day_before > since { day_before } else { expected_at }
}

#[cfg(test)]
mod tests;
