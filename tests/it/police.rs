//! The police's answers to a concern: in their order, and what a take-over leads out of.

use chrono::TimeDelta;
use makker::base::calendar::Zone;
use serde_json::{Value, json};

use crate::sessions::course;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::offer;
use crate::support::http::Answer;

/// A concern about somebody, received just now.
pub fn concern(app: &TestApp, unit: &Caller<'_>, person: &str) -> String {
    let enquiry = json!({"received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
        "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "citizen"}], "subjects": [{}]});
    let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &enquiry).id());
    let subject = unit.get(&path).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
    unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": person})).ok();
    path
}

/// Asks the police; the path of the question.
pub fn asked(unit: &Caller<'_>, path: &str, how: &Value) -> String {
    let screens = unit.post(&format!("{path}/police_screens"), how).ok()["file"]["police_screens"].as_array().unwrap().clone();
    let open = screens.iter().find(|screen| screen["answered_at"].is_null()).unwrap();
    format!("{path}/police_screens/{}/result", open["id"].as_str().unwrap())
}

/// A case of somebody that is to be referred within 72 hours, an hour later; and its path.
fn founded_for_72_hours(app: &TestApp, unit: &Caller<'_>, person: &str) -> (String, String) {
    let case = app.founded_case(unit, &[person]);
    let path = format!("/v1/cases/{case}");
    unit.patch(&path, &unit.get(&path).tag(), &json!({"severity": "hours_72"})).ok();
    app.pass(TimeDelta::hours(1));
    (case, path)
}

/// Asks the police, who answer at once; the state of the concern after it.
pub fn screened(unit: &Caller<'_>, path: &str, result: &str) -> Value {
    let question = asked(unit, path, &json!({}));
    unit.post(&question, &json!({"result": result})).ok()["standing"]["state"].clone()
}

/// Founds a concern for 48 hours, to join a case or open one.
pub fn qualify(app: &TestApp, unit: &Caller<'_>, path: &str, joins: Option<&str>) -> Answer {
    let founded = json!({"outcome": "founded", "meeting_on": Zone::COPENHAGEN.date(app.clock.now()), "case_kind": "family",
        "target_group": "at_risk", "severity": "hours_48", "responsible_authority": "unit", "needs_local_effort": true, "joins_case_id": joins});
    unit.post_if(&format!("{path}/qualify"), &unit.get(path).tag(), &founded)
}

/// The case of a concern that was founded.
pub fn case_of(answer: &Answer) -> String {
    answer.ok()["standing"]["case_id"].as_str().unwrap().to_owned()
}

