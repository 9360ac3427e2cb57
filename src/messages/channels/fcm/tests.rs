//! What each answer of Firebase means, and how tokens are fetched, against servers that answer so.

use std::sync::atomic::{AtomicU32, Ordering};

use super::super::scripted::{self, Reply, Request, Served};
use super::super::tests::{in_ms, now, prepared, secret};
use super::super::web::tests::impatient;
use super::super::{Channel, Mode};
use super::*;

/// A server that grants tokens (`t1`, `t2`, ...) at `/token` and answers pushes as told.
async fn firebase(push: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Served<Request> {
    let granted = AtomicU32::new(0);
    scripted::http(move |request| match request.path.as_str() {
        "/token" => {
            let number = granted.fetch_add(1, Ordering::SeqCst) + 1;
            Reply::json(200, json!({ "access_token": format!("t{number}"), "expires_in": 3_599, "token_type": "Bearer" }).to_string())
        }
        _ => push(request),
    })
    .await
}

fn sender(server: &Served<Request>) -> FcmSender {
    let dir = tempfile::tempdir().unwrap();
    let account = json!({
        "type": "service_account",
        "project_id": "aftaler-1",
        "client_email": "push@aftaler-1.iam.example",
        "private_key": include_str!("../fixtures/test_account_key.pem"),
        "token_uri": server.url("/token"),
    });
    let settings = FcmSettings {
        mode: Mode::Live,
        base_url: server.url("/"),
        service_account_file: Some(secret(dir.path(), &account.to_string())),
        ..FcmSettings::default()
    };
    FcmSender::over(impatient(), &settings).unwrap()
}

fn push() -> Prepared {
    prepared(Channel::Push, "fid-of-a-phone")
}

fn accepted() -> Reply {
    Reply::json(200, r#"{"name":"projects/aftaler-1/messages/0:17"}"#)
}

fn error(status: u16, name: &str, details: &[Value]) -> Reply {
    Reply::json(status, json!({ "error": { "code": status, "status": name, "message": "…", "details": details } }).to_string())
}

fn fcm_error(code: &str) -> Value {
    json!({ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code })
}

fn bad_request() -> Value {
    json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{ "field": "message.data[0].value" }] })
}

#[tokio::test]
async fn the_phone_gets_neutral_words_and_nothing_else() {
    let server = firebase(|_| accepted()).await;
    let outcome = sender(&server).send(&push(), now(), in_ms(10_000)).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("projects/aftaler-1/messages/0:17".into()) });
    let seen = server.seen();
    let request = &seen[1];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/projects/aftaler-1/messages:send"));
    assert_eq!(request.headers["authorization"], "Bearer t1");
    assert!(!request.headers.contains_key("user-agent"));
    let id = "0b51d1f0-6a3b-4c3e-9d5a-3f2f8f1f0c11";
    let expected = json!({ "message": {
        "fid": "fid-of-a-phone",
        "notification": { "title": "Påmindelse", "body": "Du har en aftale i morgen kl. 15.\nSvar ikke på denne besked." },
        "data": { "id": id, "link": "https://aftale.example/a/x7" },
        "android": { "priority": "HIGH", "ttl": "7200s", "notification": { "tag": id, "visibility": "PRIVATE" } },
        "apns": { "headers": {
            "apns-push-type": "alert", "apns-priority": "10", "apns-expiration": "1772478000", "apns-collapse-id": id,
        } },
    } });
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), expected);
}

#[test]
fn keys_and_target_follow_the_settings() {
    let settings = FcmSettings {
        target_member: TargetMember::Token,
        id_key: "i".into(),
        link_key: "l".into(),
        android_channel: Some("besked".into()),
        priority: Priority::Normal,
        ..FcmSettings::default()
    };
    let after_the_end = now().plus(chrono::TimeDelta::hours(9));
    let message = Payload::new(&settings).compose(&push(), after_the_end).unwrap();
    assert_eq!(message["token"], "fid-of-a-phone");
    assert_eq!(message["data"], json!({ "i": push().id, "l": push().link }));
    assert_eq!(message["android"]["notification"]["channel_id"], "besked");
    assert_eq!((message["android"]["priority"].as_str(), message["android"]["ttl"].as_str()), (Some("NORMAL"), Some("0s")));
    let bare = Payload::new(&settings).compose(&Prepared { link: None, ..push() }, now()).unwrap();
    assert_eq!(bare["data"], json!({ "i": push().id }));
    let long = Prepared { lines: vec!["x".repeat(4_100)], ..push() };
    assert_eq!(Payload::new(&settings).compose(&long, now()), Err(Outcome::Refused { code: "too_large" }));
}

