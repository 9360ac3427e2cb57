//! Reads the ties between people.

use std::collections::BTreeSet;

use super::model::Families;
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::{cases, people};

/// All families there are.
///
/// # Errors
/// The database's.
pub fn all(tx: &mut Tx<'_>) -> Result<Families> {
    Ok(Families::of(&cases::store::list_ever_members(tx, None)?, &people::store::list_ever_custody(tx, None)?))
}

/// The family of one person, read outwards from them until nobody is new.
///
/// # Errors
/// The database's.
pub fn of(tx: &mut Tx<'_>, person: PersonId) -> Result<Families> {
    let mut known = BTreeSet::from([person]);
    loop {
        let ids: Vec<PersonId> = known.iter().copied().collect();
        let members = cases::store::list_ever_members(tx, Some(&ids))?;
        let custody = people::store::list_ever_custody(tx, Some(&ids))?;
        known.extend(members.iter().map(|(_, member)| *member));
        known.extend(custody.iter().flat_map(|(child, holder)| [*child, *holder]));
        if known.len() == ids.len() {
            return Ok(Families::of(&members, &custody));
        }
    }
}
