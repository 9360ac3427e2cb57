//! Lanes: bounded queues before threads that own one connection each. Nothing async ever holds a connection.

mod job;
mod queue;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use self::job::{Caller, Job};
use self::queue::Queue;
use self::worker::Crew;
use super::connect::{STATEMENT_MOST, connect_owing};
use super::owed::Owed;
use super::{Access, DatabaseUrl, Db, Engine};
use crate::base::error::{Error, Result};

/// What is told to whoever comes when a lane closes.
const STOPPING: &str = "the database is closing";
/// What is told to whoever waits for an answer that does not come.
const UNANSWERED: &str = "the database does not answer";

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
    /// PostgreSQL: a connection on which a statement has no answer for longer is given up. Longer than the server gives a statement.
    pub answers_within: Duration,
}

impl Settings {
    /// A database at `url` that exists, with 4 connections and queues of 256.
    pub const fn new(url: DatabaseUrl) -> Self {
        Self { url, create: false, connections: 4, queue: 256, answers_within: STATEMENT_MOST.saturating_add(Duration::from_secs(15)) }
    }
}

/// An open database: give it jobs. Cheap to clone; closes on [`close`](Self::close) or when the last clone goes.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    // Readers stop first, so that the last connection to an SQLite file may tidy its log.
    readers: Arc<Lane>,
    writers: Arc<Lane>,
    turns: Arc<AtomicU64>,
}

impl Database {
    /// Opens the database and says at once what is wrong with it.
    ///
    /// # Errors
    /// `Internal`, with words for the operator.
    pub fn open(settings: &Settings) -> Result<Self> {
        if settings.url.engine() == Engine::Postgres {
            return Self::open_as("db", settings.connections, settings);
        }
        let writing = Self::open_as("db-write", 1, settings)?;
        let readers = Lane::start("db-read", settings.connections, settings, Access::Read)?;
        Ok(Self { readers: Arc::new(readers), ..writing })
    }

    /// Opens a database of which all is asked on one connection.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_one(name: &'static str, settings: &Settings) -> Result<Self> {
        Self::open_as(name, 1, settings)
    }

    /// One lane, for those who read and those who write.
    fn open_as(name: &'static str, connections: usize, settings: &Settings) -> Result<Self> {
        let lane = Arc::new(Lane::start(name, connections, settings, Access::Write { create: settings.create })?);
        Ok(Self { engine: settings.url.engine(), readers: Arc::clone(&lane), writers: lane, turns: Arc::default() })
    }

    /// How many connections that may write were opened so far: a job that looks learns whether its own is another than before.
    pub fn opened(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.writers.crew.opened)
    }

    /// Counts a verb, or a group of the journal's entries, if it had its turn with whoever writes: it was committed, or a rule refused it. What the
    /// database failed is none.
    pub fn note_turn<T>(&self, ended: &Result<T>) {
        if matches!(ended, Ok(_) | Err(Error::Refused(_))) {
            self.turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many had so far: a queue that is long moves on while this grows.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
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
        self.close_within(Duration::MAX);
    }

    /// As [`close`](Self::close), and waits at most about so long for those who read, and as long again for whoever writes: a reader that does not
    /// end takes nothing of a commit's time. False: something was still running, and is left behind.
    pub fn close_within(&self, most: Duration) -> bool {
        // One after the other, as they are dropped.
        let readers = self.readers.crew.queue.close(most);
        self.writers.crew.queue.close(most) && readers
    }
}

struct Lane {
    crew: Arc<Crew>,
}

impl Lane {
    fn start(name: &'static str, threads: usize, settings: &Settings, access: Access) -> Result<Self> {
        let owed = Owed::default();
        let mut first = Some((connect_owing(&settings.url, access, &owed)?, owed));
        // A file that vanishes while we run is not made anew: an empty database would look like a healthy one.
        let access = if access == Access::Read { Access::Read } else { Access::Write { create: false } };
        let (url, queue) = (settings.url.clone(), Queue::new(settings.queue));
        let crew = Arc::new(Crew { name, url, access, queue, opened: Arc::new(AtomicU64::new(1)) });
        let lane = Self { crew: Arc::clone(&crew) };
        for _ in 0..threads.max(1) {
            crew.hire(first.take())?;
        }
        if settings.url.engine() == Engine::Postgres {
            let most = settings.answers_within;
            thread::Builder::new().name(format!("{name}-watch")).spawn(move || crew.watch(most)).map_err(Error::internal)?;
        }
        Ok(lane)
    }

    async fn run<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.crew.queue.push(Job::new(f, Caller::Task(reply)))?;
        answer.await.unwrap_or(Err(Error::Unavailable(STOPPING)))
    }

    fn run_blocking<T: Send + 'static>(&self, f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.crew.queue.push(Job::new(f, Caller::Thread(reply)))?;
        answer.recv().unwrap_or(Err(Error::Unavailable(STOPPING)))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.crew.queue.close(Duration::MAX);
    }
}
