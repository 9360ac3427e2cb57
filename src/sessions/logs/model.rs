//! What a log says.

use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, CourseId, LogId, MatchId, PersonId, SessionId};
use crate::base::value::{Line, Text};
use crate::base::vault::Sealed;
use crate::coded;
use crate::sessions::model::{Side, State};

coded! {
    /// How a meeting went.
    pub enum Outcome {
        /// They met.
        Held = "held" : "Afholdt" / "Held",
        /// It was moved; a new time is agreed.
        Moved = "moved" : "Flyttet" / "Moved",
        /// It was cancelled.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
        /// One of them did not come.
        NoShow = "no_show" : "Udeblivelse" / "No-show",
        /// Tried without contact.
        Tried = "tried" : "Forsøgt uden kontakt" / "Tried without contact",
    }
}

impl Outcome {
    /// What becomes of the session. Moved is a cancellation for which a new time was agreed.
    pub const fn state(self) -> State {
        match self {
            Self::Held => State::Held,
            Self::Moved | Self::Cancelled => State::Cancelled,
            Self::NoShow => State::NoShow,
            Self::Tried => State::Tried,
        }
    }

    /// Whether it tells of something that has happened at the stated time, and not of a plan that fell away.
    pub const fn has_happened(self) -> bool {
        matches!(self, Self::Held | Self::NoShow | Self::Tried)
    }
}

coded! {
    /// What they worked on: the areas of a plan.
    pub enum Topic {
        /// School or education.
        School = "school" : "Skole og uddannelse" / "School and education",
        /// Job or internship.
        Job = "job" : "Job og praktik" / "Job and internship",
        /// Leisure.
        Leisure = "leisure" : "Fritid" / "Leisure",
        /// Family.
        Family = "family" : "Familie" / "Family",
        /// Network and friends.
        Network = "network" : "Netværk" / "Network",
        /// Health.
        Health = "health" : "Sundhed" / "Health",
        /// Critical thinking.
        CriticalThinking = "critical_thinking" : "Kritisk tænkning" / "Critical thinking",
        /// Something else.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// What could not be done as the log said; the log is stored all the same.
    pub enum Warning {
        /// A code that is not known was left as it is.
        UnknownCode = "unknown_code" : "En kode kendes ikke" / "A code is not known",
        /// The next appointment clashes with something else and was not planned.
        NextClashes = "next_appointment_clashes" : "Næste aftale falder sammen med noget andet" / "The next appointment clashes with something else",
        /// The next appointment could not be planned.
        NextNotPlanned = "next_appointment_not_planned" : "Næste aftale kunne ikke planlægges" / "The next appointment could not be planned",
        /// The next appointment could not be planned at once, and another was agreed on since: it is not planned any more.
        NextAgreedOtherwise = "next_appointment_agreed_otherwise" : "En anden aftale er lavet i mellemtiden" / "Another appointment was agreed on meanwhile",
        /// The case is closed.
        CaseClosed = "case_closed" : "Sagen er lukket" / "The case is closed",
        /// The course counts as gone through, and no session of it was held by its logs: its end is to be put right.
        EndInDoubt = "end_in_doubt" : "Forløbets afslutning skal rettes" / "The end of the course is to be put right",
        /// The writer's clock is ahead of ours.
        ClockAhead = "clock_ahead" : "Telefonens ur går foran" / "The phone's clock is ahead",
        /// It says it was written before what it tells of: the writer's clock is behind ours, and the log is judged by when it came in.
        ClockBehind = "clock_behind" : "Telefonens ur går bagud" / "The phone's clock is behind",
        /// A planned session was told to have been more than a month away from its plan: the date may be wrong.
        FarFromPlan = "far_from_plan" : "Tidspunktet ligger langt fra det planlagte" / "The time lies far from the planned one",
        /// The session it names is of another match, or not known where another of its match is meant: it was left out of account.
        UnknownSession = "unknown_session" : "Mødet kendes ikke" / "The session is not known",
        /// The session it names was moved or cancelled meanwhile: it stays as it is, and the log has a session of its own.
        PlanChanged = "plan_changed" : "Aftalen er ændret i mellemtiden" / "The appointment was changed meanwhile",
        /// A later version stands: what was sent lies among the earlier ones. Whoever means it sends it with a higher `revision`.
        KeptAsHistory = "kept_as_history" : "En senere udgave gælder" / "A later version stands",
        /// More than can be kept was sent; the rest was left out.
        LeftOut = "left_out" : "Noget kunne ikke være der og er udeladt" / "Something was too much and was left out",
    }
}

/// A time agreed for the next meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NextAppointment {
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// How they meet, a code; in person unless told otherwise.
    pub kind: Option<Line>,
    /// Where, as a code; in an answer null where a session at that time would be shown without its place.
    pub place_code: Option<Line>,
}

