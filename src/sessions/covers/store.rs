//! Covers as rows, and the sessions of a leave.

use diesel::prelude::*;

use super::model::{Cover, CoverState, Decided, Record, Undecided};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, MatchId, PersonId, RowId, SessionId, StaffId};
use crate::row;
use crate::schema::{covers, sessions};
use crate::sessions::model::{Session, State, look_back};

row! {
    Row of Cover in covers {
        id: RowId,
        session: SessionId = session_id,
        matched: MatchId = match_id,
        staff: StaffId = staff_id,
        account: Option<AccountId> = account_id,
        leave: Option<RowId> = leave_id,
        state: CoverState,
        unseen: i64,
    }
}

/// Writes a cover that stands from now on.
pub(super) fn insert(tx: &mut Tx<'_>, cover: &Cover) -> Result<()> {
    let (now, by) = (tx.now, tx.account()?);
    diesel::insert_into(covers::table)
        .values((Row::from(*cover), covers::decided_at.eq(now), covers::decided_by.eq(by)))
        .execute(tx.db())?;
    tx.changed(cover.staff);
    Ok(())
}

/// The cover of a session that stands.
pub(super) fn find_standing(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Cover>> {
    let standing = covers::table.filter(covers::session_id.eq(session)).filter(covers::state.eq(CoverState::Standing));
    Ok(standing.select(Cover::as_select()).first(tx.db()).optional()?)
}

/// The sessions in a span that a member of staff would hold, theirs that nobody covers or one that they cover, that begin after a moment and of which
/// nothing came yet: by match, then start. Of a proposal that is past nothing comes any more. A session lasts 24 hours at most, so the look-back is
/// bounded.
pub(super) fn fact_undecided_in(
    tx: &mut Tx<'_>,
    staff: StaffId,
    (from, until): (Instant, Instant),
    after: Instant,
) -> Result<Vec<Undecided>> {
    use sessions as s;
    let (now, after) = (tx.now, look_back(from).max(after));
    let own = s::staff_id.nullable().eq(Some(staff)).and(s::cover_staff_id.is_null());
    let undecided: Vec<(MatchId, CaseId, PersonId, Instant)> = s::table
        .filter(own.or(s::cover_staff_id.eq(Some(staff))))
        .filter(s::state.eq(State::Planned).or(s::state.eq(State::Proposed).and(s::starts_at.gt(now))))
        .filter(s::starts_at.gt(after).and(s::starts_at.lt(until)))
        .filter(s::ends_at.gt(from))
        .order((s::match_id, s::starts_at))
        .select((s::match_id, s::case_id, s::person_id, s::starts_at))
        .load(tx.db())?;
    Ok(undecided.into_iter().map(|(matched, case, person, at)| Undecided { matched, case, person, at }).collect())
}

/// The covers of a member of staff that stand, of sessions that end after a moment, whatever became of these.
pub(super) fn fact_standing_of(tx: &mut Tx<'_>, staff: StaffId, after: Instant) -> Result<Vec<Cover>> {
    Ok(covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id)))
        .filter(covers::staff_id.eq(staff))
        .filter(covers::state.eq(CoverState::Standing))
        .filter(sessions::ends_at.gt(after))
        .order((sessions::starts_at, sessions::id))
        .select(Cover::as_select())
        .load(tx.db())?)
}

/// The covers that stand of what a member of staff would hold, still to come.
pub(super) fn fact_standing_for(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<Cover>> {
    let now = tx.now;
    Ok(covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id).and(sessions::match_id.eq(covers::match_id))))
        .filter(sessions::staff_id.eq(staff))
        .filter(sessions::starts_at.gt(now))
        .filter(covers::state.eq(CoverState::Standing))
        .order((sessions::starts_at, sessions::id))
        .select(Cover::as_select())
        .load(tx.db())?)
}

row! {
    RecordRow of Record in covers {
        staff: StaffId = staff_id,
        state: CoverState,
        decided_at: Instant,
        decided_by: AccountId,
        ended_at: Option<Instant>,
        ended_by: Option<AccountId>,
    }
}

