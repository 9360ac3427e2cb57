//! The next appointment that a log agrees on.

use super::writer::Writer;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, Result};
use crate::base::value::Field;
use crate::matching::PlaceCode;
use crate::sessions::changes::{self, Because};
use crate::sessions::logs::model::{Content, Log, NextAppointment, Warning};
use crate::sessions::logs::rules::agreed::{self, Agreed, Word};
use crate::sessions::logs::store;
use crate::sessions::model::{Arrangement, Kind, Plan, Session, Side, State};
use crate::sessions::{actions as sessions, rules as session_rules, store as session_store};

/// What the versions of a stored log say of the next appointment, those filed under whom it is filed; what was only heard planned nothing.
pub(super) fn agreed(tx: &mut Tx<'_>, log: &Log, present: &Content) -> Result<Agreed> {
    let theirs = store::open_versions(tx, log)?.into_iter().filter(|(old, _)| old.person == log.person && !old.is_heard());
    let word = |next: Option<NextAppointment>, received_at| next.map(|next| Word { next, received_at });
    let mut earlier: Vec<_> = theirs.map(|(old, said)| (old.revision, word(said.body.next, old.received_at))).collect();
    // Of one number in the order they came.
    earlier.sort_by_key(|(number, _)| *number);
    Ok(Agreed { earlier, present: word(present.body.next.clone(), log.received_at) })
}

/// Plans the next appointment that a new version of a log names, or a `late` copy of that number, where it is news beside what was `agreed` before.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    writer: &Writer,
    log: &mut Log,
    content: &Content,
    agreed: &Agreed,
    late: Option<i32>,
) -> Result<Option<Warning>> {
    match content.body.next.as_ref().filter(|next| agreed.is_news(next, late, log.next_waits)) {
        Some(next) => Ok(carry_out(tx, writer, log, next, agreed)?.err()),
        None => Ok(None),
    }
}

/// Plans what is sent again and holds, if it could not be planned before: whoever lost the answer hears the same, as long as it is so.
pub(super) fn plan_again(tx: &mut Tx<'_>, writer: &Writer, log: &mut Log, content: &Content, agreed: &Agreed) -> Result<Option<Warning>> {
    let Some(next) = content.body.next.as_ref().filter(|next| log.next_waits && agreed.holds(next)) else { return Ok(None) };
    let arranged = carry_out(tx, writer, log, next, agreed)?;
    // What was moved or agreed on by this is as old as it was.
    if arranged == Ok(Arranged::Made) {
        store::note_planned_again(tx, log.id)?;
    }
    Ok(arranged.err())
}

/// How an appointment came to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arranged {
    /// A session was made for it.
    Made,
    /// What stood was left, agreed on, moved or taken off.
    Known,
}

type Done = std::result::Result<Arranged, Warning>;

fn carry_out(tx: &mut Tx<'_>, writer: &Writer, log: &mut Log, next: &NextAppointment, agreed: &Agreed) -> Result<Done> {
    let arranged = arrange(tx, writer, log, next, agreed)?;
    store::note_waits(tx, log, arranged.is_err())?;
    Ok(arranged)
}

