//! When somebody can meet: weekly hours and dated exceptions of members of staff, wished and impossible times of people met
//! (domain section 3). Leave stands with the staff.
//!
//! Invariants: hours that were never stated are told apart from none; on one date no two exceptions of somebody overlap; a week's
//! ranges never overlap. Wall times are kept with their zone, never as instants: they become instants for a date, when somebody asks.
//! Over HTTP they stand with the sessions (`sessions::hours`), since the answers name what is planned against them.

pub mod actions;
pub mod model;
pub mod rules;
pub mod slots;
pub mod store;

pub use model::{Effect, Exception, Hours, PartOfWeek, Stretch, Times, Week};
