//! The verb that records why somebody is not offered a track again.

use super::discontinue;
use super::offers::{end_reoffers, take_back};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{CaseId, PersonId, RowId};
use crate::cases;
use crate::cases::rules::check_stated;
use crate::courses::model::{StopReason, Track};
pub use crate::courses::store::stops::{Stop, get};
use crate::courses::store::stops::{fact, fact_of, insert};
use crate::courses::store::{self, offers};
use crate::facts::Fact;

/// Records a stop: what is left of the re-offers of the track ends, an open offer is withdrawn.
///
/// # Errors
/// 404, 409 when one is recorded that still holds, 422 for a death, which has an operation of its own, a person who is not in the case or an
/// impossible time.
pub fn record(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track, reason: StopReason, at: Instant) -> Result<RowId> {
    let founded_at = cases::actions::get(tx, case)?.founded_at;
    cases::actions::check_person(tx, person)?;
    if !cases::store::fact_members(tx, case)?.iter().any(|member| member.person == person) {
        return Err(invalid("/person_id", "not_in_case", "Personen er ikke i sagen", "The person is not in the case"));
    }
    if reason == StopReason::Dead {
        let words = ("Et dødsfald noteres med people.record_death", "A death is recorded with people.record_death");
        return Err(invalid("/reason", "own_operation", words.0, words.1));
    }
    check_stated("/happened_at", at, tx.now, founded_at)?;
    let offers = offers::fact_of_person(tx, person, track)?;
    let last_offered_at = offers.iter().filter(|offer| offer.case == case).map(|offer| offer.offered_at).max();
    if holds(tx, case, person, track, last_offered_at)? {
        return Err(Problem::new(Code::AlreadyExists).say("Det er allerede noteret", "It is recorded already").into());
    }
    let stop = Stop { id: tx.new_id(), case_id: case, person_id: person, track, reason, stopped_at: at, recorded_at: tx.now };
    let by = tx.account()?;
    insert(tx, &stop, by)?;
    tx.tell(Fact::ContactStopped { stop: stop.id });
    Ok(stop.id)
}

/// Whether it is recorded why the track is not offered again in the case: a reason that lasts, or one that the last offer did not overtake.
pub(super) fn holds(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track, offered_at: Option<Instant>) -> Result<bool> {
    let holds = |stop: &Stop| stop.track == track && (stop.reason.is_lasting() || offered_at.is_none_or(|at| stop.stopped_at >= at));
    Ok(fact_of(tx, case, person)?.iter().any(holds))
}

/// Consequence: what is left of the re-offers ends with the recorded reason, and the unit takes an open offer back. Whoever moved is in no
/// course any more.
pub fn stopped(tx: &mut Tx<'_>, id: RowId) -> Result<()> {
    let stop = fact(tx, id)?;
    let (case, person) = (stop.case_id, stop.person_id);
    end_reoffers(tx, person, Some(case), Some(stop.track), stop.stopped_at, stop.reason.code())?;
    for offer in offers::fact_open(tx, Some(person), Some(case))?.into_iter().filter(|offer| offer.track == stop.track) {
        take_back(tx, offer, stop.stopped_at, false)?;
    }
    if stop.reason == StopReason::Moved {
        let courses = store::fact_unended_in(tx, case)?;
        for course in courses.into_iter().filter(|course| course.person == person && course.track == stop.track) {
            discontinue(tx, course, stop.stopped_at)?;
        }
    }
    Ok(())
}
