//! Logs from a phone that was out of the network: what changed meanwhile stays, and nothing that its writer cannot mend is refused.

use makker::access::{Actor, Capability, Tx};
use makker::facts::Fact;
use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, SECOND, course, family, held, matched, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Request;

const THIRD: &str = "/v1/session-logs/33333333-3333-4333-8333-333333333333";
const FOURTH: &str = "/v1/session-logs/44444444-4444-4444-8444-444444444444";
const FIFTH: &str = "/v1/session-logs/55555555-5555-4555-8555-555555555555";
const UNKNOWN: &str = "99999999-9999-4999-8999-999999999999";

/// A log of a planned session, an hour after the start it states.
fn of(session: &str, outcome: &str, starts_at: &str) -> Value {
    let minutes = if outcome == "held" { json!(45) } else { Value::Null };
    json!({"session_id": session, "outcome": outcome, "starts_at": starts_at, "minutes": minutes, "written_at": "2026-03-05T17:00:00Z"})
}

fn move_to(caller: &Caller<'_>, session: &str, starts_at: &str, ends_at: &str) {
    let path = format!("/v1/sessions/{session}");
    let tag = caller.get(&path).tag();
    caller.post_if(&format!("{path}/move"), &tag, &json!({"starts_at": starts_at, "ends_at": ends_at, "by": "unit"})).ok();
}

/// State and start of each session of the boy's match, in order of their start, then of the word.
fn standing(family: &Family<'_>) -> Vec<String> {
    let all = family.unit.get(&format!("/v1/sessions?match={}", family.mentoring)).ok();
    let tell = |session: &Value| format!("{} {}", session["state"].as_str().unwrap(), session["starts_at"].as_str().unwrap());
    let mut told: Vec<String> = all["items"].as_array().unwrap().iter().map(tell).collect();
    // Of two at one time the list goes by their ids.
    told.sort_by_key(|line| line.split(' ').rev().map(str::to_owned).collect::<Vec<_>>());
    told
}

