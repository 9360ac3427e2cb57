//! What a figure is: its definition, the facts it is counted from, and how each of them stands.

mod definition;
mod things;

pub use definition::{Definition, Family};
pub use things::{
    AcceptedThing, CaseThing, CourseThing, EnquiryThing, FirstProposal, FollowupThing, OfferThing, ProposalThing, ReofferThing,
    ResultThing, SessionThing, StaffThing, Things,
};

use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::config::ClockStart;
use crate::base::db::Coded;
use crate::base::ids::{AnyId, CaseId, EnquiryId, PersonId};
use crate::coded;
use crate::courses::model::{CourseState, DeclineReason, Track};
use crate::enquiries::model::{Severity, Source};
use crate::journal::Subject;
use crate::matching::model::DeclineReason as ProposalReason;
use crate::sessions::model::Side;

/// On what ground a year is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Its number.
    pub year: u16,
    /// Its first moment in the municipality's zone.
    pub from: Instant,
    /// The first moment of the next.
    pub until: Instant,
    /// As of when it is counted.
    pub now: Instant,
    /// Where days and quarters are counted.
    pub zone: Zone,
    /// What starts the hours of a referral (a setting).
    pub referral_clock: ClockStart,
}

coded! {
    /// How a row stands in a figure; what is unknown comes first, since somebody can still find it out.
    pub enum Standing {
        /// Not known, or not yet.
        Unknown = "unknown" : "Ukendt" / "Unknown",
        /// It does not count.
        No = "no" : "Nej" / "No",
        /// It counts.
        Yes = "yes" : "Ja" / "Yes",
    }
}

coded! {
    /// By what a figure is split: one way at a time, never crossed.
    pub enum Dimension {
        /// Who handed a concern in; codes of `sources`.
        Source = "source" : "Kilde" / "Source",
        /// Local quarters; codes of `quarters`.
        Quarter = "quarter" : "Kvartal" / "Quarter",
        /// The limit of the referral; codes of `severities`.
        Severity = "severity" : "Hastegrad" / "Severity",
        /// How long it took; codes of `elapsed_hours`.
        Elapsed = "elapsed" : "Forløbet tid" / "Elapsed time",
        /// Codes of `tracks`.
        Track = "track" : "Forløbstype" / "Track",
        /// Codes of `age_groups`.
        AgeGroup = "age_group" : "Aldersgruppe" / "Age group",
        /// Codes of `decline_reasons`.
        DeclineReason = "decline_reason" : "Afslagsgrund" / "Reason of the decline",
        /// Whose side cancelled or stayed away; codes of `sides`.
        Side = "side" : "Part" / "Side",
        /// How a course ended; codes of `course_states`.
        End = "end" : "Afslutning" / "End",
        /// How long it took from an acceptance to a match; codes of `waited`.
        Waited = "waited" : "Ventetid" / "Wait",
        /// Why a proposal was declined; codes of `match_decline_reasons`.
        ProposalReason = "proposal_reason" : "Afslagsgrund" / "Reason of the decline",
        /// How much of what they may run a member of staff runs; codes of `loads`.
        Load = "load" : "Belastning" / "Load",
    }
}

impl Dimension {
    /// Its codes in their order: each is shown, also with zero.
    pub fn codes(self) -> Vec<&'static str> {
        fn all<C: Coded>() -> Vec<&'static str> {
            C::ALL.iter().map(|code| code.code()).collect()
        }
        match self {
            Self::Source => all::<Source>(),
            Self::Quarter => all::<Quarter>(),
            Self::Severity => all::<Severity>(),
            Self::Elapsed => all::<Elapsed>(),
            Self::Track => all::<Track>(),
            Self::AgeGroup => all::<AgeGroup>(),
            Self::DeclineReason => all::<DeclineReason>(),
            Self::Side => all::<Side>(),
            Self::Waited => all::<Waited>(),
            Self::ProposalReason => all::<ProposalReason>(),
            Self::Load => all::<Load>(),
            Self::End => CourseState::ALL.iter().filter(|state| state.is_end()).map(|state| state.code()).collect(),
        }
    }
}

coded! {
    /// A quarter of the local year.
    pub enum Quarter {
        /// January to March.
        First = "q1" : "1. kvartal" / "First quarter",
        /// April to June.
        Second = "q2" : "2. kvartal" / "Second quarter",
        /// July to September.
        Third = "q3" : "3. kvartal" / "Third quarter",
        /// October to December.
        Fourth = "q4" : "4. kvartal" / "Fourth quarter",
    }
}

