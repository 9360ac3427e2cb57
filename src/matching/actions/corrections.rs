//! An end of a match, or the talk after it, that was recorded wrongly becomes what it was; a yes that becomes a no is kept.

use chrono::TimeDelta;

use super::promises;
use crate::access::store::{end_by_cause, grant_between, related_accounts};
use crate::access::{RelationKind, Role, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, MatchId};
use crate::base::value::{Flaw, Text};
use crate::base::vault::Holder;
use crate::corrections::{self, Correction};
use crate::courses;
use crate::facts::Fact;
use crate::matching::model::{Answer, EndReason, FormerEnd, FormerYes, Given, Match, RepairOutcome, Side, State, Talk};
use crate::matching::{rules, store};

/// What was recorded of a match's end before each correction. The caller must have been shown the match.
///
/// # Errors
/// The database's and the vault's.
pub fn former_ends(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<Correction<FormerEnd>>> {
    corrections::list(tx, corrections::Kind::MatchEnd, matched.id.cast(), Holder::person(matched.person))
}

/// The yeses to a proposal that became a no. The caller must have been shown the match.
///
/// # Errors
/// The database's and the vault's.
pub fn former_yeses(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<Correction<FormerYes>>> {
    corrections::list(tx, corrections::Kind::MatchAnswer, matched.id.cast(), Holder::person(matched.person))
}

/// What was recorded of the talk after a match before it was put right, or taken back. The caller must have been shown the match.
///
/// # Errors
/// The database's and the vault's.
pub fn former_talks(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<Correction<Talk>>> {
    corrections::list(tx, corrections::Kind::RepairTalk, matched.id.cast(), Holder::person(matched.person))
}

/// Keeps the yes of a side that becomes a no; what was given with it.
pub(super) fn keep_yes(tx: &mut Tx<'_>, matched: &Match, side: Side, yes: Answer, words: Option<Text>) -> Result<Given> {
    let given = store::answers::given(tx, matched.id, side)?;
    let former = FormerYes { by_staff: side == Side::Staff, said_at: yes.at, knows_person: given.knows_person, words };
    corrections::keep(tx, corrections::Kind::MatchAnswer, matched.id.cast(), Holder::person(matched.person), &former)?;
    Ok(given)
}

/// The talk on record after a match that the caller may see, as of the version that they name.
fn get_talk(tx: &mut Tx<'_>, id: MatchId, expected: Option<&Expected>) -> Result<(Match, Talk)> {
    let matched = store::get(tx, id)?;
    if let Some(expected) = expected {
        expected.check(matched.version)?;
    }
    tx.lock(&[matched.course.cast()])?;
    let talk = store::answers::find_talk(tx, &matched)?;
    let talk = talk.ok_or_else(|| Problem::new(Code::WrongState).say("Der er ingen samtale at rette", "There is no talk to put right"))?;
    Ok((matched, talk))
}

fn keep_talk(tx: &mut Tx<'_>, matched: &Match, former: &Talk) -> Result<()> {
    corrections::keep(tx, corrections::Kind::RepairTalk, matched.id.cast(), Holder::person(matched.person), former)
}

/// Corrects what came of the talk after a match, when it was and what was said: the whole anew, and what was recorded before stays beside it. The
/// same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when no talk is on record; 422 for an impossible moment.
pub fn correct_talk(
    tx: &mut Tx<'_>,
    id: MatchId,
    expected: &Expected,
    outcome: RepairOutcome,
    words: Option<Text>,
    happened_at: Option<Instant>,
) -> Result<()> {
    let (matched, former) = get_talk(tx, id, Some(expected))?;
    let cause = matched.starts_at.unwrap_or(matched.proposed_at);
    let talk = Talk { outcome, held_at: rules::stated(happened_at.or(Some(former.held_at)), tx.now, cause)?, words };
    if talk == former {
        return Ok(());
    }
    keep_talk(tx, &matched, &former)?;
    let by = tx.account()?;
    store::answers::set_talk(tx, &matched, &talk, by)?;
    store::touch(tx, &matched)
}

/// Takes back a talk after a match that never was: it is asked for again before anybody else is proposed. Whoever is proposed already stays so.
///
/// # Errors
/// 404; 409 when no talk is on record.
pub fn retract_talk(tx: &mut Tx<'_>, id: MatchId) -> Result<MatchId> {
    let (matched, former) = get_talk(tx, id, None)?;
    keep_talk(tx, &matched, &former)?;
    store::answers::delete_talk(tx, id)?;
    store::touch(tx, &matched)?;
    Ok(id)
}

/// Corrects why and when a match ended by itself: the whole anew, and what was recorded before stays beside it. What ended with something else
/// (its course, a hand-over) is corrected there. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when it did not end by itself; 422 as for the end, and for a moment after the next match began, or the course or the loan ended.
pub fn correct_end(
    tx: &mut Tx<'_>,
    id: MatchId,
    expected: &Expected,
    reason: EndReason,
    words: Option<Text>,
    happened_at: Option<Instant>,
) -> Result<()> {
    let mut matched = store::get(tx, id)?;
    expected.check(matched.version)?;
    tx.lock(&[matched.course.cast()])?;
    let Some(from) = matched.ended_at.filter(|_| rules::ended_by_hand(&matched)) else {
        let words =
            ("Matchet er ikke afsluttet for sig: ret det, det sluttede med", "The match did not end by itself: correct what it ended with");
        return Err(Problem::new(Code::WrongState).say(words.0, words.1).into());
    };
    rules::check_end_reason(reason, matched.state)?;
    let at = rules::stated(happened_at.or(Some(from)), tx.now, matched.starts_at.unwrap_or(matched.proposed_at))?;
    let mut criteria = store::open_criteria(tx, &matched)?;
    let former = FormerEnd { ended_at: from, reason: matched.end_reason, words: criteria.end_words.take() };
    if (former.ended_at, former.reason, &former.words) == (at, Some(reason), &words) {
        return Ok(());
    }
    courses::actions::check_held(tx, matched.course, Some(id), at)?;
    check_latest(tx, &matched, from, at)?;
    corrections::keep(tx, corrections::Kind::MatchEnd, id.cast(), Holder::person(matched.person), &former)?;
    criteria.end_words = words;
    matched.criteria = store::seal_criteria(tx, id, matched.person, &criteria)?;
    restate(tx, matched, reason, at)
}

/// What came after the recorded end came after the corrected one, too.
fn check_latest(tx: &mut Tx<'_>, matched: &Match, from: Instant, at: Instant) -> Result<()> {
    let all = store::fact_of_person(tx, matched.person)?;
    let others = all.iter().filter(|other| other.course == matched.course && other.id != matched.id);
    let next_at = others.filter_map(|other| other.starts_at).filter(|starts_at| *starts_at >= from).min();
    let course_ended_at = courses::store::fact(tx, matched.course)?.ended_at;
    let limits = [(next_at, Flaw::AfterNext), (course_ended_at, Flaw::AfterCourse), (matched.loan_ends_at, Flaw::Loan)];
    match limits.into_iter().find(|(limit, _)| limit.is_some_and(|limit| limit < at)) {
        Some((_, flaw)) => Err(flaw.refused("/happened_at")),
        None => Ok(()),
    }
}

/// Writes when and why an ended match ended; whoever ran it sees it through the grace from there.
fn restate(tx: &mut Tx<'_>, mut matched: Match, reason: EndReason, at: Instant) -> Result<()> {
    let (id, now, grace_days) = (matched.id, tx.now, tx.programme.match_grace_days);
    let from = matched.ended_at.unwrap_or(at);
    (matched.ended_at, matched.end_reason) = (Some(at), Some(reason));
    store::save(tx, &matched)?;
    let (until, former_until) = (rules::grace_until(at, grace_days).max(now), rules::grace_until(from, grace_days));
    let given = [(RelationKind::Runs, matched.role()), (RelationKind::Supervises, Role::Supervisor)];
    for (kind, _) in given {
        end_by_cause(tx, kind, id.cast(), until)?;
    }
    if former_until < until && now < until {
        let last = former_until.minus(TimeDelta::microseconds(1));
        for (kind, role) in given {
            for account in related_accounts(tx, kind, id, last)? {
                grant_between(tx, account, (kind, role), id, (former_until.max(now), until), "match", id.cast())?;
            }
        }
    }
    if from != at {
        tx.tell(Fact::MatchEndCorrected { matched: id, from, at });
    }
    Ok(())
}

/// Consequence of a course's corrected end: the matches that ended with it ended then.
///
/// # Errors
/// 409 with a match that began, or ended by itself, later than that.
pub fn course_end_corrected(tx: &mut Tx<'_>, id: CourseId, from: Instant, at: Instant) -> Result<()> {
    let person = courses::store::fact(tx, id)?.person;
    let all = store::fact_of_person(tx, person)?;
    for matched in all.into_iter().filter(|matched| matched.course == id && matched.state == State::Ended) {
        let ended_with_it = matched.end_reason == Some(EndReason::CourseEnded) && matched.ended_at >= Some(from);
        let is_later = matched.starts_at > Some(at) || !ended_with_it && matched.ended_at > Some(at);
        if is_later {
            let words = ("Et match begyndte eller sluttede senere end det", "A match began, or ended, later than that");
            return Err(Problem::new(Code::Blocked).say(words.0, words.1).blocked_by("match", matched.id.uuid()).into());
        }
        if ended_with_it && matched.ended_at != Some(at) {
            restate(tx, matched, EndReason::CourseEnded, at)?;
        }
    }
    Ok(())
}

/// Consequence of a course that runs on, since a death that was said to have ended it then was taken back: the match that had ended with it stays
/// over, and went on until that was written down.
///
/// # Errors
/// The database's.
pub fn course_given_back(tx: &mut Tx<'_>, id: CourseId, ended_at: Instant, recorded_at: Instant) -> Result<()> {
    match last_ended_with(tx, id, ended_at)?.filter(|last| last.ended_at < Some(recorded_at)) {
        Some(last) => restate(tx, last, EndReason::CourseEnded, recorded_at),
        None => Ok(()),
    }
}

/// Consequence of a course that did not run on after a death that was said to have ended it, and taken back: the match that had ended with it did so at
/// that moment, never before it began.
///
/// # Errors
/// The database's.
pub fn course_stays_over(tx: &mut Tx<'_>, id: CourseId, from: Instant, at: Instant) -> Result<()> {
    let Some(last) = last_ended_with(tx, id, from)? else { return Ok(()) };
    let at = last.starts_at.map_or(at, |starts_at| at.max(starts_at));
    restate(tx, last, EndReason::CourseEnded, at)
}

/// The last match of a course that ended with it at a moment.
fn last_ended_with(tx: &mut Tx<'_>, id: CourseId, ended_at: Instant) -> Result<Option<Match>> {
    let person = courses::store::fact(tx, id)?.person;
    let of_course = store::fact_of_person(tx, person)?.into_iter().filter(|matched| matched.course == id && matched.state == State::Ended);
    let ended = of_course.filter(|matched| matched.end_reason == Some(EndReason::CourseEnded) && matched.ended_at >= Some(ended_at));
    Ok(ended.max_by_key(|matched| matched.starts_at))
}

/// Consequence of a match's corrected end: whoever waits since is asked in time whether a match is still wanted.
///
/// # Errors
/// The database's.
pub fn agree_interest(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    match store::find_fact(tx, id)? {
        Some(matched) => promises::agree_interest(tx, matched.course),
        None => Ok(()),
    }
}
