//! Passwords: right, wrong, unknown, too often; and what is over is over.

use makker::access::{Role, sign_in, store};
use serde_json::json;

use super::{count, step};
use crate::support::caller::PASSWORD;
use crate::support::http::{Answer, Request};
use crate::support::{Engine, TestApp};

/// An answer without what differs from request to request.
fn gist(answer: &Answer) -> String {
    let mut body = answer.json();
    body["request_id"].take();
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str())).collect();
    headers.sort();
    format!("{} {headers:?} {body}", answer.status)
}

both_engines! {
    fn whoever_signs_in_is_known_by_their_token(app: TestApp) {
        app.enrol("Eva.Holm", &[Role::Coordinator, Role::Supervisor]);
        let me = app.at_desk(" EVA.holm ").get("/v1/me");
        let account = &me.ok()["account"];
        assert_eq!(account["name"], "eva.holm");
        assert_eq!(account["roles"], json!(["coordinator", "supervisor"]));
        assert!(me.ok()["device_id"].is_string());

        app.anybody().get("/v1/me").refused(401, "unauthenticated");
        app.with_token("mka_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").get("/v1/me").refused(401, "unauthenticated");
        let mut db = app.database.connect();
        assert_eq!(count(&mut db, "journal WHERE act = 'sign_in' AND operation = 'sign_in.create'"), 1);
        assert_eq!(count(&mut db, "journal WHERE act = 'change' AND subject_kind = 'device'"), 1);
    }

    fn unknown_names_wrong_passwords_and_closed_accounts_are_answered_alike(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let closed = app.enrol("closed", &[Role::Mentor]);
        let unit = app.somebody("unit", Role::Coordinator);
        unit.post(&format!("/v1/accounts/{closed}/disable"), &json!({})).ok();

        let wrong = app.try_sign_in("eva", "something else entirely", "phone");
        wrong.refused(401, "wrong_credentials");
        for (name, password) in [("nobody", PASSWORD), ("closed", PASSWORD), ("not a name at all, but a line", "x"), ("eva\u{30a}", PASSWORD)] {
            assert_eq!(gist(&app.try_sign_in(name, password, "phone")), gist(&wrong), "{name}");
        }
        let mut db = app.database.connect();
        assert_eq!(count(&mut db, "journal WHERE act = 'refused' AND operation = 'sign_in.create'"), 2, "of known accounts only");
    }

    fn too_many_wrong_tries_make_wait_whether_the_name_is_known_or_not(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        for name in ["eva", "nobody"] {
            app.set_clock("2026-03-02T08:00:00Z");
            let try_it = |password| app.try_sign_in(name, password, "desk");
            for _ in 0..5 {
                try_it("wrong wrong wrong").refused(401, "wrong_credentials");
            }
            for password in ["wrong wrong wrong", PASSWORD] {
                let refused = try_it(password);
                refused.refused(429, "too_many_requests");
                assert_eq!(refused.header("retry-after"), Some("60"), "{name}");
            }
            app.set_clock("2026-03-02T08:00:59.999999Z");
            assert_eq!(try_it(PASSWORD).header("retry-after"), Some("1"));
            app.set_clock("2026-03-02T08:01:00Z");
            try_it("wrong wrong wrong").refused(401, "wrong_credentials");
            assert_eq!(try_it(PASSWORD).header("retry-after"), Some("120"), "the second wait is longer");
        }
        app.set_clock("2026-03-02T08:03:00Z");
        app.tokens("eva", "desk");
        app.try_sign_in("eva", "wrong wrong wrong", "desk").refused(401, "wrong_credentials");
        app.tokens("eva", "desk");
    }

    fn a_token_ends_to_the_microsecond(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let eva = app.at_desk("eva");
        app.set_clock("2026-03-02T08:14:59.999999Z");
        eva.get("/v1/me").ok();
        app.set_clock("2026-03-02T08:15:00Z");
        eva.get("/v1/me").refused(401, "token_expired");
    }

    fn a_device_signed_out_is_out_with_its_next_request(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let eva = app.enrol("eva", &[Role::Mentor]);
        let (desk, phone, lost) = (app.at_desk("eva"), app.at_desk("eva"), app.tokens("eva", "phone"));
        let thief = app.with_token(lost["access_token"].as_str().unwrap());
        let listed = desk.get("/v1/me/devices").ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 3);
        assert_eq!(listed["items"].as_array().unwrap().iter().filter(|device| device["is_this"] == true).count(), 1);

        desk.delete(&format!("/v1/me/devices/{}", lost["device_id"].as_str().unwrap())).ok();
        thief.get("/v1/me").refused(401, "unauthenticated");
        app.refresh(&lost["refresh_token"]).refused(401, "unauthenticated");
        desk.delete(&format!("/v1/me/devices/{}", lost["device_id"].as_str().unwrap())).refused(404, "not_found");
        unit.delete(&format!("/v1/me/devices/{}", phone.get("/v1/me").ok()["device_id"].as_str().unwrap())).refused(404, "not_found");

        desk.delete("/v1/me/devices?keep_this=true").ok();
        phone.get("/v1/me").refused(401, "unauthenticated");
        desk.get("/v1/me").ok();
        desk.delete("/v1/me/devices").ok();
        desk.get("/v1/me").refused(401, "unauthenticated");

        let again = app.at_desk("eva");
        unit.delete(&format!("/v1/accounts/{eva}/devices")).ok();
        again.get("/v1/me").refused(401, "unauthenticated");
        unit.get("/v1/me").ok();
    }

    fn a_new_password_signs_the_other_devices_out(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let (desk, phone) = (app.at_desk("eva"), app.at_desk("eva"));
        let tag = desk.get("/v1/me").tag();
        let change = |tag: &str, old: &str, new: &str| desk.put("/v1/me/password", tag, &json!({"old_password": old, "new_password": new}));
        change("", PASSWORD, "helt ny adgangskode").refused(428, "precondition_required");
        let refused = change(&tag, "wrong wrong wrong", "helt ny adgangskode").refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/old_password");
        for (new, code) in [("kort", "too_short"), ("eva eva eva eva", "too_simple")] {
            assert_eq!(change(&tag, PASSWORD, new).refused(422, "invalid")["errors"][0]["code"], code);
        }
        change(&tag, PASSWORD, "helt ny adgangskode").ok();
        change(&tag, PASSWORD, "helt ny adgangskode").refused(412, "stale_version");
        desk.get("/v1/me").ok();
        phone.get("/v1/me").refused(401, "unauthenticated");
        app.try_sign_in("eva", PASSWORD, "desk").refused(401, "wrong_credentials");
        app.try_sign_in("eva", "helt ny adgangskode", "desk").ok();

        let tag = desk.get("/v1/me").tag();
        for _ in 0..5 {
            change(&tag, "wrong wrong wrong", "endnu en adgangskode").refused(422, "invalid");
        }
        change(&tag, "helt ny adgangskode", "endnu en adgangskode").refused(429, "too_many_requests");
    }

    fn a_device_is_named_and_told_where_its_pushes_go(app: TestApp) {
        let account = app.enrol("eva", &[Role::Mentor]);
        let phone = app.tokens("eva", "phone");
        let eva = app.with_token(phone["access_token"].as_str().unwrap());
        let path = format!("/v1/me/devices/{}", phone["device_id"].as_str().unwrap());
        let change = |tag: &str, body| eva.patch(&path, tag, &body);
        let set = change("\"1.x\"", json!({"push_target": {"provider": "fcm", "token": "abc:def"}}));
        assert_eq!((&set.ok()["has_push_target"], &set.ok()["label"], &set.ok()["version"]), (&json!(true), &json!("Test"), &json!(2)));
        change("\"1.x\"", json!({"label": "Arbejdstelefon"})).refused(412, "stale_version");
        let named = change(&set.tag(), json!({"label": "Arbejdstelefon"})).ok();
        assert_eq!((&named["has_push_target"], &named["label"]), (&json!(true), &json!("Arbejdstelefon")));
        let targets = |account| step(&app, move |tx| sign_in::push_targets(tx, account));
        assert_eq!(targets(account).iter().map(|(_, target)| target.token.clone()).collect::<Vec<_>>(), ["abc:def"]);
        assert_eq!(change("*", json!({"push_target": null})).ok()["has_push_target"], false);
        assert!(targets(account).is_empty());
        change("*", json!({"push_target": {"provider": "pigeon", "token": "a"}})).refused(422, "invalid");
        assert_eq!(count(&mut app.database.connect(), "devices WHERE push_target IS NOT NULL"), 0);
        // An address that an earlier version kept has no hash beside it; it is forgotten, too.
        change("*", json!({"push_target": {"provider": "fcm", "token": "abc:def"}})).ok();
        app.run("UPDATE devices SET push_hash = NULL");
        assert_eq!(change("*", json!({"push_target": null})).ok()["has_push_target"], false);
        assert!(targets(account).is_empty());
    }

    fn a_phones_pushes_are_those_of_its_last_sign_in(app: TestApp) {
        let (eva, ida) = (app.enrol("eva", &[Role::Mentor]), app.enrol("ida", &[Role::Mentor]));
        let target = json!({"push_target": {"provider": "fcm", "token": "one:phone"}});
        // No version is asked for: no answer of one device gives one.
        let register = |name: &str| {
            let tokens = app.tokens(name, "phone");
            let phone = app.with_token(tokens["access_token"].as_str().unwrap());
            let path = format!("/v1/me/devices/{}", tokens["device_id"].as_str().unwrap());
            let set = phone.send(Request::new("PATCH", &path).json(&target)).ok();
            assert_eq!(set["has_push_target"], true);
            tokens["device_id"].as_str().unwrap().to_owned()
        };
        let pushed_to = |account| {
            let targets = step(&app, move |tx| sign_in::push_targets(tx, account));
            targets.into_iter().map(|(device, _)| device.to_string()).collect::<Vec<_>>()
        };
        register("eva");
        let anew = register("eva");
        assert_eq!(pushed_to(eva), [anew]);
        // Handed on, it is another's.
        let handed_on = register("ida");
        assert_eq!((pushed_to(eva), pushed_to(ida)), (vec![], vec![handed_on]));
        assert_eq!(count(&mut app.database.connect(), "devices WHERE push_hash IS NOT NULL"), 1);
    }

    fn what_is_of_no_use_any_more_is_forgotten(app: TestApp) {
        app.enrol("eva", &[Role::Mentor]);
        let (desk, phone) = (app.tokens("eva", "desk"), app.tokens("eva", "phone"));
        app.try_sign_in("eva", "wrong wrong wrong", "desk").refused(401, "wrong_credentials");
        app.refresh(&phone["refresh_token"]).ok();
        app.set_clock("2026-03-03T08:00:01Z");
        step(&app, store::forget_expired);
        let mut db = app.database.connect();
        assert_eq!((count(&mut db, "throttles WHERE failures > 0"), count(&mut db, "throttles")), (0, 1), "where she signed in is known on");
        assert_eq!(count(&mut db, "access_tokens"), 2, "the phone's: expired, not unknown");
        assert_eq!(count(&mut db, "refresh_tokens"), 2, "the phone's, the used one too: it may be stolen");
        app.refresh(&desk["refresh_token"]).refused(401, "unauthenticated");
        app.refresh(&phone["refresh_token"]).refused(401, "unauthenticated");
        assert_eq!(count(&mut db, "devices WHERE signed_out_why = 'token_reused'"), 1);
    }
}

