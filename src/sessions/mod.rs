//! Sessions: meetings planned with claims on the time of both, moved, cancelled, missed, held and logged (domain sections 4, 5 and 8).
//!
//! Invariants: a session is always a meeting; moved, it keeps its id; while it is planned it holds one claim for each of the two, so
//! nobody is planned twice, and leave, notice, limits and buffers are asked under the same lock; what really happened is stored, never
//! refused because it overlaps; one log a session, corrected by new versions; two missed in a row are counted anew at each change. What
//! waits for a session (promises, messages) is made from its facts by one call, whatever changed.

pub mod actions;
pub mod answers;
pub mod attendance;
pub mod changes;
pub mod covers;
pub mod free;
pub mod hours;
pub mod http;
pub mod joint;
pub mod logs;
pub mod model;
pub mod reminders;
pub mod rules;
pub mod series;
pub mod store;

pub use model::{Kind, Session, Side, State};
