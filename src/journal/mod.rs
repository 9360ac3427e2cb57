//! The journal: who looked up or changed what, when and for which purpose (domain section 7.3).
//!
//! Writing only, append-only (triggers on both engines), durable before the answer leaves: no journal, no answer. What is older than it is
//! kept goes by a cut that is written down, and by nothing else. A cut counts from a call of a week ago, not from now: no clock that is wrong for
//! less takes anything.
//! Other rooms name the [`Subject`]s they open on their `Tx`; the door writes the entries, what was made with a whole as that. Reading is `oversight`'s.

mod model;
mod store;
mod writer;

pub use model::{Act, Border, Entry, Subject, SubjectKind};
pub use store::{cut, find_counted_from, find_first, insert, is_asked_about};
pub use writer::Journal;
