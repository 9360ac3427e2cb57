//! Which messages should be waiting for a session. Pure: planned twice is planned once.

use chrono::TimeDelta;

use crate::base::clock::Instant;
use crate::base::config::Programme;
use crate::sessions::model::{Session, State, Telling};

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct Appointment<'a> {
    /// The session.
    pub session: &'a Session,
    /// The start of the last session before it that was held or is planned, whatever its match; `None`: it is the first.
    pub previous_at: Option<Instant>,
    /// The course stands still, or the person died: nothing is told.
    pub is_silent: bool,
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
    /// It must not go before this.
    pub not_before_at: Instant,
    /// It is useless from this moment on: the session begins; an early reminder a day after its moment, for another follows.
    pub not_after_at: Instant,
}

/// What should be told about a session: one reminder the day before; a second, earlier one for a first session or after a gap; a change
/// at once, or in the morning when it falls into the quiet hours and the session is not sooner.
///
/// A reminder whose moment lay before the session's present time was set is not sent: whoever has just agreed on a time knows it, and a
/// moved one is told as moved.
///
/// Where one verb changed several of a person's, the earliest speaks for all of them, once; the rest have new reminders, and one whose
/// reminder would come too late speaks for itself. Of what was only proposed nothing is told.
pub fn messages_for(appointment: &Appointment<'_>, programme: &Programme) -> Vec<Notice> {
    let session = appointment.session;
    if appointment.is_silent {
        return Vec::new();
    }
    let (zone, reminders) = (programme.calendar().zone, &programme.reminders);
    let notice = |kind, slot, not_before_at| Notice { kind, slot, not_before_at, not_after_at: session.starts_at };
    let soon = |at: Instant| reminders.quiet_hours().soon(at, session.starts_at, zone);
    let mut notices = Vec::new();
    match session.state {
        State::Planned => {
            let days_before = |days: u32| {
                let date = zone.date(session.starts_at) - TimeDelta::days(i64::from(days));
                zone.at_wall(date.and_time(reminders.day_before_at))
            };
            let gap = TimeDelta::days(i64::from(reminders.gap_days));
            let is_rare = appointment.previous_at.is_none_or(|previous| session.starts_at.since(previous) >= gap);
            let is_reminded = days_before(1) >= session.timed_at;
            if session.timed_at < session.starts_at {
                match session.telling {
                    Some(Telling::ForAll) => notices.push(notice(NoticeKind::Changed, "", soon(session.timed_at))),
                    Some(Telling::Nobody) => {}
                    Some(Telling::ByOther) if is_reminded => {}
                    Some(Telling::ByOther) | None if session.moved_count == 0 => {}
                    Some(Telling::ByOther) | None => notices.push(notice(NoticeKind::Moved, "", soon(session.timed_at))),
                }
            }
            if is_rare && days_before(reminders.early_days) >= session.timed_at {
                let early = notice(NoticeKind::Reminder, "early", days_before(reminders.early_days));
                notices.push(Notice { not_after_at: days_before(reminders.early_days.saturating_sub(1)), ..early });
            }
            if is_reminded {
                notices.push(notice(NoticeKind::Reminder, "day_before", days_before(1)));
            }
        }
        State::Cancelled => {
            if let Some(at) = session.cancelled_at.filter(|at| *at < session.starts_at) {
                match session.telling {
                    Some(Telling::ByOther | Telling::Nobody) => {}
                    Some(Telling::ForAll) => notices.push(notice(NoticeKind::Changed, "", soon(at))),
                    None => notices.push(notice(NoticeKind::Cancelled, "", soon(at))),
                }
            }
        }
        State::Proposed | State::Held | State::NoShow | State::Tried => {}
    }
    notices
}

/// Until when somebody is told by hand of whom it is known since then that no message reaches them: the end of the day before, or if that
/// is over, until the session begins.
pub fn by_hand_until(session: &Session, since: Instant, programme: &Programme) -> Instant {
    let zone = programme.calendar().zone;
    let day_before = zone.end_of(zone.date(session.starts_at) - TimeDelta::days(1));
    if day_before > since { day_before } else { session.starts_at }
}

#[cfg(test)]
pub(in crate::sessions) mod tests {
    use super::*;
    use crate::sessions::model::Side;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// Kind, slot and when it may go.
    fn told(session: &Session, previous: Option<&str>, is_silent: bool) -> Vec<(NoticeKind, &'static str, String)> {
        let appointment = Appointment { session, previous_at: previous.map(at), is_silent };
        let notices = messages_for(&appointment, &Programme::default());
        for notice in &notices {
            let until = if notice.slot == "early" { at("2026-05-30T15:00:00Z") } else { session.starts_at };
            assert!(notice.not_after_at == until && notice.not_before_at < until);
        }
        notices.into_iter().map(|notice| (notice.kind, notice.slot, notice.not_before_at.to_string())).collect()
    }

