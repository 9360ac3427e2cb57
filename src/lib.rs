//! makker: the backend of a municipal programme that offers young people a mentor and parents a coach.
//!
//! What it is for, and every rule that it must keep: [`domain`]. The rooms in the order of the house: each imports only those above it.
//!
//! - [`base`]: clock, ids, errors, calendar, database, HTTP conventions, sealing, assignment: knows nothing of mentors
//! - [`facts`]: what can become true
//! - [`journal`]: who looked up or changed what
//! - [`access`]: accounts, sign-in, rights, relations and the door
//! - [`corrections`]: what was recorded before it was put right
//! - [`messages`]: the outbox
//! - [`duties`]: the ledger of dated promises
//! - [`people`]: young people, parents and other relatives
//! - [`oversight`]: queries of the data protection officer
//! - [`staff`]: mentors, coaches and who leads them
//! - [`availability`]: when somebody can meet
//! - [`enquiries`]: concerns handed in
//! - [`cases`]: founded cases
//! - [`courses`]: offers, consents, courses and plans
//! - [`matching`]: who meets whom
//! - [`sessions`]: meetings, series, covers, logs, reminders and answers
//! - [`calendars`]: feeds and invitations
//! - [`followups`]: what was checked and what became of it
//! - [`today`]: the phone's first screen
//! - [`reports`]: the year's figures
//!
//! Under all stand:
//!
//! - [`tick`]: what is due, by the clock
//! - [`consequences`]: what follows from a fact
//! - [`config`]: the settings of all rooms, from file and environment
//! - [`app`]: what a process stands on
//! - [`commands`]: the subcommands
//! - [`demo`]: a user of all, through the API

pub mod access;
pub mod app;
pub mod availability;
pub mod base;
pub mod calendars;
pub mod cases;
pub mod commands;
pub mod config;
pub mod consequences;
pub mod corrections;
pub mod courses;
pub mod demo;
#[doc = include_str!("domain.md")]
pub mod domain {}
pub mod duties;
pub mod enquiries;
pub mod facts;
pub mod followups;
pub mod journal;
pub mod matching;
pub mod messages;
pub mod oversight;
pub mod people;
pub mod reports;
mod schema;
pub mod sessions;
pub mod staff;
pub mod tick;
pub mod today;
