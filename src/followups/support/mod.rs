//! Support contacts: the unit's own checks on a match, promised from its first session held (domain sections 4 and 8).

pub mod actions;
pub mod rules;
