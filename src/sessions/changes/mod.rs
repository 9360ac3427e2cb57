//! What happened to a session before it was met: moved, cancelled, agreed on, un-cancelled; by whom and why. Append-only.

pub mod actions;
pub mod http;
pub mod model;
pub mod store;

pub use model::{Because, ChangeKind, Reason};
