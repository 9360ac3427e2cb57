//! Every kind of bad input against a small app, through the real middleware.

mod bodies;
mod traces;
mod wire;

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::Service;
use actix_web::http::StatusCode;
use actix_web::middleware::{Compress, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, delete, get, patch, post, put, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::*;
use crate::base::clock::{Clock, Instant};
use crate::base::error::{Code, Error};
use crate::base::ids::{CourseId, IdSource, PersonId};
use crate::base::language::Language;
use crate::base::value::{Day, Few, Field, Line};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Call,
    Meeting,
}

#[derive(Deserialize)]
struct Goal {
    title: Line,
}

#[derive(Deserialize)]
struct Input {
    name: Line,
    kind: Kind,
    start_at: Option<Instant>,
    born_on: Option<Day>,
    minutes: Option<u16>,
    #[serde(default)]
    goals: Few<Goal, 3>,
    days: Option<Few<Day, 3, 1>>,
    pair: Option<Few<u8, 2, 2>>,
    #[serde(default)]
    note: Field<Line>,
}

#[derive(Serialize)]
struct View {
    name: String,
    minutes: Option<u16>,
    goals: usize,
}

#[post("/things")]
async fn make(call: Call, body: Body<Input>) -> Answer {
    let key = call.idempotency_key()?.as_str().to_owned();
    let input = body.get()?;
    let _ = (&input.kind, input.start_at, input.born_on, &input.note, &input.days, &input.pair);
    let _ = input.goals.first().map(|goal| goal.title.as_str());
    let view = View { name: input.name.as_str().to_owned(), minutes: input.minutes, goals: input.goals.len() };
    call.created(&format!("/things/{key}"), 1, &view)
}

#[get("/things/{id}")]
async fn show(call: Call, path: Path<CourseId>) -> Answer {
    let id = path.get()?;
    call.answer(3, &json!({ "id": id }))
}

#[put("/things/{id}")]
async fn set(call: Call, path: Path<(CourseId,)>) -> Answer {
    path.get()?;
    call.expected()?.check(3)?;
    call.done()
}

#[patch("/things/{id}/fingerprint")]
async fn fingerprint(call: Call, _path: Path<CourseId>, _body: Body<Value>) -> Answer {
    call.answer_plain(&call.fingerprint())
}

#[post("/things/{id}/cancel")]
async fn cancel(call: Call, path: Path<CourseId>, empty: Empty) -> Answer {
    path.get()?;
    empty.get()?;
    call.accepted()
}

