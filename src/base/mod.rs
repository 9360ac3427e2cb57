//! The ground floor: knows nothing of mentors. Clock, ids, errors, calendar, database, HTTP conventions, sealing, assignment.
//!
//! Wall clock, randomness, environment and sockets are read here (and in the channel adapters) and nowhere else.

pub mod assignment;
pub mod calendar;
pub mod chance;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod http;
pub mod ical;
pub mod ids;
pub mod language;
pub mod parallel;
pub mod telemetry;
pub mod value;
pub mod vault;
