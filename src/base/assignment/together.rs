//! Pins, and rows that are to be together: each possible column is tried, the most promising first, until none can be better.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::market::{Market, NONE, index, size};
use super::paths::Paths;
use super::task::{Pair, Refusal, Task};
use super::ties::Ties;
use super::turned;
use super::{Best, Proof};

/// Pairs looked at by all tries together, at most; and tries.
const PAIRS_MOST: usize = 200_000_000;
const TRIES_LEAST: usize = 16;
const TRIES_MOST: usize = 1000;
/// A benefit beyond this would overflow.
const BENEFIT_MOST: i64 = 1 << 54;
/// Rows of one group at most, for the same reason.
const GROUP_MOST: usize = 64;

/// Where a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Column(usize),
    Alone,
    Open,
}

/// A choice for some groups.
struct Try<'t> {
    /// The total cannot be more.
    bound: i128,
    places: Vec<Place>,
    /// Solved with open groups as one row each, which takes one place.
    solved: Option<Solved<'t>>,
}

impl Ord for Try<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.cmp(&other.bound).then_with(|| other.places.cmp(&self.places)).then(self.solved.is_some().cmp(&other.solved.is_some()))
    }
}
impl PartialOrd for Try<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Try<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Try<'_> {}

/// A market that was solved, and what its rows are.
struct Solved<'t> {
    market: Market<'t>,
    /// A row of the task, or the first row of an open group.
    rows: Vec<usize>,
    total: i128,
}

/// The best set of a task.
pub(super) fn solve(task: &Task) -> Result<Best, Refusal> {
    let benefit = task.benefit();
    if benefit > BENEFIT_MOST {
        return Err(Refusal::TooLarge);
    }
    check(task)?;
    let mut heap = BinaryHeap::new();
    heap.push(Try { bound: i128::MAX, places: vec![Place::Open; task.together.len()], solved: None });
    let mut tries = PAIRS_MOST.checked_div(task.pairs.len()).unwrap_or(TRIES_MOST).clamp(TRIES_LEAST, TRIES_MOST);
    while let Some(best) = heap.pop() {
        let Some(solved) = best.solved else {
            tries = tries.checked_sub(1).ok_or(Refusal::Entangled)?;
            if let Some(solved) = solve_with(task, &best.places, benefit) {
                heap.push(Try { bound: solved.total, places: best.places, solved: Some(solved) });
            }
            continue;
        };
        let Some(group) = too_many(task, &best.places, &solved) else {
            return finish(task, best.places, solved, benefit);
        };
        branch(task, &best.places, &solved, group, &mut heap);
    }
    Err(Refusal::Pins)
}

/// Pins and groups that can all hold by themselves.
fn check(task: &Task) -> Result<(), Refusal> {
    let mut pinned = BTreeSet::new();
    let mut gates = BTreeSet::new();
    for &(row, column) in &task.pins {
        let family = family_of(task, row);
        let twice = !pinned.insert(row) || family.is_some_and(|family| !gates.insert((family, column)));
        if twice || task.score(row, column).is_none() {
            return Err(Refusal::Pins);
        }
    }
    for group in &task.together {
        let one_family = group.windows(2).all(|two| matches!(two, [one, other] if family_of(task, *one) == family_of(task, *other)));
        if group.len() > GROUP_MOST || !one_family || group.iter().any(|row| pinned.contains(row)) {
            return Err(Refusal::Together);
        }
    }
    left(task, &[]).map(|_| ()).ok_or(Refusal::Pins)
}

fn family_of(task: &Task, row: usize) -> Option<u32> {
    task.families.get(row).copied().flatten()
}

/// Places left in each column beside pins and placed groups; `None`: more than there are.
fn left(task: &Task, places: &[Place]) -> Option<Vec<u32>> {
    let mut left = task.capacities.clone();
    let pinned = task.pins.iter().map(|(_, column)| (*column, 1));
    let placed = places.iter().zip(&task.together).filter_map(|(place, group)| match place {
        Place::Column(column) => Some((*column, index(group.len()))),
        Place::Alone | Place::Open => None,
    });
    for (column, count) in pinned.chain(placed) {
        let left = left.get_mut(column)?;
        *left = left.checked_sub(count)?;
    }
    Some(left)
}

