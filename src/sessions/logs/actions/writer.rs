//! Who may write a log, and whether it lies in the tray.

use chrono::TimeDelta;

use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Result, invalid};
use crate::base::ids::{AccountId, SessionId};
use crate::matching::{self, Match};
use crate::sessions::{covers, store as session_store};
use crate::staff;

/// Who writes, as far as a log is concerned: judged on the session's date, whatever they may read today.
pub(super) struct Writer {
    /// Whose log it is.
    pub account: AccountId,
    /// After the grace, or not in the match on that date: it is taken in, and lies in the tray.
    pub to_tray: bool,
    /// A coordinator, who can mend it at once.
    is_unit: bool,
}

/// The writer of a log of this match, or 404: only a match that never was the writer's is refused. Whoever covers writes about the sessions they
/// cover; a meeting of that day that they did not name is taken in, on another day it lies in the tray.
pub(super) fn judge(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Writer> {
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
        let session = named.map(|named| session_store::find_fact(tx, named)).transpose()?.flatten();
        let host = session.map_or(matched.staff, |session| session.host());
        return Ok(Writer { account: staff::store::fact_account(tx, host)?.unwrap_or(me), to_tray: false, is_unit: true });
    }
    Err(Code::NotFound.into())
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
