//! The ledger of dated promises (domain section 4): whatever is promised is a row with a date.
//!
//! Invariants: a promise is written in the transaction of the fact that caused it; its identity is (kind, subject, slot), so telling
//! twice is telling once; nothing is ever found by comparing a date with today; late is `now > due`, and it is told once.
//! Each kind says which verbs keep it; settling by hand is one of them where nothing else writes down what was done, or where what was looked at
//! stays as it is. What was settled by hand by mistake is opened again.
//! Other rooms open, move, meet and end promises by the verbs in [`actions`]; which follows from what is in `consequences.rs`.

pub mod actions;
pub mod http;
pub mod lateness;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{About, CASE_CLOSED, CORRECTED, Closing, Duty, FormerSettlement, Kind, LateReason, Promise, State};
