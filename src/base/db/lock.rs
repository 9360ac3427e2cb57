//! Locks on subjects, for rules that look at several rows before they write one; and the clock that whoever shares a database shares.

use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool};

use super::Db;
use super::types::Moment;
use crate::base::clock::Instant;
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

/// Whether nobody else writes as long as this transaction does: a constraint that it meets was not broken by what somebody made beside it.
///
/// # Errors
/// The database's.
pub fn writes_alone(db: &mut Db) -> Result<bool> {
    let Db::Postgres(c) = db else { return Ok(true) };
    // The lock of the writers, held whole.
    let held = format!(
        "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND mode = 'ExclusiveLock' \
         AND objsubid = 1 AND ((classid::bigint << 32) | objid::bigint) = {})",
        house::WRITING
    );
    Ok(diesel::select(sql::<Bool>(&held)).get_result(c)?)
}

/// The moment by the server's clock, which is the same for all processes over the database, wherever they run. `None` on SQLite: who shares a file shares
/// a machine, and its clock.
///
/// # Errors
/// The database's.
pub fn server_now(db: &mut Db) -> Result<Option<Instant>> {
    let Db::Postgres(c) = db else { return Ok(None) };
    Ok(Some(diesel::select(sql::<Moment>("clock_timestamp()")).get_result(c)?))
}

/// The random half of an id; two subjects with one key only wait for each other needlessly.
fn key(id: AnyId) -> i64 {
    let (_, low) = id.uuid().as_u64_pair();
    low.cast_signed()
}
