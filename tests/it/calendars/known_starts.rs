//! What a calendar holds decides when it is told and what is named: a move comes before the start that its reader goes by, if need be in the night.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::json;

use super::invitations::{MAILBOX, arrived, lying_in, switch, told};
use super::{Pair, events, made, pair, text};
use crate::support::TestApp;

/// A session at half past seven tomorrow, which stands in the mailbox; and the clock at ten in the evening.
fn early(app: &TestApp, pair: &Pair<'_>) -> String {
    switch(pair, true);
    let session = pair.session("2026-03-03T06:30:00Z", "2026-03-03T07:30:00Z");
    assert_eq!(arrived(app, MAILBOX), [told("REQUEST", &session, "0", "20260303T073000")]);
    app.set_clock("2026-03-02T21:00:00Z");
    session
}

both_engines! {
    fn a_move_in_the_night_reaches_a_calendar_before_the_morning_that_it_holds(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = early(&app, &pair);
        pair.move_to(&session, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "1", "20260310T160000")], "at 22:00");
        // Moved on: nobody goes there before a week is over.
        app.pass(TimeDelta::minutes(5));
        pair.move_to(&session, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert!(arrived(&app, MAILBOX).is_empty());
        app.set_clock("2026-03-03T07:00:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "2", "20260311T160000")]);
    }

    fn a_move_that_did_perhaps_not_come_leaves_the_morning_that_was_told(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = early(&app, &pair);
        pair.move_to(&session, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "busy" });
        assert!(arrived(&app, MAILBOX).is_empty());
        pair.move_to(&session, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "2", "20260311T160000")], "at 22:00");
    }

    fn of_a_series_changed_in_the_night_the_next_morning_is_told_at_once(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let series = json!({"match_id": pair.matched, "rule": "FREQ=WEEKLY;BYDAY=TU", "at_min": 450, "length_min": 60, "until_on": "2026-03-17"});
        let path = format!("/v1/series/{}", pair.mentor.post("/v1/series", &series).id());
        let by_start = || {
            let mut all: Vec<_> = arrived(&app, MAILBOX).into_iter().map(|(method, _, sequence, starts)| format!("{starts} {method} {sequence}")).collect();
            all.sort();
            all
        };
        assert_eq!(by_start(), ["0303", "0310", "0317"].map(|day| format!("2026{day}T073000 REQUEST 0")));
        app.set_clock("2026-03-02T21:00:00Z");
        pair.mentor.post_if(&format!("{path}/change"), &pair.mentor.get(&path).tag(), &json!({"at_min": 960})).ok();
        assert_eq!(by_start(), ["20260303T160000 REQUEST 1"]);
        app.set_clock("2026-03-03T07:00:00Z");
        assert_eq!(by_start(), ["0310", "0317"].map(|day| format!("2026{day}T160000 REQUEST 1")));
    }

    fn what_is_taken_out_is_named_as_the_calendar_holds_it(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let session = pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        assert_eq!(arrived(&app, MAILBOX).len(), 1);
        app.set_clock("2026-03-02T21:00:00Z");
        pair.move_to(&session, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        pair.cancel(&session);
        assert!(arrived(&app, MAILBOX).is_empty(), "the day after tomorrow: time enough in the morning");
        app.set_clock("2026-03-03T07:00:00Z");
        app.tick();
        assert_eq!(lying_in(&app, MAILBOX), [told("CANCEL", &session, "2", "20260304T160000")]);
        assert_eq!(app.capture.to(MAILBOX)[0].message.lines, ["Aftalen onsdag den 4. marts kl. 16.00 er fjernet fra din kalender."]);
    }

    fn whoever_keeps_another_clock_reads_the_time_by_it(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        pair.mentor.put(&format!("/v1/staff/{}/hours", pair.staff), "*", &json!({"week": null, "zone": "Asia/Tokyo"})).ok();
        switch(&pair, true);
        let session = pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        app.tick();
        assert_eq!(lying_in(&app, MAILBOX), [told("REQUEST", &session, "0", "20260304T160000")]);
        assert_eq!(app.capture.to(MAILBOX)[0].message.lines, ["Du har en aftale torsdag den 5. marts kl. 00.00."]);
    }

    fn a_feed_holds_whole_days(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let feed = made(&pair.mentor.post("/v1/me/calendar/feed", &json!({})));
        let held = || events(&text(&app.anybody().get(&feed))).into_iter().map(|event| event.2).collect::<Vec<_>>();
        app.set_clock("2026-03-02T12:00:00Z");
        pair.session("2026-03-16T06:00:00Z", "2026-03-16T07:00:00Z");
        // The 29th of August is the 180th day, by summer time.
        pair.session("2026-08-29T20:00:00Z", "2026-08-29T21:00:00Z");
        pair.session("2026-08-29T22:00:00Z", "2026-08-29T23:00:00Z");
        assert_eq!(held(), ["20260316T070000", "20260829T220000"]);
        app.set_clock("2026-03-30T21:59:00Z");
        assert_eq!(held()[0], "20260316T070000", "14 days back, whatever the hour");
        app.set_clock("2026-03-30T22:00:00Z");
        assert_ne!(held()[0], "20260316T070000");
    }
}
