//! A disk that fills: the server says that it is not ready before a write fails.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use makker::base::db::{Access, DatabaseUrl, connect};

use crate::commands::Serving;
use crate::support::app::rows;
use crate::support::http::Request;
use crate::support::{Engine, TestApp, has_postgres, not_tested};

fn is_ready(app: &TestApp) -> bool {
    let answer = Request::new("GET", "/readyz").send(app.address);
    assert!([204, 503].contains(&answer.status), "{answer}");
    answer.status == 204
}

#[test]
fn ready_is_who_has_as_much_room_as_the_setting_asks_for() {
    for (asked, ready) in [(0, true), (1, true), (u32::MAX, false)] {
        let app = TestApp::with(Engine::Sqlite, |config| config.database.free_mb = asked);
        assert_eq!(is_ready(&app), ready, "{asked} MB");
        // The round says so, too, and does what is due but for sending.
        assert_eq!(app.tick().failed, 0, "{asked} MB");
        assert!(ready || app.log().contains("asks for"), "{asked} MB");
    }
}

/// The server's own words for a file that cannot grow, from the function that the probe asks for rows.
#[test]
fn ready_is_who_has_a_server_that_can_write() {
    if !has_postgres() {
        return;
    }
    let full = "CREATE FUNCTION generate_series(integer, integer) RETURNS SETOF integer LANGUAGE plpgsql AS $$ BEGIN \
        RAISE 'could not write to file \"base/pgsql_tmp/pgsql_tmp1.0\": No space left on device' USING ERRCODE = 'disk_full'; END $$; \
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$";
    let app = TestApp::with(Engine::Postgres, |config| {
        let url: DatabaseUrl = config.database.url.parse().unwrap();
        connect(&url, Access::Write { create: false }).unwrap().batch_execute(full).unwrap();
    });
    assert!(!is_ready(&app));
    assert!(is_ready(&TestApp::with(Engine::Postgres, |_| {})));
}

/// Whoever asks whether it is ready has a page go to the disk: a lock alone would be had on one that has become read-only, too.
#[test]
fn ready_is_who_writes() {
    let app = TestApp::with(Engine::Sqlite, |_| {});
    // Another than before as soon as somebody else has changed the file.
    let mut other = app.database.connect();
    let mut version = || rows::<Version>(&mut other, "PRAGMA data_version")[0].data_version;
    let before = version();
    assert_eq!(version(), before);
    assert!(is_ready(&app));
    assert_ne!(version(), before);
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

/// A file system of so many megabytes, as long as this lives.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where this machine lets nobody mount one.
    fn of(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = ["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "makker-test"];
        let done = Command::new("mount").args(mount).arg(folder.path()).stderr(Stdio::null()).status();
        let is_mounted = done.is_ok_and(|status| status.success());
        if !is_mounted {
            not_tested("to be allowed to mount a file system");
        }
        is_mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What still looks at it keeps it until it ends.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_disk_that_fills_is_seen_and_one_that_is_cleared_too() {
    let Some(disk) = Disk::of(96) else { return };
    // Nobody reads its log meanwhile: it must say little.
    let serving = Serving::start(disk.path(), &[("MAKKER_LOG__FILTER", "off,makker::app=info")]);
    // One answer serves all who ask within a second.
    let becomes = |status: &str| (0..50_000).any(|_| Serving::get(&serving.address, "/readyz").starts_with(&format!("HTTP/1.1 {status} ")));
    assert!(becomes("204"));
    let filler = disk.path().join("filler");
    fs::write(&filler, vec![0; 48 << 20]).unwrap();
    assert!(becomes("503"), "48 MB are too little, though a small write would still succeed");
    fs::remove_file(&filler).unwrap();
    assert!(becomes("204"));
    assert_eq!(serving.stop("-TERM").0, Some(0));
}
