//! Who waits: accepted courses that nobody runs and nobody is proposed for, with the wait as it is, what is wished, what is missing to match
//! well, and whether interest is still there. Interest is asked again after a set time before a place is held.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
