//! Which courses of a child wait for a word. Courses and consents belong to a room below this one, which therefore reads their rows.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CourseId, OfferId, PersonId};
use crate::people::model::could_speak;
use crate::schema::{consents, courses, people};

/// To which offer who said something, whether they were not asked, when, and when they died.
type Word = (OfferId, PersonId, bool, Instant, Option<NaiveDate>);

/// The unended courses of a child, as far as no bar hides their case, to which one of these custody holders, or the child where its own word is
/// asked for, has said neither yes nor no; all where nobody holds custody. In the order of their ids.
///
/// # Errors
/// The database's.
pub(in crate::people) fn list_lacking(
    tx: &mut Tx<'_>,
    child: PersonId,
    holders: &[PersonId],
    own: Option<PersonId>,
) -> Result<Vec<CourseId>> {
    let running: Vec<(CourseId, OfferId)> = courses::table
        .filter(courses::person_id.eq(child))
        .filter(courses::ended_at.is_null())
        .filter(courses::case_id.ne_all(tx.barred()))
        .order(courses::id)
        .select((courses::id, courses::offer_id))
        .load(tx.db())?;
    let said: Vec<Word> = consents::table
        .inner_join(people::table.on(people::id.eq(consents::giver_id)))
        .filter(consents::offer_id.eq_any(running.iter().map(|(_, offer)| *offer).collect::<Vec<_>>()))
        .filter(consents::scope.eq("participation"))
        .select((consents::offer_id, consents::giver_id, consents::not_needed, consents::given_at, people::died_on))
        .load(tx.db())?;
    let zone = tx.programme.calendar().zone;
    let was_said = |(_, _, not_needed, at, died_on): &Word| *not_needed || could_speak(*died_on, zone.date(*at));
    let said: BTreeSet<(OfferId, PersonId)> = said.into_iter().filter(was_said).map(|(offer, giver, ..)| (offer, giver)).collect();
    let lacks = |offer: OfferId| holders.is_empty() || holders.iter().chain(&own).any(|giver| !said.contains(&(offer, *giver)));
    Ok(running.into_iter().filter(|(_, offer)| lacks(*offer)).map(|(course, _)| course).collect())
}
