//! A match's rhythm: what was held, month by month, beside what the pair agreed on (domain section 8).

pub mod actions;
pub mod http;
pub mod rules;
