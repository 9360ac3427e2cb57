//! What a cover is, and what lies in a leave.

use chrono::NaiveDate;

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, MatchId, PersonId, RowId, SessionId, StaffId};
use crate::coded;
use crate::duties::Duty;
use crate::messages::Message;
use crate::sessions::changes::Reason;
use crate::sessions::model::{Session, State};

coded! {
    /// How a cover stands.
    pub enum CoverState {
        /// They meet the person, or met them.
        Standing = "standing" : "Aftalt" / "Standing",
        /// The person said no.
        Refused = "refused" : "Afslået af borgeren" / "Refused by the person",
        /// Whoever covers cannot, or the unit decided otherwise.
        TakenBack = "taken_back" : "Trukket tilbage" / "Taken back",
    }
}

/// Who covers a session, or would have.
#[derive(Clone, Copy, Debug)]
pub struct Cover {
    /// Its id.
    pub id: RowId,
    /// Which session.
    pub session: SessionId,
    /// Of which match.
    pub matched: MatchId,
    /// Who covers.
    pub staff: StaffId,
    /// The account that sees it.
    pub account: Option<AccountId>,
    /// For which leave of whoever runs the match; `None`: it was decided by a version that did not write it down.
    pub leave: Option<RowId>,
    /// How it stands.
    pub state: CoverState,
    /// How many versions of its session are not shown to whoever only covers it: what they read is its version less these.
    pub unseen: i64,
}

impl Cover {
    /// The version of the session that whoever only covers it is shown.
    pub const fn shown_version(&self, session: &Session) -> i64 {
        session.version.saturating_sub(self.unseen)
    }
}

/// A cover as it was decided, whatever became of it, with how its session stands: for what is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// The cover.
    pub cover: Cover,
    /// When it was decided: covers by one member of staff that were decided at one moment are one step, and told in one word.
    pub decided_at: Instant,
    /// When it ended, if it did.
    pub ended_at: Option<Instant>,
    /// When its session begins, by its present time.
    pub starts_at: Instant,
    /// How far its session is.
    pub session_state: State,
    /// Whether somebody covers that session now.
    pub is_covered: bool,
}

impl Decided {
    /// Whether the two were decided in one step.
    pub fn is_of_step(&self, other: &Self) -> bool {
        (self.cover.staff, self.decided_at) == (other.cover.staff, other.decided_at)
    }
}

/// How whoever covers a session is shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownAsCover {
    /// Since when they cover it.
    pub since: Instant,
    /// The version that they are shown, by whatever operation: what was read by one is what the next is held against.
    pub version: i64,
    /// Whether they see nothing else of its match by this operation: what happened to it before is none of theirs.
    pub hides_before: bool,
}

/// A session as somebody covers it, or was to cover it once.
#[derive(Clone, Copy, Debug)]
pub struct Covered {
    /// Which session.
    pub session: SessionId,
    /// When it begins, by its present time.
    pub starts_at: Instant,
    /// Whether they still do: it was neither taken back nor refused, nor is it another account's.
    pub stands: bool,
    /// When it was taken back or refused, if it was.
    pub ended_at: Option<Instant>,
}

/// A cover of a session in its history.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who covers, covered, or would have.
    pub staff: StaffId,
    /// How it stands.
    pub state: CoverState,
    /// When it was decided.
    pub decided_at: Instant,
    /// By whom.
    pub decided_by: AccountId,
    /// When it ended, if it did.
    pub ended_at: Option<Instant>,
    /// By whom; `None`: it stands, or nobody at hand.
    pub ended_by: Option<AccountId>,
}

/// What lies in a leave.
#[derive(Clone, Debug)]
pub struct CoverList {
    /// Whose leave.
    pub staff: StaffId,
    /// Which leave.
    pub leave: RowId,
    /// Its first day.
    pub from_on: NaiveDate,
    /// Its last day.
    pub until_on: NaiveDate,
    /// Planned sessions that they would hold, and those that somebody covers already, by start.
    pub sessions: Vec<Session>,
    /// To whom the person of one of these sessions said no as a cover of it.
    pub refused: Vec<(SessionId, StaffId)>,
    /// Their open promises that fall due in it.
    pub duties: Vec<Duty>,
    /// What waits to be told about these sessions.
    pub messages: Vec<Message>,
    /// Whether that is all: a list has an end.
    pub is_complete: bool,
}

/// A session in a leave that nobody decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Of which match.
    pub matched: MatchId,
    /// Its case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
    /// When it begins.
    pub at: Instant,
}

/// What is decided about a session in a leave.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// Somebody covers.
    Cover(StaffId),
    /// It is at another time.
    Move {
        /// When it begins.
        starts_at: Instant,
        /// The first moment after it.
        ends_at: Instant,
        /// Why, if it is said.
        reason: Option<Reason>,
    },
    /// It is cancelled by the mentor or coach.
    Cancel {
        /// Whether a new time was agreed.
        new_time_agreed: bool,
        /// Why, if it is said.
        reason: Option<Reason>,
    },
}

/// One of the decisions.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// About which session.
    pub session: SessionId,
    /// What.
    pub what: What,
}
