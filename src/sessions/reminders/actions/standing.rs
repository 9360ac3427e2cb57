//! Once it is open, a promise to tell by hand stays as it was made (domain section 4): it ends when somebody told them, when the session is
//! cancelled (by themselves, too), moved or logged, and when word arrived after all; never because a message, or the time to tell, is over. A log
//! that they did not come ends none where they know a later start.

use super::errands::time_slot;
use super::is_word;
use super::knowing::{is_heard_since, known, known_now};
use super::speaking::{changed_at, is_spoken_for};
use crate::access::Tx;
use crate::base::error::Result;
use crate::duties::{self, Duty, Kind, Promise, rules::name_of, store::Which};
use crate::messages;
use crate::sessions::model::{Session, Side, State};
use crate::sessions::reminders::rules::{for_all, is_own_errand, off_slot};
use crate::sessions::{covers, joint};

/// What is to be told of a session that something may be told of: these promises, none due later than it was made, and those that stay.
pub(super) fn with_standing(tx: &mut Tx<'_>, session: &Session, wanted: Vec<Promise>) -> Result<Vec<Promise>> {
    let mut all = Vec::with_capacity(wanted.len());
    for promise in wanted {
        all.push(duties::actions::never_later(tx, promise)?);
    }
    for duty in duties::store::list_open(tx, &Which::subject(session.id, &[Kind::TellByHand]))? {
        // Whoever tells of all that was changed with it tells of it; who was told before does not matter.
        let own = name_of(&duty.slot);
        let is_said = all.iter().map(|promise| name_of(&promise.slot)).any(|said| said == own || said == for_all(own));
        if !is_said && stays(tx, session, &duty)? {
            all.push(duty.promise());
        }
    }
    Ok(all)
}

/// Whether nothing that no message told, and nobody yet by hand, is otherwise by now.
fn stays(tx: &mut Tx<'_>, session: &Session, duty: &Duty) -> Result<bool> {
    let now = tx.now;
    let is_of_time = is_own_errand(duty, session.id, &time_slot(session));
    let is_over = is_of_time && session.starts_at <= now;
    match session.state {
        State::Planned | State::NoShow | State::Tried if is_over && is_known_elsewhere(tx, session)? => Ok(false),
        State::Planned if is_over => Ok(!is_heard_since(tx, session, duty.from_at)?),
        State::Planned if is_of_time => is_unheard(tx, session, duty),
        State::Planned => Ok(session.starts_at <= now && covers::actions::is_errand(&duty.slot)),
        // Whoever cancelled it knows it.
        State::Cancelled if session.cancelled_by != Some(Side::Person) && name_of(&duty.slot) == off_slot(changed_at(tx, session)?) => {
            let known_at = known(tx, session)?.at;
            Ok(known_at <= now || is_unheard(tx, session, duty)?)
        }
        State::NoShow | State::Tried if is_of_time => Ok(known_now(tx, session)?.into_iter().any(|at| at > session.starts_at)),
        State::Cancelled | State::Proposed | State::Held | State::NoShow | State::Tried => Ok(false),
    }
}

/// Whether nobody need tell of a session alone that it was moved to what is over: its reader came to another part of it, or is told by hand of all
/// that was moved with it.
fn is_known_elsewhere(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    Ok(joint::actions::came_along(tx, session)? || is_spoken_for(tx, session)?)
}

/// Whether word of how a session stands was sent in vain, and none has arrived since that was found.
fn is_unheard(tx: &mut Tx<'_>, session: &Session, duty: &Duty) -> Result<bool> {
    let says_so = is_word(tx, session)?;
    messages::actions::is_unheard_since(tx, session.id, says_so, duty.from_at)
}
