//! A database for one test, on either engine: new, migrated, gone afterwards.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use makker::base::clock::Instant;
use makker::base::db::{Access, DatabaseUrl, Db, Engine, connect, migrations};
use tempfile::TempDir;

use super::{OnEngine, postgres};

/// A migrated database with nothing in it, and an empty folder beside it (for a key store, or mail).
pub struct TestDatabase {
    pub url: DatabaseUrl,
    dir: TempDir,
    /// Drops the database on the server.
    _postgres: Option<postgres::Database>,
}

impl OnEngine for TestDatabase {
    fn on(engine: Engine) -> Self {
        let dir = TempDir::with_prefix("makker-test-").unwrap();
        let (url, postgres) = match engine {
            Engine::Sqlite => {
                let file = dir.path().join("makker.db");
                fs::write(&file, sqlite_template()).unwrap();
                (DatabaseUrl::Sqlite(file), None)
            }
            Engine::Postgres => {
                let database = postgres::fresh_database(|url| migrate(&DatabaseUrl::Postgres(url.to_owned())));
                (DatabaseUrl::Postgres(database.url.clone()), Some(database))
            }
        };
        Self { url, dir, _postgres: postgres }
    }
}

impl TestDatabase {
    /// A connection of its own that may write.
    pub fn connect(&self) -> Db {
        connect(&self.url, Access::Write { create: false }).unwrap()
    }

    /// The folder of this test.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// The bytes of a migrated SQLite database.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let dir = TempDir::with_prefix("makker-test-").unwrap();
        let file = dir.path().join("template.db");
        // The last connection to close moves the write-ahead log into the file.
        migrate(&DatabaseUrl::Sqlite(file.clone()));
        fs::read(file).unwrap()
    })
}

fn migrate(url: &DatabaseUrl) {
    let mut db = connect(url, Access::Write { create: true }).unwrap();
    migrations::apply(&mut db, Instant::from_micros(0)).unwrap();
}
