//! The `[smtp]` settings.

use std::path::PathBuf;

use super::super::{Mode, check_folder, is_loopback};
use super::address_of;
use crate::base::config::{Complaints, SecretFile, choice, settings};

settings! {
    /// E-mail. Everything a recipient can see is neutral: no name of the programme, the product or a machine.
    pub struct SmtpSettings {
        /// "live", "off", "folder" (written there, not sent) or "null" (accepted and forgotten, for benchmarks).
        mode: Mode = Mode::Off;
        /// Where mode folder writes.
        folder: Option<PathBuf> = None;
        /// The mail server's name, which its certificate must bear.
        host: String = String::new();
        /// Its port; without one 465, 587 or 25, as tls implies.
        port: Option<u16> = None;
        /// "implicit" (from the first byte), "starttls" (which the server must offer) or "none" (only to this machine).
        tls: Tls = Tls::Implicit;
        /// A further certificate authority in PEM, for a mail server inside the house.
        ca_file: Option<PathBuf> = None;
        /// Account at the mail server; without one nobody signs in.
        user: Option<String> = None;
        /// The file with its password.
        password_file: Option<SecretFile> = None;
        /// The sender's neutral name.
        sender_name: String = "Aftaler".into();
        /// The sender's neutral address.
        sender_address: String = "aftaler@aftaler.example".into();
        /// Where replies go; without one to the sender.
        reply_to: Option<String> = None;
        /// The neutral domain in Message-ID and EHLO.
        domain: String = "aftaler.example".into();
        /// Idle connections kept open.
        connections: u32 = 4, in 0..=64;
        /// Seconds to wait for a connection; a mail is begun only while there is time for that and for an answer (tick.lease_s).
        connect_timeout_s: u32 = 10, in 1..=60;
    }
}

choice! {
    /// How the connection to the mail server is encrypted.
    pub enum Tls {
        /// From the first byte.
        Implicit = "implicit",
        /// By STARTTLS, which the server must offer.
        Starttls = "starttls",
        /// Not at all: only to this machine.
        None = "none",
    }
}

impl SmtpSettings {
    /// The port, as set or as implied by the encryption.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Implicit => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        })
    }

    /// Notes what contradicts itself or is missing.
    pub fn check(&self, complaints: &mut Complaints) {
        check_folder("smtp", self.mode, self.folder.as_deref(), complaints);
        let mut complain = |wrong: bool, setting: &str, what: &str| {
            if wrong {
                complaints.add(format_args!("smtp.{setting}"), what);
            }
        };
        let live = self.mode == Mode::Live;
        let domain = address_of(&format!("x@{}", self.domain));
        complain(address_of(&self.sender_address).is_none(), "sender_address", "is not an e-mail address");
        complain(self.reply_to.as_deref().is_some_and(|a| address_of(a).is_none()), "reply_to", "is not an e-mail address");
        complain(domain.is_none_or(|a| a.domain() != self.domain), "domain", "is not a domain in ASCII");
        complain(self.sender_name.contains(char::is_control), "sender_name", "must be one line");
        complain(self.user.is_some() != self.password_file.is_some(), "user", "is set together with smtp.password_file or not at all");
        complain(live && self.host.is_empty(), "host", "is missing");
        complain(live && self.tls == Tls::None && !is_loopback(&self.host), "tls", "none is only for a mail server on this machine");
        complain(self.tls == Tls::None && self.ca_file.is_some(), "ca_file", "means nothing when smtp.tls is none");
        complain(live && self.sender_address.ends_with(".example"), "sender_address", "is still the example");
        complain(live && self.domain.ends_with(".example"), "domain", "is still the example");
        if let Some(file) = &self.password_file {
            file.check("smtp.password_file", complaints);
        }
    }

    /// What a recipient can see, by setting: no forbidden word may be in it.
    pub fn visible(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![
            ("smtp.sender_name", self.sender_name.as_str()),
            ("smtp.sender_address", self.sender_address.as_str()),
            ("smtp.domain", self.domain.as_str()),
        ];
        all.extend(self.reply_to.as_deref().map(|address| ("smtp.reply_to", address)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::complaints_of;
    use super::*;
    use crate::base::config::Source;

    /// Settings that a municipality could use.
    fn usable() -> SmtpSettings {
        SmtpSettings {
            mode: Mode::Live,
            host: "mail.kommune.dk".into(),
            sender_address: "svar-ikke@aftaler.kommune.dk".into(),
            domain: "aftaler.kommune.dk".into(),
            ..SmtpSettings::default()
        }
    }

    #[test]
    fn contradictions_are_refused_by_name() {
        type Change = fn(&mut SmtpSettings);
        let cases: [(Change, &[&str]); 15] = [
            (|_| {}, &[]),
            (|s| *s = SmtpSettings::default(), &[]),
            (|s| s.mode = Mode::Folder, &["smtp.folder"]),
            (|s| s.folder = Some("mail".into()), &["smtp.folder"]),
            (|s| s.tls = Tls::None, &["smtp.tls"]),
            (|s| (s.tls, s.host) = (Tls::None, "127.0.0.1".into()), &[]),
            (|s| (s.tls, s.host, s.ca_file) = (Tls::None, "::1".into(), Some("ca.pem".into())), &["smtp.ca_file"]),
            (|s| s.host.clear(), &["smtp.host"]),
            (|s| s.user = Some("u".into()), &["smtp.user"]),
            (|s| s.password_file = Some(SecretFile::new("nowhere")), &["smtp.user", "smtp.password_file"]),
            (|s| s.sender_address = "nobody".into(), &["smtp.sender_address"]),
            (|s| s.sender_address = "x@aftaler.example".into(), &["smtp.sender_address"]),
            (|s| s.domain = "aftaler.kommune.dk>\r\nBcc: x".into(), &["smtp.domain"]),
            (|s| s.domain = "bøh.dk".into(), &["smtp.domain"]),
            (|s| s.sender_name = "A\r\nBcc: x@y.dk".into(), &["smtp.sender_name"]),
        ];
        for (index, (change, expected)) in cases.into_iter().enumerate() {
            let mut settings = usable();
            change(&mut settings);
            assert_eq!(complaints_of(|complaints| settings.check(complaints)), expected, "case {index}");
        }
    }

    #[test]
    fn ports_follow_the_encryption() {
        for (text, port) in [("", 465), ("tls = \"starttls\"", 587), ("tls = \"none\"", 25), ("port = 2525", 2525)] {
            assert_eq!(Source::new(text, []).read::<SmtpSettings>().unwrap().port(), port, "{text}");
        }
    }
}
