//! Follow-up results and their versions as rows.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{AtRisk, Content, Followup, Kind, Version, Way};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, DutyId, FollowupId, PersonId, RowId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::courses::model::Activity;
use crate::schema::{followup_versions as versions, followups};
use crate::{row, save_over};

row! {
    Row of Followup in followups {
        id: FollowupId,
        duty: DutyId = duty_id,
        course: CourseId = course_id,
        case: CaseId = case_id,
        person: PersonId = person_id,
        kind: Kind,
        held_at: Instant,
        way: Way,
        at_risk: Option<AtRisk>,
        new_concern: bool,
        activity: Option<Activity>,
        as_of_on: Option<NaiveDate>,
        done_by: AccountId,
        revision: i32,
        recorded_by: AccountId,
        recorded_at: Instant,
        changed_at: Instant,
        version: i64,
        retracted_at: Option<Instant>,
        retracted_by: Option<AccountId>,
    }
}

/// What the caller may see: bars taken off, and without full reach only results of courses they are related to.
fn visible(tx: &Tx<'_>) -> followups::BoxedQuery<'static, MultiBackend> {
    let query = followups::table
        .filter(followups::course_id.ne_all(tx.barred()))
        .filter(followups::case_id.ne_all(tx.barred()))
        .filter(followups::person_id.ne_all(tx.barred()))
        .into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(followups::course_id.eq_any(tx.related())) }
}

/// A result the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: FollowupId) -> Result<Followup> {
    visible(tx).filter(followups::id.eq(id)).select(Followup::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// Which results are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this course.
    pub course: Option<CourseId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Held at this moment or later.
    pub from: Option<Instant>,
    /// Held before this moment.
    pub until: Option<Instant>,
}

/// One page of the results a caller may see, the latest first, with what was taken back.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, FollowupId)>, fetch: i64) -> Result<Vec<Followup>> {
    let mut query = visible(tx);
    if let Some(case) = filter.case {
        query = query.filter(followups::case_id.eq(case));
    }
    if let Some(course) = filter.course {
        query = query.filter(followups::course_id.eq(course));
    }
    if let Some(person) = filter.person {
        query = query.filter(followups::person_id.eq(person));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(followups::kind.eq(kind));
    }
    if let Some(from) = filter.from {
        query = query.filter(followups::held_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(followups::held_at.lt(until));
    }
    if let Some((at, id)) = after {
        query = query.filter(followups::held_at.lt(at).or(followups::held_at.eq(at).and(followups::id.lt(id))));
    }
    let order = (followups::held_at.desc(), followups::id.desc());
    Ok(query.order(order).limit(fetch).select(Followup::as_select()).load(tx.db())?)
}

/// A result for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: FollowupId) -> Result<Option<Followup>> {
    Ok(followups::table.find(id).select(Followup::as_select()).first(tx.db()).optional()?)
}

/// The results of a course that stand, for a consequence.
pub(super) fn fact_of_course(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Followup>> {
    let query = followups::table.filter(followups::course_id.eq(course)).filter(followups::retracted_at.is_null());
    let query = query.order((followups::held_at, followups::id));
    Ok(query.select(Followup::as_select()).load(tx.db())?)
}

/// The results of a promise that stand, for a rule: each with when it was held, in that order.
pub(super) fn fact_of_duty(tx: &mut Tx<'_>, duty: DutyId) -> Result<Vec<(FollowupId, Instant)>> {
    let query = followups::table.filter(followups::duty_id.eq(duty)).filter(followups::retracted_at.is_null());
    let query = query.order((followups::held_at, followups::id));
    Ok(query.select((followups::id, followups::held_at)).load(tx.db())?)
}

/// Writes a new result with its first version.
pub(super) fn insert(tx: &mut Tx<'_>, followup: &Followup, content: &Content) -> Result<()> {
    diesel::insert_into(followups::table).values(Row::from(*followup)).execute(tx.db())?;
    insert_version(tx, followup, content)
}

/// Saves the next version of a result over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, followup: &Followup, content: &Content) -> Result<()> {
    let changes = (
        followups::held_at.eq(followup.held_at),
        followups::way.eq(followup.way),
        followups::at_risk.eq(followup.at_risk),
        followups::new_concern.eq(followup.new_concern),
        followups::activity.eq(followup.activity),
        followups::as_of_on.eq(followup.as_of_on),
        followups::done_by.eq(followup.done_by),
        followups::revision.eq(followup.revision),
        followups::changed_at.eq(followup.changed_at),
    );
    save_over!(tx.db(), followups, followup, changes)?;
    insert_version(tx, followup, content)
}

/// Takes a result back over the version it was read at; what it said stays.
pub(super) fn retract(tx: &mut Tx<'_>, followup: &Followup) -> Result<()> {
    let (now, by) = (tx.now, tx.account()?);
    let changes = (followups::retracted_at.eq(Some(now)), followups::retracted_by.eq(Some(by)));
    save_over!(tx.db(), followups, followup, changes)?;
    changed(tx, followup);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, followup: &Followup) {
    tx.changed(followup.id);
    tx.changed(followup.course);
    tx.changed(followup.person);
}

fn insert_version(tx: &mut Tx<'_>, followup: &Followup, content: &Content) -> Result<()> {
    let id: RowId = tx.new_id();
    let (content, by) = (tx.seal(Holder::person(followup.person), place(id), content)?, tx.account()?);
    diesel::insert_into(versions::table)
        .values((
            versions::id.eq(id),
            versions::followup_id.eq(followup.id),
            versions::revision.eq(followup.revision),
            versions::content.eq(&content),
            versions::recorded_by.eq(by),
            versions::recorded_at.eq(followup.changed_at),
        ))
        .execute(tx.db())?;
    changed(tx, followup);
    Ok(())
}

const fn place(id: RowId) -> Place {
    Place::new("followup_versions", "content", id)
}

row! {
    VersionRow of Version in versions {
        id: RowId,
        revision: i32,
        content: Sealed<Content>,
        recorded_by: AccountId,
        recorded_at: Instant,
    }
}

/// The versions of a result, the first first. The caller must have been shown the result.
pub(super) fn list_versions(tx: &mut Tx<'_>, id: FollowupId) -> Result<Vec<Version>> {
    use versions as v;
    let query = v::table.filter(v::followup_id.eq(id)).order(v::revision);
    Ok(query.select(Version::as_select()).load(tx.db())?)
}

/// The present version of a result. The caller must have been shown the result.
pub(super) fn get_present(tx: &mut Tx<'_>, followup: &Followup) -> Result<Version> {
    use versions as v;
    let query = v::table.filter(v::followup_id.eq(followup.id)).filter(v::revision.eq(followup.revision));
    query.select(Version::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// What a version says, opened.
pub(super) fn open(tx: &mut Tx<'_>, person: PersonId, version: &Version) -> Result<Content> {
    tx.open(Holder::person(person), place(version.id), &version.content)
}
