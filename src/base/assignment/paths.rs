//! The middle: places one row after the other along the cheapest way, and moves the prices so that all stays best for everyone.

use super::market::{End, FAR, Market, NONE, Way, index, size};

#[derive(Clone, Copy, Debug)]
struct Reached {
    distance: i64,
    way: Way,
}

/// What a search needs, kept from one to the next.
pub(super) struct Paths<'m, 't> {
    market: &'m mut Market<'t>,
    /// How each row was reached.
    reached: Vec<Reached>,
    /// Rows and columns that have a distance.
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// Of these, what may not have been looked at yet.
    row_front: Vec<u32>,
    column_front: Vec<u32>,
    /// What is to be looked at now: all of one distance.
    row_stack: Vec<u32>,
    column_stack: Vec<u32>,
    now: i64,
    /// The best end so far, and its distance.
    end: End,
    bound: i64,
}

impl<'m, 't> Paths<'m, 't> {
    pub fn new(market: &'m mut Market<'t>) -> Self {
        let reached = vec![Reached { distance: FAR, way: Way::Start }; market.rows.len()];
        Self {
            market,
            reached,
            rows: Vec::new(),
            columns: Vec::new(),
            row_front: Vec::new(),
            column_front: Vec::new(),
            row_stack: Vec::new(),
            column_stack: Vec::new(),
            now: 0,
            end: End::Alone(NONE),
            bound: FAR,
        }
    }

    /// Places rows that have no column. Those with the most to gain come first: who comes later then seldom drives them out.
    pub fn place_all(mut self) {
        let mut rows: Vec<u32> = (0..self.market.rows.len()).map(index).collect();
        rows.sort_by_cached_key(|row| std::cmp::Reverse(self.market.best_score(*row)));
        rows.into_iter().for_each(|row| self.place(row));
    }

    /// Places a row, or finds that the total is greatest with it, or another one, left alone.
    fn place(&mut self, row: u32) {
        let value = self.market.best_gain(row);
        if let Some(mine) = self.market.rows.get_mut(size(row)) {
            mine.value = value;
        }
        // Nothing to gain: alone is as good as anything.
        if value == 0 {
            return;
        }
        // Nobody to drive out of a column that scores as much as any: a place left costs nothing.
        let mut best = self.market.ranked(row).iter().take_while(|pair| pair.score >= value);
        if let Some(pair) = best.find(|pair| pair.score == value && self.market.has_room_for(row, pair.column)) {
            return self.market.enter(row, pair.column, 0);
        }
        self.search(row);
        self.reprice();
        let reached = &self.reached;
        let way = |row: u32| reached.get(size(row)).map_or(Way::Start, |reached| reached.way);
        self.market.follow(self.end, way);
        self.forget();
    }

    fn search(&mut self, start: u32) {
        (self.bound, self.now) = (FAR, 0);
        self.reach(start, 0, Way::Start);
        loop {
            if let Some(row) = self.row_stack.pop() {
                self.look_around(row);
            } else if let Some(column) = self.column_stack.pop() {
                self.look_back(column);
            } else {
                self.now = self.nearest();
            }
            if self.now >= self.bound {
                return;
            }
        }
    }

    /// The least distance beyond now, with all that lies there on the stacks.
    fn nearest(&mut self) -> i64 {
        let (now, market, reached) = (self.now, &*self.market, &self.reached);
        let column_at = |at: u32| market.spots.get(size(at)).map_or(FAR, |spot| spot.distance);
        let row_at = |at: u32| reached.get(size(at)).map_or(FAR, |reached| reached.distance);
        let least = draw(&mut self.column_front, &mut self.column_stack, now, self.bound, column_at);
        let least_row = draw(&mut self.row_front, &mut self.row_stack, now, least.min(self.bound), row_at);
        if least_row < least {
            self.column_stack.clear();
        }
        least_row.min(least)
    }

    fn reach(&mut self, row: u32, distance: i64, way: Way) {
        let Some(reached) = self.reached.get_mut(size(row)) else { return };
        if distance >= reached.distance {
            return;
        }
        let is_new = reached.distance == FAR;
        *reached = Reached { distance, way };
        if is_new {
            self.rows.push(row);
        }
        if distance == self.now {
            self.row_stack.push(row);
        } else if is_new {
            self.row_front.push(row);
        }
    }

    /// From a column to the rows that have it.
    fn look_back(&mut self, at: u32) {
        let count = self.market.column(at).map_or(0, |column| column.holders.len());
        for place in 0..count {
            let holder = self.market.column(at).and_then(|column| column.holders.get(place)).copied().unwrap_or(NONE);
            let further = self.now + self.market.row(holder).map_or(0, |row| row.gate);
            if further < self.bound {
                self.reach(holder, further, Way::Column);
            }
        }
    }

