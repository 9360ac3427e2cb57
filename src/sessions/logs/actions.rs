//! Take a log in, correct it, and let the session agree with it.

mod meeting;
mod next;

use chrono::TimeDelta;

pub use super::store::Filter;

use self::meeting::Meeting;
use super::model::{Content, Log, NewLog, OldVersion, Outcome, Taken, Warning, side};
use super::rules::{self, Next};
use super::store;
use crate::access::{Reach, Tx};
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, LogId, SessionId};
use crate::cases;
use crate::duties::store::Which;
use crate::duties::{self, Kind as DutyKind};
use crate::facts::Fact;
use crate::matching::{self, Match};
use crate::sessions::changes::{self, Because, ChangeKind};
use crate::sessions::model::{Kind, Session, State};
use crate::sessions::{covers, joint, store as session_store};
use crate::staff;

/// A log the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: LogId) -> Result<Log> {
    store::get(tx, id)
}

/// The log that its writer has just written: who may write it need not be who may read it later.
///
/// # Errors
/// 404 when there is no such log.
pub fn get_written(tx: &mut Tx<'_>, id: LogId) -> Result<Log> {
    store::fact(tx, id)?.ok_or_else(|| Code::NotFound.into())
}

/// The logs asked for.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, LogId)>, fetch: i64) -> Result<Vec<Log>> {
    store::list(tx, filter, after, fetch)
}

/// What a log says, opened.
///
/// # Errors
/// The vault's.
pub fn open(tx: &mut Tx<'_>, log: &Log) -> Result<Content> {
    store::open(tx, log)
}

/// The earlier versions of a log the caller may see, and late copies, opened.
///
/// # Errors
/// 404.
pub fn versions(tx: &mut Tx<'_>, id: LogId) -> Result<Vec<(OldVersion, Content)>> {
    let log = store::get(tx, id)?;
    store::open_versions(tx, &log)
}

/// Who writes, as far as a log is concerned: judged on the session's date, whatever they may read today.
struct Writer {
    /// Whose log it is.
    account: AccountId,
    /// After the grace, or not in the match on that date: it is taken in, and lies in the tray.
    to_tray: bool,
    /// A coordinator, who can mend it at once.
    is_unit: bool,
}

