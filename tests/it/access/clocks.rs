//! What a machine whose clock was ahead for a while wrote down of sign-ins, tokens and wrong tries, once it is right again.

use makker::access::Role;
use serde_json::json;

use crate::support::caller::PASSWORD;
use crate::support::{Engine, TestApp};

const WRONG: &str = "wrong wrong wrong";

both_engines! {
    fn wrong_tries_by_a_clock_that_was_ahead_keep_nobody_out(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        for name in ["eva", "nobody"] {
            for now in ["2027-03-02T08:00:00Z", "2026-03-02T08:00:00Z"] {
                app.set_clock(now);
                for _ in 0..5 {
                    app.try_sign_in(name, WRONG, "desk").refused(401, "wrong_credentials");
                }
                let refused = app.try_sign_in(name, PASSWORD, "desk");
                refused.refused(429, "too_many_requests");
                assert_eq!(refused.header("retry-after"), Some("60"), "{name} {now}");
            }
        }
        app.set_clock("2026-03-02T08:01:00Z");
        app.tokens("eva", "desk");
    }

    fn a_token_of_a_clock_that_was_ahead_is_renewed_and_lasts_no_longer_than_any(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        app.set_clock("2026-03-22T08:00:00Z");
        let (desk, phone) = (app.tokens("eva", "desk"), app.tokens("eva", "phone"));
        let held = app.with_token(desk["access_token"].as_str().unwrap());
        held.get("/v1/me").ok();
        app.set_clock("2026-03-02T08:00:00Z");
        held.get("/v1/me").refused(401, "token_expired");
        let renewed = |tokens: &serde_json::Value| app.refresh(&tokens["refresh_token"]).ok()["tokens"].clone();
        let (desk, phone) = (renewed(&desk), renewed(&phone));
        assert_eq!((&desk["access_expires_at"], &desk["refresh_expires_at"]), (&json!("2026-03-02T08:15:00Z"), &json!("2026-03-02T20:00:00Z")));
        assert_eq!(phone["refresh_expires_at"], "2026-04-01T08:00:00Z");
        app.with_token(desk["access_token"].as_str().unwrap()).get("/v1/me").ok();
        app.set_clock("2026-03-02T20:00:00Z");
        app.refresh(&desk["refresh_token"]).refused(401, "unauthenticated");
        app.refresh(&phone["refresh_token"]).ok();
    }

    fn a_token_of_a_clock_a_little_ahead_is_good(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        app.set_clock("2026-03-02T08:50:00Z");
        let desk = app.at_desk("eva");
        app.set_clock("2026-03-02T08:00:00Z");
        desk.get("/v1/me").ok();
    }
}

#[test]
fn a_source_that_tried_by_a_clock_that_was_ahead_is_let_in() {
    let app = TestApp::with(Engine::Sqlite, |config| config.sign_in.tries_per_source = 6);
    app.enrol("eva", &[Role::Mentor]);
    app.set_clock("2027-03-02T08:00:00Z");
    for n in 0..6 {
        app.try_sign_in(&format!("name{n}"), WRONG, "desk").refused(401, "wrong_credentials");
    }
    app.try_sign_in("eva", PASSWORD, "desk").refused(429, "too_many_requests");
    app.set_clock("2026-03-02T08:00:00Z");
    app.tokens("eva", "desk");
}
