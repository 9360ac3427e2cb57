//! Free times against two independent versions: Python with dateutil, asked thousands of random questions in each run, and minute by
//! minute. And a time is offered exactly when nothing speaks against it.

use chrono::{NaiveDate, TimeDelta};
use makker::availability::slots::model::days::Frame;
use makker::availability::slots::rules::{full_dates, objections, slots};
use makker::availability::slots::{Agreed, Ask, Busy, Objection, Open, Participant};
use makker::availability::{Effect, Exception, Stretch, Week};
use makker::base::calendar::{Holidays, Range, Zone};
use makker::base::clock::Instant;
use makker::base::ids::AnyId;
use serde_json::Value;

use crate::support::python_with;

#[path = "../../benches/free_times/grid.rs"]
mod grid;

/// One who takes part, with everything that a [`Participant`] borrows.
struct One {
    zone: Zone,
    frame: Frame,
    week: Week,
    never: Week,
    exceptions: Vec<Exception>,
    leaves: Vec<(NaiveDate, NaiveDate)>,
    service: (Option<Instant>, Option<NaiveDate>),
    on_holidays: bool,
    busy: Vec<Busy>,
    has_buffers: bool,
    full: Vec<(NaiveDate, Objection)>,
}

fn at(value: &Value) -> Instant {
    Instant::parse(value.as_str().unwrap()).unwrap()
}
fn on(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}
fn number(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}
fn minutes(value: &Value) -> TimeDelta {
    TimeDelta::minutes(value.as_i64().unwrap())
}
fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
fn limit(value: &Value) -> Option<u32> {
    value.as_u64().map(|most| u32::try_from(most).unwrap())
}

fn week(value: &Value) -> Week {
    Week::of(list(value).iter().map(|it| Stretch { weekday: number(&it[0]), from_min: number(&it[1]), until_min: number(&it[2]) }))
}

fn exceptions(effect: Effect, value: &Value) -> Vec<Exception> {
    let id = AnyId::from_uuid(uuid::Uuid::nil()).cast();
    let one = |it: &Value| Exception { id, effect, on: on(&it[0]), from_min: number(&it[1]), until_min: number(&it[2]) };
    list(value).iter().map(one).collect()
}

fn question(ask: &Value) -> Ask {
    Ask {
        window: Range::new(at(&ask["from"]), at(&ask["until"])).unwrap(),
        length: minutes(&ask["length"]),
        interval_min: number(&ask["interval"]),
        before: minutes(&ask["before"]),
        after: minutes(&ask["after"]),
        earliest_at: at(&ask["earliest"]),
        latest_on: ask["latest_on"].as_str().map(|date| date.parse().unwrap()),
        agreed: Agreed::default(),
    }
}

fn one(value: &Value, ask: &Ask, asked: &Value) -> One {
    let zone: Zone = value["zone"].as_str().unwrap().parse().unwrap();
    let begun: Vec<NaiveDate> = list(&value["begun"]).iter().map(on).collect();
    let busy = |it: &Value| Busy { range: Range::new(at(&it[0]), at(&it[1])).unwrap(), before: minutes(&it[2]), after: minutes(&it[3]) };
    One {
        zone,
        frame: Frame::of(zone, ask.window, Holidays::none()),
        week: week(&value["week"]),
        never: week(&value["never"]),
        exceptions: [exceptions(Effect::More, &value["more"]), exceptions(Effect::Less, &value["less"])].concat(),
        leaves: list(&value["leaves"]).iter().map(|it| (on(&it[0]), on(&it[1]))).collect(),
        service: (Some(zone.start_of(on(&value["first"]))), Some(on(&value["last"]))),
        on_holidays: value["on_holidays"].as_bool().unwrap(),
        busy: list(&value["busy"]).iter().map(busy).collect(),
        has_buffers: value["has_buffers"].as_bool().unwrap(),
        full: full_dates(&begun, limit(&asked["per_day"]), limit(&asked["per_week"])),
    }
}

impl One {
    fn participant(&self) -> Participant<'_> {
        let open = Open {
            week: &self.week,
            exceptions: &self.exceptions,
            never: &self.never,
            leaves: &self.leaves,
            service: self.service,
            on_holidays: self.on_holidays,
        };
        Participant { frame: &self.frame, open, busy: &self.busy, has_buffers: self.has_buffers, full: &self.full, wished: None }
    }
}

/// What the ways disagree on in one question; minute by minute only where that is asked for, since it takes its time.
fn disagreement(case: &Value, by_minute_too: bool) -> Option<String> {
    let ask = question(&case["ask"]);
    let members: Vec<One> = list(&case["participants"]).iter().map(|value| one(value, &ask, &case["ask"])).collect();
    let participants: Vec<Participant<'_>> = members.iter().map(One::participant).collect();
    let zone: Zone = case["ask"]["grid"].as_str().unwrap().parse().unwrap();
    let frame = Frame::of(zone, ask.window, Holidays::none());
    let ours: Vec<String> = slots(&participants, &ask, &frame).iter().map(|slot| slot.starts_at.to_string()).collect();
    let python: Vec<String> = list(&case["starts"]).iter().map(|start| start.as_str().unwrap().to_owned()).collect();
    if ours != python {
        return Some(format!("Python: {python:?}\nours: {ours:?}\nof {case}"));
    }
    if !by_minute_too {
        return None;
    }
    let zoned: Vec<_> = members.iter().zip(&participants).map(|(member, participant)| (member.zone, *participant)).collect();
    let by_minute: Vec<String> = grid::starts(&zoned, &ask, zone, Holidays::none()).iter().map(Instant::to_string).collect();
    if ours != by_minute {
        return Some(format!("minute by minute: {by_minute:?}\nours: {ours:?}\nof {case}"));
    }
    // Whole minutes all over the window, whether they are offered or not.
    let mut start = ask.window.starts_at();
    while let Some(meeting) = Range::new(start, start.plus(ask.length)).filter(|meeting| meeting.ends_at() <= ask.window.ends_at()) {
        let mut against = objections::of_time(meeting, &ask, &frame);
        against.extend(participants.iter().flat_map(|participant| objections::of_participant(meeting, participant, &ask, &frame)));
        if against.is_empty() != ours.contains(&start.to_string()) {
            return Some(format!("{start}: {against:?}\nours: {ours:?}\nof {case}"));
        }
        start = start.plus(TimeDelta::minutes(if against.is_empty() { 5 } else { 7 }));
    }
    None
}

#[test]
fn agree_with_python_and_with_every_minute() {
    let Some(mut python) = python_with("dateutil") else { return };
    let said = python.args(["-c", include_str!("free_times_oracle.py")]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let cases: Vec<Value> = String::from_utf8(said.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<String> = cases.iter().enumerate().filter_map(|(number, case)| disagreement(case, number % 5 == 0)).collect();
    let offered: usize = cases.iter().map(|case| list(&case["starts"]).len()).sum();
    assert!(cases.len() >= 3000 && offered > 10_000, "{} questions with {offered} free times say little", cases.len());
    assert!(
        found.is_empty(),
        "{} disagreements, add them to the literal cases:\n{}",
        found.len(),
        found[..found.len().min(3)].join("\n\n")
    );
}
