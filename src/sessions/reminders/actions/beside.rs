//! What else is read of at the very moment of a session, on the same phone or in the same mailbox: no fixed text says which of the two is off, or was
//! moved.

use super::{knowing, sync};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{PersonId, SessionId};
use crate::people::{self, model::Reached};
use crate::sessions::actions::steps::was_told_of_its_end;
use crate::sessions::model::{Session, State};
use crate::sessions::{joint, store};

/// The other sessions in a state that begin at a moment and are read of where a session is.
pub(super) fn read_with(tx: &mut Tx<'_>, session: &Session, reached: Reached, at: Instant, state: State) -> Result<Vec<Session>> {
    let others = store::fact_at(tx, at, state)?;
    read_there(tx, session, reached, others)
}

/// Which other ones of these sessions, with whom is met, are read of where a session is.
fn read_there(tx: &mut Tx<'_>, session: &Session, reached: Reached, mut others: Vec<(SessionId, PersonId)>) -> Result<Vec<Session>> {
    let Reached::At { recipient, channel, .. } = reached else { return Ok(Vec::new()) };
    others.retain(|(id, _)| *id != session.id);
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let Some(address) = people::actions::peek_address(tx, recipient, channel)? else { return Ok(Vec::new()) };
    let mut with = Vec::new();
    for (id, person) in others {
        if people::actions::is_read_at(tx, person, &address)? {
            with.extend(store::find_fact(tx, id)?);
        }
    }
    Ok(with)
}

/// Whether something else is read of where a session is at the start that its reader knows it by, who is to be told that it is off or elsewhere: it
/// is, or was, there; or it was when this one left, for all that they had heard by then, be it elsewhere or off by now, or by then. What is off like it,
/// or was moved with it to the same time, is in the same word.
pub(super) fn is_doubtful(tx: &mut Tx<'_>, session: &Session, reached: Reached, known_at: Instant) -> Result<bool> {
    let left_at = knowing::left_at(tx, session, known_at)?;
    let others = store::fact_ever_begun_at(tx, known_at)?;
    for other in read_there(tx, session, reached, others)? {
        let is_along = match session.state {
            State::Cancelled => other.state == State::Cancelled,
            _ => (other.starts_at, other.timed_at) == (session.starts_at, session.timed_at),
        };
        let is_there = other.state != State::Cancelled && other.starts_at == known_at;
        if is_there || !is_along && knowing::was_known_at(tx, &other, known_at, left_at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether it was read where a session is, or may have been, that another at that very moment is off.
pub(super) fn is_thought_off(tx: &mut Tx<'_>, session: &Session, reached: Reached) -> Result<bool> {
    for other in read_with(tx, session, reached, session.starts_at, State::Cancelled)? {
        if was_told_of_its_end(tx, &other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Consequence of a session that takes place from now on, or at another time: that another at that very moment is off may be unclear.
///
/// # Errors
/// The database's and the vault's.
pub fn agree(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let now = tx.now;
    if session.state != State::Planned || session.starts_at <= now {
        return Ok(());
    }
    let Some(reached) = joint::actions::reach(tx, session, now)? else { return Ok(()) };
    for off in read_with(tx, session, reached, session.starts_at, State::Cancelled)? {
        sync(tx, &off)?;
    }
    Ok(())
}

/// Consequence: nobody was told, after all, that a session is off. Nor is another at that very moment thought to be off by that, whoever is read of.
///
/// # Errors
/// The database's and the vault's.
pub fn agree_untold(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let now = tx.now;
    if session.state != State::Cancelled || session.starts_at <= now {
        return Ok(());
    }
    let Some(reached) = joint::actions::reach(tx, session, now)? else { return Ok(()) };
    for planned in read_with(tx, session, reached, session.starts_at, State::Planned)? {
        sync(tx, &planned)?;
    }
    Ok(())
}

/// As [`agree`], for sessions of one match that were planned in this very verb: they agree with what is off, too.
///
/// # Errors
/// The database's and the vault's.
pub fn agree_new(tx: &mut Tx<'_>, new: &[Session]) -> Result<()> {
    let off = store::fact_starts_off(tx, new.iter().map(|session| session.starts_at).collect())?;
    for session in new.iter().filter(|session| off.contains(&session.starts_at)) {
        agree(tx, session)?;
        sync(tx, session)?;
    }
    Ok(())
}
