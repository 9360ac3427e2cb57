//! Migrations: one folder of SQL for both engines, compiled in, applied in order, each in a transaction of its own.
//!
//! `up.sql` and `down.sql` are for both; `up.postgres.sql` and the like hold what one engine alone needs and run after them.

use std::fmt::Write as _;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::dialect::fill_in;
use super::transaction::schema_transaction;
use super::types::Moment;
use super::{Db, Engine};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};

/// A step of the schema: its folder's name and the files in it.
struct Migration {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! migrations {
    ($($name:literal: $($file:literal),+;)+) => {
        /// Every migration, in order; a test compares this with the folder.
        const ALL: &[Migration] = &[$(Migration {
            name: $name,
            files: &[$(($file, include_str!(concat!("../../../migrations/", $name, "/", $file, ".sql")))),+],
        }),+];
    };
}

migrations! {
    "0001_journal_create": "down", "down.postgres", "up", "up.postgres", "up.sqlite";
    "0002_access_create": "down", "up";
    "0003_messages_create": "down", "up";
    "0004_duties_create": "down", "up";
    "0005_people_create": "down", "up";
    "0006_staff_create": "down", "up";
    "0007_enquiries_create": "down", "up";
    "0008_cases_create": "down", "up";
    "0009_courses_create": "down", "up";
    "0010_matching_create": "down", "up";
    "0011_sessions_create": "down", "up", "up.postgres", "up.sqlite";
    "0012_followups_create": "down", "up";
    "0013_availability_create": "down", "up";
    "0014_session_changes_create": "down", "up";
    "0015_series_create": "down", "up";
    "0016_covers_create": "down", "up";
    "0017_calendars_create": "down", "up";
    "0018_links_create": "down", "up";
    "0019_joint_create": "down", "up";
    "0020_wishes_create": "down", "up";
    "0021_answers_create": "down", "up";
    "0022_runs_create": "down", "up";
    "0023_planning_widen": "down", "up";
    "0024_proposals_extend": "down", "up";
    "0025_reopenings_create": "down", "up";
    "0026_holder_keys_create": "down", "up";
    "0027_unseen_extend": "down", "up";
    "0028_cases_amend": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0029_indexes_mend": "down", "up";
    "0030_messages_forget": "down", "up";
    "0031_histories_keep": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0032_meetings_extend": "down", "up";
    "0033_undecided_extend": "down", "up";
    "0034_searches_mend": "down", "up";
    "0036_phones_mend": "down", "up";
    "0037_corrections_create": "down", "up", "up.postgres", "up.sqlite";
    "0038_mailboxes_mend": "down", "up";
    "0040_journal_slim": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0042_meetings_amend": "down", "down.postgres", "down.sqlite", "up";
    "0045_stops_mend": "down", "up";
    "0046_logs_refile": "down", "up", "up.postgres", "up.sqlite";
    "0047_journal_share": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0048_findings_amend": "down", "up";
    "0049_corrections_join": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0050_gaps_extend": "down", "up";
    "0052_birthdays_amend": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0053_staff_accounts": "down", "up";
    "0054_corrections_extend": "down", "down.postgres", "down.sqlite", "up";
    "0056_starts_date": "down", "up";
    "0058_journal_hash": "down", "up";
    "0060_followups_mend": "down", "down.postgres", "down.sqlite", "up";
    "0064_leaves_split": "down", "up";
    "0066_offers_amend": "down", "up";
    "0070_series_give": "down", "up";
    "0072_messages_index": "down", "up";
    "0074_indexes_mend": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0076_relations_role": "down", "up";
    "0086_covers_clear": "down", "up";
    "0088_cuts_confirm": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0090_tokens_index": "down", "up";
    "0092_duties_slim": "down", "up";
    "0095_logs_leave": "down", "up";
    "0096_sessions_slim": "down", "up";
    "0100_deaths_keep": "down", "up";
    "0102_covers_remember": "down", "up";
    "0108_deaths_date": "down", "up";
    "0110_told_apart": "down", "up";
    "0112_indexes_trim": "down", "up";
    "0116_logs_sent": "down", "up";
    "0118_settlements_keep": "down", "down.postgres", "down.sqlite", "up";
    "0120_ends_doubt": "down", "up";
    "0122_sessions_agreed": "down", "up";
    "0126_logs_wait": "down", "up";
    "0128_logs_again": "down", "up";
    "0130_ages_known": "down", "up";
    "0132_logs_tray": "down", "up";
    "0134_duties_assign": "down", "up";
    "0135_corrections_night": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0140_logs_order": "down", "up";
    "0144_recipients_replaced": "down", "up";
    "0146_cases_taken": "down", "up";
    "0147_claims_slim": "down", "down.postgres", "down.sqlite", "up", "up.postgres", "up.sqlite";
    "0150_covers_count": "down", "up";
    "0151_indexes_slim": "down", "up";
    "0153_words_ask": "down", "up";
    "0154_changes_found": "down", "up";
}

diesel::table! {
    use diesel::sql_types::*;
    use super::Moment;
    /// What was applied, and from which text.
    schema_migrations (name) {
        /// The migration's folder.
        name -> Text,
        /// Of the text that ran.
        checksum -> Text,
        /// When.
        applied_at -> Moment,
    }
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (name {text_c} PRIMARY KEY NOT NULL, checksum {text} NOT NULL, applied_at {time} NOT NULL) {strict};";

impl Migration {
    /// What `engine` runs to go up or down.
    fn sql(&self, engine: Engine, direction: &str) -> Result<String> {
        let own = format!("{direction}.{engine}");
        let mut out = String::new();
        for wanted in [direction, &own] {
            if let Some((_, text)) = self.files.iter().find(|(file, _)| *file == wanted) {
                out.push_str(&fill_in(engine, text)?);
            }
        }
        Ok(out)
    }

    /// SHA-256 of what `engine` runs to go up, in hex.
    fn checksum(&self, engine: Engine) -> Result<String> {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(self.sql(engine, "up")?) {
            write!(hex, "{byte:02x}").map_err(Error::internal)?;
        }
        Ok(hex)
    }

    /// Why this step was not done, for the operator. Where another process is in the way it is nothing of the step.
    fn failed(&self, direction: &str, error: Error) -> Error {
        let cause = match error {
            Error::Unavailable(_) | Error::RunAgain => return error,
            Error::Internal(cause) => cause,
            other => other.to_string(),
        };
        Error::Internal(format!("migration {} {direction}: {cause}", self.name))
    }
}

/// The names of all migrations, in order.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|migration| migration.name).collect()
}

/// The names of the migrations that the database lacks, in order.
///
/// # Errors
/// `Internal`, with words for the operator, when an applied migration was changed since or is unknown to this program.
pub fn pending(db: &mut Db) -> Result<Vec<&'static str>> {
    Ok(missing(db)?.into_iter().map(|migration| migration.name).collect())
}

