//! Runs of misses over ordered events.

use std::collections::BTreeSet;

use super::model::{Effect, Event, Run};
use crate::base::clock::Instant;
use crate::sessions::model::{Session, Side, State, Telling};

/// What one session does to a run: of several that were cancelled in one word, the first alone counts, and what nobody knew of (a proposal, a
/// time that had been given up) is no miss.
pub fn effect_of(session: &Session) -> Effect {
    let is_another = (session.state, session.telling) == (State::Cancelled, Some(Telling::ByOther));
    if is_another || session.was_only_proposed() {
        return Effect::Neither;
    }
    effect(session.state, session.cancelled_by, session.new_time_agreed)
}

/// What a session does to a run (domain section 4). A no-show of the mentor or coach is not the person's.
pub fn effect(state: State, by: Option<Side>, new_time_agreed: Option<bool>) -> Effect {
    match state {
        State::Held => Effect::Ends,
        State::NoShow if matches!(by, None | Some(Side::Person)) => Effect::Lengthens,
        State::Cancelled if by == Some(Side::Person) && new_time_agreed != Some(true) => Effect::Lengthens,
        State::NoShow | State::Cancelled | State::Proposed | State::Planned | State::Tried => Effect::Neither,
    }
}

/// Meetings as they were: of one that somebody tells of as held the others tell nothing else.
pub fn as_they_were(mut meetings: Vec<Event>) -> Vec<Event> {
    let held: BTreeSet<Instant> = meetings.iter().filter(|event| event.effect == Effect::Ends).map(|event| event.starts_at).collect();
    meetings.retain(|event| event.effect != Effect::Lengthens || !held.contains(&event.starts_at));
    meetings
}

/// When a session was missed: when it was cancelled, at its start at the latest, whenever that was told.
pub fn missed_at(session: &Session) -> Instant {
    session.cancelled_at.map_or(session.starts_at, |at| at.min(session.starts_at))
}

/// The second miss of a run: of its different meetings that which was missed second, in whichever order they begin, so that a further miss never
/// makes it later. A meeting that is told of twice was missed when the first of these says.
fn second_of(present: &[Event]) -> Option<Event> {
    let mut meetings = present.to_vec();
    meetings.sort_by_key(|event| (event.starts_at, event.missed_at, event.id));
    meetings.dedup_by_key(|event| event.starts_at);
    meetings.sort_by_key(|event| (event.missed_at, event.starts_at));
    meetings.get(1).copied()
}

