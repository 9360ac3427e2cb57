//! What lies in a leave, and how long a cover sees what it needs. Pure.

use chrono::{NaiveDate, TimeDelta};

use super::model::{Cover, CoverState, Decided, Undecided};
use crate::base::calendar::{Calendar, Zone};
use crate::base::clock::Instant;
use crate::base::ids::{MatchId, RowId, SessionId};
use crate::sessions::model::{Session, State};

/// From the first moment of a leave's first day to the first after its last.
pub fn span(from_on: NaiveDate, until_on: NaiveDate, zone: Zone) -> (Instant, Instant) {
    (zone.start_of(from_on), zone.end_of(until_on).plus(TimeDelta::microseconds(1)))
}

/// Whether a session would be held in a leave, or in a part of it.
pub fn lies_in(session: &Session, span: (Instant, Instant)) -> bool {
    session.starts_at < span.1 && span.0 < session.ends_at
}

/// Whether somebody covers a session for a leave: it was decided for it, wherever session and clock were moved since. Where that was not written
/// down, the session lies in the leave's span.
pub fn is_for(cover: &Cover, session: &Session, leave: RowId, span: (Instant, Instant)) -> bool {
    cover.leave.map_or_else(|| lies_in(session, span), |known| known == leave)
}

/// From when until when whoever covers a session sees its person: some days before and after it. What is decided later begins at once. The session
/// itself they see from the decision on, until then.
pub fn sight(session: &Session, now: Instant, lead_days: u32, grace_days: u32) -> (Instant, Instant) {
    let days = |days: u32| TimeDelta::days(i64::from(days));
    (session.starts_at.minus(days(lead_days)).max(now), session.ends_at.plus(days(grace_days)))
}

/// Working days between the day by whose end a leave is decided and its first session.
const WORKING_DAYS_BEFORE: u32 = 2;

/// By when a leave is decided whose first undecided session begins then: two working days before; where that is past, before it begins. A limit
/// (`known`) that was missed stays (domain section 4).
pub fn decided_by(first_at: Instant, now: Instant, known: Option<Instant>, calendar: Calendar) -> Instant {
    let date = calendar.holidays.minus_working_days(calendar.zone.date(first_at), WORKING_DAYS_BEFORE);
    let days_before = calendar.zone.end_of(date);
    match known {
        Some(missed) if missed < now => missed,
        _ if days_before >= now => days_before,
        _ => first_at,
    }
}

/// Of each match the first session that begins after the moment `since` which its promise looks back. `all`: by match, then start.
pub fn first_of_each(all: &[Undecided], since: impl Fn(MatchId) -> Instant) -> Vec<Undecided> {
    let mut first: Vec<Undecided> = Vec::new();
    for one in all.iter().filter(|one| one.at > since(one.matched)) {
        if first.last().is_none_or(|last| last.matched != one.matched) {
            first.push(*one);
        }
    }
    first
}

/// The cover that a session has, then those that it had, the last first; of those of its match, in the order of [`Decided`].
pub fn last_first(all: &[Decided], session: SessionId) -> impl Iterator<Item = &Decided> {
    let own = move |stands| {
        all.iter().rev().filter(move |one| one.cover.session == session && (one.cover.state == CoverState::Standing) == stands)
    };
    own(true).chain(own(false))
}

