//! Founded cases (sag): their persons, the responsible coordinator, referral, alerts, home visits, closing (domain section 4).
//!
//! Invariants: a case opens, or is joined, by a founded enquiry only; a missed referral limit never blocks and is recorded; a case
//! closes only when it has no open offer, course, alert or paused course, so that nothing but promises ends with it; a closing or a referral
//! that is taken back never was; a bar on a person is a bar on each of their cases.
//! Other rooms may ask for the coordinator who owns a case's promises, whether it is open, and who stands in it.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Case, Role, State};
