//! Which database, and how many may work on it at once.

use zeroize::Zeroizing;

use super::secret::SecretFile;
use super::settings::settings;
use super::source::Complaints;
use crate::base::db::{self, DatabaseUrl};

settings! {
    /// Which database, and how many may work on it at once. One municipality, one database.
    pub struct Database {
        /// sqlite://path (from the working directory; sqlite:///path from the root) or postgres://user@host/name. A PostgreSQL
        /// address beyond a socket or this machine needs a build with the feature pg-tls and sslmode=verify-full.
        url: String = "sqlite://makker.db".into();
        /// File with the password for PostgreSQL. A password in the address is refused.
        password_file: Option<SecretFile> = None;
        /// Connections that read at once; on PostgreSQL all connections.
        pool_size: u32 = 4, in 1..=64;
        /// How many may wait for a connection before more are answered 503.
        queue: u32 = 1024, in 1..=65536;
        /// Megabytes that must be free where an SQLite database and an SQLite key store lie; below that /readyz says no and
        /// no message is sent. 0 asks for none.
        free_mb: u32 = 64, in 0..=1_048_576;
    }
}

impl Database {
    /// Few readers; the address comes from the test.
    pub fn for_testing() -> Self {
        Self { pool_size: 2, ..Self::default() }
    }

    /// How to open it, the password read from its file.
    ///
    /// # Errors
    /// In words for the operator: not an address, or no password to be had.
    pub fn settings(&self, create: bool) -> Result<db::Settings, String> {
        let url = with_password(&self.url, self.password_file.as_ref())?;
        let whole = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(db::Settings { create, connections: whole(self.pool_size), queue: whole(self.queue), ..db::Settings::new(url) })
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        check_address(("database.url", &self.url), ("database.password_file", self.password_file.as_ref()), complaints);
    }
}

/// Notes what is wrong with the address of a database and with the file of its password, each with the name of its setting.
pub fn check_address((setting, url): (&str, &str), (file_setting, file): (&str, Option<&SecretFile>), complaints: &mut Complaints) {
    match url.parse() {
        Err(wrong) => complaints.add(setting, wrong),
        Ok(DatabaseUrl::Sqlite(_)) if file.is_some() => complaints.add(file_setting, "SQLite has no password"),
        Ok(DatabaseUrl::Sqlite(_)) => {}
        Ok(DatabaseUrl::Postgres(url)) => {
            if let Err(wrong) = db::check_server(&url, cfg!(feature = "pg-tls")) {
                complaints.add(setting, wrong);
            }
            if holds_password(&url) {
                complaints.add(setting, format_args!("must hold no password; put it into a file and name that in {file_setting}"));
            }
        }
    }
    if let Some(file) = file {
        file.check(file_setting, complaints);
    }
}

/// `user:password@` before the host, or a parameter.
fn holds_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let before_path = rest.split('/').next().unwrap_or_default();
    let in_user = before_path.split_once('@').is_some_and(|(user, _)| user.contains(':'));
    in_user || url.split(['?', '&']).skip(1).any(|parameter| parameter.starts_with("password="))
}

/// The address with the password of the file as a parameter, as libpq reads it.
pub fn with_password(url: &str, file: Option<&SecretFile>) -> Result<DatabaseUrl, String> {
    let address = url.parse::<DatabaseUrl>()?;
    let (DatabaseUrl::Postgres(url), Some(file)) = (&address, file) else { return Ok(address) };
    let mut whole = Zeroizing::new(format!("{url}{}password=", if url.contains('?') { '&' } else { '?' }));
    for byte in file.read()?.bytes() {
        // Every byte as an escape: nothing in a password can end the parameter.
        whole.push_str(&format!("%{byte:02x}"));
    }
    Ok(DatabaseUrl::Postgres(whole.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let near = "use a socket or loopback";
        let password = "must hold no password; put it into a file and name that in database.password_file";
        #[rustfmt::skip]
        let cases = [
            ("sqlite://makker.db", ""), ("sqlite:///var/lib/a.db", ""), ("sqlite://", "is empty"), ("mysql://localhost/b", "are databases"),
            ("postgres://a@localhost/b", ""), ("postgresql://a@[::1]:5432/b", ""), ("postgres:///b?host=/run/postgresql", ""),
            ("postgres://a@db.example.org/b", near), ("postgres://localhost/b?host=db.example.org", near),
            ("postgres://a:secret@localhost/b", password), ("postgres://localhost/b?sslmode=disable&password=secret", password),
        ];
        for (url, expected) in cases {
            let mut complaints = Complaints::default();
            check_address(("database.url", url), ("database.password_file", None), &mut complaints);
            // With TLS built in, a far address lacks only its sslmode.
            let expected = if expected == near && cfg!(feature = "pg-tls") { "sslmode=verify-full" } else { expected };
            assert_eq!(complaints.sentences().len(), usize::from(!expected.is_empty()), "{url}: {complaints}");
            assert!(complaints.to_string().contains(expected) && !complaints.to_string().contains("secret"), "{url}: {complaints}");
        }
    }

    #[test]
    fn a_password_cannot_leave_its_parameter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "a&b=ø\n").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let file = SecretFile::new(path);
        #[rustfmt::skip]
        let cases = [
            ("postgres://u@localhost/b", "postgres://u@localhost/b?password=%61%26%62%3d%c3%b8"),
            ("postgres://u@localhost/b?port=1", "postgres://u@localhost/b?port=1&password=%61%26%62%3d%c3%b8"),
        ];
        for (url, whole) in cases {
            assert_eq!(with_password(url, Some(&file)), Ok(DatabaseUrl::Postgres(whole.into())));
        }
        let settings = Database { url: cases[0].0.into(), password_file: Some(file), ..Database::default() }.settings(false).unwrap();
        assert_eq!(settings.url.to_string(), "postgres://localhost/b", "never shown");
    }
}
