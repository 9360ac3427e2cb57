//! Matches, sessions and logs over HTTP: who proposes, answers, plans, misses and writes, and what each may read.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// A member of staff with an account.
pub fn staff(app: &TestApp, account: &Caller<'_>, mentor: bool) -> String {
    app.coordinator().staff(if mentor { "mentor" } else { "parent_coach" }, Some(account))
}

/// A course of somebody who consents for themselves and with the custody holders given.
pub fn course(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str, holders: &[&str], track: &str) -> String {
    let now = app.clock.now();
    let made = unit.post("/v1/offers", &offer(case, person, track, now)).id();
    for giver in holders.iter().chain([&person]) {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id()
}

/// A running match, answered by both sides.
pub fn matched(unit: &Caller<'_>, account: &Caller<'_>, course: &str, staff: &str) -> String {
    let id = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": staff, "sentence": "To der kan lide skak"})).id();
    account.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
    let outcome = unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok();
    assert_eq!(outcome["state"], "running");
    id
}

/// A boy of 15 with his father, a mentor and a coach, each with a running match.
pub struct Family<'a> {
    pub unit: Caller<'a>,
    pub mentor: Caller<'a>,
    pub coach: Caller<'a>,
    pub boy: String,
    pub father: String,
    pub course: String,
    pub mentoring: String,
    pub coaching: String,
}

pub fn family(app: &TestApp) -> Family<'_> {
    family_of(app, "2010-05-01")
}

/// As [`family`], the boy born on a day.
pub fn family_of<'a>(app: &'a TestApp, born_on: &str) -> Family<'a> {
    let unit = app.coordinator();
    let (boy, father) = (unit.person("young_person", "Bertramius", Some(born_on)), unit.person("parent", "Frodemund", None));
    unit.set_custody(&boy, &[&father]);
    let case = app.founded_case(&unit, &[&boy, &father]);
    let (mentor, coach) = (app.account("malte", &["mentor"]), app.account("karla", &["parent_coach"]));
    let (malte, karla) = (staff(app, &mentor, true), staff(app, &coach, false));
    let boys = course(app, &unit, &case, &boy, &[&father], "mentor");
    let fathers = course(app, &unit, &case, &father, &[], "parent_coach");
    let (mentoring, coaching) = (matched(&unit, &mentor, &boys, &malte), matched(&unit, &coach, &fathers, &karla));
    Family { unit, mentor, coach, boy, father, course: boys, mentoring, coaching }
}

pub fn plan(matched: &str, starts_at: &str, ends_at: &str) -> Value {
    json!({"match_id": matched, "starts_at": starts_at, "ends_at": ends_at, "kind": "in_person", "place_code": "library"})
}

pub fn held(matched: &str, starts_at: &str, written_at: &str) -> Value {
    json!({"match_id": matched, "outcome": "held", "starts_at": starts_at, "minutes": 60, "written_at": written_at,
        "topics": ["school"], "facts": "Vi spillede skak"})
}

pub const FIRST: &str = "/v1/session-logs/11111111-1111-4111-8111-111111111111";
pub const SECOND: &str = "/v1/session-logs/22222222-2222-4222-8222-222222222222";

