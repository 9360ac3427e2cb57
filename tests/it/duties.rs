//! The ledger over HTTP: what stands on top, what is settled by hand and what is not, whose it is, who may see it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// A boy's case with an alert and an open offer: three promises.
pub struct Desk<'a> {
    pub unit: Caller<'a>,
    pub boy: String,
    pub case: String,
    pub offer: String,
}

pub fn desk(app: &TestApp) -> Desk<'_> {
    let unit = app.coordinator();
    let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
    let (case, now) = (app.founded_case(&unit, &[&boy]), app.clock.now());
    let alert = json!({"person_id": boy, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
    unit.post(&format!("/v1/cases/{case}/alerts"), &alert).ok();
    let offer = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
    Desk { unit, boy, case, offer }
}

pub fn items(caller: &Caller<'_>, query: &str) -> Vec<Value> {
    caller.get(&format!("/v1/duties{query}")).ok()["items"].as_array().unwrap().clone()
}

fn kinds(caller: &Caller<'_>, query: &str) -> Vec<String> {
    items(caller, query).iter().map(|duty| duty["kind"].as_str().unwrap().to_owned()).collect()
}

/// The path of the one open promise of a kind.
pub fn path_of(caller: &Caller<'_>, kind: &str) -> String {
    let found = items(caller, &format!("?kind={kind}"));
    assert_eq!(found.len(), 1, "{kind}: {found:?}");
    format!("/v1/duties/{}", found[0]["id"].as_str().unwrap())
}

fn flaw(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

both_engines! {
    fn what_is_late_stands_on_top_and_every_filter_holds(app: TestApp) {
        let Desk { unit, boy, case, offer } = desk(&app);
        let (eva, nobody) = (unit.account_id(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(kinds(&unit, ""), ["alert", "referral", "answer"]);
        for (query, expected) in [
            ("kind=answer", vec!["answer"]),
            (&*format!("case={case}&kind=referral"), vec!["referral"]),
            (&format!("case={nobody}"), vec![]),
            (&format!("person={boy}"), vec!["alert", "answer"]),
            (&format!("enquiry={nobody}"), vec![]),
            (&format!("match={nobody}"), vec![]),
            ("owner=me", vec!["alert", "referral", "answer"]),
            (&format!("owner={eva}&due_before=2026-03-04T08:00:00Z"), vec!["alert"]),
            ("owner=unit", vec![]),
            ("due_before=2026-03-04T08:00:00.000001Z", vec!["alert", "referral"]),
            ("opened=true", vec!["alert", "referral", "answer"]),
            ("opened=false", vec![]),
            ("late=true", vec![]),
            ("late=false", vec!["alert", "referral", "answer"]),
            ("state=done", vec![]),
        ] {
            assert_eq!(kinds(&unit, &format!("?{query}")), expected, "{query}");
        }
        for (query, code) in [("owner=eva", "wrong_value"), ("state=late", "unknown_code"), ("late=maybe", "wrong_value"), ("whose=me", "unknown_member")] {
            assert_eq!(flaw(&unit.get(&format!("/v1/duties?{query}")).refused(422, "invalid")).1, code, "{query}");
        }
        // Pages follow one another in the same order.
        let first = unit.get("/v1/duties?limit=2");
        assert_eq!(first.ok()["items"].as_array().unwrap().len(), 2);
        let next = first.header("link").unwrap().strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned();
        assert_eq!(kinds(&unit, next.strip_prefix("/v1/duties").unwrap()), ["answer"]);

        app.set_clock("2026-03-04T08:00:00Z");
        assert_eq!(kinds(&unit, "?late=true"), ["alert"], "the referral's last moment is in time");
        app.pass(TimeDelta::microseconds(1));
        assert_eq!(kinds(&unit, "?late=true"), ["alert", "referral"]);
        let late: Vec<Value> = items(&unit, "").iter().map(|duty| duty["is_late"].clone()).collect();
        assert_eq!(late, [true, true, false]);
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        unit.post(&format!("/v1/offers/{offer}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!((kinds(&unit, "?state=done&late=true"), kinds(&unit, "?state=done&late=false")), (vec!["referral".to_owned()], vec![]));
        let ended = items(&unit, "?state=ended");
        assert_eq!((&ended[0]["kind"], &ended[0]["reason"], &ended[0]["is_late"]), (&json!("answer"), &json!("offer_withdrawn"), &json!(false)));
        assert_eq!((kinds(&unit, "?state=ended&late=true").len(), kinds(&unit, "?state=ended&late=false").len()), (0, 1));
    }

    fn an_alert_is_looked_at_each_day_and_late_says_why(app: TestApp) {
        let Desk { unit, case, .. } = desk(&app);
        let path = path_of(&unit, "alert");
        let look = unit.get(&path).ok();
        assert_eq!((&look["due_at"], &look["case_id"]), (&json!("2026-03-03T22:59:59.999999Z"), &json!(case)));
        assert_eq!(look["kept_by"], json!(["duties.settle", "cases.resolve_alert"]));
        let settle = |path: &str, body: Value| unit.post(&format!("{path}/settle"), &body);
        app.set_clock("2026-03-03T10:00:00Z");
        let future = settle(&path, json!({"happened_at": "2026-03-03T10:05:01Z"})).refused(422, "invalid");
        assert_eq!(flaw(&future), ("/happened_at", "after_now"));
        let early = settle(&path, json!({"happened_at": "2026-03-02T07:59:59Z"})).refused(422, "invalid");
        assert_eq!(flaw(&early), ("/happened_at", "before_open"));
        let in_time = settle(&path, json!({"happened_at": "2026-03-03T09:00:00Z", "late_reason": "no_time"})).refused(422, "invalid");
        assert_eq!(flaw(&in_time), ("/late_reason", "in_time"));
        let settled = settle(&path, json!({"happened_at": "2026-03-03T09:00:00Z"})).ok();
        assert_eq!((&settled["state"], &settled["closed_at"]), (&json!("done"), &json!("2026-03-03T09:00:00Z")));
        settle(&path, json!({"happened_at": "2026-03-03T09:00:00Z"})).refused(409, "wrong_state");

        let next = path_of(&unit, "alert");
        assert_eq!(unit.get(&next).ok()["due_at"], "2026-03-04T22:59:59.999999Z", "the day after the look");
        app.set_clock("2026-03-06T10:00:00Z");
        let silent = settle(&next, json!({"happened_at": "2026-03-06T10:00:00Z"})).refused(422, "invalid");
        assert_eq!(flaw(&silent), ("/late_reason", "required"));
        let late = settle(&next, json!({"happened_at": "2026-03-06T10:00:00Z", "late_reason": "not_reached"})).ok();
        assert_eq!((&late["is_late"], &late["reason"]), (&json!(true), &json!("not_reached")));
        assert_eq!(unit.get(&path_of(&unit, "alert")).ok()["due_at"], "2026-03-07T22:59:59.999999Z");
        // Resolved, nothing more is promised.
        let alert = unit.get(&format!("/v1/cases/{case}")).ok()["alerts"][0]["id"].as_str().unwrap().to_owned();
        let resolve = |at: &str| unit.post(&format!("/v1/cases/{case}/alerts/{alert}/resolve"), &json!({"resolution": "Fundet", "happened_at": at}));
        let early = resolve("2026-03-06T09:59:59Z").refused(422, "invalid");
        assert_eq!(flaw(&early), ("/happened_at", "before_cause"), "somebody looked at it after that");
        let last = path_of(&unit, "alert");
        resolve("2026-03-06T10:00:00Z").ok();
        assert_eq!((unit.get(&last).ok()["state"].as_str(), kinds(&unit, "?kind=alert")), (Some("done"), vec![]));
    }

    fn what_an_operation_keeps_is_not_settled_by_hand(app: TestApp) {
        let Desk { unit, case, .. } = desk(&app);
        let now = json!({"happened_at": app.clock.now()});
        for (kind, operation) in [("referral", "cases.refer"), ("answer", "offers.accept")] {
            let path = path_of(&unit, kind);
            let refused = unit.post(&format!("{path}/settle"), &now).refused(409, "wrong_state");
            assert!(refused["detail"].as_str().unwrap().contains(operation), "{refused}");
            assert_eq!(unit.get(&path).ok()["state"], "open");
        }
        // A plan that stays as it is is reviewed by hand, and again three months on.
        let father = unit.person("parent", "Frodemund", None);
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": father, "role": "parent"})).ok();
        let offer = unit.post("/v1/offers", &self::offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{offer}/consents"), &yes(&father, app.clock.now())).ok();
        let course = unit.post(&format!("/v1/offers/{offer}/accept"), &json!({})).id();
        let plan = json!({"goals": [{"area": "school", "goal": "I skole hver dag"}], "happened_at": app.clock.now()});
        unit.post(&format!("/v1/courses/{course}/plans"), &plan).ok();
        let review = path_of(&unit, "plan_review");
        assert_eq!(unit.get(&review).ok()["kept_by"], json!(["plans.make", "duties.settle"]));
        let early = unit.post(&format!("{review}/settle"), &now).refused(422, "invalid");
        assert_eq!(flaw(&early), ("/happened_at", "before_open"), "it opens 14 days ahead");
        app.set_clock("2026-05-31T09:00:00Z");
        let settle = || json!({"happened_at": app.clock.now()});
        unit.post(&format!("{review}/settle"), &settle()).ok();
        assert_eq!(unit.get(&path_of(&unit, "plan_review")).ok()["due_at"], "2026-08-31T21:59:59.999999Z");
        app.set_clock("2026-08-31T09:00:00Z");
        unit.post(&format!("{}/settle", path_of(&unit, "plan_review")), &settle()).ok();
        assert_eq!(unit.get(&path_of(&unit, "plan_review")).ok()["due_at"], "2026-11-30T22:59:59.999999Z", "clamped");
        let revised = json!({"goals": [{"area": "leisure", "goal": "Fodbold"}], "happened_at": app.clock.now()});
        unit.post(&format!("/v1/courses/{course}/plans"), &revised).ok();
        assert_eq!(items(&unit, "?kind=plan_review")[0]["slot"], "2", "the new version keeps what was left of the old one's");
        assert_eq!(items(&unit, &format!("?case={case}&state=done&kind=plan_review")).len(), 3);
    }

    fn a_promise_stays_with_whom_it_was_given_to(app: TestApp) {
        let Desk { unit, boy, case, .. } = desk(&app);
        let (ida, bo, mads) = (app.account("ida", &["coordinator"]), app.account("bo", &["coordinator"]), app.account("mads", &["mentor"]));
        unit.post("/v1/bars", &json!({"account_id": bo.account_id(), "person_id": boy, "cause": "family"})).ok();
        let path = path_of(&unit, "referral");
        let (owner, tag) = (format!("{path}/owner"), unit.get(&path).tag());
        unit.put(&owner, "", &json!({"account_id": ida.account_id()})).refused(428, "precondition_required");
        assert_eq!(flaw(&unit.put(&owner, &tag, &json!({})).refused(422, "invalid")), ("/account_id", "required"));
        for account in [mads.account_id(), bo.account_id(), boy] {
            let refused = unit.put(&owner, &tag, &json!({"account_id": account})).refused(422, "invalid");
            assert_eq!(flaw(&refused), ("/account_id", "not_a_coordinator"));
        }
        assert_eq!(unit.put(&owner, &tag, &json!({"account_id": ida.account_id()})).ok()["owner_id"], json!(ida.account_id()));
        unit.put(&owner, &tag, &json!({"account_id": null})).refused(412, "stale_version");
        assert_eq!((kinds(&ida, "?owner=me"), kinds(&unit, "?owner=me").len()), (vec!["referral".to_owned()], 2));
        // Moved by a changed severity it stays hers.
        let severe = unit.get(&format!("/v1/cases/{case}")).tag();
        unit.patch(&format!("/v1/cases/{case}"), &severe, &json!({"severity": "hours_24"})).ok();
        let moved = unit.get(&path);
        assert_eq!((&moved.ok()["due_at"], &moved.ok()["owner_id"]), (&json!("2026-03-03T08:00:00Z"), &json!(ida.account_id())));
        assert_eq!(ida.put(&owner, &moved.tag(), &json!({"account_id": null})).ok()["owner_id"], Value::Null);
        assert_eq!(kinds(&unit, "?owner=unit"), ["referral"]);
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        unit.put(&owner, "*", &json!({"account_id": ida.account_id()})).refused(409, "wrong_state");
    }

    fn a_bar_hides_promises_and_others_see_their_own(app: TestApp) {
        let Desk { unit, boy, .. } = desk(&app);
        let (ida, mads, pia) = (app.account("ida", &["coordinator"]), app.account("mads", &["mentor"]), app.partner("pia", "school"));
        let path = path_of(&unit, "alert");
        assert_eq!(kinds(&ida, "").len(), 3);
        assert!(kinds(&mads, "").is_empty() && kinds(&mads, "?owner=unit").is_empty());
        mads.get(&path).refused(404, "not_found");
        mads.post(&format!("{path}/settle"), &json!({"happened_at": app.clock.now()})).refused(404, "not_found");
        mads.put(&format!("{path}/owner"), "*", &json!({"account_id": null})).refused(403, "forbidden");
        pia.get("/v1/duties").refused(403, "forbidden");
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": boy, "cause": "family"})).ok();
        assert!(kinds(&ida, "").is_empty(), "of the person and of the case");
        ida.get(&path).refused(404, "not_found");
        ida.post(&format!("{path}/settle"), &json!({"happened_at": app.clock.now()})).refused(404, "not_found");
        ida.put(&format!("{path}/owner"), "*", &json!({"account_id": null})).refused(404, "not_found");
    }
}
