//! Logs of sessions that were only proposed: the person knows of none, so of what came of it they are told nothing, and nothing of it is missed.

use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, SECOND, family, held, plan};
use crate::support::TestApp;
use crate::told_twice::counted;

const PHONE: &str = "+4520123456";

/// The family of the sessions' stories, its boy reached by SMS.
fn reached(app: &TestApp) -> Family<'_> {
    let family = family(app);
    let path = format!("/v1/people/{}", family.boy);
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &json!({"channel": "sms", "phone": PHONE})).ok();
    family
}

/// From 16:00 to 17:00 in Copenhagen on a day of March.
fn at(family: &Family<'_>, day: &str, is_proposed: bool) -> String {
    let mut proposal = plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
    proposal["proposed"] = json!(is_proposed);
    family.mentor.post("/v1/sessions", &proposal).id()
}

fn log(number: usize) -> String {
    format!("/v1/session-logs/{number}3333333-3333-4333-8333-333333333333")
}

fn of(session: &str, day: &str, outcome: &str) -> Value {
    json!({"session_id": session, "outcome": outcome, "by": "person", "starts_at": format!("2026-03-{day}T15:00:00Z")})
}

both_engines! {
    fn of_a_proposal_that_is_logged_nobody_is_told_and_nothing_is_missed(app: TestApp) {
        let family = reached(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let days = ["04", "05", "10", "11", "12"];
        let proposed = days.map(|day| at(&family, day, true));
        let state = |session: &str| unit.get(&format!("/v1/sessions/{session}")).ok()["state"].clone();
        let is_untold = || app.capture.to(PHONE).is_empty() && ["missed_twice", "tell_by_hand", "log_missing"].iter().all(|kind| app.promised(kind).is_empty());
        for number in [0, 1] {
            assert_eq!(mentor.put(&log(number), "", &of(&proposed[number], days[number], "cancelled")).status, 201);
            assert_eq!(state(&proposed[number]), "cancelled");
        }
        app.tick();
        assert!(is_untold());
        app.set_clock("2026-03-12T17:00:00Z");
        for (number, outcome) in [(2, "no_show"), (3, "no_show"), (4, "tried")] {
            assert_eq!(mentor.put(&log(number), "", &of(&proposed[number], days[number], outcome)).status, 201);
            assert_eq!(state(&proposed[number]), outcome);
        }
        app.tick();
        assert!(is_untold());
        assert_eq!(counted(&family), [0, 0, 0, 0].map(|n| json!(n)));
        for figure in ["sessions_cancelled", "sessions_missed"] {
            assert_eq!(unit.get(&format!("/v1/reports/yearly/rows?year=2026&figure={figure}")).ok()["items"], json!([]), "{figure}");
        }
    }

    fn a_proposal_at_which_they_met_was_held(app: TestApp) {
        let family = reached(&app);
        let mentor = &family.mentor;
        let proposed = at(&family, "04", true);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut met = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        met["session_id"] = json!(proposed);
        assert_eq!(mentor.put(FIRST, "", &met).ok()["session_id"], json!(proposed));
        assert_eq!(counted(&family), [1, 60, 0, 0].map(|n| json!(n)));
        let months = || family.unit.get(&format!("/v1/matches/{}/rhythm", family.mentoring)).ok()["months"][0].clone();
        assert_eq!((&months()["held"], &months()["minutes"]), (&json!(1), &json!(60)));
        // He did not come after all: it was a proposal still.
        mentor.put(FIRST, "", &of(&proposed, "04", "no_show")).ok();
        assert_eq!((counted(&family), &months()["missed"]), ([0, 0, 0, 0].map(|n| json!(n)), &json!(0)));
        (met["facts"], met["revision"]) = (json!("Vi gik en tur"), json!(3));
        mentor.put(FIRST, "", &met).ok();
        assert_eq!(counted(&family), [1, 60, 0, 0].map(|n| json!(n)));
    }

    fn a_proposal_that_a_log_was_not_about_is_proposed_again(app: TestApp) {
        let family = reached(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let (called_off, met, right) = (at(&family, "10", true), at(&family, "04", true), at(&family, "11", false));
        let path = |session: &str| format!("/v1/sessions/{session}");
        let mut off = of(&called_off, "10", "cancelled");
        off["by"] = json!("staff");
        mentor.put(FIRST, "", &off).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        log["session_id"] = json!(met);
        mentor.put(SECOND, "", &log).ok();
        (off["session_id"], off["starts_at"]) = (json!(right), json!("2026-03-11T15:00:00Z"));
        assert_eq!(mentor.put(FIRST, "", &off).ok()["session_id"], json!(right));
        // Nor did they meet: that was about the day after.
        let other = at(&family, "12", false);
        let mut tried = of(&other, "12", "cancelled");
        tried["by"] = json!("unit");
        assert_eq!(mentor.put(SECOND, "", &tried).ok()["session_id"], json!(other));
        app.tick();
        let mut told: Vec<String> = app.capture.to(PHONE).into_iter().map(|sent| sent.message.lines[0].clone()).collect();
        told.sort_unstable();
        assert_eq!(told, ["Din aftale onsdag den 11. marts kl. 16.00 er aflyst.", "Din aftale torsdag den 12. marts kl. 16.00 er aflyst."]);
        for session in [&called_off, &met] {
            let seen = unit.get(&path(session)).ok();
            assert_eq!((&seen["state"], &seen["cancelled_by"]), (&json!("proposed"), &Value::Null));
            assert_eq!(unit.get(&format!("/v1/messages?subject={session}")).ok()["items"], json!([]));
        }
        // Its time is held, and nobody agreed on it yet.
        let same = plan(&family.mentoring, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        mentor.post("/v1/sessions", &same).refused(409, "claims_overlap");
        assert_eq!(mentor.post(&format!("{}/confirm", path(&called_off)), &json!({})).ok()["state"], "planned");
    }
}
