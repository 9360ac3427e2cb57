//! A PostgreSQL for this run of the tests: the one at `MAKKER_TEST_POSTGRES`, else a throw-away cluster of the installed programs.
//!
//! The cluster listens on a Unix socket in a directory of its own. A small shell program watches over it, whose standard
//! input is a pipe from the test process: however that process ends, the pipe closes, and the cluster stops and is removed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};

use super::{scratch, setting};

/// Durability is what a throw-away cluster can do without; its zone is one that shows where a local time was taken for UTC.
const WATCHER: &str = r#"
# The tests may be gone before they hear of the cluster: it must be removed all the same.
trap '' PIPE
programs=$1
dir=$(mktemp -d "$2/makker-postgres.XXXXXX") || exit 1
options="-c listen_addresses= -c unix_socket_directories=$dir -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
-c max_connections=200 -c shared_buffers=64MB -c max_wal_size=128MB -c timezone=Pacific/Chatham"
if "$programs/initdb" -D "$dir/data" -U makker -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 </dev/null &&
    "$programs/pg_ctl" -D "$dir/data" -l "$dir/log" -o "$options" -w start >>"$dir/log" 2>&1 </dev/null
then echo "$dir"; else tail -n 20 "$dir/log" >&2; fi
exec >/dev/null 2>&1
cat
"$programs/pg_ctl" -D "$dir/data" -m immediate -w stop </dev/null
rm -rf "$dir"
"#;

/// Databases of a run begin with this; those left by a run that was killed are dropped by the next one on the same server.
const PREFIX: &str = "makker_test_";
const TEMPLATE: &str = "makker_test_template";

/// Another run on the same server waits for this one.
const ONE_RUN_AT_A_TIME: i64 = 0x6d61_6b6b_6572;

struct Server {
    admin_url: String,
    admin: Mutex<PgConnection>,
    /// Its standard input stays open as long as this process lives.
    _watcher: Option<Child>,
}

/// An empty, migrated database that is dropped with this value.
pub struct Database {
    name: String,
    /// For `--database-url` and `base::db`.
    pub url: String,
}

/// Whether tests on PostgreSQL can run here.
pub fn is_here() -> bool {
    setting("MAKKER_TEST_POSTGRES").is_some() || programs().is_some()
}

/// A new database with nothing in it but what `migrate` (the same function in every call) puts there; it is run once.
pub fn fresh_database(migrate: impl FnOnce(&str)) -> Database {
    static MIGRATED: OnceLock<()> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = server();
    MIGRATED.get_or_init(|| {
        server.run(&format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"));
        server.run(&format!("CREATE DATABASE {TEMPLATE}"));
        migrate(&server.url_of(TEMPLATE));
    });
    let name = format!("{PREFIX}{}", COUNT.fetch_add(1, Ordering::Relaxed));
    // File by file: the other way writes each page into the log, too, and takes twice as long.
    server.run(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"));
    Database { url: server.url_of(&name), name }
}

impl Drop for Database {
    fn drop(&mut self) {
        // In a test that failed there is a better complaint already.
        let _ = server().try_run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (admin_url, watcher) = match setting("MAKKER_TEST_POSTGRES") {
            Some(url) => (url, None),
            None => start_cluster(programs().expect("tests on PostgreSQL ask `has_postgres` first")),
        };
        let mut admin = PgConnection::establish(&admin_url).expect("the admin address of PostgreSQL answers");
        admin.batch_execute(&format!("SELECT pg_advisory_lock({ONE_RUN_AT_A_TIME})")).unwrap();
        let server = Server { admin_url, admin: Mutex::new(admin), _watcher: watcher };
        server.drop_leftovers();
        server
    })
}

impl Server {
    fn run(&self, sql: &str) {
        self.try_run(sql).unwrap();
    }

    fn try_run(&self, sql: &str) -> diesel::QueryResult<()> {
        self.admin.lock().unwrap_or_else(PoisonError::into_inner).batch_execute(sql)
    }

    /// The admin's address with another database.
    fn url_of(&self, database: &str) -> String {
        let (address, options) = self.admin_url.split_once('?').map_or((self.admin_url.as_str(), None), |(a, o)| (a, Some(o)));
        let (scheme, rest) = address.split_once("://").expect("MAKKER_TEST_POSTGRES is an address like postgres://user@host/database");
        let host = rest.split('/').next().unwrap_or_default();
        format!("{scheme}://{host}/{database}{}", options.map(|options| format!("?{options}")).unwrap_or_default())
    }

    fn drop_leftovers(&self) {
        #[derive(diesel::QueryableByName)]
        struct Left {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        let query = format!("SELECT datname::text AS name FROM pg_database WHERE starts_with(datname, '{PREFIX}')");
        let left: Vec<Left> = diesel::sql_query(query).load(&mut *self.admin.lock().unwrap()).unwrap();
        left.iter().for_each(|left| self.run(&format!("DROP DATABASE {} WITH (FORCE)", left.name)));
    }
}

/// Starts a cluster and gives its admin address with the program that watches over it.
fn start_cluster(programs: PathBuf) -> (String, Option<Child>) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", WATCHER, "makker-postgres-watcher"]).arg(programs).arg(scratch());
    // A group of its own: Ctrl-C is for the tests, the watcher must outlive them.
    shell.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    if tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0 {
        // PostgreSQL refuses to run as root.
        let (user, group) = account("postgres").or_else(|| account("nobody")).expect("an account for PostgreSQL in /etc/passwd");
        shell.uid(user).gid(group);
    }
    let mut watcher = shell.spawn().unwrap();
    let mut dir = String::new();
    BufReader::new(watcher.stdout.take().unwrap()).read_line(&mut dir).unwrap();
    assert!(!dir.is_empty(), "PostgreSQL did not start: its own complaint stands above");
    (format!("postgres://makker@/postgres?host={}", dir.trim_end()), Some(watcher))
}

/// User and group id of an account.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = accounts.lines().map(|line| line.split(':').collect()).find(|fields: &Vec<&str>| fields[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

/// The folder of `initdb`, `pg_ctl` and `postgres`: on the path, else the newest where Debian puts them.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::split_paths(&setting("PATH")?).collect::<Vec<_>>();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    debian.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    let folders = on_path.into_iter().chain(debian.into_iter().rev().map(|path| path.join("bin")));
    folders.into_iter().find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file()))
}
