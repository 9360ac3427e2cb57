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
use crate::save_over;
use crate::schema::{followup_versions as versions, followups};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = followups, treat_none_as_default_value = false)]
struct Row {
    id: FollowupId,
    duty_id: DutyId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
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

impl From<Row> for Followup {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            duty: row.duty_id,
            course: row.course_id,
            case: row.case_id,
            person: row.person_id,
            kind: row.kind,
            held_at: row.held_at,
            way: row.way,
            at_risk: row.at_risk,
            new_concern: row.new_concern,
            activity: row.activity,
            as_of_on: row.as_of_on,
            done_by: row.done_by,
            revision: row.revision,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
            changed_at: row.changed_at,
            version: row.version,
            retracted_at: row.retracted_at,
            retracted_by: row.retracted_by,
        }
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
    let row: Option<Row> = visible(tx).filter(followups::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(Followup::from).ok_or_else(|| Code::NotFound.into())
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
    let rows: Vec<Row> = query.order(order).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Followup::from).collect())
}

/// A result for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: FollowupId) -> Result<Option<Followup>> {
    let row: Option<Row> = followups::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Followup::from))
}

/// The results of a course that stand, for a consequence.
pub(super) fn fact_of_course(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Followup>> {
    let query = followups::table.filter(followups::course_id.eq(course)).filter(followups::retracted_at.is_null());
    let query = query.order((followups::held_at, followups::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Followup::from).collect())
}

/// The results of a promise that stand, for a rule: each with when it was held, in that order.
pub(super) fn fact_of_duty(tx: &mut Tx<'_>, duty: DutyId) -> Result<Vec<(FollowupId, Instant)>> {
    let query = followups::table.filter(followups::duty_id.eq(duty)).filter(followups::retracted_at.is_null());
    let query = query.order((followups::held_at, followups::id));
    Ok(query.select((followups::id, followups::held_at)).load(tx.db())?)
}

/// Writes a new result with its first version.
pub(super) fn insert(tx: &mut Tx<'_>, followup: &Followup, content: &Content) -> Result<()> {
    let row = Row {
        id: followup.id,
        duty_id: followup.duty,
        course_id: followup.course,
        case_id: followup.case,
        person_id: followup.person,
        kind: followup.kind,
        held_at: followup.held_at,
        way: followup.way,
        at_risk: followup.at_risk,
        new_concern: followup.new_concern,
        activity: followup.activity,
        as_of_on: followup.as_of_on,
        done_by: followup.done_by,
        revision: followup.revision,
        recorded_by: followup.recorded_by,
        recorded_at: followup.recorded_at,
        changed_at: followup.changed_at,
        version: followup.version,
        retracted_at: followup.retracted_at,
        retracted_by: followup.retracted_by,
    };
    diesel::insert_into(followups::table).values(&row).execute(tx.db())?;
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

type VersionRow = (RowId, i32, Sealed<Content>, AccountId, Instant);

fn version((id, revision, content, recorded_by, recorded_at): VersionRow) -> Version {
    Version { id, revision, content, recorded_by, recorded_at }
}

/// The versions of a result, the first first. The caller must have been shown the result.
pub(super) fn list_versions(tx: &mut Tx<'_>, id: FollowupId) -> Result<Vec<Version>> {
    use versions as v;
    let query = v::table.filter(v::followup_id.eq(id)).order(v::revision);
    let rows: Vec<VersionRow> = query.select((v::id, v::revision, v::content, v::recorded_by, v::recorded_at)).load(tx.db())?;
    Ok(rows.into_iter().map(version).collect())
}

/// The present version of a result. The caller must have been shown the result.
pub(super) fn get_present(tx: &mut Tx<'_>, followup: &Followup) -> Result<Version> {
    use versions as v;
    let query = v::table.filter(v::followup_id.eq(followup.id)).filter(v::revision.eq(followup.revision));
    let row: Option<VersionRow> =
        query.select((v::id, v::revision, v::content, v::recorded_by, v::recorded_at)).first(tx.db()).optional()?;
    row.map(version).ok_or_else(|| Code::NotFound.into())
}

/// What a version says, opened.
pub(super) fn open(tx: &mut Tx<'_>, person: PersonId, version: &Version) -> Result<Content> {
    tx.open(Holder::person(person), place(version.id), &version.content)
}
