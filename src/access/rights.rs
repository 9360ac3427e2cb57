//! Who may do what: the one table. A row is an operation, what it is about, why it is done, and for each role how far it reaches.
//!
//! `Reach` says which rows an operation's SQL may find for that role; bars are taken off every reach but `Own`.
//! What no role of yours reaches is 403; a row outside your reach is 404, exactly as what does not exist.

use super::model::{Actor, ActorKind, Purpose, Role};
use crate::journal::SubjectKind;

/// How far a role reaches with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Everything of the municipality.
    All,
    /// What the account runs or covers, today, in a role that it holds.
    Matched,
    /// What the account supervises, today.
    Supervised,
    /// What the account's agency handed in.
    Agency,
    /// The caller's own account, what is addressed to it, and what is theirs to tell.
    Own,
    /// Nothing of a person: totals.
    Totals,
}

macro_rules! rights {
    ($($name:ident $operation:literal $subject:ident $purpose:ident [$($role:ident: $reach:ident),* $(,)?];)+) => {
        /// Every operation there is. Its text is the OpenAPI operation id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the table below is the documentation: operation, subject, purpose, roles with reach")]
        pub enum Capability { $($name),+ }

        impl Capability {
            /// All operations, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The operation id, e.g. `sessions.plan`.
            pub const fn operation(self) -> &'static str { match self { $(Self::$name => $operation),+ } }
            /// The noun that the first id of its path names.
            pub const fn subject(self) -> SubjectKind { match self { $(Self::$name => SubjectKind::$subject),+ } }
            /// Why it is done, as the journal says it.
            pub const fn purpose(self) -> Purpose { match self { $(Self::$name => Purpose::$purpose),+ } }
            /// Which roles may, and how far each reaches.
            pub const fn roles(self) -> &'static [(Role, Reach)] { match self { $(Self::$name => &[$((Role::$role, Reach::$reach)),*]),+ } }
        }
    };
}

