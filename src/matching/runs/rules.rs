//! From what waits and who is there to the best set: limits forbid, points are added up, the assignment decides.
//!
//! **What the best is.** As many people as can be have somebody; among the sets with as many, the sum of the points is greatest. Points
//! are the score of the ranking, a claim that grows with each whole day waited, and a bonus for a pair of the last adopted run. Ties go
//! to whoever waits longer, then by id.

pub mod changes;
mod newcomers;
mod order;
mod rows;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use order::{Insisted, Order, check_pins, crowded};
use rows::{Rows, count};

use super::model::{Alone, Change, Detail, Excluded, Line, Newcomer, Pair, Placed, RunState, Set, Snapshot, Terms, Why};
use crate::base::assignment::Refusal;
use crate::base::clock::Instant;
use crate::base::config::Spot;
use crate::base::error::{Error, Result};
use crate::base::ids::{PersonId, StaffId};
use crate::base::parallel;
use crate::base::value::Flaw;
use crate::matching::ranking::rules::hours::WEEK_MIN;
use crate::matching::ranking::{Between, Candidate, Exclusion, Field, Standing, rules as ranking};
use crate::staff::model::Certificate;

/// The best set of a snapshot under what a coordinator insists on.
///
/// A newcomer gets one person. Only where somebody would have nobody otherwise do newcomers get more: as many places as that takes, none
/// that could be taken back, and those of whoever would have most are taken back first. Then their fair start counts nothing.
///
/// # Errors
/// 422 naming the pin, forbidden pair or wish for the same mentor that cannot be kept.
pub fn solve(snapshot: &mut Snapshot, terms: &Terms) -> Result<Set> {
    let order = Order::of(&snapshot.field);
    let insisted = Insisted::of(&snapshot.field, &order, terms)?;
    // Whoever is to have a sibling's mentor is not kept from them by that sibling; by one whom nobody named they are.
    for (group, wish) in insisted.groups.iter().zip(&terms.same_mentor).filter(|(group, _)| group.runs) {
        for row in group.rows.iter().filter(|row| order.are_named(&snapshot.field, **row, group, wish)).copied().collect::<Vec<_>>() {
            if let Some(ask) = order.asks.get(row).and_then(|at| snapshot.field.asks.get_mut(*at)) {
                ask.asked.same_family = true;
            }
        }
    }
    check_pins(snapshot, &order, terms, &insisted)?;

    let rooms: Vec<u32> = order.candidates.iter().map(|at| snapshot.field.candidates.get(*at).map_or(0, room)).collect();
    let mut once = rooms.clone();
    for (column, room) in once.iter_mut().enumerate().filter(|(column, _)| is_fresh(snapshot, &order, *column)) {
        let pinned = insisted.pins.iter().filter(|(_, of)| *of == column).count();
        *room = (*room).min(u32::try_from(pinned).unwrap_or(u32::MAX).max(1));
    }
    let refuse = |field: &Field, refusal, rooms: &[u32]| match refusal {
        Refusal::Pins => crowded(field, &order, terms, &insisted, rooms).unwrap_or_else(|error| error),
        Refusal::Entangled => Flaw::Entangled.refused("/same_mentor"),
        other => Error::internal(format!("the best set cannot be sought: {other}")),
    };
    let mut rows = Rows::of(snapshot, &order, &insisted).map_err(|refusal| refuse(&snapshot.field, refusal, &rooms))?;
    let mut best = rows.assign(&once).map_err(|refusal| refuse(&snapshot.field, refusal, &rooms))?;
    if once != rooms && best.columns.contains(&None) {
        let most = rows.assign(&rooms).map_err(|refusal| refuse(&snapshot.field, refusal, &rooms))?;
        let (few, many) = (count(&best), count(&most));
        if many > few {
            // Each place helps one; where siblings go together it may help several.
            let needed = if insisted.groups.is_empty() { many.saturating_sub(few) } else { 0 };
            let holds = |given: &[u32]| rows.assign(given).map(|found| count(&found) == many);
            let given =
                newcomers::spread(&once, &most.columns, needed, holds).map_err(|refusal| refuse(&snapshot.field, refusal, &rooms))?;
            for ((at, given), once) in order.candidates.iter().zip(&given).zip(&once) {
                if let Some(candidate) = snapshot.field.candidates.get_mut(*at) {
                    candidate.has_begun = given > once;
                }
            }
            // Before they are written down anew: there may be millions.
            drop(rows);
            let anew = Rows::of(snapshot, &order, &insisted).and_then(|mut rows| rows.assign(&given));
            best = anew.map_err(|refusal| refuse(&snapshot.field, refusal, &rooms))?;
        }
    }

    let snapshot: &Snapshot = snapshot;
    let mut set =
        Set { placed: Vec::new(), alone: Vec::new(), total: best.total, places: 0, needs: Vec::new(), facts_hash: best.facts_hash };
    set.places = places(snapshot);
    let mut left = rooms;
    for column in best.columns.iter().flatten() {
        if let Some(left) = left.get_mut(*column) {
            *left = left.saturating_sub(1);
        }
    }
    let mut families: HashMap<PersonId, BTreeSet<usize>> = HashMap::new();
    for (row, column) in best.columns.iter().enumerate() {
        if let Some((family, column)) = order.family(&snapshot.field, row).zip(*column) {
            families.entry(family).or_default().insert(column);
        }
    }
    let taken = changes::Taken { order: &order, left: &left, families: &families, insisted: &insisted };
    let rows = order.asks.iter().copied().enumerate().zip(&best.columns);
    let alone: Vec<(usize, usize)> = rows.filter(|(_, column)| column.is_none()).map(|(row, _)| row).collect();
    let why = |place: usize| alone.get(place).map(|(row, at)| changes::why(snapshot, &taken, *row, *at)).unwrap_or_default();
    let mut reasons = parallel::map(alone.len(), why).into_iter();
    for (row, (at, column)) in order.asks.iter().zip(&best.columns).enumerate() {
        let (claim, same_family) = (claim(snapshot, *at), insisted.group(row).is_some());
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
            None => set.alone.push(Alone { ask: *at, claim, same_family, why: reasons.next().unwrap_or_default() }),
        }
    }
    set.needs = changes::needs(set.alone.iter().map(|alone| &alone.why));
    Ok(set)
}

