//! What each answer of a mail server means, against servers that give it.

use std::io::{BufRead, BufReader, Read, Write};
use std::time::Instant;

use super::super::scripted::{self, Say, Served, friendly};
use super::super::tests::{in_ms, prepared, secret};
use super::super::{Channel, Mode};
use super::*;

fn settings(addr: std::net::SocketAddr) -> SmtpSettings {
    SmtpSettings {
        mode: Mode::Live,
        host: addr.ip().to_string(),
        port: Some(addr.port()),
        tls: Tls::None,
        sender_address: "svar-ikke@aftaler.example".into(),
        ..SmtpSettings::default()
    }
}

fn sender(server: &Served<String>) -> SmtpSender {
    SmtpSender::new(&settings(server.addr)).unwrap()
}

fn mail() -> Prepared {
    prepared(Channel::Email, "far@familie.example")
}

/// How one mail ends at a server that is friendly but for one step.
async fn ends(at: &'static str, say: Say, deadline_ms: u64) -> Outcome {
    let server = scripted::smtp(move |step| if step == at { say } else { friendly(step) }).await;
    sender(&server).send(&mail(), in_ms(deadline_ms)).await
}

#[tokio::test]
async fn a_mail_arrives_with_nothing_but_the_neutral_envelope() {
    let server = scripted::smtp(friendly).await;
    let sender = sender(&server);
    assert_eq!(sender.send(&mail(), in_ms(10_000)).await, Outcome::Accepted { reference: None });
    assert_eq!(sender.send(&mail(), in_ms(10_000)).await, Outcome::Accepted { reference: None });
    let seen = server.seen();
    assert_eq!(seen[..4], ["EHLO aftaler.example", "MAIL FROM:<svar-ikke@aftaler.example>", "RCPT TO:<far@familie.example>", "DATA"]);
    let headers: Vec<_> = seen[4].split("\r\n\r\n").next().unwrap().lines().collect();
    assert_eq!(
        headers,
        [
            "From: Aftaler <svar-ikke@aftaler.example>",
            "To: far@familie.example",
            "Subject: =?utf-8?b?UMOlbWluZGVsc2U=?=",
            "Date: Mon, 02 Mar 2026 17:00:00 +0000",
            "Message-ID: <0b51d1f0-6a3b-4c3e-9d5a-3f2f8f1f0c11@aftaler.example>",
            "Content-Language: da",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
    );
    assert!(seen[4].contains("Du har en aftale i morgen kl. 15.\r\nSvar ikke"), "{}", seen[4]);
    assert!(seen[4].ends_with("\r\nhttps://aftale.example/a/x7\r\n\r\n.\r\n"), "{}", seen[4]);
    assert_eq!(seen[5], "RSET", "the second mail goes over the kept connection");
    assert_eq!(seen[9], seen[4], "a repeat is the same, byte for byte");
}

#[tokio::test]
async fn every_answer_has_a_meaning() {
    let later = |code| Outcome::RetryAfter { seconds: None, code };
    let fault = |code| Outcome::OurFault { code };
    let refused = |code| Outcome::Refused { code };
    let unknown = |code| Outcome::Unknown { code };
    let cases = [
        ("GREETING", "421 busy", later("try_later")),
        ("GREETING", "554 no", fault("server_refused")),
        ("GREETING", "hello there", later("unreachable")),
        ("GREETING", "\u{1}\u{fffd}", later("unreachable")),
        ("EHLO", "502 what", fault("server_refused")),
        ("MAIL", "451 4.3.0 wait", later("try_later")),
        ("MAIL", "530 5.7.0 sign in first", fault("sign_in_refused")),
        ("MAIL", "550 5.1.8 bad sender", fault("sender_refused")),
        ("MAIL", "553 not yours", fault("sender_refused")),
        ("RCPT", "450 4.2.0 greylisted", later("try_later")),
        ("RCPT", "550 5.1.1 <far@familie.example>: user unknown", Outcome::TargetGone),
        ("RCPT", "550-5.1.1 user unknown\r\n550 5.1.1 see our page", Outcome::TargetGone),
        ("RCPT", "550 5.1.10 null MX", Outcome::TargetGone),
        ("RCPT", "550 5.2.1 closed", Outcome::TargetGone),
        ("RCPT", "552 5.2.2 full", refused("recipient_refused")),
        ("RCPT", "550 no", refused("recipient_refused")),
        ("RCPT", "550 5.7.1 relaying denied", fault("policy_refused")),
        ("RCPT", "garbage", later("connection_lost")),
        ("DATA", "451 4.3.0 wait", later("try_later")),
        ("DATA", "554 5.5.1 no valid recipients", refused("content_refused")),
        ("TEXT", "452 4.3.1 disk full", later("try_later")),
        ("TEXT", "550 5.1.1 user unknown", Outcome::TargetGone),
        ("TEXT", "552 5.3.4 too big", refused("content_refused")),
        ("TEXT", "554 5.7.1 looks like spam", fault("policy_refused")),
        ("TEXT", "garbage", unknown("no_answer")),
        // Yes, but not to what was asked.
        ("MAIL", "354 go on", later("connection_lost")),
        ("RCPT", "354 go on", later("connection_lost")),
        ("DATA", "250 fine", later("connection_lost")),
        ("TEXT", "354 go on", unknown("no_answer")),
    ];
    for (step, line, expected) in cases {
        assert_eq!(ends(step, Say::Line(line), 10_000).await, expected, "{step}: {line}");
    }
}

/// A server that never ends its greeting keeps a thread busy, and nothing else: the clock goes on, and the mail is given up in time.
#[test]
fn a_server_that_talks_without_end_holds_up_nobody() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let long: &'static str = format!("{}250 8BITMIME", "250-X\r\n".repeat(20_000)).leak();
        let server = scripted::smtp(move |step| if step == "EHLO" { Say::Line(long) } else { friendly(step) }).await;
        let begin = std::time::Instant::now();
        assert_eq!(sender(&server).send(&mail(), in_ms(300)).await, Outcome::later("timeout"));
        assert!(begin.elapsed() < std::time::Duration::from_secs(8), "{:?}", begin.elapsed());
        assert!(server.seen().iter().all(|line| !line.starts_with("MAIL")));
    });
    runtime.shutdown_background();
}

