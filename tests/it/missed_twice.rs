//! Two missed in a row: the promise runs from the second miss, however many more are told of, and in whichever order.

use serde_json::{Value, json};

use crate::followups::NOTES;
use crate::sessions::{FIRST, SECOND, family, held, plan};
use crate::support::TestApp;

const THIRD: &str = "/v1/session-logs/33333333-3333-4333-8333-333333333333";

fn missed(matched: &str, day: &str, outcome: &str, written_at: &str) -> Value {
    let mut log = held(matched, &format!("2026-03-{day}T15:00:00Z"), written_at);
    (log["outcome"], log["minutes"], log["by"]) = (json!(outcome), Value::Null, json!("person"));
    log
}

both_engines! {
    fn cancelling_sooner_sessions_later_puts_nothing_off(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let planned = ["2026-03-11", "2026-03-18", "2026-03-25", "2026-04-01"]
            .map(|day| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("{day}T15:00:00Z"), &format!("{day}T16:00:00Z"))).id());
        let cancel = |at: usize, now: &str| {
            app.set_clock(now);
            mentor.post(&format!("/v1/sessions/{}/cancel", planned[at]), &json!({"by": "person", "new_time_agreed": false})).ok();
        };
        cancel(3, "2026-03-03T08:00:00Z");
        assert!(app.promised("missed_twice").is_empty());
        cancel(2, "2026-03-04T08:00:00Z");
        let promised = ("open".to_owned(), "2026-03-06T22:59:59.999999Z".to_owned(), None);
        assert_eq!(app.promise("missed_twice"), promised);
        let shown = || unit.get("/v1/duties?kind=missed_twice").ok()["items"][0].clone();
        app.set_clock("2026-03-09T08:00:00Z");
        app.tick();
        let late = shown();
        assert_eq!((&late["is_late"], late["late_told_at"].is_string()), (&json!(true), true));
        // The next two, sooner ones: the same promise, late as before, and told of once.
        cancel(1, "2026-03-09T12:00:00Z");
        cancel(0, "2026-03-10T08:00:00Z");
        app.tick();
        assert_eq!((app.promise("missed_twice"), shown()), (promised, late.clone()));
        // The visit that was made meanwhile is recorded.
        let visit = json!({"happened_at": "2026-03-05T10:00:00Z"});
        assert_eq!(unit.post(&format!("/v1/duties/{}/settle", late["id"].as_str().unwrap()), &visit).ok()["state"], "done");
    }

    fn a_run_that_was_settled_by_mistake_is_looked_at_still(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let log = |path: &str, day: &str| mentor.put(path, "", &missed(&family.mentoring, day, "no_show", &app.clock.now().to_string())).ok();
        app.set_clock("2026-03-05T17:00:00Z");
        log(FIRST, "03");
        log(SECOND, "05");
        app.set_clock("2026-03-11T08:00:00Z");
        app.tick();
        let promised = ("open".to_owned(), "2026-03-09T22:59:59.999999Z".to_owned(), None);
        assert_eq!(app.promise("missed_twice"), promised);
        let late = unit.get("/v1/duties?kind=missed_twice").ok()["items"][0].clone();
        let path = format!("/v1/duties/{}", late["id"].as_str().unwrap());
        let settle = |body: &Value| unit.post(&format!("{path}/settle"), body).ok();
        let retract = || unit.post(&format!("{path}/settlement/retract"), &json!({}));
        settle(&json!({"happened_at": app.clock.now(), "late_reason": "overlooked"}));
        // It was late, and is; that was told once.
        let open = retract().ok();
        assert_eq!(app.promise("missed_twice"), promised);
        assert_eq!((&open["is_late"], &open["late_told_at"], &open["reason"]), (&json!(true), &late["late_told_at"], &Value::Null));
        assert_eq!(open["retracted_settlements"][0]["late_reason"], "overlooked");
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        assert_eq!(unit.get("/v1/duties?kind=missed_twice").ok()["items"][0]["late_told_at"], late["late_told_at"]);
        retract().refused(409, "wrong_state");
        settle(&json!({"happened_at": "2026-03-06T10:00:00Z"}));
        assert_eq!((app.promise("missed_twice").0.as_str(), unit.get(&path).ok()["is_late"].clone()), ("done", json!(false)));
        // Another miss is part of what is settled; once that is taken back, of what is to be kept.
        log(THIRD, "10");
        assert_eq!(app.promise("missed_twice").0, "done");
        assert_eq!(retract().ok()["state"], "open");
        assert_eq!(app.promise("missed_twice"), promised);
        settle(&json!({"happened_at": "2026-03-06T10:00:00Z"}));
        // They met two of these times: there is no run to look at.
        for (log, day) in [(SECOND, "05"), (THIRD, "10")] {
            mentor.put(log, "", &held(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &app.clock.now().to_string())).ok();
        }
        let ended = retract().ok();
        assert_eq!((&ended["state"], &ended["reason"]), (&json!("ended"), &json!("corrected")));
    }

    fn a_run_that_was_settled_by_mistake_is_the_open_case_s_into_which_it_reaches(app: TestApp) {
        let family = family(&app);
        let (mentor, unit, ida) = (&family.mentor, &family.unit, app.account("ida", &["coordinator"]).account_id());
        let first = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        let second = app.founded_case(unit, &[&family.boy]);
        let path = format!("/v1/cases/{second}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": ida})).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        mentor.put(FIRST, "", &missed(&family.mentoring, "03", "no_show", "2026-03-04T16:00:00Z")).ok();
        let note = json!({"kind": "call", "outcome": "held", "happened_at": "2026-03-04T16:00:00Z", "professional": "Klasselæreren",
            "facts": "Han kom ikke", "reported_meetings": [{"person_id": family.boy, "starts_at": "2026-03-04T09:00:00Z", "outcome": "no_show"}]});
        unit.post(NOTES, &json!({"case_id": second, "note": note})).ok();
        let run = unit.get("/v1/duties?kind=missed_twice").ok()["items"][0].clone();
        assert_eq!((&run["case_id"], &run["owner_id"]), (&json!(second), &json!(ida)));
        let [settle, retract] = ["settle", "settlement/retract"].map(|verb| format!("/v1/duties/{}/{verb}", run["id"].as_str().unwrap()));
        let settle = || unit.post(&settle, &json!({"happened_at": "2026-03-04T16:30:00Z"})).ok();
        let close = |case: &str| unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        settle();
        close(&second);
        // From whom the other case is hidden, for them there is none.
        let nis = app.account("nis", &["coordinator"]);
        unit.post("/v1/bars", &json!({"account_id": nis.account_id(), "person_id": family.father, "cause": "acquaintance"})).ok();
        assert_eq!(nis.post(&retract, &json!({})).refused(409, "wrong_state")["detail"], "Sagen er lukket");
        // Nobody looked at it: with the closing it went over to the other case.
        let open = unit.post(&retract, &json!({})).ok();
        let seen = ["state", "case_id", "owner_id", "due_at"].map(|key| open[key].clone());
        assert_eq!(seen, [json!("open"), json!(first), json!(unit.account_id()), run["due_at"].clone()]);
        assert_eq!(app.promised("missed_twice").len(), 1);
        // Both are closed: there is nobody to look at it.
        settle();
        let fathers = unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["course_id"].as_str().unwrap().to_owned();
        for course in [&family.course, &fathers] {
            let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
            unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        }
        close(&first);
        assert_eq!(unit.post(&retract, &json!({})).refused(409, "wrong_state")["detail"], "Sagen er lukket");
    }

    fn a_cancellation_told_of_late_was_missed_when_it_should_have_been(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let log = |path: &str, day: &str, outcome: &str| mentor.put(path, "", &missed(&family.mentoring, day, outcome, &app.clock.now().to_string())).ok();
        app.set_clock("2026-03-05T17:00:00Z");
        log(FIRST, "03", "no_show");
        log(SECOND, "05", "no_show");
        let due = || app.promise("missed_twice").1[..10].to_owned();
        let told = || app.count("duties WHERE kind = 'missed_twice' AND late_told_at IS NOT NULL");
        assert_eq!(due(), "2026-03-09");
        app.set_clock("2026-03-11T08:00:00Z");
        app.tick();
        assert_eq!(told(), 1);
        // One between them, told of a week later: by the 4th two were missed. It was late, and was said to be.
        log(THIRD, "04", "cancelled");
        assert_eq!((due(), told()), ("2026-03-06".to_owned(), 1));
        // It was off by the mentor: then it was the 5th.
        let mut by_mentor = missed(&family.mentoring, "04", "cancelled", "2026-03-11T08:00:00Z");
        by_mentor["by"] = json!("staff");
        mentor.put(THIRD, "", &by_mentor).ok();
        assert_eq!(due(), "2026-03-09");
        // They met between: it is no run.
        mentor.put(THIRD, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-11T08:00:00Z")).ok();
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("corrected"));
    }
}
