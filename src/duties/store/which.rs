//! Which promises a verb or a consequence means.

use crate::base::ids::{AccountId, AnyId, CaseId, MatchId, PersonId};
use crate::duties::model::Kind;
use crate::journal::Subject;

/// Which open promises are meant: every part given must fit.
#[derive(Clone, Debug, Default)]
pub struct Which<'a> {
    pub(super) kinds: Option<&'a [Kind]>,
    pub(super) subject: Option<AnyId>,
    pub(super) slot: Option<&'a str>,
    pub(super) case: Option<CaseId>,
    pub(super) person: Option<PersonId>,
    pub(super) matched: Option<MatchId>,
    pub(super) owner: Option<Option<AccountId>>,
}

impl<'a> Which<'a> {
    /// Of what made them, of these kinds: it is found with each.
    pub fn subject(subject: impl Into<Subject>, kinds: &'a [Kind]) -> Self {
        Self { subject: Some(subject.into().id), kinds: Some(kinds), ..Self::default() }
    }

    /// Of a case.
    pub fn case(case: CaseId) -> Self {
        Self { case: Some(case), ..Self::default() }
    }

    /// About a person.
    pub fn person(person: PersonId) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// About a match.
    pub fn matched(matched: MatchId) -> Self {
        Self { matched: Some(matched), ..Self::default() }
    }

    /// Of an owner.
    pub fn owner(owner: AccountId) -> Self {
        Self { owner: Some(Some(owner)), ..Self::default() }
    }

    /// Of these kinds only.
    #[must_use]
    pub const fn kinds(mut self, kinds: &'a [Kind]) -> Self {
        self.kinds = Some(kinds);
        self
    }

    /// Of this slot only.
    #[must_use]
    pub const fn slot(mut self, slot: &'a str) -> Self {
        self.slot = Some(slot);
        self
    }

    /// And of this owner; `None`: the unit's.
    #[must_use]
    pub const fn of_owner(mut self, owner: Option<AccountId>) -> Self {
        self.owner = Some(owner);
        self
    }
}
