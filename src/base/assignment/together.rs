//! Pins, and rows that are to be together: a search through the places of groups, the most promising first, until none can be better.
//!
//! Groups are [taken apart](Relaxed) at first. Where the best set of that has all of them together it is the best there is; otherwise
//! one that is not together gets each column that it may have, and none, and so on. What each such choice can come to at most, in
//! total and in rank among equal totals, is known before it is looked into, so most of them never are.
//!
//! How far that goes: four to twenty groups among 40 rows and 14 or 20 columns, 60 and 20 to 30, 400 and 160 to 220 were proved in all
//! but one of thousands of random tasks, mostly in fewer than 30 tries. That one, of 60 with twenty groups among 60 rows and 30 columns
//! of two places, had nine pairs of ten allowed. Refused are, too, some tasks where all scores are equal, all pairs allowed and places
//! too few: of ten groups among 40 rows and 14 columns 9 in 60.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::rc::Rc;

use super::market::{NONE, size};
use super::relaxed::{BENEFIT_MOST, Place, Relaxed, left, pairs_of_group};
use super::task::{Refusal, Task};
use super::{Best, Proof};

/// Pairs looked at by all tries together, at most, and tries: a second or two, but for tasks of which one try takes as much.
const PAIRS_MOST: usize = 12_000_000;
const TRIES_LEAST: usize = 64;
const TRIES_MOST: usize = 10_000;
/// Rows of one group at most, or sums over them would overflow.
const GROUP_MOST: usize = 64;

/// A choice for some groups.
struct Try<'t> {
    /// The total cannot be more.
    bound: i128,
    /// Nor the rank, if it is as much.
    rank: Rank,
    places: Vec<Place>,
    /// The best set with these places, all groups together.
    solved: Option<Box<Relaxed<'t>>>,
}

impl Ord for Try<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_worth = self.bound.cmp(&other.bound).then_with(|| self.rank.cmp(&other.rank));
        by_worth.then_with(|| self.solved.is_some().cmp(&other.solved.is_some())).then_with(|| other.places.cmp(&self.places))
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

/// Where sets stand at most among those of an equal total: first by who has a column, then by whom.
#[derive(Clone)]
struct Rank {
    /// The column of each row in the first of these sets, or `NONE`. Not told: any.
    columns: Option<Rc<[u32]>>,
    /// They are worse than that one: at this row they have this column at best, and before it nothing better. `NONE`: the row goes
    /// without, and who goes with is the same only before it.
    from: Option<(usize, u32)>,
}

impl Rank {
    const ANY: Self = Self { columns: None, from: None };

    fn of(columns: &Rc<[u32]>) -> Self {
        Self { columns: Some(columns.clone()), from: None }
    }

    /// Sets that come after this one, since the group has that column in them.
    fn with(columns: &Rc<[u32]>, group: &[usize], column: u32) -> Self {
        let own = |row: usize| columns.get(row).copied().unwrap_or(NONE);
        let by_having = group.iter().find(|row| (own(**row) == NONE) != (column == NONE));
        let Some(row) = by_having.or_else(|| group.iter().find(|row| own(**row) != column)).copied() else { return Self::of(columns) };
        // What is better for a row is worse for one before it.
        let before = columns.iter().take(row).rposition(|column| *column != NONE);
        let from = match own(row) {
            NONE => before.map(|before| (before, NONE)),
            own if column < own => before.map(|before| (before, columns.get(before).map_or(NONE, |column| column + 1))),
            _ => Some((row, column)),
        };
        Self { from, ..Self::of(columns) }
    }

    fn column(&self, row: usize) -> u32 {
        let own = self.columns.as_ref().and_then(|columns| columns.get(row)).copied().unwrap_or(0);
        let Some((from, least)) = self.from else { return own };
        match row.cmp(&from) {
            Ordering::Less if least != NONE => own,
            Ordering::Equal => least,
            Ordering::Greater if least == NONE => 0,
            Ordering::Less | Ordering::Greater if own == NONE => NONE,
            Ordering::Less | Ordering::Greater => 0,
        }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        let rows = self.columns.as_ref().or(other.columns.as_ref()).map_or(0, |columns| columns.len());
        let (mine, others) = ((0..rows).map(|row| self.column(row)), (0..rows).map(|row| other.column(row)));
        let has = |column: u32| column != NONE;
        mine.clone().map(has).cmp(others.clone().map(has)).then_with(|| others.cmp(mine))
    }
}
impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Rank {}

/// The best set of a task.
pub(super) fn solve(task: &Task) -> Result<Best, Refusal> {
    // The rows of a group follow its first. Sets that keep groups together rank among each other as before; those that do not gain
    // less by it.
    let firsts = task.together.iter().filter_map(|group| Some((group, group.first().copied()?)));
    let first_of: BTreeMap<usize, usize> = firsts.flat_map(|(group, first)| group.iter().map(move |row| (*row, first))).collect();
    let mut order: Vec<usize> = (0..task.rows()).collect();
    order.sort_by_key(|row| first_of.get(row).copied().unwrap_or(*row));
    if order.is_sorted() {
        return search(task);
    }
    let moved = search(&task.in_order(&order))?;
    let mut best = moved.clone();
    for (at, row) in order.iter().copied().enumerate() {
        if let (Some(to), Some(from)) = (best.columns.get_mut(row), moved.columns.get(at)) {
            *to = *from;
        }
        if let (Some(to), Some(from)) = (best.proof.values.get_mut(row), moved.proof.values.get(at)) {
            *to = *from;
        }
    }
    best.proof.settled = moved.proof.settled.iter().filter_map(|at| order.get(*at)).copied().collect();
    Ok(best)
}

