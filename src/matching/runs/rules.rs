//! From what waits and who is there to the best set: limits forbid, points are added up, the assignment decides.
//!
//! **What the best is.** As many people as can be have somebody; among the sets with as many, the sum of the points is greatest. Points
//! are the score of the ranking, a claim that grows with each whole day waited, and a bonus for a pair of the last adopted run. Ties go
//! to whoever waits longer, then by id.

pub mod changes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::model::{Alone, Detail, Line, Newcomer, Pair, Placed, Set, Snapshot, Terms};
use crate::base::assignment::{Refusal, Task};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, FieldError, Problem, Result, invalid};
use crate::base::ids::{CaseId, CourseId, StaffId};
use crate::matching::ranking::{Between, Candidate, Exclusion, Field, Standing, rules as ranking};

/// Minutes of a week.
const WEEK_MIN: i32 = 7 * 24 * 60;

/// The best set of a snapshot under what a coordinator insists on.
///
/// # Errors
/// 422 naming the pin, forbidden pair or wish for the same mentor that cannot be kept.
pub fn solve(snapshot: &mut Snapshot, terms: &Terms) -> Result<Set> {
    let order = Order::of(&snapshot.field);
    let pins = order.pairs(&terms.pins, "/pins")?;
    let forbidden: BTreeSet<(usize, usize)> = order.pairs(&terms.forbidden, "/forbidden")?.into_iter().collect();
    let together = order.together(&mut snapshot.field, &terms.same_mentor)?;
    let field = &snapshot.field;
    check_pins(snapshot, &order, &pins)?;

    let rooms: Vec<u32> = order.candidates.iter().map(|at| field.candidates.get(*at).map_or(0, room)).collect();
    let mut hash = Sha256::new();
    for (at, room) in order.candidates.iter().zip(&rooms) {
        hash.update(field.candidates.get(*at).map(|candidate| candidate.staff.uuid()).unwrap_or_default());
        hash.update(room.to_le_bytes());
    }
    let mut families: HashMap<CaseId, u32> = HashMap::new();
    let refused = |refusal: Refusal| Error::internal(format!("the best set cannot be sought: {refusal}"));
    let mut task = Task::new(&rooms).map_err(refused)?;
    for (row, at) in order.asks.iter().enumerate() {
        let Some(ask) = field.asks.get(*at) else { continue };
        let claim = claim(snapshot, *at);
        hash.update(ask.course.uuid());
        hash.update(ask.waiting_since.to_string());
        let scores = ranking::score_all(field, *at, &snapshot.settings);
        let mut pairs = Vec::new();
        for (candidate, score) in scores.into_iter().enumerate() {
            let (Some(score), Some(column)) = (score, order.columns.get(candidate)) else { continue };
            if forbidden.contains(&(row, *column)) {
                continue;
            }
            let points = score.saturating_add(claim).saturating_add(bonus(snapshot, *at, candidate));
            pairs.push((*column, points));
        }
        pairs.sort_unstable();
        for (column, points) in &pairs {
            hash.update(column.to_le_bytes());
            hash.update(points.to_le_bytes());
        }
        let next = u32::try_from(families.len()).unwrap_or(u32::MAX);
        let family = *families.entry(ask.case).or_insert(next);
        task.row(pairs, Some(family)).map_err(refused)?;
    }
    pins.iter().try_for_each(|(row, column)| task.pin(*row, *column)).map_err(refused)?;
    for (wish, rows) in together.iter().enumerate() {
        task.together(rows)
            .map_err(|_| same_mentor(wish, "repeated", "Forløbet står i flere ønsker", "The course is in several wishes"))?;
    }
    let best = task.most_first().solve().map_err(|refusal| match refusal {
        Refusal::Pins => invalid("/pins", "cannot_all_hold", "De kan ikke alle holdes", "They cannot all be kept"),
        Refusal::Together => invalid("/same_mentor", "pinned", "Et forløb er også låst", "A course is pinned, too"),
        Refusal::Entangled => {
            invalid("/same_mentor", "entangled", "Ønskerne er for indviklede", "The wishes are too entangled to be proved best")
        }
        other => refused(other),
    })?;

    let mut set = Set { placed: Vec::new(), alone: Vec::new(), total: best.total, places: 0, facts_hash: hash.finalize().into() };
    set.places = rooms.iter().map(|room| i64::from(*room)).sum();
    let mut left = rooms;
    for column in best.columns.iter().flatten() {
        if let Some(left) = left.get_mut(*column) {
            *left = left.saturating_sub(1);
        }
    }
    let taken = changes::Taken { order: &order, left: &left, columns: &best.columns, forbidden: &forbidden };
    let asked: BTreeSet<usize> = together.into_iter().flatten().collect();
    for (row, (at, column)) in order.asks.iter().zip(&best.columns).enumerate() {
        let claim = claim(snapshot, *at);
        match column.and_then(|column| Some((column, *order.candidates.get(column)?))) {
            Some((column, candidate)) => set.placed.push(Placed {
                ask: *at,
                candidate,
                points: task_points(snapshot, *at, candidate),
                claim,
                bonus: bonus(snapshot, *at, candidate),
                is_pinned: pins.contains(&(row, column)),
                same_family: asked.contains(&row),
            }),
            None => set.alone.push(Alone { ask: *at, claim, why: changes::why(snapshot, &taken, row, *at) }),
        }
    }
    Ok(set)
}

