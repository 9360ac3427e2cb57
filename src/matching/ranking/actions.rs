//! Reads what ranking looks at: the rows, and when everybody can meet.

use std::collections::HashSet;

use super::model::{Ask, Candidate, Employed, Field};
use super::rules;
use super::store::{self, For};
use crate::access::Tx;
use crate::availability::store::{fact_hours, fact_times};
use crate::base::error::Result;
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::courses::model::{CourseFacts, Track};
use crate::matching::{family, waiting};

/// One course and its candidates.
///
/// # Errors
/// The database's.
pub fn load_one(tx: &mut Tx<'_>, course: &CourseFacts, wanted: &For) -> Result<Field> {
    let families = family::actions::of(tx, course.person)?;
    let field = store::load_one(tx, course, wanted, families)?;
    with_hours(tx, field)
}

/// Those of these members of staff who cannot be matched with a person in a track, whatever course it would be for; as [`store::list_apart`].
///
/// # Errors
/// The database's.
pub fn list_apart(tx: &mut Tx<'_>, person: PersonId, track: Track, staff: &[Employed]) -> Result<HashSet<StaffId>> {
    let families = family::actions::of(tx, person)?;
    store::list_apart(tx, person, track.kind_of_staff(), &families, staff)
}

/// Every course that the caller may see and that waits, with everybody who was ever on the staff as mentor or coach. `until` says until when
/// a match is expected to last.
///
/// # Errors
/// The database's.
pub fn load_waiting(tx: &mut Tx<'_>, until: chrono::NaiveDate) -> Result<Field> {
    let families = family::actions::all(tx)?;
    let mut field = store::load_waiting(tx, until, families)?;
    let courses: Vec<CourseId> = field.asks.iter().map(|ask| ask.course).collect();
    let (standings, now) = (waiting::actions::standings(tx, &courses)?, tx.now);
    for ask in &mut field.asks {
        ask.hurdles = standings.get(&ask.course).map(|stands| waiting::rules::hurdles(stands, now)).unwrap_or_default();
    }
    with_hours(tx, field)
}

fn with_hours(tx: &mut Tx<'_>, mut field: Field) -> Result<Field> {
    // One who is judged, or everybody.
    let only: Option<Vec<StaffId>> = if let [one] = field.candidates.as_slice() { Some(vec![one.staff]) } else { None };
    let people: Vec<PersonId> = field.asks.iter().map(|ask| ask.person).collect();
    let (hours, times) = (fact_hours(tx, only.as_deref())?, fact_times(tx, &people)?);
    let (zone, on) = (tx.programme.calendar().zone, tx.programme.calendar().zone.date(tx.now));
    let of_staff = |candidate: &mut Candidate| {
        candidate.hours = hours.get(&candidate.staff).and_then(|hours| rules::hours::worked(hours, zone, on));
    };
    field.candidates.iter_mut().for_each(of_staff);
    let of_person = |ask: &mut Ask| {
        ask.times = times.get(&ask.person).and_then(|times| rules::hours::possible(times, &tx.programme.availability));
    };
    field.asks.iter_mut().for_each(of_person);
    Ok(field)
}
