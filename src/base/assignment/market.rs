//! The state of a solution in the making: who has whom, and prices under which every pair is the best for its row.
//!
//! Reduced scores: the **slack** of a pair is `value of the row + price of the column + price of the gate - score`. It is never
//! negative and 0 where the pair is matched. Only full columns have a price; only a gate that somebody of the family went through has
//! one; only matched rows have a value above 0 once all is done. That is complementary slackness: such a set is a best one.

use std::borrow::Cow;

use super::ranks::{Bench, Ranks};
use super::task::Pair;

/// No row, no column, no family.
pub(super) const NONE: u32 = u32::MAX;
/// Further than anything.
pub(super) const FAR: i64 = i64::MAX;
/// A row of the market.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What the row gains beyond its prices.
    pub value: i64,
    /// The price of its family's gate before its column.
    pub gate: i64,
    /// Whom it has.
    pub column: u32,
    /// Its family, if more than one of it is here.
    pub family: u32,
}

/// Rows that pass the same gates.
#[derive(Clone, Debug)]
struct Family {
    rows: Vec<u32>,
    /// 1: one of them a column. Otherwise as many as there is room for whole groups of that size.
    size: u32,
}

impl Family {
    /// How many of them a column takes at most.
    fn width(&self, capacity: u32) -> usize {
        if self.size == 1 { 1 } else { size(capacity - capacity % self.size) }
    }
}

/// What is read of a column all the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub price: i64,
    /// The shortest way to it in this search.
    pub distance: i64,
}

/// A column of the market.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The row it was reached from.
    pub from: u32,
    pub capacity: u32,
    pub holders: Vec<u32>,
}

impl Column {
    pub fn has_room(&self) -> bool {
        self.has_places(1)
    }

    /// That many places are left.
    pub fn has_places(&self, more: usize) -> bool {
        self.holders.len() + more <= size(self.capacity)
    }
}

/// How a row was reached by a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is the one that is placed.
    Start,
    /// Somebody takes a place in its column.
    Column,
    /// This sibling takes its place in the family's gate.
    Gate(u32),
    /// Nobody takes its place: its column has no price. Instead this row takes a place left in that column.
    Elsewhere { row: u32, column: u32 },
}

/// Where a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// This row goes without.
    Alone(u32),
    /// This row takes one of the places left in this column, at what the gate costs.
    Room { row: u32, column: u32, gate: i64 },
}

/// Rows, columns and who has whom.
#[derive(Clone, Debug)]
pub(super) struct Market<'t> {
    pub rows: Vec<Row>,
    /// As many as rows.
    ranks: Vec<Ranks<'t>>,
    bench: Bench,
    /// Which columns take anybody.
    is_open: Vec<bool>,
    pub columns: Vec<Column>,
    /// As many as columns.
    pub spots: Vec<Spot>,
    families: Vec<Family>,
}

impl<'t> Market<'t> {
    pub fn new(capacities: &[u32]) -> Self {
        Self {
            rows: Vec::new(),
            ranks: Vec::new(),
            bench: Bench::default(),
            is_open: capacities.iter().map(|capacity| *capacity > 0).collect(),
            columns: capacities.iter().map(|capacity| Column { from: NONE, capacity: *capacity, holders: Vec::new() }).collect(),
            spots: vec![Spot { price: 0, distance: FAR }; capacities.len()],
            families: Vec::new(),
        }
    }

    /// A family without rows yet; of so many each group, or 1.
    pub fn add_family(&mut self, size: u32) -> u32 {
        self.families.push(Family { rows: Vec::new(), size });
        index(self.families.len() - 1)
    }

    pub fn has_families(&self) -> bool {
        self.families.iter().any(|family| !family.rows.is_empty())
    }

    /// Adds the next row: its pairs, and what each of them counts beside its score.
    pub fn add(&mut self, pairs: Cow<'t, [Pair]>, benefit: i64, family: u32) {
        self.add_ranked(Ranks::new(pairs, benefit), family);
    }

    /// The same with its pairs as far as they are ranked.
    pub fn add_ranked(&mut self, ranks: Ranks<'t>, family: u32) {
        let row = index(self.rows.len());
        if let Some(family) = self.families.get_mut(size(family)) {
            family.rows.push(row);
        }
        self.ranks.push(ranks);
        self.rows.push(Row { value: 0, gate: 0, column: NONE, family });
    }

    /// A family of one is none.
    pub fn settle_families(&mut self) {
        for family in &mut self.families {
            if let [only] = family.rows[..] {
                if let Some(row) = self.rows.get_mut(size(only)) {
                    row.family = NONE;
                }
                family.rows.clear();
            }
        }
    }

    /// The best pairs of a row, the greatest score first, as far as they are ranked.
    pub fn ranked(&self, row: u32) -> &[Pair] {
        self.ranks.get(size(row)).map(Ranks::ranked).unwrap_or_default()
    }

