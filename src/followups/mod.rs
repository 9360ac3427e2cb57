//! What is checked and what became of it: contact notes, support contacts, 6- and 12-month results, a match's rhythm (domain sections
//! 4, 5 and 8).
//!
//! Invariants: a correction is a new version, and the original stays; a note lies under its case, and no mentor or coach reads it; which
//! support contacts are promised, and which are kept, is made from the facts by one call, whatever changed; a course gone through has
//! exactly two follow-ups, one broken off has none. Nothing here judges anybody: whether somebody is at risk is what a person said.

pub mod http;
pub mod notes;
pub mod results;
pub mod rhythm;
pub mod signals;
pub mod support;