/// The writer of a log of this match, or 404: only a match that never was the writer's is refused. Whoever covers writes about the sessions they
/// cover; a meeting of that day that they did not name is taken in, on another day it lies in the tray.
fn writer(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Writer> {
    let (me, now) = (tx.account()?, tx.now);
    let own = staff::store::fact_account(tx, matched.staff)?;
    let barred = tx.is_barred(&[matched.case.cast(), matched.person.cast()])?;
    let ran = matched.starts_at.is_some() && own == Some(me);
    if !barred && (ran || matching::store::fact_ever_covered(tx, me, matched.id)?) {
        let zone = tx.programme.calendar().zone;
        let on = zone.date(starts_at);
        let was_in = matched.starts_at.is_some_and(|from| zone.date(from) <= on) && matched.ended_at.is_none_or(|end| on <= zone.date(end));
        let grace = tx.programme.match_grace_days;
        let in_grace = matched.ended_at.is_none_or(|end| now <= matching::rules::grace_until(end, grace));
        return Ok(Writer { account: me, to_tray: !was_in || !in_grace, is_unit: false });
    }
    let covered = if barred { Vec::new() } else { covers::actions::covered(tx, me, matched.id)? };
    if covered.iter().any(|(session, _)| named.is_none_or(|named| named == *session)) {
        let zone = tx.programme.calendar().zone;
        let grace = TimeDelta::days(i64::from(tx.programme.cover_grace_days));
        let is_day = covered.iter().any(|(_, at)| zone.date(*at) == zone.date(starts_at) && now <= at.plus(grace));
        return Ok(Writer { account: me, to_tray: !is_day, is_unit: false });
    }
    if !barred && tx.reaches(Reach::All) {
        return Ok(Writer { account: own.unwrap_or(me), to_tray: false, is_unit: true });
    }
    Err(Code::NotFound.into())
}

/// What lies before the match began is a slip of the date, as a rule: a coordinator mends it at once, of anybody else it is taken in and lies in
/// the tray.
fn begun(tx: &Tx<'_>, writer: Writer, matched: &Match, starts_at: Instant) -> Result<Writer> {
    let zone = tx.programme.calendar().zone;
    if matched.starts_at.is_some_and(|from| zone.date(from) <= zone.date(starts_at)) {
        return Ok(writer);
    }
    if writer.is_unit {
        let words = ("Mødet ligger før matchets begyndelse", "The session lies before the match began");
        return Err(invalid("/starts_at", "before_match", words.0, words.1));
    }
    Ok(Writer { to_tray: true, ..writer })
}

/// Takes in what a client sends under its own id.
///
/// New: makes or finds its session and logs it. The same again: nothing changes. Other content by the same writer: the next version, or
/// history when its number says it is older; by another writer only over the version they read.
///
/// # Errors
/// 404 for a match or session that never was the writer's; 409 when the session has another log, which it names; 412 and 428 for another
/// writer; 422 without a match or session, minutes when held, more than a day ahead of our clock, or by a coordinator before the match began.
pub fn put(tx: &mut Tx<'_>, new: &NewLog, expected: Result<Expected>) -> Result<Taken> {
    match store::fact(tx, new.id)? {
        None => write(tx, new),
        Some(log) => rewrite(tx, log, new, expected),
    }
}

fn write(tx: &mut Tx<'_>, new: &NewLog) -> Result<Taken> {
    let content = &new.content;
    let Meeting { matched, named, session: planned, given_up_at, warning } = meeting::find(tx, new)?;
    // A planned session's own date counts, where the log tells of a plan that fell away.
    let on = planned
        .as_ref()
        .map_or(content.starts_at, |session| if content.outcome.has_happened() { content.starts_at } else { session.starts_at });
    let writer = writer(tx, &matched, on, named)?;
    let writer = begun(tx, writer, &matched, on)?;
    rules::check(content, tx.now)?;

    let mut session = match planned {
        Some(session) => session,
        None => meeting::find_or_make(tx, &matched, content, given_up_at)?,
    };
    check_without_log(tx, session.id)?;
    let is_far = rules::is_far(&session, content);
    let due_at = tx.programme.calendar().due(session.ends_at, Span::Days(tx.programme.deadlines.log_missing_days));
    let agreed_at = agreed_at(&session, &matched);
    let written_at = rules::written_at(content, agreed_at, tx.now);
    let log = Log {
        id: new.id,
        session: session.id,
        matched: matched.id,
        course: matched.course,
        case: matched.case,
        person: matched.person,
        writer: writer.account,
        recorded_by: tx.account()?,
        outcome: content.outcome,
        starts_at: content.starts_at,
        minutes: content.minutes,
        body: store::seal(tx, new.id, matched.person, &content.body)?,
        revision: new.revision.unwrap_or(1),
        written_at: content.written_at,
        received_at: tx.now,
        late: written_at > due_at,
        clock_ahead: rules::is_ahead(content, tx.now),
        in_tray: writer.to_tray,
        wants_supervision: content.body.wants_supervision,
        welfare_report: content.body.welfare_report,
        changed_at: tx.now,
        version: 1,
    };
    apply(tx, &mut session, content, written_at)?;
    store::insert(tx, &log)?;
    let mut warnings = after(tx, &log, &session, (content, agreed_at), None)?;
    let left_out = new.is_cut.then_some(Warning::LeftOut);
    warnings.extend([is_far.then_some(Warning::FarFromPlan), warning, left_out].into_iter().flatten());
    Ok(Taken { id: log.id, is_new: true, in_tray: log.in_tray, warnings })
}

fn check_without_log(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    let Some(first) = store::fact_of_session(tx, session)? else { return Ok(()) };
    let problem = Problem::new(Code::AlreadyExists).say("Mødet har allerede et notat", "The session has a log already");
    Err(problem.blocked_by("log", first.uuid()).into())
}

fn rewrite(tx: &mut Tx<'_>, mut log: Log, new: &NewLog, expected: Result<Expected>) -> Result<Taken> {
    let content = &new.content;
    let matched = matching::store::find_fact(tx, log.matched)?.ok_or(Code::NotFound)?;
    let writer = writer(tx, &matched, log.starts_at, Some(log.session))?;
    let Some((right, warning)) = meeting::find_right(tx, &log, new)? else {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("log", log.id.uuid()).into());
    };
    let me = tx.account()?;
    let is_own = me == log.writer || me == log.recorded_by;
    let present = store::open(tx, &log)?;
    // What an earlier version said is a late copy of it where its number or its date says so, and its writer's going back to it else.
    let is_later = if is_own {
        new.revision.is_some_and(|number| number > log.revision)
    } else {
        matches!(&expected, Ok(expected) if expected.check(log.version).is_ok())
    };
    let may_be_copy = !is_later && (new.is_dated || new.revision.is_some_and(|number| number < log.revision));
    let is_known =
        right.is_none() && new.says(&present) || may_be_copy && store::open_versions(tx, &log)?.iter().any(|(_, old)| new.says(old));
    let taken = |log: &Log, warnings, to_tray| Taken { id: log.id, is_new: false, in_tray: log.in_tray && to_tray, warnings };
    if is_known {
        return Ok(taken(&log, Vec::new(), writer.to_tray));
    }
    if !is_own {
        expected?.check(log.version)?;
    }
    rules::check(content, tx.now)?;
    let writer = begun(tx, writer, &matched, if content.outcome.has_happened() { content.starts_at } else { log.starts_at })?;
    match rules::next(log.revision, new.revision.filter(|_| is_own)) {
        Next::History(revision) => {
            let now = tx.now;
            store::keep(tx, &log, revision, content, me, now)?;
            Ok(taken(&log, Vec::new(), writer.to_tray))
        }
        Next::Version(revision) => {
            let (by, at) = (log.recorded_by, log.received_at);
            store::keep(tx, &log, log.revision, &present, by, at)?;
            if let Some(right) = &right {
                check_without_log(tx, right.id)?;
                meeting::give_back(tx, log.session)?;
                log.session = right.id;
            }
            log.body = store::seal(tx, log.id, log.person, &content.body)?;
            log.recorded_by = me;
            log.outcome = content.outcome;
            log.starts_at = content.starts_at;
            log.minutes = content.minutes;
            log.revision = revision;
            log.written_at = content.written_at;
            log.received_at = tx.now;
            log.clock_ahead = rules::is_ahead(content, tx.now);
            log.in_tray = log.in_tray || writer.to_tray;
            log.wants_supervision = content.body.wants_supervision;
            log.welfare_report = content.body.welfare_report;
            log.changed_at = tx.now;
            store::save(tx, &log)?;
            let mut session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
            let agreed_at = agreed_at(&session, &matched);
            apply(tx, &mut session, content, rules::written_at(content, agreed_at, tx.now))?;
            let mut warnings = after(tx, &log, &session, (content, agreed_at), Some(&present))?;
            warnings.extend(warning.into_iter().chain(new.is_cut.then_some(Warning::LeftOut)));
            if present.outcome == Outcome::Held
                && (right.is_some() || (present.outcome, present.starts_at) != (content.outcome, content.starts_at))
            {
                tx.tell(Fact::HeldCorrected { matched: log.matched });
            }
            Ok(taken(&log, warnings, writer.to_tray))
        }
    }
}

