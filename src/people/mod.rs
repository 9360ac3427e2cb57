//! Young people, parents and other relatives: names, custody, safe contact, protected address (domain sections 3 and 7.2).
//!
//! Invariants: a civil registration number finds at most one person and is never shown to whoever is not a coordinator; for a child
//! under 15 exactly one custody holder is the chosen recipient of reminders, from 15 an address of a parent, whoever ever held custody included, is
//! not the young person's own; "no messages" means none.
//! Other rooms may create a person, read what they need as facts, and ask how a person is [`Reached`].

pub mod actions;
pub mod http;
pub mod links;
pub mod model;
pub mod rules;
pub mod store;

pub use model::{Contact, Custody, Kind, Name, NewPerson, Person, Reached};
