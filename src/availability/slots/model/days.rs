//! The dates around a window on somebody's clock, each with the moments it begins and ends at.
//!
//! On a day without a change of clocks a wall time is midnight and so many minutes; only on the others is the zone asked again.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike};

use super::spans::Spans;
use crate::availability::model::{Effect, Exception, Week};
use crate::base::calendar::{Holidays, Range, Zone};
use crate::base::clock::Instant;

/// A local day.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// Its date.
    pub on: NaiveDate,
    /// 1 Monday to 7 Sunday.
    pub weekday: i32,
    /// Whether it is a public holiday.
    pub is_holiday: bool,
    starts_at: Instant,
    ends_at: Instant,
    /// It begins at 0:00 and the clocks are not changed in it.
    is_even: bool,
}

/// The local days that have moments in a window, and the one before, whose last hours a gap may have moved past midnight.
#[derive(Clone, Debug)]
pub struct Frame {
    zone: Zone,
    days: Vec<Day>,
}

/// Moments of a day from which its clock runs evenly, up to the next change.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The day.
    pub day: Day,
    /// When it begins.
    pub from: Instant,
    /// The first moment after it.
    pub until: Instant,
    /// Seconds after midnight that the clock shows at its beginning.
    pub from_s: i64,
}

impl Frame {
    /// The days of a window on the clocks of a zone.
    pub fn of(zone: Zone, window: Range, holidays: Holidays) -> Self {
        let last = zone.date(window.ends_at());
        let mut on = zone.date(window.starts_at()).pred_opt().unwrap_or(NaiveDate::MIN);
        let (mut days, mut starts_at) = (Vec::new(), zone.start_of(on));
        while on <= last {
            let next = on.succ_opt().unwrap_or(NaiveDate::MAX);
            let a_day_on = starts_at.plus(TimeDelta::days(1));
            // Clocks are changed at most once a day: the same wall time 24 hours on means not at all.
            let is_even = zone.wall(starts_at) == on.and_time(NaiveTime::MIN) && zone.wall(a_day_on) == next.and_time(NaiveTime::MIN);
            let ends_at = if is_even { a_day_on } else { zone.start_of(next) };
            let weekday = i32::try_from(on.weekday().number_from_monday()).unwrap_or(1);
            days.push(Day { on, weekday, is_holiday: holidays.is_holiday(on), starts_at, ends_at, is_even });
            if next == on {
                break;
            }
            (on, starts_at) = (next, ends_at);
        }
        Self { zone, days }
    }

    /// The days, in order.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// When a day's clock shows a minute after midnight: a time that does not exist moves forward by the gap, one that exists twice is the
    /// first (domain section 4). 1440 is the midnight after it.
    fn at(&self, day: &Day, minute: i32) -> Instant {
        let after = TimeDelta::minutes(i64::from(minute));
        if day.is_even { day.starts_at.plus(after) } else { self.zone.at_wall(day.on.and_time(NaiveTime::MIN) + after) }
    }

    fn range(&self, day: &Day, from_min: i32, until_min: i32) -> Option<Range> {
        Range::new(self.at(day, from_min), self.at(day, until_min))
    }

    /// A week's stretches on all days that are wanted.
    pub fn weekly(&self, week: &Week, is_wanted: impl Fn(&Day) -> bool) -> Spans {
        let days = self.days.iter().filter(|day| is_wanted(day));
        Spans::of(days.flat_map(|day| week.on(day.weekday).filter_map(|stretch| self.range(day, stretch.from_min, stretch.until_min))))
    }

    /// What these exceptions add, or take off.
    pub fn dated(&self, exceptions: &[Exception], effect: Effect) -> Spans {
        let found = exceptions.iter().filter(|exception| exception.effect == effect).filter_map(|exception| {
            let day = self.days.iter().find(|day| day.on == exception.on)?;
            self.range(day, exception.from_min, exception.until_min)
        });
        Spans::of(found)
    }

    /// The whole days that are wanted.
    pub fn whole(&self, is_wanted: impl Fn(&Day) -> bool) -> Spans {
        Spans::of(self.days.iter().filter(|day| is_wanted(day)).filter_map(|day| Range::new(day.starts_at, day.ends_at)))
    }

    /// What of the days lies before a moment.
    pub fn before(&self, at: Instant) -> Spans {
        Spans::of(self.days.iter().filter_map(|day| Range::new(day.starts_at, day.ends_at.min(at))))
    }

