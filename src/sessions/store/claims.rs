//! Claims on time as rows: one for each participant while a session is proposed or planned.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AnyId, PersonId, SessionId, StaffId, noun};
use crate::insert_rows;
use crate::schema::{claims, sessions};
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

/// Gives the time back that is held for a session as it is written down, also where whoever runs the match took it over from a cover: give it back
/// before what changes of the session is saved.
pub(in crate::sessions) fn release(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let columns = (sessions::staff_id, sessions::cover_staff_id, sessions::person_id, sessions::starts_at);
    let (staff, cover, person, starts_at): (StaffId, Option<StaffId>, PersonId, Instant) =
        sessions::table.find(id).select(columns).first(tx.db())?;
    let holders = [Some(staff.cast::<noun::Any>()), cover.map(StaffId::cast), Some(person.cast())];
    for holder in holders.into_iter().flatten() {
        diesel::delete(claims::table.find((holder, starts_at, id))).execute(tx.db())?;
    }
    Ok(())
}
