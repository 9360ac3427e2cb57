//! Grouped writing of the entries of reads: all that wait go into one transaction, durable before any of their answers leaves.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::model::{About, Entry};
use super::store;
use crate::base::db::{Database, write_transaction};
use crate::base::error::{Error, Result};

/// Answers that may wait for their entries at a time; more is a 503.
const QUEUE: usize = 4096;
/// Answers whose entries share one commit, at most.
const GROUP: usize = 256;

/// How many calls' subjects the writer remembers to have written lately: more, and it begins anew. Less than a megabyte.
const REMEMBERED: usize = 8_000;

type Filed = (Entry, About);
type Waiting = (Option<Filed>, oneshot::Sender<Result<()>>);

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
            Some(entry) => {
                let about = entry.about();
                self.pass(Some((entry, about))).await
            }
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

    async fn pass(&self, entry: Option<Filed>) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.queue.try_send((entry, done)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Unavailable("the journal's queue is full"),
            TrySendError::Disconnected(_) => Error::Unavailable("the journal is closed"),
        })?;
        written.await.map_err(|_| Error::Unavailable("the journal is closed"))?
    }
}

/// What calls were about lately, with the quarter of an hour and the call that should hold it: a hint, which is looked up before it is used.
#[derive(Default)]
struct Lately(HashMap<About, (i64, i64)>);

impl Lately {
    fn holders(&self, entries: &[Filed]) -> Vec<Option<i64>> {
        let known = |(entry, about): &Filed| self.0.get(about).filter(|(quarter, _)| *quarter == entry.quarter());
        entries.iter().map(|filed| known(filed).map(|(_, holder)| *holder)).collect()
    }

    /// Call it when they are durable.
    fn remember(&mut self, entries: &[Filed], holders: &[i64]) {
        for ((entry, about), holder) in entries.iter().zip(holders) {
            if self.0.len() >= REMEMBERED {
                self.0.clear();
            }
            self.0.insert(*about, (entry.quarter(), *holder));
        }
    }
}

fn run(database: &Database, waiting: &Receiver<Waiting>) {
    let mut lately = Lately::default();
    while let Ok(first) = waiting.recv() {
        let group: Vec<Waiting> = std::iter::once(first).chain(waiting.try_iter().take(GROUP - 1)).collect();
        let (entries, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let entries: Vec<Filed> = entries.into_iter().flatten().collect();
        let held = lately.holders(&entries);
        let written = database.blocking_write(move |db| {
            let holders = write_transaction(db, |db| {
                if entries.is_empty() { store::try_writing(db).map(|()| Vec::new()) } else { store::insert_sharing(db, &entries, &held) }
            })?;
            Ok((entries, holders))
        });
        database.note_turn(&written);
        if let Err(error) = &written {
            tracing::error!(%error, "the journal could not be written: the answers are withheld");
        }
        for answer in answers {
            let result = written.as_ref().map(drop).map_err(|_| Error::Unavailable("the journal could not be written"));
            // The caller may have gone: then nobody waits for the answer.
            drop(answer.send(result));
        }
        match written {
            Ok((entries, holders)) => lately.remember(&entries, &holders),
            Err(_) => lately = Lately::default(),
        }
    }
}
