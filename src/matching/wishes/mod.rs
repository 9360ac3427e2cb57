//! What the person of a course wishes of a match: languages, gender of the mentor, district or travel limit, likes and dislikes; and who of
//! the two will not be matched with the other. Of a protected address neither district nor distance is on record.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Veto, WishFacts, Wishes};
