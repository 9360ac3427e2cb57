//! Series: sessions that come again by a rule of RFC 5545, from a match's agreement until its expected end.
//!
//! Invariants: a series is planned whole, in one transaction, with the claims, promises and messages of each session; wall time and zone are the
//! rule, the instant follows; each session keeps the date of the series that it stands for, also when it is moved; a date that cannot be used is
//! a gap with its reason and another time, never a silent hole; the past is never rewritten: a change touches what is still to come and was
//! neither moved nor cancelled by itself; of many sessions changed in one verb the person is told once.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
