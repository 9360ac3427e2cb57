//! What is wished.

use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::Text;
use crate::staff::model::LanguageTag;
use crate::staff::profile::{DistrictCode, Gender, Traits};

/// What ranking looks at; nothing sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WishFacts {
    /// Any of these will do; none: the language of the person's messages.
    pub languages: Vec<LanguageTag>,
    /// What the mentor or coach must be.
    pub gender: Option<Gender>,
    /// Where they are; never for a protected address.
    pub district: Option<DistrictCode>,
    /// How far away the mentor or coach may be, in kilometres between the centres of districts.
    pub travel_limit_km: Option<i32>,
    /// Likes, dislikes, values.
    pub traits: Traits,
}

/// Who of two will not be matched with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Veto {
    /// The member of staff.
    pub staff: StaffId,
    /// The person will not.
    pub by_person: bool,
    /// The member of staff will not.
    pub by_staff: bool,
}

/// The wishes of a course, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Of which course.
    pub course: CourseId,
    /// Whose.
    pub person: PersonId,
    /// What ranking looks at.
    pub facts: WishFacts,
    /// Vetoes of either side, by member of staff.
    pub vetoes: Vec<Veto>,
    /// In the person's own words.
    pub words: Option<Text>,
    /// Counts up with each change; 0 while nothing was wished.
    pub version: i64,
}
