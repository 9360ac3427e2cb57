//! What is known of an enquiry.

mod decision;
mod filter;
mod finding;
mod receipt;
mod reporter;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::bars::BarCause;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AgencyId, CaseId, EnquiryId, PersonId, ReporterId, RowId};
use crate::base::value::{Email, Line, Phone, Text};
use crate::base::vault::Sealed;
use crate::people::model::Registration;

pub use decision::{Decision, Matter};
pub use filter::Filter;
pub use finding::{Correction, Former, FormerConclusion, PartnerAnswer, ScreenAnswer, VisitFinding};
pub use receipt::RetractedReceipt;
pub use reporter::{FormerReporter, REPORTERS_MOST};
pub use words::{
    CaseKind, Channel, DecisionKind, LegalBasis, Likeness, OpenReason, ReceiptState, ReceiptWay, ReporterKind, ScreenResult, Severity,
    Source, State, TargetGroup, Urgency, VisitOutcome,
};

/// What was seen or heard, as told; sealed under the enquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Concern {
    /// What was seen or heard.
    pub observed: Text,
    /// When, in the reporter's words.
    pub observed_when: Option<Line>,
    /// By whom.
    pub observed_by: Option<Line>,
    /// The part of town.
    pub district: Option<Line>,
    /// Guardians, as told.
    pub guardians: Option<Text>,
    /// Siblings, as told.
    pub siblings: Option<Text>,
}

/// Who a reporter is and how to reach them; sealed under the reporter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// Name.
    pub name: Line,
    /// Where they work.
    pub organisation: Option<Line>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Mail.
    pub email: Option<Email>,
}

/// Whom a concern is about, as told; sealed under the enquiry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Given names.
    pub given: Option<Line>,
    /// Family name.
    pub family: Option<Line>,
    /// Civil registration number; never shown.
    pub registration: Option<Registration>,
    /// Age in years, where the birth date is not known.
    pub age: Option<u8>,
    /// Anything else that helps to find out who it is.
    pub note: Option<Text>,
}

/// Risk and protective factors (free text, no score) and the conclusion in words; sealed under the enquiry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    /// What worries.
    pub risk_factors: Option<Text>,
    /// What protects.
    pub protective_factors: Option<Text>,
    /// The conclusion in words.
    pub conclusion: Option<Text>,
}

/// A reporter to be written down.
#[derive(Clone, Debug)]
pub struct NewReporter {
    /// Who they are to the matter.
    pub kind: ReporterKind,
    /// Their agency.
    pub agency: Option<AgencyId>,
    /// Their account, where they handed it in themselves.
    pub account: Option<AccountId>,
    /// Whether they wish to hear what came of it.
    pub wants_feedback: bool,
    /// Who they are; `None`: anonymous, unless an account says it.
    pub identity: Option<Identity>,
}

impl NewReporter {
    /// Nobody knows who they are.
    pub const fn is_anonymous(&self) -> bool {
        self.identity.is_none() && self.account.is_none()
    }
}

/// The most subjects that a concern has, also as it comes in.
pub const SUBJECTS_MOST: usize = 20;

/// A subject to be written down, or as one was that is struck out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSubject {
    /// As told.
    pub description: Description,
    /// Local date, where known.
    pub born_on: Option<NaiveDate>,
}

/// A concern as it comes in. What a partner's account says by itself is absent there.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Stated; a partner's is now.
    pub received_at: Option<Instant>,
    /// How it came.
    pub channel: Option<Channel>,
    /// From whom; a partner's is its agency's.
    pub source: Option<Source>,
    /// How soon it must be looked at.
    pub urgency: Urgency,
    /// The text.
    pub concern: Concern,
    /// Who hands it in.
    pub reporters: Vec<NewReporter>,
    /// Whom it is about.
    pub subjects: Vec<NewSubject>,
    /// Accounts that must not see it, entered at intake.
    pub barred: Vec<(AccountId, BarCause)>,
}

/// An enquiry as it stands, its texts unopened.
#[derive(Clone, Debug)]
pub struct Enquiry {
    /// Its id.
    pub id: EnquiryId,
    /// How far it is.
    pub state: State,
    /// When it was received (stated).
    pub received_at: Instant,
    /// When it was stored.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: Option<AccountId>,
    /// How it came.
    pub channel: Channel,
    /// From whom.
    pub source: Source,
    /// How soon it must be looked at.
    pub urgency: Urgency,
    /// The text.
    pub concern: Sealed<Concern>,
    /// Factors and conclusion.
    pub assessment: Option<Sealed<Assessment>>,
    /// Who the case is about.
    pub case_kind: Option<CaseKind>,
    /// Why them.
    pub target_group: Option<TargetGroup>,
    /// Names the hours of the referral.
    pub severity: Option<Severity>,
    /// When the police stated that an offer is suitable.
    pub police_statement_at: Option<Instant>,
    /// Who is responsible by law.
    pub responsible_authority: Option<String>,
    /// Counts in the figure of referrals in time.
    pub needs_local_effort: bool,
    /// When it was concluded (stated).
    pub decided_at: Option<Instant>,
    /// When that was recorded.
    pub decided_recorded_at: Option<Instant>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// The case it opened or joined.
    pub case: Option<CaseId>,
    /// Counts up with each change.
    pub version: i64,
}

