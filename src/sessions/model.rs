//! What a session is.

use chrono::{NaiveDate, TimeDelta};

use crate::base::calendar::Range;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AnyId, CaseId, CourseId, MatchId, PersonId, SeriesId, SessionId, StaffId};
use crate::base::value::Field;
use crate::coded;
use crate::matching::PlaceCode;

/// How many minutes a session lasts at most: a day.
pub const LONGEST_MIN: i32 = 24 * 60;

/// The moment before another at which the longest session would have begun that still runs then: nothing earlier need be looked at.
pub fn look_back(from: Instant) -> Instant {
    from.minus(TimeDelta::minutes(i64::from(LONGEST_MIN)))
}

coded! {
    /// How far a session is.
    pub enum State {
        /// Asked about, not agreed.
        Proposed = "proposed" : "Foreslået" / "Proposed",
        /// Agreed.
        Planned = "planned" : "Planlagt" / "Planned",
        /// They met.
        Held = "held" : "Afholdt" / "Held",
        /// One of them did not come.
        NoShow = "no_show" : "Udeblivelse" / "No-show",
        /// Cancelled by a side.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
        /// Tried without contact.
        Tried = "tried" : "Forsøgt uden kontakt" / "Tried without contact",
    }
}

impl State {
    /// Whether it is asked about or agreed on, and nothing came of it yet.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Planned)
    }
}

coded! {
    /// How they meet.
    pub enum Kind {
        /// In person.
        InPerson = "in_person" : "Fysisk møde" / "In person",
        /// By telephone.
        Phone = "phone" : "Telefon" / "Telephone",
        /// By video.
        Video = "video" : "Video" / "Video",
        /// By text messages.
        Text = "text" : "Beskeder" / "Text messages",
    }
}

coded! {
    /// Whose side.
    pub enum Side {
        /// The young person or parent, and who speaks for them.
        Person = "person" : "Borgeren" / "The person",
        /// The mentor or coach.
        Staff = "staff" : "Mentor eller coach" / "Mentor or coach",
        /// The coordination unit.
        Unit = "unit" : "Koordineringsenheden" / "The unit",
    }
}

coded! {
    /// Who tells of a session's latest change, where it does not do so itself.
    pub enum Telling {
        /// This one, in one word for all that changed: that appointments have changed, and when the next is.
        ForAll = "for_all" : "For alle" / "For all",
        /// Another: of this one nothing is told but its reminder.
        ByOther = "by_other" : "Ved et andet møde" / "By another",
        /// Nobody: it was only proposed, or its time had been given up, and the person knows of none.
        Nobody = "nobody" : "Ingen" / "Nobody",
    }
}

/// One date of a series: what a session keeps when it is moved (the RECURRENCE-ID of iCalendar), with what the series gave it there last. What the
/// session has otherwise it has by itself; a change of the series that leaves it as it is leaves this, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Of which series.
    pub series: SeriesId,
    /// The local date that the rule gave it.
    pub on: NaiveDate,
    /// Minutes after local midnight.
    pub at_min: i32,
    /// Minutes.
    pub length_min: i32,
    /// How they meet.
    pub kind: Kind,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
}

/// A session as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id; kept when it is moved.
    pub id: SessionId,
    /// Its match.
    pub matched: MatchId,
    /// The match's course.
    pub course: CourseId,
    /// The course's case.
    pub case: CaseId,
    /// Whom the course is for.
    pub person: PersonId,
    /// The mentor or coach.
    pub staff: StaffId,
    /// How far it is.
    pub state: State,
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// When its present time was set.
    pub timed_at: Instant,
    /// When it was agreed on with its person (stated), at whatever time it was to be. `None`: nobody asked them, for it was planned by itself, or is
    /// only proposed.
    pub agreed_at: Option<Instant>,
    /// How they meet.
    pub kind: Kind,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
    /// False: held without a plan.
    pub was_planned: bool,
    /// How often it was moved.
    pub moved_count: i32,
    /// Whose side cancelled, or did not come.
    pub cancelled_by: Option<Side>,
    /// When it was cancelled (stated).
    pub cancelled_at: Option<Instant>,
    /// Whether a new time was agreed when it was cancelled.
    pub new_time_agreed: Option<bool>,
    /// Cancelled shortly before it began.
    pub late_cancellation: bool,
    /// Minutes held, as logged.
    pub minutes: Option<i32>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
    /// Who meets the person in the place of whoever runs the match.
    pub cover: Option<StaffId>,
    /// Which date of which series it is, and what that gave it.
    pub occurrence: Option<Occurrence>,
    /// Who tells of its latest change; `None`: it does.
    pub telling: Option<Telling>,
    /// Counts up with each change.
    pub version: i64,
}