    /// From a row to the columns that it may have, and to being alone.
    fn look_around(&mut self, at: u32) {
        let Some(row) = self.market.row(at) else { return };
        let reach = self.now + row.value;
        if reach < self.bound {
            self.bound = reach;
            self.end = End::Alone(at);
        }
        let mut from = 0;
        loop {
            let to = self.market.ranked(at).len();
            while from < to {
                let (pairs, spots) = self.market.read(at);
                let ahead = pairs.get(from..to).unwrap_or_default();
                // The one place where all the time goes.
                let found = ahead.iter().position(|pair| {
                    let least = reach - pair.score;
                    least >= self.bound
                        || spots.get(size(pair.column)).is_some_and(|spot| {
                            let further = least + spot.price;
                            further < spot.distance && further < self.bound
                        })
                });
                let Some(pair) = found.and_then(|place| ahead.get(place)).copied() else { break };
                if reach - pair.score >= self.bound {
                    return;
                }
                from += found.map_or(0, |place| place + 1);
                self.approach(at, pair.column, reach - pair.score);
            }
            from = to;
            if !self.market.rank_more(at) {
                return;
            }
        }
    }

    /// A row comes nearer to a column than any before it.
    fn approach(&mut self, at: u32, to: u32, least: i64) {
        let Some((own, family)) = self.market.row(at).map(|row| (row.column, row.family)) else { return };
        if own == to {
            return;
        }
        let further = least + self.market.price(to);
        if family != NONE {
            let siblings: Vec<u32> = self.market.siblings(at, to).collect();
            for sibling in &siblings {
                let further = further + self.market.row(*sibling).map_or(0, |sibling| sibling.gate);
                if further < self.bound {
                    self.reach(*sibling, further, Way::Gate(at));
                }
            }
            if !siblings.is_empty() {
                return;
            }
        }
        let Some(spot) = self.market.spots.get_mut(size(to)) else { return };
        let is_new = std::mem::replace(&mut spot.distance, further) == FAR;
        if is_new {
            self.columns.push(to);
        }
        let Some(column) = self.market.columns.get_mut(size(to)) else { return };
        column.from = at;
        if column.has_room() {
            self.bound = further;
            self.end = End::Room { row: at, column: to, gate: 0 };
        } else if further == self.now {
            self.column_stack.push(to);
        } else if is_new {
            self.column_front.push(to);
        }
    }

    /// What is nearer than the end gives way: columns become dearer, rows and gates follow.
    fn reprice(&mut self) {
        let bound = self.bound;
        let nearer = |distance: i64| bound.saturating_sub(distance).max(0);
        for &at in &self.columns {
            let Some(spot) = self.market.spots.get_mut(size(at)) else { continue };
            let rise = nearer(spot.distance);
            spot.price += rise;
            let holders = self.market.columns.get(size(at)).filter(|_| rise > 0).map(|column| &column.holders);
            for &holder in holders.into_iter().flatten() {
                if let Some(row) = self.market.rows.get_mut(size(holder)).filter(|row| row.family != NONE) {
                    row.gate -= rise;
                }
            }
        }
        for &at in &self.rows {
            let rise = self.reached.get(size(at)).map_or(0, |reached| nearer(reached.distance));
            let Some(row) = self.market.rows.get_mut(size(at)) else { continue };
            row.value -= rise;
            if row.family != NONE && row.column != NONE {
                row.gate += rise;
            }
        }
    }

    fn forget(&mut self) {
        for column in self.columns.drain(..) {
            if let Some(spot) = self.market.spots.get_mut(size(column)) {
                spot.distance = FAR;
            }
        }
        for row in self.rows.drain(..) {
            if let Some(reached) = self.reached.get_mut(size(row)) {
                reached.distance = FAR;
            }
        }
        for list in [&mut self.row_front, &mut self.column_front, &mut self.row_stack, &mut self.column_stack] {
            list.clear();
        }
    }
}

/// Draws what lies nearest beyond now, if it is no further than the bound; forgets what lies before.
fn draw(front: &mut Vec<u32>, stack: &mut Vec<u32>, now: i64, bound: i64, distance: impl Fn(u32) -> i64) -> i64 {
    let mut least = FAR;
    let mut at = 0;
    while let Some(node) = front.get(at).copied() {
        let here = distance(node);
        if here <= now {
            front.swap_remove(at);
            continue;
        }
        at += 1;
        if here < least {
            least = here;
            stack.clear();
        }
        if here == least && here <= bound {
            stack.push(node);
        }
    }
    least
}
