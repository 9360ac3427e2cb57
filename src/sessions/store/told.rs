//! What is told of sessions, as rows: which are to come, which is the next, and which were changed in one word.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CourseId, PersonId, SessionId};
use crate::schema::{custody, matches, people, sessions};
use crate::sessions::model::{State, Telling};

/// Of what something is told: what is to take place, and what is off, as long as it would be to come.
const TOLD: [State; 2] = [State::Planned, State::Cancelled];

/// Sessions of a course that are still to come, or would be.
pub fn fact_coming_of_course(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let of_course = matches::table.filter(matches::course_id.eq(course)).select(matches::id);
    Ok(sessions::table
        .filter(sessions::match_id.eq_any(of_course))
        .filter(sessions::state.eq_any(TOLD))
        .filter(sessions::starts_at.gt(now))
        .order((sessions::starts_at, sessions::id))
        .select(sessions::id)
        .load(tx.db())?)
}

/// Sessions of a person, and of the children whose reminders the person gets or in whose custody the person has a part, that are still to come, or
/// would be: what is the person's address is none of theirs.
pub fn fact_coming_of_reader(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let children = people::table.filter(people::recipient_id.eq(person)).select(people::id);
    let in_custody = custody::table.filter(custody::holder_id.eq(person)).select(custody::child_id);
    let whose = sessions::person_id.eq(person).or(sessions::person_id.eq_any(children)).or(sessions::person_id.eq_any(in_custody));
    Ok(sessions::table
        .filter(sessions::state.eq_any(TOLD))
        .filter(sessions::starts_at.gt(now))
        .filter(whose)
        .order((sessions::starts_at, sessions::id))
        .select(sessions::id)
        .load(tx.db())?)
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

/// The sessions in a state that begin at this very moment, with whom is met.
pub(in crate::sessions) fn fact_at(tx: &mut Tx<'_>, at: Instant, state: State) -> Result<Vec<(SessionId, PersonId)>> {
    let then = sessions::table.filter(sessions::starts_at.eq(at)).filter(sessions::state.eq(state));
    Ok(then.order(sessions::id).select((sessions::id, sessions::person_id)).load(tx.db())?)
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
