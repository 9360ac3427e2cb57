//! The capturing adapter: what would have left, kept in memory and, where a folder is given, as files a person can open.

use std::collections::VecDeque;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Channel, Outcome, Prepared};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};

/// One message that reached its phone or mailbox.
#[derive(Clone, Debug)]
pub struct Captured {
    /// What was asked for.
    pub message: Prepared,
    /// When it was sent, by the clock the sender was given.
    pub at: Instant,
    /// Exactly what would have left: the mail as text, the push as the JSON given to the provider, the SMS as JSON.
    pub raw: String,
}

/// A handle on everything captured; clones share it.
///
/// In a folder, mail lies as `mail/00001-<id>.eml` (numbered as it came), pushes and SMS as lines of `push.jsonl` and `sms.jsonl`.
/// Files are written where they are sent from: for the demo and trial runs, not for service.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    folder: Option<PathBuf>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Captured>,
    answers: VecDeque<Outcome>,
}

impl Capture {
    /// Kept in memory only.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Kept in memory and written under `folder`, which is made.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder.join("mail")).map_err(|cause| Error::internal(format!("folder for messages: {cause}")))?;
        Ok(Self { folder: Some(folder.to_owned()), state: Arc::default() })
    }

    pub(super) fn of_settings(folder: Option<&Path>) -> Result<Self> {
        folder.map_or_else(|| Ok(Self::in_memory()), Self::in_folder)
    }

    /// Everything that reached somebody since the start or the last [`Capture::clear`], in order.
    pub fn all(&self) -> Vec<Captured> {
        self.state().sent.clone()
    }

    /// What reached one address, phone or number, in order.
    pub fn to(&self, target: &str) -> Vec<Captured> {
        self.state().sent.iter().filter(|captured| captured.message.to == target).cloned().collect()
    }

    /// Forgets what is in memory; files stay.
    pub fn clear(&self) {
        self.state().sent.clear();
    }

    /// The next sending that has no answer yet ends like this instead of being accepted: a provider's bad day, for tests.
    /// What is accepted or unknown counts as arrived, anything else does not.
    pub fn answer_next(&self, outcome: Outcome) {
        self.state().answers.push_back(outcome);
    }

    pub(super) fn take(&self, message: &Prepared, now: Instant, raw: String) -> Outcome {
        let mut state = self.state();
        let outcome = state.answers.pop_front().unwrap_or(Outcome::Accepted { reference: None });
        if !matches!(outcome, Outcome::Accepted { .. } | Outcome::Unknown { .. }) {
            return outcome;
        }
        if let Some(folder) = &self.folder
            && write(folder, state.sent.len().saturating_add(1), message, &raw).is_err()
        {
            return Outcome::OurFault { code: "folder" };
        }
        state.sent.push(Captured { message: message.clone(), at: now, raw });
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(folder: &Path, number: usize, message: &Prepared, raw: &str) -> std::io::Result<()> {
    let append = |name: &str| {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(folder.join(name))?;
        file.write_all(format!("{raw}\n").as_bytes())
    };
    match message.channel {
        Channel::Email => fs::write(folder.join("mail").join(format!("{number:05}-{}.eml", message.id)), raw),
        Channel::Push => append("push.jsonl"),
        Channel::Sms => append("sms.jsonl"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{in_ms, now, prepared};
    use super::super::{FcmSettings, Senders, SmtpSettings};
    use super::*;

    #[tokio::test]
    async fn the_folder_holds_what_would_have_left() {
        let dir = tempfile::tempdir().unwrap();
        let capture = Capture::in_folder(dir.path()).unwrap();
        let senders = Senders::capturing(&capture, &SmtpSettings::default(), &FcmSettings::default()).unwrap();
        let mail = prepared(Channel::Email, "far@example.com");
        for message in [mail.clone(), mail, prepared(Channel::Push, "phone-1"), prepared(Channel::Sms, "+4512345678")] {
            assert_eq!(senders.send(&message, now(), in_ms(500)).await, Outcome::Accepted { reference: None });
        }
        assert_eq!(capture.all().len(), 4);
        let sms = capture.to("+4512345678");
        assert_eq!((sms.len(), sms[0].at), (1, now()));

        let mut mails: Vec<_> = fs::read_dir(dir.path().join("mail")).unwrap().map(|f| f.unwrap().path()).collect();
        mails.sort();
        let texts: Vec<_> = mails.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        assert_eq!(texts.len(), 2, "a repeat is a file of its own");
        assert_eq!(texts[0], texts[1], "a repeat is the same, byte for byte");
        let push: serde_json::Value = serde_json::from_str(&fs::read_to_string(dir.path().join("push.jsonl")).unwrap()).unwrap();
        assert_eq!(push["notification"]["title"], "Påmindelse");
        let sms: serde_json::Value = serde_json::from_str(&fs::read_to_string(dir.path().join("sms.jsonl")).unwrap()).unwrap();
        assert_eq!(sms["to"], "+4512345678");
    }

    #[tokio::test]
    async fn a_bad_day_can_be_ordered() {
        let capture = Capture::in_memory();
        let senders = Senders::capturing(&capture, &SmtpSettings::default(), &FcmSettings::default()).unwrap();
        let message = prepared(Channel::Push, "phone-1");
        capture.answer_next(Outcome::TargetGone);
        capture.answer_next(Outcome::Unknown { code: "timeout" });
        assert_eq!(senders.send(&message, now(), in_ms(500)).await, Outcome::TargetGone);
        assert_eq!(capture.all().len(), 0, "it never arrived");
        assert_eq!(senders.send(&message, now(), in_ms(500)).await, Outcome::Unknown { code: "timeout" });
        assert_eq!(capture.all().len(), 1, "it arrived, only the answer was lost");
        assert_eq!(senders.send(&message, now(), in_ms(500)).await, Outcome::Accepted { reference: None });
        capture.clear();
        assert_eq!(capture.all().len(), 0);
    }
}
