//! What a match is.

mod former;

pub use former::{FormerEnd, FormerYes, Talk};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ranking::Asked;
use super::ranking::model::Kept;
use crate::access::Role;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::base::value::{Text, is_code};
use crate::base::vault::Sealed;
use crate::courses::model::Track;
use crate::{coded, shaped};

coded! {
    /// How far a match is.
    pub enum State {
        /// A coordinator has proposed it; both sides may say no.
        Proposed = "proposed" : "Foreslået" / "Proposed",
        /// A side said no.
        Refused = "refused" : "Afvist" / "Refused",
        /// Not both answered in time, or another proposal won.
        Expired = "expired" : "Udløbet" / "Expired",
        /// Both sides said yes.
        Running = "running" : "I gang" / "Running",
        /// It ran, and is over.
        Ended = "ended" : "Afsluttet" / "Ended",
    }
}

coded! {
    /// Why a match ended.
    pub enum EndReason {
        /// Its course ended.
        CourseEnded = "course_ended" : "Forløbet er slut" / "The course ended",
        /// Another member of staff takes over.
        HandedOver = "handed_over" : "Overdraget" / "Handed over",
        /// The member of staff left.
        StaffLeft = "staff_left" : "Medarbejderen er fratrådt" / "The member of staff left",
        /// The person wished it.
        PersonWish = "person_wish" : "Borgerens ønske" / "The person's wish",
        /// The member of staff wished it.
        StaffWish = "staff_wish" : "Medarbejderens ønske" / "The member of staff's wish",
        /// The loan from another municipality ended.
        LoanEnded = "loan_ended" : "Udlånet er slut" / "The loan ended",
        /// Something else, told in words.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// Why a side says no to a proposal.
    pub enum DeclineReason {
        /// No time for it now.
        NoTime = "no_time" : "Ikke tid" / "No time",
        /// The hours do not fit.
        TimesDoNotFit = "times_do_not_fit" : "Tiderne passer ikke" / "The times do not fit",
        /// Too far to go.
        TooFar = "too_far" : "For langt væk" / "Too far",
        /// They know each other, or the family.
        KnowsThem = "knows_them" : "Kender personen eller familien" / "Knows the person or the family",
        /// It does not feel right.
        NotAFit = "not_a_fit" : "Passer ikke sammen" / "Not a fit",
        /// Somebody else is wished.
        WantsSomebodyElse = "wants_somebody_else" : "Ønsker en anden" / "Wants somebody else",
        /// Something else, told in words.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// What came of the talk that is asked for before somebody else is proposed (domain section 8).
    pub enum RepairOutcome {
        /// They would have gone on; something else ended it.
        Mended = "mended" : "Gjort godt igen" / "Mended",
        /// They part, and know why.
        Parted = "parted" : "Skilt i god orden" / "Parted in good order",
        /// It could not be had: one of them would not, or could not be reached.
        NotPossible = "not_possible" : "Ikke muligt" / "Not possible",
    }
}

coded! {
    /// The checklist that an ended match leaves.
    pub enum EndStep {
        /// They met once more to say goodbye.
        ClosingMeeting = "closing_meeting" : "Afslutningsmøde holdt" / "Closing meeting held",
        /// The person was asked how it was.
        PersonHeard = "person_heard" : "Borgeren er hørt" / "The person was heard",
        /// The member of staff was asked how it was.
        StaffHeard = "staff_heard" : "Medarbejderen er hørt" / "The member of staff was heard",
        /// Every session has its log.
        LogsIn = "logs_in" : "Alle mødenotater er kommet" / "All logs are in",
        /// Keys, cards and the like are back.
        ThingsReturned = "things_returned" : "Lånte ting er afleveret" / "Things returned",
        /// Those who work with the person know of it.
        PartnersTold = "partners_told" : "Samarbejdspartnere har fået besked" / "Partners told",
        /// It was agreed what comes next.
        NextAgreed = "next_agreed" : "Næste skridt er aftalt" / "What comes next is agreed",
    }
}

coded! {
    /// How often a pair meets (domain section 8: weekly is the tested dose).
    pub enum Rhythm {
        /// Every week.
        Weekly = "weekly" : "Hver uge" / "Weekly",
        /// Every second week.
        EverySecondWeek = "every_second_week" : "Hver anden uge" / "Every second week",
        /// Every month.
        Monthly = "monthly" : "Hver måned" / "Monthly",
    }
}

/// Which of the two that a match joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The mentor or coach.
    Staff,
    /// The young person or parent.
    Person,
}

shaped! {
    /// A meeting place as a code, 1 to 40 of `a-z`, `0-9`, `_` and `-`: never an address, since it may be seen on a phone.
    pub struct PlaceCode: is_code, "^[a-z0-9_-]{1,40}$", "library", "A meeting place as a code, never an address."
}

/// What a pair agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// How often they meet.
    pub rhythm: Rhythm,
    /// 1 Monday to 7 Sunday; `None`: not agreed yet.
    pub weekday: Option<i32>,
    /// Minutes after local midnight.
    pub at_min: Option<i32>,
    /// How long a meeting lasts, in minutes.
    pub length_min: i32,
    /// Where, as a code.
    pub place: Option<PlaceCode>,
    /// When it is expected to end, local date.
    pub expected_end_on: NaiveDate,
    /// The first joint meeting, with whoever introduces them.
    pub first_meeting_at: Option<Instant>,
    /// The account of whoever introduces them.
    pub facilitator: Option<AccountId>,
}

