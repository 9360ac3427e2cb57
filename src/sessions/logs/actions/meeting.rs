//! Which session a log is about: the one it names, one it must mean, or one of its own.

use super::next;
use super::writer::Writer;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result, invalid, or_invalid};
use crate::base::ids::SessionId;
use crate::base::value::Flaw;
use crate::facts::Fact;
use crate::matching::{self, Match};
use crate::sessions::logs::model::{Content, Log, NewLog, Warning};
use crate::sessions::logs::rules::agreed::Agreed;
use crate::sessions::logs::{rules, store};
use crate::sessions::model::{Session, Side, State, Telling};
use crate::sessions::{actions as sessions, changes, store as session_store};

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
    /// The session that it names and is kept apart from, for its writer has no say in that.
    pub apart: Option<SessionId>,
    /// Why the session that it names is not the log's.
    pub warning: Option<Warning>,
}

impl Meeting {
    /// As far as its writer has a say: what is to come and not theirs stays as it is, whatever it is by now, and the log gets a session of its own.
    /// What an earlier version was so kept apart from (`before`) it is kept apart from once that has begun, too.
    pub(super) fn within_say(self, writer: &Writer, now: Instant, before: Option<SessionId>) -> Self {
        let is_theirs = |session: &Session| writer.has_say(session) || before != Some(session.id) && writer.may_touch(session, now);
        match self.session.as_ref().filter(|session| !is_theirs(session)).map(|session| session.id) {
            None => self,
            apart => Self { session: None, apart, warning: Some(Warning::PlanChanged), ..self },
        }
    }
}

/// What a new log is about. Where it names a match, a session that we do not know, or of another match, stands in nobody's way: the plan of a
/// phone may have been refused, or come later. A session whose time was changed since the phone looked is left as it is.
pub(super) fn find(tx: &mut Tx<'_>, new: &NewLog) -> Result<Meeting> {
    let named = match new.session() {
        Some(id) => session_store::find_fact(tx, id)?,
        None => None,
    };
    let matched = match (new.matched, &named, new.session()) {
        (Some(id), ..) => id,
        (None, Some(session), _) => session.matched,
        (None, None, Some(_)) => return or_match(Err(Code::NotFound.into()), new),
        (None, None, None) => return Err(invalid("/match_id", Flaw::Required, "Angiv match eller møde", "Give a match or a session")),
    };
    let matched = matching::store::find_fact(tx, matched)?.ok_or(Code::NotFound)?;
    let is_free = named.is_none();
    let Some(session) = named.filter(|session| session.matched == matched.id) else {
        let warning = new.session().map(|_| Warning::UnknownSession);
        return Ok(Meeting {
            matched,
            named: None,
            session: None,
            given_up_at: None,
            free: new.session().filter(|_| is_free),
            apart: None,
            warning,
        });
    };
    let moves = changes::actions::moves_of(tx, session.id)?;
    let given_up_at = rules::given_up_at(&session, &moves, &new.content);
    let named = Some(session.id);
    Ok(match given_up_at {
        Some(_) => Meeting { matched, named, session: None, given_up_at, free: None, apart: None, warning: Some(Warning::PlanChanged) },
        None => Meeting { matched, named, session: Some(session), given_up_at: None, free: None, apart: None, warning: None },
    })
}

/// A log that names nothing but a session which is not its writer's, or nobody's, can still be mended: its match is asked for. Only a match that
/// never was the writer's is refused.
///
/// # Errors
/// The judgement's own, or 422.
pub(super) fn or_match<T>(judged: Result<T>, new: &NewLog) -> Result<T> {
    let words = ("Mødet kendes ikke: angiv match", "The session is not known: give the match");
    if new.matched.is_some() { judged } else { or_invalid(judged, Flaw::Required.at("/match_id").say(words.0, words.1)) }
}

/// What a known log should be about instead, where its writer says another session or another match.
pub(super) fn find_right(tx: &mut Tx<'_>, log: &Log, new: &NewLog) -> Result<Option<Meeting>> {
    let is_same = new.session().is_none_or(|id| id == log.session) && new.matched.is_none_or(|id| id == log.matched);
    if is_same { Ok(None) } else { find(tx, new).map(Some) }
}

/// The session that a log should be about instead, where it is known.
pub(super) fn find_there(tx: &mut Tx<'_>, log: &Log, right: &Meeting, there: &Writer, content: &Content) -> Result<Option<Session>> {
    match &right.session {
        None if right.matched.id != log.matched => find_known(tx, there, &right.matched, content),
        known => Ok(known.clone()),
    }
}

