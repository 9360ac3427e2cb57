//! A course that ended, and in which nothing was held by its logs any more: who is told and asked, and what puts it right.

use serde_json::{Value, json};

use crate::courses::{dues, owned};
use crate::followups::begin;
use crate::put_right::standings;
use crate::sessions::{FIRST, course, family, held, matched};
use crate::support::TestApp;

both_engines! {
    fn an_end_of_a_course_in_which_nothing_was_held_is_put_right_by_the_unit(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        app.set_clock("2026-03-10T12:00:00Z");
        let course = format!("/v1/courses/{}", family.course);
        let end = |kind: &str, text: &str| {
            json!({"kind": kind, "happened_at": "2026-03-10T12:00:00Z", "closing": {"no_meeting_reason": text}})
        };
        unit.post(&format!("{course}/end"), &end("completed", "Aftalt")).ok();

        // They had not met, the mentor finds: the log is taken, and says what it leaves.
        app.set_clock("2026-03-11T09:00:00Z");
        let log = |outcome: &str, minutes: Value, written_at: &str| {
            let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", written_at);
            (log["outcome"], log["minutes"]) = (json!(outcome), minutes);
            family.mentor.put(FIRST, "", &log).ok()["warnings"].clone()
        };
        assert_eq!(log("no_show", Value::Null, "2026-03-11T08:30:00Z"), json!(["end_in_doubt"]));
        let stands = || {
            let course = unit.get(&course).ok();
            let told = ["state", "started_at"].map(|member| course[member].clone());
            (told, standings(unit, "gone_through"), dues(&app, "followup_6m"))
        };
        let gone_through = |started_at: Value| {
            ([json!("completed"), started_at], vec!["yes".to_owned()], owned(&[("open", "2026-09-10")]))
        };
        assert_eq!(stands(), gone_through(Value::Null), "as it is recorded, until the unit puts it right");
        let asked = ("open".to_owned(), "2026-03-13T22:59:59.999999Z".to_owned(), None);
        assert_eq!(app.promise("end_in_doubt"), asked);
        let promised = unit.get("/v1/duties?kind=end_in_doubt").ok()["items"][0].clone();
        assert_eq!((&promised["kept_by"], &promised["owner_id"]), (&json!(["courses.correct_end"]), &json!(unit.account_id())));

        // They had, for somewhat less; they had not.
        assert_eq!(log("held", json!(50), "2026-03-11T08:40:00Z"), json!([]));
        assert_eq!((stands(), app.promise("end_in_doubt").2.as_deref()), (gone_through(json!("2026-03-04T15:00:00Z")), Some("corrected")));
        assert_eq!(log("tried", Value::Null, "2026-03-11T08:50:00Z"), json!(["end_in_doubt"]));
        assert_eq!(app.promise("end_in_doubt"), asked);
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        assert_eq!((stands(), app.promise("end_in_doubt")), (gone_through(Value::Null), asked.clone()));

        // What never began was not gone through, whoever says so again.
        let correct = |kind: &str, text: &str| unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &end(kind, text));
        for text in ["Aftalt", "Talt om"] {
            correct("completed", text).refused(409, "wrong_state");
        }
        assert_eq!(app.promise("end_in_doubt"), asked);
        correct("discontinued", "Talt om").ok();
        let broken_off = |started_at: Value| ([json!("discontinued"), started_at], vec!["no".to_owned()], owned(&[("ended", "2026-09-10")]));
        assert_eq!((stands(), app.promise("end_in_doubt").0.as_str()), (broken_off(Value::Null), "done"));
        correct("completed", "Talt om").refused(409, "wrong_state");

        // They had met, after all: then it was gone through; and once more they had not.
        assert_eq!(log("held", json!(55), "2026-03-12T03:30:00Z"), json!([]));
        assert_eq!(stands(), broken_off(json!("2026-03-04T15:00:00Z")));
        correct("completed", "Talt om").ok();
        assert_eq!((stands(), app.promise("end_in_doubt").0.as_str()), (gone_through(json!("2026-03-04T15:00:00Z")), "done"));
        assert_eq!(log("no_show", Value::Null, "2026-03-12T03:40:00Z"), json!(["end_in_doubt"]));
        assert_eq!(app.promise("end_in_doubt").0, "open");
    }

    fn an_end_is_put_right_by_the_unit_where_its_coordinator_may_not_have_it_any_more(app: TestApp) {
        let family = family(&app);
        let (unit, kim) = (&family.unit, app.account("kim", &["coordinator"]));
        let case = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        let case = format!("/v1/cases/{case}");
        unit.patch(&case, &unit.get(&case).tag(), &json!({"coordinator_id": kim.account_id()})).ok();
        begin(&app, &family);
        app.set_clock("2026-03-10T12:00:00Z");
        let fathers = unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["course_id"].as_str().unwrap().to_owned();
        for (course, kind) in [(&family.course, "completed"), (&fathers, "discontinued")] {
            let end = json!({"kind": kind, "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Aftalt"}});
            unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        }
        unit.post(&format!("{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": app.clock.now()})).ok();
        assert_eq!(unit.get(&case).ok()["coordinator_id"], kim.account_id(), "the closed case keeps them");

        app.set_clock("2026-03-11T09:00:00Z");
        let log = |outcome: &str, minutes: Value, minute: u32| {
            let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", &format!("2026-03-11T08:{minute}:00Z"));
            (log["outcome"], log["minutes"]) = (json!(outcome), minutes);
            family.mentor.put(FIRST, "", &log).ok();
        };
        // Nothing was held, the mentor finds; whose it is to put right; and after all it was.
        let asked = |minute: u32| {
            log("no_show", Value::Null, minute);
            let asked = app.promised("end_in_doubt").pop().unwrap();
            log("held", json!(50), minute + 1);
            (asked.state, asked.owner_id.map(|id| id.to_string()))
        };
        let (hers, the_units) = (("open".to_owned(), Some(kim.account_id())), ("open".to_owned(), None));
        assert_eq!(asked(10), hers);
        let bar = unit.post("/v1/bars", &json!({"account_id": kim.account_id(), "person_id": family.boy, "cause": "acquaintance"})).id();
        assert_eq!(asked(20), the_units, "barred");
        unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
        assert_eq!(asked(30), hers);
        let account = format!("/v1/accounts/{}", kim.account_id());
        let set_role = |role: &str| unit.put(&format!("{account}/roles"), "*", &json!({"roles": [role]})).ok();
        set_role("supervisor");
        assert_eq!(asked(40), the_units, "a coordinator no more");
        set_role("coordinator");
        unit.post(&format!("{account}/disable"), &json!({})).ok();
        assert_eq!(asked(50), the_units, "gone");
    }

    fn a_log_that_is_filed_elsewhere_says_that_it_leaves_an_end_to_be_put_right(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let other = unit.person("young_person", "Snotrulind", Some("2005-05-01"));
        let case = app.founded_case(unit, &[&other]);
        let malte = unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["staff_id"].as_str().unwrap().to_owned();
        let theirs = matched(unit, mentor, &course(&app, unit, &case, &other, &[], "mentor"), &malte);
        begin(&app, &family);
        app.set_clock("2026-03-10T12:00:00Z");
        let end = json!({"kind": "completed", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Aftalt"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();

        // It was the other whom he had met; it was not.
        app.set_clock("2026-03-11T09:00:00Z");
        let filed = |matched: &str, written_at: &str| {
            let log = mentor.put(FIRST, "", &held(matched, "2026-03-04T15:00:00Z", written_at)).ok();
            assert_eq!(log["match_id"], matched);
            (log["warnings"].clone(), app.promise("end_in_doubt").0)
        };
        assert_eq!(filed(&theirs, "2026-03-11T08:30:00Z"), (json!(["end_in_doubt"]), "open".to_owned()));
        assert_eq!(filed(&family.mentoring, "2026-03-11T08:40:00Z"), (json!([]), "ended".to_owned()));
        // When he sees no more of it, what it leaves is the unit's alone to know.
        app.set_clock("2026-05-20T09:00:00Z");
        mentor.get(FIRST).refused(404, "not_found");
        assert_eq!(filed(&theirs, "2026-05-20T08:30:00Z"), (json!([]), "open".to_owned()));
    }
}
