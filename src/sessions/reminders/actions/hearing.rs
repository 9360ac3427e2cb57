//! Who of a session's readers has heard of it: with whom it was agreed on, and who was told by hand.

use super::beside;
use super::knowing::Known;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::duties::{self, Kind, State as DutyState};
use crate::people::{self, model::Reached};
use crate::sessions::model::{Session, State};
use crate::sessions::reminders::rules;

/// Since when the reader of a session that takes place has known it by the start that it has; `None`: nobody has told them. Asked only where that
/// decides whether a message goes: its reminder's moment is past, and no word of a change tells of it.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn heard_at(tx: &mut Tx<'_>, session: &Session, known: Known, reached: Reached) -> Result<Option<Instant>> {
    let is_known = session.state == State::Planned && known.at == session.starts_at;
    if !is_known || matches!(reached, Reached::ByHand(_)) || !rules::is_past_reminding(session, tx.now, tx.programme) {
        return Ok(known.since);
    }
    let agreed_at = if is_theirs(tx, session.person, known.since)? { known.since } else { None };
    let mut errands = Vec::new();
    for errand in duties::store::list_all(tx, Kind::TellByHand, session.id.cast())? {
        // What another was told by hand is no word to whoever reads by now.
        let counts = errand.state != DutyState::Done || is_theirs(tx, session.person, errand.closed_at)?;
        if counts && rules::is_of_start(&errand, session.starts_at) {
            errands.push(errand);
        }
    }
    let heard_at = rules::heard_at(agreed_at, session.timed_at, &errands);
    // Whoever agreed on it, and read that another at that very moment is off, is told by hand: no text says which of the two it is.
    if heard_at.is_none() && agreed_at.is_some() && beside::is_thought_off(tx, session, reached)? {
        return Ok(agreed_at);
    }
    Ok(heard_at)
}

/// Whether what a person's reader agreed on or was told at a moment, if they were, was so with whoever reads for the person by now.
fn is_theirs(tx: &mut Tx<'_>, person: PersonId, at: Option<Instant>) -> Result<bool> {
    at.map_or(Ok(false), |at| people::actions::is_reader_since(tx, person, at))
}