/// Makes a log one about another session: of its match, where that one is named, or of the match that it was meant for. What it was filed under
/// before never was about it; what is to come of that stays as it is where its writer `here` has no say in it: then it is returned.
///
/// # Errors
/// 409 when the session has a log.
pub(super) fn refile(
    tx: &mut Tx<'_>,
    log: &mut Log,
    right: Meeting,
    (content, agreed): (&Content, &Agreed),
    (here, there): (&Writer, &Writer),
) -> Result<Option<SessionId>> {
    let known = find_there(tx, log, &right, there, content)?;
    let Meeting { matched, given_up_at, free, .. } = right;
    let is_elsewhere = matched.id != log.matched;
    let session = match known {
        Some(session) => session,
        None if is_elsewhere => make(tx, there, &matched, content, given_up_at, free)?,
        None => return Ok(None),
    };
    if session.id == log.session {
        return Ok(None);
    }
    super::check_without_log(tx, session.id)?;
    let former = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
    let left = (!here.may_touch(&former, tx.now)).then_some(former.id);
    if left.is_none() {
        give_back(tx, former)?;
    }
    if is_elsewhere {
        if here.may_plan() {
            next::take_back(tx, log, agreed)?;
        }
        // Whoever was met never was: their count, the start of their course and the support of their match go without it.
        tx.changed(log.person);
        tx.tell(Fact::AttendanceChanged { person: log.person });
        tx.tell(Fact::HeldCorrected { matched: log.matched });
        (log.matched, log.course, log.case, log.person) = (matched.id, matched.course, matched.case, matched.person);
        (log.held_at, log.next_waits) = (None, false);
    }
    log.session = session.id;
    Ok(left)
}

/// The session that a log left as it had said before, where nobody has decided on it: it is neither planned again nor has a log of its own, and no
/// coordinator writes.
pub(super) fn find_left(tx: &mut Tx<'_>, log: &Log, writer: &Writer) -> Result<Option<SessionId>> {
    let Some(before) = log.left.filter(|before| !writer.is_unit && *before != log.session) else { return Ok(None) };
    let is_open = session_store::find_fact(tx, before)?.is_none_or(|session| session.state.is_open());
    let is_decided = is_open || store::fact_of_session(tx, before)?.is_some();
    Ok((!is_decided).then_some(before))
}

/// The session of a log without one, where it is known: of the match's that its writer may touch the one that is planned or proposed and that it
/// overlaps, one that began at the same moment, or one of which the same was told before.
pub(super) fn find_known(tx: &mut Tx<'_>, writer: &Writer, matched: &Match, content: &Content) -> Result<Option<Session>> {
    let (now, ends_at) = (tx.now, rules::ends_at(content));
    let mut all = session_store::fact_of_match(tx, matched.id)?;
    all.retain(|session| writer.may_touch(session, now));
    let same = all.iter().find(|session| session.starts_at == content.starts_at && session.state != State::Cancelled);
    let overlaps = |session: &Session| session.starts_at < ends_at && content.starts_at < session.ends_at;
    let is_planned = |session: &&Session| session.state.is_open() && overlaps(session);
    let is_told = |session: &&Session| rules::tells_again(content, session);
    let found = same.or_else(|| all.iter().find(is_planned)).or_else(|| all.iter().find(is_told));
    Ok(found.cloned())
}

/// A new session, not planned, under the `free` id where there is one. Where the plan it tells of had been given up by then, nobody was to come; nor of
/// what is to come where its writer has no say in it.
pub(super) fn make(
    tx: &mut Tx<'_>,
    writer: &Writer,
    matched: &Match,
    content: &Content,
    given_up_at: Option<Instant>,
    free: Option<SessionId>,
) -> Result<Session> {
    let (now, ends_at) = (tx.now, rules::ends_at(content));
    let given_up_at = match given_up_at {
        None => changes::actions::given_up_at(tx, matched.id, content.starts_at, ends_at)?,
        known => known,
    };
    let id = free.unwrap_or_else(|| tx.new_id());
    let is_unheard = content.starts_at > now && !writer.may_plan();
    let was_off = is_unheard || given_up_at.is_some_and(|at| at < content.starts_at || !content.outcome.has_happened());
    let made = Session {
        starts_at: content.starts_at,
        ends_at,
        was_planned: false,
        state: content.outcome.state(),
        telling: was_off.then_some(Telling::Nobody),
        ..sessions::blank(tx, id, matched, tx.account()?)
    };
    session_store::insert(tx, &made)?;
    Ok(made)
}

/// A session whose log turns out to be another's comes back, planned or proposed, as it was, where it can; else it is off by the unit, which is
/// nobody's miss. One that nobody had planned never was, nor a proposal that cannot be, and nobody knows of it.
fn give_back(tx: &mut Tx<'_>, mut session: Session) -> Result<()> {
    if session.was_planned {
        match tx.attempt(|tx| sessions::steps::come_back(tx, session.clone())) {
            Err(Error::Refused(_)) => {}
            ended => return ended,
        }
    }
    session.state = State::Cancelled;
    (session.late_cancellation, session.minutes) = (false, None);
    if session.was_planned && session.telling != Some(Telling::Nobody) {
        let off_at = session.cancelled_at.unwrap_or(tx.now);
        (session.cancelled_by, session.cancelled_at, session.new_time_agreed) = (Some(Side::Unit), Some(off_at), Some(false));
    } else {
        (session.cancelled_by, session.cancelled_at, session.new_time_agreed) = (None, None, None);
        session.telling = Some(Telling::Nobody);
    }
    session_store::save(tx, &session)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    Ok(())
}
