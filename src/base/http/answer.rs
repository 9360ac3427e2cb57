//! Answers that succeed: tagged, conditional, paged.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Bytes;
use serde::Serialize;

use super::conditional::tag;
use super::page::Paged;
use super::problem::Failure;
use super::request::Call;
use crate::base::error::{Error, Result};

const JSON: &str = "application/json";

/// What a handler returns.
pub type Answer = Result<HttpResponse, Failure>;

/// One page of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct List<T> {
    /// The elements in the documented order.
    items: Vec<T>,
}

/// What is the same for everybody as long as the program runs: rendered once, when somebody first asks, for it is large.
#[derive(Default)]
pub struct Constant(OnceLock<Rendered>);

/// A body with its tag.
pub struct Rendered {
    body: Bytes,
    tag: String,
}

impl Constant {
    /// Not rendered yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// As it leaves, of this view the first time.
    ///
    /// # Errors
    /// `Internal` where it is no JSON.
    pub fn render<T: Serialize>(&self, view: impl FnOnce() -> T) -> Result<&Rendered> {
        if let Some(rendered) = self.0.get() {
            return Ok(rendered);
        }
        let body = Bytes::from(serde_json::to_vec(&view()).map_err(Error::internal)?);
        let tag = tag(None, &body);
        Ok(self.0.get_or_init(|| Rendered { body, tag }))
    }
}

impl Call {
    /// 200 with the view of one thing, or 304 when the caller holds this very answer.
    pub fn answer<T: Serialize>(&self, version: impl Into<i64>, view: &T) -> Answer {
        self.tagged(StatusCode::OK, Some(version.into()), view, None)
    }

    /// 200 with something that has no version of its own (a list of codes, a figure), or 304.
    pub fn answer_plain<T: Serialize>(&self, view: &T) -> Answer {
        self.tagged(StatusCode::OK, None, view, None)
    }

    /// 200 with what was rendered once, or 304.
    pub fn answer_rendered(&self, Rendered { body, tag }: &Rendered) -> HttpResponse {
        self.under_tag(StatusCode::OK, tag.clone(), JSON, body.clone(), None)
    }

    /// 200 with a text of another type than JSON, or 304.
    pub fn answer_text(&self, content_type: &'static str, text: String) -> Answer {
        Ok(self.tagged_bytes(StatusCode::OK, None, content_type, text.into_bytes(), None))
    }

    /// 200 with one page of a list and `Link: rel="next"` when there is more, or 304.
    pub fn answer_list<T: Serialize>(&self, page: Paged<T>) -> Answer {
        let next = page.next.as_ref().map(|cursor| self.link_to(cursor.as_str()));
        self.tagged(StatusCode::OK, None, &List { items: page.items }, next)
    }

    /// 201 with the thing and where it lies from now on.
    pub fn created<T: Serialize>(&self, location: &str, version: impl Into<i64>, view: &T) -> Answer {
        let mut response = self.tagged(StatusCode::CREATED, Some(version.into()), view, None)?;
        let location = header::HeaderValue::from_str(location).map_err(|_| Error::internal("a location that is no header value"))?;
        response.headers_mut().insert(header::LOCATION, location);
        Ok(response)
    }

    /// 204: done, and nothing to show.
    pub fn done(&self) -> Answer {
        Ok(HttpResponse::NoContent().finish())
    }

    /// 202: taken in, and nothing to show.
    pub fn accepted(&self) -> Answer {
        Ok(HttpResponse::Accepted().finish())
    }

    /// 202: taken in, with what is said of it.
    pub fn accepted_with<T: Serialize>(&self, view: &T) -> Answer {
        self.tagged(StatusCode::ACCEPTED, None, view, None)
    }

    fn tagged<T: Serialize>(&self, status: StatusCode, version: Option<i64>, view: &T, next: Option<String>) -> Answer {
        let body = serde_json::to_vec(view).map_err(Error::internal)?;
        Ok(self.tagged_bytes(status, version, JSON, body, next))
    }

    fn tagged_bytes(
        &self,
        status: StatusCode,
        version: Option<i64>,
        kind: &'static str,
        body: Vec<u8>,
        next: Option<String>,
    ) -> HttpResponse {
        self.under_tag(status, tag(version, &body), kind, body.into(), next)
    }

    fn under_tag(&self, status: StatusCode, tag: String, kind: &'static str, body: Bytes, next: Option<String>) -> HttpResponse {
        let reading = self.method() == "GET" && status == StatusCode::OK;
        let unchanged = reading && self.if_none_match().is_some_and(|known| known.contain(&tag));
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { status });
        response.insert_header((header::ETAG, tag));
        if let Some(next) = next {
            response.insert_header((header::LINK, next));
        }
        if unchanged {
            return response.finish();
        }
        response.content_type(kind).body(body)
    }
}
