//! What the tests stand on: both engines, a real mail server, and programs from outside that may be missing.

pub mod app;
pub mod caller;
pub mod casework;
pub mod contract;
mod database;
mod examples;
pub mod http;
mod log;
pub mod outbox;
mod postgres;
pub mod privacy;
mod proxy;
pub mod smtp;

pub use app::TestApp;
pub use database::TestDatabase;
pub use proxy::Proxy;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use makker::base::db::Engine;

/// What a test of [`both_engines!`] is given: made afresh on an engine.
pub trait OnEngine {
    fn on(engine: Engine) -> Self;
}

/// False, after saying so, when PostgreSQL is missing here.
pub fn has_postgres() -> bool {
    requires("PostgreSQL (its programs, or an admin address in MAKKER_TEST_POSTGRES)", postgres::is_here())
}

/// Writes each test once and runs it twice, as `name::sqlite` and `name::postgres`, each time on something new.
///
/// ```ignore
/// both_engines! {
///     fn two_sessions_never_overlap(db: TestDatabase) { .. }
/// }
/// ```
#[macro_export]
macro_rules! both_engines {
    ($($(#[$about:meta])* fn $name:ident($($given:ident)+: $kind:ty) $body:block)+) => {$(
        $(#[$about])*
        mod $name {
            use super::*;
            fn body($($given)+: $kind) $body
            #[test]
            fn sqlite() {
                body(<$kind as $crate::support::OnEngine>::on($crate::support::Engine::Sqlite));
            }
            #[test]
            fn postgres() {
                if $crate::support::has_postgres() {
                    body(<$kind as $crate::support::OnEngine>::on($crate::support::Engine::Postgres));
                }
            }
        }
    )+};
}

/// Where the databases of the tests lie: in memory where this machine has a folder of it with room for all of them, else where other temporary
/// files do. Making and dropping hundreds of databases of a thousand files each is half the time of a run on a disk.
pub fn scratch() -> PathBuf {
    const ROOM: u64 = 2 << 30;
    let memory = Path::new("/dev/shm");
    let has_room = rustix::fs::statvfs(memory).is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) >= ROOM);
    let is_mine = has_room && tempfile::tempfile_in(memory).is_ok();
    if is_mine { memory.to_owned() } else { std::env::temp_dir() }
}

/// Whether a test that needs `what` from outside can run: if not it says so in one loud line and passes, or fails where
/// `MAKKER_TEST_REQUIRE=all` demands every test.
pub fn requires(what: &str, is_here: bool) -> bool {
    let demanded = setting("MAKKER_TEST_REQUIRE").as_deref() == Some("all");
    assert!(is_here || !demanded, "{what} is missing and MAKKER_TEST_REQUIRE=all: install it, or run without that setting");
    if !is_here {
        not_tested(what);
    }
    is_here
}

/// Says in one loud line what this test does not test here.
pub fn not_tested(what: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("\n!!! NOT TESTED: {test} needs {what}, which is missing here !!!\n");
    // Not `eprintln!`: the test harness would hold that back for a test that passes.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The Python for tests (`MAKKER_TEST_PYTHON`, else `python3`), if it has `module`.
pub fn python_with(module: &str) -> Option<Command> {
    let program = setting("MAKKER_TEST_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let has =
        Command::new(&program).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status().is_ok_and(|end| end.success());
    requires(&format!("Python with {module} (MAKKER_TEST_PYTHON={program})"), has).then(|| Command::new(program))
}

#[expect(clippy::disallowed_methods, reason = "settings of the tests, which no part of the product reads")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
