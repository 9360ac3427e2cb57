//! Who supervises a match: a relation that a coordinator enters by hand (domain section 6).
//!
//! Invariants: whoever runs or is proposed for a match does not supervise it, and whoever runs, covers or is proposed for one supervises no other of
//! the family: the child's mentor never reads what the father's coach writes. [`super::ranking`] keeps whoever supervises from running or covering another match of the family, the verb
//! keeps whoever meets one of the family from supervising; where two families turn out to be one, or two accounts, supervision gives way.

pub mod actions;
pub mod http;
pub(in crate::matching) mod store;