#[tokio::test]
async fn every_answer_has_a_meaning() {
    let later = |seconds, code| Outcome::RetryAfter { seconds, code };
    let fault = |code| Outcome::OurFault { code };
    let unknown = |code| Outcome::Unknown { code };
    let cases = [
        (error(404, "NOT_FOUND", &[fcm_error("UNREGISTERED")]), Outcome::TargetGone),
        (error(404, "NOT_FOUND", &[]), fault("project_not_found")),
        (Reply::json(404, "<html>"), fault("project_not_found")),
        (error(400, "INVALID_ARGUMENT", &[bad_request()]), fault("invalid_argument")),
        (error(400, "INVALID_ARGUMENT", &[fcm_error("INVALID_ARGUMENT"), bad_request()]), fault("invalid_argument")),
        (error(400, "INVALID_ARGUMENT", &[fcm_error("INVALID_ARGUMENT")]), Outcome::Refused { code: "target_invalid" }),
        (error(400, "INVALID_ARGUMENT", &[]), fault("invalid_argument")),
        (error(401, "UNAUTHENTICATED", &[fcm_error("THIRD_PARTY_AUTH_ERROR")]), fault("apple_key_refused")),
        (error(401, "UNAUTHENTICATED", &[]), fault("access_refused")),
        (error(403, "PERMISSION_DENIED", &[fcm_error("SENDER_ID_MISMATCH")]), fault("project_mismatch")),
        (error(403, "PERMISSION_DENIED", &[]), fault("access_refused")),
        (error(429, "RESOURCE_EXHAUSTED", &[fcm_error("QUOTA_EXCEEDED")]), later(Some(60), "busy")),
        (error(429, "RESOURCE_EXHAUSTED", &[]).with("Retry-After", "7"), later(Some(7), "busy")),
        (error(503, "UNAVAILABLE", &[fcm_error("UNAVAILABLE")]).with("Retry-After", "120"), later(Some(120), "provider_down")),
        (error(503, "UNAVAILABLE", &[]), later(None, "provider_down")),
        (error(500, "INTERNAL", &[fcm_error("INTERNAL")]), later(None, "provider_down")),
        (Reply::json(302, "").with("Location", "http://127.0.0.1:1/"), fault("request_refused")),
        (Reply::json(200, "<html>welcome to our hotel</html>"), unknown("answer_unclear")),
        (Reply::Close, unknown("no_answer")),
        (Reply::Cut, unknown("answer_lost")),
    ];
    // One server and one token for all: the phone's id says which answer it gets.
    let replies: Vec<_> = cases.iter().map(|(reply, _)| reply.clone()).collect();
    let server = firebase(move |request| {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        replies[body["message"]["fid"].as_str().unwrap().parse::<usize>().unwrap()].clone()
    })
    .await;
    let firebase_sender = sender(&server);
    for (index, (_, expected)) in cases.into_iter().enumerate() {
        let message = prepared(Channel::Push, &index.to_string());
        assert_eq!(firebase_sender.send(&message, now(), in_ms(10_000)).await, expected, "case {index}");
    }
    let server = firebase(|_| Reply::Hang).await;
    assert_eq!(sender(&server).send(&push(), now(), in_ms(1_000)).await, unknown("timeout"));
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let stale = firebase(|request| match request.headers["authorization"].as_str() {
        "Bearer t1" => error(401, "UNAUTHENTICATED", &[]),
        _ => accepted(),
    })
    .await;
    let sender_ = sender(&stale);
    assert!(matches!(sender_.send(&push(), now(), in_ms(10_000)).await, Outcome::Accepted { .. }));
    assert!(matches!(sender_.send(&push(), now(), in_ms(10_000)).await, Outcome::Accepted { .. }));
    let paths: Vec<_> = stale.seen().iter().map(|request| request.path.clone()).collect();
    let send = "/v1/projects/aftaler-1/messages:send";
    assert_eq!(paths, ["/token", send, "/token", send, send], "the new token is kept");

    let closed = firebase(|_| error(403, "PERMISSION_DENIED", &[])).await;
    assert_eq!(sender(&closed).send(&push(), now(), in_ms(10_000)).await, Outcome::OurFault { code: "access_refused" });
    assert_eq!(closed.seen().len(), 4, "one new token, no more");
}

