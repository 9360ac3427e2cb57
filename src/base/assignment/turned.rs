//! The middle where rows are more than places: the places are placed, among the rows. Fewer ways to go, and nobody is driven out in
//! vain.
//!
//! What a place gains is then the price of its column, and the price of a row is its value: the conditions are the same both ways.

use std::borrow::Cow;

use super::market::{Market, NONE, index, size};
use super::paths::Paths;
use super::task::Pair;

/// Whether there are fewer places than rows. With families there is no turning: a place does not know who else of them is there.
pub(super) fn is_for(market: &Market<'_>) -> bool {
    let places = market.columns.iter().fold(0_usize, |sum, column| sum.saturating_add(size(column.capacity)));
    places < market.rows.len() && !market.has_families()
}

/// As [`Paths::place_all`].
pub(super) fn place_all(market: &mut Market<'_>) {
    let lists = rows_of_columns(market);
    let mut turned = Market::new(&vec![1; market.rows.len()]);
    let mut columns = Vec::new();
    for ((at, column), rows) in (0..).zip(&market.columns).zip(&lists) {
        // One place more than rows is never taken, and so keeps the price at 0; further ones change nothing.
        for _ in 0..size(column.capacity).min(rows.len() + 1) {
            turned.add(Cow::Borrowed(rows), 0, NONE);
            columns.push(at);
        }
    }
    Paths::new(&mut turned).place_all();
    for (place, at) in turned.rows.iter().zip(columns) {
        // All places of a column gain the same, or one of them would rather be another.
        if let Some(spot) = market.spots.get_mut(size(at)) {
            spot.price = place.value;
        }
        if place.column != NONE {
            market.enter(place.column, at, 0);
        }
    }
    for (row, spot) in market.rows.iter_mut().zip(&turned.spots) {
        row.value = spot.price;
    }
}

/// The pairs seen from their columns, by row.
fn rows_of_columns(market: &Market<'_>) -> Vec<Vec<Pair>> {
    let rows = || (0..market.rows.len()).map(index);
    let mut counts = vec![0; market.columns.len()];
    for pair in rows().flat_map(|row| market.pairs_of(row)) {
        if let Some(count) = counts.get_mut(size(pair.column)) {
            *count += 1;
        }
    }
    let mut lists: Vec<_> = counts.into_iter().map(Vec::with_capacity).collect();
    for row in rows() {
        for pair in market.pairs_of(row) {
            if let Some(rows) = lists.get_mut(size(pair.column)) {
                rows.push(Pair { score: pair.score, column: row });
            }
        }
    }
    lists
}
