//! How a log is judged.

pub mod agreed;
pub mod filed;
pub mod tray;

use chrono::TimeDelta;

use super::model::{Content, Outcome, Topic, Warning, side};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result};
use crate::base::value::Flaw;
use crate::matching::PlaceCode;
use crate::sessions::changes::model::Change;
use crate::sessions::model::{Kind, LONGEST_MIN, Session, State, Telling};

/// How far a stated time may be ahead of our clock (domain section 5).
const AHEAD: TimeDelta = TimeDelta::days(1);
/// How far from its planned time a session was, as a rule, not.
const FAR: TimeDelta = TimeDelta::days(30);

/// What a log needs: minutes when held, in their range; times not more than a day ahead of our clock.
///
/// # Errors
/// 422 with each member that is wrong.
pub fn check(content: &Content, now: Instant) -> Result<()> {
    let mut problem = Problem::new(Code::Invalid);
    let latest = now.plus(AHEAD);
    if content.outcome == Outcome::Held && content.minutes.is_none() {
        problem = problem.field("/minutes", Flaw::Required, "Antal minutter mangler", "The minutes are missing");
    }
    if content.minutes.is_some_and(|minutes| !(1..=LONGEST_MIN).contains(&minutes)) {
        problem = problem.wrong(Flaw::OutOfRange.at("/minutes"));
    }
    if content.written_at > latest {
        problem = problem.wrong(Flaw::AfterNow.at("/written_at"));
    }
    if content.outcome.has_happened() && content.starts_at > latest {
        problem = problem.wrong(Flaw::AfterNow.at("/starts_at"));
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// Whether a stated time is ahead of our clock: kept, and flagged.
pub fn is_ahead(content: &Content, now: Instant) -> bool {
    content.written_at > now || content.outcome.has_happened() && content.starts_at > now
}

/// Whether it says it was written before what it tells of could be known: before what has happened began, or before what fell away was agreed
/// on. The writer's clock is behind, or says nothing: it is kept, flagged, and judged by when it came in.
pub fn is_behind(content: &Content, agreed_at: Instant, now: Instant) -> bool {
    let known_at = if content.outcome.has_happened() { content.starts_at } else { agreed_at };
    content.written_at < known_at.min(now)
}

/// When a log was written, as far as its writer's clock can be believed: not after it came in.
pub fn written_at(content: &Content, agreed_at: Instant, now: Instant) -> Instant {
    if is_behind(content, agreed_at, now) { now } else { content.written_at.min(now) }
}

/// Whether what was planned until a moment is told to have been at quite another time.
pub fn is_far(planned_until: Instant, content: &Content) -> bool {
    content.outcome.has_happened() && content.starts_at.since(planned_until).abs() > FAR
}

/// The first moment after what a log tells of.
pub fn ends_at(content: &Content) -> Instant {
    content.starts_at.plus(TimeDelta::minutes(i64::from(content.minutes.unwrap_or(1))))
}

/// Since when the plan of a session that a log tells of stands no more, where it does not: the session was cancelled before the stated start
/// of what is told to have happened, or moved, and of all times it had an earlier one is the nearest to that start.
pub fn given_up_at(session: &Session, moves: &[Change], content: &Content) -> Option<Instant> {
    let apart = |at: Instant| content.starts_at.since(at).abs();
    let is_now = content.starts_at < session.ends_at && session.starts_at < ends_at(content);
    let earlier = moves.iter().min_by_key(|change| apart(change.starts_at));
    let moved = earlier.filter(|change| !is_now && apart(change.starts_at) < apart(session.starts_at));
    let cancelled_at = session.cancelled_at.filter(|at| session.state == State::Cancelled && *at < content.starts_at);
    moved.map(|change| change.happened_at).or(cancelled_at.filter(|_| content.outcome.has_happened()))
}

/// Who tells of a session that is logged by what came of it. What its person knew nothing of, a proposal or a time that had been given up, is told by
/// nobody. What was off and stays off is no news, and goes on speaking for what was cancelled with it.
pub fn telling(before: &Session, outcome: Outcome) -> Option<Telling> {
    let stays_off = (before.state, outcome.state()) == (State::Cancelled, State::Cancelled);
    before.telling.filter(|telling| stays_off || *telling == Telling::Nobody)
}

/// Whether a log tells what is known of a session of its match already, by another teller or under another id: two do not meet twice at once, and
/// neither misses nor calls off one meeting twice. Of what nobody knows to have been off nothing is told again.
pub fn tells_again(content: &Content, session: &Session) -> bool {
    let overlaps = content.starts_at < session.ends_at && session.starts_at < ends_at(content);
    let state = content.outcome.state();
    session.state == state
        && match state {
            State::Held | State::NoShow => overlaps,
            State::Cancelled => session.starts_at == content.starts_at && session.telling != Some(Telling::Nobody),
            State::Planned | State::Proposed | State::Tried => false,
        }
}

/// Whether any code is not one of ours.
pub fn has_unknown_code(content: &Content) -> bool {
    let body = &content.body;
    let next = body.next.as_ref();
    let kinds = [body.kind.as_ref(), next.and_then(|next| next.kind.as_ref())];
    let unknown_place = next.and_then(|next| next.place_code.as_ref()).is_some_and(|place| PlaceCode::parse(place.as_str()).is_none());
    kinds.into_iter().flatten().any(|kind| Kind::parse(kind.as_str()).is_none())
        || body.by.is_some() && side(body.by.as_ref()).is_none()
        || body.topics.iter().any(|topic| Topic::parse(topic.as_str()).is_none())
        || unknown_place
}

/// What the content alone warns of.
pub fn warnings(content: &Content, agreed_at: Instant, now: Instant, case_is_closed: bool) -> Vec<Warning> {
    [
        (Warning::UnknownCode, has_unknown_code(content)),
        (Warning::CaseClosed, case_is_closed),
        (Warning::ClockAhead, is_ahead(content, now)),
        (Warning::ClockBehind, is_behind(content, agreed_at, now)),
    ]
    .into_iter()
    .filter_map(|(warning, holds)| holds.then_some(warning))
    .collect()
}

/// What is sent under the id of a known log, beside what its sender sent of it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// With a higher number than all of that, or written over what they say they read: the next version, whatever it says.
    Later(Option<i32>),
    /// With the highest number that they sent, or with none but the date when it was written: a copy of whichever version says just that, else the next.
    Marked,
    /// Without a number and a date: the next version, for nothing tells a copy from a going back to earlier words; what stands is the same again.
    Unmarked,
    /// With a lower number: a copy, or one that comes too late.
    Late(i32),
}

impl Turn {
    /// Whether it is a copy of an earlier version that says the same, whoever wrote that.
    pub const fn may_repeat(self) -> bool {
        matches!(self, Self::Marked | Self::Late(_))
    }
}

/// Judges what is sent by its number beside the `last`, the highest that its sender ever sent (0: none; what they sent without one has none of its own),
/// not beside the log's, which counts others' corrections too (domain section 5: the next version is its writer's).
pub fn turn(is_read: bool, last: i32, number: Option<i32>, is_dated: bool) -> Turn {
    match number {
        _ if is_read => Turn::Later(number),
        Some(higher) if higher > last => Turn::Later(number),
        Some(lower) if lower < last => Turn::Late(lower),
        None if !is_dated => Turn::Unmarked,
        Some(_) | None => Turn::Marked,
    }
}

/// What a known log becomes when something new is sent under its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next version, with this number.
    Version(i32),
    /// A late copy of an older one: to the history.
    History(i32),
}

