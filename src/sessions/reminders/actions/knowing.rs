//! By which start the reader of a session knows it: which of its moves they have heard of, by a message, by hand, or by their own wish.

use super::back;
use super::errands::time_slot_of;
use super::speaking::{changed_at, find_told_by_hand, find_told_reader, news, speaks_for, words};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::messages::{self, Message};
use crate::people;
use crate::sessions::changes::{self, model::Change};
use crate::sessions::joint;
use crate::sessions::model::{Session, Side, State};
use crate::sessions::reminders::rules::{self, Step};
use crate::sessions::store;

/// What its reader knows a session by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The start that they know it by, or may: of what takes place, before word of its latest change, but for what they were told by hand; one that it
    /// has not, where that is in doubt.
    pub(super) at: Instant,
    /// Since when, where that is the start it has: since it was agreed on, or word of the move there had arrived. `None`: it never was agreed on.
    pub(super) since: Option<Instant>,
    /// The earliest start to come at which they may come without that word.
    pub(super) expected_at: Instant,
}

/// A move, and the start it got.
type Moved = (Change, Instant);

/// What a session's reader knows it by. What is off is told of by that time; what was moved is told before it, and not to whoever knows no other.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn known(tx: &mut Tx<'_>, session: &Session) -> Result<Known> {
    if session.state == State::Cancelled {
        // Where what they may know was past when it was cancelled, they know it by what they know for certain.
        let [may_be, certain] = known_now(tx, session)?;
        let at = if session.cancelled_at.is_some_and(|at| at >= may_be) { certain } else { may_be };
        return Ok(Known { at, since: None, expected_at: at });
    }
    let (starts_at, (moves, last)) = (session.starts_at, moves_before(tx, session)?);
    if last.is_some()
        && let Some(told_at) = find_told_reader(tx, session, session.timed_at)?
    {
        return Ok(Known { at: starts_at, since: Some(told_at), expected_at: starts_at });
    }
    let known = known_before(tx, session, (&moves, last))?;
    let at = known.into_iter().find(|at| *at != starts_at).unwrap_or(starts_at);
    let since = if at == starts_at { known_since(tx, session, &moves)? } else { None };
    Ok(Known { at, since, expected_at: rules::expected_at(session, &known, session.timed_at) })
}

/// The starts that the reader of a session may have known it by before its present time was set: from what left by then, and from what had arrived.
fn known_before(tx: &mut Tx<'_>, session: &Session, (moves, last): (&[Moved], Option<Moved>)) -> Result<[Instant; 2]> {
    let since = session.timed_at;
    let present = last.map(|(change, to_at)| Step { from_at: change.starts_at, to_at, is_heard: false });
    Ok([
        known_by(tx, session, (moves, present), since, |message| messages::actions::may_have_gone_by(message, since))?,
        known_by(tx, session, (moves, present), since, |message| had_arrived(message, since))?,
    ])
}

/// Since when the reader of a session knew the start that it has before that was set anew: since the last move there of which word had arrived, else
/// since it was agreed on.
fn known_since(tx: &mut Tx<'_>, session: &Session, moves: &[Moved]) -> Result<Option<Instant>> {
    let since = session.timed_at;
    for (change, to_at) in moves.iter().rev() {
        if is_heard(tx, session, (change, *to_at), since, &|message: &Message| had_arrived(message, since))? {
            return Ok(Some(change.recorded_at));
        }
    }
    Ok(session.agreed_at)
}

/// The moves of a session before its present time was set, and the one that set it.
fn moves_before(tx: &mut Tx<'_>, session: &Session) -> Result<(Vec<Moved>, Option<Moved>)> {
    let mut moves = moves_of(tx, session)?;
    let last = moves.pop_if(|(change, _)| change.recorded_at == session.timed_at);
    Ok((moves, last))
}

pub(super) fn had_arrived(message: &Message, by: Instant) -> bool {
    messages::actions::has_arrived(message) && message.settled_at.is_some_and(|at| at <= by)
}

/// The starts that the reader of a session may know it by now, or when it was cancelled: from what left, and from what has arrived.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn known_now(tx: &mut Tx<'_>, session: &Session) -> Result<[Instant; 2]> {
    let moves = moves_of(tx, session)?;
    if moves.is_empty() {
        return Ok([session.starts_at; 2]);
    }
    let until = if session.state == State::Cancelled { changed_at(tx, session)? } else { tx.now };
    Ok([
        known_by(tx, session, (&moves, None), until, messages::actions::may_have_left)?,
        known_by(tx, session, (&moves, None), until, messages::actions::has_arrived)?,
    ])
}

/// The start that the reader of a session knew it by at a moment: by the last of these moves that they had heard of, from messages that `went`, from
/// whom told them by hand, or by their own wish. What came then they had not heard of: what was moved `later`, or set its present time.
fn known_by(
    tx: &mut Tx<'_>,
    session: &Session,
    (moves, later): (&[Moved], impl IntoIterator<Item = Step>),
    until: Instant,
    went: impl Fn(&Message) -> bool,
) -> Result<Instant> {
    let mut steps = Vec::with_capacity(moves.len());
    for (change, to_at) in moves {
        let is_heard = is_heard(tx, session, (change, *to_at), until, &went)?;
        steps.push(Step { from_at: change.starts_at, to_at: *to_at, is_heard });
    }
    steps.extend(later);
    Ok(rules::known_at(session, &steps))
}

