//! Messages: everything that leaves the building, planned with the facts, sent by the tick, never with a name or a place in it.

pub mod channels;