/// A line without an end is read so far and no further; then it is the server that nobody listens to.
#[tokio::test]
async fn an_answer_without_an_end_is_not_heard_out() {
    let later = Outcome::later("answer_too_large");
    let cases = [
        ("GREETING", "220 ", later.clone()),
        ("EHLO", "250-", later.clone()),
        ("AUTH", "334 ", later.clone()),
        ("RCPT", "250 ", later.clone()),
        ("DATA", "354 ", later),
        ("TEXT", "250 ", Outcome::Unknown { code: "answer_too_large" }),
    ];
    let dir = tempfile::tempdir().unwrap();
    let password_file = secret(dir.path(), "hemmelig");
    for (at, begins, expected) in cases {
        let server = scripted::smtp(move |step| match step {
            _ if step == at => Say::Endless(begins),
            "EHLO" => Say::Line("250-mail\r\n250 AUTH PLAIN"),
            _ => friendly(step),
        })
        .await;
        let settings = SmtpSettings { user: Some("aftaler".into()), password_file: Some(password_file.clone()), ..settings(server.addr) };
        let outcome = SmtpSender::new(&settings).unwrap().send(&mail(), in_ms(60_000)).await;
        assert_eq!(outcome, expected, "{at}");
        assert!(outcome.is_silence(), "three in a row, and the server counts as away");
        let gone = async {
            while !server.seen().iter().any(|seen| seen == scripted::GONE) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), gone).await.expect(at);
    }
}

/// What a server said in earlier conversations over a connection that is kept does not count.
#[tokio::test]
async fn each_conversation_is_heard_anew() {
    let long: &'static str = format!("250 {}", "a".repeat(900)).leak();
    let server = scripted::smtp(move |step| if step == "RSET" { Say::Line(long) } else { friendly(step) }).await;
    let sender = sender(&server);
    for _ in 0..300 {
        assert_eq!(sender.send(&mail(), in_ms(60_000)).await, Outcome::Accepted { reference: None });
    }
    assert_eq!(server.seen().iter().filter(|line| line.starts_with("EHLO")).count(), 1, "over one connection");
}

