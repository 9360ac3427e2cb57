//! The rules of series over literal cases.

use super::days::Surroundings;
use super::*;
use crate::availability::model::Effect;
use crate::availability::slots::Busy;
use crate::availability::slots::rules::full_dates;
use crate::availability::{Exception, Stretch, Week};
use crate::base::calendar::Range;
use crate::base::config::{Availability, Programme};
use crate::base::db::Coded;
use crate::base::error::Error;
use crate::base::ids::Id;
use crate::base::value::Line;
use crate::matching::rules::default_agreement;
use crate::sessions::free::model::{Member, Pair};
use crate::sessions::model::Side;

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule(text: &str) -> Wish {
    Wish { rule: Line::parse(text).ok(), at_min: Some(960), ..Wish::default() }
}

fn weekly(weekday: &str, at_min: i32, from: &str, until: &str) -> Terms {
    let wish =
        Wish { at_min: Some(at_min), until_on: Some(on(until)), from_on: Some(on(from)), ..rule(&format!("FREQ=WEEKLY;BYDAY={weekday}")) };
    terms(&wish, &default_agreement(on("2026-03-02")), on("2026-03-02"), Zone::COPENHAGEN).unwrap()
}

#[test]
fn a_weekly_wall_time_stays_through_every_change_of_clocks() {
    #[rustfmt::skip]
    let cases = [
        // A weekly 16:00 stays 16:00.
        ("SU", 960, "2026-03-22", ["2026-03-22T15:00:00Z", "2026-03-29T14:00:00Z"]),
        ("SU", 960, "2026-10-18", ["2026-10-18T14:00:00Z", "2026-10-25T15:00:00Z"]),
        ("SU", 960, "2027-03-21", ["2027-03-21T15:00:00Z", "2027-03-28T14:00:00Z"]),
        // 02:30 does not exist: it moves forward by the gap.
        ("SU", 150, "2026-03-22", ["2026-03-22T01:30:00Z", "2026-03-29T01:30:00Z"]),
        ("SU", 150, "2027-03-21", ["2027-03-21T01:30:00Z", "2027-03-28T01:30:00Z"]),
        // 02:30 exists twice: the first.
        ("SU", 150, "2026-10-18", ["2026-10-18T00:30:00Z", "2026-10-25T00:30:00Z"]),
        // Every second Thursday over a change of year.
        ("TH", 960, "2026-12-31", ["2026-12-31T15:00:00Z", "2027-01-07T15:00:00Z"]),
    ];
    for (weekday, at_min, from, expected) in cases {
        let until = (on(from) + TimeDelta::days(7)).to_string();
        let terms = weekly(weekday, at_min, from, &until);
        let found: Vec<String> = dates(&terms).unwrap().into_iter().map(|on| time_of(&terms, on).0.to_string()).collect();
        assert_eq!(found, expected, "{weekday} {at_min} from {from}");
    }
    // The length is elapsed time: 90 minutes over the gap end at 04:30 on the clock.
    let terms = weekly("SU", 90, "2026-03-29", "2026-03-29");
    assert_eq!(time_of(&terms, on("2026-03-29")).1.to_string(), "2026-03-29T02:00:00Z");
}

