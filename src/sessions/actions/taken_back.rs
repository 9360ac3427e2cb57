//! A promise about misses in a row, or to tell somebody by hand, was said to have been kept, which was a mistake.

use super::{answers, count_missed, reminders, replan_messages, replan_messages_of, store};
use crate::access::Tx;
use crate::base::error::{Code, Problem, Result};
use crate::cases;
use crate::duties::store::find_fact;
use crate::duties::{Duty, State};
use crate::journal::SubjectKind;
use crate::people;

/// Consequence: that somebody looked at a run of misses is taken back; it is counted anew, and is that open case's into which it reaches.
///
/// # Errors
/// 409 when whoever missed them has died, or no case into which it reaches is open.
pub fn run_retracted(tx: &mut Tx<'_>, duty: &Duty) -> Result<()> {
    let Some(person) = duty.about.person else { return Ok(()) };
    if people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some()) {
        return Err(Problem::new(Code::WrongState).say("Personen er død", "The person has died").into());
    }
    count_missed(tx, person)?;
    let Some(open) = find_fact(tx, duty.id)?.filter(|duty| duty.state == State::Open) else { return Ok(()) };
    // An open case that a bar hides from whoever takes it back is not told from none.
    if let Some(case) = open.about.case
        && tx.is_barred(&[case.cast()])?
    {
        return Err(cases::rules::closed().into());
    }
    check_case(tx, &open)
}

/// Consequence: that somebody told of a session, or passed on an answer, by hand is taken back. Whoever was not told knows a session as before, and
/// what is to be told of it, and of what was taken to be told with it, agrees with that.
///
/// # Errors
/// 409 when the case is closed, which lets go of it.
pub fn telling_retracted(tx: &mut Tx<'_>, duty: &Duty) -> Result<()> {
    check_case(tx, duty)?;
    if duty.subject_kind == SubjectKind::Answer {
        return answers::actions::retell(tx, duty.subject_id.cast(), true);
    }
    let Some(session) = store::find_fact(tx, duty.subject_id.cast())? else { return Ok(()) };
    // Also where it is over by now.
    replan_messages(tx, session.id)?;
    replan_messages_of(tx, session.person)?;
    reminders::actions::beside::agree_untold(tx, &session)
}

fn check_case(tx: &mut Tx<'_>, duty: &Duty) -> Result<()> {
    match duty.about.case {
        Some(case) => cases::rules::check_open(&cases::store::fact(tx, case)?.ok_or(Code::NotFound)?),
        None => Ok(()),
    }
}
