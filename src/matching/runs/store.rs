//! Runs as rows.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::{count, count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Change, Detail, Line, Need, Pair, Run, RunState, Terms};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, MatchingRunId, PersonId, StaffId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::save_over;
use crate::schema::{matches, matching_run_lines, matching_runs};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = matching_runs, treat_none_as_default_value = false)]
struct RunRow {
    id: MatchingRunId,
    state: RunState,
    created_by: AccountId,
    recorded_at: Instant,
    adopted_at: Option<Instant>,
    waiting: i64,
    places: i64,
    matched: i64,
    total: i64,
    weights_version: i64,
    facts_hash: Vec<u8>,
    terms: String,
    needs: String,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = matching_run_lines, treat_none_as_default_value = false)]
struct LineRow {
    run_id: MatchingRunId,
    place: i32,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    waiting_since: Instant,
    staff_id: Option<StaffId>,
    points: i64,
    claim: i64,
    bonus: i64,
    is_pinned: bool,
    same_family: bool,
    match_id: Option<MatchId>,
    detail: Sealed<Detail>,
}

fn place(run: MatchingRunId, course: CourseId) -> Place {
    // A line has no id of its own: the run's and the course's together stand for it.
    let row = uuid::Uuid::from_u128(run.uuid().as_u128() ^ course.uuid().as_u128());
    Place { table: "matching_run_lines", column: "detail", row: crate::base::ids::AnyId::from_uuid(row) }
}

fn run(row: RunRow) -> Result<Run> {
    let terms: Terms = serde_json::from_str(&row.terms).map_err(Error::internal)?;
    Ok(Run {
        id: row.id,
        state: row.state,
        created_by: row.created_by,
        recorded_at: row.recorded_at,
        adopted_at: row.adopted_at,
        waiting: row.waiting,
        places: row.places,
        matched: row.matched,
        total: row.total,
        weights_version: row.weights_version,
        facts_hash: row.facts_hash,
        terms,
        needs: serde_json::from_str(&row.needs).map_err(Error::internal)?,
        version: row.version,
    })
}

fn opened(tx: &mut Tx<'_>, row: LineRow) -> Result<Line> {
    let detail = tx.open(Holder::person(row.person_id), place(row.run_id, row.course_id), &row.detail)?;
    Ok(Line {
        place: row.place,
        course: row.course_id,
        case: row.case_id,
        person: row.person_id,
        waiting_since: row.waiting_since,
        staff: row.staff_id,
        points: row.points,
        claim: row.claim,
        bonus: row.bonus,
        is_pinned: row.is_pinned,
        same_family: row.same_family,
        matched: row.match_id,
        detail,
    })
}

/// Writes a new run.
pub(super) fn insert(tx: &mut Tx<'_>, run: &Run, lines: &[Line]) -> Result<()> {
    let row = RunRow {
        id: run.id,
        state: run.state,
        created_by: run.created_by,
        recorded_at: run.recorded_at,
        adopted_at: run.adopted_at,
        waiting: run.waiting,
        places: run.places,
        matched: run.matched,
        total: run.total,
        weights_version: run.weights_version,
        facts_hash: run.facts_hash.clone(),
        terms: serde_json::to_string(&run.terms).map_err(Error::internal)?,
        needs: serde_json::to_string(&run.needs).map_err(Error::internal)?,
        version: run.version,
    };
    diesel::insert_into(matching_runs::table).values(&row).execute(tx.db())?;
    for line in lines {
        let row = LineRow {
            run_id: run.id,
            place: line.place,
            course_id: line.course,
            case_id: line.case,
            person_id: line.person,
            waiting_since: line.waiting_since,
            staff_id: line.staff,
            points: line.points,
            claim: line.claim,
            bonus: line.bonus,
            is_pinned: line.is_pinned,
            same_family: line.same_family,
            match_id: line.matched,
            detail: tx.seal(Holder::person(line.person), place(run.id, line.course), &line.detail)?,
        };
        diesel::insert_into(matching_run_lines::table).values(&row).execute(tx.db())?;
    }
    tx.changed(run.id);
    Ok(())
}

/// A run.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: MatchingRunId) -> Result<Run> {
    let row: Option<RunRow> = matching_runs::table.find(id).select(RunRow::as_select()).first(tx.db()).optional()?;
    row.map(run).transpose()?.ok_or_else(|| Code::NotFound.into())
}

/// One page of the runs, the latest first.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, after: Option<(Instant, MatchingRunId)>, fetch: i64) -> Result<Vec<Run>> {
    use matching_runs as r;
    let mut query = r::table.into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(r::recorded_at.lt(at).or(r::recorded_at.eq(at).and(r::id.lt(id))));
    }
    let rows: Vec<RunRow> = query.order((r::recorded_at.desc(), r::id.desc())).limit(fetch).select(RunRow::as_select()).load(tx.db())?;
    rows.into_iter().map(run).collect()
}