#[tokio::test]
async fn what_breaks_before_the_text_is_known_as_not_sent() {
    for step in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"] {
        for say in [Say::Close, Say::HalfClose] {
            let outcome = ends(step, say, 10_000).await;
            assert!(matches!(outcome, Outcome::RetryAfter { .. }), "{step}: {outcome:?}");
        }
        assert_eq!(ends(step, Say::Hang, 150).await, Outcome::later("timeout"), "{step}");
    }
    let closed = SmtpSender::new(&settings(scripted::closed_port().await)).unwrap();
    assert_eq!(closed.send(&mail(), in_ms(10_000)).await, Outcome::later("unreachable"));
}

#[tokio::test]
async fn what_breaks_after_the_text_is_unknown() {
    for say in [Say::Close, Say::HalfClose] {
        assert_eq!(ends("TEXT", say, 10_000).await, Outcome::Unknown { code: "no_answer" });
    }
    assert_eq!(ends("TEXT", Say::Hang, 1_000).await, Outcome::Unknown { code: "timeout" });
}

#[tokio::test]
async fn it_gives_up_at_the_deadline() {
    let begun = Instant::now();
    ends("RCPT", Say::Hang, 150).await;
    assert!(begun.elapsed().as_millis() < 2_000, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_connection_given_up_in_the_text_carries_nothing_more() {
    let first = AtomicBool::new(true);
    let server = scripted::smtp(move |step| match step {
        "TEXT" if first.swap(false, Ordering::SeqCst) => Say::Hang,
        _ => friendly(step),
    })
    .await;
    let sender = sender(&server);
    assert_eq!(sender.send(&mail(), in_ms(1_000)).await, Outcome::Unknown { code: "timeout" });
    assert_eq!(sender.send(&mail(), in_ms(10_000)).await, Outcome::Accepted { reference: None });
    let greetings = server.seen().iter().filter(|line| line.starts_with("EHLO")).count();
    assert_eq!(greetings, 2, "a connection of its own: {:?}", server.seen());
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_and_a_refusal_does_not_end_one() {
    let server = scripted::smtp(|step| if step == "RSET" { Say::Close } else { friendly(step) }).await;
    let dying = sender(&server);
    for _ in 0..2 {
        assert_eq!(dying.send(&mail(), in_ms(10_000)).await, Outcome::Accepted { reference: None });
    }
    assert_eq!(server.seen().iter().filter(|line| line.starts_with("EHLO")).count(), 2);

    let server = scripted::smtp(|step| if step == "RCPT" { Say::Line("550 5.1.1 unknown") } else { friendly(step) }).await;
    let refused = sender(&server);
    for _ in 0..2 {
        assert_eq!(refused.send(&mail(), in_ms(10_000)).await, Outcome::TargetGone);
    }
    assert_eq!(server.seen().iter().filter(|line| line.starts_with("EHLO")).count(), 1, "{:?}", server.seen());
}

#[tokio::test]
async fn signing_in_tells_a_wrong_password_from_a_bad_day() {
    let dir = tempfile::tempdir().unwrap();
    let password_file = secret(dir.path(), "hemmelig\n");
    let cases = [
        ("250-mail\r\n250 AUTH PLAIN LOGIN", "235 2.7.0 welcome", Outcome::Accepted { reference: None }),
        ("250-mail\r\n250 AUTH PLAIN", "535 5.7.8 no", Outcome::OurFault { code: "sign_in_refused" }),
        ("250-mail\r\n250 AUTH PLAIN", "454 4.7.0 later", Outcome::later("try_later")),
        ("250-mail\r\n250 AUTH XOAUTH2", "235 welcome", Outcome::OurFault { code: "sign_in_not_offered" }),
        ("250 mail", "235 welcome", Outcome::OurFault { code: "sign_in_not_offered" }),
    ];
    for (hello, answer, expected) in cases {
        let server = scripted::smtp(move |step| match step {
            "EHLO" => Say::Line(hello),
            "AUTH" => Say::Line(answer),
            _ => friendly(step),
        })
        .await;
        let settings = SmtpSettings { user: Some("aftaler".into()), password_file: Some(password_file.clone()), ..settings(server.addr) };
        assert_eq!(SmtpSender::new(&settings).unwrap().send(&mail(), in_ms(10_000)).await, expected, "{hello}, {answer}");
        if expected == (Outcome::Accepted { reference: None }) {
            assert_eq!(server.seen()[1], "AUTH PLAIN AGFmdGFsZXIAaGVtbWVsaWc=", "the newline is not part of the password");
        }
    }
}

#[tokio::test]
async fn addresses_are_taken_as_danes_write_them() {
    let cases = [
        ("far@bøh.dk", Outcome::Accepted { reference: None }),
        ("bøh@familie.dk", Outcome::Refused { code: "address_not_ascii" }),
        ("nobody", Outcome::Refused { code: "address_invalid" }),
        ("a@b.dk\r\nRCPT TO:<c@d.dk>", Outcome::Refused { code: "address_invalid" }),
    ];
    for (to, expected) in cases {
        let server = scripted::smtp(friendly).await;
        assert_eq!(sender(&server).send(&prepared(Channel::Email, to), in_ms(10_000)).await, expected, "{to}");
        if to == "far@bøh.dk" {
            assert_eq!(server.seen()[2], "RCPT TO:<far@xn--bh-lka.dk>");
        }
    }
}

#[test]
fn a_subject_cannot_add_a_header() {
    let envelope = Envelope::new(&SmtpSettings::default()).unwrap();
    let message = Prepared { subject: "A\r\nBcc: x@y.dk".into(), lines: vec!["En\r\n.\r\nTo".into()], ..mail() };
    let text = String::from_utf8(envelope.compose(&message).unwrap().formatted()).unwrap();
    assert!(!text.contains("\r\nBcc"), "{text}");
}

/// A mail server that speaks TLS (from the start, or after STARTTLS) to one caller, with a certificate for 127.0.0.1.
fn tls_server(starttls: bool) -> std::net::SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../fixtures/test_certificate.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../fixtures/test_certificate_key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || -> std::io::Result<()> {
        let mut stream = listener.accept()?.0;
        if starttls {
            stream.write_all(b"220 mail\r\n")?;
            let mut lines = BufReader::new(stream.try_clone()?).lines();
            for answer in ["250-mail\r\n250 STARTTLS\r\n", "220 go on\r\n"] {
                lines.next().transpose()?;
                stream.write_all(answer.as_bytes())?;
            }
        }
        let tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config.into()).unwrap(), stream);
        converse_in_tls(tls, !starttls)
    });
    addr
}

