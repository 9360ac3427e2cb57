//! Who of the staff is kept from a person, whatever course they would be matched for.

use std::collections::HashSet;

use super::bars;
use super::members::{Signing, barred, judged_by};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AnyId, PersonId, StaffId};
use crate::cases;
use crate::matching::family::Families;
use crate::matching::ranking::model::Employed;
use crate::staff::Kind;

/// Those of these members of staff who cannot be matched with a person for such work, whatever else fits: their account is closed or not for it, or
/// they are barred from one of the family or a case of the person. For a rule: why is not for everybody's eyes.
///
/// # Errors
/// The database's.
pub fn list_apart(tx: &mut Tx<'_>, person: PersonId, kind: Kind, families: &Families, staff: &[Employed]) -> Result<HashSet<StaffId>> {
    let stood = cases::store::list_ever_members(tx, Some(&[person]))?;
    let theirs = stood.into_iter().filter(|(_, member)| *member == person).map(|(case, _)| case.cast());
    let subjects: Vec<AnyId> = families.people(person).into_iter().map(|person| person.cast()).chain(theirs).collect();
    let (bars, judged_by, signing) = (bars(tx, Some(subjects))?, judged_by(tx, staff)?, Signing::read(tx, staff)?);
    let is_shut = |account| signing.is_closed(account) || !signing.is_for(account, kind);
    let mut apart: HashSet<StaffId> = staff.iter().filter(|(_, account)| is_shut(*account)).map(|(id, _)| *id).collect();
    for (account, _, from_at) in bars {
        apart.extend(barred(&judged_by, account, from_at).filter_map(|place| staff.get(place)).map(|(id, _)| *id));
    }
    Ok(apart)
}
