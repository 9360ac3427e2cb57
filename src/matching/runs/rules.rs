//! From what waits and who is there to the best set: limits forbid, points are added up, the assignment decides.
//!
//! **What the best is.** As many people as can be have somebody; among the sets with as many, the sum of the points is greatest. Points
//! are the score of the ranking, a claim that grows with each whole day waited, and a bonus for a pair of the last adopted run. Ties go
//! to whoever waits longer, then by id.

pub mod changes;
mod order;

use std::collections::{BTreeSet, HashMap};

use order::{Order, check_pins, crowded, same_mentor};
use sha2::{Digest, Sha256};

use super::model::{Alone, Detail, Line, Newcomer, Pair, Placed, Set, Snapshot, Terms};
use crate::base::assignment::{Refusal, Task};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result, invalid};
use crate::base::ids::{PersonId, StaffId};
use crate::matching::ranking::{Between, Candidate, Exclusion, Field, Standing, rules as ranking};

/// Minutes of a week.
const WEEK_MIN: i32 = 7 * 24 * 60;

/// The best set of a snapshot under what a coordinator insists on.
///
/// A newcomer whom nobody is proposed to gets one person, and comes first for that one. Only where somebody would have nobody otherwise do
/// they get more, and then their fair start counts nothing.
///
/// # Errors
/// 422 naming the pin, forbidden pair or wish for the same mentor that cannot be kept.
pub fn solve(snapshot: &mut Snapshot, terms: &Terms) -> Result<Set> {
    let order = Order::of(&snapshot.field);
    let pins = order.pairs(&terms.pins, "/pins")?;
    let forbidden = order.pairs(&terms.forbidden, "/forbidden")?.into_iter().collect();
    let together = order.together(&snapshot.field, &terms.same_mentor)?;
    check_pins(snapshot, &order, &pins)?;
    let insisted = Insisted { pins, forbidden, together };

    let rooms: Vec<u32> = order.candidates.iter().map(|at| snapshot.field.candidates.get(*at).map_or(0, room)).collect();
    let fresh: Vec<usize> = (0..rooms.len()).filter(|column| is_fresh(snapshot, &order, *column)).collect();
    let mut once = rooms.clone();
    for column in &fresh {
        let pinned = insisted.pins.iter().filter(|(_, of)| of == column).count();
        if let Some(room) = once.get_mut(*column) {
            *room = (*room).min(u32::try_from(pinned).unwrap_or(u32::MAX).max(1));
        }
    }
    let mut best = assign(snapshot, &order, &insisted, &once)?;
    if once != rooms && best.columns.contains(&None) {
        let mut more = snapshot.clone();
        for at in fresh.iter().filter_map(|column| order.candidates.get(*column)) {
            if let Some(candidate) = more.field.candidates.get_mut(*at) {
                candidate.has_begun = true;
            }
        }
        let then = assign(&more, &order, &insisted, &rooms)?;
        if then.columns.iter().flatten().count() > best.columns.iter().flatten().count() {
            (*snapshot, best) = (more, then);
        }
    }

    let mut set =
        Set { placed: Vec::new(), alone: Vec::new(), total: best.total, places: 0, needs: Vec::new(), facts_hash: best.facts_hash };
    set.places = rooms.iter().map(|room| i64::from(*room)).sum();
    let mut left = rooms;
    for column in best.columns.iter().flatten() {
        if let Some(left) = left.get_mut(*column) {
            *left = left.saturating_sub(1);
        }
    }
    let taken = changes::Taken { order: &order, left: &left, columns: &best.columns, forbidden: &insisted.forbidden };
    let asked: BTreeSet<usize> = insisted.together.iter().flatten().copied().collect();
    for (row, (at, column)) in order.asks.iter().zip(&best.columns).enumerate() {
        let (claim, same_family) = (claim(snapshot, *at), asked.contains(&row));
        match column.and_then(|column| Some((column, *order.candidates.get(column)?))) {
            Some((column, candidate)) => set.placed.push(Placed {
                ask: *at,
                candidate,
                points: task_points(snapshot, *at, candidate),
                claim,
                bonus: bonus(snapshot, *at, candidate),
                is_pinned: insisted.pins.contains(&(row, column)),
                same_family,
            }),
            None => set.alone.push(Alone { ask: *at, claim, same_family, why: changes::why(snapshot, &taken, row, *at) }),
        }
    }
    set.needs = changes::needs(&set.alone);
    Ok(set)
}

