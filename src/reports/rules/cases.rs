//! Cases started and open, and how fast they were referred.

use chrono::TimeDelta;

use super::quarter;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::cases::model::Hours;
use crate::cases::rules::referral_limit;
use crate::reports::model::{About, CaseThing, Definition, Dimension, Elapsed, Ground, Row, Standing};

/// A case in one of its figures.
pub fn judge(definition: Definition, thing: &CaseThing, ground: &Ground) -> Option<Row> {
    let started = Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.id), ..About::default() },
        at: thing.founded_at,
        due_at: None,
        happened_at: Some(thing.founded_at),
        recorded_at: Some(thing.recorded_at),
        standing: Standing::Yes,
        weight: 1,
        groups: vec![(Dimension::Quarter, quarter(thing.founded_at, ground)), (Dimension::Severity, thing.severity.code())],
    };
    match definition {
        Definition::CasesStarted | Definition::CasesOpen => Some(started),
        Definition::ReferredInTime => referred(thing, ground).map(|(standing, due_at)| Row {
            due_at: Some(due_at),
            happened_at: thing.referred_at,
            recorded_at: thing.referred_recorded_at,
            standing,
            ..started
        }),
        Definition::ReceivedToReferred => elapsed(thing, ground, thing.received_at, started),
        Definition::FoundedToReferred => elapsed(thing, ground, thing.founded_at, started),
        _ => None,
    }
}

/// Whether a case that needs local effort was referred inside its limit, and the limit. `None` for one that needs none, or was closed
/// before its limit without a referral (dead, moved, taken over by the police).
fn referred(thing: &CaseThing, ground: &Ground) -> Option<(Standing, Instant)> {
    let own = Hours { received_at: thing.received_at, founded_at: thing.founded_at, severity: thing.severity };
    let due_at = referral_limit(ground.referral_clock, own, &thing.joined, thing.referred_at).due_at;
    if thing.closed_at.is_some_and(|closed| closed <= due_at && thing.referred_at.is_none_or(|at| at > closed)) {
        return None;
    }
    let standing = match (thing.referred_at, thing.closed_at) {
        (Some(at), _) if at <= due_at => Standing::Yes,
        (None, None) if ground.now <= due_at => Standing::Unknown,
        _ => Standing::No,
    };
    thing.needs_local_effort.then_some((standing, due_at))
}

fn elapsed(thing: &CaseThing, ground: &Ground, since: Instant, started: Row) -> Option<Row> {
    let (_, due_at) = referred(thing, ground)?;
    let group = thing.referred_at.map(|at| (Dimension::Elapsed, hours(at.since(since)).code()));
    Some(Row {
        due_at: Some(due_at),
        happened_at: thing.referred_at,
        recorded_at: thing.referred_recorded_at,
        standing: if group.is_some() { Standing::Yes } else { Standing::Unknown },
        groups: group.into_iter().collect(),
        ..started
    })
}

