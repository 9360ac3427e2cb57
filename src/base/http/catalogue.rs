//! The words of every problem code: served at `/problems/{code}`, and as `api-spec/problems.md`.

use std::fmt::Write as _;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, get};
use serde::Serialize;

use super::answer::Answer;
use super::problem::Refusals;
use super::request::Call;
use crate::base::error::{Code, Next};
use crate::base::value::Flaw;

/// A problem code, explained.
#[derive(Serialize, utoipa::ToSchema)]
struct Explained {
    /// The stable code.
    code: &'static str,
    /// Its HTTP status.
    status: u16,
    /// What the client should do next.
    next: Next,
    /// What it means, in Danish.
    da: String,
    /// What it means, in English.
    en: String,
}

impl From<Code> for Explained {
    fn from(code: Code) -> Self {
        let words = code.title();
        Self { code: code.text(), status: code.status(), next: code.next(), da: words.da.into_owned(), en: words.en.into_owned() }
    }
}

/// Explains a problem code
///
/// The address in `type` of every refusal; a page for people, JSON for programs.
#[utoipa::path(
    get, path = "/problems/{code}", operation_id = "problems.show", tag = "problems", security(()),
    params(("code" = String, Path, description = "The `code` of a problem")),
    responses((status = 200, content((Explained = "application/json"), (String = "text/html")), description = "What the code means"), Refusals)
)]
#[get("/problems/{code}")]
pub async fn problem_page(call: Call, req: HttpRequest) -> Answer {
    let asked = req.match_info().get("code").unwrap_or_default();
    let code = Code::ALL.iter().copied().find(|code| code.text() == asked).ok_or(Code::NotFound)?;
    let explained = Explained::from(code);
    let accept = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if accept.contains("text/html") {
        call.answer_text("text/html; charset=utf-8", page(&explained))?
    } else {
        call.answer_plain(&explained)?
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// For people. Our own words only: nothing here needs escaping.
fn page(explained: &Explained) -> String {
    format!(
        "<!doctype html><html lang=\"da\"><title>{code}</title><h1>{da}</h1><p lang=\"en\">{en}</p><p>{status} {code}: {next}</p></html>",
        code = explained.code,
        da = explained.da,
        en = explained.en,
        status = explained.status,
        next = next_text(explained.next),
    )
}

const fn next_text(next: Next) -> &'static str {
    match next {
        Next::SendAgain => "send_again",
        Next::Refresh => "refresh",
        Next::Correct => "correct",
        Next::RefreshToken => "refresh_token",
        Next::SignIn => "sign_in",
        Next::GiveUp => "give_up",
    }
}

/// All codes as a page of documentation: `api-spec/problems.md`.
pub fn problems_markdown() -> String {
    let mut page = String::from(
        "# Problems\n\nGenerated from the code. Every refusal is `application/problem+json` (RFC 9457) with `code`, and `next` for the outbox:\n\
         `send_again` (unchanged, after `Retry-After`), `refresh` (fetch, apply again), `correct` (ask the user), `refresh_token` (then unchanged), `sign_in`, `give_up`.\n",
    );
    for code in Code::ALL {
        let words = code.title();
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n{} · next: `{}`\n\n{}.\n{}.\n",
            code.text(),
            code.status(),
            next_text(code.next()),
            words.da,
            words.en
        );
    }
    page.push_str("\n# Wrong members\n\n`errors[]` names each wrong member of a body, with the first that is wrong in it; of members that are missing the first. Rules are asked\nonce the body can be read. Beside these stand codes of lists of their own, such as why two do not fit: `MemberCode` in `openapi.yaml` has all.\n\n");
    for flaw in Flaw::ALL {
        let words = flaw.words();
        let _ = writeln!(page, "- `{}`: {}. {}.", flaw.text(), words.da, words.en);
    }
    page
}
