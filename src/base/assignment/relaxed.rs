//! A task where some groups have their place and the others are taken apart: what can be had at most, by one assignment.
//!
//! The rows of a group that is taken apart go where they like, each for an equal part of what the group scores there as a whole; but
//! only as many of them into a column as whole groups have room. Wherever all of them stay together they score what the group does, so
//! the best set of the task is among those looked at here, and the total of the best of these is a bound.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::market::{Market, NONE, index, size};
use super::paths::Paths;
use super::task::{Pair, Task};
use super::ties::Ties;
use super::turned;

/// A benefit beyond this would overflow, with the scale.
pub(super) const BENEFIT_MOST: i64 = 1 << 54;

/// Where a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Column(usize),
    Alone,
    /// Taken apart.
    Open,
}

/// The best of such sets; of several as good, the one that comes first.
pub(super) struct Relaxed<'t> {
    pub market: Market<'t>,
    /// The row of the task that each row of the market is.
    pub rows: Vec<usize>,
    /// With the benefit of each pair, as often as the scale says.
    total: i128,
    /// All scores are so many times what they were told, so that groups can be divided.
    scale: i64,
    /// What every pair counts beside its score.
    benefit: i64,
    /// The column of each row of the task, or `NONE`.
    pub columns: Rc<[u32]>,
}

impl<'t> Relaxed<'t> {
    /// The best with the groups where they are said to be. `None`: no room for that.
    pub fn solve(task: &'t Task, places: &[Place], benefit: i64) -> Option<Self> {
        let left = left(task, places)?;
        let open = || places.iter().zip(&task.together).filter(|(place, _)| **place == Place::Open).map(|(_, group)| group);
        let scale = open().fold(1, |scale, group| common(scale, i64::try_from(group.len()).unwrap_or(1)));
        let scale = if task.span().checked_mul(scale).is_some_and(|most| most <= BENEFIT_MOST) { scale } else { 1 };
        let mut columns = vec![NONE; task.rows()];
        let mut total = 0_i128;
        let mut taken = BTreeSet::new();
        let mut put = |row: usize, column: usize| {
            total += (i128::from(task.score(row, column)?) + i128::from(benefit)) * i128::from(scale);
            *columns.get_mut(row)? = index(column);
            Some(())
        };
        for (row, column) in &task.pins {
            put(*row, *column)?;
            taken.extend(task.family(*row).map(|family| (family, *column)));
        }
        for (place, group) in places.iter().zip(&task.together) {
            if let Place::Column(column) = place {
                // Two groups of one family in one column, or a group where a sibling is pinned.
                let family = group.first().and_then(|row| task.family(*row));
                if family.is_some_and(|family| !taken.insert((family, *column))) {
                    return None;
                }
                group.iter().try_for_each(|row| put(*row, *column))?;
            }
        }

        let placed = places.iter().zip(&task.together).filter(|(place, _)| **place != Place::Open).flat_map(|(_, group)| group);
        let settled: BTreeSet<usize> = task.pins.iter().map(|(row, _)| row).chain(placed).copied().collect();
        let mut parts = BTreeMap::new();
        for group in open() {
            let pairs = pairs_of_group(task, group, &left);
            parts.extend((0..).zip(group).map(|(at, row)| (*row, (group.len(), part(&pairs, scale, at, group.len())))));
        }
        let mut market = Market::new(&left);
        let mut families = BTreeMap::new();
        let mut sizes = BTreeMap::new();
        let mut rows = Vec::new();
        for row in (0..task.rows()).filter(|row| !settled.contains(row)) {
            let family = task.family(row);
            let (mut pairs, inside) = match parts.remove(&row) {
                None => {
                    let inside = family.map(|family| *families.entry(family).or_insert_with(|| market.add_family(1)));
                    (scaled(task.pairs_of(row), scale), inside)
                }
                Some((size, pairs)) => {
                    let inside = *sizes.entry(size).or_insert_with(|| market.add_family(index(size)));
                    (Cow::Owned(pairs), Some(inside))
                }
            };
            if let Some(family) = family
                && taken.range((family, 0)..=(family, usize::MAX)).next().is_some()
            {
                pairs.to_mut().retain(|pair| !taken.contains(&(family, size(pair.column))));
            }
            market.add(pairs, benefit * scale, inside.unwrap_or(NONE));
            rows.push(row);
        }
        market.settle_families();
        if turned::is_for(&market) {
            turned::place_all(&mut market);
        } else {
            Paths::new(&mut market).place_all();
        }
        Ties::new(&mut market).settle();
        for (row, at) in rows.iter().zip(&market.rows).filter(|(_, at)| at.column != NONE) {
            // A pair that is matched has no slack: it scores what its value and prices say.
            total += i128::from(at.value) + i128::from(market.price(at.column)) + i128::from(at.gate);
            if let Some(column) = columns.get_mut(*row) {
                *column = at.column;
            }
        }
        Some(Self { market, rows, total, scale, benefit, columns: columns.into() })
    }

    /// What the total can be at most after such a loss.
    pub fn bound(&self, loss: i64) -> i128 {
        (self.total - i128::from(loss)).div_euclid(i128::from(self.scale))
    }

    /// A set of whole groups can have this total.
    pub fn is_whole(&self) -> bool {
        self.total % i128::from(self.scale) == 0
    }

    /// What is lost at least, times the scale, if a group that is taken apart goes there.
    pub fn loss(&self, group: &[usize], place: Option<Pair>) -> i64 {
        let of = |row: &usize| self.rows.binary_search(row).ok().map(index);
        let told = group.iter().filter_map(of).map(|at| {
            let value = self.market.row(at).map_or(0, |row| row.value);
            let paid = |pair: Pair| self.market.price(pair.column) + self.market.gate(at, pair.column) - self.benefit * self.scale;
            value + place.map_or(0, paid)
        });
        told.sum::<i64>() - place.map_or(0, |pair| pair.score * self.scale)
    }
}

/// The part of one row in what its group scores: equal parts, and what cannot be divided is given to the last ones.
fn part(pairs: &[Pair], scale: i64, at: i64, size: usize) -> Vec<Pair> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    pairs.iter().map(|pair| Pair { score: (pair.score * scale + at).div_euclid(size), column: pair.column }).collect()
}

/// The pairs of a row that is in no group, beside such parts.
fn scaled(pairs: &[Pair], scale: i64) -> Cow<'_, [Pair]> {
    if scale == 1 {
        return Cow::Borrowed(pairs);
    }
    pairs.iter().map(|pair| Pair { score: pair.score * scale, column: pair.column }).collect()
}

/// The least number that both divide.
fn common(one: i64, other: i64) -> i64 {
    let (mut divisor, mut rest) = (one, other);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (one / divisor).saturating_mul(other)
}

/// Places left in each column beside pins and placed groups; `None`: more than there are.
pub(super) fn left(task: &Task, places: &[Place]) -> Option<Vec<u32>> {
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

/// What a group scores in each column that has room for all of it.
pub(super) fn pairs_of_group(task: &Task, group: &[usize], left: &[u32]) -> Vec<Pair> {
    let first = group.first().map(|row| task.pairs_of(*row)).unwrap_or_default();
    let fits = |column: u32| left.get(size(column)).is_some_and(|left| size(*left) >= group.len());
    let told = first.iter().filter(|pair| fits(pair.column)).filter_map(|pair| {
        let score: Option<i64> = group.iter().map(|row| task.score(*row, size(pair.column))).sum();
        score.map(|score| Pair { score, column: pair.column })
    });
    told.collect()
}
