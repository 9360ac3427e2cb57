//! One meeting that is told of twice counts once: by a phone that lost what it was answered, or by two who both know of it.

use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, SECOND, family, held, plan};
use crate::support::TestApp;
use crate::support::http::Answer;

/// How much counts in these figures of the year: held, minutes, missed, cancelled.
pub fn counted(family: &Family<'_>) -> [Value; 4] {
    let report = family.unit.get("/v1/reports/yearly?year=2026").ok();
    ["sessions_held", "session_minutes", "sessions_missed", "sessions_cancelled"].map(|name| {
        let figure = report["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == name);
        figure.unwrap_or_else(|| panic!("no figure {name}"))["n"].clone()
    })
}

/// A session of the mentor's from 16:00 to 17:00 in Copenhagen on a day of March.
fn planned(family: &Family<'_>, day: &str) -> String {
    let at = |hour: u32| format!("2026-03-{day}T{hour}:00:00Z");
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, &at(15), &at(16))).id()
}

/// Refused as told of already, by the log that told of it first.
fn is_told(answer: &Answer) {
    let id = FIRST.rsplit('/').next().unwrap();
    assert_eq!(answer.refused(409, "already_exists")["blocking"], json!([{"kind": "log", "id": id}]));
}

fn without_minutes(mut log: Value, outcome: &str) -> Value {
    (log["outcome"], log["minutes"]) = (json!(outcome), Value::Null);
    log
}

both_engines! {
    fn a_meeting_that_is_told_twice_was_held_once(app: TestApp) {
        let family = family(&app);
        let session = planned(&family, "04");
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:05:00Z", "2026-03-04T16:10:00Z");
        log["session_id"] = json!(session);
        assert_eq!(family.mentor.put(FIRST, "", &log).status, 201);
        // The phone sends it again under another id, and so do others who know of it: with the session it is about, or without.
        is_told(&family.mentor.put(SECOND, "", &log));
        for starts_at in ["2026-03-04T15:05:00Z", "2026-03-04T15:00:00Z", "2026-03-04T15:30:00Z"] {
            let log = held(&family.mentoring, starts_at, "2026-03-04T16:30:00Z");
            is_told(&family.mentor.put(SECOND, "", &log));
            is_told(&family.unit.put(SECOND, "", &log));
        }
        assert_eq!(counted(&family), [1, 60, 0, 0].map(|n| json!(n)));
        // Met again straight afterwards they met twice.
        app.set_clock("2026-03-04T18:00:00Z");
        family.mentor.put(SECOND, "", &held(&family.mentoring, "2026-03-04T16:05:00Z", "2026-03-04T17:30:00Z")).ok();
        assert_eq!(counted(&family), [2, 120, 0, 0].map(|n| json!(n)));
    }

    fn a_miss_that_is_told_twice_is_one(app: TestApp) {
        let family = family(&app);
        let session = planned(&family, "04");
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = without_minutes(held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:10:00Z"), "no_show");
        log["session_id"] = json!(session);
        family.mentor.put(FIRST, "", &log).ok();
        is_told(&family.unit.put(SECOND, "", &log));
        log["session_id"] = Value::Null;
        for starts_at in ["2026-03-04T15:00:00Z", "2026-03-04T15:10:00Z"] {
            log["starts_at"] = json!(starts_at);
            is_told(&family.unit.put(SECOND, "", &log));
            is_told(&family.mentor.put(SECOND, "", &log));
        }
        assert_eq!(counted(&family), [0, 0, 1, 0].map(|n| json!(n)));
        assert!(app.promised("missed_twice").is_empty());
    }

    fn a_cancellation_that_is_told_twice_is_one(app: TestApp) {
        let family = family(&app);
        let session = planned(&family, "04");
        family.unit.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "person", "new_time_agreed": false})).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        // The unit took the call, and so did the mentor; her phone sends her log twice.
        let log = json!({"match_id": family.mentoring, "outcome": "cancelled", "by": "person", "starts_at": "2026-03-04T15:00:00Z"});
        assert_eq!(family.mentor.put(FIRST, "", &log).ok()["session_id"], json!(session));
        is_told(&family.mentor.put(SECOND, "", &log));
        assert_eq!(counted(&family), [0, 0, 0, 1].map(|n| json!(n)));
        assert!(app.promised("missed_twice").is_empty());
    }
}
