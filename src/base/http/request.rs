//! What is known of a request before anybody is authenticated.

use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use sha2::{Digest, Sha256};

use super::conditional::{Expected, Tags};
use super::conventions::Settings;
use super::patience::{Deadline, Patience};
use super::problem::Failure;
use super::query::refuse;
use super::routes::Routes;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::noun;
use crate::base::language::Language;
use crate::base::value::Flaw;

/// The header that carries the request's id, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One request, as the door takes it. Cheap to clone; holds no credential check: that is the door's.
#[derive(Clone)]
pub struct Call(Arc<Parts>);

struct Parts {
    arrival: Arrival,
    method: Method,
    route: String,
    path: String,
    query: String,
    stray_query: Option<Problem>,
    bearer: Option<String>,
    idempotency_key: Result<Option<IdempotencyKey>, Problem>,
    if_match: Result<Option<Tags>, Problem>,
    /// Somebody asked for it, and so judges it.
    if_match_is_taken: AtomicBool,
    if_none_match: Option<Tags>,
}

impl Call {
    /// The request's id, given back in `X-Request-Id`.
    pub fn request_id(&self) -> &str {
        &self.0.arrival.id
    }

    /// When it came in: the verb's `now`.
    pub fn now(&self) -> Instant {
        self.0.arrival.at
    }

    /// From now on it may take so long, whatever others may.
    pub fn may_take(&self, span: Duration) {
        self.0.arrival.deadline.restart(span);
    }

    /// The language of its answer.
    pub fn language(&self) -> Language {
        self.0.arrival.language
    }

    /// Where it came from, seen through trusted proxies. `None` on a Unix socket or in tests.
    pub fn peer(&self) -> Option<IpAddr> {
        self.0.arrival.peer
    }

    /// The route's pattern, e.g. `/v1/courses/{course_id}`: safe to log.
    pub fn route(&self) -> &str {
        &self.0.route
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.0.method.as_str()
    }

    /// The path as sent. Holds ids: never log it.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    pub(super) fn query(&self) -> &str {
        &self.0.query
    }

    /// What is wrong with a query where the operation takes none: whoever asks for what is not done would take the answer for it.
    pub fn stray_query(&self) -> Option<&Problem> {
        self.0.stray_query.as_ref()
    }

    pub(super) fn if_none_match(&self) -> Option<&Tags> {
        self.0.if_none_match.as_ref()
    }

    /// The token of `Authorization: Bearer`, unchecked. Anything else in that header counts as none.
    pub fn bearer(&self) -> Option<&str> {
        self.0.bearer.as_deref()
    }

    /// The `Idempotency-Key`, or 400 when it is missing or not 1 to 128 visible ASCII characters.
    pub fn idempotency_key(&self) -> Result<&IdempotencyKey> {
        let key = self.0.idempotency_key.as_ref().map_err(|problem| Error::from(problem.clone()))?;
        key.as_ref().ok_or_else(|| Code::KeyRequired.into())
    }

    /// SHA-256 of method, path and body: what a repeated key must agree with. Whoever has it can try out what was sent: it is not stored
    /// without a key.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{}\n", self.0.method, self.0.path));
        hash.update(self.0.arrival.body_hash.get().copied().unwrap_or_default());
        hash.finalize().into()
    }

    /// The version that `If-Match` asks for, or 428 when it is missing.
    pub fn expected(&self) -> Result<Expected> {
        self.if_match()?.ok_or_else(|| Code::PreconditionRequired.into())
    }

    /// The version that `If-Match` asks for, if it was sent. Who takes it judges it; what nobody takes is judged by the door.
    pub fn if_match(&self) -> Result<Option<Expected>> {
        self.0.if_match_is_taken.store(true, Ordering::Relaxed);
        self.sent_if_match()
    }

    /// As [`Call::if_match`], without taking it.
    pub fn sent_if_match(&self) -> Result<Option<Expected>> {
        let tags = self.0.if_match.as_ref().map_err(|problem| Error::from(problem.clone()))?;
        Ok(tags.as_ref().map(Tags::expected))
    }

    /// Whether somebody took what `If-Match` says.
    pub fn is_if_match_taken(&self) -> bool {
        self.0.if_match_is_taken.load(Ordering::Relaxed)
    }
}

impl FromRequest for Call {
    type Error = Failure;
    type Future = Ready<std::result::Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(arrival) = req.extensions().get::<Arrival>().cloned() else {
            return ready(Err(Error::internal("the conventions are not wrapped around this app").into()));
        };
        let headers = req.headers();
        ready(Ok(Self(Arc::new(Parts {
            arrival,
            method: req.method().clone(),
            route: req.match_pattern().unwrap_or_default(),
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
            stray_query: stray_query(req),
            bearer: only(headers, &header::AUTHORIZATION).and_then(bearer).map(str::to_owned),
            idempotency_key: idempotency_key(headers),
            // Whoever only looks changes nothing that could have moved on.
            if_match: if req.method() == Method::GET { Ok(None) } else { Tags::read(headers, "If-Match") },
            if_match_is_taken: AtomicBool::new(false),
            // A tag that cannot be read matches nothing: the whole answer is sent.
            if_none_match: Tags::read(headers, "If-None-Match").ok().flatten(),
        }))))
    }
}

