//! What is told of sessions, as rows: which are to come, which is the next, and which were changed in one word.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::Result;
use crate::base::ids::{CourseId, PersonId, SessionId};
use crate::people;
use crate::schema::{matches, session_changes, sessions};
use crate::sessions::changes::ChangeKind;
use crate::sessions::model::{State, Telling};

/// Of what something is told: what is to take place, and what is off, as long as it would be to come.
const TOLD: [State; 2] = [State::Planned, State::Cancelled];

/// Of what something may still be told though its own start is past: its reader may know another, which is still to come.
const LEFT_BEHIND: [State; 4] = [State::Planned, State::Cancelled, State::NoShow, State::Tried];

/// How far back the nightly pass looks for what was moved to sooner, and is over.
const LEFT_BEHIND_WITHIN: TimeDelta = TimeDelta::days(92);

/// Sessions of a course that are still to come, or would be, and those that its person may take to be.
pub fn fact_coming_of_course(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let of_course = || matches::table.filter(matches::course_id.eq(course)).select(matches::id);
    let past = sessions::table
        .filter(sessions::match_id.eq_any(of_course()))
        .filter(sessions::state.eq_any(LEFT_BEHIND))
        .filter(sessions::starts_at.le(now))
        .filter(sessions::moved_count.gt(0))
        .select(sessions::id)
        .load(tx.db())?;
    let coming: Vec<SessionId> = sessions::table
        .filter(sessions::match_id.eq_any(of_course()))
        .filter(sessions::state.eq_any(TOLD))
        .filter(sessions::starts_at.gt(now))
        .order((sessions::starts_at, sessions::id))
        .select(sessions::id)
        .load(tx.db())?;
    let mut all = moved_from_later(tx, past)?;
    all.extend(coming);
    Ok(all)
}

/// Sessions of a person, and of the children whose reminders the person gets or of whom they are a parent, that are still to come, or would be, and
/// those that their reader may take to be: what is the person's address is none of theirs.
pub fn fact_coming_of_reader(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let mut read_for = people::store::fact_chosen_for(tx, person)?;
    read_for.extend(people::store::fact_children_of(tx, person)?);
    read_for.push(person);
    let whose = || sessions::person_id.eq_any(read_for.clone());
    let past = sessions::table
        .filter(sessions::state.eq_any(LEFT_BEHIND))
        .filter(sessions::starts_at.le(now))
        .filter(sessions::moved_count.gt(0))
        .filter(whose())
        .select(sessions::id)
        .load(tx.db())?;
    let coming: Vec<SessionId> = sessions::table
        .filter(sessions::state.eq_any(TOLD))
        .filter(sessions::starts_at.gt(now))
        .filter(whose())
        .order((sessions::starts_at, sessions::id))
        .select(sessions::id)
        .load(tx.db())?;
    let mut all = moved_from_later(tx, past)?;
    all.extend(coming);
    Ok(all)
}

/// The sessions of a person that were moved to a start that is past by now, from one that is still to come.
pub(in crate::sessions) fn fact_left_behind_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let past = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::state.eq_any(LEFT_BEHIND))
        .filter(sessions::starts_at.le(now))
        .filter(sessions::moved_count.gt(0))
        .select(sessions::id)
        .load(tx.db())?;
    moved_from_later(tx, past)
}

/// Which of these sessions were moved from a start that is still to come.
fn moved_from_later(tx: &mut Tx<'_>, past: Vec<SessionId>) -> Result<Vec<SessionId>> {
    use session_changes as c;
    if past.is_empty() {
        return Ok(past);
    }
    let now = tx.now;
    let later = c::table.filter(c::session_id.eq_any(past)).filter(c::kind.eq(ChangeKind::Moved)).filter(c::starts_at.gt(now));
    Ok(later.select(c::session_id).distinct().order(c::session_id).load(tx.db())?)
}

/// As `fact_left_behind_of`, of everybody, by id, a chunk at a time: for the nightly pass. Looked for by start: ids say nothing of when.
pub fn fact_left_behind(tx: &mut Tx<'_>, after: Option<SessionId>, most: i64) -> Result<Vec<SessionId>> {
    let (now, most) = (tx.now, usize::try_from(most).unwrap_or(usize::MAX));
    let mut past: Vec<SessionId> = sessions::table
        .filter(sessions::starts_at.le(now))
        .filter(sessions::starts_at.gt(now.minus(LEFT_BEHIND_WITHIN)))
        .filter(sessions::state.eq_any(LEFT_BEHIND))
        .filter(sessions::moved_count.gt(0))
        .select(sessions::id)
        .load(tx.db())?;
    past.retain(|id| after.is_none_or(|after| *id > after));
    past.sort_unstable();
    let mut behind = Vec::new();
    for some in past.chunks(IDS_MOST) {
        behind.extend(moved_from_later(tx, some.to_vec())?);
        if behind.len() >= most {
            break;
        }
    }
    behind.sort_unstable();
    behind.truncate(most);
    Ok(behind)
}