#[test]
fn what_is_left_out_was_agreed() {
    let today = on("2026-03-02");
    let mut agreed = default_agreement(today);
    let missing = |agreed: &Agreed| match terms(&Wish::default(), agreed, today, Zone::COPENHAGEN) {
        Err(Error::Refused(problem)) => problem.errors[0].pointer.clone(),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(missing(&agreed), "/rule");
    agreed.weekday = Some(3);
    assert_eq!(missing(&agreed), "/at_min");
    agreed.at_min = Some(960);
    for (rhythm, expected, count) in [
        (Rhythm::Weekly, "FREQ=WEEKLY;BYDAY=WE", 52),
        (Rhythm::EverySecondWeek, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", 26),
        (Rhythm::Monthly, "FREQ=MONTHLY;BYDAY=1WE", 12),
    ] {
        agreed.rhythm = rhythm;
        let made = terms(&Wish::default(), &agreed, today, Zone::COPENHAGEN).unwrap();
        assert_eq!((made.recurrence.to_string().as_str(), made.from_on, made.until_on), (expected, on("2026-03-04"), on("2027-03-02")));
        assert_eq!((made.length_min, dates(&made).unwrap().len()), (90, count));
    }
}

#[test]
fn impossible_series_are_refused() {
    let (today, agreed) = (on("2026-03-02"), default_agreement(on("2026-03-02")));
    let with = |text: &str, change: fn(&mut Wish)| {
        let mut wish = rule(text);
        change(&mut wish);
        match terms(&wish, &agreed, today, Zone::COPENHAGEN) {
            Err(Error::Refused(problem)) => format!("{} {}", problem.errors[0].pointer, problem.errors[0].code),
            Err(other) => unreachable!("{other:?}"),
            Ok(terms) => terms.until_on.to_string(),
        }
    };
    const WEEKLY: &str = "FREQ=WEEKLY;BYDAY=WE";
    type Case = (&'static str, fn(&mut Wish), &'static str);
    #[rustfmt::skip]
    let cases: &[Case] = &[
        (WEEKLY, |_| {}, "2027-03-02"),
        ("FREQ=SECONDLY", |_| {}, "/rule unsupported_rule"),
        ("FREQ=SECONDLY;COUNT=1000000000", |_| {}, "/rule unsupported_rule"),
        ("now and then", |_| {}, "/rule not_a_rule"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=111", |_| {}, "/rule too_many"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=3", |_| {}, "2026-03-18"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=104", |_| {}, "2028-02-23"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=110", |_| {}, "/rule too_far"),
        ("FREQ=MONTHLY;BYDAY=1WE;COUNT=110", |_| {}, "/rule too_far"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=99991231", |_| {}, "/rule too_far"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260303", |_| {}, "/rule before_start"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260304", |_| {}, "2026-03-04"),
        // A moment: the session of 16:00 on that day begins by it, or not.
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260318T150000Z", |_| {}, "2026-03-18"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260318T145959Z", |_| {}, "2026-03-17"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260318T000000Z", |_| {}, "2026-03-17"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260304T000000Z", |_| {}, "/rule before_start"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260404", |w| w.until_on = Some(NaiveDate::MAX), "/until_on twice"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=2", |w| w.until_on = Some(NaiveDate::MAX), "/until_on twice"),
        (WEEKLY, |w| w.until_on = Some(NaiveDate::MAX), "/until_on too_far"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 4), "2028-03-04"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 5), "/until_on too_far"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2026, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2026, 3, 1), "/from_on before_today"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2027, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.at_min = Some(1440), "/at_min out_of_range"),
        (WEEKLY, |w| w.length_min = Some(4), "/length_min out_of_range"),
        (WEEKLY, |w| w.length_min = Some(1441), "/length_min out_of_range"),
    ];
    for (text, change, expected) in cases {
        assert_eq!(with(text, *change), *expected, "{text}");
    }
}

