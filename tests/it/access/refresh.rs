//! Refresh tokens: used once, repeated for a lost reply, stolen.

use makker::access::Role;
use serde_json::Value;

use super::count;
use crate::support::TestApp;

/// New tokens for the refresh token of `tokens`.
fn next(app: &TestApp, tokens: &Value) -> Value {
    app.refresh(&tokens["refresh_token"]).ok()["tokens"].clone()
}

fn is_in(app: &TestApp, tokens: &Value) -> bool {
    app.with_token(tokens["access_token"].as_str().unwrap()).get("/v1/me").status == 200
}

/// The token is refused, and with it the whole device is signed out: that it was a theft is written down.
fn is_theft(app: &TestApp, stolen: &Value, of: &[&Value]) {
    assert!(of.iter().all(|tokens| is_in(app, tokens)));
    app.refresh(&stolen["refresh_token"]).refused(401, "unauthenticated");
    for tokens in of {
        assert!(!is_in(app, tokens), "every access token of the device is refused");
        app.refresh(&tokens["refresh_token"]).refused(401, "unauthenticated");
    }
    let mut db = app.database.connect();
    assert_eq!(count(&mut db, "devices WHERE signed_out_why = 'token_reused'"), 1);
    assert_eq!(count(&mut db, "journal WHERE operation = 'sign_in.refresh' AND act = 'change' AND subject_kind = 'device'"), 1);
}

both_engines! {
    fn a_lost_reply_is_answered_anew_until_a_newer_token_is_used(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let first = app.tokens("eva", "phone");
        let lost = next(&app, &first);
        app.set_clock("2026-03-03T08:00:00Z");
        let second = next(&app, &first);
        assert_ne!(second["refresh_token"], lost["refresh_token"]);
        assert_eq!(second["device_id"], first["device_id"]);
        let third = next(&app, &second);
        is_theft(&app, &first, &[&second, &third]);
    }

    fn a_day_after_its_first_use_a_repeat_is_a_theft(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let first = app.tokens("eva", "phone");
        next(&app, &first);
        app.set_clock("2026-03-03T07:59:00Z");
        let second = next(&app, &first);
        app.set_clock("2026-03-03T08:00:00.000001Z");
        is_theft(&app, &first, &[&second]);
    }

    fn of_two_tokens_made_from_one_only_the_first_used_is_good(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let first = app.tokens("eva", "phone");
        let (one, two) = (next(&app, &first), next(&app, &first));
        let used = next(&app, &two);
        is_theft(&app, &one, &[&used]);
        assert!(!is_in(&app, &two));
    }

    fn another_device_of_the_account_is_left_alone(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let (phone, desk) = (app.tokens("eva", "phone"), app.tokens("eva", "desk"));
        let newer = next(&app, &next(&app, &phone));
        is_theft(&app, &phone, &[&newer]);
        assert!(is_in(&app, &desk));
        next(&app, &desk);
    }

    fn a_phone_lasts_30_days_unused_and_90_in_all(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let mut phone = app.tokens("eva", "phone");
        assert_eq!(phone["refresh_expires_at"], "2026-04-01T08:00:00Z");
        for day in ["2026-04-01T07:59:59.999999Z", "2026-05-01T07:00:00Z", "2026-05-31T06:00:00Z"] {
            app.set_clock(day);
            phone = next(&app, &phone);
        }
        assert_eq!(phone["refresh_expires_at"], "2026-05-31T08:00:00Z", "90 days after it signed in");
        app.set_clock("2026-05-31T07:55:00Z");
        phone = next(&app, &phone);
        assert_eq!(phone["access_expires_at"], "2026-05-31T08:00:00Z");
        app.set_clock("2026-05-31T08:00:00Z");
        assert!(!is_in(&app, &phone));
        app.refresh(&phone["refresh_token"]).refused(401, "unauthenticated");

        let unused = app.tokens("eva", "phone");
        app.set_clock("2026-06-30T08:00:00Z");
        app.refresh(&unused["refresh_token"]).refused(401, "unauthenticated");
        let desk = app.at_desk("eva");
        assert_eq!(desk.get("/v1/me/devices").ok()["items"].as_array().unwrap().len(), 1, "that phone is signed in no longer");
        let refused = "devices WHERE signed_out_at IS NOT NULL";
        assert_eq!(count(&mut app.database.connect(), refused), 0, "to be late is no theft");
    }

    fn a_desk_lasts_12_hours_in_all(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let mut desk = app.tokens("eva", "desk");
        app.set_clock("2026-03-02T19:50:00Z");
        desk = next(&app, &desk);
        assert_eq!((&desk["access_expires_at"], &desk["refresh_expires_at"]), (&"2026-03-02T20:00:00Z".into(), &"2026-03-02T20:00:00Z".into()));
        app.set_clock("2026-03-02T20:00:00Z");
        app.refresh(&desk["refresh_token"]).refused(401, "unauthenticated");
    }

    fn two_refreshes_at_once_are_both_answered(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let first = app.tokens("eva", "phone");
        let both: Vec<Value> = std::thread::scope(|scope| {
            let two: Vec<_> = (0..2).map(|_| scope.spawn(|| next(&app, &first))).collect();
            two.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(both.iter().all(|tokens| is_in(&app, tokens)));
        assert_eq!(count(&mut app.database.connect(), "refresh_tokens WHERE used_at IS NOT NULL"), 1);
        next(&app, &both[1]);
    }
}
