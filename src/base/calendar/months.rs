//! Months that clamp and never chain, and the day on which an age is reached (domain section 4, "When").

use chrono::{Datelike, Months, NaiveDate};

/// `date` plus calendar months (less, where negative), the day clamped to the end of a shorter month: 31 January + 1 = 28 February.
///
/// Count always from the first date: a chain of single months would lose days that `plus_months(date, n)` keeps.
pub fn plus_months(date: NaiveDate, months: i32) -> NaiveDate {
    let count = Months::new(months.unsigned_abs());
    if months < 0 {
        date.checked_sub_months(count).unwrap_or(NaiveDate::MIN)
    } else {
        date.checked_add_months(count).unwrap_or(NaiveDate::MAX)
    }
}

/// The last day that lies within two years of `date`: of 29 February it is 28 February. Whatever is planned, or entered as leave, is held against it.
pub fn two_years_from(date: NaiveDate) -> NaiveDate {
    plus_months(date, 24)
}

/// The day at whose first moment somebody born on `born_on` reaches `age`; for 29 February it is 1 March in common years.
pub fn birthday(born_on: NaiveDate, age: u16) -> NaiveDate {
    let year = born_on.year() + i32::from(age);
    born_on.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(NaiveDate::MAX)
}

/// The age in whole years on `date`; 0 before the birth.
pub fn age_on(born_on: NaiveDate, date: NaiveDate) -> u16 {
    let by_year = u16::try_from(date.year() - born_on.year()).unwrap_or(0);
    if date < birthday(born_on, by_year) { by_year.saturating_sub(1) } else { by_year }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_clamp_and_never_chain() {
        for (from, months, expected) in [
            ("2026-08-31", 6, "2027-02-28"),
            ("2027-08-31", 6, "2028-02-29"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-01-31", 2, "2026-03-31"), // not the 28th
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-05-31", 0, "2026-05-31"),
            ("2026-03-31", -1, "2026-02-28"),
        ] {
            assert_eq!(plus_months(on(from), months), on(expected), "{from} + {months}");
        }
        assert_eq!(plus_months(on("2026-03-31"), i32::MAX), NaiveDate::MAX);
        assert_eq!(plus_months(on("2026-03-31"), i32::MIN), NaiveDate::MIN);
    }

    #[test]
    fn two_years_are_one_length_from_a_date() {
        for (from, expected) in [
            ("2026-03-02", "2028-03-02"),
            ("2026-02-28", "2028-02-28"),
            ("2027-03-01", "2029-03-01"),
            ("2028-02-28", "2030-02-28"),
            ("2028-02-29", "2030-02-28"),
            ("2028-03-01", "2030-03-01"),
        ] {
            assert_eq!(two_years_from(on(from)), on(expected), "{from}");
        }
    }

    #[test]
    fn ages() {
        for (born_on, age, expected) in [
            ("2008-11-23", 18, "2026-11-23"),
            ("2008-02-29", 15, "2023-03-01"),
            ("2008-02-29", 16, "2024-02-29"),
            ("2008-02-29", 18, "2026-03-01"),
            ("2008-02-29", 0, "2008-02-29"),
        ] {
            assert_eq!(birthday(on(born_on), age), on(expected), "{born_on} is {age}");
        }
        for (born_on, date, expected) in [
            ("2008-11-23", "2026-11-22", 17),
            ("2008-11-23", "2026-11-23", 18),
            ("2008-02-29", "2026-02-28", 17),
            ("2008-02-29", "2026-03-01", 18),
            ("2008-02-29", "2024-02-28", 15),
            ("2008-02-29", "2024-02-29", 16),
            ("2008-11-23", "2008-11-22", 0),
            ("2008-11-23", "1999-12-31", 0),
        ] {
            assert_eq!(age_on(on(born_on), on(date)), expected, "{born_on} on {date}");
        }
        assert_eq!(birthday(NaiveDate::MAX, 1), NaiveDate::MAX);
    }

    prop_compose! {
        fn any_date()(days in 0_i64..109_000, leap_day in any::<bool>()) -> NaiveDate {
            let date = on("1901-01-01") + chrono::TimeDelta::days(days);
            if leap_day { NaiveDate::from_ymd_opt(date.year(), 2, 29).unwrap_or(date) } else { date }
        }
    }

    proptest! {
        #[test]
        fn the_month_is_exact_and_the_day_clamped(date in any_date(), months in -600_i32..600) {
            let later = plus_months(date, months);
            let index = |date: NaiveDate| date.year() * 12 + i32::try_from(date.month()).unwrap();
            prop_assert_eq!(index(later) - index(date), months);
            let is_last = later.succ_opt().unwrap().month() != later.month();
            prop_assert!(later.day() == date.day() || (later.day() < date.day() && is_last));
        }

        #[test]
        fn later_dates_and_more_months_are_never_earlier(date in any_date(), days in 0_i64..40, months in 0_i32..600, more in 0_i32..40) {
            prop_assert!(plus_months(date, months) <= plus_months(date + chrono::TimeDelta::days(days), months + more));
        }

        #[test]
        fn an_age_lasts_from_its_birthday_to_the_next(born_on in any_date(), date in any_date(), age in 1_u16..120) {
            prop_assert_eq!(age_on(born_on, birthday(born_on, age)), age);
            prop_assert_eq!(age_on(born_on, birthday(born_on, age).pred_opt().unwrap()), age - 1);
            if date >= born_on {
                let age = age_on(born_on, date);
                prop_assert!(birthday(born_on, age) <= date && date < birthday(born_on, age + 1));
            }
        }
    }
}
