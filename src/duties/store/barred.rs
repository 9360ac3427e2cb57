//! Promises whose owner may not see any more whom they are about.

use diesel::prelude::*;

use super::Row;
use crate::access::Tx;
use crate::access::store::barred_from;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::duties::{Duty, State};
use crate::schema::duties;

/// An account's open promises about what it is barred from.
///
/// # Errors
/// The database's.
pub(in crate::duties) fn list_open_barred(tx: &mut Tx<'_>, owner: AccountId) -> Result<Vec<Duty>> {
    let now = tx.now;
    let about = duties::enquiry_id
        .assume_not_null()
        .eq_any(barred_from(owner, now))
        .or(duties::case_id.assume_not_null().eq_any(barred_from(owner, now)))
        .or(duties::person_id.assume_not_null().eq_any(barred_from(owner, now)));
    let open = duties::table.filter(duties::state.eq(State::Open)).filter(duties::owner_id.eq(owner));
    let rows: Vec<Row> = open.filter(about).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Duty::from).collect())
}
