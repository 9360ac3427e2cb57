//! Who comes in, what they may do, and whom they must never see.

mod accounts;
mod bars;
mod refresh;
mod sign_in;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use makker::base::db::Db;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many rows: what comes after `SELECT count(*) AS n FROM`.
fn count(db: &mut Db, rows: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {rows}");
    let counted: Vec<Count> = makker::each!(db, c => diesel::sql_query(sql).load(c)).unwrap();
    counted[0].n
}
