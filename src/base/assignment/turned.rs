//! The middle where rows are more than places: the places are placed, among the rows. Fewer ways to go, and nobody is driven out in
//! vain.
//!
//! What a place gains is then the price of its column, and the price of a row is its value: the conditions are the same both ways. Most
//! columns are never read beyond their best pairs, so no more of them is turned at first.

use std::cell::OnceCell;

use super::market::{Market, NONE, index, size};
use super::paths::Paths;
use super::ranks::{ONE_OF, Ranks};
use super::task::Pair;

/// Whether there are fewer places than rows. With families there is no turning: a place does not know who else of them is there.
pub(super) fn is_for(market: &Market<'_>) -> bool {
    let places = market.columns.iter().fold(0_usize, |sum, column| sum.saturating_add(size(column.capacity)));
    places < market.rows.len() && !market.has_families()
}

/// As [`Paths::place_all`].
pub(super) fn place_all(market: &mut Market<'_>) {
    let (places, rows) = placed(market);
    for (at, value, row) in places {
        // All places of a column gain the same, or one of them would rather be another.
        if let Some(spot) = market.spots.get_mut(size(at)) {
            spot.price = value;
        }
        if row != NONE {
            market.enter(row, at, 0);
        }
    }
    for (row, price) in market.rows.iter_mut().zip(rows) {
        row.value = price;
    }
}

/// Of each place its column, what it gains, and its row; and the price of each row.
fn placed(market: &Market<'_>) -> (Vec<(u32, i64, u32)>, Vec<i64>) {
    let (heads, all) = (Lists::turned(market, &leasts(market)), All { market, lists: OnceCell::new() });
    let mut turned = Market::new(&vec![1; market.rows.len()]);
    let mut columns = Vec::new();
    for (at, column) in (0..).zip(&market.columns) {
        let ranks = Ranks::begun(&all, at, heads.of(at), heads.least(at));
        // One place more than rows is never taken, and so keeps the price at 0; further ones change nothing.
        let count = size(column.capacity).min(market.rows.len() + 1);
        for ranks in std::iter::repeat_n(ranks, count) {
            turned.add_ranked(ranks, NONE);
            columns.push(at);
        }
    }
    Paths::new(&mut turned).place_all();
    let places = columns.into_iter().zip(&turned.rows).map(|(at, place)| (at, place.value, place.column));
    (places.collect(), turned.spots.iter().map(|spot| spot.price).collect())
}

/// For each column a score that a few of its pairs reach: about as far down as a row is ranked at first.
fn leasts(market: &Market<'_>) -> Vec<i64> {
    let mut best = vec![[0; 2]; market.columns.len()];
    for row in (0..market.rows.len()).step_by(ONE_OF).map(index) {
        market.pairs_of(row).for_each(|pair| {
            if let Some([first, second]) = best.get_mut(size(pair.column)).filter(|[_, second]| pair.score > *second) {
                (*first, *second) = (pair.score.max(*first), pair.score.min(*first));
            }
        });
    }
    best.into_iter().map(|[_, second]| second).collect()
}

/// All pairs seen from their columns: written down when the first of them is asked for.
#[derive(Debug)]
pub(super) struct All<'t> {
    market: &'t Market<'t>,
    lists: OnceCell<Lists>,
}

impl All<'_> {
    /// Those of a column, by row.
    pub fn of(&self, column: u32) -> &[Pair] {
        self.lists.get_or_init(|| Lists::turned(self.market, &vec![0; self.market.columns.len()])).of(column)
    }
}

/// Pairs seen from their columns, by row.
#[derive(Debug)]
struct Lists {
    /// Column after column.
    pairs: Vec<Pair>,
    /// Where each ends, and down to which score all are there.
    ends: Vec<(usize, i64)>,
}

impl Lists {
    fn turned(market: &Market<'_>, leasts: &[i64]) -> Self {
        let rows = || (0..market.rows.len()).map(index);
        let mut ends: Vec<(usize, i64)> = leasts.iter().map(|least| (0, *least)).collect();
        for row in rows() {
            market.pairs_of(row).for_each(|pair| {
                if let Some((count, least)) = ends.get_mut(size(pair.column)) {
                    *count += usize::from(pair.score >= *least);
                }
            });
        }
        let mut count = 0;
        for (end, _) in &mut ends {
            (*end, count) = (count, count + *end);
        }
        let mut pairs = vec![Pair::default(); count];
        for row in rows() {
            market.pairs_of(row).for_each(|pair| {
                let Some((end, _)) = ends.get_mut(size(pair.column)).filter(|(_, least)| pair.score >= *least) else { return };
                if let Some(place) = pairs.get_mut(*end) {
                    *place = Pair { score: pair.score, column: row };
                }
                *end += 1;
            });
        }
        Self { pairs, ends }
    }

    fn of(&self, column: u32) -> &[Pair] {
        let at = size(column);
        let end = |at: usize| self.ends.get(at).map_or(0, |(end, _)| *end);
        self.pairs.get(at.checked_sub(1).map_or(0, end)..end(at)).unwrap_or_default()
    }

    fn least(&self, column: u32) -> i64 {
        self.ends.get(size(column)).map_or(0, |(_, least)| *least)
    }
}
