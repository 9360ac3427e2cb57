//! The key store: the wrapped keys of all holders, in a database of their own. Nothing here can be read without the key file.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error as DieselError;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Nullable};
use uuid::Uuid;

use super::key_file::create_private;
use super::model::{Holder, Sealed, StartError, VaultError, VaultSettings};
use crate::base::clock::Instant;
use crate::base::error::Error;

diesel::table! {
    /// One row a holder, for ever: `wrapped` is gone once `destroyed_at` is set. Times in UTC microseconds.
    data_keys (id) {
        id -> Binary,
        holder_kind -> Text,
        holder_id -> Binary,
        wrapped -> Nullable<Binary>,
        made_at -> BigInt,
        destroyed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One row: what the key file must fit.
    key_checks (made_at) {
        made_at -> BigInt,
        value -> Binary,
    }
}

const TABLES: &str = "
    CREATE TABLE data_keys (
        id BLOB NOT NULL PRIMARY KEY,
        holder_kind TEXT NOT NULL,
        holder_id BLOB NOT NULL,
        wrapped BLOB,
        made_at INTEGER NOT NULL,
        destroyed_at INTEGER,
        UNIQUE (holder_kind, holder_id),
        CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
    ) STRICT;
    CREATE TABLE key_checks (made_at INTEGER NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;";

/// A holder's row.
pub(super) struct StoredKey {
    /// The key's id.
    pub(super) id: Uuid,
    /// The wrapped key; `None` once destroyed.
    pub(super) wrapped: Option<Vec<u8>>,
}

/// The connection to the key store: one a process, used by one thread at a time, for the time of one statement.
pub(super) struct KeyStore(Mutex<SqliteConnection>);

impl KeyStore {
    /// Connects; a SQLite file is made (0600) only when `may_make`.
    pub(super) fn connect(settings: &VaultSettings, may_make: bool) -> Result<Self, StartError> {
        let url = &settings.key_store_url;
        let failed = |error: &dyn std::fmt::Display| StartError::Store(error.to_string());
        if !Path::new(url).exists() {
            if !may_make {
                return Err(StartError::NoStore);
            }
            create_private(Path::new(url)).map_err(|error| failed(&error))?;
        }
        let mut connection = SqliteConnection::establish(url).map_err(|error| failed(&error))?;
        connection
            .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")
            .map_err(|error| failed(&error))?;
        Ok(Self(Mutex::new(connection)))
    }

    /// What the key file must fit; `None` in an empty store.
    pub(super) fn find_check(&self) -> Result<Option<Vec<u8>>, StartError> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        let tables: Vec<Table> = self.run(|c| diesel::sql_query("SELECT name FROM sqlite_master WHERE type = 'table'").load(c))?;
        if let Some(other) = tables.iter().find(|table| !["data_keys", "key_checks"].contains(&table.name.as_str())) {
            return Err(StartError::NotApart(other.name.clone()));
        }
        if tables.is_empty() {
            return Ok(None);
        }
        Ok(self.run(|c| key_checks::table.select(key_checks::value).first(c).optional())?)
    }

    /// Makes the tables and keeps what the key file must fit, in one transaction.
    pub(super) fn make(&self, check: &[u8; 32], now: Instant) -> Result<(), StartError> {
        let check = check.as_slice();
        Ok(self.run(|c| {
            c.immediate_transaction(|c| {
                c.batch_execute(TABLES)?;
                diesel::insert_into(key_checks::table)
                    .values((key_checks::made_at.eq(now.micros()), key_checks::value.eq(check)))
                    .execute(c)
                    .map(drop)
            })
        })?)
    }

    /// The holder's row.
    pub(super) fn find(&self, holder: Holder) -> Result<Option<StoredKey>, VaultError> {
        let row: Option<(Vec<u8>, Option<Vec<u8>>)> = self.run(|c| {
            data_keys::table
                .filter(data_keys::holder_kind.eq(holder.kind.text()).and(data_keys::holder_id.eq(id_of(holder))))
                .select((data_keys::id, data_keys::wrapped))
                .first(c)
                .optional()
        })?;
        row.map(|(id, wrapped)| Uuid::from_slice(&id).map(|id| StoredKey { id, wrapped }).map_err(|_| VaultError::DoesNotFit)).transpose()
    }

    /// Keeps a new key, durably, unless the holder has one already.
    pub(super) fn insert_unless_there(&self, holder: Holder, id: Uuid, wrapped: &[u8], now: Instant) -> Result<(), VaultError> {
        self.insert(holder, id, Some(wrapped), now)
    }

    /// Erases the holder's key; a holder without one gets a destroyed one, so that none is made later.
    pub(super) fn destroy(&self, holder: Holder, tombstone: Uuid, now: Instant) -> Result<(), VaultError> {
        self.insert(holder, tombstone, None, now)?;
        self.run(|c| {
            diesel::update(
                data_keys::table.filter(
                    data_keys::holder_kind
                        .eq(holder.kind.text())
                        .and(data_keys::holder_id.eq(id_of(holder)))
                        .and(data_keys::destroyed_at.is_null()),
                ),
            )
            .set((data_keys::wrapped.eq(None::<&[u8]>), data_keys::destroyed_at.eq(now.micros())))
            .execute(c)?;
            // The old bytes are overwritten in the file (secure_delete), and must not stay in the log beside it.
            c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        })
    }

    fn insert(&self, holder: Holder, id: Uuid, wrapped: Option<&[u8]>, now: Instant) -> Result<(), VaultError> {
        let destroyed_at = wrapped.is_none().then_some(now.micros());
        self.run(|c| {
            let row = (
                data_keys::id.eq(id.as_bytes().as_slice()),
                data_keys::holder_kind.eq(holder.kind.text()),
                data_keys::holder_id.eq(id_of(holder)),
                data_keys::wrapped.eq(wrapped),
                data_keys::made_at.eq(now.micros()),
                data_keys::destroyed_at.eq(destroyed_at),
            );
            match diesel::insert_into(data_keys::table).values(row).execute(c) {
                // Another thread or process was faster: its key is the holder's.
                Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(()),
                other => other.map(drop),
            }
        })
    }

    fn run<T>(&self, statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>) -> Result<T, VaultError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statement(&mut connection).map_err(|error| VaultError::KeyStore(Error::internal(error)))
    }
}

fn id_of(holder: Holder) -> Vec<u8> {
    holder.id.uuid().into_bytes().to_vec()
}

// A sealed value is a binary column, on each engine and through the connection of both.

impl<T, DB: Backend> ToSql<Binary, DB> for Sealed<T>
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_bytes().to_sql(out)
    }
}

impl<T, DB: Backend> ToSql<Nullable<Binary>, DB> for Sealed<T>
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_bytes().to_sql(out)
    }
}

impl<T, DB: Backend> FromSql<Binary, DB> for Sealed<T>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Vec::from_sql(bytes).map(Self::from_bytes)
    }
}

impl<T, DB: Backend> Queryable<Binary, DB> for Sealed<T>
where
    Self: FromSql<Binary, DB>,
{
    type Row = Self;
    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

macro_rules! binds {
    ($($value:ty),+) => {$(
        impl<T> AsExpression<Binary> for $value {
            type Expression = Bound<Binary, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl<T> AsExpression<Nullable<Binary>> for $value {
            type Expression = Bound<Nullable<Binary>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    )+};
}
binds!(Sealed<T>, &Sealed<T>, &&Sealed<T>);
