//! To whom a promise was given by hand.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DutyId};
use crate::schema::duties;

/// To whom a promise was last given by hand, whosever it is by now, for a rule. `None`: to nobody, to the unit, or before that was kept.
///
/// # Errors
/// The database's.
pub(in crate::duties) fn fact_assigned(tx: &mut Tx<'_>, id: DutyId) -> Result<Option<AccountId>> {
    let found: Option<Option<AccountId>> = duties::table.find(id).select(duties::assigned_id).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// Writes that; whose it is is saved apart.
pub(in crate::duties) fn set_assigned(tx: &mut Tx<'_>, id: DutyId, to: Option<AccountId>) -> Result<()> {
    diesel::update(duties::table.find(id)).set(duties::assigned_id.eq(to)).execute(tx.db())?;
    Ok(())
}
