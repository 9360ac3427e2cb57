//! Bodies and filters that are wrong in every way.

use actix_web::test::TestRequest;
use serde_json::json;

use super::{ID, Reply, send};

async fn post_body(body: impl Into<Vec<u8>>) -> Reply {
    let request = TestRequest::post().uri("/things").insert_header(("content-type", "application/json"));
    send(request.insert_header(("idempotency-key", "k1")).set_payload(body.into())).await
}

#[actix_web::test]
async fn a_sound_body_is_taken() {
    let reply = post_body(r#"{"name":" Eva ","kind":"call","start_at":"2017-03-23T19:39:23+01:00","born_on":"2001-02-03","minutes":45,"goals":[{"title":"a"}],"note":null}"#).await;
    assert_eq!((reply.status, reply.json()), (201, json!({"name": "Eva", "minutes": 45, "goals": 1})));
    assert_eq!(reply.header("location"), "/things/k1");
    assert!(reply.header("etag").starts_with("\"1."));
}

#[actix_web::test]
async fn bad_bodies_are_refused_where_they_are_wrong() {
    let deep = |n: usize| format!("{{\"name\":{}{}}}", "[".repeat(n), "]".repeat(n));
    for (body, expected) in [
        (String::new(), "400 malformed_body"),
        ("{".into(), "400 malformed_body"),
        ("nonsense".into(), "400 malformed_body"),
        (r#"{"name":"a","kind":"call"} x"#.into(), "400 malformed_body"),
        (r#"{"name":"a","kind":"call"}{}"#.into(), "400 malformed_body"),
        (r#"{"name":"a","kind":"call","minutes":1e999}"#.into(), "400 malformed_body"),
        (r#"{"name":"\ud80","kind":"call"}"#.into(), "400 malformed_body"),
        (r#"{"name":"a","kind":"call","\ud800":1}"#.into(), "422 invalid /\u{FFFD}:unknown_member"),
        (r#"{"name":"a","kind":"call","\ud83d":1,"\ude00":1}"#.into(), "422 invalid /\u{FFFD}:duplicate_member"),
        ("{\"name\":\"a\0\",\"kind\":\"call\"}".into(), "400 malformed_body"),
        (deep(33), "400 malformed_body"),
        (deep(20_000), "400 malformed_body"),
        (deep(31), "422 invalid /name:wrong_type"),
        ("[]".into(), "422 invalid :wrong_type"),
        ("null".into(), "422 invalid :wrong_type"),
        ("\"{\"".into(), "422 invalid :wrong_type"),
        ("{}".into(), "422 invalid /name:required"),
        (r#"{"name":"a"}"#.into(), "422 invalid /kind:required"),
        (r#"{"name":null,"kind":"call"}"#.into(), "422 invalid /name:wrong_type"),
        (r#"{"name":7,"kind":"call"}"#.into(), "422 invalid /name:wrong_type"),
        (r#"{"name":{},"kind":"call"}"#.into(), "422 invalid /name:wrong_type"),
        (r#"{"name":"  ","kind":"call"}"#.into(), "422 invalid /name:empty"),
        (r#"{"name":"\u0000","kind":"call"}"#.into(), "422 invalid /name:empty"),
        (r#"{"name":"a\u0001b","kind":"call"}"#.into(), "422 invalid /name:control_character"),
        (format!(r#"{{"name":"{}","kind":"call"}}"#, "x".repeat(201)), "422 invalid /name:too_long"),
        (r#"{"name":"a","kind":"party"}"#.into(), "422 invalid /kind:unknown_code"),
        (r#"{"name":"a","kind":3}"#.into(), "422 invalid /kind:wrong_type"),
        (r#"{"name":"a","kind":"call","start_at":"2017-02-30T00:00:00Z"}"#.into(), "422 invalid /start_at:wrong_value"),
        (r#"{"name":"a","kind":"call","start_at":"9999-12-31T23:59:59Z"}"#.into(), "422 invalid /start_at:wrong_value"),
        (r#"{"name":"a","kind":"call","born_on":"2027-02-29"}"#.into(), "422 invalid /born_on:not_a_date"),
        (r#"{"name":"a","kind":"call","minutes":-1}"#.into(), "422 invalid /minutes:out_of_range"),
        (r#"{"name":"a","kind":"call","minutes":99999}"#.into(), "422 invalid /minutes:out_of_range"),
        (r#"{"name":"a","kind":"call","minutes":1.5}"#.into(), "422 invalid /minutes:wrong_type"),
        (r#"{"name":"a","kind":"call","minutes":99999.0}"#.into(), "422 invalid /minutes:out_of_range"),
        (r#"{"name":"a","kind":"call","minutes":-1e1}"#.into(), "422 invalid /minutes:out_of_range"),
        (r#"{"name":"a","kind":"call","minutes":1e300}"#.into(), "422 invalid /minutes:wrong_type"),
        (r#"{"name":"a","kind":"call","minutes":9007199254740993.0}"#.into(), "422 invalid /minutes:wrong_type"),
        (r#"{"name":1.0,"kind":"call"}"#.into(), "422 invalid /name:wrong_type"),
        (r#"{"name":"a","kind":"call","minutes":99999999999999999999999}"#.into(), "422 invalid /minutes:wrong_type"),
        (r#"{"name":"a","kind":"call","goals":[{"title":"a"},{"title":9}]}"#.into(), "422 invalid /goals/1/title:wrong_type"),
        (r#"{"name":"a","kind":"call","goals":[{}]}"#.into(), "422 invalid /goals/0/title:required"),
        // A bare list is no object, however deep.
        (r#"["a","call",null,null,null,[],null,null,null]"#.into(), "422 invalid :wrong_type"),
        (r#"{"name":"a","kind":"call","goals":[["a"]]}"#.into(), "422 invalid /goals/0:wrong_type"),
        (r#"{"name":"a","kind":"call","goals":[{"title":"a"},[]]}"#.into(), "422 invalid /goals/1:wrong_type"),
        (r#"{"name":"a","kind":"call","goals":{"title":"a"}}"#.into(), "422 invalid /goals:wrong_type"),
        (
            r#"{"name":"a","kind":"call","goals":[{"title":"a"},{"title":"a"},{"title":"a"},{"title":"a"}]}"#.into(),
            "422 invalid /goals:too_many",
        ),
        (r#"{"name":"a","kind":"call","days":[]}"#.into(), "422 invalid /days:empty"),
        (r#"{"name":"a","kind":"call","pair":[1]}"#.into(), "422 invalid /pair:too_few"),
        (r#"{"name":"a","kind":"call","pair":[1,2,3]}"#.into(), "422 invalid /pair:too_many"),
        (r#"{"name":"a","name":"b","kind":"call"}"#.into(), "422 invalid /name:duplicate_member"),
        (r#"{"name":"a","kind":"call","goals":[{"title":"a","title":"b"}]}"#.into(), "422 invalid /goals/0/title:duplicate_member"),
        (
            r#"{"x/y~z":1,"name":"a","kind":"call","goals":[{"title":"a","colour":[{}]}],"zz":null}"#.into(),
            "422 invalid /goals/0/colour:unknown_member /x~1y~0z:unknown_member /zz:unknown_member",
        ),
        (r#"{"unknown":1,"name":7}"#.into(), "422 invalid /unknown:unknown_member /name:wrong_type"),
        (r#"{"name":"a","kind":"call","note":7}"#.into(), "422 invalid /note:wrong_type"),
        (
            r#"{"goals":[{"title":9},{}],"minutes":-1,"name":"a","kind":"party","zz":1}"#.into(),
            "422 invalid /zz:unknown_member /goals/0/title:wrong_type /kind:unknown_code /minutes:out_of_range",
        ),
        (r#"{"minutes":-1,"name":"a"}"#.into(), "422 invalid /minutes:out_of_range /kind:required"),
    ] {
        assert_eq!(post_body(body.clone()).await.problem(), expected, "{}", body.chars().take(100).collect::<String>());
    }
    assert_eq!(post_body(b"{\"name\":\"\xff\",\"kind\":\"call\"}".to_vec()).await.problem(), "400 malformed_body");
}

#[actix_web::test]
async fn what_a_phone_spells_in_its_own_way_is_taken() {
    for (body, name, minutes) in [
        (r#"{"name":"Bo \ud83d","kind":"call","minutes":30.0}"#, "Bo \u{FFFD}", 30),
        (r#"{"name":"30.0 \\ud83d \ud83d\ude00","kind":"call","minutes":1e1}"#, "30.0 \\ud83d 😀", 10),
    ] {
        let reply = post_body(body).await;
        assert_eq!((reply.status, reply.json()), (201, json!({"name": name, "minutes": minutes, "goals": 0})), "{body}");
    }
}

#[actix_web::test]
async fn a_refusal_never_repeats_the_value() {
    for body in [r#"{"name":"a","kind":"hemmelig"}"#, r#"{"name":{"a":"hemmelig"}}"#, r#"{"name":"a","kind":"call","start_at":"hemmelig"}"#]
    {
        let reply = post_body(body).await;
        assert!(!String::from_utf8(reply.body).unwrap().contains("hemmelig"), "{body}");
    }
}

#[actix_web::test]
async fn many_unknown_members_are_named_up_to_a_bound() {
    let members: Vec<_> = (0..5000).map(|n| format!("\"{n}{}\":1", "m".repeat(40))).collect();
    let reply = post_body(format!("{{{}}}", members.join(","))).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.len() < 20_000);
}

#[actix_web::test]
async fn large_bodies_are_refused_with_or_without_a_length() {
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(post_body(large.clone()).await.problem(), "413 body_too_large");
    let declared = TestRequest::post().uri("/things").insert_header(("content-type", "application/json"));
    let declared = declared.insert_header(("idempotency-key", "k")).insert_header(("content-length", "1048576"));
    assert_eq!(send(declared).await.problem(), "413 body_too_large");
    assert_eq!(send(TestRequest::get().uri("/bare")).await.problem(), "413 body_too_large");
}

#[actix_web::test]
async fn only_plain_json_is_a_body() {
    for (content_type, encoding, status) in [
        ("application/json", "identity", 201),
        ("application/json; charset=utf-8", "identity", 201),
        ("Application/JSON; Charset=\"UTF-8\"", "identity", 201),
        ("application/json; charset=latin1", "identity", 415),
        ("text/plain", "identity", 415),
        ("application/x-www-form-urlencoded", "identity", 415),
        ("application/jsonx", "identity", 415),
        ("", "identity", 415),
        ("application/json", "gzip", 415),
    ] {
        let request = TestRequest::post().uri("/things").insert_header(("idempotency-key", "k"));
        let request = request.insert_header(("content-type", content_type)).insert_header(("content-encoding", encoding));
        let reply = send(request.set_payload(r#"{"name":"a","kind":"meeting"}"#)).await;
        assert_eq!(reply.status, status, "{content_type} {encoding}");
        if status == 415 {
            assert_eq!(reply.problem(), "415 unsupported_media_type");
            let is_compressed = reply.json()["detail"] == "Indholdet må ikke være komprimeret";
            assert_eq!(is_compressed, encoding == "gzip", "{content_type} {encoding}");
        }
    }
}

#[actix_web::test]
async fn an_empty_command_takes_no_members() {
    let uri = format!("/things/{ID}/cancel");
    let json = || TestRequest::post().uri(&uri).insert_header(("content-type", "application/json"));
    assert_eq!(send(TestRequest::post().uri(&uri)).await.status, 202);
    assert_eq!(send(json().set_payload("{}")).await.status, 202);
    assert_eq!(send(json().set_payload(r#"{"why":1}"#)).await.problem(), "422 invalid /why:unknown_member");
    assert_eq!(send(TestRequest::post().uri(&uri).set_payload("why")).await.problem(), "415 unsupported_media_type");
}

#[actix_web::test]
async fn filters_are_judged_like_bodies() {
    for (query, expected) in [
        ("owner=7", "422 invalid query/owner:wrong_value"),
        ("kind=party", "422 invalid query/kind:unknown_code"),
        ("due_before=tomorrow", "422 invalid query/due_before:wrong_value"),
        ("colour=red&x=1", "422 invalid query/colour:unknown_member query/x:unknown_member"),
        ("limit=0", "422 invalid query/limit:out_of_range"),
        ("limit=201", "422 invalid query/limit:out_of_range"),
        ("limit=-1", "422 invalid query/limit:out_of_range"),
        ("limit=99999999", "422 invalid query/limit:out_of_range"),
        ("limit=x", "422 invalid query/limit:wrong_type"),
        ("limit=", "422 invalid query/limit:wrong_type"),
        ("limit=1e1", "422 invalid query/limit:wrong_type"),
        ("limit=1&limit=2", "422 invalid query/limit:duplicate_member"),
        ("cursor=nonsense", "422 invalid query/cursor:foreign_cursor"),
        ("cursor=%00", "422 invalid query/cursor:control_character"),
        ("kind=%ff", "422 invalid query/kind:control_character"),
        ("cursor=", "422 invalid query/cursor:foreign_cursor"),
    ] {
        assert_eq!(send(TestRequest::get().uri(&format!("/things?{query}"))).await.problem(), expected, "{query}");
    }
}
