//! What three readers that are not ours find in a calendar: Python's icalendar and vobject, and ical.js.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use makker::base::calendar::Zone;
use makker::base::clock::Instant;
use makker::base::ical::{Calendar, Event, Method, Status};
use serde_json::{Value, json};

use crate::support::{python_with, requires, setting};

/// Method, UID, SEQUENCE, start and end in UTC.
pub type Found = (String, String, i64, String, String);

/// A mail, as a reader takes it apart.
pub type Mail = Value;

/// What all three find, calendar by calendar, each in the order of the UIDs; and the mails. `None`, said aloud, where one is missing.
pub fn read(calendars: &[&str], mails: &[&str]) -> Option<(Vec<Vec<Found>>, Vec<Mail>)> {
    let (python, node) = (python_with("icalendar, vobject"), node());
    let (mut python, mut node) = (python?, node?);
    let asked = json!({"calendars": calendars, "mails": mails}).to_string();
    let found = say(python.args(["-c", include_str!("readers.py")]), &asked);
    let mut by_js = say(node.args(["--input-type=module", "-e", include_str!("reader.mjs")]).arg("--").arg(modules()), &asked);
    for calendar in by_js.as_array_mut().unwrap() {
        calendar.as_array_mut().unwrap().sort_by_key(|event| event[1].to_string());
    }
    assert_eq!(found["icalendar"], found["vobject"]);
    assert_eq!(found["icalendar"], by_js);
    Some((serde_json::from_value(by_js).unwrap(), found["mails"].as_array().unwrap().clone()))
}

/// The folder of installed modules (`MAKKER_TEST_NODE_MODULES`).
fn modules() -> String {
    setting("MAKKER_TEST_NODE_MODULES").unwrap_or_else(|| "node_modules".to_owned())
}

/// Node, if it has ical.js.
fn node() -> Option<Command> {
    let runs = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|end| end.success());
    let has = runs && Path::new(&modules()).join("ical.js").is_dir();
    requires(&format!("Node with ical.js (MAKKER_TEST_NODE_MODULES={})", modules()), has).then(|| Command::new("node"))
}

fn say(program: &mut Command, asked: &str) -> Value {
    let mut running = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may stop reading when it finds something wrong: its complaint is below.
    let _ = running.stdin.take().unwrap().write_all(asked.as_bytes());
    let ended = running.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

/// Every half hour around each change of the clocks in zones of all kinds, and moments far from any.
#[test]
fn all_readers_find_the_same_moments_in_every_zone() {
    let at = |text: &str| Instant::parse(text).unwrap();
    let zones = [
        "Europe/Copenhagen",
        "America/New_York",
        "America/St_Johns",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Casablanca",
        "Asia/Kolkata",
        "Europe/Moscow",
        "UTC",
    ];
    let (mut texts, mut expected) = (Vec::new(), Vec::new());
    for zone in zones.map(|name| name.parse::<Zone>().unwrap()) {
        let changes = zone.changes(at("2026-01-01T00:00:00Z"), at("2027-04-01T00:00:00Z"));
        let near = changes.iter().flat_map(|change| (-6..7).map(|half_hours| change.at.plus(TimeDelta::minutes(30 * half_hours))));
        let starts: Vec<Instant> =
            near.chain([at("2026-02-11T15:00:00Z"), at("2026-07-15T14:00:00Z"), at("2027-03-28T14:00:00Z")]).collect();
        let event = |(number, starts_at): (usize, &Instant)| Event {
            uid: format!("00000000-0000-4000-8000-{number:012}"),
            sequence: i32::try_from(number).unwrap(),
            stamp: at("2026-01-01T00:00:00Z"),
            starts_at: *starts_at,
            ends_at: Some(starts_at.plus(TimeDelta::minutes(90))),
            summary: "Aftale; med, mange \\ tegn: æøå ".repeat(6),
            status: Status::Confirmed,
        };
        let events: Vec<Event> = starts.iter().enumerate().map(event).collect();
        let found = |event: &Event| {
            (
                "PUBLISH".to_owned(),
                event.uid.clone(),
                i64::from(event.sequence),
                event.starts_at.to_string(),
                event.ends_at.unwrap().to_string(),
            )
        };
        expected.push(events.iter().map(found).collect::<Vec<_>>());
        let calendar =
            Calendar { product: "-//Aftaler//DA", method: Method::Publish, zone, refresh_min: Some(60), parties: None, events: &events };
        texts.push(calendar.text(at("2026-01-01T00:00:00Z")));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let Some((found, _)) = read(&texts, &[]) else { return };
    for ((zone, found), expected) in zones.iter().zip(found).zip(expected) {
        assert_eq!(found, expected, "{zone}");
    }
}
