//! Who waits, and what becomes of proposals: interest asked again, both sides' answers with their reasons, two proposals for one place, the talk
//! before somebody else is proposed, handing over, and loans that end by themselves.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::{accepted, waiting};

pub fn flaw(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

pub fn propose(unit: &Caller<'_>, course: &str, staff: &str) -> String {
    unit.post("/v1/matches", &json!({"course_id": course, "staff_id": staff})).id()
}

/// A running match; the coordinator records both answers.
pub fn run(unit: &Caller<'_>, course: &str, staff: &str) -> String {
    let id = propose(unit, course, staff);
    unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
    assert_eq!(unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "running");
    id
}

fn state(unit: &Caller<'_>, id: &str) -> Value {
    let seen = unit.get(&format!("/v1/matches/{id}")).ok();
    json!([seen["state"], seen["end_reason"], seen["ended_at"]])
}

both_engines! {
    fn who_waits_is_listed_with_all_that_helps(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        app.pass(TimeDelta::days(3));
        let fathers = accepted(&app, &unit, &one.case, &one.father, &one.father, "parent_coach");
        let malte = unit.staff("mentor", None);
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"district": "north", "interests": ["music"], "words": "Gerne snart",
            "vetoes": [{"staff_id": malte, "by_person": false, "by_staff": true}]})).ok();
        let listed = unit.get("/v1/waiting-courses").ok();
        let courses: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|one| one["course_id"].as_str().unwrap()).collect();
        assert_eq!(courses, [one.course.as_str(), &fathers], "the longest waiting first");
        let first = &listed["items"][0];
        assert_eq!((&first["given_name"], &first["waited_days"], &first["age"]), (&json!("Bertramius"), &json!(3), &json!(15)));
        assert_eq!((&first["missing"], &first["eligible"]), (&json!(["languages", "hours", "dislikes", "values"]), &json!(0)), "the only mentor will not");
        assert_eq!((&first["wishes"]["words"], &first["wishes"]["vetoes"][0]["by_staff"]), (&json!("Gerne snart"), &json!(true)));
        assert_eq!((&first["interest"]["still_wanted"], &first["interest"]["said_at"]), (&json!(true), &first["waiting_since"]));
        assert_eq!(listed["items"][1]["missing"], json!(["birth_date", "languages", "hours", "district", "interests", "dislikes", "values"]));
        let evening = json!({"weekday": 3, "from_min": 1020, "until_min": 1140});
        unit.put(&format!("/v1/people/{}/times", one.boy), "*", &json!({"wished": [evening]})).ok();
        let items = unit.get("/v1/waiting-courses").ok()["items"].clone();
        assert_eq!((&first["times"], &items[0]["times"], &items[1]["times"]), (&json!([]), &json!([evening]), &json!([])));
        let only = unit.get("/v1/waiting-courses?track=parent_coach").ok();
        assert_eq!((only["items"].as_array().unwrap().len(), &only["items"][0]["course_id"]), (1, &json!(fathers)));
        let page = unit.get("/v1/waiting-courses?limit=1");
        let next = page.header("link").unwrap().trim_start_matches('<').split_once('>').unwrap().0.to_owned();
        assert_eq!((&page.ok()["items"][0]["course_id"], &unit.get(&next).ok()["items"][0]["course_id"]), (&json!(one.course), &json!(fathers)));

        // Proposed, nobody waits; ended, from that moment on.
        let karla = unit.staff("parent_coach", None);
        let proposed = propose(&unit, &fathers, &karla);
        assert_eq!(unit.get("/v1/waiting-courses?track=parent_coach").ok()["items"], json!([]));
        unit.post(&format!("/v1/matches/{proposed}/answer"), &json!({"accepted": false, "reason": "no_time"})).ok();
        assert_eq!(unit.get("/v1/waiting-courses?track=parent_coach").ok()["items"][0]["waited_days"], 0);
        app.account("malte", &["mentor"]).get("/v1/waiting-courses").refused(403, "forbidden");
        // A bar hides whoever waits.
        let eva = unit.account_id();
        app.account("ole", &["coordinator"]).post("/v1/bars", &json!({"account_id": eva, "person_id": one.boy, "cause": "family"})).ok();
        let left = unit.get("/v1/waiting-courses").ok();
        assert!(left["items"].as_array().unwrap().iter().all(|waiting| waiting["person_id"] != json!(one.boy)), "{left}");
    }

    fn interest_is_asked_again_before_a_place_is_held(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let (path, proposal) = (format!("/v1/courses/{}/interest", one.course), json!({"course_id": one.course, "staff_id": malte}));
        let again_at = || unit.get("/v1/waiting-courses").ok()["items"][0]["interest"]["ask_again_at"].clone();
        assert_eq!(again_at(), "2026-05-31T21:59:59.999999Z");
        app.set_clock("2026-05-31T22:00:00Z");
        unit.post("/v1/matches", &proposal).refused(409, "wrong_state");
        for (at, code) in [("2026-05-31T22:05:01Z", "after_now"), ("2026-03-02T07:59:59Z", "before_cause")] {
            let refused = unit.post(&path, &json!({"still_wanted": true, "happened_at": at})).refused(422, "invalid");
            assert_eq!(flaw(&refused), ("/happened_at", code));
        }
        let gone = unit.post(&path, &json!({"still_wanted": false, "words": "Ikke nu"})).ok();
        assert_eq!((&gone["interest"]["still_wanted"], &gone["interest"]["ask_again_at"]), (&json!(false), &Value::Null));
        unit.post("/v1/matches", &proposal).refused(409, "wrong_state");
        app.pass(TimeDelta::hours(1));
        unit.post(&path, &json!({"still_wanted": true})).ok();
        assert_eq!(again_at(), "2026-08-30T21:59:59.999999Z");
        let running = run(&unit, &one.course, &malte);
        // The end of a match says that another is wanted.
        app.set_clock("2026-12-01T08:00:00Z");
        unit.post(&format!("/v1/matches/{running}/end"), &json!({"reason": "other"})).ok();
        assert_eq!(again_at(), "2027-03-01T22:59:59.999999Z");
        propose(&unit, &one.course, &unit.staff("mentor", None));
    }

    fn each_side_answers_with_its_reason_and_who_knows_them_says_no(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("malte", &["mentor"]);
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&mentor)), unit.staff("mentor", None));
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"languages": ["so", "da"], "interests": ["music"], "gender": null})).ok();
        let evening = json!({"weekday": 3, "from_min": 1020, "until_min": 1140});
        unit.put(&format!("/v1/people/{}/times", one.boy), "*", &json!({"wished": [evening]})).ok();
        for member in [&malte, &nora] {
            unit.put(&format!("/v1/staff/{member}/hours"), "*", &json!({"week": [evening]})).ok();
        }
        let proposal = json!({"course_id": one.course, "staff_id": malte, "sentence": "To der kan lide musik", "facilitator_id": unit.account_id(),
            "first_meeting_at": "2026-03-09T15:00:00Z"});
        let mut unknown = proposal.clone();
        unknown["facilitator_id"] = json!(one.boy);
        assert_eq!(flaw(&unit.post("/v1/matches", &unknown).refused(422, "invalid")), ("/facilitator_id", "unknown"));
        let first = unit.post("/v1/matches", &proposal).id();
        let path = format!("/v1/matches/{first}");
        let seen = mentor.get(&path).ok();
        assert_eq!((&seen["person_label"], &seen["sentence"], &seen["person_id"]), (&json!("Bertramius"), &json!("To der kan lide musik"), &Value::Null));
        assert_eq!(seen["about_person"], json!({"age": 15, "languages": ["da", "so"], "interests": ["music"], "times": [evening]}));
        assert_eq!((&seen["facilitator_id"], &seen["ranking"]), (&json!(unit.account_id()), &Value::Null));
        assert!(!seen.to_string().contains("Kaspersson"), "no family name: {seen}");
        for (body, expected) in [
            (json!({"accepted": true, "knows_person": true}), ("/knows_person", "conflict_of_interest")),
            (json!({"accepted": true, "reason": "no_time"}), ("/reason", "not_declined")),
            (json!({"accepted": false, "reason": "knows_them", "knows_person": false}), ("/knows_person", "contradiction")),
            (json!({"accepted": false, "reason": "boring"}), ("/reason", "unknown_code")),
        ] {
            assert_eq!(flaw(&mentor.post(&format!("{path}/answer"), &body).refused(422, "invalid")), expected);
        }
        let no = json!({"accepted": false, "reason": "knows_them", "knows_person": true, "words": "Nabo til farfar"});
        assert_eq!(mentor.post(&format!("{path}/answer"), &no).ok()["state"], "refused");
        let answer = unit.get(&path).ok()["staff_answer"].clone();
        assert_eq!((&answer["reason"], &answer["knows_person"], &answer["words"]), (&json!("knows_them"), &json!(true), &json!("Nabo til farfar")));

        // The person first, then the mentor: either order.
        let second = propose(&unit, &one.course, &nora);
        let (staff, person) = (format!("/v1/matches/{second}/answer"), format!("/v1/matches/{second}/answer-for-person"));
        unit.post(&person, &json!({"accepted": true, "knows_person": false})).refused(422, "invalid");
        assert_eq!(unit.post(&person, &json!({"accepted": true})).ok()["state"], "proposed");
        assert_eq!(unit.post(&staff, &json!({"accepted": true, "knows_person": false})).ok()["state"], "running");
        assert_eq!(unit.get(&format!("/v1/matches/{second}")).ok()["staff_answer"]["knows_person"], false);
    }

    fn two_proposals_for_one_place_cannot_both_win(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let pairs: Vec<String> = (0..4).map(|_| propose(&unit, &one.course, &unit.staff("mentor", None))).collect();
        for pair in &pairs {
            unit.post(&format!("/v1/matches/{pair}/answer-for-person"), &json!({"accepted": true})).ok();
        }
        // All four mentors say yes at once.
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let answers: Vec<_> = pairs.iter().map(|pair| {
                let (app, path) = (&app, format!("/v1/matches/{pair}/answer"));
                scope.spawn(move || app.sign_in("eva").post(&path, &json!({"accepted": true, "knows_person": false})).status)
            }).collect();
            answers.into_iter().map(|answer| answer.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");
        let states: Vec<Value> = pairs.iter().map(|pair| state(&unit, pair)[0].clone()).collect();
        assert_eq!(states.iter().filter(|state| **state == "running").count(), 1, "{states:?}");
        assert_eq!(states.iter().filter(|state| **state == "expired").count(), 3, "{states:?}");
    }

    fn a_proposal_expires_by_its_own_moment(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("malte", &["mentor"]);
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&mentor)));
        let id = propose(&unit, &one.course, &malte);
        app.set_clock("2026-03-16T22:59:59Z");
        app.tick();
        assert_eq!(state(&unit, &id)[0], "proposed");
        app.set_clock("2026-03-17T08:00:00Z");
        app.tick();
        assert_eq!(state(&unit, &id), json!(["expired", null, "2026-03-16T22:59:59.999999Z"]), "nobody has touched it");
        mentor.get(&format!("/v1/matches/{id}")).refused(404, "not_found");
        propose(&unit, &one.course, &malte);
    }

    fn after_a_wished_end_a_talk_comes_before_the_next(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let running = run(&unit, &one.course, &malte);
        let talk = format!("/v1/matches/{running}/repair-talk");
        unit.post(&talk, &json!({"outcome": "mended"})).refused(409, "wrong_state");
        unit.put(&format!("/v1/matches/{running}/end-steps"), "*", &json!({"steps": []})).refused(409, "wrong_state");
        unit.post(&format!("/v1/matches/{running}/end"), &json!({"reason": "person_wish"})).ok();
        let proposal = json!({"course_id": one.course, "staff_id": nora});
        assert_eq!(unit.post("/v1/matches", &proposal).refused(409, "blocked")["blocking"][0]["id"], json!(running));
        assert_eq!(flaw(&unit.post(&talk, &json!({"outcome": "mended", "happened_at": "2027-01-01T00:00:00Z"})).refused(422, "invalid")).1, "after_now");
        let recorded = unit.post(&talk, &json!({"outcome": "parted", "words": "De talte ud"})).ok();
        assert_eq!(recorded["repair_talk"], "parted");
        unit.post(&talk, &json!({"outcome": "mended"})).refused(409, "already_exists");
        // The list that the match leaves.
        let (path, steps) = (format!("/v1/matches/{running}"), format!("/v1/matches/{running}/end-steps"));
        let tag = unit.get(&path).tag();
        assert_eq!(flaw(&unit.put(&steps, &tag, &json!({"steps": ["party"]})).refused(422, "invalid")), ("/steps/0", "unknown_code"));
        let done = unit.put(&steps, &tag, &json!({"steps": ["next_agreed", "closing_meeting", "next_agreed"]}));
        assert_eq!(done.ok()["end_steps"], json!(["closing_meeting", "next_agreed"]));
        unit.put(&steps, &tag, &json!({"steps": []})).refused(412, "stale_version");
        assert_eq!(unit.put(&steps, &done.tag(), &json!({"steps": []})).ok()["end_steps"], json!([]));
        unit.post("/v1/matches", &proposal).ok();
    }

    fn a_hand_over_closes_one_and_opens_the_next_with_the_old_logs_hidden(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let (one, of_malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", Some(&nora)));
        let old = run(&unit, &one.course, &of_malte);
        app.pass(TimeDelta::hours(1));
        let log = "/v1/session-logs/11111111-1111-4111-8111-111111111111";
        let held = json!({"match_id": old, "outcome": "held", "starts_at": "2026-03-02T08:00:00Z", "minutes": 45, "written_at": app.clock.now(),
            "topics": ["school"], "facts": "Vi spillede skak"});
        malte.put(log, "", &held);
        assert_eq!(malte.get(log).status, 200);
        app.pass(TimeDelta::days(30));
        let hand = format!("/v1/matches/{old}/hand-over");
        assert_eq!(flaw(&unit.post(&hand, &json!({"staff_id": of_malte})).refused(422, "invalid")), ("/staff_id", "same_staff"));
        assert_eq!(flaw(&unit.post(&hand, &json!({"staff_id": of_nora})).refused(422, "invalid")), ("/knows_person", "required"));
        let nobody = json!({"knows_person": false, "staff_id": one.boy});
        assert_eq!(flaw(&unit.post(&hand, &nobody).refused(422, "invalid")), ("/staff_id", "unknown_staff"));
        unit.patch(&format!("/v1/staff/{of_nora}"), "*", &json!({"capacity": 0})).ok();
        assert_eq!(flaw(&unit.post(&hand, &json!({"knows_person": false, "staff_id": of_nora})).refused(422, "invalid")), ("/staff_id", "capacity"));
        assert_eq!(state(&unit, &old)[0], "running", "a refusal leaves everything as it was");
        unit.patch(&format!("/v1/staff/{of_nora}"), "*", &json!({"capacity": 2})).ok();
        let next = unit.post(&hand, &json!({"knows_person": false, "staff_id": of_nora, "words": "Malte rejser"})).id();
        assert_eq!((&state(&unit, &old)[0], &state(&unit, &old)[1], &state(&unit, &next)[0]), (&json!("ended"), &json!("handed_over"), &json!("running")));
        assert_eq!(nora.get(&format!("/v1/matches/{next}")).ok()["person_id"], json!(one.boy));
        unit.post(&hand, &json!({"knows_person": false, "staff_id": of_nora})).refused(409, "wrong_state");

        nora.get(log).refused(404, "not_found");
        let release = format!("/v1/matches/{old}/release-logs");
        assert_eq!(flaw(&unit.post(&release, &json!({"to_match_id": old})).refused(422, "invalid")), ("/to_match_id", "not_the_next"));
        nora.post(&release, &json!({"to_match_id": next})).refused(403, "forbidden");
        unit.post(&release, &json!({"to_match_id": next})).ok();
        assert_eq!(nora.get(log).ok()["content"]["facts"], "Vi spillede skak");
        let seen = nora.get(&format!("/v1/matches/{old}")).ok();
        assert!(seen["person_label"].as_str().unwrap().starts_with("Match ") && seen["staff_answer"]["words"].is_null(), "{seen}");
        nora.put(log, "*", &held).refused(404, "not_found");
        unit.post(&format!("/v1/matches/{next}/end"), &json!({"reason": "other"})).ok();
        app.pass(TimeDelta::days(15));
        nora.get(log).refused(404, "not_found");
    }

    fn a_loan_ends_by_itself_and_with_it_what_it_ran(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("malte", &["mentor"]);
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&mentor)));
        let record = format!("/v1/staff/{malte}");
        let lend = |until: Value| unit.patch(&record, "*", &json!({"loan_until_on": until})).ok();
        lend(json!("2026-06-30"));
        let proposal = json!({"course_id": one.course, "staff_id": malte, "expected_end_on": "2026-06-30"});
        let running = unit.post("/v1/matches", &proposal).id();
        unit.post(&format!("/v1/matches/{running}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        unit.post(&format!("/v1/matches/{running}/answer-for-person"), &json!({"accepted": true})).ok();
        app.set_clock("2026-06-30T21:59:59Z");
        app.tick();
        assert_eq!(state(&unit, &running)[0], "running");
        // Prolonged, it goes on; shortened again, it ends at the end of that day.
        lend(json!("2026-07-31"));
        app.set_clock("2026-07-02T08:00:00Z");
        app.tick();
        assert_eq!(state(&unit, &running)[0], "running");
        lend(Value::Null);
        lend(json!("2026-07-02"));
        app.set_clock("2026-07-03T08:00:00Z");
        app.tick();
        assert_eq!(state(&unit, &running), json!(["ended", "loan_ended", "2026-07-02T21:59:59.999999Z"]));
        app.tick();
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["course_id"], json!(one.course));
        assert_eq!(mentor.get(&format!("/v1/matches/{running}")).status, 200, "through the grace");
    }
    fn a_match_in_its_first_months_shows_its_facts(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("malte", &["mentor"]);
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&mentor)));
        let running = run(&unit, &one.course, &malte);
        let early = || unit.get("/v1/early-matches").ok()["items"].clone();
        assert_eq!((&early()[0]["match_id"], &early()[0]["given_name"], &early()[0]["signals"]), (&json!(running), &json!("Bertramius"), &json!([])));
        app.set_clock("2026-03-17T08:00:00Z");
        assert_eq!(early()[0]["signals"], json!([{"signal": "not_begun", "number": 15}]));
        mentor.get("/v1/early-matches").refused(403, "forbidden");
        app.set_clock("2026-06-01T08:00:00Z");
        assert_eq!(early()[0]["match_id"], json!(running));
        app.set_clock("2026-06-03T08:00:00Z");
        assert_eq!(early(), json!([]), "three months are over");
    }
    fn figures_tell_from_acceptance_to_match(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        // Names of their own, or the sweep over names could not tell one boy from another.
        let (boy, mother) = (unit.person("young_person", "Cornelius", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
        unit.set_custody(&boy, &[&mother]);
        let case = app.founded_case(&unit, &[&boy, &mother]);
        let other = accepted(&app, &unit, &case, &boy, &mother, "mentor");
        let (malte, nora) = (unit.staff("mentor", None), unit.staff("mentor", None));
        unit.patch(&format!("/v1/staff/{nora}"), "*", &json!({"capacity": 1})).ok();
        app.pass(TimeDelta::days(15));
        let first = propose(&unit, &one.course, &malte);
        unit.post(&format!("/v1/matches/{first}/answer"), &json!({"accepted": false, "reason": "no_time"})).ok();
        // Which was first is told by the moment.
        app.pass(TimeDelta::seconds(1));
        run(&unit, &one.course, &nora);
        let open = propose(&unit, &other, &malte);
        let figures = |caller: &Caller<'_>| caller.get("/v1/reports/yearly?year=2026").ok()["figures"].clone();
        let all = figures(&unit);
        let figure = |name: &str| all.as_array().unwrap().iter().find(|figure| figure["figure"] == name).cloned().unwrap();
        let counts = |name: &str| json!([figure(name)["n"], figure(name)["of"], figure(name)["unknown"]]);
        assert_eq!(counts("matched"), json!([1, 2, 1]), "one waits");
        assert_eq!(counts("first_proposal_taken"), json!([0, 2, 1]), "one was declined, one is open");
        assert_eq!(counts("proposals_declined"), json!([1, 2, 0]));
        assert_eq!(counts("staff_with_room"), json!([1, 2, 0]));
        let group = |name: &str, by: &str, code: &str| {
            let splits = figure(name)["splits"].as_array().unwrap().clone();
            let split = splits.iter().find(|split| split["by"] == by).unwrap().clone();
            split["groups"].as_array().unwrap().iter().find(|group| group["group"] == code).unwrap()["n"].clone()
        };
        assert_eq!(group("matched", "waited", "within_4_weeks"), 1);
        assert_eq!((group("proposals_declined", "side", "staff"), group("proposals_declined", "proposal_reason", "no_time")), (json!(1), json!(1)));
        assert_eq!(group("staff_with_room", "load", "nobody"), 1);
        let rows = unit.get("/v1/reports/yearly/rows?year=2026&figure=first_proposal_taken").ok();
        assert_eq!(rows["items"].as_array().unwrap().len(), 2);
        unit.get("/v1/reports/yearly/rows?year=2026&figure=staff_with_room").ok();
        // A manager reads nothing so small.
        let hidden = figures(&app.account("lars", &["manager"]));
        let matched = hidden.as_array().unwrap().iter().find(|figure| figure["figure"] == "matched").cloned().unwrap();
        assert_eq!((&matched["n"], &matched["of"], &matched["is_hidden"]), (&Value::Null, &Value::Null, &json!(true)));
        unit.post(&format!("/v1/matches/{open}/end"), &json!({"reason": "other"})).ok();
    }
}
