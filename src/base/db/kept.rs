//! A statement that is the same for every row.

use diesel::connection::LoadConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

/// An insert of one row whose text its type alone decides: it stays prepared, and nobody asks each row anew whether it may, which took as long as a
/// tenth of the row's way to the disk.
struct Kept<S>(S);

impl<S: QueryId> QueryId for Kept<S> {
    type QueryId = S::QueryId;

    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Kept<S> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Sqlite) -> QueryResult<bool> {
        // A row with columns that it leaves to their defaults has another text than its neighbour.
        debug_assert!(
            self.0.is_safe_to_cache_prepared(backend)?,
            "a row leaves columns to their defaults: say `treat_none_as_default_value = false`"
        );
        Ok(true)
    }
}

impl<S> Query for Kept<S> {
    type SqlType = Untyped;
}

/// Runs an insert of one row, by the one statement that stays prepared.
///
/// # Errors
/// The database's.
pub fn insert_kept<S: QueryFragment<Sqlite> + QueryId>(c: &mut SqliteConnection, insert: S) -> QueryResult<()> {
    // Loaded, though it gives no row: what is executed goes by reference, and a reference is always asked.
    c.load(Kept(insert))?.try_for_each(|row| row.map(drop))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use diesel::connection::SimpleConnection;
    use diesel::sql_types::BigInt;

    use super::*;

    /// An insert that counts how often it is gone through.
    struct Counted<'a>(&'a Cell<i64>);

    impl QueryId for Counted<'_> {
        type QueryId = Counted<'static>;

        const HAS_STATIC_QUERY_ID: bool = true;
    }

    impl QueryFragment<Sqlite> for Counted<'_> {
        fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
            self.0.set(self.0.get() + 1);
            pass.push_sql("INSERT INTO looks (number) VALUES (");
            pass.push_bind_param::<BigInt, i64>(&7)?;
            pass.push_sql(")");
            Ok(())
        }

        fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
            Ok(true)
        }
    }

    #[test]
    fn a_kept_row_is_gone_through_once() {
        let mut c = SqliteConnection::establish(":memory:").unwrap();
        c.batch_execute("CREATE TABLE looks (number INTEGER NOT NULL)").unwrap();
        let looks = Cell::new(0);
        insert_kept(&mut c, Counted(&looks)).unwrap();
        let first = looks.replace(0);
        insert_kept(&mut c, Counted(&looks)).unwrap();
        assert_eq!((first, looks.get()), (2, 1), "its text is made once, its values are bound each time");
        let sum: i64 = diesel::select(diesel::dsl::sql::<BigInt>("(SELECT sum(number) FROM looks)")).get_result(&mut c).unwrap();
        assert_eq!(sum, 14, "both rows are in");
    }
}
