//! Which dates of a series can be used, and what to do instead of those that cannot. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::{time_at, time_of};
use crate::availability::slots::rules::full_dates;
use crate::availability::slots::{Busy, Objection};
use crate::base::calendar::{Calendar, Range};
use crate::base::clock::Instant;
use crate::base::config::Availability;
use crate::sessions::free::model::Pair;
use crate::sessions::free::rules::{against_series, is_in_week, meetings};
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
    /// The clock and the days off.
    pub calendar: Calendar,
    /// What may be planned.
    pub settings: &'a Availability,
    /// The two, with what they have already.
    pub pair: Pair,
    /// Dates whose session stands already and only ends later than this. What speaks against it as it stands is no reason to take it off: a leave
    /// is decided about by the leave.
    pub longer: &'a BTreeMap<NaiveDate, Instant>,
    /// Dates whose session is to end otherwise than the series has it.
    pub ends: &'a BTreeMap<NaiveDate, Instant>,
    /// What forbids a session on a date, whatever the hour.
    pub forbidden: &'a dyn Fn(NaiveDate) -> Option<Objection>,
}

impl Surroundings<'_> {
    /// Takes a date into use, which counts towards the limits of those after it; or says why it cannot be used.
    pub fn take(&mut self, on: NaiveDate) -> Result<(), GapReason> {
        let (starts_at, ends_at) = time_of(self.terms, on);
        let ends_at = self.ends.get(&on).copied().unwrap_or(ends_at);
        let known = self.longer.get(&on).map(|ended_at| self.reasons(starts_at, *ended_at)).unwrap_or_default();
        match self.reasons(starts_at, ends_at).into_iter().filter(|reason| !known.contains(reason)).min() {
            Some(reason) => Err(reason),
            None => {
                self.begin(starts_at);
                Ok(())
            }
        }
    }

    /// Counts a meeting towards the limits of a day and a week.
    fn begin(&mut self, starts_at: Instant) {
        let meetings = meetings(self.terms.kind, self.settings);
        if meetings.most_a_day.is_some() || meetings.most_a_week.is_some() {
            let staff = &mut self.pair.staff;
            staff.begun.push(self.calendar.zone.date(starts_at));
            staff.full = full_dates(&staff.begun, meetings.most_a_day, meetings.most_a_week);
        }
    }

    fn reasons(&self, starts_at: Instant, ends_at: Instant) -> Vec<GapReason> {
        let Some(meeting) = Range::new(starts_at, ends_at) else { return Vec::new() };
        let found = against_series(meeting, self.settings, self.terms.kind, &self.pair, self.now, self.calendar);
        let forbidden = (self.forbidden)(self.calendar.zone.date(starts_at));
        found.into_iter().chain(forbidden).filter_map(reason).collect()
    }

    /// Another time for a date that cannot be used, after all dates were judged: the same day a little earlier or later where that may help;
    /// else the same time on a near day, no weekend unless the series is on one, and no other date of the series. In the hours that the mentor or
    /// coach stated, unless the series lies outside them anyway. It is taken for the next, and counts towards the limits. `None`: nothing near is free.
    pub fn suggestion(&mut self, on: NaiveDate, reason: GapReason) -> Option<Instant> {
        let (starts_at, ends_at) = self.find_other(on, reason)?;
        let meetings = meetings(self.terms.kind, self.settings);
        let [before, after] = [meetings.before_min, meetings.after_min].map(|minutes| TimeDelta::minutes(minutes.into()));
        self.pair.staff.busy.extend(Range::new(starts_at, ends_at).map(|range| Busy { range, before, after }));
        self.begin(starts_at);
        Some(starts_at)
    }

    fn find_other(&self, on: NaiveDate, reason: GapReason) -> Option<(Instant, Instant)> {
        let keeps_hours = self.is_in_week(time_of(self.terms, on));
        let same_day = SAME_DAY_MIN.iter().filter(|_| is_of_hours(reason)).map(|shift| (on, self.terms.at_min + shift));
        let same_day =
            same_day.filter(|(_, at_min)| DAYTIME_MIN.contains(at_min) && DAYTIME_MIN.contains(&(at_min + self.terms.length_min)));
        let other_days = OTHER_DAYS.iter().map(|days| (on + TimeDelta::days(*days), self.terms.at_min));
        let other_days = other_days.filter(|(day, _)| self.is_sociable(*day) && !self.dates.contains(day));
        let free = |(day, at_min): (NaiveDate, i32)| {
            let time = time_at(self.terms, day, at_min);
            let is_free = time.0 > self.now && self.reasons(time.0, time.1).is_empty();
            (is_free && (!keeps_hours || self.is_in_week(time))).then_some(time)
        };
        same_day.chain(other_days).filter_map(free).next()
    }

    fn is_in_week(&self, (starts_at, ends_at): (Instant, Instant)) -> bool {
        Range::new(starts_at, ends_at).is_some_and(|meeting| is_in_week(meeting, &self.pair.staff, self.calendar))
    }

    fn is_sociable(&self, day: NaiveDate) -> bool {
        let is_weekend = |day: Weekday| matches!(day, Weekday::Sat | Weekday::Sun);
        !is_weekend(day.weekday()) || is_weekend(self.terms.recurrence.weekday())
    }
}

/// What an objection makes of a date of a series; `None`: it does not stand against one.
const fn reason(objection: Objection) -> Option<GapReason> {
    match objection {
        Objection::Holiday => Some(GapReason::Holiday),
        Objection::Leave => Some(GapReason::Leave),
        Objection::NotInService => Some(GapReason::NotInService),
        Objection::OutsideHours => Some(GapReason::OutsideHours),
        Objection::Never => Some(GapReason::Never),
        Objection::Busy | Objection::NotAvailable => Some(GapReason::Busy),
        Objection::Buffer => Some(GapReason::Buffer),
        Objection::DayLimit => Some(GapReason::DayLimit),
        Objection::WeekLimit => Some(GapReason::WeekLimit),
        Objection::Consent => Some(GapReason::Consent),
        Objection::Certificate => Some(GapReason::Certificate),
        Objection::Notice => Some(GapReason::Notice),
        Objection::Horizon | Objection::BetweenStarts => None,
    }
}

/// Whether another hour of the same day may help.
const fn is_of_hours(reason: GapReason) -> bool {
    match reason {
        GapReason::OutsideHours | GapReason::Never | GapReason::Busy | GapReason::Buffer | GapReason::Notice => true,
        GapReason::Holiday
        | GapReason::Leave
        | GapReason::NotInService
        | GapReason::Consent
        | GapReason::Certificate
        | GapReason::DayLimit
        | GapReason::WeekLimit => false,
    }
}