/// What a group scores in each column that it may have.
fn pairs_of_group(task: &Task, group: &[usize], left: &[u32], benefit: i64) -> Vec<Pair> {
    let first = group.first().map(|row| task.pairs_of(*row)).unwrap_or_default();
    let fits = |column: u32| left.get(size(column)).is_some_and(|left| size(*left) >= group.len());
    let told = first.iter().filter(|pair| fits(pair.column)).filter_map(|pair| {
        let score: Option<i64> = group.iter().map(|row| task.score(*row, size(pair.column)).map(|score| score + benefit)).sum();
        score.map(|score| Pair { score, column: pair.column })
    });
    told.collect()
}

/// Solves with the groups where they are said to be. `None`: no room for that.
fn solve_with<'t>(task: &'t Task, places: &[Place], benefit: i64) -> Option<Solved<'t>> {
    let left = left(task, places)?;
    let group_of: BTreeMap<usize, usize> =
        task.together.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |row| (*row, at))).collect();
    let pinned: BTreeMap<usize, usize> = task.pins.iter().copied().collect();
    let mut total = 0_i128;
    let mut taken = BTreeSet::new();
    let worth = |row: usize, column: usize| task.score(row, column).map(|score| i128::from(score) + i128::from(benefit));
    for (row, column) in &task.pins {
        total += worth(*row, *column)?;
        taken.extend(family_of(task, *row).map(|family| (family, *column)));
    }
    for (place, group) in places.iter().zip(&task.together) {
        if let Place::Column(column) = place {
            // Two groups of one family in one column, or a group where a sibling is pinned.
            let family = group.first().and_then(|row| family_of(task, *row));
            if family.is_some_and(|family| !taken.insert((family, *column))) {
                return None;
            }
            for row in group {
                total += worth(*row, *column)?;
            }
        }
    }

    let mut families: BTreeMap<u32, u32> = BTreeMap::new();
    for family in task.families.iter().flatten() {
        let next = index(families.len());
        families.entry(*family).or_insert(next);
    }
    let mut market = Market::new(&left, families.len());
    let mut rows = Vec::new();
    for row in 0..task.rows() {
        let family = family_of(task, row);
        let inside = family.and_then(|family| families.get(&family)).copied().unwrap_or(NONE);
        let (mut pairs, benefit) = match group_of.get(&row).and_then(|at| Some((places.get(*at)?, task.together.get(*at)?))) {
            Some((Place::Open, group)) if group.first() == Some(&row) => (Cow::Owned(pairs_of_group(task, group, &left, benefit)), 0),
            Some(_) => continue,
            None if pinned.contains_key(&row) => continue,
            None => (Cow::Borrowed(task.pairs_of(row)), benefit),
        };
        if let Some(family) = family
            && taken.range((family, 0)..=(family, usize::MAX)).next().is_some()
        {
            pairs.to_mut().retain(|pair| !taken.contains(&(family, size(pair.column))));
        }
        market.add(pairs, benefit, inside);
        rows.push(row);
    }
    market.settle_families();
    if turned::is_for(&market) {
        turned::place_all(&mut market);
    } else {
        Paths::new(&mut market).place_all();
    }
    // A pair that is matched has no slack: it scores what its value and prices say.
    for row in market.rows.iter().filter(|row| row.column != NONE) {
        total += i128::from(row.value) + i128::from(market.price(row.column)) + i128::from(row.gate);
    }
    Some(Solved { market, rows, total })
}

