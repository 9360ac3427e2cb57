//! What a client asks before anything else, and how the server meets what it does not know.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use makker::access::{Actor, Capability, Tx};
use makker::base::db::{Access, connect};
use makker::base::error::{Code, Result};

use crate::support::http::Request;
use crate::support::{Engine, OnEngine, TestApp};

both_engines! {
    fn a_server_says_what_it_is(app: TestApp) {
        let anybody = app.anybody();
        assert_eq!(anybody.get("/livez").status, 204);
        assert_eq!(anybody.get("/readyz").status, 204);
        assert_eq!(anybody.get("/v1/meta").ok()["now"], "2026-03-02T08:00:00Z");
        app.pass(chrono::TimeDelta::minutes(90));
        assert_eq!(anybody.get("/v1/meta").ok()["now"], "2026-03-02T09:30:00Z");
        assert!(anybody.get("/v1/vocabularies").ok().as_array().unwrap().len() > 5);
        for path in ["/v1/vocabularies", "/openapi.json"] {
            let whole = anybody.get(path);
            let again = anybody.send(Request::new("GET", path).header("If-None-Match", &whole.tag()));
            assert_eq!((again.status, again.body.len(), again.tag()), (304, 0, whole.tag()), "{path}");
        }
    }
}

#[test]
fn ready_is_who_can_write_and_has_the_keys() {
    for missing in ["the lock", "the keys"] {
        let app = TestApp::on(Engine::Sqlite);
        let mut db = app.database.connect();
        let keys = app.config.vault.settings().unwrap().key_store;
        match missing {
            "the lock" => db.batch_execute("BEGIN IMMEDIATE").unwrap(),
            _ => connect(&keys, Access::Write { create: false }).unwrap().batch_execute("ALTER TABLE key_checks RENAME TO away").unwrap(),
        }
        let refused = Request::new("GET", "/readyz").send(app.address);
        assert_eq!(refused.status, 503, "{missing}");
        match missing {
            "the lock" => db.batch_execute("ROLLBACK").unwrap(),
            _ => connect(&keys, Access::Write { create: false }).unwrap().batch_execute("ALTER TABLE away RENAME TO key_checks").unwrap(),
        }
    }
}

/// What is asked whether it is ready while it is at four seconds of verbs, none of which takes long and each of which ends so.
fn is_ready_while_busy_with(app: &TestApp, ends: fn() -> Result<()>) {
    let (answered, waits) = mpsc::channel::<()>();
    let (waits, (begun, has_begun)) = (Arc::new(Mutex::new(waits)), mpsc::channel());
    std::thread::scope(|scope| {
        for _ in 0..40 {
            let (door, now, waits, begun) = (app.door.clone(), app.clock.now(), Arc::clone(&waits), begun.clone());
            let verb = move |_: &mut Tx<'_>| {
                begun.send(()).unwrap();
                let _ = waits.lock().unwrap().recv_timeout(Duration::from_millis(100));
                ends()
            };
            scope
                .spawn(move || assert_eq!(door.blocking_write_as(Actor::system(), now, Capability::TickRun, verb).is_ok(), ends().is_ok()));
        }
        has_begun.recv().unwrap();
        assert_eq!(app.anybody().get("/readyz").status, 204);
        drop(answered);
    });
}

both_engines! {
    fn who_is_busy_and_gets_on_is_ready(app: TestApp) {
        is_ready_while_busy_with(&app, || Ok(()));
    }

    fn who_is_busy_with_what_is_refused_is_ready(app: TestApp) {
        is_ready_while_busy_with(&app, || Err(Code::NotFound.into()));
    }
}

#[test]
fn what_it_does_not_know_is_refused_in_words() {
    let app = TestApp::on(Engine::Sqlite);
    let anybody = app.anybody();
    anybody.get("/v1/nothing").refused(404, "not_found");
    let refused = anybody.delete("/v1/meta");
    refused.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    for path in ["/livez", "/v1/meta", "/docs/"] {
        let (head, whole) = (anybody.send(Request::new("HEAD", path)), anybody.get(path));
        assert!(
            head.body.is_empty() && (head.status, head.header("content-type")) == (whole.status, whole.header("content-type")),
            "{head}"
        );
    }
    assert_eq!(anybody.send(Request::new("HEAD", "/v1/me")).status, 401);
    let problem = anybody.send(Request::new("GET", "/v1/nothing").header("Accept-Language", "en")).refused(404, "not_found");
    assert_eq!(problem["next"], "give_up");
    // The pages that show the contract come from the program itself, also where the last slash is left out.
    let docs = anybody.get("/docs");
    assert_eq!((docs.status, docs.header("location")), (307, Some("/docs/")));
    let page = anybody.get("/docs/");
    assert!(page.status == 200 && !String::from_utf8_lossy(&page.body).contains("://"), "{page}");
    assert!([400, 404].contains(&app.send_bytes(b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status));
}

both_engines! {
    fn every_kind_of_caller_signs_in_and_stays_signed_in(app: TestApp) {
        let callers = [
            app.coordinator(),
            app.account("mads", &["mentor"]),
            app.account("freja", &["parent_coach"]),
            app.account("sofie", &["supervisor"]),
            app.account("lars", &["manager"]),
            app.account("dorte", &["data_protection_officer"]),
            app.partner("pia", "social_services"),
        ];
        for span in [chrono::TimeDelta::zero(), chrono::TimeDelta::minutes(20), chrono::TimeDelta::days(40)] {
            app.pass(span);
            for caller in &callers {
                assert_eq!(caller.get("/v1/me").ok()["account"]["id"], caller.account_id());
            }
        }
        app.anybody().get("/v1/me").refused(401, "unauthenticated");
    }
}
