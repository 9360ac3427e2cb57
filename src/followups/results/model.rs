//! What a follow-up result says.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, CourseId, DutyId, FollowupId, PersonId, RowId};
use crate::base::value::Text;
use crate::base::vault::Sealed;
use crate::coded;
use crate::courses::model::Activity;
use crate::duties;

coded! {
    /// Which of the two.
    pub enum Kind {
        /// After 6 months: at risk?
        After6Months = "followup_6m" : "Efter 6 måneder" / "After 6 months",
        /// After 12 months: in education or employed?
        After12Months = "followup_12m" : "Efter 12 måneder" / "After 12 months",
    }
}

impl Kind {
    /// The promise it is a result of.
    pub const fn duty(self) -> duties::Kind {
        match self {
            Self::After6Months => duties::Kind::Followup6m,
            Self::After12Months => duties::Kind::Followup12m,
        }
    }
}

coded! {
    /// How it was learned.
    pub enum Way {
        /// At a meeting with the person.
        Meeting = "meeting" : "Møde" / "Meeting",
        /// At their home.
        HomeVisit = "home_visit" : "Hjemmebesøg" / "Home visit",
        /// By telephone with the person.
        Phone = "phone" : "Telefon" / "Telephone",
        /// By messages with the person.
        Message = "message" : "Besked" / "Message",
        /// The person came of their own accord.
        OwnInitiative = "own_initiative" : "Borgeren henvendte sig selv" / "The person came of their own accord",
        /// From a professional.
        Professional = "professional" : "Fagperson" / "A professional",
        /// From the municipality's own records.
        Records = "records" : "Egne systemer" / "Own records",
    }
}

impl Way {
    /// Whether the unit contacted the person, to which they must have consented at the closing.
    pub const fn contacts_the_person(self) -> bool {
        match self {
            Self::Meeting | Self::HomeVisit | Self::Phone | Self::Message => true,
            Self::OwnInitiative | Self::Professional | Self::Records => false,
        }
    }
}

coded! {
    /// Whether somebody judged the person to be at risk; never computed.
    pub enum AtRisk {
        /// At risk.
        Yes = "yes" : "Ja" / "Yes",
        /// Not at risk.
        No = "no" : "Nej" / "No",
        /// Nobody can say.
        Unknown = "unknown" : "Ukendt" / "Unknown",
    }
}

/// One version of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// When it was held, or learned (stated).
    pub held_at: Instant,
    /// How it was learned.
    pub way: Way,
    /// At 6 months: at risk?
    pub at_risk: Option<AtRisk>,
    /// A new concern came up.
    pub new_concern: bool,
    /// At 12 months: what they do by day.
    pub activity: Option<Activity>,
    /// At 12 months: on which day that was so.
    pub as_of_on: Option<NaiveDate>,
    /// The basis of the judgement, or the source of the fact.
    pub basis: Text,
    /// Who did it.
    pub done_by: AccountId,
}

/// A result as it stands: what lists, rules and figures need of its present version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followup {
    /// Its id.
    pub id: FollowupId,
    /// The promise it is a result of.
    pub duty: DutyId,
    /// The course.
    pub course: CourseId,
    /// The course's case.
    pub case: CaseId,
    /// Whom the course was for.
    pub person: PersonId,
    /// Which of the two.
    pub kind: Kind,
    /// When it was held, or learned (stated).
    pub held_at: Instant,
    /// How it was learned.
    pub way: Way,
    /// At risk?
    pub at_risk: Option<AtRisk>,
    /// A new concern came up.
    pub new_concern: bool,
    /// What they do by day.
    pub activity: Option<Activity>,
    /// On which day that was so.
    pub as_of_on: Option<NaiveDate>,
    /// Who did it.
    pub done_by: AccountId,
    /// Which version is the present one: 1, 2, 3 …
    pub revision: i32,
    /// Who typed the first version.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Instant,
    /// When the present version was recorded.
    pub changed_at: Instant,
    /// Counts up with each change.
    pub version: i64,
    /// When it was taken back: from then on it never was.
    pub retracted_at: Option<Instant>,
    /// By whom.
    pub retracted_by: Option<AccountId>,
}

impl Followup {
    /// With what a version says.
    #[must_use]
    pub fn holding(self, content: &Content) -> Self {
        Self {
            held_at: content.held_at,
            way: content.way,
            at_risk: content.at_risk,
            new_concern: content.new_concern,
            activity: content.activity,
            as_of_on: content.as_of_on,
            done_by: content.done_by,
            ..self
        }
    }
}

/// One version of a result, sealed under the person.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its row.
    pub id: RowId,
    /// Which version: 1, 2, 3 …
    pub revision: i32,
    /// What it says.
    pub content: Sealed<Content>,
    /// Who typed it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Instant,
}
