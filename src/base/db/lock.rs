//! Locks on subjects, for rules that look at several rows before they write one.

use diesel::{RunQueryDsl, sql_types::BigInt};

use super::Db;
use crate::base::error::Result;
use crate::base::ids::AnyId;

/// Advisory locks of the house on PostgreSQL: numbers that nobody else uses ("makker" in ASCII, and up).
pub(super) mod house {
    /// A migration runs.
    pub(in crate::base::db) const MIGRATION: i64 = 120_265_181_455_730;
    /// A process makes or migrates the database.
    pub(in crate::base::db) const MAKING: i64 = MIGRATION + 1;
    /// Shared: somebody writes, beside others. Whole: somebody writes alone.
    pub(in crate::base::db) const WRITING: i64 = MIGRATION + 2;
}

/// Makes verbs over the same subjects wait for each other until the transaction ends: PostgreSQL locks each, in id order so that two
/// verbs cannot hold what the other needs. On SQLite writes are serial anyway.
///
/// # Errors
/// `RunAgain` on a deadlock, `Unavailable` after 5 s of waiting.
pub fn lock_subjects(db: &mut Db, subjects: &[AnyId]) -> Result<()> {
    let Db::Postgres(c) = db else { return Ok(()) };
    let mut keys: Vec<i64> = subjects.iter().map(|id| key(*id)).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key).execute(c)?;
    }
    Ok(())
}

/// The random half of an id; two subjects with one key only wait for each other needlessly.
fn key(id: AnyId) -> i64 {
    let (_, low) = id.uuid().as_u64_pair();
    low.cast_signed()
}
