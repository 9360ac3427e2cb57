//! Sessions held, cancelled and missed, and their minutes.

use crate::base::db::Coded;
use crate::reports::model::{About, AgeGroup, Definition, Dimension, Ground, Row, SessionThing, Standing};
use crate::sessions::model::State;

/// A session of the year in one of its figures. One that is still to come is no part of them; one whose time has passed without a log
/// is unknown; proposals are no sessions yet.
pub fn judge(definition: Definition, thing: &SessionThing, ground: &Ground) -> Option<Row> {
    let counts = |state: State| match thing.state {
        State::Planned if thing.ends_at > ground.now => None,
        State::Planned => Some(Standing::Unknown),
        State::Proposed => None,
        _ if thing.state == state => Some(Standing::Yes),
        _ => Some(Standing::No),
    };
    let minutes = thing.minutes.and_then(|minutes| u64::try_from(minutes).ok());
    let (standing, weight) = match definition {
        Definition::SessionsHeld => (counts(State::Held)?, 1),
        Definition::SessionsCancelled => (counts(State::Cancelled)?, 1),
        Definition::SessionsMissed => (counts(State::NoShow)?, 1),
        Definition::SessionMinutes => match (thing.state, minutes) {
            (State::Held, Some(minutes)) => (Standing::Yes, minutes),
            (State::Held, None) => (Standing::Unknown, 0),
            _ => return None,
        },
        _ => return None,
    };
    let mut groups = vec![(Dimension::Track, thing.track.code()), (Dimension::AgeGroup, AgeGroup::of(thing.is_adult).code())];
    groups.extend(thing.cancelled_by.map(|side| (Dimension::Side, side.code())));
    Some(Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at: thing.starts_at,
        due_at: None,
        happened_at: thing.logged_at.map(|_| thing.starts_at),
        recorded_at: thing.logged_at,
        standing,
        weight,
        groups,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::model::Track;
    use crate::reports::rules::tests::{id, instant, told, year};
    use crate::sessions::model::Side;

    fn thing(state: State, minutes: Option<i32>, logged: Option<&str>) -> SessionThing {
        SessionThing {
            id: id(1),
            case: id(2),
            person: id(3),
            track: Track::ParentCoach,
            is_adult: Some(true),
            state,
            starts_at: instant("2026-05-01T14:00:00Z"),
            ends_at: instant("2026-05-01T15:00:00Z"),
            cancelled_by: (state == State::Cancelled).then_some(Side::Person),
            minutes,
            logged_at: logged.map(instant),
        }
    }

    #[test]
    fn a_session_is_held_cancelled_missed_or_unknown() {
        let (yes, no, unknown) = (Some(Standing::Yes), Some(Standing::No), Some(Standing::Unknown));
        for (state, now, expected) in [
            (State::Held, "2026-06-01T00:00:00Z", [yes, no, no]),
            (State::Cancelled, "2026-06-01T00:00:00Z", [no, yes, no]),
            (State::Cancelled, "2026-04-01T00:00:00Z", [no, yes, no]), // before its time came
            (State::NoShow, "2026-06-01T00:00:00Z", [no, no, yes]),
            (State::Tried, "2026-06-01T00:00:00Z", [no, no, no]),
            (State::Planned, "2026-05-01T15:00:00Z", [unknown; 3]),
            (State::Planned, "2026-05-01T14:59:59Z", [None; 3]),
            (State::Proposed, "2026-06-01T00:00:00Z", [None; 3]),
        ] {
            let ground = Ground { now: instant(now), ..year() };
            let stands = [Definition::SessionsHeld, Definition::SessionsCancelled, Definition::SessionsMissed]
                .map(|definition| judge(definition, &thing(state, None, None), &ground).map(|row| row.standing));
            assert_eq!(stands, expected, "{state} at {now}");
        }
        let row = judge(Definition::SessionsCancelled, &thing(State::Cancelled, None, None), &year()).unwrap();
        assert_eq!(row.groups, [(Dimension::Track, "parent_coach"), (Dimension::AgeGroup, "adult"), (Dimension::Side, "person")]);
    }

    #[test]
    fn minutes_are_those_of_sessions_held() {
        for (state, minutes, logged, expected) in [
            (State::Held, Some(75), Some("2026-05-08T14:00:00Z"), Some((Standing::Yes, 75, false))),
            (State::Held, Some(75), Some("2026-05-08T14:00:01Z"), Some((Standing::Yes, 75, true))), // its log came after 7 days
            (State::Held, None, None, Some((Standing::Unknown, 0, false))),
            (State::Held, Some(-5), None, Some((Standing::Unknown, 0, false))),
            (State::NoShow, Some(75), None, None),
            (State::Planned, None, None, None),
        ] {
            let row = judge(Definition::SessionMinutes, &thing(state, minutes, logged), &year());
            let weight = row.as_ref().map(|row| row.weight);
            let found = told(row).zip(weight).map(|((standing, _, recorded_late), weight)| (standing, weight, recorded_late));
            assert_eq!(found, expected, "{state} {minutes:?} {logged:?}");
        }
    }
}
