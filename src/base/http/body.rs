//! Bodies: received once, within bounds, as plain JSON.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::json::{Null, Reading, parse};
use super::query::pairs;
use super::request::Arrival;
use crate::base::error::{Code, Problem, Result};

/// The largest body, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A JSON body of at most 256 KiB. In a PATCH `null` clears a member or is refused: what is absent stays. Extraction never fails: [`Body::get`] says
/// what was wrong, behind the door.
pub struct Body<T>(Result<T, Problem>);

impl<T> Body<T> {
    /// The parsed body, or the refusal: 400 unreadable, 408 not arrived, 413 too large, 415 not JSON, 422 with each wrong member.
    pub fn get(&self) -> Result<&T> {
        self.0.as_ref().map_err(|problem| problem.clone().into())
    }

    /// As [`Body::get`], owned.
    pub fn take(self) -> Result<T> {
        self.0.map_err(Into::into)
    }
}

/// The largest form, in bytes: a button's name and value.
const FORM_LIMIT: usize = 1024;

/// A form as a browser posts it, at most 1 KiB. Extraction never fails: [`Form::value`] says what was wrong, behind the door.
pub struct Form(Result<Vec<(String, String)>, Problem>);

impl Form {
    /// The one value of a name; 400 when it is missing or given twice or the form cannot be read, 413 and 415 as for bodies.
    pub fn value(&self, name: &str) -> Result<&str> {
        let pairs = self.0.as_ref().map_err(|problem| crate::base::error::Error::from(problem.clone()))?;
        let mut values = pairs.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(Code::MalformedBody.into()),
        }
    }
}

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        let judge = async move {
            check_type(&req, "application/x-www-form-urlencoded")?;
            let bytes = receive_any(&req, payload, FORM_LIMIT).await?;
            let malformed = || Problem::new(Code::MalformedBody);
            let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
            pairs(text).ok_or_else(malformed)
        };
        Box::pin(async move { Ok(Self(judge.await)) })
    }
}

/// No body, or `{}`: for commands that need no words.
pub struct Empty(Result<(), Problem>);

impl Empty {
    /// Refuses a body with members.
    pub fn get(&self) -> Result<()> {
        self.0.clone().map_err(Into::into)
    }
}

type Extracting<T> = Pin<Box<dyn Future<Output = std::result::Result<T, actix_web::Error>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        let null = if req.method() == Method::PATCH { Null::RefusedInside } else { Null::Absent };
        Box::pin(async move { Ok(Self(async { parse(&receive(&req, payload).await?, reading(&req, null)?) }.await)) })
    }
}

impl FromRequest for Empty {
    type Error = actix_web::Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        #[derive(Deserialize)]
        struct Nothing {}
        let (req, payload) = (req.clone(), payload.take());
        let judge = async move {
            let bytes = receive_any(&req, payload, BODY_LIMIT).await?;
            if bytes.is_empty() {
                return Ok(());
            }
            check_type(&req, "application/json")?;
            parse::<Nothing>(&bytes, reading(&req, Null::Absent)?).map(|_| ())
        };
        Box::pin(async move { Ok(Self(judge.await)) })
    }
}

fn arrival(req: &HttpRequest) -> Result<Arrival, Problem> {
    req.extensions().get::<Arrival>().cloned().ok_or_else(|| Problem::new(Code::Internal))
}

fn reading(req: &HttpRequest, null: Null) -> Result<Reading, Problem> {
    Ok(Reading { null, now: arrival(req)?.at })
}

async fn receive(req: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    check_type(req, "application/json")?;
    receive_any(req, payload, BODY_LIMIT).await
}

/// Reads the whole body and leaves its hash for the idempotency row. What did not arrive is to be sent again: nobody wrote it wrongly.
async fn receive_any(req: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge);
    let declared = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let arrival = arrival(req)?;
    let (patience, lost) = (arrival.patience, || Problem::new(Code::BodyNotReceived));
    // The time for the answer begins when the body is there.
    arrival.deadline.restart(patience.in_all + patience.answer);
    let read = tokio::time::timeout(patience.in_all, arriving(payload, limit, patience.idle)).await;
    arrival.deadline.restart(patience.answer);
    let bytes = read.map_err(|_| lost())?.map_err(|error| match error {
        PayloadError::Overflow => too_large(),
        // The HTTP library tells a chunk that is none as it tells a connection that broke.
        PayloadError::Incomplete(_) | PayloadError::Io(_) => lost(),
        _ => Problem::new(Code::MalformedBody),
    })?;
    arrival.note_body(&bytes);
    Ok(bytes)
}

/// A body part by part, none of which is long in coming.
async fn arriving(payload: Payload, limit: usize, idle: Duration) -> std::result::Result<Bytes, PayloadError> {
    let (mut body, mut bytes) = (pin!(BodyStream::new(payload)), Vec::new());
    let silent = |_| PayloadError::Incomplete(None);
    while let Some(part) = tokio::time::timeout(idle, poll_fn(|context| body.as_mut().poll_next(context))).await.map_err(silent)? {
        let part = part?;
        if bytes.len().saturating_add(part.len()) > limit {
            return Err(PayloadError::Overflow);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.into())
}

/// The body is said to be of this type, in UTF-8 and not compressed.
fn check_type(req: &HttpRequest, wanted: &str) -> Result<(), Problem> {
    let value = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_it = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(wanted));
    let utf8 = parts.all(|p| !p.to_ascii_lowercase().starts_with("charset=") || p.to_ascii_lowercase().replace('"', "") == "charset=utf-8");
    let plain = req.headers().get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    match (is_it && utf8, plain) {
        (true, true) => Ok(()),
        (true, false) => {
            let words = ("Indholdet må ikke være komprimeret", "The body must not be compressed");
            Err(Problem::new(Code::UnsupportedMediaType).say(words.0, words.1))
        }
        (false, _) => Err(Problem::new(Code::UnsupportedMediaType)),
    }
}
