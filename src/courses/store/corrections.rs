//! What was recorded before it was put right, as rows: of offers, courses, and the matches of the room below.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, PersonId, RowId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::courses::model::Correction;
use crate::schema::corrections as c;

const fn place(id: RowId) -> Place {
    Place::new("corrections", "former", id)
}

/// Keeps what was recorded of something, before it is put right.
///
/// # Errors
/// The database's and the vault's.
pub fn insert<T: Serialize + DeserializeOwned>(tx: &mut Tx<'_>, subject: AnyId, person: PersonId, former: &T) -> Result<()> {
    let (id, now, by): (RowId, _, _) = (tx.new_id(), tx.now, tx.account()?);
    let former = tx.seal(Holder::person(person), place(id), former)?;
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::subject_id.eq(subject),
            c::person_id.eq(person),
            c::former.eq(&former),
            c::recorded_at.eq(now),
            c::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    Ok(())
}

type Row<T> = (RowId, Sealed<T>, Instant, AccountId);

/// What was recorded of something before each of its corrections, the first first; opened. The caller must have been shown it.
///
/// # Errors
/// The database's and the vault's.
pub fn list<T: Serialize + DeserializeOwned + 'static>(tx: &mut Tx<'_>, subject: AnyId, person: PersonId) -> Result<Vec<Correction<T>>> {
    let query = c::table.filter(c::subject_id.eq(subject)).order((c::recorded_at, c::id));
    let rows: Vec<Row<T>> = query.select((c::id, c::former, c::recorded_at, c::recorded_by)).load(tx.db())?;
    let opened = rows.into_iter().map(|(id, former, corrected_at, corrected_by)| {
        let former = tx.open(Holder::person(person), place(id), &former)?;
        Ok(Correction { former, corrected_at, corrected_by })
    });
    opened.collect()
}
