//! Changes as rows: inserted, never changed.

use diesel::prelude::*;

use super::model::{Because, Change, ChangeKind, Reason};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MatchId, SessionId};
use crate::schema::{session_changes, sessions};
use crate::sessions::model::Side;

/// More changes than a session has: a list of them is one page.
const MOST: i64 = 200;

/// Writes a change down.
///
/// # Errors
/// The database's.
pub(super) fn insert(tx: &mut Tx<'_>, session: SessionId, change: &Change) -> Result<()> {
    use session_changes as c;
    let row = (
        c::session_id.eq(session),
        c::version.eq(change.version),
        c::kind.eq(change.kind),
        c::by_side.eq(change.because.by),
        c::reason.eq(change.because.reason),
        c::starts_at.eq(change.starts_at),
        c::ends_at.eq(change.ends_at),
        c::late.eq(change.late),
        c::happened_at.eq(change.happened_at),
        c::recorded_at.eq(change.recorded_at),
        c::recorded_by.eq(change.recorded_by),
    );
    diesel::insert_into(c::table).values(row).execute(tx.db())?;
    Ok(())
}

/// When a session of a match was last moved away from, or cancelled at, a time that overlaps this one.
pub(super) fn fact_given_up(tx: &mut Tx<'_>, matched: MatchId, from: Instant, until: Instant) -> Result<Option<Instant>> {
    use session_changes as c;
    Ok(c::table
        .inner_join(sessions::table.on(sessions::id.eq(c::session_id)))
        .filter(sessions::match_id.eq(matched))
        .filter(c::kind.eq_any([ChangeKind::Moved, ChangeKind::Cancelled]))
        .filter(c::starts_at.lt(until))
        .filter(c::ends_at.gt(from))
        .order(c::happened_at.desc())
        .select(c::happened_at)
        .first(tx.db())
        .optional()?)
}

/// How and when each of these sessions was changed, in order.
pub(super) fn fact_all(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<Vec<(SessionId, ChangeKind, Instant)>> {
    use session_changes as c;
    let of_these = c::table.filter(c::session_id.eq_any(sessions.to_vec())).order((c::session_id, c::version));
    Ok(of_these.select((c::session_id, c::kind, c::recorded_at)).load(tx.db())?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = session_changes)]
struct Row {
    version: i64,
    kind: ChangeKind,
    by_side: Option<Side>,
    reason: Option<Reason>,
    starts_at: Instant,
    ends_at: Instant,
    late: bool,
    happened_at: Instant,
    recorded_at: Instant,
    recorded_by: Option<AccountId>,
}

/// What happened to a session, in its order.
///
/// # Errors
/// The database's.
pub(super) fn list(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<Change>> {
    use session_changes as c;
    let query = c::table.filter(c::session_id.eq(session)).order(c::version).limit(MOST);
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    let change = |row: Row| Change {
        version: row.version,
        kind: row.kind,
        because: Because { by: row.by_side, reason: row.reason },
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        late: row.late,
        happened_at: row.happened_at,
        recorded_at: row.recorded_at,
        recorded_by: row.recorded_by,
    };
    Ok(rows.into_iter().map(change).collect())
}
