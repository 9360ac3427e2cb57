//! What is known of a case.

mod closing;
mod founded;
mod referral;

pub use closing::{FormerClosing, RetractedClosing};
pub use founded::{CaseKind, Correction, Former, Founded, LegalBasis, ScreenAnswer, Severity, TargetGroup, VisitFinding, VisitOutcome};
pub use referral::FormerReferral;

use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::ids::{AccountId, AlertId, AnyId, CaseId, OfferId, PersonId, RowId};
use crate::base::value::{Line, Text};
use crate::base::vault::Sealed;
use crate::coded;

coded! {
    /// How far a case is.
    pub enum State {
        /// Worked on.
        Open = "open" : "Åben" / "Open",
        /// No longer worked on.
        Closed = "closed" : "Lukket" / "Closed",
        /// The conclusion that opened it was drawn by mistake: it never was, and is in no figure.
        Retracted = "retracted" : "Taget tilbage" / "Taken back",
        /// Kept for the archive's decision.
        Archived = "archived" : "Arkiveret" / "Archived",
        /// Its keys are destroyed.
        Erased = "erased" : "Slettet" / "Erased",
    }
}

coded! {
    /// How a person stands in a case.
    pub enum Role {
        /// Whom the concern is about.
        YoungPerson = "young_person" : "Den unge" / "Young person",
        /// A parent.
        Parent = "parent" : "Forælder" / "Parent",
        /// A brother or sister.
        Sibling = "sibling" : "Søskende" / "Sibling",
        /// Another relative.
        Relative = "relative" : "Pårørende" / "Relative",
    }
}

coded! {
    /// What an alert is about.
    pub enum AlertKind {
        /// Nobody knows where they are.
        CannotBeFound = "cannot_be_found" : "Kan ikke findes" / "Cannot be found",
        /// They may leave the country.
        FearedDeparture = "feared_departure" : "Frygtet udrejse" / "Feared departure",
        /// They may harm themselves.
        DangerToSelf = "danger_to_self" : "Fare for sig selv" / "Danger to self",
        /// They may harm others.
        DangerToOthers = "danger_to_others" : "Fare for andre" / "Danger to others",
        /// Something else.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// Why a case was closed.
    pub enum CloseReason {
        /// What it was for is reached.
        GoalsReached = "goals_reached" : "Målene er nået" / "Goals reached",
        /// The ordinary services (normalsystemet) go on.
        HandedOver = "handed_over" : "Overdraget" / "Handed over",
        /// There is no concern any more.
        NoLongerRelevant = "no_longer_relevant" : "Ikke længere aktuel" / "No longer relevant",
        /// They moved to another municipality.
        Moved = "moved" : "Flyttet" / "Moved",
        /// The person died.
        Dead = "dead" : "Død" / "Dead",
        /// The police took over.
        TakenOverByPolice = "taken_over_by_police" : "Overtaget af politiet" / "Taken over by the police",
    }
}

/// Why promises end where the police took over.
pub const POLICE_TOOK_OVER: &str = "police_took_over";

impl CloseReason {
    /// Why what is left of the re-offers ends with such a closing, as a code; `None`: they outlive it.
    pub fn ends_offers(self) -> Option<&'static str> {
        match self {
            Self::Moved | Self::Dead => Some(self.code()),
            Self::TakenOverByPolice => Some(POLICE_TOOK_OVER),
            Self::GoalsReached | Self::HandedOver | Self::NoLongerRelevant => None,
        }
    }

    /// All of those codes.
    pub fn all_ending_offers() -> Vec<&'static str> {
        Self::ALL.iter().filter_map(|reason| reason.ends_offers()).collect()
    }
}

coded! {
    /// Why a person leaves a case.
    pub enum LeaveReason {
        /// They never belonged to it, or stand in it anew in another way: as if they had never stood in it, they are nobody's family by it, and
        /// whoever is barred from them is not barred from it.
        AddedByMistake = "added_by_mistake" : "Tilføjet ved en fejl" / "Added by mistake",
        /// They have nothing to do with it any more.
        NoLongerPart = "no_longer_part" : "Ikke længere en del af sagen" / "No longer part of it",
        /// They moved away.
        MovedAway = "moved_away" : "Flyttet" / "Moved away",
    }
}

/// Who accepted a referral and what they do first; sealed under the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acceptance {
    /// Who accepted it.
    pub by: Line,
    /// The first thing they do.
    pub first_action: Text,
}

