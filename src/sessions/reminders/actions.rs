//! Makes what waits for a session agree with its facts: told by message, or by hand.

use super::rules::{self, Appointment, Notice, NoticeKind};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::base::language::Language;
use crate::cases;
use crate::courses;
use crate::duties::{self, About, Kind, Promise};
use crate::journal::Subject;
use crate::messages::{self, Channel, Recipient, Wanted};
use crate::people::{self, model::Reached};
use crate::sessions::joint;
use crate::sessions::model::{Session, State};
use crate::sessions::store;

/// Plans what is told about a session anew: messages where the participant has a usable channel, else a promise to tell them by hand.
/// Called whenever the session, its course or the way to reach the person changed; twice is once.
///
/// # Errors
/// The database's and the vault's.
pub fn sync(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let is_silent = is_silent(tx, session)?;
    let before = store::fact_of_person(tx, session.person)?;
    let counts = |other: &&Session| {
        matches!(other.state, State::Planned | State::Held) && other.id != session.id && other.starts_at < session.starts_at
    };
    let previous_at = before.iter().filter(counts).map(|other| other.starts_at).max();
    let appointment = Appointment { session, previous_at, is_silent };
    let notices = if session.starts_at > tx.now { rules::messages_for(&appointment, tx.programme) } else { Vec::new() };
    let needs_reach = !notices.is_empty() || session.state == State::Planned && session.starts_at > tx.now && !is_silent;
    let reached = if needs_reach { joint::actions::reach(tx, session)? } else { None };
    // A part of a joint session is silent where another tells the same reader.
    let is_coming = session.state == State::Planned && session.starts_at > tx.now && !is_silent && reached.is_some();
    let unreached_since = match reached {
        _ if !is_coming => None,
        Some(Reached::ByHand(_)) => Some(session.timed_at),
        // There was a way, and what was sent did not arrive.
        _ => messages::actions::find_undelivered(tx, session.id, session.starts_at)?,
    };
    let promises = match unreached_since {
        Some(since) => vec![tell_by_hand(tx, session, since)?],
        None => Vec::new(),
    };
    let why = if is_silent { "paused" } else { changed_because(session) };
    duties::actions::sync(tx, session.id, &[Kind::TellByHand], &promises, why)?;
    let wanted = match reached {
        Some(Reached::At { recipient, channel, language }) => {
            notices.iter().map(|notice| wanted(session, notice, recipient, channel, language)).collect()
        }
        Some(Reached::ByHand(_)) | None => Vec::new(),
    };
    messages::actions::sync(tx, session.id, &wanted, why)
}

/// Whether nothing is told of a session: its course stands still, or is over while the session is still planned, or the person died.
///
/// # Errors
/// The database's.
pub fn is_silent(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    let course = courses::store::fact(tx, session.course)?;
    let died = people::store::find_facts(tx, session.person)?.is_none_or(|facts| facts.died_on.is_some());
    Ok(died || course.paused_at.is_some() || course.ended_at.is_some() && session.state == State::Planned)
}

fn wanted(session: &Session, notice: &Notice, recipient: PersonId, channel: Channel, language: Language) -> Wanted {
    let kind = match notice.kind {
        NoticeKind::Reminder => messages::Kind::Appointment,
        NoticeKind::Moved => messages::Kind::AppointmentMoved,
        NoticeKind::Cancelled => messages::Kind::AppointmentCancelled,
    };
    Wanted {
        kind,
        recipient: Recipient::Person(recipient),
        channel,
        slot: notice.slot.to_owned(),
        case: Some(session.case),
        person: Some(session.person),
        about_at: Some(session.starts_at),
        language,
        not_before_at: notice.not_before_at,
        not_after_at: notice.not_after_at,
    }
}

/// Its slot is the time it tells: a moved session is told anew.
fn tell_by_hand(tx: &mut Tx<'_>, session: &Session, since: Instant) -> Result<Promise> {
    Ok(Promise {
        kind: Kind::TellByHand,
        subject: Subject::from(session.id),
        slot: session.starts_at.to_string(),
        about: About { case: Some(session.case), person: Some(session.person), matched: Some(session.matched), ..About::default() },
        owner: cases::store::fact_coordinator(tx, session.case)?,
        from_at: since,
        opens_at: since,
        due_at: rules::by_hand_until(session, since, tx.programme),
    })
}

/// Why what waited no longer holds, as a code.
const fn changed_because(session: &Session) -> &'static str {
    match session.state {
        State::Cancelled => "cancelled",
        State::Planned if session.moved_count > 0 => "moved",
        State::Planned | State::Proposed => "not_needed",
        State::Held | State::NoShow | State::Tried => "over",
    }
}
