//! Who speaks for what was changed in one word, and what its reader has heard.
//!
//! Of several sessions that one verb changed, the first to come speaks for all. Where it cannot any more (it began before its word went, takes place
//! after all, was logged, or was changed once more) the next that still stands as it was changed does, until its reader was told by any of them
//! that their appointments have changed.

use super::time_slot_of;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::duties;
use crate::messages::{self, Message};
use crate::people;
use crate::sessions::changes::{self, model::Change};
use crate::sessions::model::{Session, Side, State, Telling};
use crate::sessions::reminders::rules::{self, Step};
use crate::sessions::store;

/// A session that was changed together with others, and still stands so.
struct Together {
    id: SessionId,
    state: State,
    telling: Option<Telling>,
    /// When they were changed: the same moment for all of one verb.
    changed_at: Instant,
}

/// What of a person was changed together with others and is still to come, or would be, by start.
fn together(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Together>> {
    let coming = store::fact_changed_together(tx, session.person)?;
    if coming.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<SessionId> = coming.iter().map(|(id, ..)| *id).collect();
    let last = changes::actions::last_of(tx, &ids)?;
    let mut together = Vec::with_capacity(coming.len());
    for (id, state, telling) in coming {
        together.extend(last.get(&id).map(|changed_at| Together { id, state, telling, changed_at: *changed_at }));
    }
    Ok(together)
}

/// Who tells of a session's latest change by now.
///
/// # Errors
/// The database's and the vault's.
pub fn telling(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Telling>> {
    if session.telling != Some(Telling::ByOther) {
        return Ok(session.telling);
    }
    let all = together(tx, session)?;
    let Some(own) = all.iter().find(|other| other.id == session.id) else { return Ok(session.telling) };
    let mut group = all.iter().filter(|other| other.changed_at == own.changed_at);
    let has_speaker = group.clone().any(|other| other.telling == Some(Telling::ForAll));
    let is_first = group.next().is_some_and(|first| first.id == session.id);
    if has_speaker || !is_first || is_told(tx, session, own.changed_at)? {
        return Ok(session.telling);
    }
    Ok(Some(Telling::ForAll))
}

/// Whether the reader was told since then, for another session of the person, that appointments have changed.
fn is_told(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<bool> {
    let is_over = |message: &Message| {
        use messages::State::{Accepted, Refused, Unknown};
        message.subject_id != session.id.cast() && matches!(message.state, Accepted | Refused | Unknown)
    };
    Ok(news(tx, session, since)?.iter().any(is_over))
}

/// That appointments have changed: what of this its reader was to be told about the person since then, the last to come to its end last.
fn news(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<Vec<Message>> {
    let Some(reader) = people::actions::find_reader(tx, session.person)? else { return Ok(Vec::new()) };
    let kind = messages::Kind::AppointmentsChanged;
    let mut news = messages::actions::list_since(tx, reader, kind, since, people::actions::is_reached_at)?;
    news.retain(|message| message.person == Some(session.person));
    Ok(news)
}

/// The sessions that must be asked again what is told of them when this one was: the first of what was changed together with it, which may have
/// to speak now, and the first that takes place, of which somebody may have to tell by hand.
///
/// # Errors
/// The database's.
pub fn concerned(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Session>> {
    let all = together(tx, session)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let moments = match all.iter().find(|other| other.id == session.id) {
        Some(own) if own.telling == Some(Telling::ForAll) => vec![own.changed_at],
        // It neither speaks nor did.
        Some(_) => return Ok(Vec::new()),
        None => changes::actions::moments_of(tx, session.id)?,
    };
    let mut concerned = Vec::new();
    for moment in moments {
        let mut group = all.iter().filter(|other| other.changed_at == moment);
        let first_planned = group.clone().find(|other| other.state == State::Planned).map(|other| other.id);
        let first = group.next().map(|other| other.id);
        let ids = [first, first_planned.filter(|id| Some(*id) != first)];
        for id in ids.into_iter().flatten().filter(|id| *id != session.id) {
            concerned.extend(store::find_fact(tx, id)?);
        }
    }
    Ok(concerned)
}

/// Since when it is known that the word for what was changed together did not arrive: told by hand of the first of it that takes place, once for
/// all. `None`: it arrived, is still to go, or the reader has read of this one since.
///
/// # Errors
/// The database's and the vault's.
pub fn find_undelivered(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Instant>> {
    if session.telling != Some(Telling::ByOther) {
        return Ok(None);
    }
    let all = together(tx, session)?;
    let Some(own) = all.iter().find(|other| other.id == session.id) else { return Ok(None) };
    let first = all.iter().find(|other| other.changed_at == own.changed_at && other.state == State::Planned);
    let is_first = first.is_some_and(|first| first.id == session.id);
    if !is_first || messages::actions::was_time_sent(tx, session.id, session.starts_at, session.timed_at)? {
        return Ok(None);
    }
    let mut news = news(tx, session, own.changed_at)?;
    news.retain(|message| message.state != messages::State::Retracted);
    if news.iter().any(|message| message.settled_at.is_none()) {
        return Ok(None);
    }
    let did_not_arrive = |message: &&Message| matches!(message.state, messages::State::Refused | messages::State::Unknown);
    Ok(news.last().filter(did_not_arrive).and_then(|message| message.settled_at))
}

/// The start that a session's reader knows it by. Only what is off is told of by the time that they know: else they are told the one it has.
///
/// # Errors
/// The database's and the vault's.
pub fn known_at(tx: &mut Tx<'_>, session: &Session) -> Result<Instant> {
    if session.state != State::Cancelled || session.moved_count == 0 {
        return Ok(session.starts_at);
    }
    let moves = changes::actions::moves_since_agreed(tx, session.id)?;
    let ends: Vec<Instant> = moves.iter().skip(1).map(|change| change.starts_at).chain([session.starts_at]).collect();
    let off_at = changes::actions::last_of(tx, &[session.id])?.get(&session.id).copied().unwrap_or(tx.now);
    let mut steps = Vec::with_capacity(moves.len());
    for (change, to_at) in moves.iter().zip(ends) {
        steps.push(Step { from_at: change.starts_at, to_at, is_heard: is_heard(tx, session, change, to_at, off_at)? });
    }
    Ok(rules::known_at(session, &steps))
}

/// Whether the reader had heard of a move by when the session was off: they wished it, may have read the new time or that appointments changed, or
/// were told by hand.
fn is_heard(tx: &mut Tx<'_>, session: &Session, change: &Change, to_at: Instant, off_at: Instant) -> Result<bool> {
    let moved_at = change.recorded_at;
    if change.because.by == Some(Side::Person) || messages::actions::was_time_sent(tx, session.id, to_at, moved_at)? {
        return Ok(true);
    }
    let was_read = |message: &Message| messages::actions::may_have_left(message) && message.settled_at.is_some_and(|at| at <= off_at);
    if news(tx, session, moved_at)?.iter().any(was_read) {
        return Ok(true);
    }
    let slot = time_slot_of(session, to_at, moved_at);
    let by_hand = duties::store::find(tx, duties::Kind::TellByHand, session.id.cast(), &slot)?;
    Ok(by_hand.is_some_and(|duty| duty.state == duties::State::Done))
}
