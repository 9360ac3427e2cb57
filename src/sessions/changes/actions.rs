//! Note what happens to a session, and show it.

use std::collections::BTreeMap;

use super::model::{Because, Change, ChangeKind};
use super::store;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{MatchId, SessionId};
use crate::sessions::actions::get;
use crate::sessions::covers;
use crate::sessions::model::Session;
use crate::sessions::rules;

/// Notes a change of a session, given as it stood before it. What nobody asked for (a match that ended, a death) is noted as well, by
/// whoever's doing it follows from.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn note(tx: &mut Tx<'_>, before: &Session, kind: ChangeKind, because: Because, happened_at: Instant) -> Result<()> {
    let late_hours = tx.programme.reminders.late_cancel_hours;
    let change = Change {
        version: before.version,
        kind,
        because,
        starts_at: before.starts_at,
        ends_at: before.ends_at,
        late: rules::is_late_cancellation(before, happened_at, late_hours),
        happened_at,
        recorded_at: tx.now,
        recorded_by: tx.actor.account,
    };
    store::insert(tx, before.id, &change)
}

/// Notes that a session is arranged anew: moved where it begins at another time, else changed. What stays as it was is no change.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn note_arranged(tx: &mut Tx<'_>, before: &Session, new: &Session, because: Because) -> Result<()> {
    let terms = |session: &Session| (session.starts_at, session.ends_at, session.kind, session.place.clone());
    if terms(before) == terms(new) {
        return Ok(());
    }
    let (kind, now) = (if before.starts_at == new.starts_at { ChangeKind::Changed } else { ChangeKind::Moved }, tx.now);
    note(tx, before, kind, because, now)
}

/// What happened to a session, in order. Whoever only covers it reads what happened since they do: of before they would learn why the person could
/// not come.
///
/// # Errors
/// 404.
pub fn list(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Change>> {
    let session = get(tx, id)?;
    tx.saw(session.id);
    tx.saw(session.person);
    let mut all = store::list(tx, id)?;
    if let Some(covered) = covers::actions::find_shown_as_cover(tx, &session)? {
        all.retain(|change| !covered.hides_before || change.recorded_at >= covered.since);
        let unseen = session.version.saturating_sub(covered.version);
        all.iter_mut().for_each(|change| change.version = change.version.saturating_sub(unseen));
    }
    Ok(all)
}

/// When each of these sessions was last changed, where it ever was.
///
/// # Errors
/// The database's.
pub fn last_noted_of(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, Instant>> {
    Ok(store::fact_all(tx, sessions)?.into_iter().map(|(session, _, at)| (session, at)).collect())
}

/// When each of these sessions was last changed in a way that its person is told of, where it ever was.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn last_of(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, Instant>> {
    let told = store::fact_all(tx, sessions)?.into_iter().filter(|(_, kind, _)| *kind != ChangeKind::Changed);
    Ok(told.map(|(session, _, at)| (session, at)).collect())
}

/// What happened to a session, in order, whoever may see it: for a rule.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn all_of(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Change>> {
    store::list(tx, id)
}

/// The moves of a session, in order, each with the time it had before: for a rule.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn moves_of(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Change>> {
    let mut all = store::list(tx, id)?;
    all.retain(|change| change.kind == ChangeKind::Moved);
    Ok(all)
}

/// When each change of a session was written down.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn moments_of(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Instant>> {
    Ok(store::list(tx, id)?.into_iter().map(|change| change.recorded_at).collect())
}

/// The moves of a session since it was agreed on, in order: what was only proposed was moved for nobody.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn moves_since_agreed(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Change>> {
    let mut since = store::list(tx, id)?;
    if let Some(place) = since.iter().rposition(|change| change.kind == ChangeKind::Confirmed) {
        since = since.split_off(place);
    }
    since.retain(|change| change.kind == ChangeKind::Moved);
    Ok(since)
}

/// When a session that took place after all had last been changed by then in a way that its person is told of, and when it came back; `None`: it never
/// did. It was off since the former, or, where a log that was about another left it off, which is no change, since later.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn last_back(tx: &mut Tx<'_>, session: &Session) -> Result<Option<(Instant, Instant)>> {
    let mut all = store::list(tx, session.id)?;
    let Some(place) = all.iter().rposition(|change| change.kind == ChangeKind::Restored) else { return Ok(None) };
    let since = all.split_off(place);
    let off_at = all.iter().rfind(|change| change.kind != ChangeKind::Changed).map_or(session.recorded_at, |off| off.recorded_at);
    Ok(since.first().map(|back| (off_at, back.recorded_at)))
}

/// When a session of a match was last moved away from, or cancelled at, a time that overlaps this one: for a rule.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn given_up_at(tx: &mut Tx<'_>, matched: MatchId, from: Instant, until: Instant) -> Result<Option<Instant>> {
    store::fact_given_up(tx, matched, from, until)
}
