//! Literal cases of free times; thousands of random ones stand in tests/it, against Python and minute by minute.

use chrono::{NaiveDate, TimeDelta};

use super::{full_dates, objections, slots};
use crate::availability::model::{Effect, Exception, Stretch, Week};
use crate::availability::slots::model::days::Frame;
use crate::availability::slots::model::{Agreed, Ask, Busy, Objection, Open, Participant};
use crate::base::calendar::{Holidays, Range, Zone};
use crate::base::clock::Instant;
use crate::base::ids::Id;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}
fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn range(text: &str) -> Range {
    let (from, until) = text.split_once(' ').unwrap();
    Range::new(at(from), at(until)).unwrap()
}

/// Everything that a case can say of one who takes part, and of what is asked.
struct Case {
    zone: Zone,
    week: Vec<Stretch>,
    exceptions: Vec<Exception>,
    never: Vec<Stretch>,
    leaves: Vec<(NaiveDate, NaiveDate)>,
    on_holidays: bool,
    busy: Vec<Busy>,
    full: Vec<(NaiveDate, Objection)>,
    wished: Option<Vec<Stretch>>,
    grid: Zone,
    ask: Ask,
}

fn every_day(from_min: i32, until_min: i32) -> Vec<Stretch> {
    (1..=7).map(|weekday| Stretch { weekday, from_min, until_min }).collect()
}

impl Case {
    fn new(zone: &str, week: Vec<Stretch>, window: &str, length_min: i64, interval_min: i32) -> Self {
        let zone: Zone = zone.parse().unwrap();
        let ask = Ask {
            window: range(window),
            length: TimeDelta::minutes(length_min),
            interval_min,
            before: TimeDelta::zero(),
            after: TimeDelta::zero(),
            earliest_at: Instant::from_micros(0),
            latest_on: None,
            agreed: Agreed::default(),
        };
        let (exceptions, never, leaves, busy, full) = Default::default();
        Self { zone, week, exceptions, never, leaves, on_holidays: true, busy, full, wished: None, grid: zone, ask }
    }

