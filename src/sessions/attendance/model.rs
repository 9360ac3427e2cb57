//! What counts in a run of misses.

use crate::base::clock::Instant;
use crate::base::ids::{AnyId, CaseId};

/// What one session or reported meeting does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Held: ends it.
    Ends,
    /// A no-show, or a cancellation by the person's side for which no new time was agreed: lengthens it.
    Lengthens,
    /// Everything else.
    Neither,
}

/// One session or reported meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: AnyId,
    /// Its case.
    pub case: CaseId,
    /// When it began, or should have.
    pub starts_at: Instant,
    /// When it was missed: its start, or when it was cancelled.
    pub missed_at: Instant,
    /// What it does.
    pub effect: Effect,
}

/// Two or more missed in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The id of its first miss, which names it.
    pub first: AnyId,
    /// The case of its second miss.
    pub case: CaseId,
    /// When the second was missed: from then the promise runs.
    pub second_at: Instant,
    /// How many it has.
    pub misses: usize,
}
