//! That a person died, and that they did not, over HTTP.

use actix_web::{post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PersonView, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Empty, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, AlertId, CourseId, MatchId, OfferId, PersonId};
use crate::people::actions;
use crate::people::model::{RetractedDeath, StaysOver};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(death).service(retract_death);
}

/// That a person died.
#[derive(Deserialize, ToSchema)]
struct RecordDeath {
    happened_at: Stated,
}

/// What does not come back with a death that was taken back. It is made anew.
#[derive(Serialize, ToSchema)]
pub(super) struct StaysOverView {
    /// Offers that wait no more: their case was closed since, the person left it, was offered anew, or is not to be.
    offer_ids: Vec<OfferId>,
    /// Courses that do not run on, for the same reasons, or since the participant withdrew.
    course_ids: Vec<CourseId>,
    /// Matches, and proposals of one, of courses that run on; their sessions are off.
    match_ids: Vec<MatchId>,
    /// Alerts in cases that are open.
    alert_ids: Vec<AlertId>,
}

/// A death that was taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct RetractedDeathView {
    /// As it was recorded.
    died_on: NaiveDate,
    retracted_at: Instant,
    retracted_by: AccountId,
}

impl From<RetractedDeath> for RetractedDeathView {
    fn from(RetractedDeath { died_on, retracted_at, retracted_by }: RetractedDeath) -> Self {
        Self { died_on, retracted_at, retracted_by }
    }
}

/// Whoever died, with the children whose reminders nobody gets since.
fn dead_view(tx: &mut Tx<'_>, id: PersonId) -> Result<PersonView> {
    let lacking = actions::list_lacking_recipient(tx, id)?;
    lacking.iter().for_each(|child| tx.saw(*child));
    Ok(PersonView { child_ids_lacking_recipient: Some(lacking), ..get_view(tx, id)? })
}

/// Whoever did not die, with what is over all the same.
fn living_view(tx: &mut Tx<'_>, id: PersonId) -> Result<PersonView> {
    let StaysOver { offer_ids, course_ids, match_ids, alert_ids } = actions::list_over(tx, id)?;
    offer_ids.iter().for_each(|id| tx.saw(*id));
    course_ids.iter().for_each(|id| tx.saw(*id));
    match_ids.iter().for_each(|id| tx.saw(*id));
    alert_ids.iter().for_each(|id| tx.saw(*id));
    let stays_over = Some(StaysOverView { offer_ids, course_ids, match_ids, alert_ids });
    Ok(PersonView { stays_over, ..get_view(tx, id)? })
}

/// Record that a person died
///
/// Everything open of the person ends, and what they answered after that day never was. Nor was what they said after it as a custody holder: a course
/// that stands still for that alone goes on, and one for which their yes was needed stands still, with a decision promised. `child_ids_lacking_recipient` names the children whose
/// reminders they were chosen to get: what is planned with these is told by hand until somebody else is chosen.
#[utoipa::path(operation_id = "people.record_death", tag = "people", params(("person_id" = PersonId, Path, description = "Who"), IdempotencyKey), request_body = RecordDeath,
    responses((status = 201, body = PersonView, description = "Recorded")))]
#[post("/people/{person_id}/death")]
async fn death(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<RecordDeath>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        actions::record_death(tx, id, body.get()?.happened_at.at())?;
        Ok(id)
    };
    let person = door.command(&call, Capability::PeopleRecordDeath, verb, dead_view).await?.view;
    call.created(&format!("/v1/people/{}", person.id), person.version, &person)
}

/// Take a death back
///
/// For one that was recorded of the wrong person. What was recorded is kept. Offers wait again, answers that were said to be given after it stand, and
/// courses run on or ended as they had, with all that was promised with them: by its own due dates, late or not. What was recorded since comes
/// first: nothing runs in a case that was closed meanwhile, until that closing is taken back; whoever withdrew has withdrawn, and what was offered
/// anew, or the police took over, is not given back. Matches, with their sessions, and alerts stay over. What they said as a custody holder counts
/// again, and a course stands still again for their withdrawal. `stays_over` names the matches and alerts, and the offers and courses
/// that do not come back. Of a death that was recorded before all this was kept only re-offers and follow-ups are promised again, and it names
/// nothing.
#[utoipa::path(operation_id = "people.retract_death", tag = "people", params(("person_id" = PersonId, Path, description = "Who"), IdempotencyKey),
    responses((status = 201, body = PersonView, description = "Taken back")))]
#[post("/people/{person_id}/death/retract")]
async fn retract_death(door: web::Data<Door>, call: Call, path: Path<PersonId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::retract_death(tx, id)?;
        Ok(id)
    };
    let person = door.command(&call, Capability::PeopleRetractDeath, verb, living_view).await?.view;
    call.created(&format!("/v1/people/{}", person.id), person.version, &person)
}
