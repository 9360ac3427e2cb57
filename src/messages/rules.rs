//! Fixed texts, ways, windows and waits: pure.

mod said;
mod texts;
mod ways;

use chrono::TimeDelta;

pub use self::said::{Beside, SAID_BY_OTHER, beside};
pub use self::texts::{day_and_time, how_line, text};
pub use self::ways::{has_failed, slot_by, ways_left};
use super::channels::{Channel, Outcome};
use super::model::{Kind, Message, State, Taken};
use crate::base::calendar::{QuietHours, Zone};
use crate::base::clock::Instant;

/// What quiet hours do to a message that is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It may go.
    Now,
    /// It waits until then, still inside its window.
    Wait(Instant),
    /// Its window closes before it may go.
    TooLate,
}

/// Whether a message may go at a moment (domain section 8): nothing in the quiet hours but a change to a session that starts sooner. Word of a
/// change that was to go in the quiet hours of this very night is of one, for all that its reader knows.
pub fn timing(kind: Kind, at: Instant, window: Window, quiet: QuietHours, zone: Zone) -> Timing {
    if at >= window.not_after_at {
        return Timing::TooLate;
    }
    let allowed = quiet.next_allowed(at, zone);
    if allowed <= at {
        return Timing::Now;
    }
    let is_news = !matches!(kind, Kind::Appointment | Kind::DutiesLate);
    let begins_sooner = is_news && window.not_before_at < allowed && quiet.next_allowed(window.not_before_at, zone) == allowed;
    match (allowed < window.not_after_at, is_news) {
        (true, _) if !begins_sooner => Timing::Wait(allowed),
        (_, true) => Timing::Now,
        (_, false) => Timing::TooLate,
    }
}

/// When a message may go, and until when it is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before this.
    pub not_before_at: Instant,
    /// Useless from this moment on.
    pub not_after_at: Instant,
}

impl Window {
    /// That of a message.
    pub const fn of(message: &Message) -> Self {
        Self { not_before_at: message.not_before_at, not_after_at: message.not_after_at }
    }
}

/// The window of a message that goes at most once each local day: now, or tomorrow if one went today; never in the quiet hours. It stays
/// of use for a week: what it tells is counted when it goes.
pub fn daily(now: Instant, last_at: Option<Instant>, quiet: QuietHours, zone: Zone) -> Window {
    let today = zone.date(now);
    let went_today = last_at.is_some_and(|last_at| zone.date(last_at) >= today);
    let earliest = if went_today { zone.start_of(today + TimeDelta::days(1)) } else { now };
    let not_before_at = quiet.next_allowed(earliest, zone);
    Window { not_before_at, not_after_at: not_before_at.plus(TimeDelta::days(7)) }
}

/// Whether what waits tells of just this start, and is of no use any more.
pub fn is_missed(message: &Message, starts_at: Option<Instant>, now: Instant) -> bool {
    starts_at.is_some() && message.about_at == starts_at && message.not_after_at <= now
}

/// Whether a message came to its end because its moment had passed, before anybody tried it.
pub const fn is_untried(message: &Message) -> bool {
    matches!(message.state, State::TooLate) && message.attempts == 0
}

/// Whether such a message can go after all: the clock that found it too late was wrong, or another rule holds by now.
pub fn can_go_after_all(message: &Message, now: Instant, quiet: QuietHours, zone: Zone) -> bool {
    let earliest = now.max(message.not_before_at);
    is_untried(message) && timing(message.kind, earliest, Window::of(message), quiet, zone) != Timing::TooLate
}

/// Minutes until the next try after so many attempts.
const WAITS_MIN: [i64; 7] = [1, 2, 5, 10, 20, 40, 60];
/// Minutes until a message is tried again that failed by our own settings or code.
const OUR_FAULT_MIN: i64 = 30;

/// Minutes that a provider who asks to be left alone is, at most, as long as nobody was told by hand, or by another way.
const PROVIDER_MIN: i64 = 10;

