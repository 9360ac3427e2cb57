//! SQL types of our own, native on each engine: `Uuid` for every id, `Moment` for every `*_at`.
//!
//! In `table!`: `use diesel::sql_types::*; use crate::base::db::types::{Moment, Uuid};`.
//! The rest is diesel's own on both engines: `Date` (text on SQLite), `Bool`, `Integer`, `BigInt`, `Text`, `Binary`.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, HasSqlType, SqlOrd, SqlType};
use diesel::sqlite::Sqlite;

use super::MultiBackend;
use crate::base::clock::Instant;
use crate::base::ids::Id;

/// An id: `uuid` on PostgreSQL, a blob of 16 bytes on SQLite.
#[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Uuid;

/// A UTC moment: `timestamptz` on PostgreSQL, integer microseconds since 1970 on SQLite.
#[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Moment;

impl SqlOrd for Uuid {}
impl SqlOrd for Moment {}

impl HasSqlType<Uuid> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Uuid>(lookup)
    }
}
impl HasSqlType<Moment> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Moment>(lookup)
    }
}

// The derives write the many `AsExpression` (by value, by reference, nullable) and `Queryable` for the types inside.
#[derive(AsExpression, FromSqlRow)]
#[diesel(foreign_derive)]
#[diesel(sql_type = Uuid)]
#[expect(dead_code, reason = "only names the type for the derives")]
struct IdProxy<N: 'static>(Id<N>);

#[derive(AsExpression, FromSqlRow)]
#[diesel(foreign_derive)]
#[diesel(sql_type = Moment)]
#[expect(dead_code, reason = "only names the type for the derives")]
struct InstantProxy(Instant);

impl<N: 'static> ToSql<Uuid, Sqlite> for Id<N> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.uuid().as_bytes().to_vec());
        Ok(IsNull::No)
    }
}

impl<N: 'static> ToSql<Uuid, Pg> for Id<N> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.uuid().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<N: 'static> ToSql<Uuid, MultiBackend> for Id<N> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Uuid, self));
        Ok(IsNull::No)
    }
}

impl<N: 'static> FromSql<Uuid, Sqlite> for Id<N> {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        id(&<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(bytes)?)
    }
}

impl<N: 'static> FromSql<Uuid, Pg> for Id<N> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        id(bytes.as_bytes())
    }
}

impl<N: 'static> FromSql<Uuid, MultiBackend> for Id<N> {
    fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Uuid>()
    }
}

fn id<N>(bytes: &[u8]) -> deserialize::Result<Id<N>> {
    Ok(Id::from_uuid(uuid::Uuid::from_slice(bytes).map_err(|_| "an id in the database does not have 16 bytes")?))
}

/// 2000-01-01T00:00:00Z, from where PostgreSQL counts, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Moment, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}

impl ToSql<Moment, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, &self.micros().saturating_sub(POSTGRES_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Moment, MultiBackend> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Moment, self));
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Sqlite> for Instant {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        instant(<i64 as FromSql<BigInt, Sqlite>>::from_sql(bytes)?)
    }
}

impl FromSql<Moment, Pg> for Instant {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        instant(<i64 as FromSql<BigInt, Pg>>::from_sql(bytes)?.saturating_add(POSTGRES_EPOCH))
    }
}

impl FromSql<Moment, MultiBackend> for Instant {
    fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Moment>()
    }
}

/// A moment outside 1900..2200 was not written by this product (`infinity`, for one): an error, not a clamp.
fn instant(micros: i64) -> deserialize::Result<Instant> {
    let at = Instant::from_micros(micros);
    if at.micros() == micros { Ok(at) } else { Err("a moment in the database lies outside 1900..2200".into()) }
}
