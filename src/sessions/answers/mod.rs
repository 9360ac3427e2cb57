//! One-tap answers: the person met, or the custody holder who gets the reminders, says by the link of a reminder that they come, cannot
//! come, or would like another time (domain sections 6 and 8).
//!
//! Invariants: looking changes nothing; a link is good for one session at one start, for the recipient it was sent to, while they get the
//! reminders and want links, and until the session begins; every other link is answered alike, whatever is wrong with it. An answer changes
//! no session and counts nowhere: the mentor or coach settles it. The page holds a day, a time and the recipient's own answer.
//!
//! A link's token is 16 random bytes, stored as a hash, one a message. It is made in the transaction that stores what leaves, so what is
//! sent again after a crash carries the same link; nothing that lies in the database, or in the key file, makes one.

pub mod actions;
pub mod http;
pub mod model;
mod page;
pub mod rules;
mod store;

pub use model::{Answer, AnswerOutcome, Reply};
