//! The verbs that record why somebody is not offered a track again, and take that back.

use super::discontinue;
use super::offers::{end_reoffers_of, take_back};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{CaseId, PersonId, RowId};
use crate::base::value::Flaw;
use crate::cases;
use crate::cases::rules::check_stated;
use crate::courses::model::{Offer, OfferState, StopReason, Track};
pub use crate::courses::store::stops::{Stop, get};
use crate::courses::store::stops::{fact, fact_of, insert, list_in, retract as save_retracted};
use crate::courses::store::{self, offers};
use crate::facts::Fact;

/// Records a stop: what is left of the re-offers of the track ends, an open offer is withdrawn.
///
/// # Errors
/// 404; 409 when the same, or one that lasts, is recorded and still holds; 422 for a death, which has an operation of its own, a person who
/// is not in the case or an impossible time.
pub fn record(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track, reason: StopReason, at: Instant) -> Result<RowId> {
    let founded_at = cases::actions::get(tx, case)?.founded_at;
    cases::actions::check_person(tx, person)?;
    if !cases::store::fact_members(tx, case)?.iter().any(|member| member.person == person) {
        return Err(Flaw::NotInCase.refused("/person_id"));
    }
    if reason == StopReason::Dead {
        let words = ("Et dødsfald noteres på personen, ikke i sagen", "A death is recorded on the person, not in the case");
        return Err(invalid("/reason", Flaw::OwnOperation, words.0, words.1));
    }
    check_stated("/happened_at", at, tx.now, founded_at)?;
    let offers = offers::fact_of_person(tx, person, track)?;
    let last_offered_at = offers.iter().filter(|offer| offer.case == case).map(|offer| offer.offered_at).max();
    // A weaker reason says nothing beside one that lasts, and does not keep one that lasts from being recorded.
    let says_it = |stop: &Stop| stop.track == track && (stop.reason == reason || stop.reason.is_lasting()) && stop.holds(last_offered_at);
    if fact_of(tx, case, person)?.iter().any(says_it) {
        return Err(Problem::new(Code::AlreadyExists).say("Det er allerede noteret", "It is recorded already").into());
    }
    let (id, recorded_by) = (tx.new_id(), tx.account()?);
    let (recorded_at, retracted_at, retracted_by) = (tx.now, None, None);
    let stop =
        Stop { id, case_id: case, person_id: person, track, reason, stopped_at: at, recorded_at, recorded_by, retracted_at, retracted_by };
    insert(tx, &stop)?;
    tx.tell(Fact::ContactStopped { stop: id });
    Ok(id)
}

/// Whether it is recorded why the track is not offered again in the case: a reason that lasts, or one that the last offer did not overtake.
pub(super) fn holds(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track, offered_at: Option<Instant>) -> Result<bool> {
    Ok(fact_of(tx, case, person)?.iter().any(|stop| stop.track == track && stop.holds(offered_at)))
}

/// Consequence: what is left of the re-offers ends with the recorded reason, and the unit takes an open offer back. Whoever moved is in no
/// course any more. An offer that overtook it stays, with what became of it, whichever of the two was written down first.
pub fn stopped(tx: &mut Tx<'_>, id: RowId) -> Result<()> {
    let stop = fact(tx, id)?;
    let meant: Vec<Offer> = offers::fact_of_person(tx, stop.person_id, stop.track)?
        .into_iter()
        .filter(|offer| offer.case == stop.case_id && stop.holds(Some(offer.offered_at)))
        .collect();
    for first in meant.iter().filter(|offer| offer.first) {
        end_reoffers_of(tx, first.id, stop.stopped_at, stop.reason.code())?;
    }
    for offer in meant {
        let course = store::fact_of_offer(tx, offer.id)?.filter(|course| course.ended_at.is_none());
        if offer.state == OfferState::Open {
            take_back(tx, offer, stop.stopped_at, false)?;
        } else if let Some(course) = course.filter(|_| stop.reason == StopReason::Moved) {
            discontinue(tx, course, stop.stopped_at)?;
        }
    }
    Ok(())
}

/// Takes a stop back that was recorded by mistake: it is kept beside the others and holds no more. The re-offers that it ended are promised
/// again; an offer that it withdrew, and a course that it ended, stay so.
///
/// # Errors
/// 404; 409 when it is taken back already.
pub fn retract(tx: &mut Tx<'_>, case: CaseId, id: RowId) -> Result<RowId> {
    let stop = get(tx, id)?;
    if stop.case_id != case {
        return Err(Code::NotFound.into());
    }
    if stop.retracted_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Det er taget tilbage allerede", "It is taken back already").into());
    }
    save_retracted(tx, &stop)?;
    tx.tell(Fact::StopRetracted { case, person: stop.person_id });
    Ok(id)
}

/// What was recorded in a case, the earliest first, with what was taken back.
///
/// # Errors
/// 404 for the case.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Stop>> {
    cases::actions::get(tx, case)?;
    list_in(tx, case)
}