/// What a coordinator insists on, by rows and columns.
struct Insisted {
    pins: Vec<(usize, usize)>,
    forbidden: BTreeSet<(usize, usize)>,
    together: Vec<Vec<usize>>,
}

/// What the assignment found, and the hash of what it found it from.
struct Assigned {
    columns: Vec<Option<usize>>,
    total: i64,
    facts_hash: [u8; 32],
}

/// The best columns for the rows, with so many places in each column. A row for which something must come first has no column.
fn assign(snapshot: &Snapshot, order: &Order, insisted: &Insisted, rooms: &[u32]) -> Result<Assigned> {
    let field = &snapshot.field;
    let mut hash = Sha256::new();
    for (at, room) in order.candidates.iter().zip(rooms) {
        hash.update(field.candidates.get(*at).map(|candidate| candidate.staff.uuid()).unwrap_or_default());
        hash.update(room.to_le_bytes());
    }
    let mut families: HashMap<PersonId, u32> = HashMap::new();
    let refused = |refusal: Refusal| Error::internal(format!("the best set cannot be sought: {refusal}"));
    let mut task = Task::new(rooms).map_err(refused)?;
    for (row, at) in order.asks.iter().enumerate() {
        let Some(ask) = field.asks.get(*at) else { continue };
        let claim = claim(snapshot, *at);
        hash.update(ask.course.uuid());
        hash.update(ask.waiting_since.to_string());
        let scores = if ask.hurdles.is_empty() { ranking::score_all(field, *at, &snapshot.settings) } else { Vec::new() };
        let mut pairs = Vec::new();
        for (candidate, score) in scores.into_iter().enumerate() {
            let (Some(score), Some(column)) = (score, order.columns.get(candidate)) else { continue };
            if insisted.forbidden.contains(&(row, *column)) {
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
        let family = *families.entry(ask.family).or_insert(next);
        task.row(pairs, Some(family)).map_err(refused)?;
    }
    insisted.pins.iter().try_for_each(|(row, column)| task.pin(*row, *column)).map_err(refused)?;
    for (wish, rows) in insisted.together.iter().enumerate() {
        task.together(rows)
            .map_err(|_| same_mentor(wish, "repeated", "Forløbet står i flere ønsker", "The course is in several wishes"))?;
    }
    let best = task.most_first().solve().map_err(|refusal| match refusal {
        Refusal::Pins => crowded(field, order, &insisted.pins, rooms),
        Refusal::Together => invalid("/same_mentor", "pinned", "Et forløb er også låst", "A course is pinned, too"),
        Refusal::Entangled => {
            invalid("/same_mentor", "entangled", "Ønskerne er for indviklede", "The wishes are too entangled to be proved best")
        }
        other => refused(other),
    })?;
    Ok(Assigned { columns: best.columns, total: best.total, facts_hash: hash.finalize().into() })
}

/// Whether a column is a newcomer whom nobody is proposed to and who has several places.
fn is_fresh(snapshot: &Snapshot, order: &Order, column: usize) -> bool {
    let candidate = order.candidates.get(column).and_then(|at| snapshot.field.candidates.get(*at));
    let (Some(candidate), Some(ask)) = (candidate, snapshot.field.asks.first()) else { return false };
    candidate.matches == 0 && room(candidate) > 1 && ranking::is_newcomer(candidate, ask.on, &snapshot.settings)
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

/// How many proposed and running matches some of the staff have.
pub fn matches_of(snapshot: &Snapshot, staff: &[StaffId]) -> i64 {
    let of = snapshot.field.candidates.iter().filter(|candidate| staff.contains(&candidate.staff));
    of.map(|candidate| i64::from(candidate.matches)).sum()
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
            account_closed: false,
            mentor: newcomer.mentor,
            parent_coach: newcomer.parent_coach,
            languages: newcomer.languages.clone(),
            certificates: newcomer.certificates.iter().map(|kind| (*kind, on, None)).collect(),
            leaves: Vec::new(),
            capacity: newcomer.capacity,
            matches: 0,
            has_begun: false,
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
