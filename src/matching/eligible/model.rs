//! What the hard limits of matching look at.

use chrono::NaiveDate;

use crate::base::ids::{AccountId, StaffId};
use crate::coded;
use crate::courses::model::Track;

coded! {
    /// Why somebody cannot run a match: the hard limits of domain section 8.
    pub enum Exclusion {
        /// Not a mentor, or not a coach.
        Kind = "kind" : "Har ikke den rolle" / "Does not have the role",
        /// No language in common.
        Language = "language" : "Intet fælles sprog" / "No language in common",
        /// No child-protection certificate that is valid on the day, for somebody under 15.
        Certificate = "certificate" : "Mangler gyldig børneattest" / "No valid child-protection certificate",
        /// Has as many matches as they may have.
        Capacity = "capacity" : "Har ikke plads til flere" / "Has no room for more",
        /// On leave on the day.
        Leave = "leave" : "Har orlov eller ferie" / "On leave",
        /// Has left, or has not begun.
        Left = "left" : "Er ikke ansat på dagen" / "Not employed on the day",
        /// The loan from another municipality is over.
        Loan = "loan" : "Udlånet er slut" / "The loan is over",
        /// Mentor and coach of one family are two people.
        OtherTrack = "other_track" : "Har et forløb med et andet medlem af familien" / "Runs the other track in this family",
        /// Siblings have different mentors, unless a coordinator asks for the same.
        Sibling = "sibling" : "Har et forløb med en søskende" / "Runs a match with a sibling",
        /// Barred from the person or the case.
        Bar = "bar" : "Inhabil" / "Barred",
        /// A proposal of the same pair is open or runs.
        Proposed = "proposed" : "Er allerede foreslået" / "Is proposed already",
    }
}

/// Whom somebody is sought for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Mentor or parent coach.
    pub track: Track,
    /// The local date on which the limits are tested.
    pub on: NaiveDate,
    /// The person's birth date, where known.
    pub born_on: Option<NaiveDate>,
    /// The tag of the person's language.
    pub language: String,
    /// A coordinator asks for the same mentor as a sibling's.
    pub same_family: bool,
}

/// What is known of a member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub staff: StaffId,
    /// Their account.
    pub account: Option<AccountId>,
    /// Meets young people.
    pub mentor: bool,
    /// Meets parents.
    pub parent_coach: bool,
    /// Tags.
    pub languages: Vec<String>,
    /// Child-protection certificates (børneattest): issued on, valid until and with that day.
    pub certificates: Vec<(NaiveDate, Option<NaiveDate>)>,
    /// Leaves: first and last day.
    pub leaves: Vec<(NaiveDate, NaiveDate)>,
    /// Matches at a time.
    pub capacity: i32,
    /// First day.
    pub from_on: NaiveDate,
    /// The day they left.
    pub left_on: Option<NaiveDate>,
    /// The last day of a loan from another municipality.
    pub loan_until_on: Option<NaiveDate>,
    /// Proposed and running matches.
    pub matches: i64,
    /// The tracks of those with other members of the family in the same case.
    pub in_family: Vec<Track>,
    /// A proposal of this very pair is open, or runs.
    pub is_proposed: bool,
    /// A bar stands between them and the person or the case.
    pub is_barred: bool,
}
