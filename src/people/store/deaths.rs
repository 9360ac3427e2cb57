//! Deaths that were taken back, and what did not come back with them. Offers, courses and matches belong to rooms below this one, which therefore
//! reads their rows.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, PersonId, RowId};
use crate::people::model::{RetractedDeath, StaysOver};
use crate::schema::{alerts, cases, courses, matches, offers, people, retracted_deaths};

/// Keeps when a death was recorded: what ended then ended with it.
pub(in crate::people) fn keep_recorded(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let now = tx.now;
    diesel::update(people::table.find(person)).set(people::death_recorded_at.eq(Some(now))).execute(tx.db())?;
    Ok(())
}

/// When a death was last recorded of a person, also one that was taken back; for a rule. `None`: never, or before that was kept.
///
/// # Errors
/// The database's.
pub fn fact_death_recorded_at(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<Instant>> {
    Ok(people::table.find(person).select(people::death_recorded_at).first(tx.db())?)
}

/// Keeps a death that is taken back, as it was recorded.
pub(in crate::people) fn keep_retracted(tx: &mut Tx<'_>, person: PersonId, died_on: NaiveDate) -> Result<()> {
    let (id, by, now): (RowId, _, _) = (tx.new_id(), tx.account()?, tx.now);
    diesel::insert_into(retracted_deaths::table)
        .values((
            retracted_deaths::id.eq(id),
            retracted_deaths::person_id.eq(person),
            retracted_deaths::died_on.eq(died_on),
            retracted_deaths::recorded_at.eq(now),
            retracted_deaths::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The deaths of a person that were taken back, the first first. The caller must have been shown the person.
pub fn list_retracted(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<RetractedDeath>> {
    use retracted_deaths as d;
    let query = d::table.filter(d::person_id.eq(person)).order((d::recorded_at, d::id));
    let rows: Vec<(NaiveDate, Instant, AccountId)> = query.select((d::died_on, d::recorded_at, d::recorded_by)).load(tx.db())?;
    let death = |(died_on, retracted_at, retracted_by)| RetractedDeath { died_on, retracted_at, retracted_by };
    Ok(rows.into_iter().map(death).collect())
}

/// What a death that was taken back had ended of a person, and that stays over, as far as no bar hides its case: offers and courses that keep how far
/// they were; and, of what ended when it was recorded, matches of a course which runs, and alerts without a word in a case that is open.
///
/// # Errors
/// The database's.
pub(in crate::people) fn list_over(tx: &mut Tx<'_>, person: PersonId) -> Result<StaysOver> {
    let taken = offers::table.filter(offers::person_id.eq(person)).filter(offers::before_death.is_not_null());
    let taken = taken.filter(offers::case_id.ne_all(tx.barred())).order(offers::id);
    let offer_ids = taken.select(offers::id).load(tx.db())?;
    let taken = courses::table.filter(courses::person_id.eq(person)).filter(courses::before_death.is_not_null());
    let taken = taken.filter(courses::case_id.ne_all(tx.barred())).order(courses::id);
    let course_ids = taken.select(courses::id).load(tx.db())?;
    let Some(recorded_at) = fact_death_recorded_at(tx, person)? else {
        return Ok(StaysOver { offer_ids, course_ids, ..StaysOver::default() });
    };
    let running = courses::table.filter(courses::person_id.eq(person)).filter(courses::ended_at.is_null()).select(courses::id);
    let ended = matches::table.filter(matches::course_id.eq_any(running)).filter(matches::end_reason.eq("course_ended"));
    let ended = ended.filter(matches::ended_recorded_at.eq(recorded_at));
    let match_ids = ended.filter(matches::case_id.ne_all(tx.barred())).order(matches::id).select(matches::id).load(tx.db())?;
    let open = cases::table.filter(cases::state.eq("open")).select(cases::id);
    let resolved = alerts::table.filter(alerts::person_id.eq(person)).filter(alerts::resolved_recorded_at.eq(recorded_at));
    let wordless = resolved.filter(alerts::resolution.is_null()).filter(alerts::case_id.eq_any(open));
    let alert_ids = wordless.filter(alerts::case_id.ne_all(tx.barred())).order(alerts::id).select(alerts::id).load(tx.db())?;
    Ok(StaysOver { offer_ids, course_ids, match_ids, alert_ids })
}
