//! Lanes: bounded queues before threads that own one connection each. Nothing async ever holds a connection.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use super::{Access, DatabaseUrl, Db, Engine, connect};
use crate::base::error::{Error, Result};

/// A connection that rested this long is tried before it is used: the server may have gone meanwhile without a word.
const RESTED: Duration = Duration::from_secs(5);

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Make a missing SQLite file.
    pub create: bool,
    /// SQLite: reading connections beside the one that writes. PostgreSQL: connections in all. At least 1.
    pub connections: usize,
    /// How many jobs may wait in a lane before the next is told 503.
    pub queue: usize,
}

impl Settings {
    /// A database at `url` that exists, with 4 connections and queues of 256.
    pub const fn new(url: DatabaseUrl) -> Self {
        Self { url, create: false, connections: 4, queue: 256 }
    }
}

/// An open database: give it jobs. Cheap to clone; closes on [`close`](Self::close) or when the last clone goes.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    // Readers stop first, so that the last connection to an SQLite file may tidy its log.
    readers: Arc<Lane>,
    writers: Arc<Lane>,
    commits: Arc<AtomicU64>,
}

impl Database {
    /// Opens the database and says at once what is wrong with it.
    ///
    /// # Errors
    /// `Internal`, with words for the operator.
    pub fn open(settings: &Settings) -> Result<Self> {
        let engine = settings.url.engine();
        let lane = |name, connections, access, again| {
            let first = connect(&settings.url, access)?;
            Lane::start(name, connections, settings.queue, first, settings.url.clone(), again).map(Arc::new)
        };
        let write = Access::Write { create: settings.create };
        // A file that vanishes while we run is not made anew: an empty database would look like a healthy one.
        let again = Access::Write { create: false };
        let (readers, writers) = match engine {
            Engine::Sqlite => {
                let writers = lane("db-write", 1, write, again)?;
                (lane("db-read", settings.connections.max(1), Access::Read, Access::Read)?, writers)
            }
            Engine::Postgres => {
                let both = lane("db", settings.connections.max(1), write, again)?;
                (Arc::clone(&both), both)
            }
        };
        Ok(Self { engine, readers, writers, commits: Arc::default() })
    }

    /// Counts a verb, or a group of the journal's entries, that was committed.
    pub fn note_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were so far: a queue that is long moves on while this grows.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// The engine.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs `f` on a connection that may write. A job that has begun runs to its end even if nobody waits for it any more;
    /// one whose caller left before it began is dropped.
    ///
    /// # Errors
    /// What `f` said; `Unavailable` when the queue is full, the lane is closed or the engine cannot be reached; `Internal` when `f` panicked.
    pub async fn write<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.writers.run(f).await
    }

    /// Runs `f` on a connection for reading: as [`write`](Self::write), but SQLite refuses any change.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn read<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.readers.run(f).await
    }

    /// As [`write`](Self::write), for callers that are not async.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn blocking_write<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.writers.run_blocking(f)
    }

    /// As [`read`](Self::read), for callers that are not async.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn blocking_read<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.readers.run_blocking(f)
    }

    /// Takes no more jobs, finishes those that wait, closes the connections. Blocks until that is done; a second call does nothing.
    pub fn close(&self) {
        self.readers.close();
        self.writers.close();
    }
}

type Job = Box<dyn FnOnce(Result<&mut Db>) -> Fate + Send>;

/// What a job leaves behind.
#[derive(PartialEq, Eq)]
enum Fate {
    /// The connection is as it was.
    Sound,
    /// Open another one.
    Spoilt,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    capacity: usize,
}

