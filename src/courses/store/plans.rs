//! Plans as rows: a revision is a new row.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, PersonId, PlanId};
use crate::base::vault::{Place, Sealed};
use crate::courses::model::{Plan, PlanBody};
use crate::schema::plans;

#[derive(Queryable, Selectable)]
#[diesel(table_name = plans)]
struct Row {
    id: PlanId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    number: i32,
    made_at: Instant,
    review_on: NaiveDate,
    body: Sealed<PlanBody>,
    recorded_at: Instant,
    recorded_by: AccountId,
}

impl From<Row> for Plan {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            course: row.course_id,
            case: row.case_id,
            person: row.person_id,
            number: row.number,
            made_at: row.made_at,
            review_on: row.review_on,
            body: row.body,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

/// The place of the sealed body of a plan.
pub const fn place(id: PlanId) -> Place {
    Place::new("plans", "body", id)
}

fn visible(tx: &Tx<'_>) -> plans::BoxedQuery<'static, MultiBackend> {
    let query = plans::table
        .filter(plans::course_id.ne_all(tx.barred()))
        .filter(plans::case_id.ne_all(tx.barred()))
        .filter(plans::person_id.ne_all(tx.barred()))
        .into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(plans::course_id.eq_any(tx.related())) }
}

/// A version of a plan the caller may see.
///
/// # Errors
/// 404 when it does not exist or the caller may not see it: identical.
pub fn get(tx: &mut Tx<'_>, id: PlanId) -> Result<Plan> {
    let row: Option<Row> = visible(tx).filter(plans::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(Plan::from).ok_or_else(|| Code::NotFound.into())
}

/// The versions of a course's plan that the caller may see, the newest first.
pub fn list(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Plan>> {
    let query = visible(tx).filter(plans::course_id.eq(course)).order(plans::number.desc());
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Plan::from).collect())
}

/// A version for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: PlanId) -> Result<Option<Plan>> {
    let row: Option<Row> = plans::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Plan::from))
}

/// The newest version of a course's plan, for the next and for a consequence; not for the caller's eyes.
pub(in crate::courses) fn fact_newest(tx: &mut Tx<'_>, course: CourseId) -> Result<Option<Plan>> {
    let newest = plans::table.filter(plans::course_id.eq(course)).order(plans::number.desc());
    let row: Option<Row> = newest.select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Plan::from))
}

/// Writes a new version.
pub(in crate::courses) fn insert(tx: &mut Tx<'_>, plan: &Plan) -> Result<()> {
    diesel::insert_into(plans::table)
        .values((
            plans::id.eq(plan.id),
            plans::course_id.eq(plan.course),
            plans::case_id.eq(plan.case),
            plans::person_id.eq(plan.person),
            plans::number.eq(plan.number),
            plans::made_at.eq(plan.made_at),
            plans::review_on.eq(plan.review_on),
            plans::body.eq(&plan.body),
            plans::recorded_at.eq(plan.recorded_at),
            plans::recorded_by.eq(plan.recorded_by),
        ))
        .execute(tx.db())?;
    tx.changed(plan.id);
    tx.changed(plan.course);
    tx.changed(plan.person);
    Ok(())
}
