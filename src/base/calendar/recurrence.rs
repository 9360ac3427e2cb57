//! Dates that come again: the part of RFC 5545 that a programme needs, in front of the `rrule` library.
//!
//! A rule is weekly or every second week on one weekday, or monthly on one ("the second Tuesday", "the last Friday"). Whatever else a rule can say
//! is refused before the library counts anything, so no rule can ask for more than [`Recurrence::MOST`] dates. Only dates recur: the time of
//! day is put to each by [`Zone::at_wall`](super::Zone::at_wall), so a weekly 16:00 stays 16:00 when clocks change.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use crate::base::clock::Instant;

/// How dates come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    every: Every,
    weekday: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    /// So many weeks, 1 or 2.
    Weeks(u16),
    /// A month, on its first to fourth (1 to 4) or last (-1) of that weekday.
    Month(i16),
}

/// What a rule asks for: how dates come again, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How they come again.
    pub recurrence: Recurrence,
    /// How many there are.
    pub count: Option<u16>,
    /// Until when they come.
    pub until: Option<Until>,
}

/// The end of a rule: nothing begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The last date there can be.
    On(NaiveDate),
    /// The last moment at which one can begin.
    At(Instant),
}

/// Why a rule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is no rule of RFC 5545.
    #[error("not a rule of RFC 5545")]
    NotARule,
    /// It is one, but neither weekly, every second week nor monthly on one weekday.
    #[error("neither weekly, every second week nor monthly on one weekday")]
    NotSupported,
    /// It asks for more dates than there may be, or for none.
    #[error("more dates than there may be, or none")]
    Count,
}

impl Recurrence {
    /// The most dates there may be: two years, weekly, and a few more.
    pub const MOST: u16 = 110;
    /// The longest text that is read.
    const LONGEST: usize = 200;

    /// Every so many weeks (1 or 2; others are taken as the nearer) on a weekday.
    pub const fn weekly(weeks: u16, weekday: Weekday) -> Self {
        Self { every: Every::Weeks(if weeks >= 2 { 2 } else { 1 }), weekday }
    }

    /// Every month on the same weekday as a date: its first to fourth, where it is the fifth the last.
    pub fn monthly_like(date: NaiveDate) -> Self {
        let nth = i16::try_from(date.day0() / 7 + 1).unwrap_or(1);
        Self { every: Every::Month(if nth > 4 { -1 } else { nth }), weekday: date.weekday() }
    }

    /// The weekday of each date.
    pub const fn weekday(self) -> Weekday {
        self.weekday
    }

    /// Whether it is every second week.
    pub const fn is_fortnightly(self) -> bool {
        matches!(self.every, Every::Weeks(2))
    }

    /// Whether it is monthly.
    pub const fn is_monthly(self) -> bool {
        matches!(self.every, Every::Month(_))
    }

