//! Logs of whoever lost the match meanwhile: a cover taken back, another account, another role. What happened is heard, and shows them nothing.

use serde_json::{Value, json};

use crate::sessions::{FIRST, SECOND, family, held, staff};
use crate::staff_covers::away;
use crate::support::TestApp;
use crate::support::caller::Caller;

/// A log of a phone's own number.
fn path(number: usize) -> String {
    format!("/v1/session-logs/{number}2222222-2222-4222-8222-222222222222")
}

/// Held at an hour of a day in March, written down an hour and a half later.
fn met(matched: &str, day: &str, hour: u32) -> Value {
    held(matched, &format!("2026-03-{day}T{hour:02}:00:00Z"), &format!("2026-03-{day}T{:02}:30:00Z", hour + 1))
}

/// Sends a log: what it is answered with has nothing but what it could not do, and the log is not to be read.
fn is_taken_in(caller: &Caller<'_>, path: &str, log: &Value) {
    let taken = caller.put(path, "", log);
    assert_eq!((taken.status, &taken.json()["welfare"], taken.json().as_object().unwrap().len()), (202, &Value::Null, 2), "{taken}");
    assert!([403, 404].contains(&caller.get(path).status));
}

both_engines! {
    fn whoever_covered_once_is_heard(app: TestApp) {
        let away = away(&app);
        let (unit, vita, mentoring) = (&away.family.unit, &away.vita, &away.family.mentoring);
        let nora = app.account("nora", &["mentor"]);
        let noras = staff(&app, &nora, true);
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        // While her phone is out of the network: taken back, given to another, struck with the leave.
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "unit"})).ok();
        away.decide(&json!([{"session_id": away.sessions[1], "cover": {"staff_id": noras}}])).ok();
        assert_eq!(away.family.mentor.delete(&away.leave).status, 204);
        app.set_clock("2026-03-26T08:00:00Z");
        for (at, day) in ["11", "18", "25"].into_iter().enumerate() {
            let (path, mut log) = (path(at + 1), met(mentoring, day, 15));
            log["session_id"] = json!(away.sessions[at]);
            if at == 0 {
                log.as_object_mut().unwrap().remove("match_id");
            }
            is_taken_in(vita, &path, &log);
            is_taken_in(vita, &path, &log);
            (log["facts"], log["revision"]) = (json!("Vi gik en tur"), json!(2));
            is_taken_in(vita, &path, &log);
            let stored = unit.get(&path).ok();
            assert_eq!((&stored["session_id"], &stored["in_tray"], &stored["revision"]), (&json!(away.sessions[at]), &json!(true), &json!(2)));
            assert_eq!((&stored["writer_id"], &stored["content"]["facts"]), (&json!(vita.account_id()), &json!("Vi gik en tur")));
        }
        // What she met without a plan lies there, too; nobody is heard of what was never theirs.
        is_taken_in(vita, &path(4), &met(mentoring, "20", 10));
        let mut never = met(mentoring, "11", 18);
        never["session_id"] = json!(away.sessions[0]);
        nora.put(&path(5), "", &never).refused(404, "not_found");
        away.family.coach.put(&path(5), "", &met(mentoring, "20", 12)).refused(404, "not_found");
        // Whom she may not know of any more she writes nothing about.
        unit.post("/v1/bars", &json!({"account_id": vita.account_id(), "person_id": away.family.boy, "cause": "family"})).ok();
        vita.put(&path(4), "", &met(mentoring, "20", 10)).refused(404, "not_found");
        vita.put(&path(5), "", &met(mentoring, "20", 12)).refused(404, "not_found");
    }

    fn a_cover_whose_plan_fell_away_goes_on_with_the_log(app: TestApp) {
        let away = away(&app);
        let (unit, vita, mentoring) = (&away.family.unit, &away.vita, &away.family.mentoring);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        unit.post(&format!("/v1/sessions/{}/cancel", away.sessions[0]), &json!({"by": "unit"})).ok();
        let moved = format!("/v1/sessions/{}", away.sessions[1]);
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "by": "unit"});
        unit.post_if(&format!("{moved}/move"), &unit.get(&moved).tag(), &there).ok();

        app.set_clock("2026-03-11T17:00:00Z");
        let mut off = met(mentoring, "11", 15);
        (off["session_id"], off["revision"]) = (json!(away.sessions[0]), json!(1));
        let stored = vita.put(FIRST, "", &off);
        assert_eq!((stored.status, &stored.ok()["warnings"]), (201, &json!(["plan_changed"])));
        assert_ne!(stored.ok()["session_id"], off["session_id"]);
        is_taken_in(vita, FIRST, &off);
        (off["facts"], off["revision"]) = (json!("Vi gik en tur"), json!(2));
        let next = vita.put(FIRST, "", &off);
        assert_eq!((next.status, &next.ok()["revision"], &next.ok()["in_tray"]), (200, &json!(2), &json!(false)));

        app.set_clock("2026-03-18T17:00:00Z");
        let mut old = met(mentoring, "18", 15);
        old["session_id"] = json!(away.sessions[1]);
        is_taken_in(vita, SECOND, &old);
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "other"})).ok();
        is_taken_in(vita, SECOND, &old);
        off["revision"] = json!(3);
        for (path, log) in [(FIRST, &mut off), (SECOND, &mut old)] {
            log["facts"] = json!("Vi gik til havnen");
            is_taken_in(vita, path, log);
            let kept = unit.get(path).ok();
            assert_eq!((&kept["content"]["facts"], &kept["in_tray"]), (&json!("Vi gik til havnen"), &json!(true)));
        }
    }

    fn an_account_that_was_replaced_is_heard(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        let malte = unit.get(&format!("/v1/matches/{mentoring}")).ok()["staff_id"].as_str().unwrap().to_owned();
        app.set_clock("2026-03-04T17:00:00Z");
        let mut first = met(mentoring, "04", 15);
        assert_eq!(mentor.put(FIRST, "", &first).status, 201);
        let again = app.account("magnus", &["mentor"]);
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"account_id": again.account_id()})).ok();
        // The old phone comes back: with what it had sent, a correction of it, and what nobody knows yet.
        is_taken_in(mentor, FIRST, &first);
        first["facts"] = json!("Vi spillede dam");
        is_taken_in(mentor, FIRST, &first);
        let second = met(mentoring, "04", 12);
        is_taken_in(mentor, SECOND, &second);
        is_taken_in(mentor, SECOND, &second);
        let stored = again.get(SECOND).ok();
        assert_eq!((&stored["writer_id"], &stored["in_tray"]), (&json!(mentor.account_id()), &json!(true)));
        assert_eq!(again.get(FIRST).ok()["content"]["facts"], "Vi spillede dam");
        assert_eq!(again.put(&path(3), "", &met(mentoring, "04", 10)).status, 201);
        // From the day on that it is another's it tells nothing of him; what lies before still is his.
        app.set_clock("2026-03-05T07:00:00Z");
        staff(&app, mentor, true);
        app.set_clock("2026-03-05T12:00:00Z");
        is_taken_in(mentor, &path(4), &met(mentoring, "03", 15));
        mentor.put(&path(5), "", &met(mentoring, "05", 9)).refused(404, "not_found");
        // A bar is about somebody: also on the account that they have instead.
        unit.post("/v1/bars", &json!({"account_id": again.account_id(), "person_id": family.boy, "cause": "family"})).ok();
        for (caller, number) in [(mentor, 4), (mentor, 6), (&again, 6)] {
            caller.put(&path(number), "", &met(mentoring, "03", 15)).refused(404, "not_found");
        }
    }

    fn an_account_that_covered_and_was_replaced_is_heard(app: TestApp) {
        let away = away(&app);
        let (unit, vita) = (&away.family.unit, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        let again = app.account("viola", &["mentor"]);
        unit.patch(&format!("/v1/staff/{}", away.vitas), "*", &json!({"account_id": again.account_id()})).ok();
        let mut log = met(&away.family.mentoring, "11", 15);
        log["session_id"] = json!(away.sessions[0]);
        is_taken_in(vita, FIRST, &log);
        is_taken_in(vita, FIRST, &log);
        assert_eq!(again.get(FIRST).ok()["writer_id"], json!(vita.account_id()));
    }

    fn whoever_has_another_role_by_now_is_heard(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = met(mentoring, "04", 15);
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        for (at, role) in ["supervisor", "manager", "data_protection_officer", "parent_coach"].into_iter().enumerate() {
            unit.put(&format!("/v1/accounts/{}/roles", mentor.account_id()), "*", &json!({"roles": [role]})).ok();
            is_taken_in(mentor, FIRST, &log);
            log["facts"] = json!(format!("Vi gik en tur, {at}"));
            is_taken_in(mentor, FIRST, &log);
            let new = met(mentoring, "03", 8 + 2 * u32::try_from(at).unwrap());
            is_taken_in(mentor, &path(at + 3), &new);
            is_taken_in(mentor, &path(at + 3), &new);
            assert_eq!(unit.get(FIRST).ok()["content"]["facts"], log["facts"]);
            assert_eq!(unit.get(&path(at + 3)).ok()["in_tray"], true);
            mentor.put(&path(at + 3), "", &met(&family.coaching, "03", 15)).refused(404, "not_found");
            app.account(&format!("other{at}"), &[role]).put(&path(6), "", &met(mentoring, "03", 15)).refused(404, "not_found");
        }
        unit.post("/v1/bars", &json!({"account_id": mentor.account_id(), "person_id": family.boy, "cause": "family"})).ok();
        mentor.put(FIRST, "", &log).refused(404, "not_found");
    }
}
