//! Minutes by month and days since the last session held, against the agreed rhythm. Pure; it shows, and judges nothing.

use chrono::{Datelike, NaiveDate};

use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::matching::model::{Agreed, Rhythm};
use crate::sessions::{Session, State};

/// The longest row of months shown: the latest.
const MOST_MONTHS: usize = 36;

/// One month of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// E.g. `2026-03`, local time.
    pub month: String,
    /// Minutes held.
    pub minutes: i64,
    /// Sessions held.
    pub held: i64,
    /// Sessions that somebody did not come to.
    pub missed: i64,
    /// Sessions that were cancelled.
    pub cancelled: i64,
}

/// The days between two sessions of an agreed rhythm.
pub const fn agreed_days(rhythm: Rhythm) -> i64 {
    match rhythm {
        Rhythm::Weekly => 7,
        Rhythm::EverySecondWeek => 14,
        Rhythm::Monthly => 31,
    }
}

/// The minutes of an average month in an agreed rhythm, rounded down.
pub fn agreed_minutes(agreed: &Agreed) -> i64 {
    let a_year = match agreed.rhythm {
        Rhythm::Weekly => 52,
        Rhythm::EverySecondWeek => 26,
        Rhythm::Monthly => 12,
    };
    i64::from(agreed.length_min).saturating_mul(a_year) / 12
}

/// When the last session was held, and how many local days ago.
pub fn last_held(sessions: &[Session], zone: Zone, until: Instant) -> Option<(Instant, i64)> {
    let held = sessions.iter().filter(|session| session.state == State::Held).map(|session| session.starts_at);
    held.max().map(|last| (last, zone.date(until).signed_duration_since(zone.date(last)).num_days().max(0)))
}

/// Each month from the start of a match to its end or today, those without a session too: missing data must be visible.
pub fn months(sessions: &[Session], zone: Zone, starts_at: Instant, until: Instant) -> Vec<Month> {
    let (first, last) = (month_of(zone.date(starts_at)), month_of(zone.date(until)));
    let all = (first..=last).map(|month| {
        let is_of_month = move |session: &&Session| !session.was_only_proposed() && month_of(zone.date(session.starts_at)) == month;
        let of_month = || sessions.iter().filter(is_of_month);
        let count = |state| i64::try_from(of_month().filter(|session| session.state == state).count()).unwrap_or(i64::MAX);
        Month {
            month: format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1),
            minutes: of_month().filter_map(|session| session.minutes).map(i64::from).sum(),
            held: count(State::Held),
            missed: count(State::NoShow),
            cancelled: count(State::Cancelled),
        }
    });
    let mut all: Vec<Month> = all.collect();
    all.split_off(all.len().saturating_sub(MOST_MONTHS))
}

/// Months since year 0.
fn month_of(date: NaiveDate) -> i32 {
    date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn session(starts: &str, state: State, minutes: Option<i32>) -> Session {
        let starts_at = at(starts);
        Session { state, starts_at, ends_at: starts_at, timed_at: starts_at, recorded_at: starts_at, minutes, ..Session::for_testing() }
    }

    #[test]
    fn each_month_counts_its_own_and_an_empty_one_is_shown() {
        let sessions = [
            // Half past eleven in the evening of 31 December, UTC, is January in Copenhagen.
            session("2025-12-31T23:30:00Z", State::Held, Some(60)),
            session("2026-01-14T15:00:00Z", State::Held, Some(75)),
            session("2026-01-21T15:00:00Z", State::NoShow, None),
            session("2026-03-04T15:00:00Z", State::Cancelled, None),
            session("2026-03-11T15:00:00Z", State::Planned, None),
        ];
        let zone = Zone::COPENHAGEN;
        let found = months(&sessions, zone, at("2025-12-15T10:00:00Z"), at("2026-03-10T10:00:00Z"));
        let told: Vec<_> = found.iter().map(|m| (m.month.as_str(), m.minutes, m.held, m.missed, m.cancelled)).collect();
        assert_eq!(told, [("2025-12", 0, 0, 0, 0), ("2026-01", 135, 2, 1, 0), ("2026-02", 0, 0, 0, 0), ("2026-03", 0, 0, 0, 1)]);
        assert_eq!(last_held(&sessions, zone, at("2026-03-10T10:00:00Z")), Some((at("2026-01-14T15:00:00Z"), 55)));
        assert_eq!(last_held(&sessions[2..], zone, at("2026-03-10T10:00:00Z")), None);
        let long = months(&[], zone, at("2020-01-15T10:00:00Z"), at("2026-03-10T10:00:00Z"));
        assert_eq!((long.len(), long[0].month.as_str(), long[35].month.as_str()), (36, "2023-04", "2026-03"));
    }

    #[test]
    fn what_was_agreed_on() {
        let agreed =
            |rhythm| Agreed { rhythm, ..crate::matching::rules::default_agreement(at("2026-03-02T10:00:00Z").to_utc().date_naive()) };
        for (rhythm, days, minutes) in [(Rhythm::Weekly, 7, 390), (Rhythm::EverySecondWeek, 14, 195), (Rhythm::Monthly, 31, 90)] {
            assert_eq!((agreed_days(rhythm), agreed_minutes(&agreed(rhythm))), (days, minutes), "{rhythm}");
        }
    }
}
