//! What somebody says of a session whose log they may not read: they can name no version of it, nor put right what stands. It is kept beside that, and a
//! coordinator looks at it.

use super::meeting::{self, Meeting};
use super::warned;
use super::writer::Writer;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{PersonId, SessionId};
use crate::matching::Match;
use crate::sessions::logs::model::{Content, Log, NewLog, OldVersion, Taken, Warning};
use crate::sessions::logs::rules::tray::{self, Look};
use crate::sessions::logs::{rules, store};
use crate::sessions::store as session_store;

/// The log that a session has already, where the caller may not read it: its id would tell them that there is one, and help them to nothing.
pub(super) fn first_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Log>> {
    let Some(first) = store::fact_of_session(tx, session)? else { return Ok(None) };
    let first = super::get_written(tx, first)?;
    Ok((!store::is_shown(tx, &first)?).then_some(first))
}

/// Whether what a log should be filed under has such a log: then it stays where it is.
pub(super) fn is_told_there(tx: &mut Tx<'_>, log: &Log, right: &Meeting, (writer, content): (&Writer, &Content)) -> Result<bool> {
    match meeting::find_there(tx, log, right, writer, content)? {
        Some(there) if there.id != log.session => Ok(first_of(tx, there.id)?.is_some()),
        _ => Ok(false),
    }
}

/// Keeps what is said in the history of a log, sealed under whom it is about, and the log lies in the tray; what it says stays, and so does its session.
/// What they said already is the same again ([`said_at`]). They hear what it says by itself, and nothing of what stands.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    mut log: Log,
    (matched, person): (&Match, PersonId),
    (new, stands): (&NewLog, bool),
    warning: Option<Warning>,
) -> Result<Taken> {
    let (me, now, content) = (tx.account()?, tx.now, &new.content);
    let received_at = said_at(tx, &log, person, (new, stands))?;
    if received_at.is_none() {
        store::keep(tx, (log.id, person), OldVersion::HEARD, content, me, now)?;
        log.tray = tray::after(log.tray, me, Look::Asked);
        log.changed_at = store::next_change(tx)?;
        store::save(tx, &log)?;
    }
    let session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
    let mut warnings = rules::warnings(content, warned::agreed_at(&session, matched), received_at.unwrap_or(now), false);
    let next = content.body.next.is_some().then_some(Warning::NextNotPlanned);
    warnings.extend(next.into_iter().chain(warning).chain(new.left_out()));
    Ok(Taken { id: log.id, is_new: false, is_hidden: true, warnings })
}

/// When we got it, where they said it already. A copy, by its number or else by its date, is one of whatever they sent; anything else only of the last that
/// was heard of them, where they wrote nothing since: to go back to earlier words is to say something. What `stands` they need not say, unless they were
/// heard otherwise.
fn said_at(tx: &mut Tx<'_>, log: &Log, person: PersonId, (new, stands): (&NewLog, bool)) -> Result<Option<Instant>> {
    let me = tx.account()?;
    // Of what comes under another id the numbers are another's.
    let is_copy = match new.revision.filter(|_| new.id == log.id) {
        Some(number) => number <= store::fact_last_sent(tx, log.id, me)?,
        None => new.is_dated,
    };
    let mut theirs = store::open_versions(tx, log)?;
    theirs.retain(|(old, _)| old.recorded_by == me);
    let repeats = |(old, said): &&(OldVersion, Content)| old.person == person && new.repeats(said);
    if let Some((old, _)) = theirs.iter().filter(|_| is_copy).find(repeats) {
        return Ok(Some(old.received_at));
    }
    let is_last = |(old, _): &&(OldVersion, Content)| old.is_heard() && (log.recorded_by != me || log.received_at <= old.received_at);
    Ok(match theirs.last().filter(is_last) {
        Some(last) => Some(last).filter(repeats).map(|(old, _)| old.received_at),
        None => stands.then_some(log.received_at),
    })
}
