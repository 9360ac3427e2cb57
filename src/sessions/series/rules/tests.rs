//! The rules of series over literal cases.

mod gaps;

use super::*;
use crate::base::error::Error;
use crate::base::value::Line;
use crate::matching::rules::default_agreement;
use crate::sessions::model::Occurrence;
use crate::sessions::series::model::{GapReason, GapState};

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The first moment of Monday 2 March 2026 in Copenhagen.
fn monday() -> Instant {
    at("2026-03-01T23:00:00Z")
}

fn rule(text: &str) -> Wish {
    Wish { rule: Line::parse(text).ok(), at_min: Some(960), ..Wish::default() }
}

fn weekly(weekday: &str, at_min: i32, from: &str, until: &str) -> Terms {
    let wish =
        Wish { at_min: Some(at_min), until_on: Some(on(until)), from_on: Some(on(from)), ..rule(&format!("FREQ=WEEKLY;BYDAY={weekday}")) };
    terms(&wish, &default_agreement(on("2026-03-02")), monday(), Zone::COPENHAGEN).unwrap()
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
    let mut agreed = default_agreement(on("2026-03-02"));
    let missing = |agreed: &Agreed| match terms(&Wish::default(), agreed, monday(), Zone::COPENHAGEN) {
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
        let made = terms(&Wish::default(), &agreed, monday(), Zone::COPENHAGEN).unwrap();
        assert_eq!((made.recurrence.to_string().as_str(), made.from_on, made.until_on), (expected, on("2026-03-04"), on("2027-03-02")));
        assert_eq!((made.length_min, dates(&made).unwrap().len()), (90, count));
    }
}

#[test]
fn impossible_series_are_refused() {
    let agreed = default_agreement(on("2026-03-02"));
    let with = |text: &str, change: fn(&mut Wish)| {
        let mut wish = rule(text);
        change(&mut wish);
        match terms(&wish, &agreed, monday(), Zone::COPENHAGEN) {
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
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 2), "2028-03-02"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2028, 3, 3), "/until_on too_far"),
        // From today, whenever it begins.
        (WEEKLY, |w| (w.from_on, w.until_on) = (NaiveDate::from_ymd_opt(2027, 3, 3), NaiveDate::from_ymd_opt(2028, 3, 2)), "2028-03-02"),
        (WEEKLY, |w| (w.from_on, w.until_on) = (NaiveDate::from_ymd_opt(2027, 3, 3), NaiveDate::from_ymd_opt(2028, 3, 3)), "/until_on too_far"),
        (WEEKLY, |w| w.until_on = NaiveDate::from_ymd_opt(2026, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2026, 3, 1), "/from_on before_today"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2027, 3, 3), "/until_on before_start"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2028, 3, 2), "/until_on before_start"),
        (WEEKLY, |w| w.from_on = NaiveDate::from_ymd_opt(2028, 3, 3), "/from_on too_far"),
        (WEEKLY, |w| w.at_min = Some(1440), "/at_min out_of_range"),
        (WEEKLY, |w| w.length_min = Some(4), "/length_min out_of_range"),
        (WEEKLY, |w| w.length_min = Some(1441), "/length_min out_of_range"),
    ];
    for (text, change, expected) in cases {
        assert_eq!(with(text, *change), *expected, "{text}");
    }
    // Of 29 February two years end on 28 February, as they do for a session by itself.
    let leap_day = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
    for (last, possible) in [((2030, 2, 28), true), ((2030, 3, 1), false)] {
        let until_on = NaiveDate::from_ymd_opt(last.0, last.1, last.2);
        let wish = Wish { from_on: Some(leap_day), until_on, ..rule("FREQ=MONTHLY;BYDAY=-1TU") };
        let now = Instant::parse("2028-02-29T08:00:00Z").unwrap();
        assert_eq!(terms(&wish, &agreed, now, Zone::COPENHAGEN).is_ok(), possible, "{last:?}");
    }
}

