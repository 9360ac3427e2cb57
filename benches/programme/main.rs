//! What the daily work costs on a generated programme, each figure beside its yardstick in the same run. No assertions.
//!
//!     cargo bench                          # 10,000 cases, five rounds
//!     cargo bench -- --cases 1000 --rounds 2
//!     cargo bench -- --cases 1000 --only series
//!
//! With `--postgres` and `--keys` naming two empty databases (`postgres://…`) the series are planned there, too.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a bench that cannot go on stops here"
)]

mod client;
mod series;
#[expect(dead_code, reason = "shared with the bench of free times, which uses the rest")]
mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant as Wall};

use chrono::TimeDelta;
use makker::access::{Actor, ActorKind, Capability, Role, Tx};
use makker::base::clock::Instant;
use makker::base::config::Tick;
use makker::base::ids::{IdSource, noun};
use makker::base::value::{Line, Text};
use makker::demo::generator::Size;
use makker::messages::channels::Senders;
use makker::sessions::actions as sessions;
use makker::sessions::logs::actions as logs;
use makker::sessions::logs::model::{Body, Content, NewLog, Outcome};
use makker::sessions::model::{Kind, Plan};
use makker::tick::{Part, Ticker};

use client::{Next, Request, Run, run};
use stage::{Pair, Stage, Store};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Clients at a time.
const CLIENTS: usize = 64;
/// How long one round of one figure takes.
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    let word = |name: &str| -> Option<String> { std::env::args().skip_while(|arg| arg != name).nth(1) };
    let number = |name: &str| -> Option<u32> { word(name).and_then(|value| value.parse().ok()) };
    let (cases, rounds): (u32, u32) = (number("--cases").unwrap_or(10_000), number("--rounds").unwrap_or(5));
    let running = (cases / 20).clamp(CLIENTS as u32, 500);
    let large = Store::generated(Size { cases, running, logs: 6, matches_a_mentor: 8, waiting: 0 });

    series::print(large.copy());
    if let (Some(url), Some(keys)) = (word("--postgres"), word("--keys")) {
        println!("\non PostgreSQL:");
        series::print(large.on_postgres([url, keys]));
    }
    if std::env::args().any(|arg| arg == "series") {
        return;
    }
    let small = Store::generated(Size { cases: running + cases / 20, running, logs: 6, matches_a_mentor: 8, waiting: 0 });
    println!(
        "\n{CLIENTS} clients on one thread, {rounds} rounds of {ROUND:?} each; requests a second: least, median, most of the rounds; waits of all"
    );
    starts(&large);
    reads_and_logs(&large, rounds);
    grows(&small, &large, rounds);
    messages(&large, number("--messages").unwrap_or(100_000));
}

/// Start to ready, and what the process holds when it has answered once.
fn starts(store: &Store) {
    let mut spans = Vec::new();
    let mut memory = 0;
    for _ in 0..5 {
        let copy = store.copy();
        let (span, kib) = copy.start_program();
        spans.push(span);
        memory = memory.max(kib);
    }
    spans.sort_unstable();
    println!("\nstart to ready on an existing database: {:?} (median of 5), resting memory {} MB", spans[2], memory / 1024);
}

/// Reads with the journal and without it, logs over HTTP and in a bare loop, plain JSON for scale.
fn reads_and_logs(store: &Store, rounds: u32) {
    let (stage, unjournaled) = (Stage::open(store.copy(), true), Stage::open(store.copy(), false));
    let (mut figures, count) = (Figures::default(), Arc::default());
    for _ in 0..rounds {
        figures.add("plain JSON by a bare handler", run(stage.plain, CLIENTS, ROUND, &stage.plain_json()));
        figures.add("a mentor's day", run(stage.address, CLIENTS, ROUND, &stage.day()));
        figures.add("a mentor's day, journal left out", run(unjournaled.address, CLIENTS, ROUND, &unjournaled.day()));
        figures.add("the coordinator's duties", run(stage.address, CLIENTS, ROUND, &stage.duties()));
        figures.add("the coordinator's duties, journal left out", run(unjournaled.address, CLIENTS, ROUND, &unjournaled.duties()));
        figures.add("a session logged", run(stage.address, CLIENTS, ROUND, &stage.log(&count)));
        figures.add("a session logged, same verb in a bare loop", bare_logs(&unjournaled));
    }
    figures.print("Reads and logs");
    figures.ratio("a mentor's day", "a mentor's day, journal left out");
    figures.ratio("the coordinator's duties", "the coordinator's duties, journal left out");
    figures.ratio("a session logged", "a session logged, same verb in a bare loop");
}

