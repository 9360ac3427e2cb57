//! What callers see of an enquiry.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::former::{
    self, FormerPartnerAnswerView, FormerScreenView, FormerUrgencyView, FormerVisitView, RetractedConclusionView, RetractedSubjectView,
};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AgencyId, CaseId, EnquiryId, PersonId, ReporterId, RowId};
use crate::base::value::{Line, Text};
use crate::enquiries::model::{
    Assessment, CaseKind, Channel, Concern, Correction, Enquiry, EnquirySubject, File, LegalBasis, PartnerRequest, ReceiptState,
    ReceiptWay, Reporter, ReporterKind, RetractedReceipt, Screen, ScreenResult, Severity, Source, State, TargetGroup, Urgency, Visit,
    VisitOutcome,
};
use crate::enquiries::rules;

/// An enquiry: reference, times and receipts for everybody who may see it, the rest for coordinators.
#[derive(Serialize, ToSchema)]
pub(super) struct EnquiryView {
    id: EnquiryId,
    /// When it was received, as stated.
    received_at: Instant,
    /// When it was stored.
    recorded_at: Instant,
    /// The reporters' receipts; for a partner those of the own agency.
    receipts: Vec<ReceiptView>,
    /// How it stands; for coordinators.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
    /// What it says and what was done; for coordinators, and not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileView>,
}

impl EnquiryView {
    pub(super) const fn id(&self) -> EnquiryId {
        self.id
    }

    pub(super) fn version(&self) -> Option<i64> {
        self.standing.as_ref().map(|standing| standing.version)
    }
}

/// A reporter and the receipt, without who it is.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptView {
    reporter_id: ReporterId,
    kind: ReporterKind,
    agency_id: Option<AgencyId>,
    is_anonymous: bool,
    wants_feedback: bool,
    state: ReceiptState,
    given_at: Option<Instant>,
    way: Option<ReceiptWay>,
}

/// How an enquiry stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Standing {
    state: State,
    channel: Channel,
    source: Source,
    urgency: Urgency,
    recorded_by: Option<AccountId>,
    case_kind: Option<CaseKind>,
    target_group: Option<TargetGroup>,
    severity: Option<Severity>,
    police_statement_at: Option<Instant>,
    responsible_authority: Option<String>,
    /// Counts in the figure of referrals in time.
    needs_local_effort: bool,
    decided_at: Option<Instant>,
    decided_recorded_at: Option<Instant>,
    decided_by: Option<AccountId>,
    /// The case it opened or joined.
    case_id: Option<CaseId>,
    version: i64,
}

/// What an enquiry says and what was done.
#[derive(Serialize, ToSchema)]
pub(super) struct FileView {
    concern: Concern,
    assessment: Option<Assessment>,
    subjects: Vec<SubjectView>,
    partner_requests: Vec<RequestView>,
    police_screens: Vec<ScreenView>,
    home_visits: Vec<EnquiryVisitView>,
    /// Receipts that were taken back, the first first.
    retracted_receipts: Vec<RetractedReceiptView>,
    /// How soon it had to be looked at, as it was recorded before each correction, the first first.
    former_urgencies: Vec<FormerUrgencyView>,
    /// Subjects that were entered by mistake, the first struck out first.
    retracted_subjects: Vec<RetractedSubjectView>,
    /// Conclusions that were drawn by mistake, the first first.
    retracted_conclusions: Vec<RetractedConclusionView>,
}

/// A receipt that was recorded for the wrong reporter, or was never given.
#[derive(Serialize, ToSchema)]
pub(super) struct RetractedReceiptView {
    reporter_id: ReporterId,
    /// When it was said to have been given.
    given_at: Instant,
    way: Option<ReceiptWay>,
    recorded_at: Option<Instant>,
    recorded_by: Option<AccountId>,
    retracted_at: Instant,
    retracted_by: AccountId,
}

/// Whom a concern is about.
#[derive(Serialize, ToSchema)]
pub(super) struct SubjectView {
    id: RowId,
    given_name: Option<Line>,
    family_name: Option<Line>,
    has_registration_number: bool,
    born_on: Option<NaiveDate>,
    /// In years, where the birth date is not known.
    age: Option<u8>,
    note: Option<Text>,
    /// Who it is, once settled.
    person_id: Option<PersonId>,
    settled_at: Option<Instant>,
}

/// A partner asked, and the answer.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestView {
    id: RowId,
    source: Source,
    agency_id: Option<AgencyId>,
    legal_basis: LegalBasis,
    asked_at: Instant,
    answered_at: Option<Instant>,
    has_information: Option<bool>,
    answer: Option<Text>,
    /// What was recorded before each correction, the first first.
    former: Vec<FormerPartnerAnswerView>,
}

/// A police screen.
#[derive(Serialize, ToSchema)]
pub(super) struct ScreenView {
    id: RowId,
    asked_at: Instant,
    answered_at: Option<Instant>,
    result: Option<ScreenResult>,
    /// What was recorded before each correction, the first first.
    former: Vec<FormerScreenView>,
}

