//! Spans of a promise, the moment it is due and opens, and half-open ranges of time (domain section 4, "When" and the ledger of duties).

use chrono::{Days, NaiveDate, TimeDelta};

use super::months::plus_months;
use super::{Holidays, Zone};
use crate::base::clock::Instant;

/// How long after an event something is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// Elapsed hours, through nights, weekends and changes of daylight saving.
    Hours(u32),
    /// Local days; due at the end of the last.
    Days(u32),
    /// Danish working days, the day of the event being day 0; due at the end of the last.
    WorkingDays(u32),
    /// Calendar months, clamped; due at the end of the day.
    Months(u32),
}

/// The municipality's calendar: where it is and when it does not work (settings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The zone in which days are counted.
    pub zone: Zone,
    /// The days off beside the public holidays.
    pub holidays: Holidays,
}

impl Calendar {
    /// The last moment in time: a duty is late when `now > due`.
    pub fn due(self, from: Instant, span: Span) -> Instant {
        let date = self.zone.date(from);
        let due_on = match span {
            Span::Hours(hours) => return from.plus(TimeDelta::hours(i64::from(hours))),
            Span::Days(days) => date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX),
            Span::WorkingDays(days) => self.holidays.plus_working_days(date, days),
            Span::Months(months) => months_on(date, months),
        };
        self.zone.end_of(due_on)
    }

    /// When a duty of that span opens: at once, or `lead_days` local days before a due date counted in months; never before `from`.
    pub fn opens_at(self, from: Instant, span: Span, lead_days: u32) -> Instant {
        match span {
            Span::Months(months) => self.opens_before(from, months_on(self.zone.date(from), months), lead_days),
            Span::Hours(_) | Span::Days(_) | Span::WorkingDays(_) => from,
        }
    }

    /// When a duty that is due on a date opens: at the start of the day `lead_days` before it, never before `from`.
    pub fn opens_before(self, from: Instant, due_on: NaiveDate, lead_days: u32) -> Instant {
        let opens_on = due_on.checked_sub_days(Days::new(u64::from(lead_days))).unwrap_or(NaiveDate::MIN);
        self.zone.start_of(opens_on).max(from)
    }
}

fn months_on(date: NaiveDate, months: u32) -> NaiveDate {
    plus_months(date, i32::try_from(months).unwrap_or(i32::MAX))
}

/// From one instant until just before a later one: ranges that touch do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    starts_at: Instant,
    ends_at: Instant,
}

impl Range {
    /// `None` unless it ends after it starts.
    pub fn new(starts_at: Instant, ends_at: Instant) -> Option<Self> {
        (starts_at < ends_at).then_some(Self { starts_at, ends_at })
    }

    /// Its first moment.
    pub const fn starts_at(self) -> Instant {
        self.starts_at
    }

    /// The first moment after it.
    pub const fn ends_at(self) -> Instant {
        self.ends_at
    }

    /// Elapsed time.
    pub fn length(self) -> TimeDelta {
        self.ends_at.since(self.starts_at)
    }

    /// Another range; itself where that would not end after it starts.
    #[must_use]
    pub fn between(self, starts_at: Instant, ends_at: Instant) -> Self {
        Self::new(starts_at, ends_at).unwrap_or(self)
    }

    /// Whether `at` lies inside.
    pub fn contains(self, at: Instant) -> bool {
        self.starts_at <= at && at < self.ends_at
    }

