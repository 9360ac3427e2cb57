//! What the process says of itself.

use tracing_subscriber::filter::LevelFilter;

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
        // A bare word is read as a part of the program to listen to, and everything else is silent: a slip must not switch the log off.
        let is_slip = |part: &str| !part.contains(['=', ':', '[']) && part.parse::<LevelFilter>().is_err();
        let has_slip = self.filter.split(',').map(str::trim).any(|part| !part.is_empty() && is_slip(part));
        if has_slip || tracing_subscriber::EnvFilter::try_new(&self.filter).is_err() {
            complaints
                .add("log.filter", "expected a level (error, warn, info, debug, trace) or a filter such as info,makker::access=debug");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_a_slip() {
        for (filter, is_sound) in [
            ("info", true),
            ("WARN", true),
            ("off", true),
            ("info,makker::access=debug", true),
            ("warning", false),
            ("info,makker", false),
            ("a=b=c", false),
            ("makker=warning", false),
        ] {
            let mut complaints = Complaints::default();
            Log { filter: filter.into(), ..Log::default() }.check(&mut complaints);
            assert_eq!(complaints.sentences().is_empty(), is_sound, "{filter}");
        }
    }
}
