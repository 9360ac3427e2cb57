//! Bars as facts.

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, PersonId, RelationId};
use crate::coded;
use crate::journal::Subject;

coded! {
    /// Why an account must never see a person.
    pub enum BarCause {
        /// The account's own family or another close relation.
        Family = "family" : "Familie eller nær relation" / "Family or close relation",
        /// A neighbour or another acquaintance.
        Acquaintance = "acquaintance" : "Nabo eller bekendt" / "Neighbour or acquaintance",
        /// The person is the account's owner.
        OwnRecord = "own_record" : "Egen sag" / "Own record",
        /// Another conflict of interest.
        Conflict = "conflict" : "Anden inhabilitet" / "Other conflict of interest",
    }
}

coded! {
    /// What a bar brings with it that somebody must look after; it stands all the same.
    pub enum BarWarning {
        /// An open case of the person is one that no coordinator may see any more.
        NobodyLeft = "nobody_left" : "Ingen koordinator kan se en åben sag mere" / "No coordinator may see an open case any more",
    }
}

/// A bar (inhabilitet): for the account the person, their cases, enquiries, duties and list hits do not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its id: the cause of every relation it made.
    pub id: RelationId,
    /// Who must not see.
    pub account: AccountId,
    /// What it is on: a person, or at intake an enquiry of which nobody knows yet whom it is about.
    pub subject: Subject,
    /// Why.
    pub cause: BarCause,
    /// Since when.
    pub from_at: Instant,
    /// Until when; `None` while it stands.
    pub until_at: Option<Instant>,
}

impl Bar {
    /// A bar is entered, and once ended.
    pub const fn version(&self) -> i64 {
        if self.until_at.is_some() { 2 } else { 1 }
    }
}

/// Which bars a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BarFilter {
    pub(super) account: Option<AccountId>,
    pub(super) person: Option<PersonId>,
    pub(super) ended: bool,
}

/// The key of the list's order: oldest first.
pub(super) type ByAge = (Instant, RelationId);
