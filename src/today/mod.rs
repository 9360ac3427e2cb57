//! Today: what a mentor or coach needs on the phone now, and for two days without signal, in one small answer.
//!
//! Invariants: nothing in it that the caller could not look up elsewhere, and of that only what the work needs; no place of anybody whose
//! address is protected; it depends on `now` only by what lies in its span and what is due, so that the same day gives the same answer.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
