//! From an acceptance to what became of it: courses, sessions, follow-ups.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Bars, dated};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::ids::{CaseId, CourseId, DutyId, LogId, PersonId, SessionId};
use crate::courses::model::{Activity, CourseState, Track};
use crate::duties;
use crate::followups::results::model::AtRisk;
use crate::reports::model::{CourseThing, FollowupThing, Ground, ResultThing, SessionThing};
use crate::schema::{courses, duties as promises, followups, people, session_log_versions as versions, session_logs, sessions};
use crate::sessions::model::{Side, State as SessionState, Telling};

#[derive(Queryable, Selectable)]
#[diesel(table_name = courses)]
struct CourseRow {
    id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
    state: CourseState,
    adult_at_acceptance: bool,
    started_at: Option<Instant>,
    started_recorded_at: Option<Instant>,
    ended_at: Option<Instant>,
    ended_recorded_at: Option<Instant>,
}

fn course_things(tx: &mut Tx<'_>, rows: Vec<CourseRow>) -> Result<Vec<CourseThing>> {
    let dated = dated(tx, rows.iter().map(|row| row.person_id))?;
    let thing = |row: CourseRow| CourseThing {
        id: row.id,
        case: row.case_id,
        person: row.person_id,
        track: row.track,
        state: row.state,
        is_adult: dated.contains(&row.person_id).then_some(row.adult_at_acceptance),
        started_at: row.started_at,
        started_recorded_at: row.started_recorded_at,
        ended_at: row.ended_at,
        ended_recorded_at: row.ended_recorded_at,
    };
    Ok(rows.into_iter().map(thing).collect())
}

