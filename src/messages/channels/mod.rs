//! The channels: what exactly goes out, how it may end, and one sender for each way out of the building.
//!
//! A sender renders nothing but the envelope, reads no database and no clock, logs neither targets nor texts, follows no redirect,
//! and is finished at the deadline it was given. It reports codes of this file's making, never the words of a provider.

pub mod fcm;
pub mod folder;
mod outcome;
mod prepared;
#[cfg(test)]
mod scripted;
pub mod sms;
pub mod smtp;
mod web;

use std::path::Path;
use std::time::Duration;

use self::fcm::{FcmSender, FcmSettings, Payload};
use self::folder::Capture;
pub use self::outcome::Outcome;
pub use self::prepared::{CalendarPart, Organiser, Prepared};
use self::sms::{SmsGateway, SmsSettings};
use self::smtp::{Envelope, SmtpSender, SmtpSettings};
use crate::base::clock::Instant;
use crate::base::config::{Complaints, choice};
use crate::base::error::Result;

crate::coded! {
    /// A way out of the building.
    pub enum Channel {
        /// SMTP.
        Email = "email" : "E-mail" / "E-mail",
        /// A phone's app, by Firebase Cloud Messaging.
        Push = "push" : "Push" / "Push",
        /// A text message, by an HTTP gateway.
        Sms = "sms" : "SMS" / "Text message",
    }
}

/// The moment at which a sender gives up (half its lease), in real time: a lease is real also where the clock is moved by hand.
pub type Deadline = tokio::time::Instant;

/// The deadline that is this far off.
pub fn deadline_in(span: Duration) -> Deadline {
    Deadline::now() + span
}

/// Whether a deadline is over.
pub fn is_over(deadline: Deadline) -> bool {
    Deadline::now() >= deadline
}

choice! {
    /// Where a channel's messages go.
    pub enum Mode {
        /// To the provider.
        Live = "live",
        /// Nowhere: the channel does not exist here, and nobody is reached by it.
        Off = "off",
        /// Into files of a folder, exactly as they would leave (trial runs).
        Folder = "folder",
        /// Nowhere, but counted as accepted (benchmarks).
        Null = "null",
    }
}

/// The e-mail channel.
pub enum EmailSender {
    /// A mail server.
    Smtp(Box<SmtpSender>),
    /// No e-mail.
    Off,
    /// Composed in full, then captured.
    Folder(Box<Envelope>, Capture),
    /// Accepts and forgets.
    Null,
}

/// The push channel.
pub enum PushSender {
    /// Firebase Cloud Messaging.
    Fcm(Box<FcmSender>),
    /// No push.
    Off,
    /// Composed in full, then captured.
    Folder(Payload, Capture),
    /// Accepts and forgets.
    Null,
}

/// The SMS channel.
pub enum SmsSender {
    /// A gateway.
    Gateway(Box<SmsGateway>),
    /// No SMS.
    Off,
    /// Composed in full, then captured.
    Folder(Capture),
    /// Accepts and forgets.
    Null,
}

/// One sender a channel.
pub struct Senders {
    /// E-mail.
    pub email: EmailSender,
    /// Push.
    pub push: PushSender,
    /// SMS.
    pub sms: SmsSender,
}

impl Senders {
    /// The senders the settings ask for; reads the files of secrets they name. Run their `check()` first.
    pub fn from_settings(smtp: &SmtpSettings, fcm: &FcmSettings, sms: &SmsSettings) -> Result<Self> {
        let email = match smtp.mode {
            Mode::Off => EmailSender::Off,
            Mode::Live => EmailSender::Smtp(Box::new(SmtpSender::new(smtp)?)),
            Mode::Folder => EmailSender::Folder(Box::new(Envelope::new(smtp)?), Capture::of_settings(smtp.folder.as_deref())?),
            Mode::Null => EmailSender::Null,
        };
        let push = match fcm.mode {
            Mode::Off => PushSender::Off,
            Mode::Live => PushSender::Fcm(Box::new(FcmSender::new(fcm)?)),
            Mode::Folder => PushSender::Folder(Payload::new(fcm), Capture::of_settings(fcm.folder.as_deref())?),
            Mode::Null => PushSender::Null,
        };
        let sms = match sms.mode {
            Mode::Off => SmsSender::Off,
            Mode::Live => SmsSender::Gateway(Box::new(SmsGateway::new(sms)?)),
            Mode::Folder => SmsSender::Folder(Capture::of_settings(sms.folder.as_deref())?),
            Mode::Null => SmsSender::Null,
        };
        Ok(Self { email, push, sms })
    }

