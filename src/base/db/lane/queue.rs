//! What waits for a lane, and what is known of the threads that take it.
//!
//! A thread without a connection leaves what waits to those that have one or are about to; where none is left, what waits is told so. A thread
//! whose server owes it an answer for too long is given up: its caller is told, and another takes its place.

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
/// So many threads at most are given up and replaced before one of them is back. Each keeps its connection until the machine ends that.
const GIVEN_UP_MOST: usize = 32;

/// The jobs and threads of one lane.
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is a job: for threads that wait for one.
    wake: Condvar,
    /// Nobody is connected or about to be any more, or the lane closes: for threads that rest.
    rest: Condvar,
    /// A thread has ended.
    ended: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Waiting>,
    closed: bool,
    threads: Vec<Thread>,
    /// The numbers of those that were given up and replaced, and are not back yet.
    given_up: Vec<u64>,
    /// Threads, jobs and attempts to connect have their numbers by one count: which was first can be told.
    count: u64,
}

struct Waiting {
    job: Job,
    number: u64,
    /// An attempt that was for it has failed: only those that had begun by then are waited for.
    failed_at: Option<u64>,
}

struct Thread {
    number: u64,
    id: Option<ThreadId>,
    line: Line,
    /// The number of its last attempt to connect.
    attempt: u64,
    owed: Owed,
    /// Lets down whoever waits for the job it is at.
    give_up: Option<GiveUp>,
}

/// How a thread stands with its server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// No connection.
    Idle,
    /// Is about to have one, or not.
    Connecting,
    /// Has one.
    Connected,
    /// Given up without another in its place: it is as if it had ended, until its server speaks.
    Silent,
}

