//! Making and migrating, one process at a time: whoever comes second waits, and finds the work done.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::lock::house;
use super::{Access, DatabaseUrl, Db, connect, folder_of};
use crate::base::error::{Error, Result};
use crate::each;

/// While it lives no other process that asks for it makes or migrates the same database. A process that dies lets go of it.
pub struct Alone {
    database: DatabaseUrl,
    had_none: bool,
    #[expect(dead_code, reason = "what is held is never looked at")]
    held: Held,
}

impl Alone {
    /// Takes away the file that was made for an SQLite database since this was taken, if there was none before: nothing is to look as if there
    /// were one. One that holds anything stays: somebody brought it back meanwhile. Close it first.
    pub fn unmake(&self) {
        if let DatabaseUrl::Sqlite(path) = &self.database
            && self.had_none
            && self.holds_nothing().unwrap_or(false)
        {
            // What stays is empty, and is refused as that.
            let _ = fs::remove_file(path);
        }
    }

    /// Whether there is not one table, by whomever it was made.
    fn holds_nothing(&self) -> Result<bool> {
        let mut db = connect(&self.database, Access::Write { create: false })?;
        Ok(each!(&mut db, c => diesel::select(sql::<Bool>("NOT EXISTS (SELECT 1 FROM sqlite_master)")).get_result(c))?)
    }

    /// Whether an address, too, leads to the database this was taken for: one may have many names. Its file must be there by now.
    ///
    /// # Errors
    /// `Internal`, with words for the operator, when the server cannot be reached.
    pub fn is_for(&self, other: &DatabaseUrl) -> Result<bool> {
        match (&self.database, other) {
            (DatabaseUrl::Sqlite(path), DatabaseUrl::Sqlite(other)) => {
                let file = |path: &Path| path.metadata().map(|found| (found.dev(), found.ino())).ok();
                Ok(file(path).is_some_and(|found| file(other) == Some(found)))
            }
            (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_)) => {
                let mut db = connect(other, Access::Write { create: false })?;
                // A lock is its database's: in every other it is free.
                let lock = format!("pg_try_advisory_lock({})", house::MAKING);
                let is_free: bool = each!(&mut db, c => diesel::select(sql::<Bool>(&lock)).get_result(c))?;
                Ok(!is_free)
            }
            (DatabaseUrl::Sqlite(_), DatabaseUrl::Postgres(_)) | (DatabaseUrl::Postgres(_), DatabaseUrl::Sqlite(_)) => Ok(false),
        }
    }
}

#[expect(dead_code, reason = "what is held is never looked at")]
enum Held {
    /// The folder of an SQLite file, so that no file of the lock's own stays behind; none where there is no folder.
    Folder(Option<File>),
    /// A session that has the lock.
    Session(Box<Db>),
}

/// Waits until nobody else makes or migrates this database.
///
/// # Errors
/// `Internal`, with words for the operator, when the server cannot be reached; `Unavailable` when somebody takes too long.
pub fn alone(url: &DatabaseUrl) -> Result<Alone> {
    let held = match url {
        DatabaseUrl::Sqlite(path) => {
            // Where there is no such folder, opening the database says so in better words.
            let folder = File::open(folder_of(path)).ok();
            folder.as_ref().map(File::lock).transpose().map_err(|error| Error::Internal(format!("{}: {error}", path.display())))?;
            Held::Folder(folder)
        }
        DatabaseUrl::Postgres(_) => {
            let mut db = connect(url, Access::Write { create: false })?;
            // Not the lock of a migration, which locks for itself.
            let lock = format!("SET lock_timeout = '120s'; SET statement_timeout = 0; SELECT pg_advisory_lock({})", house::MAKING);
            db.batch_execute(&lock)?;
            Held::Session(Box::new(db))
        }
    };
    // Looked at under the lock: another may just have made it.
    let had_none = matches!(url, DatabaseUrl::Sqlite(path) if !path.exists());
    Ok(Alone { database: url.clone(), had_none, held })
}
