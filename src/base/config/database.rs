//! Which database, and how many may work on it at once.

use super::secret::SecretFile;
use super::server::is_loopback;
use super::settings::settings;
use super::source::Complaints;

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
    }
}

impl Database {
    /// Few readers; the address comes from the test.
    pub fn for_testing() -> Self {
        Self { pool_size: 2, ..Self::default() }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        check_url("database.url", &self.url, complaints);
        if let Some(file) = &self.password_file {
            file.check("database.password_file", complaints);
            if self.url.starts_with("sqlite:") {
                complaints.add("database.password_file", "SQLite has no password");
            }
        }
    }
}

/// Notes what is wrong with the address of a database; the same for the key store's.
pub fn check_url(setting: &str, url: &str, complaints: &mut Complaints) {
    if let Some(path) = url.strip_prefix("sqlite://") {
        if path.is_empty() || path.contains(['?', '#']) {
            complaints.add(setting, "must be sqlite:// and a path, nothing else");
        }
        return;
    }
    let Some(address) = Postgres::parse(url) else {
        return complaints.add(setting, "must begin with sqlite:// or postgres://, and postgres:// needs a host and a name");
    };
    if address.has_password {
        complaints.add(setting, "must hold no password; put it in a file and name that in database.password_file");
    }
    if address.is_near {
        return;
    }
    if !cfg!(feature = "pg-tls") {
        complaints
            .add(setting, "this build has no TLS to PostgreSQL, so it must be a socket or this machine (or build with --features pg-tls)");
    } else if !url.contains("sslmode=verify-full") {
        complaints.add(setting, "must say sslmode=verify-full, or the way to the database can be listened to");
    }
}

/// What matters of a PostgreSQL address.
struct Postgres {
    has_password: bool,
    /// A socket or this machine.
    is_near: bool,
}

impl Postgres {
    fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = address.split_once('/')?;
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let parameters: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let has = |key| parameters.iter().any(|(k, _)| *k == key);
        let named = parameters.iter().filter(|(key, _)| matches!(*key, "host" | "hostaddr")).map(|(_, host)| *host);
        let mut all_hosts = hosts.split(',').filter(|host| !host.is_empty()).chain(named);
        if name.is_empty() && !has("dbname") {
            return None;
        }
        let is_near = all_hosts.all(|host| host.starts_with('/') || host.to_lowercase().starts_with("%2f") || is_loopback(host));
        Some(Self { has_password: user.contains(':') || has("password"), is_near })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let near = "must be a socket or this machine";
        #[rustfmt::skip]
        let cases = [
            ("sqlite://makker.db", ""), ("sqlite:///var/lib/a.db", ""), ("sqlite://", "a path"), ("sqlite://a.db?mode=ro", "a path"),
            ("postgres://a@localhost/b", ""), ("postgres://a@127.0.0.1:5432/b", ""), ("postgresql://a@[::1]:5432/b", ""),
            ("postgres:///b?host=/run/postgresql", ""), ("postgres://%2Frun%2Fpostgresql/b", ""), ("postgres:///b", ""),
            ("postgres://a@db.example.org/b", near), ("postgres://localhost,db.example.org/b", near),
            ("postgres://localhost/b?host=db.example.org", near), ("postgres://localhost/b?hostaddr=10.0.0.1", near),
            ("postgres://a:secret@localhost/b", "no password"), ("postgres://localhost/b?password=secret", "no password"),
            ("postgres://localhost", "needs a host and a name"), ("mysql://localhost/b", "must begin with"), ("makker.db", "must begin with"),
        ];
        for (url, expected) in cases {
            let mut complaints = Complaints::default();
            check_url("database.url", url, &mut complaints);
            // With TLS built in, a far address lacks only its sslmode.
            let expected = if expected == near && cfg!(feature = "pg-tls") { "sslmode=verify-full" } else { expected };
            assert_eq!(complaints.sentences().len(), usize::from(!expected.is_empty()), "{url}: {complaints}");
            assert!(complaints.to_string().contains(expected) && !complaints.to_string().contains("secret"), "{url}: {complaints}");
        }
    }
}
