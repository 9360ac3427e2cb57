//! Reads the proofs of whoever is to meet a person.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Needs, Proofs};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{PersonId, StaffId};
use crate::courses::model::Track;
use crate::matching::Match;
use crate::people;
use crate::staff;

/// What a member of staff has of the proofs that it takes to meet the person of a match.
///
/// # Errors
/// The database's.
pub fn of<'a>(tx: &mut Tx<'a>, matched: &Match, staff: StaffId) -> Result<Proofs<'a>> {
    let born_on = people::store::fact_born_on(tx, matched.person)?;
    let held = staff::store::fact_certificates(tx, staff)?;
    Ok(Proofs { needs: Needs { born_on, track: matched.track, settings: &tx.programme.pairing }, held })
}

/// On which of these dates each of these members of staff lacks a proof that it takes to meet a person in a track. Who lacks none is not in it, and
/// nothing of the staff is read where it takes none.
///
/// # Errors
/// The database's.
pub fn list_lacking(
    tx: &mut Tx<'_>,
    (person, track): (PersonId, Track),
    staff: &[StaffId],
    dates: &[NaiveDate],
) -> Result<HashMap<StaffId, Vec<NaiveDate>>> {
    let born_on = people::store::fact_born_on(tx, person)?;
    let needs = Needs { born_on, track, settings: &tx.programme.pairing };
    if dates.iter().all(|on| needs.on(*on).next().is_none()) {
        return Ok(HashMap::new());
    }
    let mut held = staff::store::list_certificates(tx)?;
    let lacking = |id: &StaffId| {
        let proofs = Proofs { needs, held: held.remove(id).unwrap_or_default() };
        let lacking: Vec<NaiveDate> = dates.iter().copied().filter(|on| !proofs.hold_on(*on)).collect();
        (!lacking.is_empty()).then_some((*id, lacking))
    };
    Ok(staff.iter().filter_map(lacking).collect())
}