/// Whether the person is to be told by hand of a session's cover, the last that there is a word about. That somebody comes is told once for all that one step decided, of the
/// first of it that is still to come. That they come no more is told where it had been told that they do, of the first that takes place; a person
/// who said no knows. `all` are the step's in the order of their sessions; `is_told`: the person was told of this step.
pub fn is_to_be_told(last: &Decided, all: &[Decided], is_told: bool, now: Instant) -> bool {
    let state = last.cover.state;
    let says_the_same = |other: &&Decided| match state {
        CoverState::Standing => other.cover.state == state,
        CoverState::TakenBack => other.cover.state == state && other.ended_at == last.ended_at && !other.is_covered,
        CoverState::Refused => false,
    };
    let takes_place = |other: &&Decided| match (state, other.session_state) {
        (CoverState::Standing, State::Planned) => other.starts_at > now,
        (CoverState::Standing, _) => false,
        (_, session_state) => matches!(session_state, State::Planned | State::Held),
    };
    let speaks = all.iter().find(|other| says_the_same(other) && takes_place(other));
    is_told == (state == CoverState::TakenBack) && speaks.is_some_and(|first| first.cover.id == last.cover.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Id;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn lasting(starts: &str, ends: &str) -> Session {
        Session { starts_at: at(starts), ends_at: at(ends), ..Session::for_testing() }
    }

    #[test]
    fn a_leave_is_whole_local_days() {
        let span = span("2026-03-28".parse().unwrap(), "2026-03-29".parse().unwrap(), Zone::COPENHAGEN);
        assert_eq!(span, (at("2026-03-27T23:00:00Z"), at("2026-03-29T22:00:00Z")));
        for (starts, ends, inside) in [
            ("2026-03-27T22:00:00Z", "2026-03-27T23:00:00Z", false),
            ("2026-03-27T22:00:00Z", "2026-03-27T23:00:01Z", true),
            ("2026-03-29T21:59:59Z", "2026-03-29T23:00:00Z", true),
            ("2026-03-29T22:00:00Z", "2026-03-29T23:00:00Z", false),
            ("2026-03-27T22:00:00Z", "2026-03-30T23:00:00Z", true),
        ] {
            assert_eq!(lies_in(&lasting(starts, ends), span), inside, "{starts} {ends}");
        }
    }

    #[test]
    fn a_leave_is_decided_two_working_days_before() {
        let wednesday = "2026-06-10T14:00:00Z";
        let monday = "2026-06-08T21:59:59.999999Z";
        for (first, now, known, due) in [
            (wednesday, "2026-06-01T08:00:00Z", None, monday),
            (wednesday, "2026-06-09T08:00:00Z", Some(monday), monday),
            (wednesday, "2026-06-09T08:00:00Z", None, wednesday),
            // What came first was decided too late, or something came before it.
            (wednesday, "2026-06-09T08:00:00Z", Some("2026-06-03T21:59:59.999999Z"), "2026-06-03T21:59:59.999999Z"),
            (wednesday, "2026-06-03T21:59:59.999999Z", Some("2026-06-03T21:59:59.999999Z"), monday),
            (wednesday, "2026-06-11T08:00:00Z", Some(wednesday), wednesday),
            ("2026-06-08T14:00:00Z", "2026-06-01T08:00:00Z", None, "2026-06-04T21:59:59.999999Z"),
        ] {
            assert_eq!(decided_by(at(first), at(now), known.map(at), Calendar::default()), at(due), "{first} {now} {known:?}");
        }
    }

    #[test]
    fn of_each_match_the_first_undecided_counts() {
        let one = |number: u128, day: &str| {
            let id = uuid::Uuid::from_u128(number);
            let (matched, case, person) = (Id::from_uuid(id), Id::from_uuid(id), Id::from_uuid(id));
            Undecided { matched, case, person, at: at(&format!("2026-06-{day}T14:00:00Z")) }
        };
        let all = [one(1, "03"), one(1, "10"), one(1, "17"), one(2, "05"), one(2, "12"), one(3, "04")];
        // It is the 8th; of the first match there is a promise since the 4th, of the second one since the 1st.
        let since = |matched: MatchId| match matched {
            known if known == all[0].matched => at("2026-06-04T08:00:00Z"),
            known if known == all[3].matched => at("2026-06-01T08:00:00Z"),
            _ => at("2026-06-08T08:00:00Z"),
        };
        assert_eq!(first_of_each(&all, since), [all[1], all[3]]);
    }

    #[test]
    fn a_cover_sees_it_some_days_before_and_after() {
        let session = lasting("2026-06-10T14:00:00Z", "2026-06-10T15:00:00Z");
        for (now, from) in [("2026-05-01T08:00:00Z", "2026-06-03T14:00:00Z"), ("2026-06-08T08:00:00Z", "2026-06-08T08:00:00Z")] {
            assert_eq!(sight(&session, at(now), 7, 3), (at(from), at("2026-06-13T15:00:00Z")));
        }
    }

    #[test]
    fn a_cover_is_for_the_leave_it_was_decided_for() {
        let [first, second] = [1, 2].map(|number| Id::from_uuid(uuid::Uuid::from_u128(number)));
        let march = span("2026-03-09".parse().unwrap(), "2026-03-20".parse().unwrap(), Zone::COPENHAGEN);
        let inside = lasting("2026-03-20T22:00:00Z", "2026-03-20T23:00:00Z");
        let outside = lasting("2026-03-20T23:00:00Z", "2026-03-21T00:00:00Z");
        for (known, session, expected) in [
            (Some(first), &inside, true),
            (Some(first), &outside, true),
            (Some(second), &inside, false),
            (Some(second), &outside, false),
            (None, &inside, true),
            (None, &outside, false),
        ] {
            let cover = Cover { leave: known, ..decided(1, CoverState::Standing, State::Planned).cover };
            assert_eq!(is_for(&cover, session, first, march), expected, "{known:?} {}", session.starts_at);
        }
    }

    /// A cover of the session of a number, by one member of staff, in one step.
    fn decided(number: u128, state: CoverState, session_state: State) -> Decided {
        let id = uuid::Uuid::from_u128(number);
        let nobody = uuid::Uuid::nil();
        let (matched, staff) = (Id::from_uuid(nobody), Id::from_uuid(nobody));
        let session = Id::from_uuid(id);
        let cover = Cover { id: Id::from_uuid(id), session, matched, staff, account: None, leave: None, state, unseen: 0 };
        let ended_at = (state != CoverState::Standing).then(|| at("2026-06-02T08:00:00Z"));
        let starts_at = at(&format!("2026-06-1{number}T14:00:00Z"));
        let is_covered = state == CoverState::Standing;
        Decided { cover, decided_at: at("2026-06-01T08:00:00Z"), ended_at, starts_at, session_state, is_covered }
    }

    #[test]
    fn of_a_step_the_first_that_is_to_come_is_told() {
        use CoverState::{Refused, Standing, TakenBack};
        use State::{Cancelled, Held, NoShow, Planned, Proposed};
        let now = at("2026-06-03T08:00:00Z");
        // Of each: which of the three sessions are to be told of, when nobody was told, and when the person was.
        #[rustfmt::skip]
        let cases = [
            ("all come", [(Standing, Planned), (Standing, Planned), (Standing, Planned)], [true, false, false], [false; 3]),
            ("the first is off", [(Standing, Cancelled), (Standing, Planned), (Standing, Planned)], [false, true, false], [false; 3]),
            ("the first is only proposed", [(Standing, Proposed), (Standing, Planned), (Standing, Planned)], [false, true, false], [false; 3]),
            ("others met at the first", [(Standing, Held), (Standing, Planned), (Standing, Planned)], [false, true, false], [false; 3]),
            ("the first two are over", [(Standing, Held), (Standing, NoShow), (Standing, Planned)], [false, false, true], [false; 3]),
            ("no to the first", [(Refused, Planned), (Standing, Planned), (Standing, Planned)], [false, true, false], [false; 3]),
            ("the last two are taken back", [(Standing, Planned), (TakenBack, Planned), (TakenBack, Planned)], [true, false, false], [false, true, false]),
            ("all are, and the first is off", [(TakenBack, Cancelled), (TakenBack, Planned), (TakenBack, Planned)], [false; 3], [false, true, false]),
        ];
        for (name, three, untold, told) in cases {
            let all: Vec<Decided> = three.into_iter().zip(1..).map(|((state, session), number)| decided(number, state, session)).collect();
            let said = |is_told: bool| all.iter().map(|last| is_to_be_told(last, &all, is_told, now)).collect::<Vec<_>>();
            assert_eq!((said(false), said(true)), (untold.to_vec(), told.to_vec()), "{name}");
        }
        // The first is over, and nobody has said what became of it.
        let all = [1, 2, 3].map(|number| decided(number, Standing, Planned));
        assert_eq!(all.map(|last| is_to_be_told(&last, &all, false, all[0].starts_at)), [false, true, false]);
        // Taken back by itself, and on another day, it is told by itself.
        let mut all = [decided(1, TakenBack, Planned), decided(2, TakenBack, Planned)];
        all[0].ended_at = Some(at("2026-06-01T12:00:00Z"));
        assert!(all.iter().all(|last| is_to_be_told(last, &all, true, now)));
        // What another covers is told by that cover.
        all[0].is_covered = true;
        assert!(!is_to_be_told(&all[0], &all, true, now));
    }

    #[test]
    fn a_cover_that_stands_is_the_last() {
        use CoverState::{Standing, TakenBack};
        let (first, mut second) = (decided(1, TakenBack, State::Planned), decided(1, Standing, State::Planned));
        let states = |all: &[Decided]| last_first(all, first.cover.session).map(|one| (one.cover.state, one.ended_at)).collect::<Vec<_>>();
        let former = (TakenBack, first.ended_at);
        assert_eq!(states(&[second, first]), [(Standing, second.ended_at), former]);
        second.cover.state = TakenBack;
        assert_eq!(states(&[second, first]), [former, (TakenBack, second.ended_at)]);
        assert!(states(&[decided(2, Standing, State::Planned)]).is_empty());
    }
}