fn hours(elapsed: TimeDelta) -> Elapsed {
    if elapsed <= TimeDelta::hours(24) {
        Elapsed::Within24
    } else if elapsed <= TimeDelta::hours(48) {
        Elapsed::Within48
    } else if elapsed <= TimeDelta::hours(72) {
        Elapsed::Within72
    } else {
        Elapsed::Over72
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::ClockStart;
    use crate::enquiries::model::Severity;
    use crate::reports::rules::tests::{id, instant, told, year};

    fn thing(referred: Option<&str>, closed: Option<&str>) -> CaseThing {
        CaseThing {
            id: id(1),
            severity: Severity::Hours48,
            needs_local_effort: true,
            received_at: instant("2026-05-01T08:00:00Z"),
            founded_at: instant("2026-05-04T08:00:00Z"),
            recorded_at: instant("2026-05-04T09:00:00Z"),
            referred_at: referred.map(instant),
            referred_recorded_at: referred.map(|_| instant("2026-05-14T00:00:00Z")),
            closed_at: closed.map(instant),
            joined: Vec::new(),
        }
    }

    #[test]
    fn a_referral_is_in_time_until_its_last_moment() {
        let yes = (Standing::Yes, false, true);
        #[rustfmt::skip]
        let cases = [
            // referred, closed, counted at; in time (done late, recorded late)
            (Some("2026-05-06T08:00:00Z"), None, "2027-01-20T12:00:00Z", Some(yes)),
            (Some("2026-05-06T08:00:01Z"), None, "2027-01-20T12:00:00Z", Some((Standing::No, true, true))),
            (Some("2026-05-08T08:00:00Z"), None, "2027-01-20T12:00:00Z", Some((Standing::No, true, false))),
            (None, None, "2026-05-06T08:00:00Z", Some((Standing::Unknown, false, false))),
            (None, None, "2026-05-06T08:00:01Z", Some((Standing::No, false, false))),
            // Referred after it was opened again: the limit had fallen away.
            (Some("2026-08-05T08:00:00Z"), Some("2026-05-05T08:00:00Z"), "2027-01-20T12:00:00Z", None),
            // Closed before its limit it fell away; after it, it was missed.
            (None, Some("2026-05-06T08:00:00Z"), "2027-01-20T12:00:00Z", None),
            (None, Some("2026-05-06T08:00:01Z"), "2027-01-20T12:00:00Z", Some((Standing::No, false, false))),
            (Some("2026-05-05T08:00:00Z"), Some("2026-05-05T09:00:00Z"), "2027-01-20T12:00:00Z", Some(yes)),
        ];
        for (referred, closed, now, expected) in cases {
            let ground = Ground { now: instant(now), ..year() };
            let thing = thing(referred, closed);
            assert_eq!(told(judge(Definition::ReferredInTime, &thing, &ground)), expected, "{referred:?} {closed:?} {now}");
            let without = CaseThing { needs_local_effort: false, ..thing };
            assert_eq!(judge(Definition::ReferredInTime, &without, &ground), None);
            assert_eq!(judge(Definition::ReceivedToReferred, &without, &ground), None);
            assert_eq!(told(judge(Definition::CasesStarted, &without, &ground)), Some((Standing::Yes, false, false)));
        }
        // Counted from the receiving, the hours were gone by the founding.
        let ground = Ground { referral_clock: ClockStart::Received, ..year() };
        let row = judge(Definition::ReferredInTime, &thing(Some("2026-05-04T10:00:00Z"), None), &ground).unwrap();
        assert_eq!((row.standing, row.due_at), (Standing::No, Some(instant("2026-05-03T08:00:00Z"))));
        assert_eq!(row.groups, [(Dimension::Quarter, "q2"), (Dimension::Severity, "hours_48")]);
    }

    #[test]
    fn both_spans_run_in_elapsed_hours() {
        for (referred, received_to, founded_to) in [
            (Some("2026-05-05T08:00:00Z"), Some("over_72"), Some("within_24")),
            (Some("2026-05-05T08:00:01Z"), Some("over_72"), Some("within_48")),
            (Some("2026-05-07T08:00:00Z"), Some("over_72"), Some("within_72")),
            (Some("2026-05-07T08:00:01Z"), Some("over_72"), Some("over_72")),
            (Some("2026-05-04T08:00:00Z"), Some("within_72"), Some("within_24")),
            (None, None, None),
        ] {
            for (definition, expected) in [(Definition::ReceivedToReferred, received_to), (Definition::FoundedToReferred, founded_to)] {
                let row = judge(definition, &thing(referred, None), &year()).unwrap();
                assert_eq!(row.groups.first().map(|(_, code)| *code), expected, "{definition} {referred:?}");
                assert_eq!(row.standing == Standing::Yes, expected.is_some());
            }
        }
        assert_eq!(judge(Definition::FoundedToReferred, &thing(None, Some("2026-05-05T08:00:00Z")), &year()), None);
    }
}
