//! What is known of offers, consents and courses.

mod correction;
mod plan;

pub use correction::{FormerAnswer, FormerEnd};
pub use plan::{Activity, Area, Closing, Goal, Plan, PlanBody};

use chrono::NaiveDate;

use crate::base::calendar::{Zone, age_on};
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, ConsentId, CourseId, DutyId, OfferId, PersonId, RowId};
use crate::base::value::Text;
use crate::base::vault::Sealed;
use crate::cases::model::LegalBasis;
use crate::coded;
use crate::people::Custody;
use crate::people::model::could_speak;
use crate::staff::Kind;

coded! {
    /// The two kinds of voluntary 1-1 course.
    pub enum Track {
        /// For a young person.
        Mentor = "mentor" : "Mentor" / "Mentor",
        /// For a parent or another relative (forældrecoach).
        ParentCoach = "parent_coach" : "Forældrecoach" / "Parent coach",
    }
}

impl Track {
    /// Who on the staff meets people in it.
    pub const fn kind_of_staff(self) -> Kind {
        match self {
            Self::Mentor => Kind::Mentor,
            Self::ParentCoach => Kind::ParentCoach,
        }
    }
}

coded! {
    /// How far an offer (tilbud) is.
    pub enum OfferState {
        /// Waits for an answer.
        Open = "open" : "Åbent" / "Open",
        /// Became a course.
        Accepted = "accepted" : "Accepteret" / "Accepted",
        /// Declined (afslag), no answer included.
        Declined = "declined" : "Afslået" / "Declined",
        /// Withdrawn by the unit; not counted.
        Withdrawn = "withdrawn" : "Trukket tilbage" / "Withdrawn",
    }
}

coded! {
    /// How an offer was made.
    pub enum OfferWay {
        /// At their home.
        HomeVisit = "home_visit" : "Hjemmebesøg" / "Home visit",
        /// At a meeting.
        Meeting = "meeting" : "Møde" / "Meeting",
        /// By telephone.
        Phone = "phone" : "Telefon" / "Telephone",
        /// By letter.
        Letter = "letter" : "Brev" / "Letter",
        /// By digital post or e-mail.
        Digital = "digital" : "Digital post" / "Digital post",
    }
}

coded! {
    /// Why an offer was declined.
    pub enum DeclineReason {
        /// They see no need.
        NoNeed = "no_need" : "Intet behov" / "No need",
        /// They do not trust it.
        NoTrust = "no_trust" : "Manglende tillid" / "No trust",
        /// They have no time.
        NoTime = "no_time" : "Ikke tid" / "No time",
        /// They want other help.
        WantsOtherHelp = "wants_other_help" : "Ønsker anden hjælp" / "Wants other help",
        /// A custody holder whose yes was needed said no.
        CustodyHolderRefused = "custody_holder_refused" : "En forældremyndighedsindehaver sagde nej" / "A custody holder refused",
        /// No answer inside its limit.
        NoAnswer = "no_answer" : "Intet svar" / "No answer",
        /// Something else.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// Why somebody is not offered a track again.
    pub enum StopReason {
        /// They moved to another municipality.
        Moved = "moved" : "Flyttet" / "Moved",
        /// They died.
        Dead = "dead" : "Død" / "Dead",
        /// They asked never to be contacted.
        AskedNeverToBeContacted = "asked_never_to_be_contacted" : "Har bedt om ikke at blive kontaktet" / "Asked never to be contacted",
        /// It makes no sense any more.
        NoLongerRelevant = "no_longer_relevant" : "Ikke længere relevant" / "No longer relevant",
    }
}

impl StopReason {
    /// Whether the track is never offered again in the case; else a later offer overtakes it.
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::Dead | Self::AskedNeverToBeContacted)
    }
}

coded! {
    /// How far a course is. Paused is an overlay.
    pub enum CourseState {
        /// Accepted; no session was held yet.
        Waiting = "waiting" : "Venter" / "Waiting",
        /// The first session was held.
        Active = "active" : "I gang" / "Active",
        /// Gone through.
        Completed = "completed" : "Gennemført" / "Completed",
        /// Suspended and handed over to the ordinary services (sat i bero); counted as gone through.
        SuspendedHandedOver = "suspended_handed_over" : "Sat i bero og overdraget" / "Suspended and handed over",
        /// Broken off.
        Discontinued = "discontinued" : "Afbrudt" / "Discontinued",
        /// Never was: the acceptance that it came from was recorded by mistake. In no figure.
        Retracted = "retracted" : "Taget tilbage" / "Taken back",
    }
}