/// No panic happens while a lock is held, and if one did, a queue of whole jobs is still a queue.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn thread(&mut self, number: u64) -> Option<&mut Thread> {
        self.threads.iter_mut().find(|thread| thread.number == number)
    }

    fn has(&self, line: Line) -> bool {
        self.threads.iter().any(|thread| thread.line == line)
    }

    /// Whether a job may still be done without a new attempt.
    fn has_hope(&self) -> bool {
        self.has(Line::Connected) || self.has(Line::Connecting)
    }

    fn is_over(&self) -> bool {
        self.closed && self.jobs.is_empty()
    }

    /// After an attempt has failed and nobody is connected: takes out what no attempt is left for. One that began before a failure is waited
    /// for, one that began later is not: else those who try in turn would keep it waiting for good.
    fn take_hopeless(&mut self, failed: u64) -> Vec<Job> {
        let now = self.next();
        let Self { jobs, threads, .. } = self;
        for waiting in jobs.iter_mut().filter(|waiting| waiting.number < failed) {
            waiting.failed_at.get_or_insert(now);
        }
        let tried_by = |at: u64| threads.iter().any(|thread| thread.line == Line::Connecting && thread.attempt < at);
        let (stay, go): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(jobs).into_iter().partition(|waiting| waiting.failed_at.is_none_or(tried_by));
        *jobs = stay;
        go.into_iter().map(|waiting| waiting.job).collect()
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
        let number = state.next();
        state.jobs.push_back(Waiting { job, number, failed_at: None });
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// One more thread: its number.
    pub(super) fn enrol(&self, is_connected: bool, owed: Owed) -> u64 {
        let mut state = locked(&self.state);
        let number = state.next();
        let line = if is_connected { Line::Connected } else { Line::Idle };
        state.threads.push(Thread { number, id: None, line, attempt: 0, owed, give_up: None });
        number
    }

    /// Which thread of the machine it is.
    pub(super) fn name(&self, number: u64, id: ThreadId) {
        if let Some(thread) = locked(&self.state).thread(number) {
            thread.id = Some(id);
        }
    }

    /// A thread has ended.
    pub(super) fn strike(&self, number: u64) {
        let mut state = locked(&self.state);
        state.threads.retain(|thread| thread.number != number);
        state.given_up.retain(|given_up| *given_up != number);
        drop(state);
        self.rest.notify_all();
        self.ended.notify_all();
    }

    /// Waits for a job, without taking it. False: there will be none for this thread.
    pub(super) fn wait(&self, number: u64) -> bool {
        let has_to = |state: &mut State| state.jobs.is_empty() && !state.closed && state.thread(number).is_some();
        let mut state = self.wake.wait_while(locked(&self.state), has_to).unwrap_or_else(PoisonError::into_inner);
        !state.jobs.is_empty() && state.thread(number).is_some()
    }

    /// What a thread is to do that is ready for it; nothing where another was faster, or where it was given up.
    pub(super) fn take(&self, number: u64) -> Option<Work> {
        let mut state = locked(&self.state);
        state.thread(number)?;
        let Job { work, give_up } = state.jobs.pop_front()?.job;
        state.thread(number)?.give_up = Some(give_up);
        Some(work)
    }

    /// It has done that, and is connected or not any more.
    pub(super) fn finish(&self, number: u64, is_connected: bool) {
        if let Some(thread) = locked(&self.state).thread(number) {
            thread.give_up = None;
        }
        self.connected(number, is_connected);
    }

    /// A thread begins to connect.
    pub(super) fn connecting(&self, number: u64) {
        let mut state = locked(&self.state);
        let attempt = state.next();
        if let Some(thread) = state.thread(number) {
            (thread.line, thread.attempt) = (Line::Connecting, attempt);
        }
    }

    /// Whether a thread has a connection.
    pub(super) fn connected(&self, number: u64, is_connected: bool) {
        let mut state = locked(&self.state);
        if let Some(thread) = state.thread(number) {
            thread.line = if is_connected { Line::Connected } else { Line::Idle };
        }
        self.let_go(state);
    }

    /// A thread could not connect. While others are connected what waits is theirs; where nobody is, what waited when it began is told why as soon
    /// as nobody tries any more who had begun by now. Does nothing for one that was given up.
    pub(super) fn failed(&self, number: u64, why: &'static str) {
        let mut state = locked(&self.state);
        let Some(thread) = state.thread(number) else { return };
        thread.line = Line::Idle;
        let attempt = thread.attempt;
        let jobs = if state.has(Line::Connected) { Vec::new() } else { state.take_hopeless(attempt) };
        self.let_go(state);
        jobs.into_iter().for_each(|job| (job.give_up)(why));
    }

    /// For a thread that could not connect: it rests while others are connected, or about to be.
    pub(super) fn rest(&self) {
        drop(self.rest.wait_timeout_while(locked(&self.state), RESTS, |state| state.has_hope() && !state.is_over()));
    }

    /// Before a thread speaks to the server instead of taking a job: another may be ready sooner, connected or not.
    pub(super) fn pass_on(&self) {
        self.wake.notify_one();
    }

    /// Nobody rests where nobody else is, or may be, connected.
    fn let_go(&self, state: MutexGuard<'_, State>) {
        let has_hope = state.has_hope();
        drop(state);
        if !has_hope {
            self.rest.notify_all();
        }
    }

    /// Waits so long, or until all is over; then true.
    pub(super) fn watch(&self, pause: Duration) -> bool {
        let left = |state: &mut State| !state.closed || !state.threads.is_empty();
        let waited = self.ended.wait_timeout_while(locked(&self.state), pause, left);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Gives up the threads whose server owes them an answer for longer than `most`: how many are to be replaced. Beyond a number they are not:
    /// their callers are told, and so is what waits once no other thread is left.
    pub(super) fn give_up(&self, most: Duration) -> usize {
        let mut state = locked(&self.state);
        let State { jobs, threads, given_up, .. } = &mut *state;
        let (mut let_down, before) = (Vec::new(), given_up.len());
        threads.retain_mut(|thread| {
            if !thread.owed.is_longer_than(most) {
                return true;
            }
            let_down.extend(thread.give_up.take());
            thread.line = Line::Silent;
            let stays = given_up.len() >= GIVEN_UP_MOST;
            if !stays {
                given_up.push(thread.number);
            }
            stays
        });
        let gone = given_up.len() - before;
        if gone == 0 && threads.iter().all(|thread| thread.line == Line::Silent) {
            let_down.extend(jobs.drain(..).map(|waiting| waiting.job.give_up));
        }
        self.let_go(state);
        if gone > 0 {
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
        let let_down = jobs.into_iter().map(|waiting| waiting.job.give_up).chain(threads.into_iter().filter_map(|thread| thread.give_up));
        let_down.for_each(|give_up| give_up(STOPPING));
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use super::super::job::Caller;
    use super::*;

    const WHY: &str = "nobody can connect";

    fn ask(queue: &Queue) -> Receiver<Result<()>> {
        let (reply, answer) = mpsc::sync_channel(1);
        queue.push(Job::new(|_| Ok(()), Caller::Thread(reply))).unwrap();
        answer
    }

    fn waits(answer: &Receiver<Result<()>>) -> bool {
        matches!(answer.try_recv(), Err(mpsc::TryRecvError::Empty))
    }

    fn was_told(answer: &Receiver<Result<()>>, why: &str) -> bool {
        matches!(answer.try_recv(), Ok(Err(Error::Unavailable(told))) if told == why)
    }

    fn idle<const N: usize>(queue: &Queue) -> [u64; N] {
        [(); N].map(|()| queue.enrol(false, Owed::default()))
    }

    #[test]
    fn what_waits_is_told_when_the_last_attempt_that_was_for_it_has_failed() {
        let queue = Queue::new(8);
        let [first, second] = idle(&queue);
        let early = ask(&queue);
        queue.connecting(first);
        queue.connecting(second);
        let late = ask(&queue);
        queue.failed(first, WHY);
        assert!(waits(&early), "the other is still connecting");
        queue.failed(second, WHY);
        assert!(was_told(&early, WHY));
        assert!(waits(&late), "it came when both had begun");
        queue.connecting(second);
        queue.connected(second, true);
        queue.connecting(first);
        queue.failed(first, WHY);
        assert!(waits(&late), "the other is connected");
    }

    #[test]
    fn those_who_try_in_turn_keep_nobody_waiting() {
        let queue = Queue::new(8);
        let [first, second] = idle(&queue);
        let asked = ask(&queue);
        queue.connecting(second);
        queue.connecting(first);
        queue.failed(first, WHY);
        queue.connecting(first);
        assert!(waits(&asked));
        queue.failed(second, WHY);
        assert!(was_told(&asked, WHY), "the first began anew after it had failed");
    }

    #[test]
    fn beyond_a_number_of_threads_given_up_what_waits_is_told() {
        let queue = Queue::new(8);
        let silent = || {
            let owed = Owed::default();
            owed.fall_due();
            queue.enrol(true, owed)
        };
        let threads: Vec<_> = (0..=GIVEN_UP_MOST).map(|_| silent()).collect();
        let asked = ask(&queue);
        assert_eq!(queue.give_up(Duration::ZERO), GIVEN_UP_MOST);
        assert!(waits(&asked), "others take their places");
        let [other] = idle(&queue);
        assert_eq!(queue.give_up(Duration::ZERO), 0);
        assert!(waits(&asked), "there is another");
        queue.connecting(other);
        queue.failed(other, WHY);
        assert!(was_told(&asked, WHY), "the silent one is not connected");
        queue.strike(other);
        let asked = ask(&queue);
        assert_eq!(queue.give_up(Duration::ZERO), 0);
        assert!(was_told(&asked, UNANSWERED), "the silent one is alone");
        // It speaks after all.
        let last = *threads.last().unwrap();
        let asked = ask(&queue);
        assert!(queue.take(last).is_some());
        queue.finish(last, true);
        assert!(locked(&queue.state).has(Line::Connected));
        drop(asked);
    }
}
