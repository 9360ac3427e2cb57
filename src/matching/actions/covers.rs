//! Who could cover a session of a match: the hard limits of matching hold for a cover, too.

use chrono::NaiveDate;

use crate::access::bars::is_member_barred;
use crate::access::store::is_barred_from;
use crate::access::{Tx, accounts};
use crate::base::db::Coded;
use crate::base::error::{Code, FieldError, Problem, Result};
use crate::base::ids::StaffId;
use crate::base::value::Flaw;
use crate::courses;
use crate::matching::model::Match;
use crate::matching::ranking::actions::load_one;
use crate::matching::ranking::store::For;
use crate::matching::ranking::{self, Asked, Candidate, Exclusion, Standing};
use crate::staff::store as staff_room;

/// Limits that are about running a match, not about meeting somebody once at a time that is agreed.
const OF_RUNNING: [Exclusion; 4] = [Exclusion::Capacity, Exclusion::Proposed, Exclusion::Hours, Exclusion::HoursUnknown];

/// Limits that are about the day of a session: what was so when a cover was decided may be otherwise by then.
const OF_THE_DAY: [Exclusion; 5] = [Exclusion::Kind, Exclusion::Certificate, Exclusion::Qualification, Exclusion::Left, Exclusion::Loan];

/// Everybody on the staff of the match's track but whoever runs it, with what excludes them from covering on a date; nothing: they could.
/// `refused` are those to whom the person said no as a cover.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    matched: &Match,
    on: NaiveDate,
    only: Option<StaffId>,
    refused: &[StaffId],
) -> Result<Vec<(Candidate, Vec<Exclusion>)>> {
    let course = courses::store::fact(tx, matched.course)?;
    let wanted = For { only, but: Some(matched.id), ..For::everybody(on, Asked::default()) };
    let mut field = load_one(tx, &course, &wanted)?;
    field.asks.iter_mut().for_each(|ask| ask.on = on);
    let standings = ranking::rules::rank_all(&field, 0, &tx.programme.pairing);
    let judged = field.candidates.into_iter().zip(standings).filter(|(candidate, _)| candidate.staff != matched.staff);
    let judged = judged.map(|(candidate, standing)| {
        let mut exclusions = match standing {
            Standing::Excluded(exclusions) => exclusions.iter().filter(|exclusion| !OF_RUNNING.contains(exclusion)).collect::<Vec<_>>(),
            Standing::Ranked(_) => Vec::new(),
        };
        exclusions.extend(refused.contains(&candidate.staff).then_some(Exclusion::SaidNo));
        (candidate, exclusions)
    });
    // A list is of those who do this at all; whoever is named is told.
    let of_track = |(_, exclusions): &(Candidate, Vec<Exclusion>)| only.is_some() || !exclusions.contains(&Exclusion::Kind);
    Ok(judged.filter(of_track).collect())
}

/// Refuses whoever could not cover on a date.
///
/// # Errors
/// 422 at the pointer for somebody unknown, for whoever runs the match, and with each limit that excludes them.
pub fn check(tx: &mut Tx<'_>, matched: &Match, on: NaiveDate, staff: StaffId, refused: &[StaffId], pointer: &str) -> Result<()> {
    if staff == matched.staff {
        return Err(Flaw::RunsIt.refused(pointer));
    }
    let found = list(tx, matched, on, Some(staff), refused)?.pop();
    let (_, exclusions) = found.ok_or_else(|| Flaw::UnknownStaff.refused(pointer))?;
    let mut problem = Problem::new(Code::Invalid);
    for exclusion in exclusions {
        problem.errors.push(FieldError { pointer: pointer.to_owned(), code: exclusion.code(), words: exclusion.words() });
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// Whether a member of staff who covers could do so on a date: they do this, are on the staff then, not beyond their loan, and have the proofs that are
/// needed to meet somebody of that age.
///
/// # Errors
/// The database's.
pub fn may_on(tx: &mut Tx<'_>, matched: &Match, on: NaiveDate, staff: StaffId) -> Result<bool> {
    let found = list(tx, matched, on, Some(staff), &[])?.pop();
    Ok(found.is_some_and(|(_, exclusions)| !exclusions.iter().any(|exclusion| OF_THE_DAY.contains(exclusion))))
}

/// Whether a member of staff may see and meet the person of a match: their account is open, of the role of the track, and barred from neither
/// person nor case; who has none is barred by all that they had. Nobody is proposed, or covers, of whom this is not so: to [`ranking`] such an
/// account is closed, they do not do this, or they are barred.
///
/// # Errors
/// The database's.
pub fn may_meet(tx: &mut Tx<'_>, staff: StaffId, matched: &Match) -> Result<bool> {
    let subjects = [matched.person.cast(), matched.case.cast()];
    let Some(account) = staff_room::fact_account(tx, staff)? else { return Ok(!is_member_barred(tx, staff, &subjects)?) };
    let is_open_to_it = accounts::find_roles(tx, account)?.is_some_and(|roles| roles.contains(&matched.role()));
    Ok(is_open_to_it && !is_barred_from(tx, account, &subjects)?)
}
