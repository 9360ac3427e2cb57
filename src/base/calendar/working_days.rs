//! Danish public holidays, computed, and days counted without them (domain section 4, "When").

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

/// Which of the days that are holidays only by custom or agreement the municipality does not work on (settings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Holidays {
    /// 5 June, Constitution Day.
    pub constitution_day: bool,
    /// 24 December.
    pub christmas_eve: bool,
    /// 31 December.
    pub new_years_eve: bool,
}

/// The last year that anybody counts in; see [`crate::base::clock::Instant`].
const LAST_YEAR: i32 = 2200;

impl Holidays {
    /// The public holidays alone: each of the three others is a working day.
    pub const fn none() -> Self {
        Self { constitution_day: false, christmas_eve: false, new_years_eve: false }
    }

    /// Whether it is a holiday, also where it falls on a weekend. General Prayer Day was one until and including 2023.
    pub fn is_holiday(self, date: NaiveDate) -> bool {
        let movable = match (date - easter(date.year())).num_days() {
            // Maundy Thursday, Good Friday, Easter Day and Monday; Ascension Day; Whit Sunday and Monday.
            -3 | -2 | 0 | 1 | 39 | 49 | 50 => true,
            26 => date.year() <= 2023,
            _ => false,
        };
        movable
            || match (date.month(), date.day()) {
                (1, 1) | (12, 25 | 26) => true,
                (6, 5) => self.constitution_day,
                (12, 24) => self.christmas_eve,
                (12, 31) => self.new_years_eve,
                _ => false,
            }
    }

    /// Monday to Friday, and not a holiday.
    pub fn is_working_day(self, date: NaiveDate) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !self.is_holiday(date)
    }

    /// The `days`-th working day after `date`, which is day 0 whether it is a working day or not.
    pub fn plus_working_days(self, date: NaiveDate, days: u32) -> NaiveDate {
        let mut date = date;
        for _ in 0..days {
            date = self.next_working_day(date);
            if date.year() > LAST_YEAR {
                break;
            }
        }
        date
    }

    /// The `days`-th working day before `date`, which is day 0 whether it is a working day or not.
    pub fn minus_working_days(self, date: NaiveDate, days: u32) -> NaiveDate {
        let mut earlier = date.iter_days().rev().skip(1).filter(|day| self.is_working_day(*day));
        let nth = usize::try_from(days.saturating_sub(1)).unwrap_or(usize::MAX);
        if days == 0 { date } else { earlier.nth(nth).unwrap_or(NaiveDate::MIN) }
    }

    /// The first working day after `date`.
    pub fn next_working_day(self, date: NaiveDate) -> NaiveDate {
        let later = date.iter_days().skip(1).find(|day| self.is_working_day(*day));
        later.unwrap_or(NaiveDate::MAX)
    }
}