/// Which lines are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// With somebody, or with nobody.
    pub matched: Option<bool>,
    /// After this one.
    pub after: Option<(Instant, CourseId)>,
    /// How many.
    pub fetch: i64,
}

/// The lines of a run that the caller may see, whoever waited longest first; opened.
///
/// # Errors
/// The database's and the vault's.
pub fn lines(tx: &mut Tx<'_>, id: MatchingRunId, which: Which) -> Result<Vec<Line>> {
    use matching_run_lines as l;
    let mut query =
        l::table.filter(l::run_id.eq(id)).filter(l::case_id.ne_all(tx.barred())).filter(l::person_id.ne_all(tx.barred())).into_boxed();
    match which.matched {
        Some(true) => query = query.filter(l::staff_id.is_not_null()),
        Some(false) => query = query.filter(l::staff_id.is_null()),
        None => {}
    }
    if let Some((at, course)) = which.after {
        query = query.filter(l::waiting_since.gt(at).or(l::waiting_since.eq(at).and(l::course_id.gt(course))));
    }
    let rows: Vec<LineRow> = query.order((l::waiting_since, l::course_id)).limit(which.fetch).select(LineRow::as_select()).load(tx.db())?;
    rows.into_iter().map(|row| opened(tx, row)).collect()
}

/// What the lines of these runs that the caller may see add up to; nothing is opened. A run without any is not in it.
///
/// # Errors
/// The database's.
pub(super) fn sums(tx: &mut Tx<'_>, ids: Vec<MatchingRunId>) -> Result<HashMap<MatchingRunId, Sums>> {
    use matching_run_lines as l;
    let query = l::table.filter(l::run_id.eq_any(ids)).filter(l::case_id.ne_all(tx.barred())).filter(l::person_id.ne_all(tx.barred()));
    let sums = (l::run_id, count_star(), count(l::staff_id), sql::<BigInt>("CAST(sum(points) AS bigint)"));
    let rows: Vec<(MatchingRunId, i64, i64, i64)> = query.group_by(l::run_id).select(sums).load(tx.db())?;
    Ok(rows.into_iter().map(|(run, waiting, matched, total)| (run, Sums { waiting, matched, total })).collect())
}

/// When each line of these runs that the caller may see was proposed; nothing is opened. A run of which none was is not in it.
///
/// # Errors
/// The database's.
pub(super) fn proposed(tx: &mut Tx<'_>, ids: Vec<MatchingRunId>) -> Result<HashMap<MatchingRunId, Vec<Instant>>> {
    use {matches as m, matching_run_lines as l};
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = l::table
        .inner_join(m::table.on(l::match_id.eq(m::id.nullable())))
        .filter(l::run_id.eq_any(ids))
        .filter(l::case_id.ne_all(tx.barred()))
        .filter(l::person_id.ne_all(tx.barred()));
    let rows: Vec<(MatchingRunId, Instant)> = query.select((l::run_id, m::proposed_at)).load(tx.db())?;
    let mut proposed: HashMap<MatchingRunId, Vec<Instant>> = HashMap::new();
    for (run, at) in rows {
        proposed.entry(run).or_default().push(at);
    }
    Ok(proposed)
}

/// Those of these courses that wait in a run and that the caller may see.
///
/// # Errors
/// The database's.
pub(super) fn courses_among(tx: &mut Tx<'_>, id: MatchingRunId, among: Vec<CourseId>) -> Result<BTreeSet<CourseId>> {
    use matching_run_lines as l;
    let query = l::table
        .filter(l::run_id.eq(id))
        .filter(l::course_id.eq_any(among))
        .filter(l::case_id.ne_all(tx.barred()))
        .filter(l::person_id.ne_all(tx.barred()));
    let courses: Vec<CourseId> = query.select(l::course_id).load(tx.db())?;
    Ok(courses.into_iter().collect())
}

/// What lines of a run add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// How many there are.
    pub waiting: i64,
    /// How many of them have somebody.
    pub matched: i64,
    /// Their points.
    pub total: i64,
}

/// The lines of these courses in a run that the caller may see; nothing is opened.
///
/// # Errors
/// The database's.
pub(super) fn fact_pairs(tx: &mut Tx<'_>, id: MatchingRunId, courses: &[CourseId]) -> Result<Vec<Chosen>> {
    use matching_run_lines as l;
    let query = l::table
        .filter(l::run_id.eq(id))
        .filter(l::course_id.eq_any(courses.to_vec()))
        .filter(l::case_id.ne_all(tx.barred()))
        .filter(l::person_id.ne_all(tx.barred()));
    Ok(query.select(Chosen::as_select()).load(tx.db())?)
}

