//! The outbox: everything that leaves the building is a row with the moment before which it must not go and the moment after which
//! it is useless; planned with the facts, sent by the tick, never with a name or a place in it (domain sections 7.1 and 8).
//!
//! Planning is a diff ([`actions::sync`]): a room lists what should be waiting for a subject, and rows are added, kept and retracted.
//! Delivery ([`delivery`]) is lease, ask the owning room again, prepare and store, send outside any transaction, settle. A crash between any
//! two repeats at most what was on its way, under the same id and with the same bytes; an SMS of unknown fate is never sent twice.

pub mod actions;
pub mod channels;
pub mod delivery;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

pub use channels::Channel;
pub use model::{Details, HowToAnswer, Kind, Message, Recipient, State, Wanted, Way};
