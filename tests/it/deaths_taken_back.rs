//! A death that was recorded of the wrong person: what it took of offers, answers and courses is as it was, whatever day was said; the rest is named.

use makker::base::clock::Instant;
use serde_json::{Value, json};

use crate::courses::{dues, owned};
use crate::put_right::standings;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

const PROMISED: [&str; 3] = ["reoffer_3m", "reoffer_6m", "support_professionals"];

/// How all that a decline promises stands.
fn promised(app: &TestApp) -> Vec<(String, String, Option<String>)> {
    let all = PROMISED.into_iter().flat_map(|kind| app.promised(kind));
    all.map(|duty| (duty.state, duty.due_at.to_string(), duty.reason)).collect()
}

fn die(unit: &Caller<'_>, person: &str, at: &str) {
    unit.post(&format!("/v1/people/{person}/death"), &json!({"happened_at": at})).ok();
}

fn live(unit: &Caller<'_>, person: &str) -> Value {
    unit.post(&format!("/v1/people/{person}/death/retract"), &json!({})).ok()["stays_over"].clone()
}

fn nothing() -> Value {
    json!({"offer_ids": [], "course_ids": [], "match_ids": [], "alert_ids": []})
}

both_engines! {
    fn a_decline_after_it_stands_again_with_its_reoffers(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let path = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id());
        app.set_clock("2026-03-04T08:00:00Z");
        unit.post(&format!("{path}/decline"), &json!({"reason": "no_trust", "words": "Ikke nu", "happened_at": app.clock.now()})).ok();
        let members = ["state", "answered_at", "answered_recorded_at", "answered_by", "decline_reason", "answer_words"];
        let shown = || {
            let shown = unit.get(&path).ok();
            members.map(|member| shown[member].clone())
        };
        let (before, was_promised) = (shown(), promised(&app));
        assert_eq!(dues(&app, "reoffer_3m"), owned(&[("open", "2026-06-04")]));
        for day in ["2026-03-09T08:00:00Z", "2026-03-10T08:00:00Z"] {
            app.set_clock(day);
            die(&unit, &father, "2026-03-02T10:00:00Z");
            assert_eq!((unit.get(&path).ok()["state"].clone(), standings(&unit, "declined").len()), (json!("withdrawn"), 0));
            assert!(promised(&app).iter().all(|(state, ..)| state == "ended"));
            assert_eq!(live(&unit, &father), nothing());
            assert_eq!((shown(), promised(&app)), (before.clone(), was_promised.clone()));
            assert_eq!((dues(&app, "answer"), standings(&unit, "declined")), (owned(&[("done", "2026-03-16")]), vec!["yes".to_owned()]));
        }
        // It can be taken back as any other; and what was left of it by then stays as it is.
        unit.post(&format!("{path}/answer/retract"), &json!({})).ok();
        die(&unit, &father, "2026-03-02T10:00:00Z");
        assert_eq!(live(&unit, &father), nothing());
        assert_eq!((unit.get(&path).ok()["state"].clone(), app.promise("answer").0.as_str()), (json!("open"), "open"));
        assert!(promised(&app).iter().all(|(state, ..)| state == "ended"));
    }

    fn a_course_gone_through_after_it_is_followed_up_again(app: TestApp) {
        let family = crate::sessions::family(&app);
        let unit = &family.unit;
        crate::followups::begin(&app, &family);
        let path = format!("/v1/courses/{}", family.course);
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
        unit.post(&format!("{path}/end"), &end).ok();
        let stands = || {
            let course = unit.get(&path).ok();
            let offer = unit.get(&format!("/v1/offers/{}", course["offer_id"].as_str().unwrap())).ok();
            // Of all that ended, what counts in the figure.
            let counted = |figure| standings(unit, figure).iter().filter(|standing| *standing == "yes").count();
            let figures = ["accepted", "gone_through", "discontinued"].map(counted);
            let told = ["state", "accepted_at", "started_at", "ended_at", "closing"].map(|member| course[member].clone());
            (told, offer["state"].clone(), figures, app.promise("followup_6m"), app.promise("followup_12m"))
        };
        let before = stands();
        assert_eq!((before.3.0.as_str(), before.2), ("open", [2, 1, 0]));
        app.set_clock("2026-03-06T08:00:00Z");
        die(unit, &family.boy, "2026-03-01T10:00:00Z");
        let never = stands();
        assert_eq!((&never.0[0], &never.1, never.2, never.3.2.as_deref()), (&json!("retracted"), &json!("withdrawn"), [1, 0, 0], Some("dead")));
        // No end of what never was is corrected: that would make it a course gone through.
        let mut other = end.clone();
        other["happened_at"] = json!("2026-03-04T16:55:00Z");
        unit.put(&format!("{path}/end"), &unit.get(&path).tag(), &other).refused(409, "wrong_state");
        assert_eq!(live(unit, &family.boy), nothing());
        assert_eq!(stands(), before);
        unit.put(&format!("{path}/end"), &unit.get(&path).tag(), &other).ok();
        assert_eq!(stands().0[3], "2026-03-04T16:55:00Z");
    }

    fn a_course_that_ran_after_it_runs_on_and_its_match_is_named(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let make = || format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id());
        let first = make();
        unit.post(&format!("{first}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        let second = make();
        unit.post(&format!("{second}/consents"), &yes(&father, app.clock.now())).ok();
        let course = unit.post(&format!("{second}/accept"), &json!({})).id();
        let path = format!("/v1/courses/{course}");
        let coach = app.account("karla", &["parent_coach"]);
        let coaching = crate::sessions::matched(&unit, &coach, &course, &crate::sessions::staff(&app, &coach, false));
        unit.post(&format!("{path}/plans"), &json!({"goals": [], "own_words": "Ro hjemme", "happened_at": app.clock.now()})).ok();
        let stands = || {
            let states = [&first, &second, &path].map(|path| unit.get(path).ok()["state"].clone());
            (states, promised(&app), dues(&app, "answer"), app.promise("plan_review"), standings(&unit, "accepted"))
        };
        let before = stands();
        assert!(before.1.iter().all(|(.., reason)| reason.as_deref() == Some("accepted")));
        app.set_clock("2026-03-10T08:00:00Z");
        // The first was answered before it, the second after.
        die(&unit, &father, "2026-03-04T10:00:00Z");
        assert_eq!(stands().0, [json!("declined"), json!("withdrawn"), json!("retracted")]);
        assert_eq!(live(&unit, &father)["match_ids"], json!([coaching]));
        assert_eq!(stands(), before);
        let over = unit.get(&format!("/v1/matches/{coaching}")).ok();
        assert_eq!((&over["state"], &over["ended_at"]), (&json!("ended"), &json!("2026-03-10T08:00:00Z")));
        // Somebody is proposed anew, and it is one course.
        let bodil = app.account("bodil", &["parent_coach"]);
        let second_match = crate::sessions::matched(&unit, &bodil, &course, &crate::sessions::staff(&app, &bodil, false));
        // One that was broken off by a death after its acceptance runs on as well.
        app.set_clock("2026-03-11T08:00:00Z");
        die(&unit, &father, "2026-03-09T10:00:00Z");
        assert_eq!(unit.get(&path).ok()["state"], "discontinued");
        assert_eq!(live(&unit, &father)["match_ids"], json!([second_match]), "the first ended with another");
        assert_eq!(stands(), before);
        assert_eq!(unit.get(&format!("/v1/matches/{coaching}")).ok()["ended_at"], over["ended_at"]);
    }

    fn what_was_recorded_since_stands_in_the_way_of_it(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let case = app.founded_case(&unit, &[&father, &mother]);
        let make = |person: &str| unit.post("/v1/offers", &offer(&case, person, "parent_coach", app.clock.now())).id();
        let (his, hers) = (make(&father), make(&mother));
        app.set_clock("2026-03-04T08:00:00Z");
        unit.post(&format!("/v1/offers/{his}/consents"), &yes(&father, app.clock.now())).ok();
        let course = unit.post(&format!("/v1/offers/{his}/accept"), &json!({})).id();
        app.set_clock("2026-03-05T08:00:00Z");
        die(&unit, &father, "2026-03-03T08:00:00Z");
        die(&unit, &mother, "2026-03-03T08:00:00Z");
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "dead", "happened_at": app.clock.now()})).ok();
        let state = |path: String| unit.get(&path).ok()["state"].as_str().unwrap().to_owned();
        let states = || [state(format!("/v1/offers/{his}")), state(format!("/v1/courses/{course}")), state(format!("/v1/offers/{hers}"))];
        // His yes stands; but nothing runs, and nobody is asked, in a case that is closed.
        assert_eq!(live(&unit, &father)["course_ids"], json!([course]));
        assert_eq!(live(&unit, &mother)["offer_ids"], json!([hers]));
        assert_eq!(states(), ["accepted", "discontinued", "withdrawn"]);
        unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok();
        assert_eq!(states(), ["accepted", "waiting", "open"]);
        let mut answers = dues(&app, "answer");
        answers.sort();
        assert_eq!(answers, owned(&[("done", "2026-03-16"), ("open", "2026-03-16")]));
        // She is not to be asked any more.
        die(&unit, &mother, "2026-03-03T08:00:00Z");
        let stop = json!({"person_id": mother, "track": "parent_coach", "reason": "no_longer_relevant", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        assert_eq!(live(&unit, &mother)["offer_ids"], json!([hers]));
        assert_eq!(states(), ["accepted", "waiting", "withdrawn"]);
    }

    fn a_reoffer_recorded_while_it_stood_waits_for_its_answer(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-06-10T08:00:00Z");
        die(&unit, &father, "2026-06-05T10:00:00Z");
        let made = Instant::parse("2026-06-04T08:00:00Z").unwrap();
        let again = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", made)).id());
        let stands = || (unit.get(&again).ok()["state"].clone(), app.promise("reoffer_3m").0, app.promise("reoffer_6m").0);
        assert_eq!(stands(), (json!("withdrawn"), "done".to_owned(), "ended".to_owned()));
        assert_eq!(live(&unit, &father), nothing());
        assert_eq!(stands(), (json!("open"), "done".to_owned(), "open".to_owned()));
        assert_eq!(dues(&app, "answer"), owned(&[("done", "2026-03-16"), ("open", "2026-06-18")]));
    }

    fn what_was_made_anew_since_is_not_given_back_with_a_closing(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let coached = || crate::sessions::course(&app, &unit, &case, &father, &[], "parent_coach");
        let first = coached();
        let people = format!("/v1/cases/{case}/people");
        app.set_clock("2026-03-05T08:00:00Z");
        die(&unit, &father, "2026-03-04T08:00:00Z");
        app.set_clock("2026-03-06T08:00:00Z");
        let leaves = json!({"reason": "no_longer_part", "happened_at": app.clock.now()});
        unit.post(&format!("{people}/{father}/leave"), &leaves).ok();
        assert_eq!(live(&unit, &father)["course_ids"], json!([first]));
        unit.post(&people, &json!({"person_id": father, "role": "parent"})).ok();
        app.set_clock("2026-03-09T08:00:00Z");
        let second = coached();
        app.set_clock("2026-03-12T08:00:00Z");
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ønskede det ikke"}});
        unit.post(&format!("/v1/courses/{second}/end"), &end).ok();
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "goals_reached", "happened_at": app.clock.now()})).ok();
        unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok();
        let ended = [&first, &second].map(|course| {
            let course = unit.get(&format!("/v1/courses/{course}")).ok();
            (course["state"].clone(), course["ended_at"].clone())
        });
        let on = |day: &str| (json!("discontinued"), json!(format!("2026-03-{day}T08:00:00Z")));
        assert_eq!(ended, [on("05"), on("12")]);
    }

    fn reoffers_after_an_older_acceptance_are_promised_again(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (one, other) = (app.founded_case(&unit, &[&father]), app.founded_case(&unit, &[&father]));
        app.set_clock("2026-03-03T08:00:00Z");
        let course = crate::sessions::course(&app, &unit, &one, &father, &[], "parent_coach");
        app.set_clock("2026-03-04T08:00:00Z");
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ønskede det ikke"}});
        unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        app.set_clock("2026-03-05T08:00:00Z");
        let made = unit.post("/v1/offers", &offer(&other, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_time", "happened_at": app.clock.now()})).ok();
        let before = promised(&app);
        assert_eq!(dues(&app, "reoffer_3m"), owned(&[("open", "2026-06-05")]));
        app.set_clock("2026-03-06T08:00:00Z");
        die(&unit, &father, "2026-03-01T10:00:00Z");
        assert!(promised(&app).iter().all(|(state, ..)| state == "ended"));
        assert_eq!(live(&unit, &father), nothing());
        assert_eq!(promised(&app), before);
        // So it is with a stop that is stated before the acceptance.
        let stop = json!({"person_id": father, "track": "parent_coach", "reason": "asked_never_to_be_contacted", "happened_at": "2026-03-02T08:00:00Z"});
        let stops = format!("/v1/cases/{other}/contact_stops");
        let stop = unit.post(&stops, &stop).id();
        assert!(promised(&app).iter().all(|(state, ..)| state == "ended"));
        unit.post(&format!("{stops}/{stop}/retract"), &json!({})).ok();
        assert_eq!(promised(&app), before);
    }

    fn a_withdrawal_recorded_while_it_stood_ends_the_course(app: TestApp) {
        let unit = app.coordinator();
        let son = unit.person("young_person", "Bertramius", Some("2005-05-01"));
        let (case, now) = (app.founded_case(&unit, &[&son]), app.clock.now());
        let made = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &son, "mentor", now)).id());
        unit.post(&format!("{made}/consents"), &yes(&son, now)).ok();
        let course = unit.post(&format!("{made}/accept"), &json!({})).id();
        let mentor = app.account("malte", &["mentor"]);
        let mentoring = crate::sessions::matched(&unit, &mentor, &course, &crate::sessions::staff(&app, &mentor, true));
        app.set_clock("2026-03-06T08:00:00Z");
        die(&unit, &son, "2026-03-04T10:00:00Z");
        let consent = unit.get(&made).ok()["consents"][0]["id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/consents/{consent}/withdraw"), &json!({"happened_at": "2026-03-03T10:00:00Z"})).ok();
        let stands = || {
            [format!("/v1/courses/{course}"), format!("/v1/matches/{mentoring}")].map(|path| {
                let shown = unit.get(&path).ok();
                (shown["state"].clone(), shown["ended_at"].clone())
            })
        };
        let over = |at: &str| [(json!("discontinued"), json!(at)), (json!("ended"), json!(at))];
        assert_eq!(stands(), over("2026-03-04T10:00:00Z"));
        let mut stays = nothing();
        stays["course_ids"] = json!([course]);
        assert_eq!(live(&unit, &son), stays);
        assert_eq!(stands(), over("2026-03-03T10:00:00Z"));
    }

    fn a_course_that_cannot_run_on_ran_until_it_was_recorded(app: TestApp) {
        let family = crate::sessions::family(&app);
        let unit = &family.unit;
        crate::followups::begin(&app, &family);
        let paths = [format!("/v1/courses/{}", family.course), format!("/v1/matches/{}", family.mentoring)];
        let ended = || paths.each_ref().map(|path| unit.get(path).ok()["ended_at"].clone());
        let case = unit.get(&paths[1]).ok()["case_id"].as_str().unwrap().to_owned();
        app.set_clock("2026-03-06T08:00:00Z");
        // He had said yes after it, and met his mentor.
        die(unit, &family.boy, "2026-03-01T10:00:00Z");
        assert_eq!(ended(), ["2026-03-04T15:00:00Z", "2026-03-04T15:00:00Z"]);
        app.set_clock("2026-03-07T08:00:00Z");
        let leaves = json!({"reason": "no_longer_part", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/people/{}/leave", family.boy), &leaves).ok();
        assert_eq!(live(unit, &family.boy)["course_ids"], json!([family.course]));
        assert_eq!(unit.get(&paths[0]).ok()["state"], "discontinued");
        assert_eq!(ended(), ["2026-03-06T08:00:00Z", "2026-03-06T08:00:00Z"]);
    }

    fn an_alert_is_named_that_ended_with_it(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let raise = json!({"person_id": father, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/alerts"), &raise).ok();
        app.set_clock("2026-03-05T08:00:00Z");
        die(&unit, &father, "2026-03-04T08:00:00Z");
        let over = live(&unit, &father)["alert_ids"].clone();
        assert_eq!(over.as_array().unwrap().len(), 1);
        app.set_clock("2026-03-06T08:00:00Z");
        die(&unit, &father, "2026-03-05T08:00:00Z");
        assert_eq!(live(&unit, &father), nothing(), "it ended with another");
    }
}
