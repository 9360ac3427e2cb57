//! Transactions, in our own words: `BEGIN IMMEDIATE` and `SERIALIZABLE`, a commit that cannot pass for a rollback, a retry that is bounded.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use super::connect::BUSY_MS;
use super::failure::{FULL, READ_ONLY};
use super::lock::house;
use super::{Db, Engine};
use crate::base::error::{Error, Result};

/// SQLite's write lock did not come free in time.
pub(super) const HELD: &str = "another process holds the database: a busy server, a backup, a migration or somebody's shell?";
/// How long whoever needs a lock on SQLite waits for their turn.
const TURN_MOST: Duration = Duration::from_secs(10);
/// How long it rests before it looks again: a server that writes without a pause leaves the lock for less than a tenth of that between two
/// transactions, and SQLite's own waits grow until they never meet such a moment.
const TURN_REST: Duration = Duration::from_millis(1);
/// How often a transaction runs in all before a conflict becomes a 503: beside others first, then alone. Then only a writer that is none of
/// ours can be in its way.
const ATTEMPTS: u32 = 4;

/// Runs `f` in a writing transaction and commits what it did; any error rolls back.
///
/// Where PostgreSQL asks for it (40001, 40P01), or a constraint ends it, `f` runs again, and then alone: it must do nothing but speak to `db`
/// and start from the same values each time. After a database error end the verb, or have made the attempt in a [`savepoint`].
///
/// # Errors
/// What `f` said; `Unavailable` when the outcome of the commit is unknown or conflicts did not end.
pub fn write_transaction<T>(db: &mut Db, mut f: impl FnMut(&mut Db) -> Result<T>) -> Result<T> {
    if db.engine() == Engine::Sqlite {
        // Takes the write lock at once: a later upgrade could only fail. Here is one writer at a time, and it has waited for its turn: whoever
        // writes is outside.
        return match run(db, "BEGIN IMMEDIATE", f) {
            Err(Error::RunAgain) => Err(Error::Unavailable(HELD)),
            done => done,
        };
    }
    for attempt in 0..ATTEMPTS {
        // Conflicts are judged by pages of an index, so that people who share nothing collide, and whoever lost once would lose again to whoever
        // is new: the second time is alone, as soon as those who write have ended. The lock is taken before the transaction: one that waited inside
        // would look at what was true before it waited. A process that stops while it holds it, outside the transaction, too, would keep all
        // others from writing: the server ends such a session.
        let how = if attempt == 0 { "pg_advisory_lock_shared" } else { "pg_advisory_lock" };
        db.batch_execute(&format!("SET idle_session_timeout = '60s'; SELECT {how}({})", house::WRITING))?;
        let outcome = run(db, "BEGIN ISOLATION LEVEL SERIALIZABLE", &mut f);
        if let Err(error) = db.batch_execute("SELECT pg_advisory_unlock_all(); RESET idle_session_timeout") {
            // The connection is gone, and its lock with it.
            tracing::warn!(error = %Error::from(error), "unlocking failed");
        }
        match outcome {
            Err(Error::RunAgain) => {}
            // Where two enter the same, who is later meets a constraint, not a conflict: looking again it finds what the other made.
            Err(Error::Violation(_)) if attempt == 0 => {}
            done => return done,
        }
    }
    Err(Error::Unavailable("too many conflicting changes at once"))
}

/// Runs `f` alone among all who change the schema; each statement sees what others committed before it, and may take its time.
pub(super) fn schema_transaction<T>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    let begin = match db.engine() {
        Engine::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        Engine::Postgres => format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
             SELECT pg_advisory_xact_lock({})",
            house::MIGRATION
        ),
    };
    match run(db, &begin, f) {
        Err(Error::RunAgain) => Err(Error::Unavailable(HELD)),
        done => done,
    }
}

/// Does on SQLite what a lock of somebody else may be in the way of, as soon as that is free.
///
/// # Errors
/// What `f` said; `RunAgain` when it did not come free in time.
pub(super) fn in_turn(mut f: impl FnMut() -> Result<()>) -> Result<()> {
    let until = Instant::now() + TURN_MOST;
    loop {
        match f() {
            Err(Error::RunAgain) if Instant::now() < until => std::thread::sleep(TURN_REST),
            done => return done,
        }
    }
}

