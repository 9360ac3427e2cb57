//! What of a pair is over by its own moment, whether or not a night has passed; what begins or ends soon; and what a run says of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::proposals::{flaw, propose};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::{accepted, waiting};

fn lines(unit: &Caller<'_>, run: &Value) -> Vec<Value> {
    unit.get(&format!("/v1/matching-runs/{}/lines", run["id"].as_str().unwrap())).ok()["items"].as_array().unwrap().clone()
}

/// Where a member of staff stands for a course.
fn standing(unit: &Caller<'_>, course: &str, staff: &str) -> Value {
    let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff")).ok();
    listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).cloned().unwrap()
}

/// Two siblings whose mentor courses wait, in a language of their own: the courses.
pub fn siblings(app: &TestApp, unit: &Caller<'_>, language: &str) -> Vec<String> {
    let father = unit.person("parent", "Frodemund", None);
    let children = ["Albertus", "Bertramius"].map(|name| unit.person("young_person", name, Some("2010-05-01")));
    children.iter().for_each(|child| unit.set_custody(child, &[&father]));
    let case = app.founded_case(unit, &[&children[0], &children[1], &father]);
    let course = |child: &String| {
        app.pass(TimeDelta::seconds(1));
        let course = accepted(app, unit, &case, child, &father, "mentor");
        unit.put(&format!("/v1/courses/{course}/wishes"), "*", &json!({"languages": [language]})).ok();
        course
    };
    children.iter().map(course).collect()
}

pub fn mentor(unit: &Caller<'_>, language: &str, capacity: i32) -> String {
    let id = unit.staff("mentor", None);
    unit.patch(&format!("/v1/staff/{id}"), "*", &json!({"capacity": capacity, "languages": [language]})).ok();
    id
}

