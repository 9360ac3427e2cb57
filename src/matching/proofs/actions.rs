//! Reads the proofs of whoever is to meet a person.

use super::{Needs, Proofs};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::StaffId;
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