fn courses_but(tx: &Tx<'_>, bars: Bars) -> courses::BoxedQuery<'static, MultiBackend> {
    courses::table.filter(courses::case_id.ne_all(bars.ids(tx))).filter(courses::person_id.ne_all(bars.ids(tx))).into_boxed()
}

/// Courses begun before the year's end and not ended by it.
pub fn courses_active(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<CourseThing>> {
    let query = courses_but(tx, bars)
        .filter(courses::started_at.lt(ground.until))
        .filter(courses::ended_at.is_null().or(courses::ended_at.ge(ground.until)));
    let rows: Vec<CourseRow> = query.select(CourseRow::as_select()).load(tx.db())?;
    course_things(tx, rows)
}

/// Courses ended in the year.
pub fn courses_ended(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<CourseThing>> {
    let query = courses_but(tx, bars).filter(courses::ended_at.ge(ground.from)).filter(courses::ended_at.lt(ground.until));
    // An acceptance that was taken back never was one.
    let query = query.filter(courses::state.ne(CourseState::Retracted));
    let rows: Vec<CourseRow> = query.select(CourseRow::as_select()).load(tx.db())?;
    course_things(tx, rows)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: SessionId,
    case_id: CaseId,
    person_id: PersonId,
    state: SessionState,
    starts_at: Instant,
    ends_at: Instant,
    cancelled_by: Option<Side>,
    minutes: Option<i32>,
}

type WithLog = (SessionRow, Track, bool, Option<(LogId, Instant)>);

/// Sessions of the year by their start, with their course's track and when their log first came in.
pub fn sessions(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<SessionThing>> {
    let rows: Vec<WithLog> = sessions::table
        .inner_join(courses::table.on(courses::id.eq(sessions::course_id)))
        .left_join(session_logs::table.on(session_logs::session_id.eq(sessions::id)))
        .filter(sessions::starts_at.ge(ground.from))
        .filter(sessions::starts_at.lt(ground.until))
        // What was only proposed never was a session, unless they met at it.
        .filter(sessions::telling.is_null().or(sessions::telling.ne(Telling::Nobody)).or(sessions::state.eq(SessionState::Held)))
        .filter(sessions::case_id.ne_all(bars.ids(tx)))
        .filter(sessions::person_id.ne_all(bars.ids(tx)))
        .select((
            SessionRow::as_select(),
            courses::track,
            courses::adult_at_acceptance,
            (session_logs::id, session_logs::received_at).nullable(),
        ))
        .load(tx.db())?;
    let corrected = first_received(tx, ground)?;
    let dated = dated(tx, rows.iter().map(|(row, ..)| row.person_id))?;
    let thing = |(row, track, is_adult, logged): WithLog| SessionThing {
        id: row.id,
        case: row.case_id,
        person: row.person_id,
        track,
        is_adult: dated.contains(&row.person_id).then_some(is_adult),
        state: row.state,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        cancelled_by: row.cancelled_by,
        minutes: row.minutes,
        logged_at: logged.map(|(log, present_at)| corrected.get(&log).map_or(present_at, |first_at| present_at.min(*first_at))),
    };
    Ok(rows.into_iter().map(thing).collect())
}

/// When the first version of each corrected log of the year came in: a correction is no late log.
fn first_received(tx: &mut Tx<'_>, ground: &Ground) -> Result<BTreeMap<LogId, Instant>> {
    let rows: Vec<(LogId, Instant)> = versions::table
        .inner_join(session_logs::table.on(session_logs::id.eq(versions::log_id)))
        .inner_join(sessions::table.on(sessions::id.eq(session_logs::session_id)))
        .filter(sessions::starts_at.ge(ground.from))
        .filter(sessions::starts_at.lt(ground.until))
        .order(versions::received_at.desc())
        .select((versions::log_id, versions::received_at))
        .load(tx.db())?;
    // The last of a log to be put in is the first that came.
    Ok(rows.into_iter().collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = promises)]
struct FollowupRow {
    id: DutyId,
    state: duties::State,
    due_at: Instant,
    closed_at: Option<Instant>,
}

type Followed = (FollowupRow, CaseId, PersonId, bool, Option<NaiveDate>);

/// Follow-ups of mentor courses that are due in the year, with every result recorded.
pub fn followups(tx: &mut Tx<'_>, ground: &Ground, bars: Bars, kind: duties::Kind) -> Result<Vec<FollowupThing>> {
    let rows: Vec<Followed> = promises::table
        .inner_join(courses::table.on(courses::id.eq(promises::subject_id)))
        .inner_join(people::table.on(people::id.eq(courses::person_id)))
        .filter(promises::kind.eq(kind))
        .filter(promises::due_at.ge(ground.from))
        .filter(promises::due_at.lt(ground.until))
        .filter(courses::track.eq(Track::Mentor))
        .filter(courses::case_id.ne_all(bars.ids(tx)))
        .filter(courses::person_id.ne_all(bars.ids(tx)))
        .select((FollowupRow::as_select(), courses::case_id, courses::person_id, courses::adult_at_acceptance, people::died_on))
        .load(tx.db())?;
    let mut results = results(tx, ground, kind)?;
    let dated = dated(tx, rows.iter().map(|(_, _, person, ..)| *person))?;
    let thing = |(row, case, person, is_adult, died_on): Followed| FollowupThing {
        id: row.id,
        case,
        person,
        is_adult: dated.contains(&person).then_some(is_adult),
        died_on,
        state: row.state,
        due_at: row.due_at,
        closed_at: row.closed_at,
        results: results.remove(&row.id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(thing).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = followups)]
struct ResultRow {
    duty_id: DutyId,
    held_at: Instant,
    recorded_at: Instant,
    at_risk: Option<AtRisk>,
    activity: Option<Activity>,
    as_of_on: Option<NaiveDate>,
}

fn results(tx: &mut Tx<'_>, ground: &Ground, kind: duties::Kind) -> Result<BTreeMap<DutyId, Vec<ResultThing>>> {
    let rows: Vec<ResultRow> = followups::table
        .inner_join(promises::table.on(promises::id.eq(followups::duty_id)))
        .filter(promises::kind.eq(kind))
        .filter(promises::due_at.ge(ground.from))
        .filter(promises::due_at.lt(ground.until))
        .filter(followups::retracted_at.is_null())
        .select(ResultRow::as_select())
        .load(tx.db())?;
    let mut results: BTreeMap<DutyId, Vec<ResultThing>> = BTreeMap::new();
    for row in rows {
        results.entry(row.duty_id).or_default().push(ResultThing {
            held_at: row.held_at,
            recorded_at: row.recorded_at,
            at_risk: match row.at_risk {
                Some(AtRisk::Yes) => Some(true),
                Some(AtRisk::No) => Some(false),
                Some(AtRisk::Unknown) | None => None,
            },
            activity: row.activity,
            as_of_on: row.as_of_on,
        });
    }
    Ok(results)
}
