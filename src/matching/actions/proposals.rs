//! Who could run a match; propose a pair to both sides, and take their answers.

use chrono::NaiveDate;

use super::staff::relate;
use super::{Sight, come_to_nothing, corrections, seen_version, write_loan};
use crate::access::{Reach, Tx, accounts};
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::db::{CodeSet, Coded};
use crate::base::error::{Code, Error, FieldError, Problem, Result, invalid};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::base::value::{Flaw, Text};
use crate::courses::model::CourseFacts;
use crate::facts::Fact;
use crate::matching::model::{Agreed, Answer, Criteria, Match, Proposal, Said, Side, State};
use crate::matching::ranking::actions::load_one;
use crate::matching::ranking::model::Kept;
use crate::matching::ranking::rules::limits::as_seen;
use crate::matching::ranking::store::{Eyes, For};
use crate::matching::ranking::{self, Asked, Candidate, Exclusion, Field, Standing};
use crate::matching::waiting::model::{Hurdle, Interest};
use crate::matching::{rules, store, waiting};
use crate::staff::store as staff_room;
use crate::{courses, people};

/// What must not stand in the way of a match that runs; whether it is wanted both have said by then.
pub(super) const TO_RUN: [Hurdle; 2] = [Hurdle::Paused, Hurdle::Consent];

/// [`TO_RUN`] of a pair whose person said after their yes that no match is wanted.
const TO_RUN_AFTER_A_NO: [Hurdle; 3] = [Hurdle::Paused, Hurdle::Consent, Hurdle::NotWanted];

/// Everybody on the staff with where they stand today, the best ranked first, then who is excluded, by id.
///
/// # Errors
/// 404; 422 at `/until` for a date that is over.
pub fn list_candidates(
    tx: &mut Tx<'_>,
    course: CourseId,
    asked: Asked,
    until: Option<NaiveDate>,
) -> Result<(Field, Vec<(usize, Standing)>)> {
    courses::store::get(tx, course)?;
    let course = courses::store::fact(tx, course)?;
    tx.saw(course.person);
    let today = tx.programme.calendar().zone.date(tx.now);
    if until.is_some_and(|until| until < today) {
        return Err(invalid("/until", Flaw::OutOfRange, "Datoen er passeret", "The date is over"));
    }
    let until = until.unwrap_or_else(|| rules::default_agreement(today).expected_end_on);
    let field = load_one(tx, &course, &For::everybody(until, asked))?;
    let standings = ranking::rules::in_order(&field, 0, &tx.programme.pairing);
    Ok((field, standings))
}

/// A candidate whom nothing excludes.
pub(super) struct Checked {
    /// Who.
    pub(super) candidate: Candidate,
    /// What they were ranked by.
    kept: Kept,
    /// The tag of a language in common.
    language: String,
}

/// A candidate whom nothing excludes and what they were ranked by, or each limit that excludes them.
pub(super) type Judged = std::result::Result<Checked, CodeSet<Exclusion>>;

/// How a candidate stands for a course today, and on the day that a match is stated to begin, where that is over; 422 for somebody unknown.
/// `taken`: how many of their places are gone, where that is not what is live.
fn judge(tx: &mut Tx<'_>, course: &CourseFacts, staff: StaffId, wanted: For, from: Instant, taken: Option<i32>) -> Result<Judged> {
    let unknown = || Flaw::UnknownStaff.refused("/staff_id");
    let mut field = load_one(tx, course, &For { only: Some(staff), ..wanted })?;
    for candidate in &mut field.candidates {
        candidate.matches = taken.unwrap_or(candidate.matches);
    }
    let settings = &tx.programme.pairing;
    let standing = ranking::rules::rank_all(&field, 0, settings).pop().ok_or_else(unknown)?;
    let then = exclusions_then(tx, &field, from);
    let (candidate, ask) = field.candidates.pop().zip(field.asks.pop()).ok_or_else(unknown)?;
    Ok(match standing {
        Standing::Ranked(_) if !then.is_empty() => Err(then),
        Standing::Ranked(ranked) => {
            let kept = ranking::rules::keep(&candidate, &ask, ranked, settings);
            let language = kept.facts.languages.first().map(|tag| tag.as_str().to_owned()).unwrap_or_default();
            Ok(Checked { candidate, kept, language })
        }
        Standing::Excluded(exclusions) => Err(exclusions.iter().chain(then.iter()).collect()),
    })
}