    /// Whether some moment lies inside both.
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn due_times() {
        for (from, span, expected) in [
            ("2026-03-28T12:00:00+01:00", Span::Hours(24), "2026-03-29T13:00:00+02:00"), // elapsed, through the change of clocks
            ("2026-11-27T23:30:00+01:00", Span::Hours(72), "2026-11-30T23:30:00+01:00"), // and a weekend
            ("2026-11-23T09:00:00+01:00", Span::Days(14), "2026-12-07T23:59:59.999999+01:00"),
            ("2026-11-23T23:30:00Z", Span::Days(0), "2026-11-24T23:59:59.999999+01:00"), // the 24th in Copenhagen
            ("2026-11-27T23:59:00+01:00", Span::WorkingDays(1), "2026-11-30T23:59:59.999999+01:00"),
            ("2026-11-23T09:00:00+01:00", Span::WorkingDays(6), "2026-12-01T23:59:59.999999+01:00"),
            ("2026-08-31T09:00:00+02:00", Span::Months(6), "2027-02-28T23:59:59.999999+01:00"),
            ("2026-10-31T23:30:00Z", Span::Months(3), "2027-02-01T23:59:59.999999+01:00"), // 1 November in Copenhagen
        ] {
            assert_eq!(Calendar::default().due(instant(from), span), instant(expected), "{from} + {span:?}");
        }
        for span in [Span::Hours(u32::MAX), Span::Days(u32::MAX), Span::WorkingDays(u32::MAX), Span::Months(u32::MAX)] {
            assert_eq!(Calendar::default().due(instant("2026-11-23T09:00:00Z"), span), Instant::from_micros(i64::MAX), "{span:?}");
        }
    }

    #[test]
    fn opening_times() {
        let from = "2026-08-31T09:00:00+02:00";
        for (span, lead_days, expected) in [
            (Span::Hours(24), 14, from),
            (Span::Days(14), 14, from),
            (Span::WorkingDays(6), 14, from),
            (Span::Months(6), 14, "2027-02-14T00:00:00+01:00"),
            (Span::Months(6), 0, "2027-02-28T00:00:00+01:00"),
            (Span::Months(1), 60, from), // never before the event
            (Span::Months(0), 0, from),
        ] {
            assert_eq!(Calendar::default().opens_at(instant(from), span, lead_days), instant(expected), "{span:?} - {lead_days}");
        }
        let birthday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(Calendar::default().opens_before(instant(from), birthday, 60), instant("2026-09-24T00:00:00+02:00"));
        assert_eq!(Calendar::default().opens_before(instant(from), birthday, 600), instant(from));
    }

    #[test]
    fn touching_ranges_do_not_overlap() {
        let range = |from, to| Range::new(Instant::from_micros(from), Instant::from_micros(to)).unwrap();
        for (one, other, expected) in [
            (range(0, 10), range(10, 20), false),
            (range(0, 10), range(9, 20), true),
            (range(0, 10), range(0, 10), true),
            (range(0, 10), range(3, 4), true),
            (range(0, 10), range(11, 12), false),
        ] {
            assert_eq!((one.overlaps(other), other.overlaps(one)), (expected, expected), "{one:?} {other:?}");
        }
        let ten = range(0, 10);
        assert!(ten.contains(ten.starts_at()) && !ten.contains(ten.ends_at()));
        assert_eq!(ten.length(), TimeDelta::microseconds(10));
        assert_eq!(Range::new(ten.ends_at(), ten.ends_at()), None);
        assert_eq!(Range::new(ten.ends_at(), ten.starts_at()), None);
    }

    proptest! {
        #[test]
        fn opens_at_the_event_or_later_and_in_time(micros in 0_i64..4_000_000_000_000_000, kind in 0..4, n in 0_u32..50, lead_days in 0_u32..100) {
            let from = Instant::from_micros(micros);
            let span = match kind { 0 => Span::Hours(n), 1 => Span::Days(n), 2 => Span::WorkingDays(n), _ => Span::Months(n) };
            let (opens, due) = (Calendar::default().opens_at(from, span, lead_days), Calendar::default().due(from, span));
            prop_assert!(from <= opens && opens <= due);
        }

        #[test]
        fn ranges_overlap_when_a_moment_is_in_both(a in 0_i64..20, b in 1_i64..20, c in 0_i64..20, d in 1_i64..20) {
            let range = |from, length| Range::new(Instant::from_micros(from), Instant::from_micros(from + length)).unwrap();
            let (one, other) = (range(a, b), range(c, d));
            let shared = (0..40).map(Instant::from_micros).any(|at| one.contains(at) && other.contains(at));
            prop_assert_eq!(one.overlaps(other), shared);
        }
    }
}
