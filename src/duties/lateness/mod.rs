//! Promises past their last moment: each is noticed once, and counted as long as it stays open.

pub mod actions;
mod store;
