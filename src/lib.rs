//! makker: the backend of a municipal programme that offers young people a mentor and parents a coach.

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
