//! When a session may be, and how it is cancelled.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};

use super::model::{Arrangement, Session, Side, State, Telling};
use crate::base::calendar::{Zone, two_years_from};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{PersonId, SessionId};
use crate::base::value::Flaw;
use crate::matching::rules::LENGTHS_MIN;

/// Only what is asked about or agreed on is moved, changed or called off.
///
/// # Errors
/// 409, with what it is by now.
pub fn check_open(state: State) -> Result<()> {
    let words = match state {
        State::Proposed | State::Planned => return Ok(()),
        State::Held => ("Mødet er afholdt", "The session was held"),
        State::NoShow => ("Mødet er noteret som en udeblivelse", "The session is recorded as a no-show"),
        State::Cancelled => ("Mødet er aflyst", "The session is cancelled"),
        State::Tried => ("Mødet er noteret som forsøgt uden kontakt", "The session is recorded as tried without contact"),
    };
    Err(Problem::new(Code::WrongState).say(words.0, words.1).into())
}

/// A time that can be planned: it begins after now, on a date within two years of today (what lies beyond was typed wrong), ends after it begins, and
/// lasts 5 minutes to 24 hours. `zone`: the programme's.
///
/// # Errors
/// 422.
pub fn check_time(starts_at: Instant, ends_at: Instant, now: Instant, zone: Zone) -> Result<()> {
    if starts_at <= now {
        return Err(Flaw::NotAfterNow.refused("/starts_at"));
    }
    if zone.date(starts_at) > two_years_from(zone.date(now)) {
        return Err(invalid("/starts_at", Flaw::TooFar, "Mødet skal ligge inden for to år", "The session must lie within two years"));
    }
    if ends_at <= starts_at {
        return Err(Flaw::NotAfterStart.refused("/ends_at"));
    }
    let [shortest, longest] = [LENGTHS_MIN.start(), LENGTHS_MIN.end()].map(|minutes| TimeDelta::minutes(i64::from(*minutes)));
    if ends_at.since(starts_at) < shortest {
        return Err(invalid("/ends_at", Flaw::TooShort, "Et møde varer mindst 5 minutter", "A session lasts at least 5 minutes"));
    }
    if ends_at.since(starts_at) > longest {
        return Err(invalid("/ends_at", Flaw::TooLong, "Et møde varer højst 24 timer", "A session lasts at most 24 hours"));
    }
    Ok(())
}

/// Whether a session on a date may be planned, when consents allow the course to run today and on that date, or not. From an 18th
/// birthday without the adult's own consent nothing is planned anew; before it, nothing beyond the days that planned ones may stay.
pub fn consent_allows(today: bool, then: bool, on: NaiveDate, grace: Option<&RangeInclusive<NaiveDate>>) -> bool {
    today && (then || grace.is_some_and(|days| days.contains(&on)))
}

/// Whether a cancellation counts as late: so many hours before the start, or after it.
pub fn is_late_cancellation(session: &Session, at: Instant, hours: u32) -> bool {
    at > session.starts_at.minus(TimeDelta::hours(i64::from(hours)))
}

/// A session's time was set anew: its person is told. Of what was only proposed nobody was told, and nothing moved for them.
pub fn moved(session: &mut Session, now: Instant) {
    session.timed_at = now;
    if !session.was_only_proposed() {
        session.telling = None;
        session.moved_count = session.moved_count.saturating_add(1);
    }
}

/// A session as it is arranged anew. Where it begins at another time its person is told.
pub fn arranged(before: &Session, to: Arrangement, now: Instant) -> Session {
    let mut new = Session {
        starts_at: to.starts_at,
        ends_at: to.ends_at,
        kind: to.kind.unwrap_or(before.kind),
        place: to.place.or(before.place.clone()),
        ..before.clone()
    };
    if new.starts_at != before.starts_at {
        moved(&mut new, now);
    }
    new
}

/// Whether a session that is arranged anew takes what it did not have. What only ends sooner, or is elsewhere, does not.
pub fn takes_more(before: &Session, new: &Session) -> bool {
    new.starts_at != before.starts_at || new.ends_at > before.ends_at || new.kind != before.kind
}

/// Cancels a session, by a side and at a stated moment; late is told apart.
pub fn cancelled(session: &mut Session, by: Side, at: Instant, new_time_agreed: bool, late_hours: u32) {
    session.state = State::Cancelled;
    session.cancelled_by = Some(by);
    session.cancelled_at = Some(at);
    session.new_time_agreed = Some(new_time_agreed);
    session.late_cancellation = is_late_cancellation(session, at, late_hours);
}

/// Who tells of one of so many sessions of a person: alone it does; of more the first to come speaks for all.
const fn telling(many: usize, is_first: bool) -> Option<Telling> {
    match (many, is_first) {
        (0 | 1, _) => None,
        (_, true) => Some(Telling::ForAll),
        (_, false) => Some(Telling::ByOther),
    }
}

