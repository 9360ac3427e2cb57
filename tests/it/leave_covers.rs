//! The edges of covers: a leave on a clock of its own, whoever covers steps back, and every decision that cannot be is named.

use serde_json::{Value, json};

use crate::sessions::{family, plan, staff};
use crate::support::TestApp;

both_engines! {
    fn a_leave_lies_on_the_clock_of_whoever_is_away(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let malte = mentor.get("/v1/me/staff").id();
        mentor.put(&format!("/v1/staff/{malte}/hours"), "*", &json!({"week": null, "zone": "America/New_York"})).ok();
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T01:00:00Z"), &format!("2026-03-{day}T02:00:00Z"))).id();
        // On the 19th and the 20th, at nine in the evening there.
        let (before, within) = (planned("20"), planned("21"));
        let away = json!({"kind": "holiday", "from_on": "2026-03-20", "until_on": "2026-03-20"});
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let listed = mentor.get(&format!("{leave}/cover-list")).ok();
        assert_eq!((&listed["sessions"][0]["id"], listed["sessions"].as_array().unwrap().len()), (&json!(within), 1));
        let decide = |decisions: Value| family.unit.post(&format!("{leave}/cover-decisions"), &json!({ "decisions": decisions }));
        let refused = decide(json!([{"session_id": before, "cancel": {}}])).refused(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "not_in_leave");
        let to = |day: &str| json!([{"session_id": within, "move": {"starts_at": format!("2026-03-{day}T02:00:00Z"), "ends_at": format!("2026-03-{day}T03:00:00Z"), "reason": "holiday"}}]);
        assert_eq!(decide(to("21")).refused(422, "invalid")["errors"][0]["code"], "in_leave");
        decide(to("22")).ok();
        let change = mentor.get(&format!("/v1/sessions/{within}/changes")).ok()["items"][0].clone();
        assert_eq!((&change["by"], &change["reason"]), (&json!("staff"), &json!("holiday")));
    }

    fn whoever_covers_may_step_back(app: TestApp) {
        let family = family(&app);
        let malte = family.mentor.get("/v1/me/staff").id();
        let vita = app.account("vita", &["mentor"]);
        let vitas = staff(&app, &vita, true);
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let cover = json!({"decisions": [{"session_id": session, "cover": {"staff_id": vitas}}]});
        family.unit.post(&format!("{leave}/cover-decisions"), &cover).ok();
        let path = format!("/v1/sessions/{session}");
        vita.get(&path).ok();
        let ended = vita.post(&format!("{path}/end-cover"), &json!({"by": "staff"}));
        assert_eq!((ended.status, ended.json()), (202, Value::Null));
        vita.get(&path).refused(404, "not_found");
        let seen = family.mentor.get(&path).ok();
        assert_eq!((&seen["state"], &seen["covered_by"]), (&json!("planned"), &Value::Null));
        vita.post(&format!("{path}/end-cover"), &json!({"by": "staff"})).refused(404, "not_found");
    }

    fn every_decision_that_cannot_be_is_named(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let malte = mentor.get("/v1/me/staff").id();
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (first, second) = (planned("10"), planned("11"));
        let taken = [planned("17"), planned("18")];
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-13"})).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let to = |session: &str, day: &str| json!({"session_id": session, "move": {"starts_at": format!("2026-03-{day}T15:30:00Z"), "ends_at": format!("2026-03-{day}T16:30:00Z")}});
        let decisions = json!({"decisions": [to(&first, "17"), to(&second, "18")]});
        let refused = family.unit.post(&format!("{leave}/cover-decisions"), &decisions).refused(409, "claims_overlap");
        assert_eq!(refused["blocking"], json!([{"kind": "session", "id": first}, {"kind": "session", "id": second}]));
        assert_eq!(refused["alternatives"].as_array().unwrap().len(), 3);
        // Nothing was moved, and what was in the way stands.
        assert!(taken.iter().chain([&first, &second]).all(|id| mentor.get(&format!("/v1/sessions/{id}")).ok()["moved_count"] == 0));
    }
}
