//! Every code list of the contract, with Danish and English words.

use serde::Serialize;

use crate::base::db::Coded;
use crate::{
    access, availability, cases, corrections, courses, duties, enquiries, followups, matching, messages, people, reports, sessions, staff,
};

/// A code list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Vocabulary {
    /// Its name, e.g. `duty_kinds`.
    name: &'static str,
    /// Its codes in their order.
    words: Vec<Word>,
}

/// A code and what people call it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Word {
    /// The stable code.
    code: &'static str,
    /// Danish.
    da: String,
    /// English.
    en: String,
}

fn list<C: Coded>(name: &'static str) -> Vocabulary {
    let word = |value: &C| {
        let words = value.words();
        Word { code: value.code(), da: words.da.into_owned(), en: words.en.into_owned() }
    };
    Vocabulary { name, words: C::ALL.iter().map(word).collect() }
}

/// All of them. A list that the database keeps as a table has the table's name.
pub fn vocabularies() -> Vec<Vocabulary> {
    vec![
        list::<access::Role>("roles"),
        list::<access::RelationKind>("relation_kinds"),
        list::<access::Purpose>("purposes"),
        list::<access::sign_in::DeviceKind>("device_kinds"),
        list::<access::sign_in::PushProvider>("push_providers"),
        list::<access::accounts::AgencyKind>("agency_kinds"),
        list::<access::bars::BarCause>("bar_causes"),
        list::<access::bars::BarWarning>("bar_warnings"),
        list::<crate::journal::Act>("journal_acts"),
        list::<crate::journal::SubjectKind>("subject_kinds"),
        list::<corrections::Kind>("correction_kinds"),
        list::<duties::Kind>("duty_kinds"),
        list::<duties::State>("duty_states"),
        list::<duties::LateReason>("late_reasons"),
        list::<people::Kind>("person_kinds"),
        list::<staff::Kind>("staff_kinds"),
        list::<staff::CertificateKind>("certificate_kinds"),
        list::<staff::LeaveKind>("leave_kinds"),
        list::<staff::profile::Gender>("genders"),
        list::<staff::profile::Interest>("interests"),
        list::<staff::profile::Dislike>("dislikes"),
        list::<staff::profile::CoreValue>("core_values"),
        list::<availability::Effect>("exception_effects"),
        list::<availability::PartOfWeek>("parts_of_week"),
        list::<enquiries::model::State>("enquiry_states"),
        list::<enquiries::model::Channel>("enquiry_channels"),
        list::<enquiries::model::Source>("sources"),
        list::<enquiries::model::ReporterKind>("reporter_kinds"),
        list::<enquiries::model::Urgency>("urgencies"),
        list::<enquiries::model::ReceiptState>("receipt_states"),
        list::<enquiries::model::ReceiptWay>("receipt_ways"),
        list::<enquiries::model::OpenReason>("open_reasons"),
        list::<enquiries::model::Likeness>("likenesses"),
        list::<enquiries::model::ScreenResult>("screen_results"),
        list::<enquiries::model::DecisionKind>("decision_kinds"),
        list::<enquiries::model::CaseKind>("case_kinds"),
        list::<enquiries::model::TargetGroup>("target_groups"),
        list::<enquiries::model::Severity>("severities"),
        list::<enquiries::model::VisitOutcome>("visit_outcomes"),
        list::<enquiries::model::LegalBasis>("legal_bases"),
        list::<cases::model::State>("case_states"),
        list::<cases::model::Role>("case_roles"),
        list::<cases::model::AlertKind>("alert_kinds"),
        list::<cases::model::CloseReason>("close_reasons"),
        list::<cases::model::LeaveReason>("case_leave_reasons"),
        list::<courses::model::Track>("tracks"),
        list::<courses::model::OfferState>("offer_states"),
        list::<courses::model::OfferWay>("offer_ways"),
        list::<courses::model::DeclineReason>("decline_reasons"),
        list::<courses::model::StopReason>("stop_reasons"),
        list::<courses::model::CourseState>("course_states"),
        list::<courses::model::Scope>("consent_scopes"),
        list::<courses::model::Area>("plan_areas"),
        list::<courses::model::Activity>("activities"),
        list::<messages::Kind>("message_kinds"),
        list::<messages::State>("message_states"),
        list::<messages::Channel>("channels"),
        list::<matching::State>("match_states"),
        list::<matching::EndReason>("match_end_reasons"),
        list::<matching::DeclineReason>("match_decline_reasons"),
        list::<matching::RepairOutcome>("repair_outcomes"),
        list::<matching::EndStep>("end_steps"),
        list::<matching::Rhythm>("rhythms"),
        list::<matching::runs::RunState>("run_states"),
        list::<matching::runs::ChangeKind>("match_changes"),
        list::<matching::ranking::Exclusion>("match_exclusions"),
        list::<matching::waiting::model::Hurdle>("match_hurdles"),
        list::<matching::ranking::Part>("match_parts"),
        list::<matching::ranking::Missing>("match_missing"),
        list::<sessions::State>("session_states"),
        list::<sessions::Kind>("session_kinds"),
        list::<sessions::Side>("sides"),
        list::<sessions::answers::Reply>("link_answers"),
        list::<sessions::answers::AnswerOutcome>("answer_outcomes"),
        list::<sessions::model::Telling>("tellings"),
        list::<sessions::series::model::EndReason>("series_ends"),
        list::<sessions::series::model::GapReason>("gap_reasons"),
        list::<sessions::series::model::GapState>("gap_states"),
        list::<sessions::covers::model::CoverState>("cover_states"),
        list::<sessions::changes::ChangeKind>("session_change_kinds"),
        list::<sessions::changes::Reason>("change_reasons"),
        list::<availability::slots::Objection>("time_objections"),
        list::<sessions::free::model::Merit>("time_merits"),
        list::<sessions::logs::model::Outcome>("log_outcomes"),
        list::<sessions::logs::model::Topic>("log_topics"),
        list::<sessions::logs::model::Warning>("log_warnings"),
        list::<followups::notes::NoteKind>("note_kinds"),
        list::<followups::notes::Outcome>("note_outcomes"),
        list::<followups::notes::Party>("note_parties"),
        list::<followups::signals::Signal>("early_signals"),
        list::<followups::results::Kind>("followup_kinds"),
        list::<followups::results::Way>("followup_ways"),
        list::<followups::results::AtRisk>("answers"),
        list::<reports::model::Definition>("figures"),
        list::<reports::model::Standing>("standings"),
        list::<reports::model::Dimension>("dimensions"),
        list::<reports::model::Quarter>("quarters"),
        list::<reports::model::Elapsed>("elapsed_hours"),
        list::<reports::model::Waited>("waited"),
        list::<reports::model::Load>("loads"),
        list::<reports::model::AgeGroup>("age_groups"),
    ]
}
