//! `backup`: copies of the database and of the key store that fit each other, while the server runs.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Failure, print};
use crate::app;
use crate::base::clock::Clock;
use crate::base::db::{self, DatabaseUrl};
use crate::base::error::{Error, Result};
use crate::config::Config;

pub(super) const AFTER_HELP: &str = "\
Examples:
  makker backup /backups/monday             makes /backups/monday/database/makker.db and /backups/monday/keys/makker-keys.db
  makker backup /backups/monday --only keys the key store alone, after a dump of a database on PostgreSQL

The server may run: what it has acknowledged when this begins is in the copies. The key store is copied last, so that it has every key of the
database's copy. Keep the two folders apart, the keys for at most 30 days: that is how long an erasure takes to reach the last copy. The key
file is in neither; keep a copy of it in a safe. To bring a backup back, put both files and the key file where the settings name them,
without any -wal and -shm files of before, and start. Where the keys do not fit the database, both are copied and the exit code is 1. Nothing is written over. PostgreSQL is dumped by its own programs: this says how, and
ends with exit code 1.";

#[derive(Args)]
pub(super) struct Backup {
    /// The folder for the copies; made where it is missing. Each part gets a folder of its own in it
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// One of the two alone
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Database,
    Keys,
}

impl Part {
    const fn folder(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Keys => "keys",
        }
    }
}

/// One part, where it lies and where its copy goes.
struct Copying {
    part: Part,
    from: DatabaseUrl,
    folder: PathBuf,
}

impl Copying {
    fn target(&self) -> PathBuf {
        match &self.from {
            DatabaseUrl::Sqlite(file) => self.folder.join(file.file_name().unwrap_or(file.as_os_str())),
            DatabaseUrl::Postgres(_) => self.folder.join("makker.dump"),
        }
    }

    /// The line for the shell that makes this copy.
    fn line(&self, to: &Path, address: &str) -> String {
        match self.from {
            DatabaseUrl::Sqlite(_) => format!("makker backup {} --only {}", quoted(&to.to_string_lossy()), self.part.folder()),
            DatabaseUrl::Postgres(_) => {
                format!("pg_dump --format=custom --file={} {}", quoted(&self.target().to_string_lossy()), quoted(address))
            }
        }
    }
}

/// As the shell reads one word.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Makes the copies: the database first, for a key is in the store before the database knows it.
pub(super) fn backup(config: &Config, options: &Backup) -> Result<(), Failure> {
    let Backup { to, only } = options;
    let database = config.database.settings(false).map_err(Failure::Config)?.url;
    let keys = config.vault.settings().map_err(Failure::Config)?.key_store;
    let copying = |part: Part, from| Copying { part, from, folder: to.join(part.folder()) };
    let mut copies = vec![copying(Part::Database, database), copying(Part::Keys, keys)];
    copies.retain(|copy| only.is_none_or(|only| only == copy.part));
    if copies.iter().any(|copy| matches!(copy.from, DatabaseUrl::Postgres(_))) {
        let folders: Vec<_> = copies.iter().map(|copy| quoted(&copy.folder.to_string_lossy())).collect();
        let mut words =
            format!("nothing was done: PostgreSQL is dumped by its own programs, in this order:\n  mkdir -p -m 700 {}", folders.join(" "));
        for copy in &copies {
            let address = if copy.part == Part::Database { &config.database.url } else { &config.vault.key_store_url };
            words += &format!("\n  {}", copy.line(to, address));
        }
        return Err(Error::Internal(words).into());
    }
    for copy in &copies {
        refuse_missing(&copy.from)?;
        db::refuse_to_replace(&copy.target())?;
    }
    for copy in &copies {
        let DatabaseUrl::Sqlite(from) = &copy.from else { continue };
        let target = copy.target();
        make_private_folder(&copy.folder).map_err(|error| Error::Internal(format!("{} cannot be made: {error}", copy.folder.display())))?;
        db::copy(from, &target)?;
        print(&format!("copied {} to {}\n", from.display(), target.display()))?;
    }
    // What cannot be started from is copied, too: it may be all there is. But nobody is to count on it.
    if only.is_none() {
        app::check_keys(config, Clock::System.now())?;
    }
    Ok(())
}

/// Refuses where there is nothing to copy, before a folder is made for it.
fn refuse_missing(from: &DatabaseUrl) -> Result<()> {
    match from {
        DatabaseUrl::Sqlite(file) if !file.exists() => Err(Error::Internal(format!(
            "{} does not exist: is this the folder, and are these the settings, with which the server runs?",
            file.display()
        ))),
        DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Ok(()),
    }
}

/// Makes a folder, with those above it, that only its owner can enter.
fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
