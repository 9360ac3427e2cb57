//! Which facts of a match's first months are shown. Pure; it counts, and judges nothing.

use chrono::TimeDelta;

use super::model::{Seen, Signal};
use crate::base::calendar::{Zone, plus_months};
use crate::base::clock::Instant;
use crate::followups::rhythm::rules::{agreed_days, last_held};
use crate::matching::Match;
use crate::sessions::{Session, State};

/// Months from a match's start in which signals are shown.
const EARLY_MONTHS: i32 = 3;
/// Days in which a match ought to have begun.
const BEGIN_DAYS: i64 = 14;
/// Days back in which sessions are counted.
const RECENT_DAYS: i64 = 30;
/// Sessions from which on they are shown.
const REPEATED: i64 = 2;

/// The earliest start of a match that is in its first months at a moment.
pub fn early_since(now: Instant, zone: Zone) -> Instant {
    zone.start_of(plus_months(zone.date(now), -EARLY_MONTHS))
}

/// What there is to see of a running match.
pub fn signals(matched: &Match, sessions: &[Session], zone: Zone, now: Instant) -> Vec<Seen> {
    let Some(starts_at) = matched.starts_at else { return Vec::new() };
    let since_start = zone.date(now).signed_duration_since(zone.date(starts_at)).num_days();
    let recent = now.minus(TimeDelta::days(RECENT_DAYS));
    let count = |state: State| {
        let of = sessions.iter().filter(|session| session.state == state && session.starts_at >= recent && session.ends_at <= now);
        let of = of.filter(|session| !session.was_only_proposed());
        i64::try_from(of.count()).unwrap_or(i64::MAX)
    };
    let held = last_held(sessions, zone, now);
    let begun = match held {
        None => (Signal::NotBegun, since_start, since_start > BEGIN_DAYS),
        Some((_, days)) => (Signal::LongAgo, days, days > agreed_days(matched.agreed.rhythm).saturating_mul(2)),
    };
    let repeated = |signal, number| (signal, number, number >= REPEATED);
    let all = [
        begun,
        repeated(Signal::Missed, count(State::NoShow)),
        repeated(Signal::Cancelled, count(State::Cancelled)),
        repeated(Signal::NotLogged, count(State::Planned)),
    ];
    all.into_iter().filter(|(_, _, is_seen)| *is_seen).map(|(signal, number, _)| Seen { signal, number }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Id;
    use crate::courses::model::Track;
    use crate::matching::model::Rhythm;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn nobody<N>() -> Id<N> {
        Id::from_uuid(uuid::Uuid::nil())
    }

    fn session(day: &str, state: State) -> Session {
        let starts_at = at(&format!("{day}T15:00:00Z"));
        let ends_at = starts_at.plus(TimeDelta::hours(1));
        Session { state, starts_at, ends_at, timed_at: starts_at, recorded_at: starts_at, ..Session::for_testing() }
    }

    /// Running since 2 March 2026.
    fn matched(rhythm: Rhythm) -> Match {
        let starts_at = at("2026-03-02T08:00:00Z");
        let agreed = crate::matching::rules::default_agreement(starts_at.to_utc().date_naive());
        Match {
            id: nobody(),
            course: nobody(),
            case: nobody(),
            person: nobody(),
            staff: nobody(),
            track: Track::Mentor,
            state: crate::matching::State::Running,
            proposed_at: starts_at,
            proposed_by: nobody(),
            expires_at: starts_at,
            criteria: crate::base::vault::Sealed::from_bytes(Vec::new()),
            staff_answer: None,
            person_answer: None,
            starts_at: Some(starts_at),
            starts_recorded_at: None,
            ended_at: None,
            ended_recorded_at: None,
            end_reason: None,
            agreed: crate::matching::Agreed { rhythm, ..agreed },
            loan_ends_at: None,
            taken_over_from: None,
            recorded_at: starts_at,
            version: 1,
        }
    }

    #[test]
    fn facts_are_shown_from_their_own_number_on() {
        use {Rhythm::Monthly, Rhythm::Weekly, State::Cancelled, State::Held, State::NoShow, State::Planned};
        let on = |days: &[&str], state| days.iter().map(|day| session(day, state)).collect::<Vec<_>>();
        #[rustfmt::skip]
        let cases = [
            ("two weeks without one", Weekly, vec![], "2026-03-16T20:00:00Z", vec![]),
            ("a day more", Weekly, vec![], "2026-03-17T08:00:00Z", vec![(Signal::NotBegun, 15)]),
            ("two spans ago", Weekly, on(&["2026-03-09"], Held), "2026-03-23T08:00:00Z", vec![]),
            ("longer ago", Weekly, on(&["2026-03-09"], Held), "2026-03-24T08:00:00Z", vec![(Signal::LongAgo, 15)]),
            ("not long for those who meet monthly", Monthly, on(&["2026-03-09"], Held), "2026-03-24T08:00:00Z", vec![]),
            ("one missed", Weekly, [on(&["2026-03-09"], Held), on(&["2026-03-16"], NoShow)].concat(), "2026-03-17T08:00:00Z", vec![]),
            ("two missed", Weekly, [on(&["2026-03-23"], Held), on(&["2026-03-09", "2026-03-16"], NoShow)].concat(), "2026-03-24T08:00:00Z",
                vec![(Signal::Missed, 2)]),
            ("one of them long ago", Weekly, [on(&["2026-04-13"], Held), on(&["2026-03-09", "2026-03-16"], NoShow)].concat(), "2026-04-14T08:00:00Z",
                vec![]),
            ("cancelled and not logged", Weekly, [on(&["2026-03-10", "2026-03-11"], Cancelled), on(&["2026-03-12", "2026-03-13"], Planned),
                on(&["2026-03-09"], Held)].concat(), "2026-03-14T08:00:00Z", vec![(Signal::Cancelled, 2), (Signal::NotLogged, 2)]),
            ("to come", Weekly, [on(&["2026-03-09"], Held), on(&["2026-03-16", "2026-03-23"], Planned)].concat(), "2026-03-10T08:00:00Z", vec![]),
        ];
        for (name, rhythm, sessions, now, expected) in cases {
            let found = signals(&matched(rhythm), &sessions, Zone::COPENHAGEN, at(now));
            assert_eq!(found.iter().map(|seen| (seen.signal, seen.number)).collect::<Vec<_>>(), expected, "{name}");
        }
    }

    #[test]
    fn the_first_three_months_are_early() {
        for (now, since) in [("2026-06-02T08:00:00Z", "2026-03-01T23:00:00Z"), ("2026-05-31T08:00:00Z", "2026-02-27T23:00:00Z")] {
            assert_eq!(early_since(at(now), Zone::COPENHAGEN), at(since));
        }
    }
}
