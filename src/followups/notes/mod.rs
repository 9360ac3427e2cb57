//! Contact notes (notat): who spoke with whom about a case, what was said, and the agreed next step (domain section 5).

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{NoteKind, Outcome, Party};