both_engines! {
    fn a_match_needs_two_yeses_and_shows_each_side_its_own(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2012-05-01")), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&father]);
        let case = app.founded_case(&unit, &[&boy, &father]);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(&app, &mentor, true);
        let boys = course(&app, &unit, &case, &boy, &[&father], "mentor");
        // Thirteen years old: nobody without a certificate.
        let eligible = unit.get(&format!("/v1/courses/{boys}/eligible-staff")).ok();
        assert_eq!(eligible["items"][0]["exclusions"], json!(["certificate"]));
        let proposal = json!({"course_id": boys, "staff_id": malte});
        assert_eq!(unit.post("/v1/matches", &proposal).refused(422, "invalid")["errors"][0]["code"], "certificate");
        let tag = unit.get(&format!("/v1/people/{boy}")).tag();
        unit.patch(&format!("/v1/people/{boy}"), &tag, &json!({"born_on": "2010-05-01"})).ok();
        unit.post("/v1/matches", &json!({"course_id": case, "staff_id": malte})).refused(422, "invalid");
        mentor.post("/v1/matches", &proposal).refused(403, "forbidden");

        let id = unit.post("/v1/matches", &proposal).id();
        let path = format!("/v1/matches/{id}");
        let seen = mentor.get(&path).ok();
        assert!(seen["person_label"] == "Bertramius" && seen["person_id"].is_null() && seen["case_id"].is_null());
        assert_eq!(seen["about_person"], json!({"age": 15, "languages": ["da"], "interests": [], "times": []}));
        mentor.get(&format!("/v1/people/{boy}")).refused(404, "not_found");
        mentor.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).refused(403, "forbidden");
        assert_eq!(unit.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "proposed");
        unit.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).refused(409, "wrong_state");
        assert_eq!(mentor.post(&format!("{path}/answer"), &json!({"accepted": false, "reason": "no_time", "words": "Kender familien"})).ok()["state"], "refused");
        mentor.get(&path).refused(404, "not_found");

        assert_eq!(unit.post("/v1/matches", &proposal).refused(422, "invalid")["errors"][0]["code"], "declined");
        let once_more = json!({"course_id": boys, "staff_id": malte, "again": true});
        let again = unit.post("/v1/matches", &once_more).id();
        app.pass(TimeDelta::days(15));
        // Over by its own moment, whether or not the night has come.
        mentor.get(&format!("/v1/matches/{again}")).refused(404, "not_found");
        mentor.post(&format!("/v1/matches/{again}/answer"), &json!({"accepted": true, "knows_person": false})).refused(409, "wrong_state");
        unit.post(&format!("/v1/matches/{again}/end"), &json!({"reason": "other"})).refused(409, "wrong_state");
        let third = unit.post("/v1/matches", &once_more).id();
        mentor.post(&format!("/v1/matches/{third}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!(unit.post(&format!("/v1/matches/{third}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "running");
        let seen = mentor.get(&format!("/v1/matches/{third}")).ok();
        assert_eq!((&seen["person_label"], &seen["person_id"]), (&json!("Bertramius"), &json!(boy)));
        mentor.get(&format!("/v1/people/{boy}")).ok();
        assert_eq!(unit.post("/v1/matches", &proposal).refused(409, "already_exists")["blocking"][0]["id"], third);
        let tag = unit.get(&format!("/v1/matches/{third}")).tag();
        unit.patch(&format!("/v1/matches/{third}"), &tag, &json!({"weekday": 8})).refused(422, "invalid");
        assert_eq!(unit.patch(&format!("/v1/matches/{third}"), &tag, &json!({"weekday": 3, "at_min": 960})).ok()["weekday"], 3);
        unit.patch(&format!("/v1/matches/{third}"), &tag, &json!({"weekday": 4})).refused(412, "stale_version");
    }

    fn time_is_claimed_moved_and_given_back(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let first = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z"));
        let (id, tag) = (first.id(), first.tag());
        assert_eq!((&first.ok()["state"], &first.ok()["place_code"]), (&json!("planned"), &json!("library")));
        assert_eq!(app.promise("log_missing").1, "2026-03-06T22:59:59.999999Z");
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T16:00:00Z", "2026-03-04T17:00:00Z")).refused(409, "claims_overlap");
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-01T16:00:00Z", "2026-03-01T17:00:00Z")).refused(422, "invalid");
        family.coach.post("/v1/sessions", &plan(&family.mentoring, "2026-03-05T16:00:00Z", "2026-03-05T17:00:00Z")).refused(422, "invalid");
        family.coach.get(&format!("/v1/sessions/{id}")).refused(404, "not_found");
        let there = json!({"starts_at": "2026-03-05T15:00:00Z", "ends_at": "2026-03-05T16:00:00Z"});
        assert_eq!(mentor.post(&format!("/v1/sessions/{id}/move"), &there).status, 428);
        let request = |tag: &str| {
            crate::support::http::Request::new("POST", &format!("/v1/sessions/{id}/move")).header("Idempotency-Key", "move-1").header("If-Match", tag).json(&there)
        };
        let moved = mentor.send(request(&tag));
        assert_eq!((&moved.ok()["id"], &moved.ok()["moved_count"]), (&json!(id), &json!(1)));
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T16:00:00Z", "2026-03-04T17:00:00Z")).ok();
        assert_eq!(app.promised("log_missing").len(), 2);
        // Nobody has an address for him: he is told by hand, the day before.
        let moved: Vec<_> = app.promised("tell_by_hand").into_iter().filter(|duty| duty.reason.as_deref() == Some("moved")).collect();
        assert_eq!((moved.len(), moved[0].due_at.to_string().as_str()), (1, "2026-03-03T22:59:59.999999Z"));

        unit_pauses(&family);
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-09T16:00:00Z", "2026-03-09T17:00:00Z")).refused(409, "wrong_state");
        app.every_promised("tell_by_hand", |duty| duty.state == "ended");
        mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff"})).ok();
        let again = mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff"})).refused(409, "wrong_state");
        assert_eq!(again["detail"], "Mødet er aflyst");

        let ended = family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(ended["state"], "ended");
        let all = mentor.get(&format!("/v1/sessions?match={}", family.mentoring)).ok();
        assert!(all["items"].as_array().unwrap().iter().all(|session| session["state"] == "cancelled"));
        app.every_promised("log_missing", |duty| duty.state == "ended");
        app.pass(TimeDelta::days(15));
        mentor.get(&format!("/v1/matches/{}", family.mentoring)).refused(404, "not_found");
        mentor.get(&format!("/v1/people/{}", family.boy)).refused(404, "not_found");
    }

    fn a_log_is_stored_known_again_corrected_and_read_by_its_own_side(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let session = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        app.set_clock("2026-03-04T17:00:00Z");
        let mut body = held(&family.mentoring, "2026-03-04T15:05:00Z", "2026-03-04T16:40:00Z");
        body["topics"] = json!(["school", "chess"]);
        body["welfare_report"] = json!(true);
        body["next_appointment"] = json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z"});
        let stored = mentor.put(FIRST, "", &body);
        assert_eq!((stored.status, &stored.ok()["session_id"], &stored.ok()["warnings"]), (201, &json!(session), &json!(["unknown_code"])));
        assert_eq!((&stored.ok()["welfare"]["told"], stored.ok()["welfare"]["day_phone"].is_string()), (&json!(false), true));
        let kept = mentor.get(&format!("/v1/sessions/{session}")).ok();
        assert_eq!(kept["log_id"], "11111111-1111-4111-8111-111111111111");
        assert_eq!((&kept["state"], &kept["minutes"], &kept["starts_at"]), (&json!("held"), &json!(60), &json!("2026-03-04T15:05:00Z")));
        assert_eq!(app.promised("log_missing")[0].closed_at.unwrap().to_string(), "2026-03-04T16:40:00Z");
        assert_eq!(family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["state"], "active");

        assert_eq!(mentor.put(FIRST, "", &body).status, 200);
        assert_eq!(mentor.get("/v1/sessions?from=2026-03-10T00:00:00Z").ok()["items"].as_array().unwrap().len(), 1);
        let mut second = body.clone();
        second["session_id"] = json!(session);
        let refused = mentor.put(SECOND, "", &second).refused(409, "already_exists");
        assert_eq!(refused["blocking"], json!([{"kind": "log", "id": "11111111-1111-4111-8111-111111111111"}]));
        // The next version, and a late copy of the first.
        let mut better = body.clone();
        better["facts"] = json!("Vi spillede skak og talte om skolen");
        better["revision"] = json!(3);
        assert_eq!(mentor.put(FIRST, "", &better).ok()["revision"], 3);
        body["facts"] = json!("Et udkast");
        body["revision"] = json!(2);
        assert_eq!(mentor.put(FIRST, "", &body).ok()["content"]["facts"], better["facts"]);
        assert_eq!(mentor.get(&format!("{FIRST}/versions")).ok()["items"].as_array().unwrap().len(), 2);

        // Another writer needs the version they read; the other side reads nothing.
        body["facts"] = json!("Rettet");
        body.as_object_mut().unwrap().remove("revision");
        family.unit.put(FIRST, "", &body).refused(428, "precondition_required");
        let tag = family.unit.get(FIRST).tag();
        assert_eq!(family.unit.put(FIRST, &tag, &body).ok()["revision"], 4);
        family.coach.get(FIRST).refused(404, "not_found");
        family.coach.put(FIRST, "", &body).refused(404, "not_found");
        assert_eq!(family.coach.get("/v1/session-logs").ok()["items"], json!([]));
        family.coach.put(SECOND, "", &held(&family.coaching, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        mentor.get(SECOND).refused(404, "not_found");
        assert_eq!(mentor.get("/v1/session-logs").ok()["items"].as_array().unwrap().len(), 1);

        // Nor does the next mentor of the same boy.
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        let next = app.account("nora", &["mentor"]);
        let nora = staff(&app, &next, true);
        let following = matched(&family.unit, &next, &family.course, &nora);
        next.get(FIRST).refused(404, "not_found");
        next.get(&format!("/v1/sessions/{session}")).refused(404, "not_found");
        next.put(FIRST, "", &body).refused(404, "not_found");
        assert_eq!(next.get("/v1/matches").ok()["items"][0]["id"], following);
        assert_eq!(next.get("/v1/session-logs").ok()["items"], json!([]));

        // A clock that is ahead is flagged; further ahead it is not believed.
        let third = "/v1/session-logs/33333333-3333-4333-8333-333333333333";
        let ahead = mentor.put(third, "", &held(&family.mentoring, "2026-03-04T12:00:00Z", "2026-03-05T10:00:00Z"));
        assert_eq!((&ahead.ok()["clock_ahead"], &ahead.ok()["warnings"]), (&json!(true), &json!(["clock_ahead"])));
        let wrong = mentor.put(&third.replace("3333-8", "3334-8"), "", &held(&family.mentoring, "2026-03-04T11:00:00Z", "2026-03-05T17:00:01Z"));
        assert_eq!(wrong.refused(422, "invalid")["errors"][0]["pointer"], "/written_at");
    }

    fn a_supervisor_reads_under_a_label_and_a_bar_hides_all(app: TestApp) {
        let family = family(&app);
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        app.set_clock("2026-03-04T17:00:00Z");
        family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
        let supervisor = app.account("sofus", &["supervisor"]);
        assert_eq!(supervisor.get("/v1/matches").ok()["items"], json!([]));
        supervisor.get(FIRST).refused(404, "not_found");
        let path = format!("/v1/matches/{}", family.mentoring);
        let supervise = |caller: &Caller<'_>, account: Value| caller.post(&format!("{path}/supervision"), &json!({"account_id": account}));
        supervise(&supervisor, json!(supervisor.account_id())).refused(403, "forbidden");
        supervise(&family.unit, json!(family.coach.account_id())).refused(422, "invalid");
        assert_eq!(supervise(&family.unit, json!(supervisor.account_id())).ok()["account_id"], json!(supervisor.account_id()));
        let seen = supervisor.get(&path).ok();
        assert_eq!(seen["person_label"], json!(format!("Match {}", &family.mentoring[..4])));
        assert!(["person_id", "case_id", "sentence", "same_family"].iter().all(|member| seen[member].is_null()), "{seen}");
        assert_eq!(supervisor.get(FIRST).ok()["content"]["facts"], "Vi spillede skak");
        assert_eq!(supervisor.get(&format!("/v1/sessions/{session}")).ok()["state"], "held");
        supervisor.get(SECOND).refused(404, "not_found");
        supervisor.get(&format!("/v1/matches/{}", family.coaching)).refused(404, "not_found");
        supervisor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).refused(404, "not_found");
        supervisor.get(&format!("/v1/people/{}", family.boy)).refused(403, "forbidden");
        // One supervisor at a time, and none when it is taken back.
        let other = app.account("signe", &["supervisor"]);
        supervise(&family.unit, json!(other.account_id())).ok();
        supervisor.get(FIRST).refused(404, "not_found");
        other.get(FIRST).ok();
        assert_eq!(supervise(&family.unit, Value::Null).ok()["account_id"], Value::Null);
        other.get(FIRST).refused(404, "not_found");

        let bar = json!({"account_id": family.mentor.account_id(), "person_id": family.boy, "cause": "family"});
        family.unit.post("/v1/bars", &bar).ok();
        for path in [path, format!("/v1/sessions/{session}"), FIRST.to_owned()] {
            family.mentor.get(&path).refused(404, "not_found");
        }
        family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:41:00Z")).refused(404, "not_found");
        assert_eq!(family.mentor.get("/v1/sessions").ok()["items"], json!([]));
    }

    fn after_the_grace_a_log_lies_in_the_tray(app: TestApp) {
        let family = family(&app);
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        app.set_clock("2026-03-05T08:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish"})).ok();
        app.set_clock("2026-03-25T08:00:00Z");
        let taken = family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z"));
        assert_eq!((taken.status, taken.json()), (202, json!({"warnings": [], "welfare": null})));
        family.mentor.get(FIRST).refused(404, "not_found");
        let tray = family.unit.get("/v1/session-logs?in_tray=true").ok();
        assert_eq!((&tray["items"][0]["session_id"], &tray["items"][0]["late"]), (&json!(session), &json!(false)));
        assert_eq!(family.unit.post(&format!("{FIRST}/take-in"), &json!({})).ok()["in_tray"], false);
        family.unit.post(&format!("{FIRST}/take-in"), &json!({})).refused(409, "wrong_state");
        // Who never ran it is refused.
        family.coach.put(SECOND, "", &held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-03T17:00:00Z")).refused(404, "not_found");
    }

    fn messages_wait_move_and_are_taken_back(app: TestApp) {
        let family = family(&app);
        let (mentor, unit, boy) = (&family.mentor, &family.unit, &family.boy);
        let id = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        assert_eq!(app.promise("tell_by_hand").0, "open");
        // He gives a number of his own: the messages come, the promise goes.
        let tag = unit.get(&format!("/v1/people/{boy}")).tag();
        unit.put(&format!("/v1/people/{boy}/contact"), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        assert_eq!(app.promise("tell_by_hand").0, "ended");
        let planned = |state: &str| {
            let listed = unit.get(&format!("/v1/messages?subject={id}&state={state}")).ok();
            let items = listed["items"].as_array().unwrap().clone();
            let tell = |item: &Value| format!("{} {} {}", item["kind"].as_str().unwrap(), item["slot"].as_str().unwrap(), item["not_before_at"].as_str().unwrap());
            items.iter().map(tell).collect::<Vec<_>>()
        };
        // The first session: one five days ahead, one the day before, both at five in the afternoon.
        assert_eq!(planned("waiting"), ["appointment early 2026-03-06T16:00:00Z", "appointment day_before 2026-03-10T16:00:00Z"]);
        mentor.get("/v1/messages").refused(403, "forbidden");
        let session = mentor.get(&format!("/v1/sessions/{id}"));
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:30:00Z"});
        let request = crate::support::http::Request::new("POST", &format!("/v1/sessions/{id}/move"));
        app.set_clock("2026-03-03T21:00:00Z");
        mentor.send(request.header("Idempotency-Key", "move-2").header("If-Match", &session.tag()).json(&there)).ok();
        // Told in the morning; the reminders follow the new time.
        let moved = ["appointment_moved  2026-03-04T07:00:00Z", "appointment early 2026-03-07T16:00:00Z", "appointment day_before 2026-03-11T16:00:00Z"];
        assert_eq!(planned("waiting"), moved);
        assert_eq!(planned("retracted").len(), 2);
        let pause = json!({"grounds": "Afklares", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/courses/{}/pause", family.course), &pause).ok();
        assert!(planned("waiting").is_empty());
        unit.post(&format!("/v1/courses/{}/resume", family.course), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!(planned("waiting"), moved);
        app.set_clock("2026-03-05T10:00:00Z");
        mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(planned("waiting"), ["appointment_cancelled  2026-03-05T10:00:00Z"]);
    }

    fn two_missed_in_a_row_are_one_promise(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let first = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        let cancelled = mentor.post(&format!("/v1/sessions/{first}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(cancelled["late_cancellation"], false);
        assert!(app.promised("missed_twice").is_empty());
        app.set_clock("2026-03-11T17:00:00Z");
        let mut missed = held(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        missed["outcome"] = json!("no_show");
        missed["minutes"] = Value::Null;
        assert_eq!(mentor.put(FIRST, "", &missed).status, 201);
        let duty = &app.promised("missed_twice")[0];
        assert_eq!((duty.state.as_str(), &duty.slot, duty.due_at.to_string().as_str()), ("open", &first, "2026-03-13T22:59:59.999999Z"));
        // He did come: a correction breaks the run; and it was a mistake after all.
        let mut came = missed.clone();
        (came["outcome"], came["minutes"]) = (json!("held"), json!(30));
        mentor.put(FIRST, "", &came).ok();
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("corrected"));
        missed["facts"] = json!("Jeg tog fejl af dagen");
        mentor.put(FIRST, "", &missed).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
        // A miss that is told of late joins the run, though it comes before all others; done is done for all of it.
        let mut told_late = held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z");
        (told_late["outcome"], told_late["minutes"]) = (json!("no_show"), Value::Null);
        mentor.put(SECOND, "", &told_late).ok();
        assert_eq!((app.promise("missed_twice").0.as_str(), app.promise("missed_twice").1.as_str()), ("open", "2026-03-05T22:59:59.999999Z"));
        let duty = family.unit.get("/v1/duties?kind=missed_twice").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        let settled = json!({"happened_at": "2026-03-11T17:00:00Z", "late_reason": "overlooked"});
        family.unit.post(&format!("/v1/duties/{duty}/settle"), &settled).ok();
        told_late["starts_at"] = json!("2026-03-02T15:00:00Z");
        mentor.put("/v1/session-logs/33333333-3333-4333-8333-333333333333", "", &told_late).ok();
        assert_eq!(app.promise("missed_twice").0, "done");
    }
}

fn unit_pauses(family: &Family<'_>) {
    let (course, unit) = (&family.course, &family.unit);
    unit.post(&format!("/v1/courses/{course}/pause"), &json!({"grounds": "Afklares", "happened_at": "2026-03-02T08:00:00Z"})).ok();
}
