//! The next appointment that a log agrees on.

use super::writer::Writer;
use crate::access::Tx;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, Result};
use crate::base::value::Field;
use crate::matching::PlaceCode;
use crate::sessions::changes::Because;
use crate::sessions::logs::model::{Content, Log, Warning};
use crate::sessions::logs::store;
use crate::sessions::model::{Arrangement, Kind, Plan, Session, Side, State};
use crate::sessions::{actions as sessions, store as session_store};

/// Plans the next appointment, where a version of the log says another than the one before it: both agreed on it when that was written. What the one
/// before had planned is moved, if it still stands as it said; what is only proposed at that time is agreed on. What stands in its way is a warning,
/// never a refusal of the log. Whoever has no say in what is to come plans nothing of it, and learns of nothing that stands in the way.
pub(super) fn plan(tx: &mut Tx<'_>, writer: &Writer, log: &Log, content: &Content, before: Option<&Content>) -> Result<Option<Warning>> {
    let earlier = before.and_then(|before| before.body.next.as_ref());
    let Some(next) = content.body.next.as_ref().filter(|next| Some(*next) != earlier) else { return Ok(None) };
    let standing = session_store::fact_of_match(tx, log.matched)?;
    let there = standing.iter().find(|session| session.state.is_open() && session.starts_at == next.starts_at);
    if !writer.may_plan() && there.is_none_or(|there| !writer.may_touch(there, tx.now)) {
        return Ok(Some(Warning::NextNotPlanned));
    }
    let times = earlier.map(|earlier| (earlier.starts_at, earlier.ends_at));
    let said = standing.iter().find(|session| session.state == State::Planned && Some((session.starts_at, session.ends_at)) == times);
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
        (Some(there), _) if there.state == State::Proposed => sessions::steps::confirm_seen(tx, there.clone(), agreed_at).map(drop),
        (Some(there), said) if said.is_none_or(|said| said.id != there.id) => Ok(()),
        (_, Some(said)) => sessions::move_seen(tx, said, to, Because::default()).map(drop),
        (_, None) => sessions::take_up(tx, &plan, State::Planned, None).map(drop),
    });
    match done {
        Ok(()) => Ok(None),
        Err(Error::Refused(problem)) if problem.code == Code::ClaimsOverlap => Ok(Some(Warning::NextClashes)),
        Err(Error::Refused(_)) => Ok(Some(Warning::NextNotPlanned)),
        Err(error) => Err(error),
    }
}

/// What a log had planned in a match that it was not about is off, where it still stands as the log said and nothing but the log had planned it.
/// Call it when the version that said so lies in the history.
pub(super) fn take_back(tx: &mut Tx<'_>, log: &Log, said: &Content) -> Result<()> {
    let Some(next) = said.body.next.as_ref() else { return Ok(()) };
    let (received, now) = (store::fact_received(tx, log.id)?, tx.now);
    let stands = |session: &Session| {
        let times = (session.starts_at, session.ends_at) == (next.starts_at, next.ends_at);
        times && session.state == State::Planned && session.starts_at > now && received.contains(&session.recorded_at)
    };
    let planned: Vec<Session> = session_store::fact_of_match(tx, log.matched)?.into_iter().filter(stands).collect();
    sessions::take_all_off(tx, planned, (Side::Unit, None), now, false)
}
