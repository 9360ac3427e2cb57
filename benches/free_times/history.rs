//! Free times over HTTP on programmes that differ in nothing but their past.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use makker::base::db::{Access, DatabaseUrl, Db, connect};
use makker::demo::generator::Size;

use crate::client::{Request, Run, run};
use crate::stage::{Copy, Stage, Store};

const CLIENTS: usize = 8;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

/// One and ten years of weekly sessions of every running pair, and four weeks planned ahead.
pub fn compare() {
    let store = Store::generated(Size { cases: 400, running: 64, logs: 6, matches_a_mentor: 8, waiting: 0 });
    let stages = [1, 10].map(|years| {
        let copy = store.copy();
        fill(&copy, 52 * years);
        (years, Stage::open(copy, true))
    });
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for ((_, stage), rates) in stages.iter().zip(&mut rates) {
            rates.push(ask(stage).per_second());
        }
    }
    for ((years, _), rates) in stages.iter().zip(&mut rates) {
        rates.sort_by(f64::total_cmp);
        let (least, median, most) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
        println!("free times of a pair over 4 weeks, {years} years of past sessions: {median:.0} a second ({least:.0} to {most:.0})");
    }
    println!("  ten years / one year: {:.2}", rates[1][ROUNDS / 2] / rates[0][ROUNDS / 2]);
}

fn ask(stage: &Stage) -> Run {
    let pairs = stage.pairs.clone();
    let (from, until) = (stage.now, stage.now.plus(chrono::TimeDelta::days(28)));
    let next = Arc::new(move |client: usize, sent: usize| {
        let pair = &pairs[(client + CLIENTS * sent) % pairs.len()];
        let path = format!("/v1/free-times?matches={}&from={from}&until={until}&length_min=60", pair.matched);
        Request { method: "GET", path, token: Arc::clone(&pair.token), body: String::new() }
    });
    let next: crate::client::Next = next;
    run(stage.address, CLIENTS, ROUND, &next)
}

/// Each running match has met weekly for so many weeks, and will for four more.
fn fill(copy: &Copy, weeks: u32) {
    let url = DatabaseUrl::Sqlite(copy.database());
    let mut db: Db = connect(&url, Access::Write { create: false }).expect("the copy opens");
    let columns =
        "id, match_id, course_id, case_id, person_id, staff_id, state, starts_at, ends_at, timed_at, kind, was_planned, moved_count,
        late_cancellation, recorded_at, recorded_by, version";
    let now = crate::stage::now().micros();
    let insert = |state: &str, from: i64, until: i64| {
        format!(
            "WITH RECURSIVE weeks(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM weeks WHERE n < {until}),
                pairs AS (SELECT *, row_number() OVER (PARTITION BY staff_id ORDER BY id) AS place FROM matches WHERE state = 'running')
             INSERT INTO sessions ({columns})
             SELECT randomblob(16), id, course_id, case_id, person_id, staff_id, '{state}',
                {now} + n * 604800000000 + place * 3600000000, {now} + n * 604800000000 + place * 3600000000 + 2700000000, {now}, 'in_person', 1,
                0, 0, {now}, proposed_by, 1 FROM pairs, weeks;"
        )
    };
    let claims = format!(
        "INSERT INTO claims (session_id, person, starts_at, ends_at)
            SELECT id, staff_id, starts_at, ends_at FROM sessions WHERE state = 'planned' AND starts_at > {now}
            UNION ALL SELECT id, person_id, starts_at, ends_at FROM sessions WHERE state = 'planned' AND starts_at > {now};"
    );
    let last = i64::from(weeks);
    // What the generator planned itself gives way.
    let clear =
        format!("DELETE FROM claims; UPDATE sessions SET state = 'held' WHERE state IN ('planned', 'proposed') AND starts_at > {now};");
    let all = [clear, insert("held", -last, -1), insert("planned", 1, 4), claims, "ANALYZE;".to_owned()];
    db.batch_execute(&all.concat()).expect("the past is written");
}
