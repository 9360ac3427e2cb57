//! Logs of whoever lost the match meanwhile: a cover taken back, another account, another role. What happened is heard, and shows them nothing; what is
//! to come stays as it is.

use serde_json::{Value, json};

use crate::sessions::{FIRST, SECOND, family, held, plan, staff};
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

/// A log of what fell away.
fn off(matched: &str, at: &str, by: &str) -> Value {
    json!({"match_id": matched, "outcome": "cancelled", "by": by, "starts_at": at})
}

/// A log of a try in the past that agrees on the next appointment, an hour long.
fn tried(matched: &str, at: &str, (day, hour): (&str, u32)) -> Value {
    let next = json!({"starts_at": format!("2026-03-{day}T{hour}:00:00Z"), "ends_at": format!("2026-03-{day}T{}:00:00Z", hour + 1)});
    json!({"match_id": matched, "outcome": "tried", "starts_at": at, "next_appointment": next})
}

/// Sends a log that is taken in, and says what could not be done as it said.
fn warned(caller: &Caller<'_>, path: &str, log: &Value) -> Value {
    let taken = caller.put(path, "", log);
    assert_eq!(taken.status, 202, "{taken}");
    taken.json()["warnings"].clone()
}

/// What the match's plan has from the 6th of March on: state and start.
fn to_come(unit: &Caller<'_>, matched: &str) -> Vec<String> {
    let all = unit.get(&format!("/v1/sessions?match={matched}&from=2026-03-06T00:00:00Z&limit=100")).ok();
    let planned = all["items"].as_array().unwrap().iter().filter(|session| session["was_planned"] == true);
    planned.map(|session| format!("{} {}", session["state"].as_str().unwrap(), session["starts_at"].as_str().unwrap())).collect()
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

    fn who_covered_once_does_nothing_to_what_is_to_come(app: TestApp) {
        let away = away(&app);
        let (unit, vita, mentoring) = (&away.family.unit, &away.vita, &away.family.mentoring);
        away.decide(&json!([away.cover(0)])).ok();
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "person"})).ok();
        app.tick();
        app.capture.clear();
        let before = to_come(unit, mentoring);
        assert!(before.len() > 3 && before.iter().all(|session| session.starts_with("planned ")), "{before:?}");
        // Twice off by the boy, and once at the session that was to be hers.
        let once_hers = json!({"session_id": away.sessions[0], "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-11T15:00:00Z"});
        let logs = [
            (off(mentoring, "2026-03-18T15:00:00Z", "person"), json!([])),
            (off(mentoring, "2026-03-25T15:00:00Z", "person"), json!([])),
            (once_hers, json!(["plan_changed"])),
            // Of what she agrees on she hears the same, whoever has something else then.
            (tried(mentoring, "2026-03-05T07:30:00Z", ("20", 15)), json!(["next_appointment_not_planned"])),
            (tried(mentoring, "2026-03-05T06:30:00Z", ("18", 15)), json!(["next_appointment_not_planned"])),
        ];
        for (at, (log, warnings)) in logs.iter().enumerate() {
            assert_eq!(warned(vita, &path(at + 1), log), *warnings, "{log}");
            assert_eq!(warned(vita, &path(at + 1), log), *warnings, "sent again it is warned of the same");
            let stored = unit.get(&path(at + 1)).ok();
            assert_eq!((&stored["in_tray"], &stored["content"]["next_appointment"].is_null()), (&json!(true), &(at < 3)));
        }
        for at in 1..=logs.len() {
            unit.post(&format!("{}/take-in", path(at)), &json!({})).ok();
        }
        app.tick();
        assert_eq!(to_come(unit, mentoring), before);
        assert!(app.capture.to("+4520123456").is_empty() && app.promised("missed_twice").is_empty());
        // A coordinator who finds it right does it, by the log or by the session's own verbs.
        let mut right = off(mentoring, "2026-03-18T15:00:00Z", "person");
        right["session_id"] = json!(away.sessions[1]);
        let log = unit.put(&path(1), &unit.get(&path(1)).tag(), &right).ok();
        assert_eq!((&log["session_id"], &log["warnings"]), (&json!(away.sessions[1]), &json!([])));
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[1])).ok()["state"], "cancelled");
        app.tick();
        assert_eq!(app.capture.to("+4520123456").len(), 1);
        // The same is the same, too, when the session that it names has begun, and when another has told of that.
        app.set_clock("2026-03-11T17:00:00Z");
        let is_the_same_again = |state: &str| {
            assert_eq!(warned(vita, &path(3), &logs[2].0), logs[2].1);
            let kept = unit.get(&path(3)).ok();
            assert_ne!(kept["session_id"], json!(away.sessions[0]));
            assert_eq!((&kept["revision"], &kept["content"]["outcome"]), (&json!(1), &json!("cancelled")));
            assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[0])).ok()["state"], state);
        };
        is_the_same_again("planned");
        let mut there = met(mentoring, "11", 15);
        there["session_id"] = json!(away.sessions[0]);
        assert_eq!(away.family.mentor.put(&path(6), "", &there).status, 201);
        is_the_same_again("held");
    }

    fn what_was_kept_apart_from_a_session_stays_apart_once_it_began(app: TestApp) {
        let away = away(&app);
        let (unit, vita, session) = (&away.family.unit, &away.vita, &away.sessions[0]);
        away.decide(&json!([away.cover(0)])).ok();
        unit.post(&format!("/v1/sessions/{session}/end-cover"), &json!({"by": "person"})).ok();
        let mut log = json!({"session_id": session, "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-11T15:00:00Z"});
        assert_eq!(warned(vita, FIRST, &log), json!(["plan_changed"]));
        let own = unit.get(FIRST).ok()["session_id"].clone();
        app.set_clock("2026-03-11T17:00:00Z");
        for facts in ["Han ville ikke", "Han ville hellere hjem"] {
            log["facts"] = json!(facts);
            assert_eq!(warned(vita, FIRST, &log), json!(["plan_changed"]));
            let kept = unit.get(FIRST).ok();
            assert_eq!((&kept["session_id"], &kept["in_tray"], &kept["content"]["facts"]), (&own, &json!(true), &log["facts"]));
            assert_eq!(unit.get(&format!("/v1/sessions/{session}")).ok()["state"], "planned");
        }
        // Whose it was tells what came of it; a coordinator who finds the other right files it there.
        let mut there = met(&away.family.mentoring, "11", 15);
        there["session_id"] = json!(session);
        assert_eq!(away.family.mentor.put(SECOND, "", &there).status, 201);
        let taken = unit.put(FIRST, &unit.get(FIRST).tag(), &log).refused(409, "already_exists");
        assert_eq!(taken["blocking"][0]["id"], "22222222-2222-4222-8222-222222222222");
    }

    fn what_had_a_session_of_its_own_since_its_plan_was_moved_is_filed_where_they_met(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        let session = mentor.post("/v1/sessions", &plan(mentoring, "2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z")).id();
        let there = json!({"starts_at": "2026-03-04T15:00:00Z", "ends_at": "2026-03-04T16:00:00Z", "by": "unit"});
        unit.post_if(&format!("/v1/sessions/{session}/move"), "*", &there).ok();
        app.set_clock("2026-03-03T17:00:00Z");
        let missed = json!({"session_id": session, "outcome": "no_show", "by": "person", "starts_at": "2026-03-03T15:00:00Z"});
        let stored = mentor.put(FIRST, "", &missed).ok();
        assert_eq!(stored["warnings"], json!(["plan_changed"]));
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "other"})).ok();
        // His match is over: what he says of Wednesday is about the session all the same.
        app.set_clock("2026-03-06T08:00:00Z");
        let mut right = met(mentoring, "04", 15);
        right["session_id"] = json!(session);
        let mended = mentor.put(FIRST, "", &right);
        assert_eq!((mended.status, &mended.ok()["session_id"], &mended.ok()["in_tray"]), (200, &json!(session), &json!(false)));
        assert_eq!(unit.get(&format!("/v1/sessions/{session}")).ok()["state"], "held");
    }

    fn who_lost_the_role_or_the_match_does_nothing_to_what_is_to_come(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, mentoring) = (&away.family.unit, &away.family.mentor, &away.family.mentoring);
        let mut last = off(mentoring, "2026-03-25T15:00:00Z", "staff");
        last["session_id"] = json!(away.sessions[2]);
        assert_eq!(mentor.put(FIRST, "", &last).status, 201);
        app.tick();
        app.capture.clear();
        let before = to_come(unit, mentoring);
        let roles = |role: &str| unit.put(&format!("/v1/accounts/{}/roles", mentor.account_id()), "*", &json!({"roles": [role]})).ok();
        roles("supervisor");
        assert_eq!(warned(mentor, SECOND, &off(mentoring, "2026-03-18T15:00:00Z", "staff")), json!([]));
        let next = tried(mentoring, "2026-03-05T07:30:00Z", ("20", 15));
        assert_eq!(warned(mentor, &path(3), &next), json!(["next_appointment_not_planned"]));
        // Nor does he by what he says anew of one that he could call off then: it is kept, and waits.
        last["by"] = json!("person");
        assert_eq!(warned(mentor, FIRST, &last), json!([]));
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[2])).ok()["cancelled_by"], "staff");
        let elsewhere = json!({"session_id": away.sessions[0], "outcome": "cancelled", "by": "person", "starts_at": "2026-03-11T15:00:00Z"});
        assert_eq!(warned(mentor, FIRST, &elsewhere), json!(["plan_changed"]));
        let kept = unit.get(FIRST).ok();
        assert_eq!((&kept["session_id"], &kept["in_tray"]), (&json!(away.sessions[2]), &json!(true)));
        assert_eq!(kept["content"]["starts_at"], elsewhere["starts_at"]);
        app.tick();
        assert_eq!(to_come(unit, mentoring), before);
        // Taken in, it speaks of its own session, which he had called off: that is as it says, and no other.
        let whose = |at: usize| unit.get(&format!("/v1/sessions/{}", away.sessions[at])).ok()["cancelled_by"].clone();
        assert_eq!([0, 1, 2].map(whose), [Value::Null, Value::Null, json!("staff")]);
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        assert_eq!([0, 1, 2].map(whose), [Value::Null, Value::Null, json!("person")]);
        assert_eq!(to_come(unit, mentoring), before);

        // With the role, and the match over: what the unit took off counts for nobody.
        roles("mentor");
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "other"})).ok();
        app.tick();
        app.capture.clear();
        let over = to_come(unit, mentoring);
        for (number, at) in [(4, "2026-04-01T14:00:00Z"), (5, "2026-04-08T14:00:00Z")] {
            assert_eq!(warned(mentor, &path(number), &off(mentoring, at, "person")), json!([]));
        }
        app.tick();
        assert_eq!(to_come(unit, mentoring), over);
        assert!(app.capture.to("+4520123456").is_empty() && app.promised("missed_twice").is_empty());
        // Nor is one planned again that a log was not about, whoever says so.
        let first = unit.get(&format!("/v1/sessions?match={mentoring}&limit=1")).ok()["items"][0].clone();
        let right = json!({"session_id": first["id"], "outcome": "no_show", "by": "person", "starts_at": first["starts_at"]});
        assert_eq!(unit.put(FIRST, &unit.get(FIRST).tag(), &right).ok()["session_id"], first["id"]);
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[2])).ok()["cancelled_by"], "unit");
        app.tick();
        assert_eq!(to_come(unit, mentoring), over);
        assert!(app.capture.to("+4520123456").is_empty());
    }

    fn who_covers_acts_on_what_they_cover(app: TestApp) {
        let away = away(&app);
        let (unit, vita, mentoring) = (&away.family.unit, &away.vita, &away.family.mentoring);
        away.decide(&json!([away.cover(0), away.cover(2)])).ok();
        // As by hand: what she covers is hers to call off or agree on, nothing else is.
        assert_eq!(warned(vita, &path(1), &off(mentoring, "2026-03-18T15:00:00Z", "person")), json!([]));
        app.set_clock("2026-03-11T17:00:00Z");
        let mut log = met(mentoring, "11", 15);
        log["next_appointment"] = json!({"starts_at": "2026-03-20T15:00:00Z", "ends_at": "2026-03-20T16:00:00Z"});
        let stored = vita.put(FIRST, "", &log);
        assert_eq!((stored.status, &stored.ok()["warnings"]), (201, &json!(["next_appointment_not_planned"])));
        log["next_appointment"] = json!({"starts_at": "2026-03-25T15:00:00Z", "ends_at": "2026-03-25T16:00:00Z"});
        let corrected = vita.put(FIRST, "", &log);
        assert_eq!((corrected.status, &corrected.ok()["warnings"]), (200, &json!([])));
        let states = |at: usize| unit.get(&format!("/v1/sessions/{}", away.sessions[at])).ok()["state"].clone();
        assert_eq!([0, 1, 2].map(states), ["held", "planned", "planned"].map(|state| json!(state)));
        let mut hers = off(mentoring, "2026-03-25T15:00:00Z", "person");
        hers["session_id"] = json!(away.sessions[2]);
        assert_eq!(vita.put(SECOND, "", &hers).status, 201);
        assert_eq!(states(2), "cancelled");
    }

    fn a_cover_is_in_time_as_long_as_they_see_the_session(app: TestApp) {
        let away = away(&app);
        let (vita, mentoring) = (&away.vita, &away.family.mentoring);
        away.decide(&json!([away.cover(0)])).ok();
        let session = format!("/v1/sessions/{}", away.sessions[0]);
        let ends_at = vita.get(&session).ok()["ends_at"].as_str().unwrap().replace("-11T", "-18T");
        let mut log = met(mentoring, "11", 15);
        // A week after it began, and not after it ended.
        app.set_clock("2026-03-18T15:30:00Z");
        vita.get(&session).ok();
        let stored = vita.put(FIRST, "", &log);
        assert_eq!((stored.status, &stored.ok()["in_tray"]), (201, &json!(false)));
        app.set_clock(&ends_at);
        vita.get(&session).refused(404, "not_found");
        log["facts"] = json!("Vi gik en tur");
        is_taken_in(vita, FIRST, &log);
    }
}