coded! {
    /// How many elapsed hours it took.
    pub enum Elapsed {
        /// 24 at most.
        Within24 = "within_24" : "Inden for 24 timer" / "Within 24 hours",
        /// More than 24, 48 at most.
        Within48 = "within_48" : "Inden for 48 timer" / "Within 48 hours",
        /// More than 48, 72 at most.
        Within72 = "within_72" : "Inden for 72 timer" / "Within 72 hours",
        /// More than 72.
        Over72 = "over_72" : "Over 72 timer" / "More than 72 hours",
    }
}

coded! {
    /// How long it took from an acceptance to a match.
    pub enum Waited {
        /// Two weeks at most.
        Within2Weeks = "within_2_weeks" : "Inden for 2 uger" / "Within 2 weeks",
        /// More than two, four at most.
        Within4Weeks = "within_4_weeks" : "Inden for 4 uger" / "Within 4 weeks",
        /// More than four, eight at most.
        Within8Weeks = "within_8_weeks" : "Inden for 8 uger" / "Within 8 weeks",
        /// More than eight.
        Over8Weeks = "over_8_weeks" : "Over 8 uger" / "More than 8 weeks",
    }
}

coded! {
    /// How much of what they may run a member of staff runs.
    pub enum Load {
        /// Nothing.
        Nobody = "nobody" : "Ingen" / "Nobody",
        /// Something, with room for more.
        Some = "some" : "Nogle" / "Some",
        /// All they may.
        Full = "full" : "Fuldt belagt" / "Full",
    }
}

coded! {
    /// Under 18 or adult; for a course as it was on the day of acceptance (domain section 4).
    pub enum AgeGroup {
        /// Under 18.
        Under18 = "under_18" : "Under 18 år" / "Under 18",
        /// 18 or older.
        Adult = "adult" : "18 år og derover" / "18 and over",
        /// No birth date on record.
        Unknown = "unknown" : "Ukendt" / "Unknown",
    }
}

impl AgeGroup {
    /// As somebody is, or was when an offer was accepted; `None`: no birth date is on record.
    pub const fn of(is_adult: Option<bool>) -> Self {
        match is_adult {
            Some(true) => Self::Adult,
            Some(false) => Self::Under18,
            None => Self::Unknown,
        }
    }
}

/// Whom and what a row is about, for bars and the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The enquiry.
    pub enquiry: Option<EnquiryId>,
    /// The case.
    pub case: Option<CaseId>,
    /// The person.
    pub person: Option<PersonId>,
}

/// A row behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is counted.
    pub subject: Subject,
    /// Whom it is about.
    pub about: About,
    /// What puts it into the year.
    pub at: Instant,
    /// Until when it was to be done.
    pub due_at: Option<Instant>,
    /// When what the figure asks for was done (stated).
    pub happened_at: Option<Instant>,
    /// When that was recorded.
    pub recorded_at: Option<Instant>,
    /// How it stands.
    pub standing: Standing,
    /// How much it counts for: 1, or minutes.
    pub weight: u64,
    /// Its group in each split of the figure.
    pub groups: Vec<(Dimension, &'static str)>,
}

/// The order of rows: unknowns first, then by time.
pub type RowKey = (Standing, Instant, AnyId);

impl Row {
    /// Its place in the order.
    pub const fn key(&self) -> RowKey {
        (self.standing, self.at, self.subject.id)
    }
}

/// Counted rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What counts (minutes, where the figure says so).
    pub n: u64,
    /// All rows: the denominator.
    pub of: u64,
    /// Those of them that nobody knows of.
    pub unknown: u64,
}

/// A split of a figure: each group with its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// By what.
    pub by: Dimension,
    /// Each group of it, also those with nothing in them.
    pub groups: Vec<(&'static str, Count)>,
}

/// A figure as a coordinator reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which.
    pub definition: Definition,
    /// The whole.
    pub count: Count,
    /// What was done, but after its due time.
    pub done_late: u64,
    /// What was recorded more than 7 days after it happened.
    pub recorded_late: u64,
    /// By each dimension of the definition.
    pub splits: Vec<Split>,
}

/// A figure as a manager reads it: `None` is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Which.
    pub definition: Definition,
    /// What counts.
    pub n: Option<u64>,
    /// All.
    pub of: Option<u64>,
    /// Those that nobody knows of.
    pub unknown: Option<u64>,
}
