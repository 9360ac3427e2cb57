//! Joint sessions: several matches of one case meet at one time, e.g. siblings with one mentor, or a young person, a parent and both their
//! helpers (domain sections 5 and 8).
//!
//! Invariants: a joint session is one session a match, each with its own log, state, answers and misses, seen by its own side only; whoever
//! takes part in several of them has their time once; a part is never moved alone. Across matches of different staff only a coordinator
//! plans. Where the custody holders disagree there is none without a coordinator's grounds and one side that gets the messages; every other
//! is told by hand. Who would get the same message for two parts gets one.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
mod store;
