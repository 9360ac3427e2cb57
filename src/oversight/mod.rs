//! The data protection officer's queries over journal and consents, and a person's own extract (domain sections 6 and 7.3).
//!
//! Invariants: it only reads, and its own look-ups are in the journal like everybody's; no case text and no name of a person leaves it;
//! who looked (the account) is shown to the officer alone, an extract for the person holds dates and purposes.
//! Nobody else needs anything of it.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
