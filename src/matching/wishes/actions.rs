//! Set what is wished; forget places when an address becomes protected.

use std::collections::BTreeSet;

use super::model::{Veto, WishFacts, Wishes};
use super::{rules, store};
use crate::access::Tx;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::{Flaw, Text};
use crate::{courses, people, staff};

/// The wishes of a course.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, course: CourseId) -> Result<Wishes> {
    let course = courses::store::get(tx, course)?;
    tx.saw(course.person);
    store::get(tx, course.id, course.person)
}

/// Puts these wishes in the place of what there was.
///
/// # Errors
/// 404, 412, 409 when the course has ended; 422 as the rules say, and for a veto of somebody unknown.
pub fn set(tx: &mut Tx<'_>, id: CourseId, expected: &Expected, facts: WishFacts, vetoes: Vec<Veto>, words: Option<Text>) -> Result<()> {
    let present = get(tx, id)?;
    expected.check(present.version)?;
    if courses::store::fact(tx, id)?.state.is_ended() {
        return Err(Problem::new(Code::WrongState).say("Forløbet er afsluttet", "The course has ended").into());
    }
    let today = tx.programme.calendar().zone.date(tx.now);
    let is_protected = !people::store::list_protected(tx, &[present.person], today)?.is_empty();
    rules::check(&tx.programme.pairing, is_protected, &facts, &vetoes)?;
    let vetoed: Vec<StaffId> = vetoes.iter().map(|veto| veto.staff).collect();
    let known = staff::store::fact_known(tx, &vetoed)?;
    if let Some(at) = vetoed.iter().position(|staff| !known.contains(staff)) {
        let pointer = format!("/vetoes/{at}/staff_id");
        return Err(Flaw::UnknownStaff.refused(pointer));
    }
    let mut languages = facts.languages;
    languages.sort_unstable();
    languages.dedup();
    let facts = WishFacts { languages, traits: facts.traits.tidied(), ..facts };
    store::set(tx, &Wishes { facts, vetoes, words, ..present })
}

/// Consequence of a change to what is known of a person, or to who holds custody of them: where no place is told of them, or of somebody whose home
/// may be theirs ([`people::store::list_protected`]), none stays on record.
///
/// # Errors
/// The database's.
pub fn forget_protected(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let mut near = BTreeSet::from([person]);
    // Whoever holds custody of them and their children; then siblings.
    for _ in 0..2 {
        let ties = people::store::list_ever_custody(tx, Some(&near.iter().copied().collect::<Vec<_>>()))?;
        near.extend(ties.into_iter().flat_map(|(child, holder)| [child, holder]));
    }
    let today = tx.programme.calendar().zone.date(tx.now);
    for person in people::store::list_protected(tx, &near.into_iter().collect::<Vec<_>>(), today)? {
        store::forget_places(tx, person)?;
        crate::matching::actions::forget_distances(tx, person)?;
        crate::matching::runs::actions::forget_distances(tx, person)?;
    }
    Ok(())
}