impl NextAppointment {
    /// Whether another is at the same time.
    pub fn is_then(&self, other: &Self) -> bool {
        (self.starts_at, self.ends_at) == (other.starts_at, other.ends_at)
    }
}

/// Progress on one goal of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Progress {
    /// Which goal.
    pub goal: Line,
    /// What was reached.
    pub words: Text,
}

/// What of a log is sealed under the course's person. Codes stay as they came: a phone may know more of them than we do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The session that it named as it came, which need not be its own: kept, so that the same is known again.
    pub named: Option<SessionId>,
    /// How they met, a code.
    pub kind: Option<Line>,
    /// Whose side cancelled, or did not come: a code.
    pub by: Option<Line>,
    /// Whether a new time was agreed.
    pub new_time_agreed: Option<bool>,
    /// Whether they warned in advance.
    pub warned: Option<bool>,
    /// How often contact was tried.
    pub contact_attempts: Option<u16>,
    /// What was done about it.
    pub action_taken: Option<Text>,
    /// What they worked on: codes.
    pub topics: Vec<Line>,
    /// What happened.
    pub facts: Option<Text>,
    /// What the writer makes of it.
    pub assessment: Option<Text>,
    /// Progress on goals.
    pub progress: Vec<Progress>,
    /// A change of school or job.
    pub school_or_job_change: Option<Text>,
    /// The next appointment.
    pub next: Option<NextAppointment>,
    /// The writer asks for supervision.
    pub wants_supervision: bool,
    /// It may require a welfare report (underretning).
    pub welfare_report: bool,
}

/// One version of what a log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How it went.
    pub outcome: Outcome,
    /// When it began (stated).
    pub starts_at: Instant,
    /// Minutes held.
    pub minutes: Option<i32>,
    /// When it was written, by the writer's clock.
    pub written_at: Instant,
    /// The sealed part.
    pub body: Body,
}

/// A log as a client sends it.
#[derive(Clone, Debug)]
pub struct NewLog {
    /// The phone's own id.
    pub id: LogId,
    /// Of which match, where it was not.
    pub matched: Option<MatchId>,
    /// Which version of its writer's it is; later ones have higher numbers.
    pub revision: Option<i32>,
    /// More was sent than can be kept.
    pub is_cut: bool,
    /// Its writer said when it was written; else that is when it came in.
    pub is_dated: bool,
    /// What it says.
    pub content: Content,
}

impl NewLog {
    /// The session that it is about, where that was planned.
    pub const fn session(&self) -> Option<SessionId> {
        self.content.body.named
    }

    /// Whether it says the same as what is known, of whichever session; one without a date when it was written is like any with one.
    pub fn says(&self, known: &Content) -> bool {
        let mut said = self.content.clone();
        said.body.named = known.body.named;
        if !self.is_dated {
            said.written_at = known.written_at;
        }
        said == *known
    }

    /// The warning that not all of it was kept.
    pub fn left_out(&self) -> Option<Warning> {
        self.is_cut.then_some(Warning::LeftOut)
    }

    /// Whether it is what is known, sent again: it says the same, and names the same session or none.
    pub fn repeats(&self, known: &Content) -> bool {
        self.session() == known.body.named && self.says(known)
    }
}