/// What content becomes that is no copy: the next version, with a number above the `present` one, unless it comes too late.
pub fn next(present: i32, turn: Turn) -> Next {
    match turn {
        Turn::Late(number) => Next::History(number),
        Turn::Later(Some(number)) if number > present => Next::Version(number),
        Turn::Later(_) | Turn::Marked | Turn::Unmarked => Next::Version(present.saturating_add(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::value::Line;
    use crate::sessions::logs::model::{Body, NextAppointment};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn held() -> Content {
        let when = at("2026-03-02T15:00:00Z");
        Content { outcome: Outcome::Held, starts_at: when, minutes: Some(60), written_at: when, body: Body::default() }
    }

    #[test]
    fn what_a_log_needs() {
        let now = at("2026-03-02T18:00:00Z");
        type Change = fn(&mut Content);
        #[rustfmt::skip]
        let cases: &[(&str, Change, bool, bool)] = &[
            // name, change, taken, flagged
            ("held with minutes", |_| {}, true, false),
            ("held without", |c| c.minutes = None, false, false),
            ("a no-show needs none", |c| { c.outcome = Outcome::NoShow; c.minutes = None; }, true, false),
            ("no minutes at all", |c| c.minutes = Some(0), false, false),
            ("a whole day", |c| c.minutes = Some(1440), true, false),
            ("more", |c| c.minutes = Some(1441), false, false),
            ("written a day ahead", |c| c.written_at = at("2026-03-03T18:00:00Z"), true, true),
            ("written later", |c| c.written_at = at("2026-03-03T18:00:01Z"), false, true),
            ("held a day ahead", |c| c.starts_at = at("2026-03-03T18:00:00Z"), true, true),
            ("held later", |c| c.starts_at = at("2026-03-03T18:00:01Z"), false, true),
            ("a session of next week was cancelled", |c| { c.outcome = Outcome::Cancelled; c.starts_at = at("2026-03-09T15:00:00Z"); }, true, false),
        ];
        for (name, change, taken, flagged) in cases {
            let mut content = held();
            change(&mut content);
            assert_eq!((check(&content, now).is_ok(), is_ahead(&content, now)), (*taken, *flagged), "{name}");
        }
    }

    #[test]
    fn what_happened_a_month_from_its_plan_is_asked_about() {
        use Outcome::{Cancelled, Held, NoShow};
        #[rustfmt::skip]
        let cases = [
            // outcome, planned until, far from 2 March at 15:00
            (Held, "2026-03-02T16:00:00Z", false), (Held, "2026-01-31T15:00:00Z", false), (Held, "2026-01-31T14:59:59Z", true),
            (NoShow, "2026-04-01T15:00:00Z", false), (NoShow, "2026-04-01T15:00:01Z", true), (Cancelled, "2026-06-01T15:00:00Z", false),
        ];
        for (outcome, until, expected) in cases {
            assert_eq!(is_far(at(until), &Content { outcome, ..held() }), expected, "{outcome} {until}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_is_not_believed() {
        let (now, agreed) = (at("2026-03-02T18:00:00Z"), "2026-03-01T08:00:00Z");
        use Outcome::{Cancelled, Held, NoShow};
        #[rustfmt::skip]
        let cases = [
            // outcome, starts at, written at, flagged
            (Held, "2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z", false),
            (Held, "2026-03-02T15:00:00Z", "2026-03-02T14:59:59Z", true),
            (NoShow, "2026-03-02T15:00:00Z", "1970-01-02T00:00:00Z", true),
            // Stated ahead of our clock it is no less true.
            (Held, "2026-03-02T19:00:00Z", "2026-03-02T18:00:00Z", false),
            // A cancellation is known before the session, not before its plan.
            (Cancelled, "2026-03-02T15:00:00Z", "2026-03-01T08:00:00Z", false),
            (Cancelled, "2026-03-02T15:00:00Z", "2026-03-01T07:59:59Z", true),
        ];
        for (outcome, starts_at, written, flagged) in cases {
            let content = Content { outcome, starts_at: at(starts_at), written_at: at(written), ..held() };
            assert_eq!(is_behind(&content, at(agreed), now), flagged, "{outcome} {written}");
            assert_eq!(written_at(&content, at(agreed), now), if flagged { now } else { at(written) }, "{outcome} {written}");
        }
    }

    #[test]
    fn a_log_tells_of_the_plan_that_is_nearest() {
        use crate::sessions::changes::{Because, ChangeKind};
        let (monday, tuesday) = ("2026-06-01T14:00:00Z", "2026-06-02T10:00:00Z");
        // It stands on Wednesday from 14:00 to 15:30; it was moved there from Monday, or from a quarter to.
        let from = |start: &str| Change {
            version: 1,
            kind: ChangeKind::Moved,
            because: Because::default(),
            starts_at: at(start),
            ends_at: at(start).plus(TimeDelta::minutes(90)),
            late: false,
            happened_at: at(tuesday),
            recorded_at: at(tuesday),
            recorded_by: None,
        };
        let tells = |outcome, start: &str| Content { outcome, starts_at: at(start), ..held() };
        let cancelled = |when: &str| Session { state: State::Cancelled, cancelled_at: Some(at(when)), ..Session::for_testing() };
        let planned = Session::for_testing;
        use Outcome::{Cancelled, Held, NoShow};
        #[rustfmt::skip]
        let cases = [
            ("never moved, told far from it", planned(), vec![], tells(Held, monday), None),
            ("moved, told where it was", planned(), vec![from(monday)], tells(NoShow, monday), Some(tuesday)),
            ("and cancelled where it was", planned(), vec![from(monday)], tells(Cancelled, monday), Some(tuesday)),
            ("moved, told where it is", planned(), vec![from(monday)], tells(NoShow, "2026-06-03T12:30:00Z"), None),
            ("moved a little: it is the one", planned(), vec![from("2026-06-03T13:45:00Z")], tells(Held, "2026-06-03T13:45:00Z"), None),
            ("cancelled before it", cancelled(tuesday), vec![], tells(Held, "2026-06-03T14:00:00Z"), Some(tuesday)),
            ("cancelled when they waited", cancelled("2026-06-03T14:10:00Z"), vec![], tells(NoShow, "2026-06-03T14:00:00Z"), None),
            ("its cancellation is logged", cancelled(tuesday), vec![], tells(Cancelled, "2026-06-03T14:00:00Z"), None),
        ];
        for (name, session, moves, content, expected) in cases {
            assert_eq!(given_up_at(&session, &moves, &content), expected.map(at), "{name}");
        }
    }

    #[test]
    fn of_what_was_only_proposed_nobody_tells_whatever_came_of_it() {
        use Outcome::{Cancelled, Held, Moved, NoShow, Tried};
        use Telling::{ByOther, ForAll, Nobody};
        for outcome in [Held, Moved, Cancelled, NoShow, Tried] {
            let was = |state, telling| Session { state, telling, ..Session::for_testing() };
            for state in [State::Proposed, State::Cancelled, State::Held, State::NoShow, State::Tried] {
                assert_eq!(telling(&was(state, Some(Nobody)), outcome), Some(Nobody), "{state} {outcome}");
            }
            assert_eq!(telling(&was(State::Planned, None), outcome), None, "{outcome}");
            for speaks in [ForAll, ByOther] {
                // Moved or cancelled with others.
                assert_eq!(telling(&was(State::Planned, Some(speaks)), outcome), None, "{outcome}");
                let stays = matches!(outcome, Moved | Cancelled).then_some(speaks);
                assert_eq!(telling(&was(State::Cancelled, Some(speaks)), outcome), stays, "{outcome}");
            }
        }
    }

    #[test]
    fn unknown_codes_are_warned_of() {
        let line = |text: &str| Some(Line::parse(text).unwrap());
        let next = |kind: &str, place: &str| {
            let (starts_at, ends_at) = (at("2026-03-09T15:00:00Z"), at("2026-03-09T16:00:00Z"));
            Some(NextAppointment { starts_at, ends_at, kind: line(kind), place_code: line(place) })
        };
        #[rustfmt::skip]
        let cases = [
            (Body::default(), false),
            (Body { kind: line("video"), by: line("person"), topics: vec![line("school").unwrap()], next: next("phone", "library"), ..Body::default() }, false),
            (Body { kind: line("hologram"), ..Body::default() }, true),
            (Body { by: line("school"), ..Body::default() }, true),
            (Body { topics: vec![line("school").unwrap(), line("chess").unwrap()], ..Body::default() }, true),
            (Body { next: next("hologram", "library"), ..Body::default() }, true),
            (Body { next: next("phone", "Storegade 1"), ..Body::default() }, true),
        ];
        for (index, (body, unknown)) in cases.into_iter().enumerate() {
            assert_eq!(has_unknown_code(&Content { body, ..held() }), unknown, "{index}");
        }
    }

    #[test]
    fn versions_and_late_copies() {
        #[rustfmt::skip]
        let cases = [
            // name, read, present, highest sent, number, dated, its turn, else than a copy
            ("no number, no date", false, 1, 1, None, false, Turn::Unmarked, Next::Version(2)),
            ("no number", false, 1, 1, None, true, Turn::Marked, Next::Version(2)),
            ("no number, over what they read", true, 3, 1, None, true, Turn::Later(None), Next::Version(4)),
            ("the next", false, 1, 1, Some(2), true, Turn::Later(Some(2)), Next::Version(2)),
            ("one is on its way", false, 1, 1, Some(5), true, Turn::Later(Some(5)), Next::Version(5)),
            ("the last again", false, 1, 1, Some(1), true, Turn::Marked, Next::Version(2)),
            ("older", false, 5, 5, Some(2), true, Turn::Late(2), Next::History(2)),
            ("older, over what they read", true, 5, 5, Some(2), true, Turn::Later(Some(2)), Next::Version(6)),
            // Others corrected it since: the writer's second is later than their first, whatever they wrote it when.
            ("the next of two", false, 2, 1, Some(2), true, Turn::Later(Some(2)), Next::Version(3)),
            ("the next of two, undated", false, 2, 1, Some(2), false, Turn::Later(Some(2)), Next::Version(3)),
            ("the next of three", false, 3, 2, Some(3), true, Turn::Later(Some(3)), Next::Version(4)),
            ("the next of many", false, 5, 1, Some(2), true, Turn::Later(Some(2)), Next::Version(6)),
            ("their last again", false, 5, 2, Some(2), false, Turn::Marked, Next::Version(6)),
            ("older than their last", false, 5, 3, Some(2), false, Turn::Late(2), Next::History(2)),
            ("the first of whom another wrote for", false, 1, 0, Some(1), true, Turn::Later(Some(1)), Next::Version(2)),
            ("the first of whom another wrote for many times", false, 6, 0, Some(1), false, Turn::Later(Some(1)), Next::Version(7)),
            // They numbered again what stood: their number is above the log's.
            ("what stood again", false, 1, 2, Some(2), true, Turn::Marked, Next::Version(2)),
            ("what stood first", false, 1, 2, Some(1), true, Turn::Late(1), Next::History(1)),
            ("after what stood", false, 1, 2, Some(3), true, Turn::Later(Some(3)), Next::Version(3)),
        ];
        for (name, is_read, present, last, number, is_dated, expected, becomes) in cases {
            let turn = turn(is_read, last, number, is_dated);
            assert_eq!((turn, next(present, turn)), (expected, becomes), "{name}");
        }
        let repeats = [Turn::Later(None), Turn::Later(Some(2)), Turn::Unmarked, Turn::Marked, Turn::Late(1)].map(Turn::may_repeat);
        assert_eq!(repeats, [false, false, false, true, true]);
    }

    #[test]
    fn the_same_told_twice_is_one_meeting() {
        // Wednesday from 14:00 to 15:30.
        let was = |state| Session { state, ..Session::for_testing() };
        let tells = |outcome, time: &str| Content { outcome, starts_at: at(&format!("2026-06-03T{time}:00Z")), ..held() };
        let unknown = Session { telling: Some(Telling::Nobody), ..was(State::Cancelled) };
        use Outcome::{Cancelled, Held, Moved, NoShow, Tried};
        #[rustfmt::skip]
        let cases = [
            (was(State::Held), tells(Held, "14:10"), true),
            (was(State::Held), tells(Held, "13:01"), true),
            (was(State::Held), tells(Held, "13:00"), false),
            (was(State::Held), tells(Held, "15:30"), false),
            (was(State::Held), tells(NoShow, "14:10"), false),
            (was(State::NoShow), tells(NoShow, "14:10"), true),
            (was(State::NoShow), tells(Held, "14:40"), false), // He came after all, or later.
            (was(State::Cancelled), tells(Cancelled, "14:00"), true),
            (was(State::Cancelled), tells(Moved, "14:00"), true),
            (was(State::Cancelled), tells(Cancelled, "14:10"), false),
            (was(State::Cancelled), tells(Held, "14:00"), false),
            (unknown, tells(Cancelled, "14:00"), false),
            (was(State::Tried), tells(Tried, "14:00"), false),
        ];
        for (session, content, expected) in cases {
            let told = (session.state, content.outcome, content.starts_at);
            assert_eq!(tells_again(&content, &session), expected, "{told:?}");
        }
    }
}
