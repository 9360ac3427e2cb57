//! The public side under a stranger's hands: what is no link, what no browser would send, and what must never show.

use std::collections::BTreeSet;
use std::sync::Barrier;

use chrono::TimeDelta;
use makker::access::Tx;
use makker::base::config::find_forbidden;
use makker::messages::Details;
use makker::messages::channels::{Channel, Outcome};
use makker::messages::delivery::actions as steps;
use makker::sessions::answers::actions::how_to_answer;
use serde_json::json;

use super::{ANSWERS, Linked, NUMBER, OF_LINKS, choose, contact, look, path, press, text};
use crate::sessions::{FIRST, held};
use crate::support::http::{Answer, Request};
use crate::support::privacy::leaks;
use crate::support::{Engine, OnEngine, TestApp};

/// Everything of an answer that could tell two apart, but for its moment and number; headers come in no order.
fn bytes(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let told = |name: &str| name != "date" && name != "x-request-id";
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| told(name)).cloned().collect();
    headers.sort();
    (answer.status, headers, text(answer))
}

/// Tables as far as a visitor may not change them: every row but the journal's.
fn rows(app: &TestApp) -> Vec<String> {
    let counted = ["sessions", "session_answers", "session_links", "messages", "duties", "claims", "people", "link_choices", "throttles"];
    counted.iter().flat_map(|table| app.lines(&format!("SELECT '{table} ' || CAST(count(*) AS TEXT) AS line FROM {table}"))).collect()
}

