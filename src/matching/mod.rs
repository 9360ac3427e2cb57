//! Matching: proposals that explain themselves, the answers of both sides, and matches dated from-to (domain sections 3, 4 and 8).
//!
//! Invariants: a course has at most one running match; a match runs from the later of two yeses and only while the course may run;
//! the member of staff is related to the match from its proposal on, to its course and person from its start until the grace after
//! its end is over. A person decides, from a list that says of everybody how they rank, or why not.

pub mod actions;
pub mod family;
pub mod http;
pub mod model;
pub mod proofs;
pub mod ranking;
pub mod rules;
pub mod runs;
pub mod store;
pub mod supervision;
pub mod waiting;
pub mod wishes;

pub use model::{Agreed, DeclineReason, EndReason, EndStep, Match, PlaceCode, RepairOutcome, Rhythm, Side, State};
