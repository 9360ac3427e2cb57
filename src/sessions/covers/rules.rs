//! What lies in a leave, and how long a cover sees what it needs. Pure.

use chrono::{NaiveDate, TimeDelta};

use crate::base::calendar::{Calendar, Zone};
use crate::base::clock::Instant;
use crate::sessions::model::Session;

/// From the first moment of a leave's first day to the first after its last.
pub fn span(from_on: NaiveDate, until_on: NaiveDate, zone: Zone) -> (Instant, Instant) {
    (zone.start_of(from_on), zone.end_of(until_on).plus(TimeDelta::microseconds(1)))
}

/// Whether a session would be held in a leave, or in a part of it.
pub fn lies_in(session: &Session, span: (Instant, Instant)) -> bool {
    session.starts_at < span.1 && span.0 < session.ends_at
}

/// From when until when whoever covers a session sees it and its person: some days before and after it. What is decided later begins at once.
pub fn sight(session: &Session, now: Instant, lead_days: u32, grace_days: u32) -> (Instant, Instant) {
    let days = |days: u32| TimeDelta::days(i64::from(days));
    (session.starts_at.minus(days(lead_days)).max(now), session.ends_at.plus(days(grace_days)))
}

/// Working days between the day by whose end a leave is decided and its first session.
const WORKING_DAYS_BEFORE: u32 = 2;

/// By when a leave is decided whose first undecided session begins then: two working days before; where that is past and was never the limit
/// (`known`), before it begins.
pub fn decided_by(first_at: Instant, now: Instant, known: Option<Instant>, calendar: Calendar) -> Instant {
    let date = calendar.holidays.minus_working_days(calendar.zone.date(first_at), WORKING_DAYS_BEFORE);
    let days_before = calendar.zone.end_of(date);
    if days_before > now || known == Some(days_before) { days_before } else { first_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn lasting(starts: &str, ends: &str) -> Session {
        Session { starts_at: at(starts), ends_at: at(ends), ..Session::for_testing() }
    }

    #[test]
    fn a_leave_is_whole_local_days() {
        let span = span("2026-03-28".parse().unwrap(), "2026-03-29".parse().unwrap(), Zone::COPENHAGEN);
        assert_eq!(span, (at("2026-03-27T23:00:00Z"), at("2026-03-29T22:00:00Z")));
        for (starts, ends, inside) in [
            ("2026-03-27T22:00:00Z", "2026-03-27T23:00:00Z", false),
            ("2026-03-27T22:00:00Z", "2026-03-27T23:00:01Z", true),
            ("2026-03-29T21:59:59Z", "2026-03-29T23:00:00Z", true),
            ("2026-03-29T22:00:00Z", "2026-03-29T23:00:00Z", false),
            ("2026-03-27T22:00:00Z", "2026-03-30T23:00:00Z", true),
        ] {
            assert_eq!(lies_in(&lasting(starts, ends), span), inside, "{starts} {ends}");
        }
    }

    #[test]
    fn a_leave_is_decided_two_working_days_before() {
        let wednesday = "2026-06-10T14:00:00Z";
        let monday = "2026-06-08T21:59:59.999999Z";
        for (first, now, known, due) in [
            (wednesday, "2026-06-01T08:00:00Z", None, monday),
            (wednesday, "2026-06-09T08:00:00Z", Some(monday), monday),
            (wednesday, "2026-06-09T08:00:00Z", None, wednesday),
            (wednesday, "2026-06-09T08:00:00Z", Some("2026-06-03T21:59:59.999999Z"), wednesday),
            ("2026-06-08T14:00:00Z", "2026-06-01T08:00:00Z", None, "2026-06-04T21:59:59.999999Z"),
        ] {
            assert_eq!(decided_by(at(first), at(now), known.map(at), Calendar::default()), at(due), "{first} {now} {known:?}");
        }
    }

    #[test]
    fn a_cover_sees_it_some_days_before_and_after() {
        let session = lasting("2026-06-10T14:00:00Z", "2026-06-10T15:00:00Z");
        for (now, from) in [("2026-05-01T08:00:00Z", "2026-06-03T14:00:00Z"), ("2026-06-08T08:00:00Z", "2026-06-08T08:00:00Z")] {
            assert_eq!(sight(&session, at(now), 7, 3), (at(from), at("2026-06-13T15:00:00Z")));
        }
    }
}