/// Since when a session that fell away was agreed on: since it was planned; unplanned, since the match began.
fn agreed_at(session: &Session, matched: &Match) -> Instant {
    if session.was_planned { session.recorded_at } else { matched.starts_at.unwrap_or(session.recorded_at) }
}

/// What really happened, on the session: state, time, minutes, whose side; `written_at`: as far as the writer's clock is believed. Its claims
/// are given back.
fn apply(tx: &mut Tx<'_>, session: &mut Session, content: &Content, written_at: Instant) -> Result<()> {
    let body = &content.body;
    let by = side(body.by.as_ref());
    let before = session.clone();
    // What was not planned keeps who knew of it: nobody, where its plan had been given up. What was off and stays off is no news, and goes on
    // speaking for what was cancelled with it.
    let stays_off = (session.state, content.outcome.state()) == (State::Cancelled, State::Cancelled);
    if !stays_off && (session.was_planned || content.outcome == Outcome::Held) {
        session.telling = None;
    }
    session_store::release(tx, session.id)?;
    session.state = content.outcome.state();
    if let Some(kind) = body.kind.as_ref().and_then(|kind| Kind::parse(kind.as_str())) {
        session.kind = kind;
    }
    session.minutes = content.minutes.filter(|_| content.outcome == Outcome::Held);
    session.cancelled_by = if content.outcome == Outcome::Held || content.outcome == Outcome::Tried { None } else { by };
    session.new_time_agreed = match content.outcome {
        Outcome::Moved => Some(true),
        Outcome::Cancelled => Some(body.new_time_agreed.unwrap_or(false)),
        Outcome::Held | Outcome::NoShow | Outcome::Tried => None,
    };
    match session.state {
        State::Held => {
            session.starts_at = content.starts_at;
            session.ends_at = content.starts_at.plus(TimeDelta::minutes(i64::from(content.minutes.unwrap_or(1))));
            session.cancelled_at = None;
            session.late_cancellation = false;
        }
        State::Cancelled => {
            let at = session.cancelled_at.unwrap_or(written_at);
            session.cancelled_at = Some(at);
            let hours = tx.programme.reminders.late_cancel_hours;
            session.late_cancellation = crate::sessions::rules::is_late_cancellation(session, at, hours);
        }
        State::NoShow | State::Tried | State::Planned | State::Proposed => {
            session.cancelled_at = None;
            session.late_cancellation = false;
        }
    }
    if let (State::Planned | State::Proposed, Some(at)) = (before.state, session.cancelled_at) {
        let because = Because { by: session.cancelled_by, reason: None };
        changes::actions::note(tx, &before, ChangeKind::Cancelled, because, at)?;
    }
    session_store::save(tx, session)?;
    joint::actions::reclaim(tx, session.id)?;
    session.version = session.version.saturating_add(1);
    Ok(())
}

