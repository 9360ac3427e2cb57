//! A secret that lies in a file of its own, readable by its owner alone.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::source::Complaints;
use super::value::Value;

/// A larger file is not a password or key but a mistake in the path.
const LARGEST: u64 = 64 * 1024;

/// The path of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile(PathBuf);

impl SecretFile {
    /// The secret at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The secret: one line of text. The line ends behind it that an editor leaves are taken off, and nothing else.
    ///
    /// # Errors
    /// As [`Self::read_document`]; and where it holds what nobody meant: a line end or another control character inside, or white space at its
    /// beginning or end.
    pub fn read(&self) -> Result<Zeroizing<String>, String> {
        let mut text = self.read_document()?;
        let bare = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(bare);
        fault(&text).map_or(Ok(text), |fault| Err(format!("{} {fault}", self.0.display())))
    }

    /// A secret that is a document of several lines, such as a service account's, as it stands.
    ///
    /// # Errors
    /// In words for the operator: not there, no file, readable by others, empty, too large, not text, or with a mark of byte order.
    pub fn read_document(&self) -> Result<Zeroizing<String>, String> {
        let path = self.0.display();
        let unreadable = |error: std::io::Error| format!("{path} cannot be read: {error}");
        // Before it is opened: to open a pipe is to wait for its other end.
        if !std::fs::metadata(&self.0).map_err(unreadable)?.is_file() {
            return Err(format!("{path} is not a file"));
        }
        let file = File::open(&self.0).map_err(unreadable)?;
        let facts = file.metadata().map_err(unreadable)?;
        if facts.permissions().mode() & 0o077 != 0 {
            return Err(format!("{path} is open to others than its owner; close it with: chmod 600 {path}"));
        }
        if facts.len() > LARGEST {
            return Err(format!("{path} is too large for a secret"));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
        if text.starts_with('\u{feff}') {
            return Err(format!("{path} begins with a byte order mark: save it as UTF-8 without one"));
        }
        if text.is_empty() { Err(format!("{path} is empty")) } else { Ok(text) }
    }

    /// Notes what is wrong with the file, so that it is told before it is needed.
    pub fn check(&self, setting: &str, complaints: &mut Complaints) {
        if let Err(wrong) = self.read() {
            complaints.add(setting, wrong);
        }
    }

    /// As [`Self::check`], of a document.
    pub fn check_document(&self, setting: &str, complaints: &mut Complaints) {
        if let Err(wrong) = self.read_document() {
            complaints.add(setting, wrong);
        }
    }
}

/// What is wrong with a secret of one line.
fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty")
    } else if text.contains(['\r', '\n']) {
        Some("has more than one line")
    } else if text.contains(char::is_control) {
        Some("holds a control character")
    } else if text.trim() != text {
        Some("begins or ends with white space")
    } else {
        None
    }
}

impl Value for SecretFile {
    fn expected() -> String {
        "the path of a file".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        PathBuf::from_text(text).map(Self)
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        PathBuf::from_toml(value).map(Self)
    }
    fn to_toml(&self) -> toml::Value {
        self.0.to_toml()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};

    #[test]
    fn a_secret_is_read_only_from_a_closed_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let read = |content: &str, mode| {
            write(&path, content).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            SecretFile::new(&path).read().map(|secret| secret.to_string()).map_err(|wrong| wrong.replace(path.to_str().unwrap(), "it"))
        };
        assert_eq!(read("hunter2\r\n", 0o600), Ok("hunter2".into()));
        assert_eq!(read("hunter2", 0o400), Ok("hunter2".into()));
        let open = Err("it is open to others than its owner; close it with: chmod 600 it".into());
        for mode in [0o604, 0o640, 0o620, 0o601] {
            set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            assert_eq!(read("hunter2", mode), open, "{mode:o}");
        }
        assert_eq!(read("two words\n\n", 0o600), Ok("two words".into()));
        #[rustfmt::skip]
        let faults = [
            ("", "it is empty"), ("\n", "it is empty"), ("\u{feff}hunter2", "it begins with a byte order mark: save it as UTF-8 without one"),
            ("hunter2\nhunter3\n", "it has more than one line"), ("\nhunter2", "it has more than one line"),
            ("hunter\0", "it holds a control character"), ("hunter\t2", "it holds a control character"),
            (" hunter2", "it begins or ends with white space"), ("hunter2 \n", "it begins or ends with white space"),
        ];
        for (text, fault) in faults {
            assert_eq!(read(text, 0o600), Err(fault.into()), "{text:?}");
        }
        assert_eq!(read("{\n}\n", 0o600), Err("it has more than one line".into()));
        assert_eq!(SecretFile::new(&path).read_document().unwrap().as_str(), "{\n}\n", "a document has lines");
        // A pipe that nobody writes to is not waited for.
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(SecretFile::new(&pipe).read(), Err(format!("{} is not a file", pipe.display())));
        assert_eq!(SecretFile::new(folder.path()).read(), Err(format!("{} is not a file", folder.path().display())));
        let missing = SecretFile::new("/nowhere/password").read().unwrap_err();
        assert!(missing.starts_with("/nowhere/password cannot be read: "), "{missing}");
    }
}
