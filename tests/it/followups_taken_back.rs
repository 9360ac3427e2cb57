//! A follow-up result that was recorded by mistake: taken back it stays in the list, and what it alone kept is promised again.

use std::collections::BTreeMap;

use makker::base::db::migrations;
use serde_json::{Value, json};

use crate::followups::begin;
use crate::put_right::standings;
use crate::sessions::{Family, family};
use crate::support::TestApp;
use crate::support::http::Answer;

/// The boy goes through his course, and half a year later somebody tells of him; the course, and what records that.
fn followed_up(app: &TestApp, family: &Family<'_>) -> (String, impl Fn() -> Answer) {
    begin(app, family);
    let (unit, course) = (&family.unit, &family.course);
    unit.post(&format!("/v1/courses/{course}/end"), &ended("completed")).ok();
    app.set_clock("2026-09-10T08:00:00Z");
    let result = json!({"held_at": "2026-09-01T08:00:00Z", "way": "professional", "basis": "Skolen fortalte det", "at_risk": "no"});
    let body = json!({"course_id": course, "kind": "followup_6m", "result": result});
    (format!("/v1/courses/{course}"), move || unit.post("/v1/followups", &body))
}

fn ended(kind: &str) -> Value {
    let closing = json!({"no_meeting_reason": "Aftalt på telefonen", "handed_over_to": "Skolen"});
    json!({"kind": kind, "happened_at": "2026-03-04T16:50:00Z", "closing": closing})
}

