//! What a stored log warns of: what it says by itself, and where it leaves its case and course.

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CourseId, SessionId};
use crate::cases;
use crate::courses;
use crate::duties;
use crate::matching::Match;
use crate::sessions::logs::model::{Content, Log, Outcome, Warning};
use crate::sessions::logs::rules;
use crate::sessions::model::Session;
use crate::sessions::store as session_store;

/// The warnings of a log whose session is as it says; of its writer's clock, as it was when it came in.
pub(super) fn of(tx: &mut Tx<'_>, log: &Log, session: &Session, content: &Content, agreed_at: Instant) -> Result<Vec<Warning>> {
    let case_is_closed = cases::store::fact_state(tx, log.case)? != Some(cases::model::State::Open);
    let mut warnings = rules::warnings(content, agreed_at, log.received_at, case_is_closed);
    // What it tells of may have taken the place of the plan: that stands in the promise of its log.
    let subject = session.id.cast();
    let promise = if session.was_planned { duties::store::find(tx, duties::Kind::LogMissing, subject, "")? } else { None };
    if promise.is_some_and(|promise| rules::is_far(promise.from_at, content)) {
        warnings.push(Warning::FarFromPlan);
    }
    if content.outcome != Outcome::Held && is_in_doubt(tx, log.course)? {
        warnings.push(Warning::EndInDoubt);
    }
    Ok(warnings)
}

/// Since when a session that fell away was agreed on: since it was planned; unplanned, since the match began.
pub(super) fn agreed_at(session: &Session, matched: &Match) -> Instant {
    if session.was_planned { session.recorded_at } else { matched.starts_at.unwrap_or(session.recorded_at) }
}

/// Why the session that is named is not the log's, where it is not: as the first answer said.
pub(super) fn named(tx: &mut Tx<'_>, log: &Log, named: Option<SessionId>) -> Result<Option<Warning>> {
    let Some(named) = named.filter(|named| *named != log.session) else { return Ok(None) };
    let is_theirs = session_store::find_fact(tx, named)?.is_some_and(|session| session.matched == log.matched);
    Ok(Some(if is_theirs { Warning::PlanChanged } else { Warning::UnknownSession }))
}

/// The warning of a log that was another course's before, where it is not among these already.
pub(super) fn left(tx: &mut Tx<'_>, log: &Log, course: CourseId, warnings: &[Warning]) -> Result<Option<Warning>> {
    let is_new = course != log.course && !warnings.contains(&Warning::EndInDoubt);
    Ok((is_new && is_in_doubt(tx, course)?).then_some(Warning::EndInDoubt))
}

/// Whether a course counts as gone through in which nothing was held, as the logs have it by now.
fn is_in_doubt(tx: &mut Tx<'_>, course: CourseId) -> Result<bool> {
    let is_gone_through = courses::store::fact(tx, course)?.state.is_gone_through();
    Ok(is_gone_through && session_store::fact_first_held_in(tx, course)?.is_none())
}
