//! What the 10th, 15th and 18th birthday ask for in each course, and which word answers it.

use makker::base::db::migrations;
use serde_json::{Value, json};

use crate::courses::{accepted, dues, may_run, owned};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};
use crate::support::http::Answer;

/// Says yes or no to an offer for the time from 18 on, at a moment.
fn as_adult(unit: &Caller<'_>, offer: &str, giver: &str, given: bool, at: &Value) -> Answer {
    let word = json!({"giver_id": giver, "scope": "participation", "text_version": "2026-1", "given": given, "adult_basis": true, "happened_at": at});
    unit.post(&format!("/v1/offers/{offer}/consents"), &word)
}

/// The courses in which an 18th birthday was promised and stands so, each as often as it was.
fn asked_in(unit: &Caller<'_>, person: &str, state: &str) -> Vec<String> {
    let duties = unit.get(&format!("/v1/duties?kind=turns_18&person={person}&state={state}")).ok()["items"].clone();
    assert!(duties.as_array().unwrap().iter().all(|duty| duty["subject_kind"] == "course"), "a course makes them: {duties}");
    duties.as_array().unwrap().iter().map(|duty| duty["subject_id"].as_str().unwrap().to_owned()).collect()
}

/// A girl who is 18 on 11 April, with her mother and a brother in whose case she may have a mentor and a coach: case, girl, mother.
fn of_two_tracks(app: &TestApp, unit: &Caller<'_>) -> [String; 3] {
    let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2008-04-11")), unit.person("parent", "Mathildur", None));
    let boy = unit.person("young_person", "Bertramius", Some("2012-05-01"));
    unit.set_custody(&girl, &[&mother]);
    let case = app.founded_case(unit, &[&boy]);
    unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": girl, "role": "sibling"})).ok();
    [case, girl, mother]
}

