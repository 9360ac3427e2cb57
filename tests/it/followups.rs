//! Support contacts, follow-ups and a match's rhythm over HTTP: what is promised, what keeps it, and who reads what.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, family, held};
use crate::support::TestApp;
use crate::support::casework::Promised;

pub const NOTES: &str = "/v1/contact-notes";
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The mentor's first session, on Wednesday 4 March 2026 at four in the afternoon, logged that evening.
pub fn begin(app: &TestApp, family: &Family<'_>) {
    app.set_clock("2026-03-04T17:00:00Z");
    family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
}

pub fn support(matched: &str, sides: &[&str], at: &str) -> Value {
    let note = json!({"kind": "support_contact", "outcome": "held", "happened_at": at, "sides": sides, "facts": "Det går godt"});
    json!({"match_id": matched, "note": note})
}

/// Slot, state and, where it is closed, when or why.
fn standing(promised: &[Promised]) -> Vec<String> {
    let tell = |duty: &Promised| {
        let closed = duty.reason.clone().or_else(|| duty.closed_at.map(|at| at.to_string())).unwrap_or_default();
        format!("{} {} {closed}", duty.slot, duty.state).trim_end().to_owned()
    };
    promised.iter().map(tell).collect()
}

fn open_slots(app: &TestApp) -> Vec<String> {
    app.promised("support_contact").into_iter().filter(|duty| duty.state == "open").map(|duty| duty.slot).collect()
}

