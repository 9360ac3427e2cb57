//! Grouped writing of the entries of reads: all that wait go into one transaction, durable before any of their answers leaves.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::model::{Act, Entry, Subject};
use super::store;
use crate::base::db::{Database, write_transaction};
use crate::base::error::{Error, Result};

/// Answers that may wait for their entries at a time; more is a 503.
const QUEUE: usize = 4096;
/// Answers whose entries share one commit, at most.
const GROUP: usize = 256;

/// How many subjects the writer remembers to have written lately: more, and it begins anew. Less than a megabyte.
const REMEMBERED: usize = 20_000;

type Waiting = (Option<Entry>, oneshot::Sender<Result<()>>);

/// The grouping writer: one thread, one commit for all that wait.
#[derive(Clone)]
pub struct Journal {
    queue: SyncSender<Waiting>,
    keeps: bool,
}

impl Journal {
    /// Starts the thread; it ends when the last handle is dropped.
    ///
    /// # Errors
    /// When the thread cannot be made.
    pub fn start(database: Database) -> Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE);
        std::thread::Builder::new().name("journal".into()).spawn(move || run(&database, &waiting)).map_err(Error::internal)?;
        Ok(Self { queue, keeps: true })
    }

    /// A journal that keeps nothing: the yardstick that a bench holds the real one against. A test sees to it that nothing in the
    /// program makes one.
    pub fn keeping_nothing() -> Self {
        let (queue, _) = sync_channel(1);
        Self { queue, keeps: false }
    }

    /// Returns when the entry is durable.
    ///
    /// # Errors
    /// 503 when the queue is full or the entry could not be written: then the answer must not leave.
    pub async fn record(&self, entry: Option<Entry>) -> Result<()> {
        match entry.filter(|entry| self.keeps && !entry.subjects.is_empty()) {
            Some(entry) => self.pass(Some(entry)).await,
            None => Ok(()),
        }
    }

    /// Goes the whole way of an entry, without one.
    ///
    /// # Errors
    /// As [`Journal::record`].
    pub async fn probe(&self) -> Result<()> {
        self.pass(None).await
    }

    async fn pass(&self, entry: Option<Entry>) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.queue.try_send((entry, done)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("the journal's queue is full"),
            TrySendError::Disconnected(_) => Error::Unavailable("the journal is closed"),
        })?;
        written.await.map_err(|_| Error::Unavailable("the journal is closed"))?
    }
}

/// What calls were about lately, with the quarter of an hour and the call that holds it.
#[derive(Default)]
struct Lately {
    calls: HashMap<Vec<(Subject, Act)>, (i64, i64)>,
    subjects: usize,
}

impl Lately {
    fn holders(&self, entries: &[Entry]) -> Vec<Option<i64>> {
        let known = |entry: &Entry| self.calls.get(&entry.subjects).filter(|(quarter, _)| *quarter == entry.quarter());
        entries.iter().map(|entry| known(entry).map(|(_, holder)| *holder)).collect()
    }

    /// Call it when they are durable.
    fn remember(&mut self, entries: Vec<Entry>, holders: Vec<i64>) {
        for (entry, holder) in entries.into_iter().zip(holders) {
            if self.subjects > REMEMBERED {
                *self = Self::default();
            }
            let (held, subjects) = ((entry.quarter(), holder), entry.subjects.len());
            if self.calls.insert(entry.subjects, held).is_none() {
                self.subjects = self.subjects.saturating_add(subjects);
            }
        }
    }
}

fn run(database: &Database, waiting: &Receiver<Waiting>) {
    let mut lately = Lately::default();
    while let Ok(first) = waiting.recv() {
        let group: Vec<Waiting> = std::iter::once(first).chain(waiting.try_iter().take(GROUP - 1)).collect();
        let (entries, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let entries: Vec<Entry> = entries.into_iter().flatten().collect();
        let held = lately.holders(&entries);
        let written = database.blocking_write(move |db| {
            let holders = write_transaction(db, |db| {
                if entries.is_empty() { store::try_writing(db).map(|()| Vec::new()) } else { store::insert_sharing(db, &entries, &held) }
            })?;
            Ok((entries, holders))
        });
        if let Err(error) = &written {
            tracing::error!(%error, "the journal could not be written: the answers are withheld");
        }
        for answer in answers {
            let result = written.as_ref().map(drop).map_err(|_| Error::Unavailable("the journal could not be written"));
            // The caller may have gone: then nobody waits for the answer.
            drop(answer.send(result));
        }
        if let Ok((entries, holders)) = written {
            database.note_commit();
            lately.remember(entries, holders);
        }
    }
}
