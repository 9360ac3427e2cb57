//! Who may write a log, and whether it lies in the tray.

use chrono::TimeDelta;

use crate::access::bars::is_member_barred;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Result, invalid};
use crate::base::ids::{AccountId, SessionId};
use crate::matching::{self, Match};
use crate::sessions::covers::model::Covered;
use crate::sessions::logs::model::Log;
use crate::sessions::{covers, store as session_store};
use crate::staff;

/// Who writes, as far as a log is concerned: judged on the session's date, whatever they may read today.
pub(super) struct Writer {
    /// Whose log it is.
    pub account: AccountId,
    /// After the grace, not in the match on that date, or in it no more in any way: it is taken in, and lies in the tray.
    pub to_tray: bool,
    /// A coordinator, who can mend it at once.
    is_unit: bool,
}

/// The writer of a log of this match, or 404: only a match that never was the writer's is refused, and whom a bar hides. Whoever covers writes
/// about the sessions they cover; a meeting of that day that they did not name is taken in, on another day it lies in the tray. There lies, too,
/// what comes of whoever ran or covered it once: by another account by now, without the role, or in a cover that was taken back.
pub(super) fn judge(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Writer> {
    find(tx, matched, starts_at, named)?.ok_or_else(|| Code::NotFound.into())
}

/// The writer of a version of a stored log, where it is filed. Whose log it is goes on with it, whatever became of cover, match and session, or
/// wherever it was moved; at worst that lies in the tray.
pub(super) fn judge_known(tx: &mut Tx<'_>, log: &Log, matched: &Match, starts_at: Instant) -> Result<Writer> {
    let me = tx.account()?;
    if log.writer != me {
        return judge(tx, matched, starts_at, Some(log.session));
    }
    // Its session may be one of its own, in the place of one that was given up.
    let found = find(tx, matched, starts_at, None)?;
    Ok(found.unwrap_or(Writer { account: me, to_tray: true, is_unit: false }))
}

fn find(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Option<Writer>> {
    let (me, now, zone) = (tx.account()?, tx.now, tx.programme.calendar().zone);
    let subjects = [matched.case.cast(), matched.person.cast()];
    if tx.is_barred(&subjects)? {
        return Err(Code::NotFound.into());
    }
    // Whoever lost the role of the match is heard as whoever's match is over.
    let meets = tx.actor.is(matched.role()) || tx.reaches(Reach::All);
    let own = |in_time: bool| Writer { account: me, to_tray: !(in_time && meets), is_unit: false };
    let began = matched.starts_at;
    if began.is_some() && staff::store::fact_account(tx, matched.staff)? == Some(me) {
        let on = zone.date(starts_at);
        let was_in = began.is_some_and(|from| zone.date(from) <= on) && matched.ended_at.is_none_or(|end| on <= zone.date(end));
        let grace = tx.programme.match_grace_days;
        let in_grace = matched.ended_at.is_none_or(|end| now <= matching::rules::grace_until(end, grace));
        return Ok(Some(own(was_in && in_grace)));
    }
    let members = staff::store::accounts::fact_whose_at(tx, me, starts_at)?;
    let covered = covers::actions::covered(tx, me, &members, matched.id)?;
    let is_named = |one: &Covered| named.is_none_or(|named| named == one.session);
    if covered.iter().any(|one| one.stands && is_named(one)) {
        let grace = TimeDelta::days(i64::from(tx.programme.cover_grace_days));
        let is_day = |one: &Covered| zone.date(one.starts_at) == zone.date(starts_at) && now <= one.starts_at.plus(grace);
        return Ok(Some(own(covered.iter().any(|one| one.stands && is_day(one)))));
    }
    if tx.reaches(Reach::All) {
        let session = named.map(|named| session_store::find_fact(tx, named)).transpose()?.flatten();
        let host = session.map_or(matched.staff, |session| session.host());
        return Ok(Some(Writer { account: staff::store::fact_account(tx, host)?.unwrap_or(me), to_tray: false, is_unit: true }));
    }
    for member in &members {
        // A bar is about somebody, whatever they sign in with by now.
        if staff::store::fact_account(tx, *member)? != Some(me) && is_member_barred(tx, *member, &subjects)? {
            return Err(Code::NotFound.into());
        }
    }
    let was_theirs = began.is_some() && members.contains(&matched.staff) || covered.iter().any(is_named);
    Ok(was_theirs.then(|| own(false)))
}

/// What lies before the match began is a slip of the date, as a rule: a coordinator mends it at once, of anybody else it is taken in and lies in
/// the tray.
pub(super) fn begun(tx: &Tx<'_>, writer: Writer, matched: &Match, starts_at: Instant) -> Result<Writer> {
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