/// Whether nothing was ever applied: a database that holds nothing yet.
///
/// # Errors
/// Whatever the engine says.
pub fn is_new(db: &mut Db) -> Result<bool> {
    Ok(applied(db)?.is_empty())
}

/// Applies what is pending and returns its names. Several processes may call this at once: each migration is applied once.
///
/// # Errors
/// As [`pending`], and whatever the engine says about a step, up to its commit, with the step's name; what was applied before stays.
pub fn apply(db: &mut Db, now: Instant) -> Result<Vec<&'static str>> {
    let engine = db.engine();
    let mut applied = Vec::new();
    loop {
        let mut step = None;
        let done = schema_transaction(db, |db| {
            db.batch_execute(&fill_in(engine, LEDGER)?)?;
            step = missing(db)?.into_iter().next();
            step.map_or(Ok(()), |migration| go_up(db, migration, now))
        });
        let Some(migration) = step else { return done.map(|()| applied) };
        done.map_err(|error| migration.failed("up", error))?;
        applied.push(migration.name);
    }
}

/// Takes back the latest applied migration, data and all; `None` when there is none.
///
/// # Errors
/// As [`apply`].
pub fn revert(db: &mut Db) -> Result<Option<&'static str>> {
    let mut step = None;
    let done = schema_transaction(db, |db| {
        let done = applied(db)?;
        step = ALL.iter().rev().find(|migration| done.iter().any(|(name, _)| name == migration.name));
        let Some(migration) = step else { return Ok(()) };
        run(db, migration, "down")?;
        diesel::delete(schema_migrations::table.find(migration.name)).execute(db)?;
        Ok(())
    });
    let Some(migration) = step else { return done.map(|()| None) };
    done.map_err(|error| migration.failed("down", error))?;
    Ok(Some(migration.name))
}

/// Takes back the whole schema, data and all, and makes it again: an empty database, for a demonstration that begins anew. All at once:
/// whoever asks meanwhile sees the old one or the new one.
///
/// # Errors
/// As [`apply`].
pub fn make_anew(db: &mut Db, now: Instant) -> Result<()> {
    schema_transaction(db, |db| {
        let done = applied(db)?;
        for migration in ALL.iter().rev().filter(|migration| done.iter().any(|(name, _)| name == migration.name)) {
            run(db, migration, "down").map_err(|error| migration.failed("down", error))?;
        }
        diesel::delete(schema_migrations::table).execute(db)?;
        ALL.iter().try_for_each(|migration| go_up(db, migration, now).map_err(|error| migration.failed("up", error)))
    })
}

/// Whether the database holds no table at all but, perhaps, our ledger of nothing: nobody's data.
///
/// # Errors
/// Whatever the engine says.
pub fn is_untouched(db: &mut Db) -> Result<bool> {
    let tables = match db.engine() {
        Engine::Sqlite => "SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'",
        Engine::Postgres => {
            "SELECT count(*) AS tables FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_migrations'"
        }
    };
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        tables: i64,
    }
    let count: Count = crate::each!(&mut *db, c => diesel::sql_query(tables).get_result(c))?;
    Ok(count.tables == 0 && is_new(db)?)
}

