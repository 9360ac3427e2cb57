//! The year's figures: versioned definitions over narrow queries, each opening as the rows behind it (domain section 5, yearly report).
//!
//! Invariants: a figure and its rows are made from the same facts by the same rule; clocks and years go by what was stated
//! (`happened_at`), a year begins and ends at local midnight; a definition that changes gets the next version. It only reads, and what
//! it reads is assembled after the transaction. A manager gets totals, never a number from 1 to 4, nor two that differ by 1 to 4.
//! A bar takes nothing off a total (a count is no person), and everything off the rows.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
