//! Forgotten passwords, tries from many places, and keyboards that write one letter in two ways.

use makker::access::Role;
use serde_json::json;

use super::count;
use crate::support::caller::PASSWORD;
use crate::support::http::{Answer, Request};
use crate::support::{Engine, TestApp};

/// A house behind a proxy, so that a test can come from many places.
fn behind_a_proxy() -> TestApp {
    TestApp::with(Engine::Sqlite, |config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.sign_in.tries_per_account_everywhere = 10;
    })
}

impl TestApp {
    fn try_at(&self, source: &str, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password, "device": {"kind": "desk", "label": "Test"}});
        self.anybody().send(Request::new("POST", "/v1/sign-ins").header("X-Forwarded-For", source).json(&body))
    }
}

both_engines! {
    fn a_forgotten_password_is_replaced_by_a_coordinator(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let eva = app.enrol("eva", &[Role::Mentor]);
        let (phone, path) = (app.at_desk("eva"), format!("/v1/accounts/{eva}"));
        let tag = unit.get(&path).tag();
        let replace = |tag: &str, password: &str| unit.put(&format!("{path}/password"), tag, &json!({"password": password}));
        replace("", "helt ny adgangskode").refused(428, "precondition_required");
        for (password, code) in [("kort", "too_short"), ("eva eva eva eva", "too_simple")] {
            let refused = replace(&tag, password).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/password"), &json!(code)));
        }
        replace(&tag, "helt ny adgangskode").ok();
        replace(&tag, "helt ny adgangskode").refused(412, "stale_version");
        phone.get("/v1/me").refused(401, "unauthenticated");
        app.try_sign_in("eva", PASSWORD, "desk").refused(401, "wrong_credentials");
        app.try_sign_in("eva", "helt ny adgangskode", "desk").ok();
        let mut db = app.database.connect();
        assert_eq!(count(&mut db, "journal WHERE operation = 'accounts.set_password' AND act = 'change' AND subject_kind = 'account'"), 1);
        assert_eq!(count(&mut db, "devices WHERE signed_out_why = 'password_changed'"), 1);

        // The own one takes the old one; and nobody else replaces any.
        let own = format!("/v1/accounts/{}", unit.get("/v1/me").ok()["account"]["id"].as_str().unwrap());
        unit.put(&format!("{own}/password"), "*", &json!({"password": "helt ny adgangskode"})).refused(403, "forbidden");
        unit.put("/v1/accounts/00000000-0000-4000-8000-000000000000/password", "*", &json!({"password": "helt ny adgangskode"})).refused(404, "not_found");
        let bo = app.somebody("bo", Role::Supervisor);
        bo.put(&format!("{path}/password"), "*", &json!({"password": "helt ny adgangskode"})).refused(403, "forbidden");
    }

    fn a_name_and_a_password_are_the_same_on_every_keyboard(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let composed = json!({"name": "åse", "display_name": "Åse", "roles": ["mentor"], "password": "smørrebrød på lørdag"});
        unit.post("/v1/accounts", &composed).ok();
        let apart = json!({"name": "A\u{30a}SE", "display_name": "A\u{30a}se", "roles": ["mentor"], "password": PASSWORD});
        unit.post("/v1/accounts", &apart).refused(409, "already_exists");
        for (name, password) in [("åse", "smørrebrød på lørdag"), ("A\u{30a}se", "smørrebrød pa\u{30a} lørdag")] {
            app.try_sign_in(name, password, "desk").ok();
        }
    }
}

#[test]
fn nobody_keeps_an_account_out_who_only_knows_its_name() {
    let app = behind_a_proxy();
    app.enrol("eva", &[Role::Mentor]);
    app.try_at("192.0.2.1", "eva", PASSWORD).ok();
    for _ in 0..5 {
        app.try_at("198.51.100.7", "eva", "wrong wrong wrong").refused(401, "wrong_credentials");
    }
    app.try_at("198.51.100.7", "eva", PASSWORD).refused(429, "too_many_requests");
    // Neither at home nor at a place that is new.
    app.try_at("192.0.2.1", "eva", PASSWORD).ok();
    app.try_at("203.0.113.9", "eva", PASSWORD).ok();
}

#[test]
fn tries_from_many_places_are_counted_together_and_the_owners_place_is_spared() {
    let app = behind_a_proxy();
    app.enrol("eva", &[Role::Mentor]);
    app.try_at("192.0.2.1", "eva", PASSWORD).ok();
    for name in ["eva", "nobody"] {
        for n in 0..10 {
            app.try_at(&format!("198.51.100.{n}"), name, "wrong wrong wrong").refused(401, "wrong_credentials");
        }
        app.try_at("203.0.113.9", name, PASSWORD).refused(429, "too_many_requests");
    }
    app.try_at("192.0.2.1", "eva", PASSWORD).ok();
    app.set_clock("2026-03-02T08:01:00Z");
    app.try_at("203.0.113.9", "eva", PASSWORD).ok();
    // The owner's place has a limit of its own.
    for _ in 0..5 {
        app.try_at("192.0.2.1", "eva", "wrong wrong wrong").refused(401, "wrong_credentials");
    }
    app.try_at("192.0.2.1", "eva", PASSWORD).refused(429, "too_many_requests");
}
