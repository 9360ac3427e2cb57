//! Hours, exceptions and wished times as rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Effect, Exception, Hours, PartOfWeek, Stretch, Times, Week};
use crate::access::Tx;
use crate::among;
use crate::base::calendar::Zone;
use crate::base::db::is_unique;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{PersonId, RowId, StaffId};
use crate::schema::{person_parts, person_times, person_week, staff_exceptions, staff_hours, staff_week};

/// The hours of these members of staff (all: `None`), for a rule. Who is missing never said anything.
///
/// # Errors
/// The database's.
pub fn fact_hours(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<BTreeMap<StaffId, Hours>> {
    use {staff_hours as h, staff_week as w};
    let mut stretches = w::table.select((w::staff_id, w::weekday, w::from_min, w::until_min)).into_boxed();
    let mut heads = h::table.select((h::staff_id, h::zone, h::stated, h::version)).into_boxed();
    if let Some(ids) = of {
        stretches = among!(stretches, w::staff_id, ids);
        heads = among!(heads, h::staff_id, ids);
    }
    let mut weeks: BTreeMap<StaffId, Vec<Stretch>> = BTreeMap::new();
    for (id, weekday, from_min, until_min) in stretches.load::<(StaffId, i32, i32, i32)>(tx.db())? {
        weeks.entry(id).or_default().push(Stretch { weekday, from_min, until_min });
    }
    let heads: Vec<(StaffId, Option<String>, bool, i64)> = heads.load(tx.db())?;
    let hours = |(id, zone, stated, version): (StaffId, Option<String>, bool, i64)| {
        let week = stated.then(|| Week::of(weeks.remove(&id).unwrap_or_default()));
        // A zone that a newer database of zones no longer has counts as the programme's.
        (id, Hours { zone: zone.and_then(|name| name.parse().ok()), week, version })
    };
    Ok(heads.into_iter().map(hours).collect())
}

/// The exceptions of these members of staff from one date on, to another (`None`: all), both included, for a rule; in order.
///
/// # Errors
/// The database's.
pub fn fact_exceptions(
    tx: &mut Tx<'_>,
    ids: &[StaffId],
    from_on: NaiveDate,
    until_on: Option<NaiveDate>,
) -> Result<BTreeMap<StaffId, Vec<Exception>>> {
    use staff_exceptions as e;
    let mut query = among!(e::table.filter(e::happens_on.ge(from_on)).into_boxed(), e::staff_id, ids);
    if let Some(until_on) = until_on {
        query = query.filter(e::happens_on.le(until_on));
    }
    let rows: Vec<(StaffId, RowId, Effect, NaiveDate, i32, i32)> = query
        .order((e::staff_id, e::happens_on, e::from_min))
        .select((e::staff_id, e::id, e::effect, e::happens_on, e::from_min, e::until_min))
        .load(tx.db())?;
    let mut exceptions: BTreeMap<StaffId, Vec<Exception>> = BTreeMap::new();
    for (staff, id, effect, on, from_min, until_min) in rows {
        exceptions.entry(staff).or_default().push(Exception { id, effect, on, from_min, until_min });
    }
    Ok(exceptions)
}

/// What these people say of time, for a rule. Who is missing never said anything.
///
/// # Errors
/// The database's.
pub fn fact_times(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Times>> {
    use {person_parts as p, person_times as t, person_week as w};
    let heads = t::table.select((t::person_id, t::version)).into_boxed();
    let heads: Vec<(PersonId, i64)> = among!(heads, t::person_id, ids).load(tx.db())?;
    let mut times: BTreeMap<PersonId, Times> = heads.into_iter().map(|(id, version)| (id, Times { version, ..Times::default() })).collect();
    let parts = p::table.order((p::person_id, p::part)).select((p::person_id, p::part)).into_boxed();
    let parts: Vec<(PersonId, PartOfWeek)> = among!(parts, p::person_id, ids).load(tx.db())?;
    for (id, part) in parts {
        times.entry(id).or_default().parts.push(part);
    }
    let stretches = w::table.select((w::person_id, w::wished, w::weekday, w::from_min, w::until_min)).into_boxed();
    let stretches: Vec<(PersonId, bool, i32, i32, i32)> = among!(stretches, w::person_id, ids).load(tx.db())?;
    let mut weeks: BTreeMap<(PersonId, bool), Vec<Stretch>> = BTreeMap::new();
    for (id, wished, weekday, from_min, until_min) in stretches {
        weeks.entry((id, wished)).or_default().push(Stretch { weekday, from_min, until_min });
    }
    for ((id, wished), stretches) in weeks {
        let times = times.entry(id).or_default();
        *(if wished { &mut times.wished } else { &mut times.never }) = Week::of(stretches);
    }
    Ok(times)
}

/// Writes hours over the version they were read at; 0: they were never written.
///
/// # Errors
/// 412 when somebody was faster.
pub(super) fn save_hours(tx: &mut Tx<'_>, id: StaffId, hours: &Hours) -> Result<()> {
    touch(tx, id, hours.zone, hours.week.is_some(), hours.version)?;
    diesel::delete(staff_week::table.filter(staff_week::staff_id.eq(id))).execute(tx.db())?;
    for stretch in hours.week.iter().flat_map(Week::stretches) {
        let row = (
            staff_week::staff_id.eq(id),
            staff_week::weekday.eq(stretch.weekday),
            staff_week::from_min.eq(stretch.from_min),
            staff_week::until_min.eq(stretch.until_min),
        );
        diesel::insert_into(staff_week::table).values(row).execute(tx.db())?;
    }
    Ok(())
}

/// Counts the version up, from the one that was read.
pub(super) fn touch(tx: &mut Tx<'_>, id: StaffId, zone: Option<Zone>, stated: bool, version: i64) -> Result<()> {
    let (now, zone) = (tx.now, zone.map(String::from));
    let next = staff_hours::version.eq(version.saturating_add(1));
    if version == 0 {
        let row =
            (staff_hours::staff_id.eq(id), staff_hours::zone.eq(zone), staff_hours::stated.eq(stated), staff_hours::recorded_at.eq(now));
        let insert = tx.attempt(|tx| Ok(diesel::insert_into(staff_hours::table).values((row, next)).execute(tx.db())?));
        insert.map_err(|error| or_faster(error, "staff_hours.staff_id"))?;
    } else {
        let at_version = staff_hours::table.find(id).filter(staff_hours::version.eq(version));
        let set = (staff_hours::zone.eq(zone), staff_hours::stated.eq(stated), next);
        if diesel::update(at_version).set(set).execute(tx.db())? != 1 {
            return Err(Code::StaleVersion.into());
        }
    }
    tx.changed(id);
    Ok(())
}

fn or_faster(error: Error, key: &str) -> Error {
    if is_unique(&error, key) { Code::StaleVersion.into() } else { error }
}

/// Writes an exception.
pub(super) fn insert_exception(tx: &mut Tx<'_>, id: StaffId, exception: &Exception) -> Result<()> {
    use staff_exceptions as e;
    let row = (
        e::id.eq(exception.id),
        e::staff_id.eq(id),
        e::effect.eq(exception.effect),
        e::happens_on.eq(exception.on),
        e::from_min.eq(exception.from_min),
        e::until_min.eq(exception.until_min),
        e::recorded_at.eq(tx.now),
    );
    diesel::insert_into(e::table).values(row).execute(tx.db())?;
    Ok(())
}

/// Strikes an exception of a member of staff; false when there is none.
pub(super) fn delete_exception(tx: &mut Tx<'_>, id: StaffId, exception: RowId) -> Result<bool> {
    let row = staff_exceptions::table.find(exception).filter(staff_exceptions::staff_id.eq(id));
    Ok(diesel::delete(row).execute(tx.db())? == 1)
}

/// Writes what a person says of time over the version it was read at; 0: nothing was ever said.
///
/// # Errors
/// 412 when somebody was faster.
pub(super) fn save_times(tx: &mut Tx<'_>, id: PersonId, times: &Times) -> Result<()> {
    let (now, next) = (tx.now, person_times::version.eq(times.version.saturating_add(1)));
    if times.version == 0 {
        let row = (person_times::person_id.eq(id), person_times::recorded_at.eq(now), next);
        let insert = tx.attempt(|tx| Ok(diesel::insert_into(person_times::table).values(row).execute(tx.db())?));
        insert.map_err(|error| or_faster(error, "person_times.person_id"))?;
    } else {
        let at_version = person_times::table.find(id).filter(person_times::version.eq(times.version));
        if diesel::update(at_version).set(next).execute(tx.db())? != 1 {
            return Err(Code::StaleVersion.into());
        }
    }
    diesel::delete(person_parts::table.filter(person_parts::person_id.eq(id))).execute(tx.db())?;
    diesel::delete(person_week::table.filter(person_week::person_id.eq(id))).execute(tx.db())?;
    for part in &times.parts {
        diesel::insert_into(person_parts::table).values((person_parts::person_id.eq(id), person_parts::part.eq(*part))).execute(tx.db())?;
    }
    for (wished, week) in [(true, &times.wished), (false, &times.never)] {
        for stretch in week.stretches() {
            let row = (
                person_week::person_id.eq(id),
                person_week::wished.eq(wished),
                person_week::weekday.eq(stretch.weekday),
                person_week::from_min.eq(stretch.from_min),
                person_week::until_min.eq(stretch.until_min),
            );
            diesel::insert_into(person_week::table).values(row).execute(tx.db())?;
        }
    }
    tx.changed(id);
    Ok(())
}
