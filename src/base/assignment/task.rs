//! What is to be solved.

use std::collections::BTreeMap;

use super::Best;
use super::market::{index, size};
use super::together;

/// Scores beyond this would overflow sums of as many rows as there may be.
const SCORE_MOST: u64 = 1 << 40;
/// Rows and columns at most.
const COUNT_MOST: usize = 1 << 20;

/// Why a task makes no sense, or cannot be solved within its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A row, column or family that is not there, or rows of unequal length.
    Unknown,
    /// The same pair twice in a row.
    Twice,
    /// More than 2^20 rows or columns, or a score beyond 2^40 either way.
    TooLarge,
    /// Pins that break a capacity, a forbidden pair, a family, or each other.
    Pins,
    /// Rows that are to be together, but are in several such groups, have a pin, or are fewer than two.
    Together,
    /// The rows that are to be [together](Task::together) hang together so that the best set was not proved within as many tries as there
    /// may be. A task without such rows is never refused so, whatever its families, capacities and ties.
    Entangled,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "a row or column that is not there",
            Self::Twice => "the same pair twice",
            Self::TooLarge => "too many rows or columns, or too great a score",
            Self::Pins => "pins that cannot all hold",
            Self::Together => "a row that cannot be together with others as asked",
            Self::Entangled => "too many ways to be together",
        })
    }
}
impl std::error::Error for Refusal {}

/// A pair that may be, seen from its row. Packed, since there may be tens of millions: 12 bytes instead of 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, packed(4))]
pub(super) struct Pair {
    pub score: i64,
    pub column: u32,
}

/// Rows, columns, scores and what is insisted on.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// How many rows each column takes.
    pub(super) capacities: Vec<u32>,
    /// The pairs of each row, by column.
    pairs: Vec<Box<[Pair]>>,
    /// The family of each row.
    pub(super) families: Vec<Option<u32>>,
    /// Rows that have their column.
    pub(super) pins: Vec<(usize, usize)>,
    /// Groups of rows that have one column, or none.
    pub(super) together: Vec<Vec<usize>>,
    /// The number of pairs comes before the total.
    pub(super) most_first: bool,
    /// The most that all rows together can gain or lose.
    widest: i64,
}

