//! Free times of those whom matches join, why a time is not offered, who could see a person, and the rules under which a time is planned.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
