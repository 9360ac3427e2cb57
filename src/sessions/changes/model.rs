//! What a change of a session is.

use crate::base::clock::Instant;
use crate::base::ids::AccountId;
use crate::coded;
use crate::sessions::model::Side;

coded! {
    /// What happened to a session.
    pub enum ChangeKind {
        /// It was moved to another time.
        Moved = "moved" : "Flyttet" / "Moved",
        /// It begins when it did, but is longer or shorter, or they meet otherwise.
        Changed = "changed" : "Ændret" / "Changed",
        /// It was cancelled.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
        /// What was proposed was agreed on.
        Confirmed = "confirmed" : "Bekræftet" / "Confirmed",
        /// Cancelled, it takes place after all.
        Restored = "restored" : "Genoptaget" / "Restored",
    }
}

coded! {
    /// Why a session was moved or cancelled; a code, so that nothing is told that need not be.
    pub enum Reason {
        /// Somebody is ill.
        Illness = "illness" : "Sygdom" / "Illness",
        /// School.
        School = "school" : "Skole" / "School",
        /// Work.
        Work = "work" : "Arbejde" / "Work",
        /// The family needs them.
        Family = "family" : "Familie" / "Family",
        /// They could not get there.
        Transport = "transport" : "Transport" / "Transport",
        /// Holiday.
        Holiday = "holiday" : "Ferie" / "Holiday",
        /// It was forgotten.
        Forgotten = "forgotten" : "Glemt" / "Forgotten",
        /// They do not want to meet now.
        Unwilling = "unwilling" : "Ønsker ikke at mødes nu" / "Does not want to meet now",
        /// The unit needs it so.
        Unit = "unit" : "Koordineringsenheden" / "The unit",
        /// Something else.
        Other = "other" : "Andet" / "Other",
    }
}

/// By whom and why, as far as it was said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Because {
    /// Whose side wished it.
    pub by: Option<Side>,
    /// Why.
    pub reason: Option<Reason>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The session's version before it: they count up.
    pub version: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// By whom and why.
    pub because: Because,
    /// When the session was to begin before the change.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// Shortly before it would have begun (a setting).
    pub late: bool,
    /// When (stated).
    pub happened_at: Instant,
    /// When it was written down.
    pub recorded_at: Instant,
    /// By whom; `None`: nobody at hand.
    pub recorded_by: Option<AccountId>,
}
