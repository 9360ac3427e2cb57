//! Whether there is room for what is to be written: a disk that is nearly full is said to be before a write fails on it.

use std::path::PathBuf;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;

use super::{DatabaseUrl, Db, folder_of};
use crate::base::error::{Error, Result};
use crate::base::telemetry::DISK_FREE;

/// The folders in which files of ours grow, and how much must be free in each.
#[derive(Clone, Debug)]
pub struct Room {
    folders: Vec<(&'static str, PathBuf)>,
    least_mb: u32,
}

impl Room {
    /// Of the databases that are files on this machine.
    pub fn new(database: &DatabaseUrl, keys: &DatabaseUrl, least_mb: u32) -> Self {
        let of = |(name, url): (&'static str, &DatabaseUrl)| match url {
            DatabaseUrl::Sqlite(path) => Some((name, folder_of(path).to_owned())),
            DatabaseUrl::Postgres(_) => None,
        };
        Self { folders: [("database", database), ("keys", keys)].into_iter().filter_map(of).collect(), least_mb }
    }

    /// Looks how much is free, and notes it among the figures.
    ///
    /// # Errors
    /// `Unavailable` where it is too little, `Internal` where a folder cannot be looked at.
    pub fn check(&self) -> Result<()> {
        let mut is_enough = true;
        for (name, folder) in &self.folders {
            let found = rustix::fs::statvfs(folder).map_err(|error| Error::Internal(format!("{}: {error}", folder.display())))?;
            // What only the administrator may use is not counted.
            let free_mb = u32::try_from(found.f_bavail.saturating_mul(found.f_frsize) >> 20).unwrap_or(u32::MAX);
            metrics::gauge!(DISK_FREE, "of" => *name).set(f64::from(free_mb));
            is_enough &= free_mb >= self.least_mb;
        }
        if is_enough { Ok(()) } else { Err(Error::Unavailable("less is free on the disk than database.free_mb asks for")) }
    }
}

/// Has SQLite write a page of the file as it is, so that the end of the transaction takes it to the disk: one that has become read-only says so by
/// nothing less. Nothing for PostgreSQL, which stops when its disk does that.
///
/// # Errors
/// `Unavailable` where it cannot be written.
pub fn try_changing(db: &mut Db) -> Result<()> {
    if let Db::Sqlite(c) = db {
        let version = sql::<BigInt>("PRAGMA user_version").get_result::<i64>(c)?;
        c.batch_execute(&format!("PRAGMA user_version = {version}"))?;
    }
    Ok(())
}

/// Has the server write the better part of a megabyte where its temporary files lie, and forget it: what is known of a disk of its own. Nothing
/// for SQLite, whose disk is looked at.
///
/// # Errors
/// `Unavailable` where that disk is full.
pub fn try_growing(db: &mut Db) -> Result<()> {
    if let Db::Postgres(c) = db {
        // The rows of a function are kept until they are read, beyond so much memory in a file.
        c.batch_execute("SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 32768)")?;
    }
    Ok(())
}
