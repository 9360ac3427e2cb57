//! Steps of a session: proposed and agreed on; moved and cancelled, with why; cancelled, it takes place after all.

use super::{check_match, check_planned, get, move_seen, store, take_off_because, take_up, timed};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::SessionId;
use crate::facts::Fact;
use crate::matching;
use crate::sessions::changes::{self, Because, ChangeKind, Reason};
use crate::sessions::free::actions::{check_rules, or_alternatives};
use crate::sessions::model::{Cancellation, Plan, Session, State};
use crate::sessions::rules;
use crate::sessions::{joint, logs};

/// Proposes a session: it holds the time of both until it is confirmed, moved or cancelled; nobody is told.
///
/// # Errors
/// As [`super::plan`].
pub fn propose(tx: &mut Tx<'_>, plan: &Plan) -> Result<SessionId> {
    plan_in(tx, plan, State::Proposed)
}

pub(super) fn plan_in(tx: &mut Tx<'_>, plan: &Plan, state: State) -> Result<SessionId> {
    let unknown = |_| invalid("/match_id", "unknown_match", "Matchet findes ikke", "There is no such match");
    let matched = matching::store::get(tx, plan.matched).map_err(unknown)?;
    let planned = tx.attempt(|tx| take_up(tx, plan, state, None));
    if planned.is_ok() {
        return planned;
    }
    let wanted = timed(tx, plan.id.unwrap_or_else(|| tx.new_id()), &matched, plan)?;
    or_alternatives(tx, &wanted, planned)
}

/// As [`super::move_to`], with by whom and why.
///
/// # Errors
/// As [`super::move_to`].
pub fn move_because(tx: &mut Tx<'_>, id: SessionId, expected: &Expected, times: (Instant, Instant), because: Because) -> Result<SessionId> {
    let session = get(tx, id)?;
    expected.check(session.version)?;
    move_seen(tx, session, times, because)
}

/// As [`super::cancel`], with why.
///
/// # Errors
/// As [`super::cancel`].
pub fn cancel_because(tx: &mut Tx<'_>, id: SessionId, cancellation: &Cancellation, reason: Option<Reason>) -> Result<SessionId> {
    let session = get(tx, id)?;
    check_planned(&session)?;
    let at = matching::rules::stated(cancellation.happened_at, tx.now, session.recorded_at)?;
    let person = session.person;
    take_off_because(tx, session, (cancellation.by, reason), at, cancellation.new_time_agreed, None)?;
    tx.tell(Fact::SessionChanged { session: id });
    tx.tell(Fact::AttendanceChanged { person });
    Ok(id)
}

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
    let now = tx.now;
    changes::actions::note(tx, &session, ChangeKind::Confirmed, Because::default(), now)?;
    session.state = State::Planned;
    session.timed_at = now;
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
    let now = tx.now;
    changes::actions::note(tx, &session, ChangeKind::Restored, Because::default(), now)?;
    session.state = State::Planned;
    session.timed_at = now;
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
