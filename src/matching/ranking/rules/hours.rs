//! Weeks as minutes, to be compared a million times.

use chrono::NaiveDate;

use crate::availability::model::{DAY_MIN, Hours, Stretch, Times, Week};
use crate::availability::rules::{minus, on_clock, wished};
use crate::base::calendar::Zone;
use crate::base::config::Availability;
use crate::matching::ranking::model::Minutes;

/// A shared weekly hour is needed (domain section 8), in one piece.
const MEETING_LEAST_MIN: i32 = 60;
/// Minutes of a week.
pub const WEEK_MIN: i32 = 7 * DAY_MIN;

/// When somebody works, on the programme's clock in the week of a date; `None`: never stated.
pub fn worked(hours: &Hours, zone: Zone, on: NaiveDate) -> Option<Minutes> {
    let week = hours.week.as_ref()?;
    Some(match hours.zone {
        Some(other) => minutes(&on_clock(week, other, zone, on)),
        None => minutes(week),
    })
}

/// When somebody can meet: what they wish for, or any time, less what is never possible; `None` when they said nothing.
pub fn possible(times: &Times, words: &Availability) -> Option<Minutes> {
    let any = || Week::of((1..=7).map(|weekday| Stretch { weekday, from_min: 0, until_min: DAY_MIN }));
    let week = wished(times, words).or_else(|| (!times.never.is_empty()).then(|| minus(&any(), &times.never)));
    week.map(|week| minutes(&week))
}

/// A week as minutes from its beginning.
fn minutes(week: &Week) -> Minutes {
    let from_monday = |stretch: &Stretch| {
        let midnight = stretch.weekday.saturating_sub(1).saturating_mul(DAY_MIN);
        (midnight.saturating_add(stretch.from_min), midnight.saturating_add(stretch.until_min))
    };
    let mut all: Minutes = Vec::new();
    for (from, until) in week.stretches().iter().map(from_monday) {
        match all.last_mut() {
            // Through midnight it is one stretch.
            Some((_, end)) if *end == from => *end = until,
            _ => all.push((from, until)),
        }
    }
    all
}

/// The minutes that two weeks have in common in stretches that are long enough to meet; shorter ones help nobody. A stretch through the last
/// midnight of the week goes on in its first hours.
pub fn shared_min(one: &[(i32, i32)], other: &[(i32, i32)]) -> i32 {
    let (mut one, mut other) = (one.iter().copied().peekable(), other.iter().copied().peekable());
    let (mut shared, mut first, mut last) = (0_i32, 0_i32, 0_i32);
    let enough = |stretch: i32| if stretch >= MEETING_LEAST_MIN { stretch } else { 0 };
    while let (Some((from, until)), Some((other_from, other_until))) = (one.peek().copied(), other.peek().copied()) {
        let (begins, ends) = (from.max(other_from), until.min(other_until));
        let stretch = ends.saturating_sub(begins).max(0);
        match (begins, ends) {
            (_, WEEK_MIN) => last = stretch,
            (0, _) => first = stretch,
            _ => shared = shared.saturating_add(enough(stretch)),
        }
        // Whichever ends first has met all it can.
        if until <= other_until {
            one.next();
        } else {
            other.next();
        }
    }
    shared.saturating_add(enough(first.saturating_add(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_minutes_are_counted_once_and_only_in_whole_meetings() {
        type Minutes = (i32, i32);
        #[rustfmt::skip]
        let cases: &[(&[Minutes], &[Minutes], i32)] = &[
            (&[], &[(0, 60)], 0), (&[(0, 60)], &[(0, 60)], 60), (&[(0, 59)], &[(0, 60)], 0), (&[(0, 120)], &[(60, 180)], 60),
            (&[(0, 120)], &[(61, 180)], 0), (&[(0, 60)], &[(60, 120)], 0),
            // Many fragments are no hour.
            (&[(0, 100)], &[(0, 40), (50, 90), (95, 200)], 0),
            (&[(0, 300)], &[(10, 80), (90, 149), (200, 400)], 170), (&[(0, 60), (70, 130), (140, 200)], &[(0, 200)], 180),
            (&[(0, 10_080)], &[(600, 660), (2_000, 2_030)], 60), (&[(0, 10_080)], &[(0, 10_080)], 10_080),
            // Through the night from Sunday to Monday.
            (&[(0, 30), (10_050, 10_080)], &[(0, 60), (10_020, 10_080)], 60), (&[(0, 29), (10_050, 10_080)], &[(0, 10_080)], 0),
            (&[(0, 120), (10_050, 10_080)], &[(0, 180)], 120),
        ];
        for (one, other, shared) in cases {
            assert_eq!((shared_min(one, other), shared_min(other, one)), (*shared, *shared), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_stretch_goes_on_through_midnight() {
        let stretch = |weekday, from_min, until_min| Stretch { weekday, from_min, until_min };
        let hours = Hours { week: Some(Week::of([stretch(1, 1_410, DAY_MIN), stretch(2, 0, 30)])), ..Hours::default() };
        assert_eq!(worked(&hours, Zone::COPENHAGEN, "2026-03-02".parse().unwrap()), Some(vec![(1_410, 1_470)]));
    }

    #[test]
    fn whoever_said_nothing_is_not_whoever_never_can() {
        let (words, stretch) = (Availability::default(), |weekday, from_min, until_min| Stretch { weekday, from_min, until_min });
        assert_eq!(possible(&Times::default(), &words), None);
        let never = Week::of([stretch(1, 0, DAY_MIN)]);
        let rest = possible(&Times { never: never.clone(), ..Times::default() }, &words).unwrap();
        assert_eq!(rest.iter().map(|(from, until)| until - from).sum::<i32>(), 6 * DAY_MIN);
        let wished = Week::of([stretch(1, 60, 120), stretch(2, 60, 120)]);
        assert_eq!(possible(&Times { wished, never, ..Times::default() }, &words), Some(vec![(1_500, 1_560)]));
        let hours = Hours { week: Some(Week::of([stretch(7, 1_380, DAY_MIN)])), ..Hours::default() };
        let on = "2026-03-02".parse().unwrap();
        assert_eq!(worked(&hours, Zone::COPENHAGEN, on), Some(vec![(10_020, 10_080)]));
        assert_eq!(worked(&Hours::default(), Zone::COPENHAGEN, on), None);
    }
}