/// Where a log lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// Not in the coordinator's tray: nothing of it waits for a look.
    Out,
    /// In the tray, by versions of one account alone.
    Of(AccountId),
    /// In the tray, by versions of several, or as it left two sessions: a coordinator alone decides.
    Unit,
}

/// A log as it stands: its present version.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its id.
    pub id: LogId,
    /// Its session.
    pub session: SessionId,
    /// The session's match.
    pub matched: MatchId,
    /// The match's course.
    pub course: CourseId,
    /// The course's case.
    pub case: CaseId,
    /// Whom the course is for.
    pub person: PersonId,
    /// Whose log it is.
    pub writer: AccountId,
    /// Who typed it.
    pub recorded_by: AccountId,
    /// How it went.
    pub outcome: Outcome,
    /// When it began (stated).
    pub starts_at: Instant,
    /// Minutes held.
    pub minutes: Option<i32>,
    /// The sealed part.
    pub body: Sealed<Body>,
    /// Which version, with others' corrections counted.
    pub revision: i32,
    /// When it was written (stated).
    pub written_at: Instant,
    /// When we got it.
    pub received_at: Instant,
    /// Written after its limit.
    pub late: bool,
    /// Stated ahead of our clock.
    pub clock_ahead: bool,
    /// Whether it lies in the coordinator's tray, and by whom.
    pub tray: Tray,
    /// The writer asks for supervision.
    pub wants_supervision: bool,
    /// It may require a welfare report.
    pub welfare_report: bool,
    /// When they met, by the last version that lay in no tray: what the support contacts go by.
    pub held_at: Option<Instant>,
    /// The session that it was filed under before and left as it had said, for its writer had no say in that any more: as long as nobody has decided on
    /// it the log lies in the tray. Of two the first: a coordinator alone decides then.
    pub left: Option<SessionId>,
    /// The session that it names and was kept apart from, for its writer had no say in what was to come: from that it is kept apart once it began, too.
    pub apart: Option<SessionId>,
    /// The next appointment that it agrees on, by the latest version that names one, is not planned.
    pub next_waits: bool,
    /// When this version was written down, by a clock that never goes back: what is stored later bears no earlier moment.
    pub changed_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// An earlier version, a late copy of one, or what was only heard; what it says stands beside it.
#[derive(Clone, Debug)]
pub struct OldVersion {
    /// Whom it was filed under: another than its log's person, where that was filed under the wrong match.
    pub person: PersonId,
    /// Which version.
    pub revision: i32,
    /// Who typed it.
    pub recorded_by: AccountId,
    /// When we got it.
    pub received_at: Instant,
}

impl OldVersion {
    /// The number of what was only heard: nobody gives it to what they send.
    pub const HEARD: i32 = 0;

    /// Whether it never was a version: what somebody said who may not read the log, kept beside what stood.
    pub const fn is_heard(&self) -> bool {
        self.revision == Self::HEARD
    }
}

impl Log {
    /// Whether it lies in the coordinator's tray.
    pub const fn in_tray(&self) -> bool {
        !matches!(self.tray, Tray::Out)
    }

    /// Since when support is promised from it: what lies in the tray leaves it as it was.
    pub fn held_at_by_now(&self) -> Option<Instant> {
        if self.in_tray() { self.held_at } else { (self.outcome == Outcome::Held).then_some(self.starts_at) }
    }

    /// When the next appointment that it names was agreed on: when it was written, as far as its writer's clock can be believed.
    pub fn next_agreed_at(&self) -> Instant {
        let is_behind = self.outcome.has_happened() && self.written_at < self.starts_at;
        if is_behind { self.received_at } else { self.written_at.min(self.received_at) }
    }
}

/// What became of a log that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: LogId,
    /// It is new.
    pub is_new: bool,
    /// It is taken in, and not shown: it lies in the tray, or its writer may not read it any more.
    pub is_hidden: bool,
    /// What could not be done as it said.
    pub warnings: Vec<Warning>,
}

/// Whose side a code names, if it is known.
pub fn side(code: Option<&Line>) -> Option<Side> {
    code.and_then(|code| crate::base::db::Coded::parse(code.as_str()))
}