/// What excludes a candidate on the day that a match is stated to begin, where that is over: who was not there yet, or lacked a proof.
fn exclusions_then(tx: &Tx<'_>, field: &Field, from: Instant) -> CodeSet<Exclusion> {
    let zone = tx.programme.calendar().zone;
    let on = zone.date(from);
    if on >= zone.date(tx.now) {
        return CodeSet::default();
    }
    let mut field = field.clone();
    field.asks.iter_mut().for_each(|ask| ask.on = on);
    match ranking::rules::rank_all(&field, 0, &tx.programme.pairing).pop() {
        Some(Standing::Excluded(exclusions)) => exclusions,
        _ => CodeSet::default(),
    }
}

/// The candidate and what they were ranked by, or 422 with each limit that excludes them from a match that begins then.
pub(super) fn check_candidate(tx: &mut Tx<'_>, course: &CourseFacts, staff: StaffId, wanted: For, from: Instant) -> Result<Checked> {
    judge(tx, course, staff, wanted, from, None)?.map_err(excluded)
}

/// 422 with each limit that excludes a candidate.
fn excluded(exclusions: CodeSet<Exclusion>) -> Error {
    let mut problem = Problem::new(Code::Invalid);
    for exclusion in exclusions.iter() {
        problem.errors.push(FieldError { pointer: "/staff_id".into(), code: exclusion.code(), words: exclusion.words() });
    }
    problem.into()
}

/// A course that may have a (new) match: unended, nothing of these must come first, and nobody runs it.
pub(super) fn check_course(tx: &mut Tx<'_>, course: &CourseFacts, of: &[Hurdle]) -> Result<()> {
    if course.state.is_ended() {
        return Err(Problem::new(Code::WrongState).say("Forløbet er afsluttet", "The course has ended").into());
    }
    let live = store::fact_live(tx, Some(course.course), None)?;
    if let Some(running) = live.iter().find(|other| other.state == State::Running) {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("match", running.id.uuid()).into());
    }
    let (hurdles, talk_about) = waiting::actions::hurdles_of(tx, course.course, of)?;
    waiting::rules::check_hurdles(hurdles, talk_about)
}

/// From when on somebody may be proposed for a course: from its acceptance, or from the end of the person's last match of that track.
fn free_since(tx: &mut Tx<'_>, course: &CourseFacts) -> Result<Instant> {
    let last = store::list_last_ended(tx, &[course.person])?.get(&(course.person, course.track)).map(|last| last.at);
    Ok(last.map_or(course.accepted_at, |last| last.max(course.accepted_at)))
}

/// Refuses whoever could not see whom they introduce: that takes a coordinator who is not barred from them.
pub(super) fn check_facilitator(tx: &mut Tx<'_>, facilitator: Option<AccountId>, (case, person): (CaseId, PersonId)) -> Result<()> {
    let Some(account) = facilitator else { return Ok(()) };
    if accounts::find_roles(tx, account)?.is_none() {
        return Err(invalid(
            "/facilitator_id",
            Flaw::Unknown,
            "Kontoen findes ikke eller er lukket",
            "The account does not exist or is closed",
        ));
    }
    if accounts::may_coordinate(tx, account, &[person.cast(), case.cast()])? {
        return Ok(());
    }
    let words = ("Kontoen er ikke en koordinator, der må se matchet", "The account is not a coordinator who may see the match");
    Err(invalid("/facilitator_id", Flaw::NotEligible, words.0, words.1))
}

