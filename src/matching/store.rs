//! Matches as rows.

pub mod answers;
pub(super) mod releases;
pub(super) mod sessions;
mod states;

pub(super) use states::only_live;
use states::{in_state, only_held};
pub use states::{list_expired, list_loans_over};

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Agreed, Answer, Criteria, EndReason, LastEnded, Match, PlaceCode, Rhythm, State};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::{IDS_MOST, MultiBackend};
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::courses::model::Track;
use crate::save_over;
use crate::schema::matches;

/// What a match has from its first day.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = matches, treat_none_as_default_value = false)]
struct Key {
    id: MatchId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    staff_id: StaffId,
    track: Track,
    proposed_at: Instant,
    proposed_by: AccountId,
    expires_at: Instant,
    taken_over_from: Option<MatchId>,
    recorded_at: Instant,
    version: i64,
}

/// What of it changes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = matches, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Values {
    state: State,
    criteria: Sealed<Criteria>,
    staff_answer: Option<bool>,
    staff_answered_at: Option<Instant>,
    person_answer: Option<bool>,
    person_answered_at: Option<Instant>,
    first_meeting_at: Option<Instant>,
    starts_at: Option<Instant>,
    starts_recorded_at: Option<Instant>,
    ended_at: Option<Instant>,
    ended_recorded_at: Option<Instant>,
    end_reason: Option<EndReason>,
    rhythm: Rhythm,
    weekday: Option<i32>,
    at_min: Option<i32>,
    length_min: i32,
    place_code: Option<String>,
    expected_end_on: NaiveDate,
    facilitator_id: Option<AccountId>,
    loan_ends_at: Option<Instant>,
}

type Row = (Key, Values);

fn answer(accepted: Option<bool>, at: Option<Instant>) -> Option<Answer> {
    accepted.zip(at).map(|(accepted, at)| Answer { accepted, at })
}

impl From<Row> for Match {
    fn from((key, row): Row) -> Self {
        Self {
            id: key.id,
            course: key.course_id,
            case: key.case_id,
            person: key.person_id,
            staff: key.staff_id,
            track: key.track,
            state: row.state,
            proposed_at: key.proposed_at,
            proposed_by: key.proposed_by,
            expires_at: key.expires_at,
            criteria: row.criteria,
            staff_answer: answer(row.staff_answer, row.staff_answered_at),
            person_answer: answer(row.person_answer, row.person_answered_at),
            starts_at: row.starts_at,
            starts_recorded_at: row.starts_recorded_at,
            ended_at: row.ended_at,
            ended_recorded_at: row.ended_recorded_at,
            end_reason: row.end_reason,
            agreed: Agreed {
                rhythm: row.rhythm,
                weekday: row.weekday,
                at_min: row.at_min,
                length_min: row.length_min,
                place: row.place_code.map(PlaceCode::stored),
                expected_end_on: row.expected_end_on,
                first_meeting_at: row.first_meeting_at,
                facilitator: row.facilitator_id,
            },
            loan_ends_at: row.loan_ends_at,
            taken_over_from: key.taken_over_from,
            recorded_at: key.recorded_at,
            version: key.version,
        }
    }
}

fn as_of(rows: Vec<Row>, now: Instant) -> Vec<Match> {
    rows.into_iter().map(|row| Match::from(row).as_of(now)).collect()
}

/// What the caller may see: bars taken off, and without full reach only what they are related to.
fn visible(tx: &Tx<'_>) -> matches::BoxedQuery<'static, MultiBackend> {
    let query = matches::table.filter(matches::case_id.ne_all(tx.barred())).filter(matches::person_id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(matches::id.eq_any(tx.related())) }
}

/// A match the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: MatchId) -> Result<Match> {
    let row: Option<Row> = visible(tx).filter(matches::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    as_of(row.into_iter().collect(), tx.now).pop().ok_or_else(|| Code::NotFound.into())
}

/// Those of these matches that the caller may see.
///
/// # Errors
/// The database's.
pub fn seen_among(tx: &mut Tx<'_>, ids: &[MatchId]) -> Result<BTreeSet<MatchId>> {
    let seen: Vec<MatchId> = visible(tx).filter(matches::id.eq_any(ids.to_vec())).select(matches::id).load(tx.db())?;
    Ok(seen.into_iter().collect())
}

/// Which matches are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this course.
    pub course: Option<CourseId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// Of this member of staff.
    pub staff: Option<StaffId>,
    /// In this state.
    pub state: Option<State>,
    /// That both said yes to and that do not run (`true`), or all others (`false`).
    pub held: Option<bool>,
}

