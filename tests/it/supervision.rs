//! Who supervises a match, and who never: not whoever may not see it, nor whoever meets one of the family.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::pair_sights::bar;
use crate::proposals::{flaw, propose, run};
use crate::sessions::{family, staff};
use crate::staff_covers::away;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;
use crate::wishes::{Waiting, accepted, waiting};

fn give(unit: &Caller<'_>, matched: &str, to: &Caller<'_>) -> Answer {
    unit.post(&format!("/v1/matches/{matched}/supervision"), &json!({"account_id": to.account_id()}))
}

/// That somebody may not.
fn refuse(unit: &Caller<'_>, matched: &str, to: &Caller<'_>) {
    assert_eq!(flaw(&give(unit, matched, to).refused(422, "invalid")), ("/account_id", "not_eligible"));
}

/// Nobody from now on.
fn take(unit: &Caller<'_>, matched: &str) {
    unit.post(&format!("/v1/matches/{matched}/supervision"), &json!({"account_id": null})).ok();
}

fn supervisor(unit: &Caller<'_>, matched: &str) -> Value {
    unit.get(&format!("/v1/matches/{matched}")).ok()["supervisor_id"].clone()
}

/// Gives an account a second role.
fn supervises_too(unit: &Caller<'_>, whom: &Caller<'_>, role: &str) {
    unit.put(&format!("/v1/accounts/{}/roles", whom.account_id()), "*", &json!({"roles": [role, "supervisor"]})).ok();
}

fn exclusions(by: &Caller<'_>, course: &str, staff: &str) -> Value {
    let listed = by.get(&format!("/v1/courses/{course}/eligible-staff")).ok();
    listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).unwrap()["exclusions"].clone()
}

/// The running coach match of the father of somebody who waits; its course stands in a case.
fn coached(app: &TestApp, unit: &Caller<'_>, case: &str, father: &str) -> String {
    let (karla, fathers) = (unit.staff("parent_coach", None), accepted(app, unit, case, father, father, "parent_coach"));
    run(unit, &fathers, &karla)
}

/// A father in a case of his own, and his running coach match; nobody of this family is met by anybody else yet.
fn stranger(app: &TestApp, unit: &Caller<'_>, name: &str) -> (String, String, String) {
    let father = unit.person("parent", name, None);
    let case = app.founded_case(unit, &[&father]);
    let coaching = coached(app, unit, &case, &father);
    (father, case, coaching)
}

