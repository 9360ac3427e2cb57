//! Accounts, sign-in, rights, relations and the door.
//!
//! Invariants: no function that returns personal data is callable without an actor (it takes a [`Tx`]); rights stand in one table
//! ([`rights`]); relations are dated facts that the rooms grant and end; a bar beats every role and relation.

pub mod accounts;
pub mod bars;
pub mod door;
pub mod http;
pub mod model;
mod precondition;
pub mod rights;
pub mod sign_in;
pub mod store;
mod tx;

pub use door::{Batch, Before, Done, Door, House};
pub use model::{Actor, ActorKind, Purpose, RelationKind, Role};
pub use rights::{Capability, Reach};
pub use tx::{Follow, Tx};
