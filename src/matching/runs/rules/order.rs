//! Rows and columns of the assignment, and what a coordinator insists on as places in them.

use std::collections::{BTreeSet, HashMap};

use super::standing;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, FieldError, Problem, Result, invalid};
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::Flaw;
use crate::matching::ranking::{Ask, Field, Standing};
use crate::matching::runs::model::{Pair, Snapshot, Terms};

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

    /// The family of a row.
    pub(super) fn family(&self, field: &Field, row: usize) -> Option<PersonId> {
        self.asks.get(row).and_then(|at| field.asks.get(*at)).map(|ask| ask.family)
    }

    /// Whether every match that the mentor of a group has with a row's family is of a course that the wish names.
    pub(super) fn are_named(&self, field: &Field, row: usize, group: &Group, wish: &[CourseId]) -> bool {
        let member = group.column.and_then(|column| self.candidates.get(column)).and_then(|at| field.candidates.get(*at));
        let (Some(member), Some(family)) = (member, self.family(field, row)) else { return false };
        let mut theirs = field.live.iter().filter(|(_, live)| live.staff == member.staff && live.family == family);
        theirs.all(|(course, _)| wish.contains(course))
    }

    /// Rows and columns of pairs that were told.
    pub(super) fn pairs(&self, pairs: &[Pair], pointer: &str) -> Result<Vec<(usize, usize)>> {
        let find = |(at, pair): (usize, &Pair)| {
            let row = self.rows.get(&pair.course_id).ok_or_else(|| not_waiting(format!("{pointer}/{at}/course_id")))?;
            let column = self.staff.get(&pair.staff_id).ok_or_else(|| Flaw::UnknownStaff.refused(format!("{pointer}/{at}/staff_id")))?;
            Ok((*row, *column))
        };
        pairs.iter().enumerate().map(find).collect()
    }

    /// Rows that are to have the same, each wish a group. A sibling whose match runs says whom; so does a pin.
    pub(super) fn groups(&self, field: &Field, wishes: &[Vec<CourseId>], pins: &[(usize, usize)]) -> Result<Vec<Group>> {
        let mut groups: Vec<Group> = Vec::new();
        for (wish, courses) in wishes.iter().enumerate() {
            let (mut rows, mut kinds, mut columns) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
            for (at, course) in courses.iter().enumerate() {
                let pointer = format!("/same_mentor/{wish}/{at}");
                let asked = self.rows.get(course).and_then(|row| Some((*row, field.asks.get(*self.asks.get(*row)?)?)));
                let running = field.running.get(course).and_then(|running| Some((running, *self.staff.get(&running.staff)?)));
                match (asked, running) {
                    (Some((row, ask)), _) => {
                        check_free(ask, &pointer)?;
                        kinds.insert((ask.family, ask.track.code()));
                        rows.push(row);
                    }
                    (None, Some((running, column))) => {
                        kinds.insert((running.family, running.track.code()));
                        columns.insert(column);
                    }
                    (None, None) => return Err(not_waiting(pointer)),
                }
            }
            if kinds.len() > 1 {
                return Err(Flaw::NotSiblings.refused(of_wish(wish)));
            }
            rows.sort_unstable();
            if rows.is_empty() || courses.iter().collect::<BTreeSet<_>>().len() < courses.len().max(2) {
                return Err(invalid(of_wish(wish), Flaw::TooFew, "Angiv mindst to forskellige", "Give at least two different ones"));
            }
            if groups.iter().flat_map(|group| &group.rows).any(|row| rows.contains(row)) {
                return Err(invalid(of_wish(wish), Flaw::Repeated, "Forløbet står i flere ønsker", "The course is in several wishes"));
            }
            let runs = !columns.is_empty();
            let pinned: Vec<usize> = pins.iter().filter(|(row, _)| rows.contains(row)).map(|(_, column)| *column).collect();
            columns.extend(&pinned);
            if columns.len() > 1 {
                return Err(Flaw::CannotAllHold.refused(of_wish(wish)));
            }
            groups.push(Group { rows, column: columns.first().copied(), runs, is_pinned: !pinned.is_empty() });
        }
        Ok(groups)
    }
}

/// Rows that are to have the same, or nobody.
pub(super) struct Group {
    pub(super) rows: Vec<usize>,
    /// Whom, where that is said already.
    pub(super) column: Option<usize>,
    /// A sibling's match with them runs.
    pub(super) runs: bool,
    /// A pin says so: then all of them have it, whatever it costs the others.
    pub(super) is_pinned: bool,
}

