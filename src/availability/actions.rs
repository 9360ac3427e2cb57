//! State hours, exceptions to them, and wished times.

use chrono::NaiveDate;

use super::model::{Effect, Exception, Hours, PartOfWeek, Stretch, Times, Week};
use super::{rules, store};
use crate::access::Tx;
use crate::base::calendar::Zone;
use crate::base::error::{Code, Result};
use crate::base::http::Expected;
use crate::base::ids::{PersonId, RowId, StaffId};
use crate::facts::Fact;
use crate::{people, staff};

/// The hours of a member of staff, with the exceptions that are not past by their clock.
///
/// # Errors
/// 404.
pub fn get_hours(tx: &mut Tx<'_>, id: StaffId) -> Result<(Hours, Vec<Exception>)> {
    staff::store::get_left_on(tx, id)?;
    load(tx, id)
}

fn load(tx: &mut Tx<'_>, id: StaffId) -> Result<(Hours, Vec<Exception>)> {
    let hours = store::fact_hours(tx, Some(&[id]))?.remove(&id).unwrap_or_default();
    let today = today_of(tx, &hours);
    let exceptions = store::fact_exceptions(tx, &[id], today, None)?.remove(&id).unwrap_or_default();
    Ok((hours, exceptions))
}

/// On which clock the dates of a member of staff are: theirs, else the programme's.
///
/// # Errors
/// The database's.
pub fn zone_of(tx: &mut Tx<'_>, id: StaffId) -> Result<Zone> {
    let hours = store::fact_hours(tx, Some(&[id]))?.remove(&id);
    Ok(hours.and_then(|hours| hours.zone).unwrap_or(tx.programme.zone))
}

/// Today where their clock hangs.
fn today_of(tx: &Tx<'_>, hours: &Hours) -> NaiveDate {
    hours.zone.unwrap_or(tx.programme.zone).date(tx.now)
}

fn load_in_service(tx: &mut Tx<'_>, id: StaffId) -> Result<(Hours, Vec<Exception>)> {
    let left_on = staff::store::get_left_on(tx, id)?;
    staff::rules::check_in_service(left_on)?;
    load(tx, id)
}

/// Sets the weekly hours of a member of staff and their zone; no week: not stated. In another zone their leaves lie at other moments.
///
/// # Errors
/// 404, 412, 409 when they left, 422 for stretches that cannot be.
pub fn set_hours(tx: &mut Tx<'_>, id: StaffId, expected: &Expected, zone: Option<Zone>, week: Option<&[Stretch]>) -> Result<()> {
    let (hours, _) = load_in_service(tx, id)?;
    expected.check(hours.version)?;
    let week = week.map(|stretches| rules::week(stretches, "/week")).transpose()?;
    let clock = |zone: Option<Zone>| zone.unwrap_or(tx.programme.zone);
    let is_moved = clock(zone) != clock(hours.zone);
    store::save_hours(tx, id, &Hours { zone, week, ..hours })?;
    if is_moved {
        tx.tell(Fact::StaffZoneChanged { staff: id });
    }
    Ok(())
}

/// Enters more or fewer hours on a date.
///
/// # Errors
/// 404, 409 when they left, 422 for a stretch that cannot be, is past, or overlaps another of that date.
pub fn add_exception(tx: &mut Tx<'_>, id: StaffId, effect: Effect, on: NaiveDate, from_min: i32, until_min: i32) -> Result<StaffId> {
    let (hours, standing) = load_in_service(tx, id)?;
    tx.seen_at(hours.version);
    let exception = Exception { id: tx.new_id(), effect, on, from_min, until_min };
    rules::check_exception(&exception, &standing, today_of(tx, &hours))?;
    // First, since the exception stands under it.
    store::touch(tx, id, hours.zone, hours.week.is_some(), hours.version)?;
    store::insert_exception(tx, id, &exception)?;
    Ok(id)
}

/// Strikes an exception.
///
/// # Errors
/// 404 for a member of staff or an exception that is not there, 409 when they left.
pub fn remove_exception(tx: &mut Tx<'_>, id: StaffId, exception: RowId) -> Result<()> {
    let (hours, _) = load_in_service(tx, id)?;
    tx.seen_at(hours.version);
    if !store::delete_exception(tx, id, exception)? {
        return Err(Code::NotFound.into());
    }
    store::touch(tx, id, hours.zone, hours.week.is_some(), hours.version)
}

/// What a person says of time.
///
/// # Errors
/// 404, also for whoever only covers: the time of what they cover is set.
pub fn get_times(tx: &mut Tx<'_>, id: PersonId) -> Result<Times> {
    people::store::check_met(tx, id)?;
    Ok(store::fact_times(tx, &[id])?.remove(&id).unwrap_or_default())
}

/// Sets what a person says of time; whoever runs their match may write it down.
///
/// # Errors
/// 404, also for whoever only covers; 412, 422 for stretches that cannot be.
pub fn set_times(
    tx: &mut Tx<'_>,
    id: PersonId,
    expected: &Expected,
    parts: &[PartOfWeek],
    wished: &[Stretch],
    never: &[Stretch],
) -> Result<()> {
    let version = get_times(tx, id)?.version;
    expected.check(version)?;
    let (wished, never): (Week, Week) = (rules::week(wished, "/wished")?, rules::week(never, "/never")?);
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    parts.dedup();
    store::save_times(tx, id, &Times { parts, wished, never, version })
}