    /// A day in runs between changes of clocks: one, or two; three where clocks are set back past midnight and come to it once more (St
    /// John's until 2011: those minutes count to the later day). None for a day that a zone skipped whole.
    pub fn runs(&self, day: &Day) -> impl Iterator<Item = Run> + use<> {
        let shown = |at: Instant| i64::from(self.zone.wall(at).num_seconds_from_midnight());
        let (from, until) = (day.starts_at, day.ends_at);
        let change = if day.is_even { until } else { self.change(from, until) };
        let changed_s = if change < until { shown(change) } else { 0 };
        let midnight = change.plus(TimeDelta::seconds(86_400 - changed_s)).min(until);
        let run = |from: Instant, until: Instant, from_s: i64| (from < until).then_some(Run { day: *day, from, until, from_s });
        let begin_s = if day.is_even { 0 } else { shown(from) };
        [run(from, change, begin_s), run(change, midnight, changed_s), run(midnight, until, 0)].into_iter().flatten()
    }

    /// The first moment of a different offset, to the second; `until` when there is none.
    fn change(&self, from: Instant, until: Instant) -> Instant {
        let offset = |at: Instant| self.zone.wall(at) - at.to_utc().naive_utc();
        let (before, mut same, mut other) = (offset(from), from, until);
        if offset(until.minus(TimeDelta::microseconds(1))) == before {
            return until;
        }
        while other.since(same) > TimeDelta::seconds(1) {
            let middle = same.plus(TimeDelta::seconds(other.since(same).num_seconds() / 2));
            if offset(middle) == before { same = middle } else { other = middle }
        }
        other
    }

    /// The day that a moment lies on, with the minute that its clock shows.
    pub fn day_of(&self, at: Instant) -> Option<(&Day, i32)> {
        let day = self.days.iter().find(|day| day.starts_at <= at && at < day.ends_at)?;
        let minute = i32::try_from(self.zone.wall(at).num_seconds_from_midnight() / 60).unwrap_or(0);
        Some((day, minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn frame(zone: &str, from: &str, until: &str) -> Frame {
        Frame::of(zone.parse().unwrap(), Range::new(instant(from), instant(until)).unwrap(), Holidays::none())
    }

    #[test]
    fn a_day_runs_to_the_change_of_clocks_and_on_from_it() {
        for (zone, date, expected) in [
            ("Europe/Copenhagen", "2026-03-29", vec![("2026-03-28T23:00:00Z", 0), ("2026-03-29T01:00:00Z", 10_800)]),
            ("Europe/Copenhagen", "2026-10-25", vec![("2026-10-24T22:00:00Z", 0), ("2026-10-25T01:00:00Z", 7_200)]),
            ("Europe/Copenhagen", "2026-10-26", vec![("2026-10-25T23:00:00Z", 0)]),
            ("America/Sao_Paulo", "2018-11-04", vec![("2018-11-04T03:00:00Z", 3_600)]), // no midnight
            ("America/Havana", "2025-11-02", vec![("2025-11-02T04:00:00Z", 0), ("2025-11-02T05:00:00Z", 0)]), // two
        ] {
            let frame = frame(zone, &format!("{date}T12:00:00Z"), &format!("{date}T12:30:00Z"));
            let day = frame.days().iter().find(|day| day.on.to_string() == date).unwrap();
            let runs: Vec<_> = frame.runs(day).map(|run| (run.from.to_string(), run.from_s)).collect();
            let expected: Vec<_> = expected.into_iter().map(|(from, seconds)| (from.to_owned(), seconds)).collect();
            assert_eq!(runs, expected, "{date} in {zone}");
        }
    }

    proptest! {
        /// The short way over even days gives what the zone itself says, in every zone and season.
        #[test]
        fn wall_times_are_the_zones(
            zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]), day in 0_i64..40_000, minute in 0_i32..=1440,
        ) {
            let zone: Zone = zone.name().parse().unwrap();
            let noon = Instant::from_micros(0).plus(TimeDelta::days(day) + TimeDelta::hours(12));
            let frame = Frame::of(zone, Range::new(noon, noon.plus(TimeDelta::days(3))).unwrap(), Holidays::none());
            for day in frame.days() {
                let wall = day.on.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
                prop_assert_eq!(frame.at(day, minute), zone.at_wall(wall), "{} {} in {}", day.on, minute, zone);
                prop_assert_eq!((day.starts_at, day.ends_at), (zone.start_of(day.on), zone.start_of(day.on.succ_opt().unwrap())));
                for run in frame.runs(day) {
                    let (first, last) = (zone.wall(run.from), zone.wall(run.until.minus(TimeDelta::seconds(1))));
                    prop_assert_eq!(i64::from(first.num_seconds_from_midnight()), run.from_s);
                    prop_assert_eq!((last - first) + TimeDelta::seconds(1), run.until.since(run.from));
                }
            }
        }
    }
}
