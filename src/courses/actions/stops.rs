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
use crate::courses::store::stops::{fact_of, insert};
use crate::courses::store::{self, offers};
use crate::facts::Fact;

/// Records a stop: what is left of the re-offers of the track ends, an open offer is withdrawn.
///
/// # Errors
/// 404, 409 when it is recorded already, 422 for a person who is not in the case or an impossible time.
pub fn record(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track, reason: StopReason, at: Instant) -> Result<RowId> {
    let founded_at = cases::actions::get(tx, case)?.founded_at;
    cases::actions::check_person(tx, person)?;
    if !cases::store::fact_members(tx, case)?.iter().any(|member| member.person == person) {
        return Err(invalid("/person_id", "not_in_case", "Personen er ikke i sagen", "The person is not in the case"));
    }
    check_stated("/happened_at", at, tx.now, founded_at)?;
    if fact_of(tx, case, person)?.iter().any(|stop| stop.track == track) {
        return Err(Problem::new(Code::AlreadyExists).say("Det er allerede noteret", "It is recorded already").into());
    }
    let stop = Stop { id: tx.new_id(), case_id: case, person_id: person, track, reason, stopped_at: at, recorded_at: tx.now };
    let by = tx.account()?;
    insert(tx, &stop, by)?;
    tx.tell(Fact::ContactStopped { case, person, at });
    Ok(stop.id)
}

/// Consequence: what is left of the re-offers ends with the recorded reason, and the unit takes an open offer back. Whoever moved or died
/// is in no course any more.
pub fn stopped(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<()> {
    for stop in fact_of(tx, case, person)? {
        end_reoffers(tx, person, Some(case), Some(stop.track), stop.stopped_at, stop.reason.code())?;
        for offer in offers::fact_open(tx, Some(person), Some(case))?.into_iter().filter(|offer| offer.track == stop.track) {
            take_back(tx, offer, stop.stopped_at)?;
        }
        if matches!(stop.reason, StopReason::Moved | StopReason::Dead) {
            let courses = store::fact_unended_in(tx, case)?;
            for course in courses.into_iter().filter(|course| course.person == person && course.track == stop.track) {
                discontinue(tx, course, stop.stopped_at)?;
            }
        }
    }
    Ok(())
}
