//! What each answer of a gateway means, against servers that give it, and that no value leaves its place in the request.

use super::super::scripted::{self, Reply, Request, Served};
use super::super::tests::{complaints_of, in_ms, now, prepared, secret};
use super::super::web::tests::impatient;
use super::super::{Channel, Mode};
use super::*;
use crate::base::config::Value as _;

fn sms() -> Prepared {
    Prepared { link: None, ..prepared(Channel::Sms, "+4512345678") }
}

fn gateway(server: &Served<Request>, change: impl FnOnce(&mut SmsSettings)) -> SmsGateway {
    let mut settings = SmsSettings { mode: Mode::Live, url: server.url("/send"), ..SmsSettings::default() };
    change(&mut settings);
    assert_eq!(complaints_of(|complaints| settings.check(complaints)), [""; 0]);
    SmsGateway::over(impatient(), &settings).unwrap()
}

async fn accepting() -> Served<Request> {
    scripted::http(|_| Reply::json(200, "{}")).await
}

#[tokio::test]
async fn the_request_is_the_template_filled() {
    let server = accepting().await;
    let gateway = gateway(&server, |s| {
        s.headers = vec!["Idempotency-Key: {id}".into()];
        s.reference_pointer = Some("/id".into());
    });
    assert_eq!(gateway.send(&sms(), now(), in_ms(10_000)).await, Outcome::Accepted { reference: None });
    let request = &server.seen()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/send"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["idempotency-key"], sms().id.to_string());
    assert!(!request.headers.contains_key("user-agent") && !request.headers.contains_key("authorization"));
    let expected = json!({ "to": "+4512345678", "text": "Du har en aftale i morgen kl. 15.\nSvar ikke på denne besked.", "id": sms().id });
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), expected);
}

#[tokio::test]
async fn no_value_leaves_its_place() {
    let nasty = "\"},{\"to\":\"+4599999999\\ & to=1 + 2 % {to} {id}\r\næ";
    let message = Prepared { lines: vec![nasty.into()], ..sms() };
    let server = accepting().await;
    gateway(&server, |_| ()).send(&message, now(), in_ms(10_000)).await;
    let form = |s: &mut SmsSettings| (s.content, s.body, s.digits_only) = (Content::Form, "to={to}&text={text}&from=Aftaler".into(), true);
    gateway(&server, form).send(&message, now(), in_ms(10_000)).await;
    let query = |s: &mut SmsSettings| (s.content, s.method, s.body) = (Content::Query, Method::Get, "n={to}&m={text}".into());
    gateway(&server, query).send(&message, now(), in_ms(10_000)).await;

    let seen = server.seen();
    let body: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!((body["to"].as_str(), body["text"].as_str()), (Some("+4512345678"), Some(nasty)));
    let escaped = "%22%7D%2C%7B%22to%22%3A%22%2B4599999999%5C%20%26%20to%3D1%20%2B%202%20%25%20%7Bto%7D%20%7Bid%7D%0D%0A%C3%A6";
    assert_eq!(seen[1].body, format!("to=4512345678&text={escaped}&from=Aftaler"));
    assert_eq!(seen[1].headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(seen[2].path, format!("/send?n=%2B4512345678&m={escaped}"));
    assert_eq!((seen[2].method.as_str(), seen[2].body.as_str()), ("GET", ""));
}

#[tokio::test]
async fn the_secret_goes_where_the_gateway_wants_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = secret(dir.path(), "s3&cret\n");
    let server = accepting().await;
    gateway(&server, |s| s.secret_file = Some(file.clone())).send(&sms(), now(), in_ms(10_000)).await;
    let named = |s: &mut SmsSettings| (s.secret_file, s.secret_header, s.secret_prefix) = (Some(file.clone()), "X-Key".into(), "".into());
    gateway(&server, named).send(&sms(), now(), in_ms(10_000)).await;
    let inside = |s: &mut SmsSettings| {
        (s.content, s.body, s.secret_file) = (Content::Form, "key={secret}&to={to}&text={text}".into(), Some(file.clone()));
    };
    gateway(&server, inside).send(&sms(), now(), in_ms(10_000)).await;
    let seen = server.seen();
    assert_eq!(seen[0].headers["authorization"], "Bearer s3&cret");
    assert_eq!(seen[1].headers["x-key"], "s3&cret");
    assert!(seen[2].body.starts_with("key=s3%26cret&to=%2B45"), "{}", seen[2].body);
    assert!(!seen[2].headers.contains_key("authorization"));
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::from_text(text).unwrap()).collect()
}

