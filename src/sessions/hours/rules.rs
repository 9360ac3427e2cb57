//! Whether a meeting lies where somebody said that they cannot. Pure.

use crate::availability::model::Effect;
use crate::availability::slots::model::days::Frame;
use crate::availability::{Exception, Hours, Week};
use crate::base::calendar::{Calendar, Range};

/// Whether a meeting lies, if only in part, outside the hours of a member of staff: those of the week where they stated any, with what they work
/// more on a date; and without what they took off. On their clock, else the programme's. Holidays are no matter of hours.
pub fn is_outside(meeting: Range, hours: &Hours, exceptions: &[Exception], calendar: Calendar) -> bool {
    let own = Frame::of(hours.zone.unwrap_or(calendar.zone), meeting, calendar.holidays);
    let said = |effect| own.dated(exceptions, effect);
    let leaves_week = |week: &Week| !own.weekly(week, |_| true).or(said(Effect::More)).covers(meeting);
    hours.week.as_ref().is_some_and(leaves_week) || said(Effect::Less).meets(meeting)
}

/// Whether a meeting lies, if only in part, in what is never possible for a person met, on the programme's clock.
pub fn is_never(meeting: Range, never: &Week, calendar: Calendar) -> bool {
    Frame::of(calendar.zone, meeting, calendar.holidays).weekly(never, |_| true).meets(meeting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Stretch;
    use crate::base::clock::Instant;
    use crate::base::ids::Id;

    fn week(stretches: &[(i32, i32, i32)]) -> Week {
        Week::of(stretches.iter().map(|(weekday, from_min, until_min)| Stretch {
            weekday: *weekday,
            from_min: *from_min,
            until_min: *until_min,
        }))
    }

    fn meeting(from: &str, until: &str) -> Range {
        Range::new(Instant::parse(from).unwrap(), Instant::parse(until).unwrap()).unwrap()
    }

    #[test]
    fn outside_is_what_no_hours_cover_and_what_was_taken_off() {
        // Wednesday, 16 to 17 in Copenhagen; 10 to 11 in New York.
        let winter = meeting("2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        let exception = |effect, from_min, until_min| Exception {
            id: Id::from_uuid(uuid::Uuid::nil()),
            effect,
            on: "2026-03-04".parse().unwrap(),
            from_min,
            until_min,
        };
        use Effect::{Less, More};
        #[rustfmt::skip]
        let cases = [
            ("not stated", None, None, vec![], false),
            ("not stated, and an hour taken off", None, None, vec![exception(Less, 1010, 1070)], true),
            ("taken off just before and after", None, None, vec![exception(Less, 900, 960), exception(Less, 1020, 1080)], false),
            ("never", Some(week(&[])), None, vec![], true),
            ("just in it", Some(week(&[(3, 960, 1020)])), None, vec![], false),
            ("a minute is missing", Some(week(&[(3, 960, 1019)])), None, vec![], true),
            ("another day", Some(week(&[(4, 0, 1440)])), None, vec![], true),
            ("the rest on that date", Some(week(&[(3, 900, 990)])), None, vec![exception(More, 990, 1080)], false),
            ("another clock", Some(week(&[(3, 600, 660)])), Some("America/New_York"), vec![], false),
        ];
        for (name, week, zone, exceptions, expected) in cases {
            let hours = Hours { zone: zone.map(|zone: &str| zone.parse().unwrap()), week, version: 1 };
            assert_eq!(is_outside(winter, &hours, &exceptions, Calendar::default()), expected, "{name}");
        }
    }

    #[test]
    fn never_is_met_and_not_touched() {
        let never = week(&[(3, 600, 660), (7, 1380, 1440)]);
        for (from, until, expected) in [
            ("2026-03-04T08:00:00Z", "2026-03-04T09:00:00Z", false),
            ("2026-03-04T08:30:00Z", "2026-03-04T09:00:01Z", true),
            ("2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z", false),
            // In summer the clock shows an hour more.
            ("2026-04-01T08:00:00Z", "2026-04-01T08:30:00Z", true),
            ("2026-03-08T22:59:00Z", "2026-03-08T23:30:00Z", true),
            ("2026-03-08T23:00:00Z", "2026-03-08T23:30:00Z", false),
        ] {
            assert_eq!(is_never(meeting(from, until), &never, Calendar::default()), expected, "{from}");
        }
    }
}
