//! Hours and wished times over HTTP: everybody on the staff keeps their own, whoever meets a person writes down what they wish. Each answer names
//! what is planned against them.

use actix_web::{delete, get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions as planned;
use crate::access::{Capability, Door, Tx};
use crate::availability::actions;
use crate::availability::model::{Effect, Exception, PartOfWeek, Stretch, Week};
use crate::base::calendar::Zone;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Expected, IdempotencyKey, Path, Registry};
use crate::base::ids::{PersonId, RowId, StaffId};
use crate::base::value::{Day, Few, Flaw, Line};
use crate::sessions::http as sessions;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(show_hours).service(set_hours).service(add_exception).service(remove_exception);
    registry.service(show_times).service(set_times);
}

/// The weekly hours of a member of staff.
#[derive(Deserialize, ToSchema)]
struct SetHours {
    /// Where their clock hangs, by its name in the IANA database; null: the programme's zone.
    #[schema(value_type = Option<String>, example = "Europe/Copenhagen")]
    zone: Option<Line>,
    /// When they work, by their clock; empty: never; null: not stated. Stretches that overlap are refused, those that touch become one.
    week: Option<Few<Stretch, 56>>,
}

/// More or fewer hours on one date.
#[derive(Deserialize, ToSchema)]
struct AddException {
    effect: Effect,
    /// Today or later, by their clock.
    on: Day,
    /// Minutes after local midnight, 0 to 1439.
    from_min: i32,
    /// Minutes after local midnight, up to 1440.
    until_min: i32,
}

/// More or fewer hours on one date.
#[derive(Serialize, ToSchema)]
struct ExceptionView {
    id: RowId,
    effect: Effect,
    on: NaiveDate,
    from_min: i32,
    until_min: i32,
}

/// When a member of staff works.
#[derive(Serialize, ToSchema)]
struct HoursView {
    staff_id: StaffId,
    /// Null: the programme's zone.
    #[schema(value_type = Option<String>)]
    zone: Option<Zone>,
    /// In order; empty: never; null: not stated.
    week: Option<Vec<Stretch>>,
    /// Those that are not past by their clock, in order.
    exceptions: Vec<ExceptionView>,
    /// Planned and proposed sessions to come that they would hold, if only in part, outside of these hours, by start, 200 at most. They stay until
    /// somebody moves or cancels them. None where hours were not stated, but for what was taken off on a date.
    sessions_outside: Vec<sessions::SessionView>,
    /// 0: nothing was ever said.
    version: i64,
}

fn hours_view(tx: &mut Tx<'_>, id: StaffId) -> Result<HoursView> {
    let (hours, exceptions) = actions::get_hours(tx, id)?;
    tx.saw(id);
    let outside = planned::outside(tx, id, &hours, &exceptions)?;
    let exception = |known: Exception| ExceptionView {
        id: known.id,
        effect: known.effect,
        on: known.on,
        from_min: known.from_min,
        until_min: known.until_min,
    };
    Ok(HoursView {
        staff_id: id,
        zone: hours.zone,
        week: hours.week.as_ref().map(listed),
        exceptions: exceptions.into_iter().map(exception).collect(),
        sessions_outside: sessions::views(tx, outside)?,
        version: hours.version,
    })
}

fn listed(week: &Week) -> Vec<Stretch> {
    week.stretches().to_vec()
}

fn zone_of(name: &Line) -> Result<Zone> {
    name.as_str().parse().map_err(|_| Flaw::UnknownZone.refused("/zone"))
}

/// When a member of staff works
#[utoipa::path(operation_id = "availability.get_hours", tag = "availability", params(("staff_id" = StaffId, Path, description = "Who")),
    responses((status = 200, body = HoursView, description = "Weekly hours and exceptions")))]
#[get("/staff/{staff_id}/hours")]
async fn show_hours(door: web::Data<Door>, call: Call, path: Path<StaffId>) -> Answer {
    let hours = door.read(&call, Capability::AvailabilityGetHours, move |tx| hours_view(tx, path.get()?)).await?;
    call.answer(hours.version, &hours)
}

/// Set the weekly hours of a member of staff
///
/// By their clock: nine stays nine when clocks change. Exceptions stay, and so does what is planned: the answer names each session to come that
/// lies outside of the hours now. In another zone their leaves lie at other moments: what comes into one is promised to be decided at once, and what
/// was decided stays.
#[utoipa::path(operation_id = "availability.set_hours", tag = "availability", params(("staff_id" = StaffId, Path, description = "Who"), Expected), request_body = SetHours,
    responses((status = 200, body = HoursView, description = "Set")))]
