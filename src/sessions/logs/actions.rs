//! Take a log in, correct it, and let the session agree with it.

mod again;
mod happened;
mod heard;
mod meeting;
mod next;
mod shown;
mod warned;
mod writer;

use std::collections::BTreeMap;
use std::iter;

pub use self::shown::{open_all, versions};
pub use super::store::{Filter, get, list};

use self::again::{again, unchanged};
use self::happened::apply;
use self::meeting::Meeting;
use self::writer::Writer;
use super::model::{Content, Log, NewLog, OldVersion, Outcome, Taken, Tray, Warning};
use super::rules::agreed::Agreed;
use super::rules::filed::{self, Filed};
use super::rules::tray;
use super::rules::{self, Next, Turn};
use super::store;
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, LogId, PersonId, SessionId};
use crate::duties::store::Which;
use crate::duties::{self, Kind as DutyKind};
use crate::facts::Fact;
use crate::matching;
use crate::sessions::model::{Session, State};
use crate::sessions::store as session_store;

/// The log that its writer has just written: who may write it need not be who may read it later.
///
/// # Errors
/// 404 when there is no such log.
pub fn get_written(tx: &mut Tx<'_>, id: LogId) -> Result<Log> {
    store::fact(tx, id)?.ok_or_else(|| Code::NotFound.into())
}

/// Takes in what a client sends under its own id.
///
/// New: makes or finds its session and logs it. The same again: the same warnings, and nothing changes but that a next appointment is planned which
/// could not be. Other content by the same writer: the next version, or
/// history when its number says it is older than the highest that they ever sent, whose next appointment holds where no later one names any; by another writer only over the version they read, which holds for
/// everybody who says one. Under another match it is that one's from then on. Of whoever may not read the log that would be named, or whose version
/// is asked for, it is heard beside what stands.
///
/// # Errors
/// 404 for a match that never was the writer's; 409 when the session has another log, which it names; 412; 428 for another writer; 422 without
/// a match or a session of the writer's, minutes when held, more than a day ahead of our clock, or by a coordinator before the match began.
pub fn put(tx: &mut Tx<'_>, new: &NewLog, expected: Option<Expected>) -> Result<Taken> {
    let taken = match store::fact(tx, new.id)? {
        None => write(tx, new, expected)?,
        Some(log) => rewrite(tx, log, new, expected)?,
    };
    // Also of what stands already: what is sent under a number is not said anew by the same number.
    if let Some(number) = new.revision.filter(|_| taken.id == new.id) {
        let me = tx.account()?;
        store::note_sent(tx, new.id, me, number)?;
    }
    Ok(taken)
}

/// No version of what is not known, as an `If-Match` would name it.
const NONE_YET: i64 = 0;

fn write(tx: &mut Tx<'_>, new: &NewLog, expected: Option<Expected>) -> Result<Taken> {
    let content = &new.content;
    let found = meeting::find(tx, new)?;
    // A planned session's own date counts, where the log tells of a plan that fell away.
    let planned_at = found.session.as_ref().map(|session| session.starts_at).filter(|_| !content.outcome.has_happened());
    let on = planned_at.unwrap_or(content.starts_at);
    let writer = meeting::or_match(writer::judge(tx, &found.matched, on, found.named), new)?;
    let writer = writer::begun(tx, writer, &found.matched, on)?;
    rules::check(content, tx.now)?;

    let Meeting { matched, session, given_up_at, free, apart, warning, .. } = found.within_say(&writer, tx.now, None);
    let known = match session {
        None => meeting::find_known(tx, &writer, &matched, content)?,
        named => named,
    };
    let mut session = match known {
        Some(session) => session,
        None => meeting::make(tx, &writer, &matched, content, given_up_at, free)?,
    };
    // One that was made under the id it names is what it says.
    let warning = warning.filter(|warning| *warning != Warning::UnknownSession || Some(session.id) != new.session());
    if let Some(first) = heard::first_of(tx, session.id)? {
        let stands = new.says(&store::open(tx, &first)?);
        return heard::keep(tx, first, (&matched, matched.person), (new, stands), warning);
    }
    check_without_log(tx, session.id)?;
    if let Some(expected) = expected {
        expected.check(NONE_YET)?;
    }
    let due_at = tx.programme.calendar().due(session.ends_at, Span::Days(tx.programme.deadlines.log_missing_days));
    let agreed_at = warned::agreed_at(&session, &matched);
    let written_at = rules::written_at(content, agreed_at, tx.now);
    let me = tx.account()?;
    let mut log = Log {
        id: new.id,
        session: session.id,
        matched: matched.id,
        course: matched.course,
        case: matched.case,
        person: matched.person,
        writer: writer.account,
        recorded_by: me,
        outcome: content.outcome,
        starts_at: content.starts_at,
        minutes: content.minutes,
        body: store::seal(tx, new.id, matched.person, &content.body)?,
        revision: new.revision.unwrap_or(1),
        written_at: content.written_at,
        received_at: tx.now,
        late: written_at > due_at,
        clock_ahead: rules::is_ahead(content, tx.now),
        tray: tray::after(Tray::Out, me, writer.look((None, None))),
        wants_supervision: content.body.wants_supervision,
        welfare_report: content.body.welfare_report,
        held_at: None,
        left: None,
        apart,
        next_waits: false,
        changed_at: store::next_change(tx)?,
        version: 1,
    };
    log.held_at = log.held_at_by_now();
    apply(tx, &mut session, content, written_at)?;
    store::insert(tx, &log)?;
    let mut warnings = after(tx, &writer, &mut log, &session, (content, agreed_at), &Agreed::default())?;
    warnings.extend(warning.into_iter().chain(new.left_out()));
    Ok(Taken { id: log.id, is_new: true, is_hidden: log.in_tray(), warnings })
}