#[test]
fn a_source_that_tries_many_names_must_wait() {
    let app = TestApp::with(Engine::Sqlite, |config| config.sign_in.tries_per_source = 6);
    app.enrol("eva", &[Role::Mentor]);
    for n in 0..6 {
        app.try_sign_in(&format!("name{n}"), PASSWORD, "desk").refused(401, "wrong_credentials");
    }
    app.try_sign_in("eva", PASSWORD, "desk").refused(429, "too_many_requests");
    app.set_clock("2026-03-02T08:01:00Z");
    app.tokens("eva", "desk");
}

#[test]
fn many_tries_at_once_count_like_many_one_after_the_other() {
    let app = TestApp::with(Engine::Sqlite, |config| config.sign_in.hashes_at_once = 8);
    app.enrol("eva", &[Role::Mentor]);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12).map(|_| scope.spawn(|| app.try_sign_in("eva", "wrong wrong wrong", "desk").status)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
}

#[test]
fn a_sign_in_says_what_is_wrong_with_its_form() {
    let app = TestApp::with(Engine::Sqlite, |_| {});
    let send = |body| app.anybody().send(Request::new("POST", "/v1/sign-ins").json(&body));
    send(json!({})).refused(422, "invalid");
    let device = json!({"kind": "desk", "label": "Test"});
    for (body, pointer) in [
        (json!({"name": "", "password": "x", "device": device}), "/name"),
        (json!({"name": "a", "password": "", "device": device}), "/password"),
        (json!({"name": "a", "password": "x".repeat(257), "device": device}), "/password"),
        (json!({"name": "a", "password": "x", "device": {"kind": "toaster", "label": "Test"}}), "/device/kind"),
        (json!({"name": "a", "password": "x", "device": device, "otp": "1"}), "/otp"),
    ] {
        assert_eq!(send(body).refused(422, "invalid")["errors"][0]["pointer"], pointer);
    }
    let refresh = app.refresh(&json!("mkr_short"));
    refresh.refused(401, "unauthenticated");
}
