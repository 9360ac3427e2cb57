//! Who could run a match for whom: hard limits that exclude, each by name, and a soft rank of the rest, each part visible with its share
//! (domain section 8). It never scores a citizen: it compares a wish with what the staff can offer. A person decides.

pub mod actions;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Ask, Asked, Between, Candidate, Employed, Exclusion, Field, Missing, Part, Points, Ranked, Standing};