/// Whether the database refuses every answer by link, as one does that is full.
fn refuse_answers(app: &TestApp, refuses: bool) {
    let change = match (app.database.url.engine(), refuses) {
        (Engine::Sqlite, true) => {
            "CREATE TRIGGER is_full BEFORE INSERT ON session_answers BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        }
        (Engine::Sqlite, false) => "DROP TRIGGER is_full",
        (Engine::Postgres, true) => {
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No space left on device'; END $$; \
            CREATE TRIGGER is_full BEFORE INSERT ON session_answers FOR EACH ROW EXECUTE FUNCTION is_full()"
        }
        (Engine::Postgres, false) => "DROP TRIGGER is_full ON session_answers",
    };
    app.try_sql(change).unwrap();
}

both_engines! {
    fn an_answer_that_failed_is_not_said_to_be_none(app: TestApp) {
        let linked = Linked::new(&app);
        refuse_answers(&app, true);
        let failed = press(&app, &linked.link, "cancel");
        assert_eq!((failed.status, failed.header("retry-after")), (503, Some("5")));
        let said = text(&failed);
        assert!(said.contains("Vi ved ikke, om dit svar er noteret.") && said.contains("We do not know whether your answer was noted."), "{said}");
        assert!(!said.contains("ikke ændret") && !said.contains("Nothing was changed"), "{said}");
        // What it promises: the link shows how it is.
        assert!(!text(&look(&app, &linked.link)).contains("Noteret"));
        refuse_answers(&app, false);
        assert_eq!(press(&app, &linked.link, "cancel").status, 303);
        assert!(text(&look(&app, &linked.link)).contains("Noteret: Du kan ikke komme."));
    }

    fn a_page_holds_a_day_a_time_and_nothing_else(app: TestApp) {
        let linked = Linked::new(&app);
        let before = (rows(&app), linked.seen());
        let visits = [
            look(&app, &linked.link),
            look(&app, &format!("{}?l=en", linked.link)),
            look(&app, &format!("{}?l=xx&utm=1", linked.link)),
            app.anybody().send(Request::new("HEAD", &linked.link)),
            app.anybody().send(Request::new("GET", &linked.link).header("Purpose", "prefetch").header("Accept-Encoding", "gzip")),
        ];
        for visit in &visits {
            assert_eq!((visit.status, visit.header("content-type")), (200, Some("text/html; charset=utf-8")), "{visit}");
            for (name, value) in [
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("x-robots-tag", "noindex, nofollow, noarchive"),
            ] {
                assert_eq!(visit.header(name), Some(value), "{visit}");
            }
            let policy = visit.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(visit.header("set-cookie").is_none() && visit.header("etag").is_none());
        }
        assert!(visits[3].body.is_empty(), "{}", visits[3]);
        assert_eq!((rows(&app), linked.seen()), before, "looking changed something");

        // Every page in every state, with headers: no name, no id, no token, no forbidden word.
        let token = linked.link.rsplit('/').next().unwrap();
        let family = &linked.family;
        let ids = [&family.boy, &family.father, &family.course, &family.mentoring, &linked.session];
        for button in ["confirm", "cancel", "ask_to_move"] {
            press(&app, &linked.link, button);
            for link in [linked.link.clone(), format!("{}?l=en", linked.link)] {
                let page = look(&app, &link);
                let all = format!("{:?}\n{}", page.headers, text(&page));
                assert!(leaks([("a page", all.as_bytes())]).is_empty(), "{all}");
                assert_eq!(find_forbidden(&all, &app.config.programme.forbidden_words), None, "{all}");
                assert!(!all.contains(token) && ids.iter().all(|id| !all.contains(id.as_str())), "{all}");
            }
        }
        // So is the message itself, and it is no longer than one SMS.
        let sent = &app.capture.to(NUMBER)[0];
        let sms: serde_json::Value = serde_json::from_str(&sent.raw).unwrap();
        assert!(sms["text"].as_str().unwrap().chars().count() <= 160, "{sms}");
        assert_eq!(find_forbidden(sms["text"].as_str().unwrap(), &app.config.programme.forbidden_words), None);
    }

    fn whatever_is_wrong_with_a_link_looks_alike(app: TestApp) {
        let linked = Linked::new(&app);
        let (family, link) = (&linked.family, &linked.link);
        let mut seen = BTreeSet::new();
        let mut gone = |why: &str, link: &str| {
            let looked = look(&app, link);
            assert_eq!(looked.status, 404, "{why}: {looked}");
            seen.insert(bytes(&looked));
            seen.insert(bytes(&press(&app, link, "cancel")));
            seen.insert(bytes(&press(&app, link, "no such button")));
            assert_eq!(seen.len(), 1, "{why} can be told from the others");
        };
        let forged = if link.ends_with('A') { format!("{}B", &link[..link.len() - 1]) } else { format!("{}A", &link[..link.len() - 1]) };
        gone("one letter other", &forged);
        for other in ["/a/", "/a/x", "/a/%00", "/a/%ff%fe", "/a/..%2f..%2fv1%2fme", "/a/00000000-0000-4000-8000-000000000000"] {
            gone("no token", other);
        }
        gone("with more", &format!("{link}x"));
        // Paused, and it runs on.
        let happened_at = app.clock.now();
        family.unit.post(&format!("/v1/courses/{}/pause", family.course), &json!({"grounds": "Afklares", "happened_at": happened_at})).ok();
        gone("paused", link);
        family.unit.post(&format!("/v1/courses/{}/resume", family.course), &json!({"basis": "Afklaret", "happened_at": happened_at})).ok();
        assert_eq!(look(&app, link).status, 200);
        // Withdrawn, and given again.
        app.pass(TimeDelta::minutes(1));
        choose(&family.unit, &family.boy, false).ok();
        gone("withdrawn", link);
        app.pass(TimeDelta::minutes(1));
        choose(&family.unit, &family.boy, true).ok();
        // Another channel, the same reader: still good. None: dead.
        contact(&family.unit, &family.boy, &json!({"channel": "email", "email": "bo@example.org", "phone": NUMBER}));
        assert_eq!(look(&app, link).status, 200);
        // A number that is his no more: whoever has that phone reads nothing.
        contact(&family.unit, &family.boy, &json!({"channel": "email", "email": "bo@example.org"}));
        gone("another's phone", link);
        contact(&family.unit, &family.boy, &json!({}));
        gone("not reached", link);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        // Moved.
        let path_of = |what: &str| format!("/v1/sessions/{}/{what}", linked.session);
        let there = json!({"starts_at": "2026-03-11T15:15:00Z", "ends_at": "2026-03-11T16:30:00Z"});
        let tag = family.mentor.get(&format!("/v1/sessions/{}", linked.session)).tag();
        family.mentor.post_if(&path_of("move"), &tag, &there).ok();
        gone("moved", link);
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let new = path(&app.capture.to(NUMBER).pop().unwrap());
        assert_eq!(look(&app, &new).status, 200);
        app.set_clock("2026-03-11T15:15:00Z");
        gone("begun", &new);
        app.set_clock("2026-03-11T17:00:00Z");
        family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-11T15:15:00Z", "2026-03-11T16:30:00Z")).ok();
        gone("logged", &new);
        assert_eq!(app.lines(ANSWERS), Vec::<String>::new());
    }

    /// A button pressed twice by an impatient thumb, from several windows at once: each is answered, and one answer stands.
    fn many_presses_at_one_moment_leave_one_answer(app: TestApp) {
        let linked = Linked::new(&app);
        let (barrier, buttons) = (Barrier::new(6), ["cancel", "confirm", "cancel", "undo", "ask_to_move", "confirm"]);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let pressing = buttons.map(|button| {
                let (app, link, barrier) = (&app, &linked.link, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    press(app, link, button)
                })
            });
            pressing.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(answers.iter().all(|answer| answer.status == 303), "{answers:?}");
        let open = app.lines("SELECT 'open' AS line FROM session_answers WHERE undone_at IS NULL");
        assert!(open.len() <= 1, "{open:?}");
        press(&app, &linked.link, "confirm");
        assert_eq!(linked.seen()["answered_by_link"]["answer"], "confirm");
    }

    fn a_cancelled_session_has_no_link(app: TestApp) {
        let linked = Linked::new(&app);
        let (dead, mentor) = (look(&app, "/a/x"), &linked.family.mentor);
        mentor.post(&format!("/v1/sessions/{}/cancel", linked.session), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(bytes(&look(&app, &linked.link)), bytes(&dead));
        app.tick();
        assert_eq!(app.capture.to(NUMBER).pop().unwrap().message.link, None, "there is nothing to answer");
    }

    fn hostile_requests_get_a_page_and_change_nothing(app: TestApp) {
        let linked = Linked::new(&app);
        let (link, before) = (linked.link.as_str(), rows(&app));
        let form = |body: &[u8]| Request::new("POST", link).header("Content-Type", "application/x-www-form-urlencoded").body(body);
        let typed = |kind: &str| Request::new("POST", link).header("Content-Type", kind).body("answer=cancel");
        #[rustfmt::skip]
        let cases = [
            (form(b""), 400), (form(b"answer="), 400), (form(b"answer=Cancel"), 400), (form(b"answer=cancel&answer=undo"), 400),
            (form(b"answer=%ff%fe"), 400), (form(b"\xff\xfe=\x00"), 400), (form(b"svar=cancel"), 400),
            (form(&[b'a'; 2000]), 413), (form(&[b'=', b'&'].repeat(500_000)), 413),
            (Request::new("POST", link).body("answer=cancel"), 415), (typed("application/json"), 415), (typed("text/plain"), 415),
            (typed("multipart/form-data; boundary=x"), 415), (typed("application/x-www-form-urlencoded; charset=utf-16"), 415),
            (form(b"answer=cancel").header("Content-Encoding", "gzip"), 415),
            (Request::new("PUT", link), 405), (Request::new("DELETE", link), 405), (Request::new("OPTIONS", link), 405),
            (Request::new("PROPFIND", link), 405), (Request::new("TRACE", link), 405), (Request::new("PATCH", link), 405),
            (Request::new("GET", "/a"), 404), (Request::new("POST", "/a/b/c"), 404), (Request::new("GET", &format!("{link}/more")), 404),
            (Request::new("DELETE", "/a/b/c"), 404),
        ];
        for (request, status) in cases {
            let answer = app.anybody().send(request.clone());
            assert_eq!((answer.status, answer.header("content-type")), (status, Some("text/html; charset=utf-8")), "{request:?}: {answer}");
            assert!(text(&answer).contains("lang=\"en\"") || request.method == "HEAD", "in both languages: {answer}");
            assert!(status != 405 || answer.header("allow") == Some("GET, HEAD, POST"));
        }
        // A credential of the house is of no use here, and a forged one does no harm.
        let signed = linked.family.mentor.get(link);
        assert_eq!((signed.status, text(&signed)), (200, text(&look(&app, link))));
        // Bytes that are no request at all.
        for raw in [format!("POST {link} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), format!("GET {link}\u{0} HTTP/1.1\r\nHost: x\r\n\r\n")] {
            assert!((400..500).contains(&app.send_bytes(raw.as_bytes()).status));
        }
        assert_eq!(rows(&app), before);
        assert_eq!(app.lines(ANSWERS), Vec::<String>::new());
    }
}

#[test]
fn one_source_may_ask_so_often() {
    let app = TestApp::with(Engine::Sqlite, |config| config.server.link_requests_a_min = 3);
    for _ in 0..3 {
        assert_eq!(look(&app, "/a/x").status, 404);
    }
    for answer in [look(&app, "/a/x"), press(&app, "/a/y", "cancel")] {
        let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!(answer.status == 429 && (1..=61).contains(&wait) && text(&answer).contains("Prøv igen om lidt"), "{answer}");
    }
    // Nothing of the source is written down, and the house goes on.
    assert_eq!(app.lines("SELECT 'kept' AS line FROM throttles"), Vec::<String>::new());
    assert!(app.anybody().get("/livez").status < 300);
    app.pass(TimeDelta::seconds(61));
    assert_eq!(look(&app, "/a/x").status, 404);
}

/// The log holds the route's pattern, never the token: the app's drop searches it for names, this for tokens.
#[test]
fn a_token_is_in_no_log_and_in_no_table() {
    let app = TestApp::on(Engine::Sqlite);
    let linked = Linked::new(&app);
    let token = linked.link.rsplit('/').next().unwrap();
    look(&app, &linked.link);
    press(&app, &linked.link, "cancel");
    look(&app, &format!("{}/more", linked.link));
    let log = app.log();
    assert!(log.contains("/a/{token}") && !log.contains(token), "{log}");
    // The whole file, and its write-ahead log.
    for file in ["makker.db", "makker.db-wal"] {
        let bytes = std::fs::read(app.database.dir().join(file)).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{file} holds the token");
    }
}

/// Sends what is due by hand, to this end, and waits until it is due again; the path of the link in it.
fn send(app: &TestApp, outcome: Outcome) -> String {
    let until = app.clock.now().plus(TimeDelta::minutes(2));
    let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Email, tx.now, (tx.now, until), 100));
    let (token, taken) = (lease.token, lease.taken[0].clone());
    let sent = taken.clone();
    let prepared = app.as_tick(move |tx| {
        let details = |tx: &mut Tx<'_>| Ok(Details { how: how_to_answer(tx, &sent.message, "/a/")?, ..Details::default() });
        steps::prepare(tx, token, &sent, "bo@example.org".into(), details)
    });
    app.as_tick(move |tx| steps::settle(tx, token, &taken, &outcome));
    app.pass(TimeDelta::minutes(30));
    prepared.link.unwrap()
}

