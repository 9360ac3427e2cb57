//! How a founded concern is qualified: what a case takes over from it.

use crate::base::clock::Instant;
use crate::base::ids::{CaseId, PersonId};

pub use crate::enquiries::model::{
    CaseKind, Correction, Former, LegalBasis, ScreenAnswer, Severity, TargetGroup, VisitFinding, VisitOutcome,
};

/// What a case takes over from the enquiry that founded it.
#[derive(Clone, Debug)]
pub struct Founded {
    /// When it was received (stated).
    pub received_at: Instant,
    /// When it was founded and its severity set (stated).
    pub decided_at: Instant,
    /// When that was first written down.
    pub recorded_at: Instant,
    /// Who it is about.
    pub case_kind: CaseKind,
    /// Why them.
    pub target_group: TargetGroup,
    /// When the police stated that an offer is suitable.
    pub police_statement_at: Option<Instant>,
    /// Names the hours of the referral.
    pub severity: Severity,
    /// Who is responsible by law.
    pub responsible_authority: String,
    /// Counts in the figure of referrals in time.
    pub needs_local_effort: bool,
    /// The persons its subjects were linked to.
    pub subjects: Vec<PersonId>,
    /// The open case it joins.
    pub joins: Option<CaseId>,
}