/// A pair as it is first written down, from a moment.
pub(super) fn draft(
    tx: &mut Tx<'_>,
    course: &CourseFacts,
    staff: StaffId,
    at: Instant,
    agreed: Agreed,
    criteria: &Criteria,
) -> Result<Match> {
    let id: MatchId = tx.new_id();
    Ok(Match {
        id,
        course: course.course,
        case: course.case,
        person: course.person,
        staff,
        track: course.track,
        state: State::Proposed,
        proposed_at: at,
        proposed_by: tx.account()?,
        expires_at: tx.programme.calendar().due(at, Span::Days(tx.programme.deadlines.proposal_days)),
        criteria: store::seal_criteria(tx, id, course.person, criteria)?,
        staff_answer: None,
        person_answer: None,
        starts_at: None,
        starts_recorded_at: None,
        ended_at: None,
        ended_recorded_at: None,
        end_reason: None,
        agreed,
        loan_ends_at: None,
        taken_over_from: None,
        recorded_at: tx.now,
        version: 1,
    })
}

/// What a match keeps of the day it was made: how the member of staff ranked, and what was asked for.
pub(super) fn criteria(checked: &Checked, asked: Asked, sentence: Option<Text>) -> Criteria {
    Criteria {
        sentence,
        language: checked.language.clone(),
        matches: checked.candidate.matches.into(),
        capacity: checked.candidate.capacity,
        same_family: asked.same_family,
        again: asked.again,
        ranking: Some(checked.kept.clone()),
        ..Criteria::default()
    }
}

/// Proposes a pair to both sides. The mentor or coach sees the proposal from now on, with the person's first name.
///
/// # Errors
/// 422 for an unknown course, an excluded member of staff, each reason named, or impossible moments; 409 while something must come first
/// (each of it named), or the course may not have a match.
pub fn propose(tx: &mut Tx<'_>, proposal: Proposal) -> Result<MatchId> {
    courses::actions::get_named(tx, proposal.course)?;
    tx.lock(&[proposal.course.cast(), proposal.staff.cast()])?;
    let course = courses::store::fact(tx, proposal.course)?;
    check_course(tx, &course, Hurdle::ALL)?;
    let cause = free_since(tx, &course)?;
    let at = rules::stated(proposal.happened_at, tx.now, cause)?;
    let zone = tx.programme.calendar().zone;
    let today = zone.date(tx.now);
    rules::check_first_meeting(proposal.agreed.first_meeting_at.flatten(), tx.now)?;
    let unsaid = rules::default_agreement(zone.date(at));
    // Also of a proposal of more than a year ago: against an end that is over, no limit would say anything.
    let agreed = Agreed { expected_end_on: rules::expected_end(&unsaid, today), ..unsaid }.with(proposal.agreed);
    rules::check_agreement(&agreed, None, today)?;
    check_facilitator(tx, agreed.facilitator, (course.case, course.person))?;
    let (asked, beside) = (proposal.asked, proposal.beside);
    let wanted = For { beside: beside.clone(), ..For::everybody(agreed.expected_end_on, asked) };
    let now = tx.now;
    // From when it runs is told by the answers.
    let checked = check_candidate(tx, &course, proposal.staff, wanted, now)?;

    let criteria = Criteria { beside, ..criteria(&checked, asked, proposal.sentence) };
    let matched = draft(tx, &course, proposal.staff, at, agreed, &criteria)?;
    store::insert(tx, &matched)?;
    if let Some(account) = checked.candidate.account {
        relate(tx, &matched, account, at)?;
    }
    tx.tell(Fact::MatchProposed { matched: matched.id });
    Ok(matched.id)
}