/// What may have left goes again with the same link; what certainly has not left gets another, and the first is none.
#[test]
fn what_goes_again_carries_the_same_link() {
    let app = TestApp::on(Engine::Sqlite);
    let linked = Linked::new(&app);
    contact(&linked.family.unit, &linked.family.boy, &json!({"channel": "email", "email": "bo@example.org", "phone": NUMBER}));
    app.set_clock("2026-03-10T16:00:00Z");
    let first = send(&app, Outcome::RetryAfter { seconds: None, code: "busy" });
    let second = send(&app, Outcome::Unknown { code: "timeout" });
    let third = send(&app, Outcome::Accepted { reference: None });
    assert_ne!(first, second);
    assert_eq!(second, third);
    let status = |link: &str| look(&app, link).status;
    // The reminder of Friday has a link of its own, as good as this one.
    assert_eq!((status(&first), status(&second), status(&linked.link)), (404, 200, 200));
}

#[test]
fn a_host_of_their_own_has_links_and_feeds_alone() {
    let app = TestApp::with(Engine::Sqlite, |config| config.server.link_address = OF_LINKS.to_owned());
    let linked = Linked::new(&app);
    assert!(app.capture.to(NUMBER)[0].message.link.as_deref().unwrap().starts_with(OF_LINKS));
    let made = linked.family.mentor.post("/v1/me/calendar/feed", &json!({})).ok();
    let feed = made["url"].as_str().and_then(|url| url.strip_prefix(OF_LINKS)).unwrap();
    let ask = |method: &str, host: &str, path: &str| {
        app.send_bytes(format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
    };
    for (found, status) in [(linked.link.as_str(), 200), (feed, 200), ("/robots.txt", 200), ("/livez", 204), ("/readyz", 204)] {
        assert_eq!(ask("GET", "aftale.example.org", found).status, status, "{found}");
    }
    // Whatever else is tried there looks as a link that leads nowhere.
    let nowhere = bytes(&ask("GET", "aftale.example.org", "/a/AAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(nowhere.0, 404);
    for path in ["/", "/v1/meta", "/v1/vocabularies", "/v1/me", "/v1/sign-ins", "/docs", "/docs/", "/openapi.json", "/problems/not_found"] {
        for method in ["GET", "POST"] {
            let answer = ask(method, "Aftale.Example.org:443", path);
            let all = format!("{:?}\n{}", answer.headers, text(&answer));
            assert_eq!(find_forbidden(&all, &app.config.programme.forbidden_words), None, "{all}");
            assert_eq!(bytes(&answer), nowhere, "{method} {path}");
        }
    }
    // So does what is no feed or asked in another way, and a probe that is not looked at.
    let no_feed = "/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics";
    let asked =
        [("GET", "/calendar/x"), ("GET", "/calendar/"), ("GET", no_feed), ("POST", feed), ("POST", "/robots.txt"), ("DELETE", "/readyz")];
    for (method, path) in asked {
        assert_eq!(bytes(&ask(method, "aftale.example.org", path)), nowhere, "{method} {path}");
        assert_ne!(bytes(&ask(method, "app.example.org", path)), nowhere, "{method} {path}");
    }
    // By the other host everything is found, and nowhere is anything for crawlers.
    for (path, status) in [("/v1/meta", 200), ("/docs/", 200), ("/openapi.json", 200), (&linked.link, 200), ("/v1/nothing", 404)] {
        let answer = ask("GET", "app.example.org", path);
        assert_eq!((answer.status, answer.header("x-robots-tag")), (status, Some("noindex, nofollow, noarchive")), "{path}");
    }
    assert_eq!(text(&ask("GET", "app.example.org", "/robots.txt")), "User-agent: *\nDisallow: /\n");
}