/// Whether a message was tried so often that somebody should be told by hand, though it is tried further: after eight minutes of a busy
/// provider, half an hour of one that asks for long waits, or an hour and a half of our own fault.
pub const fn is_patience_over(attempts: i32) -> bool {
    attempts >= 4
}

/// How long a message rests that failed by our own settings or code.
pub const fn our_fault_rest() -> TimeDelta {
    TimeDelta::minutes(OUR_FAULT_MIN)
}

/// How long a message rests after so many attempts: as long as the provider asks for, not so long that what others are waiting for is late; else
/// longer each time.
pub fn wait(attempts: i32, provider_wish_s: Option<u32>) -> TimeDelta {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let own = WAITS_MIN.get(index).or(WAITS_MIN.last()).copied().unwrap_or(1);
    let most = if is_patience_over(attempts) { TimeDelta::MAX } else { TimeDelta::minutes(PROVIDER_MIN) };
    provider_wish_s.map_or(TimeDelta::minutes(own), |seconds| TimeDelta::seconds(i64::from(seconds.max(1))).min(most))
}

/// When a message goes that was taken and not begun: in the next round, not beyond its window; then somebody is told, and should be soon.
pub fn next_round(message: &Message, now: Instant) -> Instant {
    now.plus(TimeDelta::seconds(1)).min(message.not_after_at)
}

/// What becomes of a message after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It came to its end.
    End {
        /// How.
        state: State,
        /// Why, as a code.
        reason: Option<&'static str>,
    },
    /// It was not begun: it waits for the next round, as if nobody had taken it.
    Untried {
        /// Then.
        at: Instant,
        /// Why it was not, as a code.
        reason: &'static str,
    },
    /// It goes again.
    Again {
        /// Then.
        at: Instant,
        /// Why it did not go, or nobody knows, as a code.
        reason: &'static str,
        /// It may have left, now or with an earlier try: what goes again is the same, byte for byte, under the same id.
        may_have_left: bool,
    },
}

