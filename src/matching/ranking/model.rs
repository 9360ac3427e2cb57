//! What ranking looks at, and what it says.

mod words;

pub use words::{Exclusion, Missing, Part};

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::calendar::age_on;
use crate::base::clock::Instant;
use crate::base::config::Spot;
use crate::base::db::CodeSet;
use crate::base::ids::{AccountId, CaseId, CourseId, PersonId, StaffId};
use crate::courses::model::Track;
use crate::matching::waiting::model::Hurdle;
use crate::staff::model::{Certificate, LanguageTag};
use crate::staff::profile::{CoreValue, Dislike, Gender, Interest, Traits};

/// A member of staff, and the account they sign in with.
pub type Employed = (StaffId, Option<AccountId>);

/// What a coordinator asks for although it is not done by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The same mentor as a sibling's.
    pub same_family: bool,
    /// A pair of whom one said no before, or that knows the family.
    pub again: bool,
}

/// A week as stretches of minutes from its beginning, until just before the second; in order, and none overlaps another.
pub type Minutes = Vec<(i32, i32)>;

/// Likes, dislikes and values, to be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraitSets {
    /// Likes to do.
    pub interests: CodeSet<Interest>,
    /// Would rather be without.
    pub dislikes: CodeSet<Dislike>,
    /// Holds dear.
    pub values: CodeSet<CoreValue>,
}

impl From<&Traits> for TraitSets {
    fn from(traits: &Traits) -> Self {
        Self {
            interests: traits.interests.iter().copied().collect(),
            dislikes: traits.dislikes.iter().copied().collect(),
            values: traits.values.iter().copied().collect(),
        }
    }
}

/// Whom somebody is sought for, and what is wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// For which course.
    pub course: CourseId,
    /// Its case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
    /// The person's family, named after one of it.
    pub family: PersonId,
    /// Mentor or parent coach.
    pub track: Track,
    /// What must come first before anybody can be proposed; known of courses that wait.
    pub hurdles: CodeSet<Hurdle>,
    /// Since when the course has nobody: from its acceptance, or from the end of its last match.
    pub waiting_since: Instant,
    /// The local date on which the limits are tested.
    pub on: NaiveDate,
    /// Until when the match is expected to last, local date: a loan covers it.
    pub until: NaiveDate,
    /// The person's birth date, where known.
    pub born_on: Option<NaiveDate>,
    /// Any of these will do.
    pub languages: Vec<LanguageTag>,
    /// Nobody asked: it is the language of the person's messages.
    pub languages_assumed: bool,
    /// What the mentor or coach must be.
    pub gender: Option<Gender>,
    /// When the person wishes to meet, less what is never possible; `None`: they never said.
    pub times: Option<Minutes>,
    /// Where the person is; never known of a protected address.
    pub spot: Option<Spot>,
    /// How far away the mentor or coach may be.
    pub travel_limit_km: Option<u32>,
    /// The address is protected: how far it is to anywhere is nobody's question.
    pub is_protected: bool,
    /// Likes, dislikes, values.
    pub traits: TraitSets,
    /// What a coordinator asks for.
    pub asked: Asked,
}

impl Ask {
    /// The person's age on the day, where the birth date is known.
    pub fn age(&self) -> Option<u16> {
        self.born_on.map(|born_on| age_on(born_on, self.on))
    }
}

/// What is known of a member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub staff: StaffId,
    /// Their account.
    pub account: Option<AccountId>,
    /// It is closed.
    pub account_closed: bool,
    /// Meets young people; whoever signs in with an account that is no mentor's would not see them.
    pub mentor: bool,
    /// Meets parents; as for young people.
    pub parent_coach: bool,
    /// What they speak.
    pub languages: Vec<LanguageTag>,
    /// Proofs, also those that are over.
    pub certificates: Vec<Certificate>,
    /// Leaves: first and last day.
    pub leaves: Vec<(NaiveDate, NaiveDate)>,
    /// Matches at a time.
    pub capacity: i32,
    /// Proposed and running matches.
    pub matches: i32,
    /// A newcomer's fair start counts no more: a run gives them several people at once.
    pub has_begun: bool,
    /// First day.
    pub from_on: NaiveDate,
    /// The day they left.
    pub left_on: Option<NaiveDate>,
    /// The last day of a loan from another municipality.
    pub loan_until_on: Option<NaiveDate>,
    /// As they state it.
    pub gender: Option<Gender>,
    /// When they work; `None`: never stated, which is not the same as never.
    pub hours: Option<Minutes>,
    /// Where they start from.
    pub spot: Option<Spot>,
    /// How far they go.
    pub travel_limit_km: Option<u32>,
    /// Likes, dislikes, values.
    pub traits: TraitSets,
}