#[derive(Deserialize)]
struct Filter {
    owner: Option<PersonId>,
    kind: Option<Kind>,
    due_before: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

#[get("/things")]
async fn list(call: Call, query: Query<Filter>) -> Answer {
    let filter = query.get()?;
    let _ = (filter.owner, &filter.kind, filter.due_before);
    let page = Page::<(u32,)>::read("things", filter.limit, filter.cursor.as_ref())?;
    let from = page.after.map_or(0, |(last,)| last + 1);
    let rows = (from..10).take(usize::try_from(page.fetch()).unwrap()).collect();
    call.answer_list(page.cut(rows, |row| (*row,)))
}

#[delete("/broken")]
async fn broken(_call: Call) -> Answer {
    Err(Error::internal("secret cause").into())
}

#[get("/hangs")]
async fn hang() -> HttpResponse {
    std::future::pending().await
}

/// What `/waits` waits for.
static ENOUGH: Semaphore = Semaphore::const_new(0);

#[get("/waits")]
async fn wait(call: Call) -> Answer {
    call.may_take(Duration::from_secs(60));
    ENOUGH.acquire().await.unwrap().forget();
    call.done()
}

#[get("/bare")]
async fn bare() -> HttpResponse {
    HttpResponse::PayloadTooLarge().body("actix's own words")
}

const ID: &str = "0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11";

struct Reply {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
    /// The code of a sound problem, with the codes of its members at their places.
    fn problem(&self) -> String {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.status);
        assert_eq!(body["status"], self.status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert!(body["next"].is_string() && body["title"].is_string());
        assert!(body["type"].as_str().unwrap().starts_with("/problems/"));
        let mut said = format!("{} {}", self.status, body["code"].as_str().unwrap());
        for error in body["errors"].as_array().unwrap_or(&Vec::new()) {
            said += &format!(" {}:{}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap());
        }
        said
    }
}

/// The small app's routes, under the real middleware.
fn routes(app: &mut web::ServiceConfig) {
    app.app_data(web::Data::new(Routes::from_iter([("/things/{id}", vec!["GET", "PUT"]), ("/things", vec!["GET", "POST"])])))
        .service(make)
        .service(show)
        .service(set)
        .service(fingerprint)
        .service(cancel)
        .service(list)
        .service(broken)
        .service(hang)
        .service(wait)
        .service(bare)
        .service(problem_page)
        .service(web::resource("/framework").route(web::get().to(|_: web::Json<Value>| HttpResponse::Ok())))
        .default_service(web::to(unmatched));
}

/// What the conventions are told.
fn settings(patience: Patience) -> web::Data<Settings> {
    let (clock, ids, trusted_proxies) = (Clock::System, IdSource::seeded(1), Vec::new());
    web::Data::new(Settings { clock, ids, trusted_proxies, link_address: String::new(), patience, lines: Lines::default() })
}

async fn send(request: TestRequest) -> Reply {
    send_within(Patience::default(), request).await
}

async fn send_within(patience: Patience, request: TestRequest) -> Reply {
    let app = App::new().wrap(Compress::default()).wrap(from_fn(conventions)).app_data(settings(patience)).configure(routes);
    let app = init_service(app).await;
    // What is given up on has no request any more: the server makes an answer of the error, as here.
    let response = match app.call(request.to_request()).await {
        Ok(answered) => answered.into_parts().1.map_into_boxed_body(),
        Err(error) => HttpResponse::from_error(error),
    };
    let (head, body) = response.into_parts();
    let body = actix_web::body::to_bytes(body.boxed()).await.unwrap().to_vec();
    let reply = Reply { status: head.status().as_u16(), headers: head.headers().clone(), body };
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("x-robots-tag"), "noindex, nofollow, noarchive");
    assert!(!reply.header("x-request-id").is_empty());
    reply
}

#[actix_web::test]
async fn unknown_paths_foreign_ids_and_methods_are_problems() {
    assert_eq!(send(TestRequest::get().uri("/nowhere")).await.problem(), "404 not_found");
    assert_eq!(send(TestRequest::get().uri("/things/7")).await.problem(), "404 not_found");
    assert_eq!(send(TestRequest::get().uri("/things/%00%ff")).await.problem(), "404 not_found");
    assert_eq!(send(TestRequest::put().uri("/things/x")).await.problem(), "404 not_found");
    let reply = send(TestRequest::delete().uri(&format!("/things/{ID}"))).await;
    assert_eq!((reply.problem().as_str(), reply.header("allow")), ("405 method_not_allowed", "GET, PUT"));
    let reply = send(TestRequest::default().method("BREW".parse().unwrap()).uri("/things")).await;
    assert_eq!((reply.problem().as_str(), reply.header("allow")), ("405 method_not_allowed", "GET, POST"));
    let reply = send(TestRequest::post().uri("/framework")).await;
    assert_eq!(reply.problem(), "405 method_not_allowed");
    assert_eq!(send(TestRequest::get().uri("/framework").set_payload("x")).await.problem(), "400 malformed_request");
    assert_eq!(
        send(TestRequest::get().uri("/things").insert_header(("accept-encoding", "identity;q=0"))).await.problem(),
        "400 malformed_request"
    );
}

#[actix_web::test]
async fn pages_follow_their_links() {
    let (mut uri, mut seen) = (format!("/things?kind=call&owner={ID}&limit=4"), Vec::new());
    loop {
        let reply = send(TestRequest::get().uri(&uri)).await;
        assert_eq!(reply.status, 200);
        seen.extend(reply.json()["items"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()));
        let Some(link) = reply.header("link").strip_suffix(">; rel=\"next\"") else { break };
        uri = link.trim_start_matches('<').to_owned();
        assert!(uri.starts_with(&format!("/things?kind=call&owner={ID}&limit=4&cursor=")), "{uri}");
    }
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
}

#[actix_web::test]
async fn versions_guard_changes_and_tags_spare_answers() {
    let uri = format!("/things/{ID}");
    let put = |tag: &'static str| TestRequest::put().uri(&uri).insert_header(("if-match", tag));
    assert_eq!(send(TestRequest::put().uri(&uri)).await.problem(), "428 precondition_required");
    assert_eq!(send(put("\"2.abc\"")).await.problem(), "412 stale_version");
    assert_eq!(send(put("2")).await.problem(), "400 malformed_request header/If-Match:wrong_value");
    assert_eq!(send(put("\"3.anything\"")).await.status, 204);
    assert_eq!(send(put("*")).await.status, 204);

    let first = send(TestRequest::get().uri(&uri)).await;
    let again = send(TestRequest::get().uri(&uri).insert_header(("if-none-match", first.header("etag")))).await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, first.header("etag")));
    assert_eq!(send(TestRequest::get().uri(&uri).insert_header(("if-none-match", "\"3.other\""))).await.status, 200);
    assert_eq!(send(TestRequest::get().uri(&uri).insert_header(("if-none-match", "garbage"))).await.status, 200);
}

