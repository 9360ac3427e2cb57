//! Steps of a session: proposed and agreed on; moved and cancelled, with why; cancelled, it takes place after all.

use super::{check_match, check_time, get, get_to_change, move_seen, store, take_off, take_up};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result, Violation};
use crate::base::http::Expected;
use crate::base::ids::SessionId;
use crate::facts::Fact;
use crate::matching;
use crate::sessions::changes::{self, Because, ChangeKind, Reason};
use crate::sessions::free::actions::{TimeSet, check_rules, or_alternatives};
use crate::sessions::model::{Arrangement, Cancellation, Plan, Session, State, Telling};
use crate::sessions::reminders::actions::speaking;
use crate::sessions::{covers, joint, logs, rules};

/// Proposes a session: it holds the time of both until it is confirmed, moved or cancelled; nobody is told.
///
/// # Errors
/// As [`super::plan`].
pub fn propose(tx: &mut Tx<'_>, plan: &Plan) -> Result<SessionId> {
    plan_in(tx, plan, State::Proposed)
}

pub(super) fn plan_in(tx: &mut Tx<'_>, plan: &Plan, state: State) -> Result<SessionId> {
    matching::actions::get_named(tx, plan.matched, "/match_id")?;
    take_up(tx, plan, state, None)
}

/// Moves a planned session to another time, or changes how long, how and where they meet, by whom and why; it keeps its id.
///
/// # Errors
/// 404, 412; 409 when it is not planned, the match or course plans nothing, a rule stands against the time, or either has something else
/// then, with other times; 422.
pub fn move_because(tx: &mut Tx<'_>, id: SessionId, expected: &Expected, to: Arrangement, because: Because) -> Result<SessionId> {
    let session = get(tx, id)?;
    let shown_as_cover = covers::actions::find_shown_as_cover(tx, &session)?;
    expected.check(shown_as_cover.map_or(session.version, |covered| covered.version))?;
    move_seen(tx, &session, to, because)
}

/// Cancels a planned session, by whose side, when and why.
///
/// # Errors
/// 404, 409 when it is not planned, 422 for an impossible moment.
pub fn cancel_because(tx: &mut Tx<'_>, id: SessionId, cancellation: &Cancellation, reason: Option<Reason>) -> Result<SessionId> {
    let session = get_to_change(tx, id)?;
    rules::check_open(session.state)?;
    let at = matching::rules::stated(cancellation.happened_at, tx.now, session.recorded_at)?;
    let person = session.person;
    take_off(tx, session, (cancellation.by, reason), at, cancellation.new_time_agreed, None)?;
    tx.tell(Fact::SessionChanged { session: id });
    tx.tell(Fact::AttendanceChanged { person });
    Ok(id)
}

/// Both agreed on a proposed session: it is planned. It held their time already.
///
/// # Errors
/// 404; 409 when it is not proposed, the match or course plans nothing, or a rule stands against the time; 422 when it is past.
pub fn confirm(tx: &mut Tx<'_>, id: SessionId) -> Result<SessionId> {
    let (session, now) = (get_to_change(tx, id)?, tx.now);
    confirm_seen(tx, session, now)
}

/// As [`confirm`], of a session that the caller was shown, or whose match is theirs, and that both agreed on at a stated moment.
///
/// # Errors
/// As [`confirm`], but for 404.
pub(in crate::sessions) fn confirm_seen(tx: &mut Tx<'_>, mut session: Session, agreed_at: Instant) -> Result<SessionId> {
    let id = session.id;
    if session.state != State::Proposed {
        return Err(Problem::new(Code::WrongState).say("Mødet er ikke foreslået", "The session is not proposed").into());
    }
    check_time(tx, session.matched, session.starts_at, session.ends_at)?;
    tx.lock(&session.both())?;
    check_rules(tx, std::slice::from_ref(&session), TimeSet::Before)?;
    let now = tx.now;
    changes::actions::note(tx, &session, ChangeKind::Confirmed, Because::default(), now)?;
    (session.state, session.telling) = (State::Planned, None);
    (session.timed_at, session.agreed_at) = (now, Some(agreed_at));
    store::save(tx, &session)?;
    tx.tell(Fact::SessionChanged { session: id });
    Ok(id)
}

