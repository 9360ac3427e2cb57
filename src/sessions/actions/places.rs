//! Where they meet, as far as the caller may see it.

use std::collections::BTreeSet;

use crate::access::{Reach, Tx};
use crate::base::error::Result;
use crate::base::ids::{PersonId, SessionId};
use crate::matching;
use crate::sessions::joint;
use crate::sessions::model::Session;

/// Sessions as the caller may see them: without the place where that is hidden ([`matching::actions::hidden_places`]) of the session's person, or of
/// anybody who is met at the same joint session. Every answer that shows where a session is takes it from here. Not to be saved.
///
/// # Errors
/// The database's.
pub fn shown(tx: &mut Tx<'_>, mut sessions: Vec<Session>) -> Result<Vec<Session>> {
    let placed = || sessions.iter().filter(|session| session.place.is_some());
    let ids: Vec<SessionId> = placed().map(|session| session.id).collect();
    if ids.is_empty() || tx.reaches(Reach::All) {
        return Ok(sessions);
    }
    let joints = joint::actions::joint_of(tx, &ids)?;
    let parts = joint::actions::list_met(tx, &joints.values().copied().collect())?;
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
