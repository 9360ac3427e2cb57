//! The proofs that it takes to meet a person on a day, which a certificate's end may lie before.

pub mod actions;
pub mod rules;

pub use rules::{Needs, Proofs};