    /// All three channels into one capture (demo, tests), with the envelope and the keys of the settings.
    pub fn capturing(capture: &Capture, smtp: &SmtpSettings, fcm: &FcmSettings) -> Result<Self> {
        Ok(Self {
            email: EmailSender::Folder(Box::new(Envelope::new(smtp)?), capture.clone()),
            push: PushSender::Folder(Payload::new(fcm), capture.clone()),
            sms: SmsSender::Folder(capture.clone()),
        })
    }

    /// Three channels that accept and forget (benchmarks).
    pub const fn null() -> Self {
        Self { email: EmailSender::Null, push: PushSender::Null, sms: SmsSender::Null }
    }

    /// No channel at all.
    pub const fn off() -> Self {
        Self { email: EmailSender::Off, push: PushSender::Off, sms: SmsSender::Off }
    }

    /// Who invitations by e-mail are from; `None` where no mail is written.
    pub fn organiser(&self) -> Option<Organiser> {
        match &self.email {
            EmailSender::Smtp(sender) => Some(sender.organiser()),
            EmailSender::Folder(envelope, _) => Some(envelope.organiser()),
            EmailSender::Off | EmailSender::Null => None,
        }
    }

    /// Whether the channel exists here; if not, whoever has no other is told by hand.
    pub const fn is_on(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => !matches!(self.email, EmailSender::Off),
            Channel::Push => !matches!(self.push, PushSender::Off),
            Channel::Sms => !matches!(self.sms, SmsSender::Off),
        }
    }

    /// How long connecting to the channel's provider may take; no time where there is none.
    pub fn connect_timeout(&self, channel: Channel) -> Duration {
        match (channel, &self.email, &self.push, &self.sms) {
            (Channel::Email, EmailSender::Smtp(sender), ..) => sender.connect_timeout(),
            (Channel::Push, _, PushSender::Fcm(sender), _) => sender.connect_timeout(),
            (Channel::Sms, .., SmsSender::Gateway(gateway)) => gateway.connect_timeout(),
            _ => Duration::ZERO,
        }
    }

    /// Sends it by its channel and is finished at the deadline. Never call it inside a transaction.
    pub async fn send(&self, message: &Prepared, now: Instant, deadline: Deadline) -> Outcome {
        const OFF: Outcome = Outcome::Refused { code: "channel_off" };
        const ACCEPTED: Outcome = Outcome::Accepted { reference: None };
        match message.channel {
            Channel::Email => match &self.email {
                EmailSender::Smtp(sender) => sender.send(message, deadline).await,
                EmailSender::Off => OFF,
                EmailSender::Folder(envelope, capture) => match envelope.compose(message) {
                    Ok(mail) => capture.take(message, now, String::from_utf8_lossy(&mail.formatted()).into_owned()),
                    Err(outcome) => outcome,
                },
                EmailSender::Null => ACCEPTED,
            },
            Channel::Push => match &self.push {
                PushSender::Fcm(sender) => sender.send(message, now, deadline).await,
                PushSender::Off => OFF,
                PushSender::Folder(payload, capture) => match payload.compose(message, now) {
                    Ok(push) => capture.take(message, now, push.to_string()),
                    Err(outcome) => outcome,
                },
                PushSender::Null => ACCEPTED,
            },
            Channel::Sms => match &self.sms {
                SmsSender::Gateway(gateway) => gateway.send(message, now, deadline).await,
                SmsSender::Off => OFF,
                SmsSender::Folder(capture) => capture.take(message, now, sms::compose(message)),
                SmsSender::Null => ACCEPTED,
            },
        }
    }
}

