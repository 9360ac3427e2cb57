//! A copy of an SQLite database as it stands at one moment, while others write.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use super::connect::make_private;
use super::{Access, DatabaseUrl, connect, folder_of};
use crate::base::error::{Error, Result};
use crate::each;

/// Copies the database file `from` to the new file `to`, readable by its owner alone and durable when this returns. The copy is one file: what
/// the write-ahead log holds is in it.
///
/// # Errors
/// `Internal`, with words for the operator: `from` is not there, `to` is there already or just being made, or the copy did not succeed; then
/// nothing of it stays.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let unfinished = unfinished(to);
    let _turn = take_turn(folder_of(to), &unfinished)?;
    refuse_to_replace(to)?;
    let cannot = |error: std::io::Error| Error::Internal(format!("{} cannot be made: {error}", unfinished.display()));
    make_private(&unfinished).map_err(cannot)?;
    let copied = copy_into(from, &unfinished).and_then(|()| {
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(cannot)?;
        fs::rename(&unfinished, to).map_err(cannot)?;
        // The name, too: best effort where a folder cannot be opened.
        File::open(folder_of(to)).map_or(Ok(()), |folder| folder.sync_all()).map_err(cannot)
    });
    if copied.is_err() {
        // What is not whole must not be taken for a backup.
        let _ = fs::remove_file(&unfinished);
    }
    copied
}

/// Takes a folder for one copy at a time, until what is returned is dropped, and takes away what a copy that was killed left in it.
fn take_turn(folder: &Path, unfinished: &Path) -> Result<Option<File>> {
    let refused = |why: &str| Err(Error::Internal(format!("{} {why}", unfinished.display())));
    // Where there is no such folder, making the file says so.
    let held = File::open(folder).ok();
    match held.as_ref().map(File::try_lock) {
        Some(Ok(())) => match fs::remove_file(unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => refused(&format!("was left by a copy that broke off, and stays: {error}")),
            _ => Ok(held),
        },
        Some(Err(TryLockError::WouldBlock)) => refused("is being made by another copy: wait until that has ended"),
        // Not every file system has locks: then only whoever reads this knows.
        _ if unfinished.exists() => refused("is there: where no other copy is being made, one was broken off; take that file away"),
        _ => Ok(None),
    }
}

/// Refuses where a file of that name is there already.
///
/// # Errors
/// `Internal`, with words for the operator.
pub fn refuse_to_replace(to: &Path) -> Result<()> {
    match to.try_exists() {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::Internal(format!("{} is there already: name another folder", to.display()))),
        Err(error) => Err(Error::Internal(format!("{}: {error}", to.display()))),
    }
}

fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// One snapshot of all pages, written anew; the engine takes an empty file for a new one.
fn copy_into(from: &Path, to: &Path) -> Result<()> {
    let name = to.to_str().ok_or_else(|| Error::internal("the copy's path is not UTF-8"))?;
    let mut db = connect(&DatabaseUrl::Sqlite(from.to_owned()), Access::Write { create: false })?;
    let copied = each!(&mut db, c => diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(c));
    copied.map(drop).map_err(|error| Error::Internal(format!("{} cannot be copied: {error}", from.display())))
}
