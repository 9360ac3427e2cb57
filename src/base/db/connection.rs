//! One connection type over both engines; diesel writes the code that chooses.
#![expect(missing_docs, reason = "the derive makes public types without docs; only `Db` and `MultiBackend` are meant for use")]

use diesel::{PgConnection, SqliteConnection};

/// A connection to either engine. Only its own lane's thread ever holds one.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// The embedded engine.
    Sqlite(SqliteConnection),
    /// The server.
    Postgres(PgConnection),
}
