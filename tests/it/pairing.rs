//! Who may hold a place, and what becomes of a yes: what must come first, families beyond one case, secrets that a refusal must not tell,
//! runs that are asked for twice, and promises while somebody waits.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Request;
use crate::wishes::{Waiting, accepted, waiting};

fn flaws(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

/// A child of one parent, alone in a case, with an accepted mentor course.
fn child(app: &TestApp, unit: &Caller<'_>, name: &str, parent: &str) -> Waiting {
    app.pass(TimeDelta::seconds(1));
    let boy = unit.person("young_person", name, Some("2010-05-01"));
    unit.set_custody(&boy, &[parent]);
    let case = app.founded_case(unit, &[&boy]);
    let course = accepted(app, unit, &case, &boy, parent, "mentor");
    Waiting { boy, father: parent.to_owned(), case, course }
}

fn mentor(unit: &Caller<'_>, capacity: i32) -> String {
    let id = unit.staff("mentor", None);
    unit.patch(&format!("/v1/staff/{id}"), "*", &json!({"capacity": capacity})).ok();
    id
}

fn propose(unit: &Caller<'_>, course: &str, staff: &str) -> String {
    unit.post("/v1/matches", &json!({"course_id": course, "staff_id": staff})).id()
}

fn answer(caller: &Caller<'_>, id: &str) -> Value {
    caller.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok()
}

fn answer_for_person(unit: &Caller<'_>, id: &str) -> Value {
    unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok()
}

fn run(unit: &Caller<'_>, course: &str, staff: &str) -> String {
    let id = propose(unit, course, staff);
    answer(unit, &id);
    assert_eq!(answer_for_person(unit, &id)["state"], "running");
    id
}

fn find(unit: &Caller<'_>, body: &Value) -> Value {
    unit.post("/v1/matching-runs", body).ok()
}

/// The lines of a run by course.
fn lines(unit: &Caller<'_>, run: &Value) -> BTreeMap<String, Value> {
    let items = unit.get(&format!("/v1/matching-runs/{}/lines", run["id"].as_str().unwrap())).ok()["items"].clone();
    items.as_array().unwrap().iter().map(|line| (line["course_id"].as_str().unwrap().to_owned(), line.clone())).collect()
}

fn exclusions(unit: &Caller<'_>, course: &str, staff: &str, query: &str) -> Value {
    let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff{query}")).ok();
    listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).unwrap()["exclusions"].clone()
}

