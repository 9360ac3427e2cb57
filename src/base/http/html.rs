//! Pages for people in a browser: neither problems nor JSON, and each with the strictest headers there are.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};

/// Marks an answer that words its refusal itself.
pub(super) struct OwnWords;

/// A page under its own content policy. It is framed nowhere; that it is kept, indexed, sniffed and told to other sites nowhere either, the
/// conventions see to.
pub fn html(status: u16, policy: &str, body: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body);
    let policy = HeaderValue::from_str(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    response.extensions_mut().insert(OwnWords);
    response
}
