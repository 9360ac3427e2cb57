//! Plans over HTTP.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, List, Paged, Path, Registry};
use crate::base::ids::{CourseId, PersonId, PlanId};
use crate::base::value::{Day, Few, Text};
use crate::base::vault::{Holder, Place};
use crate::courses::actions::plans as actions;
use crate::courses::model::{Goal, Plan, PlanBody};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(make).service(list);
}

/// A version of a course's plan.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanView {
    id: PlanId,
    course_id: CourseId,
    person_id: PersonId,
    /// 1, 2, 3 …
    number: i32,
    made_at: Instant,
    /// When it is looked at again.
    review_on: NaiveDate,
    goals: Few<Goal, 20>,
    /// The person's own words.
    own_words: Option<Text>,
    recorded_at: Instant,
}

pub(super) fn view(tx: &mut Tx<'_>, plan: Plan) -> Result<PlanView> {
    tx.saw(plan.id);
    tx.saw(plan.person);
    let body = tx.open(Holder::person(plan.person), Place::new("plans", "body", plan.id), &plan.body)?;
    Ok(PlanView {
        id: plan.id,
        course_id: plan.course,
        person_id: plan.person,
        number: plan.number,
        made_at: plan.made_at,
        review_on: plan.review_on,
        goals: body.goals,
        own_words: body.own_words,
        recorded_at: plan.recorded_at,
    })
}

fn get_view(tx: &mut Tx<'_>, id: PlanId) -> Result<PlanView> {
    let plan = actions::get(tx, id)?;
    view(tx, plan)
}

/// A plan, or a new version of it.
#[derive(Deserialize, ToSchema)]
struct MakePlan {
    goals: Few<Goal, 20>,
    /// The person's own words.
    own_words: Option<Text>,
    happened_at: Stated,
    /// When it is looked at again; after 3 months when not said.
    review_on: Option<Day>,
}

/// Make a plan, or a new version of it
///
/// A new version keeps the review of the one before and asks for its own.
#[utoipa::path(operation_id = "plans.make", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course"), IdempotencyKey), request_body = MakePlan,
    responses((status = 201, body = PlanView, description = "Made")))]
#[post("/courses/{course_id}/plans")]
async fn make(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<MakePlan>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (course, body) = (path.get()?, body.get()?);
        let plan = PlanBody { goals: body.goals.clone(), own_words: body.own_words.clone() };
        actions::make(tx, course, body.happened_at.at(), body.review_on.map(Day::date), &plan)
    };
    let plan = door.command(&call, Capability::PlansMake, verb, get_view).await?.view;
    call.created(&format!("/v1/courses/{}/plans", plan.course_id), plan.number, &plan)
}

/// The versions of a course's plan
///
/// The newest first, all on one page.
#[utoipa::path(operation_id = "plans.list", tag = "courses", params(("course_id" = CourseId, Path, description = "Which course")),
    responses((status = 200, body = List<PlanView>, description = "All versions")))]
#[get("/courses/{course_id}/plans")]
async fn list(door: web::Data<Door>, call: Call, path: Path<CourseId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let course = path.get()?;
        tx.saw(course);
        let plans = actions::list(tx, course)?.into_iter().map(|plan| view(tx, plan)).collect::<Result<Vec<_>>>()?;
        Ok(Paged::all(plans))
    };
    call.answer_list(door.read(&call, Capability::PlansList, look_up).await?)
}