impl CourseState {
    /// Whether it has ended, whichever way.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::SuspendedHandedOver | Self::Discontinued | Self::Retracted)
    }

    /// Whether somebody ends a course this way.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::SuspendedHandedOver | Self::Discontinued)
    }

    /// Whether it counts as gone through (domain section 4): then there are follow-ups.
    pub const fn is_gone_through(self) -> bool {
        matches!(self, Self::Completed | Self::SuspendedHandedOver)
    }
}

coded! {
    /// What a consent (samtykke) is to.
    pub enum Scope {
        /// Taking part in the course.
        Participation = "participation" : "Deltagelse" / "Participation",
        /// Being contacted 6 and 12 months after it.
        ContactAfter = "contact_after" : "Kontakt efter forløbet" / "Contact afterwards",
    }
}

/// An offer of one course kind to one person.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// The case it is made in.
    pub case: CaseId,
    /// To whom.
    pub person: PersonId,
    /// Of what.
    pub track: Track,
    /// How far it is.
    pub state: OfferState,
    /// The first of this person, track and case that was not withdrawn.
    pub first: bool,
    /// The re-offer duty it fulfils.
    pub fulfils: Option<DutyId>,
    /// When it was made (stated).
    pub offered_at: Instant,
    /// By whom.
    pub offered_by: AccountId,
    /// How.
    pub way: OfferWay,
    /// What was explained; sealed under the person.
    pub information: Sealed<Text>,
    /// On which law.
    pub legal_basis: LegalBasis,
    /// When it was answered (stated); the acceptance counts from the day the last needed consent was given.
    pub answered_at: Option<Instant>,
    /// When that was recorded.
    pub answered_recorded_at: Option<Instant>,
    /// By whom; none: by a rule, or before this was kept.
    pub answered_by: Option<AccountId>,
    /// Why it was declined.
    pub decline_reason: Option<DeclineReason>,
    /// The person's own words; sealed under the person.
    pub answer_words: Option<Sealed<Text>>,
    /// How far it was when a death took it that was recorded since; `None`: none did.
    pub before_death: Option<OfferState>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// Counts up with each change.
    pub version: i64,
}

/// What somebody said to an offer, or why they were not asked.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The offer.
    pub offer: OfferId,
    /// The case.
    pub case: CaseId,
    /// Whose participation it is about.
    pub person: PersonId,
    /// Who says yes or no.
    pub giver: PersonId,
    /// Local date of the giver's death, as far as it is known by now.
    pub giver_died_on: Option<NaiveDate>,
    /// To what.
    pub scope: Scope,
    /// Which text was shown.
    pub text_version: String,
    /// Yes or no.
    pub given: bool,
    /// The participant's own, for the time from the 18th birthday on.
    pub adult_basis: bool,
    /// Not asked: a coordinator recorded why this custody holder is not needed.
    pub not_needed: bool,
    /// Why; sealed under the participant.
    pub not_needed_basis: Option<Sealed<Text>>,
    /// When (stated).
    pub given_at: Instant,
    /// When it was withdrawn (stated).
    pub withdrawn_at: Option<Instant>,
    /// When that was recorded.
    pub withdrawn_recorded_at: Option<Instant>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// Counts up with each change.
    pub version: i64,
}

impl Consent {
    /// Whether it was said: by somebody who lived, or by a coordinator of a custody holder who is not asked.
    pub fn is_own_word(&self, zone: Zone) -> bool {
        self.not_needed || could_speak(self.giver_died_on, zone.date(self.given_at))
    }

    /// As [`Self::is_own_word`], of the withdrawal where there is one.
    pub fn is_own_last_word(&self, zone: Zone) -> bool {
        self.withdrawn_at.map_or_else(|| self.is_own_word(zone), |at| could_speak(self.giver_died_on, zone.date(at)))
    }
}

