//! Opening a connection: the right engine, in the state that everything above relies on, each setting read back.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};

use super::failure::READ_ONLY;
use super::owed::Owed;
use super::transaction::{HELD, in_turn};
use super::{DatabaseUrl, Db, check_server};
use crate::base::error::{Error, Result};

/// How long PostgreSQL works at a statement before it ends it (`statement_timeout`).
pub(super) const STATEMENT_MOST: Duration = Duration::from_secs(30);

/// How long a statement on SQLite waits for another process, in milliseconds.
pub(super) const BUSY_MS: &str = "5000";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes; a missing SQLite file is made when `create` says so.
    Write {
        /// Make a missing SQLite file (readable by its owner alone).
        create: bool,
    },
    /// Reads only: SQLite refuses anything else on it.
    Read,
}

/// Opens a connection.
///
/// # Errors
/// `Internal`, with words for the operator, when the database is missing, too old, unsafe to speak to or not as it must be; `Unavailable` when
/// another process holds an SQLite file for itself and does not let go of it, or a server lets nobody write: a standby, or one that was told to rest.
pub fn connect(url: &DatabaseUrl, access: Access) -> Result<Db> {
    connect_owing(url, access, &Owed::default())
}

/// As [`connect`], and `owed` says meanwhile and from then on how long a server owes it an answer.
pub(super) fn connect_owing(url: &DatabaseUrl, access: Access, owed: &Owed) -> Result<Db> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite(path, access).map(Db::Sqlite),
        DatabaseUrl::Postgres(url) => postgres(url, owed).map(Db::Postgres),
    }
}

fn sqlite(path: &Path, access: Access) -> Result<SqliteConnection> {
    let shown = path.display();
    if !path.exists() {
        if access != (Access::Write { create: true }) {
            return Err(Error::Internal(format!("the database {shown} does not exist")));
        }
        make_private(path).map_err(|error| Error::Internal(format!("the database {shown} cannot be made: {error}")))?;
    }
    let name = path.to_str().ok_or_else(|| Error::internal("the database's path is not UTF-8"))?;
    let mut c =
        SqliteConnection::establish(name).map_err(|error| Error::Internal(format!("the database {shown} cannot be opened: {error}")))?;
    // Whoever makes the file what it must be, closes it as the last or recovers it has it alone for a moment; so has who copies it by a lock.
    match in_turn(|| check_version(&mut c).and_then(|()| settle(&mut c, access))) {
        Ok(()) => Ok(c),
        Err(Error::RunAgain) => Err(Error::Unavailable(HELD)),
        Err(error) => Err(error),
    }
}

/// Any statement reads the file's schema, and so may find it held.
fn check_version(c: &mut SqliteConnection) -> Result<()> {
    let version = diesel::select(sql::<Text>("sqlite_version()")).get_result::<String>(c)?;
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if numbers < vec![3, 51, 3] {
        return Err(Error::Internal(format!("SQLite {version} is too old: 3.51.3 or later")));
    }
    Ok(())
}

/// Puts a connection into the state that it must be in. Again changes nothing.
fn settle(c: &mut SqliteConnection, access: Access) -> Result<()> {
    // The timeout first, so that the others wait for another process instead of failing.
    let pragmas = [
        ("busy_timeout", BUSY_MS, BUSY_MS),
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", "2"),
        ("foreign_keys", "ON", "1"),
        // Without it INSERT OR REPLACE slips past the delete triggers of the journal.
        ("recursive_triggers", "ON", "1"),
        // What a statement needs to be undone need not go to the disk: a crash undoes it anyhow.
        ("temp_store", "MEMORY", "2"),
        // 8 MB of pages a connection.
        ("cache_size", "-8000", "-8000"),
        // Four times the usual, for pages are written often: the log is carried into the file less often.
        ("wal_autocheckpoint", "4000", "4000"),
        // Erased means overwritten.
        ("secure_delete", "ON", "1"),
        ("query_only", if access == Access::Read { "ON" } else { "OFF" }, if access == Access::Read { "1" } else { "0" }),
    ];
    for (name, value, expected) in pragmas {
        // The journal's mode is the file's, and to set it takes a lock that the timeout does not wait for: only where it is another.
        if name != "journal_mode" || pragma(c, name)? != expected {
            c.batch_execute(&format!("PRAGMA {name} = {value}"))?;
        }
        let found = pragma(c, name)?;
        if found != expected {
            return Err(Error::Internal(format!("SQLite keeps {name} at {found}; it must be {value}")));
        }
    }
    Ok(())
}

