//! What became of it 6 and 12 months after a mentor course.

use crate::base::db::Coded;
use crate::courses::model::{Activity, Track};
use crate::duties::State;
use crate::reports::model::{About, AgeGroup, Definition, Dimension, FollowupThing, Ground, ResultThing, Row, Standing};

/// A follow-up in its figure. Of whoever died before its date, done or not, and where it fell away before, it is no part of it; what was not done
/// stays, unknown.
pub fn judge(definition: Definition, thing: &FollowupThing, ground: &Ground) -> Option<Row> {
    let has_died = thing.died_on.is_some_and(|on| on <= ground.zone.date(thing.due_at));
    if has_died || thing.state == State::Ended && thing.closed_at.is_some_and(|at| at <= thing.due_at) {
        return None;
    }
    let (standing, result) = match definition {
        Definition::NotAtRisk6m => not_at_risk(thing),
        Definition::Occupied12m => occupied(thing, ground),
        _ => return None,
    };
    Some(Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at: thing.due_at,
        due_at: Some(thing.due_at),
        happened_at: result.map(|result| result.held_at),
        recorded_at: result.map(|result| result.recorded_at),
        standing,
        weight: 1,
        groups: vec![(Dimension::Track, Track::Mentor.code()), (Dimension::AgeGroup, AgeGroup::of(thing.is_adult).code())],
    })
}

/// The latest judgement that says something; a late one counts.
fn not_at_risk(thing: &FollowupThing) -> (Standing, Option<&ResultThing>) {
    let judged = thing.results.iter().filter(|result| result.at_risk.is_some()).max_by_key(|result| (result.held_at, result.recorded_at));
    match judged {
        Some(result) if result.at_risk == Some(false) => (Standing::Yes, Some(result)),
        Some(result) => (Standing::No, Some(result)),
        None => (Standing::Unknown, last(thing)),
    }
}

/// Any recorded day within the 12 months on which they were in education or employed; else a day on which they were in neither; a day
/// after the 12 months tells nothing of them.
fn occupied<'a>(thing: &'a FollowupThing, ground: &Ground) -> (Standing, Option<&'a ResultThing>) {
    let last_day = ground.zone.date(thing.due_at);
    let within = |result: &&ResultThing| result.as_of_on.is_some_and(|on| on <= last_day);
    let first = |is: fn(Activity) -> bool| {
        let fits = thing.results.iter().filter(within).filter(move |result| result.activity.is_some_and(is));
        fits.min_by_key(|result| (result.held_at, result.recorded_at))
    };
    let is_occupied = |activity| matches!(activity, Activity::Education | Activity::Employed | Activity::Both);
    if let Some(result) = first(is_occupied) {
        return (Standing::Yes, Some(result));
    }
    match first(|activity| activity == Activity::Neither) {
        Some(result) => (Standing::No, Some(result)),
        None => (Standing::Unknown, last(thing)),
    }
}

fn last(thing: &FollowupThing) -> Option<&ResultThing> {
    thing.results.iter().max_by_key(|result| (result.held_at, result.recorded_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::rules::tests::{id, instant, told, year};

    fn thing(state: State, closed: Option<&str>, results: Vec<ResultThing>) -> FollowupThing {
        FollowupThing {
            id: id(1),
            case: id(2),
            person: id(3),
            is_adult: Some(false),
            died_on: None,
            state,
            due_at: instant("2026-06-30T21:59:59.999999Z"),
            closed_at: closed.map(instant),
            results,
        }
    }

    fn judged(held: &str, at_risk: Option<bool>) -> ResultThing {
        let held_at = instant(held);
        ResultThing { held_at, recorded_at: instant("2026-07-05T08:00:00Z"), at_risk, activity: None, as_of_on: None }
    }

    fn doing(held: &str, activity: Activity, on: &str) -> ResultThing {
        ResultThing { activity: Some(activity), as_of_on: on.parse().ok(), ..judged(held, None) }
    }

    #[test]
    fn a_late_result_counts_and_what_is_unknown_stays() {
        let (in_time, late) = ("2026-06-30T08:00:00Z", "2026-07-01T08:00:00Z");
        #[rustfmt::skip]
        let cases = [
            (State::Done, Some(in_time), vec![judged(in_time, Some(false))], Some((Standing::Yes, false, false))),
            (State::Done, Some(late), vec![judged(late, Some(false))], Some((Standing::Yes, true, false))),
            (State::Done, Some(in_time), vec![judged(in_time, Some(true))], Some((Standing::No, false, false))),
            (State::Done, Some(in_time), vec![judged(in_time, None)], Some((Standing::Unknown, false, false))),
            (State::Done, Some("2026-06-20T08:00:00Z"), vec![judged("2026-06-20T08:00:00Z", Some(false))], Some((Standing::Yes, false, true))),
            // Somebody looked again and could not say: what was judged stands.
            (State::Done, Some(in_time), vec![judged(in_time, Some(true)), judged(late, None)], Some((Standing::No, false, false))),
            (State::Open, None, vec![], Some((Standing::Unknown, false, false))),
            // Dead before the date: no part of it; after it: never done.
            (State::Ended, Some("2026-06-30T21:59:59.999999Z"), vec![], None),
            (State::Ended, Some("2026-06-30T22:00:00Z"), vec![], Some((Standing::Unknown, false, false))),
        ];
        for (state, closed, results, expected) in cases {
            let thing = thing(state, closed, results);
            assert_eq!(told(judge(Definition::NotAtRisk6m, &thing, &year())), expected, "{thing:?}");
        }
        // Judged, and dead before the date all the same.
        for (died, is_counted) in [("2026-06-30", false), ("2026-07-01", true)] {
            let done = thing(State::Done, Some("2026-06-20T08:00:00Z"), vec![judged("2026-06-20T08:00:00Z", Some(false))]);
            let thing = FollowupThing { died_on: died.parse().ok(), ..done };
            assert_eq!(judge(Definition::NotAtRisk6m, &thing, &year()).is_some(), is_counted, "{died}");
        }
    }

    #[test]
    fn any_recorded_day_within_the_twelve_months_is_enough() {
        let (in_time, late) = ("2026-06-30T08:00:00Z", "2026-07-01T08:00:00Z");
        let of = |results| told(judge(Definition::Occupied12m, &thing(State::Done, Some(in_time), results), &year()));
        for (results, expected) in [
            (vec![doing(in_time, Activity::Education, "2026-06-30")], (Standing::Yes, false, false)),
            (vec![doing(in_time, Activity::Employed, "2026-01-02")], (Standing::Yes, false, false)),
            (vec![doing(late, Activity::Both, "2026-06-30")], (Standing::Yes, true, false)), // learned late, but of a day within
            (vec![doing(late, Activity::Both, "2026-07-01")], (Standing::Unknown, true, false)), // a day too late
            (vec![doing(in_time, Activity::Neither, "2026-06-30")], (Standing::No, false, false)),
            (vec![doing(in_time, Activity::Unknown, "2026-06-30")], (Standing::Unknown, false, false)),
            (
                vec![doing(in_time, Activity::Neither, "2026-06-30"), doing(late, Activity::Education, "2026-02-01")],
                (Standing::Yes, true, false),
            ),
            (vec![], (Standing::Unknown, false, false)),
        ] {
            assert_eq!(of(results.clone()), Some(expected), "{results:?}");
        }
    }
}