both_engines! {
    fn a_supervisor_stays_in_a_hand_over_and_is_named(app: TestApp) {
        let unit = app.coordinator();
        let (sune, malte) = (app.account("sune", &["supervisor"]), app.account("malte", &["mentor"]));
        let (one, of_malte, nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", None));
        let old = run(&unit, &one.course, &of_malte);
        let named = |id: &str, by: &Caller<'_>| by.get(&format!("/v1/matches/{id}")).ok()["supervisor_id"].clone();
        assert_eq!(named(&old, &unit), Value::Null);
        unit.post(&format!("/v1/matches/{old}/supervision"), &json!({"account_id": sune.account_id()})).ok();
        assert_eq!((named(&old, &unit), named(&old, &malte)), (json!(sune.account_id()), Value::Null), "for coordinators");
        let next = unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"knows_person": false, "staff_id": nora})).id();
        assert_eq!(named(&next, &unit), json!(sune.account_id()));
        assert_eq!(sune.get(&format!("/v1/matches/{next}")).ok()["state"], "running");
        // Of one that is over nobody becomes the supervisor: it would last for ever.
        let siri = app.account("siri", &["supervisor"]);
        give(&unit, &old, &siri).refused(409, "wrong_state");
        siri.get(&format!("/v1/matches/{old}")).refused(404, "not_found");
        take(&unit, &old);
    }

    fn of_a_proposal_that_has_expired_nobody_becomes_the_supervisor(app: TestApp) {
        let (unit, siri) = (app.coordinator(), app.account("siri", &["supervisor"]));
        let lapsed = propose(&unit, &waiting(&app, &unit).course, &unit.staff("mentor", None));
        app.pass(TimeDelta::days(15));
        // Before the night has written it down, and after.
        for _ in 0..2 {
            give(&unit, &lapsed, &siri).refused(409, "wrong_state");
            siri.get(&format!("/v1/matches/{lapsed}")).refused(404, "not_found");
            app.tick();
        }
    }

    fn whoever_may_not_see_a_match_does_not_supervise_it(app: TestApp) {
        let unit = app.coordinator();
        let [malte, sune, sofus, siri] = [("malte", "mentor"), ("sune", "supervisor"), ("sofus", "supervisor"), ("siri", "supervisor")]
            .map(|(name, role)| app.account(name, &[role]));
        let one = waiting(&app, &unit);
        let matched = run(&unit, &one.course, &unit.staff("mentor", Some(&malte)));
        let path = format!("/v1/matches/{matched}");
        let give = |to: &Caller<'_>| unit.post(&format!("{path}/supervision"), &json!({"account_id": to.account_id()}));
        let named = || unit.get(&path).ok()["supervisor_id"].clone();
        let refused = |to: &Caller<'_>| assert_eq!(flaw(&give(to).refused(422, "invalid")), ("/account_id", "not_eligible"));
        // Barred by somebody else of the case, closed, or its own mentor, who supervises others.
        let barred = bar(&unit, &sune, &one.father);
        refused(&sune);
        unit.post(&format!("/v1/accounts/{}/disable", sofus.account_id()), &json!({})).ok();
        refused(&sofus);
        unit.put(&format!("/v1/accounts/{}/roles", malte.account_id()), "*", &json!({"roles": ["mentor", "supervisor"]})).ok();
        refused(&malte);
        assert_eq!(named(), Value::Null);
        // A bar that comes later hides it, as long as it stands; a closed account has lost it.
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        give(&sune).ok();
        let barred = bar(&unit, &sune, &one.father);
        assert_eq!(named(), Value::Null);
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        assert_eq!(named(), json!(sune.account_id()));
        give(&siri).ok();
        for step in ["disable", "enable"] {
            unit.post(&format!("/v1/accounts/{}/{step}", siri.account_id()), &json!({})).ok();
            assert_eq!(named(), Value::Null, "{step}");
        }
    }

    fn whoever_meets_one_of_a_family_supervises_nobody_of_it(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, coach) = (&family.unit, &family.mentor, &family.coach);
        supervises_too(unit, mentor, "mentor");
        supervises_too(unit, coach, "parent_coach");
        refuse(unit, &family.coaching, mentor);
        refuse(unit, &family.mentoring, coach);
        assert_eq!(supervisor(unit, &family.coaching), Value::Null);
        mentor.get(&format!("/v1/matches/{}", family.coaching)).refused(404, "not_found");
        // Whoever ran a match sees it through its grace.
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        refuse(unit, &family.coaching, mentor);
        app.pass(TimeDelta::days(15));
        // Whoever is proposed knows who it is.
        give(unit, &family.coaching, mentor).ok();
        take(unit, &family.coaching);
        let nora = app.account("nora", &["mentor"]);
        supervises_too(unit, &nora, "mentor");
        let proposed = propose(unit, &family.course, &staff(&app, &nora, true));
        refuse(unit, &family.coaching, &nora);
        unit.post(&format!("/v1/matches/{proposed}/end"), &json!({"reason": "other"})).ok();
        give(unit, &family.coaching, &nora).ok();
        // Of another family it is nobody's business.
        let (_, _, coaching) = stranger(&app, unit, "Hallgrimur");
        give(unit, &coaching, mentor).ok();
    }

    fn whoever_supervises_in_a_family_meets_nobody_else_of_it(app: TestApp) {
        let unit = app.coordinator();
        let (malte, ole) = (app.account("malte", &["mentor"]), app.account("ole", &["coordinator"]));
        let Waiting { boy, father, course, .. } = waiting(&app, &unit);
        let of_malte = unit.staff("mentor", Some(&malte));
        supervises_too(&unit, &malte, "mentor");
        // The father's match is of a case of his own.
        let case = app.founded_case(&unit, &[&father]);
        let coaching = coached(&app, &unit, &case, &father);
        let proposal = json!({"course_id": course, "staff_id": of_malte});
        let held = propose(&unit, &course, &of_malte);
        refuse(&unit, &coaching, &malte);
        unit.post(&format!("/v1/matches/{held}/end"), &json!({"reason": "other"})).ok();
        give(&unit, &coaching, &malte).ok();
        assert_eq!(exclusions(&unit, &course, &of_malte), json!(["supervises"]));
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "supervises"));
        let nora = unit.staff("mentor", None);
        let mentoring = run(&unit, &course, &nora);
        let hand = json!({"knows_person": false, "staff_id": of_malte});
        let refused = unit.post(&format!("/v1/matches/{mentoring}/hand-over"), &hand).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/staff_id", "supervises"));
        // A lost role hides it and ends nothing: it comes back with the role.
        unit.put(&format!("/v1/accounts/{}/roles", malte.account_id()), "*", &json!({"roles": ["mentor"]})).ok();
        assert_eq!(supervisor(&unit, &coaching), Value::Null);
        assert_eq!(flaw(&unit.post(&format!("/v1/matches/{mentoring}/hand-over"), &hand).refused(422, "invalid")), ("/staff_id", "supervises"));
        // Whoever may not see the father's match is told nothing of it.
        let sister = unit.person("young_person", "Hallveiga", Some("2009-05-01"));
        unit.set_custody(&sister, &[&father]);
        let own = app.founded_case(&unit, &[&sister]);
        let sisters = accepted(&app, &unit, &own, &sister, &father, "mentor");
        bar(&unit, &ole, &father);
        bar(&unit, &ole, &boy);
        assert_eq!(exclusions(&ole, &sisters, &of_malte), json!(["not_available"]));
        take(&unit, &coaching);
        assert_eq!(exclusions(&ole, &sisters, &of_malte), json!([]));
        unit.post(&format!("/v1/matches/{mentoring}/hand-over"), &hand).ok();
    }

    fn whoever_supervises_in_a_family_covers_for_nobody_else_of_it(app: TestApp) {
        let away = away(&app);
        let (unit, family) = (&away.family.unit, &away.family);
        supervises_too(unit, &away.vita, "mentor");
        give(unit, &family.coaching, &away.vita).ok();
        let standing = || {
            let listed = unit.get(&format!("/v1/sessions/{}/eligible-covers", away.sessions[0])).ok();
            listed["items"].as_array().unwrap().iter().find(|item| item["staff_id"] == json!(away.vitas)).unwrap()["exclusions"].clone()
        };
        assert_eq!(standing(), json!(["supervises"]));
        let refused = away.decide(&json!([away.cover(0)])).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/decisions/0/cover/staff_id", "supervises"));
        take(unit, &family.coaching);
        away.decide(&json!([away.cover(0)])).ok();
        refuse(unit, &family.coaching, &away.vita);
        // The very match whose session she covers she may supervise, and cover another of it.
        give(unit, &family.mentoring, &away.vita).ok();
        away.decide(&json!([away.cover(1)])).ok();
    }

    fn where_two_families_are_one_supervision_gives_way(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let one = waiting(&app, &unit);
        run(&unit, &one.course, &unit.staff("mentor", Some(&malte)));
        supervises_too(&unit, &malte, "mentor");
        let ties: [fn(&Caller<'_>, &Waiting, &str, &str); 2] = [
            |unit, one, _, case| _ = unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": one.boy, "role": "relative"})).ok(),
            |unit, one, father, _| unit.set_custody(&one.boy, &[&one.father, father]),
        ];
        for (tie, name) in ties.into_iter().zip(["Hallgrimur", "Steingrimur"]) {
            let (father, case, coaching) = stranger(&app, &unit, name);
            give(&unit, &coaching, &malte).ok();
            assert_eq!(malte.get(&format!("/v1/matches/{coaching}")).ok()["state"], "running");
            tie(&unit, &one, &father, &case);
            malte.get(&format!("/v1/matches/{coaching}")).refused(404, "not_found");
            assert_eq!(supervisor(&unit, &coaching), Value::Null);
            refuse(&unit, &coaching, &malte);
        }
    }

    fn another_account_supervises_nobody_of_whom_its_owner_meets(app: TestApp) {
        let unit = app.coordinator();
        let siri = app.account("siri", &["mentor"]);
        let one = waiting(&app, &unit);
        let nora = unit.staff("mentor", None);
        run(&unit, &one.course, &nora);
        supervises_too(&unit, &siri, "mentor");
        let coaching = coached(&app, &unit, &one.case, &one.father);
        give(&unit, &coaching, &siri).ok();
        unit.patch(&format!("/v1/staff/{nora}"), "*", &json!({"account_id": siri.account_id()})).ok();
        assert_eq!(supervisor(&unit, &coaching), Value::Null);
        siri.get(&format!("/v1/matches/{coaching}")).refused(404, "not_found");
    }
}