/// Who tells of each of these sessions that one verb cancels or moves: for each person the earliest.
pub fn tellings<'a>(noticed: impl IntoIterator<Item = &'a Session>) -> BTreeMap<SessionId, Option<Telling>> {
    let mut people: BTreeMap<PersonId, Vec<(Instant, SessionId)>> = BTreeMap::new();
    for session in noticed.into_iter().filter(|session| !session.was_only_proposed()) {
        people.entry(session.person).or_default().push((session.starts_at, session.id));
    }
    let each = people.into_values().flat_map(|mut own| {
        own.sort_unstable();
        let many = own.len();
        own.into_iter().enumerate().map(move |(place, (_, id))| (id, telling(many, place == 0)))
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn only_what_is_open_is_moved_or_called_off() {
        use State::{Cancelled, Held, NoShow, Planned, Proposed, Tried};
        for state in [Proposed, Planned, Held, NoShow, Cancelled, Tried] {
            assert_eq!(check_open(state).is_ok(), state.is_open(), "{state}");
        }
    }

    #[test]
    fn times_that_can_be_planned() {
        let now = at("2026-03-02T12:00:00Z");
        #[rustfmt::skip]
        let cases = [
            ("2026-03-02T12:00:01Z", "2026-03-02T13:00:00Z", true),
            ("2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z", false),
            ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", false),
            ("2026-03-03T12:00:00Z", "2026-03-03T12:00:00Z", false),
            ("2026-03-03T12:00:00Z", "2026-03-03T11:00:00Z", false),
            ("2026-03-03T12:00:00Z", "2026-03-03T12:04:59.999999Z", false),
            ("2026-03-03T12:00:00Z", "2026-03-03T12:05:00Z", true),
            ("2026-03-03T12:00:00Z", "2026-03-04T12:00:00Z", true),
            ("2026-03-03T12:00:00Z", "2026-03-04T12:00:01Z", false),
            // The last day is whole.
            ("2028-03-02T22:59:59Z", "2028-03-03T00:00:00Z", true),
            ("2028-03-02T23:00:00Z", "2028-03-03T00:00:00Z", false),
            ("2150-12-31T23:00:00Z", "2150-12-31T23:30:00Z", false),
        ];
        for (starts, ends, possible) in cases {
            assert_eq!(check_time(at(starts), at(ends), now, Zone::COPENHAGEN).is_ok(), possible, "{starts} {ends}");
        }
        let leap_day = at("2028-02-29T12:00:00Z");
        for (starts, possible) in [("2030-02-28T10:00:00Z", true), ("2030-03-01T10:00:00Z", false)] {
            let starts = at(starts);
            assert_eq!(check_time(starts, starts.plus(TimeDelta::hours(1)), leap_day, Zone::COPENHAGEN).is_ok(), possible, "{starts}");
        }
    }

    #[test]
    fn one_speaks_for_several() {
        for (many, is_first, expected) in
            [(1, true, None), (2, true, Some(Telling::ForAll)), (2, false, Some(Telling::ByOther)), (52, false, Some(Telling::ByOther))]
        {
            assert_eq!(telling(many, is_first), expected, "{many} {is_first}");
        }
    }

    #[test]
    fn each_person_is_told_once() {
        let id = |number: u128| crate::base::ids::Id::from_uuid(uuid::Uuid::from_u128(number));
        let of = |number: u128, person: u128, day: &str| {
            let starts_at = at(&format!("2026-06-{day}T14:00:00Z"));
            Session { id: id(number), person: id(person).cast(), starts_at, ..Session::for_testing() }
        };
        let told = tellings(&[of(1, 1, "17"), of(2, 1, "10"), of(3, 2, "11"), of(4, 1, "24")]);
        let expected = [(1, Some(Telling::ByOther)), (2, Some(Telling::ForAll)), (3, None), (4, Some(Telling::ByOther))];
        assert_eq!(told.into_iter().collect::<Vec<_>>(), expected.map(|(number, telling)| (id(number), telling)));
    }

    #[test]
    fn coming_of_age_stops_planning() {
        let on = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = on("2026-04-10")..=on("2026-05-10");
        let grace = Some(&days);
        #[rustfmt::skip]
        let cases = [
            ("both may", true, true, "2026-04-20", None, true),
            ("18 already, no own consent", false, false, "2026-04-20", grace, false),
            ("17 today, 18 then, inside the grace", true, false, "2026-05-10", grace, true),
            ("something else lacks before the birthday", true, false, "2026-04-09", grace, false),
            ("beyond it", true, false, "2026-05-11", grace, false),
            ("something else lacks then", true, false, "2026-04-20", None, false),
        ];
        for (name, today, then, day, grace, allowed) in cases {
            assert_eq!(consent_allows(today, then, on(day), grace), allowed, "{name}");
        }
    }
}