#[test]
fn a_changed_series_counts_its_weeks_on() {
    let wish = Wish { until_on: Some(on("2026-06-30")), ..rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU") };
    let old = terms(&wish, &default_agreement(on("2026-03-02")), monday(), Zone::COPENHAGEN).unwrap();
    assert_eq!(old.from_on, on("2026-03-03"));
    let later = Wish { at_min: Some(600), ..Wish::default() };
    for (from, first) in [("2026-03-03", "2026-03-03"), ("2026-03-04", "2026-03-17"), ("2026-03-17", "2026-03-17")] {
        let new = changed(&old, &later, on(from), on("2026-03-02"), None).unwrap();
        assert_eq!((new.from_on, new.at_min, new.until_on), (on(first), 600, old.until_on));
    }
    let other = changed(&old, &rule("FREQ=WEEKLY;BYDAY=FR"), on("2026-03-04"), on("2026-03-02"), None).unwrap();
    assert_eq!((other.from_on, other.recurrence.to_string().as_str()), (on("2026-03-06"), "FREQ=WEEKLY;BYDAY=FR"));
    // After its last date, 23 June, the pair meets in the second week, not in the next.
    let longer = Wish { until_on: Some(on("2026-08-31")), ..Wish::default() };
    for (from, first) in [("2026-06-24", "2026-07-07"), ("2026-07-08", "2026-07-21")] {
        assert_eq!(changed(&old, &longer, on(from), on(from), None).unwrap().from_on, on(first), "from {from}");
    }
}

#[test]
fn today_is_a_date_until_its_hour_is_past() {
    let agreed = Agreed { weekday: Some(3), at_min: Some(600), rhythm: Rhythm::Monthly, ..default_agreement(on("2026-03-02")) };
    // Wednesday 4 March, 10:00: the moment itself is past.
    for (text, now, first, until) in [
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=3", "2026-03-04T08:59:59Z", "2026-03-04", "2026-03-18"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=3", "2026-03-04T09:00:00Z", "2026-03-11", "2026-03-25"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=1", "2026-03-04T20:00:00Z", "2026-03-11", "2026-03-11"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;COUNT=2", "2026-03-04T20:00:00Z", "2026-03-11", "2026-03-25"),
        ("FREQ=WEEKLY;BYDAY=TH;COUNT=1", "2026-03-04T20:00:00Z", "2026-03-05", "2026-03-05"),
        ("FREQ=MONTHLY;BYDAY=1WE;COUNT=1", "2026-03-04T20:00:00Z", "2026-04-01", "2026-04-01"),
    ] {
        for from_on in [None, Some(on("2026-03-04"))] {
            let wish = Wish { from_on, at_min: Some(600), ..rule(text) };
            let made = terms(&wish, &agreed, at(now), Zone::COPENHAGEN).unwrap();
            assert_eq!((made.from_on, made.until_on), (on(first), on(until)), "{text} at {now}");
        }
    }
    // What was agreed monthly is on the weekday of the month that the first date has.
    for (now, expected) in [("2026-03-04T08:00:00Z", "FREQ=MONTHLY;BYDAY=1WE"), ("2026-03-04T10:00:00Z", "FREQ=MONTHLY;BYDAY=2WE")] {
        assert_eq!(terms(&Wish::default(), &agreed, at(now), Zone::COPENHAGEN).unwrap().recurrence.to_string(), expected);
    }
}

#[test]
fn a_series_still_to_begin_begins_no_sooner_by_a_change() {
    let made = |text: &str, from: &str| {
        let wish = Wish { from_on: Some(on(from)), until_on: Some(on("2026-12-31")), ..rule(text) };
        terms(&wish, &default_agreement(on("2026-03-02")), monday(), Zone::COPENHAGEN).unwrap()
    };
    #[rustfmt::skip]
    let cases = [
        // Friday 29 May: weekly it begins in that week, monthly in that month.
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-05-20", "FREQ=WEEKLY;BYDAY=FR", "2026-05-29"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-05-20", "FREQ=WEEKLY;BYDAY=TU", "2026-05-26"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-05-20", "FREQ=MONTHLY;BYDAY=1MO", "2026-05-04"),
        ("FREQ=WEEKLY;BYDAY=FR", "2026-05-29", "FREQ=WEEKLY;BYDAY=TU", "2026-05-26"),
        ("FREQ=WEEKLY;BYDAY=FR", "2026-05-29", "FREQ=WEEKLY;BYDAY=FR", "2026-05-29"),
        ("FREQ=WEEKLY;BYDAY=FR", "2026-05-29", "FREQ=MONTHLY;BYDAY=1MO", "2026-06-01"),
    ];
    for (text, from, other, first) in cases {
        let other = Wish { at_min: Some(600), ..rule(other) };
        assert_eq!(
            changed(&made(text, from), &other, on("2026-03-10"), on("2026-03-10"), None).unwrap().from_on,
            on(first),
            "{text} from {from}"
        );
    }
}

