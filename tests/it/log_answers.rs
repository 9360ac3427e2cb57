//! What a phone hears of a log whose answer was lost, and of the next appointment in whichever order the versions come.

use serde_json::{Value, json};

use crate::by_hand::session;
use crate::sessions::{FIRST, Family, course, family, held, matched, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// An hour of a day in March.
fn next(day: usize, hour: u32) -> Value {
    json!({"starts_at": format!("2026-03-{day:02}T{hour}:00:00Z"), "ends_at": format!("2026-03-{day:02}T{}:00:00Z", hour + 1)})
}

/// State and start of what the boy's match has from the 10th on.
fn to_come(family: &Family<'_>) -> Vec<String> {
    let all = family.unit.get(&format!("/v1/sessions?match={}&from=2026-03-10T00:00:00Z&limit=100", family.mentoring)).ok();
    let tell = |session: &Value| format!("{} {}", session["state"].as_str().unwrap(), session["starts_at"].as_str().unwrap());
    all["items"].as_array().unwrap().iter().map(tell).collect()
}

/// The mentor's afternoon of the 11th is another young person's. The session that is.
fn busy(app: &TestApp, family: &Family<'_>) -> String {
    let unit = &family.unit;
    let other = unit.person("young_person", "Asgerlund", Some("2005-05-01"));
    let case = app.founded_case(unit, &[&other]);
    let malte = unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["staff_id"].as_str().unwrap().to_owned();
    let theirs = matched(unit, &family.mentor, &course(app, unit, &case, &other, &[], "mentor"), &malte);
    family.mentor.post("/v1/sessions", &plan(&theirs, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).id()
}

both_engines! {
    fn who_met_in_what_was_called_off_later_met_in_it(app: TestApp) {
        let family = family(&app);
        let id = session(&family, "04");
        app.set_clock("2026-03-04T16:30:00Z");
        family.unit.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "person"})).ok();
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:10:00Z");
        log["session_id"] = json!(id);
        let stored = family.mentor.put(FIRST, "", &log);
        assert_eq!((stored.status, &stored.ok()["session_id"], &stored.ok()["warnings"]), (201, &json!(id), &json!([])));
        assert_eq!(family.unit.get(&format!("/v1/sessions/{id}")).ok()["state"], "held");
    }

    fn an_answer_that_was_lost_is_given_again_as_far_as_it_still_holds(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-05T10:00:00Z");
        (log["topics"], log["contact_attempts"], log["next_appointment"]) = (json!(["chess"]), json!(100_000), next(11, 15));
        let send = |log: &Value| {
            let stored = mentor.put(FIRST, "", log);
            (stored.status, stored.ok()["warnings"].clone())
        };
        let all = json!(["unknown_code", "clock_ahead", "next_appointment_clashes", "left_out"]);
        assert_eq!(send(&log), (201, all.clone()));
        // The phone's clock is right by the time that it asks again.
        app.set_clock("2026-03-05T11:00:00Z");
        let tag = mentor.get(FIRST).tag();
        for _ in 0..2 {
            assert_eq!(send(&log), (200, all.clone()), "sent again it is warned of the same");
        }
        assert_eq!((mentor.get(FIRST).tag(), to_come(&family)), (tag, vec![]), "and changes nothing");
        // A word is put right, by a clock that is right: what is not planned is not passed over.
        (log["facts"], log["written_at"]) = (json!("Vi spillede dam"), json!("2026-03-05T10:30:00Z"));
        let still = json!(["unknown_code", "next_appointment_clashes", "left_out"]);
        assert_eq!([send(&log), send(&log)], [(200, still.clone()), (200, still)]);
        assert!(to_come(&family).is_empty());
        // The time is free by now.
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        let planned = json!(["unknown_code", "left_out"]);
        log["facts"] = json!("Vi spillede ludo");
        assert_eq!([send(&log), send(&log)], [(200, planned.clone()), (200, planned.clone())]);
        assert_eq!(to_come(&family), ["planned 2026-03-11T15:00:00Z"]);
        // What somebody calls off then stays off.
        let session = mentor.get(&format!("/v1/sessions?match={}&from=2026-03-10T00:00:00Z", family.mentoring)).ok()["items"][0]["id"].clone();
        mentor.post(&format!("/v1/sessions/{}/cancel", session.as_str().unwrap()), &json!({"by": "person"})).ok();
        for (facts, place) in [("Vi spillede whist", None), ("Vi spillede whist", Some("cafe")), ("Vi spillede kort", None)] {
            (log["facts"], log["next_appointment"]["place_code"]) = (json!(facts), json!(place));
            assert_eq!([send(&log), send(&log)], [(200, planned.clone()), (200, planned.clone())]);
            assert_eq!(to_come(&family), ["cancelled 2026-03-11T15:00:00Z"]);
        }
    }

    fn what_was_planned_by_sending_again_under_the_wrong_young_person_is_taken_back(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        let theirs = mentor.get(&format!("/v1/sessions/{busy}")).ok()["match_id"].as_str().unwrap().to_owned();
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(11, 15);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!(["next_appointment_clashes"]));
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        app.set_clock("2026-03-04T18:00:00Z");
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        assert_eq!(to_come(&family), ["planned 2026-03-11T15:00:00Z"]);
        log["match_id"] = json!(theirs);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        assert_eq!(to_come(&family), ["cancelled 2026-03-11T15:00:00Z"]);
    }

    fn what_sending_again_planned_and_moved_is_the_logs_own_still(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let first = busy(&app, &family);
        let theirs = mentor.get(&format!("/v1/sessions/{first}")).ok()["match_id"].as_str().unwrap().to_owned();
        let second = mentor.post("/v1/sessions", &plan(&theirs, "2026-03-12T15:30:00Z", "2026-03-12T16:30:00Z")).id();
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        let send = |log: &Value| mentor.put(FIRST, "", log).ok()["warnings"].clone();
        for (day, busy, hour) in [(11, first, 17), (12, second, 18)] {
            app.set_clock(&format!("2026-03-04T{hour}:00:00Z"));
            log["next_appointment"] = next(day, 15);
            assert_eq!(send(&log), json!(["next_appointment_clashes"]));
            mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
            app.set_clock(&format!("2026-03-04T{hour}:30:00Z"));
            assert_eq!(send(&log), json!([]));
            assert_eq!(to_come(&family), [format!("planned 2026-03-{day}T15:00:00Z")]);
        }
        // It was somebody else whom he had met.
        log["match_id"] = json!(theirs);
        assert_eq!(send(&log), json!([]));
        assert_eq!(to_come(&family), ["cancelled 2026-03-12T15:00:00Z"]);
    }

    fn what_is_sent_again_is_planned_once_its_time_is_free(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        app.set_clock("2026-03-04T17:00:00Z");
        let version = |revision: i32, facts: &str, next: Value| {
            let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
            (log["revision"], log["facts"], log["next_appointment"]) = (json!(revision), json!(facts), next);
            log
        };
        let warned = |log: &Value| mentor.put(FIRST, "", log).ok()["warnings"].clone();
        // What an earlier version had planned stands where another cannot be.
        assert_eq!(warned(&version(1, "Skak", next(10, 15))), json!([]));
        let second = version(2, "Skak", next(11, 15));
        assert_eq!([warned(&second), warned(&second)], [json!(["next_appointment_clashes"]), json!(["next_appointment_clashes"])]);
        assert_eq!(to_come(&family), ["planned 2026-03-10T15:00:00Z"]);
        // A later version that says nothing of it leaves it so, and an earlier one that is sent again plans nothing.
        assert_eq!(warned(&version(3, "Dam", Value::Null)), json!([]));
        assert_eq!(warned(&second), json!(["kept_as_history", "next_appointment_not_planned"]));
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(warned(&second), json!(["kept_as_history", "next_appointment_not_planned"]));
        assert_eq!(to_come(&family), ["planned 2026-03-10T15:00:00Z"]);
        // Whoever means it says so anew: it moves what the first had planned.
        assert_eq!(warned(&version(4, "Dam", next(11, 15))), json!([]));
        assert_eq!(to_come(&family), ["planned 2026-03-11T15:00:00Z"]);
        assert_eq!(warned(&second), json!(["kept_as_history"]));
    }

    fn the_latest_word_on_the_next_appointment_holds_in_whichever_order_it_comes(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        // What the versions of a log name, by hour.
        let logs = [[Some(15), Some(17), None], [Some(15), None, Some(17)]];
        for (at, (names, order)) in logs.iter().flat_map(|names| orders.iter().map(move |order| (names, order))).enumerate() {
            let path = format!("/v1/session-logs/{:08}-1111-4111-8111-111111111111", at + 1);
            let send = |version: usize| {
                let mut log = held(&family.mentoring, &format!("2026-03-03T{:02}:00:00Z", at + 5), "2026-03-03T20:00:00Z");
                (log["revision"], log["facts"]) = (json!(version + 1), json!(format!("Udgave {version}")));
                log["next_appointment"] = names[version].map_or(Value::Null, |hour| next(at + 10, hour));
                family.mentor.put(&path, "", &log).ok()["warnings"].clone()
            };
            let mut newest = 0;
            for version in *order {
                let expected = if version < newest { json!(["kept_as_history"]) } else { json!([]) };
                assert_eq!(send(version), expected, "{names:?} {order:?} {version}");
                newest = newest.max(version);
            }
            // Each of them again, and nothing is planned twice.
            for version in *order {
                send(version);
            }
            assert_eq!(to_come(&family).last().unwrap(), &format!("planned 2026-03-{}T17:00:00Z", at + 10), "{names:?} {order:?}");
        }
        assert_eq!(to_come(&family).len(), orders.len() * logs.len());
    }

    fn what_is_late_under_the_wrong_young_person_plans_nothing(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = mentor.get(&format!("/v1/sessions/{}", busy(&app, &family))).ok();
        let theirs = busy["match_id"].as_str().unwrap();
        app.set_clock("2026-03-04T17:00:00Z");
        let version = |revision: i32, matched: &str, next: Value| {
            let mut log = held(matched, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
            (log["revision"], log["facts"], log["next_appointment"]) = (json!(revision), json!(format!("Udgave {revision}")), next);
            mentor.put(FIRST, "", &log).ok()["warnings"].clone()
        };
        // It was the other whom he had met: what the log had planned is off, also where its last word was none.
        assert_eq!(version(1, &family.mentoring, next(18, 15)), json!([]));
        assert_eq!(version(3, &family.mentoring, Value::Null), json!([]));
        assert_eq!(version(4, theirs, Value::Null), json!([]));
        assert_eq!(to_come(&family), ["cancelled 2026-03-18T15:00:00Z"]);
        assert_eq!(version(2, &family.mentoring, next(25, 15)), json!(["kept_as_history"]));
        assert_eq!(to_come(&family), ["cancelled 2026-03-18T15:00:00Z"]);
        // What it named is his all the same, and a coordinator's to read.
        let versions = |caller: &Caller<'_>| caller.get(&format!("{FIRST}/versions")).ok()["items"].as_array().unwrap().len();
        assert_eq!((versions(mentor), versions(&family.unit)), (0, 3));
        let theirs = mentor.get(&format!("/v1/sessions?match={theirs}")).ok()["items"].as_array().unwrap().len();
        assert_eq!(theirs, 2, "what was planned, and what was told");
    }

    fn what_another_moved_on_is_moved_back_only_over_what_was_read(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let busy = mentor.get(&format!("/v1/sessions/{}", busy(&app, &family))).ok();
        let theirs = busy["match_id"].as_str().unwrap();
        let log = |revision: Option<i32>, matched: &str, facts: &str| {
            let mut log = held(matched, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
            (log["revision"], log["facts"]) = (json!(revision), json!(facts));
            log
        };
        let stands = |matched: &str, revision: i32, warnings: Value| (json!(matched), json!(revision), warnings);
        let send = |revision: i32, matched: &str, facts: &str| {
            let stored = mentor.put(FIRST, "", &log(Some(revision), matched, facts)).ok();
            (stored["match_id"].clone(), stored["revision"].clone(), stored["warnings"].clone())
        };
        app.set_clock("2026-03-04T17:00:00Z");
        assert_eq!(send(1, &family.mentoring, "Skak"), stands(&family.mentoring, 1, json!([])));
        assert_eq!(send(3, &family.mentoring, "Dam"), stands(&family.mentoring, 3, json!([])));
        // A late copy that names the other was filed nowhere, and nobody moved it.
        app.set_clock("2026-03-04T17:10:00Z");
        assert_eq!(send(2, theirs, "Ludo"), stands(&family.mentoring, 3, json!(["kept_as_history"])));
        app.set_clock("2026-03-04T17:20:00Z");
        unit.put(FIRST, "*", &log(None, &family.mentoring, "Dam og skak")).ok();
        assert_eq!(send(4, theirs, "Whist"), stands(theirs, 5, json!([])));
        // Nor did anybody but he, whoever corrected it since.
        assert_eq!(send(5, &family.mentoring, "Whist"), stands(&family.mentoring, 6, json!([])));
        unit.put(FIRST, "*", &log(None, &family.mentoring, "Whist og dam")).ok();
        assert_eq!(send(6, theirs, "Whist"), stands(theirs, 8, json!([])));
        // The unit did, and he has not read it: it stays, however often he sends what he means.
        unit.put(FIRST, &unit.get(FIRST).tag(), &log(None, &family.mentoring, "Whist")).ok();
        for _ in 0..2 {
            assert_eq!(send(7, theirs, "Kort"), stands(&family.mentoring, 10, json!(["unknown_session"])));
        }
        assert_eq!(send(8, theirs, "Kort igen"), stands(&family.mentoring, 11, json!(["unknown_session"])));
        let read = mentor.put(FIRST, &mentor.get(FIRST).tag(), &log(Some(9), theirs, "Kort")).ok();
        assert_eq!((&read["match_id"], &read["warnings"]), (&json!(theirs), &json!([])));
    }

    fn what_waits_is_not_planned_where_another_was_agreed_on_since(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(11, 15);
        let send = |log: &Value| mentor.put(FIRST, "", log).ok()["warnings"].clone();
        assert_eq!(send(&log), json!(["next_appointment_clashes"]));
        // Something else is found on the telephone; then the first time is free, too.
        app.set_clock("2026-03-04T18:00:00Z");
        let other = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).id();
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(send(&log), json!(["next_appointment_agreed_otherwise"]));
        (log["facts"], log["next_appointment"]["place_code"]) = (json!("Vi spillede dam"), json!("cafe"));
        for _ in 0..2 {
            assert_eq!(send(&log), json!(["next_appointment_agreed_otherwise"]));
        }
        assert_eq!(to_come(&family), ["planned 2026-03-12T15:00:00Z"]);
        // Another time is a word of today; and what is off is agreed on no more.
        mentor.post(&format!("/v1/sessions/{other}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(send(&log), json!([]));
        assert_eq!(to_come(&family), ["planned 2026-03-11T15:00:00Z", "cancelled 2026-03-12T15:00:00Z"]);
    }

    fn what_is_agreed_on_for_a_later_week_or_comes_back_takes_the_place_of_nothing(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        let [soon, later] = ["12", "19"].map(|day| session(&family, day));
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(11, 15);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!(["next_appointment_clashes"]));
        // A week later another is moved; the next was called off by mistake.
        app.set_clock("2026-03-04T18:00:00Z");
        let path = format!("/v1/sessions/{later}");
        mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &next(20, 15)).ok();
        mentor.post(&format!("/v1/sessions/{soon}/cancel"), &json!({"by": "staff"})).ok();
        app.set_clock("2026-03-04T18:05:00Z");
        mentor.post(&format!("/v1/sessions/{soon}/restore"), &json!({})).ok();
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        assert_eq!(to_come(&family), ["11", "12", "20"].map(|day| format!("planned 2026-03-{day}T15:00:00Z")));
    }

    fn what_was_moved_by_hand_takes_the_place_of_what_waits(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        let mut send = |next: Value| {
            log["next_appointment"] = next;
            mentor.put(FIRST, "", &log).ok()["warnings"].clone()
        };
        assert_eq!(send(next(10, 15)), json!([]));
        assert_eq!(send(next(11, 15)), json!(["next_appointment_clashes"]));
        app.set_clock("2026-03-04T18:00:00Z");
        let coming = mentor.get(&format!("/v1/sessions?match={}&from=2026-03-10T00:00:00Z", family.mentoring)).ok()["items"][0]["id"].clone();
        let path = format!("/v1/sessions/{}", coming.as_str().unwrap());
        mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &next(12, 15)).ok();
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(send(next(11, 15)), json!(["next_appointment_agreed_otherwise"]));
        assert_eq!(to_come(&family), ["planned 2026-03-12T15:00:00Z"]);
        // What is said anew is agreed on anew.
        assert_eq!(send(next(13, 15)), json!([]));
        assert_eq!(to_come(&family), ["planned 2026-03-12T15:00:00Z", "planned 2026-03-13T15:00:00Z"]);
    }

    fn what_was_agreed_on_by_hand_takes_its_place_also_beyond_what_stood_before(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let busy = busy(&app, &family);
        session(&family, "12");
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(11, 15);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!(["next_appointment_clashes"]));
        app.set_clock("2026-03-04T18:00:00Z");
        session(&family, "13");
        mentor.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!(["next_appointment_agreed_otherwise"]));
    }

    fn what_has_begun_is_not_moved_by_a_later_word(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(10, 15);
        assert_eq!(family.mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        app.set_clock("2026-03-10T15:30:00Z");
        log["next_appointment"] = next(18, 15);
        assert_eq!(family.mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        assert_eq!(to_come(&family), ["planned 2026-03-10T15:00:00Z", "planned 2026-03-18T15:00:00Z"]);
    }

    fn what_a_log_had_planned_is_off_where_its_later_word_stands_already(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = next(10, 15);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        app.set_clock("2026-03-04T18:00:00Z");
        for (day, is_proposed) in [("11", false), ("12", true), ("13", false)] {
            let mut session = plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
            session["proposed"] = json!(is_proposed);
            mentor.post("/v1/sessions", &session).ok();
        }
        app.set_clock("2026-03-04T18:30:00Z");
        // What was planned by hand stays, whichever of it is the next.
        for (day, states) in [(11, ["planned", "proposed", "planned"]), (12, ["planned", "planned", "planned"]), (13, ["planned", "planned", "planned"])] {
            log["next_appointment"] = next(day, 15);
            assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
            let expected: Vec<_> = states.iter().zip(["11", "12", "13"]).map(|(state, day)| format!("{state} 2026-03-{day}T15:00:00Z")).collect();
            assert_eq!(to_come(&family)[1..], expected);
            assert_eq!(to_come(&family)[0], "cancelled 2026-03-10T15:00:00Z");
        }
    }
}
