//! Who reads of which parts of a joint session, and which of them speaks.

use super::{all_others_of, others_of};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{PersonId, SessionId};
use crate::cases;
use crate::people::{self, Reached};
use crate::sessions::changes::{self, model::Change};
use crate::sessions::joint::model::{Joint, ToldBy};
use crate::sessions::joint::{rules, store};
use crate::sessions::model::{Session, Side, State, Telling};
use crate::sessions::reminders::actions::back;

/// How a session's person is reached at a moment, as far as it is a part: `None` when another part already tells the same reader the same. Of what
/// is off while the same reader is expected at another each part speaks for itself, though no fixed text can say which of them it is.
///
/// # Errors
/// The database's and the vault's.
pub fn reach(tx: &mut Tx<'_>, session: &Session, at: Instant) -> Result<Option<Reached>> {
    let Some(whole) = find_whole(tx, session.id)? else { return people::actions::reach(tx, session.person, at).map(Some) };
    if whole.told(session) == ToldBy::Hand {
        return Ok(Some(Reached::ByHand("joint_session")));
    }
    let own = people::actions::reach(tx, session.person, at)?;
    let Reached::At { recipient, .. } = own else { return Ok(Some(own)) };
    // Of two that say the same to one reader the first speaks. That nobody came says nothing else of a start that is over.
    let now = tx.now;
    let says = |part: &Session| match part.state {
        State::NoShow | State::Tried if part.starts_at <= now => (State::Planned, part.starts_at),
        state => (state, part.starts_at),
    };
    let speaks_first = |other: &Session| other.id < session.id && says(other) == says(session);
    let still_takes_place =
        |other: &Session| session.state == State::Cancelled && other.state == State::Planned && other.starts_at == session.starts_at;
    let mut is_said = false;
    for other in all_others_of(tx, session.id)?.into_iter().filter(|other| speaks_first(other) || still_takes_place(other)) {
        if whole.is_read_by(tx, &other, recipient, at)? {
            if still_takes_place(&other) {
                return Ok(Some(own));
            }
            is_said = true;
        }
    }
    Ok((!is_said).then_some(own))
}

/// A joint session, for what is told of its parts.
struct Whole {
    joint: Joint,
    /// The custody holders of its case disagree.
    has_conflict: bool,
}

fn find_whole(tx: &mut Tx<'_>, part: SessionId) -> Result<Option<Whole>> {
    let Some(joint) = store::find_of(tx, part)? else { return Ok(None) };
    let joint = store::find_fact(tx, joint)?.ok_or(Code::NotFound)?;
    let has_conflict = cases::store::fact(tx, joint.case)?.is_some_and(|case| case.custody_conflict);
    Ok(Some(Whole { joint, has_conflict }))
}

impl Whole {
    fn told(&self, part: &Session) -> ToldBy {
        rules::told(&self.joint, self.has_conflict, part.matched)
    }

    fn is_read_by(&self, tx: &mut Tx<'_>, part: &Session, reader: PersonId, at: Instant) -> Result<bool> {
        Ok(self.told(part) == ToldBy::Message && is_reached(tx, part, reader, at)?)
    }
}

fn is_reached(tx: &mut Tx<'_>, session: &Session, reader: PersonId, at: Instant) -> Result<bool> {
    Ok(matches!(people::actions::reach(tx, session.person, at)?, Reached::At { recipient, .. } if recipient == reader))
}

/// The other parts of a session's joint session, at the same time, that its reader reads for, too.
///
/// # Errors
/// The database's and the vault's.
pub fn read_along(tx: &mut Tx<'_>, session: &Session, reader: PersonId) -> Result<Vec<Session>> {
    let Some(whole) = find_whole(tx, session.id)? else { return Ok(Vec::new()) };
    let (mut along, now) = (Vec::new(), tx.now);
    for other in others_of(tx, session.id)?.into_iter().filter(|other| other.starts_at == session.starts_at) {
        if whole.is_read_by(tx, &other, reader, now)? {
            along.push(other);
        }
    }
    Ok(along)
}

