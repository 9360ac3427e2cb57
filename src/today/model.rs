//! What one answer holds.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::base::clock::Instant;
use crate::base::ids::{MatchId, SessionId};
use crate::courses::model::Area;
use crate::duties::model::Duty;
use crate::matching::Match;
use crate::people::model::Person;
use crate::sessions::Session;
use crate::sessions::answers::Answer;

/// Which days an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The local date it was made on.
    pub on: NaiveDate,
    /// The first moment of the first day.
    pub from: Instant,
    /// The first moment after the last day.
    pub until: Instant,
}

/// One goal of a plan in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalLine {
    /// What it is about.
    pub area: Area,
    /// Its beginning, without line breaks.
    pub line: String,
}

/// A match that the caller is proposed for.
#[derive(Debug)]
pub struct Proposed {
    /// The proposal.
    pub matched: Match,
    /// The first name of the person.
    pub given_name: String,
}

/// A running match with whom it is with.
#[derive(Debug)]
pub struct Running {
    /// The match.
    pub matched: Match,
    /// Whom the caller meets.
    pub person: Person,
    /// The goals of the present plan.
    pub goals: Vec<GoalLine>,
}

/// A match that is over, while its last logs may still be written.
#[derive(Debug)]
pub struct Ended {
    /// The match.
    pub matched: Match,
    /// The first name of whom the caller met.
    pub given_name: String,
    /// When it ended (stated).
    pub ended_at: Instant,
    /// Until when its logs are taken in as usual.
    pub logs_until: Instant,
}

/// Whom the caller meets in the place of whoever runs the match, as long as they may see them.
#[derive(Debug)]
pub struct Covered {
    /// The match whose sessions they cover.
    pub matched: MatchId,
    /// Whom they meet.
    pub person: Person,
}

/// What the phone is to hold, and nothing else.
#[derive(Debug)]
pub struct Today {
    /// Which days it carries.
    pub carried: Carried,
    /// What the caller is proposed for, and has not expired.
    pub proposals: Vec<Proposed>,
    /// Whom the caller meets; without the place agreed on where it is hidden.
    pub matches: Vec<Running>,
    /// Whom they meet for somebody else.
    pub covered: Vec<Covered>,
    /// What is over, for the last logs.
    pub ended: Vec<Ended>,
    /// The sessions of those days, and earlier ones whose log is missing, in order of their start; without a place that is hidden.
    pub sessions: Vec<Session>,
    /// What was answered by a link about them.
    pub answers: BTreeMap<SessionId, Answer>,
    /// What the caller owes, the earliest due first.
    pub duties: Vec<Duty>,
}
