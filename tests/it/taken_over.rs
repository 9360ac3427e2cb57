//! What had ended of somebody before the police took them over does not come back with what ended it; what the police never had does.

use makker::base::db::migrations;
use serde_json::json;

use crate::police::{asked, case_of, concern, qualify, screened};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::offer;

/// What a decline promises.
const PROMISED: [&str; 3] = ["reoffer_3m", "reoffer_6m", "support_professionals"];

/// A case that a boy's concern opened.
fn opened(app: &TestApp, unit: &Caller<'_>) -> String {
    let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
    app.founded_case(unit, &[&boy])
}

/// A parent, and the concern about them that joined a case.
fn joined(app: &TestApp, unit: &Caller<'_>, case: &str, name: &str) -> (String, String) {
    let person = unit.person("parent", name, None);
    let joiner = concern(app, unit, &person);
    screened(unit, &joiner, "clear");
    qualify(app, unit, &joiner, Some(case)).ok();
    (person, joiner)
}

/// Somebody is offered a coach.
fn offered(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str) -> String {
    unit.post("/v1/offers", &offer(case, person, "parent_coach", app.clock.now())).id()
}

/// Somebody is offered a coach and says no; where that is taken back.
fn declined(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str) -> String {
    let path = format!("/v1/offers/{}", offered(app, unit, case, person));
    unit.post(&format!("{path}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
    format!("{path}/answer/retract")
}

/// It is recorded why somebody is offered no coach any more; where that is taken back.
fn stopped(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str) -> String {
    let stops = format!("/v1/cases/{case}/contact_stops");
    let stop = json!({"person_id": person, "track": "parent_coach", "reason": "no_longer_relevant", "happened_at": app.clock.now()});
    format!("{stops}/{}/retract", unit.post(&stops, &stop).id())
}

/// Which of what a decline promises is to be kept still of somebody.
fn still_promised(unit: &Caller<'_>, person: &str) -> Vec<&'static str> {
    let is_open = |kind: &&str| {
        let open = unit.get(&format!("/v1/duties?kind={kind}&person={person}&state=open")).ok();
        !open["items"].as_array().unwrap().is_empty()
    };
    PROMISED.into_iter().filter(is_open).collect()
}

/// A no cannot be taken back, for the police took over.
fn stays_declined(unit: &Caller<'_>, no: &str) {
    assert_eq!(unit.post(no, &json!({})).refused(409, "wrong_state")["detail"], "Politiet har overtaget siden");
}

both_engines! {
    fn what_had_ended_before_the_police_took_over_stays_over(app: TestApp) {
        let unit = app.coordinator();
        let case = opened(&app, &unit);
        let [(mother, hers), (father, his), (aunt, of_aunt), (uncle, _)] =
            ["Mathildur", "Frodemund", "Ingefrida", "Torvaldius"].map(|name| joined(&app, &unit, &case, name));
        app.set_clock("2026-03-03T08:00:00Z");
        let (her_no, uncles_no) = (declined(&app, &unit, &case, &mother), declined(&app, &unit, &case, &uncle));
        let his_offer = offered(&app, &unit, &case, &father);
        let aunts_course = crate::sessions::course(&app, &unit, &case, &aunt, &[], "parent_coach");
        assert_eq!((still_promised(&unit, &mother), still_promised(&unit, &uncle)), (PROMISED.to_vec(), PROMISED.to_vec()));
        app.set_clock("2026-03-04T08:00:00Z");
        let (her_stop, uncles_stop) = (stopped(&app, &unit, &case, &mother), stopped(&app, &unit, &case, &uncle));
        let questions = [&hers, &his, &of_aunt].map(|path| asked(&unit, path, &json!({})));
        app.set_clock("2026-03-06T08:00:00Z");
        let [his_death, aunts_death] = [&father, &aunt].map(|person| {
            let death = format!("/v1/people/{person}/death");
            unit.post(&death, &json!({"happened_at": "2026-03-05T10:00:00Z"})).ok();
            format!("{death}/retract")
        });
        app.set_clock("2026-03-07T08:00:00Z");
        for question in &questions {
            unit.post(question, &json!({"result": "taken_over", "happened_at": "2026-03-05T20:00:00Z"})).ok();
        }
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["state"], "open");
        app.set_clock("2026-03-08T08:00:00Z");
        // A stop, and the no before it.
        unit.post(&her_stop, &json!({})).ok();
        assert_eq!(still_promised(&unit, &mother), Vec::<&str>::new());
        stays_declined(&unit, &her_no);
        // A death. A course ran until they took it.
        assert_eq!(unit.post(&his_death, &json!({})).ok()["stays_over"]["offer_ids"], json!([his_offer]));
        assert_eq!(unit.get(&format!("/v1/offers/{his_offer}")).ok()["state"], "withdrawn");
        assert_eq!(unit.post(&aunts_death, &json!({})).ok()["stays_over"]["course_ids"], json!([aunts_course]));
        let course = unit.get(&format!("/v1/courses/{aunts_course}")).ok();
        assert_eq!((&course["state"], &course["ended_at"]), (&json!("discontinued"), &json!("2026-03-05T20:00:00Z")));
        // They did not take the uncle.
        unit.post(&uncles_stop, &json!({})).ok();
        assert_eq!(still_promised(&unit, &uncle), PROMISED);
        let again = unit.post(&uncles_no, &json!({})).ok();
        assert_eq!(again["state"], "open");
        let death = format!("/v1/people/{uncle}/death");
        unit.post(&death, &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(unit.post(&format!("{death}/retract"), &json!({})).ok()["stays_over"]["offer_ids"], json!([]));
        assert_eq!(unit.get(&format!("/v1/offers/{}", again["id"].as_str().unwrap())).ok()["state"], "open");
    }

    fn before_it_is_what_was_written_down_before_it(app: TestApp) {
        let unit = app.coordinator();
        let case = opened(&app, &unit);
        let (mother, hers) = joined(&app, &unit, &case, "Mathildur");
        let question = asked(&unit, &hers, &json!({}));
        let father = unit.person("parent", "Frodemund", None);
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": father, "role": "parent"})).ok();
        app.set_clock("2026-03-04T08:00:00Z");
        let (her_no, his_no) = (declined(&app, &unit, &case, &mother), declined(&app, &unit, &case, &father));
        let (her_stop, his_stop) = (stopped(&app, &unit, &case, &mother), stopped(&app, &unit, &case, &father));
        app.set_clock("2026-03-05T08:00:00Z");
        // They took her over before she was offered anything, which was not known then.
        unit.post(&question, &json!({"result": "taken_over", "happened_at": "2026-03-03T08:00:00Z"})).ok();
        unit.post(&her_stop, &json!({})).ok();
        assert_eq!(still_promised(&unit, &mother), Vec::<&str>::new());
        stays_declined(&unit, &her_no);
        // They took him over with a concern that was none of the case's yet, and gave it back.
        let his = concern(&app, &unit, &father);
        assert_eq!(screened(&unit, &his, "taken_over"), "transferred_police");
        assert_eq!(screened(&unit, &his, "go_ahead"), "qualifying");
        assert_eq!(case_of(&qualify(&app, &unit, &his, Some(&case))), case);
        unit.post(&his_stop, &json!({})).ok();
        assert_eq!(still_promised(&unit, &father), PROMISED);
        assert_eq!(unit.post(&his_no, &json!({})).ok()["state"], "open");
    }

    fn it_stays_over_where_the_police_give_it_back_or_never_took_it(app: TestApp) {
        let unit = app.coordinator();
        let case = opened(&app, &unit);
        // Qualified anew the concern opens another case, or joins the same.
        let [other, same] = [("Mathildur", None), ("Frodemund", Some(case.as_str()))].map(|(name, joins)| {
            let (person, joiner) = joined(&app, &unit, &case, name);
            app.pass(chrono::TimeDelta::days(1));
            let (no, stop) = (declined(&app, &unit, &case, &person), stopped(&app, &unit, &case, &person));
            app.pass(chrono::TimeDelta::days(1));
            let question = asked(&unit, &joiner, &json!({}));
            unit.post(&question, &json!({"result": "taken_over"})).ok();
            app.pass(chrono::TimeDelta::days(1));
            assert_eq!(screened(&unit, &joiner, "go_ahead"), "qualifying");
            let leads_to = case_of(&qualify(&app, &unit, &joiner, joins));
            unit.post(&format!("{question}/retract"), &json!({})).ok();
            unit.post(&stop, &json!({})).ok();
            assert_eq!(still_promised(&unit, &person), Vec::<&str>::new(), "{name}");
            stays_declined(&unit, &no);
            // What is offered there since is as anything else.
            let again = declined(&app, &unit, &case, &person);
            let again = unit.post(&again, &json!({})).ok();
            assert_eq!(again["state"], "open", "{name}");
            unit.post(&format!("/v1/offers/{}/withdraw", again["id"].as_str().unwrap()), &json!({"happened_at": app.clock.now()})).ok();
            (person, leads_to)
        });
        assert_eq!(same.1, case);
        assert_ne!(other.1, case);
        let (mother, other) = other;
        declined(&app, &unit, &other, &mother);
        let stop = stopped(&app, &unit, &other, &mother);
        assert_eq!(still_promised(&unit, &mother), Vec::<&str>::new());
        unit.post(&stop, &json!({})).ok();
        assert_eq!(still_promised(&unit, &mother), PROMISED);
    }

    fn whom_they_took_before_that_was_kept_is_known_by_what_ended_with_it(app: TestApp) {
        let unit = app.coordinator();
        let case = opened(&app, &unit);
        let [(mother, hers), (father, _)] = ["Mathildur", "Frodemund"].map(|name| joined(&app, &unit, &case, name));
        let (her_no, his_no) = (declined(&app, &unit, &case, &mother), declined(&app, &unit, &case, &father));
        app.set_clock("2026-03-03T08:00:00Z");
        screened(&unit, &hers, "taken_over");
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0146_cases_taken") {}
        migrations::apply(db, app.clock.now()).unwrap();
        stays_declined(&unit, &her_no);
        assert_eq!(unit.post(&his_no, &json!({})).ok()["state"], "open");
    }

    fn a_closing_by_hand_of_before_that_was_kept_took_nobody(app: TestApp) {
        let unit = app.coordinator();
        let case = opened(&app, &unit);
        let (mother, _) = joined(&app, &unit, &case, "Mathildur");
        declined(&app, &unit, &case, &mother);
        app.set_clock("2026-03-03T08:00:00Z");
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "taken_over_by_police", "happened_at": app.clock.now()})).ok();
        assert_eq!(still_promised(&unit, &mother), Vec::<&str>::new());
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0146_cases_taken") {}
        migrations::apply(db, app.clock.now()).unwrap();
        unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok();
        assert_eq!(still_promised(&unit, &mother), PROMISED);
    }
}
