//! What is told about a session, and when (domain section 8).

pub mod actions;
pub mod rules;