    /// Reads the safe part of an RRULE: `FREQ=WEEKLY` with `INTERVAL` 1 or 2, or `FREQ=MONTHLY`; one `BYDAY` (`TU`; monthly `2TU` or `-1FR`);
    /// `WKST=MO`; and `COUNT` or `UNTIL`, a date or a moment in UTC.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn parse(text: &str) -> Result<Asked, Unfit> {
        let text = text.strip_prefix("RRULE:").unwrap_or(text);
        if text.len() > Self::LONGEST || !text.is_ascii() {
            return Err(Unfit::NotARule);
        }
        // The end is read here: the library takes a bare date for one of this machine's zone.
        let (mut rest, mut until) = (Vec::new(), None);
        for part in text.split(';') {
            match part.strip_prefix("UNTIL=") {
                Some(_) if until.is_some() => return Err(Unfit::NotARule),
                Some(value) => until = Some(until_of(value).ok_or(Unfit::NotARule)?),
                // The library reads over it.
                None if part.is_empty() => return Err(Unfit::NotARule),
                None => rest.push(part),
            }
        }
        let rule: RRule<Unvalidated> = rest.join(";").parse().map_err(|_| Unfit::NotARule)?;
        let recurrence = Self::of(&rule).ok_or(Unfit::NotSupported)?;
        let count = match rule.get_count() {
            Some(_) if until.is_some() => return Err(Unfit::NotARule),
            Some(count) => Some(u16::try_from(count).ok().filter(|count| (1..=Self::MOST).contains(count)).ok_or(Unfit::Count)?),
            None => None,
        };
        Ok(Asked { recurrence, count, until })
    }

    fn of(rule: &RRule<Unvalidated>) -> Option<Self> {
        let narrows = !rule.get_by_set_pos().is_empty()
            || !rule.get_by_month().is_empty()
            || !rule.get_by_month_day().is_empty()
            || !rule.get_by_year_day().is_empty()
            || !rule.get_by_week_no().is_empty()
            || !rule.get_by_hour().is_empty()
            || !rule.get_by_minute().is_empty()
            || !rule.get_by_second().is_empty()
            || rule.get_week_start() != Weekday::Mon;
        let [day] = rule.get_by_weekday() else { return None };
        let (every, weekday) = match (rule.get_freq(), rule.get_interval(), *day) {
            _ if narrows => return None,
            (Frequency::Weekly, weeks @ (1 | 2), NWeekday::Every(weekday)) => (Every::Weeks(weeks), weekday),
            (Frequency::Monthly, 1, NWeekday::Nth(nth @ (-1 | 1..=4), weekday)) => (Every::Month(nth), weekday),
            _ => return None,
        };
        Some(Self { every, weekday })
    }

    /// The first date on or after one: from it the weeks are counted.
    pub fn first(self, from: NaiveDate) -> NaiveDate {
        match self.every {
            Every::Weeks(_) => next(from, self.weekday),
            Every::Month(nth) => {
                let here = in_month(from, nth, self.weekday);
                let there = from.with_day(1).and_then(|first| first.checked_add_months(chrono::Months::new(1)));
                if here >= from { here } else { there.map_or(here, |there| in_month(there, nth, self.weekday)) }
            }
        }
    }

    /// Its dates from the first on or after `from` until and with `until`, at most `most` and never more than [`Self::MOST`].
    ///
    /// # Errors
    /// [`Unfit::NotSupported`] where the library refuses what this type can hold: none is known.
    pub fn dates(self, from: NaiveDate, until: NaiveDate, most: u16) -> Result<Vec<NaiveDate>, Unfit> {
        let at = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().with_timezone(&Tz::UTC);
        let start = self.first(from);
        if until < start {
            return Ok(Vec::new());
        }
        let rule = match self.every {
            Every::Weeks(weeks) => RRule::new(Frequency::Weekly).interval(weeks).by_weekday(vec![NWeekday::Every(self.weekday)]),
            Every::Month(nth) => RRule::new(Frequency::Monthly).by_weekday(vec![NWeekday::Nth(nth, self.weekday)]),
        };
        let rule = rule.week_start(Weekday::Mon).until(at(until)).validate(at(start)).map_err(|_| Unfit::NotSupported)?;
        let found = RRuleSet::new(at(start)).rrule(rule).all(most.min(Self::MOST)).dates;
        Ok(found.into_iter().map(|at| at.date_naive()).collect())
    }
}

/// A day of the week as RFC 5545 writes it (`weekday`).
pub(in crate::base) const fn day_code(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// As RFC 5545 writes it, without its end.
impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = day_code(self.weekday);
        match self.every {
            Every::Weeks(1) => write!(f, "FREQ=WEEKLY;BYDAY={day}"),
            Every::Weeks(weeks) => write!(f, "FREQ=WEEKLY;INTERVAL={weeks};BYDAY={day}"),
            Every::Month(nth) => write!(f, "FREQ=MONTHLY;BYDAY={nth}{day}"),
        }
    }
}