/// A query where the operation is documented without any. A `HEAD` asks as a `GET` does.
fn stray_query(req: &HttpRequest) -> Option<Problem> {
    let query = Some(req.query_string()).filter(|query| !query.is_empty())?;
    let routes = req.app_data::<web::Data<Routes>>()?;
    let method = if req.method() == Method::HEAD { &Method::GET } else { req.method() };
    routes.takes_no_query(method.as_str(), &req.match_pattern()?).then(|| refuse(query))
}

/// The one value of a header; `None` when it is missing, given twice or not visible ASCII.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 512).then_some(token)
}

/// What a client calls a command that must happen once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    const NAME: HeaderName = HeaderName::from_static("idempotency-key");
    if !headers.contains_key(&NAME) {
        return Ok(None);
    }
    let key = only(headers, &NAME).filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
    key.map(|key| Some(IdempotencyKey(key.to_owned()))).ok_or_else(|| malformed("header/Idempotency-Key"))
}

/// A header that cannot be read.
pub(super) fn malformed(pointer: &str) -> Problem {
    let mut problem = Problem::new(Code::MalformedRequest);
    problem.errors.push(Flaw::WrongValue.at(pointer));
    problem
}

/// What the middleware notes when a request comes in.
#[derive(Clone)]
pub(super) struct Arrival {
    pub(super) id: Arc<str>,
    pub(super) at: Instant,
    pub(super) language: Language,
    pub(super) peer: Option<IpAddr>,
    pub(super) patience: Patience,
    /// When it is given up.
    pub(super) deadline: Deadline,
    body_hash: Arc<OnceLock<[u8; 32]>>,
}

impl Arrival {
    pub(super) fn of(req: &ServiceRequest, settings: &Settings) -> Self {
        let headers = req.headers();
        let given = only(headers, &REQUEST_ID).filter(|id| is_request_id(id)).map(Arc::from);
        let languages: Vec<_> = headers.get_all(header::ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok()).collect();
        Self {
            id: given.unwrap_or_else(|| settings.ids.next::<noun::Any>().to_string().into()),
            at: settings.clock.now(),
            language: Language::accepted(&languages.join(",")),
            peer: req.peer_addr().map(|peer| seen_through(&settings.trusted_proxies, peer.ip(), headers)),
            patience: settings.patience,
            deadline: Deadline::after(settings.patience.answer),
            body_hash: Arc::default(),
        }
    }

    pub(super) fn note_body(&self, bytes: &[u8]) {
        // A request has one body: a second note would be the same.
        let _ = self.body_hash.set(Sha256::digest(bytes).into());
    }
}

/// Only what looks like an id of a machine goes into the log: hexadecimal digits and dashes cannot spell a name.
fn is_request_id(id: &str) -> bool {
    (16..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// The nearest address that is not a trusted proxy's own, read from the right of `X-Forwarded-For`.
fn seen_through(trusted: &[IpAddr], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_proxy = |ip: IpAddr| trusted.contains(&ip.to_canonical());
    let lines: Vec<_> = headers.get_all("x-forwarded-for").map(|line| line.to_str().unwrap_or_default()).collect();
    let mut nearest = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_proxy(nearest) {
            break;
        }
        let hop = hop.trim();
        match hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip())) {
            Ok(ip) => nearest = ip,
            Err(_) => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let trusted: Vec<IpAddr> = ["10.0.0.1", "10.9.9.9", "::1"].map(|text| text.parse().unwrap()).into();
        let seen = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(forwarded).unwrap());
            seen_through(&trusted, peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(seen("10.0.0.1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "1.2.3.4:5678"), "1.2.3.4");
        assert_eq!(seen("8.8.8.8", "1.2.3.4"), "8.8.8.8");
        assert_eq!(seen("10.0.0.1", "1.2.3.4, nonsense"), "10.0.0.1");
        assert_eq!(seen("::1", "2001:db8::7"), "2001:db8::7");
        assert_eq!(seen("::ffff:10.0.0.1", "1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn request_ids_cannot_spell_names() {
        assert!(is_request_id("0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11"));
        for bad in ["", "abc", "soeren-kierkegaard-1813", &"a".repeat(65)] {
            assert!(!is_request_id(bad), "{bad}");
        }
    }

    #[test]
    fn only_a_bearer_is_a_credential() {
        for (value, expected) in
            [("Bearer abc", Some("abc")), ("bearer  abc ", Some("abc")), ("Basic abc", None), ("Bearer ", None), ("abc", None)]
        {
            assert_eq!(bearer(value), expected, "{value}");
        }
    }
}
