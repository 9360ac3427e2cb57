//! See, agree, end; proposing and answering stand beside.

pub mod corrections;
pub mod covers;
mod handing_over;
pub mod promises;
mod proposals;
pub mod staff;

pub use super::store::answers::end_steps;
pub(super) use super::store::releases::list_to as list_released;
pub use handing_over::{hand_over, record_repair, release_logs, set_end_steps, take_back_logs};
pub use proposals::{answer, list_candidates, propose, start_held};

use std::collections::BTreeSet;

use super::model::{Answer, Criteria, EndReason, Given, Match, PlaceCode, Side, State, Talk, Wish};
use super::ranking::actions::load_one;
use super::ranking::model::Kept;
use super::ranking::store::For;
use super::ranking::{Ask, Asked, Exclusion};
use super::rules;
use super::store;
pub use super::store::{Filter, get, list};
use super::waiting::model::Hurdle;
use crate::access::store::{end_by_cause, end_by_cause_to};
use crate::access::{Reach, RelationKind, Tx};
use crate::availability::model::Stretch;
use crate::base::clock::Instant;
use crate::base::db::CodeSet;
use crate::base::error::{Code, Problem, Result, or_invalid};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, MatchId, PersonId};
use crate::base::value::{Flaw, Text};
use crate::facts::Fact;
use crate::staff::model::LanguageTag;
use crate::staff::profile::Interest;
use crate::staff::store as staff_room;
use crate::{availability, courses, people};

/// How far a caller sees into a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A coordinator: all of it.
    Unit,
    /// Whoever runs it: first name, the proposal, no case.
    Staff,
    /// Its supervisor: a label instead of a name, nothing that was said.
    Supervisor,
}

/// What became of a match (its state, whether it is held, its version), for whoever answered: whoever said no sees it no longer, and is told all
/// the same.
///
/// # Errors
/// 404 when there is no such match, or the caller is barred from it, or without its role, by now.
pub fn outcome_of(tx: &mut Tx<'_>, id: MatchId) -> Result<(State, bool, i64)> {
    let matched = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let own = staff_room::fact_account(tx, matched.staff)?;
    let may = tx.reaches(Reach::All) || own == Some(tx.account()?) && tx.actor.is(matched.role());
    if !may || tx.is_barred(&[matched.case.cast(), matched.person.cast()])? {
        return Err(Code::NotFound.into());
    }
    Ok((matched.state, rules::is_held(&matched), matched.version))
}

/// How far the caller sees into a match that they may see.
///
/// # Errors
/// The database's.
pub fn sight(tx: &mut Tx<'_>, id: MatchId) -> Result<Sight> {
    if tx.reaches(Reach::All) {
        return Ok(Sight::Unit);
    }
    Ok(if tx.runs(id)? { Sight::Staff } else { Sight::Supervisor })
}

/// A place of meeting as far as the caller may see it: where the address is protected, or that of a custody holder, the unit alone.
///
/// # Errors
/// The database's.
pub fn shown_place(tx: &mut Tx<'_>, person: PersonId, place: Option<PlaceCode>) -> Result<Option<PlaceCode>> {
    let hidden = if place.is_some() { hidden_places(tx, &[person])? } else { BTreeSet::new() };
    Ok(place.filter(|_| !hidden.contains(&person)))
}

/// Those of these people of whom the caller sees no place, in one look; see [`shown_place`].
///
/// # Errors
/// The database's.
pub fn hidden_places(tx: &mut Tx<'_>, people: &[PersonId]) -> Result<BTreeSet<PersonId>> {
    if people.is_empty() || tx.reaches(Reach::All) {
        return Ok(BTreeSet::new());
    }
    let today = tx.programme.calendar().zone.date(tx.now);
    people::store::list_protected(tx, people, today)
}

/// A match that a body or a query names.
///
/// # Errors
/// 422 at the pointer when the caller sees no such match.
pub fn get_named(tx: &mut Tx<'_>, id: MatchId, pointer: impl Into<String>) -> Result<Match> {
    or_invalid(store::get(tx, id), Flaw::UnknownMatch.at(pointer))
}