fn converse_in_tls(stream: impl Read + Write, greet: bool) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if greet {
        stream.get_mut().write_all(b"220 mail\r\n")?;
    }
    let (mut line, mut in_text) = (String::new(), false);
    while stream.read_line(&mut line)? > 0 {
        let word = line.trim_end().split(' ').next().unwrap().to_owned();
        line.clear();
        let step = if in_text { "TEXT" } else { word.as_str() };
        if in_text && word != "." {
            continue;
        }
        in_text = step == "DATA";
        if let Say::Line(answer) = friendly(step) {
            stream.get_mut().write_all(format!("{answer}\r\n").as_bytes())?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn tls_is_verified_and_required() {
    let ca_file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/messages/channels/fixtures/test_certificate.pem");
    let known = |settings| SmtpSettings { ca_file: Some(ca_file.into()), ..settings };
    for (starttls, tls) in [(false, Tls::Implicit), (true, Tls::Starttls)] {
        let trusted = SmtpSettings { tls, ..known(settings(tls_server(starttls))) };
        assert_eq!(SmtpSender::new(&trusted).unwrap().send(&mail(), in_ms(10_000)).await, Outcome::Accepted { reference: None }, "{tls:?}");
        let stranger = SmtpSettings { tls, ..settings(tls_server(starttls)) };
        assert_eq!(
            SmtpSender::new(&stranger).unwrap().send(&mail(), in_ms(10_000)).await,
            Outcome::OurFault { code: "tls_failed" },
            "{tls:?}"
        );
    }
    let plain = scripted::smtp(friendly).await;
    let required = SmtpSettings { tls: Tls::Starttls, ..settings(plain.addr) };
    assert_eq!(SmtpSender::new(&required).unwrap().send(&mail(), in_ms(10_000)).await, Outcome::OurFault { code: "tls_not_offered" });
    let implicit = SmtpSettings { tls: Tls::Implicit, ..settings(plain.addr) };
    assert_eq!(SmtpSender::new(&implicit).unwrap().send(&mail(), in_ms(10_000)).await, Outcome::OurFault { code: "tls_failed" });
    assert!(plain.seen().iter().all(|line| !line.starts_with("MAIL") && !line.starts_with("AUTH")), "{:?}", plain.seen());
}
