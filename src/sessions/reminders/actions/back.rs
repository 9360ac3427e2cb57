//! What was off and takes place after all: whether its reader had heard that it is off, and has not heard that it is back.

use super::knowing::{had_arrived, is_heard_alone, is_told_by_hand, moves_of};
use super::speaking::{changed_at, find_told_by_hand, find_told_reader, news};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::messages::{self, Message};
use crate::sessions::model::{Session, State, Telling};
use crate::sessions::reminders::rules;
use crate::sessions::{changes, joint};

/// Whether the reader of a session that came back, and was moved before they heard of that, alone or with others, still thought that it is off when its
/// present time was set, and nobody has told them otherwise by hand since: wherever it is by now, it has to be told.
///
/// # Errors
/// The database's and the vault's.
pub fn is_thought_off_still(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    if session.state != State::Planned || session.moved_count == 0 {
        return Ok(false);
    }
    let Some((off_at, back_at)) = changes::actions::last_back(tx, session)? else { return Ok(false) };
    Ok(!is_heard_back(tx, session, back_at)?
        && find_told_reader(tx, session, session.timed_at)?.is_none()
        && was_off_heard(tx, session, off_at, back_at)?)
}

/// Whether a session came back, is as it was, and nobody had told that it was off after all, as far as that can be told by now: of a part of a joint
/// session it stays as it was found then.
pub(super) fn is_no_news(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    if session.state != State::Planned || session.telling != Some(Telling::ForAll) {
        return Ok(false);
    }
    let Some((off_at, back_at)) = changes::actions::last_back(tx, session)? else { return Ok(false) };
    if back_at != changed_at(tx, session)? || !joint::actions::all_others_of(tx, session.id)?.is_empty() {
        return Ok(false);
    }
    Ok(!was_off_heard(tx, session, off_at, back_at)?)
}

/// Whether the reader may have heard, before a session came back, that it is off: by a message of its own, also of an earlier time that it was, by
/// another that spoke for it, or by hand.
fn was_off_heard(tx: &mut Tx<'_>, session: &Session, off_at: Instant, back_at: Instant) -> Result<bool> {
    let may_have_left = |message: &Message| {
        let left = messages::actions::may_have_left(message) || messages::actions::may_have_gone(message);
        left && message.planned_at <= back_at
    };
    Ok(messages::actions::was_cancellation_sent(tx, session.id, may_have_left)?
        || is_off_heard_by(tx, session, (off_at, back_at), &may_have_left)?)
}

/// Whether the reader of a session that is off since a moment had heard of that until another moment: from a message that `went`, of its own, of
/// another part of it or of another that spoke for it, or by hand.
pub(super) fn is_off_heard_by(
    tx: &mut Tx<'_>,
    session: &Session,
    (off_at, until): (Instant, Instant),
    went: &impl Fn(&Message) -> bool,
) -> Result<bool> {
    let says_so = |message: &Message| off_at <= message.planned_at && went(message);
    let mut parts = joint::actions::all_others_of(tx, session.id)?;
    parts.push(session.clone());
    for part in parts {
        if messages::actions::was_cancellation_sent(tx, part.id, says_so)? {
            return Ok(true);
        }
    }
    Ok(news(tx, session, off_at)?.iter().any(says_so)
        || find_told_by_hand(tx, session, &rules::off_slot(off_at), off_at, Some(until))?.is_some())
}

/// Whether word that a session came back, or of a move since, had arrived when its present time was set. Of a part of a joint session beside which its
/// reader reads for another no message is such word: that something was moved does not say that this part takes place.
fn is_heard_back(tx: &mut Tx<'_>, session: &Session, back_at: Instant) -> Result<bool> {
    let (until, is_clear) = (session.timed_at, !joint::actions::is_read_beside(tx, session)?);
    let arrived = |message: &Message| is_clear && had_arrived(message, until);
    let mut moves = moves_of(tx, session)?;
    moves.retain(|(change, _)| change.recorded_at >= back_at);
    let at = moves.first().map_or(session.starts_at, |(change, _)| change.starts_at);
    if messages::actions::was_time_sent(tx, session.id, at, back_at, arrived)?
        || news(tx, session, back_at)?.iter().any(arrived)
        || is_told_by_hand(tx, session, (at, back_at), until)?
    {
        return Ok(true);
    }
    for (change, to_at) in &moves {
        // Word of another part of a joint session does not say that this one is back.
        if is_heard_alone(tx, session, (change, *to_at), until, &arrived)? {
            return Ok(true);
        }
    }
    Ok(false)
}
