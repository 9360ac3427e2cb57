//! What leads out of every open state: the police, a closing, and whoever is not there any more.

use super::corrections::{ANSWER_RETRACTED, has_lapsed, promise_again};
use super::deaths;
use super::discontinue;
use super::offers::{end_reoffers, take_back};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::Result;
use crate::base::ids::{CaseId, PersonId};
use crate::cases;
use crate::cases::model::{CloseReason, POLICE_TOOK_OVER};
use crate::courses::model::{Offer, OfferState, StopReason, Track};
use crate::courses::store;
use crate::duties::Duty;

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
/// or accepted another offer of the track since the decline. What a death that was taken back had ended of the case, and could not be while that was
/// closed, is again.
///
/// # Errors
/// The database's.
pub fn closing_retracted(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<()> {
    for member in cases::store::fact_members(tx, case)? {
        deaths::give_back(tx, member.person, Some(case))?;
        promise_again_to(tx, case, member.person, Some(at))?;
    }
    Ok(())
}

/// Consequence of a stop that is taken back, or of somebody who stands again in a case that they had left: what was left of the re-offers, and
/// ended with that, is promised again, as far as nothing else is recorded that ends it; of what fell due while they were out of it nothing is.
///
/// # Errors
/// The database's.
pub fn offered_again(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<()> {
    promise_again_to(tx, case, person, None)
}

/// Of what was left of the re-offers to a person in a case, and ended by something that holds no more, that is promised again: by a stop or a death,
/// also one that took the decline which had promised it, by the closing of that moment, by their being out of it as far as it is still to come. Not
/// if they died, accepted another offer of the track since the decline, or the case is closed for a reason that ends it.
pub(super) fn promise_again_to(tx: &mut Tx<'_>, case: CaseId, person: PersonId, closed_at: Option<Instant>) -> Result<()> {
    let stands = cases::store::fact_members(tx, case)?.iter().any(|member| member.person == person && member.stands());
    let stops: Vec<&str> = StopReason::ALL.iter().map(|reason| reason.code()).collect();
    let (closings, now) = (CloseReason::all_ending_offers(), tx.now);
    let is_meant = |duty: &Duty| {
        let by_closing = closed_at.is_some() && duty.closed_at == closed_at && has_lapsed(duty, &closings);
        has_lapsed(duty, &stops) || by_closing || stands && duty.due_at >= now && has_lapsed(duty, &[LEFT_CASE])
    };
    for track in [Track::Mentor, Track::ParentCoach] {
        let offers = store::offers::fact_of_person(tx, person, track)?;
        for first in offers.into_iter().filter(|offer| offer.first && offer.case == case) {
            let by_decline = |duty: &Duty| duty.closed_at == first.answered_at && has_lapsed(duty, &[ANSWER_RETRACTED]);
            if is_declined_still(tx, &first)? {
                promise_again(tx, &first, |duty| is_meant(duty) || by_decline(duty))?;
            }
        }
    }
    Ok(())
}

/// Whether a first offer stands declined: no other of the track was accepted since, and its case is not closed for a reason that ends what the
/// decline promised.
pub(super) fn is_declined_still(tx: &mut Tx<'_>, first: &Offer) -> Result<bool> {
    let closed = cases::store::fact(tx, first.case)?.filter(|case| case.state != cases::State::Open);
    let has_ended = closed.and_then(|case| case.close_reason).and_then(CloseReason::ends_offers).is_some();
    let offers = store::offers::fact_of_person(tx, first.person, first.track)?;
    let accepted = offers.iter().filter(|offer| offer.state == OfferState::Accepted);
    let accepted_at = accepted.filter_map(|offer| offer.answered_at).max();
    Ok(first.state == OfferState::Declined && accepted_at < first.answered_at && !has_ended)
}

/// Consequence: somebody left a case, in which nothing can be offered to them any more.
///
/// # Errors
/// The database's.
pub fn person_left(tx: &mut Tx<'_>, case: CaseId, person: PersonId, at: Instant) -> Result<()> {
    end_reoffers(tx, person, Some(case), None, at, LEFT_CASE)
}

fn end_reoffers_in(tx: &mut Tx<'_>, case: CaseId, is_meant: impl Fn(PersonId) -> bool, at: Instant, reason: &str) -> Result<()> {
    for member in cases::store::fact_members(tx, case)?.into_iter().filter(|member| is_meant(member.person)) {
        end_reoffers(tx, member.person, Some(case), None, at, reason)?;
    }
    Ok(())
}
