//! What waits for a lane, and what is known of the threads that take it.
//!
//! A thread without a connection leaves what waits to those that have one; where none has, what waits is told so. A thread whose server owes
//! it an answer for too long is given up: its caller is told, and another takes its place.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::super::owed::Owed;
use super::job::{GiveUp, Job, Work};
use super::{STOPPING, UNANSWERED};
use crate::base::error::{Error, Result};

/// So long a thread that could not connect leaves the jobs to those that could.
const RESTS: Duration = Duration::from_secs(1);
/// So many threads at most wait for answers that nobody waits for any more. Each keeps its connection until the machine ends that.
const LOST_MOST: usize = 32;

/// The jobs and threads of one lane.
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is a job: for threads that wait for one.
    wake: Condvar,
    /// Nobody is connected any more, or the lane closes: for threads that rest.
    rest: Condvar,
    /// A thread has ended.
    ended: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
    threads: Vec<Thread>,
    /// Given up, and not back yet.
    lost: Vec<usize>,
    numbers: usize,
}

struct Thread {
    number: usize,
    id: Option<ThreadId>,
    is_connected: bool,
    owed: Owed,
    /// Lets down whoever waits for the job it is at.
    give_up: Option<GiveUp>,
}

/// No panic happens while a lock is held, and if one did, a queue of whole jobs is still a queue.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn thread(&mut self, number: usize) -> Option<&mut Thread> {
        self.threads.iter_mut().find(|thread| thread.number == number)
    }

    fn has_connected(&self) -> bool {
        self.threads.iter().any(|thread| thread.is_connected)
    }

    fn is_over(&self) -> bool {
        self.closed && self.jobs.is_empty()
    }
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), wake: Condvar::new(), rest: Condvar::new(), ended: Condvar::new(), capacity: capacity.max(1) }
    }

    /// Takes a job, which a thread will take in its turn.
    pub(super) fn push(&self, job: Job) -> Result<()> {
        let mut state = locked(&self.state);
        if state.closed {
            return Err(Error::Unavailable(STOPPING));
        }
        if state.jobs.len() >= self.capacity {
            return Err(Error::Unavailable("too many requests wait for the database"));
        }
        state.jobs.push_back(job);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// One more thread: its number.
    pub(super) fn enrol(&self, is_connected: bool, owed: Owed) -> usize {
        let mut state = locked(&self.state);
        state.numbers += 1;
        let number = state.numbers;
        state.threads.push(Thread { number, id: None, is_connected, owed, give_up: None });
        number
    }

    /// Which thread of the machine it is.
    pub(super) fn name(&self, number: usize, id: ThreadId) {
        if let Some(thread) = locked(&self.state).thread(number) {
            thread.id = Some(id);
        }
    }

    /// A thread has ended.
    pub(super) fn strike(&self, number: usize) {
        let mut state = locked(&self.state);
        state.threads.retain(|thread| thread.number != number);
        state.lost.retain(|lost| *lost != number);
        drop(state);
        self.rest.notify_all();
        self.ended.notify_all();
    }

    /// Waits for a job, without taking it. False: there will be none for this thread.
    pub(super) fn wait(&self, number: usize) -> bool {
        let has_to = |state: &mut State| state.jobs.is_empty() && !state.closed && state.thread(number).is_some();
        let mut state = self.wake.wait_while(locked(&self.state), has_to).unwrap_or_else(PoisonError::into_inner);
        !state.jobs.is_empty() && state.thread(number).is_some()
    }

    /// What a thread is to do that is ready for it; nothing where another was faster, or where it was given up.
    pub(super) fn take(&self, number: usize) -> Option<Work> {
        let mut state = locked(&self.state);
        state.thread(number)?;
        let Job { work, give_up } = state.jobs.pop_front()?;
        state.thread(number)?.give_up = Some(give_up);
        Some(work)
    }

    /// It has done that.
    pub(super) fn finish(&self, number: usize) {
        if let Some(thread) = locked(&self.state).thread(number) {
            thread.give_up = None;
        }
    }

    /// Whether a thread has a connection.
    pub(super) fn connected(&self, number: usize, is_connected: bool) {
        let mut state = locked(&self.state);
        if let Some(thread) = state.thread(number) {
            thread.is_connected = is_connected;
        }
        let nobody = !state.has_connected();
        drop(state);
        if nobody {
            self.rest.notify_all();
        }
    }

    /// Before a thread speaks to the server instead of taking a job: another that is connected may be ready sooner.
    pub(super) fn pass_on(&self, number: usize) {
        if locked(&self.state).threads.iter().any(|thread| thread.number != number && thread.is_connected) {
            self.wake.notify_one();
        }
    }

    /// For a thread that could not connect: while others are connected it rests, and what waits is theirs; where nobody is, all that waits is
    /// told why.
    pub(super) fn do_without(&self, why: &'static str) {
        let mut state = locked(&self.state);
        if state.has_connected() {
            drop(self.rest.wait_timeout_while(state, RESTS, |state| state.has_connected() && !state.is_over()));
            return;
        }
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        for job in jobs {
            (job.give_up)(why);
        }
    }

    /// Waits so long, or until all is over; then true.
    pub(super) fn watch(&self, pause: Duration) -> bool {
        let left = |state: &mut State| !state.closed || !state.threads.is_empty();
        let waited = self.ended.wait_timeout_while(locked(&self.state), pause, left);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Gives up the threads whose server owes them an answer for longer than `most`: how many are to be replaced. Beyond a number only their
    /// callers are told.
    pub(super) fn give_up(&self, most: Duration) -> usize {
        let mut state = locked(&self.state);
        let State { threads, lost, .. } = &mut *state;
        let (mut let_down, before) = (Vec::new(), lost.len());
        threads.retain_mut(|thread| {
            if !thread.owed.is_longer_than(most) {
                return true;
            }
            let_down.extend(thread.give_up.take());
            let stays = lost.len() >= LOST_MOST;
            if !stays {
                lost.push(thread.number);
            }
            stays
        });
        let gone = lost.len() - before;
        drop(state);
        if gone > 0 {
            self.rest.notify_all();
            self.ended.notify_all();
        }
        let_down.into_iter().for_each(|give_up| give_up(UNANSWERED));
        gone
    }

    /// Takes no more jobs, and waits at most so long until those that wait are done. False: some were not, and are left behind.
    pub(super) fn close(&self, most: Duration) -> bool {
        let mut state = locked(&self.state);
        state.closed = true;
        self.wake.notify_all();
        self.rest.notify_all();
        self.ended.notify_all();
        // The last clone of a database may go on a thread of its own lane, which cannot wait for itself.
        let me = thread::current().id();
        let waited = self.ended.wait_timeout_while(state, most, |state| state.threads.iter().any(|thread| thread.id != Some(me)));
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if !waited.timed_out() {
            return true;
        }
        let (jobs, threads) = (std::mem::take(&mut state.jobs), std::mem::take(&mut state.threads));
        drop(state);
        let let_down = jobs.into_iter().map(|job| job.give_up).chain(threads.into_iter().filter_map(|thread| thread.give_up));
        let_down.for_each(|give_up| give_up(STOPPING));
        false
    }
}