/// Whether a column is a newcomer with several places: whomever they have already, a run gives them one more.
fn is_fresh(snapshot: &Snapshot, order: &Order, column: usize) -> bool {
    let candidate = order.candidates.get(column).and_then(|at| snapshot.field.candidates.get(*at));
    candidate.is_some_and(|candidate| room(candidate) > 1 && ranking::is_newcomer(candidate, snapshot.on, &snapshot.settings))
}

/// Places that those who are there have left.
fn places(snapshot: &Snapshot) -> i64 {
    let there = |candidate: &&Candidate| ranking::limits::is_there(candidate, snapshot.on);
    snapshot.field.candidates.iter().filter(there).map(|candidate| i64::from(room(candidate))).sum()
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

/// How many proposed and running matches that the caller may see some of the staff have.
pub fn matches_of(snapshot: &Snapshot, staff: &[StaffId]) -> i64 {
    let theirs = snapshot.field.live.iter().filter(|(_, live)| live.is_seen && staff.contains(&live.staff));
    i64::try_from(theirs.count()).unwrap_or(i64::MAX)
}

/// State, adoption and version of a run as whoever sees it in part knows it: by when the lines that they see were proposed.
pub fn adopted(proposed: &[Instant]) -> (RunState, Option<Instant>, i64) {
    let adopted_at = proposed.iter().min().copied();
    let state = if adopted_at.is_some() { RunState::Adopted } else { RunState::Draft };
    (state, adopted_at, i64::try_from(proposed.len()).unwrap_or(i64::MAX).saturating_add(1))
}

/// Why somebody has nobody, for whoever may not see all of their family: which limits that tell of others are in the way is not said, only that
/// some are, of as many of the staff at least.
#[must_use]
pub fn without_others(mut why: Why) -> Why {
    let is_told = |excluded: &Excluded| !ranking::limits::tells_of_others(excluded.exclusion);
    let (mut told, hidden): (Vec<_>, Vec<_>) = why.excluded.into_iter().partition(is_told);
    let count = hidden.iter().map(|excluded| excluded.count).max();
    told.extend(count.map(|count| Excluded { exclusion: Exclusion::NotAvailable, count }));
    told.sort_by_key(|excluded| std::cmp::Reverse(excluded.count));
    why.excluded = told;
    why
}

/// The snapshot as it would be without some of the staff, and with some more; gives back the ids that stand for the new ones.
///
/// # Errors
/// 422 for somebody unknown.
pub fn with(snapshot: &mut Snapshot, without: &[StaffId], newcomers: &[Newcomer]) -> Result<Vec<StaffId>> {
    for (at, staff) in without.iter().enumerate() {
        let found = snapshot
            .field
            .candidates
            .iter_mut()
            .find(|candidate| candidate.staff == *staff)
            .ok_or_else(|| Flaw::UnknownStaff.refused(format!("/without_staff/{at}")))?;
        found.left_on = Some(snapshot.on);
    }
    let mut ids = Vec::new();
    for (number, newcomer) in (0_u32..).zip(newcomers) {
        // After every id there is, so that a tie goes to whoever is there.
        let staff = StaffId::from_uuid(uuid::Uuid::from_u128(u128::MAX - u128::from(u32::MAX) + u128::from(number)));
        let spot = newcomer.district.as_ref().map(|district| snapshot.settings.centre(district.as_str()));
        if spot == Some(None) {
            let pointer = format!("/new_staff/{number}/district");
            return Err(Flaw::UnknownDistrict.refused(pointer));
        }
        snapshot.field.candidates.push(candidate(newcomer, staff, snapshot.on, spot.flatten()));
        ids.push(staff);
    }
    Ok(ids)
}

/// Somebody as described, from a day on.
fn candidate(newcomer: &Newcomer, staff: StaffId, on: NaiveDate, spot: Option<Spot>) -> Candidate {
    Candidate {
        staff,
        account: None,
        account_closed: false,
        mentor: newcomer.mentor,
        parent_coach: newcomer.parent_coach,
        languages: newcomer.languages.clone(),
        certificates: newcomer.certificates.iter().map(|kind| Certificate { kind: *kind, issued_on: on, valid_until_on: None }).collect(),
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
        spot,
        travel_limit_km: newcomer.travel_limit_km,
        traits: newcomer.traits,
    }
}

/// A line without how far it is, and the changes that are struck with it: why somebody has nobody says in many ways where they are. `None`:
/// it says nothing of that.
pub fn without_distance(mut line: Line) -> Option<(Line, Vec<Change>)> {
    match line.detail {
        Detail::Ranked(kept) if kept.has_distance() => {
            let before = kept.score;
            let kept = kept.without_distance();
            line.points = line.points.saturating_sub(before).saturating_add(kept.score);
            line.detail = Detail::Ranked(kept);
            Some((line, Vec::new()))
        }
        Detail::Ranked(_) => None,
        Detail::Alone(Why { hurdles, changes, .. }) => {
            line.detail = Detail::Alone(Why { hurdles, ..Why::default() });
            Some((line, changes))
        }
    }
}

#[cfg(test)]
mod tests;