both_engines! {
    fn of_what_was_never_planned_nobody_is_told_that_it_is_off(app: TestApp) {
        let family = family(&app);
        let log = json!({"match_id": family.mentoring, "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-11T15:00:00Z"});
        assert_eq!(family.mentor.put(FIRST, "", &log).status, 201);
        assert!(app.promised("tell_by_hand").is_empty());
        let path = format!("/v1/people/{}", family.boy);
        let contact = json!({"channel": "sms", "phone": "+4520123456"});
        family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &contact).ok();
        let log = json!({"match_id": family.mentoring, "outcome": "cancelled", "by": "person", "starts_at": "2026-03-12T15:00:00Z"});
        assert_eq!(family.mentor.put(SECOND, "", &log).status, 201);
        app.tick();
        assert!(app.capture.all().is_empty());
    }

    fn what_was_moved_or_cancelled_meanwhile_stays_as_it_is(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (moved, off, met, cancelled) = (planned("03"), planned("04"), planned("05"), planned("06"));
        for (session, day) in [(&moved, "11"), (&met, "12"), (&cancelled, "13")] {
            move_to(unit, session, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
        }
        unit.post(&format!("/v1/sessions/{off}/cancel"), &json!({"by": "unit"})).ok();
        app.set_clock("2026-03-05T17:30:00Z");
        let logs = [
            (FIRST, of(&moved, "no_show", "2026-03-03T15:00:00Z")),
            (SECOND, of(&off, "no_show", "2026-03-04T15:00:00Z")),
            (THIRD, of(&met, "held", "2026-03-05T15:00:00Z")),
            (FOURTH, json!({"session_id": cancelled, "outcome": "cancelled", "by": "person", "starts_at": "2026-03-06T15:00:00Z"})),
        ];
        for (path, log) in &logs {
            let stored = mentor.put(path, "", log);
            assert_eq!((stored.status, &stored.ok()["warnings"]), (201, &json!(["plan_changed"])), "{path}");
            assert_ne!(stored.ok()["session_id"], log["session_id"]);
            let again = mentor.put(path, "", log);
            assert_eq!((again.status, &again.ok()["warnings"]), (200, &json!(["plan_changed"])), "sent again it is the same");
        }
        assert_eq!(standing(&family), [
            "no_show 2026-03-03T15:00:00Z", "cancelled 2026-03-04T15:00:00Z", "no_show 2026-03-04T15:00:00Z", "held 2026-03-05T15:00:00Z",
            "cancelled 2026-03-06T15:00:00Z", "planned 2026-03-11T15:00:00Z", "planned 2026-03-12T15:00:00Z", "planned 2026-03-13T15:00:00Z",
        ]);
        assert!(app.promised("missed_twice").is_empty(), "nobody was to come at a time that was given up");
        // Nor where the log names no session.
        let unnamed = |day: &str| {
            let mut log = of(&off, "no_show", &format!("2026-03-{day}T15:10:00Z"));
            (log["session_id"], log["match_id"]) = (Value::Null, json!(family.mentoring));
            log
        };
        mentor.put("/v1/session-logs/66666666-6666-4666-8666-666666666666", "", &unnamed("03")).ok();
        mentor.put("/v1/session-logs/77777777-7777-4777-8777-777777777777", "", &unnamed("04")).ok();
        assert!(app.promised("missed_twice").is_empty());
        // What it tells of its new time is its log.
        app.set_clock("2026-03-11T17:00:00Z");
        let told = json!({"session_id": moved, "outcome": "held", "minutes": 60, "starts_at": "2026-03-11T14:50:00Z"});
        let stored = mentor.put(FIFTH, "", &told).ok();
        assert_eq!((&stored["session_id"], &stored["warnings"]), (&json!(moved), &json!([])));
    }

    fn a_correction_plans_the_next_appointment_once(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let next = |day: &str, hour: u32| json!({"starts_at": format!("2026-03-{day}T{hour}:00:00Z"), "ends_at": format!("2026-03-{day}T{}:00:00Z", hour + 1)});
        let coming = || standing(&family).into_iter().filter(|session| !session.starts_with("held")).collect::<Vec<_>>();
        app.set_clock("2026-03-02T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-02T15:00:00Z", "2026-03-02T16:10:00Z");
        log["next_appointment"] = next("11", 15);
        mentor.put(FIRST, "", &log).ok();
        let session = mentor.get("/v1/sessions?from=2026-03-10T00:00:00Z").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        // A typo is corrected after the appointment was moved, and after it was cancelled.
        move_to(mentor, &session, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        log["facts"] = json!("Vi spillede dam");
        assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
        assert_eq!(coming(), ["planned 2026-03-12T15:00:00Z"]);
        mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff"})).ok();
        log["facts"] = json!("Vi spillede dam igen");
        mentor.put(FIRST, "", &log).ok();
        assert_eq!(coming(), ["cancelled 2026-03-12T15:00:00Z"]);
        // Another time is another appointment; corrected once more, it is that one which moves.
        log["next_appointment"] = next("18", 15);
        mentor.put(FIRST, "", &log).ok();
        log["next_appointment"] = next("18", 17);
        mentor.put(FIRST, "", &log).ok();
        assert_eq!(coming(), ["cancelled 2026-03-12T15:00:00Z", "planned 2026-03-18T17:00:00Z"]);
    }

    fn what_its_writer_cannot_see_costs_nobody_their_log(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        // As a telephone number comes out of the contacts, and a line out of a word processor.
        log["facts"] = json!("\u{FEFF}Mor har \u{202A}+45 20 99 88 77\u{202C} nu\u{2028}Ring \u{2068}i\u{7} mor\u{1B}gen\u{2069}\u{0C}\u{85}\u{0}");
        (log["assessment"], log["by"]) = (json!("\u{FEFF}\u{202E}\u{0}"), json!("\u{200B}"));
        let stored = family.mentor.put(FIRST, "", &log);
        let content = stored.ok()["content"].clone();
        assert_eq!((stored.status, &content["facts"]), (201, &json!("Mor har +45 20 99 88 77 nu\nRing i morgen")));
        assert_eq!((&content["assessment"], &content["by"]), (&Value::Null, &Value::Null));
        assert_eq!((family.mentor.put(FIRST, "", &log).status, family.mentor.get(FIRST).ok()["revision"].as_i64()), (200, Some(1)));
    }

    fn what_a_phone_spells_in_its_own_way_costs_nobody_their_log(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        (log["minutes"], log["revision"], log["facts"]) = (json!(45.0), json!(1.0), json!("Vi sås HALF"));
        // Cut through an emoji: no JSON that a library of ours would write.
        mentor.get("/v1/me").ok();
        let bearer = format!("Bearer {}", mentor.tokens()["access_token"].as_str().unwrap());
        let request = Request::new("PUT", FIRST).header("Authorization", &bearer).header("Content-Type", "application/json");
        let request = request.body(log.to_string().replace("HALF", "\\ud83d"));
        for status in [201, 200] {
            let stored = request.send(app.address);
            let (content, revision) = (stored.ok()["content"].clone(), stored.ok()["revision"].clone());
            assert_eq!((stored.status, &content["minutes"], revision), (status, &json!(45), json!(1)));
            assert_eq!(content["facts"], "Vi sås \u{FFFD}");
        }
        (log["minutes"], log["revision"], log["facts"]) = (json!(30.0), json!(2.0), json!("Vi sås"));
        assert_eq!(mentor.put(FIRST, "", &log).ok()["content"]["minutes"], 30);
        log["minutes"] = json!(30.5);
        let refused = mentor.put(FIRST, "", &log).refused(422, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/minutes"), &json!("wrong_type")));
    }

    fn a_session_that_is_not_known_costs_nobody_their_log(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let fathers = family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).id();
        app.set_clock("2026-03-04T17:00:00Z");
        let log = |session: &str, hour: &str| {
            let mut log = held(&family.mentoring, &format!("2026-03-04T{hour}:00:00Z"), "2026-03-04T16:30:00Z");
            log["session_id"] = json!(session);
            log
        };
        for (path, log, warnings) in [(FIRST, log(UNKNOWN, "15"), json!([])), (SECOND, log(&fathers, "10"), json!(["unknown_session"]))] {
            let stored = mentor.put(path, "", &log);
            assert_eq!((stored.status, &stored.ok()["warnings"]), (201, &warnings));
            let is_the_named = stored.ok()["session_id"] == log["session_id"];
            assert_eq!((&stored.ok()["match_id"], is_the_named), (&json!(family.mentoring), path == FIRST));
            let again = mentor.put(path, "", &log);
            assert_eq!((again.status, &again.ok()["warnings"]), (200, &warnings));
        }
        assert_eq!(family.coach.get(&format!("/v1/sessions/{fathers}")).ok()["state"], "planned");
        // Without a match of one's own there is nothing to go by: it is asked for, and the log is not given up.
        for session in [&UNKNOWN.replace('9', "8"), &fathers] {
            let mut alone = log(session, "12");
            alone.as_object_mut().unwrap().remove("match_id");
            let asked = mentor.put(THIRD, "", &alone).refused(422, "invalid");
            assert_eq!((&asked["next"], &asked["errors"][0]["pointer"], &asked["errors"][0]["code"]), (&json!("correct"), &json!("/match_id"), &json!("required")));
        }
        family.coach.put(THIRD, "", &log(&fathers, "12")).refused(404, "not_found");
    }

    fn a_log_that_comes_before_its_plan_is_of_that_session(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let (starts_at, ends_at) = ("2026-03-08T15:00:00Z", "2026-03-08T16:00:00Z");
        let off = json!({"match_id": family.mentoring, "session_id": UNKNOWN, "outcome": "cancelled", "by": "staff", "starts_at": starts_at});
        let stored = mentor.put(FIRST, "", &off);
        assert_eq!((stored.status, &stored.ok()["session_id"], &stored.ok()["warnings"]), (201, &json!(UNKNOWN), &json!([])));
        let mut late = plan(&family.mentoring, starts_at, ends_at);
        late["id"] = json!(UNKNOWN);
        let known = mentor.post("/v1/sessions", &late).refused(409, "already_exists");
        assert_eq!(known["blocking"], json!([{"kind": "session", "id": UNKNOWN}]));
        assert_eq!(standing(&family), [format!("cancelled {starts_at}")]);
        // Once it is past it is known all the same.
        app.set_clock("2026-03-10T08:00:00Z");
        mentor.post("/v1/sessions", &late).refused(409, "already_exists");
    }

    fn whose_the_duty_is_is_said_of_a_log_in_the_tray_too(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-05T08:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish"})).ok();
        app.set_clock("2026-03-25T08:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z");
        log["welfare_report"] = json!(true);
        log["next_appointment"] = json!({"starts_at": "2026-04-01T15:00:00Z", "ends_at": "2026-04-01T16:00:00Z"});
        let taken = family.mentor.put(FIRST, "", &log);
        let said = taken.ok();
        assert_eq!((taken.status, &said["warnings"]), (202, &json!(["next_appointment_not_planned"])));
        assert_eq!((&said["welfare"]["told"], said["welfare"]["day_phone"].is_string(), said["content"].is_null()), (&json!(false), true, true));
        let again = family.mentor.put(FIRST, "", &log);
        assert_eq!((again.status, &again.ok()["welfare"]["told"]), (202, &json!(false)));
    }

    fn what_became_of_the_case_is_not_told_of_a_log_in_the_tray(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-05T08:00:00Z");
        let case = family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        let (enquiry, now) = (app.enquiry_of(&case), app.clock.now());
        let tell = move |tx: &mut Tx<'_>| {
            tx.tell(Fact::PoliceTookOver { enquiry, at: now });
            Ok(())
        };
        app.door.blocking_write_as(Actor::system(), now, Capability::TickRun, tell).unwrap();
        let in_time = family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-03T17:00:00Z"));
        assert_eq!((in_time.status, &in_time.ok()["warnings"]), (201, &json!(["case_closed"])));
        app.set_clock("2026-03-25T08:00:00Z");
        let late = family.mentor.put(SECOND, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z"));
        assert_eq!((late.status, &late.ok()["warnings"]), (202, &json!([])));
    }

    fn a_proposal_is_met_and_agreed_on_by_a_log(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let propose = |day: &str| {
            let mut proposal = plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
            proposal["proposed"] = json!(true);
            mentor.post("/v1/sessions", &proposal).id()
        };
        let (met, agreed) = (propose("04"), propose("11"));
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:10:00Z", "2026-03-04T16:30:00Z");
        log["next_appointment"] = json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z"});
        let stored = mentor.put(FIRST, "", &log).ok();
        assert_eq!((&stored["session_id"], &stored["warnings"]), (&json!(met), &json!([])));
        assert_eq!(mentor.get(&format!("/v1/sessions/{agreed}")).ok()["state"], "planned");
    }

    fn an_untouched_form_is_no_fault(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let log = json!({
            "match_id": family.mentoring, "outcome": "no_show", "starts_at": "2026-03-04T15:00:00Z", "minutes": 0, "facts": "", "assessment": " ",
            "action_taken": "", "school_or_job_change": "", "kind": "", "by": "", "contact_attempts": 100_000, "topics": vec!["school"; 25]});
        let stored = family.mentor.put(FIRST, "", &log);
        assert_eq!((stored.status, &stored.ok()["warnings"]), (201, &json!(["left_out"])));
        let content = &stored.ok()["content"];
        for member in ["minutes", "facts", "assessment", "action_taken", "school_or_job_change", "kind", "by", "contact_attempts"] {
            assert_eq!(content[member], Value::Null, "{member}");
        }
        assert_eq!((content["topics"].as_array().unwrap().len(), family.mentor.put(FIRST, "", &log).status), (20, 200));
    }

    fn a_log_under_the_wrong_session_is_put_right(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (wrong, right, other) = (planned("03"), planned("04"), planned("05"));
        app.set_clock("2026-03-05T17:30:00Z");
        mentor.put(SECOND, "", &of(&other, "held", "2026-03-05T15:00:00Z")).ok();
        mentor.put(FIRST, "", &of(&wrong, "no_show", "2026-03-03T15:00:00Z")).ok();
        let tag = mentor.get(FIRST).tag();
        let corrected = mentor.put(FIRST, "", &of(&right, "no_show", "2026-03-04T15:00:00Z")).ok();
        assert_eq!((&corrected["session_id"], &corrected["revision"]), (&json!(right), &json!(2)));
        assert_ne!(mentor.get(FIRST).tag(), tag);
        assert_eq!(standing(&family), ["planned 2026-03-03T15:00:00Z", "no_show 2026-03-04T15:00:00Z", "held 2026-03-05T15:00:00Z"]);
        // A late copy of the first version changes nothing; a session with a log of its own is not taken.
        assert_eq!(mentor.put(FIRST, "", &of(&wrong, "no_show", "2026-03-03T15:00:00Z")).ok()["session_id"], json!(right));
        let taken = mentor.put(FIRST, "", &of(&other, "no_show", "2026-03-05T15:00:00Z")).refused(409, "already_exists");
        assert_eq!(taken["blocking"][0]["id"], "22222222-2222-4222-8222-222222222222");
        mentor.put(THIRD, "", &of(&wrong, "held", "2026-03-03T15:00:00Z")).ok();
    }

    fn a_phone_whose_clock_is_behind_is_not_in_time(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (met, off) = (planned("04"), planned("06"));
        app.set_clock("2026-03-31T08:00:00Z");
        let log = |session: &str, outcome: &str, starts_at: &str, written_at: &str| {
            let mut log = of(session, outcome, starts_at);
            log["written_at"] = json!(written_at);
            log["by"] = if outcome == "cancelled" { json!("person") } else { Value::Null };
            log
        };
        let held = mentor.put(FIRST, "", &log(&met, "held", "2026-03-04T15:00:00Z", "2026-03-01T15:00:00Z")).ok();
        assert_eq!((&held["late"], &held["warnings"], &held["content"]["written_at"]), (&json!(true), &json!(["clock_behind"]), &json!("2026-03-01T15:00:00Z")));
        let cancelled = mentor.put(SECOND, "", &log(&off, "cancelled", "2026-03-06T15:00:00Z", "2001-01-01T00:00:00Z")).ok();
        assert_eq!((&cancelled["late"], &cancelled["warnings"]), (&json!(true), &json!(["clock_behind"])));
        let session = mentor.get(&format!("/v1/sessions/{off}")).ok();
        assert_eq!((&session["state"], &session["cancelled_at"]), (&json!("cancelled"), &json!("2026-03-31T08:00:00Z")));
        for promise in app.promised("log_missing").into_iter().filter(|promise| promise.state == "done") {
            assert_eq!(promise.closed_at.unwrap().to_string(), "2026-03-31T08:00:00Z");
        }
        // Put right, it is the next version.
        let mended = mentor.put(FIRST, "", &log(&met, "held", "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z")).ok();
        assert_eq!((&mended["revision"], &mended["warnings"]), (&json!(2), &json!([])));
    }

    fn a_copy_of_the_logs_misses_none_that_was_on_its_way(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let write = |path: &str, hour: &str, now: &str| {
            app.set_clock(now);
            mentor.put(path, "", &held(&family.mentoring, &format!("2026-03-04T{hour}:00:00Z"), "2026-03-04T16:30:00Z")).ok()
        };
        let first = write(FIRST, "10", "2026-03-04T17:00:00Z");
        let second = write(SECOND, "13", "2026-03-04T17:03:00Z");
        assert_eq!((&first["changed_at"], &second["changed_at"]), (&json!("2026-03-04T17:00:00Z"), &json!("2026-03-04T17:03:00Z")));
        let found = |caller: &Caller<'_>, query: &str| {
            let logs = caller.get(&format!("/v1/session-logs?{query}")).ok()["items"].clone();
            logs.as_array().unwrap().iter().map(|log| log["id"].clone()).collect::<Vec<_>>()
        };
        let ids = [first["id"].clone(), second["id"].clone()];
        // The first may have been changed while the page with the second was fetched.
        assert_eq!(found(mentor, "changed_after=2026-03-04T17:03:00Z"), ids);
        assert_eq!(found(mentor, "changed_after=2026-03-04T17:05:00Z"), [ids[1].clone()]);
        assert!(found(mentor, "changed_after=2026-03-04T17:08:00Z").is_empty());
        // From a session to its log.
        let of_session = format!("session={}", first["session_id"].as_str().unwrap());
        assert_eq!(found(mentor, &of_session), [ids[0].clone()]);
        assert!(found(&family.coach, &of_session).is_empty());
    }

    fn a_log_under_the_wrong_young_person_is_put_right(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let other = unit.person("young_person", "Alvildur", Some("2005-05-01"));
        let case = app.founded_case(unit, &[&other]);
        let malte = unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["staff_id"].as_str().unwrap().to_owned();
        let theirs = matched(unit, mentor, &course(&app, unit, &case, &other, &[], "mentor"), &malte);
        let planned = mentor.post("/v1/sessions", &plan(&theirs, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).id();
        app.set_clock("2026-03-04T17:30:00Z");
        let log = |matched: &str, revision: u32| {
            let mut log = held(matched, "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z");
            (log["facts"], log["revision"]) = (json!("Vi talte om en hund"), json!(revision));
            log["next_appointment"] = json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z"});
            log
        };
        let begun = || unit.get(&format!("/v1/courses/{}", family.course)).ok()["state"].clone();
        let of = |matched: &str| {
            let sessions = unit.get(&format!("/v1/sessions?match={matched}")).ok();
            sessions["items"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let versions = |caller: &Caller<'_>| caller.get(&format!("{FIRST}/versions")).ok()["items"].as_array().unwrap().len();
        assert_eq!((&mentor.put(FIRST, "", &log(&family.mentoring, 1)).ok()["warnings"], begun()), (&json!([]), json!("active")));
        assert_eq!(of(&family.mentoring), ["held", "planned"]);

        let right = mentor.put(FIRST, "", &log(&theirs, 2));
        let moved = right.ok();
        assert_eq!((right.status, &moved["match_id"], &moved["session_id"]), (200, &json!(theirs), &json!(planned)));
        assert_eq!((&moved["revision"], &moved["warnings"]), (&json!(2), &json!([])));
        // The boy was never met, and no appointment was made with him.
        assert_eq!((of(&family.mentoring), begun()), (vec!["cancelled".to_owned(); 2], json!("waiting")));
        assert_eq!(of(&theirs), ["held", "planned"]);
        assert_eq!(unit.get(&format!("/v1/session-logs?match={}", family.mentoring)).ok()["items"], json!([]));
        // What was written under his name is a coordinator's to read.
        assert_eq!((versions(mentor), versions(unit)), (0, 1));
        app.keeps_for_good("session_log_versions", "person_id");
        // A late copy of the first version, and the second again.
        let late = mentor.put(FIRST, "", &log(&family.mentoring, 1)).ok();
        assert_eq!((&late["match_id"], &late["warnings"]), (&json!(theirs), &json!(["kept_as_history"])));
        assert_eq!(mentor.put(FIRST, "", &log(&theirs, 2)).ok()["revision"], json!(2));
        // Not to a match that never was the writer's; a coordinator can move it, who says what they read.
        mentor.put(FIRST, "", &log(&family.coaching, 3)).refused(404, "not_found");
        family.coach.put(FIRST, "", &log(&family.coaching, 3)).refused(404, "not_found");
        let back = unit.put(FIRST, &unit.get(FIRST).tag(), &log(&family.mentoring, 3)).ok();
        assert_eq!((&back["match_id"], &back["warnings"], begun()), (&json!(family.mentoring), &json!([]), json!("active")));
        assert_eq!((of(&theirs), versions(mentor), versions(unit)), (vec!["planned".to_owned(), "cancelled".to_owned()], 1, 2));
        // A phone that does not know of it does not move it again.
        let mut unaware = log(&theirs, 4);
        unaware["facts"] = json!("Vi talte om en kat");
        let kept = mentor.put(FIRST, "", &unaware).ok();
        assert_eq!((&kept["match_id"], &kept["revision"]), (&json!(family.mentoring), &json!(4)));
        assert_eq!(kept["warnings"], json!(["unknown_session"]));
    }
}
