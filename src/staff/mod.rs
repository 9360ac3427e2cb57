//! Mentors, parent coaches, coordinators and supervisors as members of staff (domain sections 5 and 8): what a match asks of them.
//!
//! Invariants: a name lies sealed under its member of staff; an account is linked to at most one, which holds the roles its account
//! needs; whoever left stays on record and is changed no more. Whether somebody may run a match is matching's to say.

pub mod actions;
pub mod http;
pub mod model;
pub mod profile;
pub mod rules;
pub mod store;

pub use model::{CertificateKind, Kind, LeaveKind, Service, Staff, StaffFacts};
