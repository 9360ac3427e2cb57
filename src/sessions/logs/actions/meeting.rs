//! Which session a log is about: the one it names, one it must mean, or one of its own.

use super::next;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result, Violation, invalid, or_invalid};
use crate::base::ids::SessionId;
use crate::facts::Fact;
use crate::matching::{self, Match};
use crate::sessions::logs::model::{Content, Log, NewLog, Outcome, Warning};
use crate::sessions::logs::rules;
use crate::sessions::model::{Session, State, Telling};
use crate::sessions::{actions as sessions, changes, joint, store as session_store};

/// What a log is about.
pub(super) struct Meeting {
    /// The match it belongs to: the one it names, else its session's.
    pub matched: Match,
    /// The session it names, where that is one of the match.
    pub named: Option<SessionId>,
    /// That session, where it still stands as the log tells of it.
    pub session: Option<Session>,
    /// Else since when the plan that the log tells of stood no more.
    pub given_up_at: Option<Instant>,
    /// The id that it names, where no session has it: the log's own session gets it, so that a plan of that id which is still on its way is
    /// known to be this one.
    pub free: Option<SessionId>,
    /// Why the session that it names is not the log's.
    pub warning: Option<Warning>,
}

/// What a new log is about. Where it names a match, a session that we do not know, or of another match, stands in nobody's way: the plan of a
/// phone may have been refused, or come later. A session whose time was changed since the phone looked is left as it is.
pub(super) fn find(tx: &mut Tx<'_>, new: &NewLog) -> Result<Meeting> {
    let named = match new.session {
        Some(id) => session_store::find_fact(tx, id)?,
        None => None,
    };
    let matched = match (new.matched, &named, new.session) {
        (Some(id), ..) => id,
        (None, Some(session), _) => session.matched,
        (None, None, Some(_)) => return or_match(Err(Code::NotFound.into()), new),
        (None, None, None) => return Err(invalid("/match_id", "required", "Angiv match eller møde", "Give a match or a session")),
    };
    let matched = matching::store::find_fact(tx, matched)?.ok_or(Code::NotFound)?;
    let is_free = named.is_none();
    let Some(session) = named.filter(|session| session.matched == matched.id) else {
        let warning = new.session.map(|_| Warning::UnknownSession);
        return Ok(Meeting { matched, named: None, session: None, given_up_at: None, free: new.session.filter(|_| is_free), warning });
    };
    let moves = changes::actions::moves_of(tx, session.id)?;
    let given_up_at = rules::given_up_at(&session, &moves, &new.content);
    let named = Some(session.id);
    Ok(match given_up_at {
        Some(_) => Meeting { matched, named, session: None, given_up_at, free: None, warning: Some(Warning::PlanChanged) },
        None => Meeting { matched, named, session: Some(session), given_up_at: None, free: None, warning: None },
    })
}

/// A log that names nothing but a session which is not its writer's, or nobody's, can still be mended: its match is asked for. Only a match that
/// never was the writer's is refused.
///
/// # Errors
/// The judgement's own, or 422.
pub(super) fn or_match<T>(judged: Result<T>, new: &NewLog) -> Result<T> {
    let words = ("Mødet kendes ikke: angiv match", "The session is not known: give the match");
    if new.matched.is_some() { judged } else { or_invalid(judged, "/match_id", "required", words.0, words.1) }
}

/// What a known log should be about instead, where its writer says another session or another match.
pub(super) fn find_right(tx: &mut Tx<'_>, log: &Log, new: &NewLog) -> Result<Option<Meeting>> {
    let is_same = new.session.is_none_or(|id| id == log.session) && new.matched.is_none_or(|id| id == log.matched);
    if is_same { Ok(None) } else { find(tx, new).map(Some) }
}

