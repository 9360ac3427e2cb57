//! What a request leaves behind: the route's pattern and ids of requests, nothing of its content.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::test::TestRequest;

use super::{ID, Patience, send, send_within};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn the_log_holds_patterns_and_causes_but_no_content() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    // With one subscriber alive a call site that another test's thread meets first asks that thread's alone, has none, and falls
    // silent for everybody; with two it asks all there are.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);

    let secret = TestRequest::get().uri(&format!("/things/{ID}?owner=planted")).insert_header(("authorization", "Bearer planted"));
    let reply = send(secret.insert_header(("user-agent", "planted")).insert_header(("if-none-match", "\"planted\""))).await;
    send(TestRequest::get().uri("/planted/elsewhere")).await;
    send(TestRequest::default().method("PLANTED".parse().unwrap()).uri("/things")).await;
    send(TestRequest::delete().uri("/broken")).await;
    let impatient = Patience { answer: Duration::from_millis(1), ..Patience::default() };
    assert_eq!(send_within(impatient, TestRequest::get().uri("/hangs")).await.problem(), "503 unavailable");

    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(!log.to_lowercase().contains("planted") && !log.contains(ID), "{log}");
    assert!(log.contains("route=\"/things/{id}\" status=200") && log.contains(reply.header("x-request-id")), "{log}");
    assert!(log.contains("route=\"unmatched\" status=404") && log.contains("method=\"other\""), "{log}");
    assert!(log.contains("route=\"/hangs\" status=503"), "{log}");
    assert!(log.contains("ERROR") && log.contains("secret cause"), "{log}");
}

#[actix_web::test]
async fn requests_are_counted_by_route_and_status() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    send(TestRequest::get().uri(&format!("/things/{ID}"))).await;
    send(TestRequest::get().uri("/things/7")).await;
    send(TestRequest::get().uri("/nowhere/7")).await;
    let page = recorder.handle().render();
    for expected in [
        r#"http_requests_total{method="GET",route="/things/{id}",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/things/{id}",status="404"} 1"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
    ] {
        assert!(page.contains(expected), "{page}");
    }
}
