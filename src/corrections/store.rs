//! What was recorded before it was put right, as rows.

use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{Correction, Kind};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AnyId, RowId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::corrections as c;

/// The place that a value is bound to. Referrals lay in a table of their own once, and what was sealed there opens by its name alone.
const fn place(kind: Kind, id: RowId) -> Place {
    let table = if matches!(kind, Kind::Referral) { "referral_corrections" } else { "corrections" };
    Place::new(table, "former", id)
}

/// Keeps what was recorded of something, before somebody puts it right; sealed under whom it is of.
///
/// # Errors
/// 403 for the night; the database's and the vault's.
pub fn keep<T: Serialize + DeserializeOwned>(tx: &mut Tx<'_>, kind: Kind, subject: AnyId, holder: Holder, former: &T) -> Result<()> {
    tx.account()?;
    keep_by_any(tx, kind, subject, holder, former)
}

/// As [`keep`], of what the night puts right, too: list it with [`list_by_any`].
///
/// # Errors
/// The database's and the vault's.
pub fn keep_by_any<T: Serialize + DeserializeOwned>(tx: &mut Tx<'_>, kind: Kind, subject: AnyId, holder: Holder, former: &T) -> Result<()> {
    let (id, by): (RowId, _) = (tx.new_id(), tx.actor.account);
    let last: Option<Instant> = c::table.filter(c::subject_id.eq(subject)).select(max(c::recorded_at)).first(tx.db())?;
    let now = tx.after(last);
    let former = tx.seal(holder, place(kind, id), former)?;
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::kind.eq(kind),
            c::subject_id.eq(subject),
            c::holder_id.eq(holder.id),
            c::former.eq(&former),
            c::recorded_at.eq(now),
            c::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    Ok(())
}

type Row<T> = (RowId, AnyId, Sealed<T>, Instant, Option<AccountId>);

/// What was recorded of something before each of its corrections, the first first; opened. The caller must have been shown it.
///
/// # Errors
/// The database's and the vault's.
pub fn list<T>(tx: &mut Tx<'_>, kind: Kind, subject: AnyId, holder: Holder) -> Result<Vec<Correction<T>>>
where
    T: Serialize + DeserializeOwned + 'static,
{
    list_by_any(tx, kind, subject, holder)?.into_iter().map(by_account).collect()
}

/// As [`list`], with what the night put right.
///
/// # Errors
/// The database's and the vault's.
pub fn list_by_any<T>(tx: &mut Tx<'_>, kind: Kind, subject: AnyId, holder: Holder) -> Result<Vec<ByAny<T>>>
where
    T: Serialize + DeserializeOwned + 'static,
{
    opened(tx, kind, holder, c::table.filter(c::subject_id.eq(subject)).into_boxed())
}

/// What was recorded of everything that is sealed under a holder, before each correction, the first first; opened. The caller must have
/// been shown all of it.
///
/// # Errors
/// The database's and the vault's.
pub fn list_under<T>(tx: &mut Tx<'_>, kind: Kind, holder: Holder) -> Result<Vec<Correction<T>>>
where
    T: Serialize + DeserializeOwned + 'static,
{
    opened(tx, kind, holder, c::table.filter(c::holder_id.eq(holder.id)).into_boxed())?.into_iter().map(by_account).collect()
}

type ByAny<T> = Correction<T, Option<AccountId>>;

fn by_account<T>(Correction { subject, former, corrected_at, corrected_by }: ByAny<T>) -> Result<Correction<T>> {
    let corrected_by = corrected_by.ok_or_else(|| Error::internal("something was put right by nobody"))?;
    Ok(Correction { subject, former, corrected_at, corrected_by })
}

fn opened<T>(tx: &mut Tx<'_>, kind: Kind, holder: Holder, query: c::BoxedQuery<'static, MultiBackend>) -> Result<Vec<ByAny<T>>>
where
    T: Serialize + DeserializeOwned + 'static,
{
    let query = query.filter(c::kind.eq(kind)).order((c::recorded_at, c::id));
    let rows: Vec<Row<T>> = query.select((c::id, c::subject_id, c::former, c::recorded_at, c::recorded_by)).load(tx.db())?;
    let opened = rows.into_iter().map(|(id, subject, former, corrected_at, corrected_by)| {
        let former = tx.open(holder, place(kind, id), &former)?;
        Ok(Correction { subject, former, corrected_at, corrected_by })
    });
    opened.collect()
}
