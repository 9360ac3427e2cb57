//! What a contact note says.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AgencyId, CaseId, MatchId, NoteId, PersonId, RowId};
use crate::base::value::{Line, Text};
use crate::base::vault::Sealed;
use crate::coded;
use crate::sessions::Side;
use crate::sessions::attendance::model::Report;

coded! {
    /// What kind of contact it was.
    pub enum NoteKind {
        /// A telephone call.
        Call = "call" : "Opkald" / "Call",
        /// A meeting.
        Meeting = "meeting" : "Møde" / "Meeting",
        /// A letter, mail or text message.
        Message = "message" : "Besked" / "Message",
        /// Support to a professional around the family.
        SupportProfessional = "support_professional" : "Støtte til fagperson" / "Support to a professional",
        /// A meeting with the family.
        FamilyMeeting = "family_meeting" : "Familiemøde" / "Family meeting",
        /// The unit's own check on a match.
        SupportContact = "support_contact" : "Støttekontakt" / "Support contact",
        /// Supervision of the mentor or coach of a match.
        Supervision = "supervision" : "Supervision" / "Supervision",
    }
}

impl NoteKind {
    /// The kinds that are about a match.
    pub const OF_MATCH: [Self; 2] = [Self::SupportContact, Self::Supervision];

    /// Whether it is about a match.
    pub const fn is_of_match(self) -> bool {
        matches!(self, Self::SupportContact | Self::Supervision)
    }
}

coded! {
    /// How it went.
    pub enum Outcome {
        /// They spoke.
        Held = "held" : "Gennemført" / "Held",
        /// It was cancelled.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
        /// Somebody did not appear.
        DidNotAppear = "did_not_appear" : "Ikke mødt frem" / "Did not appear",
    }
}

coded! {
    /// Who cancelled, or did not appear.
    pub enum Party {
        /// The young person or parent, and who speaks for them.
        Person = "person" : "Borgeren" / "The person",
        /// The mentor or coach.
        Staff = "staff" : "Mentor eller coach" / "Mentor or coach",
        /// The coordination unit.
        Unit = "unit" : "Koordineringsenheden" / "The unit",
        /// A partner or another professional.
        Partner = "partner" : "Samarbejdspartner" / "A partner",
    }
}

/// An agreed next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is to be done.
    pub words: Text,
    /// By the end of this date.
    pub on: NaiveDate,
    /// By whom.
    pub owner: AccountId,
}

/// One version of what a note says, but for its two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What kind of contact it was.
    pub kind: NoteKind,
    /// How it went.
    pub outcome: Outcome,
    /// Who cancelled, or did not appear.
    pub by: Option<Party>,
    /// When (stated).
    pub happened_at: Instant,
    /// Who did it.
    pub done_by: AccountId,
    /// With whom of the case.
    pub persons: Vec<PersonId>,
    /// With which agency.
    pub partner: Option<AgencyId>,
    /// With which professional.
    pub professional: Option<Line>,
    /// With which sides of the match.
    pub sides: Vec<Side>,
    /// The agreed next step.
    pub step: Option<Step>,
    /// Meetings of persons that a partner told of.
    pub reports: Vec<Report>,
}

/// One version of what a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// All but the texts.
    pub content: Content,
    /// What happened and was said.
    pub facts: Option<Text>,
    /// What the writer makes of it.
    pub assessment: Option<Text>,
}

/// A next step as a client states it.
#[derive(Clone, Debug)]
pub struct StepDraft {
    /// What is to be done.
    pub words: Text,
    /// By the end of this date.
    pub on: NaiveDate,
    /// By whom; whoever had the contact where absent.
    pub owner: Option<AccountId>,
}

/// What a note says, as a client states it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What kind of contact it was.
    pub kind: NoteKind,
    /// How it went.
    pub outcome: Outcome,
    /// Who cancelled, or did not appear.
    pub by: Option<Party>,
    /// When (stated).
    pub happened_at: Instant,
    /// Who did it; the caller where absent.
    pub done_by: Option<AccountId>,
    /// With whom of the case.
    pub persons: Vec<PersonId>,
    /// With which agency.
    pub partner: Option<AgencyId>,
    /// With which professional.
    pub professional: Option<Line>,
    /// With which sides of the match.
    pub sides: Vec<Side>,
    /// The agreed next step.
    pub step: Option<StepDraft>,
    /// Meetings of persons that a partner told of.
    pub reports: Vec<Report>,
    /// What happened and was said.
    pub facts: Option<Text>,
    /// What the writer makes of it.
    pub assessment: Option<Text>,
}

/// A note as it stands: what lists, rules and promises need of its present version. The rest is sealed in its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The case.
    pub case: CaseId,
    /// The match, of a support contact or supervision.
    pub matched: Option<MatchId>,
    /// What kind of contact it was.
    pub kind: NoteKind,
    /// How it went.
    pub outcome: Outcome,
    /// When (stated).
    pub happened_at: Instant,
    /// The mentor or coach of the match was spoken to.
    pub with_staff: bool,
    /// The young person or parent of the match was spoken to.
    pub with_person: bool,
    /// Who did it.
    pub done_by: AccountId,
    /// Who typed the first version.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Instant,
    /// Until when the agreed next step is to be done.
    pub step_on: Option<NaiveDate>,
    /// By whom.
    pub step_owner: Option<AccountId>,
    /// Which version is the present one: 1, 2, 3 …
    pub revision: i32,
    /// When the present version was recorded.
    pub changed_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// One version of a note, sealed.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its row.
    pub id: RowId,
    /// Which version: 1, 2, 3 …
    pub revision: i32,
    /// All but the texts.
    pub content: Sealed<Content>,
    /// What happened and was said.
    pub facts: Option<Sealed<Text>>,
    /// What the writer makes of it.
    pub assessment: Option<Sealed<Text>>,
    /// Who typed it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Instant,
}

/// A held support contact or supervision of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// When.
    pub at: Instant,
    /// The mentor or coach was spoken to.
    pub staff: bool,
    /// The young person or parent was spoken to.
    pub person: bool,
}
