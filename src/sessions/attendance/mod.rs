//! Two missed in a row (domain section 4): counted anew at each change, one promise a run.

pub mod actions;
pub mod model;
pub mod rules;
pub mod store;