/// A reporter without the identity.
#[derive(Clone, Debug)]
pub struct Reporter {
    /// Its id.
    pub id: ReporterId,
    /// Of which enquiry.
    pub enquiry: EnquiryId,
    /// Who they are to the matter.
    pub kind: ReporterKind,
    /// Their agency.
    pub agency: Option<AgencyId>,
    /// Their account.
    pub account: Option<AccountId>,
    /// Whether they wish to hear what came of it.
    pub wants_feedback: bool,
    /// Unopened; `None`: not told.
    pub identity: Option<Sealed<Identity>>,
    /// When they got a receipt (stated).
    pub receipt_at: Option<Instant>,
    /// How.
    pub receipt_way: Option<ReceiptWay>,
}

impl Reporter {
    /// Nobody knows who they are.
    pub const fn is_anonymous(&self) -> bool {
        self.identity.is_none() && self.account.is_none()
    }
}

/// A subject, opened.
#[derive(Clone, Debug)]
pub struct EnquirySubject {
    /// Its id.
    pub id: RowId,
    /// As told.
    pub description: Description,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// Who it is, once a coordinator has settled it.
    pub person: Option<PersonId>,
    /// When it was settled.
    pub settled_at: Option<Instant>,
}

/// A partner asked, and the answer.
#[derive(Clone, Debug)]
pub struct PartnerRequest {
    /// Its id.
    pub id: RowId,
    /// What kind of partner.
    pub source: Source,
    /// Which agency.
    pub agency: Option<AgencyId>,
    /// When it was asked (stated).
    pub asked_at: Instant,
    /// On which law.
    pub legal_basis: LegalBasis,
    /// When it answered (stated).
    pub answered_at: Option<Instant>,
    /// Whether it knows anything.
    pub has_information: Option<bool>,
    /// What it knows.
    pub answer: Option<Text>,
}

/// A police screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Its id.
    pub id: RowId,
    /// When the police was asked (stated).
    pub asked_at: Instant,
    /// When it answered (stated).
    pub answered_at: Option<Instant>,
    /// What it said.
    pub result: Option<ScreenResult>,
}

/// A home visit during qualification.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its id.
    pub id: RowId,
    /// When it was decided (stated).
    pub decided_at: Instant,
    /// When it took place (stated).
    pub visited_at: Option<Instant>,
    /// Whether they were met.
    pub outcome: Option<VisitOutcome>,
    /// Who went, who was met, what was seen.
    pub notes: Option<Text>,
}

/// An enquiry with everything that belongs to it, opened for a coordinator.
#[derive(Clone, Debug)]
pub struct File {
    /// The enquiry.
    pub enquiry: Enquiry,
    /// Its text; `None` for a partner.
    pub opened: Option<Opened>,
    /// Its reporters; for a partner those of the own agency.
    pub reporters: Vec<Reporter>,
}

/// What only coordinators read of an enquiry.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What was seen or heard.
    pub concern: Concern,
    /// Factors and conclusion.
    pub assessment: Option<Assessment>,
    /// Whom it is about.
    pub subjects: Vec<EnquirySubject>,
    /// Partners asked.
    pub requests: Vec<PartnerRequest>,
    /// Police screens.
    pub screens: Vec<Screen>,
    /// Home visits.
    pub visits: Vec<Visit>,
    /// Receipts that were taken back.
    pub retracted: Vec<RetractedReceipt>,
    /// What was recorded before it was put right, the first first.
    pub corrections: Vec<Correction>,
}

/// A conclusion of the qualification.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The state it leads to.
    pub outcome: State,
    /// Stated; now where absent.
    pub at: Option<Instant>,
    /// Who decided; the caller where absent.
    pub decided_by: Option<AccountId>,
    /// The meeting; `None`: between meetings.
    pub meeting_on: Option<NaiveDate>,
    /// Factors and conclusion.
    pub assessment: Assessment,
    /// What a founded one needs.
    pub founding: Founding,
}

/// What a founded enquiry needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Founding {
    /// Who the case is about.
    pub case_kind: Option<CaseKind>,
    /// Why them.
    pub target_group: Option<TargetGroup>,
    /// When the police stated that an offer is suitable.
    pub police_statement_at: Option<Instant>,
    /// Names the hours of the referral.
    pub severity: Option<Severity>,
    /// Who is responsible by law.
    pub responsible_authority: Option<Line>,
    /// Counts in the figure of referrals in time.
    pub needs_local_effort: Option<bool>,
    /// The open case it joins.
    pub joins: Option<CaseId>,
}
