//! Hours of members of staff and times of people met over HTTP, with what is planned against them.
//!
//! Invariants: what is planned stays whatever is said of time later, until somebody moves or cancels it; whoever says it is answered with each
//! session to come that it concerns and they may see.

pub mod actions;
pub mod http;
pub mod rules;
