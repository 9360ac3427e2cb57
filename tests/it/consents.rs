//! What was said, in which order, and from which age it counts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::courses::{accepted, dues, may_run, owned};
use crate::sessions::{matched, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// The first thing somebody said to an offer.
pub fn consent_of(unit: &Caller<'_>, offer: &str, giver: &str) -> String {
    let consents = unit.get(&format!("/v1/offers/{offer}")).ok()["consents"].as_array().unwrap().clone();
    let found = consents.iter().find(|consent| consent["giver_id"] == json!(giver)).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

pub fn say(unit: &Caller<'_>, offer: &str, word: &Value) {
    unit.post(&format!("/v1/offers/{offer}/consents"), word).ok();
}

pub fn withdraw(unit: &Caller<'_>, consent: &str, at: &str) {
    unit.post(&format!("/v1/consents/{consent}/withdraw"), &json!({"happened_at": at})).ok();
}

/// A girl whose mother said yes for her: the girl, her offer, her course.
fn small_child(app: &TestApp, unit: &Caller<'_>, born_on: &str) -> [String; 3] {
    let (girl, mother) = (unit.person("young_person", "Gudrunette", Some(born_on)), unit.person("parent", "Mathildur", None));
    unit.set_custody(&girl, &[&mother]);
    let (case, now) = (app.founded_case(unit, &[&girl]), app.clock.now());
    let made = unit.post("/v1/offers", &offer(&case, &girl, "mentor", now)).id();
    say(unit, &made, &yes(&mother, now));
    let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
    [girl, made, course]
}

/// A boy of fifteen with two custody holders, and an offer to him that he and his mother said yes to: case, boy, mother, father, offer.
pub fn of_two_parents(app: &TestApp, unit: &Caller<'_>) -> [String; 5] {
    let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
    let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
    unit.set_custody(&boy, &[&mother, &father]);
    let (case, now) = (app.founded_case(unit, &[&boy]), app.clock.now());
    let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
    say(unit, &made, &yes(&boy, now));
    say(unit, &made, &yes(&mother, now));
    [case, boy, mother, father, made]
}

both_engines! {
    fn a_withdrawal_ends_every_yes_before_it(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-05-01");
        let own = consent_of(&unit, &made, &boy);
        app.set_clock("2026-03-04T08:00:00Z");
        let mut as_adult = yes(&boy, app.clock.now());
        as_adult["adult_basis"] = json!(true);
        say(&unit, &made, &as_adult);
        app.set_clock("2026-03-06T08:00:00Z");
        withdraw(&unit, &own, "2026-03-06T08:00:00Z");
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
    }

    fn a_yes_for_the_time_from_18_on_is_none_before(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-05-01");
        app.set_clock("2026-03-06T08:00:00Z");
        let mut as_adult = yes(&boy, app.clock.now());
        as_adult["adult_basis"] = json!(true);
        say(&unit, &made, &as_adult);
        // The day before they had said no: found late, it ends the course.
        let mut no = yes(&boy, app.clock.now());
        (no["given"], no["happened_at"]) = (json!(false), json!("2026-03-05T08:00:00Z"));
        say(&unit, &made, &no);
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
    }

    fn a_custody_holders_withdrawal_ends_every_yes_before_it(app: TestApp) {
        let unit = app.coordinator();
        // She had signed a newer text: the course stands still until somebody says on what basis it goes on.
        let [_, _, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        let (hers, path) = (consent_of(&unit, &made, &mother), format!("/v1/courses/{course}"));
        app.set_clock("2026-03-08T08:00:00Z");
        let mut newer = yes(&mother, app.clock.now());
        newer["text_version"] = json!("2026-2");
        say(&unit, &made, &newer);
        app.set_clock("2026-03-10T08:00:00Z");
        withdraw(&unit, &hers, "2026-03-10T08:00:00Z");
        assert_eq!((&unit.get(&path).ok()["paused"], app.promise("paused").0.as_str()), (&json!(true), "open"));
        unit.post(&format!("{path}/resume"), &json!({"basis": "Faderen har den alene", "happened_at": app.clock.now()})).ok();
        assert_eq!(unit.get(&path).ok()["may_run"], true);
    }

    fn a_withdrawal_written_down_late_ends_no_yes_after_it(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        let hers = consent_of(&unit, &made, &mother);
        app.set_clock("2026-03-14T08:00:00Z");
        say(&unit, &made, &yes(&mother, app.clock.now()));
        withdraw(&unit, &hers, "2026-03-12T08:00:00Z");
        let runs = unit.get(&format!("/v1/courses/{course}")).ok();
        assert_eq!((&runs["paused"], &runs["may_run"]), (&json!(false), &json!(true)));
    }

    fn of_two_words_of_one_moment_the_later_said_counts(app: TestApp) {
        let unit = app.coordinator();
        let now = app.clock.now();
        let names = ["Amalmund", "Brunmund", "Colmund", "Dagmund", "Elfmund", "Falkmund", "Geirmund", "Hjalmund"];
        for (name, (first, second)) in names.into_iter().zip([(true, false), (false, true)].into_iter().cycle()) {
            let father = unit.person("parent", name, None);
            let case = app.founded_case(&unit, &[&father]);
            let path = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id());
            for given in [first, second] {
                let mut word = yes(&father, now);
                word["given"] = json!(given);
                unit.post(&format!("{path}/consents"), &word).ok();
            }
            let accepted = unit.post(&format!("{path}/accept"), &json!({}));
            assert_eq!(accepted.status, if second { 201 } else { 409 }, "{first}, then {second}: {accepted}");
        }
        // Taken back and given again.
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        let path = format!("/v1/offers/{made}");
        unit.post(&format!("{path}/consents"), &yes(&father, now)).ok();
        unit.post(&format!("/v1/consents/{}/withdraw", consent_of(&unit, &made, &father)), &json!({"happened_at": now})).ok();
        unit.post(&format!("{path}/accept"), &json!({})).refused(409, "blocked");
        unit.post(&format!("{path}/consents"), &yes(&father, now)).ok();
        unit.post(&format!("{path}/accept"), &json!({})).ok();
    }

    fn from_ten_nothing_is_planned_before_the_child_is_asked(app: TestApp) {
        let unit = app.coordinator();
        let ([girl, made, course], now) = (small_child(&app, &unit, "2016-03-20"), app.clock.now());
        let mentor = app.account("malte", &["mentor"]);
        let member = json!({"name": "Storm Ravnkilde", "kinds": ["mentor"], "languages": ["da"], "municipality": "Byen", "capacity": 3,
            "from_on": "2020-01-01", "account_id": mentor.account_id(), "certificates": [{"kind": "child_protection", "issued_on": "2026-01-01"}]});
        let mentoring = matched(&unit, &mentor, &course, &unit.post("/v1/staff", &member).id());
        let meet = |day: &str| mentor.post("/v1/sessions", &plan(&mentoring, &format!("{day}T15:00:00Z"), &format!("{day}T16:00:00Z")));
        meet("2026-03-19").ok();
        meet("2026-03-20").refused(409, "wrong_state");
        meet("2026-04-10").refused(409, "wrong_state");
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&girl, now)).ok();
        meet("2026-03-20").ok();
    }

    fn a_small_childs_yes_is_asked_for_again_at_ten(app: TestApp) {
        let unit = app.coordinator();
        let [girl, made, course] = small_child(&app, &unit, "2016-09-01");
        let say = |giver: &str| unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, app.clock.now())).ok();
        say(&girl);
        assert_eq!(dues(&app, "turns_10"), owned(&[("open", "2026-09-01")]));
        assert_eq!((may_run(&app, &course, "2026-08-31"), may_run(&app, &course, "2026-09-01")), (true, false));
        app.set_clock("2026-07-10T08:00:00Z");
        say(&girl);
        assert_eq!(dues(&app, "turns_10"), owned(&[("done", "2026-09-01")]));
        assert!(may_run(&app, &course, "2026-09-01"));
    }

    fn a_birthday_is_promised_in_each_course(app: TestApp) {
        let unit = app.coordinator();
        let [case, boy, mother, made, course] = accepted(&app, &unit, "2008-04-11");
        let mut own = yes(&boy, app.clock.now());
        own["adult_basis"] = json!(true);
        unit.post(&format!("/v1/offers/{made}/consents"), &own).ok();
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11")]));
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Flyttede"}});
        unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        app.pass(TimeDelta::days(2));
        crate::sessions::course(&app, &unit, &case, &boy, &[&mother], "mentor");
        let mut both = dues(&app, "turns_18");
        both.sort();
        assert_eq!(both, owned(&[("done", "2026-04-11"), ("open", "2026-04-11")]));
    }

    fn a_birthday_that_is_corrected_is_promised_on_its_new_date(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, ..] = accepted(&app, &unit, "2011-03-10");
        let turns = unit.get(&format!("/v1/duties?kind=turns_15&person={boy}")).ok()["items"][0]["id"].clone();
        app.set_clock("2026-03-09T08:00:00Z");
        unit.post(&format!("/v1/duties/{}/settle", turns.as_str().unwrap()), &json!({"happened_at": app.clock.now()})).ok();
        let born = |on: &str| unit.patch(&format!("/v1/people/{boy}"), &unit.get(&format!("/v1/people/{boy}")).tag(), &json!({"born_on": on})).ok();
        born("2012-03-10");
        assert_eq!(dues(&app, "turns_15"), owned(&[("done", "2026-03-10"), ("open", "2027-03-10")]));
        // Still to be kept it moves; and what was asked on the first date is not asked again.
        born("2012-04-10");
        assert_eq!(dues(&app, "turns_15"), owned(&[("done", "2026-03-10"), ("open", "2027-04-10")]));
        born("2011-03-10");
        assert_eq!(dues(&app, "turns_15"), owned(&[("done", "2026-03-10"), ("ended", "2027-04-10")]));
    }

    fn nobody_says_anything_after_their_death(app: TestApp) {
        let unit = app.coordinator();
        let girl = unit.person("young_person", "Gudrunette", Some("2018-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        unit.set_custody(&girl, &[&mother, &father]);
        let (case, now) = (app.founded_case(&unit, &[&girl]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &girl, "mentor", now)).id();
        say(&unit, &made, &yes(&mother, now));
        unit.post(&format!("/v1/people/{father}/death"), &json!({"happened_at": now})).ok();
        app.pass(TimeDelta::days(2));
        let path = format!("/v1/offers/{made}");
        let refused = |answer: &crate::support::http::Answer| {
            let error = answer.refused(422, "invalid")["errors"][0].clone();
            (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
        };
        let after_death = ("/happened_at".to_owned(), "after_death".to_owned());
        assert_eq!(refused(&unit.post(&format!("{path}/consents"), &yes(&father, app.clock.now()))), after_death);
        // On that day he may still have said it; what he said then he does not take back later.
        say(&unit, &made, &yes(&father, now));
        let his = consent_of(&unit, &made, &father);
        assert_eq!(refused(&unit.post(&format!("/v1/consents/{his}/withdraw"), &json!({"happened_at": app.clock.now()}))), after_death);
        let basis = json!({"giver_id": father, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Han er død", "happened_at": app.clock.now()});
        say(&unit, &made, &basis);
        unit.post(&format!("{path}/accept"), &json!({})).ok();
        // Custody is held by the living who are no children.
        let sister = unit.person("young_person", "Astridur", Some("2017-05-01"));
        let child = format!("/v1/people/{girl}");
        let set = |body: Value| unit.put(&format!("{child}/custody"), &unit.get(&child).tag(), &body);
        let wrong = |code: &str| ("/holder_ids/1".to_owned(), code.to_owned());
        assert_eq!(refused(&set(json!({"holder_ids": [mother, father], "recipient_id": father}))), wrong("died"));
        assert_eq!(refused(&set(json!({"holder_ids": [mother, sister]}))), wrong("too_young"));
        set(json!({"holder_ids": [mother], "recipient_id": mother})).ok();
    }

    fn somebody_says_yes_for_a_small_child(app: TestApp) {
        let unit = app.coordinator();
        let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2018-05-01")), unit.person("parent", "Mathildur", None));
        unit.set_custody(&girl, &[&mother]);
        let (case, now) = (app.founded_case(&unit, &[&girl]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &girl, "mentor", now)).id();
        let basis = json!({"giver_id": mother, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Kan ikke findes", "happened_at": now});
        say(&unit, &made, &basis);
        assert_eq!(unit.get(&format!("/v1/offers/{made}")).ok()["missing"], json!([{"person_id": mother, "refused": false}]));
        let refused = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).refused(409, "blocked");
        assert_eq!(refused["blocking"][0]["id"], json!(mother));
    }

    fn a_small_childs_no_is_kept_and_decides_nothing(app: TestApp) {
        let unit = app.coordinator();
        let [girl, made, course] = small_child(&app, &unit, "2016-09-01");
        let word = |given: bool| json!({"giver_id": girl, "scope": "participation", "text_version": "2026-1", "given": given, "happened_at": app.clock.now()});
        app.pass(TimeDelta::days(1));
        say(&unit, &made, &word(false));
        let state = || unit.get(&format!("/v1/courses/{course}")).ok()["state"].clone();
        let said = unit.get(&format!("/v1/offers/{made}")).ok()["consents"].clone();
        assert!(said.as_array().unwrap().iter().any(|one| one["giver_id"] == girl.as_str() && one["given"] == false), "{said}");
        assert_eq!((state(), dues(&app, "turns_10")), (json!("waiting"), owned(&[("open", "2026-09-01")])));
        assert_eq!((may_run(&app, &course, "2026-08-31"), may_run(&app, &course, "2026-09-01")), (true, false));
        // Nor does a yes that she takes back.
        app.pass(TimeDelta::hours(1));
        say(&unit, &made, &word(true));
        let own = unit.get(&format!("/v1/offers/{made}")).ok()["consents"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        app.pass(TimeDelta::hours(1));
        withdraw(&unit, &own, &app.clock.now().to_string());
        assert_eq!(state(), "waiting");
        // At ten it is her own.
        app.set_clock("2026-09-01T08:00:00Z");
        say(&unit, &made, &word(false));
        assert_eq!(state(), "discontinued");
    }

    fn a_pause_does_not_name_what_a_bar_hides(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        // The mother stands in no case herself.
        let [_, made, course] = small_child(&app, &unit, "2018-05-01");
        let said = unit.get(&format!("/v1/offers/{made}")).ok()["consents"][0].clone();
        let (hers, mother, path) = (said["id"].as_str().unwrap(), &said["giver_id"], format!("/v1/courses/{course}"));
        withdraw(&unit, hers, "2026-03-02T08:00:00Z");
        assert_eq!(ida.get(&path).ok()["pauses"][0]["consent_id"], json!(hers));
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": mother, "cause": "family"})).ok();
        let seen = ida.get(&path);
        assert_eq!((&seen.ok()["paused"], &seen.ok()["pauses"][0]["consent_id"]), (&json!(true), &Value::Null));
        assert_eq!(unit.get(&path).ok()["pauses"][0]["consent_id"], json!(hers));
    }

    fn a_custody_holders_no_stands_for_as_long_as_he_held_it(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, mother, father, made] = of_two_parents(&app, &unit);
        app.set_clock("2026-03-04T08:00:00Z");
        let mut no = yes(&father, app.clock.now());
        no["given"] = json!(false);
        say(&unit, &made, &no);
        unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).refused(409, "blocked");
        app.set_clock("2026-03-20T08:00:00Z");
        unit.set_custody(&boy, &[&mother]);
        let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).ok();
        // The day on which nobody's yes was missing any more: after the limit of the answer.
        assert_eq!(course["accepted_at"], "2026-03-19T23:00:00Z");
        let answer = &app.promised("answer")[0];
        assert!(answer.state == "done" && answer.closed_at.unwrap() > answer.due_at, "{answer:?}");
    }

    fn whoever_holds_no_custody_any_more_pauses_nothing(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, mother, father, made] = of_two_parents(&app, &unit);
        say(&unit, &made, &yes(&father, app.clock.now()));
        let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
        app.set_clock("2026-03-04T08:00:00Z");
        unit.set_custody(&boy, &[&mother]);
        app.set_clock("2026-03-04T09:00:00Z");
        withdraw(&unit, &consent_of(&unit, &made, &father), "2026-03-04T09:00:00Z");
        let course = unit.get(&format!("/v1/courses/{course}")).ok();
        assert_eq!((&course["paused"], &course["may_run"]), (&json!(false), &json!(true)));
        assert!(app.promised("paused").is_empty());
    }

    fn a_no_for_the_time_from_18_on_counts_from_that_birthday(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-04-11");
        let refuse = || {
            let mut no = yes(&boy, app.clock.now());
            (no["given"], no["adult_basis"]) = (json!(false), json!(true));
            say(&unit, &made, &no);
        };
        let state = || unit.get(&format!("/v1/courses/{course}")).ok()["state"].clone();
        // A yes for that time keeps the birthday's promise, until it is a no.
        app.set_clock("2026-03-03T08:00:00Z");
        let mut own = yes(&boy, app.clock.now());
        own["adult_basis"] = json!(true);
        say(&unit, &made, &own);
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11")]));
        app.set_clock("2026-03-04T08:00:00Z");
        refuse();
        assert_eq!((state(), may_run(&app, &course, "2026-04-10"), may_run(&app, &course, "2026-04-11")), (json!("waiting"), true, false));
        assert_eq!(dues(&app, "turns_18"), owned(&[("open", "2026-04-11")]));
        app.set_clock("2026-04-13T08:00:00Z");
        refuse();
        assert_eq!(state(), "discontinued");
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11")]));
    }

    fn what_ends_with_a_course_ends_when_it_did(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, _] = accepted(&app, &unit, "2008-05-01");
        let own = consent_of(&unit, &made, &boy);
        app.set_clock("2026-03-05T12:00:00Z");
        withdraw(&unit, &own, "2026-03-03T15:00:00Z");
        let turns = &app.promised("turns_18")[0];
        assert_eq!((turns.reason.as_deref(), turns.closed_at.map(|at| at.to_string()).as_deref()), (Some("course_ended"), Some("2026-03-03T15:00:00Z")));
    }

    fn what_paused_a_course_later_goes_on_holding_it(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, mother, father, made] = of_two_parents(&app, &unit);
        say(&unit, &made, &yes(&father, app.clock.now()));
        let path = format!("/v1/courses/{}", unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id());
        app.set_clock("2026-03-12T08:00:00Z");
        let at = |day: &str| format!("2026-03-{day}T08:00:00Z");
        let resume = |basis: &str, day: &str| unit.post(&format!("{path}/resume"), &json!({"basis": basis, "happened_at": at(day)}));
        unit.post(&format!("{path}/pause"), &json!({"grounds": "Syg", "happened_at": at("04")})).ok();
        let [hers, his] = [&mother, &father].map(|giver| consent_of(&unit, &made, giver));
        withdraw(&unit, &hers, &at("08"));
        // He was ill; that is over, and says nothing of his mother.
        let held = resume("Rask igen", "06").ok();
        assert_eq!((&held["paused"], &held["may_run"]), (&json!(true), &json!(false)));
        let [ill, withdrawn] = held["pauses"].as_array().unwrap().as_slice() else { panic!("{held}") };
        assert_eq!((&ill["basis"], &ill["resumed_at"]), (&json!("Rask igen"), &json!(at("06"))));
        assert_eq!((&withdrawn["consent_id"], &withdrawn["resumed_at"], &withdrawn["basis"]), (&json!(hers), &Value::Null, &Value::Null));
        assert!(held["consents"].as_array().unwrap().iter().all(|said| said["not_needed_basis"].is_null()), "{held}");
        assert_eq!(dues(&app, "paused"), owned(&[("open", "2026-03-09")]));
        // The same between two withdrawals, the earlier written down last.
        assert_eq!(resume("Faderen er enig", "07").refused(422, "invalid")["errors"][0]["code"], "before_cause");
        withdraw(&unit, &his, &at("05"));
        assert_eq!(resume("Faderen kan ikke findes", "07").ok()["paused"], true);
        assert_eq!(dues(&app, "paused"), owned(&[("done", "2026-03-06"), ("open", "2026-03-09")]));
        let on = resume("Moderen kan heller ikke findes", "10").ok();
        assert_eq!((&on["paused"], &on["may_run"]), (&json!(false), &json!(true)));
        assert_eq!(dues(&app, "paused"), owned(&[("done", "2026-03-06"), ("done", "2026-03-09")]));
    }
}
