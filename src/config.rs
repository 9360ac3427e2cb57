//! Every setting there is, in one place: what `--config` and the `MAKKER_*` variables fill.

use std::path::Path;

use crate::base::config::{Complaints, Database, Log, Programme, Server, SignIn, Source, Tick, Vault, find_forbidden, settings};
use crate::messages::channels::Mode;
use crate::messages::channels::fcm::FcmSettings;
use crate::messages::channels::sms::SmsSettings;
use crate::messages::channels::smtp::SmtpSettings;

settings! {
    /// The settings of makker. This page is itself a configuration file: save it as makker.toml and take the # away from the
    /// lines you change. A variable of the name that stands above a setting goes before the file; lists in it are parted by
    /// commas. Paths are taken from the working directory. Secrets never stand here, only the files that hold them.
    pub struct Config {
        /// HTTP.
        server: Server;
        /// The database.
        database: Database;
        /// The keys.
        vault: Vault;
        /// Accounts.
        sign_in: SignIn;
        /// The municipality's rules.
        programme: Programme;
        /// What happens by itself.
        tick: Tick;
        /// E-mail.
        smtp: SmtpSettings;
        /// Push.
        fcm: FcmSettings;
        /// SMS.
        sms: SmsSettings;
        /// The log.
        log: Log;
    }
}

/// Seconds that a sender must have beside connecting: messages are begun for half of them.
const SENDING_LEAST_S: u32 = 4;

impl Config {
    /// From the file at `path` (or `makker.toml` if it is there) and the environment, checked.
    ///
    /// # Errors
    /// Everything that is wrong, each sentence with the name of its setting.
    pub fn load(path: Option<&Path>) -> Result<Self, Complaints> {
        Self::checked(Source::from_process(path)?)
    }

    /// What contradicts itself is told together with what cannot be read, for which the default stands.
    fn checked(source: Source) -> Result<Self, Complaints> {
        let (config, mut complaints) = source.read_over_defaults::<Self>();
        config.note_contradictions(&mut complaints);
        complaints.none().map(|()| config)
    }

    /// What suits a test: any free port, cheap password hashes, no tick of its own.
    pub fn for_testing() -> Self {
        Self {
            server: Server::for_testing(),
            database: Database::for_testing(),
            vault: Vault::default(),
            sign_in: SignIn::for_testing(),
            programme: Programme::for_testing(),
            tick: Tick::for_testing(),
            smtp: SmtpSettings::default(),
            fcm: FcmSettings::default(),
            sms: SmsSettings::default(),
            log: Log::default(),
        }
    }

    /// Refuses settings that contradict each other or what the service promises.
    ///
    /// # Errors
    /// All contradictions at once.
    pub fn check(&self) -> Result<(), Complaints> {
        let mut complaints = Complaints::default();
        self.note_contradictions(&mut complaints);
        complaints.none()
    }

