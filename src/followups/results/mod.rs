//! Follow-ups: what became of it 6 and 12 months after a course gone through (domain sections 4 and 5).

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{AtRisk, Kind, Way};
