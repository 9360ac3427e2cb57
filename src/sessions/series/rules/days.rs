//! Which dates of a series can be used, and what to do instead of those that cannot. Pure.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::{time_at, time_of};
use crate::base::calendar::Holidays;
use crate::base::clock::Instant;
use crate::sessions::series::model::{GapReason, Terms};

/// Minutes by which a session is put off on its own day, the nearest first.
const SAME_DAY_MIN: [i32; 8] = [30, -30, 60, -60, 90, -90, 120, -120];
/// Within which minutes of the day such a time is sought: nobody is sent to a meeting at night.
const DAYTIME_MIN: std::ops::RangeInclusive<i32> = 480..=1200;
/// Days by which it is put off, the nearest first.
const OTHER_DAYS: [i64; 12] = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6];

/// What decides whether a time can be used.
pub struct Surroundings<'a> {
    /// When the series is.
    pub terms: &'a Terms,
    /// Its dates: no other is put there.
    pub dates: BTreeSet<NaiveDate>,
    /// The moment of the verb.
    pub now: Instant,
    /// The days off.
    pub holidays: Holidays,
    /// First and last day of each leave of the member of staff.
    pub leaves: Vec<(NaiveDate, NaiveDate)>,
    /// On which dates the consents allow a session.
    pub may: &'a dyn Fn(NaiveDate) -> bool,
    /// What either of the two has already.
    pub busy: Vec<(Instant, Instant)>,
}

impl Surroundings<'_> {
    /// Why a date cannot be used; `None`: it can.
    pub fn obstacle(&self, on: NaiveDate) -> Option<GapReason> {
        let (starts_at, ends_at) = time_of(self.terms, on);
        self.day_obstacle(on).or_else(|| self.is_busy(starts_at, ends_at).then_some(GapReason::Busy))
    }

    fn day_obstacle(&self, on: NaiveDate) -> Option<GapReason> {
        if self.holidays.is_holiday(on) {
            return Some(GapReason::Holiday);
        }
        if self.leaves.iter().any(|(first, last)| (*first..=*last).contains(&on)) {
            return Some(GapReason::Leave);
        }
        if (self.may)(on) { None } else { Some(GapReason::Consent) }
    }

    /// Times that touch do not overlap.
    fn is_busy(&self, starts_at: Instant, ends_at: Instant) -> bool {
        self.busy.iter().any(|(from, until)| *from < ends_at && starts_at < *until)
    }

    /// Another time for a date that cannot be used: the same day a little earlier or later where only the time is taken; else the same time
    /// on a near day, no weekend unless the series is on one, and no other date of the series. `None`: nothing near is free.
    pub fn suggestion(&self, on: NaiveDate, reason: GapReason) -> Option<Instant> {
        let same_day = SAME_DAY_MIN.iter().filter(|_| reason == GapReason::Busy).map(|shift| (on, self.terms.at_min + shift));
        let same_day =
            same_day.filter(|(_, at_min)| DAYTIME_MIN.contains(at_min) && DAYTIME_MIN.contains(&(at_min + self.terms.length_min)));
        let other_days = OTHER_DAYS.iter().map(|days| (on + TimeDelta::days(*days), self.terms.at_min));
        let other_days = other_days.filter(|(day, _)| self.is_sociable(*day) && !self.dates.contains(day));
        let times = same_day.chain(other_days).filter(|(day, _)| self.day_obstacle(*day).is_none());
        let free = |(day, at_min): (NaiveDate, i32)| {
            let (starts_at, ends_at) = time_at(self.terms, day, at_min);
            (starts_at > self.now && !self.is_busy(starts_at, ends_at)).then_some(starts_at)
        };
        times.filter_map(free).next()
    }

    fn is_sociable(&self, day: NaiveDate) -> bool {
        let is_weekend = |day: Weekday| matches!(day, Weekday::Sat | Weekday::Sun);
        !is_weekend(day.weekday()) || is_weekend(self.terms.recurrence.weekday())
    }
}