/// What follows from a stored version: the promise of a log is kept, facts are told, the next appointment is planned if it can be.
fn after(
    tx: &mut Tx<'_>,
    log: &Log,
    session: &Session,
    (content, agreed_at): (&Content, Instant),
    before: Option<&Content>,
) -> Result<Vec<Warning>> {
    let written_at = rules::written_at(content, agreed_at, tx.now);
    duties::actions::meet(tx, &Which::subject(session.id).kinds(&[DutyKind::LogMissing]), written_at)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    tx.tell(Fact::AttendanceChanged { person: session.person });
    // Whatever lies in the tray before it waits to be taken in, and is no first session yet.
    let first_held_at = session_store::fact_first_held(tx, session.matched)?;
    if session.state == State::Held && first_held_at.is_none_or(|first_at| first_at >= session.starts_at) {
        let at = session.starts_at.min(tx.now);
        tx.tell(Fact::FirstSessionHeld { matched: session.matched, session: session.id, at });
    }
    let case_is_closed = cases::store::fact_state(tx, log.case)? != Some(cases::model::State::Open);
    let mut warnings = rules::warnings(content, agreed_at, tx.now, case_is_closed);
    warnings.extend(next::plan(tx, log.matched, content, before)?);
    Ok(warnings)
}

/// The log of a session, if there is one, for a rule.
///
/// # Errors
/// The database's.
pub fn find_log_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<LogId>> {
    store::fact_of_session(tx, session)
}

/// A coordinator takes a log out of the tray: from then on it is like any other.
///
/// # Errors
/// 404, 409 when it is not in the tray.
pub fn take_in(tx: &mut Tx<'_>, id: LogId) -> Result<LogId> {
    let mut log = store::get(tx, id)?;
    if !log.in_tray {
        return Err(Problem::new(Code::WrongState).say("Notatet ligger ikke i bakken", "The log is not in the tray").into());
    }
    log.in_tray = false;
    log.changed_at = tx.now;
    store::save(tx, &log)?;
    // What is promised from the first session held waited for this.
    tx.tell(Fact::HeldCorrected { matched: log.matched });
    Ok(id)
}
