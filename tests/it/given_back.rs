//! A log that was about another session gives the first one back: it comes back as by hand, and whoever waits, or is asked for its log, hears of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::by_hand::{take_back, tell, to_tell};
use crate::known_starts::{by_sms, texts};
use crate::sessions::{FIRST, Family, SECOND, course, family, held, matched, plan};
use crate::staff_covers::{away, own_case};
use crate::support::TestApp;

const PHONE: &str = "+4520123456";

/// From 16:00 to 17:00 in Copenhagen on a day of March.
fn at(family: &Family<'_>, day: &str) -> String {
    family
        .mentor
        .post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z")))
        .id()
}

/// A log by which the mentor called a session off.
fn off(session: &str, day: &str) -> Value {
    json!({"session_id": session, "outcome": "cancelled", "by": "staff", "starts_at": format!("2026-03-{day}T15:00:00Z")})
}

/// How the promise of a session's log stands, and whose it is.
fn log_of(family: &Family<'_>, session: &str) -> (Value, Value) {
    let all = ["open", "done", "ended"]
        .map(|state| family.unit.get(&format!("/v1/duties?kind=log_missing&state={state}&limit=200")).ok()["items"].clone());
    let duty = all.iter().flat_map(|items| items.as_array().unwrap()).find(|duty| duty["subject_id"] == session).unwrap();
    (duty["state"].clone(), duty["owner_id"].clone())
}

