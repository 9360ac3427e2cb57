//! Plans and closing forms: what is sealed under the participant.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::clock::{self, Instant, Stated};
use crate::base::ids::{AccountId, CaseId, CourseId, PersonId, PlanId};
use crate::base::value::{Few, Line, Text};
use crate::base::vault::Sealed;
use crate::coded;

coded! {
    /// What a goal is about.
    pub enum Area {
        /// School or training.
        School = "school" : "Skole" / "School",
        /// Work.
        Job = "job" : "Arbejde" / "Job",
        /// Leisure.
        Leisure = "leisure" : "Fritid" / "Leisure",
        /// Family.
        Family = "family" : "Familie" / "Family",
        /// Friends and network.
        Network = "network" : "Netværk" / "Network",
        /// Health.
        Health = "health" : "Sundhed" / "Health",
        /// Critical thinking.
        CriticalThinking = "critical_thinking" : "Kritisk tænkning" / "Critical thinking",
    }
}

coded! {
    /// What somebody does by day.
    pub enum Activity {
        /// In education.
        Education = "education" : "I uddannelse" / "In education",
        /// Employed.
        Employed = "employed" : "I arbejde" / "Employed",
        /// Both.
        Both = "both" : "Begge dele" / "Both",
        /// Neither.
        Neither = "neither" : "Ingen af delene" / "Neither",
        /// Nobody knows.
        Unknown = "unknown" : "Ukendt" / "Unknown",
    }
}

/// One goal of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Goal {
    /// What it is about.
    pub area: Area,
    /// The goal.
    pub goal: Text,
    /// Steps on the way.
    #[serde(default)]
    pub milestones: Few<Line, 20>,
}

/// What a plan says (domain section 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanBody {
    /// The goals.
    pub goals: Few<Goal, 20>,
    /// The person's own words.
    #[serde(default)]
    pub own_words: Option<Text>,
}

/// A version of a course's plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// The course.
    pub course: CourseId,
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// 1, 2, 3 …
    pub number: i32,
    /// When it was made (stated).
    pub made_at: Instant,
    /// When it is looked at again.
    pub review_on: NaiveDate,
    /// What it says; sealed under the person.
    pub body: Sealed<PlanBody>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
}

/// The closing form of a course (domain section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Closing {
    /// When the closing meeting was held together; null: see the reason.
    #[serde(default, deserialize_with = "clock::stated_if_any")]
    #[schema(value_type = Option<Stated>)]
    pub joint_meeting_at: Option<Instant>,
    /// Why there was no closing meeting.
    #[serde(default)]
    pub no_meeting_reason: Option<Text>,
    /// What was reached and how it looks now.
    #[serde(default)]
    pub assessment: Option<Text>,
    /// Which goals were met.
    #[serde(default)]
    pub goals_met: Few<Line, 20>,
    /// What the person does by day at the end.
    #[serde(default)]
    pub activity: Option<Activity>,
    /// The ordinary service that goes on.
    #[serde(default)]
    pub handed_over_to: Option<Line>,
    /// When that service accepted.
    #[serde(default, deserialize_with = "clock::stated_if_any")]
    #[schema(value_type = Option<Stated>)]
    pub handover_accepted_at: Option<Instant>,
    /// What was agreed about contact between the two afterwards.
    #[serde(default)]
    pub contact_rules: Option<Text>,
    /// What the person and the mentor or coach said about the course.
    #[serde(default)]
    pub exit_interviews: Option<Text>,
}
