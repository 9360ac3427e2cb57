//! What leads out of every open state: a death, the police, and whoever is not there any more.

use super::corrections::{has_lapsed, promise_again};
use super::discontinue;
use super::offers::{end_reoffers, take_back};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::Result;
use crate::base::ids::{CaseId, PersonId};
use crate::cases;
use crate::cases::model::{CloseReason, POLICE_TOOK_OVER};
use crate::courses::model::{OfferState, StopReason, Track};
use crate::courses::store;
use crate::duties::Duty;
use crate::people;

/// Why the re-offers to somebody who left their case ended.
pub(super) const LEFT_CASE: &str = "left_case";

/// Consequence: the police took over. What is open of a case, for these people or all, ends: offers are withdrawn, courses broken off, and
/// nothing is offered again.
pub fn end_all_in(tx: &mut Tx<'_>, case: CaseId, people: Option<&[PersonId]>, at: Instant) -> Result<()> {
    let is_taken = |person| people.is_none_or(|people| people.contains(&person));
    for offer in store::offers::fact_open(tx, None, Some(case))?.into_iter().filter(|offer| is_taken(offer.person)) {
        take_back(tx, offer, at, false)?;
    }
    for course in store::fact_unended_in(tx, case)?.into_iter().filter(|course| is_taken(course.person)) {
        discontinue(tx, course, at)?;
    }
    end_reoffers_in(tx, case, is_taken, at, POLICE_TOOK_OVER)
}

/// Consequence of a death: offers are withdrawn, courses broken off, and nothing is offered again.
pub fn person_died(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<()> {
    for offer in store::offers::fact_open(tx, Some(person), None)? {
        take_back(tx, offer, at, false)?;
    }
    for course in store::fact_unended_of(tx, person)? {
        discontinue(tx, course, at)?;
    }
    end_reoffers(tx, person, None, None, at, StopReason::Dead.code())
}

/// Consequence of a closing: where the family moved, somebody died, or the police took over, nothing is offered again.
///
/// # Errors
/// The database's.
pub fn case_closed(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<()> {
    let closed = cases::store::fact(tx, case)?.and_then(|case| case.close_reason);
    match closed.and_then(CloseReason::ends_offers) {
        Some(reason) => end_reoffers_in(tx, case, |_| true, at, reason),
        None => Ok(()),
    }
}

/// Consequence of a closing that is taken back: what was left of the re-offers, and ended with it, is promised again; but to nobody who died,
/// or accepted another offer of the track since.
///
/// # Errors
/// The database's.
pub fn closing_retracted(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<()> {
    let reasons = CloseReason::all_ending_offers();
    for member in cases::store::fact_members(tx, case)? {
        promise_again_to(tx, case, member.person, |duty| has_lapsed(duty, &reasons) && duty.closed_at == Some(at))?;
    }
    Ok(())
}

/// Of what was left of the re-offers to a person in a case, and ended, that which is meant is promised again; but not if they died, or accepted
/// another offer of the track since.
fn promise_again_to(tx: &mut Tx<'_>, case: CaseId, person: PersonId, is_meant: impl Fn(&Duty) -> bool) -> Result<()> {
    if people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some()) {
        return Ok(());
    }
    for track in [Track::Mentor, Track::ParentCoach] {
        let offers = store::offers::fact_of_person(tx, person, track)?;
        let accepted = offers.iter().filter(|offer| offer.state == OfferState::Accepted);
        let accepted_at = accepted.filter_map(|offer| offer.answered_at).max();
        for first in offers.iter().filter(|offer| offer.first && offer.case == case) {
            promise_again(tx, first, |duty| is_meant(duty) && duty.closed_at > accepted_at)?;
        }
    }
    Ok(())
}

/// Consequence: somebody left a case, in which nothing can be offered to them any more.
///
/// # Errors
/// The database's.
pub fn person_left(tx: &mut Tx<'_>, case: CaseId, person: PersonId, at: Instant) -> Result<()> {
    end_reoffers(tx, person, Some(case), None, at, LEFT_CASE)
}

/// Consequence: somebody who had left a case stands in it again. What is still to come of the re-offers that ended with that is promised again;
/// what fell due while they were out of it is not.
///
/// # Errors
/// The database's.
pub fn person_came_back(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<()> {
    let now = tx.now;
    promise_again_to(tx, case, person, |duty| has_lapsed(duty, &[LEFT_CASE]) && duty.due_at >= now)
}

fn end_reoffers_in(tx: &mut Tx<'_>, case: CaseId, is_meant: impl Fn(PersonId) -> bool, at: Instant, reason: &str) -> Result<()> {
    for member in cases::store::fact_members(tx, case)?.into_iter().filter(|member| is_meant(member.person)) {
        end_reoffers(tx, member.person, Some(case), None, at, reason)?;
    }
    Ok(())
}
