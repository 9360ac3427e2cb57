//! The assignment problem, solved exactly: whom each row meets, so that the total of the scores is the greatest there is.
//!
//! Knows nothing of people. A [`Task`] holds the scores of the pairs that may be, a capacity a column and what the caller insists on;
//! [`Task::solve`] gives the best set, with the prices that prove it ([`Best::proof`]).
//!
//! **What is the greatest.** The sum of the scores of all pairs, where a row has at most one column and a column at most as many rows
//! as its capacity. A row without a column counts 0, so a pair of a negative score never is. With [`Task::most_first`] the number of
//! pairs comes before the total: no score, however good, is bought by leaving one more row alone.
//!
//! **Ties.** Rows stand in order of precedence, columns in order of preference. Among all sets with the greatest total, the first row
//! has a column if it has one in any of them, then the second, and so on; then the first row has the first column that it has in any
//! of those, and so on. So the answer depends on the task alone, not on how it is solved, nor on the order in which a row's pairs
//! are told.
//!
//! **Families.** Rows of one family never share a column. Rows that are to be [together](Task::together) have the same column, or none.
//!
//! ```
//! use makker::base::assignment::Task;
//!
//! // Three who wait; the first column takes one of them, the second two. `None`: these two may never meet.
//! let scores = [
//!     [Some(9), Some(7)],
//!     [Some(8), None],
//!     [Some(6), Some(1)],
//! ];
//! let task = Task::of_matrix(&scores, &[1, 2]).unwrap();
//! let best = task.solve().unwrap();
//! assert_eq!(best.columns, [Some(1), Some(0), Some(1)]);
//! assert_eq!(best.total, 7 + 8 + 1);
//! best.proof.check(&task, &best).unwrap();
//! ```
//!
//! How it is solved: rows are placed one after the other along the shortest augmenting path over reduced scores (as in Jonker and
//! Volgenant, 1987), those with the most to gain first; who finds a place left that scores as much as any takes it without a search. A
//! row's pairs are ranked from the best down, no further than they are read, since no price is negative. That leaves prices under which
//! every pair is best for both. Where rows are more than places, the places are placed among the rows. A family is a gate of width one
//! before each column, which keeps the problem a flow and so exact. Ties are settled afterwards, among the pairs that these prices leave
//! open. Groups that are to be together are no flow: they are searched for by bounds, each of which is such an assignment, and refused
//! as [`Refusal::Entangled`] where too many would be needed.

mod market;
mod paths;
mod proof;
mod ranks;
mod relaxed;
mod task;
mod ties;
mod together;
mod turned;

pub use proof::{Fault, Proof};
pub use task::{Refusal, Task};

/// The best set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// The column of each row.
    pub columns: Vec<Option<usize>>,
    /// The sum of the scores, as they were told.
    pub total: i64,
    /// Why there is none better.
    pub proof: Proof,
}

#[cfg(test)]
mod tests;
