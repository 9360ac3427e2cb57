//! Work that takes its time, on threads of its own. Where the machine gives no more of them nothing breaks.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{Builder, available_parallelism, scope};

use tokio::sync::oneshot;

use super::error::Error;

/// Why nothing came of work on a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// The machine gives no more threads: it was not begun.
    NoThread,
    /// It panicked.
    Died,
}

impl From<Apart> for Error {
    fn from(apart: Apart) -> Self {
        match apart {
            Apart::NoThread => Self::Unavailable("the machine gives no more threads"),
            Apart::Died => Self::internal("work on a thread of its own panicked"),
        }
    }
}

/// Does work on a thread of its own, which bears the name. What was begun goes on to its end, also where nobody waits for it any more.
///
/// # Errors
/// Where it could not be begun, and where it panicked.
pub async fn apart<T: Send + 'static>(name: &'static str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Apart> {
    on(Builder::new().name(name.to_owned()), work).await
}

async fn on<T: Send + 'static>(thread: Builder, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Apart> {
    let (reply, answer) = oneshot::channel();
    thread.spawn(move || drop(reply.send(work()))).map_err(|_| Apart::NoThread)?;
    answer.await.map_err(|_| Apart::Died)
}

/// A thread is not worth starting for fewer.
const LEAST: usize = 50;

/// What `of` makes of each number below `count`, in order, by all the threads that the machine has.
///
/// ```
/// let squares = makker::base::parallel::map(200, |number| number * number);
/// assert_eq!((squares.len(), squares[14]), (200, 196));
/// ```
pub fn map<T: Send>(count: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(count / LEAST).max(1);
    let (share, of) = (count.div_ceil(threads).max(1), &of);
    scope(|scope| {
        let some = move |from: usize| (from..from.saturating_add(share).min(count)).map(of).collect::<Vec<T>>();
        let begin = |from| (from, Builder::new().spawn_scoped(scope, move || some(from)));
        let workers: Vec<_> = (0..count).step_by(share).map(begin).collect();
        let ended = workers.into_iter().flat_map(|(from, worker)| match worker {
            Ok(worker) => worker.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // For want of a thread it is done on this one.
            Err(_) => some(from),
        });
        ended.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_mapped_once_and_in_order() {
        for count in [0, 1, LEAST - 1, LEAST, 2 * LEAST + 1, 1_003] {
            assert_eq!(map(count, |number| number + 1), (1..=count).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "the hundredth")]
    fn what_fails_in_a_thread_fails_outside() {
        map(200, |number| assert!(number != 100, "the hundredth"));
    }

    #[tokio::test]
    async fn what_could_not_be_begun_is_told_from_what_died() {
        assert_eq!(apart("works", || 7).await, Ok(7));
        assert_eq!(apart("dies", || assert!(std::hint::black_box(false), "it dies")).await, Err(Apart::Died));
        // No machine has room for its stack.
        let nothing = on(Builder::new().stack_size(1 << 60), || ()).await;
        assert_eq!(nothing, Err(Apart::NoThread));
        assert!(matches!(Error::from(Apart::NoThread), Error::Unavailable(_)));
    }
}