/// What becomes of a message after its try number `attempts` ended so. It goes again only inside its window and outside the quiet hours;
/// an SMS of unknown outcome never does. What may have left may have left, whatever its later tries say of themselves.
pub fn fate(taken: &Taken, attempts: i32, outcome: &Outcome, now: Instant, quiet: QuietHours, zone: Zone) -> Fate {
    let message = &taken.message;
    let end = |state, reason| Fate::End { state, reason: Some(reason) };
    let (rest, reason, is_unknown) = match *outcome {
        Outcome::Accepted { .. } => return Fate::End { state: State::Accepted, reason: None },
        Outcome::TargetGone => return end(State::Refused, outcome.code()),
        Outcome::Refused { code } => return end(State::Refused, code),
        Outcome::NotBegun { code } => return Fate::Untried { at: next_round(message, now), reason: code },
        Outcome::Unknown { code } if message.channel == Channel::Sms => return end(State::Unknown, code),
        Outcome::Unknown { code } => (wait(attempts, None), code, true),
        Outcome::RetryAfter { seconds, code } => (wait(attempts, seconds), code, false),
        Outcome::OurFault { code } => (our_fault_rest(), code, false),
    };
    let may_have_left = is_unknown || taken.may_have_left;
    let again = |at| Fate::Again { at, reason, may_have_left };
    match timing(message.kind, now.plus(rest), Window::of(message), quiet, zone) {
        Timing::Now => again(now.plus(rest)),
        Timing::Wait(at) => again(at),
        // A wait beyond the window would end what may still arrive in time: it is tried as if nobody had said how long.
        Timing::TooLate if matches!(*outcome, Outcome::RetryAfter { seconds: Some(_), .. }) => {
            fate(taken, attempts, &Outcome::RetryAfter { seconds: None, code: reason }, now, quiet, zone)
        }
        Timing::TooLate => end(if may_have_left { State::Unknown } else { State::TooLate }, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Id;
    use crate::base::language::Language;
    use crate::journal::SubjectKind;
    use crate::messages::Recipient;
    use chrono::NaiveTime;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn night() -> QuietHours {
        QuietHours { from: NaiveTime::from_hms_opt(20, 0, 0).unwrap(), to: NaiveTime::from_hms_opt(8, 0, 0).unwrap() }
    }

    #[test]
    fn quiet_hours_move_a_message_inside_its_window_never_out_of_it() {
        #[rustfmt::skip]
        let cases = [
            // 17:00 local is allowed.
            (Kind::Appointment, "2026-06-02T15:00:00Z", "2026-06-03T14:00:00Z", Timing::Now),
            // 21:00 local waits for 8:00 while the appointment is later.
            (Kind::Appointment, "2026-06-02T19:00:00Z", "2026-06-03T14:00:00Z", Timing::Wait(at("2026-06-03T06:00:00Z"))),
            // The appointment is at 7:30: no reminder in the night, but a change is told.
            (Kind::Appointment, "2026-06-02T19:00:00Z", "2026-06-03T05:30:00Z", Timing::TooLate),
            (Kind::AppointmentMoved, "2026-06-02T19:00:00Z", "2026-06-03T05:30:00Z", Timing::Now),
            (Kind::AppointmentCancelled, "2026-06-02T19:00:00Z", "2026-06-03T14:00:00Z", Timing::Wait(at("2026-06-03T06:00:00Z"))),
            (Kind::AppointmentCancelled, "2026-06-03T13:59:59Z", "2026-06-03T14:00:00Z", Timing::Now),
            (Kind::AppointmentCancelled, "2026-06-03T14:00:00Z", "2026-06-03T14:00:00Z", Timing::TooLate),
            // It begins when the quiet hours end: it would be told as it begins.
            (Kind::Appointment, "2026-06-02T19:00:00Z", "2026-06-03T06:00:00Z", Timing::TooLate),
        ];
        let at_noon = "2026-06-02T10:00:00Z";
        for (kind, now, not_after, expected) in cases {
            let window = Window { not_before_at: at(at_noon), not_after_at: at(not_after) };
            assert_eq!(timing(kind, at(now), window, night(), Zone::COPENHAGEN), expected, "{kind} {now}");
        }
        // Moved at 22:00 from 7:30 to the afternoon: it was to go at once, and does when the provider is there again, to a calendar, too. What
        // was to go in the night before waits.
        let (tonight, last_night) = ("2026-06-02T20:00:00Z", "2026-06-01T20:00:00Z");
        let waits = Timing::Wait(at("2026-06-03T06:00:00Z"));
        let cases = [
            (Kind::AppointmentMoved, tonight, Timing::Now),
            (Kind::AppointmentMoved, last_night, waits),
            (Kind::Appointment, tonight, waits),
            (Kind::Invitation, tonight, Timing::Now),
            (Kind::Invitation, last_night, waits),
        ];
        for (kind, not_before, expected) in cases {
            let window = Window { not_before_at: at(not_before), not_after_at: at("2026-06-03T14:00:00Z") };
            assert_eq!(timing(kind, at("2026-06-02T21:00:00Z"), window, night(), Zone::COPENHAGEN), expected, "{kind} {not_before}");
        }
    }

    #[test]
    fn what_a_wrong_clock_ended_goes_after_all() {
        let ended = |attempts| Message { state: State::TooLate, attempts, ..reminder(Channel::Sms) };
        let can = |message: &Message, now: &str| can_go_after_all(message, at(now), night(), Zone::COPENHAGEN);
        #[rustfmt::skip]
        let cases = [
            ("2026-05-20T08:00:00Z", true),
            // At night before its hour, and in the night before the appointment.
            ("2026-06-01T22:00:00Z", true),
            ("2026-06-02T22:00:00Z", true),
            ("2026-06-03T13:59:59Z", true),
            ("2026-06-03T14:00:00Z", false),
        ];
        for (now, expected) in cases {
            assert_eq!(can(&ended(0), now), expected, "{now}");
            assert!(!can(&ended(1), now) && !can(&reminder(Channel::Sms), now), "{now}: tried, or still on its way");
        }
        // Of an appointment at 7:30 nobody is reminded once the evening is quiet, whatever the clock: that was found by the right one, too.
        let early = Message { not_after_at: at("2026-06-03T05:30:00Z"), ..ended(0) };
        assert!(can(&early, "2026-06-02T17:59:59Z") && !can(&early, "2026-06-02T18:00:00Z") && !can(&early, "2026-06-03T05:00:00Z"));
    }

    #[test]
    fn once_a_day_means_a_local_day_outside_the_quiet_hours() {
        #[rustfmt::skip]
        let cases = [
            ("2026-06-02T10:00:00Z", None, "2026-06-02T10:00:00Z"),
            ("2026-06-02T10:00:00Z", Some("2026-06-01T21:59:59Z"), "2026-06-02T10:00:00Z"),
            ("2026-06-02T10:00:00Z", Some("2026-06-01T22:00:00Z"), "2026-06-03T06:00:00Z"),
            ("2026-06-02T22:00:01Z", Some("2026-06-02T10:00:00Z"), "2026-06-03T06:00:00Z"),
            ("2026-06-02T19:00:00Z", None, "2026-06-03T06:00:00Z"),
            // A clock that was set back tells nobody twice.
            ("2026-06-02T10:00:00Z", Some("2026-06-05T10:00:00Z"), "2026-06-03T06:00:00Z"),
        ];
        for (now, last, expected) in cases {
            let window = daily(at(now), last.map(at), night(), Zone::COPENHAGEN);
            assert_eq!(window.not_before_at, at(expected), "{now} after {last:?}");
            assert_eq!(window.not_after_at.since(window.not_before_at).num_days(), 7);
        }
    }

    #[test]
    fn waits_grow_and_a_providers_wish_goes_first() {
        assert_eq!([0, 1, 2, 3, 7, 8, 100].map(|attempts| wait(attempts, None).num_minutes()), [1, 1, 2, 5, 60, 60, 60]);
        assert_eq!([0, 90, 7_200].map(|seconds| wait(7, Some(seconds)).num_seconds()), [1, 90, 7_200], "never in the same round");
        assert_eq!(
            [1, 3, 4].map(|attempts| wait(attempts, Some(7_200)).num_minutes()),
            [10, 10, 120],
            "first somebody is told by another way"
        );
    }

    /// A reminder of an appointment on Wednesday 3 June at 16:00 in Copenhagen.
    pub(super) fn reminder(channel: Channel) -> Message {
        let nil = uuid::Uuid::nil();
        Message {
            id: Id::from_uuid(nil),
            kind: Kind::Appointment,
            state: State::Leased,
            recipient: Recipient::Person(Id::from_uuid(nil)),
            channel,
            subject_kind: SubjectKind::Session,
            subject_id: Id::from_uuid(nil),
            slot: "day_before".into(),
            case: None,
            person: None,
            about_at: Some(at("2026-06-03T14:00:00Z")),
            language: Language::Danish,
            not_before_at: at("2026-06-02T15:00:00Z"),
            not_after_at: at("2026-06-03T14:00:00Z"),
            attempts: 0,
            reason: None,
            planned_at: at("2026-05-20T08:00:00Z"),
            settled_at: None,
            version: 1,
        }
    }

    #[test]
    fn each_outcome_has_its_fate() {
        use Channel::{Email, Push, Sms};
        let end = |state, reason| Fate::End { state, reason };
        let again = |when, reason, may_have_left| Fate::Again { at: at(when), reason, may_have_left };
        let busy = |seconds| Outcome::RetryAfter { seconds, code: "busy" };
        let (unknown, ours) = (Outcome::Unknown { code: "timeout" }, Outcome::OurFault { code: "secret" });
        let (idle, untried) = (Outcome::NotBegun { code: "idle" }, |when| Fate::Untried { at: at(when), reason: "idle" });
        #[rustfmt::skip]
        let cases = [
            (Email, "2026-06-02T15:00:00Z", 1, Outcome::Accepted { reference: None }, end(State::Accepted, None)),
            (Email, "2026-06-02T15:00:00Z", 1, Outcome::TargetGone, end(State::Refused, Some("target_gone"))),
            (Push, "2026-06-02T15:00:00Z", 1, Outcome::Refused { code: "too_large" }, end(State::Refused, Some("too_large"))),
            (Sms, "2026-06-02T15:00:00Z", 1, unknown.clone(), end(State::Unknown, Some("timeout"))),
            (Email, "2026-06-02T15:00:00Z", 1, unknown.clone(), again("2026-06-02T15:01:00Z", "timeout", true)),
            (Push, "2026-06-02T15:00:00Z", 3, unknown.clone(), again("2026-06-02T15:05:00Z", "timeout", true)),
            (Sms, "2026-06-02T15:00:00Z", 1, busy(None), again("2026-06-02T15:01:00Z", "busy", false)),
            (Sms, "2026-06-02T15:00:00Z", 1, busy(Some(7_200)), again("2026-06-02T15:10:00Z", "busy", false)),
            (Sms, "2026-06-02T15:00:00Z", 4, busy(Some(7_200)), again("2026-06-02T17:00:00Z", "busy", false)),
            (Sms, "2026-06-02T15:00:00Z", 1, ours.clone(), again("2026-06-02T15:30:00Z", "secret", false)),
            // Into the quiet hours: at 8:00. Beyond the appointment: never.
            (Email, "2026-06-02T17:59:30Z", 1, busy(None), again("2026-06-03T06:00:00Z", "busy", false)),
            (Email, "2026-06-03T13:59:00Z", 1, busy(None), end(State::TooLate, Some("busy"))),
            (Email, "2026-06-03T13:59:00Z", 1, unknown, end(State::Unknown, Some("timeout"))),
            (Sms, "2026-06-03T13:45:00Z", 1, ours, end(State::TooLate, Some("secret"))),
            // A wait beyond the window is not waited for.
            (Sms, "2026-06-02T15:00:00Z", 4, busy(Some(86_400)), again("2026-06-02T15:10:00Z", "busy", false)),
            (Sms, "2026-06-03T13:59:00Z", 1, busy(Some(86_400)), end(State::TooLate, Some("busy"))),
            // What was not begun does not rest, however often; only whoever takes it next looks at its hour.
            (Sms, "2026-06-02T15:00:00Z", 7, idle.clone(), untried("2026-06-02T15:00:01Z")),
            (Email, "2026-06-02T17:59:59.5Z", 1, idle.clone(), untried("2026-06-02T18:00:00.5Z")),
            (Sms, "2026-06-03T13:59:59.5Z", 1, idle, untried("2026-06-03T14:00:00Z")),
        ];
        for (channel, now, attempts, outcome, expected) in cases {
            let taken = Taken { message: reminder(channel), may_have_left: false };
            assert_eq!(fate(&taken, attempts, &outcome, at(now), night(), Zone::COPENHAGEN), expected, "{channel} {now} {outcome:?}");
        }
        // One that may have left with an earlier try stays so.
        let taken = Taken { message: reminder(Email), may_have_left: true };
        let fate = |now| fate(&taken, 2, &busy(None), at(now), night(), Zone::COPENHAGEN);
        assert_eq!(fate("2026-06-02T15:00:00Z"), again("2026-06-02T15:02:00Z", "busy", true));
        assert_eq!(fate("2026-06-03T13:59:00Z"), end(State::Unknown, Some("busy")));
    }
}