/// Places that somebody has left.
fn room(candidate: &Candidate) -> u32 {
    u32::try_from(candidate.capacity.saturating_sub(candidate.matches)).unwrap_or(0)
}

/// Whole days since.
fn days(since: Instant, now: Instant) -> i64 {
    now.since(since).num_days().max(0)
}

/// What somebody's waiting counts.
fn claim(snapshot: &Snapshot, ask: usize) -> i64 {
    let waited = snapshot.field.asks.get(ask).map_or(0, |ask| days(ask.waiting_since, snapshot.now));
    waited.saturating_mul(i64::from(snapshot.settings.weights.waiting_day))
}

/// What it counts that the two were a pair of the last adopted run.
fn bonus(snapshot: &Snapshot, ask: usize, candidate: usize) -> i64 {
    let pair = snapshot.field.asks.get(ask).zip(snapshot.field.candidates.get(candidate));
    let stayed = pair.is_some_and(|(ask, candidate)| snapshot.last.contains(&Pair { course_id: ask.course, staff_id: candidate.staff }));
    if stayed { i64::from(snapshot.settings.weights.stability) } else { 0 }
}

/// What lies between a member of staff and the person of a course.
pub(super) fn between(field: &Field, ask: usize, candidate: usize) -> Between {
    let known = field.between.get(ask).map(Vec::as_slice).unwrap_or_default();
    let found = known.binary_search_by_key(&candidate, |(of, _)| *of).ok().and_then(|at| known.get(at));
    found.map_or_else(Between::default, |(_, between)| *between)
}

/// Where one member of staff stands for one course of a snapshot.
pub fn standing(snapshot: &Snapshot, ask: usize, candidate: usize) -> Option<Standing> {
    let between = between(&snapshot.field, ask, candidate);
    let (ask, candidate) = snapshot.field.asks.get(ask).zip(snapshot.field.candidates.get(candidate))?;
    Some(ranking::rank(candidate, ask, &between, &snapshot.settings))
}

fn task_points(snapshot: &Snapshot, ask: usize, candidate: usize) -> i64 {
    let score = match standing(snapshot, ask, candidate) {
        Some(Standing::Ranked(ranked)) => ranked.score,
        Some(Standing::Excluded(_)) | None => 0,
    };
    score.saturating_add(claim(snapshot, ask)).saturating_add(bonus(snapshot, ask, candidate))
}

/// Rows and columns of the assignment: whoever waits longest first, then by id; the staff by id. So the order they were read in means
/// nothing.
pub(super) struct Order {
    /// The ask of each row.
    asks: Vec<usize>,
    /// The candidate of each column.
    pub(super) candidates: Vec<usize>,
    /// The column of each candidate.
    pub(super) columns: Vec<usize>,
    rows: HashMap<CourseId, usize>,
    staff: HashMap<StaffId, usize>,
}

