//! Where a demo lies: a folder of its own for the database, the keys and what was sent, and the settings that go with it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::base::chance;
use crate::base::config::{Server, SignIn, Tick};
use crate::base::db::DatabaseUrl;
use crate::base::error::{Error, Result};
use crate::config::Config;

/// Lies in every folder that a demo made: only such a one is taken again.
const MARK: &str = "makker-demo.txt";
const MARK_TEXT: &str = "A demonstration of makker made this folder. The next one in it deletes everything here and begins anew.\n";

/// The folder of a demo. A temporary one goes with this value.
pub struct Place {
    folder: PathBuf,
    is_temporary: bool,
    database_url: Option<String>,
}

impl Place {
    /// Makes the folder, or takes the one that is named: it must be missing, empty, or left by a demo.
    ///
    /// # Errors
    /// `Internal`, with words for the operator.
    pub fn make(named: Option<&Path>, database_url: Option<&str>) -> Result<Self> {
        let database_url = database_url.map(str::to_owned);
        if let Some(url) = &database_url
            && !matches!(url.parse(), Ok(DatabaseUrl::Postgres(_)))
        {
            return Err(Error::internal("--database-url takes a PostgreSQL address; an embedded database is made in --data"));
        }
        let (folder, is_temporary) = match named {
            Some(folder) => (folder.to_owned(), false),
            None => {
                let name = u64::from_be_bytes(chance::bytes());
                (std::env::temp_dir().join(format!("makker-demo-{name:016x}")), true)
            }
        };
        clear(&folder).and_then(|()| fs::write(folder.join(MARK), MARK_TEXT)).map_err(|cause| {
            let words = match cause.kind() {
                ErrorKind::DirectoryNotEmpty => "holds something that is not a demo's; name a new or an empty folder".to_owned(),
                _ => cause.to_string(),
            };
            Error::internal(format_args!("{}: {words}", folder.display()))
        })?;
        Ok(Self { folder, is_temporary, database_url })
    }

    /// Where what was sent lies.
    pub fn outbox(&self) -> PathBuf {
        self.folder.join("outbox")
    }

    /// The settings of a demo: the defaults of service, but for where it lies, cheap password hashes (a hundred sign-ins in a few
    /// seconds), no tick of its own (the clock stands) and a place to send a welfare report to. Neither file nor variable is read.
    pub fn config(&self, server: Server) -> Config {
        let mut config = Config {
            server,
            sign_in: SignIn { argon2_memory_kib: 64, argon2_passes: 1, ..SignIn::default() },
            tick: Tick { interval_s: 0, ..Tick::default() },
            ..Config::default()
        };
        let at = |name: &str| self.folder.join(name).to_string_lossy().into_owned();
        config.database.url = self.database_url.clone().unwrap_or_else(|| at("demo.db"));
        config.vault.key_file = self.folder.join("demo.key");
        config.vault.key_store_url = at("demo-keys.db");
        config.programme.welfare.address = "https://underretning.example".to_owned();
        config.programme.welfare.day_phone = "+45 70 10 00 01".to_owned();
        config.programme.welfare.night_phone = "+45 70 10 00 02".to_owned();
        config
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_temporary {
            // What is left is in the folder for such things, and says what it is.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Makes the folder, or empties one that a demo left behind.
fn clear(folder: &Path) -> std::io::Result<()> {
    match fs::read_dir(folder) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return fs::DirBuilder::new().recursive(true).mode(0o700).create(folder),
        Err(cause) => return Err(cause),
        Ok(mut inside) => {
            if inside.next().is_none() {
                return Ok(());
            }
        }
    }
    if !folder.join(MARK).is_file() {
        return Err(ErrorKind::DirectoryNotEmpty.into());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_left_is_ever_deleted() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        let make = |name: &str| Place::make(Some(&at(name)), None).map(|place| place.folder.clone()).map_err(|error| error.to_string());
        assert_eq!(make("new/inner").unwrap(), at("new/inner"));
        fs::write(at("new/inner/demo.db"), "x").unwrap();
        assert!(make("new/inner").is_ok() && !at("new/inner/demo.db").exists(), "its own is made anew");

        fs::create_dir(at("theirs")).unwrap();
        assert!(make("theirs").is_ok(), "an empty folder is nobody's");
        fs::remove_file(at("theirs").join(MARK)).unwrap();
        fs::write(at("theirs/makker.db"), "x").unwrap();
        assert!(make("theirs").unwrap_err().contains("not a demo's"));
        assert!(at("theirs/makker.db").exists());
        fs::write(at("file"), "x").unwrap();
        assert!(make("file").is_err());
    }

    #[test]
    fn a_temporary_folder_goes_and_a_named_one_stays() {
        let place = Place::make(None, None).unwrap();
        let folder = place.folder.clone();
        assert!(folder.join(MARK).exists());
        drop(place);
        assert!(!folder.exists());
        assert!(Place::make(None, Some("sqlite://x.db")).is_err());
    }
}
