//! What a stored log warns of: what it says by itself, and where it leaves its case and course.

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::CourseId;
use crate::cases;
use crate::courses;
use crate::sessions::logs::model::{Content, Log, Outcome, Warning};
use crate::sessions::logs::rules;
use crate::sessions::store as session_store;

/// The warnings of a log whose session is as it says.
pub(super) fn of(tx: &mut Tx<'_>, log: &Log, content: &Content, agreed_at: Instant) -> Result<Vec<Warning>> {
    let case_is_closed = cases::store::fact_state(tx, log.case)? != Some(cases::model::State::Open);
    let mut warnings = rules::warnings(content, agreed_at, tx.now, case_is_closed);
    if content.outcome != Outcome::Held && is_in_doubt(tx, log.course)? {
        warnings.push(Warning::EndInDoubt);
    }
    Ok(warnings)
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
