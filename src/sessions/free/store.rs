//! What holds whose time, read inside a window only: the cost grows with what lies in it, not with history.

use diesel::prelude::*;

use super::model::Claim;
use crate::access::{Reach, Tx};
use crate::among;
use crate::base::calendar::Range;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AnyId, SessionId, StaffId};
use crate::schema::{claims, sessions};
use crate::sessions::model::{Kind, State, look_back};

/// What holds the time of these inside a window, by whose it is and in order of start; for a rule. Sessions that are being moved do
/// not stand in their own way.
///
/// # Errors
/// The database's.
pub(super) fn claims(tx: &mut Tx<'_>, who: &[AnyId], window: Range, but: &[SessionId]) -> Result<Vec<Claim>> {
    let query = claims::table
        .inner_join(sessions::table.on(sessions::id.eq(claims::session_id)))
        .filter(claims::starts_at.gt(look_back(window.starts_at())))
        .filter(claims::starts_at.lt(window.ends_at()))
        .filter(claims::ends_at.gt(window.starts_at()))
        .order((claims::person, claims::starts_at))
        .select((claims::session_id, claims::person, sessions::kind, claims::starts_at, claims::ends_at))
        .into_boxed();
    let rows: Vec<(SessionId, AnyId, Kind, Instant, Instant)> = among!(query, claims::person, who).load(tx.db())?;
    let claim = |(session, who, kind, starts_at, ends_at)| Some(Claim { session, who, kind, range: Range::new(starts_at, ends_at)? });
    Ok(rows.into_iter().filter_map(claim).filter(|claim| !but.contains(&claim.session)).collect())
}

/// When sessions of a kind begin that count towards the limits of these members of staff, those they cover among them: all that were not
/// cancelled.
///
/// # Errors
/// The database's.
pub(super) fn begun(tx: &mut Tx<'_>, staff: &[StaffId], kind: Kind, window: Range, but: &[SessionId]) -> Result<Vec<(StaffId, Instant)>> {
    let rows: Vec<(SessionId, StaffId, Option<StaffId>, Instant)> = sessions::table
        .filter(sessions::staff_id.eq_any(staff.to_vec()).or(sessions::cover_staff_id.assume_not_null().eq_any(staff.to_vec())))
        .filter(sessions::kind.eq(kind))
        .filter(sessions::state.ne(State::Cancelled))
        .filter(sessions::starts_at.ge(window.starts_at()))
        .filter(sessions::starts_at.lt(window.ends_at()))
        .select((sessions::id, sessions::staff_id, sessions::cover_staff_id, sessions::starts_at))
        .load(tx.db())?;
    let hosted = rows.into_iter().filter(|(id, _, _, _)| !but.contains(id)).map(|(_, runs, covers, at)| (covers.unwrap_or(runs), at));
    Ok(hosted.filter(|(host, _)| staff.contains(host)).collect())
}

/// Whether the caller may see every one of these sessions.
///
/// # Errors
/// The database's.
pub(super) fn may_see_all(tx: &mut Tx<'_>, ids: &[SessionId]) -> Result<bool> {
    let mut query = sessions::table
        .filter(sessions::id.eq_any(ids.to_vec()))
        .filter(sessions::case_id.ne_all(tx.barred()))
        .filter(sessions::person_id.ne_all(tx.barred()))
        .into_boxed();
    if !tx.reaches(Reach::All) {
        query = query.filter(sessions::match_id.eq_any(tx.related()).or(sessions::id.eq_any(tx.related())));
    }
    let seen: i64 = query.count().get_result(tx.db())?;
    let asked = ids.iter().collect::<std::collections::BTreeSet<_>>().len();
    Ok(usize::try_from(seen).is_ok_and(|seen| seen == asked))
}
