//! The staff over HTTP: what is set and refused, who sees whom, what it does to matches, and what a leaver leaves.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

fn member() -> Value {
    json!({"name": "Malte Ravnkilde", "kinds": ["mentor"], "languages": ["so", "da", "da"], "municipality": "Byen", "capacity": 1,
        "from_on": "2025-01-01"})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn flaw(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

/// An accepted mentor course of a child with one custody holder.
fn course(app: &TestApp, unit: &Caller<'_>, given: &str, born_on: &str) -> String {
    let (child, mother) = (unit.person("young_person", given, Some(born_on)), unit.person("parent", "Mathildur", None));
    unit.set_custody(&child, &[&mother]);
    let (case, now) = (app.founded_case(unit, &[&child, &mother]), app.clock.now());
    let made = unit.post("/v1/offers", &offer(&case, &child, "mentor", now)).id();
    for giver in [&child, &mother] {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id()
}

/// A running match; the coordinator records both answers.
fn matched(unit: &Caller<'_>, course: &str, staff: &str) -> String {
    let id = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": staff})).id();
    unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
    assert_eq!(unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "running");
    id
}

both_engines! {
    fn what_makes_no_sense_is_refused(app: TestApp) {
        let unit = app.coordinator();
        let (mentor, partner) = (app.account("malte", &["mentor"]), app.partner("pia", "school"));
        let closed = app.account("klaus", &["mentor"]);
        unit.post(&format!("/v1/accounts/{}/disable", closed.account_id()), &json!({})).ok();
        let proof = |issued: &str, until: Value| json!([{"kind": "child_protection", "issued_on": issued, "valid_until_on": until}]);
        for (name, value, pointer, code) in [
            ("name", json!("  "), "/name", "empty"),
            ("name", Value::Null, "/name", "wrong_type"),
            ("kinds", json!([]), "/kinds", "empty"),
            ("kinds", json!(["friend"]), "/kinds/0", "unknown_code"),
            ("languages", json!([]), "/languages", "empty"),
            ("languages", json!(["Dansk"]), "/languages/0", "wrong_value"),
            ("capacity", json!(51), "/capacity", "out_of_range"),
            ("capacity", json!(-1), "/capacity", "out_of_range"),
            ("from_on", json!("2026-02-30"), "/from_on", "not_a_date"),
            ("loan_until_on", json!("2024-12-31"), "/loan_until_on", "before_start"),
            ("account_id", json!("00000000-0000-4000-8000-000000000000"), "/account_id", "unknown"),
            ("account_id", json!(closed.account_id()), "/account_id", "unknown"),
            ("account_id", json!(partner.account_id()), "/account_id", "lacks_role"),
            ("account_id", json!(unit.account_id()), "/account_id", "lacks_role"),
            ("certificates", proof("2026-03-03", Value::Null), "/certificates/0/issued_on", "after_today"),
            ("certificates", proof("2026-03-02", json!("2026-03-01")), "/certificates/0/valid_until_on", "before_start"),
            ("weight", json!(80), "/weight", "unknown_member"),
        ] {
            let refused = unit.post("/v1/staff", &with(member(), name, value)).refused(422, "invalid");
            assert_eq!(flaw(&refused), (pointer, code), "{name}");
        }
        assert_eq!(unit.get("/v1/staff").ok()["items"], json!([]));
        let linked = with(member(), "account_id", json!(mentor.account_id()));
        let id = unit.post("/v1/staff", &linked).id();
        assert_eq!(flaw(&unit.post("/v1/staff", &linked).refused(422, "invalid")), ("/account_id", "taken"));
        let (path, other) = (format!("/v1/staff/{id}"), unit.post("/v1/staff", &member()).id());
        let (other, tag) = (format!("/v1/staff/{other}"), unit.get(&path).tag());
        let taken = unit.patch(&other, "*", &json!({"account_id": mentor.account_id()})).refused(422, "invalid");
        assert_eq!(flaw(&taken), ("/account_id", "taken"));
        let role = unit.patch(&path, &tag, &json!({"kinds": ["mentor", "supervisor"]})).refused(422, "invalid");
        assert_eq!(flaw(&role), ("/account_id", "lacks_role"));
        unit.patch(&path, &tag, &json!({"from_on": "2026-06-01", "loan_until_on": "2026-05-31"})).refused(422, "invalid");
        let backwards = json!({"kind": "holiday", "from_on": "2026-07-02", "until_on": "2026-07-01"});
        assert_eq!(flaw(&unit.post(&format!("{path}/leaves"), &backwards).refused(422, "invalid")), ("/until_on", "before_start"));
        let for_good = json!({"kind": "holiday", "from_on": "1900-01-01", "until_on": "2199-12-31"});
        assert_eq!(flaw(&unit.post(&format!("{path}/leaves"), &for_good).refused(422, "invalid")), ("/from_on", "too_far"));
        let slipped = json!({"kind": "holiday", "from_on": "2026-07-01", "until_on": "2062-07-14"});
        assert_eq!(flaw(&unit.post(&format!("{path}/leaves"), &slipped).refused(422, "invalid")), ("/until_on", "too_long"));
        for (at, code) in [("2026-03-02T08:05:01Z", "after_now"), ("2024-12-31T22:00:00Z", "before_cause")] {
            let refused = unit.post(&format!("{path}/leave"), &json!({"happened_at": at})).refused(422, "invalid");
            assert_eq!(flaw(&refused), ("/happened_at", code));
        }
        assert_eq!(unit.get(&path).ok()["version"], 1, "nothing of it stayed");
    }

    fn a_record_changes_by_versions_and_is_seen_by_its_own(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let made = unit.post("/v1/staff", &with(member(), "account_id", json!(malte.account_id())));
        let (path, tag) = (format!("/v1/staff/{}", made.id()), made.tag());
        assert_eq!((&made.ok()["languages"], &made.ok()["left_on"]), (&json!(["da", "so"]), &Value::Null));
        unit.send(crate::support::http::Request::new("PATCH", &path).json(&json!({"capacity": 2}))).refused(428, "precondition_required");
        let changed = unit.patch(&path, &tag, &json!({"capacity": 2, "loan_until_on": "2026-12-31", "languages": ["da"]}));
        assert_eq!((&changed.ok()["capacity"], &changed.ok()["name"]), (&json!(2), &json!("Malte Ravnkilde")));
        unit.patch(&path, &tag, &json!({"capacity": 3})).refused(412, "stale_version");
        unit.put(&format!("{path}/certificates"), &tag, &json!({"certificates": []})).refused(412, "stale_version");
        let proofs = json!({"certificates": [{"kind": "child_protection", "issued_on": "2026-01-05", "valid_until_on": null}]});
        let certified = unit.put(&format!("{path}/certificates"), &changed.tag(), &proofs);
        assert_eq!(certified.ok()["certificates"], proofs["certificates"]);

        // Their own record, from either address; nobody else's, as if there were none.
        assert_eq!(malte.get("/v1/me/staff").ok()["id"], malte.get(&path).ok()["id"]);
        nora.get("/v1/me/staff").refused(404, "not_found");
        nora.get(&path).refused(404, "not_found");
        malte.get("/v1/staff").refused(403, "forbidden");
        malte.patch(&path, &certified.tag(), &json!({"capacity": 9})).refused(403, "forbidden");
        malte.post(&format!("{path}/leave"), &json!({"happened_at": app.clock.now()})).refused(403, "forbidden");
        let holiday = json!({"kind": "holiday", "from_on": "2026-07-01", "until_on": "2026-07-14"});
        nora.post(&format!("{path}/leaves"), &holiday).refused(404, "not_found");
        let away = malte.post(&format!("{path}/leaves"), &holiday).ok();
        assert_eq!(flaw(&malte.post(&format!("{path}/leaves"), &holiday).refused(422, "invalid")), ("/from_on", "twice"));
        let leave = format!("{path}/leaves/{}", away["leaves"][0]["id"].as_str().unwrap());
        nora.delete(&leave).refused(404, "not_found");
        unit.delete(&format!("{path}/leaves/{}", made.id())).refused(404, "not_found");
        assert_eq!(malte.delete(&leave).status, 204);
        malte.delete(&leave).refused(404, "not_found");
        assert_eq!(malte.get(&path).ok()["leaves"], json!([]));

        app.pass(TimeDelta::hours(1));
        let coach = unit.staff("parent_coach", None);
        let ids = |query: &str| {
            let listed = unit.get(&format!("/v1/staff{query}")).ok();
            listed["items"].as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(""), [made.id(), coach.clone()]);
        assert_eq!((ids("?kind=parent_coach"), ids("?kind=supervisor")), (vec![coach.clone()], vec![]));
        assert_eq!((ids(&format!("?account={}", malte.account_id())), ids("?left=true")), (vec![made.id()], vec![]));
        let first = unit.get("/v1/staff?limit=1");
        let next = first.header("link").unwrap().strip_prefix("</v1/staff").unwrap().split_once('>').unwrap().0.to_owned();
        assert_eq!(ids(&next), [coach]);
    }

    fn eligibility_follows_the_record(app: TestApp) {
        let unit = app.coordinator();
        let course = course(&app, &unit, "Bertramius", "2012-05-01");
        let id = unit.post("/v1/staff", &member()).id();
        let path = format!("/v1/staff/{id}");
        let exclusions = || {
            let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff")).ok();
            assert_eq!((&listed["items"][0]["staff_id"], &listed["items"][0]["name"]), (&json!(id), &json!("Malte Ravnkilde")));
            assert_eq!(listed["items"][0]["eligible"], json!(listed["items"][0]["exclusions"] == json!([])));
            listed["items"][0]["exclusions"].clone()
        };
        let proofs = |kind: &str, until: &str| {
            let body = json!({"certificates": [{"kind": kind, "issued_on": "2025-01-05", "valid_until_on": until}]});
            unit.put(&format!("{path}/certificates"), "*", &body).ok();
        };
        assert_eq!(exclusions(), json!(["certificate"]), "the child is 13");
        proofs("qualification_under_15", "2027-01-01");
        assert_eq!(exclusions(), json!(["certificate"]), "another proof does not help");
        proofs("child_protection", "2026-03-01");
        assert_eq!(exclusions(), json!(["certificate"]), "it ended yesterday");
        proofs("child_protection", "2026-03-02");
        assert_eq!(exclusions(), json!([]));
        let change = |body: Value| unit.patch(&path, "*", &body).ok();
        change(json!({"languages": ["so"], "capacity": 0, "loan_until_on": "2026-03-01"}));
        assert_eq!(exclusions(), json!(["language", "capacity", "loan"]));
        change(json!({"languages": ["da"], "capacity": 1, "loan_until_on": null}));
        let away = json!({"kind": "illness", "from_on": "2026-03-01", "until_on": "2026-03-02"});
        let leave = unit.post(&format!("{path}/leaves"), &away).ok()["leaves"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(exclusions(), json!(["leave"]));
        let proposal = json!({"course_id": course, "staff_id": id});
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "leave"));
        unit.delete(&format!("{path}/leaves/{leave}"));
        change(json!({"from_on": "2026-03-03"}));
        assert_eq!(exclusions(), json!(["left"]), "begins tomorrow");
        change(json!({"from_on": "2026-03-02"}));
        let running = matched(&unit, &course, &id);
        assert_eq!(exclusions(), json!(["capacity", "proposed"]));
        let seen = unit.get(&format!("/v1/matches/{running}")).ok();
        assert_eq!(seen["staff_name"], "Malte Ravnkilde");
    }

    fn an_account_that_comes_later_runs_what_the_member_runs(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let course = course(&app, &unit, "Bertramius", "2010-05-01");
        let staff = unit.staff("mentor", None);
        let running = matched(&unit, &course, &staff);
        let person = unit.get(&format!("/v1/courses/{course}")).ok()["person_id"].as_str().unwrap().to_owned();
        let plan = json!({"match_id": running, "starts_at": "2026-03-04T15:00:00Z", "ends_at": "2026-03-04T16:00:00Z", "kind": "in_person"});
        unit.post("/v1/sessions", &plan).ok();
        let owner = || app.promised("log_missing")[0].owner_id.map(|id| id.to_string());
        assert_eq!(owner(), None, "nobody signs in for them yet");
        let paths = [format!("/v1/matches/{running}"), format!("/v1/courses/{course}"), format!("/v1/people/{person}")];
        let sees = |caller: &Caller<'_>| {
            let found: Vec<bool> = paths.iter().map(|path| caller.get(path).status == 200).collect();
            assert!(found.iter().all(|seen| *seen == found[0]), "{found:?}");
            found[0]
        };
        let link = |account: Value| unit.patch(&format!("/v1/staff/{staff}"), "*", &json!({"account_id": account})).ok();
        assert!(!sees(&malte));
        link(json!(malte.account_id()));
        assert!(sees(&malte) && !sees(&nora));
        assert_eq!(owner(), Some(malte.account_id()));
        let own = malte.get("/v1/duties").ok();
        assert_eq!((&own["items"][0]["kind"], &own["items"][0]["case_id"]), (&json!("log_missing"), &Value::Null));
        assert!(malte.get(&paths[0]).ok()["staff_name"].is_null());

        // It was the wrong account; and after the match's end the right one has what is left of the grace.
        link(json!(nora.account_id()));
        assert!(!sees(&malte) && sees(&nora));
        assert_eq!((owner(), malte.get("/v1/duties").ok()["items"].clone()), (Some(nora.account_id()), json!([])));
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("/v1/matches/{running}/end"), &json!({"reason": "person_wish"})).ok();
        link(json!(malte.account_id()));
        // For the last logs: the match, and neither course nor person.
        let writes = |caller: &Caller<'_>| {
            assert!(paths[1..].iter().all(|path| caller.get(path).status == 404));
            caller.get(&paths[0]).status == 200
        };
        assert!(writes(&malte) && !writes(&nora));
        app.set_clock("2026-03-19T07:59:59Z");
        assert!(writes(&malte), "the grace is not over");
        app.set_clock("2026-03-19T08:00:00Z");
        assert!(!writes(&malte));
    }

    fn a_leaver_leaves_everything_to_the_unit(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let course = course(&app, &unit, "Bertramius", "2010-05-01");
        let staff = unit.staff("mentor", Some(&malte));
        let (running, path) = (matched(&unit, &course, &staff), format!("/v1/staff/{staff}"));
        let plan = |day: &str| {
            json!({"match_id": running, "starts_at": format!("{day}T15:00:00Z"), "ends_at": format!("{day}T16:00:00Z"), "kind": "in_person"})
        };
        malte.post("/v1/sessions", &plan("2026-03-04")).ok();
        let later = malte.post("/v1/sessions", &plan("2026-03-11")).id();
        app.set_clock("2026-03-06T08:00:00Z");
        let left = unit.post(&format!("{path}/leave"), &json!({"happened_at": "2026-03-05T12:00:00Z"})).ok();
        assert_eq!((&left["left_on"], &left["account_id"]), (&json!("2026-03-05"), &json!(malte.account_id())));
        let over = unit.get(&format!("/v1/matches/{running}")).ok();
        assert_eq!((&over["state"], &over["end_reason"], &over["ended_at"]), (&json!("ended"), &json!("staff_left"), &json!("2026-03-05T12:00:00Z")));
        assert_eq!(unit.get(&format!("/v1/sessions/{later}")).ok()["state"], "cancelled");
        let logs = app.promised("log_missing");
        assert_eq!((logs[0].state.as_str(), logs[0].owner_id, logs[1].state.as_str()), ("open", None, "ended"));
        assert_eq!(unit.get("/v1/duties?owner=unit&kind=log_missing").ok()["items"].as_array().unwrap().len(), 1);
        // On record, and changed no more.
        unit.post(&format!("{path}/leave"), &json!({"happened_at": app.clock.now()})).refused(409, "wrong_state");
        unit.patch(&path, "*", &json!({"capacity": 2})).refused(409, "wrong_state");
        unit.put(&format!("{path}/certificates"), "*", &json!({"certificates": []})).refused(409, "wrong_state");
        let away = json!({"kind": "other", "from_on": "2026-04-01", "until_on": "2026-04-02"});
        malte.post(&format!("{path}/leaves"), &away).refused(409, "wrong_state");
        assert_eq!(unit.get("/v1/staff?left=true").ok()["items"][0]["id"], json!(staff));
        let again = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": staff})).refused(422, "invalid");
        assert_eq!(flaw(&again), ("/staff_id", "left"));
        // What happened before can still be told.
        let log = json!({"match_id": running, "outcome": "held", "starts_at": "2026-03-04T15:00:00Z", "minutes": 60,
            "written_at": "2026-03-06T08:00:00Z", "facts": "Vi gik en tur"});
        malte.put("/v1/session-logs/11111111-1111-4111-8111-111111111111", "", &log).ok();
    }
}
