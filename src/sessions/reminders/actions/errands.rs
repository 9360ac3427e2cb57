//! What is told of a session by hand: in which slot, since when and until when. What another was told is told whoever reads for the person by now once
//! more, in a slot of its own.

use super::speaking;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::cases;
use crate::duties::{self, About, Duty, Kind, Promise, State, rules::name_of};
use crate::journal::Subject;
use crate::people;
use crate::sessions::model::Session;
use crate::sessions::reminders::rules;

/// The promise to tell by hand when a session is before the reader may come in vain; where it `speaks`, also to what was changed together with it.
pub(super) fn tell_in_time(tx: &mut Tx<'_>, session: &Session, since: Option<Instant>, speaks: bool) -> Result<Promise> {
    let slot = told_slot(tx, session, speaks)?;
    tell_in_slot(tx, session, slot, since, speaks)
}

/// As [`tell_in_time`], that a session is off, and all that was cancelled with it.
pub(super) fn tell_off(tx: &mut Tx<'_>, session: &Session, since: Option<Instant>) -> Result<Promise> {
    let slot = rules::off_slot(speaking::changed_at(tx, session)?);
    let slot = own_slot(tx, session, slot)?;
    tell_in_slot(tx, session, slot, since, true)
}

/// In which slot its time is told by hand: where somebody tells, or told, its reader of it with all that was changed with it, nobody need tell of it
/// alone.
pub(super) fn told_slot(tx: &mut Tx<'_>, session: &Session, speaks: bool) -> Result<String> {
    let (alone, errands) = (time_slot(session), list(tx, session)?);
    let all = slot_of_reader(tx, session, &errands, rules::for_all(&alone))?;
    let is_told_with_all = errands.iter().any(|errand| errand.slot == all && errand.state != State::Ended);
    if speaks || is_told_with_all { Ok(all) } else { slot_of_reader(tx, session, &errands, alone) }
}

fn list(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Duty>> {
    duties::store::list_all(tx, Kind::TellByHand, session.id.cast())
}

/// The slot of this name in which whoever reads for a session's person by now was told, or is to be.
///
/// # Errors
/// The database's.
pub fn own_slot(tx: &mut Tx<'_>, session: &Session, name: String) -> Result<String> {
    let errands = list(tx, session)?;
    slot_of_reader(tx, session, &errands, name)
}

/// The slot of this name, among a session's errands by hand, in which whoever reads for the person by now was told, or is to be.
fn slot_of_reader(tx: &mut Tx<'_>, session: &Session, errands: &[Duty], name: String) -> Result<String> {
    let of_name = || errands.iter().filter(|errand| name_of(&errand.slot) == name);
    let mut is_told_another = false;
    for told in of_name().filter(|errand| errand.state == State::Done) {
        if told.closed_at.map_or(Ok(true), |at| people::actions::is_reader_since(tx, session.person, at))? {
            return Ok(told.slot.clone());
        }
        is_told_another = true;
    }
    match of_name().find(|errand| errand.state == State::Open) {
        Some(open) => Ok(open.slot.clone()),
        None if is_told_another => duties::actions::free_slot(tx, Kind::TellByHand, session.id, name),
        None => Ok(name),
    }
}

fn tell_in_slot(tx: &mut Tx<'_>, session: &Session, slot: String, since: Option<Instant>, speaks: bool) -> Result<Promise> {
    let since = since_when(tx, session, &slot, since)?;
    let expected_at = speaking::expected_at(tx, session, since, speaks)?;
    let coordinator = cases::actions::find_owner(tx, session.case)?;
    Ok(told_by_hand(tx, session, slot, (since, expected_at), coordinator))
}

/// The time that is told by hand, and when it was set anew: what was moved, or was off, is told again, also when the time is the same.
pub(super) fn time_slot(session: &Session) -> String {
    time_slot_of(session, session.starts_at, session.timed_at)
}

pub(super) fn time_slot_of(session: &Session, starts_at: Instant, timed_at: Instant) -> String {
    if timed_at == session.recorded_at { starts_at.to_string() } else { format!("{starts_at} {timed_at}") }
}

/// The promise to tell somebody by hand before a session begins, from when it is known that no message does.
///
/// # Errors
/// The database's.
pub fn tell_by_hand(tx: &mut Tx<'_>, session: &Session, slot: String) -> Result<Promise> {
    let since = since_when(tx, session, &slot, None)?;
    let coordinator = cases::actions::find_owner(tx, session.case)?;
    Ok(told_by_hand(tx, session, slot, (since, session.starts_at), coordinator))
}

/// Since when it is known that somebody is to be told by hand: a stated moment, else the one at which it was first found, for as long as it holds. What
/// was stated before another was told says nothing of whoever reads since.
pub(super) fn since_when(tx: &mut Tx<'_>, session: &Session, slot: &str, stated: Option<Instant>) -> Result<Instant> {
    if let Some(stated) = stated.filter(|_| name_of(slot) == slot) {
        return Ok(stated);
    }
    let known = duties::store::find(tx, Kind::TellByHand, session.id.cast(), slot)?;
    Ok(known.filter(|duty| duty.state != State::Ended).map_or(tx.now, |duty| duty.from_at))
}

pub(super) fn told_by_hand(
    tx: &Tx<'_>,
    session: &Session,
    slot: String,
    (since, expected_at): (Instant, Instant),
    owner: Option<AccountId>,
) -> Promise {
    Promise {
        kind: Kind::TellByHand,
        subject: Subject::from(session.id),
        slot,
        about: About { case: Some(session.case), person: Some(session.person), matched: Some(session.matched), ..About::default() },
        owner,
        from_at: since,
        opens_at: since,
        due_at: rules::by_hand_until(expected_at, since, tx.programme),
    }
}