/// Every cover of a session, in the order of the decisions.
pub(super) fn list_of(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Record>> {
    let of_session = covers::table.filter(covers::match_id.eq(session.matched)).filter(covers::session_id.eq(session.id));
    Ok(of_session.order((covers::decided_at, covers::id)).select(Record::as_select()).load(tx.db())?)
}

/// A cover, when it was decided and ended, the start and the state of its session and who covers that by now.
type DecidedRow = (Cover, Instant, Option<Instant>, Instant, State, Option<StaffId>);

/// Every cover that was decided in a match, in the order of its sessions; of one session in the order of the decisions.
pub(super) fn fact_of_match(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<Decided>> {
    let rows: Vec<DecidedRow> = covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id)))
        .filter(covers::match_id.eq(matched))
        .order((sessions::starts_at, covers::decided_at, covers::id))
        .select((Cover::as_select(), covers::decided_at, covers::ended_at, sessions::starts_at, sessions::state, sessions::cover_staff_id))
        .load(tx.db())?;
    let decided = |(cover, decided_at, ended_at, starts_at, session_state, covered_by): DecidedRow| Decided {
        cover,
        decided_at,
        ended_at,
        starts_at,
        session_state,
        is_covered: covered_by.is_some(),
    };
    Ok(rows.into_iter().map(decided).collect())
}

/// To whom the person of a match said no as a cover, of any of its sessions.
pub(super) fn fact_refused(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<StaffId>> {
    let refused = covers::table.filter(covers::match_id.eq(matched)).filter(covers::state.eq(CoverState::Refused));
    Ok(refused.select(covers::staff_id).load(tx.db())?)
}

/// The refused covers of sessions that the caller was shown, in the order of the noes.
pub(super) fn list_refused(tx: &mut Tx<'_>, sessions: &[Session]) -> Result<Vec<(SessionId, StaffId)>> {
    let matches: Vec<MatchId> = sessions.iter().map(|session| session.matched).collect();
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let of_these = covers::table.filter(covers::match_id.eq_any(matches)).filter(covers::session_id.eq_any(ids));
    let refused = of_these.filter(covers::state.eq(CoverState::Refused));
    Ok(refused.order((covers::ended_at, covers::id)).select((covers::session_id, covers::staff_id)).load(tx.db())?)
}

/// The covers of sessions that stand, whoever covers, each with when it was decided.
pub(super) fn fact_standing_among(tx: &mut Tx<'_>, sessions: &[&Session]) -> Result<Vec<(Cover, Instant)>> {
    let matches: Vec<MatchId> = sessions.iter().map(|session| session.matched).collect();
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let of_these = covers::table.filter(covers::match_id.eq_any(matches)).filter(covers::session_id.eq_any(ids));
    let standing = of_these.filter(covers::state.eq(CoverState::Standing));
    Ok(standing.select((Cover::as_select(), covers::decided_at)).load(tx.db())?)
}

/// The last version of a session that a member of staff, or an account, was shown while they were to cover it before; 0: they never were.
pub(super) fn fact_last_seen(tx: &mut Tx<'_>, session: &Session, by: StaffId, account: Option<AccountId>) -> Result<i64> {
    let of_session = covers::table.filter(covers::match_id.eq(session.matched)).filter(covers::session_id.eq(session.id));
    let seen: Vec<(StaffId, Option<AccountId>, Option<i64>)> =
        of_session.select((covers::staff_id, covers::account_id, covers::last_seen)).load(tx.db())?;
    let theirs = seen.into_iter().filter(|(staff, seen_by, _)| *staff == by || account.is_some() && *seen_by == account);
    Ok(theirs.filter_map(|(.., last)| last).max().unwrap_or_default())
}

/// Writes down that a cover stands no longer, and which version of its session it was shown last.
pub(super) fn end(tx: &mut Tx<'_>, cover: &Cover, last_seen: i64, state: CoverState, at: Instant) -> Result<()> {
    let by = tx.actor.account;
    diesel::update(covers::table.find(cover.id))
        .set((covers::state.eq(state), covers::last_seen.eq(Some(last_seen)), covers::ended_at.eq(Some(at)), covers::ended_by.eq(by)))
        .execute(tx.db())?;
    tx.changed(cover.staff);
    Ok(())
}

/// Sets whose account sees a cover.
pub(super) fn set_account(tx: &mut Tx<'_>, cover: &Cover, account: Option<AccountId>) -> Result<()> {
    diesel::update(covers::table.find(cover.id)).set(covers::account_id.eq(account)).execute(tx.db())?;
    Ok(())
}

/// Sets for which leave a cover is.
pub(super) fn set_leave(tx: &mut Tx<'_>, cover: &Cover, leave: RowId) -> Result<()> {
    diesel::update(covers::table.find(cover.id)).set(covers::leave_id.eq(Some(leave))).execute(tx.db())?;
    Ok(())
}

/// Every cover that was decided in a match, whatever became of it, with when its session begins and when it ended; for the judgement of a log.
pub(super) fn fact_with_start(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<(Cover, Instant, Option<Instant>)>> {
    Ok(covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id)))
        .filter(covers::match_id.eq(matched))
        .order(covers::id)
        .select((Cover::as_select(), sessions::starts_at, covers::ended_at))
        .load(tx.db())?)
}
