//! What only a real connection shows: bodies without a length, requests that are no HTTP, a client that breaks off.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer};

use super::{ENOUGH, Patience, conventions, routes, settings};

/// The small app on a free port.
fn serve(patience: Patience) -> (SocketAddr, ServerHandle) {
    let app = move || App::new().wrap(Compress::default()).wrap(from_fn(conventions)).app_data(settings(patience)).configure(routes);
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let to = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (to, handle)
}

/// Sends raw bytes and reads until the server closes (or nothing comes for a while).
fn exchange(to: SocketAddr, parts: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    for part in parts {
        // A server that has answered already may close: what it said is still to be read.
        if stream.write_all(part).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn nothing_on_the_wire_makes_a_5xx() {
    let (to, handle) = serve(Patience::default());
    let answers = tokio::task::spawn_blocking(move || {
        let post = "POST /things HTTP/1.1\r\nhost: a\r\nidempotency-key: k\r\nconnection: close\r\ncontent-type: application/json\r\n";
        let megabyte = vec![b'x'; 1 << 20];
        let chunk = [format!("{:x}\r\n", megabyte.len()).as_bytes(), &megabyte, b"\r\n0\r\n\r\n"].concat();
        [
            ("declared", exchange(to, &[format!("{post}content-length: 1048576\r\n\r\n").as_bytes(), &megabyte])),
            ("chunked", exchange(to, &[format!("{post}transfer-encoding: chunked\r\n\r\n").as_bytes(), &chunk])),
            ("bad chunk", exchange(to, &[format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n").as_bytes()])),
            ("no http", exchange(to, &[b"\x16\x03\x01 nonsense\r\n\r\n"])),
            ("NUL in the path", exchange(to, &[b"GET /things/\0 HTTP/1.1\r\nhost: a\r\n\r\n"])),
            ("bad header", exchange(to, &[b"GET /things HTTP/1.1\r\nhost a\r\n\r\n"])),
            ("two lengths", exchange(to, &[format!("{post}content-length: 1\r\ncontent-length: 2\r\n\r\nx").as_bytes()])),
            (
                "Latin-1 header",
                exchange(
                    to,
                    &[b"GET /things HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept-language: \xe6\r\nif-none-match: \xff\r\n\r\n"],
                ),
            ),
        ]
    });
    let answers = answers.await.unwrap();
    handle.stop(false).await;
    for (what, answer) in &answers {
        let status: u16 = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let expected = match *what {
            "declared" | "chunked" => 413,
            // To the HTTP library as if the connection had broken.
            "bad chunk" => 408,
            "Latin-1 header" => 200,
            _ => 400,
        };
        assert_eq!(status, expected, "{what}: {}", answer.chars().take(300).collect::<String>());
        assert!(status != 413 || answer.contains("\"code\":\"body_too_large\""), "{what}: {answer}");
    }
}

const BODY: &str = r#"{"name":"a","kind":"call"}"#;

/// The head of a request whose body is [`BODY`].
fn head() -> String {
    let head = "POST /things HTTP/1.1\r\nhost: a\r\nidempotency-key: k\r\nconnection: close\r\ncontent-type: application/json\r\n";
    format!("{head}content-length: {}\r\n\r\n", BODY.len())
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_said_not_to_have_come() {
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(60));
    for patience in [Patience { idle: short, in_all: long, answer: short }, Patience { idle: long, in_all: short, answer: short }] {
        let (to, handle) = serve(patience);
        let answer = tokio::task::spawn_blocking(move || exchange(to, &[head().as_bytes(), b"{"])).await.unwrap();
        handle.stop(false).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"code\":\"body_not_received\""), "{patience:?}: {answer}");
    }
}

#[actix_web::test]
async fn the_time_for_the_answer_begins_when_the_body_is_there() {
    let long = Duration::from_secs(60);
    let (to, handle) = serve(Patience { idle: long, in_all: long, answer: Duration::from_millis(50) });
    let answers = tokio::task::spawn_blocking(move || {
        let (half, rest) = BODY.split_at(10);
        let mut slow = TcpStream::connect(to).unwrap();
        slow.write_all(format!("{}{half}", head()).as_bytes()).unwrap();
        let mut patient = TcpStream::connect(to).unwrap();
        patient.write_all(b"GET /waits HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        // As long as an answer may take.
        let hung = exchange(to, &[b"GET /hangs HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]);
        slow.write_all(rest.as_bytes()).unwrap();
        ENOUGH.add_permits(1);
        let [slow, patient] = [slow, patient].map(|mut stream| {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        (hung, slow, patient)
    });
    let (hung, slow, patient) = answers.await.unwrap();
    handle.stop(false).await;
    assert!(hung.starts_with("HTTP/1.1 503"), "{hung}");
    assert!(slow.starts_with("HTTP/1.1 201"), "{slow}");
    assert!(patient.starts_with("HTTP/1.1 204"), "one that may take longer: {patient}");
}
