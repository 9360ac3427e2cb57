//! What a member of staff's comings and goings do to their matches: relations, ends, whose the logs are.

use super::{end_all, promises};
use crate::access::store::{end_by_cause, grant, grant_between};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::{AccountId, MatchId, StaffId};
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::journal::Subject;
use crate::matching::model::{EndReason, Match, State};
use crate::matching::{rules, store};
use crate::staff::store as staff_room;

/// Relates an account to a match that it runs; while that runs, to its course and person, too.
pub(super) fn relate(tx: &mut Tx<'_>, matched: &Match, account: AccountId, from: Instant) -> Result<()> {
    let (of_match, of_person) = rules::seen_until(matched, tx.programme.match_grace_days);
    let mut subjects: Vec<(Subject, Option<Instant>)> = vec![(matched.id.into(), of_match)];
    if matched.starts_at.is_some() && matched.ended_at.is_none() {
        subjects.extend([(matched.course.into(), of_person), (matched.person.into(), of_person)]);
    }
    for (subject, until) in subjects {
        give(tx, account, RelationKind::Runs, subject, (from, until), matched)?;
    }
    Ok(())
}

/// Puts what an account that runs a match from now on may see of it in the place of what was given before: the match, and while that runs its
/// course, its person and the logs that were released to it. `None`: nobody signs in for it.
fn relate_anew(tx: &mut Tx<'_>, matched: &Match, account: Option<AccountId>) -> Result<()> {
    let now = tx.now;
    for kind in [RelationKind::Runs, RelationKind::Reads] {
        end_by_cause(tx, kind, matched.id.cast(), now)?;
    }
    let Some(account) = account else { return Ok(()) };
    relate(tx, matched, account, now)?;
    if matched.state == State::Running {
        for released in store::releases::list_to(tx, matched.id)? {
            give(tx, account, RelationKind::Reads, released, (now, matched.loan_ends_at), matched)?;
        }
    }
    Ok(())
}

/// Gives a relation that a match is the cause of, for the role of its track, with its end where that is known.
pub(super) fn give(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: RelationKind,
    subject: impl Into<Subject>,
    (from, until): (Instant, Option<Instant>),
    matched: &Match,
) -> Result<()> {
    match until {
        Some(until) => grant_between(tx, account, (kind, matched.role()), subject, (from, until), "match", matched.id.cast()),
        None => grant(tx, account, (kind, matched.role()), subject, from, "match", Some(matched.id.cast())),
    }
}

/// Consequence of a member of staff's leaving: their matches end, the courses wait for another.
///
/// # Errors
/// The database's.
pub fn left(tx: &mut Tx<'_>, staff: StaffId, at: Instant) -> Result<()> {
    let live = store::fact_live(tx, None, Some(staff))?;
    end_all(tx, live, EndReason::StaffLeft, at)
}

/// Consequence of a loan that was made, moved or ended: what they run ends with it, by the row's own moment.
///
/// # Errors
/// 422 at `/loan_until_on` for a day that is over while they run something.
pub fn loan_changed(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let today = tx.programme.calendar().zone.date(tx.now);
    let runs = store::fact_live(tx, None, Some(staff))?.iter().any(|matched| matched.state == State::Running);
    if let Some(last) = staff_room::fact_loan(tx, staff)?.filter(|_| runs) {
        rules::check_loan_day(last, today)?;
    }
    agree_loan(tx, staff)
}

/// Consequence of what a member of staff does by now: nobody stops doing what a match takes that they run. A proposal is asked about at its second yes.
///
/// # Errors
/// 409 with those of these matches that the actor may see.
pub fn kinds_changed(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let kinds = staff_room::list_facts(tx, Some(staff))?.pop().map(|facts| facts.kinds).unwrap_or_default();
    let mut running = store::fact_live(tx, None, Some(staff))?;
    running.retain(|matched| matched.state == State::Running && !kinds.contains(&matched.track.kind_of_staff()));
    if running.is_empty() {
        return Ok(());
    }
    let words = (
        "Medarbejderen har match i gang, som kræver det: overdrag eller afslut dem først",
        "They run matches that take it: hand over or end them first",
    );
    let mut problem = Problem::new(Code::Blocked).say(words.0, words.1);
    for matched in running {
        problem = match store::get(tx, matched.id) {
            Ok(seen) => problem.blocked_by("match", seen.id.uuid()),
            Err(Error::Refused(_)) => problem,
            Err(error) => return Err(error),
        };
    }
    Err(problem.into())
}

fn agree_loan(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let account = staff_room::fact_account(tx, staff)?;
    let ends_at = staff_room::fact_loan(tx, staff)?.map(|last| tx.programme.calendar().zone.end_of(last));
    for mut matched in store::fact_live(tx, None, Some(staff))? {
        if matched.state == State::Running && matched.loan_ends_at != ends_at {
            matched.loan_ends_at = ends_at;
            store::save(tx, &matched)?;
            relate_anew(tx, &matched, account)?;
        }
    }
    Ok(())
}

/// The nightly pass makes a running match agree with its member of staff: their loan, whether they may see it, and their certificate.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    agree_loan(tx, matched.staff)?;
    promises::agree_certificate(tx, &matched)?;
    promises::agree_sight(tx, &matched)
}

/// Consequence of rights that an account lost or has again: what whoever has it, or had it last, runs and may not see is the unit's to mend.
///
/// # Errors
/// The database's.
pub fn agree_sights(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    for staff in staff_room::accounts::fact_whose(tx, account)? {
        store::fact_live(tx, None, Some(staff))?.iter().try_for_each(|matched| promises::agree_sight(tx, matched))?;
    }
    Ok(())
}

/// Consequence of another account: from now on it runs what the member of staff runs, through the grace of what ended, and theirs are
/// the logs that are missing. The former account runs nothing of it any more, and reads nothing that was released to it.
///
/// # Errors
/// The database's.
pub fn account_changed(tx: &mut Tx<'_>, staff: StaffId, from: Option<AccountId>, to: Option<AccountId>) -> Result<()> {
    let (now, grace_days) = (tx.now, tx.programme.match_grace_days);
    let ended_after = now.minus(chrono::TimeDelta::days(i64::from(grace_days)));
    for matched in store::fact_of_staff(tx, staff, ended_after)? {
        relate_anew(tx, &matched, to)?;
        if let Some(ended_at) = matched.ended_at {
            end_by_cause(tx, RelationKind::Runs, matched.id.cast(), rules::grace_until(ended_at, grace_days))?;
        }
        let logs = Which::matched(matched.id).kinds(&[Kind::LogMissing]).of_owner(from);
        duties::actions::hand_over(tx, &logs, to)?;
        promises::agree_sight(tx, &matched)?;
    }
    Ok(())
}
