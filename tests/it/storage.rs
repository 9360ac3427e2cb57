//! What the rooms rely on in a database, held on both engines.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use makker::base::clock::Clock;
use makker::base::db::{
    Access, Db, Engine, connect, is_unique, lock_subjects, read_transaction, savepoint, server_now, write_transaction, writes_alone,
};
use makker::base::error::{Error, Result};
use makker::base::ids::{AnyId, IdSource};

use crate::support::TestDatabase;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn execute(db: &mut Db, sql: &str) -> Result<()> {
    Ok(db.batch_execute(sql)?)
}

fn number(db: &mut Db, sql: &str) -> Result<i64> {
    let query = diesel::sql_query(sql);
    Ok(makker::each!(db, c => query.get_result::<Number>(c))?.number)
}

/// A table of its own: what is held here is true of every table.
fn with_tally(db: &TestDatabase) -> Db {
    let mut connection = db.connect();
    execute(&mut connection, "CREATE TABLE tally (id bigint PRIMARY KEY, number bigint NOT NULL CHECK (number >= 0))").unwrap();
    execute(&mut connection, "INSERT INTO tally VALUES (1, 0)").unwrap();
    connection
}

const TALLY: &str = "SELECT number FROM tally WHERE id = 1";

both_engines! {
    fn the_clock_that_all_share_is_the_servers(db: TestDatabase) {
        let mut c = db.connect();
        let shared = write_transaction(&mut c, server_now).unwrap();
        assert_eq!(shared.is_some(), c.engine() == Engine::Postgres, "who shares a file shares a machine");
        // The server of a test runs on this machine.
        let apart = shared.map(|at| at.since(Clock::System.now()).abs());
        assert!(apart.is_none_or(|apart| apart < chrono::TimeDelta::minutes(5)), "{apart:?}");
    }

    fn whoever_looks_at_the_latest_and_writes_comes_after_what_was_stored_before(db: TestDatabase) {
        let (mut c, mut beside) = (with_tally(&db), db.connect());
        execute(&mut c, "CREATE INDEX tally_by_number ON tally (number)").unwrap();
        let write = |c: &mut Db, id: i64, now: i64, meanwhile: &mut dyn FnMut()| {
            let latest = number(c, "SELECT max(number) AS number FROM tally")?;
            meanwhile();
            execute(c, &format!("INSERT INTO tally VALUES ({id}, {})", latest.max(now)))
        };
        // One whose clock is far ahead is stored while the other, who was there first, is at it; on SQLite before it.
        let mut ahead = || write_transaction(&mut beside, |c| write(c, 2, 1_000, &mut || {})).unwrap();
        let (mut tries, is_sqlite) = (0, c.engine() == Engine::Sqlite);
        if is_sqlite {
            ahead();
        }
        write_transaction(&mut c, |c| {
            tries += 1;
            let is_first = tries == 1;
            write(c, 3, 5, &mut || {
                if is_first && !is_sqlite {
                    ahead();
                }
            })
        })
        .unwrap();
        assert_eq!((number(&mut c, "SELECT number FROM tally WHERE id = 3").unwrap(), tries), (1_000, if is_sqlite { 1 } else { 2 }));
    }

    fn a_verb_that_fails_leaves_nothing(db: TestDatabase) {
        let mut c = with_tally(&db);
        let failed = write_transaction(&mut c, |c| {
            execute(c, "UPDATE tally SET number = 7")?;
            Err::<(), _>(Error::internal("no"))
        });
        assert!(matches!(failed, Err(Error::Internal(_))));
        assert_eq!(number(&mut c, TALLY).unwrap(), 0);
    }

    fn an_expected_violation_spoils_only_its_savepoint(db: TestDatabase) {
        let mut c = with_tally(&db);
        write_transaction(&mut c, |c| {
            execute(c, "UPDATE tally SET number = 1")?;
            let refused = savepoint(c, |c| {
                execute(c, "UPDATE tally SET number = 2")?;
                execute(c, "INSERT INTO tally VALUES (1, 9)")
            });
            assert!(is_unique(&refused.unwrap_err(), "tally.id"));
            execute(c, "UPDATE tally SET number = number + 10")
        })
        .unwrap();
        assert_eq!(number(&mut c, TALLY).unwrap(), 11);
    }

    fn writers_of_one_row_wait_or_run_again(db: TestDatabase) {
        let mut c = with_tally(&db);
        let add_many = || {
            let mut c = db.connect();
            for _ in 0..20 {
                let add_one = |c: &mut Db| {
                    let before = number(c, TALLY)?;
                    execute(c, &format!("UPDATE tally SET number = {}", before + 1))
                };
                write_transaction(&mut c, add_one).unwrap();
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(add_many))));
        assert_eq!(number(&mut c, TALLY).unwrap(), 80);
    }

    /// A process that writes without a pause, each time for some milliseconds, keeps none of the others out.
    fn a_busy_writer_starves_nobody(db: TestDatabase) {
        let mut c = with_tally(&db);
        let is_enough = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut busy = db.connect();
                    while !is_enough.load(Ordering::Relaxed) {
                        let many = |c: &mut Db| (0..200).try_for_each(|_| execute(c, "UPDATE tally SET number = number + 1"));
                        write_transaction(&mut busy, many).unwrap();
                    }
                });
            }
            let turns: Vec<Result<()>> =
                (0..20).map(|id| write_transaction(&mut c, |c| execute(c, &format!("INSERT INTO tally VALUES ({}, 0)", id + 2)))).collect();
            is_enough.store(true, Ordering::Relaxed);
            assert!(turns.iter().all(Result::is_ok), "{turns:?}");
        });
    }

    fn a_read_is_one_snapshot(db: TestDatabase) {
        let mut writer = with_tally(&db);
        let mut reader = connect(&db.url, Access::Read).unwrap();
        read_transaction(&mut reader, |c| {
            assert_eq!(number(c, TALLY)?, 0);
            execute(&mut writer, "UPDATE tally SET number = 5")?;
            assert_eq!(number(c, TALLY)?, 0);
            Ok(())
        })
        .unwrap();
        let wrote = read_transaction(&mut reader, |c| execute(c, "UPDATE tally SET number = 6"));
        assert!(matches!(wrote, Err(Error::Internal(_))), "a read must not write");
        assert_eq!(number(&mut reader, TALLY).unwrap(), 5);
    }

    fn a_broken_check_is_known_by_name(db: TestDatabase) {
        let mut c = with_tally(&db);
        let refused = write_transaction(&mut c, |c| execute(c, "UPDATE tally SET number = -1"));
        assert!(matches!(refused, Err(Error::Violation(makker::base::error::Violation::Check(_)))), "{refused:?}");
        assert!(db.dir().is_dir());
    }

    fn who_locks_the_same_subjects_waits_and_never_deadlocks(db: TestDatabase) {
        let mut c = with_tally(&db);
        let ids = IdSource::seeded(1);
        let subjects = [ids.next(), ids.next(), ids.next()];
        let verb = |subjects: Vec<AnyId>| {
            let mut c = db.connect();
            let mut done = 0;
            while done < 10 {
                let outcome = write_transaction(&mut c, |c| {
                    lock_subjects(c, &subjects)?;
                    execute(c, "UPDATE tally SET number = number + 1")
                });
                done += i32::from(!matches!(outcome, Err(Error::Unavailable(_))));
            }
        };
        let backwards = subjects.iter().rev().copied().collect();
        std::thread::scope(|scope| {
            scope.spawn(|| verb(subjects.to_vec()));
            scope.spawn(|| verb(backwards));
        });
        assert_eq!(number(&mut c, TALLY).unwrap(), 20);
    }

    fn a_deadlock_is_run_again(db: TestDatabase) {
        let mut c = with_tally(&db);
        if c.engine() == Engine::Sqlite {
            return;
        }
        execute(&mut c, "INSERT INTO tally VALUES (2, 0)").unwrap();
        let both_hold_one = std::sync::Barrier::new(2);
        let verb = |first: i64, second: i64| {
            let (mut c, mut runs) = (db.connect(), 0);
            write_transaction(&mut c, |c| {
                runs += 1;
                execute(c, &format!("UPDATE tally SET number = number + 1 WHERE id = {first}"))?;
                if runs == 1 {
                    both_hold_one.wait();
                }
                execute(c, &format!("UPDATE tally SET number = number + 1 WHERE id = {second}"))
            })
            .unwrap();
            runs
        };
        let runs = std::thread::scope(|scope| {
            let other = scope.spawn(|| verb(2, 1));
            verb(1, 2) + other.join().unwrap()
        });
        assert!(runs > 2, "one of them had to run again");
        assert_eq!(number(&mut c, "SELECT sum(number)::bigint AS number FROM tally").unwrap(), 4);
    }

    /// Whoever configured the server: nothing is compiled, and whoever holds the lock of the writers is not waited for without end.
    fn a_session_is_as_it_must_be(db: TestDatabase) {
        let mut c = with_tally(&db);
        if c.engine() == Engine::Sqlite {
            return;
        }
        let is = |c: &mut Db, name: &str, value: &str| number(c, &format!("SELECT (current_setting('{name}') = '{value}')::int::bigint AS number"));
        for (name, value) in [("jit", "off"), ("enable_seqscan", "off"), ("idle_session_timeout", "0")] {
            assert_eq!(is(&mut c, name, value).unwrap(), 1, "{name}");
        }
        let while_held = write_transaction(&mut c, |c| is(c, "idle_session_timeout", "1min")).unwrap();
        assert_eq!((while_held, is(&mut c, "idle_session_timeout", "0").unwrap()), (1, 1));
    }

    fn an_attempt_whose_transaction_is_gone_fails_the_whole(db: TestDatabase) {
        let mut c = with_tally(&db);
        // As SQLite itself does where the disk is full; whether or not the attempt says that it failed.
        for attempt in ["ROLLBACK", "ROLLBACK; INSERT INTO nowhere VALUES (1)"] {
            let lost = write_transaction(&mut c, |c| {
                execute(c, "UPDATE tally SET number = 7")?;
                savepoint(c, |c| execute(c, attempt))
            });
            assert!(matches!(lost, Err(Error::Unavailable(_))), "{attempt}: {lost:?}");
            assert_eq!(number(&mut c, TALLY).unwrap(), 0);
        }
    }

    fn whoever_met_a_constraint_looks_again_alone_and_knows_it(db: TestDatabase) {
        let mut c = with_tally(&db);
        let (mut alone, somebody) = (Vec::new(), IdSource::seeded(1).next());
        let met = write_transaction(&mut c, |c| {
            // A lock on a subject is another.
            lock_subjects(c, &[somebody])?;
            alone.push(writes_alone(c)?);
            execute(c, "INSERT INTO tally VALUES (1, 0)")
        });
        assert!(matches!(met, Err(Error::Violation(_))), "{met:?}");
        // On SQLite nobody else ever writes meanwhile.
        assert_eq!(alone, if c.engine() == Engine::Sqlite { vec![true] } else { vec![false, true] });
    }

    fn whoever_lost_once_runs_alone(db: TestDatabase) {
        let (mut c, mut other, mut watch) = (with_tally(&db), db.connect(), db.connect());
        if c.engine() == Engine::Sqlite {
            return;
        }
        let add = |c: &mut Db| write_transaction(c, |c| execute(c, "UPDATE tally SET number = number + 1"));
        let waiting = "SELECT count(*) AS number FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let mut runs = 0;
        std::thread::scope(|scope| {
            write_transaction(&mut c, |c| {
                runs += 1;
                let before = number(c, TALLY)?;
                if runs == 1 {
                    add(&mut other)?;
                } else {
                    let mut late = db.connect();
                    let latecomer = scope.spawn(move || add(&mut late).unwrap());
                    while !latecomer.is_finished() && number(&mut watch, waiting)? == 0 {
                        std::thread::yield_now();
                    }
                }
                execute(c, &format!("UPDATE tally SET number = {}", before + 1))
            })
            .unwrap();
        });
        assert_eq!((runs, number(&mut c, TALLY).unwrap()), (2, 3));
    }
}