#[test]
fn the_rest_from_a_date_on_begins_in_the_week_of_its_first_session_but_not_before_today() {
    let made = |text: &str| {
        let wish = Wish { from_on: Some(on("2026-03-03")), until_on: Some(on("2026-12-31")), ..rule(text) };
        terms(&wish, &default_agreement(on("2026-03-02")), monday(), Zone::COPENHAGEN).unwrap()
    };
    const THURSDAYS: &str = "FREQ=WEEKLY;BYDAY=TH";
    const SECOND_TUESDAYS: &str = "FREQ=MONTHLY;BYDAY=2TU";
    #[rustfmt::skip]
    let cases = [
        // A Thursday is named: an earlier day of its week, a later one, and the same.
        (THURSDAYS, "2026-03-26", "FREQ=WEEKLY;BYDAY=WE", "2026-03-02", "2026-03-25"),
        (THURSDAYS, "2026-03-26", "FREQ=WEEKLY;BYDAY=MO", "2026-03-02", "2026-03-23"),
        (THURSDAYS, "2026-03-26", "FREQ=WEEKLY;BYDAY=SU", "2026-03-02", "2026-03-29"),
        (THURSDAYS, "2026-03-26", "FREQ=MONTHLY;BYDAY=4TU", "2026-03-02", "2026-03-24"),
        // Or the day before it.
        (THURSDAYS, "2026-03-25", "FREQ=WEEKLY;BYDAY=TU", "2026-03-02", "2026-03-24"),
        // From a Saturday on: the session of its week stays, and nothing begins before that Saturday.
        (THURSDAYS, "2026-03-21", "FREQ=WEEKLY;BYDAY=FR", "2026-03-02", "2026-03-27"),
        (THURSDAYS, "2026-03-21", "FREQ=WEEKLY;BYDAY=SU", "2026-03-02", "2026-03-22"),
        // On the Tuesday of that week its Monday is past.
        (THURSDAYS, "2026-03-26", "FREQ=WEEKLY;BYDAY=MO", "2026-03-24", "2026-03-30"),
        (THURSDAYS, "2026-03-26", "FREQ=WEEKLY;BYDAY=TU", "2026-03-24", "2026-03-24"),
        // Monthly it is the month, where it stays so.
        (SECOND_TUESDAYS, "2026-04-14", "FREQ=MONTHLY;BYDAY=1MO", "2026-03-02", "2026-04-06"),
        (SECOND_TUESDAYS, "2026-04-14", "FREQ=MONTHLY;BYDAY=1MO", "2026-04-07", "2026-05-04"),
        (SECOND_TUESDAYS, "2026-04-14", "FREQ=WEEKLY;BYDAY=MO", "2026-03-02", "2026-04-13"),
    ];
    for (text, from, other, today, first) in cases {
        assert_eq!(
            changed(&made(text), &rule(other), on(from), on(today), None).unwrap().from_on,
            on(first),
            "{text} from {from}: {other}"
        );
    }
}

#[test]
fn an_end_beyond_two_years_that_an_earlier_version_gave_may_stay() {
    let old = Terms { until_on: on("2029-01-31"), ..weekly("WE", 960, "2026-03-04", "2026-06-30") };
    let until = |until_on| {
        let wish = Wish { at_min: Some(600), until_on, ..Wish::default() };
        changed(&old, &wish, on("2026-03-02"), on("2026-03-02"), None).map(|terms| terms.until_on).ok()
    };
    for (asked, expected) in [
        (None, Some("2029-01-31")),
        (Some("2028-03-02"), Some("2028-03-02")),
        (Some("2029-01-31"), Some("2029-01-31")),
        (Some("2029-02-01"), None),
    ] {
        assert_eq!(until(asked.map(on)), expected.map(on), "{asked:?}");
    }
}

