//! What was settled by hand by mistake is to be kept still, as it would be by now had nobody settled it.

use serde_json::{Value, json};

use crate::duties::{Desk, desk, items, path_of};
use crate::findings_put_right::{concern, conclude, screened};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};
use crate::support::http::Answer;

fn settle(caller: &Caller<'_>, path: &str, at: &str) {
    caller.post(&format!("{path}/settle"), &json!({"happened_at": at})).ok();
}

fn retract(caller: &Caller<'_>, path: &str) -> Answer {
    caller.post(&format!("{path}/settlement/retract"), &json!({}))
}

fn plan(app: &TestApp, unit: &Caller<'_>, course: &str) {
    let plan = json!({"goals": [{"area": "school", "goal": "I skole hver dag"}], "happened_at": app.clock.now()});
    unit.post(&format!("/v1/courses/{course}/plans"), &plan).ok();
}

/// A father in a case, and his course, with a plan to be reviewed.
fn reviewed(app: &TestApp, unit: &Caller<'_>, case: &str) -> (String, String) {
    let father = unit.person("parent", "Frodemund", None);
    unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": father, "role": "parent"})).ok();
    let fathers = unit.post("/v1/offers", &offer(case, &father, "parent_coach", app.clock.now())).id();
    unit.post(&format!("/v1/offers/{fathers}/consents"), &yes(&father, app.clock.now())).ok();
    let course = unit.post(&format!("/v1/offers/{fathers}/accept"), &json!({})).id();
    plan(app, unit, &course);
    (father, course)
}