    #[test]
    fn reminders_changes_and_silence() {
        use NoticeKind::{Cancelled, Changed, Moved, Reminder};
        let day_before = (Reminder, "day_before", "2026-06-02T15:00:00Z");
        let early = (Reminder, "early", "2026-05-29T15:00:00Z");
        let cancelled = |session: &mut Session, when: &str| {
            session.state = State::Cancelled;
            session.cancelled_by = Some(Side::Staff);
            session.cancelled_at = Some(at(when));
        };
        let moved = |session: &mut Session, when: &str| {
            session.moved_count = 1;
            session.timed_at = at(when);
        };
        type Change<'a> = &'a dyn Fn(&mut Session);
        type Case<'a> = (&'a str, Option<&'a str>, bool, Change<'a>, &'a [(NoticeKind, &'a str, &'a str)]);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("weekly: one, the day before at 17", Some("2026-05-27T14:00:00Z"), false, &|_| {}, &[day_before]),
            ("the first: two", None, false, &|_| {}, &[early, day_before]),
            ("a gap of 14 days", Some("2026-05-20T14:00:00Z"), false, &|_| {}, &[early, day_before]),
            ("a moment less", Some("2026-05-20T14:00:01Z"), false, &|_| {}, &[day_before]),
            ("planned at 16:59 the day before", Some("2026-05-27T14:00:00Z"), false, &|s| s.timed_at = at("2026-06-02T14:59:00Z"), &[day_before]),
            ("planned at 17:01 the day before: they know", Some("2026-05-27T14:00:00Z"), false, &|s| s.timed_at = at("2026-06-02T15:01:00Z"), &[]),
            ("the first, planned three days ahead", None, false, &|s| s.timed_at = at("2026-05-31T08:00:00Z"), &[day_before]),
            ("moved by day: told at once", Some("2026-05-27T14:00:00Z"), false, &|s| moved(s, "2026-06-01T10:00:00Z"), &[(Moved, "", "2026-06-01T10:00:00Z"), day_before]),
            ("moved at 22:00: told at 8:00", Some("2026-05-27T14:00:00Z"), false, &|s| moved(s, "2026-06-01T20:00:00Z"), &[(Moved, "", "2026-06-02T06:00:00Z"), day_before]),
            ("moved on the day: no reminder beside it", Some("2026-05-27T14:00:00Z"), false, &|s| moved(s, "2026-06-03T09:00:00Z"), &[(Moved, "", "2026-06-03T09:00:00Z")]),
            ("moved at 5:00 to 7:00: told in the quiet hours", Some("2026-05-27T14:00:00Z"), false,
                &|s| { s.starts_at = at("2026-06-03T05:00:00Z"); moved(s, "2026-06-03T03:00:00Z"); }, &[(Moved, "", "2026-06-03T03:00:00Z")]),
            ("cancelled", None, false, &|s| cancelled(s, "2026-06-01T10:00:00Z"), &[(Cancelled, "", "2026-06-01T10:00:00Z")]),
            ("cancelled at night", None, false, &|s| cancelled(s, "2026-06-01T20:30:00Z"), &[(Cancelled, "", "2026-06-02T06:00:00Z")]),
            ("cancelled after it began", None, false, &|s| cancelled(s, "2026-06-03T14:00:00Z"), &[]),
            ("moved with others, and speaks for them", Some("2026-05-27T14:00:00Z"), false,
                &|s| { moved(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ForAll); }, &[(Changed, "", "2026-06-01T10:00:00Z"), day_before]),
            ("moved with others, another speaks", Some("2026-05-27T14:00:00Z"), false,
                &|s| { moved(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ByOther); }, &[day_before]),
            ("another speaks, but no reminder comes any more", Some("2026-05-27T14:00:00Z"), false,
                &|s| { moved(s, "2026-06-02T16:00:00Z"); s.telling = Some(Telling::ByOther); }, &[(Moved, "", "2026-06-02T16:00:00Z")]),
            ("cancelled with others, and speaks for them", None, false,
                &|s| { cancelled(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ForAll); }, &[(Changed, "", "2026-06-01T10:00:00Z")]),
            ("cancelled with others, another speaks", None, false,
                &|s| { cancelled(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ByOther); }, &[]),
            ("held", None, false, &|s| s.state = State::Held, &[]),
            ("paused", None, true, &|_| {}, &[]),
            ("paused and cancelled", None, true, &|s| cancelled(s, "2026-06-01T10:00:00Z"), &[]),
        ];
        for (name, previous, is_silent, change, expected) in cases {
            let mut session = Session::for_testing();
            change(&mut session);
            let expected: Vec<_> = expected.iter().map(|(kind, slot, when)| (*kind, *slot, (*when).to_owned())).collect();
            assert_eq!(told(&session, *previous, *is_silent), expected, "{name}");
        }
    }

    #[test]
    fn across_a_change_of_clocks_it_stays_five_in_the_afternoon() {
        let mut session = Session::for_testing();
        session.starts_at = at("2026-10-26T15:00:00Z");
        assert_eq!(told(&session, Some("2026-10-19T14:00:00Z"), false)[0].2, "2026-10-25T16:00:00Z");
    }

    #[test]
    fn somebody_is_told_by_hand_the_day_before() {
        let session = Session::for_testing();
        assert_eq!(by_hand_until(&session, session.timed_at, &Programme::default()), at("2026-06-02T21:59:59.999999Z"));
        assert_eq!(by_hand_until(&session, at("2026-06-03T08:00:00Z"), &Programme::default()), session.starts_at);
    }
}