/// One page of the matches a caller may see, in the order they were proposed.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, MatchId)>, fetch: i64) -> Result<Vec<Match>> {
    let mut query = visible(tx);
    // Who is behind a label is told by no filter: without full reach these find what the caller runs alone.
    if (filter.case.is_some() || filter.person.is_some()) && !tx.reaches(Reach::All) {
        query = query.filter(matches::course_id.eq_any(tx.running()));
    }
    if let Some(course) = filter.course {
        query = query.filter(matches::course_id.eq(course));
    }
    if let Some(case) = filter.case {
        query = query.filter(matches::case_id.eq(case));
    }
    if let Some(person) = filter.person {
        query = query.filter(matches::person_id.eq(person));
    }
    if let Some(staff) = filter.staff {
        query = query.filter(matches::staff_id.eq(staff));
    }
    if let Some(state) = filter.state {
        query = in_state(query, state, tx.now);
    }
    if let Some(held) = filter.held {
        query = only_held(query, held, tx.now);
    }
    if let Some((at, id)) = after {
        query = query.filter(matches::proposed_at.gt(at).or(matches::proposed_at.eq(at).and(matches::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((matches::proposed_at, matches::id)).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(as_of(rows, tx.now))
}

/// A match for a rule or a consequence, whoever acts; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: MatchId) -> Result<Option<Match>> {
    let row: Option<Row> = matches::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(as_of(row.into_iter().collect(), tx.now).pop())
}

/// The live matches (proposed or running) of a course or a member of staff, for a consequence.
pub fn fact_live(tx: &mut Tx<'_>, course: Option<CourseId>, staff: Option<StaffId>) -> Result<Vec<Match>> {
    let mut query = only_live(matches::table.into_boxed(), tx.now);
    if let Some(course) = course {
        query = query.filter(matches::course_id.eq(course));
    }
    if let Some(staff) = staff {
        query = query.filter(matches::staff_id.eq(staff));
    }
    let rows: Vec<Row> = query.order((matches::proposed_at, matches::id)).select(Row::as_select()).load(tx.db())?;
    Ok(as_of(rows, tx.now))
}

/// The running matches after this one, in the order of their ids, at most `most`: a nightly pass goes through them in chunks.
pub fn fact_running(tx: &mut Tx<'_>, after: Option<MatchId>, most: i64) -> Result<Vec<MatchId>> {
    let mut query = matches::table.into_boxed().filter(matches::state.eq(State::Running));
    if let Some(after) = after {
        query = query.filter(matches::id.gt(after));
    }
    Ok(query.order(matches::id).limit(most).select(matches::id).load(tx.db())?)
}

/// One page of the running matches that the caller may see and that began at a moment or later, the latest begun first.
pub fn list_running_since(tx: &mut Tx<'_>, since: Instant, after: Option<(Instant, MatchId)>, fetch: i64) -> Result<Vec<Match>> {
    let mut query = in_state(visible(tx), State::Running, tx.now).filter(matches::starts_at.ge(since));
    if let Some((at, id)) = after {
        query = query.filter(matches::starts_at.lt(at).or(matches::starts_at.eq(at).and(matches::id.lt(id))));
    }
    let order = (matches::starts_at.desc(), matches::id.desc());
    let rows: Vec<Row> = query.order(order).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(as_of(rows, tx.now))
}

/// What a member of staff runs, or may still write the last logs of: live matches, and those that ended after a moment.
pub fn fact_of_staff(tx: &mut Tx<'_>, staff: StaffId, ended_after: Instant) -> Result<Vec<Match>> {
    let rows: Vec<Row> = matches::table
        .filter(matches::staff_id.eq(staff))
        .filter(matches::state.eq_any(vec![State::Proposed, State::Running, State::Ended]))
        .filter(matches::ended_at.is_null().or(matches::ended_at.gt(ended_after)))
        .order((matches::proposed_at, matches::id))
        .select(Row::as_select())
        .load(tx.db())?;
    Ok(as_of(rows, tx.now).into_iter().filter(|matched| matched.state != State::Expired).collect())
}

/// The matches of a course whose member of staff's loan is over, and that is not written down.
pub fn fact_loans_over(tx: &mut Tx<'_>, course: CourseId) -> Result<Vec<Match>> {
    let now = tx.now;
    let rows: Vec<Row> = matches::table
        .filter(matches::course_id.eq(course))
        .filter(matches::state.eq(State::Running))
        .filter(matches::loan_ends_at.lt(now))
        .order((matches::loan_ends_at, matches::id))
        .select(Row::as_select())
        .load(tx.db())?;
    Ok(as_of(rows, tx.now))
}

/// The match that ran and ended last, of each of these people and each track, whichever course it was of; for a rule.
pub(super) fn list_last_ended(tx: &mut Tx<'_>, people: &[PersonId]) -> Result<HashMap<(PersonId, Track), LastEnded>> {
    let mut last = HashMap::new();
    for chunk in people.chunks(IDS_MOST) {
        let of_people = matches::table.into_boxed().filter(matches::person_id.eq_any(chunk.to_vec()));
        let rows: Vec<Row> = in_state(of_people, State::Ended, tx.now).select(Row::as_select()).load(tx.db())?;
        let mut ended = as_of(rows, tx.now);
        // The last of each stands; of two that ended at one moment the one that began, or was written down, later.
        ended.sort_by_key(|matched| (matched.ended_at, matched.starts_at, matched.recorded_at, matched.id));
        let found = |one: &Match| Some(((one.person, one.track), LastEnded { id: one.id, at: one.ended_at?, reason: one.end_reason }));
        last.extend(ended.iter().filter_map(found));
    }
    Ok(last)
}

/// Every match of a person there ever was, for a consequence.
pub fn fact_of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Match>> {
    let rows: Vec<Row> = matches::table.filter(matches::person_id.eq(person)).select(Row::as_select()).load(tx.db())?;
    Ok(as_of(rows, tx.now))
}

const fn place(id: MatchId) -> Place {
    Place { table: "matches", column: "criteria", row: id.cast() }
}

/// Opens the criteria: notes the person for the journal.
pub fn open_criteria(tx: &mut Tx<'_>, matched: &Match) -> Result<Criteria> {
    tx.open(Holder::person(matched.person), place(matched.id), &matched.criteria)
}

/// Seals criteria for a match.
pub(super) fn seal_criteria(tx: &mut Tx<'_>, id: MatchId, person: PersonId, criteria: &Criteria) -> Result<Sealed<Criteria>> {
    tx.seal(Holder::person(person), place(id), criteria)
}

/// When its start and its end were first written down stays; else it is now.
fn values(matched: &Match, now: Instant) -> Values {
    let agreed = &matched.agreed;
    Values {
        state: matched.state,
        criteria: matched.criteria.clone(),
        staff_answer: matched.staff_answer.map(|answer| answer.accepted),
        staff_answered_at: matched.staff_answer.map(|answer| answer.at),
        person_answer: matched.person_answer.map(|answer| answer.accepted),
        person_answered_at: matched.person_answer.map(|answer| answer.at),
        first_meeting_at: agreed.first_meeting_at,
        starts_at: matched.starts_at,
        starts_recorded_at: matched.starts_at.map(|_| matched.starts_recorded_at.unwrap_or(now)),
        ended_at: matched.ended_at,
        ended_recorded_at: matched.ended_at.map(|_| matched.ended_recorded_at.unwrap_or(now)),
        end_reason: matched.end_reason,
        rhythm: agreed.rhythm,
        weekday: agreed.weekday,
        at_min: agreed.at_min,
        length_min: agreed.length_min,
        place_code: agreed.place.as_ref().map(|place| place.as_str().to_owned()),
        expected_end_on: agreed.expected_end_on,
        facilitator_id: agreed.facilitator,
        loan_ends_at: matched.loan_ends_at,
    }
}

/// Writes a new match.
pub(super) fn insert(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    let key = Key {
        id: matched.id,
        course_id: matched.course,
        case_id: matched.case,
        person_id: matched.person,
        staff_id: matched.staff,
        track: matched.track,
        proposed_at: matched.proposed_at,
        proposed_by: matched.proposed_by,
        expires_at: matched.expires_at,
        taken_over_from: matched.taken_over_from,
        recorded_at: matched.recorded_at,
        version: matched.version,
    };
    diesel::insert_into(matches::table).values((key, values(matched, tx.now))).execute(tx.db())?;
    tx.changed(matched.id);
    tx.changed(matched.person);
    Ok(())
}

/// Saves a changed match over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    save_over!(tx.db(), matches, matched, values(matched, tx.now))?;
    tx.changed(matched.id);
    tx.changed(matched.person);
    Ok(())
}

/// Saves what was known and said alone, whatever has become of the match.
pub(super) fn save_criteria(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    diesel::update(matches::table.find(matched.id)).set(matches::criteria.eq(&matched.criteria)).execute(tx.db())?;
    touch(tx, matched)
}

/// Counts a match up for a change to what belongs to it.
pub(super) fn touch(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    let at_version = matches::table.find(matched.id).filter(matches::version.eq(matched.version));
    if diesel::update(at_version).set(matches::version.eq(matched.version.saturating_add(1))).execute(tx.db())? != 1 {
        return Err(Code::StaleVersion.into());
    }
    tx.changed(matched.id);
    tx.changed(matched.person);
    Ok(())
}
