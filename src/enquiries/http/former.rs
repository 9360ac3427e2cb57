//! What callers see of what was recorded of an enquiry, or of a case's home visit, before it was put right or taken back, the first first.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, RowId};
use crate::base::value::{Line, Text};
use crate::enquiries::model::{
    Assessment, CaseKind, Correction, Former, NewSubject, ScreenResult, Severity, State, TargetGroup, Urgency, VisitOutcome,
};

/// How soon it had to be looked at, as it was recorded before.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerUrgencyView {
    urgency: Urgency,
    corrected_at: Instant,
    corrected_by: AccountId,
}

pub(super) fn urgencies(corrections: &[Correction]) -> Vec<FormerUrgencyView> {
    let view = |correction: &Correction| match correction.former {
        Former::Urgency(urgency) => {
            Some(FormerUrgencyView { urgency, corrected_at: correction.corrected_at, corrected_by: correction.corrected_by })
        }
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}

/// A subject that was entered by mistake.
#[derive(Serialize, ToSchema)]
pub(super) struct RetractedSubjectView {
    given_name: Option<Line>,
    family_name: Option<Line>,
    has_registration_number: bool,
    born_on: Option<NaiveDate>,
    /// In years, where the birth date was not known.
    age: Option<u8>,
    note: Option<Text>,
    retracted_at: Instant,
    retracted_by: AccountId,
}

pub(super) fn subjects(corrections: &[Correction]) -> Vec<RetractedSubjectView> {
    let view = |correction: &Correction| match &correction.former {
        Former::Subject(NewSubject { description, born_on }) => Some(RetractedSubjectView {
            given_name: description.given.clone(),
            family_name: description.family.clone(),
            has_registration_number: description.registration.is_some(),
            born_on: *born_on,
            age: description.age,
            note: description.note.clone(),
            retracted_at: correction.corrected_at,
            retracted_by: correction.corrected_by,
        }),
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}

/// What a partner answered, as it was recorded before.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerPartnerAnswerView {
    answered_at: Instant,
    has_information: bool,
    answer: Option<Text>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

pub(super) fn answers(corrections: &[Correction], request: RowId) -> Vec<FormerPartnerAnswerView> {
    let view = |correction: &Correction| match &correction.former {
        Former::Answer(answer) if correction.subject == request.cast() => Some(FormerPartnerAnswerView {
            answered_at: answer.answered_at,
            has_information: answer.has_information,
            answer: answer.text.clone(),
            corrected_at: correction.corrected_at,
            corrected_by: correction.corrected_by,
        }),
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}

/// What the police answered, as it was recorded before.
#[derive(Serialize, ToSchema)]
pub(super) struct FormerScreenView {
    answered_at: Instant,
    result: ScreenResult,
    corrected_at: Instant,
    corrected_by: AccountId,
}

pub(super) fn screens(corrections: &[Correction], screen: RowId) -> Vec<FormerScreenView> {
    let view = |correction: &Correction| match &correction.former {
        Former::Screen(answer) if correction.subject == screen.cast() => Some(FormerScreenView {
            answered_at: answer.answered_at,
            result: answer.result,
            corrected_at: correction.corrected_at,
            corrected_by: correction.corrected_by,
        }),
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}

/// What was recorded of a home visit before it was put right or taken back.
#[derive(Serialize, ToSchema)]
pub struct FormerVisitView {
    visited_at: Instant,
    outcome: VisitOutcome,
    notes: Option<Text>,
    corrected_at: Instant,
    corrected_by: AccountId,
}

/// What was recorded of a home visit before, of an enquiry's or a case's.
pub fn visits(corrections: &[Correction], visit: RowId) -> Vec<FormerVisitView> {
    let view = |correction: &Correction| match &correction.former {
        Former::Visit(found) if correction.subject == visit.cast() => Some(FormerVisitView {
            visited_at: found.visited_at,
            outcome: found.outcome,
            notes: found.notes.clone(),
            corrected_at: correction.corrected_at,
            corrected_by: correction.corrected_by,
        }),
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}

/// A conclusion that was drawn by mistake.
#[derive(Serialize, ToSchema)]
pub(super) struct RetractedConclusionView {
    /// The state it led to.
    outcome: State,
    decided_at: Instant,
    decided_by: Option<AccountId>,
    decided_recorded_at: Option<Instant>,
    assessment: Option<Assessment>,
    case_kind: Option<CaseKind>,
    target_group: Option<TargetGroup>,
    police_statement_at: Option<Instant>,
    severity: Option<Severity>,
    responsible_authority: Option<String>,
    needs_local_effort: bool,
    /// The case that it opened, which never was, or joined.
    case_id: Option<CaseId>,
    retracted_at: Instant,
    retracted_by: AccountId,
}

pub(super) fn conclusions(corrections: &[Correction]) -> Vec<RetractedConclusionView> {
    let view = |correction: &Correction| match &correction.former {
        Former::Conclusion(former) => Some(RetractedConclusionView {
            outcome: former.outcome,
            decided_at: former.decided_at,
            decided_by: former.decided_by,
            decided_recorded_at: former.recorded_at,
            assessment: former.assessment.clone(),
            case_kind: former.case_kind,
            target_group: former.target_group,
            police_statement_at: former.police_statement_at,
            severity: former.severity,
            responsible_authority: former.responsible_authority.clone(),
            needs_local_effort: former.needs_local_effort,
            case_id: former.case,
            retracted_at: correction.corrected_at,
            retracted_by: correction.corrected_by,
        }),
        _ => None,
    };
    corrections.iter().filter_map(view).collect()
}