/// Records one side's answer; the second yes starts the match, a no ends the proposal. The member of staff answers for themselves, a
/// coordinator for either side. Where the pair no longer holds, the second yes is kept and starts nothing: the unit sees why
/// ([`super::held_by`]) and may [`start_held`]. Until it runs a yes becomes a no, and the yes is kept beside it. A no is kept whatever became of
/// the proposal, for what is proposed next: also one that was said when it had lapsed, and after a yes.
///
/// # Errors
/// 404; 409 when it is answered (but for a no after a yes), and for a yes when it is not open, had expired at the stated moment, or is over and the course has ended, has
/// somebody else or had since; 422 for an impossible moment, a no without a reason, and a yes without an answer to whether they know the person or the family, or
/// of somebody who does.
pub fn answer(tx: &mut Tx<'_>, id: MatchId, side: Side, said: Said) -> Result<MatchId> {
    let mut matched = get_to_answer(tx, id, said.accepted)?;
    let sight = if tx.reaches(Reach::All) { Sight::Unit } else { Sight::Staff };
    tx.seen_at(seen_version(&matched, sight));
    tx.lock(&[matched.course.cast(), matched.staff.cast()])?;
    let at = rules::stated(said.happened_at, tx.now, matched.proposed_at)?;
    if said.accepted && rules::has_lapsed(&matched) && may_still_run(tx, &matched)? {
        // What was said in time counts, whenever it is written down.
        (matched.state, matched.ended_at) = (State::Proposed, None);
    }
    let present = match side {
        Side::Staff => matched.staff_answer,
        Side::Person => matched.person_answer,
    };
    rules::check_answer((matched.state, matched.expires_at), present, Answer { accepted: said.accepted, at })?;
    let today = tx.programme.calendar().zone.date(tx.now);
    let is_protected = !people::store::list_protected(tx, &[matched.person], today)?.is_empty();
    let mut criteria = store::open_criteria(tx, &matched)?;
    rules::check_given(side, said.accepted, said.given, criteria.again)?;
    // Nobody learns by a refusal that an address is protected.
    let mut given = if is_protected { said.given.without_distance() } else { said.given };
    let former_words = criteria.replace_words(side, said.words);
    if let Some(yes) = present {
        let former = corrections::keep_yes(tx, &matched, side, yes, former_words)?;
        given = given.instead_of(former);
    }
    store::answers::set_given(tx, id, side, given)?;
    matched.criteria = store::seal_criteria(tx, id, matched.person, &criteria)?;
    let answer = Some(Answer { accepted: said.accepted, at });
    match side {
        Side::Staff => matched.staff_answer = answer,
        Side::Person => matched.person_answer = answer,
    }
    if !said.accepted {
        // What was over before it ended then.
        let ended_at = matched.ended_at.map_or(at, |ended_at| ended_at.min(at));
        come_to_nothing(tx, matched, State::Refused, ended_at)?;
        return Ok(id);
    }
    match rules::starts_at(matched.staff_answer, matched.person_answer) {
        Some(starts_at) => match test_again(tx, &matched, starts_at)? {
            (hurdles, Ok(checked)) if hurdles.is_empty() => start(tx, matched, &checked.candidate, starts_at)?,
            _ => store::save(tx, &matched).map(|()| tx.tell(Fact::PairHeld { matched: id }))?,
        },
        None => store::save(tx, &matched)?,
    }
    Ok(id)
}

/// A match that the caller may answer: one they see, or a proposal of their own that is over, since their phone may have had no signal: with a
/// yes one that lapsed, with a no whatever became of it.
fn get_to_answer(tx: &mut Tx<'_>, id: MatchId, accepted: bool) -> Result<Match> {
    if tx.reaches(Reach::All) {
        return store::get(tx, id);
    }
    let matched = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    if staff_room::fact_account(tx, matched.staff)? != Some(tx.account()?) || !tx.actor.is(matched.role()) {
        return Err(Code::NotFound.into());
    }
    let is_over = if accepted { rules::has_lapsed(&matched) } else { rules::came_to_nothing(&matched) };
    let may_answer = is_over && !tx.is_barred(&[matched.case.cast(), matched.person.cast()])?;
    if may_answer { Ok(matched) } else { store::get(tx, id) }
}

/// Whether a pair whose proposal lapsed may still run: the course goes on, and has nobody, nor had since the proposal.
fn may_still_run(tx: &mut Tx<'_>, matched: &Match) -> Result<bool> {
    let course = courses::store::fact(tx, matched.course)?;
    let is_free = !course.state.is_ended() && store::fact_live(tx, Some(matched.course), None)?.is_empty();
    Ok(is_free && free_since(tx, &course)? <= matched.proposed_at)
}

/// Whether a proposal that both sides said yes to still holds, to begin then: what must come first, and how the member of staff stands.
pub(super) fn test_again(tx: &mut Tx<'_>, matched: &Match, from: Instant) -> Result<(CodeSet<Hurdle>, Judged)> {
    let course = courses::store::fact(tx, matched.course)?;
    let of = must_come_first(tx, matched)?;
    let (hurdles, _) = waiting::actions::hurdles_of(tx, matched.course, of)?;
    Ok((hurdles, judge_again(tx, &course, matched, from)?))
}

