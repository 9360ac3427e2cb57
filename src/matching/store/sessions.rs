//! What is to come of a match. Sessions belong to a room below this one, which therefore reads their rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::schema::sessions;

/// When the next planned session of a match begins that nobody covers.
pub(in crate::matching) fn fact_next(tx: &mut Tx<'_>, matched: MatchId) -> Result<Option<Instant>> {
    let now = tx.now;
    let planned = sessions::table
        .filter(sessions::match_id.eq(matched))
        .filter(sessions::starts_at.gt(now))
        .filter(sessions::state.eq("planned"))
        .filter(sessions::cover_staff_id.is_null());
    Ok(planned.order(sessions::starts_at).select(sessions::starts_at).first(tx.db()).optional()?)
}
