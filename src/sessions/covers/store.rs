//! Covers as rows, and the sessions of a leave.

use diesel::prelude::*;

use super::model::{Cover, CoverState};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MatchId, RowId, SessionId, StaffId};
use crate::schema::{covers, sessions};

#[derive(Queryable, Selectable)]
#[diesel(table_name = covers)]
struct Row {
    id: RowId,
    session_id: SessionId,
    match_id: MatchId,
    staff_id: StaffId,
    account_id: Option<AccountId>,
    state: CoverState,
}

impl From<Row> for Cover {
    fn from(row: Row) -> Self {
        Self { id: row.id, session: row.session_id, matched: row.match_id, staff: row.staff_id, account: row.account_id, state: row.state }
    }
}

/// Writes a cover that stands from now on.
pub(super) fn insert(tx: &mut Tx<'_>, cover: &Cover) -> Result<()> {
    let (now, by) = (tx.now, tx.account()?);
    diesel::insert_into(covers::table)
        .values((
            covers::id.eq(cover.id),
            covers::session_id.eq(cover.session),
            covers::match_id.eq(cover.matched),
            covers::staff_id.eq(cover.staff),
            covers::account_id.eq(cover.account),
            covers::state.eq(cover.state),
            covers::decided_at.eq(now),
            covers::decided_by.eq(by),
        ))
        .execute(tx.db())?;
    tx.changed(cover.staff);
    Ok(())
}

/// The cover of a session that stands.
pub(super) fn find_standing(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Cover>> {
    let standing = covers::table.filter(covers::session_id.eq(session)).filter(covers::state.eq(CoverState::Standing));
    let row: Option<Row> = standing.select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Cover::from))
}

/// The covers of a member of staff that stand, of sessions planned that end after a moment.
pub(super) fn fact_standing_of(tx: &mut Tx<'_>, staff: StaffId, after: Instant) -> Result<Vec<Cover>> {
    let rows: Vec<Row> = covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id)))
        .filter(covers::staff_id.eq(staff))
        .filter(covers::state.eq(CoverState::Standing))
        .filter(sessions::ends_at.gt(after))
        .order((sessions::starts_at, sessions::id))
        .select(Row::as_select())
        .load(tx.db())?;
    Ok(rows.into_iter().map(Cover::from).collect())
}

/// Writes down that a cover stands no longer.
pub(super) fn end(tx: &mut Tx<'_>, cover: &Cover, state: CoverState, at: Instant) -> Result<()> {
    let by = tx.actor.account;
    diesel::update(covers::table.find(cover.id))
        .set((covers::state.eq(state), covers::ended_at.eq(Some(at)), covers::ended_by.eq(by)))
        .execute(tx.db())?;
    tx.changed(cover.staff);
    Ok(())
}

/// Sets whose account sees a cover.
pub(super) fn set_account(tx: &mut Tx<'_>, cover: &Cover, account: Option<AccountId>) -> Result<()> {
    diesel::update(covers::table.find(cover.id)).set(covers::account_id.eq(account)).execute(tx.db())?;
    Ok(())
}

/// The sessions of a match that an account covers or covered, with their start; for the judgement of a log.
pub fn fact_covered(tx: &mut Tx<'_>, account: AccountId, matched: MatchId) -> Result<Vec<(SessionId, Instant)>> {
    Ok(covers::table
        .inner_join(sessions::table.on(sessions::id.eq(covers::session_id)))
        .filter(covers::match_id.eq(matched))
        .filter(covers::account_id.eq(account))
        .filter(covers::state.eq(CoverState::Standing))
        .select((sessions::id, sessions::starts_at))
        .load(tx.db())?)
}
