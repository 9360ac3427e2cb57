//! What a series is.

use chrono::NaiveDate;

use crate::base::calendar::{Recurrence, Zone};
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, RowId, SeriesId, SessionId};
use crate::base::value::{Field, Line};
use crate::coded;
use crate::matching::PlaceCode;
use crate::sessions::model::{Kind, Occurrence, Session};

coded! {
    /// Why a series ended before its last date.
    pub enum EndReason {
        /// Its match ended.
        MatchEnded = "match_ended" : "Matchet sluttede" / "The match ended",
        /// All that was to come was cancelled.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
    }
}

coded! {
    /// Why a date of a series could not be used; of several reasons the first in this order.
    pub enum GapReason {
        /// A public holiday.
        Holiday = "holiday" : "Helligdag" / "Public holiday",
        /// The mentor or coach is away.
        Leave = "leave" : "Orlov eller ferie" / "Leave",
        /// The mentor or coach is not on the staff then.
        NotInService = "not_in_service" : "Ikke ansat" / "Not on the staff",
        /// The mentor or coach took hours off on that date.
        OutsideHours = "outside_hours" : "Uden for arbejdstid" / "Outside hours",
        /// The person can never then.
        Never = "never" : "Aldrig muligt" / "Never possible",
        /// A needed consent will be missing on that day: coming of age.
        Consent = "consent" : "Samtykke mangler" / "Consent missing",
        /// A proof that it takes to meet the person does not hold on that day: it ends before, and is to be renewed.
        Certificate = "certificate" : "Attest mangler" / "Certificate missing",
        /// One of the two has something else then.
        Busy = "busy" : "Tiden er optaget" / "The time is taken",
        /// Preparation or travel of the mentor or coach lies then.
        Buffer = "buffer" : "For tæt på et andet møde" / "Too close to another meeting",
        /// The mentor or coach has as many on that day as there may be.
        DayLimit = "day_limit" : "Dagen er fuld" / "The day is full",
        /// The mentor or coach has as many in that week as there may be.
        WeekLimit = "week_limit" : "Ugen er fuld" / "The week is full",
        /// Sooner than the minimum notice.
        Notice = "notice" : "For kort varsel" / "Too short notice",
    }
}

coded! {
    /// What became of a gap.
    pub enum GapState {
        /// Somebody decides.
        Open = "open" : "Åbent" / "Open",
        /// A session stands for the date.
        Filled = "filled" : "Udfyldt" / "Filled",
        /// There will be none.
        Dismissed = "dismissed" : "Afvist" / "Dismissed",
        /// Nobody decides any more: the series ended or changed, or the date is past.
        Closed = "closed" : "Bortfaldet" / "Closed",
    }
}

/// When a series is, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// On which days.
    pub recurrence: Recurrence,
    /// From which local date its weeks are counted.
    pub from_on: NaiveDate,
    /// The last local date that there can be.
    pub until_on: NaiveDate,
    /// Minutes after local midnight.
    pub at_min: i32,
    /// Minutes.
    pub length_min: i32,
    /// Whose clock is meant.
    pub zone: Zone,
    /// How they meet.
    pub kind: Kind,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
}

/// How long a session lasts, and how it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first moment after it.
    pub ends_at: Instant,
    /// How they meet.
    pub kind: Kind,
}

impl Extent {
    /// Those of a session.
    pub const fn of(session: &Session) -> Self {
        Self { ends_at: session.ends_at, kind: session.kind }
    }
}

/// A series as it stands: its terms hold for what is still to come.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// Its match.
    pub matched: MatchId,
    /// The match's course.
    pub course: CourseId,
    /// The course's case.
    pub case: CaseId,
    /// Whom the course is for.
    pub person: PersonId,
    /// When, and how.
    pub terms: Terms,
    /// The series that it continues with other terms.
    pub follows: Option<SeriesId>,
    /// When it ended, if before its last date.
    pub ended_at: Option<Instant>,
    /// Why.
    pub end_reason: Option<EndReason>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// Counts up with each change.
    pub version: i64,
}

impl Series {
    /// A date of it, with what it gives the session there.
    pub fn occurrence(&self, on: NaiveDate) -> Occurrence {
        let Terms { at_min, length_min, kind, ref place, .. } = self.terms;
        Occurrence { series: self.id, on, at_min, length_min, kind, place: place.clone() }
    }
}

/// A date of a series that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its id.
    pub id: RowId,
    /// Of which series.
    pub series: SeriesId,
    /// The date.
    pub on: NaiveDate,
    /// Why.
    pub reason: GapReason,
    /// Another time near it that could be used when it was written down.
    pub suggested_at: Option<Instant>,
    /// The last day of the proof that would have to be renewed.
    pub proof_until_on: Option<NaiveDate>,
    /// What became of it.
    pub state: GapState,
    /// The session that fills it.
    pub session: Option<SessionId>,
    /// When it was written down.
    pub recorded_at: Instant,
}

/// What is wished of a series; absent is what the match agreed on, or what the series is.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// A rule of RFC 5545, of which a safe part is read.
    pub rule: Option<Line>,
    /// From which local date.
    pub from_on: Option<NaiveDate>,
    /// The last local date.
    pub until_on: Option<NaiveDate>,
    /// Minutes after local midnight.
    pub at_min: Option<i32>,
    /// Minutes.
    pub length_min: Option<i32>,
    /// How they meet.
    pub kind: Option<Kind>,
    /// Where.
    pub place: Field<PlaceCode>,
}

/// Which sessions of a series a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that are still to come.
    All,
    /// This date and the rest: a new series continues the old one.
    Rest(NaiveDate),
}