/// What was known and said, opened.
///
/// # Errors
/// The vault's.
pub fn criteria(tx: &mut Tx<'_>, matched: &Match) -> Result<Criteria> {
    store::open_criteria(tx, matched)
}

/// What stands for the person: the first name for the unit and for whoever runs the match or is proposed for it, else the match's label.
///
/// # Errors
/// The database's and the vault's.
pub fn person_label(tx: &mut Tx<'_>, matched: &Match, sight: Sight) -> Result<String> {
    tx.saw(matched.person);
    let name = if sight == Sight::Supervisor { None } else { people::store::find_name(tx, matched.person)? };
    Ok(name.map_or_else(|| matched.label(), |name| name.given.into_string()))
}

/// What whoever is proposed sees of the person before both said yes, beside the first name and the coordinator's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// Whole years, where the birth date is known.
    pub age: Option<u16>,
    /// Any of these will do.
    pub languages: Vec<LanguageTag>,
    /// Likes to do.
    pub interests: Vec<Interest>,
    /// When they wish to meet, on the programme's clock; none: they never said.
    pub times: Vec<Stretch>,
}

/// What whoever is proposed sees of the person. Neither wishes about them nor vetoes, no place.
///
/// # Errors
/// The database's.
pub fn glimpse(tx: &mut Tx<'_>, matched: &Match) -> Result<Glimpse> {
    let course = courses::store::fact(tx, matched.course)?;
    let (until, asked) = (matched.agreed.expected_end_on, Asked::default());
    let wanted = For { only: Some(matched.staff), ..For::everybody(until, asked) };
    let ask = load_one(tx, &course, &wanted)?.asks.pop();
    let times = availability::store::fact_times(tx, &[matched.person])?.remove(&matched.person);
    let wished = times.and_then(|times| availability::rules::wished(&times, &tx.programme.availability));
    let times = wished.map(|week| week.stretches().to_vec()).unwrap_or_default();
    let glimpse = |ask: Ask| Glimpse { age: ask.age(), languages: ask.languages, interests: ask.traits.interests.iter().collect(), times };
    let glimpse = ask.map(glimpse);
    glimpse.ok_or_else(|| Code::NotFound.into())
}

/// What a side gave with its answer, as far as the caller may see: the unit both sides', the member of staff their own.
///
/// # Errors
/// The database's.
pub fn given(tx: &mut Tx<'_>, matched: &Match, side: Side, sight: Sight) -> Result<Given> {
    let has_answered = match side {
        Side::Staff => matched.staff_answer.is_some(),
        Side::Person => matched.person_answer.is_some(),
    };
    let sees = has_answered && (sight == Sight::Unit || sight == Sight::Staff && side == Side::Staff);
    if sees { store::answers::given(tx, matched.id, side) } else { Ok(Given::default()) }
}

/// The version that the caller sees: whoever is proposed and has not answered cannot tell by it that the person has.
pub fn seen_version(matched: &Match, sight: Sight) -> i64 {
    let is_hidden = sight != Sight::Unit && matched.person_answer.is_some() && seen_answer(matched, Side::Person, sight).is_none();
    matched.version.saturating_sub(i64::from(is_hidden))
}

/// One side's answer as far as the caller may see it: whoever is proposed sees the other's once they have answered themselves.
pub fn seen_answer(matched: &Match, side: Side, sight: Sight) -> Option<Answer> {
    match side {
        Side::Staff => matched.staff_answer,
        Side::Person => matched.person_answer.filter(|_| sight != Sight::Staff || matched.staff_answer.is_some()),
    }
}

/// The talk after a match, where there was one.
///
/// # Errors
/// The database's and the vault's.
pub fn talk(tx: &mut Tx<'_>, matched: &Match) -> Result<Option<Talk>> {
    store::answers::find_talk(tx, matched)
}

/// Why a proposal that both sides said yes to does not run, as of now: what must come first, and what excludes the member of staff. `None`:
/// it is no such proposal.
///
/// # Errors
/// The database's and the vault's.
pub fn held_by(tx: &mut Tx<'_>, matched: &Match) -> Result<Option<(CodeSet<Hurdle>, CodeSet<Exclusion>)>> {
    if !rules::is_held(matched) {
        return Ok(None);
    }
    let now = tx.now;
    let (hurdles, judged) = proposals::test_again(tx, matched, now)?;
    Ok(Some((hurdles, judged.err().unwrap_or_default())))
}

