//! The database's lanes: bounded, drained, and alive whatever a job does.

use std::sync::mpsc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_types::BigInt};
use makker::base::db::{Access, Database, DatabaseUrl, Db, Engine, Settings, connect, write_transaction};
use makker::base::error::{Error, Result};

use crate::support::{OnEngine, TestDatabase, has_postgres};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

pub(crate) fn count(db: &mut Db) -> Result<i64> {
    let query = diesel::sql_query("SELECT number FROM tally");
    Ok(makker::each!(db, c => query.get_result::<Number>(c))?.number)
}

pub(crate) fn add_one(db: &mut Db) -> Result<()> {
    write_transaction(db, |db| Ok(db.batch_execute("UPDATE tally SET number = number + 1")?))
}

/// A database with one connection a lane and room for two jobs that wait.
pub(crate) fn open(database: &TestDatabase) -> Database {
    database.connect().batch_execute("CREATE TABLE tally (number bigint NOT NULL); INSERT INTO tally VALUES (0)").unwrap();
    Database::open(&Settings { connections: 1, queue: 2, ..Settings::new(database.url.clone()) }).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Holds the writing lane until the answer is sent or dropped; returns once it is held.
fn hold(database: &Database) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let database = database.clone();
    std::thread::spawn(move || {
        database.blocking_write(move |_| {
            begun.send(()).unwrap();
            let _ = released.recv();
            Ok(())
        })
    });
    has_begun.recv().unwrap();
    release
}

both_engines! {
    fn a_full_queue_says_so_at_once(database: TestDatabase) {
        let lanes = open(&database);
        let release = hold(&lanes);
        run(async {
            let mut first = Box::pin(lanes.write(add_one));
            let mut second = Box::pin(lanes.write(add_one));
            for waiting in [&mut first, &mut second] {
                assert!(poll_once(waiting).await.is_none());
            }
            assert!(matches!(lanes.write(add_one).await, Err(Error::Unavailable(_))));
            drop(release);
            first.await.unwrap();
            second.await.unwrap();
            assert_eq!(lanes.read(count).await.unwrap(), 2);
        });
    }

    fn what_nobody_waits_for_is_dropped_before_it_begins_and_finished_after(database: TestDatabase) {
        let lanes = open(&database);
        let release = hold(&lanes);
        run(async {
            let mut never_begun = Box::pin(lanes.write(add_one));
            assert!(poll_once(&mut never_begun).await.is_none());
            drop(never_begun);
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let (go_on, may_go_on) = mpsc::channel::<()>();
            let mut job = Box::pin(lanes.write(move |db| {
                begun.send(()).unwrap();
                let _ = may_go_on.recv();
                add_one(db)
            }));
            assert!(poll_once(&mut job).await.is_none());
            drop(release);
            has_begun.await.unwrap();
            drop(job);
            drop(go_on);
            // The lane has one connection: this runs after it.
            assert_eq!(lanes.write(count).await.unwrap(), 1);
        });
    }

    fn a_panic_costs_one_answer(database: TestDatabase) {
        let lanes = open(&database);
        let outcome = lanes.blocking_write(|db| {
            write_transaction(db, |db| -> Result<()> {
                db.batch_execute("UPDATE tally SET number = 100")?;
                panic!("a defect, made by this test")
            })
        });
        assert!(matches!(outcome, Err(Error::Internal(_))));
        assert_eq!(lanes.blocking_write(count).unwrap(), 0);
        assert_eq!(lanes.blocking_read(count).unwrap(), 0);
    }

    fn closing_finishes_what_waits_and_refuses_the_rest(database: TestDatabase) {
        let lanes = open(&database);
        let release = hold(&lanes);
        run(async {
            let mut waiting = Box::pin(lanes.write(add_one));
            assert!(poll_once(&mut waiting).await.is_none());
            drop(release);
            lanes.close();
            waiting.await.unwrap();
            assert!(matches!(lanes.write(add_one).await, Err(Error::Unavailable(_))));
            assert!(matches!(lanes.read(count).await, Err(Error::Unavailable(_))));
        });
        lanes.close();
        let again = Database::open(&Settings::new(database.url.clone())).unwrap();
        assert_eq!(again.blocking_read(count).unwrap(), 1);
        if again.engine() == Engine::Sqlite {
            drop((again, lanes));
            assert!(!database.dir().join("makker.db-wal").exists(), "the last connection tidies the log");
        }
    }

    fn a_lost_connection_costs_one_answer(database: TestDatabase) {
        let lanes = open(&database);
        if lanes.engine() == Engine::Sqlite {
            return;
        }
        let lost = lanes.blocking_write(|db| {
            write_transaction(db, |db| {
                db.batch_execute("UPDATE tally SET number = 100")?;
                Ok(db.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?)
            })
        });
        assert!(matches!(lost, Err(Error::Unavailable(_))), "{lost:?}");
        assert_eq!(lanes.blocking_write(count).unwrap(), 0);
        // Lost between the statements and the commit: nobody knows, so nobody says yes.
        let other = database.connect();
        let lost = lanes.blocking_write(move |db| {
            let mut other = other;
            write_transaction(db, |db| {
                let query = diesel::sql_query("SELECT pg_backend_pid()::bigint AS number");
                let me = makker::each!(&mut *db, c => query.get_result::<Number>(c))?.number;
                db.batch_execute("UPDATE tally SET number = 100")?;
                other.batch_execute(&format!("SELECT pg_terminate_backend({me}, 5000)"))?;
                Ok(())
            })
        });
        assert!(matches!(lost, Err(Error::Unavailable(_))), "{lost:?}");
        assert_eq!(lanes.blocking_read(count).unwrap(), 0);
    }

    fn a_connection_that_is_lost_at_rest_costs_nothing(database: TestDatabase) {
        let lanes = open(&database);
        if lanes.engine() == Engine::Sqlite {
            return;
        }
        let mut other = database.connect();
        for count_of_adds in 1..=3 {
            let before = lanes.blocking_read(session).unwrap();
            other.batch_execute(&format!("SELECT pg_terminate_backend({before}, 5000)")).unwrap();
            lanes.blocking_write(add_one).unwrap();
            assert_ne!(lanes.blocking_read(session).unwrap(), before);
            assert_eq!(lanes.blocking_read(count).unwrap(), count_of_adds, "once each");
        }
    }

    fn a_read_cannot_write(database: TestDatabase) {
        let lanes = open(&database);
        let refused = lanes.blocking_read(|db| makker::base::db::read_transaction(db, |db| Ok(db.batch_execute("UPDATE tally SET number = 1")?)));
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
        assert_eq!(lanes.blocking_read(count).unwrap(), 0);
    }

    fn nothing_is_lost_among_many_writers(database: TestDatabase) {
        drop(open(&database));
        let lanes = Database::open(&Settings { connections: 4, queue: 64, ..Settings::new(database.url.clone()) }).unwrap();
        let done = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..10).filter(|_| lanes.blocking_write(add_one).is_ok()).count())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(lanes.blocking_read(count).unwrap(), i64::try_from(done).unwrap());
    }
}