/// A line that is to be proposed.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = matching_run_lines)]
pub(super) struct Chosen {
    pub course_id: CourseId,
    pub staff_id: Option<StaffId>,
    pub match_id: Option<MatchId>,
}

/// When each run was adopted, as the caller knows it: by its first line that they may see and that was proposed.
///
/// # Errors
/// The database's.
pub(super) fn list_adopted(tx: &mut Tx<'_>) -> Result<Vec<(MatchingRunId, Option<Instant>)>> {
    use {matches as m, matching_run_lines as l};
    let proposed = l::table
        .inner_join(m::table.on(l::match_id.eq(m::id.nullable())))
        .filter(l::case_id.ne_all(tx.barred()))
        .filter(l::person_id.ne_all(tx.barred()));
    Ok(proposed.group_by(l::run_id).select((l::run_id, min(m::proposed_at))).load(tx.db())?)
}

/// The pairs of a run that the caller may see.
///
/// # Errors
/// The database's.
pub(super) fn pairs_of(tx: &mut Tx<'_>, id: MatchingRunId) -> Result<BTreeSet<Pair>> {
    use matching_run_lines as l;
    let query = l::table
        .filter(l::run_id.eq(id))
        .filter(l::staff_id.is_not_null())
        .filter(l::case_id.ne_all(tx.barred()))
        .filter(l::person_id.ne_all(tx.barred()));
    let pairs: Vec<(CourseId, Option<StaffId>)> = query.select((l::course_id, l::staff_id)).load(tx.db())?;
    Ok(pairs.into_iter().filter_map(|(course_id, staff)| staff.map(|staff_id| Pair { course_id, staff_id })).collect())
}

/// Notes that a line became a proposal.
pub(super) fn propose(tx: &mut Tx<'_>, id: MatchingRunId, course: CourseId, matched: MatchId) -> Result<()> {
    use matching_run_lines as l;
    let line = l::table.filter(l::run_id.eq(id)).filter(l::course_id.eq(course));
    diesel::update(line).set(l::match_id.eq(Some(matched))).execute(tx.db())?;
    Ok(())
}

/// Notes that a run was adopted, over the version it was read at.
///
/// # Errors
/// 412 when somebody was faster.
pub(super) fn adopt(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    use matching_runs as r;
    let changes = (r::state.eq(RunState::Adopted), r::adopted_at.eq(run.adopted_at));
    save_over!(tx.db(), r, run, changes)?;
    tx.changed(run.id);
    Ok(())
}

/// Strikes how far it is from what runs keep of a person, and of whoever was to have the same mentor; the sum of such a run is the sum of its
/// lines again, and its hash, which was made of the distance too, is gone.
pub(super) fn forget_distances(
    tx: &mut Tx<'_>,
    person: PersonId,
    strike: impl Fn(Line) -> Option<(Line, Vec<Change>)>,
    without: impl Fn(Vec<Need>, &[Change]) -> Vec<Need>,
) -> Result<()> {
    use {matching_run_lines as l, matching_runs as r};
    let mut rows: Vec<LineRow> = l::table.filter(l::person_id.eq(person)).select(LineRow::as_select()).load(tx.db())?;
    let own: Vec<_> = rows.iter().map(|row| (row.run_id, row.course_id)).collect();
    for (id, course) in own {
        // Whoever was to have the same mentor got the same suggestions.
        let wishes = get(tx, id)?.terms.same_mentor;
        let others: Vec<CourseId> = wishes.into_iter().filter(|wish| wish.contains(&course)).flatten().collect();
        let of_run = l::table.filter(l::run_id.eq(id)).filter(l::course_id.eq_any(others)).filter(l::person_id.ne(person));
        rows.extend(of_run.filter(l::staff_id.is_null()).select(LineRow::as_select()).load::<LineRow>(tx.db())?);
    }
    for row in rows {
        let (id, of, before) = (row.run_id, row.person_id, row.points);
        let Some((line, struck)) = strike(opened(tx, row)?) else { continue };
        let detail = tx.seal(Holder::person(of), place(id, line.course), &line.detail)?;
        let line_of = l::table.filter(l::run_id.eq(id)).filter(l::course_id.eq(line.course));
        diesel::update(line_of).set((l::points.eq(line.points), l::detail.eq(detail))).execute(tx.db())?;
        let lost = before.saturating_sub(line.points);
        let needs = serde_json::to_string(&without(get(tx, id)?.needs, &struck)).map_err(Error::internal)?;
        let anew = (r::total.eq(r::total - lost), r::facts_hash.eq(Vec::<u8>::new()), r::needs.eq(needs), r::version.eq(r::version + 1));
        diesel::update(r::table.find(id)).set(anew).execute(tx.db())?;
    }
    Ok(())
}
