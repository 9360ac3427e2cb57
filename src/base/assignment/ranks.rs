//! A row's pairs from the best down, no further than they are read.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use super::market::size;
use super::task::{Pair, places};
use super::turned::All;

/// One pair of so many is looked at to know how far down the next ones go.
pub(super) const ONE_OF: usize = 8;
/// Of those that were looked at, how many are ranked at first beside the best; then four times as many.
const FIRST: usize = 1;

#[derive(Clone, Debug)]
enum Pairs<'t> {
    Told(Cow<'t, [Pair]>),
    /// Those of a column, where a place stands for a row.
    Turned(&'t All<'t>, u32),
}

impl Pairs<'_> {
    fn all(&self) -> &[Pair] {
        match self {
            Self::Told(pairs) => pairs,
            Self::Turned(all, column) => all.of(*column),
        }
    }
}

/// The pairs of one row.
#[derive(Clone, Debug)]
pub(super) struct Ranks<'t> {
    /// All of them, by column.
    pairs: Pairs<'t>,
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
    places: Vec<u32>,
}

impl<'t> Ranks<'t> {
    pub fn new(pairs: Cow<'t, [Pair]>, benefit: i64) -> Self {
        Self { pairs: Pairs::Told(pairs), benefit, ranked: Vec::new(), least: i64::MAX, next: FIRST }
    }

    /// The pairs of a place in that column. Those down to that score are told, by row.
    pub fn begun(all: &'t All<'t>, column: u32, told: &[Pair], least: i64) -> Self {
        let mut ranked = told.to_vec();
        ranked.sort_by_key(|pair| Reverse(pair.score));
        Self { pairs: Pairs::Turned(all, column), benefit: 0, ranked, least, next: 4 * FIRST }
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
        let within = self.next_scores(&mut bench.scores);
        let pairs = self.pairs.all();
        self.least = (self.benefit + within.start).max(0);

        let old = self.ranked.len();
        let found = places(&mut bench.places, pairs.iter().map(|pair| within.contains(&{ pair.score })));
        let told = found.iter().filter_map(|place| pairs.get(size(*place)));
        let may = told.filter(|pair| is_open.get(size(pair.column)).copied().unwrap_or(false));
        self.ranked.extend(may.map(|pair| Pair { score: pair.score + self.benefit, column: pair.column }));
        // Stable: where scores are equal the columns stay in order.
        self.ranked.get_mut(old..).unwrap_or_default().sort_by_key(|pair| Reverse(pair.score));
        true
    }

    /// The scores to be ranked next.
    fn next_scores(&mut self, some: &mut Vec<i64>) -> Range<i64> {
        let above = self.least.saturating_sub(self.benefit);
        some.clear();
        some.extend(self.pairs.all().iter().step_by(ONE_OF).map(|pair| pair.score).filter(|score| *score < above));
        let next = self.next;
        self.next = next.saturating_mul(4);
        let least = if next < some.len() { *some.select_nth_unstable_by_key(next, |score| Reverse(*score)).1 } else { -self.benefit };
        least.max(-self.benefit)..above
    }

    /// All that count and may be, by column.
    pub fn all<'a>(&'a self, is_open: &'a [bool]) -> impl Iterator<Item = Pair> + 'a {
        let told = self.pairs.all().iter().map(|pair| Pair { score: pair.score + self.benefit, column: pair.column });
        told.filter(move |pair| pair.score >= 0 && is_open.get(size(pair.column)).copied().unwrap_or(false))
    }
}
