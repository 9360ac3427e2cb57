//! What a stored log warns of: what it says by itself, and where it leaves its case and course.

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::cases;
use crate::courses;
use crate::sessions::logs::model::{Content, Log, Outcome, Warning};
use crate::sessions::logs::rules;
use crate::sessions::store as session_store;

/// The warnings of a log whose session is as it says.
pub(super) fn of(tx: &mut Tx<'_>, log: &Log, content: &Content, agreed_at: Instant) -> Result<Vec<Warning>> {
    let case_is_closed = cases::store::fact_state(tx, log.case)? != Some(cases::model::State::Open);
    let mut warnings = rules::warnings(content, agreed_at, tx.now, case_is_closed);
    let is_gone_through = content.outcome != Outcome::Held && courses::store::fact(tx, log.course)?.state.is_gone_through();
    if is_gone_through && session_store::fact_first_held_in(tx, log.course)?.is_none() {
        warnings.push(Warning::EndInDoubt);
    }
    Ok(warnings)
}
