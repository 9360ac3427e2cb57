//! The key store: the wrapped keys of all holders, in a database of their own. Nothing here can be read without the key file.
//!
//! Each statement is a transaction by itself, and each may be repeated: so a connection that was lost is replaced without anybody noticing.

pub(super) mod book;

use std::sync::{Mutex, PoisonError};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Nullable, Text};

use super::model::{Holder, Sealed, StartError, VaultError};
use super::seal::KeyId;
use crate::base::clock::Instant;
use crate::base::db::{Access, DatabaseUrl, Db, Engine, connect, fill_in, write_transaction};
use crate::base::error::{Error, Result, Violation};
use crate::base::ids::AnyId;

diesel::table! {
    use diesel::sql_types::*;
    use crate::base::db::types::{Moment, Uuid};

    /// One row a holder, for ever: `wrapped` is gone once `destroyed_at` is set.
    data_keys (id) {
        id -> Uuid,
        holder_kind -> Text,
        holder_id -> Uuid,
        wrapped -> Nullable<Binary>,
        made_at -> Moment,
        destroyed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::base::db::types::Moment;

    /// One row: what the key file must fit.
    key_checks (made_at) {
        made_at -> Moment,
        value -> Binary,
    }
}

const TABLES: &str = "
    CREATE TABLE data_keys (
        id {uuid} NOT NULL PRIMARY KEY,
        holder_kind {text_c} NOT NULL,
        holder_id {uuid} NOT NULL,
        wrapped {blob},
        made_at {time} NOT NULL,
        destroyed_at {time},
        UNIQUE (holder_kind, holder_id),
        CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
    ) {strict};
    CREATE TABLE key_checks (made_at {time} NOT NULL PRIMARY KEY, value {blob} NOT NULL) {strict};";

/// A holder's key as it is stored.
pub(super) struct StoredKey {
    /// The key's id.
    pub(super) id: KeyId,
    /// The wrapped key; `None` once destroyed.
    pub(super) wrapped: Option<Vec<u8>>,
}

/// A key of the store, without the key.
#[derive(Queryable)]
pub(super) struct KeptKey {
    /// The kind of its holder.
    pub(super) holder_kind: String,
    /// Its holder.
    pub(super) holder_id: AnyId,
    /// The key's id.
    pub(super) id: KeyId,
    /// When it was made.
    pub(super) made_at: Instant,
}

/// The connection to the key store: one a process, used by one thread at a time, for the time of one statement.
pub(super) struct KeyStore {
    url: DatabaseUrl,
    connection: Mutex<Db>,
}

impl KeyStore {
    /// Connects; a missing SQLite file is made (0600) only when `may_make`.
    pub(super) fn connect(url: &DatabaseUrl, may_make: bool) -> Result<Self, StartError> {
        if let DatabaseUrl::Sqlite(path) = url
            && !may_make
            && !path.exists()
        {
            return Err(StartError::NoStore);
        }
        let mut connection = connect(url, Access::Write { create: may_make })?;
        if connection.engine() == Engine::Sqlite {
            // New keys are rare: each goes into the file itself at once, so that a plain copy of the file lacks none.
            connection.batch_execute("PRAGMA wal_autocheckpoint = 1").map_err(Error::from)?;
        }
        Ok(Self { url: url.clone(), connection: Mutex::new(connection) })
    }

    /// What the key file must fit; `None` in an empty store.
    pub(super) fn find_check(&self) -> Result<Option<Vec<u8>>, StartError> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let names = match self.url.engine() {
            Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            Engine::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        };
        let tables: Vec<Table> = self.run(|db| diesel::sql_query(names).load(db))?;
        if let Some(other) = tables.iter().find(|table| !["data_keys", "key_checks"].contains(&table.name.as_str())) {
            return Err(StartError::NotApart(other.name.clone()));
        }
        if tables.is_empty() {
            return Ok(None);
        }
        Ok(self.run(|db| key_checks::table.select(key_checks::value).first(db).optional())?)
    }

    /// Every key that was ever made, destroyed ones too.
    pub(super) fn all(&self) -> Result<Vec<KeptKey>> {
        self.run(|db| data_keys::table.select((data_keys::holder_kind, data_keys::holder_id, data_keys::id, data_keys::made_at)).load(db))
    }

    /// Asks whether the store is there.
    pub(super) fn probe(&self) -> Result<()> {
        self.run(|db| key_checks::table.select(key_checks::made_at).first::<Instant>(db)).map(drop)
    }

    /// Makes the tables and keeps what the key file must fit, in one transaction.
    pub(super) fn make(&self, check: &[u8], now: Instant) -> Result<(), StartError> {
        let mut db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        write_transaction(&mut db, |db| {
            db.batch_execute(&fill_in(db.engine(), TABLES)?)?;
            diesel::insert_into(key_checks::table).values((key_checks::made_at.eq(now), key_checks::value.eq(check))).execute(db)?;
            Ok(())
        })
        .map_err(StartError::from)
    }

    /// The holder's row.
    pub(super) fn find(&self, holder: Holder) -> Result<Option<StoredKey>, VaultError> {
        let row = self.run(|db| {
            data_keys::table
                .filter(data_keys::holder_kind.eq(holder.kind.text()).and(data_keys::holder_id.eq(holder.id)))
                .select((data_keys::id, data_keys::wrapped))
                .first(db)
                .optional()
        })?;
        Ok(row.map(|(id, wrapped)| StoredKey { id, wrapped }))
    }

    /// Keeps a new key, durably, unless the holder has one already: then the other thread's or process's is the holder's.
    pub(super) fn insert_unless_there(&self, holder: Holder, id: KeyId, wrapped: &[u8], now: Instant) -> Result<(), VaultError> {
        self.insert(holder, id, Some(wrapped), now)
    }

    /// Erases the holder's key; a holder without one gets a destroyed one, so that none is made later.
    pub(super) fn destroy(&self, holder: Holder, instead: KeyId, now: Instant) -> Result<(), VaultError> {
        self.insert(holder, instead, None, now)?;
        self.run(|db| {
            let of_holder = data_keys::holder_kind.eq(holder.kind.text()).and(data_keys::holder_id.eq(holder.id));
            diesel::update(data_keys::table.filter(of_holder.and(data_keys::destroyed_at.is_null())))
                .set((data_keys::wrapped.eq(None::<Vec<u8>>), data_keys::destroyed_at.eq(now)))
                .execute(db)
        })?;
        // Nothing of it stays in the files: SQLite has overwritten it in the table, but its log still has it; PostgreSQL keeps old rows.
        let sweep = match self.url.engine() {
            Engine::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
            Engine::Postgres => "VACUUM FULL data_keys",
        };
        Ok(self.run(|db| db.batch_execute(sweep))?)
    }

    fn insert(&self, holder: Holder, id: KeyId, wrapped: Option<&[u8]>, now: Instant) -> Result<(), VaultError> {
        let inserted = self.run(|db| {
            let row = (
                data_keys::id.eq(id),
                data_keys::holder_kind.eq(holder.kind.text()),
                data_keys::holder_id.eq(holder.id),
                data_keys::wrapped.eq(wrapped),
                data_keys::made_at.eq(now),
                data_keys::destroyed_at.eq(wrapped.is_none().then_some(now)),
            );
            diesel::insert_into(data_keys::table).values(row).execute(db)
        });
        match inserted {
            Ok(_) | Err(Error::Violation(Violation::Unique(_))) => Ok(()),
            Err(error) => Err(VaultError::KeyStore(error)),
        }
    }

    /// Runs a statement that may be repeated; once more, on a new connection, when the server had closed the old one.
    fn run<T>(&self, mut statement: impl FnMut(&mut Db) -> QueryResult<T>) -> Result<T> {
        let mut db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match statement(&mut db).map_err(Error::from) {
            Err(Error::Unavailable(_)) if self.url.engine() == Engine::Postgres => {
                *db = connect(&self.url, Access::Write { create: false })
                    .map_err(|_| Error::Unavailable("the key store cannot be reached"))?;
                Ok(statement(&mut db)?)
            }
            done => done,
        }
    }
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