/// `20261231` or `20261231T225959Z`.
fn until_of(value: &str) -> Option<Until> {
    let are_digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|byte| byte.is_ascii_digit());
    let date_of = |text: &str| NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| are_digits(text, 8));
    match value.split_once('T') {
        None => date_of(value).map(Until::On),
        Some((date, time)) => {
            let time = time.strip_suffix('Z').filter(|time| are_digits(time, 6))?;
            let time = NaiveTime::parse_from_str(time, "%H%M%S").ok()?;
            Some(Until::At(Instant::from_utc(date_of(date)?.and_time(time).and_utc())))
        }
    }
}

/// The first of a weekday on or after a date.
fn next(from: NaiveDate, weekday: Weekday) -> NaiveDate {
    from + TimeDelta::days(i64::from(weekday.days_since(from.weekday())))
}

/// The n-th (or last) of a weekday in a date's month.
fn in_month(date: NaiveDate, nth: i16, weekday: Weekday) -> NaiveDate {
    let first = date.with_day(1).unwrap_or(date);
    if nth > 0 {
        return next(first, weekday) + TimeDelta::days(7 * (i64::from(nth) - 1));
    }
    let following = first.checked_add_months(chrono::Months::new(1)).unwrap_or(first);
    next(following, weekday) - TimeDelta::days(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates(rule: &str, from: &str, until: &str) -> Vec<String> {
        let asked = Recurrence::parse(rule).unwrap();
        let most = asked.count.unwrap_or(Recurrence::MOST);
        asked.recurrence.dates(on(from), on(until), most).unwrap().iter().map(NaiveDate::to_string).collect()
    }

    #[test]
    fn weeks_months_and_the_turn_of_the_year() {
        #[rustfmt::skip]
        let cases: &[(&str, &str, &str, &[&str])] = &[
            ("FREQ=WEEKLY;BYDAY=SU", "2026-03-22", "2026-04-05", &["2026-03-22", "2026-03-29", "2026-04-05"]),
            ("FREQ=WEEKLY;BYDAY=WE", "2026-03-05", "2026-03-24", &["2026-03-11", "2026-03-18"]),
            ("FREQ=WEEKLY;BYDAY=WE", "2026-03-05", "2026-03-10", &[]),
            // The weeks are counted from the first date that fits, also where that is in the week after, and over a change of year.
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-12-10", "2027-01-31", &["2026-12-15", "2026-12-29", "2027-01-12", "2027-01-26"]),
            ("FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=SU", "2026-12-21", "2027-01-31", &["2026-12-27", "2027-01-10", "2027-01-24"]),
            ("FREQ=WEEKLY;BYDAY=TH;COUNT=2", "2026-12-31", "2027-12-31", &["2026-12-31", "2027-01-07"]),
            ("FREQ=MONTHLY;BYDAY=2TU", "2026-01-31", "2026-05-31", &["2026-02-10", "2026-03-10", "2026-04-14", "2026-05-12"]),
            ("FREQ=MONTHLY;BYDAY=2TU", "2026-02-10", "2026-02-28", &["2026-02-10"]),
            ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30", "2026-05-31", &["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24", "2026-05-29"]),
            ("FREQ=MONTHLY;BYDAY=-1SA", "2028-01-30", "2028-03-01", &["2028-02-26"]),
            ("FREQ=MONTHLY;BYDAY=1MO", "2026-12-08", "2027-02-28", &["2027-01-04", "2027-02-01"]),
            ("FREQ=MONTHLY;BYDAY=4TH", "2026-11-26", "2026-12-31", &["2026-11-26", "2026-12-24"]),
        ];
        for (rule, from, until, expected) in cases {
            assert_eq!(dates(rule, from, until), *expected, "{rule} from {from}");
        }
    }

    #[test]
    fn rules_are_read_and_written() {
        let day = Until::On(on("2026-12-31"));
        let moment = Until::At(Instant::parse("2026-12-31T22:59:59Z").unwrap());
        for (text, canonical, count, until) in [
            ("FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;BYDAY=WE", None, None),
            ("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=MO", "FREQ=WEEKLY;BYDAY=MO", None, None),
            ("BYDAY=TU;INTERVAL=2;FREQ=WEEKLY;COUNT=110", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", Some(110), None),
            ("FREQ=MONTHLY;BYDAY=2TU;UNTIL=20261231", "FREQ=MONTHLY;BYDAY=2TU", None, Some(day)),
            ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231T225959Z", "FREQ=MONTHLY;BYDAY=-1FR", None, Some(moment)),
        ] {
            let asked = Recurrence::parse(text).unwrap();
            assert_eq!((asked.recurrence.to_string().as_str(), asked.count, asked.until), (canonical, count, until), "{text}");
            assert_eq!(Recurrence::parse(canonical).unwrap().recurrence, asked.recurrence);
        }
    }

    #[test]
    fn bombs_and_what_is_not_needed_are_refused() {
        for (text, unfit) in [
            ("", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=XX", Unfit::NotARule),
            ("every Tuesday", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;COUNT=2;UNTIL=20261231", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231;UNTIL=20271231", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;UNTIL=2026-12-31", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260230", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T246060Z", Unfit::NotARule),
            ("FREQ=SECONDLY", Unfit::NotSupported),
            (";FREQ=WEEKLY;BYDAY=TU", Unfit::NotARule),
            ("FREQ=WEEKLY;BYDAY=TU;", Unfit::NotARule),
            ("FREQ=WEEKLY;;BYDAY=TU", Unfit::NotARule),
            ("FREQ=SECONDLY;BYDAY=TU", Unfit::NotSupported),
            ("FREQ=MINUTELY;INTERVAL=1;BYDAY=TU", Unfit::NotSupported),
            ("FREQ=HOURLY;BYDAY=TU", Unfit::NotSupported),
            ("FREQ=DAILY", Unfit::NotSupported),
            ("FREQ=YEARLY;BYDAY=1TU", Unfit::NotSupported),
            ("FREQ=WEEKLY", Unfit::NotSupported),
            ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU,TH", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=2TU", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU;WKST=SU", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU;BYHOUR=1,2,3", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU;BYSECOND=0,1,2,3", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU;BYMONTH=1", Unfit::NotSupported),
            ("FREQ=MONTHLY;BYMONTHDAY=31", Unfit::NotSupported),
            ("FREQ=MONTHLY;BYDAY=TU", Unfit::NotSupported),
            ("FREQ=MONTHLY;BYDAY=5TU", Unfit::NotSupported),
            ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU", Unfit::NotSupported),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", Unfit::NotSupported),
            ("FREQ=WEEKLY;BYDAY=TU;COUNT=0", Unfit::Count),
            ("FREQ=WEEKLY;BYDAY=TU;COUNT=111", Unfit::Count),
            ("FREQ=WEEKLY;BYDAY=TU;COUNT=520000", Unfit::Count),
        ] {
            assert_eq!(Recurrence::parse(text), Err(unfit), "{text}");
        }
        assert_eq!(Recurrence::parse(&format!("FREQ=WEEKLY;BYDAY={}", "TU,".repeat(100))), Err(Unfit::NotARule));
        // For ever is 110 dates.
        let for_ever = Recurrence::weekly(1, Weekday::Tue).dates(on("2026-01-01"), on("9999-12-31"), u16::MAX).unwrap();
        assert_eq!((for_ever.len(), for_ever.last().copied()), (110, Some(on("2028-02-08"))));
    }

    #[test]
    fn monthly_like_a_date() {
        for (date, rule) in [
            ("2026-03-03", "FREQ=MONTHLY;BYDAY=1TU"),
            ("2026-03-10", "FREQ=MONTHLY;BYDAY=2TU"),
            ("2026-03-28", "FREQ=MONTHLY;BYDAY=4SA"),
            ("2026-03-29", "FREQ=MONTHLY;BYDAY=-1SU"),
            ("2026-03-31", "FREQ=MONTHLY;BYDAY=-1TU"),
        ] {
            assert_eq!(Recurrence::monthly_like(on(date)).to_string(), rule);
        }
    }
}
