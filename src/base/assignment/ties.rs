//! The end: of all best sets, the one that precedence and preference ask for.
//!
//! Under the final prices the best sets are exactly those that use only pairs without slack, place every row of a value above 0, fill
//! every column of a price and every gate of a price. So from one best set each other one is reached by handing places on along pairs
//! without slack.

use super::market::{Column, End, Market, NONE, Way, index, size};
use super::task::Pair;

/// The pairs without slack, and what a search over them needs.
pub(super) struct Ties<'m, 't> {
    market: &'m mut Market<'t>,
    /// Columns without slack of all rows, row after row, each row's in order.
    open: Vec<u32>,
    ends: Vec<usize>,
    rows: Vec<Option<Way>>,
    columns: Vec<bool>,
    /// Whether a column with room was seen.
    spared: bool,
    seen: (Vec<u32>, Vec<u32>),
}

/// What a search looks for.
#[derive(Clone, Copy)]
enum Goal {
    /// A place more, or a later row that may as well go without.
    Place,
    /// Somebody for the place that was left.
    Refill { column: u32, gate: i64, family: u32, may_stay_empty: bool },
}

impl<'m, 't> Ties<'m, 't> {
    pub fn new(market: &'m mut Market<'t>) -> Self {
        let (mut open, mut ends) = (Vec::new(), Vec::new());
        for row in 0..market.rows.len() {
            let start = open.len();
            without_slack(market, index(row), &mut open);
            open.get_mut(start..).unwrap_or_default().sort_unstable();
            ends.push(open.len());
        }
        let (rows, columns) = (vec![None; market.rows.len()], vec![false; market.columns.len()]);
        Self { market, open, ends, rows, columns, spared: false, seen: (Vec::new(), Vec::new()) }
    }

    /// First who has somebody, then whom, both in order.
    pub fn settle(mut self) {
        for row in (0..self.ends.len()).map(index) {
            if self.market.row(row).is_some_and(|row| row.column == NONE) {
                match self.search(row, row, NONE, Goal::Place) {
                    Some(end) => {
                        self.follow(end);
                        self.forget();
                    }
                    // What was seen leads nowhere for later rows either, so it stays seen.
                    None => self.seen = (Vec::new(), Vec::new()),
                }
            }
        }
        self.rows.fill(None);
        self.columns.fill(false);
        for row in (0..self.ends.len()).map(index) {
            self.prefer(row);
            self.close(row);
        }
    }

    /// A column that is full of rows that keep it leads nowhere any more.
    fn close(&mut self, row: u32) {
        let Some(at) = self.market.row(row).map(|row| row.column) else { return };
        let is_closed = |column: &Column| !column.has_room() && column.holders.iter().all(|holder| *holder <= row);
        if self.market.column(at).is_some_and(is_closed)
            && let Some(seen) = self.columns.get_mut(size(at))
        {
            *seen = true;
        }
    }

