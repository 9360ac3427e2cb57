//! From one mentor or coach to the next: the talk before somebody else is proposed, handing over in one verb, releasing the old logs.

use super::proposals::{TO_RUN, check_candidate, check_course, criteria, draft};
use super::{finish, staff};
use crate::access::store::end_by_cause_to;
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{MatchId, StaffId};
use crate::base::value::{Flaw, Text};
use crate::courses;
use crate::facts::Fact;
use crate::matching::model::{Agreed, Answer, EndReason, EndStep, Given, RepairOutcome, Side, State, Talk};
use crate::matching::ranking::Asked;
use crate::matching::ranking::store::For;
use crate::matching::{rules, store, supervision};
use crate::staff::store as staff_room;

/// Records the talk that is asked for before somebody else is proposed, or why it could not be had.
///
/// # Errors
/// 404; 409 while the match has not ended, or when a talk is on record; 422 for an impossible moment.
pub fn record_repair(
    tx: &mut Tx<'_>,
    id: MatchId,
    outcome: RepairOutcome,
    words: Option<Text>,
    happened_at: Option<Instant>,
) -> Result<MatchId> {
    let matched = store::get(tx, id)?;
    if matched.state != State::Ended {
        return Err(Problem::new(Code::WrongState).say("Matchet er ikke afsluttet", "The match has not ended").into());
    }
    tx.lock(&[matched.course.cast()])?;
    if store::answers::find_talk(tx, &matched)?.is_some() {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("match", id.uuid()).into());
    }
    let held_at = rules::stated(happened_at, tx.now, matched.starts_at.unwrap_or(matched.proposed_at))?;
    let by = tx.account()?;
    store::answers::set_talk(tx, &matched, &Talk { outcome, held_at, words }, by)?;
    store::touch(tx, &matched)?;
    Ok(id)
}

/// Sets what was done of the list that an ended match leaves: these, and nothing else.
///
/// # Errors
/// 404, 412, 409 while the match has not ended.
pub fn set_end_steps(tx: &mut Tx<'_>, id: MatchId, expected: &Expected, mut steps: Vec<EndStep>) -> Result<()> {
    let matched = store::get(tx, id)?;
    expected.check(matched.version)?;
    if matched.state != State::Ended {
        return Err(Problem::new(Code::WrongState).say("Matchet er ikke afsluttet", "The match has not ended").into());
    }
    steps.sort_unstable();
    steps.dedup();
    store::answers::set_end_steps(tx, id, &steps)?;
    store::touch(tx, &matched)
}

/// Closes a running match and opens the next with another member of staff, to whom both have said yes, and who was asked whether they know the
/// person or the family. What was agreed on stays, but for an expected end that is over, and who supervises; the old logs are hidden from the next
/// until they are released.
///
/// # Errors
/// 404, 409 when it does not run, 422 for an excluded member of staff, each reason named, or an impossible moment, or
/// one before the last session that was held.
pub fn hand_over(
    tx: &mut Tx<'_>,
    id: MatchId,
    (to, knows_person): (StaffId, Option<bool>),
    asked: Asked,
    words: Option<Text>,
    happened_at: Option<Instant>,
) -> Result<MatchId> {
    let mut old = store::get(tx, id)?;
    tx.lock(&[old.course.cast(), to.cast()])?;
    if old.state != State::Running {
        return Err(Problem::new(Code::WrongState).say("Matchet er ikke i gang", "The match does not run").into());
    }
    if old.staff == to {
        return Err(Flaw::SameStaff.refused("/staff_id"));
    }
    let given = Given { reason: None, knows_person };
    rules::check_given(Side::Staff, true, given, asked.again)?;
    let at = rules::stated(happened_at, tx.now, old.starts_at.unwrap_or(old.proposed_at))?;
    courses::actions::check_held(tx, old.course, Some(id), at)?;
    if words.is_some() {
        let mut kept = store::open_criteria(tx, &old)?;
        kept.end_words = words;
        old.criteria = store::seal_criteria(tx, id, old.person, &kept)?;
    }
    let expected_end_on = rules::expected_end(&old.agreed, tx.programme.calendar().zone.date(tx.now));
    let agreed = Agreed { expected_end_on, first_meeting_at: None, facilitator: None, ..old.agreed.clone() };
    let supervisor = supervision::actions::find(tx, &old)?;
    finish(tx, old.clone(), EndReason::HandedOver, at)?;
    let course = courses::store::fact(tx, old.course)?;
    check_course(tx, &course, &TO_RUN)?;
    let wanted = For::everybody(agreed.expected_end_on, asked);
    let checked = check_candidate(tx, &course, to, wanted, at)?;
    let mut next = draft(tx, &course, to, at, agreed, &criteria(&checked, asked, None))?;
    let yes = Some(Answer { accepted: true, at });
    (next.staff_answer, next.person_answer, next.starts_at, next.state) = (yes, yes, Some(at), State::Running);
    next.taken_over_from = Some(id);
    next.loan_ends_at = checked.candidate.loan_until_on.map(|last| tx.programme.calendar().zone.end_of(last));
    store::insert(tx, &next)?;
    store::answers::set_given(tx, next.id, Side::Staff, given)?;
    if let Some(account) = checked.candidate.account {
        staff::relate(tx, &next, account, at)?;
    }
    if let Some(supervisor) = supervisor {
        supervision::actions::give(tx, supervisor, next.id)?;
    }
    tx.tell(Fact::MatchStarted { matched: next.id });
    Ok(next.id)
}

/// Shows the logs of an earlier match to whoever runs a later one of the same course, as long as they do.
///
/// # Errors
/// 404; 422 at `/to_match_id` for a match that is unknown, of another course, does not run, or that nobody signs in for.
pub fn release_logs(tx: &mut Tx<'_>, id: MatchId, to: MatchId) -> Result<MatchId> {
    let old = store::get(tx, id)?;
    let unfit = || Flaw::NotTheNext.refused("/to_match_id");
    let next = store::find_fact(tx, to)?.filter(|next| next.course == old.course && next.state == State::Running && next.id != id);
    let next = next.ok_or_else(unfit)?;
    let account = staff_room::fact_account(tx, next.staff)?.ok_or_else(unfit)?;
    let now = tx.now;
    staff::give(tx, account, RelationKind::Reads, id, (now, next.loan_ends_at), &next)?;
    tx.changed(old.person);
    Ok(id)
}

/// Takes back what [`release_logs`] showed: from now on whoever runs the later match reads these logs no more.
///
/// # Errors
/// 404; 422 at `/to_match_id` for a match to which they are not released.
pub fn take_back_logs(tx: &mut Tx<'_>, id: MatchId, to: MatchId) -> Result<MatchId> {
    let old = store::get(tx, id)?;
    if !store::releases::list_to(tx, to)?.contains(&id) {
        return Err(Flaw::NotReleased.refused("/to_match_id"));
    }
    let now = tx.now;
    end_by_cause_to(tx, RelationKind::Reads, to.cast(), &[id.cast()], now)?;
    store::releases::take_back(tx, to, id)?;
    tx.changed(old.id);
    tx.changed(old.person);
    Ok(id)
}
