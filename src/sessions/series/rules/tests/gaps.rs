//! Which dates are gaps, why, and what is offered instead.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::{at, on, weekly};
use crate::availability::model::Effect;
use crate::availability::slots::{Busy, Objection};
use crate::availability::{Exception, Stretch, Week};
use crate::base::calendar::Range;
use crate::base::config::{Availability, Programme};
use crate::base::db::Coded;
use crate::base::ids::Id;
use crate::sessions::free::model::{Member, Pair};
use crate::sessions::free::rules::{against_planning, limits, meetings};
use crate::sessions::model::{Kind, Session, Side};
use crate::sessions::rules::takes_more;
use crate::sessions::series::model::{Extent, Terms};
use crate::sessions::series::rules::days::Surroundings;
use crate::sessions::series::rules::{dates, time_of};

const NOW: &str = "2026-03-02T08:00:00Z";

/// A mentor and a young person with nothing but these in their way: times that are taken, and days of leave.
fn pair(busy: &[(&str, &str)], leaves: &[(&str, &str)]) -> Pair {
    let busy = busy.iter().map(|(from, until)| Busy {
        range: Range::new(at(from), at(until)).unwrap(),
        before: TimeDelta::zero(),
        after: TimeDelta::zero(),
    });
    let leaves = leaves.iter().map(|(from, until)| (on(from), on(until))).collect();
    let staff = Member { busy: busy.collect(), leaves, ..Member::for_testing(Side::Staff) };
    Pair { staff, person: Member::for_testing(Side::Person), limits: BTreeMap::new() }
}

/// What of a series.
struct Given {
    terms: Terms,
    settings: Availability,
    pair: Pair,
    /// Dates whose session stands already, and what it is.
    stands: BTreeMap<NaiveDate, Extent>,
    /// Dates whose session is to be otherwise than the series has it.
    held: BTreeMap<NaiveDate, Extent>,
    forbidden: fn(NaiveDate) -> Option<Objection>,
}

