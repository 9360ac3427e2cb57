//! The threads of a lane: each owns one connection, and is ready before it takes a job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use super::super::owed::Owed;
use super::super::{Access, DatabaseUrl, Db, connect::connect_owing};
use super::job::Fate;
use super::queue::Queue;
use crate::base::error::{Error, Result};

/// A connection that rested this long is tried before it is used: the server may have gone meanwhile without a word.
const RESTED: Duration = Duration::from_secs(5);

/// The threads that take a lane's jobs, and what each needs to know.
pub(super) struct Crew {
    pub(super) name: &'static str,
    pub(super) url: DatabaseUrl,
    pub(super) access: Access,
    pub(super) queue: Queue,
    /// How many connections were opened so far.
    pub(super) opened: Arc<AtomicU64>,
}

impl Crew {
    /// One more thread; it connects when there is something to do, unless it is given a connection.
    pub(super) fn hire(self: &Arc<Self>, first: Option<(Db, Owed)>) -> Result<()> {
        let (db, owed) = first.map_or_else(|| (None, Owed::default()), |(db, owed)| (Some(db), owed));
        let number = self.queue.enrol(db.is_some(), owed.clone());
        let crew = Arc::clone(self);
        let work = move || {
            crew.queue.name(number, thread::current().id());
            // Struck off when its connection is closed.
            let _struck_off = StrikesOff { crew: &crew, number };
            Worker { crew: &crew, number, db, owed, used: Instant::now(), trouble: None }.work();
        };
        let spawned = thread::Builder::new().name(format!("{}-{number}", self.name)).spawn(work);
        spawned.map(drop).map_err(|error| {
            self.queue.strike(number);
            Error::internal(error)
        })
    }

    /// Gives up threads whose server owes them an answer for longer than `most`, and hires others, until the lane is closed and all have ended.
    pub(super) fn watch(self: &Arc<Self>, most: Duration) {
        // Several times in that span, so that it is not much longer.
        while !self.queue.watch(most / 16) {
            let gone = self.queue.give_up(most);
            if gone > 0 {
                tracing::error!(lane = self.name, gone, "a database connection says nothing any more: given up, and replaced");
            }
            for _ in 0..gone {
                if let Err(error) = self.hire(None) {
                    tracing::error!(lane = self.name, %error, "a database thread cannot be replaced");
                }
            }
        }
    }
}

struct StrikesOff<'a> {
    crew: &'a Crew,
    number: u64,
}

impl Drop for StrikesOff<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(lane = self.crew.name, "a database thread ended by a panic");
        }
        self.crew.queue.strike(self.number);
    }
}

/// One thread's connection.
struct Worker<'a> {
    crew: &'a Crew,
    number: u64,
    db: Option<Db>,
    owed: Owed,
    used: Instant,
    /// Why it is without a connection, as it was logged.
    trouble: Option<String>,
}

impl Worker<'_> {
    fn work(&mut self) {
        let queue = &self.crew.queue;
        while queue.wait(self.number) {
            if let Err(why) = self.get_ready() {
                queue.failed(self.number, why);
                queue.rest();
                continue;
            }
            let Some(db) = &mut self.db else { continue };
            let Some(work) = queue.take(self.number) else { continue };
            let fate = work(db);
            let is_spoilt = fate == Fate::Spoilt || db.is_broken();
            self.owed.settle();
            self.used = Instant::now();
            if is_spoilt {
                self.db = None;
            }
            queue.finish(self.number, self.db.is_some());
        }
    }

    /// Sees to it that there is a connection before a job is taken. Where that means to speak to the server, another thread may take the job
    /// meanwhile.
    fn get_ready(&mut self) -> Result<(), &'static str> {
        let queue = &self.crew.queue;
        if let Some(db @ Db::Postgres(_)) = &mut self.db {
            let mut is_lost = is_gone(db);
            if !is_lost && self.used.elapsed() > RESTED {
                queue.pass_on();
                is_lost = db.batch_execute("SELECT 1").is_err();
                self.owed.settle();
                self.used = Instant::now();
                queue.connected(self.number, !is_lost);
            }
            if is_lost {
                self.db = None;
            }
        }
        if self.db.is_some() {
            return Ok(());
        }
        queue.connecting(self.number);
        queue.pass_on();
        let connected = connect_owing(&self.crew.url, self.crew.access, &self.owed);
        self.owed.settle();
        match connected {
            Ok(db) => {
                self.db = Some(db);
                self.used = Instant::now();
                self.crew.opened.fetch_add(1, Ordering::AcqRel);
                queue.connected(self.number, true);
                if self.trouble.take().is_some() {
                    tracing::info!(lane = self.crew.name, thread = self.number, "a database connection again");
                }
                Ok(())
            }
            Err(error) => {
                // Once a trouble, not once a try.
                let trouble = error.to_string();
                if self.trouble.as_ref() != Some(&trouble) {
                    tracing::error!(lane = self.crew.name, thread = self.number, %error, "no database connection");
                    self.trouble = Some(trouble);
                }
                Err(if let Error::Unavailable(why) = error { why } else { "the database cannot be reached" })
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