/// One side's answer to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes or no.
    pub accepted: bool,
    /// When it was given (stated).
    pub at: Instant,
}

/// What a side gives with its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Why it says no.
    pub reason: Option<DeclineReason>,
    /// What the member of staff said to whether they know the person or the family.
    pub knows_person: Option<bool>,
}

impl Given {
    /// In the place of what the same side had given before: that they know the person or the family stays said.
    #[must_use]
    pub fn instead_of(self, former: Self) -> Self {
        Self { knows_person: self.knows_person.or(former.knows_person.filter(|knows| *knows)), ..self }
    }

    /// Without how far it is: what a protected address keeps of it.
    #[must_use]
    pub const fn without_distance(self) -> Self {
        match self.reason {
            Some(DeclineReason::TooFar) => Self { reason: Some(DeclineReason::Other), ..self },
            _ => self,
        }
    }
}

/// An answer to be written down.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Yes or no.
    pub accepted: bool,
    /// The reason, and whether they know each other.
    pub given: Given,
    /// In words.
    pub words: Option<Text>,
    /// When it was given, if not now.
    pub happened_at: Option<Instant>,
}

/// What was known when the pair was proposed, and what was said; sealed under the person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Criteria {
    /// The coordinator's sentence.
    pub sentence: Option<Text>,
    /// The language they have in common, as a tag.
    pub language: String,
    /// How many live matches the member of staff had.
    pub matches: i64,
    /// How many they may have.
    pub capacity: i32,
    /// Asked for although another member of the family has the same mentor.
    pub same_family: bool,
    /// Asked for although one of the two said no before.
    #[serde(default)]
    pub again: bool,
    /// The courses of siblings for whom the same member of staff was asked in one.
    #[serde(default)]
    pub beside: Vec<CourseId>,
    /// How the member of staff ranked: the weights and facts it was made with; none on record of proposals before there was a ranking.
    #[serde(default)]
    pub ranking: Option<Kept>,
    /// The reason of the member of staff.
    pub staff_words: Option<Text>,
    /// The person's reason.
    pub person_words: Option<Text>,
    /// Why it ended.
    pub end_words: Option<Text>,
}

impl Criteria {
    /// What a side said in words; the former words are given back.
    pub fn replace_words(&mut self, side: Side, words: Option<Text>) -> Option<Text> {
        match side {
            Side::Staff => std::mem::replace(&mut self.staff_words, words),
            Side::Person => std::mem::replace(&mut self.person_words, words),
        }
    }
}

