//! Matching: proposals that explain themselves, the answers of both sides, and matches dated from-to (domain sections 3, 4 and 8).
//!
//! Invariants: a course has at most one running match; a match runs from the later of two yeses and only while the course may run;
//! the member of staff is related to the match from its proposal on, to its course and person from its start until the grace after
//! its end is over. A person decides, from a plain list that says of everybody why not.

pub mod actions;
pub mod eligible;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Agreed, EndReason, Match, PlaceCode, Rhythm, Side, State};
