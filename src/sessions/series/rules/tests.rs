//! The rules of series over literal cases.

use super::days::Surroundings;
use super::*;
use crate::base::calendar::Holidays;
use crate::base::db::Coded;
use crate::base::error::Error;
use crate::base::value::Line;
use crate::matching::rules::default_agreement;
use crate::sessions::series::model::GapReason;

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
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20260404", |w| w.until_on = Some(NaiveDate::MAX), "/until_on twice"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=2", |w| w.until_on = Some(NaiveDate::MAX), "/until_on twice"),
        (WEEKLY, |w| w.until_on = Some(NaiveDate::MAX), "/until_on too_far"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 4), "2028-03-04"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 5), "/until_on too_far"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2026, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2026, 3, 1), "/from_on before_today"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2027, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.at_min = Some(1440), "/at_min out_of_range"),
        (WEEKLY, |w| w.length_min = Some(0), "/length_min out_of_range"),
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

/// What stands in a date's way, and what is offered instead.
#[test]
fn gaps_have_a_reason_and_another_time() {
    let terms = weekly("WE", 960, "2026-03-04", "2026-12-31");
    let may = |day: NaiveDate| day < on("2026-10-01");
    let at = |text: &str| Instant::parse(text).unwrap();
    let surroundings = Surroundings {
        terms: &terms,
        dates: dates(&terms).unwrap().into_iter().collect(),
        now: at("2026-03-02T08:00:00Z"),
        holidays: Holidays::none(),
        leaves: vec![(on("2026-06-08"), on("2026-06-10")), (on("2026-07-06"), on("2026-07-26"))],
        may: &may,
        busy: vec![
            (at("2026-03-11T14:00:00Z"), at("2026-03-11T15:30:00Z")),
            (at("2026-03-25T14:00:00Z"), at("2026-03-25T15:00:00Z")),
            (at("2026-04-08T06:00:00Z"), at("2026-04-08T20:00:00Z")),
            (at("2026-04-09T14:30:00Z"), at("2026-04-09T15:00:00Z")),
        ],
    };
    let offered = |day: &str| {
        let reason = surroundings.obstacle(on(day));
        let time = reason.and_then(|reason| surroundings.suggestion(on(day), reason));
        (reason.map(Coded::code), time.map(|at| at.to_string()).unwrap_or_default())
    };
    #[rustfmt::skip]
    let cases = [
        ("2026-03-04", None, ""),
        // Taken until 16:30 on the clock: half an hour later.
        ("2026-03-11", Some("busy"), "2026-03-11T15:30:00Z"),
        // What touches does not overlap.
        ("2026-03-25", None, ""),
        // The whole day is taken, and the same hour of the next: the day before.
        ("2026-04-08", Some("busy"), "2026-04-07T14:00:00Z"),
        // Leave from Monday to Wednesday: Thursday.
        ("2026-06-10", Some("leave"), "2026-06-11T14:00:00Z"),
        // Three weeks away: nothing is near in the middle one, Friday before and Monday after are for the others.
        ("2026-07-08", Some("leave"), "2026-07-03T14:00:00Z"),
        ("2026-07-15", Some("leave"), ""),
        ("2026-07-22", Some("leave"), "2026-07-27T14:00:00Z"),
        ("2026-10-07", Some("consent"), ""),
    ];
    for (day, reason, instead) in cases {
        assert_eq!(offered(day), (reason, instead.to_owned()), "{day}");
    }
    let easter = weekly("TH", 960, "2026-03-05", "2026-04-30");
    let surroundings = Surroundings {
        terms: &easter,
        dates: dates(&easter).unwrap().into_iter().collect(),
        may: &|_| true,
        leaves: Vec::new(),
        busy: Vec::new(),
        ..surroundings
    };
    // Maundy Thursday, Good Friday, a weekend and Easter Monday: Wednesday is the nearest.
    assert_eq!(surroundings.obstacle(on("2026-04-02")), Some(GapReason::Holiday));
    assert_eq!(surroundings.suggestion(on("2026-04-02"), GapReason::Holiday).unwrap().to_string(), "2026-04-01T14:00:00Z");
}
