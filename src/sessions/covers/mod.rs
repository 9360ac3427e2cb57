//! Covers: what a leave leaves to decide, and who meets somebody in the place of whoever runs the match (domain section 6).
//!
//! Invariants: a cover is for one session; it passes the match's hard limits, and its own time is claimed in the place of the other's; whoever
//! covers sees that session from the decision on and the person from some days before it, both until some days after it, and neither match, plan,
//! wished times, older logs nor what was before; the person may say no, then the session is open to decide again; all that lies in a leave is
//! decided in one step, and each person is told once; what was decided for a leave stays while that stands, and goes with it.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