/// Every run of two or more misses. The events are put in order of start first; what ends a run comes after a miss of the same moment. One
/// meeting that is told of twice, by a log and by a school, or in two matches at once, is missed once.
pub fn runs(mut events: Vec<Event>) -> Vec<Run> {
    events.sort_by_key(|event| (event.starts_at, event.effect == Effect::Ends, event.id));
    let (mut runs, mut present, mut after): (Vec<Run>, Vec<Event>, Option<Instant>) = (Vec::new(), Vec::new(), None);
    let run = |present: &[Event], after, until| {
        let second = second_of(present)?;
        let misses = present.iter().map(|event| event.id).collect();
        let cases = std::iter::once(&second).chain(present).map(|event| event.case).collect();
        Some(Run { misses, cases, second_at: second.missed_at, after, until })
    };
    for event in events {
        match event.effect {
            Effect::Ends => {
                runs.extend(run(&present, after, Some(event.starts_at)));
                present.clear();
                after = Some(event.starts_at);
            }
            Effect::Lengthens => present.push(event),
            Effect::Neither => {}
        }
    }
    runs.extend(run(&present, after, None));
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::ids::{AnyId, CaseId};

    /// One event a day: `h` held, `m` missed, `-` neither.
    fn week(text: &str) -> Vec<Event> {
        text.char_indices()
            .map(|(day, what)| {
                let at = Instant::from_micros(i64::try_from(day).unwrap() * 86_400_000_000);
                let effect = match what {
                    'h' => Effect::Ends,
                    'm' => Effect::Lengthens,
                    _ => Effect::Neither,
                };
                let case = CaseId::from_uuid(uuid::Uuid::nil());
                Event { id: id(day), case, starts_at: at, missed_at: at, effect }
            })
            .collect()
    }

    fn id(day: usize) -> AnyId {
        AnyId::from_uuid(uuid::Uuid::from_u128(u128::try_from(day).unwrap()))
    }

    #[test]
    fn held_ends_a_run_and_what_is_neither_does_not() {
        #[rustfmt::skip]
        let cases: &[(&str, &[(usize, usize)])] = &[
            ("", &[]),
            ("m", &[]),
            ("hm", &[]),
            ("mhm", &[]),
            ("mm", &[(0, 2)]),
            ("hmm", &[(1, 2)]),
            ("m-m", &[(0, 2)]),
            ("mm-mh", &[(0, 3)]),
            ("mmhmm", &[(0, 2), (3, 2)]),
            ("mmhm", &[(0, 2)]),
            ("----", &[]),
            ("mmmmm", &[(0, 5)]),
        ];
        for (text, expected) in cases {
            let found: Vec<(AnyId, usize)> = runs(week(text)).into_iter().map(|run| (run.misses[0], run.misses.len())).collect();
            let expected: Vec<(AnyId, usize)> = expected.iter().map(|(first, misses)| (id(*first), *misses)).collect();
            assert_eq!(found, expected, "{text}");
            let backwards: Vec<Event> = week(text).into_iter().rev().collect();
            assert_eq!(runs(backwards), runs(week(text)), "{text}: in whatever order they come");
        }
    }

    #[test]
    fn a_run_spans_what_lies_between_two_ends() {
        let at = |day: i64| Instant::from_micros(day * 86_400_000_000);
        let found = runs(week("mmhm-mh"));
        let spans = |moment: Instant| found.iter().map(|run| run.spans(moment)).collect::<Vec<_>>();
        for (day, expected) in [(0, [true, false]), (2, [true, false]), (3, [false, true]), (5, [false, true]), (7, [false, false])] {
            assert_eq!(spans(at(day)), expected, "{day}");
        }
    }

    #[test]
    fn one_meeting_is_missed_once_whoever_tells_of_it() {
        let told_by_another = |mut events: Vec<Event>, effect| {
            let again = events.iter().map(|event| Event {
                id: AnyId::from_uuid(uuid::Uuid::from_u128(event.id.uuid().as_u128() + 100)),
                effect,
                ..*event
            });
            events.extend(again.collect::<Vec<_>>());
            events
        };
        assert_eq!(runs(told_by_another(week("m"), Effect::Lengthens)), Vec::new());
        let two = runs(told_by_another(week("mm"), Effect::Lengthens));
        assert_eq!((two.len(), two[0].second_at), (1, runs(week("mm"))[0].second_at));
        assert_eq!(runs(as_they_were(told_by_another(week("mm"), Effect::Ends))), Vec::new(), "they were held");
    }

    /// A miss of a day, known on another.
    fn missed(day: usize, known: i64) -> Event {
        let at = |day: i64| Instant::from_micros(day * 86_400_000_000);
        let starts_at = at(i64::try_from(day).unwrap());
        let case = CaseId::from_uuid(uuid::Uuid::from_u128(u128::try_from(day).unwrap()));
        Event { id: id(day), case, starts_at, missed_at: at(known).min(starts_at), effect: Effect::Lengthens }
    }

    /// Misses as their days and when each was known, and when the second was known and of which day's case it is.
    type Known<'a> = (&'a [(usize, i64)], Option<(i64, usize)>);

    #[test]
    fn the_second_miss_is_the_second_that_was_known() {
        #[rustfmt::skip]
        let cases: &[Known<'_>] = &[
            (&[(28, 1)], None),
            (&[(28, 1), (21, 2)], Some((2, 21))),
            // Sooner starts that are cancelled later put nothing off.
            (&[(28, 1), (21, 2), (14, 6)], Some((2, 21))),
            (&[(28, 1), (21, 2), (14, 6), (7, 7)], Some((2, 21))),
            (&[(28, 1), (7, 7), (21, 6)], Some((6, 21))),
            // Two in one moment are two; one meeting that is told of twice is one, from when it was told first.
            (&[(28, 1), (21, 1)], Some((1, 28))),
            (&[(28, 1), (28, 2)], None),
            (&[(28, 5), (28, 2), (21, 1)], Some((2, 28))),
            // Told of after it should have been, it was missed at its start.
            (&[(1, 1), (3, 3), (2, 10)], Some((2, 2))),
        ];
        for (misses, expected) in cases {
            let found = runs(misses.iter().map(|(day, known)| missed(*day, *known)).collect());
            let found = found.first().map(|run| (run.second_at.micros() / 86_400_000_000, run.cases[0].uuid().as_u128()));
            assert_eq!(found, expected.map(|(at, case)| (at, u128::try_from(case).unwrap())), "{misses:?}");
        }
    }

    #[test]
    fn a_session_is_missed_at_its_start_at_the_latest() {
        let at = |day: i64| Instant::from_micros(day * 86_400_000_000);
        for (cancelled, expected) in [(None, 7), (Some(2), 2), (Some(9), 7)] {
            let session = Session { starts_at: at(7), cancelled_at: cancelled.map(at), ..Session::for_testing() };
            assert_eq!(missed_at(&session), at(expected), "{cancelled:?}");
        }
    }

    /// Some days' meetings, each with when its miss was known and what it does to a run.
    fn days() -> impl Strategy<Value = Vec<Event>> {
        let meeting = (0_usize..12, 0_i64..12, 0_u8..5);
        proptest::collection::vec(meeting, 0..10).prop_map(|meetings| {
            let event = |(number, (day, known, what)): (usize, (usize, i64, u8))| {
                let effect = match what {
                    0 => Effect::Ends,
                    1 => Effect::Neither,
                    _ => Effect::Lengthens,
                };
                Event { id: id(100 + number), effect, ..missed(day, known) }
            };
            meetings.into_iter().enumerate().map(event).collect()
        })
    }

    proptest! {
        #[test]
        fn a_further_miss_puts_no_run_off(events in days(), day in 0_usize..12, known in 0_i64..12) {
            let mut more = events.clone();
            more.push(missed(day, known));
            for (before, after) in [(events.clone(), more.clone()), (as_they_were(events), as_they_were(more))] {
                let after = runs(after);
                for run in runs(before) {
                    let goes_on = |other: &Run| run.misses.iter().all(|miss| other.misses.contains(miss)) && other.second_at <= run.second_at;
                    prop_assert!(after.iter().any(goes_on), "{run:?} is put off: {after:?}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_knew_of_is_no_miss() {
        let of = |state, telling| effect_of(&Session { state, telling, cancelled_by: Some(Side::Person), ..Session::for_testing() });
        let nobody = Some(Telling::Nobody);
        for (state, known, unknown) in [
            (State::Cancelled, Effect::Lengthens, Effect::Neither),
            (State::NoShow, Effect::Lengthens, Effect::Neither),
            (State::Tried, Effect::Neither, Effect::Neither),
            // They met, whoever knew of it before.
            (State::Held, Effect::Ends, Effect::Ends),
        ] {
            assert_eq!((of(state, None), of(state, nobody)), (known, unknown), "{state}");
        }
        assert_eq!(of(State::Cancelled, Some(Telling::ByOther)), Effect::Neither, "counted with another");
    }

    #[test]
    fn what_lengthens_a_run() {
        #[rustfmt::skip]
        let cases = [
            (State::Held, None, None, Effect::Ends),
            (State::NoShow, None, None, Effect::Lengthens),
            (State::NoShow, Some(Side::Person), None, Effect::Lengthens),
            (State::NoShow, Some(Side::Staff), None, Effect::Neither),
            (State::Cancelled, Some(Side::Person), None, Effect::Lengthens),
            (State::Cancelled, Some(Side::Person), Some(false), Effect::Lengthens),
            (State::Cancelled, Some(Side::Person), Some(true), Effect::Neither),
            (State::Cancelled, Some(Side::Staff), Some(false), Effect::Neither),
            (State::Cancelled, Some(Side::Unit), None, Effect::Neither),
            (State::Tried, None, None, Effect::Neither),
            (State::Planned, None, None, Effect::Neither),
            (State::Proposed, None, None, Effect::Neither),
        ];
        for (state, by, agreed, expected) in cases {
            assert_eq!(effect(state, by, agreed), expected, "{state} {by:?} {agreed:?}");
        }
    }
}
