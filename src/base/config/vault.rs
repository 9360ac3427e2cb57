//! Where the keys lie: the key-encryption key in a file, the data keys it wraps in a store apart from the database.

use std::path::{Path, PathBuf};

use super::database::{check_address, with_password};
use super::secret::SecretFile;
use super::settings::settings;
use super::source::Complaints;
use crate::base::db::DatabaseUrl;
use crate::base::vault::VaultSettings;

settings! {
    /// Where the keys lie that names and texts are sealed under. Without them the database cannot be read: back up both, but
    /// never together, and keep backups of the key store at most 30 days, for that is how long an erasure takes to reach them.
    pub struct Vault {
        /// The file with the key-encryption key: 32 random bytes as hex or base64, readable by its owner only. Made (0600) with a
        /// new database, and only then. Keep a copy in a safe: without it nothing sealed can ever be read again.
        key_file: PathBuf = "makker.key".into();
        /// The key store: an SQLite file of its own, or a PostgreSQL database of its own; never the one of database.url.
        key_store_url: String = "sqlite://makker-keys.db".into();
        /// File with the key store's password for PostgreSQL. A password in the address is refused.
        key_store_password_file: Option<SecretFile> = None;
    }
}

impl Vault {
    /// How to unlock it, the key store's password read from its file.
    ///
    /// # Errors
    /// In words for the operator: not an address, or no password to be had.
    pub fn settings(&self) -> Result<VaultSettings, String> {
        let key_store = with_password(&self.key_store_url, self.key_store_password_file.as_ref())?;
        Ok(VaultSettings { key_file: self.key_file.clone(), key_store })
    }

    /// Notes what contradicts itself or the database's address.
    pub fn check(&self, database_url: &str, complaints: &mut Complaints) {
        let file = ("vault.key_store_password_file", self.key_store_password_file.as_ref());
        check_address(("vault.key_store_url", &self.key_store_url), file, complaints);
        let (keys, database) = (place_of(&self.key_store_url), place_of(database_url));
        if keys == database {
            let why = "must not be the database of database.url: an erased person's key would come back with its backups";
            complaints.add("vault.key_store_url", why);
        }
        if [keys, database].contains(&absolute(&self.key_file)) {
            complaints.add("vault.key_file", "must be a file of its own");
        }
    }
}

/// Two addresses of one database have one place: the path of a file, or host and name without user and parameters.
fn place_of(url: &str) -> String {
    match url.parse() {
        Ok(DatabaseUrl::Sqlite(path)) => absolute(&path),
        Ok(DatabaseUrl::Postgres(url)) => {
            let host = url.split(['?', '&']).skip(1).find(|parameter| parameter.starts_with("host=")).unwrap_or_default();
            format!("{}{host}", DatabaseUrl::Postgres(url.clone())).replacen(":5432/", "/", 1)
        }
        Err(_) => url.to_owned(),
    }
}

fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // The same file by another way (a link, `..`) where it exists already, else in the same folder.
    let real = path.canonicalize().ok().or_else(|| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?)));
    real.unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_apart() {
        #[rustfmt::skip]
        let cases = [
            ("sqlite://a.db", "sqlite://keys.db", "k", 0),
            ("sqlite://a.db", "sqlite://a.db", "k", 1),
            ("sqlite://a.db", "sqlite://./a.db", "k", 1),
            ("sqlite://a.db", "sqlite://keys.db", "a.db", 1),
            ("sqlite://a.db", "sqlite://keys.db", "./keys.db", 1),
            ("sqlite://a.db", "a.db", "k", 1),
            ("sqlite://a.db", "mysql://keys", "k", 1),
            ("postgres://a@localhost/b", "postgres://a@localhost/keys", "k", 0),
            ("postgres://a@localhost/b", "postgres://keys@localhost:5432/b?connect_timeout=1", "k", 1),
            ("postgres:///b?host=/run", "postgres:///b?host=/other", "k", 0),
        ];
        let judge = |database: &str, key_store: &str, key_file: &str, wrong: usize| {
            let mut complaints = Complaints::default();
            Vault { key_file: key_file.into(), key_store_url: key_store.into(), key_store_password_file: None }
                .check(database, &mut complaints);
            assert_eq!(complaints.sentences().len(), wrong, "{database} {key_store} {key_file}: {complaints}");
        };
        for (database, key_store, key_file, wrong) in cases {
            judge(database, key_store, key_file, wrong);
        }
        // A folder by two names, with nothing in it yet.
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::os::unix::fs::symlink(folder.path(), at("link")).unwrap();
        judge(&at("a.db"), &at("link/a.db"), "k", 1);
        judge(&at("a.db"), &at("link/b.db"), "k", 0);
        judge(&at("a.db"), &at("b.db"), &at("link/b.db"), 1);
    }
}