#[test]
fn only_what_waits_alone_is_planned_by_itself() {
    fn nobody<N>() -> crate::base::ids::Id<N> {
        crate::base::ids::Id::from_uuid(uuid::Uuid::nil())
    }
    for (reason, suggested_at, expected) in [
        (GapReason::Consent, None, (true, false)),
        (GapReason::Certificate, Some("2026-06-02T14:00:00Z"), (true, false)),
        // The consent may lack, too, and nothing was offered for that.
        (GapReason::Holiday, None, (false, true)),
        (GapReason::Never, None, (false, true)),
        (GapReason::Leave, Some("2026-06-02T14:00:00Z"), (false, false)),
        // It did not on the date itself, and does beside it.
        (GapReason::Busy, None, (false, true)),
        (GapReason::DayLimit, None, (false, true)),
        (GapReason::Busy, Some("2026-06-02T14:00:00Z"), (false, false)),
        // They met in that week.
        (GapReason::WeekLimit, None, (false, false)),
    ] {
        let gap = Gap {
            id: nobody(),
            series: nobody(),
            on: on("2026-06-03"),
            reason,
            suggested_at: suggested_at.map(at),
            proof_until_on: None,
            state: GapState::Open,
            session: None,
            recorded_at: monday(),
        };
        assert_eq!((waits(&gap), lacks_offer(&gap)), expected, "{reason} {suggested_at:?}");
    }
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

#[test]
fn a_date_of_this_week_may_be_past() {
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
    let terms = terms(&monthly, &default_agreement(on("2026-03-02")), monday(), Zone::COPENHAGEN).unwrap();
    assert!(is_past(&terms, on("2026-03-20"), true, at("2026-03-15T08:00:00Z")));
    assert!(!is_past(&terms, on("2026-03-20"), false, at("2026-03-15T08:00:00Z")));
}

#[test]
fn on_a_gap_it_is_decided_until_its_date_and_what_was_suggested_are_past() {
    fn nobody<N>() -> crate::base::ids::Id<N> {
        crate::base::ids::Id::from_uuid(uuid::Uuid::nil())
    }
    for (suggested_at, now, expected) in [
        // The last moment of Wednesday 3 June in Copenhagen, and the first of the Thursday.
        (None, "2026-06-03T21:59:59.999999Z", false),
        (None, "2026-06-03T22:00:00Z", true),
        (Some("2026-06-02T14:00:00Z"), "2026-06-03T21:59:59.999999Z", false),
        (Some("2026-06-02T14:00:00Z"), "2026-06-03T22:00:00Z", true),
        (Some("2026-06-05T14:00:00Z"), "2026-06-05T13:59:59.999999Z", false),
        (Some("2026-06-05T14:00:00Z"), "2026-06-05T14:00:00Z", true),
    ] {
        let gap = Gap {
            id: nobody(),
            series: nobody(),
            on: on("2026-06-03"),
            reason: GapReason::Holiday,
            suggested_at: suggested_at.map(at),
            proof_until_on: None,
            state: GapState::Open,
            session: None,
            recorded_at: monday(),
        };
        assert_eq!(is_over(&gap, Zone::COPENHAGEN, at(now)), expected, "{suggested_at:?} {now}");
    }
}

#[test]
fn a_session_has_by_itself_what_no_series_gave_it() {
    // Wednesday 3 June 2026, 16:00 to 17:30 in Copenhagen, in person.
    let session = |at_min, length_min, kind| {
        let series = crate::base::ids::Id::from_uuid(uuid::Uuid::nil());
        let given = Occurrence { series, on: on("2026-06-03"), at_min, length_min, kind, place: None };
        Session { occurrence: Some(given), ..Session::for_testing() }
    };
    let series = |at_min, length_min, kind| Terms { length_min, kind, ..weekly("WE", at_min, "2026-06-03", "2026-06-30") };
    use Kind::{InPerson, Phone, Video};
    for (name, (at_min, length_min, kind), (by_now_at, by_now_long, by_now_kind), is_its_own) in [
        ("as it was given", (960, 90, InPerson), (960, 90, InPerson), false),
        ("the series changed and left it", (960, 90, InPerson), (1020, 60, Phone), false),
        ("otherwise than it was given", (1020, 60, Phone), (1020, 60, Phone), true),
        ("where the series came later", (1020, 60, Phone), (960, 90, InPerson), false),
        ("otherwise than both", (1020, 60, Phone), (1080, 120, Video), true),
    ] {
        let (session, by_now) = (session(at_min, length_min, kind), series(by_now_at, by_now_long, by_now_kind));
        assert_eq!(is_exception(&by_now, &session), is_its_own, "{name}");
        assert_eq!(own_length(&by_now, &session), is_its_own.then(|| TimeDelta::minutes(90)), "{name}");
        let new = Terms { kind: Kind::Text, ..by_now.clone() };
        assert_eq!(held(&by_now, &new, &session).0, if is_its_own { InPerson } else { Kind::Text }, "{name}");
    }
}