/// What the log had planned is moved, if it still stands as the log said and has not begun, and is off where another stands at that time; what is only
/// proposed then is agreed on. What stands in its way is a warning, never a refusal of the log; so is another appointment that was agreed on in
/// its place since, where it could not be planned before. Whoever has no say in what is to come plans nothing of it, and learns of nothing that stands in the way.
fn arrange(tx: &mut Tx<'_>, writer: &Writer, log: &Log, next: &NextAppointment, agreed: &Agreed) -> Result<Done> {
    let (standing, now) = (session_store::fact_of_match(tx, log.matched)?, tx.now);
    let there = standing.iter().find(|session| session.state.is_open() && session.starts_at == next.starts_at);
    if !writer.may_plan() && there.is_none_or(|there| !writer.may_touch(there, now)) {
        return Ok(Err(Warning::NextNotPlanned));
    }
    let waits_since = agreed.holds_since(next).filter(|_| log.next_waits);
    let is_open = there.is_none_or(|there| there.state == State::Proposed);
    // Whoever covers agrees on what is theirs, and knows of no other.
    if let Some(since) = waits_since.filter(|_| writer.may_plan() && is_open)
        && is_agreed_otherwise(tx, &standing, next, since)?
    {
        return Ok(Err(Warning::NextAgreedOtherwise));
    }
    // Where the latest word was not carried out, an earlier one may stand.
    let mut words = agreed.named().take(if log.next_waits { usize::MAX } else { 1 });
    let may_move = |session: &Session| session.state == State::Planned && session.starts_at > now;
    let said = words.find_map(|word| standing.iter().find(|session| may_move(session) && is_at(session, word)));
    let was_planned = !log.next_waits && agreed.named().next().is_some_and(|word| word.is_then(next));
    let (matched, starts_at, ends_at, agreed_at) = (log.matched, next.starts_at, next.ends_at, log.next_agreed_at());
    let kind = next.kind.as_ref().and_then(|kind| Kind::parse(kind.as_str()));
    let place = next.place_code.as_ref().and_then(|place| PlaceCode::parse(place.as_str()));
    let plan = Plan {
        id: None,
        matched,
        starts_at,
        ends_at,
        kind: kind.unwrap_or(Kind::InPerson),
        place: place.clone(),
        agreed_at: Some(agreed_at),
    };
    let to = Arrangement { starts_at, ends_at, kind, place: place.map_or(Field::Absent, Field::Set) };
    let done = tx.attempt(|tx| match (there, said) {
        (Some(there), said) if said.is_none_or(|said| said.id != there.id) => {
            if there.state == State::Proposed {
                sessions::steps::confirm_seen(tx, there.clone(), agreed_at)?;
            }
            if writer.may_plan() {
                give_up(tx, log, said)?;
            }
            Ok(Arranged::Known)
        }
        (Some(there), _) if session_rules::arranged(there, to.clone(), now) == *there => Ok(Arranged::Known),
        (_, Some(said)) => sessions::move_seen(tx, said, to, Because::default()).map(|_| Arranged::Known),
        // It was planned, and is off or elsewhere since.
        (_, None) if was_planned => Ok(Arranged::Known),
        (_, None) => sessions::take_up(tx, &plan, State::Planned, None).map(|_| Arranged::Made),
    });
    match done {
        Ok(arranged) => Ok(Ok(arranged)),
        Err(Error::Refused(problem)) if problem.code == Code::ClaimsOverlap => Ok(Err(Warning::NextClashes)),
        Err(Error::Refused(_)) => Ok(Err(Warning::NextNotPlanned)),
        Err(error) => Err(error),
    }
}

/// Whether another appointment was agreed on, in the place of this one, after a moment.
fn is_agreed_otherwise(tx: &mut Tx<'_>, standing: &[Session], next: &NextAppointment, since: Instant) -> Result<bool> {
    let now = tx.now;
    for session in agreed::in_place_of(standing, next, now).filter(|session| session.timed_at > since) {
        if agreed::is_agreed_after(session, &changes::actions::all_of(tx, session.id)?, since) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_at(session: &Session, next: &NextAppointment) -> bool {
    (session.starts_at, session.ends_at) == (next.starts_at, next.ends_at)
}

/// What a log had planned, and nothing but the log, is off where its latest word is of another appointment that stands already.
fn give_up(tx: &mut Tx<'_>, log: &Log, said: Option<&Session>) -> Result<()> {
    let Some(said) = said else { return Ok(()) };
    let (received, now) = (store::fact_received(tx, log.id)?, tx.now);
    let planned = received.contains(&said.recorded_at).then(|| said.clone());
    sessions::take_all_off(tx, planned.into_iter().collect(), (Side::Unit, None), now, true)
}

/// What a log had planned in a match that it was not about is off, where it still stands as the log said and nothing but the log had planned it.
/// Call it when the version that said so lies in the history.
pub(super) fn take_back(tx: &mut Tx<'_>, log: &Log, agreed: &Agreed) -> Result<()> {
    let (received, now) = (store::fact_received(tx, log.id)?, tx.now);
    let stands = |session: &Session| {
        let is_so = session.state == State::Planned && session.starts_at > now && received.contains(&session.recorded_at);
        is_so && agreed.named().any(|next| is_at(session, next))
    };
    let planned: Vec<Session> = session_store::fact_of_match(tx, log.matched)?.into_iter().filter(stands).collect();
    sessions::take_all_off(tx, planned, (Side::Unit, None), now, false)
}