both_engines! {
    fn support_contacts_are_promised_kept_and_end_with_the_match(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        begin(&app, &family);
        let promised = app.promised("support_contact");
        let due: Vec<String> = promised.iter().take(5).map(|duty| format!("{} {}", duty.slot, duty.due_at)).collect();
        let expected = ["48h 2026-03-06T15:00:00Z", "day_10 2026-03-14T22:59:59.999999Z", "day_25 2026-03-29T21:59:59.999999Z",
            "2026-05 2026-05-04T21:59:59.999999Z", "2026-06 2026-06-04T21:59:59.999999Z"];
        assert_eq!((due, promised.len()), (expected.map(str::to_owned).to_vec(), 13));
        assert!(promised.iter().all(|duty| duty.owner_id.map(|id| id.to_string()) == Some(unit.account_id())));

        // The session was the day before; it was not held at all; it was.
        let mut log = held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-04T16:45:00Z");
        mentor.put(FIRST, "", &log).ok();
        let moved = app.promised("support_contact");
        assert_eq!((moved.len(), moved[0].due_at.to_string().as_str()), (13, "2026-03-05T15:00:00Z"));
        (log["outcome"], log["minutes"]) = (json!("tried"), Value::Null);
        mentor.put(FIRST, "", &log).ok();
        app.every_promised("support_contact", |duty| duty.reason.as_deref() == Some("corrected"));
        mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:50:00Z")).ok();
        assert_eq!((open_slots(&app).len(), app.promised("support_contact").len()), (13, 13));
        // The second session promises nothing more.
        app.set_clock("2026-03-11T17:00:00Z");
        let second = FIRST.replace("11111111-1", "44444444-1");
        mentor.put(&second, "", &held(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z")).ok();
        assert_eq!(app.promised("support_contact").len(), 13);

        // A contact on the second day, told later, keeps the first; corrected into none, it keeps none.
        let made = unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-05T10:00:00Z"));
        let path = format!("{NOTES}/{}", made.id());
        assert_eq!((&made.ok()["case_id"].is_string(), &made.ok()["note"]["sides"]), (&true, &json!(["staff"])));
        assert_eq!(standing(&app.promised("support_contact"))[..2], ["48h done 2026-03-05T10:00:00Z", "day_10 open"]);
        let mut wrong = support(&family.mentoring, &["staff"], "2026-03-05T10:00:00Z")["note"].clone();
        (wrong["outcome"], wrong["by"]) = (json!("cancelled"), json!("staff"));
        unit.put(&path, &made.tag(), &json!({"note": wrong})).ok();
        assert_eq!(standing(&app.promised("support_contact"))[..2], ["48h open", "day_10 open"]);
        unit.post(NOTES, &support(&family.mentoring, &["person"], "2026-03-11T10:00:00Z")).ok();
        assert_eq!(standing(&app.promised("support_contact"))[..3], ["48h done 2026-03-11T10:00:00Z", "day_10 done 2026-03-11T10:00:00Z", "day_25 open"]);

        // The expected end moves the last of them; the third month asks for both sides.
        let tag = unit.get(&format!("/v1/matches/{}", family.mentoring)).tag();
        unit.patch(&format!("/v1/matches/{}", family.mentoring), &tag, &json!({"expected_end_on": "2026-07-01"})).ok();
        assert_eq!(open_slots(&app), ["day_25", "2026-05", "2026-06"]);
        app.set_clock("2026-05-20T10:00:00Z");
        unit.post(NOTES, &support(&family.mentoring, &["person"], "2026-05-19T10:00:00Z")).ok();
        assert_eq!(open_slots(&app), ["2026-05", "2026-06"]);
        let supervisor = app.account("sofus", &["supervisor"]);
        unit.post(&format!("/v1/matches/{}/supervision", family.mentoring), &json!({"account_id": supervisor.account_id()})).ok();
        let supervision = json!({"kind": "supervision", "outcome": "held", "happened_at": "2026-05-20T09:00:00Z", "facts": "Talt om grænser"});
        let supervised = supervisor.post(NOTES, &json!({"match_id": family.mentoring, "note": supervision})).ok();
        assert_eq!((&supervised["case_id"], &supervised["note"]["sides"]), (&Value::Null, &json!(["staff"])));
        assert!(open_slots(&app).is_empty());

        // The match ends: what is left ends with it, and a later contact is not its.
        unit.patch(&format!("/v1/matches/{}", family.mentoring), &unit.get(&format!("/v1/matches/{}", family.mentoring)).tag(),
            &json!({"expected_end_on": "2026-12-31"})).ok();
        assert_eq!(open_slots(&app), ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]);
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert!(open_slots(&app).is_empty());
        app.pass(TimeDelta::hours(1));
        let late = unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-05-20T10:30:00Z")).refused(422, "invalid");
        assert_eq!(late["errors"][0]["code"], "after_match");
        unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-05-20T09:30:00Z")).ok();
        assert!(open_slots(&app).is_empty());
    }

    fn a_kept_contact_is_told_by_the_first_session_as_it_was(app: TestApp) {
        let family = family(&app);
        begin(&app, &family);
        app.set_clock("2026-03-12T17:00:00Z");
        family.unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-07T10:00:00Z")).ok();
        let first_four = || {
            let tell = |duty: &Promised| format!("{} {} {}", duty.slot, duty.state, duty.due_at);
            app.promised("support_contact").iter().take(4).map(tell).collect::<Vec<_>>()
        };
        // Late for the first, and so in time for the next.
        let late = ["48h done 2026-03-06T15:00:00Z", "day_10 done 2026-03-14T22:59:59.999999Z", "day_25 open 2026-03-29T21:59:59.999999Z",
            "2026-05 open 2026-05-04T21:59:59.999999Z"];
        assert_eq!(first_four(), late);
        // The first session was two days later: the contact was in time, and what is to come is counted from there.
        family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-06T15:00:00Z", "2026-03-12T16:00:00Z")).ok();
        let in_time = ["48h done 2026-03-08T15:00:00Z", "day_10 open 2026-03-16T22:59:59.999999Z", "day_25 open 2026-03-31T21:59:59.999999Z",
            "2026-05 open 2026-05-06T21:59:59.999999Z"];
        assert_eq!(first_four(), in_time);
        let kept = app.promised("support_contact")[0].closed_at.map(|at| at.to_string());
        assert_eq!(kept.as_deref(), Some("2026-03-07T10:00:00Z"));
        // It was a day earlier than was said at first.
        family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-12T16:30:00Z")).ok();
        let earlier = ["48h done 2026-03-05T15:00:00Z", "day_10 done 2026-03-13T22:59:59.999999Z", "day_25 open 2026-03-28T22:59:59.999999Z",
            "2026-05 open 2026-05-03T21:59:59.999999Z"];
        assert_eq!(first_four(), earlier);
    }

    fn a_pair_that_goes_on_is_promised_the_next_month_each_night(app: TestApp) {
        let family = family(&app);
        begin(&app, &family);
        let path = format!("/v1/matches/{}", family.mentoring);
        family.unit.patch(&path, &family.unit.get(&path).tag(), &json!({"expected_end_on": "2026-03-31"})).ok();
        assert_eq!(open_slots(&app), ["48h", "day_10", "day_25"]);
        app.set_clock("2026-04-05T05:00:00Z");
        app.tick();
        assert_eq!(open_slots(&app), ["48h", "day_10", "day_25", "2026-05"]);
        // A month without a night: nothing is lost, and nothing comes twice.
        app.set_clock("2026-06-10T05:00:00Z");
        app.tick();
        app.tick();
        assert_eq!(open_slots(&app), ["48h", "day_10", "day_25", "2026-05", "2026-06", "2026-07"]);
        family.unit.post(NOTES, &support(&family.mentoring, &["staff", "person"], "2026-06-09T10:00:00Z")).ok();
        assert_eq!(open_slots(&app), Vec::<String>::new());
    }

    fn a_course_gone_through_is_followed_up_twice(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let course = unit.get(&format!("/v1/courses/{}", family.course)).ok();
        let (offer, case) = (course["offer_id"].as_str().unwrap().to_owned(), course["case_id"].as_str().unwrap().to_owned());
        let result = json!({"held_at": "2026-03-04T16:00:00Z", "way": "records", "at_risk": "no", "basis": "Sagen"});
        let six = |result: &Value| json!({"course_id": family.course, "kind": "followup_6m", "result": result});
        unit.post("/v1/followups", &six(&result)).refused(409, "wrong_state");

        app.set_clock("2026-09-01T08:00:00Z");
        let closing = json!({"no_meeting_reason": "Aftalt på telefonen", "handed_over_to": "Skolen"});
        let end = |kind: &str| json!({"kind": kind, "happened_at": "2026-08-31T10:00:00Z", "closing": closing});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end("suspended_handed_over")).ok();
        // The father's was never begun: broken off, it has none.
        let fathers = unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["course_id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/courses/{fathers}/end"), &end("discontinued")).ok();
        let (first, second) = (app.promise("followup_6m"), app.promise("followup_12m"));
        assert_eq!((first.1.as_str(), second.1.as_str()), ("2027-02-28T22:59:59.999999Z", "2027-08-31T21:59:59.999999Z"));
        assert_eq!(app.promised("followup_6m")[0].opens_at.to_string(), "2027-02-13T23:00:00Z");
        let fathers = json!({"course_id": fathers, "kind": "followup_6m", "result": result});
        unit.post("/v1/followups", &fathers).refused(409, "wrong_state");
        unit.post("/v1/followups", &json!({"course_id": NOBODY, "kind": "followup_6m", "result": result})).refused(422, "invalid");
        family.mentor.post("/v1/followups", &six(&result)).refused(403, "forbidden");
        // A call with a step that is still to be done; another after the closing. Both survive it.
        let call = |at: &str| json!({"case_id": case, "note": {"kind": "call", "outcome": "held", "happened_at": at, "facts": "Aftalt en samtale",
            "next_step": {"words": "Ring igen", "on": "2026-09-15"}}});
        unit.post(NOTES, &call("2026-08-31T12:00:00Z")).ok();
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": "2026-09-01T07:00:00Z"})).ok();
        unit.post(NOTES, &call("2026-09-01T07:30:00Z")).ok();
        app.every_promised("agreed_step", |duty| duty.state == "open");
        assert_eq!((app.promise("followup_6m").0.as_str(), app.promise("followup_12m").0.as_str()), ("open", "open"));

        // He never said that he may be contacted; he says so.
        app.set_clock("2027-03-05T10:00:00Z");
        let mut result = json!({"held_at": "2027-03-03T12:00:00Z", "way": "phone", "at_risk": "no", "basis": "Han trives", "new_concern": false});
        let refused = |result: &Value| unit.post("/v1/followups", &six(result)).refused(422, "invalid")["errors"][0].clone();
        assert_eq!(refused(&result)["code"], "no_consent");
        let consent = json!({"giver_id": family.boy, "scope": "contact_after", "text_version": "2026-1", "given": true, "happened_at": "2027-03-01T09:00:00Z"});
        unit.post(&format!("/v1/offers/{offer}/consents"), &consent).ok();
        // He is 16: his father is asked, too.
        assert_eq!(refused(&result)["code"], "no_consent");
        let mut fathers = consent.clone();
        fathers["giver_id"] = json!(family.father);
        unit.post(&format!("/v1/offers/{offer}/consents"), &fathers).ok();
        result["done_by"] = json!(NOBODY);
        assert_eq!(refused(&result)["pointer"], "/result/done_by");
        result["done_by"] = Value::Null;
        result["held_at"] = json!("2026-12-01T12:00:00Z");
        assert_eq!(refused(&result)["code"], "too_early");
        result["held_at"] = json!("2027-02-20T12:00:00Z");
        assert_eq!(refused(&result)["code"], "no_consent");
        result["held_at"] = json!("2027-03-03T12:00:00Z");
        let made = unit.post("/v1/followups", &six(&result));
        assert_eq!((&made.ok()["late"], &made.ok()["result"]["at_risk"]), (&json!(true), &json!("no")));
        let id = made.id();
        assert_eq!(app.promised("followup_6m")[0].closed_at.unwrap().to_string(), "2027-03-03T12:00:00Z");
        assert_eq!(unit.post("/v1/followups", &six(&result)).refused(409, "already_exists")["blocking"][0]["id"], id);

        // It was held in time after all: a new version, and the original stays.
        let path = format!("/v1/followups/{id}");
        (result["held_at"], result["way"]) = (json!("2027-02-20T12:00:00Z"), json!("own_initiative"));
        let body = json!({"result": result});
        assert_eq!(unit.put(&path, "", &body).status, 428);
        let corrected = unit.put(&path, &made.tag(), &body);
        assert_eq!((&corrected.ok()["late"], &corrected.ok()["revision"]), (&json!(false), &json!(2)));
        assert_eq!(app.promised("followup_6m")[0].closed_at.unwrap().to_string(), "2027-02-20T12:00:00Z");
        unit.put(&path, &made.tag(), &body).refused(412, "stale_version");
        assert_eq!(unit.put(&path, &corrected.tag(), &body).ok()["revision"], 2);
        let versions = unit.get(&format!("{path}/versions")).ok();
        let held: Vec<_> = versions["items"].as_array().unwrap().iter().map(|version| version["result"]["held_at"].clone()).collect();
        assert_eq!(held, ["2027-03-03T12:00:00Z", "2027-02-20T12:00:00Z"]);
        app.keeps_for_good("followup_versions", "revision");

        // Any day within the twelve months may be recorded; the promise is kept by the one at its end.
        let twelve = |held: &str, on: &str, activity: &str| {
            let result = json!({"held_at": held, "way": "professional", "activity": activity, "as_of_on": on, "basis": "UU-vejlederen"});
            unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_12m", "result": result}))
        };
        twelve("2027-03-04T10:00:00Z", "2027-01-15", "education").ok();
        assert_eq!(twelve("2027-03-04T10:00:00Z", "2027-03-05", "education").refused(422, "invalid")["errors"][0]["code"], "after_held");
        assert_eq!(app.promise("followup_12m").0, "open");
        // By a clock that is some minutes ahead it is tomorrow already; further ahead it is not yet.
        app.set_clock("2027-03-04T22:55:00Z");
        let tonight = twelve("2027-03-04T23:00:00Z", "2027-03-05", "employed");
        assert_eq!((&tonight.ok()["result"]["held_at"], &tonight.ok()["result"]["as_of_on"]), (&json!("2027-03-04T22:55:00Z"), &json!("2027-03-04")));
        assert_eq!(twelve("2027-03-04T22:55:00Z", "2027-03-06", "education").refused(422, "invalid")["errors"][0]["code"], "after_held");
        unit.post(&format!("/v1/followups/{}/retract", tonight.id()), &json!({})).ok();
        app.set_clock("2027-08-25T10:00:00Z");
        twelve("2027-08-24T10:00:00Z", "2027-08-20", "neither").ok();
        assert_eq!(app.promised("followup_12m")[0].closed_at.unwrap().to_string(), "2027-08-24T10:00:00Z");
        let listed = unit.get(&format!("/v1/followups?course={}&kind=followup_12m", family.course)).ok();
        let activities: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["result"]["activity"].clone()).collect();
        assert_eq!(activities, ["neither", "employed", "education"]);
        assert_eq!(unit.get("/v1/followups").ok()["items"].as_array().unwrap().len(), 4);

        // A bar hides it all, and a stranger to the programme's cases reads none.
        let other = app.account("carla", &["coordinator"]);
        other.get(&path).ok();
        unit.post("/v1/bars", &json!({"account_id": other.account_id(), "person_id": family.boy, "cause": "family"})).ok();
        other.get(&path).refused(404, "not_found");
        other.get(&format!("{path}/versions")).refused(404, "not_found");
        assert_eq!(other.get("/v1/followups").ok()["items"], json!([]));
    }

    fn a_rhythm_is_shown_to_its_own(app: TestApp) {
        let family = family(&app);
        begin(&app, &family);
        app.set_clock("2026-04-02T10:00:00Z");
        let path = format!("/v1/matches/{}/rhythm", family.mentoring);
        let supervisor = app.account("sofus", &["supervisor"]);
        family.coach.get(&path).refused(404, "not_found");
        supervisor.get(&path).refused(404, "not_found");
        family.unit.post(&format!("/v1/matches/{}/supervision", family.mentoring), &json!({"account_id": supervisor.account_id()})).ok();
        let expected = json!({"match_id": family.mentoring, "rhythm": "weekly", "agreed_days": 7, "agreed_minutes": 390,
            "last_held_at": "2026-03-04T15:00:00Z", "days_since_last_held": 29, "months": [
                {"month": "2026-03", "minutes": 60, "held": 1, "missed": 0, "cancelled": 0},
                {"month": "2026-04", "minutes": 0, "held": 0, "missed": 0, "cancelled": 0}]});
        for caller in [&family.unit, &family.mentor, &supervisor] {
            assert_eq!(caller.get(&path).ok(), expected);
        }
        let unheld = family.unit.get(&format!("/v1/matches/{}/rhythm", family.coaching)).ok();
        assert_eq!((&unheld["last_held_at"], &unheld["days_since_last_held"]), (&Value::Null, &Value::Null));
    }

    fn nobody_follows_up_the_dead(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let closing = json!({"no_meeting_reason": "Aftalt på telefonen"});
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": closing});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-03-04T16:55:00Z"})).ok();
        for kind in ["followup_6m", "followup_12m"] {
            assert_eq!(app.promise(kind).2.as_deref(), Some("dead"));
            let result = json!({"held_at": "2026-03-04T16:56:00Z", "way": "records", "basis": "Død"});
            unit.post("/v1/followups", &json!({"course_id": family.course, "kind": kind, "result": result})).refused(409, "wrong_state");
        }
    }

    fn a_result_counts_when_it_was_held_in_whichever_order_they_are_told(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        app.set_clock("2027-04-10T10:00:00Z");
        let held = |at: &str| json!({"held_at": at, "way": "records", "activity": "education", "as_of_on": "2027-02-28", "basis": "Skolens liste"});
        let record = |at: &str| unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_12m", "result": held(at)}));
        let kept = || app.promised("followup_12m")[0].closed_at.map(|at| at.to_string());
        let late = record("2027-04-01T10:00:00Z");
        assert_eq!(kept().as_deref(), Some("2027-04-01T10:00:00Z"));
        let early = record("2027-03-01T10:00:00Z");
        assert_eq!(kept().as_deref(), Some("2027-03-01T10:00:00Z"));
        let correct = |id: &str, tag: &str, at: &str| unit.put(&format!("/v1/followups/{id}"), tag, &json!({"result": held(at)}));
        correct(&early.id(), &early.tag(), "2027-04-03T10:00:00Z").ok();
        assert_eq!(kept().as_deref(), Some("2027-04-01T10:00:00Z"));
        // Nobody is followed up after their death, by no correction either.
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2027-04-05T08:00:00Z"})).ok();
        let refused = correct(&late.id(), &late.tag(), "2027-04-08T10:00:00Z").refused(422, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/result/held_at"), &json!("after_death")));
        correct(&late.id(), &late.tag(), "2027-03-02T10:00:00Z").ok();
        assert_eq!(kept().as_deref(), Some("2027-03-02T10:00:00Z"));
    }
}
