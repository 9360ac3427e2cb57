//! Offers, consents, courses (forløb) and their plans (domain sections 4 and 5).
//!
//! Invariants: at most one open offer and one unended course per person and track; an offer is accepted only with every consent that is
//! needed on the day it counts from; the decline of a first offer opens exactly two re-offers; a participant's own withdrawal ends the
//! course the same day, a custody holder's pauses it at once; an ended course stays ended; an answer that is taken back never was.
//! Other rooms may read [`model::CourseFacts`], start a course when its first session was held, end it, and ask whether it
//! [may run](Standing::may_run) on a date.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Course, CourseFacts, CourseState, Offer, OfferState, Track};
pub use rules::standing::Standing;