    /// Ranks further; `false`: all is ranked.
    pub fn rank_more(&mut self, row: u32) -> bool {
        self.ranks.get_mut(size(row)).is_some_and(|ranks| ranks.rank_more(&self.is_open, &mut self.bench))
    }

    /// Whether all pairs of the row that score so much are ranked.
    pub fn is_ranked_to(&self, row: u32, score: i64) -> bool {
        self.ranks.get(size(row)).is_some_and(|ranks| ranks.least() <= score)
    }

    /// All pairs of a row.
    pub fn pairs_of(&self, row: u32) -> impl Iterator<Item = Pair> {
        self.ranks.get(size(row)).into_iter().flat_map(|ranks| ranks.all(&self.is_open))
    }

    pub fn row(&self, row: u32) -> Option<&Row> {
        self.rows.get(size(row))
    }

    pub fn column(&self, column: u32) -> Option<&Column> {
        self.columns.get(size(column))
    }

    /// The ranked part of a row, and what to read beside it.
    pub fn read(&self, row: u32) -> (&[Pair], &[Spot]) {
        (self.ranked(row), &self.spots)
    }

    pub fn price(&self, column: u32) -> i64 {
        self.spots.get(size(column)).map_or(0, |spot| spot.price)
    }

    /// The greatest score of a row.
    pub fn best_score(&mut self, row: u32) -> i64 {
        while self.ranked(row).is_empty() && self.rank_more(row) {}
        self.ranked(row).first().map_or(0, |pair| pair.score)
    }

    /// What a row gains at most under the prices of now; 0: being alone.
    pub fn best_gain(&mut self, row: u32) -> i64 {
        let (mut gain, mut from) = (0, 0);
        loop {
            let pairs = self.ranked(row);
            for pair in pairs.get(from..).unwrap_or_default() {
                if pair.score <= gain {
                    return gain;
                }
                gain = gain.max(pair.score - self.price(pair.column));
            }
            from = pairs.len();
            if !self.rank_more(row) {
                return gain;
            }
        }
    }

    /// The other rows of the family that have the column, if its gate takes no more of them.
    pub fn siblings(&self, row: u32, column: u32) -> impl Iterator<Item = u32> {
        let family = self.row(row).and_then(|row| self.families.get(size(row.family)));
        let rows = family.map(|family| family.rows.iter().copied()).into_iter().flatten();
        let mut there = rows.filter(move |other| *other != row && self.row(*other).is_some_and(|other| other.column == column));
        let width = family.zip(self.column(column)).map_or(0, |(family, column)| family.width(column.capacity));
        let is_full = there.clone().count() >= width;
        std::iter::from_fn(move || there.next().filter(|_| is_full))
    }

    /// What the family's gate before the column costs the row.
    pub fn gate(&self, row: u32, column: u32) -> i64 {
        let holder = match self.row(row) {
            Some(own) if own.column == column => Some(row),
            _ => self.siblings(row, column).next(),
        };
        holder.and_then(|holder| self.row(holder)).map_or(0, |holder| holder.gate)
    }

    /// The column has a place left, and the gate of the row's family, too.
    pub fn has_room_for(&self, row: u32, column: u32) -> bool {
        self.column(column).is_some_and(Column::has_room) && self.siblings(row, column).next().is_none()
    }

    /// Takes the row away from its column.
    pub fn leave(&mut self, row: u32) {
        let Some(mine) = self.rows.get_mut(size(row)) else { return };
        if let Some(column) = self.columns.get_mut(size(mine.column)) {
            column.holders.retain(|holder| *holder != row);
        }
        mine.column = NONE;
        mine.gate = 0;
    }

    /// Gives the row the column, which it does not have; at what the gate costs.
    pub fn enter(&mut self, row: u32, column: u32, gate: i64) {
        self.leave(row);
        if let (Some(mine), Some(taken)) = (self.rows.get_mut(size(row)), self.columns.get_mut(size(column))) {
            mine.column = column;
            mine.gate = gate;
            taken.holders.push(row);
        }
    }

    /// Hands places on from the end of a search back to its start, which has none.
    pub fn follow(&mut self, end: End, way: impl Fn(u32) -> Way) {
        let from = |market: &Self, column: u32| market.column(column).map_or(NONE, |column| column.from);
        // Places are taken before they are left: a column's holders may be one more for a moment.
        let (mut row, mut place) = match end {
            End::Alone(row) => (row, None),
            End::Room { row, column, gate } => (row, Some((column, gate))),
        };
        while let Some((old, gate)) = self.row(row).map(|row| (row.column, row.gate)) {
            match place {
                Some((column, gate)) => self.enter(row, column, gate),
                None => self.leave(row),
            }
            (row, place) = match way(row) {
                Way::Start => return,
                Way::Column => (from(self, old), Some((old, 0))),
                Way::Gate(sibling) => (sibling, Some((old, gate))),
                Way::Elsewhere { row, column } => (row, Some((column, 0))),
            };
        }
    }
}

/// A place in a list, from a number that fits (at most 2^20 of anything).
pub(super) fn size(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// A number, from a place in a list of at most 2^20.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
