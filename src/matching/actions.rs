//! Seek, propose, answer, agree, end.

pub mod staff;

use super::eligible::store::For;
use super::eligible::{self, Ask, Candidate, Exclusion};
use super::model::{Answer, Criteria, EndReason, Match, Proposal, Side, State, Wish};
use super::rules;
use super::store;
pub use super::store::Filter;
use crate::access::store::{end_by_cause, related_accounts};
use crate::access::{Reach, RelationKind, Tx};
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, FieldError, Problem, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, MatchId, StaffId};
use crate::base::value::Text;
use crate::courses;
use crate::courses::model::CourseFacts;
use crate::facts::Fact;
use crate::people;
use crate::staff::store as staff_room;

/// How far a caller sees into a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A coordinator: all of it.
    Unit,
    /// Whoever runs or covers it: first name, the proposal, no case.
    Staff,
    /// Its supervisor: a label instead of a name, nothing that was said.
    Supervisor,
}

/// A match the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: MatchId) -> Result<Match> {
    store::get(tx, id)
}

/// What became of a match, for whoever just answered: they may see it no longer.
///
/// # Errors
/// 404 when there is no such match.
pub fn state_of(tx: &mut Tx<'_>, id: MatchId) -> Result<(State, i64)> {
    store::find_fact(tx, id)?.map(|matched| (matched.state, matched.version)).ok_or_else(|| Code::NotFound.into())
}

/// The matches asked for.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, MatchId)>, fetch: i64) -> Result<Vec<Match>> {
    store::list(tx, filter, after, fetch)
}

/// How far the caller sees into a match that they may see.
///
/// # Errors
/// The database's.
pub fn sight(tx: &mut Tx<'_>, id: MatchId) -> Result<Sight> {
    if tx.reaches(Reach::All) {
        return Ok(Sight::Unit);
    }
    let (account, now) = (tx.account()?, tx.now);
    let runs = related_accounts(tx, RelationKind::Runs, id, now)?.contains(&account);
    let covers = runs || related_accounts(tx, RelationKind::Covers, id, now)?.contains(&account);
    Ok(if covers { Sight::Staff } else { Sight::Supervisor })
}

/// What was known and said, opened.
///
/// # Errors
/// The vault's.
pub fn criteria(tx: &mut Tx<'_>, matched: &Match) -> Result<Criteria> {
    store::open_criteria(tx, matched)
}

/// What stands for the person: the first name where the caller knows the person, else the match's label.
///
/// # Errors
/// The database's and the vault's.
pub fn person_label(tx: &mut Tx<'_>, matched: &Match, sight: Sight) -> Result<String> {
    let knows = match sight {
        Sight::Unit => true,
        Sight::Staff => matched.starts_at.is_some(),
        Sight::Supervisor => false,
    };
    if knows {
        return Ok(people::actions::get(tx, matched.person)?.name.given.into_string());
    }
    tx.saw(matched.person);
    Ok(matched.label())
}

/// Everybody on the staff of the course's track, with what excludes them; nothing: eligible. Tested for today.
///
/// # Errors
/// 404.
pub fn list_eligible(tx: &mut Tx<'_>, course: CourseId, same_family: bool) -> Result<Vec<(Candidate, Vec<Exclusion>)>> {
    courses::store::get(tx, course)?;
    let course = courses::store::fact(tx, course)?;
    let ask = ask(tx, &course, same_family)?;
    tx.saw(course.person);
    let wanted = For { case: course.case, person: course.person, track: course.track, but: None };
    let candidates = eligible::store::list(tx, &wanted, None)?;
    for candidate in &candidates {
        tx.saw(candidate.staff);
    }
    Ok(candidates
        .into_iter()
        .map(|candidate| {
            let exclusions = eligible::rules::exclusions(&candidate, &ask);
            (candidate, exclusions)
        })
        .collect())
}

fn ask(tx: &mut Tx<'_>, course: &CourseFacts, same_family: bool) -> Result<Ask> {
    Ok(Ask {
        track: course.track,
        on: tx.programme.calendar().zone.date(tx.now),
        born_on: people::store::fact_born_on(tx, course.person)?,
        language: people::store::fact_language(tx, course.person)?.tag().to_owned(),
        same_family,
    })
}

/// The candidate, or 422 with each limit that excludes them.
fn check_candidate(tx: &mut Tx<'_>, course: &CourseFacts, staff: StaffId, same_family: bool, but: Option<MatchId>) -> Result<Candidate> {
    let ask = ask(tx, course, same_family)?;
    let wanted = For { case: course.case, person: course.person, track: course.track, but };
    let found = eligible::store::list(tx, &wanted, Some(staff))?.pop();
    let candidate =
        found.ok_or_else(|| invalid("/staff_id", "unknown_staff", "Medarbejderen findes ikke", "There is no such member of staff"))?;
    let mut problem = Problem::new(Code::Invalid);
    for exclusion in eligible::rules::exclusions(&candidate, &ask) {
        problem.errors.push(FieldError { pointer: "/staff_id".into(), code: exclusion.code(), words: exclusion.words() });
    }
    if problem.errors.is_empty() { Ok(candidate) } else { Err(problem.into()) }
}

