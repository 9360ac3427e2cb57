//! Offers, consents, courses and plans over HTTP, with what they promise.

use chrono::TimeDelta;
use makker::access::{Actor, Capability, RelationKind, Role, Tx, store};
use makker::base::clock::Instant;
use makker::base::ids::{AccountId, CourseId};
use makker::courses::actions as room;
use makker::facts::Fact;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};
use crate::support::http::Request;

/// An accepted mentor course of a boy with one custody holder: case, boy, mother, offer, course.
pub fn accepted(app: &TestApp, unit: &Caller<'_>, born_on: &str) -> [String; 5] {
    let (boy, mother) = (unit.person("young_person", "Bertramius", Some(born_on)), unit.person("parent", "Mathildur", None));
    unit.set_custody(&boy, &[&mother]);
    let (case, now) = (app.founded_case(unit, &[&boy, &mother]), app.clock.now());
    let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
    for giver in [&boy, &mother] {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
    [case, boy, mother, made, course]
}

/// What the room says of a date.
pub fn may_run(app: &TestApp, course: &str, on: &str) -> bool {
    let (id, on): (CourseId, chrono::NaiveDate) = (course.parse().unwrap(), on.parse().unwrap());
    let ask = move |tx: &mut Tx<'_>| Ok(room::standing(tx, id)?.may_run(on));
    app.door.blocking_write_as(Actor::system(), app.clock.now(), Capability::TickRun, ask).unwrap()
}

/// Tells what another room would.
fn begin(app: &TestApp, course: &str) {
    let (id, now): (CourseId, Instant) = (course.parse().unwrap(), app.clock.now());
    app.door.blocking_write_as(Actor::system(), now, Capability::TickRun, move |tx| room::agree_start(tx, id, Some(now))).unwrap();
}

pub fn dues(app: &TestApp, kind: &str) -> Vec<(String, String)> {
    app.promised(kind).into_iter().map(|duty| (duty.state, duty.due_at.to_string()[..10].to_owned())).collect()
}

pub fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(state, due)| ((*state).to_owned(), (*due).to_owned())).collect()
}