/// What a coordinator insists on, by rows and columns.
pub(super) struct Insisted {
    /// With those that follow from a group.
    pub(super) pins: BTreeSet<(usize, usize)>,
    /// With those that follow from a group.
    pub(super) forbidden: BTreeSet<(usize, usize)>,
    pub(super) groups: Vec<Group>,
}

impl Insisted {
    /// A pin in a group pins the group, and keeps its column from the rest of the family.
    pub(super) fn of(field: &Field, order: &Order, terms: &Terms) -> Result<Self> {
        let told = order.pairs(&terms.pins, "/pins")?;
        let mut forbidden: BTreeSet<_> = order.pairs(&terms.forbidden, "/forbidden")?.into_iter().collect();
        let groups = order.groups(field, &terms.same_mentor, &told)?;
        let mut pins: BTreeSet<_> = told.into_iter().collect();
        for (group, column) in groups.iter().filter_map(|group| Some((group, group.column.filter(|_| group.is_pinned)?))) {
            pins.extend(group.rows.iter().map(|row| (*row, column)));
            let family = group.rows.first().and_then(|row| order.family(field, *row));
            let others = (0..order.asks.len()).filter(|row| !group.rows.contains(row) && order.family(field, *row) == family);
            forbidden.extend(others.map(|row| (row, column)));
        }
        Ok(Self { pins, forbidden, groups })
    }

    /// The group of a row.
    pub(super) fn group(&self, row: usize) -> Option<&Group> {
        self.groups.iter().find(|group| group.rows.contains(&row))
    }

    /// Whether nobody insists that a row has another column.
    pub(super) fn allows(&self, row: usize, column: usize) -> bool {
        let other = self.group(row).and_then(|group| group.column).is_some_and(|only| only != column);
        !other && !self.forbidden.contains(&(row, column))
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
    Flaw::NotWaiting.refused(pointer)
}

fn of_wish(wish: usize) -> String {
    format!("/same_mentor/{wish}")
}

/// The pins that cannot all be kept, as far as they can be told: more than a member of staff has places, two for one course, two of one
/// family with the same, or one that is forbidden, too; else all of them.
pub(super) fn crowded(field: &Field, order: &Order, terms: &Terms, insisted: &Insisted, rooms: &[u32]) -> Result<Error> {
    let pins = order.pairs(&terms.pins, "/pins")?;
    let family = |row: usize| order.family(field, row);
    let is_crowded = |(at, (row, column)): &(usize, &(usize, usize))| {
        let others = || pins.iter().enumerate().filter(|(other, _)| other != at).map(|(_, pin)| pin);
        let alike = others().filter(|(_, of)| of == column).count();
        !insisted.allows(*row, *column)
            || u32::try_from(alike).unwrap_or(u32::MAX) >= rooms.get(*column).copied().unwrap_or(0)
            || others().any(|(of, with)| of == row || with == column && family(*of) == family(*row))
    };
    let crowded = pins.iter().enumerate().filter(is_crowded);
    let mut problem = Problem::new(Code::Invalid);
    for (at, _) in crowded {
        problem = problem.wrong(Flaw::CannotAllHold.at(format!("/pins/{at}")));
    }
    if problem.errors.is_empty() {
        problem = problem.wrong(Flaw::CannotAllHold.at("/pins"));
    }
    Ok(problem.into())
}

/// A pin breaks no limit: each that it would break is named, at the pin, or at the wish that makes it one.
pub(super) fn check_pins(snapshot: &Snapshot, order: &Order, terms: &Terms, insisted: &Insisted) -> Result<()> {
    let mut problem = Problem::new(Code::Invalid);
    let mut check = |pointer: String, row: usize, column: usize| {
        let places = order.asks.get(row).copied().zip(order.candidates.get(column).copied());
        if let Some(Standing::Excluded(exclusions)) = places.and_then(|(ask, candidate)| standing(snapshot, ask, candidate)) {
            let named = exclusions.iter().map(|exclusion| FieldError {
                pointer: pointer.clone(),
                code: exclusion.code(),
                words: exclusion.words(),
            });
            problem.errors.extend(named);
        }
    };
    let told = order.pairs(&terms.pins, "/pins")?;
    for (at, (row, column)) in told.iter().enumerate() {
        if let Some(ask) = order.asks.get(*row).and_then(|at| snapshot.field.asks.get(*at)) {
            check_free(ask, &format!("/pins/{at}/course_id"))?;
        }
        check(format!("/pins/{at}/staff_id"), *row, *column);
    }
    for (wish, group) in insisted.groups.iter().enumerate().filter(|(_, group)| group.is_pinned) {
        for (row, column) in group.rows.iter().zip(group.column.iter().cycle()) {
            if !told.contains(&(*row, *column)) {
                check(format!("/same_mentor/{wish}"), *row, *column);
            }
        }
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}