rights! {
    // The caller's own account: everybody signed in.
    MeGet "me.get" Account Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    DevicesList "devices.list" Device Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    DevicesUpdate "devices.update" Device Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    DevicesSignOut "devices.sign_out" Device Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    DevicesSignOutAll "devices.sign_out_all" Device Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    PasswordChange "password.change" Account Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    CalendarsGet "calendars.get" Account Own [Mentor: Own, ParentCoach: Own];
    CalendarsSet "calendars.set" Account Own [Mentor: Own, ParentCoach: Own];
    CalendarsMakeFeed "calendars.make_feed" Account Own [Mentor: Own, ParentCoach: Own];
    CalendarsRevokeFeed "calendars.revoke_feed" Account Own [Mentor: Own, ParentCoach: Own];
    // Accounts of others, agencies, bars.
    AccountsCreate "accounts.create" Account Administration [Coordinator: All];
    AccountsList "accounts.list" Account Administration [Coordinator: All];
    AccountsGet "accounts.get" Account Administration [Coordinator: All];
    AccountsUpdate "accounts.update" Account Administration [Coordinator: All];
    AccountsSetRoles "accounts.set_roles" Account Administration [Coordinator: All];
    AccountsDisable "accounts.disable" Account Administration [Coordinator: All];
    AccountsEnable "accounts.enable" Account Administration [Coordinator: All];
    AccountsSignOut "accounts.sign_out" Account Administration [Coordinator: All];
    AccountsSetPassword "accounts.set_password" Account Administration [Coordinator: All];
    AgenciesCreate "agencies.create" Agency Administration [Coordinator: All];
    AgenciesList "agencies.list" Agency Administration [Coordinator: All];
    AgenciesGet "agencies.get" Agency Administration [Coordinator: All];
    AgenciesUpdate "agencies.update" Agency Administration [Coordinator: All];
    BarsCreate "bars.create" Account Administration [Coordinator: All];
    BarsList "bars.list" Account Administration [Coordinator: All, DataProtectionOfficer: All];
    BarsGet "bars.get" Account Administration [Coordinator: All, DataProtectionOfficer: All];
    BarsEnd "bars.end" Account Administration [Coordinator: All];
    SupervisionAssign "supervision.assign" Match Administration [Coordinator: All];
    // What is coming, and what was sent or not, and why.
    DutiesList "duties.list" Duty Coordination [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    DutiesGet "duties.get" Duty Coordination [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    DutiesSettle "duties.settle" Duty Coordination [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    DutiesRetractSettlement "duties.retract_settlement" Duty Coordination [Coordinator: All];
    DutiesAssign "duties.assign" Duty Coordination [Coordinator: All];
    MessagesList "messages.list" Message Coordination [Coordinator: All];
    MessagesGet "messages.get" Message Coordination [Coordinator: All];
    // People.
    PeopleCreate "people.create" Person Coordination [Coordinator: All];
    PeopleList "people.list" Person Coordination [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    PeopleSearch "people.search" Person Intake [Coordinator: All];
    PeopleGet "people.get" Person Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    PeopleUpdate "people.update" Person Coordination [Coordinator: All];
    PeopleSetContact "people.set_contact" Person Coordination [Coordinator: All];
    PeopleSetCustody "people.set_custody" Person Coordination [Coordinator: All];
    LinkChoicesRecord "link_choices.record" Person Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    LinkChoicesList "link_choices.list" Person Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    PeopleRecordDeath "people.record_death" Person Coordination [Coordinator: All];
    PeopleRetractDeath "people.retract_death" Person Coordination [Coordinator: All];
    // The data protection officer.
    OversightFindPeople "oversight.find_people" Person Oversight [DataProtectionOfficer: All];
    OversightJournal "oversight.journal" Person Oversight [DataProtectionOfficer: All];
    OversightEnquiryJournal "oversight.enquiry_journal" Enquiry Oversight [DataProtectionOfficer: All];
    OversightConsents "oversight.consents" Person Oversight [DataProtectionOfficer: All];
    OversightCaseConsents "oversight.case_consents" Case Oversight [DataProtectionOfficer: All];
    OversightExtract "oversight.extract" Person Oversight [DataProtectionOfficer: All];
    // Staff.
    StaffCreate "staff.create" Staff Administration [Coordinator: All];
    StaffList "staff.list" Staff Administration [Coordinator: All];
    StaffGetOwn "staff.get_own" Staff Own [Coordinator: Own, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    StaffGet "staff.get" Staff Administration [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    StaffUpdate "staff.update" Staff Administration [Coordinator: All];
    StaffCertify "staff.certify" Staff Administration [Coordinator: All];
    StaffSetProfile "staff.set_profile" Staff Administration [Coordinator: All, Mentor: Own, ParentCoach: Own];
    StaffEnterLeave "staff.enter_leave" Staff Administration [Coordinator: All, Mentor: Own, ParentCoach: Own];
    StaffRemoveLeave "staff.remove_leave" Staff Administration [Coordinator: All, Mentor: Own, ParentCoach: Own];
    StaffLeave "staff.leave" Staff Administration [Coordinator: All];
    // When somebody can meet.
    AvailabilityGetHours "availability.get_hours" Staff Administration [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    AvailabilitySetHours "availability.set_hours" Staff Administration [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    AvailabilityAddException "availability.add_exception" Staff Administration [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    AvailabilityRemoveException "availability.remove_exception" Staff Administration [Coordinator: All, Mentor: Own, ParentCoach: Own];
    AvailabilityGetTimes "availability.get_times" Person Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    AvailabilitySetTimes "availability.set_times" Person Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    // Enquiries.
    EnquiriesReceive "enquiries.receive" Enquiry Intake [Coordinator: All, Partner: Agency];
    EnquiriesList "enquiries.list" Enquiry Intake [Coordinator: All, Partner: Agency];
    EnquiriesGet "enquiries.get" Enquiry Intake [Coordinator: All, Partner: Agency];
    EnquiriesAddSubject "enquiries.add_subject" Enquiry Intake [Coordinator: All];
    EnquiriesRetractSubject "enquiries.retract_subject" Enquiry Intake [Coordinator: All];
    EnquiriesLikelyPeople "enquiries.likely_people" Enquiry Intake [Coordinator: All];
    EnquiriesLinkSubject "enquiries.link_subject" Enquiry Intake [Coordinator: All];
    EnquiriesGiveReceipt "enquiries.give_receipt" Enquiry Intake [Coordinator: All];
    EnquiriesRetractReceipt "enquiries.retract_receipt" Enquiry Intake [Coordinator: All];
    EnquiriesAddReporter "enquiries.add_reporter" Enquiry Intake [Coordinator: All];
    EnquiriesCorrectReporter "enquiries.correct_reporter" Enquiry Intake [Coordinator: All];
    EnquiriesOpenReporter "enquiries.open_reporter" Enquiry Intake [Coordinator: All];
    EnquiriesAskPartner "enquiries.ask_partner" Enquiry Intake [Coordinator: All];
    EnquiriesRecordAnswer "enquiries.record_answer" Enquiry Intake [Coordinator: All];
    EnquiriesAskPolice "enquiries.ask_police" Enquiry Intake [Coordinator: All];
    EnquiriesRecordScreen "enquiries.record_screen" Enquiry Intake [Coordinator: All];
    EnquiriesDecideVisit "enquiries.decide_visit" Enquiry Intake [Coordinator: All];
    EnquiriesRecordVisit "enquiries.record_visit" Enquiry Intake [Coordinator: All];
    EnquiriesQualify "enquiries.qualify" Enquiry Intake [Coordinator: All];
    EnquiriesCorrectUrgency "enquiries.correct_urgency" Enquiry Intake [Coordinator: All];
    EnquiriesCorrectAnswer "enquiries.correct_answer" Enquiry Intake [Coordinator: All];
    EnquiriesRetractAnswer "enquiries.retract_answer" Enquiry Intake [Coordinator: All];
    EnquiriesCorrectScreen "enquiries.correct_screen" Enquiry Intake [Coordinator: All];
    EnquiriesRetractScreen "enquiries.retract_screen" Enquiry Intake [Coordinator: All];
    EnquiriesCorrectVisit "enquiries.correct_visit" Enquiry Intake [Coordinator: All];
    EnquiriesRetractVisit "enquiries.retract_visit" Enquiry Intake [Coordinator: All];
    EnquiriesRetractConclusion "enquiries.retract_conclusion" Enquiry Intake [Coordinator: All];
    DecisionsMake "decisions.make" Decision Coordination [Coordinator: All];
    DecisionsList "decisions.list" Decision Coordination [Coordinator: All];
    DecisionsGet "decisions.get" Decision Coordination [Coordinator: All];
    DecisionsRatify "decisions.ratify" Decision Coordination [Coordinator: All];
    // Cases.
    CasesList "cases.list" Case Coordination [Coordinator: All];
    CasesGet "cases.get" Case Coordination [Coordinator: All];
    CasesUpdate "cases.update" Case Coordination [Coordinator: All];
    CasesAddPerson "cases.add_person" Case Coordination [Coordinator: All];
    CasesRemovePerson "cases.remove_person" Case Coordination [Coordinator: All];
    CasesRefer "cases.refer" Case Coordination [Coordinator: All];
    CasesCorrectReferral "cases.correct_referral" Case Coordination [Coordinator: All];
    CasesRetractReferral "cases.retract_referral" Case Coordination [Coordinator: All];
    CasesAcceptReferral "cases.accept_referral" Case Coordination [Coordinator: All];
    CasesDecideVisit "cases.decide_visit" Case Coordination [Coordinator: All];
    CasesRecordVisit "cases.record_visit" Case Coordination [Coordinator: All];
    CasesCorrectVisit "cases.correct_visit" Case Coordination [Coordinator: All];
    CasesRetractVisit "cases.retract_visit" Case Coordination [Coordinator: All];
    CasesRaiseAlert "cases.raise_alert" Case Coordination [Coordinator: All];
    CasesResolveAlert "cases.resolve_alert" Case Coordination [Coordinator: All];
    CasesClose "cases.close" Case Coordination [Coordinator: All];
    CasesRetractClosing "cases.retract_closing" Case Coordination [Coordinator: All];
    // Offers, consents, courses, plans.
    OffersMake "offers.make" Offer Coordination [Coordinator: All];
    OffersList "offers.list" Offer Coordination [Coordinator: All];
    OffersGet "offers.get" Offer Coordination [Coordinator: All];
    OffersRecordConsent "offers.record_consent" Offer Coordination [Coordinator: All];
    OffersAccept "offers.accept" Offer Coordination [Coordinator: All];
    OffersDecline "offers.decline" Offer Coordination [Coordinator: All];
    OffersWithdraw "offers.withdraw" Offer Coordination [Coordinator: All];
    OffersRetractAnswer "offers.retract_answer" Offer Coordination [Coordinator: All];
    ConsentsWithdraw "consents.withdraw" Consent Coordination [Coordinator: All];
    ContactStopsList "contact_stops.list" Case Coordination [Coordinator: All];
    ContactStopsRecord "contact_stops.record" Case Coordination [Coordinator: All];
    ContactStopsRetract "contact_stops.retract" Case Coordination [Coordinator: All];
    CoursesList "courses.list" Course Coordination [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    CoursesGet "courses.get" Course Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    CoursesPause "courses.pause" Course Coordination [Coordinator: All];
    CoursesResume "courses.resume" Course Coordination [Coordinator: All];
    CoursesEnd "courses.end" Course Coordination [Coordinator: All];
    CoursesCorrectEnd "courses.correct_end" Course Coordination [Coordinator: All];
    PlansMake "plans.make" Course Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    PlansList "plans.list" Course Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    // Matches.
    WishesGet "wishes.get" Course Coordination [Coordinator: All];
    WishesSet "wishes.set" Course Coordination [Coordinator: All];
    WaitingList "waiting.list" Course Coordination [Coordinator: All];
    WaitingListInterest "waiting.list_interest" Course Coordination [Coordinator: All];
    WaitingRecordInterest "waiting.record_interest" Course Coordination [Coordinator: All];
    MatchesEligible "matches.eligible" Course Coordination [Coordinator: All];
    MatchesPropose "matches.propose" Match Coordination [Coordinator: All];
    MatchesList "matches.list" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    MatchesGet "matches.get" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    MatchesAnswer "matches.answer" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    MatchesAnswerForPerson "matches.answer_for_person" Match Coordination [Coordinator: All];
    MatchesStart "matches.start" Match Coordination [Coordinator: All];
    MatchesUpdate "matches.update" Match Coordination [Coordinator: All];
    MatchesEnd "matches.end" Match Coordination [Coordinator: All];
    MatchesCorrectEnd "matches.correct_end" Match Coordination [Coordinator: All];
    MatchesSetEndSteps "matches.set_end_steps" Match Coordination [Coordinator: All];
    MatchesRecordRepair "matches.record_repair" Match Coordination [Coordinator: All];
    MatchesCorrectRepair "matches.correct_repair" Match Coordination [Coordinator: All];
    MatchesRetractRepair "matches.retract_repair" Match Coordination [Coordinator: All];
    MatchesHandOver "matches.hand_over" Match Coordination [Coordinator: All];
    MatchesReleaseLogs "matches.release_logs" Match Coordination [Coordinator: All];
    MatchesTakeBackLogs "matches.take_back_logs" Match Coordination [Coordinator: All];
    MatchesEarlySignals "matches.early_signals" Match Coordination [Coordinator: All];
    MatchesRhythm "matches.rhythm" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    MatchingRunsCreate "matching_runs.create" MatchingRun Coordination [Coordinator: All];
    MatchingRunsWhatIf "matching_runs.what_if" MatchingRun Coordination [Coordinator: All];
    MatchingRunsList "matching_runs.list" MatchingRun Coordination [Coordinator: All];
    MatchingRunsGet "matching_runs.get" MatchingRun Coordination [Coordinator: All];
    MatchingRunsLines "matching_runs.lines" MatchingRun Coordination [Coordinator: All];
    MatchingRunsAdopt "matching_runs.adopt" MatchingRun Coordination [Coordinator: All];
    // Sessions and logs.
    SessionsPlan "sessions.plan" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsList "sessions.list" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    SessionsGet "sessions.get" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    SessionsMove "sessions.move" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsCancel "sessions.cancel" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    JointSessionsPlan "joint_sessions.plan" JointSession Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    JointSessionsGet "joint_sessions.get" JointSession Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    JointSessionsMove "joint_sessions.move" JointSession Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    JointSessionsCancel "joint_sessions.cancel" JointSession Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    JointSessionsGround "joint_sessions.ground" JointSession Coordination [Coordinator: All];
    AnswersSettle "answers.settle" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SeriesMake "series.make" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SeriesList "series.list" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    SeriesGet "series.get" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    SeriesChange "series.change" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SeriesCancel "series.cancel" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SeriesFillGap "series.fill_gap" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SeriesDismissGap "series.dismiss_gap" Series Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    CoversList "covers.list" Staff Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    CoversDecide "covers.decide" Staff Coordination [Coordinator: All];
    CoversEligible "covers.eligible" Session Coordination [Coordinator: All];
    CoversOfSession "covers.of_session" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    CoversEnd "covers.end" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsConfirm "sessions.confirm" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsRestore "sessions.restore" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsChanges "sessions.changes" Session Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    SessionsFreeTimes "sessions.free_times" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsCheckTime "sessions.check_time" Match Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched];
    SessionsFreeStaff "sessions.free_staff" Person Coordination [Coordinator: All];
    // Whoever ran or covered a match once delivers its logs in whatever role they have by now, and reads nothing by it.
    LogsPut "logs.put" Log Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Own, Partner: Own, Manager: Own, DataProtectionOfficer: Own];
    LogsGet "logs.get" Log Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    LogsList "logs.list" Log Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    LogsVersions "logs.versions" Log Course [Coordinator: All, Mentor: Matched, ParentCoach: Matched, Supervisor: Supervised];
    LogsTakeIn "logs.take_in" Log Coordination [Coordinator: All];
    // Contact notes, support contacts, follow-ups.
    NotesWrite "notes.write" Note Coordination [Coordinator: All, Supervisor: Supervised];
    NotesList "notes.list" Note Coordination [Coordinator: All, Supervisor: Supervised];
    NotesGet "notes.get" Note Coordination [Coordinator: All, Supervisor: Supervised];
    NotesCorrect "notes.correct" Note Coordination [Coordinator: All, Supervisor: Supervised];
    NotesVersions "notes.versions" Note Coordination [Coordinator: All, Supervisor: Supervised];
    NotesGetStep "notes.get_step" Note Coordination [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    NotesSettleStep "notes.settle_step" Note Coordination [Coordinator: All, Mentor: Own, ParentCoach: Own, Supervisor: Own];
    FollowupsRecord "followups.record" Followup Coordination [Coordinator: All];
    FollowupsList "followups.list" Followup Coordination [Coordinator: All];
    FollowupsGet "followups.get" Followup Coordination [Coordinator: All];
    FollowupsCorrect "followups.correct" Followup Coordination [Coordinator: All];
    FollowupsRetract "followups.retract" Followup Coordination [Coordinator: All];
    FollowupsVersions "followups.versions" Followup Coordination [Coordinator: All];
    // The phone's first screen.
    TodayGet "today.get" Session Course [Mentor: Matched, ParentCoach: Matched];
    // Figures.
    ReportsYearly "reports.yearly" Figures Reporting [Coordinator: All, Manager: Totals];
    ReportsRows "reports.rows" Figures Reporting [Coordinator: All];
    // Without an account.
    SignIn "sign_in.create" Account Own [];
    SignInRefresh "sign_in.refresh" Device Own [];
    // The people met, by the link of a reminder: one appointment, and nothing else.
    LinksOpen "links.open" Session Appointment [];
    LinksAnswer "links.answer" Session Appointment [];
    // By the secret of the feed's address, for whose it is.
    CalendarsFeed "calendars.feed" Session Course [Mentor: Matched, ParentCoach: Matched];
    // Without a person at hand.
    TickRun "tick.run" Message Automation [];
    OperatorUserAdd "operator.user_add" Account Administration [];
    DemoSeed "demo.seed" Account Administration [];
}

impl Capability {
    /// Whether nobody needs to be signed in: it brings its own proof.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::SignIn | Self::SignInRefresh | Self::LinksOpen | Self::LinksAnswer | Self::CalendarsFeed)
    }

    /// Whether it reaches the logs that were released to somebody, and what they belong to: only what reads them does.
    pub const fn reads_released(self) -> bool {
        matches!(
            self,
            Self::MatchesList
                | Self::MatchesGet
                | Self::SessionsList
                | Self::SessionsGet
                | Self::SessionsChanges
                | Self::LogsList
                | Self::LogsGet
                | Self::LogsVersions
        )
    }
}

/// What an actor reaches with an operation: empty when no role of theirs may use it.
pub fn reaches(actor: &Actor, capability: Capability) -> Vec<Reach> {
    match actor.kind {
        ActorKind::System | ActorKind::Operator => vec![Reach::All],
        ActorKind::Public => Vec::new(),
        ActorKind::Account => {
            let mut reaches: Vec<Reach> = Vec::new();
            for (role, reach) in capability.roles() {
                if actor.is(*role) && !reaches.contains(reach) {
                    reaches.push(*reach);
                }
            }
            reaches
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn operations_are_unique() {
        let ids: HashSet<_> = Capability::ALL.iter().map(|c| c.operation()).collect();
        assert_eq!(ids.len(), Capability::ALL.len());
    }

    /// Which of the two roles it takes is said by each relation, not by the operation.
    #[test]
    fn a_mentor_and_a_coach_reach_alike() {
        for capability in Capability::ALL {
            let reach = |role: Role| capability.roles().iter().find(|(known, _)| *known == role).map(|(_, reach)| *reach);
            assert_eq!(reach(Role::Mentor), reach(Role::ParentCoach), "{}", capability.operation());
        }
    }

    #[test]
    fn a_manager_and_a_data_protection_officer_reach_no_case_text() {
        for capability in Capability::ALL {
            for (role, reach) in capability.roles() {
                if *role == Role::Manager {
                    assert!(matches!(reach, Reach::Own | Reach::Totals), "{} gives a manager persons", capability.operation());
                }
                if *role == Role::DataProtectionOfficer {
                    let lawful = matches!(capability.purpose(), Purpose::Oversight | Purpose::Own)
                        || [Capability::BarsList, Capability::BarsGet].contains(capability)
                        || *reach == Reach::Own;
                    assert!(lawful, "{} gives the data protection officer case text", capability.operation());
                }
            }
        }
    }
}
