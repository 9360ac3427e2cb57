//! Verbs on plans.

use chrono::NaiveDate;

use super::{check_unended, get_unended, promise};
use crate::access::Tx;
use crate::base::calendar::plus_months;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CourseId, DutyId, PlanId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::cases::rules::check_stated;
use crate::courses::model::{Course, Plan, PlanBody};
use crate::courses::rules::Dated;
use crate::courses::store;
pub use crate::courses::store::plans::get;
use crate::courses::store::plans::{fact_newest, find_fact, insert, place};
use crate::duties::store::Which;
use crate::duties::{self, CORRECTED, Duty, Kind, State};
use crate::facts::Fact;

/// The versions of a course's plan, the newest first.
///
/// # Errors
/// 404.
pub fn list(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Plan>> {
    store::get(tx, course)?;
    store::plans::list(tx, course)
}

/// What the newest version of a course's plan says, opened; `None` where there is no plan.
///
/// # Errors
/// 404, the vault's.
pub fn current(tx: &mut Tx<'_>, course: CourseId) -> Result<Option<PlanBody>> {
    let Some(plan) = list(tx, course)?.into_iter().next() else { return Ok(None) };
    tx.saw(plan.id);
    tx.open(Holder::person(plan.person), place(plan.id), &plan.body).map(Some)
}

/// Makes a plan, or a new version of it.
///
/// # Errors
/// 404, 409 when the course has ended, 422 for an impossible time or a review that lies before it.
pub fn make(tx: &mut Tx<'_>, course: CourseId, at: Instant, review_on: Option<NaiveDate>, body: &PlanBody) -> Result<PlanId> {
    let course = get_unended(tx, course)?;
    let newest = fact_newest(tx, course.id)?;
    // One that was made before the acceptance was taken back is no cause of the next.
    let cause_at = newest.as_ref().map_or(course.accepted_at, |newest| newest.made_at.max(course.accepted_at));
    check_stated("/happened_at", at, tx.now, cause_at)?;
    let made_on = tx.programme.calendar().zone.date(at);
    let review_on = review_on.unwrap_or_else(|| plus_months(made_on, review_months(tx)));
    if review_on <= made_on {
        return Err(Flaw::BeforePlan.refused("/review_on"));
    }
    let (id, recorded_by): (PlanId, _) = (tx.new_id(), tx.account()?);
    let plan = Plan {
        id,
        course: course.id,
        case: course.case,
        person: course.person,
        number: newest.map_or(1, |newest| newest.number.saturating_add(1)),
        made_at: at,
        review_on,
        body: tx.seal(Holder::person(course.person), place(id), body)?,
        recorded_at: tx.now,
        recorded_by,
    };
    insert(tx, &plan)?;
    tx.tell(Fact::PlanMade { plan: id });
    Ok(id)
}

/// Consequence: the review of the version before is kept by the new one, which is to be reviewed in its turn.
pub fn promise_review(tx: &mut Tx<'_>, id: PlanId) -> Result<()> {
    let Some(plan) = find_fact(tx, id)? else { return Ok(()) };
    duties::actions::meet(tx, &Which::subject(plan.course, &[Kind::PlanReview]), plan.made_at)?;
    let course = store::find_fact(tx, plan.course)?.ok_or(Code::NotFound)?;
    promise_next(tx, &course, plan.number.to_string(), plan.made_at, plan.review_on)
}

/// Consequence: a promise was settled by hand; where it was the review of a plan, which stays as it is, the next review is promised.
pub fn reviewed(tx: &mut Tx<'_>, duty: DutyId) -> Result<()> {
    let Some(duty) = duties::store::find_fact(tx, duty)?.filter(|duty| duty.kind == Kind::PlanReview) else { return Ok(()) };
    let (Some(course), Some(at)) = (store::find_fact(tx, duty.subject_id.cast())?, duty.closed_at) else { return Ok(()) };
    let review_on = plus_months(tx.programme.calendar().zone.date(at), review_months(tx));
    let name = format!("{}.{review_on}", number_of(&duty));
    let slot = duties::actions::free_slot(tx, Kind::PlanReview, course.id, name)?;
    promise_next(tx, &course, slot, at, review_on)
}

/// Consequence: that a plan was reviewed then is taken back; its review is still to come, and the next follows that.
///
/// # Errors
/// 409 when the course has ended, a new version of the plan was made, or it was reviewed again since.
pub fn review_retracted(tx: &mut Tx<'_>, review: &Duty, at: Instant) -> Result<()> {
    let Some(course) = store::find_fact(tx, review.subject_id.cast())? else { return Ok(()) };
    check_unended(&course)?;
    if fact_newest(tx, course.id)?.is_some_and(|plan| plan.number.to_string() != number_of(review)) {
        return Err(Problem::new(Code::WrongState).say("Planen er lavet om siden", "A new version of the plan was made since").into());
    }
    duties::actions::end_next(tx, review, at)
}

/// Of which version of a plan a review is.
fn number_of(review: &Duty) -> &str {
    review.slot.split('.').next().unwrap_or_default()
}

/// Consequence of an acceptance in the place of one that was taken back: the review that ended with that is promised again, dated from the
/// acceptance that stands, or from the plan or the review that came after it.
pub(super) fn accepted_again(tx: &mut Tx<'_>, course: &Course) -> Result<()> {
    let Some(plan) = fact_newest(tx, course.id)? else { return Ok(()) };
    let reviews = duties::store::list_all(tx, Kind::PlanReview, course.id.cast())?;
    // What a review had promised that never was did not end with the course.
    let has_lapsed = |review: &&Duty| review.state == State::Ended && review.reason.as_deref() != Some(CORRECTED);
    let Some(ended) = reviews.iter().rfind(has_lapsed) else { return Ok(()) };
    let kept_at = reviews.iter().filter(|review| review.state == State::Done).filter_map(|review| review.closed_at).max();
    let from_at = plan.made_at.max(course.accepted_at).max(kept_at.unwrap_or(plan.made_at));
    let months_on = plus_months(tx.programme.calendar().zone.date(from_at), review_months(tx));
    let review_on = if from_at == plan.made_at { plan.review_on } else { months_on };
    promise_next(tx, course, ended.slot.clone(), from_at, review_on)
}

fn promise_next(tx: &mut Tx<'_>, course: &Course, slot: String, from_at: Instant, review_on: NaiveDate) -> Result<()> {
    if course.ended_at.is_some() {
        return Ok(());
    }
    let (calendar, lead_days) = (tx.programme.calendar(), tx.programme.deadlines.lead_days);
    let dated = Dated {
        kind: Kind::PlanReview,
        slot,
        opens_at: calendar.opens_before(from_at, review_on, lead_days),
        due_at: calendar.zone.end_of(review_on),
    };
    let promise = promise(tx, course.id, course.case, course.person, from_at, dated)?;
    duties::actions::open(tx, &promise)?;
    Ok(())
}

fn review_months(tx: &Tx<'_>) -> i32 {
    i32::try_from(tx.programme.deadlines.plan_review_months).unwrap_or(i32::MAX)
}
