//! Early-end signals of matches in their first three months: facts that a coordinator looks at, and no score (domain section 8).

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;

pub use model::Signal;
