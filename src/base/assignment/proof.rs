//! Why a set is the best: prices that no set can beat, and that this one pays to the last.
//!
//! Whatever set there is: what a pair scores is at most its row's value and the prices of its column and gate. A row, a place of a
//! column and a gate count once each, so no set scores more than all of them together. This one scores exactly that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Best, Task};

/// Values and prices (the dual solution).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// What each row gains beyond prices; 0 for rows that are pinned or together.
    pub values: Vec<i64>,
    /// What one more place in each column would add to the total at most; with [`Task::most_first`] counted with the benefit.
    pub prices: Vec<i64>,
    /// What a second row of the family in the column would add at most: (family, column) to price, where it is not 0.
    pub gates: BTreeMap<(u32, usize), i64>,
    /// What every pair counts beside its score.
    pub benefit: i64,
    /// Rows that are not part of the proof: they are pinned, or together where the search put them.
    pub settled: BTreeSet<usize>,
}

/// What a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A pair that may not be, a column too full, a family in one column, a group apart, or a pin not kept.
    Broken,
    /// Another total than that of the pairs.
    Total,
    /// A value or price below 0, or a pair that scores more than they say.
    Prices,
    /// Prices say that more might be had.
    Gap,
}

impl Proof {
    /// Checks everything anew: that the set keeps what the task insists on, and that none is better.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, task: &Task, best: &Best) -> Result<(), Fault> {
        let loads = kept(task, best).ok_or(Fault::Broken)?;
        let mut total = 0_i128;
        let mut paid = 0_i128;
        let mut held_by_settled = BTreeSet::new();
        let mut settled_loads = vec![0_u32; loads.len()];
        for (row, column) in best.columns.iter().enumerate() {
            let Some(column) = *column else { continue };
            let score = task.score(row, column).ok_or(Fault::Broken)?;
            total += i128::from(score);
            if self.settled.contains(&row) {
                held_by_settled.insert((task.families.get(row).copied().flatten(), column));
                *settled_loads.get_mut(column).ok_or(Fault::Broken)? += 1;
            } else {
                paid += i128::from(score) + i128::from(self.benefit);
            }
        }
        if total != i128::from(best.total) {
            return Err(Fault::Total);
        }
        let mut most = self.gates.values().copied().map(i128::from).sum::<i128>();
        for row in 0..task.rows() {
            if self.settled.contains(&row) {
                continue;
            }
            let value = self.values.get(row).copied().ok_or(Fault::Prices)?;
            let family = task.families.get(row).copied().flatten();
            most += i128::from(value);
            let covered = task.pairs_of(row).iter().all(|pair| {
                let Ok(column) = usize::try_from(pair.column) else { return false };
                let full = settled_loads.get(column) >= task.capacities.get(column);
                let gate = family.and_then(|family| self.gates.get(&(family, column))).copied().unwrap_or(0);
                let price = self.prices.get(column).copied().unwrap_or(0);
                full || family.is_some() && held_by_settled.contains(&(family, column))
                    || i128::from(value) + i128::from(price) + i128::from(gate) >= i128::from(pair.score) + i128::from(self.benefit)
            });
            if value < 0 || !covered {
                return Err(Fault::Prices);
            }
        }
        for ((price, capacity), settled) in self.prices.iter().zip(&task.capacities).zip(&settled_loads) {
            most += i128::from(*price) * i128::from(capacity - settled);
        }
        if self.prices.iter().chain(self.gates.values()).any(|price| *price < 0) {
            return Err(Fault::Prices);
        }
        if most == paid { Ok(()) } else { Err(Fault::Gap) }
    }
}

/// How full each column is, if the set keeps all that the task insists on.
fn kept(task: &Task, best: &Best) -> Option<Vec<u32>> {
    let mut loads = vec![0_u32; task.capacities.len()];
    let mut gates: BTreeMap<(u32, usize), usize> = BTreeMap::new();
    let group = |row: usize| task.together.iter().position(|group| group.contains(&row));
    for (row, column) in best.columns.iter().enumerate() {
        let Some(column) = *column else { continue };
        task.score(row, column)?;
        *loads.get_mut(column)? += 1;
        if let Some(family) = task.families.get(row).copied().flatten() {
            let first = *gates.entry((family, column)).or_insert(row);
            if first != row && (group(row).is_none() || group(row) != group(first)) {
                return None;
            }
        }
    }
    let of = |row: &usize| best.columns.get(*row).copied().flatten();
    let sound = best.columns.len() == task.rows()
        && loads.iter().zip(&task.capacities).all(|(load, capacity)| load <= capacity)
        && task.pins.iter().all(|(row, column)| of(row) == Some(*column))
        && task.together.iter().all(|group| group.windows(2).all(|two| matches!(two, [one, other] if of(one) == of(other))));
    sound.then_some(loads)
}