both_engines! {
    fn whoever_must_be_asked_first_holds_no_place(app: TestApp) {
        let unit = app.coordinator();
        let first = waiting(&app, &unit);
        let mother = unit.person("parent", "Mathildur", None);
        let second = child(&app, &unit, "Cornelius", &mother);
        let malte = mentor(&unit, 1);
        let hurdles = |course: &str| {
            let run = find(&unit, &json!({}));
            let found = lines(&unit, &run);
            let listed = unit.get("/v1/waiting-courses").ok();
            let waits = listed["items"].as_array().unwrap().iter().find(|one| one["course_id"] == course).unwrap().clone();
            assert_eq!(waits["hurdles"], found[course]["hurdles"], "one rule");
            if waits["hurdles"] != json!([]) {
                assert_eq!((&found[course]["staff_id"], &found[course]["changes"]), (&Value::Null, &json!([])));
                assert!(found[&second.course]["staff_id"].is_string(), "the place goes to whoever can have it");
                let pin = json!({"pins": [{"course_id": course, "staff_id": malte}]});
                let refused = unit.post("/v1/matching-runs", &pin).refused(422, "invalid");
                assert_eq!(flaws(&refused)[0], ("/pins/0/course_id", waits["hurdles"][0].as_str().unwrap()));
            }
            waits["hurdles"].clone()
        };
        assert_eq!(hurdles(&first.course), json!([]));
        let interest = format!("/v1/courses/{}/interest", first.course);
        let proposal = json!({"course_id": first.course, "staff_id": malte});
        unit.post(&interest, &json!({"still_wanted": false, "words": "Ikke nu, siger han"})).ok();
        assert_eq!(hurdles(&first.course), json!(["not_wanted"]));
        assert_eq!(flaws(&unit.post("/v1/matches", &proposal).refused(409, "wrong_state")), [("/course_id", "not_wanted")]);
        let said = &unit.get(&interest).ok()["items"][0];
        assert_eq!((&said["still_wanted"], &said["words"], &said["recorded_by"]), (&json!(false), &json!("Ikke nu, siger han"), &json!(unit.account_id())));
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["interest_words"], "Ikke nu, siger han");
        app.pass(TimeDelta::hours(1));
        unit.post(&interest, &json!({"still_wanted": true})).ok();
        assert_eq!(hurdles(&first.course), json!([]));
        // Another custody holder: a consent that is needed now is missing.
        let stepfather = unit.person("parent", "Valdemarius", None);
        unit.set_custody(&first.boy, &[&first.father, &stepfather]);
        assert_eq!(hurdles(&first.course), json!(["consent"]));
        assert_eq!(flaws(&unit.post("/v1/matches", &proposal).refused(409, "wrong_state")), [("/course_id", "consent")]);
        unit.set_custody(&first.boy, &[&first.father]);
        // A wished end: first the talk.
        let nora = mentor(&unit, 1);
        let ran = run(&unit, &first.course, &nora);
        unit.post(&format!("/v1/matches/{ran}/end"), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(hurdles(&first.course), json!(["repair_talk"]));
        let talked = unit.post(&format!("/v1/matches/{ran}/repair-talk"), &json!({"outcome": "parted", "words": "De skiltes som venner"})).ok();
        assert_eq!((&talked["repair_talk"], &talked["repair_words"]), (&json!("parted"), &json!("De skiltes som venner")));
        assert_eq!(hurdles(&first.course), json!([]));
        app.pass(TimeDelta::days(100));
        unit.post(&format!("/v1/courses/{}/interest", second.course), &json!({"still_wanted": true})).ok();
        assert_eq!(hurdles(&first.course), json!(["ask_interest"]));
    }

    fn a_yes_is_kept_where_the_pair_holds_no_longer_and_tells_nobody_why(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, staff) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let id = propose(&unit, &one.course, &staff);
        let path = format!("/v1/matches/{id}");
        let today = malte.get("/v1/today").ok();
        assert_eq!((&today["proposals"][0]["id"], &today["proposals"][0]["given_name"], &today["proposals"][0]["needs_answer"]),
            (&json!(id), &json!("Bertramius"), &json!(true)));
        assert_eq!(app.promise("proposal"), ("open".into(), "2026-03-16T22:59:59.999999Z".into(), None));
        answer_for_person(&unit, &id);
        assert_eq!(malte.get(&path).ok()["person_answer"], Value::Null, "each answers for themselves");
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*",
            &json!({"gender": "woman", "vetoes": [{"staff_id": staff, "by_person": true, "by_staff": false}]})).ok();
        let said = answer(&malte, &id);
        assert_eq!((&said["state"], &said["is_held"]), (&json!("proposed"), &json!(true)));
        let seen = malte.get(&path).ok();
        assert_eq!((&seen["staff_answer"]["accepted"], &seen["person_answer"]["accepted"], &seen["is_held"]), (&json!(true), &json!(true), &json!(true)));
        for told in [&said, &seen] {
            assert!(!told.to_string().contains("veto") && !told.to_string().contains("gender") && told["held_by"].is_null(), "{told}");
        }
        assert_eq!(malte.get("/v1/today").ok()["proposals"][0]["needs_answer"], false);
        // The unit sees why, and may start it once nothing is in its way.
        assert_eq!(unit.get(&path).ok()["held_by"], json!({"hurdles": [], "exclusions": ["gender", "veto_of_person"]}));
        assert_eq!(app.promise("proposal").0, "open");
        let start = format!("{path}/start");
        malte.post(&start, &json!({})).refused(403, "forbidden");
        assert_eq!(flaws(&unit.post(&start, &json!({})).refused(422, "invalid")), [("/staff_id", "gender"), ("/staff_id", "veto_of_person")]);
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({})).ok();
        app.pass(TimeDelta::hours(1));
        assert_eq!(unit.post(&start, &json!({})).ok()["state"], "running");
        let runs = malte.get(&path).ok();
        assert_eq!((&runs["starts_at"], &runs["is_held"], &runs["person_id"]), (&json!(app.clock.now()), &json!(false), &json!(one.boy)));
        unit.post(&start, &json!({})).refused(409, "wrong_state");
        assert_eq!((app.promise("proposal").0, malte.get("/v1/today").ok()["proposals"].clone()), ("done".into(), json!([])));
    }

    fn an_answer_says_whether_they_know_them_and_why_not(app: TestApp) {
        let unit = app.coordinator();
        let (one, staff) = (waiting(&app, &unit), unit.staff("mentor", None));
        let id = propose(&unit, &one.course, &staff);
        let (by_staff, by_person) = (format!("/v1/matches/{id}/answer"), format!("/v1/matches/{id}/answer-for-person"));
        for (path, body, pointer) in [
            (&by_staff, json!({"accepted": true}), "/knows_person"),
            (&by_staff, json!({"accepted": false}), "/reason"),
            (&by_person, json!({"accepted": false, "words": "Nej tak"}), "/reason"),
        ] {
            assert_eq!(flaws(&unit.post(path, &body).refused(422, "invalid")), [(pointer, "required")]);
        }
        unit.post(&by_staff, &json!({"accepted": false, "reason": "too_far"})).ok();
        unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"protected_address": true})).ok();
        let reason = |id: &str, by: &str| unit.get(&format!("/v1/matches/{id}")).ok()[by]["reason"].clone();
        assert_eq!(reason(&id, "staff_answer"), "other", "how far it was is forgotten");
        // Nobody learns by a refusal that the address is protected.
        for (path, by) in [("answer", "staff_answer"), ("answer-for-person", "person_answer")] {
            let again = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": staff, "again": true})).id();
            let far = unit.post(&format!("/v1/matches/{again}/{path}"), &json!({"accepted": false, "reason": "too_far"})).ok();
            assert_eq!((&far["state"], reason(&again, by)), (&json!("refused"), json!("other")));
        }
    }

    fn who_knows_the_family_is_paired_with_nobody_of_it_unless_somebody_asks(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let sister = child(&app, &unit, "Gryphina", &one.father);
        let malte = mentor(&unit, 3);
        let id = propose(&unit, &one.course, &malte);
        unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": false, "reason": "knows_them", "knows_person": true})).ok();
        assert_eq!(exclusions(&unit, &sister.course, &malte, ""), json!(["knows_family"]), "her case is another one");
        assert_eq!(exclusions(&unit, &one.course, &malte, ""), json!(["declined", "knows_family"]));
        let found = lines(&unit, &find(&unit, &json!({})));
        assert_eq!(found[&sister.course]["excluded"], json!([{"exclusion": "knows_family", "count": 1}]));
        let proposal = |again: bool| json!({"course_id": sister.course, "staff_id": malte, "again": again});
        assert_eq!(flaws(&unit.post("/v1/matches", &proposal(false)).refused(422, "invalid")), [("/staff_id", "knows_family")]);
        unit.post("/v1/matches", &proposal(true)).ok();
    }

    fn who_of_a_family_is_hidden_from_somebody_is_no_reason_that_they_read(app: TestApp) {
        let unit = app.coordinator();
        let (ole, olga) = (app.account("ole", &["coordinator"]), app.account("olga", &["mentor"]));
        let one = waiting(&app, &unit);
        let sister = child(&app, &unit, "Ragnheidur", &one.father);
        let (malte, nora, of_olga) = (mentor(&unit, 3), mentor(&unit, 3), unit.staff("mentor", Some(&olga)));
        for barred in [&ole, &olga] {
            unit.post("/v1/bars", &json!({"account_id": barred.account_id(), "person_id": one.boy, "cause": "family"})).ok();
        }
        let refused = propose(&unit, &one.course, &nora);
        unit.post(&format!("/v1/matches/{refused}/answer"), &json!({"accepted": false, "reason": "knows_them", "knows_person": true})).ok();
        run(&unit, &one.course, &malte);
        // Each reason lies in a row about the brother, and can be lifted, or not, by whoever sees it.
        for (staff, reason, lifted) in [(&malte, "sibling", true), (&nora, "knows_family", true), (&of_olga, "bar", false)] {
            let query = "?same_family=true&again=true";
            assert_eq!(exclusions(&unit, &sister.course, staff, ""), json!([reason]));
            assert_eq!(exclusions(&unit, &sister.course, staff, query), if lifted { json!([]) } else { json!([reason]) });
            assert_eq!(exclusions(&ole, &sister.course, staff, ""), json!(["not_available"]));
            assert_eq!(exclusions(&ole, &sister.course, staff, query), json!(["not_available"]));
            for asked in [false, true] {
                let proposal = json!({"course_id": sister.course, "staff_id": staff, "same_family": asked, "again": asked});
                assert_eq!(flaws(&ole.post("/v1/matches", &proposal).refused(422, "invalid")), [("/staff_id", "not_available")]);
            }
            let pinned = json!({"pins": [{"course_id": sister.course, "staff_id": staff}]});
            assert_eq!(flaws(&ole.post("/v1/matching-runs", &pinned).refused(422, "invalid")), [("/pins/0/staff_id", "not_available")]);
        }
        // A run that somebody else had solved says no more.
        let found = find(&unit, &json!({}));
        let excluded = |caller: &Caller<'_>| lines(caller, &found)[&sister.course]["excluded"].clone();
        let each = ["sibling", "bar", "knows_family"].map(|reason| json!({"exclusion": reason, "count": 1}));
        assert_eq!((excluded(&unit), excluded(&ole)), (json!(each), json!([{"exclusion": "not_available", "count": 1}])));
        let gone = |caller: &Caller<'_>| {
            caller.post("/v1/matching-runs/what-if", &json!({"without_staff": [malte]})).ok()["matches_of_gone"].clone()
        };
        assert_eq!((gone(&unit), gone(&ole)), (json!(1), json!(0)), "with the brother");
        // What was asked for by whoever sees it holds, whoever writes the answers down.
        let both = unit.post("/v1/matches", &json!({"course_id": sister.course, "staff_id": malte, "same_family": true})).id();
        answer(&ole, &both);
        assert_eq!(answer_for_person(&ole, &both)["state"], "running");
        assert_eq!((gone(&unit), gone(&ole)), (json!(2), json!(1)));
    }

    fn a_family_goes_beyond_one_case(app: TestApp) {
        let unit = app.coordinator();
        let first = waiting(&app, &unit);
        let second = child(&app, &unit, "Cornelius", &first.father);
        let third = child(&app, &unit, "Desiderius", &first.father);
        let malte = mentor(&unit, 3);
        assert_eq!(find(&unit, &json!({}))["matched"], 1, "siblings have different mentors");
        run(&unit, &first.course, &malte);
        assert_eq!(exclusions(&unit, &second.course, &malte, ""), json!(["sibling"]));
        // Another case of the father's own: whoever coaches him is nobody else's.
        app.pass(TimeDelta::seconds(1));
        let fathers_case = app.founded_case(&unit, &[&first.father]);
        let fathers = accepted(&app, &unit, &fathers_case, &first.father, &first.father, "parent_coach");
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"kinds": ["mentor", "parent_coach"]})).ok();
        assert_eq!(exclusions(&unit, &fathers, &malte, ""), json!(["other_track"]));
        // The same for the second and the third lifts nothing of the first, who has Malte.
        let both = json!({"same_mentor": [[second.course, third.course]]});
        let alone = find(&unit, &both);
        assert_eq!(alone["matched"], 0);
        let nora = mentor(&unit, 2);
        let asked = find(&unit, &both);
        let found = lines(&unit, &asked);
        assert_eq!((&found[&second.course]["staff_id"], &found[&third.course]["staff_id"]), (&json!(nora), &json!(nora)));
        // Adopted in two goes; that Nora runs for the one of the wish stands not in the way of the other.
        let adopt = format!("/v1/matching-runs/{}/adopt", asked["id"].as_str().unwrap());
        unit.post(&adopt, &json!({"course_ids": [second.course]})).ok();
        unit.post(&adopt, &json!({"course_ids": [third.course]})).ok();
        let proposed = unit.get("/v1/matches?state=proposed").ok()["items"].as_array().unwrap().clone();
        for matched in &proposed {
            let id = matched["id"].as_str().unwrap();
            answer(&unit, id);
            assert_eq!(answer_for_person(&unit, id)["state"], "running");
        }
    }

    fn a_run_asked_for_again_is_the_one_that_was_found(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), mentor(&unit, 1));
        let body = json!({"pins": [{"course_id": one.course, "staff_id": malte}]});
        let ask = |body: &Value| unit.send(Request::new("POST", "/v1/matching-runs").header("Idempotency-Key", "once").json(body));
        let found = ask(&body).ok();
        // What was insisted on could not be kept any more.
        unit.post(&format!("/v1/staff/{malte}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(ask(&body).ok(), found);
        ask(&json!({})).refused(422, "idempotency_key_reused");
        unit.send(Request::new("POST", "/v1/matching-runs").json(&body)).refused(400, "idempotency_key_required");
        app.anybody().post("/v1/matching-runs", &json!([])).refused(401, "unauthenticated");
        // Who is barred reads nobody's course in what was insisted on.
        let eva = unit.account_id();
        app.account("ole", &["coordinator"]).post("/v1/bars", &json!({"account_id": eva, "person_id": one.boy, "cause": "family"})).ok();
        let seen = unit.get(&format!("/v1/matching-runs/{}", found["id"].as_str().unwrap())).ok();
        assert_eq!((&found["pins"][0]["course_id"], &seen["pins"]), (&json!(one.course), &json!([])));
        assert_eq!((&seen["waiting"], &seen["matched"], &seen["total"]), (&json!(0), &json!(0), &json!(0)));
    }

    fn continuity_is_where_it_went_well(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), mentor(&unit, 3), mentor(&unit, 3));
        let continuity = |staff: &str| {
            let listed = unit.get(&format!("/v1/courses/{}/eligible-staff", one.course)).ok();
            let found = listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).unwrap().clone();
            found["parts"].as_array().unwrap().iter().find(|part| part["part"] == "continuity").unwrap()["permille"].clone()
        };
        let first = run(&unit, &one.course, &malte);
        app.pass(TimeDelta::days(1));
        let handed = unit.post(&format!("/v1/matches/{first}/hand-over"), &json!({"staff_id": nora, "knows_person": false}));
        assert_eq!(handed.ok()["taken_over_from"], json!(first));
        let answered = unit.get("/v1/reports/yearly?year=2026").ok()["figures"].as_array().unwrap().iter()
            .find(|figure| figure["figure"] == "proposals_declined").unwrap().clone();
        assert_eq!((&answered["n"], &answered["of"]), (&json!(0), &json!(1)), "a hand-over answers no proposal");
        unit.post(&format!("/v1/matches/{}/end", handed.id()), &json!({"reason": "other", "words": "Det gik ikke"})).ok();
        assert_eq!((continuity(&malte), continuity(&nora)), (json!(0), json!(0)));
        let lent = json!({"course_id": one.course, "staff_id": nora, "expected_end_on": "2026-03-31"});
        unit.patch(&format!("/v1/staff/{nora}"), "*", &json!({"loan_until_on": "2026-03-31"})).ok();
        let loan = unit.post("/v1/matches", &lent).id();
        answer(&unit, &loan);
        answer_for_person(&unit, &loan);
        app.set_clock("2026-04-02T08:00:00Z");
        app.tick();
        unit.patch(&format!("/v1/staff/{nora}"), "*", &json!({"loan_until_on": null})).ok();
        assert_eq!(continuity(&nora), json!(1_000));
    }

    fn asking_again_is_not_got_round_and_a_first_meeting_is_to_come(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), mentor(&unit, 3));
        app.set_clock("2026-06-01T08:00:00Z");
        let proposal = |more: Value| {
            let mut body = json!({"course_id": one.course, "staff_id": malte});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let earlier = proposal(json!({"happened_at": "2026-05-20T08:00:00Z"}));
        assert_eq!(flaws(&unit.post("/v1/matches", &earlier).refused(409, "wrong_state")), [("/course_id", "ask_interest")]);
        unit.post(&format!("/v1/courses/{}/interest", one.course), &json!({"still_wanted": true})).ok();
        let met = proposal(json!({"first_meeting_at": "2026-06-01T07:59:59Z"}));
        assert_eq!(flaws(&unit.post("/v1/matches", &met).refused(422, "invalid")), [("/first_meeting_at", "before_now")]);
        let id = unit.post("/v1/matches", &earlier).id();
        let late = unit.patch(&format!("/v1/matches/{id}"), "*", &json!({"first_meeting_at": "2026-06-01T07:59:59Z"})).refused(422, "invalid");
        assert_eq!(flaws(&late), [("/first_meeting_at", "before_now")]);
        unit.patch(&format!("/v1/matches/{id}"), "*", &json!({"first_meeting_at": "2026-06-01T08:00:00Z"})).ok();
    }

    fn it_is_promised_to_ask_again_and_to_be_answered(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), mentor(&unit, 1));
        let ask = || app.promise("ask_interest");
        assert_eq!(ask(), ("open".into(), "2026-05-31T21:59:59.999999Z".into(), None));
        app.pass(TimeDelta::days(30));
        unit.post(&format!("/v1/courses/{}/interest", one.course), &json!({"still_wanted": true})).ok();
        assert_eq!(ask(), ("open".into(), "2026-06-30T21:59:59.999999Z".into(), None));
        let id = propose(&unit, &one.course, &malte);
        assert_eq!(ask().0, "ended", "somebody is proposed");
        unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": false, "reason": "no_time"})).ok();
        assert_eq!((ask().0, app.promise("proposal").0), ("open".into(), "done".into()));
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("/v1/courses/{}/interest", one.course), &json!({"still_wanted": false})).ok();
        assert_eq!(ask().0, "ended", "nobody is asked who said no");
    }

    fn the_smallest_change_is_to_ask(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let mother = unit.person("parent", "Mathildur", None);
        let other = child(&app, &unit, "Cornelius", &mother);
        let malte = mentor(&unit, 2);
        let evening = json!({"weekday": 3, "from_min": 1020, "until_min": 1140});
        unit.put(&format!("/v1/people/{}/times", one.boy), "*", &json!({"wished": [evening]})).ok();
        unit.put(&format!("/v1/people/{}/times", other.boy), "*", &json!({"wished": [evening]})).ok();
        let run = find(&unit, &json!({}));
        let found = lines(&unit, &run);
        let kinds: Vec<&Value> = found[&one.course]["changes"].as_array().unwrap().iter().map(|change| &change["kind"]).collect();
        assert_eq!(kinds, ["ask_hours", "newcomer"]);
        assert_eq!(found[&one.course]["changes"][0]["staff_id"], json!(malte));
        let needs: Vec<(&Value, &Value)> = run["needs"].as_array().unwrap().iter().map(|need| (&need["kind"], &need["helps"])).collect();
        assert_eq!(needs, [(&json!("ask_hours"), &json!(2)), (&json!("newcomer"), &json!(2))]);
        unit.put(&format!("/v1/staff/{malte}/hours"), "*", &json!({"week": [evening]})).ok();
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"languages": ["so"]})).ok();
        let found = lines(&unit, &find(&unit, &json!({})));
        assert_eq!(found[&one.course]["changes"][0]["kind"], "ask_languages");
    }
}