fn check_without_log(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    let Some(first) = store::fact_of_session(tx, session)? else { return Ok(()) };
    let problem = Problem::new(Code::AlreadyExists).say("Mødet har allerede et notat", "The session has a log already");
    Err(problem.blocked_by("log", first.uuid()).into())
}

fn rewrite(tx: &mut Tx<'_>, mut log: Log, new: &NewLog, expected: Option<Expected>) -> Result<Taken> {
    let content = &new.content;
    let mut matched = matching::store::find_fact(tx, log.matched)?.ok_or(Code::NotFound)?;
    // By what it says now: a slip of the date that is put right lies in the tray no more.
    let here = writer::judge_known(tx, &log, &matched, content.starts_at)?;
    let me = tx.account()?;
    let is_own = me == log.writer || me == log.recorded_by;
    let last = store::fact_last_sent(tx, log.id, me)?;
    let lacks = writer::lacks(tx, &log, (&here, is_own), content, expected.as_ref())?;
    // Whoever may not read it can put nothing right of that, and is heard.
    let is_heard = lacks.is_some() && !store::is_shown(tx, &log)?;
    let is_read = match &expected {
        _ if lacks.is_some() => false,
        // `*` names no version that was read: on one's own log a number says more, and of another's one that was sent before.
        Some(Expected::Any) => new.revision.is_none_or(|number| !is_own && number > last),
        Some(Expected::Versions(_)) => true,
        None => false,
    };
    // Of another's log a number tells a copy of what stood or was sent before, and nothing else.
    let last = if is_own { last } else { last.max(log.revision).max(new.revision.unwrap_or_default()) };
    let turn = rules::turn(is_read, last, new.revision, new.is_dated);
    let present = store::open(tx, &log)?;
    // The same again is about what it was about at first, whatever the session that it names is by now.
    let is_again = !matches!(turn, Turn::Later(_)) && new.matched.is_none_or(|id| id == log.matched) && new.repeats(&present);
    let mut right = if is_again { None } else { meeting::find_right(tx, &log, new)? };
    let named = right.as_ref().map(|right| right.matched.person).filter(|named| *named != log.person);
    // What is kept beside it is of whom it names, wherever the log is filed by now.
    let about = named.unwrap_or(log.person);
    // Whoever does not know that another moved it on from there would move it back.
    let mut stays = None;
    if !is_read
        && let Some(former) = named
        && moved_on_by(tx, &log, former)?.is_some_and(|by| by != me)
    {
        (right, stays) = (None, Some(Warning::UnknownSession));
    }
    let (mut writer, mut is_elsewhere) = (here.clone(), false);
    if let Some(right) = right.as_ref().filter(|right| right.matched.id != log.matched) {
        writer = meeting::or_match(writer::judge(tx, &right.matched, content.starts_at, right.named), new)?;
        (matched, is_elsewhere) = (right.matched.clone(), true);
    }
    let apart = log.apart.filter(|_| !is_elsewhere);
    let right = right.map(|right| right.within_say(&writer, tx.now, apart));
    let apart = right.as_ref().and_then(|right| right.apart).or(apart);
    let warning = stays.or_else(|| right.as_ref().and_then(|right| right.warning));
    let is_refiled =
        is_elsewhere || right.as_ref().and_then(|right| right.session.as_ref()).is_some_and(|session| session.id != log.session);
    let is_present = !is_refiled && new.says(&present);
    if is_heard {
        rules::check(content, tx.now)?;
        return heard::keep(tx, log, (&matched, about), (new, is_present), warning);
    }
    let stood = |(old, said): &(OldVersion, Content)| !old.is_heard() && new.says(said);
    let is_known = is_present || turn.may_repeat() && store::open_versions(tx, &log)?.iter().any(stood);
    let agreed = if content.body.next.is_some() || is_elsewhere { next::agreed(tx, &log, &present)? } else { Agreed::default() };
    if is_present {
        let warnings = again(tx, &writer, &mut log, &matched, (new, &present), &agreed, (warning, stays))?;
        return unchanged(tx, &log, writer.to_tray, warnings);
    }
    if is_known {
        let waits = log.next_waits && !is_elsewhere && content.body.next.as_ref().is_some_and(|next| agreed.holds(next));
        let warnings = iter::once(Warning::KeptAsHistory).chain(waits.then_some(Warning::NextNotPlanned));
        return unchanged(tx, &log, writer.to_tray, warnings.collect());
    }
    if let Some(problem) = lacks {
        return Err(problem.into());
    }
    rules::check(content, tx.now)?;
    let writer = writer::begun(tx, writer, &matched, content.starts_at)?;
    // Also of a late copy: it was heard, too, and is no word about where the log is.
    if let Some(right) = &right
        && heard::is_told_there(tx, &log, right, (&writer, content))?
    {
        return heard::keep(tx, log, (&matched, about), (new, false), warning);
    }
    match rules::next(log.revision, turn) {
        Next::History(revision) => {
            let now = tx.now;
            store::keep(tx, (log.id, about), revision, content, me, now)?;
            let mut warnings = vec![Warning::KeptAsHistory];
            // What was said of where it is not filed any more is no word about where it is.
            if !is_elsewhere && stays.is_none() {
                warnings.extend(next::plan(tx, &writer, &mut log, content, &agreed, Some(revision))?);
            }
            unchanged(tx, &log, writer.to_tray, warnings)
        }
        Next::Version(revision) => {
            store::keep(tx, (log.id, log.person), log.revision, &present, log.recorded_by, log.received_at)?;
            let (held_before, left) = (log.held_at, log.course);
            // What it leaves as it had said, and its writer cannot mend, somebody else looks at.
            let leaves = match right {
                Some(right) => meeting::refile(tx, &mut log, right, (content, &agreed), (&here, &writer))?,
                None => None,
            };
            let left_before = meeting::find_left(tx, &log, &writer)?;
            log.tray = tray::after(log.tray, me, writer.look((left_before, leaves)));
            log.left = left_before.or(leaves);
            log.apart = apart.filter(|apart| *apart != log.session);
            log.body = store::seal(tx, log.id, log.person, &content.body)?;
            log.recorded_by = me;
            log.outcome = content.outcome;
            log.starts_at = content.starts_at;
            log.minutes = content.minutes;
            log.revision = revision;
            log.written_at = content.written_at;
            log.received_at = tx.now;
            log.clock_ahead = rules::is_ahead(content, tx.now);
            log.held_at = log.held_at_by_now();
            log.wants_supervision = content.body.wants_supervision;
            log.welfare_report = content.body.welfare_report;
            log.changed_at = store::next_change(tx)?;
            store::save(tx, &log)?;
            let mut session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
            let agreed_at = warned::agreed_at(&session, &matched);
            if writer.may_touch(&session, tx.now) {
                apply(tx, &mut session, content, rules::written_at(content, agreed_at, tx.now))?;
            }
            // Where it was not filed before it has said nothing yet.
            let agreed = if is_elsewhere { Agreed::default() } else { agreed };
            let mut warnings = after(tx, &writer, &mut log, &session, (content, agreed_at), &agreed)?;
            // Whoever could only file what they say of it is told nothing of the course that it left.
            let left = if here.to_tray { None } else { warned::left(tx, &log, left, &warnings)? };
            warnings.extend(left.into_iter().chain(warning).chain(new.left_out()));
            let was_held = present.outcome == Outcome::Held
                && (is_refiled || (present.outcome, present.starts_at) != (content.outcome, content.starts_at));
            if was_held || log.held_at != held_before {
                tx.tell(Fact::HeldCorrected { matched: log.matched });
            }
            // What waits there of somebody else is not of theirs.
            Ok(Taken { id: log.id, is_new: false, is_hidden: writer.to_tray || log.left.is_some(), warnings })
        }
    }
}