#[tokio::test]
async fn every_answer_has_a_meaning() {
    let told = |s: &mut SmsSettings| {
        s.target_gone = patterns(&["200 /error/code=1404"]);
        s.refused = patterns(&["200 /error=blocked"]);
        s.our_fault = patterns(&["* ~ no credit"]);
        s.later = patterns(&["429", "503"]);
        s.accepted = patterns(&["200 /ids/0"]);
        s.reference_pointer = Some("/ids/0".into());
    };
    let unknown = |code| Outcome::Unknown { code };
    let cases = [
        (Reply::json(200, r#"{"ids":["g-17"]}"#), Outcome::Accepted { reference: Some("g-17".into()) }),
        (Reply::json(200, r#"{"ids":[17]}"#), Outcome::Accepted { reference: Some("17".into()) }),
        (Reply::json(200, r#"{"ids":["+4512345678"]}"#), Outcome::Accepted { reference: None }),
        (Reply::json(200, r#"{"ids":["g-17"],"error":{"code":1404}}"#), Outcome::TargetGone),
        (Reply::json(200, r#"{"error":"blocked"}"#), Outcome::Refused { code: "gateway_refused" }),
        (Reply::json(402, "no credit left"), Outcome::OurFault { code: "gateway_refused_us" }),
        (Reply::json(429, "").with("Retry-After", "30"), Outcome::RetryAfter { seconds: Some(30), code: "gateway_busy" }),
        (Reply::json(503, ""), Outcome::RetryAfter { seconds: None, code: "gateway_busy" }),
        (Reply::json(200, ""), unknown("answer_unclear")),
        (Reply::json(200, r#"{"ids":[]}"#), unknown("answer_unclear")),
        (Reply::json(200, r#"{"ids":[null]}"#), unknown("answer_unclear")),
        (Reply::json(500, "oops"), unknown("answer_unclear")),
        (Reply::json(302, "").with("Location", "http://127.0.0.1:1/"), unknown("answer_unclear")),
        (Reply::Close, unknown("no_answer")),
        (Reply::Cut, unknown("answer_lost")),
        (Reply::Garbage, unknown("no_answer")),
        (Reply::Hang, unknown("timeout")),
        (Reply::HangInside, unknown("timeout")),
    ];
    for (index, (reply, expected)) in cases.into_iter().enumerate() {
        let server = scripted::http(move |_| reply.clone()).await;
        let gateway = gateway(&server, told);
        assert_eq!(gateway.send(&sms(), now(), in_ms(1_000)).await, expected, "case {index}");
        assert_eq!(server.seen().len(), 1, "case {index}: never a second request");
    }
}

#[tokio::test]
async fn what_was_never_sent_may_be_sent_later() {
    let mut server = accepting().await;
    let late = gateway(&server, |_| ()).send(&sms(), now(), in_ms(100)).await;
    assert_eq!(late, Outcome::NotBegun { code: "no_time_left" });
    for (to, code) in [("12345678", "number_invalid"), ("+45 12 34", "number_invalid"), ("+45123\r\n", "number_invalid")] {
        let outcome = gateway(&server, |_| ()).send(&Prepared { to: to.into(), ..sms() }, now(), in_ms(10_000)).await;
        assert_eq!(outcome, Outcome::Refused { code }, "{to}");
    }
    assert_eq!(server.seen().len(), 0);
    server.addr = scripted::closed_port().await;
    assert_eq!(gateway(&server, |_| ()).send(&sms(), now(), in_ms(10_000)).await, Outcome::later("unreachable"));
}

#[test]
fn a_header_that_is_none_is_found_at_the_start() {
    for header in ["a b: x", "X-Account: a\nb", ": x"] {
        let settings = SmsSettings { headers: vec![header.into()], ..SmsSettings::default() };
        assert!(SmsGateway::over(impatient(), &settings).is_err(), "{header}");
    }
}
