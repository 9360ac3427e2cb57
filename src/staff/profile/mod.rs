//! What of a member of staff ranks them for a match: gender, interests, dislikes, values, district. Closed lists, without religion,
//! politics, ethnicity or health.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{CoreValue, Dislike, DistrictCode, Gender, Interest, Profile, ProfileFacts, Traits};
