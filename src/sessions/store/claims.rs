//! Claims on time as rows: one for each participant while a session is proposed or planned.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AnyId, SessionId};
use crate::insert_rows;
use crate::schema::claims;
use crate::sessions::model::Session;

/// Takes the time of both: 409 `claims_overlap` when either has something else then.
pub(in crate::sessions) fn claim(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    claim_all(tx, std::slice::from_ref(session))
}

/// Takes the times of both for several sessions in one statement.
pub(in crate::sessions) fn claim_all(tx: &mut Tx<'_>, taken: &[Session]) -> Result<()> {
    let claim = |session: &Session, person: AnyId| {
        (
            claims::session_id.eq(session.id),
            claims::person.eq(person),
            claims::starts_at.eq(session.starts_at),
            claims::ends_at.eq(session.ends_at),
        )
    };
    let rows: Vec<_> = taken.iter().flat_map(|session| session.both().map(|person| claim(session, person))).collect();
    insert_rows!(tx.db(), claims::table, &rows)?;
    Ok(())
}

/// Gives the time of both back.
pub(in crate::sessions) fn release(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    diesel::delete(claims::table.filter(claims::session_id.eq(id))).execute(tx.db())?;
    Ok(())
}