    fn note_contradictions(&self, complaints: &mut Complaints) {
        self.server.check(complaints);
        self.database.check(complaints);
        self.vault.check(&self.database.url, complaints);
        self.sign_in.check(complaints);
        self.programme.check(complaints);
        let connecting = [
            ("smtp.connect_timeout_s", self.smtp.mode, self.smtp.connect_timeout_s),
            ("fcm.connect_timeout_s", self.fcm.mode, self.fcm.connect_timeout_s),
            ("sms.connect_timeout_s", self.sms.mode, self.sms.connect_timeout_s),
        ];
        for (setting, _, timeout_s) in connecting.into_iter().filter(|(_, mode, _)| *mode == Mode::Live) {
            if self.tick.lease_s / 2 < timeout_s.saturating_add(SENDING_LEAST_S) {
                let least = format_args!("must be at least {SENDING_LEAST_S} less than half of tick.lease_s");
                complaints.add(setting, format_args!("{least}, when a sender gives up: else nothing is begun"));
            }
        }
        let is_live = [self.smtp.mode, self.fcm.mode, self.sms.mode].contains(&Mode::Live);
        if is_live && self.server.is_known_here_alone() {
            complaints.add(
                self.server.names_links(),
                "must be where people reach it: what is sent carries links, and this machine is nowhere for them",
            );
        }
        // Pushes go to accounts, and name none.
        if [self.smtp.mode, self.sms.mode].contains(&Mode::Live) && self.programme.reminders.number_to_call().is_none() {
            complaints.add(
                "programme.reminders.call_number",
                "must name one: what is sent to whoever has not said yes to links says by it how to answer",
            );
        }
        self.smtp.check(complaints);
        self.fcm.check(complaints);
        self.sms.check(complaints);
        self.log.check(complaints);
        let mut visible = vec![
            ("server.public_address", self.server.public_address.as_str()),
            ("server.link_address", self.server.link_address.as_str()),
            ("server.link_path", self.server.link_path.as_str()),
        ];
        visible.extend(self.programme.calendars.visible());
        visible.extend(self.smtp.visible());
        visible.extend(self.fcm.visible());
        visible.extend(self.sms.visible());
        for (setting, text) in visible {
            if let Some(word) = find_forbidden(text, &self.programme.forbidden_words) {
                complaints.add(setting, format_args!("holds \"{word}\", which programme.forbidden_words keeps off people's screens"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::Reference;

    fn read(file: &str) -> Result<Config, Complaints> {
        Config::checked(Source::new(file, []))
    }

    #[test]
    fn the_defaults_are_fit_for_service() {
        assert_eq!(read("").unwrap(), Config::default());
    }

    #[test]
    fn the_printed_page_is_a_configuration_of_defaults() {
        let page = Reference::of::<Config>().to_string();
        assert_eq!(read(&page).unwrap(), Config::default());
        let (mut settings, mut last) = (0, "");
        let whole: Vec<_> = page
            .lines()
            .map(|line| {
                let setting = line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
                if setting.is_some() {
                    assert!(last.starts_with("# MAKKER_"), "a setting stands under the name of its variable: {line}");
                    settings += 1;
                }
                last = line;
                setting.unwrap_or(line)
            })
            .collect();
        assert!(settings > 60, "{settings}");
        let table: toml::Table = whole.join("\n").parse().unwrap();
        assert!(table["programme"]["deadlines"].get("answer_days").is_some());
        assert_eq!(read(&whole.join("\n")).unwrap(), Config::default());
    }

    #[test]
    fn every_variable_of_the_page_is_read() {
        let page = Reference::of::<Config>().to_string();
        let names = page.lines().filter_map(|line| line.strip_prefix("# MAKKER_")).map(|rest| rest.split(' ').next().unwrap());
        for name in names {
            // Out of every span and of no type: whoever reads it, refuses it; whoever does not know it, says so.
            let complaints = Config::checked(Source::new("", [(format!("MAKKER_{name}"), "\u{0}".to_owned())])).err();
            assert!(complaints.is_none_or(|complaints| !complaints.to_string().contains("no such")), "MAKKER_{name}");
        }
    }

    #[test]
    fn a_sender_that_has_some_seconds_beside_connecting_is_fit_for_service() {
        let file = "[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'https://aftale.example.org'\n[tick]\nlease_s = 16\n[smtp]\nconnect_timeout_s = 4\nmode = 'live'\n\
            host = 'mail.example.org'\nsender_address = 'a@b.dk'\ndomain = 'b.dk'";
        read(file).unwrap();
    }

    #[test]
    fn contradictions_are_told_together() {
        #[rustfmt::skip]
        let cases: &[(&str, &[&str])] = &[
            ("[server]\npublic_address = 'https://makker.example.org'", &["server.public_address: holds \"makker\""]),
            ("[server]\npublic_address = 'https://sag.example.org'", &["server.public_address: holds \"sag\""]),
            ("[server]\nlink_address = 'https://mentor.example.org'", &["server.link_address: holds \"mentor\""]),
            ("[server]\nlink_address = 'https://XN--forlb-yua.dk'", &["server.link_address: holds \"forløb\""]),
            ("[smtp]\nsender_address = 'post@aftale.xn--forlbet-t1a.dk'", &["smtp.sender_address: holds \"forløb\""]),
            ("[server]\nlink_path = '/sag'", &["server.link_path: holds \"sag\""]),
            ("[programme.reminders]\ncall_number = '70 10'", &["programme.reminders.call_number: must be"]),
            ("[smtp]\nsender_name = 'Mentor'", &["smtp.sender_name: holds \"mentor\""]),
            ("[programme.calendars]\nsummary_da = 'Mentormøde'", &["programme.calendars.summary_da: holds \"mentor\""]),
            ("[fcm]\nlink_key = 'sag'", &["fcm.link_key: holds \"sag\""]),
            ("[smtp]\nmode = 'live'\nhost = 'mail.example.org'", &["server.public_address: must be where people", "programme.reminders.call_number: must name one", "smtp.sender_address: is still", "smtp.domain: is still"]),
            ("[server]\npublic_address = 'https://aftale.example.org'\n[sms]\nmode = 'live'\nurl = 'https://gateway.example.org/send'", &["programme.reminders.call_number: must name one"]),
            ("[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'http://localhost:80'\n[smtp]\nmode = 'live'\nhost = 'a.org'\nsender_address = 'a@b.dk'\ndomain = 'b.dk'",
                &["server.public_address: must be where people"]),
            ("[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'https://app.example.org'\nlink_address = 'http://localhost:80'\n[smtp]\nmode = 'live'\nhost = 'a.org'\nsender_address = 'a@b.dk'\ndomain = 'b.dk'",
                &["server.link_address: must be where people"]),
            ("[server]\nworkers = 'many'\nlink_path = '/sag'", &["server.workers: expected", "server.link_path: holds \"sag\""]),
            ("[programme.calendars]\nsummary_en = ' '", &["programme.calendars.summary_en: must say"]),
            ("[vault]\nkey_store_url = 'sqlite://makker.db'", &["vault.key_store_url: must not be the database"]),
            ("[database]\npassword_file = '/nowhere/x'", &["database.password_file: SQLite has", "database.password_file: /nowhere/x cannot be read"]),
            ("[sign_in]\nphone_unused_days = 60\nphone_total_days = 30", &["sign_in.phone_unused_days: must not be more"]),
            ("[sign_in]\nargon2_memory_kib = 8", &["sign_in.argon2_memory_kib: must lie between 19456 and"]),
            ("[sign_in]\nlock_min = 60\nlock_max_min = 5", &["sign_in.lock_min: must not"]),
            ("[programme]\nforbidden_words = ['']", &["programme.forbidden_words: must hold", "programme.forbidden_words: holds an empty"]),
            ("[programme.deadlines]\nreoffer_months = [6, 3]", &["programme.deadlines.reoffer_months: the second"]),
            ("[programme.reminders]\nday_before_at = '21:00'", &["programme.reminders.day_before_at: must not lie"]),
            ("[log]\nfilter = 'a=b=c'", &["log.filter: expected a level"]),
            ("[tick]\ninterval_s = 3600", &["tick.interval_s: must lie between 0 and 900"]),
            ("[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'https://aftale.example.org'\n[tick]\nlease_s = 20\n[smtp]\nmode = 'live'\nhost = 'mail.example.org'\nsender_address = 'a@b.dk'\ndomain = 'b.dk'",
                &["smtp.connect_timeout_s: must be at least 4 less than half"]),
            ("[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'https://aftale.example.org'\n[tick]\nlease_s = 15\n[smtp]\nconnect_timeout_s = 4\nmode = 'live'\nhost = 'mail.example.org'\nsender_address = 'a@b.dk'\ndomain = 'b.dk'",
                &["smtp.connect_timeout_s: must be at least 4 less than half"]),
        ];
        for (file, sentences) in cases {
            let complaints = read(file).unwrap_err();
            assert_eq!(complaints.sentences().len(), sentences.len(), "{complaints}");
            for (complaint, sentence) in complaints.sentences().iter().zip(*sentences) {
                assert!(complaint.starts_with(sentence), "{complaint}");
            }
        }
    }
}
