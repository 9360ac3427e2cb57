//! Rows and columns of the assignment, and what a coordinator insists on as places in them.

use std::collections::{BTreeSet, HashMap};

use super::standing;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, FieldError, Problem, Result, invalid};
use crate::base::ids::{CourseId, StaffId};
use crate::matching::ranking::{Ask, Field, Standing};
use crate::matching::runs::model::{Pair, Snapshot};

/// Rows and columns of the assignment: whoever waits longest first, then by id; the staff by id. So the order they were read in means
/// nothing.
pub(super) struct Order {
    /// The ask of each row.
    pub(super) asks: Vec<usize>,
    /// The candidate of each column.
    pub(super) candidates: Vec<usize>,
    /// The column of each candidate.
    pub(super) columns: Vec<usize>,
    rows: HashMap<CourseId, usize>,
    staff: HashMap<StaffId, usize>,
}

impl Order {
    pub(super) fn of(field: &Field) -> Self {
        let mut asks: Vec<usize> = (0..field.asks.len()).collect();
        asks.sort_by_key(|at| field.asks.get(*at).map(|ask| (ask.waiting_since, ask.course)));
        let mut candidates: Vec<usize> = (0..field.candidates.len()).collect();
        candidates.sort_by_key(|at| field.candidates.get(*at).map(|candidate| candidate.staff));
        let mut columns = vec![0; candidates.len()];
        for (column, at) in candidates.iter().enumerate() {
            if let Some(place) = columns.get_mut(*at) {
                *place = column;
            }
        }
        let course = |(row, at): (usize, &usize)| field.asks.get(*at).map(|ask| (ask.course, row));
        let rows = asks.iter().enumerate().filter_map(course).collect();
        let member = |(column, at): (usize, &usize)| field.candidates.get(*at).map(|candidate| (candidate.staff, column));
        let staff = candidates.iter().enumerate().filter_map(member).collect();
        Self { asks, candidates, columns, rows, staff }
    }

    /// Rows and columns of pairs that were told.
    pub(super) fn pairs(&self, pairs: &[Pair], pointer: &str) -> Result<Vec<(usize, usize)>> {
        let find = |(at, pair): (usize, &Pair)| {
            let row = self.rows.get(&pair.course_id).ok_or_else(|| not_waiting(format!("{pointer}/{at}/course_id")))?;
            let column = self.staff.get(&pair.staff_id).ok_or_else(|| {
                invalid(
                    format!("{pointer}/{at}/staff_id"),
                    "unknown_staff",
                    "Medarbejderen findes ikke",
                    "There is no such member of staff",
                )
            })?;
            Ok((*row, *column))
        };
        pairs.iter().enumerate().map(find).collect()
    }

    /// Rows that are to have the same.
    pub(super) fn together(&self, field: &Field, wishes: &[Vec<CourseId>]) -> Result<Vec<Vec<usize>>> {
        let mut groups = Vec::new();
        for (wish, courses) in wishes.iter().enumerate() {
            let mut rows = Vec::new();
            let mut kinds = BTreeSet::new();
            for (at, course) in courses.iter().enumerate() {
                let pointer = format!("/same_mentor/{wish}/{at}");
                let row = *self.rows.get(course).ok_or_else(|| not_waiting(pointer.clone()))?;
                if let Some(ask) = self.asks.get(row).and_then(|at| field.asks.get(*at)) {
                    check_free(ask, &pointer)?;
                    kinds.insert((ask.family, ask.track.code()));
                }
                rows.push(row);
            }
            if kinds.len() > 1 {
                return Err(same_mentor(wish, "not_siblings", "Ikke samme familie og spor", "Not of one family and track"));
            }
            rows.sort_unstable();
            if rows.len() < 2 || rows.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
                return Err(same_mentor(wish, "too_few", "Angiv mindst to forskellige", "Give at least two different ones"));
            }
            groups.push(rows);
        }
        Ok(groups)
    }
}

/// Refuses to insist on something for somebody for whom something else must come first: each of it is named.
fn check_free(ask: &Ask, pointer: &str) -> Result<()> {
    let mut problem = Problem::new(Code::Invalid);
    for hurdle in ask.hurdles.iter() {
        problem.errors.push(FieldError { pointer: pointer.to_owned(), code: hurdle.code(), words: hurdle.words() });
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

fn not_waiting(pointer: String) -> Error {
    invalid(pointer, "not_waiting", "Forløbet venter ikke på et match", "The course does not wait for a match")
}

pub(super) fn same_mentor(wish: usize, code: &'static str, da: &'static str, en: &'static str) -> Error {
    invalid(format!("/same_mentor/{wish}"), code, da, en)
}

/// The pins that cannot all be kept, as far as they can be told: more than a member of staff has places, two for one course, or two of one
/// family with the same; else all of them.
pub(super) fn crowded(field: &Field, order: &Order, pins: &[(usize, usize)], rooms: &[u32]) -> Error {
    let family = |row: usize| order.asks.get(row).and_then(|at| field.asks.get(*at)).map(|ask| ask.family);
    let is_crowded = |(at, (row, column)): &(usize, &(usize, usize))| {
        let others = || pins.iter().enumerate().filter(|(other, _)| other != at).map(|(_, pin)| pin);
        let alike = others().filter(|(_, of)| of == column).count();
        u32::try_from(alike).unwrap_or(u32::MAX) >= rooms.get(*column).copied().unwrap_or(0)
            || others().any(|(of, with)| of == row || with == column && family(*of) == family(*row))
    };
    let words = ("De kan ikke alle holdes", "They cannot all be kept");
    let crowded = pins.iter().enumerate().filter(is_crowded);
    let mut problem = Problem::new(Code::Invalid);
    for (at, _) in crowded {
        problem = problem.field(format!("/pins/{at}"), "cannot_all_hold", words.0, words.1);
    }
    if problem.errors.is_empty() {
        problem = problem.field("/pins", "cannot_all_hold", words.0, words.1);
    }
    problem.into()
}

/// A pin breaks no limit: each that it would break is named.
pub(super) fn check_pins(snapshot: &Snapshot, order: &Order, pins: &[(usize, usize)]) -> Result<()> {
    let mut problem = Problem::new(Code::Invalid);
    for (at, (row, column)) in pins.iter().enumerate() {
        if let Some(ask) = order.asks.get(*row).and_then(|at| snapshot.field.asks.get(*at)) {
            check_free(ask, &format!("/pins/{at}/course_id"))?;
        }
        let places = order.asks.get(*row).copied().zip(order.candidates.get(*column).copied());
        if let Some(Standing::Excluded(exclusions)) = places.and_then(|(ask, candidate)| standing(snapshot, ask, candidate)) {
            let named = exclusions.iter().map(|exclusion| FieldError {
                pointer: format!("/pins/{at}/staff_id"),
                code: exclusion.code(),
                words: exclusion.words(),
            });
            problem.errors.extend(named);
        }
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}
