//! A row's pairs from the best down, no further than they are read.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::market::size;
use super::task::{Pair, places};

/// How many pairs are ranked at first; then four times as many.
const FIRST: usize = 12;
/// So many that all score most are enough at first.
const FIRST_EQUAL: usize = 6;

/// The pairs of one row.
#[derive(Clone, Debug)]
pub(super) struct Ranks<'t> {
    /// All of them, by column.
    pairs: Cow<'t, [Pair]>,
    /// What each of them counts beside its score.
    benefit: i64,
    /// The best, with the benefit: the greatest score first, then by column.
    ranked: Vec<Pair>,
    /// All that score at least this are ranked; at 0 it is all that count.
    least: i64,
    /// How many to rank next.
    next: usize,
}

/// Room to work in, kept from one row to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Bench {
    scores: Vec<i64>,
    places: Vec<usize>,
}

impl<'t> Ranks<'t> {
    pub fn new(pairs: Cow<'t, [Pair]>, benefit: i64) -> Self {
        Self { pairs, benefit, ranked: Vec::new(), least: i64::MAX, next: FIRST }
    }

    /// As far as they are ranked.
    pub fn ranked(&self) -> &[Pair] {
        &self.ranked
    }

    /// All pairs that score at least this are ranked.
    pub fn least(&self) -> i64 {
        self.least
    }

    /// Ranks further, down to a score and all pairs that have it; `false`: all is ranked.
    pub fn rank_more(&mut self, is_open: &[bool], bench: &mut Bench) -> bool {
        if self.least == 0 {
            return false;
        }
        let above = self.least;
        bench.scores.clear();
        bench.scores.extend(self.pairs.iter().map(|pair| pair.score));
        self.least = (self.benefit + self.threshold(&mut bench.scores)).max(0);
        let within = self.least - self.benefit..above.saturating_sub(self.benefit);

        let old = self.ranked.len();
        let found = places(&mut bench.places, self.pairs.iter().map(|pair| within.contains(&pair.score)));
        self.ranked.reserve(found.len());
        let told = found.iter().filter_map(|place| self.pairs.get(*place));
        let told = told.filter(|pair| is_open.get(size(pair.column)).copied().unwrap_or(false));
        self.ranked.extend(told.map(|pair| Pair { score: pair.score + self.benefit, column: pair.column }));
        // Stable: where scores are equal the columns stay in order.
        self.ranked.get_mut(old..).unwrap_or_default().sort_by_key(|pair| Reverse(pair.score));
        true
    }

    /// The least of the scores to be ranked next.
    fn threshold(&mut self, scores: &mut [i64]) -> i64 {
        let best = scores.iter().copied().max().unwrap_or(0);
        let is_first = self.least == i64::MAX;
        if is_first && scores.iter().filter(|score| **score == best).count() >= FIRST_EQUAL {
            return best;
        }
        let next = self.next;
        self.next = next.saturating_mul(4);
        if next < scores.len() { *scores.select_nth_unstable_by_key(next, |score| Reverse(*score)).1 } else { -self.benefit }
    }

    /// All that count and may be, by column.
    pub fn all<'a>(&'a self, is_open: &'a [bool]) -> impl Iterator<Item = Pair> + 'a {
        let told = self.pairs.iter().map(|pair| Pair { score: pair.score + self.benefit, column: pair.column });
        told.filter(move |pair| pair.score >= 0 && is_open.get(size(pair.column)).copied().unwrap_or(false))
    }
}
