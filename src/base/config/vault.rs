//! Where the keys lie: the key-encryption key in a file, the data keys it wraps in a store apart from the database.

use std::path::{Path, PathBuf};

use super::database::check_url;
use super::settings::settings;
use super::source::Complaints;

settings! {
    /// Where the keys lie that names and texts are sealed under. Without them the database cannot be read: back up both, but
    /// never together, and keep backups of the key store at most 30 days, for that is how long an erasure takes to reach them.
    pub struct Vault {
        /// File of the key-encryption key; made (0600) together with a new database, and only then.
        key_file: PathBuf = "makker.key".into();
        /// Database of the data keys, sqlite://path or postgres://user@host/name; never the same as database.url.
        key_store: String = "sqlite://makker-keys.db".into();
    }
}

impl Vault {
    /// Notes what contradicts itself or the database's address.
    pub fn check(&self, database_url: &str, complaints: &mut Complaints) {
        check_url("vault.key_store", &self.key_store, complaints);
        if place_of(&self.key_store) == place_of(database_url) {
            complaints
                .add("vault.key_store", "must not be the database of database.url: an erased person's key would return with its backups");
        }
        if [database_url, &self.key_store].iter().any(|url| place_of(url) == absolute(&self.key_file)) {
            complaints.add("vault.key_file", "must be a file of its own");
        }
    }
}

/// Two addresses of one database have one place: the path of a file, or host and name without user and parameters.
fn place_of(url: &str) -> String {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return absolute(Path::new(path));
    }
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let address = address.rsplit_once('@').map_or(address, |(_, host)| host);
    let host = query.split('&').find_map(|pair| pair.strip_prefix("host=")).unwrap_or_default();
    format!("{}{}", host, address.replacen(":5432/", "/", 1))
}

fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // The same file by another way (a link, `..`) where it exists already.
    path.canonicalize().unwrap_or(path).to_string_lossy().into_owned()
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
            ("sqlite://a.db", "keys.db", "k", 1),
            ("postgres://a@localhost/b", "postgres://a@localhost/keys", "k", 0),
            ("postgres://a@localhost/b", "postgres://keys@localhost:5432/b?connect_timeout=1", "k", 1),
            ("postgres:///b?host=/run", "postgres:///b?host=/other", "k", 0),
        ];
        for (database, key_store, key_file, wrong) in cases {
            let mut complaints = Complaints::default();
            Vault { key_file: key_file.into(), key_store: key_store.into() }.check(database, &mut complaints);
            assert_eq!(complaints.sentences().len(), wrong, "{database} {key_store} {key_file}: {complaints}");
        }
    }
}
