//! The database: one connection type over SQLite and PostgreSQL, and everything that differs between them.
//!
//! Rooms import `Db`, `Engine`, `Result` and the SQL types here and see no engine but through [`each!`](crate::each) or a `match`
//! on [`Db`]. What holds: a job runs on the one thread that owns its connection; transactions are begun here and nowhere else, at the
//! strictest level each engine has; constraints are named alike; no error carries a row's value.

mod address;
mod alone;
mod code_set;
pub mod coded;
mod connect;
mod connection;
mod copy;
mod dialect;
mod failure;
mod kept;
mod lane;
mod lists;
mod lock;
pub mod migrations;
mod owed;
mod room;
mod transaction;
pub mod types;

pub use address::{DatabaseUrl, check_server, folder_of};
pub use alone::{Alone, alone};
pub use code_set::CodeSet;
pub use coded::Coded;
pub use connect::{Access, connect};
pub use connection::{Db, MultiBackend};
pub use copy::{copy, refuse_to_replace};
pub use dialect::fill_in;
pub use failure::is_unique;
pub use kept::insert_kept;
pub use lane::{Database, Settings};
pub use lists::{codes, string_agg};
pub use lock::{lock_subjects, server_now, writes_alone};
pub use room::{Room, try_changing, try_growing};
pub use transaction::{read_transaction, savepoint, write_transaction};

/// Ids in one statement at most: fewer than the parameters it may have.
pub const IDS_MOST: usize = 1_000;

/// Which engine a database runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Embedded: one writer at a time.
    Sqlite,
    /// A server: many writers, serializable.
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

impl Db {
    /// The engine behind this connection.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// True once the engine's own account of the connection says that it can no longer be used.
    fn is_broken(&mut self) -> bool {
        use diesel::connection::TransactionManager;
        Self::transaction_manager_status_mut(self).transaction_depth().is_err()
    }
}

/// Type-checks and runs the same body for each engine, for what diesel does not carry over both: upserts, unions, plain SQL.
///
/// ```ignore
/// each!(db, c => diesel::sql_query(text).get_result(c))?;
/// ```
/// `db` is a `&mut Db`; `c` is the engine's own connection.
#[macro_export]
macro_rules! each {
    ($db:expr, $connection:ident => $body:expr) => {
        match $db {
            $crate::base::db::Db::Sqlite($connection) => $body,
            $crate::base::db::Db::Postgres($connection) => $body,
        }
    };
}

/// The rows of a boxed query whose column is one of these (ids, codes). One alone is asked for by a statement that stays prepared, as of most verbs and
/// look-ups; a list is compiled each time.
///
/// ```ignore
/// among!(leaves, l::staff_id, ids).load(tx.db())?;
/// ```
/// `ids` is a slice of what can be copied.
#[macro_export]
macro_rules! among {
    ($query:expr, $column:expr, $ids:expr) => {
        match $ids {
            [id] => $query.filter($column.eq(*id)),
            ids => $query.filter($column.eq_any(ids.to_vec())),
        }
    };
}

/// How many rows go to PostgreSQL in one statement, which takes 65,535 parameters; the widest table has 32 columns.
pub const ROWS_A_STATEMENT: usize = 500;

/// Inserts rows: on PostgreSQL many in one statement, for each is a journey; on SQLite each by the one statement that stays prepared: many in
/// one would be compiled anew for each number of them, and for each row all tables that refer to this one would be looked through. It is found again
/// by the rows' type, unless a part of them leaves `treat_none_as_default_value` on. After an error some may be in: end the verb, or have made it in a
/// savepoint.
///
/// ```ignore
/// insert_rows!(db, claims::table, &rows)?;
/// ```
/// `db` is a `&mut Db`; `rows` a slice.
#[macro_export]
macro_rules! insert_rows {
    ($db:expr, $table:expr, $rows:expr) => {
        match $db {
            $crate::base::db::Db::Sqlite(c) => {
                $rows.iter().try_for_each(|row| $crate::base::db::insert_kept(c, diesel::insert_into($table).values(row)))
            }
            $crate::base::db::Db::Postgres(c) => $rows
                .chunks($crate::base::db::ROWS_A_STATEMENT)
                .try_for_each(|some| diesel::insert_into($table).values(some).execute(c).map(drop)),
        }
    };
}

/// Saves what changed of a row over the version it was read at, and counts it up.
///
/// ```ignore
/// save_over!(tx.db(), sessions, session, Values::from(session))?;
/// ```
/// `sessions` is the table's module; `session` has the row's `id` and the `version` it was read at; then come the changes. The result is 412
/// when somebody was faster.
#[macro_export]
macro_rules! save_over {
    ($db:expr, $table:ident, $read:expr, $changes:expr) => {{
        let at_version = $table::table.find($read.id).filter($table::version.eq($read.version));
        let changes = ($changes, $table::version.eq($read.version.saturating_add(1)));
        match diesel::update(at_version).set(changes).execute($db) {
            Ok(1) => Ok(()),
            Ok(_) => Err($crate::base::error::Error::from($crate::base::error::Code::StaleVersion)),
            Err(error) => Err(error.into()),
        }
    }};
}

/// What is read of a table as its row: `select(Session::as_select())` loads sessions.
///
/// ```ignore
/// read_as!(Session, Row);
/// ```
/// `Row` is what diesel reads, and becomes the other by `From`; it is `pub`, as what is read as it, and opaque.
#[macro_export]
macro_rules! read_as {
    ($fact:ty, $row:ty) => {
        impl<T> diesel::deserialize::Queryable<T, $crate::base::db::MultiBackend> for $fact
        where
            $row: diesel::deserialize::Queryable<T, $crate::base::db::MultiBackend>,
        {
            type Row = <$row as diesel::deserialize::Queryable<T, $crate::base::db::MultiBackend>>::Row;

            fn build(row: Self::Row) -> diesel::deserialize::Result<Self> {
                Ok(<$row as diesel::deserialize::Queryable<T, $crate::base::db::MultiBackend>>::build(row)?.into())
            }
        }

        impl diesel::Selectable<$crate::base::db::MultiBackend> for $fact {
            type SelectExpression = <$row as diesel::Selectable<$crate::base::db::MultiBackend>>::SelectExpression;

            fn construct_selection() -> Self::SelectExpression {
                <$row as diesel::Selectable<$crate::base::db::MultiBackend>>::construct_selection()
            }
        }
    };
}

/// The row of what stands in a table as it is: each column is said once, by the field's name, with its own where that is another.
///
/// ```ignore
/// row! {
///     Row of Answer in session_answers {
///         id: AnswerId,
///         session: SessionId = session_id,
///     }
/// }
/// ```
/// Answers are read as that ([`read_as!`](crate::read_as)); `Row::from(answer)` is inserted.
#[macro_export]
macro_rules! row {
    ($row:ident of $fact:ident in $table:ident { $($field:ident: $type:ty $(= $column:ident)?,)+ }) => {
        #[derive(Queryable, Selectable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        #[doc = concat!("What stands in `", stringify!($table), "`.")]
        pub struct $row {
            $($(#[diesel(column_name = $column)])? $field: $type,)+
        }

        impl From<$row> for $fact {
            fn from(row: $row) -> Self {
                Self { $($field: row.$field,)+ }
            }
        }

        impl From<$fact> for $row {
            fn from(fact: $fact) -> Self {
                Self { $($field: fact.$field,)+ }
            }
        }

        $crate::read_as!($fact, $row);
    };
}
