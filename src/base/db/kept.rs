//! A statement that is the same for every row.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;

/// An insert of one row whose text its type alone decides: it stays prepared, and nobody asks each row anew whether it may, which took as long as a
/// tenth of the row's way to the disk.
pub struct Kept<S>(pub S);

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

impl<S> RunQueryDsl<SqliteConnection> for Kept<S> {}