impl Task {
    /// No rows yet; how many of them each column takes, in order of preference.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn new(capacities: &[u32]) -> Result<Self, Refusal> {
        if capacities.len() > COUNT_MOST {
            return Err(Refusal::TooLarge);
        }
        Ok(Self { capacities: capacities.to_vec(), ..Self::default() })
    }

    /// A plain matrix: a row of scores for each row, `None` where a pair may not be.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] for rows longer than the capacities, [`Refusal::TooLarge`].
    pub fn of_matrix<R: AsRef<[Option<i64>]>>(scores: &[R], capacities: &[u32]) -> Result<Self, Refusal> {
        let mut task = Self::new(capacities)?;
        let mut bench = Vec::new();
        for row in scores {
            let row = row.as_ref();
            let told = places(&mut bench, row.iter().map(Option::is_some));
            let score = |column: u32| row.get(size(column)).copied().flatten().unwrap_or(0);
            task.add(told.iter().map(|column| Pair { score: score(*column), column: *column }).collect(), None)?;
        }
        Ok(task)
    }

    /// Adds the next row: its pairs that may be, as column and score, in any order; and its family, if it has one.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] for a column that is not there, [`Refusal::Twice`], [`Refusal::TooLarge`]; the task is then of no use.
    pub fn row(&mut self, pairs: impl IntoIterator<Item = (usize, i64)>, family: Option<u32>) -> Result<usize, Refusal> {
        let mut told: Vec<Pair> = pairs.into_iter().map(|(column, score)| Pair { score, column: index(column) }).collect();
        if !told.is_sorted_by(|one, other| one.column < other.column) {
            told.sort_unstable_by_key(|pair| pair.column);
            if !told.is_sorted_by(|one, other| one.column < other.column) {
                return Err(Refusal::Twice);
            }
        }
        self.add(told.into_boxed_slice(), family)
    }

    /// Adds the next row, its pairs by column.
    fn add(&mut self, told: Box<[Pair]>, family: Option<u32>) -> Result<usize, Refusal> {
        let row = self.pairs.len();
        if row >= COUNT_MOST {
            return Err(Refusal::TooLarge);
        }
        if told.last().is_some_and(|last| size(last.column) >= self.capacities.len()) {
            return Err(Refusal::Unknown);
        }
        let widest = told.iter().map(|pair| { pair.score }.unsigned_abs()).max().unwrap_or(0);
        if widest > SCORE_MOST {
            return Err(Refusal::TooLarge);
        }
        self.widest = self.widest.saturating_add_unsigned(widest);
        self.pairs.push(told);
        self.families.push(family);
        Ok(row)
    }

    /// As many rows as that each column takes from now on.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] if they are not as many columns as before.
    pub fn set_capacities(&mut self, capacities: &[u32]) -> Result<(), Refusal> {
        if capacities.len() != self.capacities.len() {
            return Err(Refusal::Unknown);
        }
        self.capacities.copy_from_slice(capacities);
        Ok(())
    }

    /// The number of pairs comes before the total.
    #[must_use]
    pub fn most_first(mut self) -> Self {
        self.most_first = true;
        self
    }

    /// The row has this column, whatever it costs the others.
    ///
    /// # Errors
    /// [`Refusal::Unknown`].
    pub fn pin(&mut self, row: usize, column: usize) -> Result<(), Refusal> {
        if row >= self.rows() || column >= self.capacities.len() {
            return Err(Refusal::Unknown);
        }
        self.pins.push((row, column));
        Ok(())
    }

    /// These rows have the same column, or none; they may be of one family. Twenty such groups are mostly proved in milliseconds; ten or more
    /// where nearly every pair may be, and places are too few, may be refused by [`Task::solve`] as [`Refusal::Entangled`].
    ///
    /// # Errors
    /// [`Refusal::Unknown`], [`Refusal::Together`].
    pub fn together(&mut self, rows: &[usize]) -> Result<(), Refusal> {
        let mut group = rows.to_vec();
        group.sort_unstable();
        group.dedup();
        if group.iter().any(|row| *row >= self.rows()) {
            return Err(Refusal::Unknown);
        }
        if group.len() < 2 || self.together.iter().flatten().any(|row| group.contains(row)) {
            return Err(Refusal::Together);
        }
        self.together.push(group);
        // The order in which they are told means nothing.
        self.together.sort_unstable();
        Ok(())
    }

    /// The best set.
    ///
    /// # Errors
    /// [`Refusal::Pins`], [`Refusal::Together`], [`Refusal::Entangled`]: never a set that is not proved to be the best.
    pub fn solve(&self) -> Result<Best, Refusal> {
        together::solve(self)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.pairs.len()
    }

    /// The score of a pair; `None`: it may not be.
    pub fn score(&self, row: usize, column: usize) -> Option<i64> {
        let pairs = self.pairs_of(row);
        position(pairs, column).and_then(|at| pairs.get(at)).map(|pair| pair.score)
    }

    /// The same with its rows in that order.
    pub(super) fn in_order(&self, order: &[usize]) -> Self {
        let places: BTreeMap<usize, usize> = order.iter().copied().zip(0..).collect();
        let place = |row: &usize| places.get(row).copied().unwrap_or(*row);
        let mut task = Self {
            capacities: self.capacities.clone(),
            pins: self.pins.iter().map(|(row, column)| (place(row), *column)).collect(),
            together: self.together.iter().map(|group| group.iter().map(place).collect()).collect(),
            most_first: self.most_first,
            widest: self.widest,
            ..Self::default()
        };
        for row in order {
            task.pairs.push(self.pairs_of(*row).into());
            task.families.push(self.family(*row));
        }
        task
    }

    pub(super) fn family(&self, row: usize) -> Option<u32> {
        self.families.get(row).copied().flatten()
    }

    /// What being matched is worth before all scores: more than all of them together can gain or lose.
    pub(super) fn benefit(&self) -> i64 {
        if self.most_first { self.span() } else { 0 }
    }

    /// More than all scores together can gain or lose.
    pub(super) fn span(&self) -> i64 {
        self.widest.saturating_mul(2).saturating_add(1)
    }

    /// How many pairs may be.
    pub(super) fn pairs(&self) -> usize {
        self.pairs.iter().map(|pairs| pairs.len()).sum()
    }

    /// A row's pairs, by column.
    pub(super) fn pairs_of(&self, row: usize) -> &[Pair] {
        self.pairs.get(row).map(AsRef::as_ref).unwrap_or_default()
    }
}

fn position(pairs: &[Pair], column: usize) -> Option<usize> {
    let column = u32::try_from(column).ok()?;
    pairs.binary_search_by_key(&column, |pair| pair.column).ok()
}

/// The places of those that hold. Each is written down, and counts if it holds: there is no branch to guess wrong.
pub(super) fn places(bench: &mut Vec<u32>, all: impl ExactSizeIterator<Item = bool>) -> &[u32] {
    bench.resize(all.len(), 0);
    let mut count = 0;
    for (holds, at) in all.zip(0..) {
        if let Some(place) = bench.get_mut(count) {
            *place = at;
        }
        count += usize::from(holds);
    }
    bench.get(..count).unwrap_or_default()
}