/// Who moved a log on when it was last filed under a person, if it ever was.
fn moved_on_by(tx: &mut Tx<'_>, log: &Log, person: PersonId) -> Result<Option<AccountId>> {
    let filed = |(old, _): (OldVersion, Content)| Filed { revision: old.revision, person: old.person, by: old.recorded_by };
    let stood = store::open_versions(tx, log)?.into_iter().filter(|(old, _)| !old.is_heard());
    let earlier: Vec<Filed> = stood.map(filed).collect();
    let present = Filed { revision: log.revision, person: log.person, by: log.recorded_by };
    Ok(filed::moved_on_by(earlier, present, person))
}

/// What follows from a stored version: the promise of a log is kept, facts are told, the next appointment is planned if it can be.
fn after(
    tx: &mut Tx<'_>,
    writer: &Writer,
    log: &mut Log,
    session: &Session,
    (content, agreed_at): (&Content, Instant),
    agreed: &Agreed,
) -> Result<Vec<Warning>> {
    let written_at = rules::written_at(content, agreed_at, tx.now);
    duties::actions::meet(tx, &Which::subject(session.id, &[DutyKind::LogMissing]), written_at)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    tx.tell(Fact::AttendanceChanged { person: session.person });
    // Whatever lies in the tray before it waits to be taken in, and is no first session yet.
    let first_held_at = session_store::fact_first_held(tx, session.matched)?;
    if session.state == State::Held && first_held_at.is_none_or(|first_at| first_at >= session.starts_at) {
        let at = session.starts_at.min(tx.now);
        tx.tell(Fact::FirstSessionHeld { matched: session.matched, session: session.id, at });
    }
    let mut warnings = warned::of(tx, log, session, content, agreed_at)?;
    warnings.extend(next::plan(tx, writer, log, content, agreed, None)?);
    Ok(warnings)
}