#[test]
fn a_changed_series_counts_its_weeks_on() {
    let wish = Wish { until_on: Some(on("2026-06-30")), ..rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU") };
    let old = terms(&wish, &default_agreement(on("2026-03-02")), on("2026-03-02"), Zone::COPENHAGEN).unwrap();
    assert_eq!(old.from_on, on("2026-03-03"));
    let later = Wish { at_min: Some(600), ..Wish::default() };
    for (from, first) in [("2026-03-03", "2026-03-03"), ("2026-03-04", "2026-03-17"), ("2026-03-17", "2026-03-17")] {
        let new = changed(&old, &later, on(from)).unwrap();
        assert_eq!((new.from_on, new.at_min, new.until_on), (on(first), 600, old.until_on));
    }
    let other = changed(&old, &rule("FREQ=WEEKLY;BYDAY=FR"), on("2026-03-04")).unwrap();
    assert_eq!((other.from_on, other.recurrence.to_string().as_str()), (on("2026-03-06"), "FREQ=WEEKLY;BYDAY=FR"));
}

#[test]
fn dates_of_one_week_or_month_stand_for_each_other() {
    for (one, other, is_monthly, same) in [
        ("2026-03-02", "2026-03-08", false, true),
        ("2026-03-08", "2026-03-09", false, false),
        ("2026-12-31", "2027-01-03", false, true),
        ("2026-03-01", "2026-03-31", true, true),
        ("2026-03-31", "2026-04-01", true, false),
    ] {
        assert_eq!(turn(on(one), is_monthly) == turn(on(other), is_monthly), same, "{one} {other}");
    }
}

/// A mentor and a young person with nothing but these in their way: times that are taken, and days of leave.
#[test]
fn a_date_of_this_week_may_be_past() {
    let at = |text: &str| Instant::parse(text).unwrap();
    for (weekday, at_min, now, is_past_now) in [
        // Wednesday, half past two.
        ("WE", 600, "2026-03-04T13:30:00Z", true),
        ("WE", 870, "2026-03-04T13:30:00Z", true),
        ("WE", 871, "2026-03-04T13:30:00Z", false),
        ("TU", 960, "2026-03-04T13:30:00Z", true),
        ("TH", 600, "2026-03-04T13:30:00Z", false),
    ] {
        let terms = weekly(weekday, at_min, "2026-03-10", "2026-03-31");
        assert_eq!(is_past(&terms, on("2026-03-06"), false, at(now)), is_past_now, "{weekday} {at_min}");
        assert!(!is_past(&terms, on("2026-03-13"), false, at(now)), "next week");
    }
    // The second Tuesday of the month is past on its fifteenth; a week without one has none.
    let monthly = rule("FREQ=MONTHLY;BYDAY=2TU");
    let terms = terms(&monthly, &default_agreement(on("2026-03-02")), on("2026-03-02"), Zone::COPENHAGEN).unwrap();
    assert!(is_past(&terms, on("2026-03-20"), true, at("2026-03-15T08:00:00Z")));
    assert!(!is_past(&terms, on("2026-03-20"), false, at("2026-03-15T08:00:00Z")));
}

fn pair(busy: &[(&str, &str)], leaves: &[(&str, &str)]) -> Pair {
    let at = |text: &str| Instant::parse(text).unwrap();
    let busy = busy.iter().map(|(from, until)| Busy {
        range: Range::new(at(from), at(until)).unwrap(),
        before: TimeDelta::zero(),
        after: TimeDelta::zero(),
    });
    let leaves = leaves.iter().map(|(from, until)| (on(from), on(until))).collect();
    let staff = Member { busy: busy.collect(), leaves, ..Member::for_testing(Side::Staff) };
    Pair { staff, person: Member::for_testing(Side::Person) }
}

/// What of a series.
struct Given {
    terms: Terms,
    settings: Availability,
    pair: Pair,
    may: fn(NaiveDate) -> bool,
}

impl Given {
    fn new(weekday: &str, from: &str, pair: Pair) -> Self {
        let terms = Terms { length_min: 60, ..weekly(weekday, 960, from, "2026-12-31") };
        Self { terms, settings: Availability::default(), pair, may: |_| true }
    }

    /// The dates that cannot be used, why, and what is offered instead.
    fn gaps(&self) -> Vec<(String, &'static str, String)> {
        let all = dates(&self.terms).unwrap();
        let mut surroundings = Surroundings {
            terms: &self.terms,
            dates: all.iter().copied().collect(),
            now: Instant::parse("2026-03-02T08:00:00Z").unwrap(),
            calendar: Programme::default().calendar(),
            settings: &self.settings,
            pair: self.pair.clone(),
            may: &self.may,
        };
        let refused: Vec<_> = all.into_iter().filter_map(|on| surroundings.take(on).err().map(|reason| (on, reason))).collect();
        let instead = |on, reason| surroundings.suggestion(on, reason).map(|at| at.to_string()).unwrap_or_default();
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
    let wednesdays = Given { may: |day| day < on("2026-12-30"), ..Given::new("WE", "2026-03-04", pair(&busy, &leaves)) };
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
        ("2026-12-30", "consent", "2026-12-29T15:00:00Z"),
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
    given.pair.staff.begun = vec![on("2026-03-18"), on("2026-03-19")];
    given.pair.staff.full = full_dates(&given.pair.staff.begun, Some(1), None);
    given.check(&[("2026-03-18", "day_limit", "2026-03-17T15:00:00Z")]);
    // Each date of the series counts for what is offered instead of another.
    given.settings.in_person.most_a_day = None;
    given.settings.in_person.most_a_week = Some(2);
    given.pair.staff.full = full_dates(&given.pair.staff.begun, None, Some(2));
    given.check(&[("2026-03-18", "week_limit", "2026-03-23T15:00:00Z")]);
    given.settings.in_person.most_a_week = Some(1);
    given.pair.staff.begun = vec![on("2026-03-20")];
    given.pair.staff.full = full_dates(&given.pair.staff.begun, None, Some(1));
    given.check(&[("2026-03-18", "week_limit", "")]);
}
