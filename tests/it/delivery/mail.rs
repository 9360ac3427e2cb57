//! Mail through a real mail server: what arrives, what a server refuses, and what it never says.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use chrono::TimeDelta;
use makker::app::Ticker;
use makker::messages::channels::smtp::{SmtpSettings, Tls};
use makker::messages::channels::{Mode, Senders};
use serde_json::json;

use super::{by_mail, planned, reachable};
use crate::sessions::{family, plan};
use crate::support::outbox::round;
use crate::support::privacy::leaks;
use crate::support::smtp::{Mail, Smtp};
use crate::support::{Engine, OnEngine, TestApp};

/// A ticker that sends mail to this server.
pub fn ticker(app: &TestApp, smtp: &Smtp) -> Ticker {
    ticker_to(app, smtp.port())
}

/// A ticker that sends mail to whoever listens at this port.
fn ticker_to(app: &TestApp, port: u16) -> Ticker {
    let settings = SmtpSettings {
        mode: Mode::Live,
        host: "127.0.0.1".into(),
        port: Some(port),
        tls: Tls::None,
        sender_address: "aftaler@aftaler.example".into(),
        domain: "aftaler.example".into(),
        ..app.config.smtp.clone()
    };
    let senders = Senders::from_settings(&settings, &app.config.fcm, &app.config.sms).unwrap();
    Ticker::new(app.door.clone(), Arc::new(senders), app.config.tick.clone())
}

fn header<'a>(mail: &'a Mail, name: &str) -> &'a str {
    let line = mail.raw.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("{name} is missing in {}", mail.raw))
}

/// A father who is met for the first time on Wednesday the 11th, through what his mail server says of each address.
#[test]
fn reminders_through_a_real_mail_server() {
    let Some(smtp) = Smtp::start() else { return };
    let app = TestApp::on(Engine::Sqlite);
    let (family, ticker) = (family(&app), ticker(&app, &smtp));
    let id = family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
    let lives_at = |email: &str, language: &str| {
        let path = format!("/v1/people/{}", family.father);
        family.unit.patch(&path, &family.unit.get(&path).tag(), &json!({"language": language})).ok();
        reachable(&family.unit, &family.father, &json!({"channel": "email", "email": email}));
    };

    // The mail arrives, but the server's answer does not: it goes again, the same.
    lives_at("vanish@example.org", "en");
    app.set_clock("2026-03-06T16:00:00Z");
    assert_eq!(round(&ticker).unwrap().later, 1);
    app.pass(TimeDelta::minutes(2));
    assert_eq!(round(&ticker).unwrap().later, 1);
    let received = smtp.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].raw, received[1].raw, "byte for byte, and so with one Message-ID");
    assert!(header(&received[0], "message-id").ends_with("@aftaler.example>"));
    assert_eq!(header(&received[0], "subject"), "Subject: Appointment");
    assert!(received[0].raw.contains("You have an appointment on Wednesday 11 March at 16:00."), "{}", received[0].raw);

    // Busy, then taken.
    lives_at("later@example.org", "da");
    app.pass(TimeDelta::minutes(10));
    assert_eq!(round(&ticker).unwrap().later, 1);
    lives_at("far@example.org", "da");
    app.pass(TimeDelta::minutes(10));
    assert_eq!(round(&ticker).unwrap().accepted, 1);
    let last = smtp.received().pop().unwrap();
    assert_eq!((last.to.as_slice(), last.from.as_str()), (&["far@example.org".to_owned()][..], "aftaler@aftaler.example"));
    assert!(planned(&family, &id).contains(&"appointment early accepted -".to_owned()));

    // Gone: somebody tells him.
    lives_at("refused@example.org", "da");
    app.set_clock("2026-03-10T16:00:00Z");
    assert_eq!(round(&ticker).unwrap().refused, 1);
    assert_eq!(app.promise("tell_by_hand").0, "open");
    for mail in smtp.received() {
        assert!(leaks([("a mail", mail.raw.as_bytes()), ("an envelope", mail.from.as_bytes())]).is_empty(), "{}", mail.raw);
    }
}

/// How many bytes of an endless greeting a server got rid of before whoever called it hung up.
fn greet_without_end(listener: &TcpListener) -> usize {
    let mut caller = listener.accept().unwrap().0;
    let mut said = 0;
    caller.write_all(b"220 ").unwrap();
    while let Ok(more) = caller.write(&[b'a'; 4096]) {
        said += more;
    }
    said
}

both_engines! {
    fn a_mail_server_that_never_ends_its_line_is_not_heard_out(app: TestApp) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ticker = ticker_to(&app, listener.local_addr().unwrap().port());
        let family = family(&app);
        by_mail(&family);
        let id = family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        let talking = thread::spawn(move || greet_without_end(&listener));
        app.set_clock("2026-03-06T16:00:00Z");
        let report = round(&ticker).unwrap();
        assert_eq!((report.later, report.unknown, report.failed), (1, 0, 0));
        assert_eq!(planned(&family, &id)[0], "appointment early waiting answer_too_large");
        // Beside what was heard, what the machine keeps for both sides: no more than that was begun of gigabytes.
        let said = talking.join().unwrap();
        assert!((200_000..64 << 20).contains(&said), "{said} bytes");
    }
}