/// The logs of these sessions that the caller may see, by id.
///
/// # Errors
/// The database's.
pub fn ids_of(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, LogId>> {
    store::list_ids(tx, sessions)
}

/// The log of a session, if there is one, for a rule.
///
/// # Errors
/// The database's.
pub fn find_log_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<LogId>> {
    store::fact_of_session(tx, session)
}

/// A coordinator takes a log out of the tray: from then on it is like any other, and its session is as it says. What its writer had no say in, a
/// session of the match's plan or a next appointment, is not done by that: it is the coordinator's to do.
///
/// # Errors
/// 404, 409 when it is not in the tray.
pub fn take_in(tx: &mut Tx<'_>, id: LogId) -> Result<LogId> {
    let mut log = store::get(tx, id)?;
    if !log.in_tray() {
        return Err(Problem::new(Code::WrongState).say("Notatet ligger ikke i bakken", "The log is not in the tray").into());
    }
    (log.tray, log.left) = (Tray::Out, None);
    log.held_at = log.held_at_by_now();
    log.changed_at = store::next_change(tx)?;
    store::save(tx, &log)?;
    let content = store::open(tx, &log)?;
    let matched = matching::store::find_fact(tx, log.matched)?.ok_or(Code::NotFound)?;
    let mut session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
    let written_at = rules::written_at(&content, warned::agreed_at(&session, &matched), tx.now);
    apply(tx, &mut session, &content, written_at)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    tx.tell(Fact::AttendanceChanged { person: log.person });
    // What is promised from the first session held waited for this.
    tx.tell(Fact::HeldCorrected { matched: log.matched });
    Ok(id)
}