/// What must not stand in the way of a pair that both said yes to: a no of the person's to any match, too, if that came after their yes.
fn must_come_first(tx: &mut Tx<'_>, matched: &Match) -> Result<&'static [Hurdle]> {
    Ok(match (waiting::actions::interest_of(tx, matched.course)?, matched.person_answer) {
        (Interest::Gone { said_at }, Some(yes)) if said_at >= yes.at => &TO_RUN_AFTER_A_NO,
        _ => &TO_RUN,
    })
}

/// How the member of staff stands for a pair that both said yes to: of two pairs for one place, the one both said yes to first has it. Whoever
/// writes it down, it stands or not; what they may not see of why they are not told.
fn judge_again(tx: &mut Tx<'_>, course: &CourseFacts, matched: &Match, from: Instant) -> Result<Judged> {
    let live = store::fact_live(tx, None, Some(matched.staff))?;
    let taken = live.iter().filter(|other| rules::has_place_before(other, matched)).count();
    let (wanted, taken) = (as_proposed(tx, matched)?, Some(i32::try_from(taken).unwrap_or(i32::MAX)));
    let judged = judge(tx, course, matched.staff, wanted.clone(), from, taken)?;
    let Err(all) = judged else { return Ok(judged) };
    let seen = judge(tx, course, matched.staff, For { eyes: Eyes::Caller, ..wanted }, from, taken)?;
    Ok(Err(as_seen(all, seen.err().unwrap_or_default())))
}

/// What was asked for when the pair was proposed.
fn as_proposed(tx: &mut Tx<'_>, matched: &Match) -> Result<For> {
    let criteria = store::open_criteria(tx, matched)?;
    let asked = Asked { same_family: criteria.same_family, again: criteria.again };
    let until = rules::expected_end(&matched.agreed, tx.programme.calendar().zone.date(tx.now));
    Ok(For { but: Some(matched.id), beside: criteria.beside, eyes: Eyes::House, ..For::everybody(until, asked) })
}

/// Starts a match whose second yes was kept because the pair did not hold then, now that it does.
///
/// # Errors
/// 404; 409 when it does not wait for this or has expired, and while something must come first; 422 naming each limit that excludes the
/// member of staff.
pub fn start_held(tx: &mut Tx<'_>, id: MatchId) -> Result<MatchId> {
    let matched = store::get(tx, id)?;
    tx.lock(&[matched.course.cast(), matched.staff.cast()])?;
    rules::check_held(&matched, tx.now)?;
    let course = courses::store::fact(tx, matched.course)?;
    let of = must_come_first(tx, &matched)?;
    check_course(tx, &course, of)?;
    let now = tx.now;
    let checked = judge_again(tx, &course, &matched, now)?.map_err(excluded)?;
    start(tx, matched, &checked.candidate, now)?;
    Ok(id)
}

/// The match runs; other proposals for the course are over.
fn start(tx: &mut Tx<'_>, mut matched: Match, candidate: &Candidate, starts_at: Instant) -> Result<()> {
    store::fact_loans_over(tx, matched.course)?.into_iter().try_for_each(|over| write_loan(tx, over))?;
    for other in store::fact_live(tx, Some(matched.course), None)? {
        if other.id != matched.id {
            let now = tx.now;
            come_to_nothing(tx, other, State::Expired, now)?;
        }
    }
    matched.state = State::Running;
    matched.starts_at = Some(starts_at);
    matched.agreed.expected_end_on = rules::expected_end(&matched.agreed, tx.programme.calendar().zone.date(tx.now));
    matched.loan_ends_at = candidate.loan_until_on.map(|last| tx.programme.calendar().zone.end_of(last));
    store::save(tx, &matched)?;
    if let Some(account) = candidate.account {
        relate(tx, &matched, account, starts_at)?;
    }
    tx.tell(Fact::MatchStarted { matched: matched.id });
    Ok(())
}
