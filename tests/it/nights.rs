//! The night's pass when something is broken: what cannot be read or done holds up nothing else, and is taken up once it is mended.

use serde_json::json;

use crate::delivery::{MAILBOX, NUMBER, by_mail, by_sms};
use crate::pair_times::{mentor, siblings};
use crate::proposals::propose;
use crate::sessions::{family, plan};
use crate::support::TestApp;

/// The boy's mentor is on loan until a day, the father's coach until the next, and a session of each lies behind that.
fn lent(app: &TestApp, days: [&str; 2]) {
    let family = family(app);
    by_sms(&family);
    by_mail(&family);
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-25T15:00:00Z", "2026-03-25T16:00:00Z")).ok();
    family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-25T17:00:00Z", "2026-03-25T18:00:00Z")).ok();
    for (matched, until) in [&family.mentoring, &family.coaching].into_iter().zip(days) {
        let staff = family.unit.get(&format!("/v1/matches/{matched}")).ok()["staff_id"].as_str().unwrap().to_owned();
        family.unit.patch(&format!("/v1/staff/{staff}"), "*", &json!({ "loan_until_on": until })).ok();
    }
}

/// The last things that a night does: what is a week old is forgotten, and it is written down as done.
fn came_to_its_end(app: &TestApp, nights: i64) {
    assert_eq!(app.count("idempotency_keys"), 0, "the keys of before are forgotten");
    assert_eq!(app.count("nights WHERE done_at IS NOT NULL"), nights);
}

both_engines! {
    fn whom_nobody_can_reach_keeps_no_other_match_from_its_end(app: TestApp) {
        let states = || app.lines("SELECT track || ' ' || state AS line FROM matches ORDER BY track");
        // The boy's is over first.
        lent(&app, ["2026-03-19", "2026-03-20"]);
        app.spoil("people", "contact", "kind = 'young_person'");
        app.set_clock("2026-03-21T08:00:00Z");
        let report = app.tick();
        assert!(report.failed > 0, "{report}");
        assert_eq!(states(), ["mentor running", "parent_coach ended"], "what follows from an end goes with it, or neither does");
        assert_eq!((app.capture.to(MAILBOX).len(), app.capture.to(NUMBER).len()), (1, 0), "his father is told that it is off");
        came_to_its_end(&app, 1);
        app.mend("people", "contact");
        app.set_clock("2026-03-22T08:00:00Z");
        assert_eq!(app.tick().failed, 0);
        assert_eq!(states(), ["mentor ended", "parent_coach ended"]);
        let told = app.capture.to(NUMBER);
        assert_eq!((told.len(), told[0].message.lines.concat().as_str()), (1, "Din aftale onsdag den 25. marts kl. 16.00 er aflyst."));
        came_to_its_end(&app, 2);
    }

    fn a_proposal_that_cannot_be_read_keeps_no_other_from_being_over(app: TestApp) {
        let unit = app.coordinator();
        for course in siblings(&app, &unit, "ti") {
            propose(&unit, &course, &mentor(&unit, "ti", 1));
        }
        // As if a later version of the program had been there.
        app.run("INSERT INTO match_end_reasons (code) VALUES ('of_tomorrow')");
        app.run("UPDATE matches SET end_reason = 'of_tomorrow' WHERE id = (SELECT id FROM matches ORDER BY expires_at, id LIMIT 1)");
        app.set_clock("2026-03-17T08:00:00Z");
        let report = app.tick();
        assert!(report.failed > 0, "{report}");
        assert_eq!(app.lines("SELECT state AS line FROM matches ORDER BY state"), ["expired", "proposed"]);
        came_to_its_end(&app, 1);
        app.run("UPDATE matches SET end_reason = NULL");
        app.set_clock("2026-03-18T08:00:00Z");
        assert_eq!(app.tick().failed, 0);
        assert_eq!(app.lines("SELECT state AS line FROM matches"), ["expired", "expired"]);
    }

    fn a_gap_that_cannot_be_read_keeps_no_other_from_being_over(app: TestApp) {
        let family = family(&app);
        for (caller, matched, at_min) in [(&family.mentor, &family.mentoring, 960), (&family.coach, &family.coaching, 600)] {
            let leaves = format!("/v1/staff/{}/leaves", caller.get("/v1/me/staff").id());
            caller.post(&leaves, &json!({"kind": "holiday", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
            let series = json!({"match_id": matched, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": at_min, "until_on": "2026-03-18"});
            caller.post("/v1/series", &series).ok();
        }
        let states = || app.lines("SELECT state AS line FROM series JOIN series_gaps ON series_id = series.id ORDER BY at_min");
        // As if a later version of the program had been there.
        app.run("INSERT INTO gap_reasons (code) VALUES ('of_tomorrow')");
        app.run("UPDATE series_gaps SET reason = 'of_tomorrow' WHERE series_id = (SELECT id FROM series WHERE at_min = 600)");
        app.set_clock("2026-03-13T08:00:00Z");
        let report = app.tick();
        assert!(report.failed > 0, "{report}");
        assert_eq!(states(), ["open", "closed"]);
        came_to_its_end(&app, 1);
        app.run("UPDATE series_gaps SET reason = 'leave'");
        app.set_clock("2026-03-14T08:00:00Z");
        assert_eq!(app.tick().failed, 0);
        assert_eq!(states(), ["closed", "closed"]);
    }

    fn a_part_that_cannot_be_done_keeps_no_later_one_from_its_turn(app: TestApp) {
        app.account("malte", &["mentor"]);
        app.run("ALTER TABLE matches RENAME TO elsewhere");
        app.set_clock("2026-03-11T08:00:00Z");
        let report = app.tick();
        assert_eq!(report.failed, 3, "what expired, what was lent and what runs: {report}");
        came_to_its_end(&app, 1);
        app.run("ALTER TABLE elsewhere RENAME TO matches");
        app.set_clock("2026-03-12T08:00:00Z");
        assert_eq!(app.tick().failed, 0);
        // Nor does one thing of the last part: it is written down that the night was.
        app.run("ALTER TABLE session_links RENAME TO elsewhere");
        app.set_clock("2026-03-13T08:00:00Z");
        assert_eq!(app.tick().failed, 1);
        came_to_its_end(&app, 3);
        app.run("ALTER TABLE elsewhere RENAME TO session_links");
        app.set_clock("2026-03-14T08:00:00Z");
    }
}
