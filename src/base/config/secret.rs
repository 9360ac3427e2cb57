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

    /// The secret, without the line end an editor leaves.
    ///
    /// # Errors
    /// In words for the operator: not there, readable by others, empty, too large or not text.
    pub fn read(&self) -> Result<Zeroizing<String>, String> {
        let path = self.0.display();
        let file = File::open(&self.0).map_err(|error| format!("{path} cannot be read: {error}"))?;
        let facts = file.metadata().map_err(|error| format!("{path} cannot be read: {error}"))?;
        if !facts.is_file() {
            return Err(format!("{path} is not a file"));
        }
        if facts.permissions().mode() & 0o077 != 0 {
            return Err(format!("{path} is open to others than its owner; close it with: chmod 600 {path}"));
        }
        if facts.len() > LARGEST {
            return Err(format!("{path} is too large for a secret"));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LARGEST).read_to_string(&mut text).map_err(|error| format!("{path} cannot be read: {error}"))?;
        let bare = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(bare);
        if text.is_empty() { Err(format!("{path} is empty")) } else { Ok(text) }
    }

    /// Notes what is wrong with the file, so that it is told before it is needed.
    pub fn check(&self, setting: &str, complaints: &mut Complaints) {
        if let Err(wrong) = self.read() {
            complaints.add(setting, wrong);
        }
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
        assert_eq!(read("\n", 0o600), Err("it is empty".into()));
        assert_eq!(SecretFile::new(folder.path()).read(), Err(format!("{} is not a file", folder.path().display())));
        let missing = SecretFile::new("/nowhere/password").read().unwrap_err();
        assert!(missing.starts_with("/nowhere/password cannot be read: "), "{missing}");
    }
}
