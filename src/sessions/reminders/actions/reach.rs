//! How whoever is told of a session is reached, before and after a 15th birthday.

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::people::{self, model::Reached};

/// How whoever is told of a session is reached: now, and from the 15th birthday on where that is still to come. What goes after it is planned by
/// the age on that day.
#[derive(Clone, Copy, Default)]
pub(super) struct ReachByAge {
    /// `None`: a part of a joint session is silent where another tells the same reader.
    now: Option<Reached>,
    /// From when it is otherwise, and how.
    own: Option<(Instant, Option<Reached>)>,
}

impl ReachByAge {
    /// `reach` says how at a moment; until then it is asked.
    pub(super) fn find(
        tx: &mut Tx<'_>,
        person: PersonId,
        until: Instant,
        reach: impl Fn(&mut Tx<'_>, Instant) -> Result<Option<Reached>>,
    ) -> Result<Self> {
        let now = tx.now;
        let own = match people::actions::find_own_from(tx, person)?.filter(|own_from| *own_from <= until) {
            Some(own_from) => Some((own_from, reach(tx, own_from)?)),
            None => None,
        };
        Ok(Self { now: reach(tx, now)?, own })
    }

    pub(super) fn at(&self, at: Instant) -> Option<Reached> {
        self.own.filter(|(own_from, _)| *own_from <= at).map_or(self.now, |(_, own)| own)
    }

    /// In one of the two ways, if there is any.
    pub(super) fn ever(&self) -> Option<Reached> {
        self.now.or_else(|| self.own.and_then(|(_, own)| own))
    }
}
