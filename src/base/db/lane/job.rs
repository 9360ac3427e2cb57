//! What a lane is given to do, and who waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};

use tokio::sync::oneshot;

use super::super::Db;
use super::queue::locked;
use crate::base::error::{Error, Result};

/// A job on a connection.
pub(super) type Work = Box<dyn FnOnce(&mut Db) -> Fate + Send>;
/// Tells whoever waits for a job why there will be no answer.
pub(super) type GiveUp = Box<dyn FnOnce(&'static str) + Send>;

/// What a job leaves behind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The connection is as it was.
    Sound,
    /// Open another one.
    Spoilt,
}

/// Something to do. Its caller gets one answer: from the work, or from whoever gives it up.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) give_up: GiveUp,
}

/// Who waits for the answer.
pub(super) enum Caller<T> {
    /// A thread.
    Thread(mpsc::SyncSender<Result<T>>),
    /// A task; it may leave.
    Task(oneshot::Sender<Result<T>>),
}

impl<T> Caller<T> {
    fn has_left(&self) -> bool {
        matches!(self, Self::Task(task) if task.is_closed())
    }

    /// Nobody may be left to hear it.
    fn tell(self, outcome: Result<T>) {
        match self {
            Self::Thread(thread) => drop(thread.send(outcome)),
            Self::Task(task) => drop(task.send(outcome)),
        }
    }
}

impl Job {
    pub(super) fn new<T: Send + 'static>(f: impl FnOnce(&mut Db) -> Result<T> + Send + 'static, caller: Caller<T>) -> Self {
        let caller = Arc::new(Mutex::new(Some(caller)));
        let same = Arc::clone(&caller);
        let work = move |db: &mut Db| {
            if locked(&caller).as_ref().is_none_or(Caller::has_left) {
                return Fate::Sound;
            }
            let (outcome, fate) = perform(db, f);
            tell(&caller, outcome);
            fate
        };
        Self { work: Box::new(work), give_up: Box::new(move |why| tell(&same, Err(Error::Unavailable(why)))) }
    }
}

fn tell<T>(caller: &Mutex<Option<Caller<T>>>, outcome: Result<T>) {
    let first = locked(caller).take();
    if let Some(caller) = first {
        caller.tell(outcome);
    }
}

fn perform<T>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T>) -> (Result<T>, Fate) {
    match catch_unwind(AssertUnwindSafe(|| f(db))) {
        Ok(outcome) => {
            let fate = fate_after(outcome.as_ref().err());
            (outcome, fate)
        }
        Err(_) => (Err(Error::internal("a database job panicked")), Fate::Spoilt),
    }
}

/// What is neither an answer nor a refusal says nothing good of the connection, also where nobody knows what it says: another one is cheap, and
/// one that is kept for good could be to the wrong server.
fn fate_after(error: Option<&Error>) -> Fate {
    match error {
        None | Some(Error::Refused(_) | Error::Violation(_) | Error::RunAgain) => Fate::Sound,
        Some(Error::Unavailable(_) | Error::Internal(_)) => Fate::Spoilt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    #[test]
    fn a_connection_is_kept_after_an_answer_or_a_refusal_alone() {
        assert_eq!(fate_after(None), Fate::Sound);
        assert_eq!(fate_after(Some(&Code::NotFound.into())), Fate::Sound);
        assert_eq!(fate_after(Some(&Error::RunAgain)), Fate::Sound);
        assert_eq!(fate_after(Some(&Error::Unavailable("the database is read-only"))), Fate::Spoilt);
        assert_eq!(fate_after(Some(&Error::internal("database: words that nobody here knows"))), Fate::Spoilt);
    }

    #[test]
    fn a_caller_gets_one_answer() {
        let (reply, answer) = mpsc::sync_channel(1);
        let job = Job::new(|_| Ok(1), Caller::Thread(reply));
        assert!(answer.try_recv().is_err());
        (job.give_up)("nobody answers");
        assert!(matches!(answer.recv().unwrap(), Err(Error::Unavailable("nobody answers"))));
        // What is done all the same is told to nobody.
        drop(job.work);
        assert!(answer.recv().is_err());
    }
}