#[actix_web::test]
async fn keys_are_needed_and_read_strictly() {
    let request = |key: Option<&str>| {
        let request = TestRequest::post().uri("/things").insert_header(("content-type", "application/json"));
        match key {
            Some(key) => request.insert_header(("idempotency-key", key)),
            None => request,
        }
        .set_payload(r#"{"name":"a","kind":"call"}"#)
    };
    assert_eq!(send(request(None)).await.problem(), "400 idempotency_key_required");
    let long = "x".repeat(129);
    for bad in ["", "a b", long.as_str()] {
        assert_eq!(send(request(Some(bad))).await.problem(), "400 malformed_request header/Idempotency-Key:wrong_value", "{bad}");
    }
    assert_eq!(send(request(Some(&"x".repeat(128)))).await.status, 201);
}

#[actix_web::test]
async fn a_fingerprint_tells_bodies_and_paths_apart() {
    let print = async |id: &str, body: &'static str| {
        let request = TestRequest::patch().uri(&format!("/things/{id}/fingerprint")).insert_header(("content-type", "application/json"));
        send(request.set_payload(body)).await.body
    };
    let first = print(ID, r#"{"a":1}"#).await;
    assert_eq!(first, print(ID, r#"{"a":1}"#).await);
    assert_ne!(first, print(ID, r#"{"a":2}"#).await);
    assert_ne!(first, print(&ID.replace('0', "1"), r#"{"a":1}"#).await);
}

#[actix_web::test]
async fn causes_stay_inside_and_every_failure_is_worded_in_the_callers_language() {
    let reply = send(TestRequest::delete().uri("/broken").insert_header(("accept-language", "en-GB,en;q=0.9"))).await;
    assert_eq!(reply.problem(), "500 internal");
    assert!(!String::from_utf8(reply.body.clone()).unwrap().contains("secret"));
    assert_eq!((reply.json()["title"].as_str().unwrap(), reply.header("retry-after")), ("Something went wrong on our side", "5"));
    assert_eq!((reply.header("content-language"), reply.header("vary")), ("en", "Accept-Language"));
    assert_eq!(send(TestRequest::delete().uri("/nowhere")).await.json()["title"], "Findes ikke");
}

#[actix_web::test]
async fn request_ids_are_kept_when_sane() {
    for (given, kept) in [(ID, true), ("soeren", false), ("x\"y", false)] {
        let reply = send(TestRequest::get().uri("/nowhere").insert_header(("x-request-id", given))).await;
        assert_eq!(reply.header("x-request-id") == given, kept, "{given}");
    }
}

#[actix_web::test]
async fn every_code_is_explained() {
    for code in Code::ALL {
        let uri = format!("/problems/{}", code.text());
        assert_eq!(send(TestRequest::get().uri(&uri)).await.json()["status"], code.status());
        let page = send(TestRequest::get().uri(&uri).insert_header(("accept", "text/html,*/*;q=0.8"))).await;
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(String::from_utf8(page.body).unwrap().contains(code.title().in_language(Language::Danish)));
    }
    assert_eq!(send(TestRequest::get().uri("/problems/none")).await.problem(), "404 not_found");
    // Whoever holds it, as a page or for programs, is not sent it again.
    for accept in ["application/json", "text/html"] {
        let ask = || TestRequest::get().uri("/problems/not_found").insert_header(("accept", accept));
        let tag = send(ask()).await.header("etag").to_owned();
        let again = send(ask().insert_header(("if-none-match", tag.as_str()))).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()), "{accept}");
        assert!(tag.starts_with('"') && again.header("vary").contains("Accept"), "{accept} {tag}");
    }
}

#[test]
fn the_committed_page_of_problems_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec/problems.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let current = problems_markdown();
    if committed != current {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec")).unwrap();
        std::fs::write(path, current).unwrap();
        assert_eq!(
            StatusCode::OK,
            StatusCode::IM_USED,
            "api-spec/problems.md was out of date and has been written anew: look at it and commit it"
        );
    }
}
