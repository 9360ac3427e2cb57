//! What counts in a run of misses.

use serde::{Deserialize, Serialize};

use crate::base::clock::{self, Instant, Stated};
use crate::base::ids::{AnyId, CaseId, PersonId};
use crate::sessions::logs::model::Outcome;
use crate::sessions::model::Side;

/// A meeting of somebody's that a partner told of (the school calls: he did not come).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportedMeeting)]
pub struct Report {
    /// Whose meeting it was: a person of the case.
    pub person_id: PersonId,
    /// When it began, or should have: not after the partner told of it.
    #[serde(deserialize_with = "clock::stated")]
    #[schema(value_type = Stated)]
    pub starts_at: Instant,
    /// How it went.
    pub outcome: Outcome,
    /// Whose side cancelled, or did not come; a no-show without it is the person's.
    #[serde(default)]
    pub by: Option<Side>,
    /// Whether a new time was agreed when it was cancelled.
    #[serde(default)]
    pub new_time_agreed: Option<bool>,
}

/// What one session or reported meeting does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Held, or the end of a course: ends it.
    Ends,
    /// A no-show, or a cancellation by the person's side for which no new time was agreed: lengthens it.
    Lengthens,
    /// Everything else.
    Neither,
}

/// One session or reported meeting, or the end of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: AnyId,
    /// Its case.
    pub case: CaseId,
    /// When it began, or should have.
    pub starts_at: Instant,
    /// When it was missed: its start, or when it was cancelled before that.
    pub missed_at: Instant,
    /// What it does.
    pub effect: Effect,
}

/// Two or more missed in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What was missed, in order. One of them names its promise: the first when that was made.
    pub misses: Vec<AnyId>,
    /// The cases of its misses, that of the second first: the first of them that is open has its promise.
    pub cases: Vec<CaseId>,
    /// When the second was missed, in whichever order they begin: from then the promise runs, and a further miss makes it no later.
    pub second_at: Instant,
    /// What ended the run before it, if any.
    pub after: Option<Instant>,
    /// What ended it, if anything did.
    pub until: Option<Instant>,
}

impl Run {
    /// Whether a moment lies between what ended the run before it and what ended it.
    pub fn spans(&self, at: Instant) -> bool {
        self.after.is_none_or(|after| after < at) && self.until.is_none_or(|until| at <= until)
    }
}