/// A case as it stands.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// How far it is.
    pub state: State,
    /// Who it is about.
    pub case_kind: CaseKind,
    /// Why them.
    pub target_group: TargetGroup,
    /// When the police stated that an offer is suitable.
    pub police_statement_at: Option<Instant>,
    /// Names the hours of the referral.
    pub severity: Severity,
    /// What it was when the case was referred.
    pub referral_severity: Option<Severity>,
    /// Who is responsible by law.
    pub responsible_authority: String,
    /// The responsible coordinator; `None`: the unit.
    pub coordinator: Option<AccountId>,
    /// When the enquiry that opened it was received (stated).
    pub received_at: Instant,
    /// When it was founded (stated).
    pub founded_at: Instant,
    /// Counts in the figure of referrals in time.
    pub needs_local_effort: bool,
    /// When it was referred (stated).
    pub referred_at: Option<Instant>,
    /// When that was recorded.
    pub referred_recorded_at: Option<Instant>,
    /// The receiving authority.
    pub referred_to: Option<String>,
    /// Why the limit was missed.
    pub late_reason: Option<Sealed<Text>>,
    /// When the receiving authority accepted (stated).
    pub referral_accepted_at: Option<Instant>,
    /// By whom, and what they do first.
    pub acceptance: Option<Sealed<Acceptance>>,
    /// The custody holders do not agree.
    pub custody_conflict: bool,
    /// When it was closed (stated).
    pub closed_at: Option<Instant>,
    /// Why.
    pub close_reason: Option<CloseReason>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

impl Case {
    /// By what the hours of its referral are counted: once it is referred, a changed severity moves nothing.
    pub fn hours(&self) -> Hours {
        let severity = self.referral_severity.unwrap_or(self.severity);
        Hours { received_at: self.received_at, founded_at: self.founded_at, severity }
    }
}

/// By what the hours of a referral are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When the concern was received (stated).
    pub received_at: Instant,
    /// When it was founded (stated).
    pub founded_at: Instant,
    /// Names how many they are.
    pub severity: Severity,
}

/// A concern that joined a case before it was referred, if it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Its own hours.
    pub hours: Hours,
    /// Whether it stands as it was founded then.
    pub is_founded: bool,
    /// What the police answered to one that does not, in the order in which they were asked.
    pub answers: Vec<ScreenAnswer>,
}

/// A closing that an accepted offer undid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reopening {
    /// The offer; `None`: its answer was taken back, and something else keeps the case open.
    pub offer: Option<OfferId>,
    /// When the case was closed (stated).
    pub closed_at: Instant,
    /// Why.
    pub close_reason: CloseReason,
    /// Since when it is open again: the day the offer was accepted, or the first of what else keeps it open happened.
    pub reopened_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
}

/// A person of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// How they stand in it.
    pub role: Role,
    /// Since when.
    pub joined_at: Instant,
    /// Until when.
    pub left_at: Option<Instant>,
    /// Why they left it; not on record of who left it before that was kept.
    pub left_reason: Option<LeaveReason>,
    /// When the police last took them over with a concern of the case (stated).
    pub police_took_at: Option<Instant>,
    /// When that was recorded.
    pub police_recorded_at: Option<Instant>,
}

impl Member {
    /// Who comes into a case.
    pub const fn new(person: PersonId, role: Role, joined_at: Instant) -> Self {
        Self { person, role, joined_at, left_at: None, left_reason: None, police_took_at: None, police_recorded_at: None }
    }

    /// When the police took them over (stated), if that was recorded no earlier than something of theirs: it ended with that, or had ended before, and
    /// does not come back. What the police say later, and what becomes of the concern, changes nothing of that.
    pub fn taken_since(&self, recorded_at: Instant) -> Option<Instant> {
        self.police_took_at.filter(|_| self.police_recorded_at >= Some(recorded_at))
    }

    /// Whether they stand in it now.
    pub const fn stands(&self) -> bool {
        self.left_at.is_none()
    }

    /// Whether they stand, or stood, in it: who was added by mistake never did.
    pub fn ever_stood(&self) -> bool {
        self.left_reason != Some(LeaveReason::AddedByMistake)
    }
}

/// An alert: an overlay on a person in a case.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// The case.
    pub case: CaseId,
    /// On whom.
    pub person: PersonId,
    /// What it is about.
    pub kind: AlertKind,
    /// When it was raised (stated).
    pub raised_at: Instant,
    /// Why; sealed under the case.
    pub grounds: Sealed<Text>,
    /// When it was resolved (stated).
    pub resolved_at: Option<Instant>,
    /// How; sealed under the case.
    pub resolution: Option<Sealed<Text>>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// A home visit that a case decided.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its id.
    pub id: RowId,
    /// The case.
    pub case: CaseId,
    /// When it was decided (stated).
    pub decided_at: Instant,
    /// When it was done (stated).
    pub visited_at: Option<Instant>,
    /// Whether they were met.
    pub outcome: Option<VisitOutcome>,
    /// Who went, who was met, what was seen; sealed under the case.
    pub notes: Option<Sealed<Text>>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// Something open that keeps a case from closing, or something built upon it that keeps it from being taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// `offer`, `course`, `alert` or `duty`; of what was built upon it any noun.
    pub kind: &'static str,
    /// Its id.
    pub id: AnyId,
}