/// Easter Day of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
fn easter(year: i32) -> NaiveDate {
    let (a, century, b) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let shift = century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15;
    let h = (19 * a + shift).rem_euclid(30);
    let l = (32 + 2 * (century % 4) + 2 * (b / 4) - h - b % 4).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let first = NaiveDate::from_ymd_opt(year, 3, 22).unwrap_or(NaiveDate::MIN);
    first + TimeDelta::days(i64::from(h + l - 7 * m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Holidays = Holidays { constitution_day: true, christmas_eve: true, new_years_eve: true };

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// From the Python package `holidays` 0.109, `country_holidays("DK")`.
    const PUBLIC: [(i32, &str); 17] = [
        (2014, "01-01 04-17 04-18 04-20 04-21 05-16 05-29 06-08 06-09 12-25 12-26"),
        (2015, "01-01 04-02 04-03 04-05 04-06 05-01 05-14 05-24 05-25 12-25 12-26"),
        (2016, "01-01 03-24 03-25 03-27 03-28 04-22 05-05 05-15 05-16 12-25 12-26"),
        (2017, "01-01 04-13 04-14 04-16 04-17 05-12 05-25 06-04 06-05 12-25 12-26"),
        (2018, "01-01 03-29 03-30 04-01 04-02 04-27 05-10 05-20 05-21 12-25 12-26"),
        (2019, "01-01 04-18 04-19 04-21 04-22 05-17 05-30 06-09 06-10 12-25 12-26"),
        (2020, "01-01 04-09 04-10 04-12 04-13 05-08 05-21 05-31 06-01 12-25 12-26"),
        (2021, "01-01 04-01 04-02 04-04 04-05 04-30 05-13 05-23 05-24 12-25 12-26"),
        (2022, "01-01 04-14 04-15 04-17 04-18 05-13 05-26 06-05 06-06 12-25 12-26"),
        (2023, "01-01 04-06 04-07 04-09 04-10 05-05 05-18 05-28 05-29 12-25 12-26"),
        (2024, "01-01 03-28 03-29 03-31 04-01 05-09 05-19 05-20 12-25 12-26"),
        (2025, "01-01 04-17 04-18 04-20 04-21 05-29 06-08 06-09 12-25 12-26"),
        (2026, "01-01 04-02 04-03 04-05 04-06 05-14 05-24 05-25 12-25 12-26"),
        (2027, "01-01 03-25 03-26 03-28 03-29 05-06 05-16 05-17 12-25 12-26"),
        (2028, "01-01 04-13 04-14 04-16 04-17 05-25 06-04 06-05 12-25 12-26"),
        (2029, "01-01 03-29 03-30 04-01 04-02 05-10 05-20 05-21 12-25 12-26"),
        (2030, "01-01 04-18 04-19 04-21 04-22 05-30 06-09 06-10 12-25 12-26"),
    ];

    #[test]
    fn public_holidays_are_those_of_an_outside_source() {
        for (year, expected) in PUBLIC {
            let days = on(&format!("{year}-01-01")).iter_days().take_while(|date| date.year() == year);
            let found: Vec<_> =
                days.filter(|date| Holidays::none().is_holiday(*date)).map(|date| date.format("%m-%d").to_string()).collect();
            assert_eq!(found.join(" "), expected, "{year}");
        }
    }

    /// Easter Days 2000 to 2050 (month, day), from the same package.
    #[rustfmt::skip]
    const EASTERS: [(u32, u32); 51] = [
        (4, 23), (4, 15), (3, 31), (4, 20), (4, 11), (3, 27), (4, 16), (4, 8), (3, 23), (4, 12), (4, 4), (4, 24), (4, 8),
        (3, 31), (4, 20), (4, 5), (3, 27), (4, 16), (4, 1), (4, 21), (4, 12), (4, 4), (4, 17), (4, 9), (3, 31), (4, 20),
        (4, 5), (3, 28), (4, 16), (4, 1), (4, 21), (4, 13), (3, 28), (4, 17), (4, 9), (3, 25), (4, 13), (4, 5), (4, 25),
        (4, 10), (4, 1), (4, 21), (4, 6), (3, 29), (4, 17), (4, 9), (3, 25), (4, 14), (4, 5), (4, 18), (4, 10),
    ];

    #[test]
    fn easter_is_that_of_an_outside_source() {
        for (year, (month, day)) in (2000..).zip(EASTERS) {
            assert_eq!(easter(year), NaiveDate::from_ymd_opt(year, month, day).unwrap());
        }
    }

    #[test]
    fn three_days_are_a_setting() {
        for date in ["2026-06-05", "2026-12-24", "2026-12-31"] {
            assert!(Holidays::none().is_working_day(on(date)), "{date}");
            assert!(!ALL.is_working_day(on(date)), "{date}");
        }
        for (one, date) in [
            (Holidays { constitution_day: true, ..Holidays::none() }, "2026-06-05"),
            (Holidays { christmas_eve: true, ..Holidays::none() }, "2026-12-24"),
            (Holidays { new_years_eve: true, ..Holidays::none() }, "2026-12-31"),
        ] {
            let off: Vec<_> = ["2026-06-05", "2026-12-24", "2026-12-31"].into_iter().filter(|date| one.is_holiday(on(date))).collect();
            assert_eq!(off, [date]);
        }
    }

    #[test]
    fn the_day_of_the_event_is_day_0() {
        for (from, days, holidays, expected) in [
            ("2026-11-23", 6, Holidays::none(), "2026-12-01"), // Monday: the receipt's 6 working days
            ("2026-11-28", 6, Holidays::none(), "2026-12-07"), // a Saturday is a day 0 too
            ("2026-11-28", 0, Holidays::none(), "2026-11-28"),
            ("2026-11-27", 1, Holidays::none(), "2026-11-30"),
            ("2026-04-01", 1, Holidays::none(), "2026-04-07"), // Easter
            ("2023-05-04", 1, Holidays::none(), "2023-05-08"), // the last General Prayer Day
            ("2024-04-25", 1, Holidays::none(), "2024-04-26"), // the first year without it
            ("2026-12-23", 2, Holidays::none(), "2026-12-28"),
            ("2026-12-23", 2, ALL, "2026-12-29"),
            ("2026-12-30", 1, ALL, "2027-01-04"),
        ] {
            assert_eq!(holidays.plus_working_days(on(from), days), on(expected), "{from} + {days}");
        }
        assert_eq!(ALL.plus_working_days(on("1900-01-01"), u32::MAX).year(), LAST_YEAR + 1);
    }

    prop_compose! {
        fn any_date()(days in 0_i64..109_000) -> NaiveDate { on("1900-01-01") + TimeDelta::days(days) }
    }
    prop_compose! {
        fn any_holidays()(constitution_day in any::<bool>(), christmas_eve in any::<bool>(), new_years_eve in any::<bool>()) -> Holidays {
            Holidays { constitution_day, christmas_eve, new_years_eve }
        }
    }

    proptest! {
        #[test]
        fn n_then_m_is_n_plus_m(date in any_date(), n in 0_u32..60, m in 0_u32..60, holidays in any_holidays()) {
            let step = |from, days| holidays.plus_working_days(from, days);
            prop_assert_eq!(step(step(date, n), m), step(date, n + m));
        }

        #[test]
        fn it_is_the_nth_working_day_after(date in any_date(), n in 1_u32..60, holidays in any_holidays()) {
            let due_on = holidays.plus_working_days(date, n);
            prop_assert!(holidays.is_working_day(due_on));
            let counted = date.iter_days().skip(1).take_while(|day| *day <= due_on).filter(|day| holidays.is_working_day(*day)).count();
            prop_assert_eq!(counted, usize::try_from(n).unwrap());
        }

        #[test]
        fn a_later_event_is_never_due_earlier(date in any_date(), later in 0_i64..20, n in 0_u32..60, holidays in any_holidays()) {
            let after = date + TimeDelta::days(later);
            prop_assert!(holidays.plus_working_days(date, n) <= holidays.plus_working_days(after, n));
        }
    }
}