/// The same reads on a programme with fewer closed cases and the same running ones.
fn grows(small: &Store, large: &Store, rounds: u32) {
    let (few, many) = (Stage::open(small.copy(), true), Stage::open(large.copy(), true));
    let (mut figures, count) = (Figures::default(), Arc::default());
    for _ in 0..rounds {
        for (stage, day, duties, log) in [
            (&few, "a mentor's day, few closed cases", "duties, few closed cases", "a session logged, few closed cases"),
            (&many, "a mentor's day, many closed cases", "duties, many closed cases", "a session logged, many closed cases"),
        ] {
            figures.add(day, run(stage.address, CLIENTS, ROUND, &stage.day()));
            figures.add(duties, run(stage.address, CLIENTS, ROUND, &stage.duties()));
            figures.add(log, run(stage.address, CLIENTS, ROUND, &stage.log(&count)));
        }
    }
    figures.print("What closed cases cost");
    for what in ["a mentor's day", "duties", "a session logged"] {
        figures.ratio(&format!("{what}, many closed cases"), &format!("{what}, few closed cases"));
    }
}

/// Reminders of so many sessions, due over the days that follow, through channels that take everything and do nothing.
fn messages(store: &Store, wanted: u32) {
    /// Appointments a day of a pair, none at the same time as another of their mentor.
    const A_DAY: u32 = 2;
    let stage = Stage::open(store.copy(), true);
    let days = wanted.div_ceil(A_DAY * stage.pairs.len() as u32);
    let begin = Wall::now();
    for day in 2..days + 2 {
        for (place, pair) in stage.pairs.iter().enumerate() {
            let (pair, now) = (pair.clone(), stage.now);
            let hours = (0..A_DAY).map(move |turn| i64::from(day) * 24 + i64::from(turn) * 8 + (place % 8) as i64);
            let plans: Vec<Plan> = hours.map(|hours| appointment(&pair, now.plus(TimeDelta::hours(hours)))).collect();
            let verb = move |tx: &mut Tx<'_>| plans.iter().try_for_each(|plan| sessions::plan(tx, plan).map(drop));
            stage.door.blocking_write_as(mentor(&stage.pairs[place]), stage.now, Capability::SessionsPlan, verb).expect("they are planned");
        }
    }
    println!("\nplanned {} sessions in {:.1} s", days * A_DAY * stage.pairs.len() as u32, begin.elapsed().as_secs_f64());

    let commits = commits(&stage);
    let (mut nights, mut sending, mut sent) = (Duration::ZERO, Duration::ZERO, 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ticker = Ticker::new(stage.door.clone(), Arc::new(Senders::null()), Tick::for_testing());
    for day in 0..=days + 2 {
        // When the reminders of the next day's appointments are due: 17:00 in Copenhagen, or a little later.
        assert!(stage.door.house().clock.set(stage.now.plus(TimeDelta::days(day.into()) + TimeDelta::minutes(9 * 60 + 30))));
        for part in Part::ALL {
            let begin = Wall::now();
            let report = runtime.block_on(ticker.run(part)).expect("the tick runs");
            *(if part == Part::Plans { &mut nights } else { &mut sending }) += begin.elapsed();
            sent += report.accepted;
        }
    }
    let a_second = f64::from(sent as u32) / sending.as_secs_f64();
    println!("messages through a channel that does nothing: {sent} in {:.1} s, {a_second:.0} a second", sending.as_secs_f64());
    println!("  a durable commit each, in a bare loop: {commits:.0} a second; messages / commits: {:.2}", a_second / commits);
    println!("  the nights between them, in which all that is open is planned anew: {} in {:.1} s", days + 3, nights.as_secs_f64());
}

/// How many durable commits of a row of the journal go in a second, one after the other.
fn commits(stage: &Stage) -> f64 {
    let (begin, mut count) = (Wall::now(), 0_u32);
    while begin.elapsed() < ROUND {
        series::commit_once(stage, &stage.pairs[0]);
        count += 1;
    }
    f64::from(count) / begin.elapsed().as_secs_f64()
}

fn appointment(pair: &Pair, starts_at: Instant) -> Plan {
    let ends_at = starts_at.plus(TimeDelta::minutes(45));
    Plan { id: None, matched: pair.matched, starts_at, ends_at, kind: Kind::InPerson, place: None, agreed_at: None }
}

fn mentor(pair: &Pair) -> Actor {
    Actor { kind: ActorKind::Account, account: Some(pair.mentor), device: None, roles: vec![Role::Mentor], agency: None }
}

/// The verb of a log, one transaction and commit each, on this thread.
fn bare_logs(stage: &Stage) -> Run {
    let (begin, mut waits) = (Wall::now(), Vec::new());
    while begin.elapsed() < ROUND {
        let asked = Wall::now();
        log_once(stage, &stage.pairs[waits.len() % stage.pairs.len()]);
        waits.push(asked.elapsed());
    }
    Run { seconds: begin.elapsed().as_secs_f64(), waits }
}

fn log_once(stage: &Stage, pair: &Pair) {
    let starts_at = stage.now.minus(TimeDelta::hours(3)).minus(TimeDelta::minutes(stage.another()));
    let facts = Some(Text::parse("Vi lavede lektier og talte om praktik").unwrap());
    let body = Body { topics: vec![Line::parse("school").unwrap()], facts, ..Body::default() };
    let content = Content { outcome: Outcome::Held, starts_at, minutes: Some(1), written_at: stage.now, body };
    let new = NewLog { id: IdSource::Chance.next(), matched: Some(pair.matched), revision: None, is_cut: false, is_dated: true, content };
    let verb = move |tx: &mut Tx<'_>| logs::put(tx, &new, None).map(drop);
    stage.door.blocking_write_as(mentor(pair), stage.now, Capability::LogsPut, verb).expect("a log is taken in");
}

impl Stage {
    fn plain_json(&self) -> Next {
        get("/plain".to_owned(), vec![Arc::clone(&self.unit)])
    }

    /// The sessions that begin in the 24 hours around tomorrow's.
    fn day(&self) -> Next {
        let (from, until) = (self.now.plus(TimeDelta::hours(12)), self.now.plus(TimeDelta::hours(36)));
        get(format!("/v1/sessions?from={from}&until={until}"), self.pairs.iter().map(|pair| Arc::clone(&pair.token)).collect())
    }

    fn duties(&self) -> Next {
        get("/v1/duties?state=open&limit=50".to_owned(), vec![Arc::clone(&self.unit)])
    }

    fn log(&self, count: &Arc<AtomicI64>) -> Next {
        let (pairs, now, count) = (self.pairs.clone(), self.now, Arc::clone(count));
        Arc::new(move |client, sent| {
            let pair = &pairs[(client + CLIENTS * sent) % pairs.len()];
            let starts_at = now.minus(TimeDelta::hours(2)).minus(TimeDelta::minutes(count.fetch_add(1, Ordering::Relaxed)));
            let body = serde_json::json!({
                "match_id": pair.matched, "outcome": "held", "starts_at": starts_at, "minutes": 1, "written_at": now,
                "topics": ["school"], "facts": "Vi lavede lektier og talte om praktik"
            });
            let path = format!("/v1/session-logs/{}", IdSource::Chance.next::<noun::Log>());
            Request { method: "PUT", path, token: Arc::clone(&pair.token), body: body.to_string() }
        })
    }
}

/// The same request by each client, with a token of these.
fn get(path: String, tokens: Vec<Arc<str>>) -> Next {
    Arc::new(move |client, _| Request {
        method: "GET",
        path: path.clone(),
        token: Arc::clone(&tokens[client % tokens.len()]),
        body: String::new(),
    })
}

/// Every figure's rounds, in the order they came first.
#[derive(Default)]
struct Figures(Vec<(String, Vec<Run>)>);

impl Figures {
    fn add(&mut self, name: &str, run: Run) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, runs)) => runs.push(run),
            None => self.0.push((name.to_owned(), vec![run])),
        }
    }

    fn print(&self, title: &str) {
        println!("\n{title:<46} {:>8} {:>8} {:>8} {:>9} {:>9}", "least/s", "median/s", "most/s", "p50", "p99");
        for (name, runs) in &self.0 {
            let rates = rates(runs);
            let all = Run { seconds: 0.0, waits: runs.iter().flat_map(|run| run.waits.iter().copied()).collect() };
            let (least, median, most) = (rates[0], rates[rates.len() / 2], rates[rates.len() - 1]);
            println!("{name:<46} {least:>8.0} {median:>8.0} {most:>8.0} {:>7.2}ms {:>7.2}ms", ms(all.wait(0.5)), ms(all.wait(0.99)));
        }
    }

    /// The share of the yardstick that was reached, round by round.
    fn ratio(&self, name: &str, yardstick: &str) {
        let runs = |name: &str| self.0.iter().find(|(known, _)| known == name).map(|(_, runs)| runs.clone()).unwrap_or_default();
        let mut shares: Vec<f64> =
            runs(name).iter().zip(&runs(yardstick)).map(|(run, other)| run.per_second() / other.per_second()).collect();
        shares.sort_by(f64::total_cmp);
        if let (Some(least), Some(most)) = (shares.first(), shares.last()) {
            println!("  {name} / {yardstick}: {:.2} ({least:.2} to {most:.2})", shares[shares.len() / 2]);
        }
    }
}

fn rates(runs: &[Run]) -> Vec<f64> {
    let mut rates: Vec<f64> = runs.iter().map(Run::per_second).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

fn ms(wait: Duration) -> f64 {
    wait.as_secs_f64() * 1000.0
}
