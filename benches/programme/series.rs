//! A year of weekly sessions planned in one transaction, beside one durable commit of the same database in the same run, rows counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Wall};

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use makker::access::{Capability, Tx};
use makker::base::value::Line;
use makker::journal::Act;
use makker::sessions::series::actions as series;
use makker::sessions::series::model::Wish;

use super::mentor;
use super::stage::{Copy, Pair, Stage};

const TABLES: [&str; 8] = ["series", "series_gaps", "sessions", "claims", "duties", "messages", "journal_calls", "journal_subjects"];
/// Series planned, each of another pair.
const SERIES: usize = 40;
/// Series before them, until the write-ahead log was carried into the file for the first time: a server that has run for an hour makes its log no
/// longer and its caches no larger.
const BEFORE: usize = 30;

/// Plans them, each after one durable commit: a row of the journal, by the same way.
pub fn print(copy: Copy) {
    let stage = Stage::open(copy, true);
    let (mut commits, mut plans, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut pairs: Vec<(usize, Pair)> = stage.pairs.iter().cloned().enumerate().take(BEFORE + SERIES).collect();
    let measured = pairs.split_off(BEFORE.min(pairs.len().saturating_sub(SERIES)));
    let mut first: Vec<Duration> = pairs.iter().map(|(place, pair)| plan_once(&stage, pair, *place)).collect();
    let (before, pairs) = (count(&stage), measured);
    for (place, pair) in &pairs {
        let commit = commit_once(&stage, pair);
        let plan = plan_once(&stage, pair, *place);
        ratios.push(plan.as_secs_f64() / commit.as_secs_f64());
        commits.push(commit);
        plans.push(plan);
    }
    let after = count(&stage);
    first.sort_unstable();
    commits.sort_unstable();
    plans.sort_unstable();
    ratios.sort_by(f64::total_cmp);
    let (commit, plan) = (commits[commits.len() / 2], plans[plans.len() / 2]);
    println!("\na 52-week series: {plan:?}, one durable commit: {commit:?} (medians of {})", pairs.len());
    println!(
        "  a series / a commit: {:.1} of the medians, {:.1} ({:.1} to {:.1}) one by one",
        plan.as_secs_f64() / commit.as_secs_f64(),
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1]
    );
    if let Some(median) = first.get(first.len() / 2) {
        println!("  the {} before them, while the log grows: {median:?}", first.len());
    }
    let rows = |table: &&str| format!("{} {table}", (after[*table] - before[*table]) as f64 / pairs.len() as f64);
    println!("  rows a series: {}", TABLES.iter().map(rows).collect::<Vec<_>>().join(", "));
}

/// One durable commit of a row of the journal.
pub fn commit_once(stage: &Stage, pair: &Pair) -> Duration {
    let matched = pair.matched;
    let verb = move |tx: &mut Tx<'_>| {
        tx.note(Act::Change, matched);
        Ok(())
    };
    let begin = Wall::now();
    stage.door.blocking_write_as(mentor(pair), stage.now, Capability::SeriesMake, verb).expect("one row is written");
    begin.elapsed()
}

/// Wednesdays from five in the morning on, so that no two pairs of a mentor meet at once and no holiday comes between.
fn plan_once(stage: &Stage, pair: &Pair, place: usize) -> Duration {
    let wish = Wish {
        rule: Line::parse("FREQ=WEEKLY;BYDAY=WE;COUNT=52").ok(),
        at_min: Some(300 + 60 * (place % 16) as i32),
        length_min: Some(60),
        ..Wish::default()
    };
    let matched = pair.matched;
    let verb = move |tx: &mut Tx<'_>| series::make(tx, matched, &wish);
    let begin = Wall::now();
    stage.door.blocking_write_as(mentor(pair), stage.now, Capability::SeriesMake, verb).expect("a series is planned");
    begin.elapsed()
}

fn count(stage: &Stage) -> BTreeMap<&'static str, i64> {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let count = |table: &'static str| {
        let rows = move |db: &mut makker::base::db::Db| {
            let query = format!("SELECT count(*) AS number FROM {table}");
            let count: Count = makker::each!(db, c => diesel::sql_query(&query).get_result(c))?;
            Ok(count.number)
        };
        (table, stage.door.house().database.blocking_read(rows).expect("a count"))
    };
    TABLES.into_iter().map(count).collect()
}
