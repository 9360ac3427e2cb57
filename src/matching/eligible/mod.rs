//! Who could run a match: every member of staff of the track, eligible or with each reason why not.

pub mod model;
pub mod rules;
pub mod store;

pub use model::{Ask, Candidate, Exclusion};
