//! What can become true: the closed list of facts that rooms tell and `consequences.rs` answers. Plain data.

use chrono::NaiveDate;

use crate::base::clock::Instant;
use crate::base::ids::{
    AccountId, AlertId, CaseId, ConsentId, CourseId, DecisionId, DutyId, EnquiryId, FollowupId, MatchId, NoteId, OfferId, PersonId, PlanId,
    ReporterId, RowId, SessionId, StaffId,
};
use crate::base::language::Language;
use crate::base::value::Email;

/// One thing that became true in a verb. `at` is when it happened (stated), not when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each fact is documented; its members are the ids it names and when it happened")]
pub enum Fact {
    // access
    /// An account was closed.
    AccountClosed { account: AccountId },
    /// All devices of an account were signed out by another than its owner: a phone was lost, a password replaced.
    SignedOutEverywhere { account: AccountId },
    /// The e-mail address of an account changed; `former`: what it was.
    AccountMailChanged { account: AccountId, former: Option<Email> },
    /// An account is spoken to in another language.
    AccountLanguageChanged { account: AccountId, language: Language },
    /// An account lost a role, or was barred from somebody: what it may no longer do others must.
    RightsLost { account: AccountId },
    /// A closed account was opened again, got a role, or a bar of it ended.
    RightsRegained { account: AccountId },
    /// An account is a coordinator no more: what it had promised as one is the unit's.
    CoordinatorLost { account: AccountId },
    // people
    /// The birth date was set or corrected.
    BirthDateSet { person: PersonId },
    /// Safe contact, language, protection or the chosen recipient changed.
    ContactChanged { person: PersonId },
    /// Custody holders changed.
    CustodyChanged { child: PersonId },
    /// The person died.
    PersonDied { person: PersonId, at: Instant },
    /// A death was recorded of somebody who did not die.
    DeathRetracted { person: PersonId },
    // staff
    /// A member of staff left: duties go to the unit.
    StaffLeft { staff: StaffId, account: Option<AccountId>, at: Instant },
    /// A member of staff signs in with another account, or with none.
    StaffAccountChanged { staff: StaffId, from: Option<AccountId>, to: Option<AccountId> },
    /// The loan of a member of staff from another municipality was made, moved or ended.
    StaffLoanChanged { staff: StaffId },
    /// What a member of staff does changed.
    StaffKindsChanged { staff: StaffId },
    /// The first day of a member of staff changed.
    StaffFirstDayChanged { staff: StaffId },
    /// The proofs of a member of staff were set.
    StaffCertified { staff: StaffId },
    /// A leave of a member of staff was entered.
    LeaveEntered { staff: StaffId },
    /// A leave of a member of staff, with its first and last day, was taken back.
    LeaveTakenBack { staff: StaffId, leave: RowId, from_on: NaiveDate, until_on: NaiveDate },
    // availability
    /// The clock of a member of staff hangs in another zone: the dates of their leaves are other moments.
    StaffZoneChanged { staff: StaffId },
    // enquiries
    /// A concern was stored.
    EnquiryReceived { enquiry: EnquiryId },
    /// A subject of the enquiry was linked to a known or new person, perhaps in the place of another.
    SubjectLinked { enquiry: EnquiryId, person: PersonId },
    /// A reporter got a receipt.
    ReceiptGiven { enquiry: EnquiryId, reporter: ReporterId, at: Instant },
    /// A receipt was recorded by mistake.
    ReceiptRetracted { enquiry: EnquiryId, reporter: ReporterId },
    /// A reporter was added, or it was said anew who they are.
    ReporterChanged { enquiry: EnquiryId, reporter: ReporterId },
    /// Something was decided between two meetings.
    DecidedBetweenMeetings { decision: DecisionId },
    /// A meeting ratified it.
    DecisionRatified { decision: DecisionId, at: Instant },
    /// The concern is founded with its severity: a case opens or is joined.
    EnquiryFounded { enquiry: EnquiryId },
    /// A conclusion was drawn by mistake, at the time stated for it; `case`: the one that it opened or joined.
    ConclusionRetracted { enquiry: EnquiryId, decision: DecisionId, case: Option<CaseId>, at: Instant },
    /// The police took over: what is open of the case ends, with a joined concern for whom that is about.
    PoliceTookOver { enquiry: EnquiryId, at: Instant },
    // duties
    /// Somebody settled a promise by hand.
    DutySettled { duty: DutyId, at: Instant },
    /// A promise was said to have been settled by hand then, by mistake: it is to be kept still.
    SettlementRetracted { duty: DutyId, at: Instant },
    // cases
    /// A case was opened: the referral clock runs.
    CaseOpened { case: CaseId, enquiry: EnquiryId },
    /// What the limit of a case's referral goes by changed: its severity, from the same start; a concern that may have joined it leads elsewhere by
    /// now, or the police took that over at another moment than was recorded.
    ReferralLimitChanged { case: CaseId },
    /// Referred: a receiving authority is named.
    CaseReferred { case: CaseId, at: Instant },
    /// A case was referred at another moment, or to another authority, than was recorded.
    ReferralCorrected { case: CaseId, from: Instant, at: Instant },
    /// A referral was recorded that never was.
    ReferralRetracted { case: CaseId },
    /// The responsible coordinator changed; `from`: who it was, the unit where nobody.
    CoordinatorChanged { case: CaseId, from: Option<AccountId> },
    /// The custody holders of the case disagree, or do so no more.
    CustodyConflictChanged { case: CaseId },
    /// An alert was raised.
    AlertRaised { alert: AlertId },
    /// An alert was resolved.
    AlertResolved { alert: AlertId, at: Instant },
    /// A case was closed.
    CaseClosed { case: CaseId, at: Instant },
    /// The closing that a case was said to have had then was recorded by mistake.
    ClosingRetracted { case: CaseId, at: Instant },
    /// Somebody stands in a case from now on, again or for the first time.
    PersonJoinedCase { person: PersonId },
    /// Somebody left an open case.
    PersonLeftCase { case: CaseId, person: PersonId, at: Instant },
    /// Somebody who had left an open case stands in it again.
    PersonCameBack { case: CaseId, person: PersonId },
    // courses
    /// An offer was made.
    OfferMade { offer: OfferId },
    /// An offer was declined (no answer included).
    OfferDeclined { offer: OfferId },
    /// An offer was accepted: the course waits for a match.
    OfferAccepted { offer: OfferId, course: CourseId, case: CaseId, at: Instant },
    /// An offer was withdrawn; `is_due_again`: the re-offer that it was is still to be made.
    OfferWithdrawn { offer: OfferId, at: Instant, is_due_again: bool },
    /// The answer that an offer was said to have got then was recorded by mistake: it waits for one again.
    AnswerRetracted { offer: OfferId, at: Instant },
    /// Recorded why a person is not to be offered again.
    ContactStopped { stop: RowId },
    /// A stop was recorded by mistake: in which case, and of whom.
    StopRetracted { case: CaseId, person: PersonId },
    /// Somebody said yes to an offer, or need not be asked.
    ConsentGiven { consent: ConsentId, offer: OfferId },
    /// A consent ended, or was refused while its course runs.
    ConsentWithdrawn { consent: ConsentId, offer: OfferId, at: Instant },
    /// The course stands still: no new sessions, messages retracted.
    CoursePaused { course: CourseId, at: Instant },
    /// It runs on, on a recorded basis.
    CourseResumed { course: CourseId, at: Instant },
    /// A plan version was made.
    PlanMade { plan: PlanId },
    /// The course ended, whichever way.
    CourseEnded { course: CourseId, at: Instant },
    /// A course runs on that a death had ended: that was said to be then, and recorded at this moment, of somebody who did not die.
    CourseGivenBack { course: CourseId, ended_at: Instant, recorded_at: Instant },
    /// A course does not run on that a death had ended, which was taken back: not at the moment that was said of it, but at this.
    CourseStaysOver { course: CourseId, from: Instant, at: Instant },
    /// A course ended another way, or at another moment, than was recorded.
    CourseEndCorrected { course: CourseId, from: Instant, at: Instant },
    // matching
    /// It was asked whether a match is still wanted.
    InterestAsked { course: CourseId },
    /// A pair was proposed.
    MatchProposed { matched: MatchId },
    /// Both sides said yes, and the pair does not hold: the unit starts or ends it.
    PairHeld { matched: MatchId },
    /// Both sides said yes.
    MatchStarted { matched: MatchId },
    /// What a running pair agreed on changed: rhythm, expected end.
    AgreementChanged { matched: MatchId },
    /// The match ended (or its proposal came to nothing).
    MatchEnded { matched: MatchId, at: Instant },
    /// A match ended at another moment than was recorded.
    MatchEndCorrected { matched: MatchId, from: Instant, at: Instant },
    // sessions
    /// A session was planned, moved, cancelled or settled: what should be waiting for it is planned anew.
    SessionChanged { session: SessionId },
    /// Several sessions of a match were planned, moved or cancelled in one verb, without a fact each.
    SessionsChanged { matched: MatchId },
    /// A member of staff covers a session from now on, or no more.
    CoverChanged { staff: StaffId },
    /// A session counts otherwise in its person's run of misses (log, cancellation, correction, reported meeting).
    AttendanceChanged { person: PersonId },
    /// The first session of a match was held.
    FirstSessionHeld { matched: MatchId, session: SessionId, at: Instant },
    /// A logged session was held no longer, or at another time: it may have been a match's first.
    HeldCorrected { matched: MatchId },
    // followups
    /// A contact note was written.
    NoteWritten { note: NoteId },
    /// A note's agreed step was done or withdrawn.
    StepSettled { note: NoteId, at: Instant, withdrawn: bool },
    /// A 6- or 12-month result was recorded, corrected or taken back.
    FollowupChanged { followup: FollowupId },
}