/// What lies between a member of staff and the person of a course; of most pairs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// The tracks of live matches of theirs with other members of the family.
    pub in_family: CodeSet<Track>,
    /// They supervise another match of the family.
    pub supervises: bool,
    /// A proposal of this very pair is open, or runs.
    pub is_proposed: bool,
    /// A bar stands between them and the person or the case.
    pub is_barred: bool,
    /// One of them said no to the other before.
    pub was_declined: bool,
    /// An earlier match of the two ended because one of them wished it.
    pub ended_badly: bool,
    /// An earlier match of the two went well: its course was gone through, or the loan of the member of staff was over.
    pub ended_well: bool,
    /// They said of somebody of the family that they know them.
    pub knows_family: bool,
    /// The person will not be matched with them.
    pub veto_of_person: bool,
    /// They will not be matched with the person.
    pub veto_of_staff: bool,
    /// Something of this keeps them apart that the caller may not see: what, and of whom, is not for them to know.
    pub is_unseen: bool,
}

impl Between {
    /// Of most pairs.
    pub const NOTHING: Self = Self {
        in_family: CodeSet::new(),
        supervises: false,
        is_proposed: false,
        is_barred: false,
        was_declined: false,
        ended_badly: false,
        ended_well: false,
        knows_family: false,
        veto_of_person: false,
        veto_of_staff: false,
        is_unseen: false,
    };
}

/// One part of a rank: its weight times its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Points {
    /// Of what.
    pub part: Part,
    /// What it counts at most.
    pub weight: u32,
    /// How much of it there is, in thousandths.
    pub permille: u32,
    /// What it counts.
    pub points: i64,
}

/// How somebody who is eligible ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The sum of the parts.
    pub score: i64,
    /// Each part, in the order of the vocabulary. For a protected address there is none of distance.
    pub parts: Vec<Points>,
}

/// What two have in common, and how much room there was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Facts {
    /// Languages in common.
    pub languages: Vec<LanguageTag>,
    /// Interests in common.
    pub interests: Vec<Interest>,
    /// Dislikes in common.
    pub dislikes: Vec<Dislike>,
    /// Values in common.
    pub values: Vec<CoreValue>,
    /// Minutes of the week in common, in stretches of at least an hour, where both are known.
    pub shared_min: Option<i32>,
    /// Whole kilometres between them, where known; never of a protected address.
    pub km: Option<u32>,
    /// Proposed and running matches of the member of staff.
    pub matches: i32,
    /// Matches at a time.
    pub capacity: i32,
}

/// How somebody ranked when they were proposed: later weights and facts do not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Kept {
    /// The version of the weights.
    pub weights_version: u32,
    /// The sum of the parts.
    pub score: i64,
    /// Each part with its weight and share.
    pub parts: Vec<Points>,
    /// What they were made from.
    pub facts: Facts,
    /// The day on which a proof ends that they need still on the day after, if that is before the match is expected to end.
    #[serde(default)]
    pub proof_ends_on: Option<NaiveDate>,
    /// The first day of their next leave, if that is before the match is expected to end.
    #[serde(default)]
    pub leave_begins_on: Option<NaiveDate>,
}

impl Kept {
    /// Whether it tells how far it is to the person.
    pub fn has_distance(&self) -> bool {
        self.facts.km.is_some() || self.parts.iter().any(|points| points.part == Part::Distance)
    }

    /// Without how far it is.
    #[must_use]
    pub fn without_distance(mut self) -> Self {
        self.facts.km = None;
        self.parts.retain(|points| points.part != Part::Distance);
        self.score = self.parts.iter().map(|points| points.points).sum();
        self
    }
}

/// Where a member of staff stands for a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Eligible.
    Ranked(Ranked),
    /// Not eligible, for each of these reasons.
    Excluded(CodeSet<Exclusion>),
}

/// Everybody who could run a match, whoever waits, and what lies between them.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The staff, by id.
    pub candidates: Vec<Candidate>,
    /// The courses.
    pub asks: Vec<Ask>,
    /// For each course in the order of `asks`: what lies between it and a candidate (its place in `candidates`), in their order. A pair that
    /// is missing has nothing between it.
    pub between: Vec<Vec<(usize, Between)>>,
    /// The matches that run of courses that the caller may see; known where everybody waits is read.
    pub running: HashMap<CourseId, Running>,
    /// Every match that is proposed or runs, with its course, whoever may see it; known where everybody waits is read.
    pub live: Vec<(CourseId, Running)>,
}

/// A match that runs, or may, for whoever is to have the same mentor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Who runs it.
    pub staff: StaffId,
    /// The family of its person.
    pub family: PersonId,
    /// Mentor or parent coach.
    pub track: Track,
    /// The caller may see its course.
    pub is_seen: bool,
}
