//! The HTTP conventions, once for all rooms: what is read from a request, how an answer is tagged, and how a refusal is worded.
//!
//! A handler takes a [`Call`] and what it needs of [`Path`], [`Query`] and [`Body`]. None of these refuses by itself: the verb asks
//! with `get()?` behind the door, so that credentials come before syntax. It answers through the call, which knows the caller's tags
//! and language. [`conventions`] is the one middleware around everything: request id, security headers, log, metrics, timeout, and
//! every failure, ours or the framework's, as `application/problem+json`.

mod answer;
mod body;
mod catalogue;
mod conditional;
mod contract;
mod conventions;
mod html;
mod json;
mod packed;
mod page;
mod patience;
mod problem;
mod query;
mod read;
mod registry;
mod request;
mod routes;
mod spelling;
#[cfg(test)]
mod tests;
mod throttle;
mod yaml;

pub use answer::{Answer, Constant, List, Rendered};
pub use body::{BODY_LIMIT, Body, Empty, Form};
pub use catalogue::{problem_page, problems_markdown};
pub use conditional::Expected;
pub use contract::describe;
pub use conventions::{Settings, conventions};
pub use html::html;
pub use packed::packed;
pub use page::{Cursor, Limit, Page, Paged};
pub use patience::Patience;
pub use problem::{Failure, ProblemBody, Refusals};
pub use query::{Path, Query};
pub use registry::Registry;
pub use request::{Call, IdempotencyKey};
pub use routes::{Routes, unmatched};
pub use throttle::{Lines, Throttle};
pub use yaml::to_yaml;
