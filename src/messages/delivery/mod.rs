//! From due to settled: what a sender does to a message, each step a transaction of its own with the network between the last two.
//!
//! Invariants: whoever holds the lease's token, and nobody else, moves a message on; an open message that is prepared may have left; what
//! goes again after that is the same bytes under the same id, and an SMS does not go again.

pub mod actions;
pub(super) mod store;
