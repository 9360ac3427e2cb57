//! Work that is pure and takes seconds, by all the threads that the machine has.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{available_parallelism, scope};

/// A thread is not worth starting for fewer.
const LEAST: usize = 50;

/// What `of` makes of each number below `count`, in order.
///
/// ```
/// let squares = makker::base::parallel::map(200, |number| number * number);
/// assert_eq!((squares.len(), squares[14]), (200, 196));
/// ```
pub fn map<T: Send>(count: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(count / LEAST).max(1);
    let (share, of) = (count.div_ceil(threads).max(1), &of);
    scope(|scope| {
        let some = |from: usize| scope.spawn(move || (from..from.saturating_add(share).min(count)).map(of).collect::<Vec<T>>());
        let workers: Vec<_> = (0..count).step_by(share).map(some).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
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
}