/// A proposal that was refused, expired or lost: the member of staff sees it no longer.
fn come_to_nothing(tx: &mut Tx<'_>, mut matched: Match, state: State, at: Instant) -> Result<()> {
    if matched.state != state {
        // A no after it had expired is news.
        matched.ended_recorded_at = None;
    }
    matched.state = state;
    matched.ended_at = Some(at);
    store::save(tx, &matched)?;
    let now = tx.now;
    for kind in [RelationKind::Runs, RelationKind::Supervises, RelationKind::Reads] {
        end_by_cause(tx, kind, matched.id.cast(), now)?;
    }
    tx.tell(Fact::MatchEnded { matched: matched.id, at });
    Ok(())
}

/// Sets what the pair agreed on: rhythm, day, length, place code, first joint meeting, expected end. A `sentence`, or none, is put in the place of
/// the one that they were proposed with. What changes nothing makes no new version.
///
/// # Errors
/// 404, 412, 409 when it is neither proposed nor running, 422, also for another expected end that is over.
pub fn update(tx: &mut Tx<'_>, id: MatchId, expected: &Expected, wish: Wish, sentence: Option<Option<Text>>) -> Result<()> {
    let mut matched = store::get(tx, id)?;
    expected.check(matched.version)?;
    if !matches!(matched.state, State::Proposed | State::Running) {
        return Err(Problem::new(Code::WrongState).say("Matchet er afsluttet", "The match is over").into());
    }
    rules::check_first_meeting(wish.first_meeting_at.flatten(), tx.now)?;
    proposals::check_facilitator(tx, wish.facilitator.flatten(), (matched.case, matched.person))?;
    if let Some(until) = wish.expected_end_on {
        rules::check_loan(until, staff_room::fact_loan(tx, matched.staff)?)?;
    }
    let (zone, former, names_facilitator) = (tx.programme.calendar().zone, matched.agreed.clone(), wish.facilitator.is_some());
    matched.agreed = matched.agreed.with(wish);
    // A pair may outlive its expected end; on a day that is over it is ended, by the verb for that.
    let earliest_at = if matched.agreed.expected_end_on == former.expected_end_on { matched.proposed_at } else { tx.now };
    rules::check_agreement(&matched.agreed, Some(former.length_min), zone.date(earliest_at))?;
    let criteria = store::open_criteria(tx, &matched)?;
    let sentence = sentence.filter(|sentence| *sentence != criteria.sentence);
    if sentence.is_none() && matched.agreed == former {
        // Who was a coordinator no more for a while gets the promise back.
        if names_facilitator {
            tx.tell(Fact::AgreementChanged { matched: id });
        }
        return Ok(());
    }
    if let Some(sentence) = sentence {
        matched.criteria = store::seal_criteria(tx, id, matched.person, &Criteria { sentence, ..criteria })?;
    }
    store::save(tx, &matched).map(|()| tx.tell(Fact::AgreementChanged { matched: id }))
}

/// Ends a running match, or withdraws a proposal, also one that both said yes to and that was left to expire. What was planned after it is
/// cancelled by the unit; the member of staff keeps seeing it through the grace, for the last logs.
///
/// # Errors
/// 404, 409 when it is over, 422 for a reason that an operation of its own gives, an impossible moment, or one before the last session held.
pub fn end(tx: &mut Tx<'_>, id: MatchId, reason: EndReason, words: Option<Text>, happened_at: Option<Instant>) -> Result<MatchId> {
    let mut matched = store::get(tx, id)?;
    rules::check_end_reason(reason, matched.state)?;
    let at = rules::stated(happened_at, tx.now, matched.starts_at.unwrap_or(matched.proposed_at))?;
    if words.is_some() {
        let mut criteria = store::open_criteria(tx, &matched)?;
        criteria.end_words = words;
        matched.criteria = store::seal_criteria(tx, id, matched.person, &criteria)?;
    }
    match matched.state {
        State::Running => {
            courses::actions::check_held(tx, matched.course, Some(id), at)?;
            finish(tx, matched, reason, at)?;
        }
        _ if matched.state == State::Proposed || rules::was_left(&matched) => {
            matched.end_reason = Some(reason);
            come_to_nothing(tx, matched, State::Expired, at)?;
        }
        State::Proposed | State::Refused | State::Expired | State::Ended => {
            return Err(Problem::new(Code::WrongState).say("Matchet er afsluttet", "The match is over").into());
        }
    }
    Ok(id)
}

