//! Refusals and failures as `application/problem+json` (RFC 9457), in the caller's language.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder};

use crate::base::error::{Alternative, Blocking, Code, Error, FieldError, Next, Problem, Violation};
use crate::base::language::Language;
use crate::base::value::Flaw;

/// The media type of every refusal.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// Seconds to wait where the problem does not say.
const WAIT_S: u32 = 5;
/// How many wrong members are named in one answer.
const ERRORS_MAX: usize = 50;

/// What a handler returns when it does not succeed; the middleware words it in the caller's language.
#[derive(Debug)]
pub struct Failure(Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        status(&self.judged().0)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl Failure {
    /// The problem for the client, and the cause for the log where it is ours.
    pub(super) fn judged(&self) -> (Problem, Option<String>) {
        match &self.0 {
            Error::Refused(problem) => (problem.as_ref().clone(), None),
            // Where a rule did not see it coming, the constraint did: the same answer on both engines.
            Error::Violation(Violation::ClaimsOverlap) => (Problem::new(Code::ClaimsOverlap), None),
            Error::RunAgain => (Problem::new(Code::Unavailable).retry_after(1), Some(self.0.to_string())),
            Error::Unavailable(_) => (Problem::new(Code::Unavailable), Some(self.0.to_string())),
            Error::Violation(_) | Error::Internal(_) => (Problem::new(Code::Internal), Some(self.0.to_string())),
        }
    }
}

/// The problem that stands for a bare error status of the framework.
pub(super) fn of_status(status: StatusCode) -> Problem {
    Problem::new(match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::BodyNotReceived,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::TooManyRequests,
        503 => Code::Unavailable,
        500.. => Code::Internal,
        _ => Code::MalformedRequest,
    })
}

/// A refusal, as it is sent.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Where the code is explained, relative to this server.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of refusal it is, in words.
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// More about this one, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The stable code.
    code: &'a str,
    /// What the client should do next.
    next: Next,
    /// Wrong members, each named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<MemberBody<'a>>,
    /// What stands in the way.
    #[serde(skip_serializing_if = "<[Blocking]>::is_empty")]
    blocking: &'a [Blocking],
    /// Times that could be used instead, in order.
    #[serde(skip_serializing_if = "<[Alternative]>::is_empty")]
    alternatives: &'a [Alternative],
    /// The request's id, to be named when asking for help.
    request_id: &'a str,
}

/// One wrong member.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ProblemError)]
struct MemberBody<'a> {
    /// JSON pointer into the body (RFC 6901), or `query/name`, `header/name`.
    pointer: &'a str,
    /// The stable code.
    #[schema(value_type = Flaw)]
    code: &'a str,
    /// What is wrong, in words, without the value.
    detail: &'a str,
}

/// Writes a problem in the caller's language.
pub(super) fn render(problem: &Problem, language: Language, request_id: &str) -> HttpResponse {
    let title = problem.code.title();
    let member = |error: &FieldError| (error.pointer.clone(), error.code, error.words.in_language(language).to_owned());
    let members: Vec<_> = problem.errors.iter().take(ERRORS_MAX).map(member).collect();
    let body = ProblemBody {
        kind: format!("/problems/{}", problem.code.text()),
        title: title.in_language(language),
        status: problem.code.status(),
        detail: problem.detail.as_deref().map(|words| words.in_language(language)),
        code: problem.code.text(),
        next: problem.code.next(),
        errors: members.iter().map(|(pointer, code, detail)| MemberBody { pointer, code, detail }).collect(),
        blocking: &problem.blocking,
        alternatives: &problem.alternatives,
        request_id,
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = HttpResponse::build(status(problem));
    response.content_type(PROBLEM_JSON);
    response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    response.insert_header((header::VARY, HeaderValue::from_static("Accept-Language")));
    if problem.code.status() == 401 {
        let how = if problem.code == Code::TokenExpired { r#"Bearer error="invalid_token""# } else { "Bearer" };
        response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static(how)));
    }
    if matches!(problem.code.next(), Next::SendAgain) {
        response.insert_header((header::RETRY_AFTER, problem.retry_after_s.unwrap_or(WAIT_S).to_string()));
    }
    response.body(bytes)
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// For the documentation: the answers every operation can give besides its own (`responses(.., Refusals)`).
pub struct Refusals;

impl utoipa::IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let content = || ContentBuilder::new().schema(Some(utoipa::openapi::Ref::from_schema_name("Problem"))).build();
        let response = |text: &str| RefOr::T(ResponseBuilder::new().description(text).content(PROBLEM_JSON, content()).build());
        BTreeMap::from([
            ("4XX".to_owned(), response("Refused: the code says why, `next` what to do.")),
            ("5XX".to_owned(), response("Our fault, or not possible now: send the same again after `Retry-After`.")),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;
    use serde_json::{Value, json};

    fn rendered(problem: &Problem, language: Language) -> (HttpResponse, Value) {
        let (response, body) = render(problem, language, "1d1e").into_parts();
        let value = serde_json::from_slice(&body.try_into_bytes().unwrap()).unwrap();
        (response.set_body(actix_web::body::BoxBody::new("")), value)
    }

    #[test]
    fn a_problem_speaks_the_callers_language() {
        let problem = Problem::new(Code::Blocked)
            .say("Der er et åbent tilbud", "There is an open offer")
            .blocked_by("offer", uuid::Uuid::nil())
            .field("/end_on", Flaw::TooEarly, "For tidligt", "Too early");
        let (response, body) = rendered(&problem, Language::English);
        assert_eq!(response.headers().get("content-type").unwrap(), PROBLEM_JSON);
        assert_eq!(
            body,
            json!({"type": "/problems/blocked", "title": "Something open stands in the way", "status": 409, "detail": "There is an open offer",
                "code": "blocked", "next": "correct", "errors": [{"pointer": "/end_on", "code": "too_early", "detail": "Too early"}],
                "blocking": [{"kind": "offer", "id": "00000000-0000-0000-0000-000000000000"}], "request_id": "1d1e"})
        );
        assert_eq!(rendered(&problem, Language::Danish).1["title"], "Noget åbent står i vejen");
    }

    #[test]
    fn waiting_is_said_in_seconds_and_causes_stay_inside() {
        let (problem, cause) = Failure::from(Error::internal("disk at /dev/x")).judged();
        let (response, body) = rendered(&problem, Language::Danish);
        assert_eq!(response.status(), 500);
        assert!(!body.to_string().contains("disk") && cause.unwrap().contains("disk"));
        assert_eq!(response.headers().get("retry-after").unwrap(), "5");
        let (response, _) = rendered(&Problem::new(Code::TooManyRequests).retry_after(60), Language::Danish);
        assert_eq!(response.headers().get("retry-after").unwrap(), "60");
        for (code, how) in [(Code::Unauthenticated, "Bearer"), (Code::TokenExpired, r#"Bearer error="invalid_token""#)] {
            assert_eq!(rendered(&Problem::new(code), Language::Danish).0.headers().get("www-authenticate").unwrap(), how);
        }
    }
}