/// The first open group that has a column without room for all of it.
fn too_many(task: &Task, places: &[Place], solved: &Solved) -> Option<usize> {
    if task.together.is_empty() {
        return None;
    }
    let open = |row: usize| {
        let at = task.together.iter().position(|group| group.first() == Some(&row))?;
        (places.get(at) == Some(&Place::Open)).then_some(at)
    };
    let column_of = |at: usize| solved.market.rows.get(at).map(|row| row.column).filter(|column| *column != NONE);
    let mut loads: Vec<usize> = solved.market.columns.iter().map(|column| column.holders.len()).collect();
    for (at, row) in solved.rows.iter().enumerate() {
        if let (Some(group), Some(column)) = (open(*row).and_then(|group| task.together.get(group)), column_of(at))
            && let Some(load) = loads.get_mut(size(column))
        {
            *load += group.len() - 1;
        }
    }
    let full = |column: u32| {
        let capacity = solved.market.column(column).map_or(0, |column| size(column.capacity));
        loads.get(size(column)).is_some_and(|load| *load > capacity)
    };
    solved.rows.iter().enumerate().find_map(|(at, row)| {
        let group = open(*row)?;
        column_of(at).is_some_and(full).then_some(group)
    })
}

/// Each column for the group, and none, with what the total can be at most.
fn branch(task: &Task, places: &[Place], solved: &Solved, group: usize, heap: &mut BinaryHeap<Try<'_>>) {
    let first = task.together.get(group).and_then(|group| group.first());
    let Some(at) = solved.rows.iter().position(|row| Some(row) == first).map(index) else { return };
    let Some(row) = solved.market.row(at) else { return };
    let mut push = |place: Place, slack: i64| {
        let mut places = places.to_vec();
        if let Some(old) = places.get_mut(group) {
            *old = place;
        }
        heap.push(Try { bound: solved.total - i128::from(slack), places, solved: None });
    };
    push(Place::Alone, row.value);
    for pair in solved.market.pairs_of(at) {
        let price = solved.market.price(pair.column);
        let gate = if row.column == pair.column {
            row.gate
        } else {
            let sibling = solved.market.sibling(at, pair.column).and_then(|sibling| solved.market.row(sibling));
            sibling.map_or(0, |sibling| sibling.gate)
        };
        push(Place::Column(size(pair.column)), row.value + price + gate - pair.score);
    }
}

/// Settles the ties and writes the answer down.
fn finish<'t>(task: &'t Task, mut places: Vec<Place>, mut solved: Solved<'t>, benefit: i64) -> Result<Best, Refusal> {
    if places.contains(&Place::Open) {
        for (place, group) in places.iter_mut().zip(&task.together) {
            let at = solved.rows.iter().position(|row| group.first() == Some(row)).and_then(|at| solved.market.rows.get(at));
            if let (Place::Open, Some(row)) = (&place, at) {
                *place = if row.column == NONE { Place::Alone } else { Place::Column(size(row.column)) };
            }
        }
        solved = solve_with(task, &places, benefit).ok_or(Refusal::Pins)?;
    }
    Ties::new(&mut solved.market).settle();

    let mut best = Best { columns: vec![None; task.rows()], total: 0, proof: Proof::default() };
    let proof = &mut best.proof;
    proof.benefit = benefit;
    proof.values = vec![0; task.rows()];
    proof.prices = solved.market.spots.iter().map(|spot| spot.price).collect();
    let mut put = |row: usize, column: usize, score: i64| {
        if let Some(place) = best.columns.get_mut(row) {
            *place = Some(column);
        }
        best.total += score;
    };
    let told = |row: usize, column: usize| task.score(row, column).unwrap_or(0);
    for (row, column) in &task.pins {
        put(*row, *column, told(*row, *column));
        proof.settled.insert(*row);
    }
    for (place, group) in places.iter().zip(&task.together) {
        proof.settled.extend(group);
        if let Place::Column(column) = place {
            group.iter().for_each(|row| put(*row, *column, told(*row, *column)));
        }
    }
    for (row, at) in solved.rows.iter().zip(&solved.market.rows) {
        if let Some(value) = proof.values.get_mut(*row) {
            *value = at.value;
        }
        if at.column == NONE {
            continue;
        }
        // It has no slack.
        put(*row, size(at.column), at.value + solved.market.price(at.column) + at.gate - benefit);
        if at.gate != 0
            && let Some(family) = family_of(task, *row)
        {
            proof.gates.insert((family, size(at.column)), at.gate);
        }
    }
    Ok(best)
}