both_engines! {
    fn many_who_change_one_row_all_get_through(database: TestDatabase) {
        database.connect().batch_execute("CREATE TABLE tally (number bigint NOT NULL); INSERT INTO tally VALUES (0)").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut db = database.connect();
                    (0..25).for_each(|_| add_one(&mut db).unwrap());
                });
            }
        });
        assert_eq!(count(&mut database.connect()).unwrap(), 200);
    }
}

#[test]
fn opening_waits_for_whoever_holds_the_file() {
    let database = TestDatabase::on(Engine::Sqlite);
    // What is not in the mode of ours yet is put into it, which is a write; what is can be opened beside a writer.
    for (number, (mode, held, waits)) in [
        ("WAL", "BEGIN IMMEDIATE; INSERT INTO tally VALUES (1)", false),
        ("WAL", "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; INSERT INTO tally VALUES (1)", true),
        ("DELETE", "BEGIN IMMEDIATE", true),
        ("DELETE", "BEGIN EXCLUSIVE", true),
    ]
    .into_iter()
    .enumerate()
    {
        let path = database.dir().join(format!("opened-{number}.db"));
        let elsewhere = || SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let made = format!("PRAGMA journal_mode = {mode}; CREATE TABLE tally (number integer)");
        elsewhere().batch_execute(&made).unwrap();
        let mut holder = Some(elsewhere());
        holder.as_mut().unwrap().batch_execute(held).unwrap();
        let (tell, opened) = mpsc::channel();
        let url = DatabaseUrl::Sqlite(path.clone());
        std::thread::spawn(move || tell.send(connect(&url, Access::Write { create: false }).map(drop)));
        if waits {
            let early = opened.recv_timeout(Duration::from_millis(100));
            assert!(early.is_err(), "{mode} {held}: it must wait, and did not: {early:?}");
            holder = None;
        }
        opened.recv().unwrap().unwrap_or_else(|error| panic!("{mode} {held}: {error}"));
        drop(holder);
    }
}

