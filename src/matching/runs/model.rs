//! What a run is, and what it says of everybody who waits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::config::Pairing;
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, MatchingRunId, PersonId, StaffId};
use crate::coded;
use crate::courses::model::Track;
use crate::matching::ranking::model::{Kept, TraitSets};
use crate::matching::ranking::{Exclusion, Field};
use crate::matching::waiting::model::Hurdle;
use crate::staff::CertificateKind;
use crate::staff::model::LanguageTag;
use crate::staff::profile::{DistrictCode, Gender};

coded! {
    /// How far a run is.
    pub enum RunState {
        /// Solved; nobody was proposed from it.
        Draft = "draft" : "Udkast" / "Draft",
        /// At least one pair of it was proposed.
        Adopted = "adopted" : "Vedtaget" / "Adopted",
    }
}

coded! {
    /// What would, or might, make a place for somebody who has none, while all others keep theirs; the smallest first.
    pub enum ChangeKind {
        /// Ask for the hours: of this member of staff, or of the person. The answer might.
        AskHours = "ask_hours" : "Spørg om tider" / "Ask for hours",
        /// Ask which languages the person speaks: so far it is that of their messages. The answer might.
        AskLanguages = "ask_languages" : "Spørg om sprog" / "Ask for languages",
        /// Ask for the district: of this member of staff, or of the person. The answer might.
        AskDistrict = "ask_district" : "Spørg om bydel" / "Ask for the district",
        /// Ask for the gender of this member of staff. The answer might.
        AskGender = "ask_gender" : "Spørg om køn" / "Ask for the gender",
        /// A child-protection certificate of this member of staff.
        Certificate = "certificate" : "Børneattest" / "Child-protection certificate",
        /// A qualification of this member of staff for the age group.
        Qualification = "qualification" : "Kvalificering til aldersgruppen" / "Qualification for the age group",
        /// One more place with this member of staff.
        Place = "place" : "Én plads mere" / "One more place",
        /// One more member of staff, such as described.
        Newcomer = "newcomer" : "Én medarbejder mere" / "One more member of staff",
    }
}

/// A course and a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pair {
    /// Whose course.
    pub course_id: CourseId,
    /// Whom.
    pub staff_id: StaffId,
}

/// What a coordinator insists on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// These pairs are in the set, whatever it costs the others.
    pub pins: Vec<Pair>,
    /// These are not.
    pub forbidden: Vec<Pair>,
    /// The courses of each of these have the same mentor or coach, or nobody.
    pub same_mentor: Vec<Vec<CourseId>>,
}

/// What a set is solved from: one snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Who waits, the staff, and what lies between them.
    pub field: Field,
    /// The pairs of the last adopted run.
    pub last: BTreeSet<Pair>,
    /// The weights and limits.
    pub settings: Pairing,
    /// The moment it was read.
    pub now: Instant,
    /// Its local date.
    pub on: NaiveDate,
}

/// Somebody whom a what-if adds to the staff.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Meets young people.
    pub mentor: bool,
    /// Meets parents.
    pub parent_coach: bool,
    /// What they speak.
    pub languages: Vec<LanguageTag>,
    /// Proofs that are valid.
    pub certificates: Vec<CertificateKind>,
    /// Matches at a time.
    pub capacity: i32,
    /// As they would state it.
    pub gender: Option<Gender>,
    /// Where they would start from.
    pub district: Option<DistrictCode>,
    /// How far they would go.
    pub travel_limit_km: Option<u32>,
    /// Likes, dislikes, values.
    pub traits: TraitSets,
}

/// A pair of the set, by places in the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Whose course, by its place in `asks`.
    pub ask: usize,
    /// Whom, by their place in `candidates`.
    pub candidate: usize,
    /// What it counts: the score of the ranking, the claim and the bonus.
    pub points: i64,
    /// For the days waited.
    pub claim: i64,
    /// For having been a pair of the last adopted run.
    pub bonus: i64,
    /// A coordinator insisted.
    pub is_pinned: bool,
    /// Asked for although a sibling has the same.
    pub same_family: bool,
}

/// Somebody who has nobody, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// Whose course, by its place in `asks`.
    pub ask: usize,
    /// For the days waited.
    pub claim: i64,
    /// The same as a sibling was asked for.
    pub same_family: bool,
    /// Why.
    pub why: Why,
}

