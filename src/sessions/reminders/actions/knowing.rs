//! By which start the reader of a session knows it: which of its moves they have heard of, by a message, by hand, or by their own wish.

use super::speaking::{changed_at, news};
use super::time_slot_of;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::duties;
use crate::messages::{self, Message};
use crate::people;
use crate::sessions::changes::{self, model::Change};
use crate::sessions::joint;
use crate::sessions::model::{Session, Side, State};
use crate::sessions::reminders::rules::{self, Step};

/// What its reader knows a session by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The start that they know it by, or may: of what takes place, before word of its latest change; one that it has not, where that is in doubt.
    pub(super) at: Instant,
    /// The earliest start to come at which they may come without that word.
    pub(super) expected_at: Instant,
}

/// What a session's reader knows it by. What is off is told of by that time; what was moved is told before it, and not to whoever knows no other.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn known(tx: &mut Tx<'_>, session: &Session) -> Result<Known> {
    let starts_at = session.starts_at;
    if session.state == State::Cancelled || session.moved_count == 0 {
        let at = known_at(tx, session)?;
        return Ok(Known { at, expected_at: at });
    }
    let since = session.timed_at;
    let may_be = known_before(tx, session, |message| messages::actions::may_have_gone_by(message, since))?;
    let arrived = |message: &Message| messages::actions::has_arrived(message) && message.settled_at.is_some_and(|at| at <= since);
    let known = [may_be, known_before(tx, session, arrived)?];
    let at = known.into_iter().find(|at| *at != starts_at).unwrap_or(starts_at);
    Ok(Known { at, expected_at: rules::expected_at(session, &known, since) })
}

/// The start that the reader of a session knew before its present time was set.
fn known_before(tx: &mut Tx<'_>, session: &Session, went: impl Fn(&Message) -> bool) -> Result<Instant> {
    let mut moves = moves_of(tx, session)?;
    let last = moves.last().is_some_and(|(change, _)| change.recorded_at == session.timed_at).then(|| moves.pop()).flatten();
    let mut steps = heard(tx, session, &moves, session.timed_at, went)?;
    steps.extend(last.map(|(change, to_at)| Step { from_at: change.starts_at, to_at, is_heard: false }));
    Ok(rules::known_at(session, &steps))
}

/// The start that the reader of what is off knows it by, or may; where that was past when it was cancelled, the one that they know for certain. Of what
/// takes place, the one it has.
fn known_at(tx: &mut Tx<'_>, session: &Session) -> Result<Instant> {
    if session.state != State::Cancelled {
        return Ok(session.starts_at);
    }
    let known_at = known_by(tx, session, messages::actions::may_have_left)?;
    let was_past = session.cancelled_at.is_some_and(|at| at >= known_at);
    if was_past { known_by(tx, session, messages::actions::has_arrived) } else { Ok(known_at) }
}

/// As [`super::speaking::expected_at`], of one session alone.
pub(super) fn expected_alone(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<Instant> {
    let known = [known_at(tx, session)?, known_by(tx, session, messages::actions::has_arrived)?];
    Ok(rules::expected_at(session, &known, since))
}

/// The starts by which the reader of a session may know it by now: from what left, and from what has arrived.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn known_now(tx: &mut Tx<'_>, session: &Session) -> Result<[Instant; 2]> {
    Ok([known_by(tx, session, messages::actions::may_have_left)?, known_by(tx, session, messages::actions::has_arrived)?])
}

/// The earliest start to come at which the reader of a session whose own is over may come in vain: who came to it, or to another part of it, does not.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn in_vain_at(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Instant>> {
    let now = tx.now;
    if session.moved_count == 0 || session.starts_at > now {
        return Ok(None);
    }
    let known = known_now(tx, session)?;
    match rules::in_vain_at(session, &known, now) {
        Some(_) if joint::actions::came_along(tx, session)? => Ok(None),
        at => Ok(at),
    }
}