struct Lane {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// No panic happens while a lock is held, and if one did, a queue of whole jobs is still a queue.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lane {
    fn start(name: &str, threads: usize, capacity: usize, first: Db, url: DatabaseUrl, access: Access) -> Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), wake: Condvar::new(), capacity: capacity.max(1) });
        let lane = Self { shared: Arc::clone(&shared), threads: Mutex::default() };
        let mut first = Some(first);
        for number in 0..threads {
            let (shared, url, db) = (Arc::clone(&shared), url.clone(), first.take());
            let work = move || Worker { db, url, access, used: Instant::now() }.work(&shared);
            let thread = thread::Builder::new().name(format!("{name}-{number}")).spawn(work).map_err(Error::internal)?;
            locked(&lane.threads).push(thread);
        }
        Ok(lane)
    }

    fn push(&self, job: Job) -> Result<()> {
        let mut queue = locked(&self.shared.queue);
        if queue.closed {
            return Err(STOPPING);
        }
        if queue.jobs.len() >= self.shared.capacity {
            return Err(Error::Unavailable("too many requests wait for the database"));
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.shared.wake.notify_one();
        Ok(())
    }

    async fn run<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.push(Box::new(move |db| {
            if reply.is_closed() {
                return Fate::Sound;
            }
            let (outcome, fate) = perform(db, f);
            // Nobody may be left to hear it.
            let _ = reply.send(outcome);
            fate
        }))?;
        answer.await.unwrap_or(Err(STOPPING))
    }

    fn run_blocking<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.push(Box::new(move |db| {
            let (outcome, fate) = perform(db, f);
            let _ = reply.send(outcome);
            fate
        }))?;
        answer.recv().unwrap_or(Err(STOPPING))
    }

    fn close(&self) {
        locked(&self.shared.queue).closed = true;
        self.shared.wake.notify_all();
        let threads = std::mem::take(&mut *locked(&self.threads));
        for thread in threads {
            // The last clone may go on a lane's own thread, which cannot wait for itself.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a database thread ended by a panic");
            }
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.close();
    }
}

const STOPPING: Error = Error::Unavailable("the database is closing");

fn perform<T>(db: Result<&mut Db>, f: impl FnOnce(&mut Db) -> Result<T>) -> (Result<T>, Fate) {
    let db = match db {
        Ok(db) => db,
        Err(error) => return (Err(error), Fate::Sound),
    };
    match catch_unwind(AssertUnwindSafe(|| f(db))) {
        Ok(outcome) => {
            let fate = if matches!(outcome, Err(Error::Unavailable(_))) { Fate::Spoilt } else { Fate::Sound };
            (outcome, fate)
        }
        Err(_) => (Err(Error::internal("a database job panicked")), Fate::Spoilt),
    }
}

/// One thread's connection.
struct Worker {
    db: Option<Db>,
    url: DatabaseUrl,
    access: Access,
    used: Instant,
}

impl Worker {
    fn work(&mut self, shared: &Shared) {
        while let Some(job) = next(shared) {
            let fate = job(self.connection());
            self.used = Instant::now();
            if fate == Fate::Spoilt || self.db.as_mut().is_some_and(Db::is_broken) {
                self.db = None;
            }
        }
    }

    /// The connection, opened anew where it is missing, or is gone before the job has begun: then nothing of it was sent.
    fn connection(&mut self) -> Result<&mut Db> {
        if let Some(db @ Db::Postgres(_)) = &mut self.db
            && (is_gone(db) || self.used.elapsed() > RESTED && db.batch_execute("SELECT 1").is_err())
        {
            self.db = None;
        }
        match &mut self.db {
            Some(db) => Ok(db),
            empty => {
                let db = connect(&self.url, self.access).map_err(|error| {
                    tracing::error!(%error, "no database connection");
                    Error::Unavailable("the database cannot be reached")
                })?;
                Ok(empty.insert(db))
            }
        }
    }
}

/// Whether the server closed the connection (a restart, a failover, a session that was ended), as far as this machine has heard: asks nobody.
fn is_gone(db: &mut Db) -> bool {
    match db {
        Db::Sqlite(_) => false,
        // What is read first may be the server's last words: only after them comes the end. Nobody listens, so that nothing else is heard.
        Db::Postgres(c) => (0..2).any(|_| c.notifications_iter().any(|heard| heard.is_err())),
    }
}

/// The next job; `None` once the lane is closed and empty.
fn next(shared: &Shared) -> Option<Job> {
    let mut queue = locked(&shared.queue);
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        if queue.closed {
            return None;
        }
        queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}
