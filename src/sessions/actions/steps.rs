//! A proposed session is agreed on; a cancelled one takes place after all.

use super::{check_match, get, store};
use crate::access::Tx;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::SessionId;
use crate::facts::Fact;
use crate::matching;
use crate::sessions::free::actions::{check_rules, or_alternatives};
use crate::sessions::{joint, logs};
use crate::sessions::model::{Session, State};
use crate::sessions::rules;

/// Both agreed on a proposed session: it is planned. It held their time already.
///
/// # Errors
/// 404; 409 when it is not proposed, the match or course plans nothing, or a rule stands against the time; 422 when it is past.
pub fn confirm(tx: &mut Tx<'_>, id: SessionId) -> Result<SessionId> {
    let mut session = get(tx, id)?;
    if session.state != State::Proposed {
        return Err(Problem::new(Code::WrongState).say("Mødet er ikke foreslået", "The session is not proposed").into());
    }
    check_standing(tx, &session)?;
    store::lock(tx, &session)?;
    check_rules(tx, &session)?;
    session.state = State::Planned;
    session.timed_at = tx.now;
    store::save(tx, &session)?;
    tx.tell(Fact::SessionChanged { session: id });
    Ok(id)
}

/// A cancelled session takes place after all, at the same time, which is taken anew: somebody else may have it by now.
///
/// # Errors
/// 404; 409 when it is not cancelled, its cancellation was logged, the match or course plans nothing, a rule stands against the time, or
/// either has something else then; 422 when it is past.
pub fn restore(tx: &mut Tx<'_>, id: SessionId) -> Result<SessionId> {
    let mut session = get(tx, id)?;
    if session.state != State::Cancelled {
        return Err(Problem::new(Code::WrongState).say("Mødet er ikke aflyst", "The session is not cancelled").into());
    }
    // What several matches share is planned anew as one.
    joint::actions::check_alone(tx, id)?;
    if let Some(log) = logs::actions::find_log_of(tx, id)? {
        let problem = Problem::new(Code::WrongState).say("Aflysningen er logget", "The cancellation was logged");
        return Err(problem.blocked_by("log", log.uuid()).into());
    }
    check_standing(tx, &session)?;
    store::lock(tx, &session)?;
    check_rules(tx, &session)?;
    session.state = State::Planned;
    session.timed_at = tx.now;
    session.telling = None;
    (session.cancelled_by, session.cancelled_at, session.new_time_agreed, session.late_cancellation) = (None, None, None, false);
    store::save(tx, &session)?;
    let claimed = tx.attempt(|tx| store::claim(tx, &session));
    or_alternatives(tx, &session, claimed)?;
    tx.tell(Fact::SessionChanged { session: id });
    tx.tell(Fact::AttendanceChanged { person: session.person });
    Ok(id)
}

/// The session lies ahead and its match may have it.
fn check_standing(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    rules::check_time(session.starts_at, session.ends_at, tx.now)?;
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    let on = tx.programme.calendar().zone.date(session.starts_at);
    check_match(tx, &matched, on)
}
