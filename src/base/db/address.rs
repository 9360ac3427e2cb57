//! Where the database is, read from one setting; and which servers it is safe to speak to.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Engine;

/// `postgres://…`, `postgresql://…`, `sqlite://path`, or the bare path of an SQLite file.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file of an SQLite database.
    Sqlite(PathBuf),
    /// A connection URI as libpq reads it; may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// Which engine it leads to.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

/// The folder that a file lies in.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl std::str::FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite://").unwrap_or(text);
        if path.is_empty() {
            Err("the database's address is empty")
        } else if path.contains("://") {
            Err("only postgres://, postgresql://, sqlite:// and bare paths are databases")
        } else if path.starts_with(':') || path.starts_with("file:") || path.contains(['?', '\0']) {
            Err("the SQLite database must be a plain path: neither in memory nor a file: URI, and without parameters")
        } else {
            Ok(Self::Sqlite(PathBuf::from(path)))
        }
    }
}

/// Without user, password and parameters: fit for a log.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                // Up to the last @, more than libpq takes for credentials: a password with a stray slash in it stays hidden too.
                let shown = url.split('?').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
                write!(f, "postgres://{}", shown.split_once("://").map_or(shown, |(_, rest)| rest))
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The host list, what follows it (`/database?…`), and the parameters, split exactly as libpq splits them.
fn parts(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // libpq looks for `@` before the first `/`; with credentials, they end at the first `@` that follows.
    let after_credentials = match rest.find(['@', '/']) {
        Some(at) if rest.get(at..).is_some_and(|tail| tail.starts_with('@')) => rest.get(at + 1..).unwrap_or_default(),
        _ => rest,
    };
    let (hosts, tail) = after_credentials.split_at(after_credentials.find(['/', '?']).unwrap_or(after_credentials.len()));
    (hosts, tail, tail.split_once('?').map_or("", |(_, parameters)| parameters))
}

/// The parameters that may stand in the address. `service`, `ssl` and `requiressl` are absent: they overrule the ones we judge by.
const PARAMETERS: [&str; 15] = [
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "passfile",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "options",
    "application_name",
    "connect_timeout",
    "channel_binding",
];

/// Refuses a PostgreSQL server whose traffic others could read.
///
/// A socket or a loopback address is safe. Anything else needs a build with TLS (feature `pg-tls`) and `sslmode=verify-full`:
/// libpq without TLS, and libpq under `prefer`, silently speak in the clear.
pub fn check_server(url: &str, build_has_tls: bool) -> Result<(), &'static str> {
    let (hosts, _, parameters) = parts(url);
    let mut local = hosts.split(',').all(|host| is_local(host_of(host)));
    let (mut modes, mut verified) = (0, 0);
    for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or("a parameter of the database's address has no value")?;
        let (name, value) = (decoded(name)?, decoded(value)?);
        if !PARAMETERS.contains(&name.as_str()) {
            return Err("a parameter of the database's address is not allowed");
        }
        match name.as_str() {
            "host" | "hostaddr" => local &= value.split(',').all(is_local),
            "sslmode" => {
                modes += 1;
                verified += usize::from(value == "verify-full");
            }
            _ => {}
        }
    }
    if local {
        Ok(())
    } else if !build_has_tls {
        Err("this build has no TLS to PostgreSQL: use a socket or loopback, or build with --features pg-tls")
    } else if modes == 0 || verified != modes {
        Err("a PostgreSQL server beyond a socket or loopback needs sslmode=verify-full")
    } else {
        Ok(())
    }
}