/// Somebody is offered a coach, and says no.
fn decline(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str) {
    let path = format!("/v1/offers/{}/decline", unit.post("/v1/offers", &offer(case, person, "parent_coach", app.clock.now())).id());
    unit.post(&path, &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
}

/// The professionals are supported now, as it is due next; which promise that was.
fn support(app: &TestApp, unit: &Caller<'_>) -> String {
    let path = format!("/v1/duties/{}", items(unit, "?kind=support_professionals")[0]["id"].as_str().unwrap());
    settle(unit, &path, &app.clock.now().to_string());
    path
}

/// Somebody says no to a coach in the beginning of March, and all that this promises is kept by the end of August; which support was the last.
fn decline_and_keep_all(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str) -> String {
    decline(app, unit, case, person);
    let mut last = String::new();
    for month in 3..9 {
        app.set_clock(&format!("2026-0{month}-30T09:00:00Z"));
        last = support(app, unit);
        if month % 3 == 2 {
            // Offered again, as promised.
            decline(app, unit, case, person);
        }
    }
    for kind in ["reoffer_3m", "reoffer_6m", "support_professionals"] {
        app.every_promised(kind, |duty| duty.state == "done");
    }
    last
}

both_engines! {
    fn what_was_settled_by_mistake_is_to_be_kept_still(app: TestApp) {
        let Desk { unit, boy, case, .. } = desk(&app);
        let [ida, bo] = ["ida", "bo"].map(|name| app.account(name, &["coordinator"]));
        let (mads, lars) = (app.account("mads", &["mentor"]), app.account("lars", &["manager"]));
        unit.post("/v1/bars", &json!({"account_id": bo.account_id(), "person_id": boy, "cause": "family"})).ok();
        let path = path_of(&unit, "alert");
        let before = unit.get(&path);
        retract(&unit, &path).refused(409, "wrong_state");
        app.set_clock("2026-03-03T12:00:00Z");
        settle(&unit, &path, "2026-03-03T09:00:00Z");
        let next = path_of(&unit, "alert");
        for (caller, status, code) in [(&bo, 404, "not_found"), (&mads, 403, "forbidden"), (&lars, 403, "forbidden")] {
            retract(caller, &path).refused(status, code);
        }
        unit.post_if(&format!("{path}/settlement/retract"), &before.tag(), &json!({})).refused(412, "stale_version");
        // Another's look: nobody looked at it yet, and the next look follows whenever somebody does.
        let open = retract(&ida, &path).ok();
        for key in ["id", "state", "owner_id", "from_at", "due_at", "closed_at", "reason"] {
            assert_eq!(open[key], before.ok()[key], "{key}");
        }
        let former = &open["retracted_settlements"][0];
        assert_eq!((&former["settled_at"], &former["recorded_by"]), (&json!("2026-03-03T09:00:00Z"), &json!(unit.account_id())));
        assert_eq!((&former["retracted_at"], &former["retracted_by"]), (&json!(app.clock.now()), &json!(ida.account_id())));
        assert_eq!(path_of(&unit, "alert"), path);
        let gone = unit.get(&next).ok();
        assert_eq!((&gone["state"], &gone["reason"]), (&json!("ended"), &json!("corrected")));
        retract(&unit, &path).refused(409, "wrong_state");
        settle(&unit, &path, "2026-03-03T10:00:00Z");
        let next = path_of(&unit, "alert");
        assert_eq!(unit.get(&next).ok()["from_at"], "2026-03-03T10:00:00Z");
        assert_eq!(unit.get(&next).ok()["due_at"], "2026-03-04T22:59:59.999999Z");
        // Looked at again since, that comes first.
        app.set_clock("2026-03-04T09:00:00Z");
        settle(&unit, &next, "2026-03-04T09:00:00Z");
        let blocked = retract(&unit, &path).refused(409, "blocked");
        assert_eq!(format!("/v1/duties/{}", blocked["blocking"][0]["id"].as_str().unwrap()), next);
        retract(&unit, &next).ok();
        retract(&unit, &path).ok();
        assert_eq!(path_of(&unit, "alert"), path);
        // Resolved, and what an operation keeps.
        let alert = unit.get(&format!("/v1/cases/{case}")).ok()["alerts"][0]["id"].as_str().unwrap().to_owned();
        let found = json!({"resolution": "Fundet", "happened_at": "2026-03-03T09:30:00Z"});
        unit.post(&format!("/v1/cases/{case}/alerts/{alert}/resolve"), &found).ok();
        retract(&unit, &path).refused(409, "wrong_state");
        let referral = path_of(&unit, "referral");
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        let refused = retract(&unit, &referral).refused(409, "wrong_state");
        assert!(refused["detail"].as_str().unwrap().contains("cases.refer"), "{refused}");
    }

    fn a_review_and_support_that_never_were_are_still_to_come(app: TestApp) {
        let Desk { unit, case, offer, .. } = desk(&app);
        let settle = |path: &str| settle(&unit, path, &app.clock.now().to_string());
        unit.post(&format!("/v1/offers/{offer}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        let (_, course) = reviewed(&app, &unit, &case);
        app.set_clock("2026-03-30T09:00:00Z");
        let support = format!("/v1/duties/{}", items(&unit, "?kind=support_professionals")[0]["id"].as_str().unwrap());
        settle(&support);
        assert_eq!(retract(&unit, &support).ok()["state"], "open");
        settle(&support);
        app.set_clock("2026-05-31T09:00:00Z");
        let review = path_of(&unit, "plan_review");
        settle(&review);
        let next = path_of(&unit, "plan_review");
        assert_eq!(retract(&unit, &review).ok()["due_at"], "2026-06-02T21:59:59.999999Z");
        assert_eq!((path_of(&unit, "plan_review"), &unit.get(&next).ok()["state"]), (review.clone(), &json!("ended")));
        app.set_clock("2026-06-01T09:00:00Z");
        settle(&review);
        assert_eq!(unit.get(&path_of(&unit, "plan_review")).ok()["due_at"], "2026-09-01T21:59:59.999999Z");
        // A new version of the plan, and no more offers: it is past.
        plan(&app, &unit, &course);
        retract(&unit, &review).refused(409, "wrong_state");
        let boy = unit.get(&format!("/v1/offers/{offer}")).ok()["person_id"].clone();
        let stop = json!({"person_id": boy, "track": "mentor", "reason": "no_longer_relevant", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        retract(&unit, &support).refused(409, "wrong_state");
    }

    fn it_is_whoevers_has_the_case_by_now(app: TestApp) {
        let Desk { unit, case, .. } = desk(&app);
        let [ida, bo] = ["ida", "bo"].map(|name| app.account(name, &["coordinator"]).account_id());
        let give = |to: Value| {
            let path = format!("/v1/cases/{case}");
            unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": to})).ok();
        };
        let look = path_of(&unit, "alert");
        app.set_clock("2026-03-03T12:00:00Z");
        // Ida's and the unit's when it was settled, Bo's or the unit's when that is taken back.
        for (from, to) in [(json!(ida), json!(bo)), (Value::Null, json!(bo)), (json!(ida), Value::Null), (json!(bo), json!(bo))] {
            give(from.clone());
            assert_eq!(unit.get(&look).ok()["owner_id"], from);
            settle(&unit, &look, "2026-03-03T09:00:00Z");
            give(to.clone());
            let open = retract(&unit, &look).ok();
            assert_eq!((&open["state"], &open["owner_id"]), (&json!("open"), &to), "{from}");
        }
    }

    fn what_was_given_to_somebody_is_theirs_again_as_long_as_they_may_have_it(app: TestApp) {
        let Desk { unit, boy, .. } = desk(&app);
        let [ida, bo] = ["ida", "bo"].map(|name| app.account(name, &["coordinator"]).account_id());
        let (look, own) = (path_of(&unit, "alert"), unit.account_id());
        let give = |to: &str| unit.put(&format!("{look}/owner"), &unit.get(&look).tag(), &json!({"account_id": to})).ok();
        app.set_clock("2026-03-03T12:00:00Z");
        let settled = || settle(&unit, &look, "2026-03-03T09:00:00Z");
        let taken_back = || retract(&unit, &look).ok()["owner_id"].clone();
        for to in [&ida, &bo, &ida] {
            give(to);
            settled();
            assert_eq!(taken_back(), json!(to));
        }
        // Barred since, or without an account, they may not have it: it is whoever's answers for the case.
        settled();
        unit.post("/v1/bars", &json!({"account_id": ida, "person_id": boy, "cause": "family"})).ok();
        assert_eq!(taken_back(), json!(own));
        give(&bo);
        settled();
        unit.post(&format!("/v1/accounts/{bo}/disable"), &json!({})).ok();
        assert_eq!(taken_back(), json!(own));
    }

    fn what_was_taken_from_whom_it_was_given_to_comes_and_goes_with_the_case(app: TestApp) {
        let Desk { unit, case, .. } = desk(&app);
        let [ida, bo] = ["ida", "bo"].map(|name| app.account(name, &["coordinator"]).account_id());
        let (look, path) = (path_of(&unit, "alert"), format!("/v1/cases/{case}"));
        let case_to = |to: &str| unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": to})).ok();
        app.set_clock("2026-03-03T12:00:00Z");
        unit.put(&format!("{look}/owner"), &unit.get(&look).tag(), &json!({"account_id": ida})).ok();
        for to in [&ida, &bo, &ida] {
            case_to(to);
            assert_eq!(unit.get(&look).ok()["owner_id"], json!(to));
        }
        // It is Ida's since the case is: Bo's, who has that when it turns out not to be settled.
        settle(&unit, &look, "2026-03-03T09:00:00Z");
        case_to(&bo);
        assert_eq!(retract(&unit, &look).ok()["owner_id"], json!(bo));
    }

    fn two_looks_at_one_moment_do_not_keep_each_other(app: TestApp) {
        let Desk { unit, .. } = desk(&app);
        let raised = "2026-03-02T08:00:00Z";
        let look = || {
            let path = path_of(&unit, "alert");
            settle(&unit, &path, raised);
            path
        };
        let (first, second, third) = (look(), look(), path_of(&unit, "alert"));
        retract(&unit, &second).ok();
        assert_eq!((path_of(&unit, "alert"), &unit.get(&third).ok()["state"]), (second.clone(), &json!("ended")));
        retract(&unit, &first).ok();
        assert_eq!((path_of(&unit, "alert"), &unit.get(&second).ok()["state"]), (first.clone(), &json!("ended")));
        // Somebody looked after the first: that comes first.
        app.set_clock("2026-03-02T10:00:00Z");
        settle(&unit, &first, raised);
        let next = path_of(&unit, "alert");
        settle(&unit, &next, "2026-03-02T09:00:00Z");
        assert_eq!(format!("/v1/duties/{}", retract(&unit, &first).refused(409, "blocked")["blocking"][0]["id"].as_str().unwrap()), next);
    }

    fn a_review_that_never_followed_is_not_given_back_after_a_death(app: TestApp) {
        let Desk { unit, case, .. } = desk(&app);
        let (father, _) = reviewed(&app, &unit, &case);
        app.set_clock("2026-06-03T09:00:00Z");
        app.tick();
        let review = path_of(&unit, "plan_review");
        let late = unit.get(&review).ok();
        assert_eq!((&late["is_late"], late["late_told_at"].is_string()), (&json!(true), true));
        settle(&unit, &review, "2026-06-01T09:00:00Z");
        let next = path_of(&unit, "plan_review");
        retract(&unit, &review).ok();
        app.set_clock("2026-06-04T09:00:00Z");
        unit.post(&format!("/v1/people/{father}/death"), &json!({"happened_at": app.clock.now()})).ok();
        assert!(items(&unit, "?kind=plan_review").is_empty());
        unit.post(&format!("/v1/people/{father}/death/retract"), &json!({})).ok();
        // It is the one that was still to come, and was told late; the next follows it.
        assert_eq!(path_of(&unit, "plan_review"), review);
        app.tick();
        let again = unit.get(&review).ok();
        assert_eq!((&again["due_at"], &again["late_told_at"]), (&late["due_at"], &late["late_told_at"]));
        assert_eq!(unit.get(&next).ok()["reason"], "corrected");
        settle(&unit, &review, "2026-06-01T09:00:00Z");
        assert_eq!(path_of(&unit, "plan_review"), next);
        assert_eq!(unit.get(&next).ok()["due_at"], "2026-09-01T21:59:59.999999Z");
    }

    fn support_is_still_to_be_given_to_those_around_whoever_is_back(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let people = format!("/v1/cases/{case}/people");
        decline(&app, &unit, &case, &father);
        app.set_clock("2026-03-30T09:00:00Z");
        let first = support(&app, &unit);
        app.set_clock("2026-04-10T09:00:00Z");
        let leaves = json!({"reason": "added_by_mistake", "happened_at": app.clock.now()});
        unit.post(&format!("{people}/{father}/leave"), &leaves).ok();
        retract(&unit, &first).refused(409, "wrong_state");
        // The second fell due while he was out of it.
        app.set_clock("2026-05-10T09:00:00Z");
        unit.post(&people, &json!({"person_id": father, "role": "parent"})).ok();
        assert_eq!(app.promised("support_professionals")[1].reason.as_deref(), Some("left_case"));
        assert_eq!(retract(&unit, &first).ok()["state"], "open");
    }

    fn support_is_not_to_be_given_any_more_where_nothing_is_offered(app: TestApp) {
        let unit = app.coordinator();
        let mother = unit.person("parent", "Mathildur", None);
        let case = app.founded_case(&unit, &[&mother]);
        let last = decline_and_keep_all(&app, &unit, &case, &mother);
        let close = |reason: &str| unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": reason, "happened_at": app.clock.now()})).ok();
        close("moved");
        assert_eq!(retract(&unit, &last).refused(409, "wrong_state")["detail"], "Der gives ikke nye tilbud mere");
        unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok();
        // It outlives any other closing.
        close("handed_over");
        let open = retract(&unit, &last).ok();
        assert_eq!((&open["state"], &open["owner_id"]), (&json!("open"), &json!(unit.account_id())));
    }

    fn nor_to_those_around_whom_the_police_took_over_when_nothing_was_promised(app: TestApp) {
        let unit = app.coordinator();
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let opener = concern(&app, &unit, &mother);
        screened(&unit, &opener, "clear");
        let case = conclude(&unit, &opener, "founded", None).ok()["standing"]["case_id"].as_str().unwrap().to_owned();
        let joiner = concern(&app, &unit, &father);
        screened(&unit, &joiner, "clear");
        conclude(&unit, &joiner, "founded", Some(&case)).ok();
        let last = decline_and_keep_all(&app, &unit, &case, &mother);
        // With a concern that joined they take whom it is about.
        screened(&unit, &joiner, "taken_over");
        assert_eq!(retract(&unit, &last).ok()["state"], "open");
        settle(&unit, &last, &app.clock.now().to_string());
        // With the one that opened the case they take all that is in it, also where it had been closed.
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        assert_eq!(retract(&unit, &last).ok()["state"], "open");
        settle(&unit, &last, &app.clock.now().to_string());
        screened(&unit, &opener, "taken_over");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["close_reason"], "handed_over");
        assert_eq!(retract(&unit, &last).refused(409, "wrong_state")["detail"], "Der gives ikke nye tilbud mere");
        app.every_promised("support_professionals", |duty| duty.state == "done");
    }
}
