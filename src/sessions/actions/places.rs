//! Where they meet, as far as the caller may see it.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Reach, Tx};
use crate::base::error::Result;
use crate::base::ids::{JointId, PersonId, SessionId};
use crate::matching;
use crate::sessions::joint;
use crate::sessions::model::Session;

/// Sessions as the caller may see them: without the place where that is hidden ([`matching::actions::hidden_places`]) of the session's person, or of
/// anybody who is met at the same joint session; `joints`: of which each is a part ([`joint::actions::joint_of`]). Every answer that shows where a
/// session is takes it from here. Not to be saved.
///
/// # Errors
/// The database's.
pub fn shown(tx: &mut Tx<'_>, mut sessions: Vec<Session>, joints: &BTreeMap<SessionId, JointId>) -> Result<Vec<Session>> {
    let placed = || sessions.iter().filter(|session| session.place.is_some());
    if placed().next().is_none() || tx.reaches(Reach::All) {
        return Ok(sessions);
    }
    let parts = joint::actions::list_met(tx, &placed().filter_map(|session| joints.get(&session.id)).copied().collect())?;
    let met: BTreeSet<PersonId> = placed().map(|session| session.person).chain(parts.iter().map(|part| part.person)).collect();
    let hidden = matching::actions::hidden_places(tx, &met.into_iter().collect::<Vec<_>>())?;
    let without = joint::rules::without_place(&parts, &hidden);
    for session in &mut sessions {
        let is_beside = joints.get(&session.id).is_some_and(|joint| without.contains(joint));
        if is_beside || hidden.contains(&session.person) {
            session.place = None;
        }
    }
    Ok(sessions)
}
