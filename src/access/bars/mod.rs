//! Bars, and who supervises a match: the relations that a coordinator enters by hand (domain section 6).
//!
//! Invariants: a bar on a person covers every case of that person with its enquiries, and every enquiry about them, also those that come later ([`extend`]); each row it made
//! carries the bar's id as its cause, so that ending one bar leaves what another one covers; a bar on one's own account is not seen again
//! by that account, and never ended by it.

mod actions;
pub mod http;
pub mod model;
mod store;

pub use actions::{bar, extend, find_supervisor, give_supervision};
pub use model::{BarCause, BarWarning};
