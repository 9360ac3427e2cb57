//! Which courses of a child wait for a word. Courses and consents belong to a room below this one, which therefore reads their rows.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{CourseId, OfferId, PersonId};
use crate::schema::{consents, courses};

/// The unended courses of a child to which one of these custody holders has said neither yes nor no, in the order of their ids.
///
/// # Errors
/// The database's.
pub(in crate::people) fn list_lacking(tx: &mut Tx<'_>, child: PersonId, holders: &[PersonId]) -> Result<Vec<CourseId>> {
    let running: Vec<(CourseId, OfferId)> = courses::table
        .filter(courses::person_id.eq(child))
        .filter(courses::ended_at.is_null())
        .order(courses::id)
        .select((courses::id, courses::offer_id))
        .load(tx.db())?;
    let mut lacking = Vec::new();
    for (course, offer) in running {
        let said: Vec<PersonId> = consents::table
            .filter(consents::offer_id.eq(offer))
            .filter(consents::scope.eq("participation"))
            .select(consents::giver_id)
            .load(tx.db())?;
        let said: BTreeSet<PersonId> = said.into_iter().collect();
        if holders.iter().any(|holder| !said.contains(holder)) {
            lacking.push(course);
        }
    }
    Ok(lacking)
}