/// Begins on SQLite as soon as the write lock is free.
fn take_turn(db: &mut Db, how: &str) -> Result<()> {
    db.batch_execute("PRAGMA busy_timeout = 0")?;
    let begun = in_turn(|| Ok(db.batch_execute(how)?));
    db.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_MS}"))?;
    begun
}

fn run<T>(db: &mut Db, how: &str, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    let begun = match db.engine() {
        Engine::Sqlite => take_turn(db, how),
        Engine::Postgres => db.batch_execute(how).map_err(Error::from),
    };
    let outcome = begun.and_then(|()| f(db));
    match outcome {
        Ok(value) => commit(db).map(|()| value),
        Err(error) => {
            roll_back(db);
            Err(error)
        }
    }
}

/// Runs `f` over one snapshot of the database; whatever it did, nothing is kept.
///
/// # Errors
/// What `f` said.
pub fn read_transaction<T>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    db.batch_execute(match db.engine() {
        Engine::Sqlite => "BEGIN DEFERRED",
        Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })?;
    let outcome = f(db);
    roll_back(db);
    match outcome {
        Err(Error::RunAgain) => Err(Error::Unavailable("the database is busy")),
        Err(Error::Unavailable(READ_ONLY)) => Err(Error::internal("a read tried to write")),
        done => done,
    }
}

/// Runs `f` so that an expected violation leaves the transaction around it usable: on an error only what `f` did is undone.
///
/// # Errors
/// What `f` said; `Unavailable` when the transaction around it is lost.
pub fn savepoint<T>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    // Nested ones may share the name: the innermost is meant.
    db.batch_execute("SAVEPOINT attempt")?;
    let done = match f(db) {
        Ok(value) => db.batch_execute("RELEASE SAVEPOINT attempt").map(|()| value).map_err(Error::from),
        Err(error) => Err(error),
    };
    done.map_err(|error| match db.batch_execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt") {
        Ok(()) => error,
        // The engine rolled all of it back (a full disk on SQLite): nothing may go on as if the rest stood.
        Err(_) => Error::Unavailable("the transaction was lost"),
    })
}

/// Commits, or rolls back and says why not.
fn commit(db: &mut Db) -> Result<()> {
    // PostgreSQL answers COMMIT of a failed transaction with a silent rollback: the statement before it makes that an error.
    let commit = match db.engine() {
        Engine::Sqlite => "COMMIT",
        Engine::Postgres => "SELECT 1; COMMIT",
    };
    db.batch_execute(commit).map_err(|error| {
        let error = Error::from(error);
        roll_back(db);
        let knows = db.engine() == Engine::Postgres && !db.is_broken();
        not_committed(error, knows)
    })
}

/// What a commit that failed says; `knows`: the engine answered, and is still there.
fn not_committed(error: Error, knows: bool) -> Error {
    match error {
        // Certainly not committed.
        Error::RunAgain | Error::Violation(_) | Error::Unavailable(FULL) => error,
        Error::Internal(cause) if knows => Error::Internal(cause),
        other => {
            // The engine's own words, which the caller is not told.
            tracing::error!(cause = %other, "a commit failed");
            Error::Unavailable("the outcome of the commit is unknown")
        }
    }
}

/// Rolls back. A failure says either that the engine did so itself (a full disk on SQLite), or that the connection is gone,
/// and with it the transaction.
fn roll_back(db: &mut Db) {
    if let Err(error) = db.batch_execute("ROLLBACK")
        && !error.to_string().contains("no transaction is active")
    {
        tracing::warn!(error = %Error::from(error), "rollback failed");
    }
}

#[cfg(test)]
mod tests {
    use super::super::failure::BROKEN;
    use super::*;

    #[test]
    fn a_commit_that_failed_says_what_is_known_of_it() {
        let unknown = "unavailable: the outcome of the commit is unknown";
        for (error, knows, said) in [
            (Error::Unavailable(FULL), false, "unavailable: the disk is full"),
            (Error::Unavailable("the database connection is lost"), false, unknown),
            (Error::Unavailable(BROKEN), false, unknown),
            (Error::internal("words that nobody here knows"), false, unknown),
            (Error::internal("could not write"), true, "internal: could not write"),
        ] {
            assert_eq!(not_committed(error, knows).to_string(), said);
        }
        assert!(matches!(not_committed(Error::RunAgain, false), Error::RunAgain));
    }
}
