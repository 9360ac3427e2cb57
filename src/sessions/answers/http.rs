//! The public pages, and the settling of answers. The pages are no part of the contract: people open them, programs do not.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Answer, AnswerOutcome, Press, Reply, Settlement, Token};
use super::{actions, page};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result, invalid};
use crate::base::http::{self, Body, Call, Form, IdempotencyKey, Path, Registry, Throttle, html};
use crate::base::ids::{AnswerId, SessionId};
use crate::base::language::Language;
use crate::base::value::Flaw;
use crate::sessions::http::{SessionView, get_view};

/// Adds the routes of this folder to the contract.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(settle);
}

/// Adds the pages below a path, beside the contract. Everything below it is answered by a page.
pub fn pages(config: &mut web::ServiceConfig, path: &str) {
    let one = web::resource("/{token}").route(web::get().to(show)).route(web::post().to(answer)).default_service(web::to(wrong_method));
    config.service(web::scope(path).service(one).default_service(web::to(nowhere)));
}

/// What was answered by a link about a session, at the start it has now.
#[derive(Serialize, ToSchema)]
pub struct AnsweredByLink {
    /// Names it, to settle it.
    id: AnswerId,
    /// What was answered; alone it cancels and moves nothing, and counts nowhere.
    answer: Reply,
    answered_at: Instant,
    /// False: the person answered; true: the custody holder who gets the reminders.
    by_custody_holder: bool,
    /// What came of it; null while it is open.
    outcome: Option<AnswerOutcome>,
    settled_at: Option<Instant>,
}

impl From<Answer> for AnsweredByLink {
    fn from(answer: Answer) -> Self {
        Self {
            id: answer.id,
            answer: answer.reply,
            answered_at: answer.answered_at,
            by_custody_holder: answer.recipient != answer.person,
            outcome: answer.outcome,
            settled_at: answer.settled_at,
        }
    }
}

/// What comes of an answer.
#[derive(Deserialize, ToSchema)]
struct SettleAnswer {
    /// `cancelled`, `moved` or `kept`.
    outcome: AnswerOutcome,
    /// With `cancelled`: whether a new time was agreed; without one it counts as missed.
    new_time_agreed: Option<bool>,
    /// With `moved`: the new time, after now.
    starts_at: Option<Instant>,
    /// With `moved`: at most 24 hours later.
    ends_at: Option<Instant>,
}

impl SettleAnswer {
    fn settlement(&self) -> Result<Settlement> {
        let not_for = |pointer: &str| Flaw::NotForOutcome.refused(pointer);
        let missing = |pointer: &str| invalid(pointer, Flaw::Required, "Angiv den nye tid", "Give the new time");
        let Self { outcome, new_time_agreed, starts_at, ends_at } = *self;
        match outcome {
            AnswerOutcome::Cancelled | AnswerOutcome::Kept if starts_at.is_some() => Err(not_for("/starts_at")),
            AnswerOutcome::Cancelled | AnswerOutcome::Kept if ends_at.is_some() => Err(not_for("/ends_at")),
            AnswerOutcome::Moved | AnswerOutcome::Kept if new_time_agreed.is_some() => Err(not_for("/new_time_agreed")),
            AnswerOutcome::Cancelled => Ok(Settlement::Cancel { new_time_agreed: new_time_agreed.unwrap_or(false) }),
            AnswerOutcome::Kept => Ok(Settlement::Keep),
            AnswerOutcome::Moved => match (starts_at, ends_at) {
                (None, _) => Err(missing("/starts_at")),
                (_, None) => Err(missing("/ends_at")),
                (Some(starts_at), Some(ends_at)) => Ok(Settlement::Move { starts_at, ends_at }),
            },
            AnswerOutcome::Logged => Err(Flaw::ByLogOnly.refused("/outcome")),
        }
    }
}

/// Settle what was answered by a link
///
/// `cancelled`: the session is cancelled by the person's side at the moment of the answer. `moved`: another time was agreed. `kept`: it
/// stays as it is, and may be answered anew. A cancellation, move or log by the other operations settles the answer, too. 409 when the
/// answer was taken back or replaced meanwhile, is settled, or only confirmed.
#[utoipa::path(operation_id = "answers.settle", tag = "sessions",
    params(("session_id" = SessionId, Path, description = "Which session"), ("answer_id" = AnswerId, Path, description = "Which answer"), IdempotencyKey),
    request_body = SettleAnswer, responses((status = 201, body = SessionView, description = "Settled")))]
