//! Another's log: who corrects it, over what they read, and what stays in the coordinator's tray of it.

use serde_json::{Value, json};

use crate::sessions::{FIRST, SECOND, held, plan, staff};
use crate::staff_covers::{Away, away};
use crate::support::TestApp;

/// Held at one of the sessions that are covered, written down at a moment.
fn met(away: &Away<'_>, at: usize, written_at: &str) -> Value {
    let day = ["11", "18", "25"][at];
    let mut log = held(&away.family.mentoring, &format!("2026-03-{day}T15:00:00Z"), written_at);
    log["session_id"] = json!(away.sessions[at]);
    log
}

/// The same, and he did not come.
fn missed(away: &Away<'_>, at: usize, written_at: &str) -> Value {
    let mut log = met(away, at, written_at);
    (log["outcome"], log["by"], log["minutes"]) = (json!("no_show"), json!("person"), Value::Null);
    log
}

both_engines! {
    fn what_another_filed_stays_in_the_tray_until_somebody_decides(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        let mut told = met(&away, 0, "2026-03-11T16:40:00Z");
        assert_eq!(mentor.put(FIRST, "", &told).status, 201);
        let tag = vita.get(FIRST).tag();
        // Her sight of it is over when her word on it comes.
        app.set_clock("2026-03-19T08:00:00Z");
        assert_eq!(vita.put(FIRST, &tag, &missed(&away, 0, "2026-03-11T17:30:00Z")).status, 202);
        let in_tray = || unit.get("/v1/session-logs?in_tray=true").ok()["items"].as_array().unwrap().len();
        assert_eq!(in_tray(), 1);
        // His next word stands, and nobody has looked at hers.
        told["facts"] = json!("Vi spillede dam");
        for _ in 0..2 {
            let sent = mentor.put(FIRST, "", &told);
            assert_eq!((sent.status, &sent.ok()["content"]["facts"], &sent.ok()["in_tray"]), (200, &told["facts"], &json!(true)));
            assert_eq!(in_tray(), 1);
        }
        let versions = unit.get(&format!("{FIRST}/versions")).ok();
        let outcomes: Vec<_> = versions["items"].as_array().unwrap().iter().map(|old| old["content"]["outcome"].clone()).collect();
        assert_eq!(outcomes, [json!("held"), json!("no_show")]);
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        told["facts"] = json!("Vi spillede ludo");
        assert_eq!((&mentor.put(FIRST, "", &told).ok()["in_tray"], in_tray()), (&json!(false), 0));
    }

    fn what_another_left_stays_theirs_to_put_right_whoever_corrects_a_word(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        // She files it under her own young person, and puts it right once that match is over: what she left there she has no say in.
        let wrong = vita.post("/v1/sessions", &plan(&away.other, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).id();
        let off = |session: &str, matched: &str, day: &str| {
            json!({"session_id": session, "match_id": matched, "outcome": "cancelled", "by": "person", "starts_at": format!("2026-03-{day}T15:00:00Z")})
        };
        assert_eq!(vita.put(FIRST, "", &off(&wrong, &away.other, "12")).status, 201);
        unit.post(&format!("/v1/matches/{}/end", away.other), &json!({"reason": "other"})).ok();
        let mut right = off(&away.sessions[0], &away.family.mentoring, "11");
        assert_eq!(vita.put(FIRST, "", &right).status, 202);
        let in_tray = || unit.get(FIRST).ok()["in_tray"].clone();
        assert_eq!(in_tray(), true);
        // Whose match it is corrects a word in time.
        right["facts"] = json!("Han er syg");
        assert_eq!((mentor.put(FIRST, &mentor.get(FIRST).tag(), &right).status, in_tray()), (202, json!(true)));
        // Once it is said what came of what she left, her next word takes hers out.
        assert_eq!(unit.put(SECOND, "", &off(&wrong, &away.other, "12")).status, 201);
        right["facts"] = json!("Han er syg hele ugen");
        assert_eq!((vita.put(FIRST, "", &right).status, in_tray()), (200, json!(false)));
    }

    fn who_covers_no_more_corrects_anothers_log_over_what_they_read(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let nora = app.account("nora", &["mentor"]);
        let noras = staff(&app, &nora, true);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "unit"})).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        assert_eq!(mentor.put(FIRST, "", &met(&away, 0, "2026-03-11T16:40:00Z")).status, 201);
        let taken = vita.put(SECOND, "", &met(&away, 0, "2026-03-11T16:40:00Z")).refused(409, "already_exists");
        assert_eq!(taken["blocking"][0]["id"], "11111111-1111-4111-8111-111111111111");
        // By a clock that is right, by one that is behind, and without one.
        for written_at in [json!("2026-03-11T16:50:00Z"), json!("2026-03-05T08:00:00Z"), Value::Null] {
            let mut log = missed(&away, 0, "");
            log["written_at"] = written_at;
            vita.put(FIRST, "*", &log).refused(428, "precondition_required");
        }
        let stands = unit.get(FIRST).ok();
        assert_eq!((&stands["content"]["outcome"], &stands["revision"], &stands["in_tray"]), (&json!("held"), &json!(1), &json!(false)));
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[0])).ok()["state"], "held");

        // That he would not come she wrote while it was hers.
        let mut off = missed(&away, 0, "2026-03-05T08:30:00Z");
        off["outcome"] = json!("cancelled");
        assert_eq!(vita.put(FIRST, "*", &off).status, 202);
        let filed = unit.get(FIRST).ok();
        assert_eq!((&filed["content"]["outcome"], &filed["in_tray"]), (&json!("cancelled"), &json!(true)));

        // What began under her is hers to tell of, whenever she wrote it down, and lies in the tray: by now it is said that Nora went.
        app.set_clock("2026-03-18T19:00:00Z");
        away.decide(&json!([{"session_id": away.sessions[1], "cover": {"staff_id": noras}}])).ok();
        let noras_word = met(&away, 1, "2026-03-18T18:40:00Z");
        assert_eq!(nora.put(SECOND, "", &noras_word).status, 201);
        app.set_clock("2026-03-18T20:00:00Z");
        for written_at in [json!("2026-03-18T17:00:00Z"), json!("2026-03-18T19:30:00Z"), Value::Null] {
            let mut log = missed(&away, 1, "");
            log["written_at"] = written_at;
            assert_eq!(vita.put(SECOND, "*", &log).status, 202);
            vita.get(SECOND).refused(404, "not_found");
            let filed = unit.get(SECOND).ok();
            assert_eq!((&filed["content"]["outcome"], &filed["in_tray"]), (&json!("no_show"), &json!(true)));
            assert_eq!(unit.put(SECOND, "*", &noras_word).ok()["in_tray"], false);
        }
    }
}