/// Why somebody has nobody, and what would help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// What must come first before anybody can be proposed: then nobody was sought.
    #[serde(default)]
    pub hurdles: Vec<Hurdle>,
    /// How many of the staff of the track each limit excludes; most first.
    pub excluded: Vec<Excluded>,
    /// How many may, but have all their places taken by others, or are forbidden or run a sibling's.
    pub taken: u32,
    /// The smallest changes that would make a place for them while all others keep theirs.
    pub changes: Vec<Change>,
}

/// How many a limit excludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Excluded {
    /// Which limit.
    pub exclusion: Exclusion,
    /// How many.
    pub count: u32,
}

/// What would help most, over everybody who has nobody in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Need {
    /// What kind.
    pub kind: ChangeKind,
    /// Whose; null for one more member of staff.
    pub staff_id: Option<StaffId>,
    /// The track that one more would need.
    pub track: Option<Track>,
    /// Any of these would do.
    pub languages: Vec<LanguageTag>,
    /// The gender wished.
    pub gender: Option<Gender>,
    /// Where from, if there is a travel limit; never of a protected address.
    #[serde(default)]
    pub district: Option<DistrictCode>,
    /// Proofs that one more would need.
    pub certificates: Vec<CertificateKind>,
    /// How many it would help, one at a time.
    pub helps: u32,
}

/// A change that would make a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// Whose; null for one more member of staff.
    pub staff_id: Option<StaffId>,
    /// The track that one more would need.
    pub track: Option<Track>,
    /// Any of these would do.
    pub languages: Vec<LanguageTag>,
    /// The gender wished.
    pub gender: Option<Gender>,
    /// Where from, if there is a travel limit; never of a protected address.
    pub district: Option<DistrictCode>,
    /// Proofs that one more would need.
    pub certificates: Vec<CertificateKind>,
}

/// The best set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The pairs, whoever waits longest first.
    pub placed: Vec<Placed>,
    /// Who has nobody, whoever waits longest first.
    pub alone: Vec<Alone>,
    /// The sum of the points.
    pub total: i64,
    /// Places that the staff had left.
    pub places: i64,
    /// What would help most of those who have nobody, the most first.
    pub needs: Vec<Need>,
    /// SHA-256 of all that the set was found from: who waits since when, places, allowed pairs and their points.
    pub facts_hash: [u8; 32],
}

/// A run as it stands.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its id.
    pub id: MatchingRunId,
    /// How far it is.
    pub state: RunState,
    /// Who asked for it.
    pub created_by: AccountId,
    /// The moment of the snapshot.
    pub recorded_at: Instant,
    /// When a pair of it was first proposed.
    pub adopted_at: Option<Instant>,
    /// How many waited.
    pub waiting: i64,
    /// Places that the staff had left.
    pub places: i64,
    /// How many have somebody in it.
    pub matched: i64,
    /// The sum of the points.
    pub total: i64,
    /// The version of the weights.
    pub weights_version: i64,
    /// SHA-256 of what it was found from.
    pub facts_hash: Vec<u8>,
    /// What was insisted on.
    pub terms: Terms,
    /// What would help most of those who have nobody, the most first.
    pub needs: Vec<Need>,
    /// Counts up with each adoption.
    pub version: i64,
}

/// Somebody who waited, in a run.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its place: whoever waited longest is first.
    pub place: i32,
    /// The course.
    pub course: CourseId,
    /// Its case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
    /// Since when it waited.
    pub waiting_since: Instant,
    /// Whom; `None`: nobody.
    pub staff: Option<StaffId>,
    /// What it counts.
    pub points: i64,
    /// Of it for the days waited.
    pub claim: i64,
    /// Of it for having been a pair of the last adopted run.
    pub bonus: i64,
    /// A coordinator insisted.
    pub is_pinned: bool,
    /// Asked for although a sibling has the same.
    pub same_family: bool,
    /// The proposal that was made of it.
    pub matched: Option<MatchId>,
    /// How the member of staff ranked, or why there is none.
    pub detail: Detail,
}

/// What a line keeps sealed under the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// How the member of staff ranked.
    Ranked(Kept),
    /// Why nobody.
    Alone(Why),
}