#[post("/sessions/{session_id}/answers/{answer_id}/settle")]
async fn settle(door: web::Data<Door>, call: Call, path: Path<(SessionId, AnswerId)>, body: Body<SettleAnswer>) -> http::Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((session, answer), settlement) = (path.get()?, body.get()?.settlement());
        // Who may not see the session learns nothing of its rules.
        crate::sessions::actions::get_to_change(tx, session)?;
        actions::settle(tx, session, answer, settlement?)
    };
    let view = door.command(&call, Capability::AnswersSettle, verb, get_view).await?.view;
    crate::sessions::http::created(&call, &view)
}

/// What of a page's address there is to read.
struct Asked {
    token: Option<Token>,
    language: Option<Language>,
}

impl Asked {
    fn of(req: &HttpRequest) -> Self {
        let language = match req.query_string() {
            "l=da" => Some(Language::Danish),
            "l=en" => Some(Language::English),
            _ => None,
        };
        Self { token: req.match_info().get("token").and_then(Token::read), language }
    }
}

/// The page of an appointment. A GET (and a HEAD, which is answered as one) changes nothing, whoever sends it.
async fn show(door: web::Data<Door>, gate: web::Data<Throttle>, call: Call, req: HttpRequest) -> HttpResponse {
    let Asked { token, language } = Asked::of(&req);
    if let Err(wait) = gate.pass(call.peer(), call.now()) {
        return wait_for(wait);
    }
    match door.read(&call, Capability::LinksOpen, move |tx| actions::open(tx, token.as_ref())).await {
        Ok(shown) => html(200, &page::POLICY, page::appointment(&shown, language)),
        Err(error) => refused(&call, &error, page::later),
    }
}

/// An answer; what is shown then is the page again.
async fn answer(door: web::Data<Door>, gate: web::Data<Throttle>, call: Call, req: HttpRequest, form: Form) -> HttpResponse {
    let Asked { token, language } = Asked::of(&req);
    if let Err(wait) = gate.pass(call.peer(), call.now()) {
        return wait_for(wait);
    }
    let back = token.as_ref().map(|token| match language {
        Some(language) => format!("{}?l={}", token.as_str(), language.tag()),
        None => token.as_str().to_owned(),
    });
    let verb = move |tx: &mut Tx<'_>| {
        let pressed = || Press::read(form.value("answer")?).ok_or_else(|| Code::MalformedBody.into());
        actions::press(tx, token.as_ref(), pressed)
    };
    match door.write(&call, Capability::LinksAnswer, verb).await {
        Ok(()) => {
            let mut response = html(303, &page::POLICY, String::new());
            // Relative to this page: a proxy may serve it elsewhere.
            if let Ok(back) = HeaderValue::from_str(&format!("./{}", back.unwrap_or_default())) {
                response.headers_mut().insert(header::LOCATION, back);
            }
            response
        }
        Err(error) => refused(&call, &error, page::unknown),
    }
}

/// What every address that leads nowhere is answered with.
pub async fn nowhere() -> HttpResponse {
    html(404, &page::POLICY, page::gone())
}

async fn wrong_method() -> HttpResponse {
    let mut response = html(405, &page::POLICY, page::gone());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

fn wait_for(seconds: u32) -> HttpResponse {
    let mut response = html(429, &page::POLICY, page::later());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A refusal, or a failure with its words, as a page: every link that leads nowhere looks alike.
fn refused(call: &Call, error: &Error, failed: fn() -> String) -> HttpResponse {
    match error {
        Error::Refused(problem) if problem.code == Code::NotFound => html(404, &page::POLICY, page::gone()),
        Error::Refused(problem) => html(problem.code.status(), &page::POLICY, page::unclear()),
        error => {
            tracing::error!(target: "makker::http", request_id = call.request_id(), route = call.route(), %error, "failed");
            let is_ours = matches!(error, Error::Internal(_) | Error::Violation(_));
            let mut response = html(if is_ours { 500 } else { 503 }, &page::POLICY, failed());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
    }
}
