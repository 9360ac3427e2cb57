//! A copy of an SQLite database as it stands at one moment, while others write.

use std::fs::{self, File};
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
/// `Internal`, with words for the operator: `from` is not there, `to` is there already, or the copy did not succeed; then nothing of it stays.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    refuse_to_replace(to)?;
    let unfinished = unfinished(to);
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