both_engines! {
    fn an_offer_is_accepted_on_the_day_of_the_last_consent(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&mother, &father]);
        let case = app.founded_case(&unit, &[&boy, &mother, &father]);
        let now = app.clock.now();
        let wrong = unit.post("/v1/offers", &offer(&case, &boy, "parent_coach", now)).refused(422, "invalid");
        assert_eq!(wrong["errors"][0]["code"], "wrong_track");
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now));
        assert_eq!((&made.ok()["first"], &made.ok()["missing"].as_array().unwrap().len()), (&json!(true), &3));
        let path = format!("/v1/offers/{}", made.id());
        let again = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).refused(409, "already_exists");
        assert_eq!(again["blocking"], json!([{"kind": "offer", "id": made.id()}]));
        assert_eq!(app.promise("answer").1, "2026-03-16T22:59:59.999999Z");

        app.pass(TimeDelta::days(5));
        unit.post(&format!("{path}/consents"), &yes(&boy, now)).ok();
        let stranger = unit.person("relative", "Gudrunette", None);
        unit.post(&format!("{path}/consents"), &yes(&stranger, now)).refused(422, "invalid");
        unit.post(&format!("{path}/consents"), &yes(&mother, now.plus(TimeDelta::days(2)))).ok();
        let missing = unit.post(&format!("{path}/accept"), &json!({})).refused(409, "blocked");
        assert_eq!(missing["blocking"], json!([{"kind": "person", "id": father}]));
        let sole = json!({"giver_id": father, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Moderen har forældremyndigheden alene", "happened_at": now.plus(TimeDelta::days(3))});
        unit.post(&format!("{path}/consents"), &sole).ok();
        let course = unit.post(&format!("{path}/accept"), &json!({"words": "Ja tak"})).ok();
        assert_eq!((&course["accepted_at"], &course["state"]), (&json!("2026-03-05T08:00:00Z"), &json!("waiting")));
        assert_eq!((&course["adult_at_acceptance"], &course["may_run"]), (&json!(false), &json!(true)));
        assert_eq!(app.promised("answer")[0].closed_at.unwrap().to_string(), "2026-03-05T08:00:00Z");
        assert_eq!(dues(&app, "turns_18"), owned(&[("open", "2028-05-01")]));
        assert_eq!(dues(&app, "turns_15"), owned(&[]));
        let busy = unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).refused(409, "already_exists");
        assert_eq!(busy["blocking"][0]["kind"], "course");
        // Corrected, the birthdays move.
        let tag = unit.get(&format!("/v1/people/{boy}")).tag();
        unit.patch(&format!("/v1/people/{boy}"), &tag, &json!({"born_on": "2012-05-01"})).ok();
        assert_eq!((dues(&app, "turns_15"), dues(&app, "turns_18")), (owned(&[("open", "2027-05-01")]), owned(&[("open", "2030-05-01")])));
    }

    fn a_declined_first_offer_is_made_again_twice(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        let early = json!({"reason": "no_answer", "happened_at": app.clock.now()});
        assert_eq!(unit.post(&format!("/v1/offers/{first}/decline"), &early).refused(422, "invalid")["errors"][0]["code"], "still_in_time");
        app.set_clock("2026-03-17T08:00:00Z");
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_answer", "happened_at": "2026-03-17T08:00:00Z"})).ok();
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("open", "2026-06-17")]), owned(&[("open", "2026-09-17")])));
        assert_eq!(dues(&app, "support_professionals").len(), 6);
        assert_eq!(app.promised("reoffer_3m")[0].opens_at.to_string(), "2026-06-02T22:00:00Z");

        app.set_clock("2026-06-20T08:00:00Z");
        let late = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).ok();
        assert_eq!((&late["first"], late["fulfils_duty_id"].is_string()), (&json!(false), true));
        let again = format!("/v1/offers/{}", late["id"].as_str().unwrap());
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("done", "2026-06-17")]), owned(&[("open", "2026-09-17")])));
        // Taken back by the unit it fulfils nothing; made once more it does.
        unit.post(&format!("{again}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(dues(&app, "reoffer_3m"), owned(&[("open", "2026-06-17")]));
        let second = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{second}/decline"), &json!({"reason": "no_time", "happened_at": app.clock.now()})).ok();
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("done", "2026-06-17")]), owned(&[("open", "2026-09-17")])));

        let third = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{third}/consents"), &yes(&father, app.clock.now())).ok();
        unit.post(&format!("/v1/offers/{third}/accept"), &json!({})).ok();
        // It was made before the second opened: what it ends is not made once more.
        assert_eq!(dues(&app, "reoffer_6m"), owned(&[("ended", "2026-09-17")]));
        app.every_promised("support_professionals", |duty| duty.reason.as_deref() == Some("accepted"));
    }

    fn an_offer_that_names_no_promise_uses_none_up_before_it_opens(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let decline = |made: &str| unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        let make = |duty: Value| {
            let mut body = offer(&case, &father, "parent_coach", app.clock.now());
            body["fulfils_duty_id"] = duty;
            unit.post("/v1/offers", &body)
        };
        decline(&make(Value::Null).id());
        for _ in 0..2 {
            app.pass(TimeDelta::days(1));
            let made = make(Value::Null).ok();
            assert_eq!(made["fulfils_duty_id"], Value::Null);
            decline(made["id"].as_str().unwrap());
        }
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("open", "2026-06-02")]), owned(&[("open", "2026-09-02")])));
        let duty = |kind: &str| unit.get(&format!("/v1/duties?kind={kind}")).ok()["items"][0]["id"].clone();
        assert_eq!(make(duty("reoffer_6m")).refused(422, "invalid")["errors"][0]["code"], "not_the_earliest");
        // Named, it is kept early; from its opening on it is kept unsaid.
        let named = make(duty("reoffer_3m")).ok();
        decline(named["id"].as_str().unwrap());
        assert_eq!(dues(&app, "reoffer_3m"), owned(&[("done", "2026-06-02")]));
        app.set_clock("2026-08-18T22:00:00Z");
        let second = duty("reoffer_6m");
        assert_eq!(make(Value::Null).ok()["fulfils_duty_id"], second);
    }

    fn a_promised_re_offer_survives_the_closing_of_its_case(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": now})).ok();
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("open", "2026-06-02")]), owned(&[("open", "2026-09-02")])));
        app.set_clock("2026-06-01T08:00:00Z");
        for kind in ["reoffer_3m", "reoffer_6m"] {
            let mut named = offer(&case, &father, "parent_coach", app.clock.now());
            named["fulfils_duty_id"] = unit.get(&format!("/v1/duties?kind={kind}")).ok()["items"][0]["id"].clone();
            let again = unit.post("/v1/offers", &named).id();
            unit.post(&format!("/v1/offers/{again}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        }
        unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).refused(409, "wrong_state");
    }

    fn a_command_sent_again_happens_once(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&father, app.clock.now())).ok();
        let path = format!("/v1/offers/{made}/accept");
        let accept = |words: Value| unit.send(Request::new("POST", &path).header("Idempotency-Key", "accept-1").json(&words));
        let (first, again) = (accept(json!({})), accept(json!({})));
        assert_eq!((first.id(), first.header("location")), (again.id(), again.header("location")));
        accept(json!({"words": "Ja"})).refused(422, "idempotency_key_reused");
        unit.post(&path, &json!({})).refused(409, "wrong_state");
        assert_eq!(unit.get("/v1/courses").ok()["items"].as_array().unwrap().len(), 1);
        unit.send(Request::new("PATCH", &format!("/v1/cases/{case}")).json(&json!({"custody_conflict": true}))).refused(428, "precondition_required");
        // Pages follow one another, each case once.
        for name in ["Gudrunette", "Mathildur", "Bertramius"] {
            app.pass(TimeDelta::hours(1));
            let other = unit.person("relative", name, None);
            app.founded_case(&unit, &[&other]);
        }
        let (mut path, mut seen) = ("/v1/cases?limit=2".to_owned(), Vec::new());
        loop {
            let page = unit.get(&path);
            seen.extend(page.ok()["items"].as_array().unwrap().iter().map(|case| case["founded_at"].as_str().unwrap().to_owned()));
            let Some(next) = page.header("link").and_then(|link| link.strip_prefix('<')?.split_once('>')) else { break };
            path = next.0.to_owned();
        }
        assert_eq!(seen, ["2026-03-02T11:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z"]);
    }

    fn a_recorded_stop_ends_what_is_left(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        let stop = json!({"person_id": father, "track": "parent_coach", "reason": "asked_never_to_be_contacted", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).refused(409, "already_exists");
        for kind in ["reoffer_3m", "reoffer_6m", "support_professionals"] {
            app.every_promised(kind, |duty| duty.reason.as_deref() == Some("asked_never_to_be_contacted"));
        }
        unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).refused(409, "wrong_state");
    }

    fn a_custody_holders_withdrawal_pauses_and_the_participants_own_ends(app: TestApp) {
        let unit = app.coordinator();
        let [case, boy, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        let (path, now) = (format!("/v1/courses/{course}"), app.clock.now());
        begin(&app, &course);
        let consents = unit.get(&format!("/v1/offers/{made}")).ok()["consents"].clone();
        let of = |giver: &str| {
            let found = consents.as_array().unwrap().iter().find(|consent| consent["giver_id"] == json!(giver)).unwrap();
            found["id"].as_str().unwrap().to_owned()
        };
        unit.post(&format!("/v1/consents/{}/withdraw", of(&mother)), &json!({"happened_at": now})).ok();
        let paused = unit.get(&path).ok();
        assert_eq!((&paused["paused"], &paused["state"], &paused["may_run"]), (&json!(true), &json!("active"), &json!(false)));
        assert_eq!(app.promise("paused"), ("open".into(), "2026-03-03T22:59:59.999999Z".into(), None));
        let close = json!({"reason": "moved", "happened_at": now});
        let blocking = unit.post(&format!("/v1/cases/{case}/close"), &close).refused(409, "blocked")["blocking"].clone();
        assert_eq!(blocking.as_array().unwrap().iter().map(|open| open["kind"].clone()).collect::<Vec<Value>>(), ["course", "duty"]);
        unit.post(&format!("{path}/resume"), &json!({"happened_at": now})).refused(422, "invalid");
        let resumed = unit.post(&format!("{path}/resume"), &json!({"basis": "Faderen har myndigheden alene", "happened_at": now})).ok();
        assert_eq!((&resumed["paused"], &resumed["may_run"]), (&json!(false), &json!(true)));
        assert_eq!(app.promise("paused").0, "done");

        unit.post(&format!("/v1/consents/{}/withdraw", of(&boy)), &json!({"happened_at": now})).ok();
        let ended = unit.get(&path).ok();
        assert_eq!((&ended["state"], &ended["ended_at"]), (&json!("discontinued"), &json!(now)));
        assert_eq!(app.promise("turns_18").2.as_deref(), Some("course_ended"));
        unit.post(&format!("/v1/consents/{}/withdraw", of(&boy)), &json!({"happened_at": now})).refused(409, "wrong_state");
        unit.post(&format!("{path}/pause"), &json!({"grounds": "x", "happened_at": now})).refused(409, "wrong_state");
    }

    fn who_says_yes_again_is_not_recorded_as_not_needed(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        let (path, at) = (format!("/v1/courses/{course}"), app.clock.now());
        let offer = || unit.get(&format!("/v1/offers/{made}")).ok()["consents"].as_array().unwrap().clone();
        let hers = offer().into_iter().find(|consent| consent["giver_id"] == json!(mother)).unwrap();
        unit.post(&format!("/v1/consents/{}/withdraw", hers["id"].as_str().unwrap()), &json!({"happened_at": at})).ok();
        app.pass(TimeDelta::hours(2));
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&mother, app.clock.now())).ok();
        app.pass(TimeDelta::hours(2));
        unit.post(&format!("{path}/resume"), &json!({"basis": "Hun har sagt ja igen", "happened_at": app.clock.now()})).ok();
        assert_eq!(offer().len(), 3, "nothing was added to what she said");
        assert_eq!((&unit.get(&path).ok()["paused"], &unit.get(&path).ok()["may_run"]), (&json!(false), &json!(true)));
    }

    fn all_needed_consents_at_nine_count_after_the_tenth_birthday(app: TestApp) {
        let unit = app.coordinator();
        let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2016-03-05")), unit.person("parent", "Mathildur", None));
        unit.set_custody(&girl, &[&mother]);
        let (case, now) = (app.founded_case(&unit, &[&girl]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &girl, "mentor", now)).id();
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&mother, now)).ok();
        app.set_clock("2026-03-09T08:00:00Z");
        let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).ok();
        assert_eq!((&course["accepted_at"], &course["may_run"]), (&json!(now), &json!(false)), "the girl is still to be asked");
        assert_eq!(dues(&app, "turns_10"), owned(&[("open", "2026-03-05")]));
    }

    fn from_18_a_course_needs_the_adults_own_consent(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, mother, made, course] = accepted(&app, &unit, "2008-05-01");
        assert_eq!(app.promised("turns_18")[0].opens_at.to_string(), "2026-03-02T08:00:00Z");
        assert_eq!((may_run(&app, &course, "2026-04-30"), may_run(&app, &course, "2026-05-01")), (true, false));
        app.set_clock("2026-04-10T08:00:00Z");
        let path = format!("/v1/offers/{made}/consents");
        let mut own = yes(&mother, app.clock.now());
        own["adult_basis"] = json!(true);
        unit.post(&path, &own).refused(422, "invalid");
        own["giver_id"] = json!(boy);
        unit.post(&path, &own).ok();
        assert_eq!(app.promise("turns_18").0, "done");
        assert!(may_run(&app, &course, "2026-05-01"));
        // From 18 a custody holder's word is nothing.
        app.set_clock("2026-05-02T08:00:00Z");
        let no = json!({"giver_id": mother, "scope": "participation", "text_version": "2026-1", "given": false, "happened_at": app.clock.now()});
        unit.post(&path, &no).ok();
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["paused"], false);
        assert!(may_run(&app, &course, "2026-05-02"));
    }

    fn a_plan_is_reviewed_and_a_course_ends_with_a_form(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, _, _, course] = accepted(&app, &unit, "2010-05-01");
        let path = format!("/v1/courses/{course}");
        let plan = |at: Instant| json!({"goals": [{"area": "school", "goal": "Møder til tiden", "milestones": ["Uge 12"]}], "own_words": "Vil gerne", "happened_at": at});
        unit.post(&format!("{path}/plans"), &plan(app.clock.now())).ok();
        assert_eq!(dues(&app, "plan_review"), owned(&[("open", "2026-06-02")]));
        app.set_clock("2026-05-20T08:00:00Z");
        assert_eq!(unit.post(&format!("{path}/plans"), &plan(app.clock.now())).ok()["number"], 2);
        assert_eq!(dues(&app, "plan_review"), owned(&[("done", "2026-06-02"), ("open", "2026-08-20")]));
        assert_eq!(unit.get(&format!("{path}/plans")).ok()["items"].as_array().unwrap().len(), 2);

        let mut closing = json!({"joint_meeting_at": app.clock.now(), "assessment": "Går i skole", "handed_over_to": "UU-vejleder"});
        let end = |kind: &str, closing: &Value| json!({"kind": kind, "happened_at": app.clock.now(), "closing": closing});
        unit.post(&format!("{path}/end"), &end("completed", &closing)).refused(409, "wrong_state");
        begin(&app, &course);
        unit.post(&format!("{path}/end"), &end("waiting", &closing)).refused(422, "invalid");
        unit.post(&format!("{path}/end"), &end("completed", &json!({}))).refused(422, "invalid");
        // By a clock that is some minutes ahead all of it is now; further ahead it is not yet.
        let (now, ahead) = (app.clock.now(), app.clock.now().plus(TimeDelta::minutes(5)));
        for (member, moment) in [("joint_meeting_at", ahead.next()), ("handover_accepted_at", ahead.next()), ("joint_meeting_at", ahead), ("handover_accepted_at", ahead)] {
            closing[member] = json!(moment);
            if moment != ahead {
                let refused = unit.post(&format!("{path}/end"), &end("suspended_handed_over", &closing)).refused(422, "invalid");
                assert_eq!(refused["errors"][0]["code"], "after_now");
            }
        }
        let last = json!({"kind": "suspended_handed_over", "happened_at": ahead, "closing": closing});
        let ended = unit.post(&format!("{path}/end"), &last).ok();
        assert_eq!(["joint_meeting_at", "handover_accepted_at"].map(|member| ended["closing"][member].clone()), [json!(now), json!(now)]);
        assert_eq!((&ended["state"], &ended["closing"]["handed_over_to"]), (&json!("suspended_handed_over"), &json!("UU-vejleder")));
        assert_eq!(app.promised("plan_review")[1].reason.as_deref(), Some("course_ended"));
        unit.post(&format!("{path}/end"), &end("completed", &closing)).refused(409, "wrong_state");
        unit.post(&format!("{path}/plans"), &plan(app.clock.now())).refused(409, "wrong_state");
        assert_eq!(unit.get("/v1/courses?ended=true").ok()["items"].as_array().unwrap().len(), 1);
    }

    fn a_mentor_sees_the_course_they_run_and_its_plan_and_nothing_more(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("mads", &["mentor"]);
        let [case, boy, _, made, course] = accepted(&app, &unit, "2010-05-01");
        let path = format!("/v1/courses/{course}");
        mentor.get(&path).refused(404, "not_found");
        assert_eq!(mentor.get("/v1/courses").ok()["items"], json!([]));
        let (id, account): (CourseId, AccountId) = (course.parse().unwrap(), mentor.account_id().parse().unwrap());
        let grant = move |tx: &mut makker::access::Tx<'_>| {
            let now = tx.now;
            store::grant(tx, account, (RelationKind::Runs, Role::Mentor), id, now, "match", None)
        };
        app.door.blocking_write_as(Actor::system(), app.clock.now(), Capability::TickRun, grant).unwrap();
        let mine = mentor.get(&path);
        let view = mine.ok();
        assert_eq!((&view["person_id"], &view["paused"]), (&json!(boy), &json!(false)));
        for hidden in ["case_id", "offer_id", "consents", "pauses", "closing", "may_run", "adult_at_acceptance"] {
            assert!(view.get(hidden).is_none(), "{hidden} is shown: {mine}");
        }
        let plan = json!({"goals": [], "own_words": "Fodbold", "happened_at": app.clock.now()});
        mentor.post(&format!("{path}/plans"), &plan).ok();
        assert_eq!(mentor.get(&path).ok()["plan"]["own_words"], "Fodbold");
        mentor.get(&format!("/v1/offers/{made}")).refused(403, "forbidden");
        mentor.get(&format!("/v1/cases/{case}")).refused(403, "forbidden");
    }

    fn the_police_taking_over_leads_out_of_every_open_state(app: TestApp) {
        let unit = app.coordinator();
        let [case, boy, mother, _, course] = accepted(&app, &unit, "2010-05-01");
        let now = app.clock.now();
        let open = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", now)).id();
        let raise = json!({"person_id": boy, "kind": "feared_departure", "grounds": "Pas fornyet", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/alerts"), &raise).ok();
        let enquiry = app.enquiry_of(&case);
        let tell = move |tx: &mut makker::access::Tx<'_>| {
            tx.tell(Fact::PoliceTookOver { enquiry, at: now });
            Ok(())
        };
        app.door.blocking_write_as(Actor::system(), now, Capability::TickRun, tell).unwrap();
        let closed = unit.get(&format!("/v1/cases/{case}")).ok();
        assert_eq!((&closed["close_reason"], &closed["open_duties"]), (&json!("taken_over_by_police"), &json!(0)));
        assert_eq!(unit.get(&format!("/v1/offers/{open}")).ok()["state"], "withdrawn");
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
        assert_eq!(app.promise("referral").2.as_deref(), Some("police_took_over"));
    }

    fn a_death_ends_what_is_open_of_the_person(app: TestApp) {
        let unit = app.coordinator();
        let [case, boy, _, _, course] = accepted(&app, &unit, "2010-05-01");
        unit.post(&format!("/v1/people/{boy}/death"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
        unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).refused(422, "invalid");
    }
}