impl Given {
    fn new(weekday: &str, from: &str, pair: Pair) -> Self {
        let terms = Terms { length_min: 60, ..weekly(weekday, 960, from, "2026-12-31") };
        Self { terms, settings: Availability::default(), pair, stands: BTreeMap::new(), held: BTreeMap::new(), forbidden: |_| None }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            terms: &self.terms,
            dates: dates(&self.terms).unwrap().into_iter().collect(),
            now: at(NOW),
            calendar: Programme::default().calendar(),
            settings: &self.settings,
            pair: self.pair.clone(),
            stands: &self.stands,
            held: &self.held,
            forbidden: &self.forbidden,
        }
    }

    /// The mentor or coach has meetings in person that begin on these dates.
    fn count(&mut self, begun: &[&str]) {
        let begun = limits(begun.iter().map(|day| on(day)).collect(), &self.settings.in_person);
        self.pair.limits.insert(Kind::InPerson, begun);
    }

    /// The dates that cannot be used, why, and what is offered instead.
    fn gaps(&self) -> Vec<(String, &'static str, String)> {
        let (all, mut surroundings) = (dates(&self.terms).unwrap(), self.surroundings());
        let refused: Vec<_> = all.into_iter().filter_map(|on| surroundings.take(on).err().map(|reason| (on, reason))).collect();
        let mut instead = |on, reason| surroundings.suggestion(on, reason).map(|at| at.to_string()).unwrap_or_default();
        refused.into_iter().map(|(on, reason)| (on.to_string(), reason.code(), instead(on, reason))).collect()
    }

    fn check(&self, expected: &[(&str, &str, &str)]) {
        let found = self.gaps();
        let found: Vec<_> = found.iter().map(|(on, reason, instead)| (on.as_str(), *reason, instead.as_str())).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn gaps_have_a_reason_and_another_time() {
    let busy = [
        ("2026-03-11T14:00:00Z", "2026-03-11T15:30:00Z"),
        ("2026-03-25T14:00:00Z", "2026-03-25T15:00:00Z"),
        ("2026-04-08T06:00:00Z", "2026-04-08T20:00:00Z"),
        ("2026-04-09T14:30:00Z", "2026-04-09T15:00:00Z"),
    ];
    let leaves = [("2026-06-08", "2026-06-10"), ("2026-07-06", "2026-07-26")];
    let forbidden = |day: NaiveDate| match day {
        day if day >= on("2026-12-30") => Some(Objection::Consent),
        day if day >= on("2026-12-16") && day < on("2026-12-29") => Some(Objection::Certificate),
        _ => None,
    };
    let wednesdays = Given { forbidden, ..Given::new("WE", "2026-03-04", pair(&busy, &leaves)) };
    wednesdays.check(&[
        // Taken until 16:30 on the clock: half an hour later. On the 25th it only touches.
        ("2026-03-11", "busy", "2026-03-11T15:30:00Z"),
        // The whole day is taken, and the same hour of the next: the day before.
        ("2026-04-08", "busy", "2026-04-07T14:00:00Z"),
        // Leave from Monday to Wednesday: Thursday.
        ("2026-06-10", "leave", "2026-06-11T14:00:00Z"),
        // Three weeks away: nothing is near in the middle one, Friday before and Monday after are for the others.
        ("2026-07-08", "leave", "2026-07-03T14:00:00Z"),
        ("2026-07-15", "leave", ""),
        ("2026-07-22", "leave", "2026-07-27T14:00:00Z"),
        // The last day of a certificate, and the first of the next.
        ("2026-12-16", "certificate", "2026-12-15T15:00:00Z"),
        ("2026-12-23", "certificate", "2026-12-29T15:00:00Z"),
        // That day is for the one before.
        ("2026-12-30", "consent", ""),
    ]);
    // Maundy Thursday, Good Friday, a weekend and Easter Monday: Wednesday is the nearest. Ascension, and two days that a setting takes off.
    Given::new("TH", "2026-03-05", pair(&[], &[])).check(&[
        ("2026-04-02", "holiday", "2026-04-01T14:00:00Z"),
        ("2026-05-14", "holiday", "2026-05-15T14:00:00Z"),
        ("2026-12-24", "holiday", "2026-12-23T15:00:00Z"),
        ("2026-12-31", "holiday", "2026-12-30T15:00:00Z"),
    ]);
    let mut at_work = Given::new("TH", "2026-03-05", pair(&[], &[]));
    at_work.settings.work_on_holidays = true;
    at_work.check(&[]);
}

#[test]
fn gaps_where_one_of_the_two_never_can_or_took_hours_off() {
    let less = |day: &str, from_min, until_min| Exception {
        id: Id::from_uuid(uuid::Uuid::nil()),
        effect: Effect::Less,
        on: on(day),
        from_min,
        until_min,
    };
    let mut given = Given::new("WE", "2026-11-25", pair(&[], &[]));
    given.pair.staff.exceptions = vec![less("2026-12-02", 0, 990), less("2026-12-09", 1020, 1440), less("2026-12-16", 0, 1440)];
    given.pair.person.never = Week::of([Stretch { weekday: 4, from_min: 0, until_min: 1440 }]);
    given.check(&[
        // Off until 16:30. What begins at 17:00 is no matter.
        ("2026-12-02", "outside_hours", "2026-12-02T15:30:00Z"),
        // Off all day, and Thursday is never: Tuesday.
        ("2026-12-16", "outside_hours", "2026-12-15T15:00:00Z"),
    ]);
    // What is offered lies in the hours stated: Monday, not Tuesday.
    given.pair.staff.has_stated = true;
    given.pair.staff.week = Week::of([1, 3].map(|weekday| Stretch { weekday, from_min: 840, until_min: 1080 }));
    given.check(&[("2026-12-02", "outside_hours", "2026-12-02T15:30:00Z"), ("2026-12-16", "outside_hours", "2026-12-14T15:00:00Z")]);
    given.pair.person.never = Week::of([Stretch { weekday: 3, from_min: 1010, until_min: 1040 }]);
    given.terms.until_on = on("2026-11-25");
    given.check(&[("2026-11-25", "never", "2026-11-25T14:30:00Z")]);
    given.pair.staff.service = (None, Some(on("2026-11-24")));
    given.check(&[("2026-11-25", "not_in_service", "2026-11-23T15:00:00Z")]);
}

#[test]
fn a_session_that_runs_past_midnight_is_judged_whole() {
    let on_date =
        |effect, day: &str, until_min| Exception { id: Id::from_uuid(uuid::Uuid::nil()), effect, on: on(day), from_min: 0, until_min };
    // From 23:30 to half past midnight: a leave of Thursday, an hour off, and the nights before Maundy Thursday, Ascension and two days off.
    let mut given = Given::new("WE", "2026-03-04", pair(&[], &[("2026-03-05", "2026-03-05")]));
    given.terms.at_min = 1410;
    given.pair.staff.exceptions = vec![on_date(Effect::Less, "2026-03-12", 30)];
    let rest = [("2026-05-13", "holiday", "2026-05-12T21:30:00Z"), ("2026-12-23", "holiday", "2026-12-22T22:30:00Z")];
    let last = ("2026-12-30", "holiday", "2026-12-29T22:30:00Z");
    let [leave, off] = [("2026-03-04", "leave", "2026-03-03T22:30:00Z"), ("2026-03-11", "outside_hours", "2026-03-12T22:30:00Z")];
    given.check(&[leave, off, ("2026-04-01", "holiday", "2026-03-31T21:30:00Z"), rest[0], rest[1], last]);
    // Who said that they work then does, for as long as they said.
    given.pair.staff.exceptions.extend([on_date(Effect::More, "2026-04-02", 30), on_date(Effect::More, "2026-05-14", 29)]);
    given.check(&[leave, off, rest[0], rest[1], last]);
    // What touches midnight is of one day.
    given.terms.at_min = 1380;
    given.check(&[]);
    given.pair.person.never = Week::of([Stretch { weekday: 4, from_min: 0, until_min: 10 }]);
    given.terms.until_on = on("2026-03-18");
    given.check(&[]);
    given.terms.at_min = 1385;
    given.pair.staff.leaves.clear();
    given.terms.until_on = on("2026-03-04");
    given.check(&[("2026-03-04", "never", "2026-03-05T22:05:00Z")]);
}

#[test]
fn another_time_is_offered_once() {
    // Wednesday and Thursday are taken up, the second date is in a leave, and the Monday between them is for one of them alone.
    let busy = [("2026-03-04T08:00:00Z", "2026-03-04T19:00:00Z"), ("2026-03-05T08:00:00Z", "2026-03-05T19:00:00Z")];
    let mut given = Given::new("WE", "2026-03-04", pair(&busy, &[("2026-03-06", "2026-03-08"), ("2026-03-11", "2026-03-17")]));
    given.terms.until_on = on("2026-03-11");
    given.check(&[("2026-03-04", "busy", "2026-03-03T15:00:00Z"), ("2026-03-11", "leave", "2026-03-10T15:00:00Z")]);
    given.pair.staff.leaves.push((on("2026-03-02"), on("2026-03-03")));
    given.check(&[("2026-03-04", "busy", "2026-03-09T15:00:00Z"), ("2026-03-11", "leave", "2026-03-10T15:00:00Z")]);
    given.pair.staff.leaves.push((on("2026-03-10"), on("2026-03-10")));
    given.check(&[("2026-03-04", "busy", "2026-03-09T15:00:00Z"), ("2026-03-11", "leave", "")]);
}

#[test]
fn gaps_where_a_setting_says_so() {
    let busy = [("2026-03-04T16:10:00Z", "2026-03-04T17:00:00Z"), ("2026-03-11T16:20:00Z", "2026-03-11T17:00:00Z")];
    let mut given = Given::new("WE", "2026-03-04", pair(&busy, &[]));
    given.terms.until_on = on("2026-03-25");
    given.settings.in_person.after_min = 20;
    given.settings.in_person.horizon_days = Some(1);
    // As far as the match lasts, whatever the horizon is.
    given.check(&[("2026-03-04", "buffer", "2026-03-04T14:30:00Z")]);
    given.settings.in_person.notice_min = 4 * 24 * 60;
    given.check(&[("2026-03-04", "buffer", "2026-03-06T15:00:00Z")]);
    given.pair.staff.busy.clear();
    given.check(&[("2026-03-04", "notice", "2026-03-06T15:00:00Z")]);
    given.settings.in_person.notice_min = 0;
    given.settings.in_person.most_a_day = Some(1);
    given.count(&["2026-03-18", "2026-03-19"]);
    given.check(&[("2026-03-18", "day_limit", "2026-03-17T15:00:00Z")]);
    // Each date of the series counts for what is offered instead of another.
    given.settings.in_person.most_a_day = None;
    given.settings.in_person.most_a_week = Some(2);
    given.count(&["2026-03-18", "2026-03-19"]);
    given.check(&[("2026-03-18", "week_limit", "2026-03-23T15:00:00Z")]);
    given.settings.in_person.most_a_week = Some(1);
    given.count(&["2026-03-20"]);
    given.check(&[("2026-03-18", "week_limit", "")]);
}

#[test]
fn of_a_session_that_becomes_longer_only_what_it_adds_is_judged() {
    let busy = [("2026-03-18T15:40:00Z", "2026-03-18T17:00:00Z")];
    let mut given = Given::new("WE", "2026-03-11", pair(&busy, &[("2026-03-10", "2026-03-12")]));
    given.terms.until_on = on("2026-03-25");
    given.settings.in_person.notice_min = 10 * 24 * 60;
    given.pair.person.never = Week::of([Stretch { weekday: 3, from_min: 960, until_min: 970 }]);
    let reasons = |given: &Given| given.gaps().into_iter().map(|(on, reason, _)| format!("{on} {reason}")).collect::<Vec<_>>();
    assert_eq!(reasons(&given), ["2026-03-11 leave", "2026-03-18 never", "2026-03-25 never"]);
    // Each stands from 16:00 to 16:30, by an earlier decision; from 16:40 on the 18th is taken.
    let half_an_hour = |on| Extent { ends_at: time_of(&given.terms, on).0.plus(TimeDelta::minutes(30)), kind: Kind::InPerson };
    given.stands = dates(&given.terms).unwrap().into_iter().map(|on| (on, half_an_hour(on))).collect();
    assert_eq!(reasons(&given), ["2026-03-18 busy"]);
    // The 18th is as long as it was.
    given.held = BTreeMap::from([(on("2026-03-18"), Extent { ends_at: at("2026-03-18T15:30:00Z"), kind: Kind::InPerson })]);
    assert_eq!(reasons(&given), Vec::<String>::new());
    given.held.clear();
    given.pair.person.never = Week::of([Stretch { weekday: 3, from_min: 990, until_min: 1000 }]);
    assert_eq!(reasons(&given), ["2026-03-11 never", "2026-03-18 never", "2026-03-25 never"]);
}

#[test]
fn of_a_session_that_is_held_otherwise_only_what_the_kind_adds_is_judged() {
    // By telephone until 17:00; ten minutes after it on the 11th, and five before it on the 18th, the mentor has something else.
    let busy = [("2026-03-11T16:10:00Z", "2026-03-11T17:00:00Z"), ("2026-03-18T14:00:00Z", "2026-03-18T14:55:00Z")];
    let mut given = Given::new("WE", "2026-03-04", pair(&busy, &[("2026-03-03", "2026-03-05")]));
    given.terms.until_on = on("2026-03-25");
    (given.settings.phone.after_min, given.settings.in_person.after_min) = (5, 5);
    given.settings.in_person.notice_min = 10 * 24 * 60;
    let by_phone = |on| (on, Extent { ends_at: time_of(&given.terms, on).1, kind: Kind::Phone });
    given.stands = dates(&given.terms).unwrap().into_iter().map(by_phone).collect();
    let reasons = |given: &Given| given.gaps().into_iter().map(|(on, reason, _)| format!("{on} {reason}")).collect::<Vec<_>>();
    // The leave is decided about by the leave, and the time was set before.
    assert_eq!(reasons(&given), Vec::<String>::new());
    given.settings.in_person.after_min = 11;
    assert_eq!(reasons(&given), ["2026-03-11 buffer"]);
    given.settings.in_person.before_min = 6;
    assert_eq!(reasons(&given), ["2026-03-11 buffer", "2026-03-18 buffer"]);
    // What was too close is no reason, as long as it comes no closer: it asked for as much by telephone.
    given.settings.phone.after_min = 11;
    assert_eq!(reasons(&given), ["2026-03-18 buffer"]);
    // One that is held by telephone by itself stays so.
    given.held = BTreeMap::from([by_phone(on("2026-03-18"))]);
    assert_eq!(reasons(&given), Vec::<String>::new());
    // Each kind has limits of its own.
    given.settings.phone.most_a_week = Some(1);
    given.settings.in_person.most_a_week = Some(2);
    given.count(&["2026-03-16", "2026-03-20", "2026-03-24"]);
    assert_eq!(reasons(&given), Vec::<String>::new());
    given.held.clear();
    assert_eq!(reasons(&given), ["2026-03-18 buffer"]);
    given.settings.in_person.before_min = 0;
    assert_eq!(reasons(&given), ["2026-03-18 week_limit"]);
}

#[test]
fn what_was_offered_is_judged_as_a_date_is() {
    let mut given = Given::new("WE", "2026-12-16", pair(&[], &[]));
    given.settings.in_person.horizon_days = Some(1);
    let against = |given: &Given, time: &str| {
        let found = given.surroundings().against_offered(on("2026-12-16"), at(time));
        found.into_iter().map(Coded::code).collect::<Vec<_>>()
    };
    let [tuesday, christmas] = ["2026-12-15T15:00:00Z", "2026-12-25T15:00:00Z"];
    assert_eq!(against(&given, tuesday), Vec::<&str>::new());
    assert_eq!(against(&given, christmas), ["holiday"]);
    assert_eq!(against(&given, NOW), ["notice"]);
    given.pair.staff.leaves = vec![(on("2026-12-15"), on("2026-12-15"))];
    given.pair.person.never = Week::of([Stretch { weekday: 2, from_min: 1010, until_min: 1020 }]);
    assert_eq!(against(&given, tuesday), ["leave", "never"]);
    // In the hours that were stated since, where the date itself is.
    let stated = |weekday| Week::of([Stretch { weekday, from_min: 840, until_min: 1080 }]);
    (given.pair.staff.has_stated, given.pair.staff.week) = (true, stated(3));
    assert_eq!(against(&given, christmas), ["holiday", "outside_hours"]);
    given.pair.staff.week = stated(4);
    assert_eq!(against(&given, christmas), ["holiday"]);
}

/// Where nothing speaks against a session as it stands, a change of its series and the same by hand are refused alike: whatever start, length and
/// kind it gets, and whatever is beside it.
#[test]
fn a_change_by_series_and_by_hand_are_judged_alike() {
    let kinds = [Kind::Phone, Kind::InPerson, Kind::Text];
    let day = on("2026-03-18");
    let minutes = TimeDelta::minutes;
    let mut seen = [0, 0];
    for (neighbour_min, neighbour_kind) in [-95, -75, -60, 65, 80, 100].into_iter().flat_map(|at| kinds.map(|kind| (at, kind))) {
        let mut given = Given::new("WE", "2026-03-18", pair(&[], &[]));
        given.terms.until_on = day;
        (given.settings.in_person.before_min, given.settings.in_person.after_min) = (20, 35);
        (given.settings.phone.before_min, given.settings.text.after_min) = (5, 15);
        (given.settings.text.most_a_week, given.settings.in_person.most_a_day) = (Some(1), Some(1));
        // An hour, before or after: of its kind one counts.
        let starts_at = time_of(&given.terms, day).0;
        let from = starts_at.plus(minutes(neighbour_min));
        let of = |kind| meetings(kind, &given.settings);
        let [before, after] = [of(neighbour_kind).before_min, of(neighbour_kind).after_min].map(|buffer| minutes(buffer.into()));
        let range = Range::new(from, from.plus(minutes(60))).unwrap();
        given.pair.staff.busy = vec![Busy { range, before, after }];
        given.pair.limits = BTreeMap::from([(neighbour_kind, limits(vec![day], of(neighbour_kind)))]);
        let by_hand = |session: &Session| {
            let full = given.pair.limits.get(&session.kind).map(|own| own.full.clone()).unwrap_or_default();
            let meeting = session.time().unwrap();
            let calendar = Programme::default().calendar();
            let found = against_planning(meeting, meetings(session.kind, &given.settings), &given.pair.staff, &full, at(NOW), calendar);
            !found.is_empty() || range.overlaps(meeting)
        };
        for (old_min, old_kind) in [30, 60].into_iter().flat_map(|length| kinds.map(|kind| (length, kind))) {
            let ends_at = starts_at.plus(minutes(old_min));
            let old = Session { starts_at, ends_at, kind: old_kind, ..Session::for_testing() };
            if by_hand(&old) {
                continue;
            }
            for (shift, length_min, kind) in [0, 10, -10]
                .into_iter()
                .flat_map(|shift| [30, 60, 75].into_iter().flat_map(move |length| kinds.map(|kind| (shift, length, kind))))
            {
                let terms = Terms { at_min: given.terms.at_min + shift, length_min, kind, ..given.terms.clone() };
                let (starts_at, ends_at) = time_of(&terms, day);
                let new = Session { starts_at, ends_at, kind, ..old.clone() };
                let stands = if shift == 0 { BTreeMap::from([(day, Extent::of(&old))]) } else { BTreeMap::new() };
                let mut series = Surroundings { terms: &terms, stands: &stands, ..given.surroundings() };
                let is_refused = takes_more(&old, &new) && series.take(day).is_err();
                let expected = takes_more(&old, &new) && by_hand(&new);
                assert_eq!(
                    is_refused, expected,
                    "{neighbour_kind} at {neighbour_min}: {old_kind} {old_min} to {kind} {length_min}, {shift}"
                );
                seen[usize::from(is_refused)] += 1;
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}
