//! What was answered and found about a concern, and what was recorded of it before it was put right: sealed under the concern.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, CaseKind, NewSubject, PartnerRequest, Screen, ScreenResult, Severity, State, TargetGroup, Urgency, Visit, VisitOutcome,
};
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId};
use crate::base::value::Text;

/// What a partner answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerAnswer {
    /// When it answered (stated).
    pub answered_at: Instant,
    /// Whether it knows anything.
    pub has_information: bool,
    /// What it knows.
    pub text: Option<Text>,
}

impl PartnerRequest {
    /// What was answered, if anything was.
    pub fn given(&self) -> Option<PartnerAnswer> {
        Some(PartnerAnswer { answered_at: self.answered_at?, has_information: self.has_information?, text: self.answer.clone() })
    }
}

/// What the police answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenAnswer {
    /// When they answered (stated).
    pub answered_at: Instant,
    /// What they said.
    pub result: ScreenResult,
}

impl Screen {
    /// What was answered, if anything was.
    pub fn given(&self) -> Option<ScreenAnswer> {
        Some(ScreenAnswer { answered_at: self.answered_at?, result: self.result? })
    }
}

/// What a home visit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitFinding {
    /// When it took place (stated).
    pub visited_at: Instant,
    /// Whether they were met.
    pub outcome: VisitOutcome,
    /// Who went, who was met, what was seen.
    pub notes: Option<Text>,
}

impl Visit {
    /// What was found, if it took place.
    pub fn found(&self) -> Option<VisitFinding> {
        Some(VisitFinding { visited_at: self.visited_at?, outcome: self.outcome?, notes: self.notes.clone() })
    }
}

/// A conclusion that was drawn by mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerConclusion {
    /// The state it led to.
    pub outcome: State,
    /// When it was said to have been decided.
    pub decided_at: Instant,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When that was recorded.
    pub recorded_at: Option<Instant>,
    /// Factors and conclusion.
    pub assessment: Option<Assessment>,
    /// Who the case was about.
    pub case_kind: Option<CaseKind>,
    /// Why them.
    pub target_group: Option<TargetGroup>,
    /// When the police were said to have stated that an offer is suitable.
    pub police_statement_at: Option<Instant>,
    /// Named the hours of the referral.
    pub severity: Option<Severity>,
    /// Who was responsible by law.
    pub responsible_authority: Option<String>,
    /// Whether it counted in the figure of referrals in time.
    pub needs_local_effort: bool,
    /// The case that it opened or joined.
    pub case: Option<CaseId>,
}

/// What was recorded before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Former {
    /// How soon a concern had to be looked at.
    Urgency(Urgency),
    /// What a partner answered.
    Answer(PartnerAnswer),
    /// What the police answered.
    Screen(ScreenAnswer),
    /// What a home visit found.
    Visit(VisitFinding),
    /// Whom it was said to be about.
    Subject(NewSubject),
    /// What was concluded.
    Conclusion(Box<FormerConclusion>),
}

/// What was recorded before of the concern itself, a subject, a question, a home visit, or a decision that was taken back.
pub type Correction = crate::corrections::Correction<Former>;