/// Whether a part takes place after all of which its reader heard that it was off, be the whole moved since, and they read for another part at that
/// time, too, whether that takes place or is off: no fixed text says which of them is back.
///
/// # Errors
/// The database's and the vault's.
pub fn is_back_beside(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    // A part speaks for all of one alone when it comes back: several are moved and cancelled by verbs of their own.
    let is_back = session.state == State::Planned && session.telling == Some(Telling::ForAll);
    // Most are neither, and not looked up.
    if !is_back && session.moved_count == 0 {
        return Ok(false);
    }
    Ok(is_read_beside(tx, session)? && (is_back || back::is_thought_off_still(tx, session)?))
}

/// Whether no message says which part of a joint session it is about: its reader reads for another at its time, too, be that planned or off.
///
/// # Errors
/// The database's and the vault's.
pub fn is_read_beside(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let Some(whole) = find_whole(tx, session.id)? else { return Ok(false) };
    let now = tx.now;
    let Reached::At { recipient, .. } = people::actions::reach(tx, session.person, now)? else { return Ok(false) };
    if whole.told(session) == ToldBy::Hand {
        return Ok(false);
    }
    for other in all_others_of(tx, session.id)? {
        let is_then = other.starts_at == session.starts_at && matches!(other.state, State::Planned | State::Cancelled);
        if is_then && whole.is_read_by(tx, &other, recipient, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The other parts of a cancelled one, off at the same time, that its reader reads for now, too: word of one of them is word of it.
///
/// # Errors
/// The database's and the vault's.
pub fn off_along(tx: &mut Tx<'_>, cancelled: &Session) -> Result<Vec<Session>> {
    let mut others = all_others_of(tx, cancelled.id)?;
    others.retain(|other| other.state == State::Cancelled && other.starts_at == cancelled.starts_at);
    if others.is_empty() {
        return Ok(others);
    }
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, cancelled.person, now)? else { return Ok(Vec::new()) };
    let mut along = Vec::with_capacity(others.len());
    for other in others {
        if is_read_by(tx, &other, reader)? {
            along.push(other);
        }
    }
    Ok(along)
}

/// Whether a reader reads for a session now, be it told by itself or by another part of its joint session.
///
/// # Errors
/// The database's and the vault's.
pub fn is_read_by(tx: &mut Tx<'_>, session: &Session, reader: PersonId) -> Result<bool> {
    let (now, whole) = (tx.now, find_whole(tx, session.id)?);
    match whole {
        Some(whole) => whole.is_read_by(tx, session, reader, now),
        None => is_reached(tx, session, reader, now),
    }
}

/// Whether a reader wished a move of a session, made at a moment, for another part of its joint session: of this one it is said that the unit moved
/// it, but its reader knows.
///
/// # Errors
/// The database's.
pub fn is_wished_along(tx: &mut Tx<'_>, session: &Session, moved_at: Instant) -> Result<bool> {
    let others = all_others_of(tx, session.id)?;
    if others.is_empty() {
        return Ok(false);
    }
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    let is_wish = |change: &Change| change.recorded_at == moved_at && change.because.by == Some(Side::Person);
    for other in others {
        let is_wished = changes::actions::moves_of(tx, other.id)?.iter().any(is_wish);
        if is_wished && people::actions::find_reader(tx, other.person, now)? == Some(reader) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the reader of a part was met at another that they read for: whoever came knows.
///
/// # Errors
/// The database's.
pub fn came_along(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let mut others = all_others_of(tx, session.id)?;
    others.retain(|other| other.state == State::Held);
    if others.is_empty() {
        return Ok(false);
    }
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    for other in others {
        if people::actions::find_reader(tx, other.person, now)? == Some(reader) {
            return Ok(true);
        }
    }
    Ok(false)
}
