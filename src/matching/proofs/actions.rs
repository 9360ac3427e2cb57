//! Reads the proofs of whoever is to meet a person.

use super::Proofs;
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
pub fn of(tx: &mut Tx<'_>, matched: &Match, staff: StaffId) -> Result<Proofs> {
    let born_on = people::store::fact_born_on(tx, matched.person)?;
    let members = staff::store::list_facts(tx, None, Some(staff))?;
    let held = members.into_iter().flat_map(|member| member.certificates).collect();
    Ok(Proofs { born_on, track: matched.track, held, settings: tx.programme.pairing.clone() })
}