fn pragma(c: &mut SqliteConnection, name: &str) -> Result<String> {
    let read = format!("PRAGMA {name}");
    Ok(if name == "journal_mode" { sql::<Text>(&read).get_result(c)? } else { sql::<BigInt>(&read).get_result::<i64>(c)?.to_string() })
}

/// Makes an empty file that only its owner can read; SQLite gives its write-ahead log the same rights.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

/// Variables that would lead libpq somewhere else than the address says, or let it find its settings in a file.
const REDIRECTIONS: [&str; 5] = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"];

/// What every session needs, whoever configured the server. `enable_seqscan`: while a table is small or its statistics are old the planner
/// reads it whole, and a serializable transaction that did conflicts with every writer of that table. `jit`: a plan that has no index to use
/// is priced by that as if it took days, and would be compiled each time. `tcp_keepalives`: what a machine held that is gone without a word
/// is free within a minute. `lc_messages`: a deadlock is known by its English words; only where the role may set it. `synchronous_commit`:
/// what we acknowledged must survive.
const SESSION: &str = "
    SET TIME ZONE 'UTC';
    SET statement_timeout = '30s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning';
    SET application_name = 'makker';
    SET enable_seqscan = off;
    SET jit = off;
    SET tcp_keepalives_idle = 30;
    SET tcp_keepalives_interval = 10;
    SET tcp_keepalives_count = 3;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); EXCEPTION WHEN OTHERS THEN NULL; END $$;
";

/// What the connection's own side does about a machine that is gone without a word: found out within a minute, at rest and with something on its
/// way (`tcp_user_timeout`, in milliseconds).
const PATIENCE: &str = "keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=45000";

/// Whether a server lets nobody write: a standby, or one that was told to rest. What was opened to a standby would stay open for as long as it lives.
const RESTS: &str = "pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";

fn postgres(url: &str, owed: &Owed) -> Result<PgConnection> {
    check_server(url, cfg!(feature = "pg-tls")).map_err(Error::internal)?;
    if let Some(name) = REDIRECTIONS.iter().find(|name| std::env::var_os(name).is_some()) {
        return Err(Error::Internal(format!("unset {name}: only the address in the settings says where the database is")));
    }
    let mut url = format!("{url}{}{PATIENCE}", if url.contains('?') { '&' } else { '?' });
    if !url.contains("connect_timeout=") {
        url += "&connect_timeout=5";
    }
    // It makes statements of its own, which nothing else limits where the other side takes them and says nothing.
    owed.fall_due();
    let established = PgConnection::establish(&url);
    owed.settle();
    let mut c = established.map_err(|error| Error::Internal(format!("PostgreSQL cannot be reached: {error}")))?;
    c.set_instrumentation(owed.clone());
    let version = diesel::select(sql::<Text>("current_setting('server_version_num')")).get_result::<String>(&mut c)?;
    if version.parse::<u32>().unwrap_or(0) < 150_000 {
        return Err(Error::Internal(format!("PostgreSQL {version} is too old: 15 or later")));
    }
    if diesel::select(sql::<Bool>(RESTS)).get_result::<bool>(&mut c)? {
        return Err(Error::Unavailable(READ_ONLY));
    }
    c.batch_execute(SESSION)?;
    Ok(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_made_only_on_request_and_then_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("makker.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        for access in [Access::Read, Access::Write { create: false }] {
            let refusal = connect(&url, access).err().unwrap().to_string();
            assert!(refusal.contains("does not exist"), "{refusal}");
        }
        let mut writer = connect(&url, Access::Write { create: true }).unwrap();
        writer.batch_execute("CREATE TABLE t (a integer) STRICT").unwrap();
        #[cfg(unix)]
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.unwrap().metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        let mut reader = connect(&url, Access::Read).unwrap();
        let refusal = reader.batch_execute("INSERT INTO t VALUES (1)").unwrap_err().to_string();
        assert!(refusal.contains("readonly"), "{refusal}");
    }
}