/// Everything that `engine` runs to go up from nothing, as SQL.
///
/// # Errors
/// `Internal` for a broken migration.
pub fn print(engine: Engine) -> Result<String> {
    let mut out = String::new();
    for migration in ALL {
        writeln!(out, "-- {}\n{}", migration.name, migration.sql(engine, "up")?).map_err(Error::internal)?;
    }
    Ok(out)
}

/// Applies a migration and writes that down.
fn go_up(db: &mut Db, migration: &Migration, now: Instant) -> Result<()> {
    run(db, migration, "up")?;
    let row = (
        schema_migrations::name.eq(migration.name),
        schema_migrations::checksum.eq(migration.checksum(db.engine())?),
        schema_migrations::applied_at.eq(now),
    );
    diesel::insert_into(schema_migrations::table).values(row).execute(db)?;
    Ok(())
}

fn run(db: &mut Db, migration: &Migration, direction: &str) -> Result<()> {
    let sql = migration.sql(db.engine(), direction)?;
    Ok(db.batch_execute(&sql)?)
}

fn missing(db: &mut Db) -> Result<Vec<&'static Migration>> {
    let done = applied(db)?;
    for (name, checksum) in &done {
        match ALL.iter().find(|migration| migration.name == name) {
            None => {
                return Err(Error::Internal(format!(
                    "the database has {name}, which this program does not know: it is older than the database"
                )));
            }
            Some(migration) if migration.checksum(db.engine())? != *checksum => {
                return Err(Error::Internal(format!("migration {name} was changed after it was applied")));
            }
            Some(_) => {}
        }
    }
    Ok(ALL.iter().filter(|migration| done.iter().all(|(name, _)| name != migration.name)).collect())
}

/// Name and checksum of what was applied; nothing on a database that was never migrated.
fn applied(db: &mut Db) -> Result<Vec<(String, String)>> {
    let exists = match db {
        Db::Sqlite(c) => diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(
            "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations')",
        ))
        .get_result::<bool>(c)?,
        Db::Postgres(c) => {
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>("to_regclass('schema_migrations') IS NOT NULL")).get_result(c)?
        }
    };
    if !exists {
        return Ok(Vec::new());
    }
    let rows = schema_migrations::table.select((schema_migrations::name, schema_migrations::checksum));
    Ok(rows.order(schema_migrations::name).load(db)?)
}

#[cfg(test)]
mod tests {
    use super::super::{Access, DatabaseUrl, connect};
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let names = |path: &std::path::Path| {
            let entries = std::fs::read_dir(path).unwrap();
            let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let folder = names(&root);
        assert_eq!(super::names(), folder, "list every folder of migrations/ in src/base/db/migrations.rs, in order");
        for migration in ALL {
            let mut files: Vec<String> = migration.files.iter().map(|(file, _)| format!("{file}.sql")).collect();
            files.sort();
            assert_eq!(files, names(&root.join(migration.name)), "list the files of {}", migration.name);
            assert!(migration.files.iter().any(|(file, _)| *file == "up") && migration.files.iter().any(|(file, _)| *file == "down"));
        }
    }

    #[test]
    fn a_database_made_anew_holds_nothing_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = connect(&DatabaseUrl::Sqlite(folder.path().join("m.db")), Access::Write { create: true }).unwrap();
        assert!(is_untouched(&mut db).unwrap());
        let now = Instant::from_micros(0);
        apply(&mut db, now).unwrap();
        assert!(!is_untouched(&mut db).unwrap());
        db.batch_execute("INSERT INTO agencies (id, name, kind, recorded_at, version) VALUES (zeroblob(16), 'x', 'school', 0, 1)").unwrap();
        make_anew(&mut db, now).unwrap();
        assert_eq!(pending(&mut db).unwrap(), Vec::<&str>::new());
        db.batch_execute("INSERT INTO agencies (id, name, kind, recorded_at, version) VALUES (zeroblob(16), 'x', 'school', 0, 1)").unwrap();
        while revert(&mut db).unwrap().is_some() {}
        assert!(is_untouched(&mut db).unwrap(), "a ledger of nothing is nobody's data");
        db.batch_execute("CREATE TABLE somebody_elses (a INTEGER)").unwrap();
        assert!(is_new(&mut db).unwrap() && !is_untouched(&mut db).unwrap());
    }

    #[test]
    fn a_changed_or_unknown_migration_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = connect(&DatabaseUrl::Sqlite(folder.path().join("m.db")), Access::Write { create: true }).unwrap();
        assert_eq!(pending(&mut db).unwrap().len(), ALL.len());
        let now = Instant::from_micros(0);
        assert_eq!(apply(&mut db, now).unwrap().len(), ALL.len());
        assert_eq!(apply(&mut db, now).unwrap(), Vec::<&str>::new());
        assert_eq!(pending(&mut db).unwrap(), Vec::<&str>::new());

        db.batch_execute("UPDATE schema_migrations SET checksum = 'x' WHERE name = '0001_journal_create'").unwrap();
        assert!(pending(&mut db).unwrap_err().to_string().contains("was changed"));
        db.batch_execute("UPDATE schema_migrations SET name = '9999_later' WHERE name = '0001_journal_create'").unwrap();
        assert!(pending(&mut db).unwrap_err().to_string().contains("does not know"));
    }
}