#[test]
fn a_session_on_postgres_is_as_it_must_be_whatever_the_server_says() {
    if !has_postgres() {
        return;
    }
    let database = TestDatabase::on(Engine::Postgres);
    let Db::Postgres(mut c) = database.connect() else { panic!("PostgreSQL was asked for") };
    for (name, expected) in [
        ("TimeZone", "UTC"),
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("synchronous_commit", "on"),
        ("lc_messages", "C"),
    ] {
        let setting = diesel::dsl::sql::<diesel::sql_types::Text>(&format!("current_setting('{name}')"));
        assert_eq!(diesel::select(setting).get_result::<String>(&mut c).unwrap(), expected, "{name}");
    }
}

/// The session of a connection on PostgreSQL.
pub(crate) fn session(db: &mut Db) -> Result<i64> {
    let query = diesel::sql_query("SELECT pg_backend_pid()::bigint AS number");
    Ok(makker::each!(db, c => query.get_result::<Number>(c))?.number)
}

#[test]
fn closing_leaves_behind_what_does_not_end_in_time() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if engine == Engine::Postgres && !has_postgres() {
            return;
        }
        let database = TestDatabase::on(engine);
        let lanes = open(&database);
        let release = hold(&lanes);
        run(async {
            let mut waiting = Box::pin(lanes.write(add_one));
            assert!(poll_once(&mut waiting).await.is_none());
            assert!(!lanes.close_within(Duration::from_millis(50)));
            assert!(matches!(waiting.await, Err(Error::Unavailable(_))), "whoever still waits is told");
        });
        // A second time there is nothing to wait for.
        lanes.close();
        drop(release);
    }
}

#[test]
fn a_reader_that_does_not_end_takes_nothing_of_the_writers_time() {
    let database = TestDatabase::on(Engine::Sqlite);
    let lanes = open(&database);
    let written = std::thread::scope(|scope| {
        let (begun, has_begun) = mpsc::channel();
        let read_begun = begun.clone();
        let (never, stuck) = mpsc::channel::<()>();
        let (release, released) = mpsc::channel::<()>();
        let lanes = &lanes;
        let reader = move || {
            let told = lanes.blocking_read(move |_| {
                read_begun.send(()).unwrap();
                let _ = stuck.recv();
                Ok(())
            });
            // Told when its time is over: only now the writer goes on.
            drop(release);
            told
        };
        let writer = move || {
            lanes.blocking_write(move |_| {
                begun.send(()).unwrap();
                let _ = released.recv();
                Ok(())
            })
        };
        let (reader, writer) = (scope.spawn(reader), scope.spawn(writer));
        (0..2).for_each(|_| has_begun.recv().unwrap());
        assert!(!lanes.close_within(Duration::from_secs(2)), "the reader is left behind");
        assert!(matches!(reader.join().unwrap(), Err(Error::Unavailable(_))));
        drop(never);
        writer.join().unwrap()
    });
    written.unwrap();
}

#[test]
fn a_server_that_lets_nobody_write_is_not_stayed_with() {
    if !has_postgres() {
        return;
    }
    let database = TestDatabase::on(Engine::Postgres);
    let (lanes, mut other) = (open(&database), database.connect());
    // Of the database, not of a session that is there.
    let mut rests = |is_so: &str| {
        let set = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {is_so}', current_database()); END $$"
        );
        other.batch_execute(&set).unwrap();
    };
    rests("on");
    let refused = |outcome: Result<()>| assert!(matches!(outcome, Err(Error::Unavailable("the database is read-only"))), "{outcome:?}");
    refused(connect(&database.url, Access::Write { create: false }).map(drop));
    // As a standby says; and what nobody here knows. Either way the next job has another connection.
    for words in ["cannot use serializable mode in a hot standby", "words that nobody here knows"] {
        let raised = lanes.blocking_write(move |db| Ok(db.batch_execute(&format!("DO $$ BEGIN RAISE '{words}'; END $$"))?));
        assert!(raised.is_err(), "{words}");
        refused(lanes.blocking_write(add_one));
        rests("off");
        let before = lanes.blocking_read(session).unwrap();
        lanes.blocking_write(add_one).unwrap();
        assert_eq!(lanes.blocking_read(session).unwrap(), before, "what is sound is kept");
        rests("on");
    }
    rests("off");
}

/// Polls once: `None` when it is not done yet.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
