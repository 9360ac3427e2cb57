//! What the database knows of its keys: which key each holder got, and whose key file and key store they are.

use diesel::prelude::*;

use super::KeptKey;
use crate::base::clock::Instant;
use crate::base::db::{Db, write_transaction};
use crate::base::error::{Error, Result};
use crate::base::vault::model::Holder;
use crate::base::vault::seal::KeyId;
use crate::insert_rows;
use crate::schema::{holder_keys, vaults};

/// The key that a holder got; `None` for one that never had any.
pub(in crate::base::vault) fn find(db: &mut Db, holder: Holder) -> Result<Option<KeyId>> {
    Ok(holder_keys::table.find((holder.kind.text(), holder.id)).select(holder_keys::key_id).first(db).optional()?)
}

/// Enters the holder's key; where another transaction was faster, this one runs again and finds it.
pub(in crate::base::vault) fn enter(db: &mut Db, holder: Holder, key: KeyId, now: Instant) -> Result<()> {
    let row = (
        holder_keys::holder_kind.eq(holder.kind.text()),
        holder_keys::holder_id.eq(holder.id),
        holder_keys::key_id.eq(key),
        holder_keys::made_at.eq(now),
    );
    match diesel::insert_into(holder_keys::table).values(row).execute(db).map_err(Error::from) {
        Err(Error::Violation(_)) => Err(Error::RunAgain),
        done => done.map(drop),
    }
}

/// Every key that a holder got, and when.
pub(in crate::base::vault) fn all(db: &mut Db) -> Result<Vec<(KeyId, Instant)>> {
    Ok(holder_keys::table.select((holder_keys::key_id, holder_keys::made_at)).load(db)?)
}

/// What the key file of this database's keys must fit; `None` where it was never opened with any.
pub(in crate::base::vault) fn find_check(db: &mut Db) -> Result<Option<Vec<u8>>> {
    Ok(vaults::table.select(vaults::key_check).first(db).optional()?)
}

/// Takes a key store as this database's own, with every key it has.
pub(in crate::base::vault) fn adopt(db: &mut Db, check: &[u8], keys: &[KeptKey], now: Instant) -> Result<()> {
    write_transaction(db, |db| {
        let row = |key: &KeptKey| {
            (
                holder_keys::holder_kind.eq(key.holder_kind.clone()),
                holder_keys::holder_id.eq(key.holder_id),
                holder_keys::key_id.eq(key.id),
                holder_keys::made_at.eq(key.made_at),
            )
        };
        let rows: Vec<_> = keys.iter().map(row).collect();
        insert_rows!(&mut *db, holder_keys::table, &rows)?;
        diesel::insert_into(vaults::table).values((vaults::key_check.eq(check), vaults::bound_at.eq(now))).execute(db)?;
        Ok(())
    })
}
