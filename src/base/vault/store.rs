//! The key store: the wrapped keys of all holders, in a database of their own. Nothing here can be read without the key file.
//!
//! Each statement is a transaction by itself. A connection that was lost is replaced; what it leads to then may be another store, or an older
//! copy: nothing is asked of it before it was held against the database.

pub(super) mod book;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
use crate::base::db::{Database, DatabaseUrl, Db, Engine, Settings, fill_in, write_transaction};
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

/// Which of the connections to the key store it was.
#[derive(Clone, Copy)]
pub(super) struct Connection(u64);

/// The way to the key store: one connection a process, for one statement at a time.
pub(super) struct KeyStore {
    engine: Engine,
    database: Database,
    opened: Arc<AtomicU64>,
    /// The connection that was made what it must be.
    settled: Arc<AtomicU64>,
    /// The connection whose store was held against the database.
    trusted: Arc<AtomicU64>,
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
        let database = Database::open_one("keys", &Settings { create: may_make, ..Settings::new(url.clone()) })?;
        let (settled, trusted) = Default::default();
        Ok(Self { engine: url.engine(), opened: database.opened(), database, settled, trusted })
    }

    /// What the key file must fit; `None` in an empty store.
    pub(super) fn find_check(&self) -> Result<Option<Vec<u8>>, StartError> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let names = match self.engine {
            Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            Engine::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        };
        let tables: Vec<Table> = self.ask(move |db| Ok(diesel::sql_query(names).load(db)?))?;
        if let Some(other) = tables.iter().find(|table| !["data_keys", "key_checks"].contains(&table.name.as_str())) {
            return Err(StartError::NotApart(other.name.clone()));
        }
        if tables.is_empty() {
            return Ok(None);
        }
        Ok(self.ask(|db| Ok(key_checks::table.select(key_checks::value).first(db).optional()?))?)
    }

    /// Every key that was ever made, destroyed ones too, and by which connection they were read.
    pub(super) fn all(&self) -> Result<(Vec<KeptKey>, Connection)> {
        let opened = Arc::clone(&self.opened);
        let columns = (data_keys::holder_kind, data_keys::holder_id, data_keys::id, data_keys::made_at);
        self.ask(move |db| Ok((data_keys::table.select(columns).load(db)?, Connection(opened.load(Ordering::Acquire)))))
    }

    /// What that connection leads to has what the database knows.
    pub(super) fn trust(&self, connection: Connection) {
        self.trusted.store(connection.0, Ordering::Release);
    }

    /// Lets go of the connection: the next may lead to the right store.
    pub(super) fn let_go(&self) {
        let _: Result<()> = self.ask(|_| Err(Error::Unavailable("the key store is refused")));
    }

    /// As [`Database::close_within`].
    pub(super) fn close_within(&self, most: Duration) -> bool {
        self.database.close_within(most)
    }

    /// Asks whether the store is there.
    pub(super) fn probe(&self) -> Result<Option<()>> {
        self.ask_trusted(|db| Ok(key_checks::table.select(key_checks::made_at).first::<Instant>(db).map(drop)?))
    }

    /// Makes the tables and keeps what the key file must fit, in one transaction.
    pub(super) fn make(&self, check: &[u8], now: Instant) -> Result<(), StartError> {
        let check = check.to_vec();
        let made = self.ask(move |db| {
            write_transaction(db, |db| {
                db.batch_execute(&fill_in(db.engine(), TABLES)?)?;
                diesel::insert_into(key_checks::table).values((key_checks::made_at.eq(now), key_checks::value.eq(&check))).execute(db)?;
                Ok(())
            })
        });
        Ok(made?)
    }

    /// The holder's row.
    pub(super) fn find(&self, holder: Holder) -> Result<Option<Option<StoredKey>>> {
        self.ask_trusted(move |db| {
            let row = data_keys::table
                .filter(data_keys::holder_kind.eq(holder.kind.text()).and(data_keys::holder_id.eq(holder.id)))
                .select((data_keys::id, data_keys::wrapped))
                .first(db)
                .optional()?;
            Ok(row.map(|(id, wrapped)| StoredKey { id, wrapped }))
        })
    }

    /// Keeps a new key, durably, unless the holder has one already: then the other thread's or process's is the holder's.
    pub(super) fn insert_unless_there(&self, holder: Holder, id: KeyId, wrapped: &[u8], now: Instant) -> Result<Option<()>> {
        let wrapped = wrapped.to_vec();
        self.ask_trusted(move |db| insert(db, holder, id, Some(&wrapped), now))
    }

    /// Erases the holder's key; a holder without one gets a destroyed one, so that none is made later.
    pub(super) fn destroy(&self, holder: Holder, instead: KeyId, now: Instant) -> Result<(), VaultError> {
        // Nothing of it stays in the files: SQLite has overwritten it in the table, but its log still has it; PostgreSQL keeps old rows.
        let sweep = match self.engine {
            Engine::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
            Engine::Postgres => "VACUUM FULL data_keys",
        };
        let destroyed = self.ask(move |db| {
            insert(db, holder, instead, None, now)?;
            let of_holder = data_keys::holder_kind.eq(holder.kind.text()).and(data_keys::holder_id.eq(holder.id));
            diesel::update(data_keys::table.filter(of_holder.and(data_keys::destroyed_at.is_null())))
                .set((data_keys::wrapped.eq(None::<Vec<u8>>), data_keys::destroyed_at.eq(now)))
                .execute(db)?;
            Ok(db.batch_execute(sweep)?)
        });
        Ok(destroyed?)
    }

    /// Runs statements on whatever store the connection leads to.
    fn ask<T: Send + 'static>(&self, statements: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        let (opened, settled) = (Arc::clone(&self.opened), Arc::clone(&self.settled));
        let asked = self.database.blocking_write(move |db| {
            let connection = opened.load(Ordering::Acquire);
            if settled.swap(connection, Ordering::AcqRel) != connection && db.engine() == Engine::Sqlite {
                // New keys are rare: each goes into the file itself at once, so that a plain copy of the file lacks none.
                db.batch_execute("PRAGMA wal_autocheckpoint = 1")?;
            }
            statements(db)
        });
        // Whose connection it is that failed; the lane has logged of what.
        asked.map_err(|error| if let Error::Unavailable(_) = error { Error::Unavailable("the key store cannot be reached") } else { error })
    }

    /// As [`ask`](Self::ask), of the store that was held against the database. `None`: it was connected anew since.
    fn ask_trusted<T: Send + 'static>(&self, statements: impl FnOnce(&mut Db) -> Result<T> + Send + 'static) -> Result<Option<T>> {
        let (opened, trusted) = (Arc::clone(&self.opened), Arc::clone(&self.trusted));
        self.ask(move |db| {
            let is_trusted = opened.load(Ordering::Acquire) == trusted.load(Ordering::Acquire);
            if is_trusted { statements(db).map(Some) } else { Ok(None) }
        })
    }
}

fn insert(db: &mut Db, holder: Holder, id: KeyId, wrapped: Option<&[u8]>, now: Instant) -> Result<()> {
    let row = (
        data_keys::id.eq(id),
        data_keys::holder_kind.eq(holder.kind.text()),
        data_keys::holder_id.eq(holder.id),
        data_keys::wrapped.eq(wrapped),
        data_keys::made_at.eq(now),
        data_keys::destroyed_at.eq(wrapped.is_none().then_some(now)),
    );
    match diesel::insert_into(data_keys::table).values(row).execute(db).map_err(Error::from) {
        Ok(_) | Err(Error::Violation(Violation::Unique(_))) => Ok(()),
        Err(error) => Err(error),
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
