//! The rows of the assignment: whom each may have, with the points.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::order::{Insisted, Order};
use super::{bonus, claim};
use crate::base::assignment::{Refusal, Task};
use crate::base::ids::PersonId;
use crate::base::parallel;
use crate::matching::ranking::rules as ranking;
use crate::matching::runs::model::Snapshot;

/// Rows scored at a time: enough for all threads, few enough that their pairs are not held twice.
const AT_ONCE: usize = 512;

/// What the assignment found, and the hash of what it found it from.
pub(super) struct Assigned {
    pub(super) columns: Vec<Option<usize>>,
    pub(super) total: i64,
    pub(super) facts_hash: [u8; 32],
}

/// How many have somebody.
pub(super) fn count(found: &Assigned) -> usize {
    found.columns.iter().flatten().count()
}

/// What each row may have, with its points and its family; and the hash of it. A row for which something must come first has nothing.
pub(super) struct Rows {
    task: Task,
    hash: Sha256,
}

impl Rows {
    pub(super) fn of(snapshot: &Snapshot, order: &Order, insisted: &Insisted) -> Result<Self, Refusal> {
        let field = &snapshot.field;
        let (mut hash, mut task) = (Sha256::new(), Task::new(&vec![0; order.candidates.len()])?);
        for at in &order.candidates {
            hash.update(field.candidates.get(*at).map(|candidate| candidate.staff.uuid()).unwrap_or_default());
        }
        let mut families: HashMap<PersonId, u32> = HashMap::new();
        for (begin, some) in (0..).step_by(AT_ONCE).zip(order.asks.chunks(AT_ONCE)) {
            let scored = parallel::map(some.len(), |place| allowed_pairs(snapshot, order, insisted, begin + place));
            for ((row, at), pairs) in (begin..).zip(some).zip(scored) {
                let Some(ask) = field.asks.get(*at) else { continue };
                hash.update(ask.course.uuid());
                hash.update(ask.waiting_since.to_string());
                for (column, points) in &pairs {
                    hash.update(column.to_le_bytes());
                    hash.update(points.to_le_bytes());
                }
                let next = u32::try_from(families.len()).unwrap_or(u32::MAX);
                let family = *families.entry(ask.family).or_insert(next);
                // Those of a pinned group share a column; the rest of the family is kept from it.
                let is_pinned = insisted.group(row).is_some_and(|group| group.is_pinned);
                task.row(pairs, (!is_pinned).then_some(family))?;
            }
        }
        insisted.pins.iter().try_for_each(|(row, column)| task.pin(*row, *column))?;
        for group in insisted.groups.iter().filter(|group| !group.is_pinned && group.rows.len() > 1) {
            task.together(&group.rows)?;
        }
        Ok(Self { task: task.most_first(), hash })
    }

    /// The best columns for the rows, with so many places in each column.
    pub(super) fn assign(&mut self, rooms: &[u32]) -> Result<Assigned, Refusal> {
        self.task.set_capacities(rooms)?;
        let best = self.task.solve()?;
        let mut hash = self.hash.clone();
        rooms.iter().for_each(|room| hash.update(room.to_le_bytes()));
        Ok(Assigned { columns: best.columns, total: best.total, facts_hash: hash.finalize().into() })
    }
}

/// The columns that a row may have, each with its points.
fn allowed_pairs(snapshot: &Snapshot, order: &Order, insisted: &Insisted, row: usize) -> Vec<(usize, i64)> {
    let Some(at) = order.asks.get(row).copied() else { return Vec::new() };
    if snapshot.field.asks.get(at).is_none_or(|ask| !ask.hurdles.is_empty()) {
        return Vec::new();
    }
    let claim = claim(snapshot, at);
    let mut pairs = Vec::new();
    for (candidate, score) in ranking::score_all(&snapshot.field, at, &snapshot.settings).into_iter().enumerate() {
        let (Some(score), Some(column)) = (score, order.columns.get(candidate)) else { continue };
        if insisted.allows(row, *column) {
            pairs.push((*column, score.saturating_add(claim).saturating_add(bonus(snapshot, at, candidate))));
        }
    }
    pairs.sort_unstable();
    pairs
}
