//! Which dates of a series can be used, and what to do instead of those that cannot. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::{time_at, time_of};
use crate::availability::slots::{Busy, Objection};
use crate::base::calendar::{Calendar, Range, two_years_from};
use crate::base::clock::Instant;
use crate::base::config::Availability;
use crate::sessions::free::model::Pair;
use crate::sessions::free::rules::{against_series, is_in_week, lacking, limits, meetings};
use crate::sessions::model::Kind;
use crate::sessions::series::model::{Extent, GapReason, Terms};

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
    /// Dates whose session stands already where it begins, as it is now: it is to last longer, or to be held otherwise. What speaks against it as it
    /// stands is no reason to take it off: a leave is decided about by the leave.
    pub stands: &'a BTreeMap<NaiveDate, Extent>,
    /// What the sessions that there are for dates are to be; of another it is what the series has.
    pub held: &'a BTreeMap<NaiveDate, Extent>,
    /// What forbids a session on a date, whatever the hour.
    pub forbidden: &'a dyn Fn(NaiveDate) -> Option<Objection>,
}

impl Surroundings<'_> {
    /// Takes a date into use, which counts towards the limits of those after it; or says why it cannot be used.
    pub fn take(&mut self, on: NaiveDate) -> Result<(), GapReason> {
        let (starts_at, ends_at) = time_of(self.terms, on);
        let new = self.held.get(&on).copied().unwrap_or(Extent { ends_at, kind: self.terms.kind });
        let against = match self.stands.get(&on) {
            Some(old) => self.added(starts_at, *old, new),
            None => self.against(starts_at, new),
        };
        match against.into_iter().filter_map(reason).min() {
            Some(reason) => Err(reason),
            None => {
                self.begin(starts_at, new.kind);
                Ok(())
            }
        }
    }

    /// Counts a meeting towards the limits of a day and a week.
    fn begin(&mut self, starts_at: Instant, kind: Kind) {
        let meetings = meetings(kind, self.settings);
        if meetings.most_a_day.is_some() || meetings.most_a_week.is_some() {
            let own = self.pair.limits.entry(kind).or_default();
            own.begun.push(self.calendar.zone.date(starts_at));
            *own = limits(std::mem::take(&mut own.begun), meetings);
        }
    }

    /// What speaks against a session.
    fn against(&self, starts_at: Instant, held: Extent) -> Vec<Objection> {
        let Some(meeting) = Range::new(starts_at, held.ends_at) else { return Vec::new() };
        let found = against_series(meeting, self.settings, held.kind, &self.pair, self.now, self.calendar);
        let forbidden = (self.forbidden)(self.calendar.zone.date(starts_at));
        found.into_iter().chain(forbidden).collect()
    }

    /// What speaks against a session that stands and keeps its start, and did not before: what more time meets, and what another kind asks for.
    fn added(&self, starts_at: Instant, old: Extent, new: Extent) -> Vec<Objection> {
        let known = self.against(starts_at, old);
        let is_added = |objection: &Objection| match objection {
            // Asked when a time is set.
            Objection::Notice => false,
            // Each kind has its own; of its own kind it counts already.
            Objection::DayLimit | Objection::WeekLimit => old.kind != new.kind,
            Objection::Buffer => self.comes_closer(starts_at, old, new),
            _ => !known.contains(objection),
        };
        self.against(starts_at, new).into_iter().filter(is_added).collect()
    }

    /// Whether a session lacks more of the time between it and another than it did.
    fn comes_closer(&self, starts_at: Instant, old: Extent, new: Extent) -> bool {
        let lacks = |busy: &Busy, held: Extent| {
            Range::new(starts_at, held.ends_at).map(|meeting| lacking(busy, meeting, meetings(held.kind, self.settings)))
        };
        self.pair.staff.busy.iter().any(|busy| lacks(busy, old) < lacks(busy, new))
    }

    /// Another time for a date that cannot be used, after all dates were judged: the same day a little earlier or later where that may help;
    /// else the same time on a near day, no weekend unless the series is on one, no other date of the series, and none beyond two years. In the hours
    /// that the mentor or coach stated, unless the series lies outside them anyway. It is taken for the next, and counts towards the limits. `None`:
    /// nothing near is free.
    pub fn suggestion(&mut self, on: NaiveDate, reason: GapReason) -> Option<Instant> {
        let starts_at = self.find_other(on, reason)?;
        self.offer(starts_at);
        Some(starts_at)
    }

    /// Takes a time that is offered for a date: it is for no other, and counts towards the limits.
    pub fn offer(&mut self, starts_at: Instant) {
        let kind = self.terms.kind;
        let meetings = meetings(kind, self.settings);
        let [before, after] = [meetings.before_min, meetings.after_min].map(|minutes| TimeDelta::minutes(minutes.into()));
        if let Some(range) = Range::new(starts_at, self.ends_at(starts_at)) {
            self.pair.staff.take(Busy { range, before, after });
        }
        self.begin(starts_at, kind);
    }

    fn ends_at(&self, starts_at: Instant) -> Instant {
        starts_at.plus(TimeDelta::minutes(self.terms.length_min.into()))
    }

    /// What speaks by now against a time that was offered for a date.
    pub fn against_offered(&self, on: NaiveDate, starts_at: Instant) -> Vec<Objection> {
        self.against_other(on, (starts_at, self.ends_at(starts_at)))
    }

    /// What speaks against another time for a date. Where the date lies in the hours of the week that the mentor or coach stated it does, too.
    fn against_other(&self, on: NaiveDate, (starts_at, ends_at): (Instant, Instant)) -> Vec<Objection> {
        let mut against = self.against(starts_at, Extent { ends_at, kind: self.terms.kind });
        if self.is_in_week(time_of(self.terms, on)) && !self.is_in_week((starts_at, ends_at)) {
            against.push(Objection::OutsideHours);
        }
        against
    }

    fn find_other(&self, on: NaiveDate, reason: GapReason) -> Option<Instant> {
        let same_day = SAME_DAY_MIN.iter().filter(|_| is_of_hours(reason)).map(|shift| (on, self.terms.at_min + shift));
        let same_day =
            same_day.filter(|(_, at_min)| DAYTIME_MIN.contains(at_min) && DAYTIME_MIN.contains(&(at_min + self.terms.length_min)));
        let other_days = OTHER_DAYS.iter().map(|days| (on + TimeDelta::days(*days), self.terms.at_min));
        let latest_on = two_years_from(self.calendar.zone.date(self.now));
        let other_days = other_days.filter(|(day, _)| *day <= latest_on && self.is_sociable(*day) && !self.dates.contains(day));
        let free = |(day, at_min): (NaiveDate, i32)| {
            let time = time_at(self.terms, day, at_min);
            self.against_other(on, time).is_empty().then_some(time.0)
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
