//! Fact -> what follows, in the same transaction: the one page of cause and effect. Stands under all rooms.
//!
//! A room says what became true; here, and nowhere else, stands what other rooms do about it. Facts may tell further facts.

use crate::access::{Tx, bars};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DutyId};
use crate::duties::Kind;
use crate::duties::store::Which;
use crate::enquiries::model::Matter;
use crate::facts::Fact;
use crate::{calendars, cases, courses, duties, enquiries, followups, matching, messages, sessions};

/// What follows from a fact. Exhaustive: a new fact without an answer does not compile.
pub fn follow(tx: &mut Tx<'_>, fact: &Fact) -> Result<()> {
    match *fact {
        Fact::AccountClosed { account } => account_closed(tx, account),
        Fact::SignedOutEverywhere { account } => calendars::actions::signed_out(tx, account),
        Fact::AccountMailChanged { account, ref former } => calendars::actions::mail_changed(tx, account, former.as_ref()),
        Fact::AccountLanguageChanged { account, language } => messages::actions::language_changed(tx, account, language),
        Fact::RightsLost { account } => {
            cases::actions::coordinator_lost(tx, account)?;
            duties::actions::rights_lost(tx, account)?;
            matching::actions::staff::agree_sights(tx, account)?;
            sessions::covers::actions::rights_lost(tx, account)?;
            sessions::answers::actions::rights_changed(tx, account)?;
            calendars::actions::rights_lost(tx, account)
        }
        Fact::RightsRegained { account } => {
            matching::actions::staff::agree_sights(tx, account)?;
            sessions::answers::actions::rights_changed(tx, account)?;
            calendars::actions::follow_all(tx, account)
        }
        Fact::BirthDateSet { person } => {
            let now = tx.now;
            courses::actions::corrections::age_corrected(tx, person)?;
            courses::actions::birthdays::agree_all(tx, person, now)?;
            courses::actions::pauses::agree_consents(tx, person)?;
            matching::actions::promises::agree_certificates_for(tx, person)?;
            matching::wishes::actions::forget_protected(tx, person)?;
            sessions::covers::actions::limits_changed_for(tx, person)?;
            sessions::series::actions::born(tx, person)?;
            sessions::actions::replan_messages_of(tx, person)
        }
        Fact::ContactChanged { person } => {
            matching::wishes::actions::forget_protected(tx, person)?;
            sessions::actions::replan_messages_of(tx, person)
        }
        Fact::CustodyChanged { child } => {
            matching::wishes::actions::forget_protected(tx, child)?;
            matching::supervision::actions::agree(tx, child)?;
            sessions::series::actions::custody_changed(tx, child)?;
            sessions::actions::replan_messages_of(tx, child)
        }
        Fact::CoordinatorLost { account } => duties::actions::coordinator_lost(tx, account),
        Fact::PersonDied { person, at } => {
            cases::actions::alerts::person_died(tx, person, at)?;
            courses::actions::deaths::person_died(tx, person, at)?;
            duties::actions::end(tx, &Which::person(person).kinds(&[Kind::MissedTwice]), at, "dead")?;
            sessions::actions::replan_messages_of(tx, person)?;
            followups::results::actions::person_died(tx, person, at)
        }
        Fact::DeathRetracted { person } => {
            courses::actions::deaths::death_retracted(tx, person)?;
            sessions::actions::count_missed(tx, person)?;
            followups::results::actions::death_retracted(tx, person)
        }
        Fact::StaffLeft { staff, account, at } => {
            matching::actions::staff::left(tx, staff, at)?;
            sessions::covers::actions::staff_left(tx, staff, at)?;
            match account {
                Some(account) => account_closed(tx, account),
                None => Ok(()),
            }
        }
        Fact::StaffAccountChanged { staff, from, to } => {
            if let Some(to) = to {
                bars::take_along(tx, staff, from, to)?;
            }
            matching::actions::staff::account_changed(tx, staff, from, to)?;
            sessions::covers::actions::account_changed(tx, staff, to)?;
            if let Some(to) = to {
                matching::supervision::actions::account_changed(tx, to)?;
            }
            sessions::answers::actions::staff_changed(tx, staff)?;
            calendars::actions::follow_staff(tx, staff)
        }
        Fact::StaffCertified { staff } => {
            matching::actions::promises::agree_certificates_of(tx, staff)?;
            sessions::covers::actions::limits_changed(tx, staff)?;
            sessions::series::actions::certified(tx, staff)
        }
        Fact::StaffKindsChanged { staff } => {
            matching::actions::staff::kinds_changed(tx, staff)?;
            sessions::covers::actions::limits_changed(tx, staff)
        }
        Fact::StaffFirstDayChanged { staff } => sessions::covers::actions::limits_changed(tx, staff),
        Fact::StaffLoanChanged { staff } => {
            matching::actions::staff::loan_changed(tx, staff)?;
            sessions::covers::actions::limits_changed(tx, staff)
        }
        Fact::LeaveEntered { staff } | Fact::StaffZoneChanged { staff } | Fact::CoverChanged { staff } => {
            sessions::covers::actions::agree_leaves(tx, staff)
        }
        Fact::LeaveTakenBack { staff, leave, from_on, until_on } => {
            sessions::covers::actions::leave_taken_back(tx, staff, leave, (from_on, until_on))?;
            sessions::covers::actions::agree_leaves(tx, staff)
        }
        Fact::EnquiryReceived { enquiry } => enquiries::actions::intake::promise_receipts(tx, enquiry),
        Fact::SubjectLinked { enquiry, person } => {
            bars::agree(tx, enquiry, person)?;
            cases::actions::members::subject_linked(tx, enquiry, person)
        }
        Fact::ReceiptGiven { enquiry, reporter, at } => enquiries::actions::intake::receipt_given(tx, enquiry, reporter, at),
        Fact::ReceiptRetracted { enquiry, reporter } => {
            enquiries::actions::intake::receipt_retracted(tx, enquiry, reporter)?;
            // Who they are may have been put right since.
            enquiries::actions::reporters::changed(tx, enquiry, reporter)?;
            cases::actions::file_receipt(tx, enquiry, reporter)
        }
        Fact::ReporterChanged { enquiry, reporter } => {
            enquiries::actions::reporters::changed(tx, enquiry, reporter)?;
            cases::actions::file_receipt(tx, enquiry, reporter)
        }
        Fact::DecidedBetweenMeetings { decision } => {
            let case = match enquiries::actions::decisions::matter_of(tx, decision)? {
                Matter::Case(case) => Some(case),
                Matter::Enquiry(enquiry) => cases::actions::find_of(tx, enquiry)?,
            };
            let owner = match case {
                Some(case) => cases::actions::find_owner(tx, case)?,
                None => None,
            };
            enquiries::actions::decisions::promise_ratification(tx, decision, case, owner)
        }
        Fact::DecisionRatified { decision, at } => enquiries::actions::decisions::ratified(tx, decision, at),
        Fact::EnquiryFounded { enquiry } => cases::actions::open_from(tx, enquiry).map(drop),
        Fact::ConclusionRetracted { enquiry, decision, case, at } => {
            duties::actions::end(tx, &Which::subject(decision, &[Kind::Ratify]), at, "conclusion_retracted")?;
            match case {
                Some(case) => cases::actions::unfounding::retracted(tx, enquiry, case, at),
                None => Ok(()),
            }
        }
        Fact::PoliceTookOver { enquiry, at } => match cases::actions::police::taken(tx, enquiry)? {
            Some(taken) => {
                courses::actions::ends::end_all_in(tx, taken.case, taken.people.as_deref(), at)?;
                cases::actions::police::take_over(tx, &taken, at)
            }
            None => Ok(()),
        },
        Fact::DutySettled { duty, .. } => {
            cases::actions::alerts::looked_at(tx, duty)?;
            courses::actions::plans::reviewed(tx, duty)
        }
        Fact::SettlementRetracted { duty, at } => {
            settlement_retracted(tx, duty, at)?;
            cases::actions::settlement_retracted(tx, duty)
        }
        Fact::CaseOpened { case, .. } | Fact::ReferralLimitChanged { case } => cases::actions::referral::promise(tx, case),
        Fact::CaseReferred { case, at } => cases::actions::referral::referred(tx, case, at),
        Fact::ReferralCorrected { case, from, at } => cases::actions::referral::corrected(tx, case, from, at),
        Fact::ReferralRetracted { case } => cases::actions::referral::retracted(tx, case),
        Fact::CoordinatorChanged { case, from } => cases::actions::hand_over(tx, case, from),
        Fact::CustodyConflictChanged { case } => sessions::joint::actions::conflict_changed(tx, case),
        Fact::AlertRaised { alert } => cases::actions::alerts::watch(tx, alert),
        Fact::AlertResolved { alert, at } => cases::actions::alerts::unwatch(tx, alert, at),
        Fact::CaseClosed { case, at } => {
            cases::actions::end_promises(tx, case, at)?;
            courses::actions::ends::case_closed(tx, case, at)?;
            // A run of misses that reaches into another case of the person is that one's now.
            for member in cases::actions::members(tx, case)? {
                sessions::actions::count_missed(tx, member.person)?;
            }
            Ok(())
        }
        Fact::ClosingRetracted { case, at } => {
            cases::actions::referral::promise(tx, case)?;
            courses::actions::ends::closing_retracted(tx, case, at)?;
            sessions::attendance::actions::closing_retracted(tx, case, at)?;
            sessions::reminders::actions::closing_retracted(tx, case, at)
        }
        Fact::PersonJoinedCase { person } => {
            matching::supervision::actions::agree(tx, person)?;
            // Who is a parent in it has another address than the young person's own.
            sessions::actions::replan_messages_of(tx, person)
        }
        Fact::PersonLeftCase { case, person, at } => {
            courses::actions::ends::person_left(tx, case, person, at)?;
            sessions::actions::replan_messages_of(tx, person)
        }
        Fact::PersonCameBack { case, person } | Fact::StopRetracted { case, person } => {
            courses::actions::ends::offered_again(tx, case, person)
        }
        Fact::OfferMade { offer } => courses::actions::offers::promise_answer(tx, offer),
        Fact::OfferDeclined { offer } => courses::actions::offers::declined(tx, offer),
        Fact::OfferAccepted { offer, course, case, at } => {
            cases::actions::reopening::reopen(tx, case, offer, at)?;
            courses::actions::offers::accepted(tx, offer)?;
            matching::actions::promises::agree_interest(tx, course)
        }
        Fact::OfferWithdrawn { offer, at, is_due_again } => courses::actions::offers::withdrawn(tx, offer, at, is_due_again),
        Fact::AnswerRetracted { offer, at } => {
            courses::actions::corrections::answer_retracted(tx, offer, at)?;
            cases::actions::reopening::answer_retracted(tx, offer)
        }
        Fact::ContactStopped { stop } => courses::actions::stops::stopped(tx, stop),
        Fact::ConsentGiven { consent, offer } => {
            courses::actions::consents::given(tx, consent)?;
            match courses::store::fact_of_offer(tx, offer)? {
                Some(course) => sessions::series::actions::plan_waiting(tx, course.id),
                None => Ok(()),
            }
        }
        Fact::ConsentWithdrawn { consent, offer, at } => {
            courses::actions::consents::ended(tx, consent, at)?;
            match courses::store::fact_of_offer(tx, offer)? {
                Some(course) => sessions::series::actions::consent_lacking(tx, course.id),
                None => Ok(()),
            }
        }
        Fact::CoursePaused { course, .. } => sessions::actions::replan_messages_of_course(tx, course),
        Fact::CourseResumed { course, at } => {
            courses::actions::pauses::resumed(tx, course, at)?;
            sessions::series::actions::plan_waiting(tx, course)?;
            sessions::actions::replan_messages_of_course(tx, course)
        }
        Fact::PlanMade { plan } => courses::actions::plans::promise_review(tx, plan),
        Fact::CourseEnded { course, at } => {
            courses::actions::ended(tx, course, at)?;
            matching::actions::course_ended(tx, course, at)?;
            let person = courses::store::fact(tx, course)?.person;
            sessions::actions::count_missed(tx, person)?;
            matching::actions::promises::agree_interest(tx, course)?;
            followups::results::actions::promise_followups(tx, course, at)
        }
        Fact::CourseGivenBack { course, ended_at, recorded_at } => {
            courses::actions::deaths::course_given_back(tx, course)?;
            matching::actions::corrections::course_given_back(tx, course, ended_at, recorded_at)?;
            matching::actions::promises::agree_interest(tx, course)
        }
        Fact::CourseStaysOver { course, from, at } => {
            duties::actions::restate(tx, course, from, at)?;
            matching::actions::corrections::course_stays_over(tx, course, from, at)
        }
        Fact::CourseEndCorrected { course, from, at } => {
            duties::actions::restate(tx, course, from, at)?;
            courses::actions::corrections::end_corrected(tx, course)?;
            matching::actions::corrections::course_end_corrected(tx, course, from, at)?;
            let person = courses::store::fact(tx, course)?.person;
            sessions::actions::count_missed(tx, person)?;
            followups::results::actions::end_corrected(tx, course, at)
        }
        Fact::MatchProposed { matched } => matching::actions::promises::proposed(tx, matched),
        Fact::PairHeld { matched } => matching::actions::promises::held(tx, matched),
        Fact::MatchStarted { matched } => matching::actions::promises::started(tx, matched),
        Fact::InterestAsked { course } => matching::actions::promises::agree_interest(tx, course),
        Fact::MatchEnded { matched, at } => {
            matching::actions::promises::ended(tx, matched, at)?;
            duties::actions::end(tx, &Which::matched(matched).kinds(&[Kind::SupportContact]), at, "match_ended")?;
            sessions::actions::match_ended(tx, matched, at)?;
            sessions::series::actions::match_ended(tx, matched, at)
        }
        Fact::MatchEndCorrected { matched, from, at } => {
            duties::actions::restate(tx, matched, from, at)?;
            matching::actions::corrections::agree_interest(tx, matched)?;
            if let Some(found) = matching::store::find_fact(tx, matched)? {
                matching::supervision::actions::agree(tx, found.person)?;
            }
            sessions::actions::match_ended(tx, matched, at)?;
            followups::support::actions::agree(tx, matched)
        }
        Fact::SessionsChanged { matched } => {
            matching::actions::promises::sessions_changed(tx, matched)?;
            sessions::covers::actions::agree_leaves_in(tx, matched)?;
            calendars::actions::follow_match(tx, matched)
        }
        Fact::SessionChanged { session } => {
            sessions::actions::follow(tx, session)?;
            if let Some(changed) = sessions::store::find_fact(tx, session)? {
                matching::actions::promises::sessions_changed(tx, changed.matched)?;
            }
            sessions::covers::actions::agree_leaves_around(tx, session)?;
            calendars::actions::follow(tx, session)
        }
        Fact::AttendanceChanged { person } => sessions::actions::count_missed(tx, person),
        Fact::FirstSessionHeld { matched, .. } | Fact::HeldCorrected { matched } => match matching::store::find_fact(tx, matched)? {
            Some(found) => {
                let first_held_at = sessions::store::fact_first_held_in(tx, found.course)?;
                courses::actions::agree_start(tx, found.course, first_held_at)?;
                followups::support::actions::agree(tx, matched)
            }
            None => Ok(()),
        },
        Fact::AgreementChanged { matched } => {
            matching::actions::promises::agree_first_meeting(tx, matched)?;
            followups::support::actions::agree(tx, matched)
        }
        Fact::NoteWritten { note } => followups::notes::actions::written(tx, note),
        Fact::StepSettled { note, at, withdrawn } => followups::notes::actions::step_settled(tx, note, at, withdrawn),
        Fact::FollowupChanged { followup } => followups::results::actions::changed(tx, followup),
    }
}

