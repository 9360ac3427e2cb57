//! Reads what a set is solved from, keeps what was found, and proposes pairs of it. Solving itself happens between these, outside.

use std::collections::BTreeSet;

use super::model::{Alone, Detail, Line, Pair, Placed, Run, RunState, Set, Snapshot, Terms};
pub use super::store::Which;
use super::{rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, FieldError, Problem, Result};
use crate::base::ids::{CourseId, MatchingRunId, PersonId, StaffId};
use crate::base::value::{Flaw, Text};
use crate::matching::actions::propose;
use crate::matching::family;
use crate::matching::model::{Proposal, Wish};
use crate::matching::ranking::{self, Asked, Standing};
use crate::matching::rules::default_agreement;
use crate::matching::store::fact_live;
use crate::{courses, people};

/// Reads what a set is solved from: every course that waits and that the caller may see, all of the staff, and what lies between them.
///
/// # Errors
/// The database's.
pub fn snapshot(tx: &mut Tx<'_>) -> Result<Snapshot> {
    let today = tx.programme.calendar().zone.date(tx.now);
    let field = ranking::actions::load_waiting(tx, default_agreement(today).expected_end_on)?;
    Ok(Snapshot { field, last: last_adopted(tx)?, settings: tx.programme.pairing.clone(), now: tx.now, on: today })
}

/// The pairs of the run that was adopted last, as the caller knows it: of the runs of which they see a proposed line, and of its lines those that
/// they see.
fn last_adopted(tx: &mut Tx<'_>) -> Result<BTreeSet<Pair>> {
    let last = store::list_adopted(tx)?.into_iter().max_by_key(|(run, at)| (*at, *run));
    last.map_or_else(|| Ok(BTreeSet::new()), |(run, _)| store::pairs_of(tx, run))
}

/// What was solved, as it will be kept. Pure: of one snapshot.
pub struct Solved {
    lines: Vec<Line>,
    set: Set,
    terms: Terms,
    at: Instant,
    weights_version: u32,
}

/// Solves a snapshot; may take seconds, so never inside a transaction.
///
/// # Errors
/// As [`rules::solve`].
pub fn solve(mut snapshot: Snapshot, terms: Terms) -> Result<Solved> {
    let set = rules::solve(&mut snapshot, &terms)?;
    let mut lines: Vec<Line> = set.placed.iter().filter_map(|placed| placed_line(&snapshot, placed)).collect();
    lines.extend(set.alone.iter().filter_map(|alone| alone_line(&snapshot, alone)));
    lines.sort_by_key(|line| (line.waiting_since, line.course));
    for (place, line) in (0..).zip(&mut lines) {
        line.place = place;
    }
    Ok(Solved { lines, set, terms, at: snapshot.now, weights_version: snapshot.settings.weights.version })
}

fn placed_line(snapshot: &Snapshot, placed: &Placed) -> Option<Line> {
    let (ask, candidate) = snapshot.field.asks.get(placed.ask).zip(snapshot.field.candidates.get(placed.candidate))?;
    let Standing::Ranked(ranked) = rules::standing(snapshot, placed.ask, placed.candidate)? else { return None };
    Some(Line {
        place: 0,
        course: ask.course,
        case: ask.case,
        person: ask.person,
        waiting_since: ask.waiting_since,
        staff: Some(candidate.staff),
        points: placed.points,
        claim: placed.claim,
        bonus: placed.bonus,
        is_pinned: placed.is_pinned,
        same_family: placed.same_family,
        matched: None,
        detail: Detail::Ranked(ranking::rules::keep(candidate, ask, ranked, &snapshot.settings)),
    })
}

fn alone_line(snapshot: &Snapshot, alone: &Alone) -> Option<Line> {
    let ask = snapshot.field.asks.get(alone.ask)?;
    Some(Line {
        place: 0,
        course: ask.course,
        case: ask.case,
        person: ask.person,
        waiting_since: ask.waiting_since,
        staff: None,
        points: 0,
        claim: alone.claim,
        bonus: 0,
        is_pinned: false,
        same_family: alone.same_family,
        matched: None,
        detail: Detail::Alone(alone.why.clone()),
    })
}

/// Keeps what was solved, as a draft.
///
/// # Errors
/// The database's and the vault's.
pub fn keep(tx: &mut Tx<'_>, solved: &Solved) -> Result<MatchingRunId> {
    let run = Run {
        id: tx.new_id(),
        state: RunState::Draft,
        created_by: tx.account()?,
        recorded_at: solved.at,
        adopted_at: None,
        waiting: count(solved.lines.len()),
        places: solved.set.places,
        matched: count(solved.set.placed.len()),
        total: solved.set.total,
        weights_version: solved.weights_version.into(),
        facts_hash: solved.set.facts_hash.to_vec(),
        terms: solved.terms.clone(),
        needs: solved.set.needs.clone(),
        version: 1,
    };
    store::insert(tx, &run, &solved.lines)?;
    Ok(run.id)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A run.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: MatchingRunId) -> Result<Run> {
    let run = store::get(tx, id)?;
    tx.saw(run.id);
    Ok(run)
}

