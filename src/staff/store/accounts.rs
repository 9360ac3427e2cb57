//! The accounts that members of staff have and had.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, StaffId};
use crate::schema::staff_accounts as a;

/// Notes that an account is a member of staff's from now on, and nobody else's. `None`: nothing is to be noted.
pub(in crate::staff) fn remember(tx: &mut Tx<'_>, id: StaffId, account: Option<AccountId>) -> Result<()> {
    let (now, Some(account)) = (tx.now, account) else { return Ok(()) };
    let of_others = a::table.filter(a::account_id.eq(account)).filter(a::staff_id.ne(id)).filter(a::until_at.is_null());
    diesel::update(of_others).set(a::until_at.eq(now)).execute(tx.db())?;
    // They may have had it before.
    diesel::delete(a::table.find((id, account))).execute(tx.db())?;
    diesel::insert_into(a::table).values((a::staff_id.eq(id), a::account_id.eq(account))).execute(tx.db())?;
    Ok(())
}

/// The members of staff who have an account, or had it last; for a rule.
///
/// # Errors
/// The database's.
pub fn fact_whose(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<StaffId>> {
    let theirs = a::table.filter(a::account_id.eq(account)).filter(a::until_at.is_null());
    Ok(theirs.order(a::staff_id).select(a::staff_id).load(tx.db())?)
}

/// The members of staff whose account one is or was, before it was another's at a moment; for a rule.
///
/// # Errors
/// The database's.
pub fn fact_whose_at(tx: &mut Tx<'_>, account: AccountId, at: Instant) -> Result<Vec<StaffId>> {
    let theirs = a::table.filter(a::account_id.eq(account)).filter(a::until_at.is_null().or(a::until_at.gt(at)));
    Ok(theirs.order(a::staff_id).select(a::staff_id).load(tx.db())?)
}