impl Order {
    fn of(field: &Field) -> Self {
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
    fn pairs(&self, pairs: &[Pair], pointer: &str) -> Result<Vec<(usize, usize)>> {
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

    /// Rows that are to have the same, whose limits then allow it.
    fn together(&self, field: &mut Field, wishes: &[Vec<CourseId>]) -> Result<Vec<Vec<usize>>> {
        let mut groups = Vec::new();
        for (wish, courses) in wishes.iter().enumerate() {
            let mut rows = Vec::new();
            let mut kinds = BTreeMap::new();
            for (at, course) in courses.iter().enumerate() {
                let row = *self.rows.get(course).ok_or_else(|| not_waiting(format!("/same_mentor/{wish}/{at}")))?;
                let ask = self.asks.get(row).and_then(|at| field.asks.get_mut(*at));
                if let Some(ask) = ask {
                    kinds.insert((ask.case, ask.track.code()), ());
                    ask.asked.same_family = true;
                }
                rows.push(row);
            }
            if kinds.len() > 1 {
                return Err(same_mentor(wish, "not_siblings", "Ikke samme sag og spor", "Not of one case and track"));
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

fn not_waiting(pointer: String) -> Error {
    invalid(pointer, "not_waiting", "Forløbet venter ikke på et match", "The course does not wait for a match")
}

fn same_mentor(wish: usize, code: &'static str, da: &'static str, en: &'static str) -> Error {
    invalid(format!("/same_mentor/{wish}"), code, da, en)
}

/// A pin breaks no limit: each that it would break is named.
fn check_pins(snapshot: &Snapshot, order: &Order, pins: &[(usize, usize)]) -> Result<()> {
    let mut problem = Problem::new(Code::Invalid);
    for (at, (row, column)) in pins.iter().enumerate() {
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

/// The snapshot as it would be without some of the staff, and with some more; gives back the ids that stand for the new ones.
///
/// # Errors
/// 422 for somebody unknown.
pub fn with(snapshot: &mut Snapshot, without: &[StaffId], newcomers: &[Newcomer]) -> Result<Vec<StaffId>> {
    for (at, staff) in without.iter().enumerate() {
        let on = snapshot.field.asks.first().map(|ask| ask.on);
        let found = snapshot.field.candidates.iter_mut().find(|candidate| candidate.staff == *staff).ok_or_else(|| {
            invalid(format!("/without_staff/{at}"), "unknown_staff", "Medarbejderen findes ikke", "There is no such member of staff")
        })?;
        found.left_on = on.or(Some(found.from_on));
    }
    let mut ids = Vec::new();
    for (number, newcomer) in (0_u32..).zip(newcomers) {
        // After every id there is, so that a tie goes to whoever is there.
        let staff = StaffId::from_uuid(uuid::Uuid::from_u128(u128::MAX - u128::from(u32::MAX) + u128::from(number)));
        let spot = newcomer.district.as_ref().map(|district| snapshot.settings.centre(district.as_str()));
        if spot == Some(None) {
            let pointer = format!("/new_staff/{number}/district");
            return Err(invalid(pointer, "unknown_district", "Bydelen kendes ikke", "The district is not known"));
        }
        let Some(on) = snapshot.field.asks.first().map(|ask| ask.on) else { break };
        snapshot.field.candidates.push(Candidate {
            staff,
            account: None,
            mentor: newcomer.mentor,
            parent_coach: newcomer.parent_coach,
            languages: newcomer.languages.clone(),
            certificates: newcomer.certificates.iter().map(|kind| (*kind, on, None)).collect(),
            leaves: Vec::new(),
            capacity: newcomer.capacity,
            matches: 0,
            from_on: on,
            left_on: None,
            loan_until_on: None,
            gender: newcomer.gender,
            // Nobody has asked them yet: whenever it suits.
            hours: Some(vec![(0, WEEK_MIN)]),
            spot: spot.flatten(),
            travel_limit_km: newcomer.travel_limit_km,
            traits: newcomer.traits,
        });
        ids.push(staff);
    }
    Ok(ids)
}

/// A line without how far it is; `None`: it says nothing of that.
pub fn without_distance(mut line: Line) -> Option<Line> {
    match line.detail {
        Detail::Ranked(kept) if kept.has_distance() => {
            let before = kept.score;
            let kept = kept.without_distance();
            line.points = line.points.saturating_sub(before).saturating_add(kept.score);
            line.detail = Detail::Ranked(kept);
            Some(line)
        }
        Detail::Ranked(_) => None,
        Detail::Alone(mut why) => {
            why.excluded.retain(|excluded| !matches!(excluded.exclusion, Exclusion::Travel | Exclusion::TravelUnknown));
            why.changes.iter_mut().for_each(|change| change.district = None);
            line.detail = Detail::Alone(why);
            Some(line)
        }
    }
}

#[cfg(test)]
mod tests;
