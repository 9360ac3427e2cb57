//! Who speaks for what was changed in one word.
//!
//! Of several sessions that one verb changed, the first to come speaks for all. Where it cannot any more (it began before its word went, takes place
//! after all, was logged, or was changed once more) the next that still stands as it was changed does, until its reader was told by any of them
//! that their appointments have changed.

use super::errands::time_slot_of;
use super::{back, knowing};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::duties;
use crate::messages::{self, Message};
use crate::people::{self, model::Reached};
use crate::sessions::changes;
use crate::sessions::model::{Session, Side, State, Telling};
use crate::sessions::reminders::rules;
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

/// Who tells of a session's latest change by now. Nobody speaks for all where each of them stands as its reader knows it; and what came back, of
/// which they never heard that it was off, says nothing of that, but what was moved there and back before they heard that it is back does.
///
/// # Errors
/// The database's and the vault's.
pub fn telling(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Telling>> {
    if !matches!(session.telling, Some(Telling::ForAll | Telling::ByOther)) {
        let is_unsaid = session.telling.is_none() && is_back_unsaid(tx, session)?;
        return Ok(if is_unsaid { Some(Telling::ForAll) } else { session.telling });
    }
    if back::is_no_news(tx, session)? {
        return Ok(None);
    }
    let mut all = together(tx, session)?;
    let Some(changed_at) = all.iter().find(|other| other.id == session.id).map(|own| own.changed_at) else { return Ok(session.telling) };
    all.retain(|other| other.changed_at == changed_at);
    if session.telling == Some(Telling::ByOther) {
        let has_speaker = all.iter().any(|other| other.telling == Some(Telling::ForAll));
        let is_first = all.first().is_some_and(|first| first.id == session.id);
        if has_speaker || !is_first || is_told(tx, session, changed_at)? {
            return Ok(session.telling);
        }
    }
    Ok(if are_known(tx, &all)? { None } else { Some(Telling::ForAll) })
}

/// Whether a session that its reader thinks to be off is where they knew it to be: that it was moved elsewhere would tell them that it takes place.
fn is_back_unsaid(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    Ok(back::is_thought_off_still(tx, session)? && knowing::known(tx, session)?.at == session.starts_at)
}

/// Whether the reader of each of these knows how it stands: somebody told them by hand, or it was moved last, and to where they know it to be, there
/// and back before they heard of it, and they do not think that it is off.
fn are_known(tx: &mut Tx<'_>, all: &[Together]) -> Result<bool> {
    for one in all {
        let Some(session) = store::find_fact(tx, one.id)? else { return Ok(false) };
        if find_told_reader(tx, &session, one.changed_at)?.is_some() {
            continue;
        }
        let last = knowing::moves_of(tx, &session)?.pop();
        let was_moved = session.state == State::Planned && last.is_some_and(|(change, _)| change.recorded_at == session.timed_at);
        if !was_moved || knowing::known(tx, &session)?.at != session.starts_at || back::is_thought_off_still(tx, &session)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// When a session was last changed.
///
/// # Errors
/// The database's.
pub fn changed_at(tx: &mut Tx<'_>, session: &Session) -> Result<Instant> {
    Ok(changes::actions::last_of(tx, &[session.id])?.get(&session.id).copied().unwrap_or(session.timed_at))
}

/// Since when what a word that appointments have changed tells of was so: since the session that it was planned of was changed.
///
/// # Errors
/// The database's.
pub fn word_changed_at(tx: &mut Tx<'_>, message: &Message) -> Result<Instant> {
    match store::find_fact(tx, message.subject_id.cast())? {
        Some(session) => changed_at(tx, &session),
        None => Ok(message.planned_at),
    }
}

/// When somebody last told by hand, `until` a moment where one is given, what is to be told of a session in this slot, or of all that the same verb
/// changed at this moment, and it with that: told its reader, for what others were told they need not have passed on.
pub(super) fn find_told_by_hand(
    tx: &mut Tx<'_>,
    session: &Session,
    slot: &str,
    changed_at: Instant,
    until: Option<Instant>,
) -> Result<Option<Instant>> {
    let mut told = Vec::new();
    for errand in duties::store::list_since(tx, duties::Kind::TellByHand, session.person, changed_at)? {
        let counts = rules::is_own_errand(&errand, session.id, slot)
            || rules::speaks(&errand, changed_at)
                && errand.closed_at.map_or(Ok(true), |at| people::actions::is_reader_since(tx, session.person, at))?;
        if counts {
            told.push(errand);
        }
    }
    Ok(rules::told_by_hand_at(session.id, slot, &told, until))
}

/// As [`find_told_by_hand`], of how a session stands that was changed at this moment.
fn find_told_at(tx: &mut Tx<'_>, session: &Session, changed_at: Instant) -> Result<Option<Instant>> {
    find_told_by_hand(tx, session, &slot_at(session, changed_at), changed_at, None)
}

/// As [`find_told_at`], where whoever reads for the person by now did so then: what another was told is no word to them.
pub(super) fn find_told_reader(tx: &mut Tx<'_>, session: &Session, changed_at: Instant) -> Result<Option<Instant>> {
    let told_at = find_told_at(tx, session, changed_at)?;
    of_reader(tx, session, told_at)
}

fn of_reader(tx: &mut Tx<'_>, session: &Session, told_at: Option<Instant>) -> Result<Option<Instant>> {
    let is_theirs = told_at.map_or(Ok(false), |at| people::actions::is_reader_since(tx, session.person, at))?;
    Ok(told_at.filter(|_| is_theirs))
}

/// As [`find_told_reader`], of all that was changed with it: what was told of the session alone is no word of the others.
fn find_all_told_at(tx: &mut Tx<'_>, session: &Session, changed_at: Instant) -> Result<Option<Instant>> {
    let alone = slot_at(session, changed_at);
    let slot = if session.state == State::Cancelled { alone } else { rules::for_all(&alone) };
    let told_at = find_told_by_hand(tx, session, &slot, changed_at, None)?;
    of_reader(tx, session, told_at)
}

/// In which slot it is told by hand how a session stands that was changed at this moment.
fn slot_at(session: &Session, changed_at: Instant) -> String {
    match session.state {
        State::Cancelled => rules::off_slot(changed_at),
        _ => time_slot_of(session, session.starts_at, changed_at),
    }
}

/// Whether a session is the first to come of what was changed together with it: whoever tells of it by hand tells of all.
///
/// # Errors
/// The database's.
pub(super) fn is_first(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    if session.telling.is_none() {
        return Ok(false);
    }
    let all = together(tx, session)?;
    let own = all.iter().find(|other| other.id == session.id);
    let first = own.and_then(|own| all.iter().find(|other| other.changed_at == own.changed_at));
    Ok(first.is_some_and(|first| first.id == session.id))
}

/// Whether a session is the first that is off of what was cancelled together, and whoever reads for its person by now was not told by hand of that.
///
/// # Errors
/// The database's.
pub fn is_first_off(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    if session.telling.is_none() {
        return Ok(true);
    }
    let all = together(tx, session)?;
    let Some(own) = all.iter().find(|other| other.id == session.id) else { return Ok(session.telling == Some(Telling::ForAll)) };
    let first = all.iter().find(|other| other.changed_at == own.changed_at && other.state == State::Cancelled);
    Ok(first.is_some_and(|first| first.id == session.id) && find_told_reader(tx, session, own.changed_at)?.is_none())
}

/// Whether whoever reads for the person by now was told by hand that a session is off, or of what was cancelled with it.
///
/// # Errors
/// The database's.
pub fn is_off_told(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let changed_at = changed_at(tx, session)?;
    Ok(find_told_reader(tx, session, changed_at)?.is_some())
}

/// Whether the reader of a cancelled session may have heard that it is off: by its own message, from another that spoke for it or by hand; where a
/// moment is given, from then on.
///
/// # Errors
/// The database's and the vault's.
pub fn is_off_heard(tx: &mut Tx<'_>, cancelled: &Session, from: Option<Instant>) -> Result<bool> {
    let is_since = |at: Instant| from.is_none_or(|from| at >= from);
    // What has not settled is leaving now.
    let may_have_left = |message: &Message| messages::actions::may_have_left(message) && message.settled_at.is_none_or(is_since);
    if messages::actions::was_cancellation_sent(tx, cancelled.id, may_have_left)? {
        return Ok(true);
    }
    let changed_at = changed_at(tx, cancelled)?;
    let by_other = cancelled.telling == Some(Telling::ByOther) && news(tx, cancelled, changed_at)?.iter().any(may_have_left);
    Ok(by_other || find_told_at(tx, cancelled, changed_at)?.is_some_and(is_since))
}

/// Whether the reader was told since then, for another session of the person or by hand, that appointments have changed.
fn is_told(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<bool> {
    let is_over = |message: &Message| {
        use messages::State::{Accepted, Refused, Unknown};
        message.subject_id != session.id.cast() && matches!(message.state, Accepted | Refused | Unknown)
    };
    Ok(news(tx, session, since)?.iter().any(is_over) || find_all_told_at(tx, session, since)?.is_some())
}

/// That appointments have changed: what of this its reader was to be told since then, about whomever they read for, the last to come to its end last.
pub(super) fn words(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<Vec<Message>> {
    let now = tx.now;
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(Vec::new()) };
    let kind = messages::Kind::AppointmentsChanged;
    messages::actions::list_since(tx, reader, kind, since, people::actions::is_address_of)
}

/// As [`words`], of those that speak for a session that was changed at this moment: its own, and of what was changed together with it.
pub(super) fn news(tx: &mut Tx<'_>, session: &Session, changed_at: Instant) -> Result<Vec<Message>> {
    let words = words(tx, session, changed_at)?;
    let mut news = Vec::with_capacity(words.len());
    for message in words {
        if speaks_for(tx, &message, session, changed_at)? {
            news.push(message);
        }
    }
    Ok(news)
}

/// Whether a word that appointments have changed tells of a session that was changed at this moment: what came of another appointment at another
/// moment says nothing of it.
pub(super) fn speaks_for(tx: &mut Tx<'_>, message: &Message, session: &Session, changed_at: Instant) -> Result<bool> {
    if message.subject_id == session.id.cast() {
        return Ok(true);
    }
    let is_of_person = message.person == Some(session.person);
    Ok(is_of_person && changes::actions::moments_of(tx, message.subject_id.cast())?.contains(&changed_at))
}

/// The sessions that must be asked again what is told of them when this one was: the first of what was changed together with it, which may have
/// to speak now, and the first that is off, of which somebody may have to tell by hand.
///
/// # Errors
/// The database's.
pub fn concerned(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Session>> {
    let all = together(tx, session)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let moments = match all.iter().find(|other| other.id == session.id) {
        // It neither speaks nor did.
        Some(own) if own.telling != Some(Telling::ForAll) => return Ok(Vec::new()),
        _ => changes::actions::moments_of(tx, session.id)?,
    };
    let mut concerned = Vec::new();
    for moment in moments {
        let mut group = all.iter().filter(|other| other.changed_at == moment);
        let first_off = group.clone().find(|other| other.state == State::Cancelled).map(|other| other.id);
        let first = group.next().map(|other| other.id);
        let ids = [first, first_off.filter(|id| Some(*id) != first)];
        for id in ids.into_iter().flatten().filter(|id| *id != session.id) {
            concerned.extend(store::find_fact(tx, id)?);
        }
    }
    Ok(concerned)
}

/// What of a session's person was moved together with others to a start that is past by now, and from one that is still to come: where the word for
/// all arrives, or does not, it is asked again who tells of it.
///
/// # Errors
/// The database's.
pub fn left_behind(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Session>> {
    if session.telling.is_none() {
        return Ok(Vec::new());
    }
    let mut behind = Vec::new();
    for id in store::fact_left_behind_of(tx, session.person)?.into_iter().filter(|id| *id != session.id) {
        behind.extend(store::find_fact(tx, id)?);
    }
    Ok(behind)
}

/// Since when it is known that the word for what was changed together did not arrive: told by hand of the first of it, once for all. `None`: it
/// arrived, is still to go, or the reader has read of this one since.
///
/// # Errors
/// The database's and the vault's.
pub fn find_undelivered(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Instant>> {
    if session.telling != Some(Telling::ByOther) || !is_first(tx, session)? {
        return Ok(None);
    }
    let changed_at = changed_at(tx, session)?;
    if find_all_told_at(tx, session, changed_at)?.is_some() {
        return Ok(None);
    }
    let (starts_at, timed_at, went) = (session.starts_at, session.timed_at, messages::actions::may_have_left);
    if session.state == State::Planned && messages::actions::was_time_sent(tx, session.id, starts_at, timed_at, went)? {
        return Ok(None);
    }
    let mut news = news(tx, session, changed_at)?;
    news.retain(|message| message.state != messages::State::Retracted);
    if news.iter().any(|message| message.settled_at.is_none()) {
        return Ok(None);
    }
    let did_not_arrive = |message: &&Message| matches!(message.state, messages::State::Refused | messages::State::Unknown);
    Ok(news.last().filter(did_not_arrive).and_then(|message| message.settled_at))
}

/// Whether somebody tells by hand, or told, of the first to come of what was changed together with a session that is over, once for all: the word for
/// all did not arrive.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn is_spoken_for(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let (now, changed_at) = (tx.now, changed_at(tx, session)?);
    let first = together(tx, session)?.into_iter().find(|other| other.changed_at == changed_at);
    let Some(first) = first.map(|first| store::find_fact(tx, first.id)).transpose()?.flatten() else { return Ok(false) };
    // Whom no message reaches at all is told of each.
    let is_reached = matches!(people::actions::reach(tx, first.person, now)?, Reached::At { .. });
    let tells = is_reached && (first.state == State::Planned || first.cancelled_by != Some(Side::Person));
    Ok(tells && super::find_undelivered(tx, &first)?.is_some())
}

/// The earliest moment at which a reader may come in vain who was not told how a session stands; where it `speaks`, to what was changed together
/// with it, too, be that over by now.
///
/// # Errors
/// The database's and the vault's.
pub fn expected_at(tx: &mut Tx<'_>, session: &Session, since: Instant, speaks: bool) -> Result<Instant> {
    let mut earliest = expected_alone(tx, session, since)?;
    if !speaks || session.telling.is_none() {
        return Ok(earliest);
    }
    let changed_at = changed_at(tx, session)?;
    for other in together(tx, session)?.into_iter().filter(|other| other.id != session.id && other.changed_at == changed_at) {
        if let Some(other) = store::find_fact(tx, other.id)? {
            earliest = earliest.min(expected_alone(tx, &other, since)?);
        }
    }
    for behind in left_behind(tx, session)? {
        if self::changed_at(tx, &behind)? == changed_at
            && let Some(vain_at) = knowing::in_vain_at(tx, &behind)?
        {
            earliest = earliest.min(vain_at);
        }
    }
    Ok(earliest)
}

fn expected_alone(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<Instant> {
    let known = knowing::known_now(tx, session)?;
    let expected_at = rules::expected_at(session, &known, since);
    if people::actions::is_reader_since(tx, session.person, session.timed_at)? {
        return Ok(expected_at);
    }
    // What another was told of its move, whoever reads since may not have heard; what is over by now nobody comes to any more.
    let heard_at = knowing::known(tx, session)?.expected_at;
    Ok(if heard_at > since { expected_at.min(heard_at) } else { expected_at })
}
