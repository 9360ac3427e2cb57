//! One session that is arranged anew: longer or shorter, met otherwise or elsewhere; and how far ahead one may be.

use serde_json::{Value, json};

use crate::sessions::{FIRST, family, family_of, held, plan};
use crate::support::TestApp;

both_engines! {
    fn how_and_where_one_session_is_held_changes_and_nobody_is_told_that_it_moved(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        let (starts_at, ends_at) = ("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        let planned = mentor.post("/v1/sessions", &plan(&family.mentoring, starts_at, ends_at));
        let path = format!("/v1/sessions/{}", planned.id());
        let waiting = || unit.get(&format!("/v1/messages?person={}&state=waiting", family.boy)).ok()["items"].clone();
        let reminders = waiting();
        assert!(!reminders.as_array().unwrap().is_empty());

        let arrange = |more: Value| {
            let mut body = json!({"starts_at": starts_at, "ends_at": ends_at});
            more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
            mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &body)
        };
        assert_eq!(arrange(json!({"kind": "dance"})).refused(422, "invalid")["errors"][0]["pointer"], "/kind");
        // What is not said stays, and what stays is no change.
        assert_eq!(arrange(json!({})).ok()["version"], planned.ok()["version"]);
        let by_phone = arrange(json!({"kind": "phone", "place_code": null, "by": "person", "reason": "transport"})).ok();
        assert_eq!((&by_phone["id"], &by_phone["starts_at"], &by_phone["moved_count"]), (&planned.ok()["id"], &json!(starts_at), &json!(0)));
        assert_eq!((&by_phone["kind"], &by_phone["place_code"], &by_phone["state"]), (&json!("phone"), &Value::Null, &json!("planned")));
        let elsewhere = arrange(json!({"place_code": "school", "by": "staff"})).ok();
        assert_eq!((&elsewhere["kind"], &elsewhere["place_code"]), (&json!("phone"), &json!("school")));
        assert_eq!(waiting(), reminders, "the same reminders, as they were planned");
        // It still holds its time, and only that.
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).refused(409, "claims_overlap");

        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "kind": "video", "by": "unit"});
        let moved = unit.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &there).ok();
        assert_eq!((&moved["kind"], &moved["place_code"], &moved["moved_count"]), (&json!("video"), &json!("school"), &json!(1)));
        app.tick();
        let told: Vec<String> = app.capture.to("+4520123456").into_iter().map(|sent| sent.message.lines[0].clone()).collect();
        assert_eq!(told.len(), 1, "of the move alone: {told:?}");
        let changes = mentor.get(&format!("{path}/changes")).ok();
        let told = |change: &Value| format!("{} {} {}", change["kind"], change["by"], change["reason"]).replace('"', "");
        let told: Vec<_> = changes["items"].as_array().unwrap().iter().map(told).collect();
        assert_eq!(told, ["changed person transport", "changed staff null", "moved unit null"]);
        // What is off is not arranged anew.
        mentor.post(&format!("{path}/cancel"), &json!({"by": "staff"})).ok();
        arrange(json!({"kind": "phone"})).refused(409, "wrong_state");
    }

    fn a_log_that_names_another_way_to_meet_next_changes_what_it_had_planned(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        let next = |kind: &str| json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z", "kind": kind});
        for kind in ["phone", "video"] {
            log["next_appointment"] = next(kind);
            assert_eq!(mentor.put(FIRST, "", &log).ok()["warnings"], json!([]));
            let coming = mentor.get("/v1/sessions?from=2026-03-10T00:00:00Z").ok()["items"].clone();
            assert_eq!((coming.as_array().unwrap().len(), &coming[0]["kind"], &coming[0]["moved_count"]), (1, &json!(kind), &json!(0)));
        }
    }

    fn nothing_is_planned_beyond_two_years(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let hour = |day: &str| plan(&family.mentoring, &format!("{day}T07:00:00Z"), &format!("{day}T08:00:00Z"));
        let flaw = |problem: Value| format!("{} {}", problem["errors"][0]["pointer"], problem["errors"][0]["code"]).replace('"', "");
        for day in ["2028-03-03", "2099-03-29", "2150-07-01"] {
            assert_eq!(flaw(mentor.post("/v1/sessions", &hour(day)).refused(422, "invalid")), "/starts_at too_far", "{day}");
        }
        let last = mentor.post("/v1/sessions", &hour("2028-03-02")).id();
        let there = json!({"starts_at": "2082-03-02T07:00:00Z", "ends_at": "2082-03-02T08:00:00Z"});
        let refused = mentor.post_if(&format!("/v1/sessions/{last}/move"), "*", &there).refused(422, "invalid");
        assert_eq!(flaw(refused), "/starts_at too_far");
    }

    fn two_years_from_a_leap_day_are_the_same_for_all(app: TestApp) {
        app.set_clock("2028-02-29T08:00:00Z");
        let family = family_of(&app, "2012-05-01");
        let mentor = &family.mentor;
        let flaw = |problem: Value| format!("{} {}", problem["errors"][0]["pointer"], problem["errors"][0]["code"]).replace('"', "");
        let hour = |day: &str| plan(&family.mentoring, &format!("{day}T09:00:00Z"), &format!("{day}T10:00:00Z"));
        mentor.post("/v1/sessions", &hour("2030-02-28")).ok();
        assert_eq!(flaw(mentor.post("/v1/sessions", &hour("2030-03-01")).refused(422, "invalid")), "/starts_at too_far");
        let until = |on: &str| json!({"match_id": family.mentoring, "rule": "FREQ=MONTHLY;BYDAY=-1TU", "at_min": 960, "until_on": on});
        assert_eq!(flaw(mentor.post("/v1/series", &until("2030-03-01")).refused(422, "invalid")), "/until_on too_far");
        mentor.post("/v1/series", &until("2030-02-28")).ok();
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        let leave = |from_on: &str, until_on: &str| mentor.post(&leaves, &json!({"kind": "parental", "from_on": from_on, "until_on": until_on}));
        assert_eq!(flaw(leave("2028-02-29", "2030-03-01").refused(422, "invalid")), "/until_on too_long");
        assert_eq!(flaw(leave("2026-02-28", "2026-03-01").refused(422, "invalid")), "/from_on too_far");
        assert_eq!(flaw(leave("2030-03-01", "2030-03-02").refused(422, "invalid")), "/from_on too_far");
        leave("2026-03-01", "2026-03-02").ok();
        leave("2028-02-29", "2030-02-28").ok();
    }
}
