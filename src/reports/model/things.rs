//! What the figures are counted from: of each thing only what a definition asks for. Nothing sealed.

use chrono::NaiveDate;

use crate::base::clock::Instant;
use crate::base::ids::{CaseId, CourseId, DutyId, EnquiryId, MatchId, OfferId, PersonId, SessionId, StaffId};
use crate::cases::model::Joined;
use crate::courses::model::{Activity, CourseState, DeclineReason, OfferState, Track};
use crate::duties;
use crate::enquiries::model::{Severity, Source, State as EnquiryState};
use crate::matching::model::{DeclineReason as ProposalReason, State as MatchState};
use crate::sessions::model::{Side, State as SessionState};

/// The things of one family of figures.
#[derive(Clone, Debug)]
pub enum Things {
    /// Enquiries received in the year.
    Enquiries(Vec<EnquiryThing>),
    /// Cases, founded in the year or open at its end.
    Cases(Vec<CaseThing>),
    /// Offers: made, answered, or open at the year's end.
    Offers(Vec<OfferThing>),
    /// Re-offers due in the year.
    Reoffers(Vec<ReofferThing>),
    /// Courses accepted in the year.
    Accepted(Vec<AcceptedThing>),
    /// Proposals answered in the year.
    Proposals(Vec<ProposalThing>),
    /// The staff at its end.
    Staff(Vec<StaffThing>),
    /// Courses, ended in the year or active at its end.
    Courses(Vec<CourseThing>),
    /// Sessions of the year.
    Sessions(Vec<SessionThing>),
    /// Follow-ups due in the year.
    Followups(Vec<FollowupThing>),
}

