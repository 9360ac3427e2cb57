//! Times at which several people can meet, from what each says of time and what each has planned. Pure; sessions ask it.
//!
//! A meeting must lie in the open time of everybody: weekly hours by the clock of each, with more and less of a date, without leave,
//! public holidays, times that are never possible and what is planned. Buffers (preparation, travel) of neighbours overlap, they do not
//! add up. Two independent versions stand beside it in the tests: minute by minute, and in Python.

pub mod model;
pub mod rules;

pub use model::{Agreed, Ask, Busy, Objection, Open, Participant, Slot};
