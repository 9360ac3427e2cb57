//! Promises whose owner may not see any more whom they are about.

use diesel::dsl::not;
use diesel::prelude::*;

use super::{is_open, unbarred};
use crate::access::Tx;
use crate::access::store::barred_from;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::duties::Duty;
use crate::schema::duties;

/// An account's open promises about what it is barred from.
///
/// # Errors
/// The database's.
pub(in crate::duties) fn list_open_barred(tx: &mut Tx<'_>, owner: AccountId) -> Result<Vec<Duty>> {
    let now = tx.now;
    let open = duties::table.filter(is_open()).filter(duties::owner_id.eq(owner));
    Ok(open.filter(not(unbarred(barred_from(owner, now)))).select(Duty::as_select()).load(tx.db())?)
}
