//! Typed settings: a TOML file, overlaid by `MAKKER_*` variables, refused as a whole when anything in it is wrong.
//!
//! One struct a concern, one file a struct, declared with `settings!`: the same lines make the struct, its reading and the page
//! an operator reads (`check-config --print`), so the three cannot drift apart. Secrets are named by file and never stand here.
//! The top-level `Config` gathers these sections and those of the channels; it stands beside `app.rs`.

mod availability;
mod calendars;
mod database;
mod deadlines;
mod log;
mod pairing;
mod programme;
mod reference;
mod reminders;
mod secret;
mod server;
mod settings;
mod sign_in;
mod source;
mod tick;
mod value;
mod vault;
mod words;

pub use availability::{Availability, Meetings};
pub use calendars::Calendars;
pub use database::Database;
pub use deadlines::{ClockStart, Deadlines};
pub use log::{Log, LogFormat};
pub use pairing::{District, Pairing, Spot, Weights};
pub use programme::{Programme, Welfare};
pub use reference::Reference;
pub use reminders::Reminders;
pub use secret::SecretFile;
pub use server::{Server, bare_host};
pub use settings::{Node, Place};
pub(crate) use settings::{choice, settings};
pub use sign_in::SignIn;
pub use source::{Complaints, Source};
pub use tick::Tick;
pub use value::Value;
pub use vault::Vault;
pub use words::find_forbidden;
