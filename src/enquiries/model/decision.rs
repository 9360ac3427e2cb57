//! What coordination meetings decide, and what is decided between them.

use chrono::NaiveDate;

use super::DecisionKind;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, DecisionId, EnquiryId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Sealed};

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// An enquiry.
    Enquiry(EnquiryId),
    /// A case.
    Case(CaseId),
}

impl Matter {
    /// Under whose key its texts lie.
    pub const fn holder(self) -> Holder {
        match self {
            Self::Enquiry(id) => Holder::enquiry(id),
            Self::Case(id) => Holder::case(id),
        }
    }

    /// The enquiry, where it is one.
    pub const fn enquiry(self) -> Option<EnquiryId> {
        match self {
            Self::Enquiry(id) => Some(id),
            Self::Case(_) => None,
        }
    }

    /// The case, where it is one.
    pub const fn case(self) -> Option<CaseId> {
        match self {
            Self::Case(id) => Some(id),
            Self::Enquiry(_) => None,
        }
    }
}

/// What a coordination meeting decided, or somebody between two of them.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// What was decided.
    pub kind: DecisionKind,
    /// About what.
    pub matter: Matter,
    /// When (stated).
    pub decided_at: Instant,
    /// By whom.
    pub decided_by: AccountId,
    /// The meeting; `None`: between meetings.
    pub meeting_on: Option<NaiveDate>,
    /// The meeting that ratified it.
    pub ratified_on: Option<NaiveDate>,
    /// When it was taken back, with the conclusion that it was.
    pub retracted_at: Option<Instant>,
    /// By whom.
    pub retracted_by: Option<AccountId>,
    /// Why, unopened.
    pub grounds: Option<Sealed<Text>>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}
