//! Matching runs: the best set of pairs for everybody who waits, proved to be the best; what would change it; and its adoption, pair by
//! pair, by a person (domain section 8: waiting long costs more than a mediocre match).
//!
//! Invariants: a run is a draft that nothing follows from; what it proposes is checked anew when it is adopted. It is solved outside any
//! transaction, from one snapshot. A what-if leaves nothing behind but the journal of what it showed.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{ChangeKind, RunState};
