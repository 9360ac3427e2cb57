//! What a leave is when its owner's clock hangs elsewhere, and whose a cover is wherever the session was moved: it goes with its leave.

use serde_json::{Value, json};

use crate::sessions::{family, plan, staff};
use crate::staff_covers::{away, flaw};
use crate::support::TestApp;

/// How the promises of leaves stand, and the day by which each is or was due.
fn promises(app: &TestApp) -> Vec<String> {
    app.promised("undecided_leave").into_iter().map(|duty| format!("{} {}", duty.state, &duty.due_at.to_string()[..10])).collect()
}

both_engines! {
    fn what_lies_in_a_leave_goes_by_the_zone_its_owner_has_now(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let malte = format!("/v1/staff/{}", mentor.get("/v1/me/staff").id());
        // At 23:00 of the leave's only day; in Tokyo it is the morning after.
        let session = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T22:00:00Z", "2026-03-11T22:45:00Z")).id();
        let ill = json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"});
        let entered = mentor.post(&format!("{malte}/leaves"), &ill).ok();
        let leave = format!("{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let listed = || unit.get(&format!("{leave}/cover-list")).ok()["sessions"].as_array().unwrap().len();
        let to = |zone: Value| mentor.put(&format!("{malte}/hours"), "*", &json!({"week": null, "zone": zone})).ok();
        assert_eq!(listed(), 1);
        assert_eq!(promises(&app), ["open 2026-03-09"]);
        to(json!("Asia/Tokyo"));
        assert_eq!(listed(), 0);
        assert_eq!(promises(&app), ["done 2026-03-09"]);
        let decided = unit.post(&format!("{leave}/cover-decisions"), &json!({"decisions": [{"session_id": session, "cancel": {}}]}));
        assert_eq!(flaw(&decided.refused(422, "invalid")), "/decisions/0/session_id not_in_leave");
        // The same again is nothing new, and so is the programme's zone in whichever word.
        to(json!("Asia/Tokyo"));
        assert_eq!(promises(&app), ["done 2026-03-09"]);
        for zone in [Value::Null, json!("Europe/Copenhagen")] {
            to(zone);
            assert_eq!(listed(), 1);
            assert_eq!(promises(&app), ["open 2026-03-09"]);
        }
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(promises(&app), ["open 2026-03-09"]);
    }

    fn what_comes_into_a_leave_by_another_zone_is_promised_at_once(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let malte = format!("/v1/staff/{}", mentor.get("/v1/me/staff").id());
        // At two in the night after the leave; in New York it is still its evening.
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-12T01:00:00Z", "2026-03-12T02:00:00Z")).ok();
        mentor.post(&format!("{malte}/leaves"), &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        assert!(promises(&app).is_empty());
        app.set_clock("2026-03-11T20:00:00Z");
        mentor.put(&format!("{malte}/hours"), "*", &json!({"week": null, "zone": "America/New_York"})).ok();
        // By its start, for the day is past by which it would have been due.
        let standing = || app.promise("undecided_leave");
        assert_eq!(standing(), ("open".to_owned(), "2026-03-12T01:00:00Z".to_owned(), None));
        // It has begun before the night came, and is not forgotten.
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        assert_eq!(standing().0, "open");
    }

    fn a_proposal_that_nobody_answered_needs_no_decision_once_it_is_past(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let mut proposal = plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        proposal["proposed"] = json!(true);
        mentor.post("/v1/sessions", &proposal).ok();
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        mentor.post(&leaves, &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        for (at, expected) in [("2026-03-11T04:00:00Z", "open 2026-03-09"), ("2026-03-12T04:00:00Z", "done 2026-03-09")] {
            app.set_clock(at);
            app.tick();
            assert_eq!(promises(&app), [expected], "{at}");
        }
    }

    fn a_cover_goes_with_its_leave_wherever_session_and_clock_were_moved(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        // On the last evening of the leave, the 29th; in Tokyo it is the 30th.
        let evening = unit.post("/v1/sessions", &plan(&away.family.mentoring, "2026-03-29T20:00:00Z", "2026-03-29T21:00:00Z")).id();
        away.decide(&json!([away.cover(2), {"session_id": evening, "cover": {"staff_id": away.vitas}}])).ok();
        let [moved, late] = [&away.sessions[2], &evening].map(|id| format!("/v1/sessions/{id}"));
        let covered = |path: &str| unit.get(path).ok()["covered_by"].clone();
        // Whoever covers moves the one out of the leave, as he wishes: they still meet, and he is told who comes.
        app.set_clock("2026-03-20T08:00:00Z");
        let later = json!({"starts_at": "2026-04-02T14:00:00Z", "ends_at": "2026-04-02T15:00:00Z", "by": "person"});
        vita.post_if(&format!("{moved}/move"), &vita.get(&moved).tag(), &later).ok();
        mentor.put(&format!("/v1/staff/{}/hours", away.malte), "*", &json!({"week": null, "zone": "Asia/Tokyo"})).ok();
        assert_eq!([covered(&moved), covered(&late)], [json!(away.vitas), json!(away.vitas)]);
        let told = || app.promised("tell_by_hand").iter().filter(|duty| duty.state == "open" && duty.slot.starts_with("cover")).count();
        assert_eq!(told(), 1);
        assert_eq!(mentor.delete(&away.leave).status, 204);
        assert_eq!([covered(&moved), covered(&late)], [Value::Null, Value::Null]);
        assert_eq!(told(), 0);
        for path in [&moved, &late] {
            vita.get(path).refused(404, "not_found");
            assert_eq!(unit.get(path).ok()["state"], "planned");
        }
        assert_eq!(unit.get(&moved).ok()["starts_at"], "2026-04-02T14:00:00Z");
    }

    fn who_comes_in_the_place_of_a_cover_comes_for_the_same_leave(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        // Vita is ill, and Nora comes in her place.
        let vitas = format!("/v1/staff/{}/leaves", away.vitas);
        let entered = unit.post(&vitas, &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        let ill = format!("{vitas}/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let noras = staff(&app, &app.account("nora", &["mentor"]), true);
        let decisions = json!({"decisions": [{"session_id": away.sessions[0], "cover": {"staff_id": noras}}]});
        unit.post(&format!("{ill}/cover-decisions"), &decisions).ok();
        let covered = || [0, 1].map(|at| unit.get(&format!("/v1/sessions/{}", away.sessions[at])).ok()["covered_by"].clone());
        // Vita is well again: nothing of it was hers to run.
        assert_eq!(unit.delete(&ill).status, 204);
        assert_eq!(covered(), [json!(noras), json!(away.vitas)]);
        // What lies in another leave of Malte's is covered for that.
        let short = json!({"kind": "other", "from_on": "2026-03-18", "until_on": "2026-03-18"});
        let entered = unit.post(&format!("/v1/staff/{}/leaves", away.malte), &short).ok();
        let short = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == "2026-03-18").unwrap()["id"].clone();
        assert_eq!(unit.delete(&away.leave).status, 204);
        assert_eq!(covered(), [Value::Null, json!(away.vitas)]);
        assert_eq!(unit.delete(&format!("/v1/staff/{}/leaves/{}", away.malte, short.as_str().unwrap())).status, 204);
        assert_eq!(covered(), [Value::Null, Value::Null]);
    }
}