/// A course: an accepted offer.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its id.
    pub id: CourseId,
    /// The offer that was accepted.
    pub offer: OfferId,
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// Of which kind.
    pub track: Track,
    /// How far it is.
    pub state: CourseState,
    /// The day the last needed consent was given (stated).
    pub accepted_at: Instant,
    /// Fixed on the day of acceptance, for counting only.
    pub adult_at_acceptance: bool,
    /// When the first session was held (stated).
    pub started_at: Option<Instant>,
    /// When that it had begun was first recorded.
    pub started_recorded_at: Option<Instant>,
    /// Since when it stands still.
    pub paused_at: Option<Instant>,
    /// When it ended (stated).
    pub ended_at: Option<Instant>,
    /// When that was recorded.
    pub ended_recorded_at: Option<Instant>,
    /// The closing form; sealed under the person.
    pub closing: Option<Sealed<Closing>>,
    /// How far it was when a death took it that was recorded since; `None`: none did.
    pub before_death: Option<CourseState>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// What other rooms need of a course for their rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CourseFacts {
    /// The course.
    pub course: CourseId,
    /// Its case.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// Of which kind.
    pub track: Track,
    /// How far it is.
    pub state: CourseState,
    /// Since when it stands still.
    pub paused_at: Option<Instant>,
    /// The day the last needed consent was given.
    pub accepted_at: Instant,
    /// When it ended (stated).
    pub ended_at: Option<Instant>,
}

/// A time during which a course stood still.
#[derive(Clone, Debug)]
pub struct Pause {
    /// Its id.
    pub id: RowId,
    /// What was said that paused it, a withdrawal or a no; `None`: the unit did, or a word was missing.
    pub consent: Option<ConsentId>,
    /// From when (stated).
    pub paused_at: Instant,
    /// Why, where the unit did; sealed under the participant.
    pub grounds: Option<Sealed<Text>>,
    /// Until when (stated).
    pub resumed_at: Option<Instant>,
    /// On what basis it went on; sealed under the participant. `None` also where what it was for turned out never to have been.
    pub basis: Option<Sealed<Text>>,
}

impl Pause {
    /// Whether it is for a word that was missing once a birth date was put right, or a death recorded: neither a withdrawal nor the unit's.
    pub const fn lacks_consent(&self) -> bool {
        self.consent.is_none() && self.grounds.is_none()
    }

    /// Whether it was over at a moment by itself, and nobody resumed the course on any basis.
    pub fn went_on_at(&self, at: Instant) -> bool {
        self.resumed_at == Some(at) && self.basis.is_none()
    }
}

/// One thing that somebody said about taking part, for the rules of consent. A withdrawal is a no, said when it was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub giver: PersonId,
    /// What.
    pub answer: Word,
    /// For the time from the 18th birthday on.
    pub adult_basis: bool,
    /// When (stated).
    pub at: Instant,
}

/// Yes, no, or not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Yes.
    Yes,
    /// No.
    No,
    /// A recorded basis why a custody holder is not needed.
    NotNeeded,
}

/// Whose consent is asked for, and who holds custody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub person: PersonId,
    /// Their birth date. Without it a young person's age is not known; a parent or relative is taken to be an adult.
    pub born_on: Option<NaiveDate>,
    /// A young person.
    pub is_young: bool,
    /// Since when their own yes counts: what a small child said is asked for again. `None` where no age is known.
    pub own_from: Option<Instant>,
    /// Since when they are asked about the time from their 18th birthday on. `None` where no age is known.
    pub adult_from: Option<Instant>,
    /// Who ever held custody of them, and when.
    pub custody: Vec<Custody>,
}

impl Participant {
    /// The custody holders on record for a date.
    pub fn holders_on(&self, on: NaiveDate) -> Vec<PersonId> {
        self.custody.iter().filter(|custody| custody.is_held_on(on)).map(|custody| custody.holder).collect()
    }

    /// Whether they are of age on a date.
    pub fn is_adult_on(&self, on: NaiveDate) -> bool {
        self.born_on.map_or(!self.is_young, |born_on| age_on(born_on, on) >= 18)
    }
}