/// Makes a log one about another session: of its match, where that one is named, or of the match that it was meant for. What it was filed under
/// before never was about it.
///
/// # Errors
/// 409 when the session has a log.
pub(super) fn refile(tx: &mut Tx<'_>, log: &mut Log, right: Meeting, content: &Content, present: &Content) -> Result<()> {
    let Meeting { matched, session, given_up_at, free, .. } = right;
    let is_elsewhere = matched.id != log.matched;
    let session = match session {
        Some(session) => session,
        None if is_elsewhere => find_or_make(tx, &matched, content, given_up_at, free)?,
        None => return Ok(()),
    };
    if session.id == log.session {
        return Ok(());
    }
    super::check_without_log(tx, session.id)?;
    give_back(tx, log.session)?;
    if is_elsewhere {
        next::take_back(tx, log, present)?;
        // Whoever was met never was: their count, the start of their course and the support of their match go without it.
        tx.changed(log.person);
        tx.tell(Fact::AttendanceChanged { person: log.person });
        tx.tell(Fact::HeldCorrected { matched: log.matched });
        (log.matched, log.course, log.case, log.person) = (matched.id, matched.course, matched.case, matched.person);
        log.held_at = None;
    }
    log.session = session.id;
    Ok(())
}

/// The session of a log without one: of the match's one that is planned or proposed and that it overlaps, one that began at the same
/// moment, one of which the same was told before, or a new one, not planned, under the `free` id where there is one. Where the plan it tells of had
/// been given up by then, nobody was to come.
pub(super) fn find_or_make(
    tx: &mut Tx<'_>,
    matched: &Match,
    content: &Content,
    given_up_at: Option<Instant>,
    free: Option<SessionId>,
) -> Result<Session> {
    let ends_at = rules::ends_at(content);
    let all = session_store::fact_of_match(tx, matched.id)?;
    let same = all.iter().find(|session| session.starts_at == content.starts_at && session.state != State::Cancelled);
    let overlaps = |session: &Session| session.starts_at < ends_at && content.starts_at < session.ends_at;
    let is_planned = |session: &&Session| session.state.is_open() && overlaps(session);
    let is_told = |session: &&Session| rules::tells_again(content, session);
    if let Some(session) = same.or_else(|| all.iter().find(is_planned)).or_else(|| all.iter().find(is_told)) {
        return Ok(session.clone());
    }
    let given_up_at = match given_up_at {
        None => changes::actions::given_up_at(tx, matched.id, content.starts_at, ends_at)?,
        known => known,
    };
    let id = free.unwrap_or_else(|| tx.new_id());
    let was_off = given_up_at.is_some_and(|at| at < content.starts_at || !content.outcome.has_happened());
    let made = Session {
        starts_at: content.starts_at,
        ends_at,
        was_planned: false,
        state: content.outcome.state(),
        telling: (was_off && content.outcome != Outcome::Held).then_some(Telling::Nobody),
        ..sessions::blank(tx, id, matched)?
    };
    session_store::insert(tx, &made)?;
    Ok(made)
}

/// A session whose log turns out to be another's: planned again, where it was planned and its time is still free; else it never was one, and
/// nobody knows of it.
pub(super) fn give_back(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let mut session = session_store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let has_time = match tx.attempt(|tx| if session.was_planned { joint::actions::claim(tx, &session) } else { Ok(()) }) {
        Ok(()) => session.was_planned,
        Err(Error::Violation(Violation::ClaimsOverlap)) => false,
        Err(error) => return Err(error),
    };
    (session.cancelled_by, session.cancelled_at, session.new_time_agreed, session.minutes) = (None, None, None, None);
    session.late_cancellation = false;
    session.telling = match (has_time, session.state) {
        (false, _) => Some(Telling::Nobody),
        (true, State::Cancelled) if sessions::steps::was_told_of_its_end(tx, &session)? => Some(Telling::ForAll),
        (true, _) => None,
    };
    session.state = if has_time { State::Planned } else { State::Cancelled };
    session_store::save(tx, &session)?;
    tx.tell(Fact::SessionChanged { session: id });
    Ok(())
}