/// A course that may have a (new) match: unended, not paused, every needed consent given, and nobody runs it.
fn check_course(tx: &mut Tx<'_>, course: &CourseFacts) -> Result<()> {
    let refuse = |da, en| Err(Problem::new(Code::WrongState).say(da, en).into());
    if course.state.is_ended() {
        return refuse("Forløbet er afsluttet", "The course has ended");
    }
    if course.paused_at.is_some() {
        return refuse("Forløbet er sat på pause", "The course is paused");
    }
    let today = tx.programme.calendar().zone.date(tx.now);
    if !courses::actions::may_run(tx, course.course, today)? {
        return refuse("Et nødvendigt samtykke mangler", "A needed consent is missing");
    }
    let live = store::fact_live(tx, Some(course.course), None)?;
    match live.iter().find(|other| other.state == State::Running) {
        Some(running) => Err(Problem::new(Code::AlreadyExists).blocked_by("match", running.id.uuid()).into()),
        None => Ok(()),
    }
}

/// Proposes a pair to both sides. The mentor or coach sees the proposal from now on; the person's name only when it runs.
///
/// # Errors
/// 422 for an unknown course or an excluded member of staff, each reason named; 409 while the course may not have a match.
pub fn propose(tx: &mut Tx<'_>, proposal: Proposal) -> Result<MatchId> {
    let unknown = |_| invalid("/course_id", "unknown_course", "Forløbet findes ikke", "There is no such course");
    courses::store::get(tx, proposal.course).map_err(unknown)?;
    store::lock(tx, &[proposal.course.cast(), proposal.staff.cast()])?;
    let course = courses::store::fact(tx, proposal.course)?;
    check_course(tx, &course)?;
    let candidate = check_candidate(tx, &course, proposal.staff, proposal.same_family, None)?;
    let at = rules::stated(proposal.happened_at, tx.now, course.accepted_at)?;
    let proposed_on = tx.programme.calendar().zone.date(at);
    let agreed = rules::default_agreement(proposed_on).with(proposal.agreed);
    rules::check_agreement(&agreed, proposed_on)?;

    let id: MatchId = tx.new_id();
    let criteria = Criteria {
        sentence: proposal.sentence,
        language: people::store::fact_language(tx, course.person)?.tag().to_owned(),
        matches: candidate.matches,
        capacity: candidate.capacity,
        same_family: proposal.same_family,
        ..Criteria::default()
    };
    let matched = Match {
        id,
        course: course.course,
        case: course.case,
        person: course.person,
        staff: proposal.staff,
        track: course.track,
        state: State::Proposed,
        proposed_at: at,
        proposed_by: tx.account()?,
        expires_at: tx.programme.calendar().due(at, Span::Days(tx.programme.deadlines.proposal_days)),
        criteria: store::seal_criteria(tx, id, course.person, &criteria)?,
        staff_answer: None,
        person_answer: None,
        starts_at: None,
        ended_at: None,
        end_reason: None,
        agreed,
        recorded_at: tx.now,
        version: 1,
    };
    store::insert(tx, &matched)?;
    if let Some(account) = candidate.account {
        staff::relate(tx, &matched, account, at)?;
    }
    tx.tell(Fact::MatchProposed { matched: id });
    Ok(id)
}

/// Records one side's answer; the second yes starts the match, a no ends the proposal. The member of staff answers for themselves, a
/// coordinator for either side.
///
/// # Errors
/// 404, 409 when it is not open, expired or answered; 422 for an impossible moment.
pub fn answer(
    tx: &mut Tx<'_>,
    id: MatchId,
    side: Side,
    accepted: bool,
    words: Option<Text>,
    happened_at: Option<Instant>,
) -> Result<MatchId> {
    let mut matched = store::get(tx, id)?;
    let own = staff_room::fact_account(tx, matched.staff)?;
    if !tx.reaches(Reach::All) && own != Some(tx.account()?) {
        return Err(Code::NotFound.into());
    }
    store::lock(tx, &[matched.course.cast()])?;
    let at = rules::stated(happened_at, tx.now, matched.proposed_at)?;
    let present = match side {
        Side::Staff => matched.staff_answer,
        Side::Person => matched.person_answer,
    };
    rules::check_answer(&matched, present, at)?;
    let given = Some(Answer { accepted, at });
    match side {
        Side::Staff => matched.staff_answer = given,
        Side::Person => matched.person_answer = given,
    }
    if words.is_some() {
        let mut criteria = store::open_criteria(tx, &matched)?;
        match side {
            Side::Staff => criteria.staff_words = words,
            Side::Person => criteria.person_words = words,
        }
        matched.criteria = store::seal_criteria(tx, id, matched.person, &criteria)?;
    }
    if !accepted {
        come_to_nothing(tx, matched, State::Refused, at)?;
    } else if let Some(starts_at) = rules::starts_at(matched.staff_answer, matched.person_answer) {
        start(tx, matched, starts_at)?;
    } else {
        store::save(tx, &matched)?;
    }
    Ok(id)
}