both_engines! {
    fn a_follow_up_that_is_taken_back_never_was(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let (course, record) = followed_up(&app, &family);
        let (promised, made) = (app.promise("followup_6m"), record());
        let (id, path) = (made.id(), format!("/v1/followups/{}", made.id()));
        let correct = |kind: &str| unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &ended(kind));
        let stands = || (app.promise("followup_6m"), standings(unit, "not_at_risk_6m"));
        assert_eq!((stands().0.0.as_str(), stands().1), ("done", vec!["yes".to_owned()]));
        // The course was broken off, and the result somebody else's.
        assert_eq!(correct("discontinued").refused(409, "blocked")["blocking"][0], json!({"kind": "followup", "id": id}));
        let retract = || unit.post(&format!("{path}/retract"), &json!({}));
        family.mentor.post(&format!("{path}/retract"), &json!({})).refused(403, "forbidden");
        unit.post_if(&format!("{path}/retract"), "\"0.x\"", &json!({})).refused(412, "stale_version");
        let back = retract().ok();
        assert_eq!((&back["retracted_at"], &back["retracted_by"]), (&json!("2026-09-10T08:00:00Z"), &json!(unit.account_id())));
        assert_eq!((&back["result"]["at_risk"], &back["revision"]), (&json!("no"), &json!(1)));
        assert!(app.count("journal WHERE operation = 'followups.retract' AND subject_kind = 'person'") > 0);
        // It is still to come, late by now, and nobody knows what became of him.
        assert_eq!(stands(), (promised, vec!["unknown".to_owned()]));
        retract().refused(409, "wrong_state");
        unit.put(&path, &unit.get(&path).tag(), &json!({"result": made.ok()["result"]})).refused(409, "wrong_state");
        assert_eq!(unit.get(&format!("{path}/versions")).ok()["items"].as_array().unwrap().len(), 1);

        // Broken off, nobody is followed up; gone through after all, he is, and a result is recorded as any other.
        correct("discontinued").ok();
        assert_eq!((stands().0.2.as_deref(), stands().1), (Some("discontinued"), vec![]));
        correct("completed").ok();
        assert_eq!(app.promise("followup_6m").0, "open");
        let anew = record().id();
        assert_eq!((stands().0.0.as_str(), stands().1), ("done", vec!["yes".to_owned()]));
        let listed = unit.get("/v1/followups?kind=followup_6m").ok();
        let standing: BTreeMap<_, _> =
            listed["items"].as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap(), item["retracted_at"].is_null())).collect();
        assert_eq!(standing, BTreeMap::from([(id.as_str(), false), (anew.as_str(), true)]));

        // An earlier version of the program, to which it would stand again, has it no more.
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0060_followups_mend") {}
        assert_eq!((app.count("followups"), app.count("followup_versions")), (1, 1));
        app.keeps_for_good("followup_versions", "revision");
        migrations::apply(db, app.clock.now()).unwrap();
    }

    fn of_several_results_another_keeps_the_promise(app: TestApp) {
        let family = family(&app);
        let (unit, ida) = (&family.unit, app.account("ida", &["coordinator"]));
        let case = format!("/v1/cases/{}", unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap());
        unit.patch(&case, &unit.get(&case).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let _ = followed_up(&app, &family);
        app.set_clock("2027-04-10T10:00:00Z");
        let record = |at: &str| {
            let result = json!({"held_at": at, "way": "records", "activity": "education", "as_of_on": "2027-02-28", "basis": "Skolens liste"});
            unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_12m", "result": result})).id()
        };
        let kept = || app.promised("followup_12m")[0].closed_at.map(|at| at.to_string());
        let owner = || app.promised("followup_12m")[0].owner_id.map(|id| id.to_string());
        let (early, late) = (record("2027-03-01T10:00:00Z"), record("2027-04-01T10:00:00Z"));
        assert_eq!(kept().as_deref(), Some("2027-03-01T10:00:00Z"));
        let retract = |id: &str| unit.post(&format!("/v1/followups/{id}/retract"), &json!({})).ok();
        retract(&early);
        assert_eq!((kept().as_deref(), owner()), (Some("2027-04-01T10:00:00Z"), Some(ida.account_id())));
        // Whose it was has left when nothing keeps it any more.
        unit.post(&format!("/v1/accounts/{}/disable", ida.account_id()), &json!({})).ok();
        retract(&late);
        assert_eq!((kept(), app.promise("followup_12m").0.as_str(), owner()), (None, "open", None));
    }

    fn what_opens_again_is_the_units_where_its_owner_may_not_have_it(app: TestApp) {
        let family = family(&app);
        let (unit, ida) = (&family.unit, app.account("ida", &["coordinator"]));
        let case = format!("/v1/cases/{}", unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap());
        unit.patch(&case, &unit.get(&case).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let owner = || app.promised("followup_6m")[0].owner_id.map(|id| id.to_string());
        let (_, record) = followed_up(&app, &family);
        let retract = |id: &str| unit.post(&format!("/v1/followups/{id}/retract"), &json!({})).ok();
        retract(&record().id());
        assert_eq!((app.promise("followup_6m").0.as_str(), owner()), ("open", Some(ida.account_id())));
        // Barred meanwhile, with the account as open as before.
        let kept = record().id();
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": family.boy, "cause": "family"})).ok();
        assert_eq!(owner(), Some(ida.account_id()));
        retract(&kept);
        assert_eq!((app.promise("followup_6m").0.as_str(), owner()), ("open", None));
    }

    fn a_coordinator_no_more_gets_nothing_back(app: TestApp) {
        let family = family(&app);
        let (unit, ida) = (&family.unit, app.account("ida", &["coordinator"]));
        let case = format!("/v1/cases/{}", unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap());
        unit.patch(&case, &unit.get(&case).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let (_, record) = followed_up(&app, &family);
        let kept = record().id();
        let account = format!("/v1/accounts/{}", ida.account_id());
        unit.put(&format!("{account}/roles"), &unit.get(&account).tag(), &json!({"roles": ["supervisor"]})).ok();
        unit.post(&format!("/v1/followups/{kept}/retract"), &json!({})).ok();
        let promised = &app.promised("followup_6m")[0];
        assert_eq!((promised.state.as_str(), promised.owner_id.is_none()), ("open", true));
    }

    fn a_follow_up_that_is_taken_back_is_not_asked_of_the_dead(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let (_, record) = followed_up(&app, &family);
        let made = record().id();
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-09-05T08:00:00Z"})).ok();
        assert_eq!(app.promise("followup_6m").0, "done");
        unit.post(&format!("/v1/followups/{made}/retract"), &json!({})).ok();
        assert_eq!(app.promise("followup_6m").2.as_deref(), Some("dead"));
        // What was learned before keeps it all the same.
        record().ok();
        assert_eq!(app.promise("followup_6m").0, "done");
    }
}