fn finish(tx: &mut Tx<'_>, mut matched: Match, reason: EndReason, at: Instant) -> Result<()> {
    // What ends it from outside may be stated earlier than its own start.
    let at = matched.starts_at.map_or(at, |starts_at| at.max(starts_at));
    matched.state = State::Ended;
    matched.ended_at = Some(at);
    matched.end_reason = Some(reason);
    store::save(tx, &matched)?;
    // Through the grace the match and its sessions are seen, for the last logs; the course and the person, and logs released to it, no more.
    let (now, until) = (tx.now, rules::grace_until(at, tx.programme.match_grace_days));
    end_by_cause_to(tx, RelationKind::Runs, matched.id.cast(), &[matched.course.cast(), matched.person.cast()], now)?;
    end_by_cause(tx, RelationKind::Reads, matched.id.cast(), now)?;
    for kind in [RelationKind::Runs, RelationKind::Supervises] {
        end_by_cause(tx, kind, matched.id.cast(), until)?;
    }
    tx.tell(Fact::MatchEnded { matched: matched.id, at });
    Ok(())
}

/// Consequence of a course's end: its live matches end with it.
///
/// # Errors
/// The database's.
pub fn course_ended(tx: &mut Tx<'_>, course: CourseId, at: Instant) -> Result<()> {
    let live = store::fact_live(tx, Some(course), None)?;
    end_all(tx, live, EndReason::CourseEnded, at)
}

fn end_all(tx: &mut Tx<'_>, live: Vec<Match>, reason: EndReason, at: Instant) -> Result<()> {
    for mut matched in live {
        if matched.state == State::Running {
            finish(tx, matched, reason, at)?;
        } else {
            matched.end_reason = Some(reason);
            come_to_nothing(tx, matched, State::Expired, at)?;
        }
    }
    Ok(())
}

/// A person's address became protected: how far it was to anybody is taken out of what their matches were made with, and out of what was
/// said to them.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn forget_distances(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let all = store::fact_of_person(tx, person)?;
    store::answers::forget_too_far(tx, &all.iter().map(|matched| matched.id).collect::<Vec<_>>())?;
    for mut matched in all {
        let mut criteria = store::open_criteria(tx, &matched)?;
        if let Some(kept) = criteria.ranking.take().filter(Kept::has_distance) {
            criteria.ranking = Some(kept.without_distance());
            matched.criteria = store::seal_criteria(tx, matched.id, person, &criteria)?;
            store::save_criteria(tx, &matched)?;
        }
    }
    Ok(())
}

/// Ends a match of a member of staff whose loan from another municipality is over, unless that is written down: part of the nightly pass.
///
/// # Errors
/// The database's.
pub fn end_loan(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    match find_unwritten(tx, id, State::Ended)? {
        Some(matched) => write_loan(tx, matched),
        None => Ok(()),
    }
}

/// Writes down that a match ended with the loan of its member of staff.
fn write_loan(tx: &mut Tx<'_>, matched: Match) -> Result<()> {
    let at = matched.loan_ends_at.unwrap_or(tx.now);
    finish(tx, matched, EndReason::LoanEnded, at)
}

/// Records that a proposal expired, unless that is written down: part of the nightly pass. Answering late is refused before that, too.
///
/// # Errors
/// The database's.
pub fn expire(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = find_unwritten(tx, id, State::Expired)? else { return Ok(()) };
    let at = matched.expires_at;
    come_to_nothing(tx, matched, State::Expired, at)
}

/// A match that came to this state by its own moment, while nobody has written it down.
fn find_unwritten(tx: &mut Tx<'_>, id: MatchId, state: State) -> Result<Option<Match>> {
    let found = store::find_fact(tx, id)?;
    Ok(found.filter(|matched| matched.state == state && matched.ended_recorded_at.is_none()))
}