/// The text with its link on a line of its own at the end.
pub fn text_of(message: &Prepared) -> String {
    let mut text = message.lines.join("\n");
    if let Some(link) = &message.link {
        text.push('\n');
        text.push_str(link);
    }
    text
}

/// Notes a folder that is missing or means nothing.
fn check_folder(section: &str, mode: Mode, folder: Option<&Path>, complaints: &mut Complaints) {
    match (mode, folder) {
        (Mode::Folder, None) => complaints.add(format_args!("{section}.folder"), "is missing"),
        (Mode::Live | Mode::Null, Some(_)) => complaints.add(format_args!("{section}.folder"), "means nothing unless the mode is folder"),
        _ => {}
    }
}

/// Whether the host (a name, an address, an address in brackets) is this machine.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether TLS failed, not the network: rustls reports a certificate or a handshake it will not have as `InvalidData`.
fn is_tls_failure(error: &(dyn std::error::Error + 'static)) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    // What an `io::Error` wraps is not its source but lies beside it.
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData || io.get_ref().is_some_and(|inner| is_tls_failure(inner)))
        || error.source().is_some_and(is_tls_failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::SecretFile;
    use crate::base::language::Language;

    pub(super) fn prepared(channel: Channel, to: &str) -> Prepared {
        Prepared {
            id: "0b51d1f0-6a3b-4c3e-9d5a-3f2f8f1f0c11".parse().unwrap(),
            channel,
            to: to.into(),
            language: Language::Danish,
            subject: "Påmindelse".into(),
            lines: vec!["Du har en aftale i morgen kl. 15.".into(), "Svar ikke på denne besked.".into()],
            link: Some("https://aftale.example/a/x7".into()),
            calendar: None,
            prepared_at: now(),
            not_after_at: now().plus(chrono::TimeDelta::hours(2)),
        }
    }

    pub(super) fn now() -> Instant {
        Instant::parse("2026-03-02T17:00:00Z").unwrap()
    }

    pub(super) fn in_ms(ms: u64) -> Deadline {
        Deadline::now() + Duration::from_millis(ms)
    }

    /// The names of the settings that are complained of.
    pub(super) fn complaints_of(check: impl FnOnce(&mut Complaints)) -> Vec<String> {
        let mut complaints = Complaints::default();
        check(&mut complaints);
        complaints.sentences().iter().map(|sentence| sentence.split(':').next().unwrap().to_owned()).collect()
    }

    /// A secret in a closed file.
    pub(super) fn secret(folder: &Path, text: &str) -> SecretFile {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join("secret");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        SecretFile::new(path)
    }

    #[test]
    fn debug_shows_neither_target_nor_text() {
        let shown = format!("{:?}", prepared(Channel::Sms, "+4512345678"));
        assert!(shown.contains("0b51d1f0"), "{shown}");
        assert!(!shown.contains("+45") && !shown.contains("aftale"), "{shown}");
    }

    #[test]
    fn a_prepared_message_survives_being_stored() {
        let message = prepared(Channel::Email, "a@b.example");
        let stored = serde_json::to_vec(&message).unwrap();
        assert_eq!(serde_json::from_slice::<Prepared>(&stored).unwrap(), message);
    }

    #[test]
    fn loopback_is_told_from_the_world() {
        let cases = [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("[::1]", true),
            ("::1", true),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("mail.example.com", false),
            ("", false),
        ];
        for (host, expected) in cases {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }

    #[tokio::test]
    async fn what_is_off_refuses_and_null_accepts() {
        for (channel, to) in [(Channel::Email, "a@b.example"), (Channel::Push, "fid"), (Channel::Sms, "+4512345678")] {
            let message = prepared(channel, to);
            assert!(!Senders::off().is_on(channel) && Senders::null().is_on(channel));
            assert_eq!(Senders::null().connect_timeout(channel), Duration::ZERO);
            assert_eq!(Senders::off().send(&message, now(), in_ms(50)).await, Outcome::Refused { code: "channel_off" });
            assert_eq!(Senders::null().send(&message, now(), in_ms(50)).await, Outcome::Accepted { reference: None });
        }
    }
}