#[tokio::test]
async fn the_request_for_a_token_is_signed_by_the_account() {
    let server = firebase(|_| accepted()).await;
    sender(&server).send(&push(), now(), in_ms(10_000)).await;
    let form = server.seen()[0].body.clone();
    let assertion = form.strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=").unwrap();
    let key = jsonwebtoken::DecodingKey::from_rsa_pem(include_bytes!("../fixtures/test_account_public_key.pem")).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.validate_exp = false;
    rules.set_audience(&[server.url("/token")]);
    let claims = jsonwebtoken::decode::<Value>(assertion, &key, &rules).unwrap().claims;
    assert_eq!(claims["iss"], "push@aftaler-1.iam.example");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/firebase.messaging");
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(1_772_470_800), Some(1_772_474_400)));
}

#[tokio::test]
async fn many_senders_ask_for_one_token() {
    let server = firebase(|_| accepted()).await;
    let sender = std::sync::Arc::new(sender(&server));
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let sender = sender.clone();
            tokio::spawn(async move { sender.send(&push(), now(), in_ms(10_000)).await })
        })
        .collect();
    for one in sending {
        assert!(matches!(one.await.unwrap(), Outcome::Accepted { .. }));
    }
    assert_eq!(server.seen().iter().filter(|request| request.path == "/token").count(), 1);
}

#[tokio::test]
async fn a_token_is_not_used_in_its_last_minutes() {
    let server = scripted::http(|request| match request.path.as_str() {
        "/token" => Reply::json(200, r#"{"access_token":"short","expires_in":300}"#),
        _ => accepted(),
    })
    .await;
    let sender = sender(&server);
    for _ in 0..2 {
        assert!(matches!(sender.send(&push(), now(), in_ms(10_000)).await, Outcome::Accepted { .. }));
    }
    assert_eq!(server.seen().iter().filter(|request| request.path == "/token").count(), 2);
}

#[tokio::test]
async fn without_a_token_nothing_was_sent() {
    let later = |seconds, code| Outcome::RetryAfter { seconds, code };
    let cases = [
        (Reply::json(400, r#"{"error":"invalid_grant"}"#), Outcome::OurFault { code: "token_refused" }),
        (Reply::json(401, "{}"), Outcome::OurFault { code: "token_refused" }),
        (Reply::json(503, "").with("Retry-After", "9"), later(Some(9), "token_later")),
        (Reply::json(429, ""), later(None, "token_later")),
        (Reply::json(200, "<html>"), later(None, "token_unclear")),
        (Reply::Close, later(None, "token_unreachable")),
        (Reply::Hang, later(None, "token_unreachable")),
    ];
    for (index, (reply, expected)) in cases.into_iter().enumerate() {
        let server = scripted::http(move |_| reply.clone()).await;
        assert_eq!(sender(&server).send(&push(), now(), in_ms(1_000)).await, expected, "case {index}");
        assert!(server.seen().iter().all(|request| request.path == "/token"), "case {index}");
    }
    let unasked = scripted::http(|_| Reply::Hang).await;
    assert_eq!(sender(&unasked).send(&push(), now(), in_ms(100)).await, Outcome::NotBegun { code: "no_time_left" });
    assert!(unasked.seen().is_empty());
}

#[test]
fn an_account_that_would_sign_for_a_stranger_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let key = include_str!("../fixtures/test_account_key.pem");
    let cases = [
        (json!({ "client_email": "a", "private_key": key, "token_uri": "https://t.example", "project_id": "p" }), true),
        (json!({ "client_email": "a", "private_key": key, "token_uri": "http://t.example", "project_id": "p" }), false),
        (json!({ "client_email": "a", "private_key": "no", "token_uri": "https://t.example", "project_id": "p" }), false),
        (json!({ "client_email": "a", "private_key": key, "token_uri": "https://t.example" }), false),
        (json!({ "client_email": "a", "private_key": key, "token_uri": "https://t.example", "project_id": "p/../q" }), false),
        (json!([]), false),
    ];
    for (account, expected) in cases {
        let settings = FcmSettings { service_account_file: Some(secret(dir.path(), &account.to_string())), ..FcmSettings::default() };
        assert_eq!(FcmSender::over(impatient(), &settings).is_ok(), expected, "{}", account["token_uri"]);
    }
}