/// A home visit during qualification.
#[derive(Serialize, ToSchema)]
pub(super) struct EnquiryVisitView {
    id: RowId,
    decided_at: Instant,
    visited_at: Option<Instant>,
    outcome: Option<VisitOutcome>,
    notes: Option<Text>,
    /// What was recorded before each correction, the first first.
    former: Vec<FormerVisitView>,
}

/// An enquiry as it stands in a list: nothing opened.
pub(super) fn line(tx: &Tx<'_>, file: &File) -> EnquiryView {
    let enquiry = &file.enquiry;
    EnquiryView {
        id: enquiry.id,
        received_at: enquiry.received_at,
        recorded_at: enquiry.recorded_at,
        receipts: file.reporters.iter().map(receipt).collect(),
        standing: tx.reaches(Reach::All).then(|| standing(enquiry)),
        file: None,
    }
}

/// An enquiry as far as it was opened for the caller.
pub(super) fn view(tx: &Tx<'_>, file: File) -> EnquiryView {
    let line = line(tx, &file);
    let opened = file.opened.map(|opened| {
        let corrections = opened.corrections;
        FileView {
            concern: opened.concern,
            assessment: opened.assessment,
            subjects: opened.subjects.into_iter().map(subject).collect(),
            partner_requests: opened.requests.into_iter().map(|asked| request(asked, &corrections)).collect(),
            police_screens: opened.screens.into_iter().map(|asked| screen(asked, &corrections)).collect(),
            home_visits: opened.visits.into_iter().map(|decided| visit(decided, &corrections)).collect(),
            retracted_receipts: opened.retracted.into_iter().map(retracted).collect(),
            former_urgencies: former::urgencies(&corrections),
            retracted_subjects: former::subjects(&corrections),
            retracted_conclusions: former::conclusions(&corrections),
        }
    });
    EnquiryView { file: opened, ..line }
}

fn receipt(reporter: &Reporter) -> ReceiptView {
    ReceiptView {
        reporter_id: reporter.id,
        kind: reporter.kind,
        agency_id: reporter.agency,
        is_anonymous: reporter.is_anonymous(),
        wants_feedback: reporter.wants_feedback,
        state: rules::receipt_state(reporter),
        given_at: reporter.receipt_at,
        way: reporter.receipt_way,
    }
}

fn retracted(receipt: RetractedReceipt) -> RetractedReceiptView {
    RetractedReceiptView {
        reporter_id: receipt.reporter,
        given_at: receipt.given_at,
        way: receipt.way,
        recorded_at: receipt.recorded_at,
        recorded_by: receipt.recorded_by,
        retracted_at: receipt.retracted_at,
        retracted_by: receipt.retracted_by,
    }
}

fn standing(enquiry: &Enquiry) -> Standing {
    Standing {
        state: enquiry.state,
        channel: enquiry.channel,
        source: enquiry.source,
        urgency: enquiry.urgency,
        recorded_by: enquiry.recorded_by,
        case_kind: enquiry.case_kind,
        target_group: enquiry.target_group,
        severity: enquiry.severity,
        police_statement_at: enquiry.police_statement_at,
        responsible_authority: enquiry.responsible_authority.clone(),
        needs_local_effort: enquiry.needs_local_effort,
        decided_at: enquiry.decided_at,
        decided_recorded_at: enquiry.decided_recorded_at,
        decided_by: enquiry.decided_by,
        case_id: enquiry.case,
        version: enquiry.version,
    }
}

fn subject(subject: EnquirySubject) -> SubjectView {
    SubjectView {
        id: subject.id,
        given_name: subject.description.given,
        family_name: subject.description.family,
        has_registration_number: subject.description.registration.is_some(),
        born_on: subject.born_on,
        age: subject.description.age,
        note: subject.description.note,
        person_id: subject.person,
        settled_at: subject.settled_at,
    }
}

fn request(request: PartnerRequest, corrections: &[Correction]) -> RequestView {
    RequestView {
        id: request.id,
        source: request.source,
        agency_id: request.agency,
        legal_basis: request.legal_basis,
        asked_at: request.asked_at,
        answered_at: request.answered_at,
        has_information: request.has_information,
        answer: request.answer,
        former: former::answers(corrections, request.id),
    }
}

fn screen(screen: Screen, corrections: &[Correction]) -> ScreenView {
    ScreenView {
        id: screen.id,
        asked_at: screen.asked_at,
        answered_at: screen.answered_at,
        result: screen.result,
        former: former::screens(corrections, screen.id),
    }
}

fn visit(visit: Visit, corrections: &[Correction]) -> EnquiryVisitView {
    EnquiryVisitView {
        id: visit.id,
        decided_at: visit.decided_at,
        visited_at: visit.visited_at,
        outcome: visit.outcome,
        notes: visit.notes,
        former: former::visits(corrections, visit.id),
    }
}