/// What was settled by hand by mistake is to be kept still, as what it is about stands by now.
fn settlement_retracted(tx: &mut Tx<'_>, duty: DutyId, at: Instant) -> Result<()> {
    let Some(duty) = duties::store::find_fact(tx, duty)? else { return Ok(()) };
    match duty.kind {
        Kind::Alert => cases::actions::alerts::look_retracted(tx, &duty, at),
        Kind::PlanReview => courses::actions::plans::review_retracted(tx, &duty, at),
        Kind::Turns15 => courses::actions::birthdays::settlement_retracted(tx, &duty),
        Kind::SupportProfessionals => courses::actions::corrections::support_retracted(tx, &duty),
        Kind::FirstMeeting => matching::actions::promises::introduction_retracted(tx, &duty),
        Kind::MissedTwice => sessions::actions::taken_back::run_retracted(tx, &duty),
        Kind::TellByHand => sessions::actions::taken_back::telling_retracted(tx, &duty),
        // An operation of its own keeps it.
        Kind::Receipt
        | Kind::Referral
        | Kind::Ratify
        | Kind::Answer
        | Kind::Proposal
        | Kind::UnseenMatch
        | Kind::CertificateMissing
        | Kind::UndecidedLeave
        | Kind::AskInterest
        | Kind::Reoffer3m
        | Kind::Reoffer6m
        | Kind::SupportContact
        | Kind::LogMissing
        | Kind::Paused
        | Kind::AgreedStep
        | Kind::EndInDoubt
        | Kind::Turns10
        | Kind::Turns18
        | Kind::Followup6m
        | Kind::Followup12m => Ok(()),
    }
}

/// Whoever signs in no longer, or is staff no longer, keeps no promises: the unit does.
fn account_closed(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    calendars::actions::account_closed(tx, account)?;
    matching::supervision::actions::supervisor_left(tx, account)?;
    cases::actions::coordinator_left(tx, account)?;
    duties::actions::hand_over(tx, &Which::owner(account), None)?;
    sessions::covers::actions::rights_lost(tx, account)?;
    sessions::answers::actions::rights_changed(tx, account)?;
    matching::actions::staff::agree_sights(tx, account)
}
