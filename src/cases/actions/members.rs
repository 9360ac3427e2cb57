//! Who comes into a case later, and who leaves it.

use super::{check_person, get_open, join, usual_role};
use crate::access::{Tx, bars};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CaseId, EnquiryId, PersonId};
use crate::cases::model::{LeaveReason, Member, Role, State};
use crate::cases::rules::check_stated;
use crate::cases::store;
use crate::facts::Fact;

/// Adds a person to an open case. Who left it comes back in the role that is said now.
///
/// # Errors
/// 404, 409 when closed or already in it, 422 for an unknown person.
pub fn add_person(tx: &mut Tx<'_>, id: CaseId, person: PersonId, role: Role) -> Result<CaseId> {
    let case = get_open(tx, id)?;
    check_person(tx, person)?;
    if stands(tx, id, person)? {
        return Err(Problem::new(Code::AlreadyExists).say("Personen er allerede i sagen", "The person is in the case already").into());
    }
    let joined_at = tx.now;
    join(tx, id, &Member::new(person, role, joined_at))?;
    store::save(tx, &case)?;
    Ok(id)
}

/// Takes a person out of an open case: nothing new can be begun with them in it. That they stood in it stays, with all that was written of it,
/// and whoever is barred from them stays barred from it; but not where they were added by mistake.
///
/// # Errors
/// 404 for the case, or whoever does not stand in it; 409 when closed, or with what of theirs is open; 422 for an impossible time, or one before
/// what they had in it came to its end, or was held.
pub fn remove_person(tx: &mut Tx<'_>, id: CaseId, person: PersonId, reason: LeaveReason, at: Instant) -> Result<CaseId> {
    let case = get_open(tx, id)?;
    let members = store::fact_members(tx, id)?;
    let standing = members.iter().find(|member| member.person == person && member.stands());
    let joined_at = standing.ok_or(Code::NotFound)?.joined_at;
    let open = store::fact_in_the_way(tx, id, Some(person))?;
    if !open.is_empty() {
        let problem = Problem::new(Code::Blocked).say("Personen har noget åbent i sagen", "The person has something open in the case");
        return Err(open.iter().fold(problem, |problem, open| problem.blocked_by(open.kind, open.id.uuid())).into());
    }
    let last_at = store::fact_last_of(tx, id, person)?.map_or(joined_at, |last_at| last_at.max(joined_at));
    check_stated("/happened_at", at, tx.now, last_at)?;
    tx.because(reason.code());
    store::leave(tx, id, person, at, reason)?;
    store::save(tx, &case)?;
    if reason == LeaveReason::AddedByMistake {
        bars::agree_for(tx, person)?;
    }
    tx.tell(Fact::PersonLeftCase { case: id, person, at });
    Ok(id)
}

/// Whether a person stands in a case now.
pub(super) fn stands(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<bool> {
    Ok(store::fact_members(tx, case)?.iter().any(|member| member.person == person && member.stands()))
}

/// Consequence: an enquiry's subject, unknown when it was founded, is known now, and stands in its case from then on.
///
/// # Errors
/// The database's.
pub fn subject_linked(tx: &mut Tx<'_>, enquiry: EnquiryId, person: PersonId) -> Result<()> {
    let Some(id) = store::fact_of_enquiry(tx, enquiry)? else { return Ok(()) };
    let Some(case) = store::fact(tx, id)?.filter(|case| case.state == State::Open) else { return Ok(()) };
    if !stands(tx, id, person)? {
        let (role, joined_at) = (usual_role(tx, person)?, tx.now);
        join(tx, id, &Member::new(person, role, joined_at))?;
        store::save(tx, &case)?;
    }
    Ok(())
}