    fn with<T>(&self, see: impl FnOnce(&Participant<'_>, &Frame) -> T) -> T {
        let holidays = Holidays::none();
        let (frame, grid) = (Frame::of(self.zone, self.ask.window, holidays), Frame::of(self.grid, self.ask.window, holidays));
        let (week, never) = (Week::of(self.week.iter().copied()), Week::of(self.never.iter().copied()));
        let wished = self.wished.as_ref().map(|wished| Week::of(wished.iter().copied()));
        let open = Open {
            week: &week,
            exceptions: &self.exceptions,
            never: &never,
            leaves: &self.leaves,
            service: (None, None),
            on_holidays: self.on_holidays,
        };
        let participant =
            Participant { frame: &frame, open, busy: &self.busy, has_buffers: true, full: &self.full, wished: wished.as_ref() };
        see(&participant, &grid)
    }

    fn starts(&self) -> Vec<String> {
        self.with(|participant, grid| slots(&[*participant], &self.ask, grid).iter().map(|slot| slot.starts_at.to_string()).collect())
    }

    fn objections(&self, start: &str) -> Vec<Objection> {
        let meeting = Range::new(at(start), at(start).plus(self.ask.length)).unwrap();
        self.with(|participant, grid| {
            let mut all = objections::of_time(meeting, &self.ask, grid);
            all.extend(objections::of_participant(meeting, participant, &self.ask, grid));
            all
        })
    }

    fn busy(mut self, text: &str, before: i64, after: i64) -> Self {
        self.busy.push(Busy { range: range(text), before: TimeDelta::minutes(before), after: TimeDelta::minutes(after) });
        self
    }
}

fn first_and_last(starts: &[String]) -> (usize, &str, &str) {
    (starts.len(), starts.first().map_or("", |start| start), starts.last().map_or("", |start| start))
}

#[test]
fn a_utc_day_has_twenty_four_hours() {
    let day = || Case::new("UTC", every_day(0, 1440), "2026-05-05T00:00:00Z 2026-05-06T00:00:00Z", 60, 60);
    assert_eq!(first_and_last(&day().starts()), (24, "2026-05-05T00:00:00Z", "2026-05-05T23:00:00Z"));
    let mut late = day();
    late.ask.earliest_at = at("2026-05-05T11:59:59Z");
    assert_eq!(first_and_last(&late.starts()), (12, "2026-05-05T12:00:00Z", "2026-05-05T23:00:00Z"));
    let mut noticed = Case::new("UTC", every_day(0, 1440), "2026-05-05T00:00:00Z 2026-05-07T00:00:00Z", 60, 60);
    noticed.ask.earliest_at = at("2026-05-05T11:59:59Z").plus(TimeDelta::minutes(1500));
    assert_eq!(first_and_last(&noticed.starts()), (11, "2026-05-06T13:00:00Z", "2026-05-06T23:00:00Z"));
    noticed.ask.latest_on = Some(date("2026-05-05"));
    assert_eq!(noticed.starts(), Vec::<String>::new());
}

#[test]
fn what_is_planned_leaves_the_rest() {
    let case = Case::new("UTC", every_day(540, 1020), "2026-05-05T10:00:00Z 2026-05-06T00:00:00Z", 30, 30)
        .busy("2026-05-05T11:00:00Z 2026-05-05T12:00:00Z", 0, 0)
        .busy("2026-05-05T14:00:00Z 2026-05-05T15:00:00Z", 0, 0);
    let starts: Vec<_> = case.starts().iter().map(|start| start[11..16].to_owned()).collect();
    assert_eq!(starts.join(" "), "10:00 10:30 12:00 12:30 13:00 13:30 15:00 15:30 16:00 16:30");
    assert_eq!(case.objections("2026-05-05T11:30:00Z"), [Objection::Busy]);
    assert_eq!(case.objections("2026-05-05T10:45:00Z"), [Objection::BetweenStarts, Objection::Busy]);
    assert_eq!(case.objections("2026-05-05T17:00:00Z"), [Objection::OutsideHours]);
    assert!(case.objections("2026-05-05T10:30:00Z").is_empty());
}

#[test]
fn hours_follow_the_clock_on_the_wall() {
    #[rustfmt::skip]
    let cases = [
        // Zone, hours of every day, window, length and interval, how many with the first and last.
        ("America/New_York", 780, 1080, "2026-03-08T00:00:00Z 2026-03-09T00:00:00Z", 60, (5, "2026-03-08T17:00:00Z", "2026-03-08T21:00:00Z")),
        ("America/New_York", 540, 1020, "2023-11-06T05:00:00Z 2023-11-07T05:00:00Z", 60, (8, "2023-11-06T14:00:00Z", "2023-11-06T21:00:00Z")),
        ("America/New_York", 540, 1020, "2023-11-03T04:00:00Z 2023-11-04T04:00:00Z", 60, (8, "2023-11-03T13:00:00Z", "2023-11-03T20:00:00Z")),
        // 23, 25 and 23 hours; from two o'clock on, which there is not: from three.
        ("Europe/Copenhagen", 0, 1440, "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z", 60, (23, "2026-03-28T23:00:00Z", "2026-03-29T21:00:00Z")),
        ("Europe/Copenhagen", 0, 1440, "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z", 60, (25, "2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z")),
        ("Europe/Copenhagen", 0, 1440, "2027-03-27T23:00:00Z 2027-03-28T22:00:00Z", 60, (23, "2027-03-27T23:00:00Z", "2027-03-28T21:00:00Z")),
        ("Europe/Copenhagen", 120, 300, "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z", 60, (2, "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")),
        ("Europe/Copenhagen", 150, 300, "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z", 30, (3, "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z")),
        // Until half past two, which comes twice: the first.
        ("Europe/Copenhagen", 60, 150, "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z", 30, (3, "2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z")),
        // A weekly 16:00 stays 16:00.
        ("Europe/Copenhagen", 960, 1050, "2026-10-24T00:00:00Z 2026-10-27T00:00:00Z", 90, (3, "2026-10-24T14:00:00Z", "2026-10-26T15:00:00Z")),
    ];
    for (zone, from, until, window, length, expected) in cases {
        let case = Case::new(zone, every_day(from, until), window, length, if length == 90 { 30 } else { i32::try_from(length).unwrap() });
        assert_eq!(first_and_last(&case.starts()), expected, "{zone} {from}-{until} in {window}");
    }
}

#[test]
fn starts_are_counted_from_each_midnight() {
    // Every 50 minutes: 0:00 again the next day; what begins after the clocks moved counts by what they show.
    let case = Case::new("Europe/Copenhagen", every_day(0, 240), "2026-03-28T23:00:00Z 2026-03-30T22:00:00Z", 10, 50);
    let starts: Vec<_> = case.starts().iter().map(|start| start[8..16].to_owned()).collect();
    assert_eq!(starts.join(" "), "28T23:00 28T23:50 29T00:40 29T01:20 29T22:00 29T22:50 29T23:40 30T00:30 30T01:20");
}

#[test]
fn neighbours_buffers_overlap_and_do_not_add_up() {
    // Its own: 10 before and 20 after; the new one's: 30 before and 5 after.
    let mut case = Case::new("UTC", every_day(540, 1020), "2026-05-05T00:00:00Z 2026-05-06T00:00:00Z", 60, 5).busy(
        "2026-05-05T12:00:00Z 2026-05-05T13:00:00Z",
        10,
        20,
    );
    (case.ask.before, case.ask.after) = (TimeDelta::minutes(30), TimeDelta::minutes(5));
    let starts = case.starts();
    let has = |time: &str| starts.contains(&format!("2026-05-05T{time}:00Z"));
    // Until 11:50 (the larger of 10 and 5), from 13:30 (of 20 and 30); at the edges of the hours nothing is kept.
    assert!(has("10:50") && !has("10:55") && !has("13:25") && has("13:30") && has("09:00") && has("16:00"));
    assert_eq!(case.objections("2026-05-05T13:25:00Z"), [Objection::Buffer]);
}

#[test]
fn more_and_less_leave_and_holidays() {
    let exception = |effect: Effect, on: &str, from_min: i32, until_min: i32| Exception {
        id: Id::from_uuid(uuid::Uuid::nil()),
        effect,
        on: date(on),
        from_min,
        until_min,
    };
    // Maundy Thursday 2 April 2026, Good Friday, a Saturday, Easter Day.
    let mut case = Case::new("UTC", every_day(600, 720), "2026-04-01T00:00:00Z 2026-04-06T00:00:00Z", 60, 60);
    case.on_holidays = false;
    assert_eq!(case.starts(), ["2026-04-01T10:00:00Z", "2026-04-01T11:00:00Z", "2026-04-04T10:00:00Z", "2026-04-04T11:00:00Z"]);
    assert_eq!(case.objections("2026-04-02T10:00:00Z"), [Objection::Holiday]);
    // What an exception adds holds on a holiday, too.
    case.exceptions = vec![exception(Effect::More, "2026-04-03", 780, 900), exception(Effect::Less, "2026-04-04", 600, 660)];
    assert_eq!(case.starts()[2..], ["2026-04-03T13:00:00Z", "2026-04-03T14:00:00Z", "2026-04-04T11:00:00Z"]);
    case.leaves = vec![(date("2026-04-03"), date("2026-04-03"))];
    assert_eq!(case.starts()[2..], ["2026-04-04T11:00:00Z"]);
    assert_eq!(case.objections("2026-04-03T13:00:00Z"), [Objection::Leave]);
    case.never = vec![Stretch { weekday: 3, from_min: 0, until_min: 660 }];
    assert_eq!(case.starts(), ["2026-04-01T11:00:00Z", "2026-04-04T11:00:00Z"]);
    assert_eq!(case.objections("2026-04-01T10:00:00Z"), [Objection::Never]);
}

#[test]
fn a_slot_says_why_it_is_good() {
    let mut case = Case::new("Europe/Copenhagen", every_day(900, 1080), "2026-03-03T00:00:00Z 2026-03-05T00:00:00Z", 60, 60);
    case.wished = Some(vec![Stretch { weekday: 3, from_min: 900, until_min: 1010 }]);
    case.ask.agreed = Agreed { weekday: Some(3), at_min: Some(960) };
    let good = case.with(|participant, grid| {
        let found = slots(&[*participant], &case.ask, grid);
        found
            .iter()
            .map(|slot| (slot.starts_at.to_string(), slot.is_wished, slot.is_agreed_weekday, slot.is_agreed_time))
            .collect::<Vec<_>>()
    });
    let expected = [
        ("2026-03-03T14:00:00Z", false, false, false),
        ("2026-03-03T15:00:00Z", false, false, true),
        ("2026-03-03T16:00:00Z", false, false, false),
        ("2026-03-04T14:00:00Z", true, true, false),
        ("2026-03-04T15:00:00Z", false, true, true),
        ("2026-03-04T16:00:00Z", false, true, false),
    ];
    assert_eq!(good, expected.map(|(start, wished, day, time)| (start.to_owned(), wished, day, time)));
}

#[test]
fn days_and_weeks_fill_up() {
    let begun: Vec<NaiveDate> = ["2026-03-03", "2026-03-03", "2026-03-05", "2026-03-10"].map(date).into();
    assert!(full_dates(&begun, None, None).is_empty());
    assert_eq!(full_dates(&begun, Some(2), None), [(date("2026-03-03"), Objection::DayLimit)]);
    let week = |from: &str| date(from).iter_days().take(7).map(|on| (on, Objection::WeekLimit)).collect::<Vec<_>>();
    assert_eq!(full_dates(&begun, None, Some(3)), week("2026-03-02"));
    assert_eq!(full_dates(&begun, None, Some(1)), [week("2026-03-02"), week("2026-03-09")].concat());
    let mut case = Case::new("UTC", every_day(600, 660), "2026-03-02T00:00:00Z 2026-03-05T00:00:00Z", 60, 60);
    case.full = full_dates(&begun, Some(2), None);
    assert_eq!(case.starts(), ["2026-03-02T10:00:00Z", "2026-03-04T10:00:00Z"]);
    assert_eq!(case.objections("2026-03-03T10:00:00Z"), [Objection::DayLimit]);
}
