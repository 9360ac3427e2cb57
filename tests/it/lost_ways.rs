//! The lanes when the way to the server is barred, ends or says nothing any more.

use std::sync::mpsc;
use std::time::Duration;

use makker::base::db::{Database, Db, Engine, Settings};
use makker::base::error::{Error, Result};

use crate::lanes::{add_one, count, open, session};
use crate::support::{OnEngine, Proxy, TestDatabase, has_postgres};

/// Longer than any test.
const PATIENT: Duration = Duration::from_secs(24 * 60 * 60);
/// What is silent is given up soon. So is, on a busy machine, what is only slow: who asks asks again.
const IMPATIENT: Duration = Duration::from_secs(1);

/// A database on PostgreSQL, the way to it, and lanes that take that way.
fn open_by_proxy(connections: usize, answers_within: Duration) -> (TestDatabase, Database, Proxy) {
    let database = TestDatabase::on(Engine::Postgres);
    drop(open(&database));
    let proxy = Proxy::before(&database.url);
    let settings = Settings { connections, queue: 64, answers_within, ..Settings::new(proxy.url.clone()) };
    let lanes = Database::open(&settings).unwrap();
    (database, lanes, proxy)
}

/// Asks until there is an answer.
fn answered<T: Send + 'static>(lanes: &Database, question: fn(&mut Db) -> Result<T>) -> T {
    loop {
        match lanes.blocking_read(question) {
            Err(Error::Unavailable(_)) => {}
            answer => return answer.unwrap(),
        }
    }
}

#[test]
fn threads_that_cannot_connect_leave_the_jobs_to_those_that_can() {
    if !has_postgres() {
        return;
    }
    let (_database, lanes, proxy) = open_by_proxy(4, PATIENT);
    proxy.allow(1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).for_each(|_| lanes.blocking_write(add_one).unwrap()));
        }
    });
    assert_eq!(lanes.blocking_read(count).unwrap(), 100);
    // Where nobody is connected all are told at once, and go on as soon as one can be.
    proxy.allow(0);
    proxy.cut();
    for _ in 0..8 {
        assert!(matches!(lanes.blocking_read(count), Err(Error::Unavailable(_))));
    }
    proxy.allow(1);
    assert_eq!(lanes.blocking_read(count).unwrap(), 100);
}

#[test]
fn a_connection_that_says_nothing_is_given_up_and_another_taken() {
    if !has_postgres() {
        return;
    }
    let (_database, lanes, proxy) = open_by_proxy(1, IMPATIENT);
    let before = answered(&lanes, session);
    proxy.fall_silent();
    assert_ne!(answered(&lanes, session), before);
    // Nor does closing wait for good for what is asked of it.
    let told = std::thread::scope(|scope| {
        let (begun, has_begun) = mpsc::channel();
        let (ask, may_ask) = mpsc::channel::<()>();
        let lanes = &lanes;
        let asking = scope.spawn(move || {
            lanes.blocking_read(move |db| {
                begun.send(()).unwrap();
                let _ = may_ask.recv();
                count(db)
            })
        });
        has_begun.recv().unwrap();
        proxy.fall_silent();
        drop(ask);
        lanes.close();
        asking.join().unwrap()
    });
    assert!(matches!(told, Err(Error::Unavailable(_))), "{told:?}");
}

#[test]
fn a_server_that_says_nothing_to_who_just_signed_in_is_given_up() {
    if !has_postgres() {
        return;
    }
    let (_database, lanes, proxy) = open_by_proxy(1, IMPATIENT);
    let muted = proxy.mute(2);
    proxy.cut();
    assert_eq!(answered(&lanes, count), 0);
    // Two before that one were given up.
    (0..2).for_each(|_| muted.recv().unwrap());
}

#[test]
fn a_thread_that_hangs_while_it_connects_leaves_the_job_to_another() {
    if !has_postgres() {
        return;
    }
    let (_database, lanes, proxy) = open_by_proxy(2, PATIENT);
    let muted = proxy.mute(1);
    proxy.cut();
    assert_eq!(answered(&lanes, count), 0);
    muted.recv().unwrap();
    // Nobody gives up the one that hangs.
    proxy.cut();
}