impl Session {
    /// Who meets the person: whoever runs the match, or covers.
    pub fn host(&self) -> StaffId {
        self.cover.unwrap_or(self.staff)
    }

    /// The two who meet.
    pub fn both(&self) -> [AnyId; 2] {
        [self.host().cast(), self.person.cast()]
    }

    /// The two who meet, and whoever runs the match.
    pub fn everybody(&self) -> [AnyId; 3] {
        [self.staff.cast(), self.host().cast(), self.person.cast()]
    }

    /// The time that it takes; `None` where it takes none.
    pub fn time(&self) -> Option<Range> {
        Range::new(self.starts_at, self.ends_at)
    }

    /// Whether it never was more than a proposal: the person was told of none, so no word of it is theirs to miss. At what was held they met.
    pub fn was_only_proposed(&self) -> bool {
        self.telling == Some(Telling::Nobody) && self.state != State::Held
    }
}

/// A session to be planned.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The client's own id, if it brings one.
    pub id: Option<SessionId>,
    /// Of which match.
    pub matched: MatchId,
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// How they meet.
    pub kind: Kind,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
    /// When both agreed on it, if not now (stated).
    pub agreed_at: Option<Instant>,
}

/// How a planned session is arranged anew.
#[derive(Clone, Debug)]
pub struct Arrangement {
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// How they meet; `None`: as before.
    pub kind: Option<Kind>,
    /// Where, as a code.
    pub place: Field<PlaceCode>,
}

impl Arrangement {
    /// At a time, and otherwise as before.
    pub const fn at(starts_at: Instant, ends_at: Instant) -> Self {
        Self { starts_at, ends_at, kind: None, place: Field::Absent }
    }
}

/// How a session is cancelled.
#[derive(Clone, Copy, Debug)]
pub struct Cancellation {
    /// By whose side.
    pub by: Side,
    /// When, if not now.
    pub happened_at: Option<Instant>,
    /// Whether a new time was agreed.
    pub new_time_agreed: bool,
}

#[cfg(test)]
impl Session {
    /// Of nobody: Wednesday 3 June 2026, 16:00 to 17:30 in Copenhagen, planned on 20 May.
    pub fn for_testing() -> Self {
        fn nobody<N>() -> crate::base::ids::Id<N> {
            crate::base::ids::Id::from_uuid(uuid::Uuid::nil())
        }
        let at = |text: &str| Instant::parse(text).unwrap();
        Self {
            id: nobody(),
            matched: nobody(),
            course: nobody(),
            case: nobody(),
            person: nobody(),
            staff: nobody(),
            state: State::Planned,
            starts_at: at("2026-06-03T14:00:00Z"),
            ends_at: at("2026-06-03T15:30:00Z"),
            timed_at: at("2026-05-20T08:00:00Z"),
            agreed_at: Some(at("2026-05-20T08:00:00Z")),
            kind: Kind::InPerson,
            place: None,
            was_planned: true,
            moved_count: 0,
            cancelled_by: None,
            cancelled_at: None,
            new_time_agreed: None,
            late_cancellation: false,
            minutes: None,
            recorded_at: at("2026-05-20T08:00:00Z"),
            recorded_by: nobody(),
            cover: None,
            occurrence: None,
            telling: None,
            version: 1,
        }
    }
}