both_engines! {
    fn a_birthday_is_promised_once_in_each_course_and_kept_by_its_own_offer(app: TestApp) {
        let unit = app.coordinator();
        let [case, girl, mother] = of_two_tracks(&app, &unit);
        let [mentoring, coaching] =
            ["mentor", "parent_coach"].map(|track| crate::sessions::course(&app, &unit, &case, &girl, &[&mother], track));
        let sorted = |mut courses: Vec<String>| {
            courses.sort();
            courses
        };
        let both = sorted(vec![mentoring.clone(), coaching.clone()]);
        assert_eq!(sorted(asked_in(&unit, &girl, "open")), both);
        // However often it is planned anew.
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(sorted(asked_in(&unit, &girl, "open")), both);
        // What she says of the one is not said of the other.
        let offered = unit.get(&format!("/v1/courses/{coaching}")).ok()["offer_id"].as_str().unwrap().to_owned();
        as_adult(&unit, &offered, &girl, true, &json!(app.clock.now())).ok();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "done")), (vec![mentoring.clone()], vec![coaching.clone()]));
        assert_eq!((may_run(&app, &mentoring, "2026-04-11"), may_run(&app, &coaching, "2026-04-11")), (false, true));
        // The end of the one leaves the other's.
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ville ikke mere"}});
        unit.post(&format!("/v1/courses/{coaching}/end"), &end).ok();
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "done")), (vec![mentoring.clone()], vec![coaching]));
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ville ikke mere"}});
        unit.post(&format!("/v1/courses/{mentoring}/end"), &end).ok();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "ended")), (vec![], vec![mentoring]));
    }

    fn what_was_said_before_the_acceptance_is_not_asked_again(app: TestApp) {
        let unit = app.coordinator();
        let ([case, girl, mother], now) = (of_two_tracks(&app, &unit), app.clock.now());
        let mentoring = crate::sessions::course(&app, &unit, &case, &girl, &[&mother], "mentor");
        let made = unit.post("/v1/offers", &offer(&case, &girl, "parent_coach", now)).id();
        as_adult(&unit, &made, &girl, true, &json!(now)).ok();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "done")), (vec![mentoring.clone()], vec![]));
        for giver in [&girl, &mother] {
            unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
        }
        let coaching = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "done")), (vec![mentoring.clone()], vec![]));
        assert!(may_run(&app, &coaching, "2026-04-11"));
        // Taken back it is asked; said again it is answered.
        as_adult(&unit, &made, &girl, false, &json!(app.clock.now())).ok();
        assert_eq!(asked_in(&unit, &girl, "open").len(), 2);
        app.set_clock("2026-03-04T08:00:00Z");
        as_adult(&unit, &made, &girl, true, &json!(app.clock.now())).ok();
        assert_eq!((asked_in(&unit, &girl, "open"), asked_in(&unit, &girl, "done")), (vec![mentoring], vec![coaching]));
    }

    fn nothing_is_said_for_the_time_from_18_on_before_it_is_asked(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, _] = accepted(&app, &unit, "2008-05-10");
        assert_eq!(app.promised("turns_18")[0].opens_at.to_string(), "2026-03-10T23:00:00Z");
        app.set_clock("2026-03-12T08:00:00Z");
        for given in [true, false] {
            let refused = as_adult(&unit, &made, &boy, given, &json!("2026-03-10T22:59:59Z")).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/happened_at"), &json!("before_asked")));
            assert_eq!(refused["detail"], "For tiden fra 18 år kan der tidligst siges noget den 2026-03-11");
        }
        assert_eq!(dues(&app, "turns_18"), owned(&[("open", "2026-05-10")]));
        as_adult(&unit, &made, &boy, true, &json!("2026-03-10T23:00:00Z")).ok();
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-05-10")]));
        // To an open offer, too; and where nobody knows the birthday, nobody knows the day.
        let girl = unit.person("young_person", "Gudrunette", None);
        let made = unit.post("/v1/offers", &offer(&app.founded_case(&unit, &[&girl]), &girl, "mentor", app.clock.now())).id();
        let refused = |code: &str| {
            let answer = as_adult(&unit, &made, &girl, true, &json!(app.clock.now())).refused(422, "invalid")["errors"][0].clone();
            assert_eq!(answer["code"], code);
        };
        refused("no_birth_date");
        let path = format!("/v1/people/{girl}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"born_on": "2010-05-10"})).ok();
        refused("before_asked");
    }

    fn what_was_said_for_the_time_from_18_on_is_asked_again_only_when_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-04-11");
        app.set_clock("2026-03-03T08:00:00Z");
        let own = as_adult(&unit, &made, &boy, true, &json!(app.clock.now())).id();
        let kept = owned(&[("done", "2026-04-11")]);
        assert_eq!(dues(&app, "turns_18"), kept);
        // Another word, another text, another day of birth: it was said.
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&boy, app.clock.now())).ok();
        let path = format!("/v1/people/{boy}");
        let born = |on: &str| unit.patch(&path, &unit.get(&path).tag(), &json!({"born_on": on})).ok();
        born("2008-04-13");
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert_eq!((dues(&app, "turns_18"), may_run(&app, &course, "2026-04-13")), (kept.clone(), true));
        // A year younger he has not been asked.
        born("2009-04-13");
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11"), ("open", "2027-04-13")]));
        assert!(!may_run(&app, &course, "2027-04-13"));
        born("2008-04-11");
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11"), ("ended", "2027-04-13")]));
        // Taken back before he said yes to the course once more: the course runs on, and he is asked about the time from 18 on.
        unit.post(&format!("/v1/consents/{own}/withdraw"), &json!({"happened_at": "2026-03-04T08:00:00Z"})).ok();
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "waiting");
        assert_eq!(dues(&app, "turns_18"), owned(&[("open", "2026-04-11"), ("ended", "2027-04-13")]));
    }

    fn no_hand_takes_the_word_of_whoever_comes_of_age_off_the_list(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-04-11");
        let (girl, father) = (unit.person("young_person", "Gudrunette", Some("2016-09-01")), unit.person("parent", "Frodemund", None));
        unit.set_custody(&girl, &[&father]);
        crate::sessions::course(&app, &unit, &app.founded_case(&unit, &[&girl]), &girl, &[&father], "mentor");
        for kind in ["turns_10", "turns_18"] {
            let turns = unit.get(&format!("/v1/duties?kind={kind}")).ok()["items"][0].clone();
            assert_eq!(turns["kept_by"], json!(["offers.record_consent"]));
            let path = format!("/v1/duties/{}", turns["id"].as_str().unwrap());
            let refused = unit.post(&format!("{path}/settle"), &json!({"happened_at": app.clock.now()})).refused(409, "wrong_state");
            assert!(refused["detail"].as_str().unwrap().ends_with("offers.record_consent"), "{refused}");
            unit.post(&format!("{path}/settlement/retract"), &json!({})).refused(409, "wrong_state");
        }
        // An earlier version let it be: the night asks him still, for his course may not run without his word.
        let settled = "state = 'done', closed_at = from_at, closed_recorded_at = from_at, closed_by = owner_id";
        app.run(&format!("UPDATE duties SET {settled} WHERE kind IN ('turns_10', 'turns_18')"));
        let at = app.clock.now();
        for night in ["2026-03-03T04:00:00Z", "2026-03-04T04:00:00Z"] {
            app.set_clock(night);
            app.tick();
        }
        // Who had settled it, and that no hand of theirs took it back, is kept.
        for kind in ["turns_10", "turns_18"] {
            let turns = unit.get(&format!("/v1/duties?kind={kind}")).ok()["items"][0]["id"].as_str().unwrap().to_owned();
            let former = unit.get(&format!("/v1/duties/{turns}")).ok()["retracted_settlements"].clone();
            let shown = ["settled_at", "recorded_by", "retracted_at", "retracted_by"].map(|member| former[0][member].clone());
            assert_eq!(former.as_array().unwrap().len(), 1, "{kind}: {former}");
            assert_eq!(shown, [json!(at), json!(unit.account_id()), json!("2026-03-03T04:00:00Z"), Value::Null], "{kind}");
        }
        assert_eq!((asked_in(&unit, &boy, "open"), dues(&app, "turns_10")), (vec![course.clone()], owned(&[("open", "2026-09-01")])));
        as_adult(&unit, &made, &boy, true, &json!(app.clock.now())).ok();
        assert_eq!((asked_in(&unit, &boy, "open"), asked_in(&unit, &boy, "done")), (vec![], vec![course.clone()]));
        assert!(may_run(&app, &course, "2026-04-11"));
    }

    fn from_18_on_a_custody_holder_changes_no_acceptance(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2008-03-10")), unit.person("parent", "Frodemund", None));
        let mother = unit.person("parent", "Mathildur", None);
        unit.set_custody(&boy, &[&father]);
        let (case, now) = (app.founded_case(&unit, &[&boy]), app.clock.now());
        let path = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id());
        for giver in [&boy, &father] {
            unit.post(&format!("{path}/consents"), &yes(giver, now)).ok();
        }
        // All who were asked had said yes. Six days after his birthday his father says no, and his mother has custody from then on.
        app.set_clock("2026-03-16T08:00:00Z");
        let mut no = yes(&father, app.clock.now());
        no["given"] = json!(false);
        unit.post(&format!("{path}/consents"), &no).ok();
        let (of_boy, both) = (format!("/v1/people/{boy}"), json!({"holder_ids": [father, mother], "from_on": "2026-03-16"}));
        unit.put(&format!("{of_boy}/custody"), &unit.get(&of_boy).tag(), &both).ok();
        let course = unit.post(&format!("{path}/accept"), &json!({})).id();
        let accepted = unit.get(&format!("/v1/courses/{course}")).ok();
        assert_eq!((&accepted["accepted_at"], &accepted["adult_at_acceptance"]), (&json!(now), &json!(false)));
        assert_eq!(asked_in(&unit, &boy, "open"), [course], "nobody has asked him as an adult");
        let rows = unit.get("/v1/reports/yearly/rows?year=2026&figure=accepted").ok();
        let groups = rows["items"][0]["groups"].as_array().unwrap().clone();
        assert_eq!(groups.iter().find(|group| group["by"] == "age_group").unwrap()["group"], "under_18");
    }

    fn birthdays_that_were_promised_to_a_person_are_their_courses(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, _, made, course] = accepted(&app, &unit, "2008-04-11");
        let db = &mut app.database.connect();
        while let Some(name) = migrations::revert(db).unwrap() {
            if name == "0052_birthdays_amend" {
                break;
            }
        }
        assert_eq!(app.promised("turns_18")[0].slot, format!("2026-04-11 {course}"));
        assert_eq!(app.count("duties WHERE kind = 'turns_18' AND subject_kind = 'person' AND subject_id = person_id"), 1);
        migrations::apply(db, app.clock.now()).unwrap();
        assert_eq!((asked_in(&unit, &boy, "open"), app.promised("turns_18")[0].slot.as_str()), (vec![course], "2026-04-11"));
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        as_adult(&unit, &made, &boy, true, &json!(app.clock.now())).ok();
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11")]));
    }
}
