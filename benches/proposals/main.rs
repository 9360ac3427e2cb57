//! What it takes to say of everybody on the staff where they stand for one course, from the database; and the matching run over all who
//! wait, as the what-if of nothing: loaded, scored, solved and explained, and beside it the same without the database. No assertions.
//!
//!     cargo bench --bench proposals                     # 1,000 members of staff; the national corps: 160 of the staff, 400 who wait
//!     cargo bench --bench proposals -- --staff 3000
//!     cargo bench --bench proposals -- --country        # 3,000 of the staff and 10,000 who wait, too; their making takes minutes

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on stops here")]

mod stage;

use std::time::{Duration, Instant as Wall};

use makker::access::{Capability, Tx};
use makker::demo::generator::Size;
use makker::matching::actions as matching;
use makker::matching::ranking::Asked;
use makker::matching::runs::actions as runs;
use makker::matching::runs::model::Terms;

use stage::Stage;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Courses of a generated programme: each has a case, a family and past matches.
const COURSES: u32 = 400;
const ROUNDS: usize = 50;

fn main() {
    let number =
        |name: &str| -> Option<usize> { std::env::args().skip_while(|arg| arg != name).nth(1).and_then(|value| value.parse().ok()) };
    proposals(number("--staff").unwrap_or(1_000));
    run("the national corps", 400, 160, ROUNDS);
    if std::env::args().any(|arg| arg == "--country") {
        run("a country", 10_000, 3_000, 1);
    }
}

fn proposals(members: usize) {
    let stage = Stage::open(Size { cases: COURSES, running: 100, logs: 1, matches_a_mentor: 8, waiting: 0 });
    let staff = stage.hire(members);
    stage.state_hours(staff);
    let matched = stage.programme.running[0].matched;
    let course = stage.act(Capability::MatchesGet, move |tx| matching::get(tx, matched).map(|matched| matched.course));
    let (mut spans, mut ranked) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let begin = Wall::now();
        let look = move |tx: &mut Tx<'_>| {
            let (field, standings) = matching::list_candidates(tx, course, Asked::default(), None)?;
            let ids: Vec<_> = standings.iter().take(50).filter_map(|(place, _)| Some(field.candidates.get(*place)?.staff)).collect();
            makker::staff::actions::names(tx, &ids).map(|names| (standings.len(), names.len()))
        };
        let found = stage.act(Capability::MatchesEligible, look);
        spans.push(begin.elapsed());
        ranked = found.0;
    }
    say(&format!("where {ranked} members of staff stand for one course, fifty names opened"), spans);
}

/// A run from the database to its reasons, and of it what comes after the facts are loaded.
fn run(name: &str, waiting: u32, members: usize, rounds: usize) {
    let stage = Stage::open(Size { cases: 100, running: 100, logs: 1, matches_a_mentor: 8, waiting });
    let staff = stage.hire(members);
    stage.state_hours(staff);
    stage.state_wishes();
    let (mut whole, mut beside, mut found) = (Vec::new(), Vec::new(), (0, 0, 0));
    let before = forget_peak();
    for _ in 0..rounds {
        let begin = Wall::now();
        let snapshot = stage.act(Capability::MatchingRunsWhatIf, runs::snapshot);
        let of = snapshot.field.candidates.len();
        let loaded = Wall::now();
        let solved = runs::solve(snapshot, Terms::default()).expect("a set");
        let lines = runs::pairs(&solved).count();
        whole.push(begin.elapsed());
        beside.push(loaded.elapsed());
        found = (lines, of, runs::result(&solved).0);
    }
    let (lines, of, matched) = found;
    say(&format!("{name}: {lines} waiting, {of} of the staff, {matched} matched, from the database"), whole);
    say(&format!("{name}: of it without the database"), beside);
    println!("{name}: most memory that this process held meanwhile: {} MB; before it {before} MB", resident_mb("VmHWM:"));
}

/// Lets the most that is resident count from now on (Linux); gives back what is.
fn forget_peak() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux forgets the most that was resident");
    resident_mb("VmRSS:")
}

fn resident_mb(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which)).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn say(what: &str, mut spans: Vec<Duration>) {
    spans.sort_unstable();
    println!("{what}: median {:?}, least {:?}, most {:?}", spans[spans.len() / 2], spans[0], spans[spans.len() - 1]);
}