both_engines! {
    fn whoever_read_that_it_is_off_reads_that_it_is_on(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let path = format!("/v1/people/{}", family.boy);
        unit.put(&format!("{path}/contact"), &unit.get(&path).tag(), &json!({"channel": "sms", "phone": PHONE})).ok();
        let (wrong, right) = (at(&family, "11"), at(&family, "12"));
        let texts = || {
            app.tick();
            let mut told: Vec<String> = app.capture.to(PHONE).into_iter().map(|sent| sent.message.lines[0].clone()).collect();
            told.sort_unstable();
            told
        };
        let is_off = "Din aftale onsdag den 11. marts kl. 16.00 er aflyst.";
        assert_eq!(mentor.put(FIRST, "", &off(&wrong, "11")).status, 201);
        assert_eq!(texts(), [is_off]);
        app.pass(TimeDelta::minutes(5));
        assert_eq!(mentor.put(FIRST, "", &off(&right, "12")).ok()["session_id"], json!(right));
        let (is_on, other) = ("Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 16.00.", "Din aftale torsdag den 12. marts kl. 16.00 er aflyst.");
        assert_eq!(texts(), [is_off, other, is_on]);
        let changes = unit.get(&format!("/v1/sessions/{wrong}/changes")).ok()["items"].clone();
        assert_eq!(changes.as_array().unwrap().iter().map(|change| &change["kind"]).collect::<Vec<_>>(), ["cancelled", "restored"]);
        // What was to come is asked for once it is over.
        assert_eq!(log_of(&family, &wrong), (json!("open"), json!(mentor.account_id())));
    }

    fn whoever_was_told_by_hand_that_it_is_off_is_told_that_it_is_on(app: TestApp) {
        let family = family(&app);
        let (wrong, right) = (at(&family, "11"), at(&family, "12"));
        tell(&app, &family, &wrong);
        tell(&app, &family, &right);
        app.pass(TimeDelta::minutes(5));
        family.mentor.put(FIRST, "", &off(&wrong, "11")).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        tell(&app, &family, &wrong);
        assert!(to_tell(&app).is_empty());
        app.pass(TimeDelta::minutes(5));
        family.mentor.put(FIRST, "", &off(&right, "12")).ok();
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10", "off 2026-03-11"]);
    }

    fn whoever_was_not_told_that_it_is_off_after_all_reads_nothing_of_that_it_is_on(app: TestApp) {
        let family = family(&app);
        let session = at(&family, "11");
        tell(&app, &family, &session);
        app.pass(TimeDelta::minutes(5));
        family.mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": false})).ok();
        tell(&app, &family, &session);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, PHONE);
        family.mentor.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
        take_back(&family, &session, |slot| slot.ends_with(" off"));
        assert!(texts(&app, PHONE).is_empty() && to_tell(&app).is_empty());
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!(texts(&app, PHONE), ["Du har en aftale onsdag den 11. marts kl. 16.00."]);
    }

    fn the_log_of_a_session_that_was_given_back_is_asked_for(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let (right, wrong) = (at(&family, "03"), at(&family, "04"));
        app.set_clock("2026-03-04T17:00:00Z");
        let mut met = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        met["session_id"] = json!(wrong);
        assert_eq!(mentor.put(FIRST, "", &met).status, 201);
        let theirs = |state: &str| (json!(state), json!(mentor.account_id()));
        assert_eq!((log_of(&family, &right), log_of(&family, &wrong)), (theirs("open"), theirs("done")));
        (met["session_id"], met["starts_at"]) = (json!(right), json!("2026-03-03T15:00:00Z"));
        assert_eq!(mentor.put(FIRST, "", &met).ok()["session_id"], json!(right));
        assert_eq!((log_of(&family, &right), log_of(&family, &wrong)), (theirs("done"), theirs("open")));
        let back = family.unit.get(&format!("/v1/sessions/{wrong}")).ok();
        assert_eq!((&back["state"], &back["minutes"]), (&json!("planned"), &Value::Null));
        // Once it is written it is kept, as any other.
        mentor.put(SECOND, "", &json!({"session_id": wrong, "outcome": "tried", "starts_at": "2026-03-04T15:00:00Z"})).ok();
        assert_eq!(log_of(&family, &wrong).0, "done");
    }

    fn what_was_covered_is_with_the_mentor_where_the_cover_has_no_time(app: TestApp) {
        let away = away(&app);
        let (family, [first, second, _]) = (&away.family, <[String; 3]>::try_from(away.sessions.clone()).unwrap());
        away.decide(&json!([away.cover(0)])).ok();
        assert_eq!(family.mentor.put(FIRST, "", &off(&first, "11")).status, 201);
        away.vita.post("/v1/sessions", &plan(&away.other, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).ok();
        assert_eq!(family.mentor.put(FIRST, "", &off(&second, "18")).ok()["session_id"], json!(second));
        let back = family.unit.get(&format!("/v1/sessions/{first}")).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
        away.vita.get(&format!("/v1/sessions/{first}")).refused(404, "not_found");
        assert_eq!(log_of(family, &first), (json!("open"), json!(family.mentor.account_id())));
    }

    fn what_could_not_be_planned_now_does_not_come_back(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, course) = (&family.unit, &family.mentor, format!("/v1/courses/{}", family.course));
        let [first, second, third] = ["11", "12", "13"].map(|day| at(&family, day));
        assert_eq!(mentor.put(FIRST, "", &off(&first, "11")).status, 201);
        let stands = |session: &str| {
            let seen = unit.get(&format!("/v1/sessions/{session}")).ok();
            (seen["state"].clone(), seen["cancelled_by"].clone())
        };
        let is_off = (json!("cancelled"), json!("unit"));
        app.pass(TimeDelta::minutes(5));
        unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        assert_eq!(mentor.put(FIRST, "", &off(&second, "12")).ok()["session_id"], json!(second));
        assert_eq!(stands(&first), is_off, "the course stands still");
        app.pass(TimeDelta::minutes(5));
        unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        let mother = unit.person("parent", "Solrunnavera", None);
        unit.set_custody(&family.boy, &[&family.father, &mother]);
        assert_eq!(mentor.put(FIRST, "", &off(&third, "13")).ok()["session_id"], json!(third));
        assert_eq!(stands(&second), is_off, "nobody has asked his mother");
        assert_eq!(stands(&third), (json!("cancelled"), json!("staff")));
    }

    fn what_never_was_does_not_come_back(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let right = at(&family, "12");
        let unplanned = json!({"match_id": family.mentoring, "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-11T15:00:00Z"});
        let never = mentor.put(FIRST, "", &unplanned).ok()["session_id"].as_str().unwrap().to_owned();
        mentor.put(FIRST, "", &off(&right, "12")).ok();
        for caller in [mentor, &family.unit] {
            let refused = caller.post(&format!("/v1/sessions/{never}/restore"), &json!({})).refused(409, "wrong_state");
            assert_eq!(refused["detail"], "Mødet var aldrig planlagt");
        }
        assert_eq!(family.unit.get(&format!("/v1/sessions/{never}")).ok()["state"], "cancelled");
    }

    fn a_log_that_leaves_what_its_writer_cannot_mend_lies_in_the_tray(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let other = own_case(&app, unit, mentor, &mentor.get("/v1/me/staff").id());
        let wrong = at(&family, "11");
        let right = mentor.post("/v1/sessions", &plan(&other, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).id();
        let mut log = off(&wrong, "11");
        log["by"] = json!("person");
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        (log["session_id"], log["match_id"], log["starts_at"]) = (json!(right), json!(other), json!("2026-03-12T15:00:00Z"));
        assert_eq!(mentor.put(FIRST, "", &log).status, 202);
        let stored = unit.get(FIRST).ok();
        assert_eq!((&stored["session_id"], &stored["in_tray"]), (&json!(right), &json!(true)));
        // What it was not about stands as it said until somebody who may looks at it.
        assert_eq!(unit.get(&format!("/v1/sessions/{wrong}")).ok()["cancelled_by"], "person");
        // Whatever he writes meanwhile: it is the unit's to decide.
        let mut again = |facts: &str| {
            log["facts"] = json!(facts);
            let sent = mentor.put(FIRST, "", &log).status;
            (sent, unit.get(FIRST).ok()["in_tray"].clone())
        };
        assert_eq!(again("Han var syg"), (202, json!(true)));
        assert_eq!(again("Han havde feber"), (202, json!(true)));
        assert_eq!(again("Han havde feber"), (202, json!(true)), "sent again it is the same");
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        assert_eq!(again("Han havde influenza"), (200, json!(false)));
    }

    fn a_log_leaves_the_tray_once_what_it_left_has_a_log_of_its_own(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let other = own_case(&app, unit, mentor, &mentor.get("/v1/me/staff").id());
        let wrong = at(&family, "11");
        let right = mentor.post("/v1/sessions", &plan(&other, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).id();
        let mut log = off(&wrong, "11");
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        (log["session_id"], log["match_id"], log["starts_at"]) = (json!(right), json!(other), json!("2026-03-12T15:00:00Z"));
        assert_eq!(mentor.put(FIRST, "", &log).status, 202);
        assert_eq!(unit.put(SECOND, "", &off(&wrong, "11")).status, 201);
        log["facts"] = json!("Han var syg");
        let mended = mentor.put(FIRST, "", &log);
        assert_eq!((mended.status, &mended.ok()["in_tray"]), (200, &json!(false)));
    }

    fn a_log_that_left_two_sessions_leaves_the_tray_by_the_unit(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let malte = mentor.get("/v1/me/staff").id();
        let other = own_case(&app, unit, mentor, &malte);
        let adult = unit.person("young_person", "Torgrimundus", Some("2005-05-01"));
        let case = app.founded_case(unit, &[&adult]);
        let third = matched(unit, mentor, &course(&app, unit, &case, &adult, &[], "mentor"), &malte);
        let wrong = at(&family, "11");
        let planned = |matched: &str, day: &str| {
            let (from, until) = (format!("2026-03-{day}T15:00:00Z"), format!("2026-03-{day}T16:00:00Z"));
            (mentor.post("/v1/sessions", &plan(matched, &from, &until)).id(), from)
        };
        let mut log = off(&wrong, "11");
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        let places = [(&family.mentoring, &other, planned(&other, "12")), (&other, &third, planned(&third, "13"))];
        for (over, matched, (session, starts_at)) in &places {
            unit.post(&format!("/v1/matches/{over}/end"), &json!({"reason": "other"})).ok();
            (log["session_id"], log["match_id"], log["starts_at"]) = (json!(session), json!(matched), json!(starts_at));
            assert_eq!(mentor.put(FIRST, "", &log).status, 202);
            assert_eq!(unit.get(FIRST).ok()["session_id"], json!(session));
        }
        // The first that it left has a log of its own, and nobody has looked at the second.
        assert_eq!(unit.put(SECOND, "", &off(&wrong, "11")).status, 201);
        let mut again = |facts: &str| {
            log["facts"] = json!(facts);
            (mentor.put(FIRST, "", &log).status, unit.get(FIRST).ok()["in_tray"].clone())
        };
        assert_eq!(again("Han var syg"), (200, json!(true)));
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        assert_eq!(again("Han havde feber"), (200, json!(false)));
    }
}
