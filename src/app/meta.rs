//! What a client asks before anything else: is it up, which version, which words for which code.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;

use super::readiness::Readiness;
use super::vocabularies::{Vocabulary, vocabularies};
use crate::access::Door;
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Constant, Refusals};

/// Is the process alive?
///
/// Answers as long as the process can answer at all; asks nothing of the database.
#[utoipa::path(get, path = "/livez", operation_id = "meta.livez", tag = "meta", security(()), responses((status = 204, description = "It is"), Refusals))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Can it serve?
///
/// 503 while a request could not be served: reading, writing, the journal, the keys and the disk are asked, at most once a second. Who is
/// busy and gets on is ready.
#[utoipa::path(get, path = "/readyz", operation_id = "meta.readyz", tag = "meta", security(()), responses((status = 204, description = "It can"), Refusals))]
#[get("/readyz")]
pub async fn readyz(call: Call, door: web::Data<Door>, readiness: web::Data<Readiness>) -> Answer {
    readiness.ask(&door).await?;
    call.done()
}

/// What this server is.
#[derive(Serialize, utoipa::ToSchema)]
struct Meta {
    /// The program's version.
    version: &'static str,
    /// The server's clock.
    now: Instant,
    /// What can be used here, e.g. `sessions`, `push`.
    features: Vec<&'static str>,
    /// The codes of the municipality's districts.
    districts: Vec<String>,
}

/// What this server is: version, time, features
#[utoipa::path(get, path = "/meta", operation_id = "meta.get", tag = "meta", security(()), responses((status = 200, body = Meta, description = "Version, server time, features"), Refusals))]
#[get("/meta")]
pub async fn show_meta(call: Call, door: web::Data<Door>) -> Answer {
    call.answer_plain(&Meta {
        version: env!("CARGO_PKG_VERSION"),
        now: call.now(),
        features: vec!["enquiries", "cases", "courses", "matches", "sessions", "reports"],
        districts: door.house().programme.pairing.districts.iter().map(|district| district.code.clone()).collect(),
    })
}

/// Every code list with its words
///
/// Danish and English words for every code that a client may meet. Fetch it with If-None-Match: it changes with the program only.
#[utoipa::path(get, path = "/vocabularies", operation_id = "vocabularies.list", tag = "meta", security(()), responses((status = 200, body = Vec<Vocabulary>, description = "All code lists"), Refusals))]
#[get("/vocabularies")]
pub async fn list_vocabularies(call: Call) -> Answer {
    static RENDERED: Constant = Constant::new();
    Ok(call.answer_rendered(RENDERED.render(vocabularies)?))
}
