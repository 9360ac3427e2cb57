//! Session logs (domain section 5): written on a phone under its own id, judged on the session's date, never refused for what the writer
//! cannot mend on a bus, corrected by new versions only.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;
