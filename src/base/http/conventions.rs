//! The one middleware around every answer: request id, security headers, log, metrics, timeout, failures as problems.

use std::net::IpAddr;
use std::time::Instant as Stopwatch;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};

use super::html::OwnWords;
use super::patience::Patience;
use super::problem::{Failure, PROBLEM_JSON, of_status, render};
use super::request::{Arrival, REQUEST_ID};
use super::throttle::Lines;
use crate::base::clock::{Clock, Instant};
use crate::base::error::Error;
use crate::base::ids::IdSource;
use crate::base::telemetry::{HTTP_REQUESTS, HTTP_SECONDS};

/// What the conventions need to know. In the app's data as `web::Data<Settings>`, made once and shared by all workers.
pub struct Settings {
    /// Says when a request came in.
    pub clock: Clock,
    /// Makes request ids.
    pub ids: IdSource,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The address that links and feeds begin with, without a path.
    pub link_address: String,
    /// How long a request may take.
    pub patience: Patience,
    /// Which refusals are written down.
    pub lines: Lines,
}

impl Settings {
    /// Whether an answer is written down. Of what is refused more often than anybody needs to read the next answer that is says how often; every
    /// answer is counted.
    fn writes(&self, status: StatusCode, source: Option<IpAddr>, now: Instant) -> bool {
        if status.is_client_error() && !self.lines.pass(source, now) {
            return false;
        }
        let left_out = self.lines.take_left_out();
        if left_out > 0 {
            tracing::warn!(target: "makker::http", left_out, "refusals were not written down one by one");
        }
        true
    }
}

/// Wrap it last (outermost): `App::new().wrap(Compress::default()).wrap(from_fn(conventions))`.
pub async fn conventions(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Stopwatch::now();
    let Some(settings) = req.app_data::<web::Data<Settings>>() else {
        return Err(Failure::from(Error::internal("http::Settings are missing in the app's data")).into());
    };
    let (arrival, settings) = (Arrival::of(&req, settings), web::Data::clone(settings));
    let (method, docs) = (method_label(&req), req.path().starts_with("/docs"));
    req.extensions_mut().insert(arrival.clone());
    if req.method() == Method::HEAD {
        // As GET, journal and all; the server leaves the body out.
        req.head_mut().method = Method::GET;
    }

    let route = req.match_pattern().unwrap_or_else(|| "unmatched".to_owned());

    let outcome = tokio::select! {
        answered = next.call(req) => Some(answered),
        () = arrival.deadline.passed() => None,
    };
    let (request, mut response) = match outcome {
        Some(Ok(answered)) => {
            let (request, response) = answered.into_parts();
            (Some(request), worded(response.map_into_boxed_body(), &arrival))
        }
        Some(Err(error)) => (None, worded(HttpResponse::from_error(error), &arrival)),
        None => (None, refused(&Failure::from(Error::Unavailable("the handler took too long")), &arrival)),
    };
    protect(response.headers_mut(), &arrival, docs);
    let now = settings.clock.now();
    date(response.headers_mut(), now);

    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    if settings.writes(response.status(), arrival.peer, now) {
        tracing::info!(target: "makker::http", request_id = &*arrival.id, method, route, status, micros = elapsed.as_micros(), "answered");
    }
    metrics::counter!(HTTP_REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!(HTTP_SECONDS, "method" => method, "route" => route).record(elapsed.as_secs_f64());

    match request {
        Some(request) => Ok(ServiceResponse::new(request, response)),
        None => Err(InternalError::from_response("already worded", response).into()),
    }
}

/// Leaves what succeeded; words what did not, whoever refused it.
fn worded(response: HttpResponse<BoxBody>, arrival: &Arrival) -> HttpResponse<BoxBody> {
    if let Some(failure) = response.error().and_then(|error| error.as_error::<Failure>()) {
        return refused(failure, arrival);
    }
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == PROBLEM_JSON);
    if response.status().as_u16() < 400 || is_problem || response.extensions().contains::<OwnWords>() {
        return response;
    }
    if response.status().is_server_error() {
        let cause = response.error().map(ToString::to_string).unwrap_or_default();
        tracing::error!(target: "makker::http", request_id = &*arrival.id, cause, "failed");
    }
    let mut problem = render(&of_status(response.status()), arrival.language, &arrival.id);
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

fn refused(failure: &Failure, arrival: &Arrival) -> HttpResponse<BoxBody> {
    let (problem, cause) = failure.judged();
    if let Some(cause) = cause {
        tracing::error!(target: "makker::http", request_id = &*arrival.id, cause, "failed");
    }
    render(&problem, arrival.language, &arrival.id)
}

/// Nothing is kept by caches, indexed, sniffed, framed or sent on as a referrer. An answer may bring its own content policy.
fn protect(headers: &mut HeaderMap, arrival: &Arrival, docs: bool) {
    let policy = if docs {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    let id = HeaderValue::from_str(&arrival.id).unwrap_or_else(|_| HeaderValue::from_static("-"));
    headers.insert(REQUEST_ID, id);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
}

/// By which a phone puts its clock right: tokens end by ours, also where that is moved by hand.
fn date(headers: &mut HeaderMap, now: Instant) {
    if let Ok(now) = HeaderValue::from_str(&now.to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        headers.insert(header::DATE, now);
    }
}

/// A method we know, so that a client cannot fill the metrics with its own.
fn method_label(req: &ServiceRequest) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == req.method().as_str())
        .unwrap_or("other")
}
