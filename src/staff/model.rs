//! What is known of a member of staff.

use chrono::NaiveDate;

use super::profile::{Profile, ProfileFacts};
use crate::access::Role;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, RowId, StaffId};
use crate::base::value::Line;
use crate::{coded, shaped};

coded! {
    /// What a member of staff does.
    pub enum Kind {
        /// Meets young people.
        Mentor = "mentor" : "Mentor" / "Mentor",
        /// Meets parents and other relatives (forældrecoach).
        ParentCoach = "parent_coach" : "Forældrecoach" / "Parent coach",
        /// Works in the coordination unit's secretariat.
        Coordinator = "coordinator" : "Koordinator" / "Coordinator",
        /// Mentor consultant.
        Supervisor = "supervisor" : "Mentorkonsulent" / "Supervisor",
    }
}

impl Kind {
    /// The role that an account needs for it.
    pub const fn role(self) -> Role {
        match self {
            Self::Mentor => Role::Mentor,
            Self::ParentCoach => Role::ParentCoach,
            Self::Coordinator => Role::Coordinator,
            Self::Supervisor => Role::Supervisor,
        }
    }
}

coded! {
    /// What a certificate shows.
    pub enum CertificateKind {
        /// The child-protection certificate (børneattest), needed for meeting anyone under 15.
        ChildProtection = "child_protection" : "Børneattest" / "Child-protection certificate",
        /// Trained for children under 15.
        QualificationUnder15 = "qualification_under_15" : "Kvalificeret til børn under 15" / "Qualified for children under 15",
        /// Trained for adults.
        QualificationAdults = "qualification_adults" : "Kvalificeret til voksne" / "Qualified for adults",
    }
}

coded! {
    /// Why somebody is away.
    pub enum LeaveKind {
        /// Holiday.
        Holiday = "holiday" : "Ferie" / "Holiday",
        /// Illness.
        Illness = "illness" : "Sygdom" / "Illness",
        /// Parental leave.
        Parental = "parental" : "Barsel" / "Parental leave",
        /// Anything else.
        Other = "other" : "Andet" / "Other",
    }
}

shaped! {
    /// A language as its tag: two or three lower-case letters (ISO 639), e.g. `da`, `ar`, `so`; which one is taken is for a rule.
    pub struct LanguageTag: is_language_tag, "^[a-z]{2,3}$", "da", "A language as its code of ISO 639-1, or of ISO 639-3 where it has none there."
}

/// Codes of three letters that were taken before each language went by one, and that one (ISO 639-2 and 639-3).
pub(super) const LANGUAGES_BEFORE: &str = include_str!("languages_before.txt");

impl LanguageTag {
    /// The tags of a list as it is read from the database, in order. Whatever code was taken before, each language is read by its one.
    pub fn stored_list(list: &str) -> Vec<Self> {
        let mut tags: Vec<Self> = list.split(' ').map(|tag| Self::stored(one_code(tag).to_owned())).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

fn one_code(tag: &str) -> &str {
    let mut pairs = LANGUAGES_BEFORE.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
    match tag.len() {
        3 => pairs.find(|(before, _)| *before == tag).map_or(tag, |(_, code)| code),
        _ => tag,
    }
}

fn is_language_tag(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A dated proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// What it shows.
    pub kind: CertificateKind,
    /// Local date.
    pub issued_on: NaiveDate,
    /// Its last day; `None`: it does not end.
    pub valid_until_on: Option<NaiveDate>,
}

impl Certificate {
    /// Whether it holds on a day.
    pub fn is_valid_on(&self, on: NaiveDate) -> bool {
        self.issued_on <= on && self.valid_until_on.is_none_or(|until| on <= until)
    }
}

/// A time away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Its id.
    pub id: RowId,
    /// Why.
    pub kind: LeaveKind,
    /// First day.
    pub from_on: NaiveDate,
    /// Last day.
    pub until_on: NaiveDate,
}

/// What a coordinator sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The whole name.
    pub name: Line,
    /// What they do: at least one.
    pub kinds: Vec<Kind>,
    /// What they speak: at least one.
    pub languages: Vec<LanguageTag>,
    /// Home municipality.
    pub municipality: Line,
    /// The last day of a loan from another municipality, which ends by itself.
    pub loan_until_on: Option<NaiveDate>,
    /// Matches at a time.
    pub capacity: i32,
    /// First day.
    pub from_on: NaiveDate,
    /// The account they sign in with.
    pub account: Option<AccountId>,
}

/// A member of staff, opened.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// What a coordinator set.
    pub terms: Terms,
    /// The day they left, on which they are gone.
    pub left_on: Option<NaiveDate>,
    /// Proofs, in the order of kind and issue.
    pub certificates: Vec<Certificate>,
    /// Times away, in their order.
    pub leaves: Vec<Leave>,
    /// What ranks them for a match.
    pub profile: Profile,
    /// When they were written down.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// When a member of staff is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Their id.
    pub id: StaffId,
    /// The account they sign in with.
    pub account: Option<AccountId>,
    /// First day.
    pub from_on: NaiveDate,
    /// The day they left, on which they are gone.
    pub left_on: Option<NaiveDate>,
    /// The last day of a loan.
    pub loan_until_on: Option<NaiveDate>,
    /// Times away, by their first day.
    pub leaves: Vec<Leave>,
}

/// What other rooms' rules look at; nothing sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffFacts {
    /// Their id.
    pub id: StaffId,
    /// The account they sign in with.
    pub account: Option<AccountId>,
    /// What they do.
    pub kinds: Vec<Kind>,
    /// What they speak.
    pub languages: Vec<LanguageTag>,
    /// Proofs.
    pub certificates: Vec<Certificate>,
    /// Times away.
    pub leaves: Vec<Leave>,
    /// Matches at a time.
    pub capacity: i32,
    /// First day.
    pub from_on: NaiveDate,
    /// The day they left, on which they are gone.
    pub left_on: Option<NaiveDate>,
    /// The last day of a loan.
    pub loan_until_on: Option<NaiveDate>,
    /// What ranks them for a match.
    pub profile: ProfileFacts,
}
