//! A promise about misses in a row, or to tell somebody by hand, was said to have been kept, which was a mistake.

use super::{answers, count_missed, replan_messages, replan_messages_of};
use crate::access::Tx;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{DutyId, PersonId};
use crate::duties::store::find_fact;
use crate::duties::{Duty, Kind};
use crate::journal::SubjectKind;
use crate::people;

/// Consequence: that a promise was settled by hand is taken back. A run of misses is counted anew; whoever was not told knows a session as before,
/// and what is to be told of it, and of what was taken to be told with it, agrees with that.
///
/// # Errors
/// 409 when whoever missed them has died.
pub fn settlement_retracted(tx: &mut Tx<'_>, duty: DutyId) -> Result<()> {
    let Some(duty) = find_fact(tx, duty)? else { return Ok(()) };
    match (duty.kind, duty.about.person) {
        (Kind::MissedTwice, Some(person)) => {
            if people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some()) {
                return Err(Problem::new(Code::WrongState).say("Personen er død", "The person has died").into());
            }
            count_missed(tx, person)
        }
        (Kind::TellByHand, Some(person)) => not_told(tx, &duty, person),
        _ => Ok(()),
    }
}

fn not_told(tx: &mut Tx<'_>, duty: &Duty, person: PersonId) -> Result<()> {
    if duty.subject_kind == SubjectKind::Answer {
        return answers::actions::retell(tx, duty.subject_id.cast(), true);
    }
    // Also where it is over by now.
    replan_messages(tx, duty.subject_id.cast())?;
    replan_messages_of(tx, person)
}