/// A run as the caller may see it: made of the lines that they may see, and of no other.
///
/// # Errors
/// The database's and the vault's.
pub fn as_seen(tx: &mut Tx<'_>, run: Run) -> Result<Run> {
    let (id, waiting) = (run.id, run.waiting);
    let mut run = as_listed(tx, vec![run])?.pop().ok_or(Code::NotFound)?;
    if run.waiting != waiting {
        let alone = store::lines(tx, id, Which { matched: Some(false), after: None, fetch: i64::MAX })?;
        let whys = alone.iter().filter_map(|line| match &line.detail {
            Detail::Alone(why) => Some(why),
            Detail::Ranked(_) => None,
        });
        run.needs = rules::changes::needs(whys);
    }
    Ok(run)
}

/// Runs as the caller may see them, counted from the lines that they may see; nobody is looked up for that. What would help lies sealed in
/// the lines: here it is left out of a run that they see in part.
///
/// # Errors
/// The database's.
pub fn as_listed(tx: &mut Tx<'_>, mut runs: Vec<Run>) -> Result<Vec<Run>> {
    let sums = store::sums(tx, runs.iter().map(|run| run.id).collect())?;
    let part = runs.iter().filter(|run| sums.get(&run.id).is_none_or(|sum| sum.waiting != run.waiting)).map(|run| run.id);
    let proposed = store::proposed(tx, part.collect())?;
    for run in &mut runs {
        let sum = sums.get(&run.id).copied().unwrap_or_default();
        if sum.waiting == run.waiting {
            continue;
        }
        (run.waiting, run.matched, run.total) = (sum.waiting, sum.matched, sum.total);
        let seen_proposed = proposed.get(&run.id).map(Vec::as_slice).unwrap_or_default();
        (run.state, run.adopted_at, run.version) = rules::adopted(seen_proposed);
        // A hash of what they may not see would tell them of each change of it.
        (run.needs, run.facts_hash) = (Vec::new(), Vec::new());
        let Terms { pins, forbidden, same_mentor } = &mut run.terms;
        let named = pins.iter().chain(forbidden.iter()).map(|pair| pair.course_id).chain(same_mentor.iter().flatten().copied());
        let named: Vec<CourseId> = named.collect();
        let seen = if named.is_empty() { BTreeSet::new() } else { store::courses_among(tx, run.id, named)? };
        pins.retain(|pair| seen.contains(&pair.course_id));
        forbidden.retain(|pair| seen.contains(&pair.course_id));
        let mut wishes = Vec::with_capacity(same_mentor.len());
        for wish in std::mem::take(same_mentor) {
            if may_see_all(tx, &seen, &wish)? {
                wishes.push(wish);
            }
        }
        *same_mentor = wishes;
    }
    Ok(runs)
}

