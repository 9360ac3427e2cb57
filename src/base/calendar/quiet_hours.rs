//! Hours of the day in which nobody is disturbed (domain section 8, reminders: nothing between 20 and 8).

use chrono::{NaiveTime, TimeDelta};

use super::{Range, Zone};
use crate::base::clock::Instant;

/// Every night from one wall time until just before another, on the next day where that is the earlier one. Equal times: never quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet wall time.
    pub from: NaiveTime,
    /// The first wall time that is not quiet any more.
    pub to: NaiveTime,
}

impl QuietHours {
    /// The first moment, `at` or later, that is not quiet.
    pub fn next_allowed(self, at: Instant, zone: Zone) -> Instant {
        self.around(at, zone).map_or(at, Range::ends_at)
    }

    /// When news of `at` may go: at once, or when the quiet hours are over, unless what it is about begins sooner than that.
    pub fn soon(self, at: Instant, begins_at: Instant, zone: Zone) -> Instant {
        let allowed = self.next_allowed(at, zone);
        if allowed < begins_at { allowed } else { at }
    }

    /// The quiet night that `at` lies in.
    fn around(self, at: Instant, zone: Zone) -> Option<Range> {
        let (today, night) = (zone.date(at), TimeDelta::days(i64::from(self.to < self.from)));
        // It began today or yesterday; or the day before, in a zone that skipped a whole day.
        (-2..=0).find_map(|days| {
            let date = today + TimeDelta::days(days);
            let (from, to) = (date.and_time(self.from), (date + night).and_time(self.to));
            Range::new(zone.at_wall(from), zone.at_wall(to)).filter(|quiet| quiet.contains(at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quiet(from: u32, to: u32) -> QuietHours {
        QuietHours { from: NaiveTime::from_hms_opt(from, 0, 0).unwrap(), to: NaiveTime::from_hms_opt(to, 0, 0).unwrap() }
    }
    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn nothing_at_night() {
        for (hours, at, next) in [
            (quiet(20, 8), "2026-11-23T17:00:00+01:00", "2026-11-23T17:00:00+01:00"),
            (quiet(20, 8), "2026-11-23T19:59:59.999999+01:00", "2026-11-23T19:59:59.999999+01:00"),
            (quiet(20, 8), "2026-11-23T20:00:00+01:00", "2026-11-24T08:00:00+01:00"),
            (quiet(20, 8), "2026-11-24T07:59:59+01:00", "2026-11-24T08:00:00+01:00"),
            (quiet(20, 8), "2026-11-24T08:00:00+01:00", "2026-11-24T08:00:00+01:00"),
            (quiet(20, 8), "2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00"), // 23:00 + 8 h
            (quiet(20, 8), "2026-10-25T02:30:00+01:00", "2026-10-25T08:00:00+01:00"),
            (quiet(12, 14), "2026-11-23T13:00:00+01:00", "2026-11-23T14:00:00+01:00"),
            (quiet(12, 14), "2026-11-23T23:00:00+01:00", "2026-11-23T23:00:00+01:00"),
            (quiet(8, 8), "2026-11-23T08:00:00+01:00", "2026-11-23T08:00:00+01:00"),
        ] {
            assert_eq!(hours.next_allowed(instant(at), Zone::COPENHAGEN), instant(next), "next after {at}");
        }
        let skipped = "Pacific/Apia".parse().unwrap();
        let night_of_two_days = instant("2011-12-30T17:00:00Z"); // 07:00 on the 31st, after 20:00 on the 29th
        assert_eq!(quiet(20, 8).next_allowed(night_of_two_days, skipped), instant("2011-12-30T18:00:00Z"));
    }

    proptest! {
        #[test]
        fn the_nearest_moment_by_day(
            micros in -2_177_000_000_000_000_i64..7_226_000_000_000_000, zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]),
        ) {
            let (at, zone): (_, Zone) = (Instant::from_micros(micros), zone.name().parse().unwrap());
            let is_quiet = |at: Instant| !(8..20).contains(&chrono::Timelike::hour(&zone.wall(at)));
            let next = quiet(20, 8).next_allowed(at, zone);
            prop_assert!(at <= next && !is_quiet(next));
            prop_assert_eq!(next == at, !is_quiet(at));
            prop_assert!(next == at || is_quiet(next.minus(TimeDelta::microseconds(1))));
        }
    }
}