/// Both said yes: the match runs, if the course still may and the member of staff still can.
fn start(tx: &mut Tx<'_>, mut matched: Match, starts_at: Instant) -> Result<()> {
    let course = courses::store::fact(tx, matched.course)?;
    check_course(tx, &course)?;
    let same_family = store::open_criteria(tx, &matched)?.same_family;
    let candidate = check_candidate(tx, &course, matched.staff, same_family, Some(matched.id))?;
    for other in store::fact_live(tx, Some(matched.course), None)? {
        if other.id != matched.id {
            let now = tx.now;
            come_to_nothing(tx, other, State::Expired, now)?;
        }
    }
    matched.state = State::Running;
    matched.starts_at = Some(starts_at);
    store::save(tx, &matched)?;
    if let Some(account) = candidate.account {
        staff::relate(tx, &matched, account, starts_at)?;
    }
    tx.tell(Fact::MatchStarted { matched: matched.id });
    Ok(())
}

/// A proposal that was refused, expired or lost: the member of staff sees it no longer.
fn come_to_nothing(tx: &mut Tx<'_>, mut matched: Match, state: State, at: Instant) -> Result<()> {
    matched.state = state;
    matched.ended_at = Some(at);
    store::save(tx, &matched)?;
    let now = tx.now;
    for kind in [RelationKind::Runs, RelationKind::Supervises] {
        end_by_cause(tx, kind, matched.id.cast(), now)?;
    }
    tx.tell(Fact::MatchEnded { matched: matched.id, at });
    Ok(())
}

/// Sets what the pair agreed on: rhythm, day, length, place code, first joint meeting, expected end.
///
/// # Errors
/// 404, 412, 409 when it is neither proposed nor running, 422.
pub fn update(tx: &mut Tx<'_>, id: MatchId, expected: &Expected, wish: Wish) -> Result<()> {
    let mut matched = store::get(tx, id)?;
    expected.check(matched.version)?;
    if !matches!(matched.state, State::Proposed | State::Running) {
        return Err(Problem::new(Code::WrongState).say("Matchet er afsluttet", "The match is over").into());
    }
    matched.agreed = matched.agreed.with(wish);
    rules::check_agreement(&matched.agreed, tx.programme.calendar().zone.date(matched.proposed_at))?;
    store::save(tx, &matched).map(|()| tx.tell(Fact::AgreementChanged { matched: id }))
}

/// Ends a running match, or withdraws a proposal. What was planned after it is cancelled by the unit; the member of staff keeps seeing
/// it through the grace, for the last logs.
///
/// # Errors
/// 404, 409 when it is over, 422 for an impossible moment.
pub fn end(tx: &mut Tx<'_>, id: MatchId, reason: EndReason, words: Option<Text>, happened_at: Option<Instant>) -> Result<MatchId> {
    let mut matched = store::get(tx, id)?;
    let at = rules::stated(happened_at, tx.now, matched.starts_at.unwrap_or(matched.proposed_at))?;
    if words.is_some() {
        let mut criteria = store::open_criteria(tx, &matched)?;
        criteria.end_words = words;
        matched.criteria = store::seal_criteria(tx, id, matched.person, &criteria)?;
    }
    match matched.state {
        State::Running => finish(tx, matched, reason, at)?,
        State::Proposed => {
            matched.end_reason = Some(reason);
            come_to_nothing(tx, matched, State::Expired, at)?;
        }
        State::Refused | State::Expired | State::Ended => {
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
    let until = rules::grace_until(at, tx.programme.match_grace_days);
    for kind in [RelationKind::Runs, RelationKind::Covers, RelationKind::Supervises] {
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

/// Records the proposals that expired: part of the nightly pass. Answering late is refused before that, too.
///
/// # Errors
/// The database's.
pub fn expire(tx: &mut Tx<'_>) -> Result<usize> {
    /// Fewer than the facts one verb may tell.
    const MOST: i64 = 40;
    let expired = store::fact_expired(tx, MOST)?;
    let count = expired.len();
    for matched in expired {
        let at = matched.expires_at;
        come_to_nothing(tx, matched, State::Expired, at)?;
    }
    Ok(count)
}