    fn open(&self, row: u32) -> &[u32] {
        let at = size(row);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.open.get(start..*end)).unwrap_or_default()
    }

    /// The first column that the row can have while the rows before it keep theirs.
    fn prefer(&mut self, row: u32) {
        let Some((column, gate, family)) = self.market.row(row).map(|row| (row.column, row.gate, row.family)) else { return };
        if column == NONE || self.open(row).first().is_none_or(|first| *first >= column) {
            return;
        }
        let may_stay_empty = gate == 0 && self.market.price(column) == 0;
        self.market.leave(row);
        match self.search(row, row, column, Goal::Refill { column, gate, family, may_stay_empty }) {
            Some(end) => self.follow(end),
            None => self.market.enter(row, column, gate),
        }
        self.forget();
    }

    /// Goes from column to column as far as places can be handed on: rows up to `fixed` may be moved to get a place more, not to refill
    /// one. From the start only to columns before `below`, one after the other: the first that leads to the goal is the answer.
    fn search(&mut self, start: u32, fixed: u32, below: u32, goal: Goal) -> Option<End> {
        if let Some(way) = self.rows.get_mut(size(start)) {
            *way = Some(Way::Start);
            self.seen.0.push(start);
        }
        let mut stack = Vec::new();
        let mut ahead = 0;
        while let Some(place) = self.unseen(start, ahead) {
            ahead = place + 1;
            let column = self.open(start).get(place).copied().filter(|column| *column < below)?;
            if let Some(end) = self.visit(start, column, fixed, goal, &mut stack) {
                return Some(end);
            }
            while let Some((row, place)) = stack.pop() {
                let Some(place) = self.unseen(row, place) else { continue };
                stack.push((row, place + 1));
                let Some(column) = self.open(row).get(place).copied() else { continue };
                if let Some(end) = self.visit(row, column, fixed, goal, &mut stack) {
                    return Some(end);
                }
            }
        }
        None
    }

    /// The next of the row's columns that was not seen yet; for a row with a family the next: a sibling may be there.
    fn unseen(&self, row: u32, from: usize) -> Option<usize> {
        let ahead = self.open(row).get(from..)?;
        let has_family = self.market.row(row)?.family != NONE;
        let next = ahead.iter().position(|column| has_family || self.columns.get(size(*column)).is_some_and(|seen| !seen))?;
        Some(from + next)
    }

    /// The row takes the column: who makes room for it?
    fn visit(&mut self, row: u32, at: u32, fixed: u32, goal: Goal, stack: &mut Vec<(u32, usize)>) -> Option<End> {
        let (own, family) = self.market.row(row).map(|row| (row.column, row.family))?;
        if own == at {
            return None;
        }
        if family != NONE {
            let siblings: Vec<u32> = self.market.siblings(row, at).collect();
            if !siblings.is_empty() {
                return siblings.into_iter().find_map(|sibling| self.push_out(sibling, Way::Gate(row), fixed, goal, stack));
            }
        }
        let of_left_family = matches!(goal, Goal::Refill { column, family: left, gate, .. } if column == at && left == family && gate > 0);
        if !of_left_family && self.columns.get(size(at)).copied().unwrap_or(true) {
            return None;
        }
        // The place that was left at a gate's price is kept for the family.
        let is_kept = !of_left_family && matches!(goal, Goal::Refill { column, gate, .. } if column == at && gate > 0);
        let has_room = self.market.column(at)?.has_places(1 + usize::from(is_kept));
        let end = match goal {
            Goal::Place => has_room,
            Goal::Refill { column, gate, .. } if column == at => gate == 0 || of_left_family,
            Goal::Refill { may_stay_empty, .. } => has_room && may_stay_empty,
        };
        if end {
            let gate = if let (true, Goal::Refill { gate, .. }) = (of_left_family, goal) { gate } else { 0 };
            return Some(End::Room { row, column: at, gate });
        }
        self.market.columns.get_mut(size(at))?.from = row;
        *self.columns.get_mut(size(at))? = true;
        self.seen.1.push(at);
        if has_room && !std::mem::replace(&mut self.spared, true) {
            // One more here, so one fewer may be in any column that nobody pays for.
            for other in (0..self.market.columns.len()).map(index) {
                if self.market.price(other) == 0
                    && let Some(end) = self.push_out_of(other, Way::Elsewhere { row, column: at }, fixed, goal, stack)
                {
                    return Some(end);
                }
            }
        }
        self.push_out_of(at, Way::Column, fixed, goal, stack)
    }

    /// Whoever may leave the column.
    fn push_out_of(&mut self, at: u32, way: Way, fixed: u32, goal: Goal, stack: &mut Vec<(u32, usize)>) -> Option<End> {
        for place in 0..self.market.column(at)?.holders.len() {
            let holder = self.market.column(at)?.holders.get(place).copied()?;
            if self.market.row(holder)?.gate == 0
                && let Some(end) = self.push_out(holder, way, fixed, goal, stack)
            {
                return Some(end);
            }
        }
        None
    }

    fn push_out(&mut self, row: u32, way: Way, fixed: u32, goal: Goal, stack: &mut Vec<(u32, usize)>) -> Option<End> {
        let seen = self.rows.get_mut(size(row))?;
        let looks_for_place = matches!(goal, Goal::Place);
        if seen.is_some() || (row <= fixed && !looks_for_place) {
            return None;
        }
        *seen = Some(way);
        self.seen.0.push(row);
        if looks_for_place && row > fixed && self.market.row(row)?.value == 0 {
            return Some(End::Alone(row));
        }
        // Straight to the place that was left, if this row can have it.
        if let Goal::Refill { column, .. } = goal
            && self.open(row).binary_search(&column).is_ok()
            && let Some(end) = self.visit(row, column, fixed, goal, stack)
        {
            return Some(end);
        }
        stack.push((row, 0));
        None
    }

    fn follow(&mut self, end: End) {
        let rows = &self.rows;
        self.market.follow(end, |row| rows.get(size(row)).copied().flatten().unwrap_or(Way::Start));
    }

    fn forget(&mut self) {
        self.spared = false;
        for row in self.seen.0.drain(..) {
            if let Some(way) = self.rows.get_mut(size(row)) {
                *way = None;
            }
        }
        for column in self.seen.1.drain(..) {
            if let Some(seen) = self.columns.get_mut(size(column)) {
                *seen = false;
            }
        }
    }
}

/// The columns that are without slack for the row.
fn without_slack(market: &Market<'_>, at: u32, into: &mut Vec<u32>) {
    let Some(row) = market.row(at) else { return };
    let mut look = |pair: Pair| {
        let slack = row.value + market.price(pair.column) - pair.score;
        let gate = if slack <= 0 && row.family != NONE { market.gate(at, pair.column) } else { 0 };
        if slack + gate == 0 {
            into.push(pair.column);
        }
    };
    // What scores less than the row's value has slack whatever it costs.
    if market.is_ranked_to(at, row.value) {
        market.ranked(at).iter().take_while(|pair| pair.score >= row.value).for_each(|pair| look(*pair));
    } else {
        market.pairs_of(at).for_each(look);
    }
}
