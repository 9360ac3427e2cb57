//! The best set against `scipy.optimize.linear_sum_assignment` on the same matrices, turn by turn in one run, each on one thread: from
//! scores to assignment, as ratios. No assertions but that both find the same optimum.
//!
//!     MAKKER_TEST_PYTHON=python cargo bench --bench assignment                 # a Python with numpy and scipy
//!     MAKKER_TEST_PYTHON=python cargo bench --bench assignment -- --rounds 9
//!
//! Where an old `OPENBLAS_CORETYPE` is set for the machine, unset it for this command: it slows numpy.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on stops here")]

mod run;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant as Wall};

use makker::base::assignment::Task;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Scores by row, `None` where a pair may not be.
type Scores = Vec<Vec<Option<i64>>>;

fn main() {
    let rounds = std::env::args().skip_while(|arg| arg != "--rounds").nth(1).and_then(|value| value.parse().ok()).unwrap_or(5);
    let mut scipy = Scipy::start();
    println!("\n{:<44} {:>10} {:>10} {:>7}   medians of {rounds}, 30 % of the pairs allowed", "", "ours", "scipy", "ratio");
    for (rows, columns) in [(200, 200), (500, 500), (1000, 1200), (1200, 1000), (2000, 2000)] {
        let mut chance = Chance(88_172_645_463_325_252);
        for (name, scores) in tasks(rows, columns, &mut chance) {
            compare(&format!("{rows}x{columns}, {name}"), &scores, rounds, scipy.as_mut());
        }
    }
    println!("\nwith capacities and families (no yardstick: scipy knows neither)");
    for (rows, columns, share) in [(400, 160, 30), (10_000, 3_000, 5), (10_000, 3_000, 30)] {
        let mut chance = Chance(1);
        let capacities: Vec<u32> = (0..columns).map(|_| u32::try_from(chance.below(4)).unwrap()).collect();
        let mut task = Task::new(&capacities).unwrap();
        for row in 0..rows {
            let claim = chance.below(1000);
            let pairs: Vec<_> = (0..columns)
                .filter_map(|column| if chance.below(100) < share { Some((column, claim + chance.below(1000))) } else { None })
                .collect();
            task.row(pairs, Some(row / 2)).unwrap();
        }
        let task = task.most_first();
        let start = Wall::now();
        let best = task.solve().unwrap();
        let spent = start.elapsed();
        let matched = best.columns.iter().flatten().count();
        println!("{:<44} {:>7.1} ms, {matched} matched", format!("{rows} rows, {columns} columns, {share} %, families of 2"), ms(spent));
    }
    println!("\na matching run from facts to the best set and its reasons, without the database");
    run::measure("the national corps", 400, 160, rounds);
    run::measure("a country", 10_000, 3_000, 1);
    println!("most memory that this process held: {} MB", peak_mb());
}

/// Tasks: plain ones, with many ties, and misleading ones.
fn tasks(rows: usize, columns: usize, chance: &mut Chance) -> Vec<(&'static str, Scores)> {
    let mut matrix = |score: &mut dyn FnMut(usize, usize, &mut Chance) -> i64| -> Scores {
        let mut line =
            |row: usize| (0..columns).map(|column| (chance.below(10) < 3).then(|| score(row, column, chance))).collect::<Vec<_>>();
        (0..rows).map(&mut line).collect()
    };
    let at = |place: usize| i64::try_from(place).unwrap();
    let mut places = Chance(7);
    let points: Vec<(i64, i64)> = (0..rows + columns).map(|_| (places.below(100_000), places.below(100_000))).collect();
    let mut all = vec![
        ("1 to 1,000,000", matrix(&mut |_, _, chance| 1 + chance.below(1_000_000))),
        ("1 to 1,000", matrix(&mut |_, _, chance| 1 + chance.below(1000))),
        ("1 to 10", matrix(&mut |_, _, chance| 1 + chance.below(10))),
        ("all equal", matrix(&mut |_, _, _| 1)),
        (
            "what is near",
            matrix(&mut |row, column, _| {
                200_000
                    - (points[row].0.abs_diff(points[rows + column].0).cast_signed())
                    - points[row].1.abs_diff(points[rows + column].1).cast_signed()
            }),
        ),
    ];
    if rows <= 500 {
        all.push(("everybody wants the same", matrix(&mut |_, column, chance| 1_000_000 - 400 * at(column) + chance.below(100))));
        all.push(("products", matrix(&mut |row, column, _| (at(row) + 1) * (at(column) + 1))));
    }
    all
}

fn compare(name: &str, scores: &Scores, rounds: usize, mut scipy: Option<&mut Scipy>) {
    let columns = scores.first().map_or(0, Vec::len);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    if let Some(scipy) = &mut scipy {
        scipy.take(scores);
    }
    for _ in 0..rounds {
        let start = Wall::now();
        let task = Task::of_matrix(scores, &vec![1; columns]).unwrap().most_first();
        let best = task.solve().unwrap();
        ours.push(start.elapsed());
        if let Some(scipy) = &mut scipy {
            let (spent, matched, total) = scipy.solve();
            theirs.push(spent);
            assert_eq!((best.columns.iter().flatten().count(), best.total), (matched, total), "{name}: another optimum");
        }
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    let ours = ours[ours.len() / 2];
    match theirs.get(theirs.len() / 2) {
        Some(theirs) => println!("{name:<44} {:>7.2} ms {:>7.2} ms {:>7.2}", ms(ours), ms(*theirs), ms(ours) / ms(*theirs)),
        None => println!("{name:<44} {:>7.2} ms", ms(ours)),
    }
}

/// The most that was resident, of everything above.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// A Python that holds a matrix and says how long it took.
struct Scipy {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Scipy {
    #[expect(clippy::disallowed_methods, reason = "a setting of the bench, which no part of the product reads")]
    fn start() -> Option<Self> {
        let python = std::env::var("MAKKER_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = Command::new(&python).args(["-c", "import scipy"]).stderr(Stdio::null()).status().is_ok_and(|end| end.success());
        if !has {
            println!("{python} has no scipy (MAKKER_TEST_PYTHON): there is nothing to compare with");
            return None;
        }
        let mut command = Command::new(python);
        command.args(["-c", include_str!("scipy_time.py")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.env("OPENBLAS_NUM_THREADS", "1").spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, said })
    }

    fn take(&mut self, scores: &Scores) {
        let mut bytes = Vec::new();
        let mut put = |number: i64| bytes.extend(number.to_le_bytes());
        put(i64::try_from(scores.len()).unwrap());
        put(i64::try_from(scores.first().map_or(0, Vec::len)).unwrap());
        scores.iter().flatten().for_each(|score| put(score.unwrap_or(i64::MIN)));
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(b"take\n").unwrap();
        input.write_all(&bytes).unwrap();
        input.flush().unwrap();
    }

    /// Nanoseconds of scipy alone, without Python's start and without reading the matrix; matched; total.
    fn solve(&mut self) -> (Duration, usize, i64) {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(b"solve\n").unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap();
        (Duration::from_nanos(word().parse().unwrap()), word().parse().unwrap(), word().parse().unwrap())
    }
}

impl Drop for Scipy {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The same numbers in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from((self.0 >> 1) % u64::try_from(most).unwrap()).unwrap()
    }
}
