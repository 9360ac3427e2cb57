//! makker: the backend of a municipal programme that offers young people a mentor and parents a coach.

pub mod app;
pub mod base;
pub mod commands;
pub mod config;
