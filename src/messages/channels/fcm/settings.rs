//! The `[fcm]` settings.

use std::path::PathBuf;

use super::super::{Mode, check_folder, web};
use crate::base::config::{Complaints, SecretFile, choice, settings};

settings! {
    /// Push, by Firebase Cloud Messaging. Whoever reads a phone's notifications sees the keys: they name neither programme nor purpose.
    pub struct FcmSettings {
        /// "live", "off", "folder" (written there, not sent) or "null" (accepted and forgotten, for benchmarks).
        mode: Mode = Mode::Off;
        /// Where mode folder writes.
        folder: Option<PathBuf> = None;
        /// The service account's JSON file, as Firebase hands it out.
        service_account_file: Option<SecretFile> = None;
        /// The Firebase project; without one the service account's.
        project_id: Option<String> = None;
        /// Firebase's address; another one only for trials.
        base_url: String = "https://fcm.googleapis.com".into();
        /// What the app registers with: "fid" (its installation id) or "token" (a registration token, deprecated by Firebase; for an
        /// app whose library knows nothing else yet). An app uses one or the other.
        target_member: TargetMember = TargetMember::Fid;
        /// The key of the message's id in the data.
        id_key: String = "id".into();
        /// The key of the link in the data.
        link_key: String = "link".into();
        /// The app's Android notification channel; without one the app decides.
        android_channel: Option<String> = None;
        /// "high" (wakes a sleeping phone) or "normal" (waits until it wakes).
        priority: Priority = Priority::High;
        /// Seconds to wait for a connection; a push is begun only while there is time for that and for an answer (tick.lease_s).
        connect_timeout_s: u32 = 5, in 1..=60;
    }
}

choice! {
    /// The member of Firebase's `message` that names the phone.
    pub enum TargetMember {
        /// The app's Firebase installation id: what apps register with since 2026.
        Fid = "fid",
        /// A registration token, deprecated by Firebase.
        Token = "token",
    }
}

choice! {
    /// Whether a sleeping phone is woken.
    pub enum Priority {
        /// At once.
        High = "high",
        /// When the phone wakes anyway.
        Normal = "normal",
    }
}

impl TargetMember {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fid => "fid",
            Self::Token => "token",
        }
    }
}

impl FcmSettings {
    /// Notes what contradicts itself or is missing.
    pub fn check(&self, complaints: &mut Complaints) {
        check_folder("fcm", self.mode, self.folder.as_deref(), complaints);
        web::check_url("fcm.base_url", &self.base_url, complaints);
        let mut complain = |wrong: bool, setting: &str, what: &str| {
            if wrong {
                complaints.add(format_args!("fcm.{setting}"), what);
            }
        };
        complain(!is_key(&self.id_key), "id_key", "is not a key that Firebase allows");
        complain(!is_key(&self.link_key), "link_key", "is not a key that Firebase allows");
        complain(self.id_key == self.link_key, "link_key", "must differ from fcm.id_key");
        complain(self.project_id.as_deref().is_some_and(|id| !is_project_id(id)), "project_id", "is not a project's id");
        complain(self.mode == Mode::Live && self.service_account_file.is_none(), "service_account_file", "is missing");
        if let Some(file) = &self.service_account_file {
            file.check_document("fcm.service_account_file", complaints);
        }
    }

    /// What a recipient can see, by setting: no forbidden word may be in it.
    pub fn visible(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![("fcm.id_key", self.id_key.as_str()), ("fcm.link_key", self.link_key.as_str())];
        all.extend(self.android_channel.as_deref().map(|channel| ("fcm.android_channel", channel)));
        all
    }
}

pub(super) fn is_project_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:_".contains(&b)) && !id.contains("..")
}

/// Firebase keeps some keys of the data for itself.
fn is_key(key: &str) -> bool {
    let plain = !key.is_empty() && key.len() <= 32 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let taken =
        ["from", "message_type", "collapse_key", "notification"].contains(&key) || key.starts_with("google") || key.starts_with("gcm");
    plain && !taken
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{complaints_of, secret};
    use super::*;

    #[test]
    fn contradictions_are_refused_by_name() {
        type Change = fn(&mut FcmSettings);
        let cases: [(Change, &[&str]); 12] = [
            (|_| {}, &[]),
            (|s| *s = FcmSettings::default(), &[]),
            (|s| s.mode = Mode::Folder, &["fcm.folder"]),
            (|s| s.base_url = "http://127.0.0.1:9".into(), &[]),
            (|s| s.base_url = "http://fcm.example".into(), &["fcm.base_url"]),
            (|s| s.service_account_file = None, &["fcm.service_account_file"]),
            (|s| s.service_account_file = Some(SecretFile::new("nowhere")), &["fcm.service_account_file"]),
            (|s| s.id_key = "from".into(), &["fcm.id_key"]),
            (|s| s.id_key = "gcm_id".into(), &["fcm.id_key"]),
            (|s| s.link_key = "a link".into(), &["fcm.link_key"]),
            (|s| s.link_key = "id".into(), &["fcm.link_key"]),
            (|s| s.project_id = Some("a/../b".into()), &["fcm.project_id"]),
        ];
        let dir = tempfile::tempdir().unwrap();
        let usable = FcmSettings { mode: Mode::Live, service_account_file: Some(secret(dir.path(), "{}")), ..FcmSettings::default() };
        for (index, (change, expected)) in cases.into_iter().enumerate() {
            let mut settings = usable.clone();
            change(&mut settings);
            assert_eq!(complaints_of(|complaints| settings.check(complaints)), expected, "case {index}");
        }
    }
}