/// A match as it stands.
#[derive(Clone, Debug)]
pub struct Match {
    /// Its id.
    pub id: MatchId,
    /// The course it is for.
    pub course: CourseId,
    /// The course's case.
    pub case: CaseId,
    /// The course's person.
    pub person: PersonId,
    /// The mentor or coach.
    pub staff: StaffId,
    /// Mentor or parent coach.
    pub track: Track,
    /// How far it is.
    pub state: State,
    /// When it was proposed (stated).
    pub proposed_at: Instant,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Until when both sides may answer.
    pub expires_at: Instant,
    /// Why these two, and what was said.
    pub criteria: Sealed<Criteria>,
    /// The mentor's or coach's answer.
    pub staff_answer: Option<Answer>,
    /// The person's answer.
    pub person_answer: Option<Answer>,
    /// From when it runs: the later of two yeses.
    pub starts_at: Option<Instant>,
    /// When that was recorded.
    pub starts_recorded_at: Option<Instant>,
    /// When it ended, or came to nothing (stated).
    pub ended_at: Option<Instant>,
    /// When that was first recorded.
    pub ended_recorded_at: Option<Instant>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// What they agreed on.
    pub agreed: Agreed,
    /// The last moment of the member of staff's loan from another municipality, while it runs: it ends then.
    pub loan_ends_at: Option<Instant>,
    /// The match that it took over from, in a hand-over: nobody was asked by a proposal.
    pub taken_over_from: Option<MatchId>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

impl Match {
    /// The role that it takes to see it as whoever runs or covers it.
    pub const fn role(&self) -> Role {
        self.track.kind_of_staff().role()
    }
}

/// The match of a person that ran and ended last.
#[derive(Clone, Copy, Debug)]
pub struct LastEnded {
    /// Which.
    pub id: MatchId,
    /// When (stated).
    pub at: Instant,
    /// Why.
    pub reason: Option<EndReason>,
}

impl Match {
    /// As it stands at a moment: what is over by its own moment is over, whether or not a night has passed that wrote it down.
    #[must_use]
    pub fn as_of(mut self, now: Instant) -> Self {
        match (self.state, self.loan_ends_at) {
            (State::Proposed, _) if self.expires_at < now => (self.state, self.ended_at) = (State::Expired, Some(self.expires_at)),
            (State::Running, Some(ends_at)) if ends_at < now => {
                let ends_at = self.starts_at.map_or(ends_at, |starts_at| ends_at.max(starts_at));
                (self.state, self.ended_at, self.end_reason) = (State::Ended, Some(ends_at), Some(EndReason::LoanEnded));
            }
            _ => {}
        }
        self
    }

    /// What a supervisor sees instead of a name: the first digits of the id.
    pub fn label(&self) -> String {
        label(self.id)
    }
}

/// What a supervisor sees instead of a name, e.g. `Match 3f2a`.
pub fn label(id: MatchId) -> String {
    let digits: String = id.to_string().chars().take(4).collect();
    format!("Match {digits}")
}

/// A pair to be proposed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// For which course.
    pub course: CourseId,
    /// Whom.
    pub staff: StaffId,
    /// When it was proposed, if not now.
    pub happened_at: Option<Instant>,
    /// What a coordinator asks for although it is not done by itself.
    pub asked: Asked,
    /// The courses of siblings for whom the same member of staff is asked in one: of these the limit does not hold.
    pub beside: Vec<CourseId>,
    /// Why these two.
    pub sentence: Option<Text>,
    /// What is thought of: rhythm, length, expected end.
    pub agreed: Wish,
}

/// What of [`Agreed`] a proposal or an update says; the rest is the default or stays.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// How often.
    pub rhythm: Option<Rhythm>,
    /// 1 Monday to 7 Sunday.
    pub weekday: Option<Option<i32>>,
    /// Minutes after local midnight.
    pub at_min: Option<Option<i32>>,
    /// Minutes.
    pub length_min: Option<i32>,
    /// Where.
    pub place: Option<Option<PlaceCode>>,
    /// Local date.
    pub expected_end_on: Option<NaiveDate>,
    /// The first joint meeting.
    pub first_meeting_at: Option<Option<Instant>>,
    /// Who introduces them.
    pub facilitator: Option<Option<AccountId>>,
}

impl Agreed {
    /// With what is wished.
    #[must_use]
    pub fn with(self, wish: Wish) -> Self {
        Self {
            rhythm: wish.rhythm.unwrap_or(self.rhythm),
            weekday: wish.weekday.unwrap_or(self.weekday),
            at_min: wish.at_min.unwrap_or(self.at_min),
            length_min: wish.length_min.unwrap_or(self.length_min),
            place: wish.place.unwrap_or(self.place),
            expected_end_on: wish.expected_end_on.unwrap_or(self.expected_end_on),
            first_meeting_at: wish.first_meeting_at.unwrap_or(self.first_meeting_at),
            facilitator: wish.facilitator.unwrap_or(self.facilitator),
        }
    }
}