/// Sessions that are still to come, or would be, a chunk at a time: for the nightly pass.
pub fn fact_coming(tx: &mut Tx<'_>, after: Option<SessionId>, most: i64) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let mut query = sessions::table.into_boxed().filter(sessions::state.eq_any(TOLD)).filter(sessions::starts_at.gt(now));
    if let Some(after) = after {
        query = query.filter(sessions::id.gt(after));
    }
    Ok(query.order(sessions::id).limit(most).select(sessions::id).load(tx.db())?)
}

/// When the next planned session of any of these people after a moment begins.
pub(in crate::sessions) fn fact_next(tx: &mut Tx<'_>, people: &[PersonId], after: Instant) -> Result<Option<Instant>> {
    let planned = sessions::table
        .filter(sessions::person_id.eq_any(people.to_vec()))
        .filter(sessions::starts_at.gt(after))
        .filter(sessions::state.eq(State::Planned));
    Ok(planned.order(sessions::starts_at).select(sessions::starts_at).first(tx.db()).optional()?)
}

/// Whether any of these people has, or had before it was moved, a session at this very moment, however it stands.
pub(in crate::sessions) fn fact_ever_at(tx: &mut Tx<'_>, people: &[PersonId], at: Instant) -> Result<bool> {
    use session_changes as c;
    let whose = || sessions::person_id.eq_any(people.to_vec());
    let then = sessions::table.filter(whose()).filter(sessions::starts_at.eq(at)).select(sessions::id);
    if then.first::<SessionId>(tx.db()).optional()?.is_some() {
        return Ok(true);
    }
    let before = c::table.inner_join(sessions::table.on(sessions::id.eq(c::session_id))).filter(whose()).filter(c::starts_at.eq(at));
    Ok(before.select(c::session_id).first::<SessionId>(tx.db()).optional()?.is_some())
}

/// The sessions in a state that begin at this very moment, with whom is met.
pub(in crate::sessions) fn fact_at(tx: &mut Tx<'_>, at: Instant, state: State) -> Result<Vec<(SessionId, PersonId)>> {
    let then = sessions::table.filter(sessions::starts_at.eq(at)).filter(sessions::state.eq(state));
    Ok(then.order(sessions::id).select((sessions::id, sessions::person_id)).load(tx.db())?)
}

/// The sessions that begin, began, or would, at this very moment, and those that were moved away from it, with whom is met. What is only proposed is
/// known to nobody.
pub(in crate::sessions) fn fact_ever_begun_at(tx: &mut Tx<'_>, at: Instant) -> Result<Vec<(SessionId, PersonId)>> {
    use session_changes as c;
    let whose = (sessions::id, sessions::person_id);
    let then = sessions::table.filter(sessions::starts_at.eq(at)).filter(sessions::state.ne(State::Proposed));
    let mut all: Vec<(SessionId, PersonId)> = then.order(sessions::id).select(whose).load(tx.db())?;
    let moved = sessions::table
        .inner_join(c::table.on(c::session_id.eq(sessions::id)))
        .filter(sessions::starts_at.ne(at))
        .filter(sessions::state.ne(State::Proposed))
        .filter(sessions::moved_count.gt(0))
        .filter(c::kind.eq(ChangeKind::Moved))
        .filter(c::starts_at.eq(at));
    let moved: Vec<(SessionId, PersonId)> = moved.select(whose).distinct().order(sessions::id).load(tx.db())?;
    all.extend(moved);
    Ok(all)
}

/// At which of these very moments a session would begin that is off.
pub(in crate::sessions) fn fact_starts_off(tx: &mut Tx<'_>, starts: Vec<Instant>) -> Result<BTreeSet<Instant>> {
    let off = sessions::table.filter(sessions::starts_at.eq_any(starts)).filter(sessions::state.eq(State::Cancelled));
    let starts: Vec<Instant> = off.select(sessions::starts_at).load(tx.db())?;
    Ok(starts.into_iter().collect())
}

/// The sessions of a person that were changed together with others and are still to come, or would be, by start: how each stands, and who was to
/// tell of it.
pub(in crate::sessions) fn fact_changed_together(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<(SessionId, State, Option<Telling>)>> {
    let now = tx.now;
    Ok(sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::starts_at.gt(now))
        .filter(sessions::state.eq_any(TOLD))
        // Not where there is none: nothing equals or differs from that.
        .filter(sessions::telling.ne(Telling::Nobody))
        .order((sessions::starts_at, sessions::id))
        .select((sessions::id, sessions::state, sessions::telling))
        .load(tx.db())?)
}
