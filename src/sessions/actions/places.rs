//! Where they meet, as far as the caller may see it.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Reach, Tx};
use crate::base::error::Result;
use crate::base::ids::{JointId, PersonId, SessionId};
use crate::matching;
use crate::sessions::joint;
use crate::sessions::model::Session;

/// Of whom, and at which joint sessions, the caller sees no place.
#[derive(Debug, Default)]
pub struct Hidden {
    people: BTreeSet<PersonId>,
    joints: BTreeSet<JointId>,
}

impl Hidden {
    /// Whether the place of a session with a person is hidden, which may be a part of a joint one.
    pub fn hides(&self, person: PersonId, joint: Option<JointId>) -> bool {
        self.people.contains(&person) || joint.is_some_and(|joint| self.joints.contains(&joint))
    }
}

/// Where the place is hidden ([`matching::actions::hidden_places`]): of which of these people, and at which of these joint sessions, as it is of anybody
/// who is met there.
///
/// # Errors
/// The database's.
pub fn hidden(tx: &mut Tx<'_>, people: BTreeSet<PersonId>, joints: &BTreeSet<JointId>) -> Result<Hidden> {
    if people.is_empty() || tx.reaches(Reach::All) {
        return Ok(Hidden::default());
    }
    let parts = joint::actions::list_met(tx, joints)?;
    let met: BTreeSet<PersonId> = people.into_iter().chain(parts.iter().map(|part| part.person)).collect();
    let people = matching::actions::hidden_places(tx, &met.into_iter().collect::<Vec<_>>())?;
    Ok(Hidden { joints: joint::rules::without_place(&parts, &people), people })
}

/// Sessions as the caller may see them: without the place where that is [`hidden`]; `joints`: of which each is a part ([`joint::actions::joint_of`]).
/// Every answer that shows where a session is takes it from here. Not to be saved.
///
/// # Errors
/// The database's.
pub fn shown(tx: &mut Tx<'_>, mut sessions: Vec<Session>, joints: &BTreeMap<SessionId, JointId>) -> Result<Vec<Session>> {
    let placed = || sessions.iter().filter(|session| session.place.is_some());
    let people = placed().map(|session| session.person).collect();
    let met = placed().filter_map(|session| joints.get(&session.id)).copied().collect();
    let hidden = hidden(tx, people, &met)?;
    for session in &mut sessions {
        if hidden.hides(session.person, joints.get(&session.id).copied()) {
            session.place = None;
        }
    }
    Ok(sessions)
}