/// Whether word of the time that a session has, or of what was changed together with it, has arrived since a moment.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn is_heard_since(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<bool> {
    let arrived = |message: &Message| messages::actions::has_arrived(message) && message.settled_at.is_some_and(|at| at >= since);
    if messages::actions::was_time_sent(tx, session.id, session.starts_at, session.timed_at, arrived)? {
        return Ok(true);
    }
    if session.telling.is_none() {
        return Ok(false);
    }
    let changed_at = changed_at(tx, session)?;
    Ok(news(tx, session, changed_at)?.iter().any(arrived))
}

/// The start that the reader knows it by from messages that `went`, from whom told them by hand, or by their own wish.
fn known_by(tx: &mut Tx<'_>, session: &Session, went: fn(&Message) -> bool) -> Result<Instant> {
    if session.moved_count == 0 {
        return Ok(session.starts_at);
    }
    let moves = moves_of(tx, session)?;
    let until = if session.state == State::Cancelled { changed_at(tx, session)? } else { tx.now };
    let steps = heard(tx, session, &moves, until, went)?;
    Ok(rules::known_at(session, &steps))
}

/// The moves of a session since it was agreed on, in order, each with the start it got. What only ends at another time was not moved.
pub(super) fn moves_of(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<(Change, Instant)>> {
    let moves = changes::actions::moves_since_agreed(tx, session.id)?;
    let ends: Vec<Instant> = moves.iter().skip(1).map(|change| change.starts_at).chain([session.starts_at]).collect();
    Ok(moves.into_iter().zip(ends).filter(|(change, to_at)| change.starts_at != *to_at).collect())
}

/// Which of these moves the reader had heard of by a moment.
fn heard(
    tx: &mut Tx<'_>,
    session: &Session,
    moves: &[(Change, Instant)],
    until: Instant,
    went: impl Fn(&Message) -> bool,
) -> Result<Vec<Step>> {
    let mut steps = Vec::with_capacity(moves.len());
    for (change, to_at) in moves {
        let is_heard = is_heard(tx, session, (change, *to_at), until, &went)?;
        steps.push(Step { from_at: change.starts_at, to_at: *to_at, is_heard });
    }
    Ok(steps)
}

/// Whether the reader had heard of a move by a moment: they wished it, be it for another part of a joint session, read the new time or that
/// appointments changed, or were told by hand.
fn is_heard(
    tx: &mut Tx<'_>,
    session: &Session,
    (change, to_at): (&Change, Instant),
    until: Instant,
    went: &impl Fn(&Message) -> bool,
) -> Result<bool> {
    let moved_at = change.recorded_at;
    if change.because.by == Some(Side::Person) || messages::actions::was_time_sent(tx, session.id, to_at, moved_at, went)? {
        return Ok(true);
    }
    let was_read = |message: &Message| went(message) && message.settled_at.is_some_and(|at| at <= until);
    if news(tx, session, moved_at)?.iter().any(was_read) {
        return Ok(true);
    }
    Ok(is_time_told_by_hand(tx, session, (to_at, moved_at))?
        || joint::actions::is_wished_along(tx, session, moved_at)?
        || is_heard_along(tx, session, (to_at, moved_at), went)?)
}

/// Whether somebody told by hand to when a session was moved, and when.
fn is_time_told_by_hand(tx: &mut Tx<'_>, session: &Session, (to_at, moved_at): (Instant, Instant)) -> Result<bool> {
    let slot = time_slot_of(session, to_at, moved_at);
    let by_hand = duties::store::find(tx, duties::Kind::TellByHand, session.id.cast(), &slot)?;
    Ok(by_hand.is_some_and(|duty| duty.state == duties::State::Done))
}

/// Whether the reader of a part of a joint session heard of its move by another part that they read for: one speaks for all.
fn is_heard_along(
    tx: &mut Tx<'_>,
    session: &Session,
    (to_at, moved_at): (Instant, Instant),
    went: &impl Fn(&Message) -> bool,
) -> Result<bool> {
    let others = joint::actions::all_others_of(tx, session.id)?;
    if others.is_empty() {
        return Ok(false);
    }
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    for other in others {
        let is_told =
            messages::actions::was_time_sent(tx, other.id, to_at, moved_at, went)? || is_time_told_by_hand(tx, &other, (to_at, moved_at))?;
        if is_told && people::actions::find_reader(tx, other.person, now)? == Some(reader) {
            return Ok(true);
        }
    }
    Ok(false)
}
