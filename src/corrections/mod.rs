//! What was recorded before it was put right, of whatever noun: kept sealed beside what is right, and shown with it.
//!
//! Invariants: it is written in the transaction that puts it right, and stays as it was (the database holds it); it is sealed under whom it is
//! of. Other rooms keep what they put right, and list it for whoever was shown the thing itself.

pub mod model;
pub mod store;

pub use model::{Correction, Kind};
pub use store::{keep, keep_by_any, list, list_by_any, list_under};
