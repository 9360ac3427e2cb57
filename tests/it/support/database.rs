//! A database for one test with its keys, on either engine: new, migrated, gone afterwards.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;

use makker::app::{Missing, Stores};
use makker::base::clock::Instant;
use makker::base::db::{Access, DatabaseUrl, Db, Engine, connect};
use makker::config::Config;
use tempfile::TempDir;

use super::{OnEngine, postgres, scratch};

/// A migrated database with nothing in it, in a folder of its own; its key file and key store stand there in `keys`.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    dir: TempDir,
    /// Drops the database on the server.
    _postgres: Option<postgres::Database>,
}

impl OnEngine for TestDatabase {
    fn on(engine: Engine) -> Self {
        static SQLITE: OnceLock<Template> = OnceLock::new();
        static POSTGRES: OnceLock<Template> = OnceLock::new();
        let dir = TempDir::with_prefix_in("makker-test-", scratch()).unwrap();
        let file = DatabaseUrl::Sqlite(dir.path().join("makker.db"));
        let (url, template, postgres) = match engine {
            Engine::Sqlite => (file, SQLITE.get_or_init(|| Template::make(None)), None),
            Engine::Postgres => {
                // Only the keys are files here; the database itself is copied by the server.
                let database = postgres::fresh_database(|url| {
                    POSTGRES.get_or_init(|| Template::make(Some(url)));
                });
                (DatabaseUrl::Postgres(database.url.clone()), POSTGRES.get().unwrap(), Some(database))
            }
        };
        template.copy_to(dir.path());
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

    /// Settings for tests, with this database and its keys.
    pub fn config(&self) -> Config {
        config(&self.url, self.dir.path())
    }
}

fn config(url: &DatabaseUrl, dir: &Path) -> Config {
    let mut config = Config::for_testing();
    config.database.url = match url {
        DatabaseUrl::Sqlite(file) => file.to_string_lossy().into_owned(),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    config.vault.key_file = dir.join("keys/makker.key");
    config.vault.key_store_url = dir.join("keys/makker-keys.db").to_string_lossy().into_owned();
    config
}

/// The files of a database that was just made, for every test to begin with.
struct Template(Vec<(&'static str, Vec<u8>)>);

impl Template {
    /// Makes a database as the program does; without an address as a file.
    fn make(postgres: Option<&str>) -> Self {
        let dir = TempDir::with_prefix_in("makker-test-", scratch()).unwrap();
        fs::create_dir(dir.path().join("keys")).unwrap();
        let url = postgres.map_or_else(|| DatabaseUrl::Sqlite(dir.path().join("makker.db")), |url| DatabaseUrl::Postgres(url.to_owned()));
        let stores = Stores::open(&config(&url, dir.path()), Missing::Make, Instant::from_micros(0)).unwrap();
        // The last connection to close moves the write-ahead log into the file.
        stores.database.close();
        drop(stores);
        let read = |name: &'static str| Some((name, fs::read(dir.path().join(name)).ok()?));
        Self(["makker.db", "keys/makker.key", "keys/makker-keys.db"].into_iter().filter_map(read).collect())
    }

    fn copy_to(&self, dir: &Path) {
        fs::create_dir(dir.join("keys")).unwrap();
        for (name, bytes) in &self.0 {
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(dir.join(name)).unwrap();
            file.write_all(bytes).unwrap();
        }
    }
}