both_engines! {
    fn a_proposal_is_over_by_its_moment_and_a_yes_in_time_counts_whenever_it_is_written_down(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte, nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", None));
        let first = propose(&unit, &one.course, &of_malte);
        let path = format!("/v1/matches/{first}");
        malte.post(&format!("{path}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        app.set_clock("2026-03-17T08:00:00Z");
        let seen = unit.get(&path).ok();
        assert_eq!((&seen["state"], &seen["ended_at"]), (&json!("expired"), &json!("2026-03-16T22:59:59.999999Z")), "no night has passed");
        malte.get(&path).refused(404, "not_found");
        for (state, count) in [("proposed", 0), ("expired", 1)] {
            assert_eq!(unit.get(&format!("/v1/matches?state={state}")).ok()["items"].as_array().unwrap().len(), count, "{state}");
        }
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["course_id"], json!(one.course));
        assert_eq!(standing(&unit, &one.course, &of_malte)["exclusions"], json!([]));
        let answer = format!("{path}/answer-for-person");
        let in_time = json!({"accepted": true, "happened_at": "2026-03-16T20:00:00Z"});
        unit.post(&answer, &json!({"accepted": true})).refused(409, "wrong_state");
        // Somebody else is proposed: it is too late.
        let second = propose(&unit, &one.course, &nora);
        unit.post(&answer, &in_time).refused(409, "wrong_state");
        unit.post(&format!("/v1/matches/{second}/end"), &json!({"reason": "other"})).ok();
        app.tick();
        unit.post(&answer, &json!({"accepted": true, "happened_at": "2026-03-17T07:00:00Z"})).refused(409, "wrong_state");
        assert_eq!(unit.post(&answer, &in_time).ok()["state"], "running", "after the night as before it");
        assert_eq!(malte.get(&path).ok()["starts_at"], "2026-03-16T20:00:00Z");
    }

    fn a_yes_in_time_counts_before_the_night_too(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let path = format!("/v1/matches/{}", propose(&unit, &one.course, &malte));
        app.set_clock("2026-03-17T08:00:00Z");
        let said = |yes: Value| unit.post(&format!("{path}/answer"), &yes).ok()["state"].clone();
        assert_eq!(said(json!({"accepted": true, "knows_person": false, "happened_at": "2026-03-15T08:00:00Z"})), "expired");
        app.tick();
        let person = json!({"accepted": true, "happened_at": "2026-03-16T08:00:00Z"});
        assert_eq!(unit.post(&format!("{path}/answer-for-person"), &person).ok()["state"], "running");
    }

    fn a_loan_is_over_by_its_day_with_all_that_it_gave(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        unit.patch(&format!("/v1/staff/{of_malte}"), "*", &json!({"loan_until_on": "2026-03-20"})).ok();
        let id = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": of_malte, "expected_end_on": "2026-03-20"})).id();
        let path = format!("/v1/matches/{id}");
        let beyond = unit.patch(&path, "*", &json!({"expected_end_on": "2026-03-21"})).refused(422, "invalid");
        assert_eq!(flaw(&beyond), ("/expected_end_on", "loan"));
        unit.post(&format!("{path}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        unit.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).ok();
        let beyond = unit.patch(&path, "*", &json!({"expected_end_on": "2026-03-21"})).refused(422, "invalid");
        assert_eq!(flaw(&beyond), ("/expected_end_on", "loan"));
        let session = |on: &str| json!({"match_id": id, "starts_at": format!("{on}T15:00:00Z"), "ends_at": format!("{on}T16:00:00Z"), "kind": "in_person"});
        malte.post("/v1/sessions", &session("2026-03-20")).ok();
        malte.post("/v1/sessions", &session("2026-03-21")).refused(409, "wrong_state");
        assert_eq!(malte.get(&format!("/v1/people/{}", one.boy)).status, 200);
        // The day is over, and no night has passed.
        app.set_clock("2026-03-21T08:00:00Z");
        let seen = unit.get(&path).ok();
        assert_eq!((&seen["state"], &seen["end_reason"], &seen["ended_at"]), (&json!("ended"), &json!("loan_ended"), &json!("2026-03-20T22:59:59.999999Z")));
        malte.get(&format!("/v1/people/{}", one.boy)).refused(404, "not_found");
        assert_eq!(malte.get(&path).ok()["state"], "ended", "through the grace");
        assert_eq!((malte.get("/v1/today").ok()["matches"].clone(), malte.get("/v1/today").ok()["ended"][0]["id"].clone()), (json!([]), json!(id)));
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["course_id"], json!(one.course));
        // The next runs before the night has written the end down.
        let next = propose(&unit, &one.course, &unit.staff("mentor", None));
        unit.post(&format!("/v1/matches/{next}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!(unit.post(&format!("/v1/matches/{next}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "running");
        app.tick();
        assert_eq!(unit.get(&path).ok()["ended_at"], seen["ended_at"]);
        assert_eq!(unit.get(&format!("/v1/matches/{next}")).ok()["state"], "running");
    }

    fn a_leave_that_begins_soon_is_a_limit_where_it_is_long_and_said_where_it_is_short(app: TestApp) {
        let unit = app.coordinator();
        let (one, long, short) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let leave = |staff: &str, kind: &str, from: &str, until: &str| {
            unit.post(&format!("/v1/staff/{staff}/leaves"), &json!({"kind": kind, "from_on": from, "until_on": until})).ok();
        };
        leave(&long, "parental", "2026-03-03", "2026-09-30");
        leave(&short, "holiday", "2026-03-10", "2026-03-20");
        assert_eq!(standing(&unit, &one.course, &long)["exclusions"], json!(["leave"]));
        let stands = standing(&unit, &one.course, &short);
        assert_eq!((&stands["eligible"], &stands["leave_begins_on"], &stands["proof_ends_on"]), (&json!(true), &json!("2026-03-10"), &Value::Null));
        let line = lines(&unit, &unit.post("/v1/matching-runs", &json!({})).ok()).remove(0);
        assert_eq!((&line["staff_id"], &line["ranking"]["leave_begins_on"]), (&json!(short), &json!("2026-03-10")));
        assert_eq!(line["ranking"]["proof_ends_on"], Value::Null);
    }

    fn leaves_that_adjoin_are_one_absence_for_a_match_that_lasts_into_it(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let leave = |staff: &str, kind: &str, from: &str, until: &str| {
            unit.post(&format!("/v1/staff/{staff}/leaves"), &json!({"kind": kind, "from_on": from, "until_on": until})).ok();
        };
        // Five weeks in two parts; and the same with a day at work between.
        leave(&malte, "holiday", "2026-03-10", "2026-03-24");
        leave(&malte, "parental", "2026-03-25", "2026-04-14");
        leave(&nora, "holiday", "2026-03-10", "2026-03-24");
        leave(&nora, "parental", "2026-03-26", "2026-04-14");
        let excluded = |staff: &str, until: &str| {
            let listed = unit.get(&format!("/v1/courses/{}/eligible-staff?until={until}", one.course)).ok();
            listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).unwrap()["exclusions"].clone()
        };
        let until = ["2026-03-09", "2026-03-10", "2027-03-02"];
        assert_eq!(until.map(|until| excluded(&malte, until)), [json!([]), json!(["leave"]), json!(["leave"])]);
        assert_eq!(until.map(|until| excluded(&nora, until)), [json!([]), json!([]), json!([])]);
        let proposal = |until: &str| unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": malte, "expected_end_on": until}));
        assert_eq!(flaw(&proposal("2026-03-10").refused(422, "invalid")), ("/staff_id", "leave"));
        assert_eq!(flaw(&proposal("2026-06-01").refused(422, "invalid")), ("/staff_id", "leave"));
        assert_eq!(proposal("2026-03-09").ok()["ranking"]["leave_begins_on"], Value::Null);
    }

    fn a_certificate_that_ends_when_the_person_is_fifteen_is_no_limit_and_is_not_told(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"born_on": "2011-09-01"})).ok();
        let ends = |until: Option<&str>| {
            unit.certify(&malte, until);
            let stands = standing(&unit, &one.course, &malte);
            assert_eq!(stands["eligible"], true, "{until:?}");
            stands["proof_ends_on"].clone()
        };
        assert_eq!(ends(Some("2026-08-30")), "2026-08-30", "two days too early");
        for until in [Some("2026-08-31"), Some("2026-09-01"), Some("2026-12-31"), None] {
            assert_eq!(ends(until), Value::Null, "{until:?}");
        }
        // Nor is it kept with the proposal, or promised to be renewed.
        unit.certify(&malte, Some("2026-08-31"));
        let matched = crate::proposals::run(&unit, &one.course, &malte);
        assert_eq!(unit.get(&format!("/v1/matches/{matched}")).ok()["ranking"]["proof_ends_on"], Value::Null);
        assert!(app.promised("certificate_missing").is_empty());
    }

    fn whoever_introduces_two_sees_their_match(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let (ole, sune) = (app.account("ole", &["coordinator"]), app.account("sune", &["supervisor"]));
        let (lars, mona) = (app.account("lars", &["manager"]), app.account("mona", &["mentor"]));
        let path = format!("/v1/matches/{}", propose(&unit, &one.course, &malte));
        let set = |who: &Caller<'_>| unit.patch(&path, "*", &json!({"facilitator_id": who.account_id()}));
        for other in [&lars, &mona, &sune] {
            assert_eq!(flaw(&set(other).refused(422, "invalid")), ("/facilitator_id", "not_eligible"));
        }
        assert_eq!(set(&ole).ok()["facilitator_id"], json!(ole.account_id()));
        unit.post("/v1/bars", &json!({"account_id": ole.account_id(), "person_id": one.father, "cause": "family"})).ok();
        assert_eq!(flaw(&set(&ole).refused(422, "invalid")), ("/facilitator_id", "not_eligible"), "barred from the case");
    }

    fn places_are_those_of_whoever_is_there(app: TestApp) {
        let unit = app.coordinator();
        waiting(&app, &unit);
        let (_, gone, away) = (unit.staff("mentor", None), unit.staff("mentor", None), unit.staff("mentor", None));
        let places = || unit.post("/v1/matching-runs", &json!({})).ok()["places"].clone();
        assert_eq!(places(), 9);
        unit.post(&format!("/v1/staff/{gone}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        unit.post(&format!("/v1/staff/{away}/leaves"), &json!({"kind": "holiday", "from_on": "2026-03-01", "until_on": "2026-03-09"})).ok();
        assert_eq!(places(), 3);
    }

    fn what_a_run_suggests_helps_the_whole_group(app: TestApp) {
        let unit = app.coordinator();
        let children = siblings(&app, &unit, "ti");
        let (roomy, narrow) = (mentor(&unit, "ti", 5), mentor(&unit, "ti", 1));
        let veto = json!({"languages": ["ti"], "vetoes": [{"staff_id": roomy, "by_person": true, "by_staff": false}]});
        unit.put(&format!("/v1/courses/{}/wishes", children[1]), "*", &veto).ok();
        let run = unit.post("/v1/matching-runs", &json!({"same_mentor": [children]})).ok();
        assert_eq!(run["matched"], 0);
        for line in lines(&unit, &run) {
            let changes: Vec<(&str, Option<&str>)> = line["changes"].as_array().unwrap().iter()
                .map(|change| (change["kind"].as_str().unwrap(), change["staff_id"].as_str())).collect();
            assert_eq!(changes, [("place", Some(narrow.as_str())), ("newcomer", None)], "{}", line["given_name"]);
        }
        unit.patch(&format!("/v1/staff/{narrow}"), "*", &json!({"capacity": 2})).ok();
        assert_eq!(unit.post("/v1/matching-runs", &json!({"same_mentor": [children]})).ok()["matched"], 2);
    }

    fn of_an_address_that_became_protected_no_district_is_asked_for(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
        let run = unit.post("/v1/matching-runs", &json!({})).ok();
        assert!(lines(&unit, &run)[0]["changes"].as_array().unwrap().iter().any(|change| change["kind"] == "ask_district"));
        assert!(run["needs"].as_array().unwrap().iter().any(|need| need["staff_id"] == json!(malte)));
        unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"protected_address": true})).ok();
        let kept = unit.get(&format!("/v1/matching-runs/{}", run["id"].as_str().unwrap())).ok();
        assert_eq!((&lines(&unit, &run)[0]["changes"], &kept["needs"]), (&json!([]), &json!([])), "nor is anything else that hints at it");
    }

    fn siblings_have_the_same_mentor_as_the_pinned_or_the_running_one(app: TestApp) {
        let unit = app.coordinator();
        let children = siblings(&app, &unit, "ti");
        let (malte, _) = (mentor(&unit, "ti", 2), mentor(&unit, "ti", 5));
        let pin = |course: &str| json!({"course_id": course, "staff_id": malte});
        let pinned = |pins: Value| {
            let run = unit.post("/v1/matching-runs", &json!({"pins": pins, "same_mentor": [children]})).ok();
            lines(&unit, &run).iter().map(|line| line["staff_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(pinned(json!([pin(&children[1])])), [json!(malte), json!(malte)]);
        assert_eq!(pinned(json!([pin(&children[0]), pin(&children[1])])), [json!(malte), json!(malte)]);
        // One of the two has somebody already.
        let first = propose(&unit, &children[0], &malte);
        unit.post(&format!("/v1/matches/{first}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        unit.post(&format!("/v1/matches/{first}/answer-for-person"), &json!({"accepted": true})).ok();
        let run = unit.post("/v1/matching-runs", &json!({"same_mentor": [children]})).ok();
        assert_eq!((lines(&unit, &run).len(), &lines(&unit, &run)[0]["staff_id"], &run["same_mentor"]), (1, &json!(malte), &json!([children])));
        unit.post(&format!("/v1/matching-runs/{}/adopt", run["id"].as_str().unwrap()), &json!({"course_ids": [children[1]]})).ok();
        // Who is full is nobody's: the same, or nobody.
        let proposed = unit.get("/v1/matches?state=proposed").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/matches/{proposed}/end"), &json!({"reason": "other"})).ok();
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"capacity": 1})).ok();
        assert_eq!(unit.post("/v1/matching-runs", &json!({"same_mentor": [children]})).ok()["matched"], 0);
    }
}