/// When a session left the start that its reader knows it by: it was moved from there, or last changed.
pub(super) fn left_at(tx: &mut Tx<'_>, session: &Session, known_at: Instant) -> Result<Instant> {
    match moves_of(tx, session)?.iter().rfind(|(change, _)| change.starts_at == known_at) {
        Some((change, _)) => Ok(change.recorded_at),
        None => changed_at(tx, session),
    }
}

/// Whether the reader of a session knew by a moment that it is at a start: of what was moved then, or later, they had not heard, nor had they come to
/// it elsewhere, taken it off, or heard that it is.
pub(super) fn was_known_at(tx: &mut Tx<'_>, session: &Session, at: Instant, until: Instant) -> Result<bool> {
    let was_met = session.state == State::Held && session.starts_at <= until;
    if was_met || !session.was_planned || session.was_only_proposed() || is_known_off(tx, session, until)? {
        return Ok(false);
    }
    let (before, later): (Vec<Moved>, Vec<Moved>) = moves_of(tx, session)?.into_iter().partition(|(change, _)| change.recorded_at < until);
    let unheard = later.into_iter().map(|(change, to_at)| Step { from_at: change.starts_at, to_at, is_heard: false });
    Ok(known_by(tx, session, (&before, unheard), until, |message| had_arrived(message, until))? == at)
}

/// Whether the reader of a session had heard by a moment that it is off, or had taken it off themselves.
fn is_known_off(tx: &mut Tx<'_>, session: &Session, until: Instant) -> Result<bool> {
    if session.state != State::Cancelled {
        return Ok(false);
    }
    let off_at = changed_at(tx, session)?;
    let arrived = |message: &Message| had_arrived(message, until);
    Ok(off_at < until && (session.cancelled_by == Some(Side::Person) || back::is_off_heard_by(tx, session, (off_at, until), &arrived)?))
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

/// The moves of a session since it was agreed on, in order, each with the start it got. What only ends at another time was not moved.
pub(super) fn moves_of(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Moved>> {
    if session.moved_count == 0 {
        return Ok(Vec::new());
    }
    let moves = changes::actions::moves_since_agreed(tx, session.id)?;
    let ends: Vec<Instant> = moves.iter().skip(1).map(|change| change.starts_at).chain([session.starts_at]).collect();
    Ok(moves.into_iter().zip(ends).filter(|(change, to_at)| change.starts_at != *to_at).collect())
}

/// Whether the reader had heard of a move by a moment, be it of another part of a joint session: they wished it, read of it or were told by hand. What
/// is leaving at that moment is read, where it `went`.
pub(super) fn is_heard(
    tx: &mut Tx<'_>,
    session: &Session,
    (change, to_at): (&Change, Instant),
    until: Instant,
    went: &impl Fn(&Message) -> bool,
) -> Result<bool> {
    let moved_at = change.recorded_at;
    Ok(is_heard_alone(tx, session, (change, to_at), until, went)?
        || joint::actions::is_wished_along(tx, session, moved_at)?
        || is_heard_along(tx, session, (to_at, moved_at), until, went)?)
}

/// As [`is_heard`], of the session itself: its reader read the new time, be it as the next of all that they read for, or that appointments changed.
pub(super) fn is_heard_alone(
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
    let was_read = |message: &Message| went(message) && message.settled_at.map_or(message.planned_at < until, |at| at <= until);
    let mut read = words(tx, session, moved_at)?;
    read.retain(was_read);
    for message in &read {
        if speaks_for(tx, message, session, moved_at)? {
            return Ok(true);
        }
    }
    if read.iter().any(|message| message.about_at == Some(to_at)) && !is_anothers(tx, session, to_at)? {
        return Ok(true);
    }
    is_told_by_hand(tx, session, (to_at, moved_at), until)
}

/// Whether somebody else that the reader of a session reads for has, or had, one at a moment: whoever reads of that moment may take it to be theirs.
fn is_anothers(tx: &mut Tx<'_>, session: &Session, at: Instant) -> Result<bool> {
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    let mut others = people::actions::read_by(tx, reader)?;
    others.retain(|person| *person != session.person);
    store::fact_ever_at(tx, &others, at)
}

/// Whether somebody had told by hand, by a moment, to when a session was moved, or of all that was changed with it.
pub(super) fn is_told_by_hand(tx: &mut Tx<'_>, session: &Session, (to_at, moved_at): (Instant, Instant), until: Instant) -> Result<bool> {
    let slot = time_slot_of(session, to_at, moved_at);
    Ok(find_told_by_hand(tx, session, &slot, moved_at, Some(until))?.is_some())
}

/// Whether the reader of a part of a joint session heard of its move by another part that they read for: one speaks for all.
fn is_heard_along(
    tx: &mut Tx<'_>,
    session: &Session,
    (to_at, moved_at): (Instant, Instant),
    until: Instant,
    went: &impl Fn(&Message) -> bool,
) -> Result<bool> {
    let others = joint::actions::all_others_of(tx, session.id)?;
    if others.is_empty() {
        return Ok(false);
    }
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    for other in others {
        let is_told = messages::actions::was_time_sent(tx, other.id, to_at, moved_at, went)?
            || is_told_by_hand(tx, &other, (to_at, moved_at), until)?;
        if is_told && people::actions::find_reader(tx, other.person, now)? == Some(reader) {
            return Ok(true);
        }
    }
    Ok(false)
}
