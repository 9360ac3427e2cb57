//! Times away as rows.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{RowId, StaffId};
use crate::schema::staff_leaves;
use crate::staff::model::{Leave, LeaveKind};

/// The leaves of a member of staff that last until a date or longer, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_leaves(tx: &mut Tx<'_>, id: StaffId, until: NaiveDate) -> Result<Vec<Leave>> {
    use staff_leaves as l;
    let standing = l::table.filter(l::staff_id.eq(id)).filter(l::until_on.ge(until)).order((l::from_on, l::id));
    let rows: Vec<(RowId, LeaveKind, NaiveDate, NaiveDate)> = standing.select((l::id, l::kind, l::from_on, l::until_on)).load(tx.db())?;
    Ok(rows.into_iter().map(|(id, kind, from_on, until_on)| Leave { id, kind, from_on, until_on }).collect())
}

/// Writes a time away.
pub(in crate::staff) fn insert_leave(tx: &mut Tx<'_>, id: StaffId, leave: &Leave) -> Result<()> {
    use staff_leaves as l;
    let now = tx.now;
    diesel::insert_into(l::table)
        .values((
            l::id.eq(leave.id),
            l::staff_id.eq(id),
            l::kind.eq(leave.kind),
            l::from_on.eq(leave.from_on),
            l::until_on.eq(leave.until_on),
            l::recorded_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Strikes a time away.
pub(in crate::staff) fn delete_leave(tx: &mut Tx<'_>, leave: RowId) -> Result<()> {
    diesel::delete(staff_leaves::table.find(leave)).execute(tx.db())?;
    Ok(())
}