/// A host without its port; brackets of IPv6 taken off.
fn host_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Socket (a directory, or nothing: libpq's default), `localhost`, or an address of the loopback.
fn is_local(host: &str) -> bool {
    let Ok(host) = decoded(host) else { return false };
    let loopback = || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    host.is_empty() || host.starts_with('/') || host == "localhost" || loopback()
}

fn decoded(text: &str) -> Result<String, &'static str> {
    const BROKEN: &str = "the database's address has a broken % escape";
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' {
            let digits = [bytes.next().ok_or(BROKEN)?, bytes.next().ok_or(BROKEN)?];
            let digits = std::str::from_utf8(&digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit())).ok_or(BROKEN)?;
            u8::from_str_radix(digits, 16).map_err(|_| BROKEN)?
        } else {
            byte
        });
    }
    String::from_utf8(out).map_err(|_| BROKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_secrets() {
        let shown = |text: &str| text.parse::<DatabaseUrl>().map(|url| url.to_string());
        assert_eq!(shown("makker.db"), Ok("sqlite://makker.db".into()));
        assert_eq!(shown("sqlite:///var/lib/makker.db"), Ok("sqlite:///var/lib/makker.db".into()));
        assert_eq!(shown("postgres://u:secret@localhost:5432/makker?password=x"), Ok("postgres://localhost:5432/makker".into()));
        assert_eq!(shown("postgresql://u:pa/s@h/d"), Ok("postgres://h/d".into()));
        for bad in
            ["", "sqlite://", ":memory:", "sqlite://:memory:", "file:x.db?mode=ro", "sqlite://x.db?mode=ro", "x.db?", "mysql://h/d", "a\0b"]
        {
            assert!(shown(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_a_socket_or_loopback_goes_without_tls() {
        #[rustfmt::skip]
        let cases = [
            // address, allowed without TLS in the build, allowed with it
            ("postgres:///makker", true, true),
            ("postgres://localhost/makker", true, true),
            ("postgres://u:p@127.0.0.1:5432/makker", true, true),
            ("postgres://127.9.9.9/makker", true, true),
            ("postgres://[::1]:5432/makker", true, true),
            ("postgres://%2Fvar%2Frun%2Fpostgresql/makker", true, true),
            ("postgres:///makker?host=/var/run/postgresql", true, true),
            ("postgres:///makker?host=%2Ftmp%2Fx&port=1", true, true),
            ("postgres://localhost/makker?sslmode=disable", true, true),
            ("postgres://db.kommune.dk/makker", false, false),
            ("postgres://db.kommune.dk/makker?sslmode=prefer", false, false),
            ("postgres://db.kommune.dk/makker?sslmode=require", false, false),
            ("postgres://db.kommune.dk/makker?sslmode=verify-ca", false, false),
            ("postgres://db.kommune.dk/makker?sslmode=verify-full", false, true),
            ("postgres://10.0.0.7/makker?sslmode=verify-full&sslrootcert=/etc/ca.pem", false, true),
            // the later one wins in libpq, whatever it is
            ("postgres://db/makker?sslmode=verify-full&sslmode=disable", false, false),
            ("postgres://db/makker?sslmode=disable&sslmode=verify-full", false, false),
            ("postgres://db/makker?sslmode=verify-full&ssl=true", false, false),
            ("postgres://db/makker?sslmode=verify-full&requiressl=1", false, false),
            ("postgres://db/makker?sslmode=verify-full&%73sl=true", false, false),
            // one host of a list, or one given apart, is enough to leave the house
            ("postgres://localhost,db.kommune.dk/makker", false, false),
            ("postgres://localhost:1,[::1]:2/makker", true, true),
            ("postgres://localhost/makker?hostaddr=10.0.0.7", false, false),
            ("postgres://localhost/makker?host=db.kommune.dk", false, false),
            ("postgres:///makker?host=/tmp,db.kommune.dk", false, false),
            ("postgres:///makker?service=elsewhere", false, false),
            // the credentials end at the first @, as libpq has it
            ("postgres://localhost@db.kommune.dk/makker", false, false),
            ("postgres://u:127.0.0.1@db.kommune.dk/makker", false, false),
            ("postgres://localhost.evil.dk/makker", false, false),
            ("postgres://127.0.0.1.evil.dk/makker", false, false),
            ("postgres://local%68ost/makker", true, true),
            ("postgres://local%zzhost/makker", false, false),
        ];
        for (url, plain, tls) in cases {
            assert_eq!(check_server(url, false).is_ok(), plain, "{url} without TLS in the build");
            assert_eq!(check_server(url, true).is_ok(), tls, "{url} with TLS in the build");
        }
    }
}