/// The same, where the rows of a group follow each other.
fn search(task: &Task) -> Result<Best, Refusal> {
    let benefit = task.benefit();
    if benefit > BENEFIT_MOST {
        return Err(Refusal::TooLarge);
    }
    check(task)?;
    let mut tries = PAIRS_MOST.checked_div(task.pairs()).unwrap_or(TRIES_MOST).clamp(TRIES_LEAST, TRIES_MOST);
    let mut heap = BinaryHeap::new();
    let places = vec![Place::Open; task.together.len()];
    heap.push(Try { bound: i128::MAX, rank: Rank::ANY, places, solved: None });
    while let Some(best) = heap.pop() {
        if let Some(solved) = best.solved {
            return finish(task, best.places, *solved, benefit);
        }
        tries = tries.checked_sub(1).ok_or(Refusal::Entangled)?;
        let Some(solved) = Relaxed::solve(task, &best.places, benefit) else { continue };
        match asunder(task, &best.places, &solved.columns) {
            Some(group) => branch(task, &best.places, &solved, group, &mut heap),
            None => {
                let rank = Rank::of(&solved.columns);
                heap.push(Try { bound: solved.bound(0), rank, places: best.places, solved: Some(Box::new(solved)) });
            }
        }
    }
    Err(Refusal::Pins)
}

/// Pins and groups that can all hold by themselves.
fn check(task: &Task) -> Result<(), Refusal> {
    let mut pinned = BTreeSet::new();
    let mut gates = BTreeSet::new();
    for &(row, column) in &task.pins {
        let family = task.family(row);
        let twice = !pinned.insert(row) || family.is_some_and(|family| !gates.insert((family, column)));
        if twice || task.score(row, column).is_none() {
            return Err(Refusal::Pins);
        }
    }
    for group in &task.together {
        let one_family = group.windows(2).all(|two| matches!(two, [one, other] if task.family(*one) == task.family(*other)));
        if group.len() > GROUP_MOST || !one_family || group.iter().any(|row| pinned.contains(row)) {
            return Err(Refusal::Together);
        }
    }
    left(task, &[]).map(|_| ()).ok_or(Refusal::Pins)
}

/// The first group that is not together, or where a sibling is.
fn asunder(task: &Task, places: &[Place], columns: &[u32]) -> Option<usize> {
    let column_of = |row: usize| columns.get(row).copied().unwrap_or(NONE);
    let is_asunder = |group: &[usize]| {
        let Some(first) = group.first().copied() else { return false };
        let column = column_of(first);
        let family = task.family(first);
        let meets = |row: usize| column_of(row) == column && task.family(row) == family && !group.contains(&row);
        group.iter().any(|row| column_of(*row) != column) || column != NONE && family.is_some() && (0..task.rows()).any(meets)
    };
    let mut open = places.iter().zip(&task.together).enumerate().filter(|(_, (place, _))| **place == Place::Open);
    open.find(|(_, (_, group))| is_asunder(group)).map(|(at, _)| at)
}

/// Each column for the group, and none.
fn branch(task: &Task, places: &[Place], solved: &Relaxed<'_>, group: usize, heap: &mut BinaryHeap<Try<'_>>) {
    let (Some(rows), Some(left)) = (task.together.get(group), left(task, places)) else { return };
    let mut push = |place: Place, column: u32, loss: i64| {
        let mut places = places.to_vec();
        if let Some(old) = places.get_mut(group) {
            *old = place;
        }
        let rank = if loss == 0 && solved.is_whole() { Rank::with(&solved.columns, rows, column) } else { Rank::ANY };
        heap.push(Try { bound: solved.bound(loss), rank, places, solved: None });
    };
    push(Place::Alone, NONE, solved.loss(rows, None));
    for pair in pairs_of_group(task, rows, &left) {
        let loss = solved.loss(rows, Some(pair));
        // Below 0: it scores less than being alone, or a sibling is there.
        if loss >= 0 {
            push(Place::Column(size(pair.column)), pair.column, loss);
        }
    }
}

/// Writes the answer down, with the groups settled.
fn finish<'t>(task: &'t Task, mut places: Vec<Place>, mut solved: Relaxed<'t>, benefit: i64) -> Result<Best, Refusal> {
    if places.contains(&Place::Open) {
        for (place, group) in places.iter_mut().zip(&task.together) {
            let column = group.first().and_then(|row| solved.columns.get(*row)).copied().unwrap_or(NONE);
            *place = if column == NONE { Place::Alone } else { Place::Column(size(column)) };
        }
        solved = Relaxed::solve(task, &places, benefit).ok_or(Refusal::Pins)?;
    }
    let settled = task.pins.iter().map(|(row, _)| row).chain(task.together.iter().flatten());
    let mut best = Best { columns: vec![None; task.rows()], total: 0, proof: Proof::default() };
    for ((row, place), column) in best.columns.iter_mut().enumerate().zip(solved.columns.iter()) {
        if *column != NONE {
            *place = Some(size(*column));
            best.total += task.score(row, size(*column)).unwrap_or(0);
        }
    }
    let proof = &mut best.proof;
    proof.benefit = benefit;
    proof.settled = settled.copied().collect();
    proof.values = vec![0; task.rows()];
    proof.prices = solved.market.spots.iter().map(|spot| spot.price).collect();
    for (row, at) in solved.rows.iter().zip(&solved.market.rows) {
        if let Some(value) = proof.values.get_mut(*row) {
            *value = at.value;
        }
        if at.column != NONE
            && at.gate != 0
            && let Some(family) = task.family(*row)
        {
            proof.gates.insert((family, size(at.column)), at.gate);
        }
    }
    Ok(best)
}
