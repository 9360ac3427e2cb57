//! What was recorded wrongly and is put right: answers, ends, a birth date; what had followed goes with it, and what was recorded stays.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::courses::{accepted, dues, owned};
use crate::followups::begin;
use crate::sessions::{family, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// How what is counted in a figure of the year stands there.
pub fn standings(unit: &Caller<'_>, figure: &str) -> Vec<String> {
    let rows = unit.get(&format!("/v1/reports/yearly/rows?year=2026&figure={figure}")).ok();
    rows["items"].as_array().unwrap().iter().map(|row| row["standing"].as_str().unwrap().to_owned()).collect()
}

fn closing(text: &str) -> Value {
    json!({"no_meeting_reason": text, "handed_over_to": "Ungecentret"})
}

both_engines! {
    fn an_answer_that_is_taken_back_never_was(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        let path = format!("/v1/offers/{made}");
        let decline = |reason: &str| {
            let no = json!({"reason": reason, "words": "Det var naboen", "happened_at": app.clock.now()});
            unit.post(&format!("{path}/decline"), &no).ok()
        };
        let retract = || unit.post(&format!("{path}/answer/retract"), &json!({}));
        retract().refused(409, "wrong_state");
        assert_eq!(decline("no_trust")["answered_by"], unit.account_id());
        assert_eq!((standings(&unit, "declined"), dues(&app, "reoffer_3m")), (vec!["yes".to_owned()], owned(&[("open", "2026-06-02")])));
        app.pass(TimeDelta::days(1));
        let back = retract().ok();
        let [former] = back["retracted_answers"].as_array().unwrap().as_slice() else { panic!("{back}") };
        assert_eq!((&back["state"], &back["answered_at"], &back["decline_reason"]), (&json!("open"), &Value::Null, &Value::Null));
        assert_eq!((&former["state"], &former["decline_reason"], &former["words"]), (&json!("declined"), &json!("no_trust"), &json!("Det var naboen")));
        assert_eq!((&former["answered_at"], &former["recorded_by"]), (&json!(now), &json!(unit.account_id())));
        assert_eq!((&former["retracted_at"], &former["retracted_by"]), (&json!(app.clock.now()), &json!(unit.account_id())));
        app.keeps_for_good("corrections", "subject_id");
        // What the decline had promised is not asked for, as of then; an answer is due again.
        for kind in ["reoffer_3m", "reoffer_6m", "support_professionals"] {
            app.every_promised(kind, |duty| (duty.reason.as_deref(), duty.closed_at) == (Some("answer_retracted"), Some(now)));
        }
        assert_eq!((app.promise("answer").0.as_str(), standings(&unit, "declined").len()), ("open", 0));
        retract().refused(409, "wrong_state");

        // They had said yes: by mistake, too.
        unit.post(&format!("{path}/consents"), &yes(&father, app.clock.now())).ok();
        let accept = || unit.post(&format!("{path}/accept"), &json!({})).ok();
        let course = accept()["id"].clone();
        let state = || unit.get(&format!("/v1/courses/{}", course.as_str().unwrap())).ok()["state"].clone();
        assert_eq!((standings(&unit, "accepted"), standings(&unit, "matched")), (vec!["yes".to_owned()], vec!["unknown".to_owned()]));
        assert_eq!(retract().ok()["retracted_answers"].as_array().unwrap().len(), 2);
        assert_eq!((state(), app.promise("answer").0.as_str(), app.promise("ask_interest").0.as_str()), (json!("retracted"), "open", "ended"));
        assert!(["accepted", "matched", "discontinued"].iter().all(|figure| standings(&unit, figure).is_empty()));
        // A no after all, counted from its own day; and a yes in its place opens the same course.
        decline("no_time");
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("open", "2026-06-03")]), owned(&[("open", "2026-09-03")])));
        retract().ok();
        assert_eq!((accept()["id"].clone(), state()), (course.clone(), json!("waiting")));
        assert_eq!((app.promise("answer").0.as_str(), app.promise("ask_interest").0.as_str()), ("done", "open"));
        assert_eq!(standings(&unit, "accepted"), ["yes"]);
    }

    fn what_an_acceptance_had_ended_is_promised_again(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        app.set_clock("2026-05-28T08:00:00Z");
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        // Something was built on the first answer.
        let refused = unit.post(&format!("/v1/offers/{first}/answer/retract"), &json!({})).refused(409, "blocked");
        assert_eq!(refused["blocking"][0]["id"], again);
        unit.post(&format!("/v1/offers/{again}/consents"), &yes(&father, app.clock.now())).ok();
        unit.post(&format!("/v1/offers/{again}/accept"), &json!({})).ok();
        assert_eq!(app.promise("reoffer_6m").2.as_deref(), Some("accepted"));
        unit.post(&format!("/v1/offers/{again}/answer/retract"), &json!({})).ok();
        assert_eq!((dues(&app, "reoffer_3m")[0].0.as_str(), dues(&app, "reoffer_6m")), ("done", owned(&[("open", "2026-09-02")])));
        // Withdrawn, the second is no later offer any more.
        unit.post(&format!("/v1/offers/{again}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(unit.post(&format!("/v1/offers/{first}/answer/retract"), &json!({})).ok()["state"], "open");
        assert!(["reoffer_3m", "reoffer_6m"].iter().all(|kind| app.promise(kind).2.as_deref() == Some("answer_retracted")));
    }

    fn a_yes_that_was_taken_back_and_is_said_again_is_as_the_first(app: TestApp) {
        let unit = app.coordinator();
        let [case, boy, mother, made, course] = accepted(&app, &unit, "2008-04-11");
        let (path, course) = (format!("/v1/offers/{made}"), format!("/v1/courses/{course}"));
        let mut own = yes(&boy, app.clock.now());
        own["adult_basis"] = json!(true);
        unit.post(&format!("{path}/consents"), &own).ok();
        app.pass(TimeDelta::hours(1));
        let plan = json!({"goals": [], "own_words": "Vil gerne spille bold", "happened_at": app.clock.now()});
        unit.post(&format!("{course}/plans"), &plan).ok();
        let waiting = || {
            let items = unit.get("/v1/waiting-courses").ok()["items"].as_array().unwrap().clone();
            items.into_iter().map(|item| item["course_id"].clone()).collect::<Vec<_>>()
        };
        let promised = |state: &str| {
            let duties = unit.get(&format!("/v1/duties?case={case}&state={state}")).ok()["items"].as_array().unwrap().clone();
            let told = ["kind", "from_at", "opens_at", "due_at", "closed_at"];
            duties.iter().map(|duty| told.map(|member| duty[member].clone())).collect::<Vec<_>>()
        };
        let stands = || {
            let runs = unit.get(&course).ok();
            let of_course = ["state", "accepted_at", "adult_at_acceptance", "paused", "may_run", "started_at", "ended_at"];
            let of_course = of_course.map(|member| runs[member].clone());
            (of_course, unit.get(&path).ok()["consents"].clone(), waiting(), promised("open"), promised("done"))
        };
        let first = stands();
        assert_eq!((first.2.len(), dues(&app, "turns_18"), dues(&app, "plan_review")), (1, owned(&[("done", "2026-04-11")]), owned(&[("open", "2026-06-02")])));

        // A no after all, and a yes after all: twice over.
        let retract = || unit.post(&format!("{path}/answer/retract"), &json!({})).ok();
        let accept = || unit.post(&format!("{path}/accept"), &json!({})).ok();
        for _ in 0..2 {
            app.pass(TimeDelta::hours(1));
            retract();
            assert_eq!((waiting().len(), dues(&app, "plan_review")), (0, owned(&[("ended", "2026-06-02")])));
            unit.post(&format!("{path}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
            assert_eq!((waiting().len(), dues(&app, "reoffer_3m")), (0, owned(&[("open", "2026-06-02")])));
            app.pass(TimeDelta::hours(1));
            retract();
            accept();
            assert_eq!(stands(), first);
        }
        assert_eq!(dues(&app, "reoffer_3m"), owned(&[("ended", "2026-06-02")]));

        // The acceptance that stands is of another day: there is one review, counted from that.
        app.set_clock("2026-03-06T08:00:00Z");
        retract();
        let mut no = yes(&mother, app.clock.now());
        no["given"] = json!(false);
        unit.post(&format!("{path}/consents"), &no).ok();
        app.set_clock("2026-03-10T08:00:00Z");
        unit.post(&format!("{path}/consents"), &yes(&mother, app.clock.now())).ok();
        assert_eq!(accept()["accepted_at"], "2026-03-10T08:00:00Z");
        assert_eq!(dues(&app, "plan_review"), owned(&[("open", "2026-06-10")]));
        // He has said it already.
        assert_eq!(dues(&app, "turns_18"), owned(&[("done", "2026-04-11")]));
        // A plan is made after the acceptance that stands.
        let early = json!({"goals": [], "own_words": "Vil gerne spille bold", "happened_at": "2026-03-09T08:00:00Z"});
        assert_eq!(unit.post(&format!("{course}/plans"), &early).refused(422, "invalid")["errors"][0]["code"], "before_cause");
        let later = json!({"goals": [], "own_words": "Vil gerne spille bold", "happened_at": app.clock.now()});
        assert_eq!(unit.post(&format!("{course}/plans"), &later).ok()["number"], 2);
        let mut reviews = dues(&app, "plan_review");
        reviews.sort();
        assert_eq!(reviews, owned(&[("done", "2026-06-10"), ("open", "2026-06-10")]));
    }

    fn what_was_built_on_an_answer_stands_in_its_way(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let retract = |offer: &str| unit.post(&format!("/v1/offers/{offer}/answer/retract"), &json!({}));
        let made = unit.get(&format!("/v1/courses/{}", family.course)).ok()["offer_id"].as_str().unwrap().to_owned();
        let blocked = |offer: &str| retract(offer).refused(409, "blocked")["blocking"][0].clone();
        assert_eq!(blocked(&made), json!({"kind": "match", "id": family.mentoring}));
        begin(&app, &family);
        assert_eq!(blocked(&made), json!({"kind": "course", "id": family.course}));

        let (mother, now) = (unit.person("parent", "Mathildur", None), app.clock.now());
        let case = app.founded_case(unit, &[&mother]);
        let declined = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{declined}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        let stop = json!({"person_id": mother, "track": "parent_coach", "reason": "asked_never_to_be_contacted", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        retract(&declined).refused(409, "wrong_state");
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": now})).ok();
        retract(&declined).refused(409, "wrong_state");
        family.mentor.post(&format!("/v1/offers/{declined}/answer/retract"), &json!({})).refused(403, "forbidden");
    }

    fn an_end_of_a_course_is_put_right_with_what_followed(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        app.set_clock("2026-03-20T08:00:00Z");
        let course = format!("/v1/courses/{}", family.course);
        let end = |kind: &str, day: &str, text: &str| json!({"kind": kind, "happened_at": format!("2026-03-{day}T12:00:00Z"), "closing": closing(text)});
        unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &end("completed", "10", "Aftalt")).refused(409, "wrong_state");
        unit.post(&format!("{course}/end"), &end("completed", "10", "Aftalt")).ok();
        let stale = unit.get(&course).tag();
        let correct = |kind: &str, day: &str, text: &str| unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &end(kind, day, text));
        let stands = || {
            let (course, matched) = (unit.get(&course).ok(), unit.get(&format!("/v1/matches/{}", family.mentoring)).ok());
            let day = |at: &Value| at.as_str().unwrap()[8..10].to_owned();
            (course["state"].as_str().unwrap().to_owned(), day(&course["ended_at"]), day(&matched["ended_at"]), dues(&app, "followup_6m"))
        };
        let expected = |kind: &str, day: &str, state: &str, due: &str| (kind.to_owned(), day.to_owned(), day.to_owned(), owned(&[(state, due)]));
        assert_eq!(stands(), expected("completed", "10", "open", "2026-09-10"));
        let corrected = correct("suspended_handed_over", "12", "Talt om").ok();
        assert_eq!(stands(), expected("suspended_handed_over", "12", "open", "2026-09-12"));
        let former = &corrected["former_ends"][0];
        assert_eq!((&former["kind"], &former["ended_at"], &former["corrected_by"]), (&json!("completed"), &json!("2026-03-10T12:00:00Z"), &json!(unit.account_id())));
        assert_eq!((&former["closing"]["no_meeting_reason"], &corrected["closing"]["no_meeting_reason"]), (&json!("Aftalt"), &json!("Talt om")));
        unit.put(&format!("{course}/end"), &stale, &end("completed", "12", "Talt om")).refused(412, "stale_version");
        assert_eq!(correct("suspended_handed_over", "12", "Talt om").ok()["former_ends"].as_array().unwrap().len(), 1);
        assert_eq!(correct("completed", "04", "Talt om").refused(422, "invalid")["errors"][0]["code"], "before_held");
        assert_eq!(correct("retracted", "12", "Talt om").refused(422, "invalid")["errors"][0]["code"], "not_an_end");
        // Broken off after all: nobody is followed up; and gone through after all.
        assert_eq!(standings(unit, "gone_through"), ["yes"]);
        correct("discontinued", "12", "Talt om").ok();
        assert_eq!((stands(), standings(unit, "gone_through")), (expected("discontinued", "12", "ended", "2026-09-12"), vec!["no".to_owned()]));
        correct("completed", "12", "Talt om").ok();
        assert_eq!(stands(), expected("completed", "12", "open", "2026-09-12"));

        // A result goes with the end, or says so.
        app.set_clock("2026-09-10T08:00:00Z");
        let result = json!({"held_at": "2026-09-01T08:00:00Z", "way": "professional", "basis": "Skolen fortalte det", "at_risk": "no"});
        let result = unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_6m", "result": result})).id();
        for refused in [correct("completed", "19", "Talt om"), correct("discontinued", "12", "Talt om")] {
            assert_eq!(refused.refused(409, "blocked")["blocking"][0], json!({"kind": "followup", "id": result}));
        }
        correct("completed", "11", "Talt om").ok();
        assert_eq!(stands(), expected("completed", "11", "done", "2026-09-11"));
        assert_eq!(standings(unit, "not_at_risk_6m"), ["yes"]);
    }

    fn what_did_not_end_by_itself_is_put_right_where_it_ended(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let coaching = format!("/v1/matches/{}", family.coaching);
        let (course, case) = {
            let matched = unit.get(&coaching).ok();
            (format!("/v1/courses/{}", matched["course_id"].as_str().unwrap()), matched["case_id"].as_str().unwrap().to_owned())
        };
        let stop = json!({"person_id": family.father, "track": "parent_coach", "reason": "moved", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": closing("Flyttet")});
        unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &end).refused(409, "wrong_state");
        unit.put(&format!("{coaching}/end"), &unit.get(&coaching).tag(), &json!({"reason": "other"})).refused(409, "wrong_state");
    }

    fn an_end_of_a_match_is_put_right_with_what_followed(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        begin(&app, &family);
        app.set_clock("2026-03-20T08:00:00Z");
        let path = format!("/v1/matches/{}", family.mentoring);
        let end = json!({"reason": "person_wish", "words": "Ville ikke mere", "happened_at": "2026-03-10T12:00:00Z"});
        unit.post(&format!("{path}/end"), &end).ok();
        let correct = |body: &Value| unit.put(&format!("{path}/end"), &unit.get(&path).tag(), body);
        let corrected = correct(&json!({"reason": "staff_wish", "happened_at": "2026-03-06T12:00:00Z"})).ok();
        assert_eq!((&corrected["end_reason"], &corrected["ended_at"], &corrected["end_words"]), (&json!("staff_wish"), &json!("2026-03-06T12:00:00Z"), &Value::Null));
        let former = &corrected["former_ends"][0];
        assert_eq!((&former["reason"], &former["ended_at"], &former["words"]), (&json!("person_wish"), &json!("2026-03-10T12:00:00Z"), &json!("Ville ikke mere")));
        assert_eq!((&former["corrected_at"], &former["corrected_by"]), (&json!("2026-03-20T08:00:00Z"), &json!(unit.account_id())));
        let ended: Vec<_> = app.promised("support_contact").into_iter().filter_map(|duty| duty.closed_at).map(|at| at.to_string()).collect();
        assert!(!ended.is_empty() && ended.iter().all(|at| at == "2026-03-06T12:00:00Z"), "{ended:?}");
        // Without a moment it stays; the same again changes nothing.
        assert_eq!(correct(&json!({"reason": "staff_wish"})).ok()["former_ends"].as_array().unwrap().len(), 1);
        for (reason, day, code) in [("handed_over", "06", "not_by_hand"), ("other", "04", "before_held"), ("other", "21", "after_now")] {
            let wrong = json!({"reason": reason, "happened_at": format!("2026-03-{day}T12:00:00Z")});
            assert_eq!(correct(&wrong).refused(422, "invalid")["errors"][0]["code"], code);
        }
        // The grace is counted from there, and the next match stands where it began.
        assert_eq!(mentor.get(&path).ok()["former_ends"], json!([]));
        let next = app.account("nora", &["mentor"]);
        unit.post(&format!("{path}/repair-talk"), &json!({"outcome": "parted"})).ok();
        matched(unit, &next, &family.course, &staff(&app, &next, true));
        app.set_clock("2026-03-21T08:00:00Z");
        mentor.get(&path).refused(404, "not_found");
        let late = json!({"reason": "staff_wish", "happened_at": "2026-03-20T12:00:00Z"});
        assert_eq!(correct(&late).refused(422, "invalid")["errors"][0]["code"], "after_next");
        correct(&json!({"reason": "staff_wish", "happened_at": "2026-03-19T12:00:00Z"})).ok();
        mentor.get(&path).ok();
        app.set_clock("2026-04-02T12:00:01Z");
        mentor.get(&path).refused(404, "not_found");
    }

    fn a_proposal_is_over_in_the_figures_by_its_moment(app: TestApp) {
        let unit = app.coordinator();
        let [.., course] = accepted(&app, &unit, "2010-05-01");
        unit.post("/v1/matches", &json!({"course_id": course, "staff_id": unit.staff("mentor", None)})).ok();
        assert_eq!(standings(&unit, "first_proposal_taken"), ["unknown"]);
        app.pass(TimeDelta::days(15));
        assert_eq!(standings(&unit, "first_proposal_taken"), ["no"]);
    }

    fn whoever_turns_out_to_be_a_child_is_met_with_a_certificate(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let missing = || app.promised("certificate_missing").into_iter().map(|duty| (duty.state, duty.reason)).collect::<Vec<_>>();
        let born = |on: &str| {
            app.pass(TimeDelta::hours(1));
            let path = format!("/v1/people/{}", family.boy);
            unit.patch(&path, &unit.get(&path).tag(), &json!({"born_on": on})).ok()
        };
        let malte = unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["staff_id"].as_str().unwrap().to_owned();
        let certify = |proofs: Value| {
            app.pass(TimeDelta::hours(1));
            let tag = unit.get(&format!("/v1/staff/{malte}")).tag();
            unit.put(&format!("/v1/staff/{malte}/certificates"), &tag, &json!({"certificates": proofs})).ok()
        };
        born("2010-05-02");
        assert!(missing().is_empty());
        born("2012-05-01");
        assert_eq!(app.promise("certificate_missing"), ("open".into(), "2026-03-04T22:59:59.999999Z".into(), None));
        let listed = unit.get(&format!("/v1/duties?match={}&kind=certificate_missing", family.mentoring)).ok();
        assert_eq!(listed["items"][0]["kept_by"], json!(["staff.certify", "matches.hand_over", "matches.end"]));
        born("2012-05-02");
        assert_eq!(missing().len(), 1);
        let until = |on: Value| certify(json!([{"kind": "child_protection", "issued_on": "2026-01-01", "valid_until_on": on}]));
        let states = || missing().into_iter().map(|(state, _)| state).collect::<Vec<_>>();
        until(Value::Null);
        assert_eq!(states(), ["done"]);
        // One that ends before his fifteenth birthday is renewed by then.
        until(json!("2027-05-01"));
        assert_eq!(states(), ["done"]);
        until(json!("2027-04-30"));
        let ahead = app.promised("certificate_missing").remove(1);
        assert_eq!((ahead.state.as_str(), ahead.opens_at.to_string().as_str(), ahead.due_at.to_string().as_str()),
            ("open", "2027-04-15T22:00:00Z", "2027-04-30T21:59:59.999999Z"));
        until(json!("2026-03-03"));
        assert_eq!(states(), ["open", "done", "done"]);
        until(Value::Null);
        assert_eq!(states(), ["done", "done", "done"]);
        until(json!("2026-03-03"));
        assert_eq!(states(), ["open", "done", "done"], "it was typed wrong");
        // It runs out: the promise is late, and the night makes no other. They were not that young after all.
        app.set_clock("2026-03-04T05:00:00Z");
        app.tick();
        assert_eq!((states(), app.promised("certificate_missing")[0].due_at.to_string()),
            (vec!["open".to_owned(), "done".to_owned(), "done".to_owned()], "2026-03-03T22:59:59.999999Z".to_owned()));
        born("2010-05-01");
        assert_eq!(missing()[0], ("ended".to_owned(), Some("no_child".to_owned())));
        born("2012-05-02");
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        assert_eq!(missing().iter().filter(|(state, _)| state == "done").count(), 3, "{:?}", missing());
    }

    fn whoever_turns_out_to_be_a_child_stands_still_until_all_have_said_yes(app: TestApp) {
        let (unit, mentor) = (app.coordinator(), app.account("malte", &["mentor"]));
        let (boy, mother) = (unit.person("young_person", "Bertramius", Some("2006-05-01")), unit.person("parent", "Mathildur", None));
        let case = app.founded_case(&unit, &[&boy]);
        let course = crate::sessions::course(&app, &unit, &case, &boy, &[], "mentor");
        let mentoring = matched(&unit, &mentor, &course, &staff(&app, &mentor, true));
        let (person, path) = (format!("/v1/people/{boy}"), format!("/v1/courses/{course}"));
        unit.put(&format!("{person}/contact"), &unit.get(&person).tag(), &json!({"channel": "sms", "phone": "+4520123479"})).ok();
        let session = mentor.post("/v1/sessions", &plan(&mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let waiting = || unit.get(&format!("/v1/messages?subject={session}&state=waiting")).ok()["items"].as_array().unwrap().len();
        let born = |on: &str| unit.patch(&person, &unit.get(&person).tag(), &json!({"born_on": on})).ok();
        let ages = || {
            let group = |figure: &str| {
                let rows = unit.get(&format!("/v1/reports/yearly/rows?year=2026&figure={figure}")).ok();
                let groups = rows["items"][0]["groups"].as_array().unwrap().clone();
                groups.iter().find(|group| group["by"] == "age_group").unwrap()["group"].as_str().unwrap().to_owned()
            };
            ["offers_made", "accepted", "matched"].map(group)
        };
        let many = waiting();
        assert_eq!((many > 0, ages()), (true, ["adult", "adult", "adult"].map(str::to_owned)));

        assert_eq!(born("2010-05-01")["course_ids_lacking_consent"], json!([course]));
        let stands = || {
            let course = unit.get(&path).ok();
            ["paused", "may_run", "adult_at_acceptance"].map(|member| course[member].as_bool().unwrap())
        };
        assert_eq!((stands(), waiting(), ages()), ([true, false, false], 0, ["under_18", "under_18", "under_18"].map(str::to_owned)));
        let due = "2026-03-03T22:59:59.999999Z".to_owned();
        assert_eq!(app.promise("paused"), ("open".into(), due.clone(), None));
        // Put right once more it is the same promise. It goes on when whoever holds custody has said so.
        born("2010-05-02");
        assert_eq!(app.promise("paused"), ("open".into(), due.clone(), None));
        let resume = || unit.post(&format!("{path}/resume"), &json!({"basis": "Alle er spurgt", "happened_at": app.clock.now()}));
        resume().refused(409, "blocked");
        unit.set_custody(&boy, &[&mother]);
        assert_eq!(resume().refused(409, "blocked")["blocking"], json!([{"kind": "person", "id": mother}]));
        let made = unit.get(&path).ok()["offer_id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&mother, app.clock.now())).ok();
        resume().ok();
        assert_eq!((stands(), waiting()), ([false, true, false], many));
        assert_eq!(app.promise("paused"), ("done".into(), due, None));
        // An adult after all: their own word is enough.
        assert_eq!(born("2000-05-01")["course_ids_lacking_consent"], json!([]));
        assert_eq!((stands(), ages()), ([false, true, true], ["adult", "adult", "adult"].map(str::to_owned)));
        assert!(unit.patch(&person, &unit.get(&person).tag(), &json!({"language": "en"})).ok().get("course_ids_lacking_consent").is_none());
    }
}
