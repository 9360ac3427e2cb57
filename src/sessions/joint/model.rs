//! What a joint session is.

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, JointId, MatchId, PersonId, SessionId};
use crate::base::value::Text;
use crate::base::vault::Sealed;
use crate::matching::PlaceCode;
use crate::sessions::changes::Reason;
use crate::sessions::model::{Kind, Side, State};

/// A joint session as it stands; its parts are sessions.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Its id.
    pub id: JointId,
    /// The case of all its matches.
    pub case: CaseId,
    /// Why it is right although the custody holders disagree.
    pub grounds: Option<Sealed<Text>>,
    /// When a coordinator said so.
    pub grounds_at: Option<Instant>,
    /// Who.
    pub grounds_by: Option<AccountId>,
    /// The one match whose side gets messages; `None`: each side its own.
    pub told: Option<MatchId>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// Counts up with each change.
    pub version: i64,
}

/// A joint session to be planned.
#[derive(Clone, Debug)]
pub struct JointPlan {
    /// Of which matches.
    pub matches: Vec<MatchId>,
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// How they meet.
    pub kind: Kind,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
    /// Why it is right although the custody holders disagree.
    pub grounds: Option<Text>,
    /// The one match whose side gets messages.
    pub told: Option<MatchId>,
}

/// How a joint session is cancelled.
#[derive(Clone, Copy, Debug)]
pub struct JointCancellation {
    /// By whose side.
    pub by: Side,
    /// Of which match; the other parts are then cancelled by the unit. `None`: all parts alike.
    pub matched: Option<MatchId>,
    /// When, if not now.
    pub happened_at: Option<Instant>,
    /// Whether a new time was agreed.
    pub new_time_agreed: bool,
    /// Why, if it is said: with a match, of its part alone.
    pub reason: Option<Reason>,
}

/// By what one part is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// Messages to its own side, as for any session.
    Message,
    /// A coordinator, by hand.
    Hand,
}

/// What a rule looks at of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The session.
    pub session: SessionId,
    /// Its match.
    pub matched: MatchId,
}

/// Whom a part is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// Of which joint session.
    pub joint: JointId,
    /// Who is met.
    pub person: PersonId,
    /// What became of the part.
    pub state: State,
}