#[put("/staff/{staff_id}/hours")]
async fn set_hours(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<SetHours>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let zone = body.zone.as_ref().map(zone_of).transpose()?;
        actions::set_hours(tx, id, &expected, zone, body.week.as_deref())?;
        hours_view(tx, id)
    };
    let hours = door.write(&call, Capability::AvailabilitySetHours, verb).await?;
    call.answer(hours.version, &hours)
}

/// Enter more or fewer hours on a date
///
/// It changes that date only; on one date no two overlap. Whole days away are leave. What is planned in hours taken off stays until somebody moves
/// or cancels it: the answer names it. A series made or changed afterwards has gaps there.
#[utoipa::path(operation_id = "availability.add_exception", tag = "availability", params(("staff_id" = StaffId, Path, description = "Who"), IdempotencyKey), request_body = AddException,
    responses((status = 201, body = HoursView, description = "Entered")))]
#[post("/staff/{staff_id}/exceptions")]
async fn add_exception(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<AddException>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::add_exception(tx, id, body.effect, body.on.date(), body.from_min, body.until_min)
    };
    let hours = door.command(&call, Capability::AvailabilityAddException, verb, hours_view).await?.view;
    call.created(&format!("/v1/staff/{}/hours", hours.staff_id), hours.version, &hours)
}

/// Strike an exception
#[utoipa::path(operation_id = "availability.remove_exception", tag = "availability",
    params(("staff_id" = StaffId, Path, description = "Who"), ("exception_id" = RowId, Path, description = "Which exception")),
    responses((status = 204, description = "Struck")))]
#[delete("/staff/{staff_id}/exceptions/{exception_id}")]
async fn remove_exception(door: web::Data<Door>, call: Call, path: Path<(StaffId, RowId)>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, exception) = path.get()?;
        actions::remove_exception(tx, id, exception)
    };
    door.write(&call, Capability::AvailabilityRemoveException, verb).await?;
    call.done()
}

/// What a person says of time.
#[derive(Deserialize, ToSchema)]
struct SetTimes {
    /// Wished for, in a word.
    #[serde(default)]
    parts: Few<PartOfWeek, 10>,
    /// Wished for, to the minute.
    #[serde(default)]
    wished: Few<Stretch, 56>,
    /// Never possible: no time in it is offered.
    #[serde(default)]
    never: Few<Stretch, 56>,
}

/// What a person says of time, in the programme's zone.
#[derive(Serialize, ToSchema)]
struct TimesView {
    person_id: PersonId,
    parts: Vec<PartOfWeek>,
    wished: Vec<Stretch>,
    never: Vec<Stretch>,
    /// Planned and proposed sessions to come, of matches that the caller runs, that lie in a never, if only in part; by start, 200 at most. They stay
    /// until somebody moves or cancels them.
    sessions_in_never: Vec<sessions::SessionView>,
    /// 0: nothing was ever said.
    version: i64,
}

fn times_view(tx: &mut Tx<'_>, id: PersonId) -> Result<TimesView> {
    let times = actions::get_times(tx, id)?;
    tx.saw(id);
    let in_never = planned::in_never(tx, id, &times.never)?;
    Ok(TimesView {
        person_id: id,
        parts: times.parts,
        wished: listed(&times.wished),
        never: listed(&times.never),
        sessions_in_never: sessions::views(tx, in_never)?,
        version: times.version,
    })
}

/// When a person wishes to meet, and when never
///
/// Not for whoever only covers a session of the person's (404).
#[utoipa::path(operation_id = "availability.get_times", tag = "availability", params(("person_id" = PersonId, Path, description = "Who")),
    responses((status = 200, body = TimesView, description = "Wished and impossible times")))]
#[get("/people/{person_id}/times")]
async fn show_times(door: web::Data<Door>, call: Call, path: Path<PersonId>) -> Answer {
    let times = door.read(&call, Capability::AvailabilityGetTimes, move |tx| times_view(tx, path.get()?)).await?;
    call.answer(times.version, &times)
}

/// Set when a person wishes to meet, and when never
///
/// All of it: what is missing is struck. A wish is a reason why a time is good, not a limit; a "never" is one. What is planned in it stays until
/// somebody moves or cancels it: the answer names it. A series made or changed afterwards has gaps there.
#[utoipa::path(operation_id = "availability.set_times", tag = "availability", params(("person_id" = PersonId, Path, description = "Who"), Expected), request_body = SetTimes,
    responses((status = 200, body = TimesView, description = "Set")))]
#[put("/people/{person_id}/times")]
async fn set_times(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<SetTimes>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::set_times(tx, id, &expected, &body.parts, &body.wished, &body.never)?;
        times_view(tx, id)
    };
    let times = door.write(&call, Capability::AvailabilitySetTimes, verb).await?;
    call.answer(times.version, &times)
}