/// Whether the caller may see every course of a wish, which may name one that did not wait: a sibling's that ran.
fn may_see_all(tx: &mut Tx<'_>, seen: &BTreeSet<CourseId>, wish: &[CourseId]) -> Result<bool> {
    for course in wish.iter().filter(|course| !seen.contains(course)) {
        match courses::store::get(tx, *course) {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// One page of the runs, the latest first.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, after: Option<(Instant, MatchingRunId)>, fetch: i64) -> Result<Vec<Run>> {
    store::list(tx, after, fetch)
}

/// One page of the lines of a run that the caller may see.
///
/// # Errors
/// 404.
pub fn lines(tx: &mut Tx<'_>, id: MatchingRunId, which: Which) -> Result<Vec<Line>> {
    get(tx, id)?;
    let mut lines = store::lines(tx, id, which)?;
    hide_others(tx, &mut lines)?;
    Ok(lines)
}

/// Whoever had it solved may have seen more of a family than whoever reads it.
fn hide_others(tx: &mut Tx<'_>, lines: &mut [Line]) -> Result<()> {
    let hidden = tx.all_barred()?;
    if hidden.is_empty() {
        return Ok(());
    }
    let families = family::actions::all(tx)?;
    let theirs: BTreeSet<PersonId> = hidden.into_iter().map(|id| families.name(id.cast())).collect();
    for line in lines.iter_mut().filter(|line| theirs.contains(&families.name(line.person))) {
        if let Detail::Alone(why) = &mut line.detail {
            *why = rules::without_others(std::mem::take(why));
        }
    }
    Ok(())
}

/// The first name of whoever waits, opened.
///
/// # Errors
/// The database's and the vault's.
pub fn given_name(tx: &mut Tx<'_>, line: &Line) -> Result<Option<String>> {
    Ok(people::store::find_name(tx, line.person)?.map(|name| name.given.into_string()))
}

/// Notes for the journal whom a pair shows.
pub fn show(tx: &mut Tx<'_>, line: &Line) {
    tx.saw(line.course);
    tx.saw(line.person);
    if let Some(staff) = line.staff {
        tx.saw(staff);
    }
}

/// Proposes pairs of a run to both sides, each checked anew; all of them, or none: what has changed since is named.
///
/// # Errors
/// 404; 422 naming each course that is not in the run, has nobody in it, was proposed from it already, or whose pair cannot be proposed any
/// more, with the reason.
pub fn adopt(tx: &mut Tx<'_>, id: MatchingRunId, courses: &[CourseId], sentence: Option<&Text>) -> Result<MatchingRunId> {
    let mut run = store::get(tx, id)?;
    if let Some(shown) = as_listed(tx, vec![run.clone()])?.pop() {
        tx.seen_at(shown.version);
    }
    let chosen = store::fact_pairs(tx, id, courses)?;
    let mut problem = Problem::new(Code::Invalid);
    let mut proposed = BTreeSet::new();
    for (at, course) in courses.iter().enumerate() {
        let pointer = format!("/course_ids/{at}");
        if !proposed.insert(*course) {
            problem = problem.wrong(Flaw::Repeated.at(pointer));
            continue;
        }
        let Some(line) = chosen.iter().find(|line| line.course_id == *course) else {
            problem = problem.wrong(Flaw::NotInRun.at(pointer));
            continue;
        };
        let (Some(staff), None) = (line.staff_id, line.match_id) else {
            problem = problem.wrong(Flaw::NoPair.at(pointer));
            continue;
        };
        let beside: Vec<CourseId> =
            run.terms.same_mentor.iter().filter(|wish| wish.contains(course)).flatten().copied().filter(|other| other != course).collect();
        let proposal = Proposal {
            course: *course,
            staff,
            happened_at: None,
            asked: Asked::default(),
            beside: beside.clone(),
            sentence: sentence.cloned(),
            agreed: Wish::default(),
        };
        let free = is_free(tx, *course).and_then(|()| is_together(tx, &beside, staff));
        match free.and_then(|()| propose(tx, proposal)) {
            Ok(matched) => store::propose(tx, id, *course, matched)?,
            Err(Error::Refused(why)) => problem.errors.extend(stale(&pointer, *why)),
            Err(error) => return Err(error),
        }
    }
    if !problem.errors.is_empty() {
        return Err(problem.into());
    }
    run.adopted_at = run.adopted_at.or(Some(tx.now));
    store::adopt(tx, &run)?;
    Ok(id)
}

/// Nobody is introduced to two by two drafts: whoever wants that proposes by hand.
fn is_free(tx: &mut Tx<'_>, course: CourseId) -> Result<()> {
    match fact_live(tx, Some(course), None)?.first() {
        Some(live) => Err(Problem::new(Code::AlreadyExists).blocked_by("match", live.id.uuid()).into()),
        None => Ok(()),
    }
}

/// The same for all of a wish, or nobody: who of them has, or is proposed to, somebody else by now keeps the others from theirs.
fn is_together(tx: &mut Tx<'_>, beside: &[CourseId], staff: StaffId) -> Result<()> {
    for sibling in beside {
        if fact_live(tx, Some(*sibling), None)?.iter().any(|live| live.staff != staff) {
            if !may_see_all(tx, &BTreeSet::new(), &[*sibling])? {
                return Err(Flaw::NotAvailable.refused("/course_id"));
            }
            return Err(Flaw::NotTheSame.refused("/course_id"));
        }
    }
    Ok(())
}

/// Why a pair cannot be proposed any more, at the course that was chosen.
fn stale(pointer: &str, why: Problem) -> Vec<FieldError> {
    if why.errors.is_empty() {
        return vec![FieldError { pointer: pointer.to_owned(), code: why.code.text(), words: why.words() }];
    }
    why.errors.into_iter().map(|error| FieldError { pointer: pointer.to_owned(), ..error }).collect()
}

/// Whom a set pairs, to compare one with another.
pub fn pairs(solved: &Solved) -> impl Iterator<Item = (&Line, Option<Pair>)> {
    solved.lines.iter().map(|line| (line, line.staff.map(|staff_id| Pair { course_id: line.course, staff_id })))
}

/// How many have somebody, and the sum of the points.
pub fn result(solved: &Solved) -> (usize, i64) {
    (solved.set.placed.len(), solved.set.total)
}

/// Strikes how far it is from what runs keep of a person whose address is protected now.
///
/// # Errors
/// The database's and the vault's.
pub fn forget_distances(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    store::forget_distances(tx, person, rules::without_distance, rules::changes::without)
}
