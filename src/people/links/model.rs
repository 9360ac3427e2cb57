//! A yes or no to links.

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, LinkChoiceId, PersonId};

/// A choice as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkChoice {
    /// Its id.
    pub id: LinkChoiceId,
    /// Whose appointments.
    pub person: PersonId,
    /// Who chose: the person, or the custody holder who gets the child's reminders.
    pub chooser: PersonId,
    /// Yes or no.
    pub wants_links: bool,
    /// When it was said (stated).
    pub happened_at: Instant,
    /// When it was written down.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: AccountId,
}
