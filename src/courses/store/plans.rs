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
use crate::row;
use crate::schema::plans;

row! {
    Row of Plan in plans {
        id: PlanId,
        course: CourseId = course_id,
        case: CaseId = case_id,
        person: PersonId = person_id,
        number: i32,
        made_at: Instant,
        review_on: NaiveDate,
        body: Sealed<PlanBody>,
        recorded_at: Instant,
        recorded_by: AccountId,
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
    visible(tx).filter(plans::id.eq(id)).select(Plan::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// The versions of a course's plan that the caller may see, the newest first.
pub fn list(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Plan>> {
    let query = visible(tx).filter(plans::course_id.eq(course)).order(plans::number.desc());
    Ok(query.select(Plan::as_select()).load(tx.db())?)
}

/// A version for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: PlanId) -> Result<Option<Plan>> {
    Ok(plans::table.find(id).select(Plan::as_select()).first(tx.db()).optional()?)
}

/// The newest version of a course's plan, for the next and for a consequence; not for the caller's eyes.
pub(in crate::courses) fn fact_newest(tx: &mut Tx<'_>, course: CourseId) -> Result<Option<Plan>> {
    let newest = plans::table.filter(plans::course_id.eq(course)).order(plans::number.desc());
    Ok(newest.select(Plan::as_select()).first(tx.db()).optional()?)
}

/// Writes a new version.
pub(in crate::courses) fn insert(tx: &mut Tx<'_>, plan: &Plan) -> Result<()> {
    diesel::insert_into(plans::table).values(Row::from(plan.clone())).execute(tx.db())?;
    tx.changed(plan.id);
    tx.changed(plan.course);
    tx.changed(plan.person);
    Ok(())
}
