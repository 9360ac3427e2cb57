//! What the officer reads: entries of the journal, consents without words, the lines of an extract.

use chrono::NaiveDate;

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, ConsentId, DeviceId, EnquiryId, OfferId, PersonId};
use crate::journal::{Act, Subject};

/// Whose entries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A person's.
    Person(PersonId),
    /// An enquiry's: also while nobody knows whom it is about, and of who handed it in.
    Enquiry(EnquiryId),
}

impl From<About> for Subject {
    fn from(about: About) -> Self {
        match about {
            About::Person(person) => person.into(),
            About::Enquiry(enquiry) => enquiry.into(),
        }
    }
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    /// Made at this moment or later.
    pub from: Option<Instant>,
    /// Made before this moment.
    pub until: Option<Instant>,
    /// By this account.
    pub account: Option<AccountId>,
    /// For this purpose: a code, or the reason that a user gave in its place.
    pub purpose: Option<String>,
    /// What was done.
    pub act: Option<Act>,
}

/// The order of entries, newest first: when, and the entry's own number.
pub type EntryKey = (Instant, i64);

/// An entry of the journal that names somebody or something.
#[derive(Clone, Debug)]
pub struct NamingEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// What was done.
    pub act: Act,
    /// By which operation, e.g. `people.get`.
    pub operation: String,
    /// Why: a code of a purpose, or of the reason that a user gave in its place.
    pub purpose: String,
    /// What kind of actor: `account`, `system`, `operator` or `public`.
    pub actor: String,
    /// Who, where it was an account.
    pub account: Option<AccountId>,
    /// From which sign-in.
    pub device: Option<DeviceId>,
    /// In which request.
    pub request: String,
}

/// Whose consents are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// About a person's participation, or given by them for somebody else.
    Person(PersonId),
    /// Given in a case.
    Case(CaseId),
}

/// A consent as it was given and withdrawn; what was said about it stays with the case.
#[derive(Clone, Debug)]
pub struct ConsentFact {
    /// Its id.
    pub id: ConsentId,
    /// The offer.
    pub offer: OfferId,
    /// The case.
    pub case: CaseId,
    /// Whose participation it is about.
    pub person: PersonId,
    /// Who said yes or no.
    pub giver: PersonId,
    /// To what, as a code.
    pub scope: String,
    /// Which text was shown.
    pub text_version: String,
    /// Yes or no.
    pub given: bool,
    /// The participant's own, for the time from the 18th birthday on.
    pub adult_basis: bool,
    /// Not asked: somebody recorded why this custody holder is not needed.
    pub not_needed: bool,
    /// When (stated).
    pub given_at: Instant,
    /// When it was withdrawn (stated).
    pub withdrawn_at: Option<Instant>,
    /// When that was recorded.
    pub withdrawn_recorded_at: Option<Instant>,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// A line of a person's extract: on this local date they were looked up or changed, for this purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExtractLine {
    /// Local date.
    pub on: NaiveDate,
    /// Why: a code of a purpose, or of the reason that a user gave in its place.
    pub purpose: String,
}