/// What counts in a figure of the year, of how many, and how many are unknown.
fn counts(unit: &Caller<'_>, name: &str) -> Value {
    let report = unit.get("/v1/reports/yearly?year=2026").ok();
    let figure = report["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == name).unwrap();
    json!([figure["n"], figure["of"], figure["unknown"]])
}

/// When the only referral that was kept was due, whether it was late, and how many were in time.
fn kept(unit: &Caller<'_>) -> (Value, Value, Value) {
    let kept = unit.get("/v1/duties?kind=referral&state=done").ok()["items"][0].clone();
    (kept["due_at"].clone(), kept["is_late"].clone(), counts(unit, "referred_in_time")[0].clone())
}

both_engines! {
    fn what_was_founded_stays_founded_when_the_police_take_it_over(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = concern(&app, &unit, &boy);
        screened(&unit, &path, "clear");
        let case = case_of(&qualify(&app, &unit, &path, None));
        let founded_at = || {
            let (case, standing) = (unit.get(&format!("/v1/cases/{case}")).ok(), unit.get(&path).ok()["standing"].clone());
            (case["founded_at"].clone(), case["severity"].clone(), standing["decided_at"].clone(), standing["case_id"].clone())
        };
        let before = founded_at();
        assert_eq!(counts(&unit, "founded"), json!([1, 1, 0]));
        app.pass(TimeDelta::days(1));
        assert_eq!(screened(&unit, &path, "taken_over"), "transferred_police");
        assert_eq!((founded_at(), counts(&unit, "founded")), (before.clone(), json!([1, 1, 0])));
        // The limit fell away before it was reached.
        assert_eq!((counts(&unit, "cases_started"), counts(&unit, "referred_in_time")), (json!([1, null, null]), json!([0, 0, 0])));
        assert_eq!(screened(&unit, &path, "go_ahead"), "qualifying");
        assert_eq!((founded_at(), counts(&unit, "founded")), (before, json!([1, 1, 0])));
        // Concluded otherwise it is what was concluded last; the case that was started stays one.
        let unfounded = json!({"outcome": "unfounded", "meeting_on": Zone::COPENHAGEN.date(app.clock.now())});
        unit.post_if(&format!("{path}/qualify"), &unit.get(&path).tag(), &unfounded).ok();
        assert_eq!((counts(&unit, "founded"), counts(&unit, "cases_started")), (json!([0, 1, 0]), json!([1, null, null])));
    }

    fn a_referral_that_was_late_by_a_joined_concern_stays_late_when_the_police_take_that_over(app: TestApp) {
        let unit = app.coordinator();
        let born = Some("2008-05-01");
        let (boy, girl) = (unit.person("young_person", "Bertramius", born), unit.person("young_person", "Gudrunette", born));
        let opener = concern(&app, &unit, &boy);
        screened(&unit, &opener, "clear");
        let case = case_of(&qualify(&app, &unit, &opener, None));
        unit.patch(&format!("/v1/cases/{case}"), "*", &json!({"severity": "hours_72"})).ok();
        let joiner = concern(&app, &unit, &girl);
        screened(&unit, &joiner, "clear");
        qualify(&app, &unit, &joiner, Some(&case)).ok();
        app.pass(TimeDelta::hours(50));
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        assert_eq!(counts(&unit, "referred_in_time"), json!([0, 1, 0]));
        app.pass(TimeDelta::hours(1));
        screened(&unit, &joiner, "taken_over");
        assert_eq!((counts(&unit, "referred_in_time"), counts(&unit, "founded")), (json!([0, 1, 0]), json!([2, 2, 0])));
    }

    fn of_two_answers_of_one_moment_the_later_given_counts(app: TestApp) {
        let unit = app.coordinator();
        let names = ["Ambramius", "Colbramius", "Dagbramius", "Elbramius", "Falbramius", "Gerbramius", "Holbramius", "Ibramius"];
        for (name, (first, second)) in names.into_iter().zip([("hold", "clear"), ("clear", "hold")].into_iter().cycle()) {
            let boy = unit.person("young_person", name, Some("2010-05-01"));
            let path = concern(&app, &unit, &boy);
            screened(&unit, &path, first);
            screened(&unit, &path, second);
            let founded = qualify(&app, &unit, &path, None);
            assert_eq!(founded.status, if second == "clear" { 201 } else { 409 }, "{first}, then {second}: {founded}");
        }
    }

    fn a_founded_concern_that_the_police_give_back_is_qualified_anew(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = concern(&app, &unit, &boy);
        screened(&unit, &path, "clear");
        let first = case_of(&qualify(&app, &unit, &path, None));
        app.pass(TimeDelta::days(1));
        assert_eq!(screened(&unit, &path, "taken_over"), "transferred_police");
        let closed = unit.get(&format!("/v1/cases/{first}")).ok();
        assert_eq!((&closed["state"], &closed["close_reason"]), (&json!("closed"), &json!("taken_over_by_police")));
        qualify(&app, &unit, &path, None).refused(409, "wrong_state");
        app.pass(TimeDelta::days(30));
        assert_eq!(screened(&unit, &path, "go_ahead"), "qualifying");
        let second = case_of(&qualify(&app, &unit, &path, None));
        assert_ne!(first, second);
        unit.post("/v1/offers", &offer(&second, &boy, "mentor", app.clock.now())).ok();
    }

    fn with_a_joined_concern_the_police_take_over_whom_it_is_about(app: TestApp) {
        let unit = app.coordinator();
        let born = Some("2008-05-01");
        let (boy, girl, father) = (unit.person("young_person", "Bertramius", born), unit.person("young_person", "Gudrunette", born), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&father]);
        let opener = concern(&app, &unit, &boy);
        screened(&unit, &opener, "clear");
        let case = case_of(&qualify(&app, &unit, &opener, None));
        let joiner = concern(&app, &unit, &girl);
        screened(&unit, &joiner, "clear");
        assert_eq!(case_of(&qualify(&app, &unit, &joiner, Some(&case))), case);
        let boys = course(&app, &unit, &case, &boy, &[&father], "mentor");
        let girls = unit.post("/v1/offers", &offer(&case, &girl, "mentor", app.clock.now())).id();
        for person in [&boy, &girl] {
            let raise = json!({"person_id": person, "kind": "cannot_be_found", "grounds": "Ikke set", "happened_at": app.clock.now()});
            unit.post(&format!("/v1/cases/{case}/alerts"), &raise).ok();
        }
        assert_eq!(screened(&unit, &joiner, "taken_over"), "transferred_police");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["state"], "open");
        assert_eq!(unit.get(&format!("/v1/offers/{girls}")).ok()["state"], "withdrawn");
        assert_eq!(unit.get(&format!("/v1/courses/{boys}")).ok()["state"], "waiting");
        assert_eq!((app.promise("referral").0.as_str(), app.promised("alert").iter().filter(|duty| duty.state == "open").count()), ("open", 1));
        assert_eq!(screened(&unit, &opener, "taken_over"), "transferred_police");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["state"], "closed");
        assert_eq!(unit.get(&format!("/v1/courses/{boys}")).ok()["state"], "discontinued");
    }

    fn no_case_closes_before_what_happened_in_it(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = concern(&app, &unit, &boy);
        screened(&unit, &path, "clear");
        // The police said it the day before the meeting, and it is written down after it.
        let question = asked(&unit, &path, &json!({}));
        app.set_clock("2026-03-03T08:00:00Z");
        let case = case_of(&qualify(&app, &unit, &path, None));
        unit.post(&question, &json!({"result": "taken_over", "happened_at": "2026-03-02T09:00:00Z"})).ok();
        let closed = unit.get(&format!("/v1/cases/{case}")).ok();
        assert_eq!((&closed["state"], &closed["closed_at"]), (&json!("closed"), &json!("2026-03-03T08:00:00Z")));

        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        app.set_clock("2026-03-04T08:00:00Z");
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": "2026-03-03T20:00:00Z"})).ok();
        let close = |at: &str| unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": at}));
        assert_eq!(close("2026-03-03T10:00:00Z").refused(422, "invalid")["errors"][0]["code"], "before_cause");
        close("2026-03-03T20:00:00Z").ok();
    }

    fn what_the_police_took_over_is_not_offered_again(app: TestApp) {
        let unit = app.coordinator();
        let (boy, mother) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
        let opener = concern(&app, &unit, &boy);
        screened(&unit, &opener, "clear");
        let case = case_of(&qualify(&app, &unit, &opener, None));
        let joiner = concern(&app, &unit, &mother);
        screened(&unit, &joiner, "clear");
        qualify(&app, &unit, &joiner, Some(&case)).ok();
        let decline = |person: &str, track: &str| {
            let made = unit.post("/v1/offers", &offer(&case, person, track, app.clock.now())).id();
            unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        };
        decline(&mother, "parent_coach");
        app.set_clock("2026-05-25T08:00:00Z");
        let again = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", app.clock.now())).id();
        // A concern that only joined: what is open for her ends, and the offer that was made again is not due again.
        screened(&unit, &joiner, "taken_over");
        assert_eq!(unit.get(&format!("/v1/offers/{again}")).ok()["state"], "withdrawn");
        assert_eq!((app.promise("reoffer_3m").0.as_str(), app.promise("reoffer_6m").2.as_deref()), ("done", Some("police_took_over")));

        decline(&boy, "mentor");
        app.set_clock("2026-05-26T08:00:00Z");
        screened(&unit, &opener, "taken_over");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["close_reason"], "taken_over_by_police");
        for kind in ["reoffer_3m", "reoffer_6m", "support_professionals"] {
            app.every_promised(kind, |duty| duty.state != "open");
        }
        app.set_clock("2026-08-25T08:00:00Z");
        for at in ["2026-05-25T09:00:00Z", "2026-08-25T08:00:00Z"] {
            let late = offer(&case, &boy, "mentor", makker::base::clock::Instant::parse(at).unwrap());
            unit.post("/v1/offers", &late).refused(409, "wrong_state");
        }
    }

    fn a_kept_referral_goes_by_the_concerns_that_the_police_had_not_taken_by_then(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (case, path) = founded_for_72_hours(&app, &unit, &boy);
        let joiner = concern(&app, &unit, &boy);
        screened(&unit, &joiner, "clear");
        qualify(&app, &unit, &joiner, Some(&case)).ok();
        app.set_clock("2026-03-05T07:00:00Z");
        let referred = |at: &str| json!({"to": "Skolen", "happened_at": at});
        unit.post(&format!("{path}/refer"), &referred("2026-03-04T20:00:00Z")).ok();
        let judged = || kept(&unit);
        let (with, without) =
            ((json!("2026-03-04T09:00:00Z"), json!(true), json!(0)), (json!("2026-03-05T08:00:00Z"), json!(false), json!(1)));
        assert_eq!(judged(), with);
        // They had taken it before; after it; and before it once more, for it was referred later.
        let question = asked(&unit, &joiner, &json!({"happened_at": "2026-03-03T08:00:00Z"}));
        let taken = |at: &str| json!({"result": "taken_over", "happened_at": at});
        unit.post(&question, &taken("2026-03-04T12:00:00Z")).ok();
        assert_eq!(judged(), without);
        unit.put(&question, &unit.get(&joiner).tag(), &taken("2026-03-04T22:00:00Z")).ok();
        assert_eq!(judged(), with);
        let correct = |at: &str| unit.put(&format!("{path}/referral"), &unit.get(&path).tag(), &referred(at)).ok();
        correct("2026-03-04T23:00:00Z");
        assert_eq!(judged(), without);
        correct("2026-03-04T20:00:00Z");
        assert_eq!(judged(), with);
        // Referred anew it is the same; and the promise says what the figure says where the concern is given back, and leads nowhere.
        unit.post(&format!("{path}/referral/retract"), &json!({})).ok();
        unit.post(&format!("{path}/refer"), &referred("2026-03-04T20:00:00Z")).ok();
        assert_eq!(judged(), with);
        screened(&unit, &joiner, "go_ahead");
        assert_eq!(judged(), with);
        unit.post_if(&format!("{joiner}/qualify"), &unit.get(&joiner).tag(), &json!({"outcome": "unfounded", "conclusion": "Afklaret", "meeting_on": "2026-03-05"})).ok();
        assert_eq!(judged(), without);
    }

    fn what_the_police_had_when_a_case_was_referred_they_had_whatever_they_say_later(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (case, path) = founded_for_72_hours(&app, &unit, &boy);
        let [taken, given_back] = [(); 2].map(|()| {
            let joiner = concern(&app, &unit, &boy);
            screened(&unit, &joiner, "clear");
            qualify(&app, &unit, &joiner, Some(&case)).ok();
            joiner
        });
        assert_eq!(app.promise("referral").1, "2026-03-04T09:00:00Z");
        app.set_clock("2026-03-02T20:00:00Z");
        for joiner in [&taken, &given_back] {
            screened(&unit, joiner, "taken_over");
        }
        app.set_clock("2026-03-03T10:00:00Z");
        screened(&unit, &given_back, "go_ahead");
        app.set_clock("2026-03-04T20:00:00Z");
        unit.post(&format!("{path}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        let in_time = (json!("2026-03-05T08:00:00Z"), json!(false), json!(1));
        assert_eq!(kept(&unit), in_time);
        app.set_clock("2026-03-05T10:00:00Z");
        for joiner in [&taken, &given_back] {
            assert_eq!(screened(&unit, joiner, "taken_over"), "transferred_police");
            assert_eq!(kept(&unit), in_time);
        }
    }
}
