//! What the process says of itself.

use super::settings::{choice, settings};
use super::source::Complaints;

settings! {
    /// What the process says of itself, on standard error. Never names, texts, tokens, paths or bodies, whatever the level.
    pub struct Log {
        /// Least level, or a filter such as "info,makker::access=debug". Of libraries only warnings and errors are ever said.
        filter: String = "info".into();
        /// "json", "text", or "auto": text on a terminal, JSON else.
        format: LogFormat = LogFormat::Auto;
    }
}

choice! {
    /// How a line of the log looks.
    pub enum LogFormat {
        /// For people on a terminal, else for machines.
        Auto = "auto",
        /// One JSON object a line.
        Json = "json",
        /// For people.
        Text = "text",
    }
}

impl Log {
    /// Notes what cannot be understood.
    pub fn check(&self, complaints: &mut Complaints) {
        if tracing_subscriber::EnvFilter::try_new(&self.filter).is_err() {
            complaints
                .add("log.filter", "expected a level (error, warn, info, debug, trace) or a filter such as info,makker::access=debug");
        }
    }
}