/// A cancelled session takes place after all (`come_back`). What nobody had planned does not: a log told of it, and was another's.
///
/// # Errors
/// 404; 403 for a part where a coordinator decides; 409 when it is not cancelled, never was planned, its cancellation was logged, nothing of its
/// joint session stands then, `custody_conflict`, the match or course plans nothing, a rule stands against the time, or either has something else
/// then; 422 when it is past.
pub fn restore(tx: &mut Tx<'_>, id: SessionId) -> Result<SessionId> {
    let session = get_to_change(tx, id)?;
    if session.state != State::Cancelled {
        return Err(Problem::new(Code::WrongState).say("Mødet er ikke aflyst", "The session is not cancelled").into());
    }
    if let Some(log) = logs::actions::find_log_of(tx, id)? {
        let problem = Problem::new(Code::WrongState).say("Aflysningen er logget", "The cancellation was logged");
        return Err(problem.blocked_by("log", log.uuid()).into());
    }
    if !session.was_planned {
        return Err(Problem::new(Code::WrongState).say("Mødet var aldrig planlagt", "The session never was planned").into());
    }
    rules::check_time(session.starts_at, session.ends_at, tx.now, tx.programme.zone)?;
    come_back(tx, session)?;
    Ok(id)
}

/// A session that is off, or was logged by what was another's, comes back at the same time, which is taken anew: somebody else may have it by now.
/// One that is still to come is judged as one that is planned: its match runs, its course does not stand still, and no consent is missing.
/// Whoever read that it was off is told that their appointments have changed. What was only proposed is proposed again; what somebody covered who
/// has no time any more, or could not on that day, is with whoever runs the match. A part of a joint session that is still to come comes back as long
/// as the rest stands at that time, for as long and in the way that the rest has by now.
///
/// # Errors
/// As [`restore`], but for 404, what it asks of the session's state, and 422.
pub(in crate::sessions) fn come_back(tx: &mut Tx<'_>, mut session: Session) -> Result<()> {
    let now = tx.now;
    let is_coming = session.starts_at > now;
    if is_coming {
        let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
        let on = tx.programme.calendar().zone.date(session.starts_at);
        check_match(tx, &matched, on)?;
    }
    let rest = if is_coming { joint::actions::find_rest(tx, &session)? } else { None };
    tx.lock(&session.everybody())?;
    // Who covered what is past is what happened.
    if is_coming {
        covers::actions::judge(tx, &mut session)?;
    }
    let was_off = session.state == State::Cancelled;
    let was_told = was_off && was_told_of_its_end(tx, &session)?;
    if was_off {
        changes::actions::note(tx, &session, ChangeKind::Restored, Because::default(), now)?;
        session.timed_at = now;
    }
    if let Some(rest) = rest {
        (session.ends_at, session.kind, session.place) = (rest.ends_at, rest.kind, rest.place);
    }
    take_again(tx, &mut session)?;
    // Also where a log had it that they met at it: see [`Session::was_only_proposed`].
    if session.telling == Some(Telling::Nobody) {
        session.state = State::Proposed;
    } else {
        session.state = State::Planned;
        session.telling = was_told.then_some(Telling::ForAll);
    }
    (session.cancelled_by, session.cancelled_at, session.new_time_agreed, session.minutes) = (None, None, None, None);
    session.late_cancellation = false;
    store::save(tx, &session)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    tx.tell(Fact::AttendanceChanged { person: session.person });
    Ok(())
}

/// Takes the time of a session that comes back. Where whoever covered it cannot any more, it is with whoever runs the match. No rule stands against
/// what is past.
fn take_again(tx: &mut Tx<'_>, session: &mut Session) -> Result<()> {
    fn take(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
        tx.attempt(|tx| {
            if session.starts_at > tx.now {
                let together = joint::actions::met_at_once(tx, session)?;
                check_rules(tx, &together, TimeSet::Before)?;
            }
            joint::actions::claim(tx, session)
        })
    }
    let mut taken = take(tx, session);
    if session.cover.is_some() && matches!(taken, Err(Error::Violation(Violation::ClaimsOverlap) | Error::Refused(_))) {
        covers::actions::give_up(tx, session)?;
        session.cover = None;
        taken = take(tx, session);
    }
    or_alternatives(tx, std::slice::from_ref(session), taken)
}

/// Whether the person may have heard that a session is cancelled: by its own message, by another's that spoke for all, or for a part of a joint
/// session, or by hand. What is still to go will say what is true then; what was said of another part before this one was cancelled is no word of it.
///
/// # Errors
/// The database's and the vault's.
pub(in crate::sessions) fn was_told_of_its_end(tx: &mut Tx<'_>, cancelled: &Session) -> Result<bool> {
    if speaking::is_off_heard(tx, cancelled, None)? {
        return Ok(true);
    }
    let since = speaking::changed_at(tx, cancelled)?;
    for off in joint::actions::off_along(tx, cancelled)? {
        if speaking::is_off_heard(tx, &off, Some(since))? {
            return Ok(true);
        }
    }
    Ok(false)
}