/// An enquiry.
#[derive(Clone, Debug)]
pub struct EnquiryThing {
    /// Its id.
    pub id: EnquiryId,
    /// How far it is.
    pub state: EnquiryState,
    /// Whether it was founded: a case was opened of it, or joined.
    pub has_case: bool,
    /// Who handed it in.
    pub source: Source,
    /// When it was received (stated).
    pub received_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// When it was concluded (stated).
    pub decided_at: Option<Instant>,
    /// When that was recorded.
    pub decided_recorded_at: Option<Instant>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct CaseThing {
    /// Its id.
    pub id: CaseId,
    /// Names the limit of its referral; once it is referred, what it was then.
    pub severity: Severity,
    /// Counts in the figures of referrals.
    pub needs_local_effort: bool,
    /// When its enquiry was received (stated).
    pub received_at: Instant,
    /// When it was founded (stated).
    pub founded_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// When it was referred (stated).
    pub referred_at: Option<Instant>,
    /// When that was recorded.
    pub referred_recorded_at: Option<Instant>,
    /// When it was first closed (stated), also where it was opened again.
    pub closed_at: Option<Instant>,
    /// Of the concerns that joined it before it was referred.
    pub joined: Vec<Joined>,
}

/// An offer.
#[derive(Clone, Debug)]
pub struct OfferThing {
    /// Its id.
    pub id: OfferId,
    /// The case.
    pub case: CaseId,
    /// To whom.
    pub person: PersonId,
    /// Their birth date.
    pub born_on: Option<NaiveDate>,
    /// Of what.
    pub track: Track,
    /// How far it is.
    pub state: OfferState,
    /// Why it was declined.
    pub decline_reason: Option<DeclineReason>,
    /// When it was made (stated).
    pub offered_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// When it was answered (stated).
    pub answered_at: Option<Instant>,
    /// When that was recorded.
    pub answered_recorded_at: Option<Instant>,
}

/// A promised re-offer.
#[derive(Clone, Debug)]
pub struct ReofferThing {
    /// Its duty.
    pub id: DutyId,
    /// The case.
    pub case: CaseId,
    /// To whom.
    pub person: PersonId,
    /// Their birth date.
    pub born_on: Option<NaiveDate>,
    /// Of what.
    pub track: Track,
    /// Where the promise stands.
    pub state: duties::State,
    /// The last moment in time.
    pub due_at: Instant,
    /// When it was made again, or the promise ended (stated).
    pub closed_at: Option<Instant>,
    /// When that was recorded.
    pub closed_recorded_at: Option<Instant>,
}

/// A course, from its acceptance to its match.
#[derive(Clone, Debug)]
pub struct AcceptedThing {
    /// Its id.
    pub id: CourseId,
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// Of which track.
    pub track: Track,
    /// 18 or older on the day of acceptance; `None`: no birth date is on record.
    pub is_adult: Option<bool>,
    /// When it was accepted (stated).
    pub accepted_at: Instant,
    /// When it ended (stated).
    pub ended_at: Option<Instant>,
    /// When its first match began.
    pub matched_at: Option<Instant>,
    /// When that was recorded.
    pub matched_recorded_at: Option<Instant>,
    /// What became of the first proposal.
    pub first_proposal: Option<FirstProposal>,
}

/// The first proposal of a course.
#[derive(Clone, Copy, Debug)]
pub struct FirstProposal {
    /// What became of it.
    pub state: MatchState,
    /// When it became a match, or came to nothing (stated).
    pub answered_at: Option<Instant>,
    /// When that was recorded.
    pub answered_recorded_at: Option<Instant>,
}

/// A proposal that was answered.
#[derive(Clone, Debug)]
pub struct ProposalThing {
    /// Its id.
    pub id: MatchId,
    /// The case.
    pub case: CaseId,
    /// The person's.
    pub person: PersonId,
    /// The course's track.
    pub track: Track,
    /// When it was declined, or became a match (stated).
    pub answered_at: Instant,
    /// When that was recorded.
    pub answered_recorded_at: Option<Instant>,
    /// Who said no; `None`: nobody.
    pub declined_by: Option<Side>,
    /// Why.
    pub reason: Option<ProposalReason>,
}

/// A member of staff and their load.
#[derive(Clone, Debug)]
pub struct StaffThing {
    /// Their id.
    pub id: StaffId,
    /// Matches at a time.
    pub capacity: i32,
    /// Running matches.
    pub matches: i32,
}

/// A course.
#[derive(Clone, Debug)]
pub struct CourseThing {
    /// Its id.
    pub id: CourseId,
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// Of which track.
    pub track: Track,
    /// How far it is.
    pub state: CourseState,
    /// 18 or older on the day of acceptance; `None`: no birth date is on record.
    pub is_adult: Option<bool>,
    /// When the first session was held.
    pub started_at: Option<Instant>,
    /// When that was recorded.
    pub started_recorded_at: Option<Instant>,
    /// When it ended (stated).
    pub ended_at: Option<Instant>,
    /// When that was recorded.
    pub ended_recorded_at: Option<Instant>,
}

/// A session.
#[derive(Clone, Debug)]
pub struct SessionThing {
    /// Its id.
    pub id: SessionId,
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// The course's track.
    pub track: Track,
    /// 18 or older on the day the course was accepted.
    pub is_adult: Option<bool>,
    /// How it went.
    pub state: SessionState,
    /// When it began or should have (stated).
    pub starts_at: Instant,
    /// When it ended or should have.
    pub ends_at: Instant,
    /// Whose side cancelled or stayed away.
    pub cancelled_by: Option<Side>,
    /// Minutes held.
    pub minutes: Option<i32>,
    /// When its log came in.
    pub logged_at: Option<Instant>,
}

/// A promised follow-up of a mentor course gone through, with every result recorded.
#[derive(Clone, Debug)]
pub struct FollowupThing {
    /// Its duty.
    pub id: DutyId,
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// 18 or older on the day the course was accepted.
    pub is_adult: Option<bool>,
    /// When they died.
    pub died_on: Option<NaiveDate>,
    /// Where the promise stands.
    pub state: duties::State,
    /// The end of the day 6 or 12 months after the course.
    pub due_at: Instant,
    /// When it was kept or ended (stated).
    pub closed_at: Option<Instant>,
    /// What was recorded.
    pub results: Vec<ResultThing>,
}

/// A result of a follow-up.
#[derive(Clone, Debug)]
pub struct ResultThing {
    /// When it was held, or learned (stated).
    pub held_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Judged at risk, not at risk, or nobody can say.
    pub at_risk: Option<bool>,
    /// What they do by day.
    pub activity: Option<Activity>,
    /// On which day that was so.
    pub as_of_on: Option<NaiveDate>,
}
