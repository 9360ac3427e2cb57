//! Sessions as rows.

mod claims;
mod told;

pub(super) use claims::{claim, claim_all, release};
pub(super) use told::{fact_at, fact_changed_together, fact_ever_at, fact_ever_begun_at, fact_left_behind_of, fact_next, fact_starts_off};
pub use told::{fact_coming, fact_coming_of_course, fact_coming_of_reader, fact_left_behind};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Kind, Occurrence, Session, Side, State, Telling, look_back};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, SeriesId, SessionId, StaffId};
use crate::matching::PlaceCode;
use crate::schema::{matches, series, session_logs, sessions};
use crate::{among, insert_rows, read_as, save_over};

/// What a session has from its first day.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct Key {
    id: SessionId,
    match_id: MatchId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    staff_id: StaffId,
    was_planned: bool,
    recorded_at: Instant,
    recorded_by: AccountId,
    version: i64,
}

/// What of it changes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Values {
    state: State,
    starts_at: Instant,
    ends_at: Instant,
    timed_at: Instant,
    agreed_at: Option<Instant>,
    kind: Kind,
    place_code: Option<String>,
    moved_count: i32,
    cancelled_by: Option<Side>,
    cancelled_at: Option<Instant>,
    new_time_agreed: Option<bool>,
    late_cancellation: bool,
    minutes: Option<i32>,
    series_id: Option<SeriesId>,
    occurs_on: Option<NaiveDate>,
    telling: Option<Telling>,
    cover_staff_id: Option<StaffId>,
    given_at_min: Option<i32>,
    given_length_min: Option<i32>,
    given_kind: Option<Kind>,
    given_place_code: Option<String>,
}

type Row = (Key, Values);

read_as!(Session, Row);

/// Of a series: found by its match, by which sessions lie together.
macro_rules! of_series {
    ($series:expr) => {{
        let of_match = series::table.filter(series::id.eq($series)).select(series::match_id);
        sessions::match_id.eq_any(of_match).and(sessions::series_id.eq($series))
    }};
}

impl Values {
    /// Which date of which series it is; `None` where one of what a date has is missing.
    fn occurrence(&self) -> Option<Occurrence> {
        Some(Occurrence {
            series: self.series_id?,
            on: self.occurs_on?,
            at_min: self.given_at_min?,
            length_min: self.given_length_min?,
            kind: self.given_kind?,
            place: self.given_place_code.clone().map(PlaceCode::stored),
        })
    }
}

impl From<Row> for Session {
    fn from((key, row): Row) -> Self {
        Self {
            occurrence: row.occurrence(),
            id: key.id,
            matched: key.match_id,
            course: key.course_id,
            case: key.case_id,
            person: key.person_id,
            staff: key.staff_id,
            state: row.state,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            timed_at: row.timed_at,
            agreed_at: row.agreed_at,
            kind: row.kind,
            place: row.place_code.map(PlaceCode::stored),
            was_planned: key.was_planned,
            moved_count: row.moved_count,
            cancelled_by: row.cancelled_by,
            cancelled_at: row.cancelled_at,
            new_time_agreed: row.new_time_agreed,
            late_cancellation: row.late_cancellation,
            minutes: row.minutes,
            recorded_at: key.recorded_at,
            recorded_by: key.recorded_by,
            telling: row.telling,
            cover: row.cover_staff_id,
            version: key.version,
        }
    }
}

impl From<&Session> for Key {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id,
            match_id: session.matched,
            course_id: session.course,
            case_id: session.case,
            person_id: session.person,
            staff_id: session.staff,
            was_planned: session.was_planned,
            recorded_at: session.recorded_at,
            recorded_by: session.recorded_by,
            version: session.version,
        }
    }
}

impl From<&Session> for Values {
    fn from(session: &Session) -> Self {
        let given = session.occurrence.as_ref();
        Self {
            state: session.state,
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            timed_at: session.timed_at,
            agreed_at: session.agreed_at,
            kind: session.kind,
            place_code: session.place.as_ref().map(|place| place.as_str().to_owned()),
            moved_count: session.moved_count,
            cancelled_by: session.cancelled_by,
            cancelled_at: session.cancelled_at,
            new_time_agreed: session.new_time_agreed,
            late_cancellation: session.late_cancellation,
            minutes: session.minutes,
            series_id: given.map(|given| given.series),
            occurs_on: given.map(|given| given.on),
            telling: session.telling,
            cover_staff_id: session.cover,
            given_at_min: given.map(|given| given.at_min),
            given_length_min: given.map(|given| given.length_min),
            given_kind: given.map(|given| given.kind),
            given_place_code: given.and_then(|given| given.place.as_ref()).map(|place| place.as_str().to_owned()),
        }
    }
}

/// What the caller may see: bars taken off, and without full reach only sessions of matches they are related to, and those they cover.
fn visible(tx: &Tx<'_>) -> sessions::BoxedQuery<'static, MultiBackend> {
    let query = sessions::table.filter(sessions::case_id.ne_all(tx.barred())).filter(sessions::person_id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(sessions::match_id.eq_any(tx.related()).or(sessions::id.eq_any(tx.related()))) }
}

/// A session the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: SessionId) -> Result<Session> {
    visible(tx).filter(sessions::id.eq(id)).select(Session::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// A session, if the caller may see it.
pub(super) fn find_visible(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>> {
    Ok(visible(tx).filter(sessions::id.eq(id)).select(Session::as_select()).first(tx.db()).optional()?)
}

/// Which sessions are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this match.
    pub matched: Option<MatchId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// Of this series.
    pub series: Option<SeriesId>,
    /// In this state.
    pub state: Option<State>,
    /// Beginning at this moment or later.
    pub from: Option<Instant>,
    /// Beginning before this moment.
    pub until: Option<Instant>,
}

/// One page of the sessions a caller may see, in order of their start.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, SessionId)>, fetch: i64) -> Result<Vec<Session>> {
    let mut query = visible(tx);
    // Who is behind a label is told by no filter, as with matches.
    if (filter.case.is_some() || filter.person.is_some()) && !tx.reaches(Reach::All) {
        query = query.filter(sessions::match_id.eq_any(tx.running()));
    }
    if let Some(matched) = filter.matched {
        query = query.filter(sessions::match_id.eq(matched));
    }
    if let Some(case) = filter.case {
        let of_case = matches::table.filter(matches::case_id.eq(case)).select(matches::id);
        query = query.filter(sessions::match_id.eq_any(of_case));
    }
    if let Some(person) = filter.person {
        query = query.filter(sessions::person_id.eq(person));
    }
    if let Some(series) = filter.series {
        query = query.filter(of_series!(series));
    }
    if let Some(state) = filter.state {
        query = query.filter(sessions::state.eq(state));
    }
    if let Some(from) = filter.from {
        query = query.filter(sessions::starts_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(sessions::starts_at.lt(until));
    }
    if let Some((at, id)) = after {
        query = query.filter(sessions::starts_at.gt(at).or(sessions::starts_at.eq(at).and(sessions::id.gt(id))));
    }
    Ok(query.order((sessions::starts_at, sessions::id)).limit(fetch).select(Session::as_select()).load(tx.db())?)
}

/// Planned sessions of a member of staff between two moments that the caller may see, their own and those they cover, by start.
pub(super) fn list_of_staff(tx: &mut Tx<'_>, staff: StaffId, from: Instant, until: Instant, most: i64) -> Result<Vec<Session>> {
    Ok(visible(tx)
        .filter(sessions::staff_id.eq(staff).or(sessions::cover_staff_id.assume_not_null().eq(staff)))
        .filter(sessions::state.eq(State::Planned).or(sessions::state.eq(State::Proposed)))
        .filter(sessions::starts_at.gt(look_back(from)))
        .filter(sessions::starts_at.lt(until))
        .filter(sessions::ends_at.gt(from))
        .order((sessions::starts_at, sessions::id))
        .limit(most)
        .select(Session::as_select())
        .load(tx.db())?)
}

/// A session for a rule or a consequence, whoever acts; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(tx.db()).optional()?)
}

/// As [`find_fact`], of several, in order of their ids.
pub fn fact_all(tx: &mut Tx<'_>, ids: &[SessionId]) -> Result<Vec<Session>> {
    let query = sessions::table.order(sessions::id).select(Session::as_select()).into_boxed();
    Ok(among!(query, sessions::id, ids).load(tx.db())?)
}

/// All sessions of a match, in order of their start.
pub fn fact_of_match(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<Session>> {
    let query = sessions::table.filter(sessions::match_id.eq(matched)).order((sessions::starts_at, sessions::id));
    Ok(query.select(Session::as_select()).load(tx.db())?)
}

/// The sessions of a series, in the order of its dates, from one on where it is given.
pub(super) fn fact_of_series(tx: &mut Tx<'_>, series: SeriesId, from: Option<NaiveDate>) -> Result<Vec<Session>> {
    let mut query = sessions::table.into_boxed::<MultiBackend>().filter(of_series!(series));
    if let Some(from) = from {
        query = query.filter(sessions::occurs_on.ge(from));
    }
    Ok(query.order((sessions::occurs_on, sessions::id)).select(Session::as_select()).load(tx.db())?)
}

/// The sessions of a series that are planned and still to come, in order of their start.
pub(super) fn fact_coming_of_series(tx: &mut Tx<'_>, series: SeriesId) -> Result<Vec<Session>> {
    let now = tx.now;
    let coming = sessions::table.filter(of_series!(series)).filter(sessions::state.eq(State::Planned)).filter(sessions::starts_at.gt(now));
    Ok(coming.order((sessions::starts_at, sessions::id)).select(Session::as_select()).load(tx.db())?)
}

/// The sessions of a course that are planned or proposed, still to come, and begin at a moment or later, in order of their start.
pub(super) fn fact_open_of_course(tx: &mut Tx<'_>, course: CourseId, from: Instant) -> Result<Vec<Session>> {
    let now = tx.now;
    let of_course = matches::table.filter(matches::course_id.eq(course)).select(matches::id);
    Ok(sessions::table
        .filter(sessions::match_id.eq_any(of_course))
        .filter(sessions::state.eq(State::Planned).or(sessions::state.eq(State::Proposed)))
        .filter(sessions::starts_at.gt(now))
        .filter(sessions::starts_at.ge(from))
        .order((sessions::starts_at, sessions::id))
        .select(Session::as_select())
        .load(tx.db())?)
}

/// When the first session of a match was held, for a promise; what lies in the tray waits to be taken in, and what it corrects stands until then.
pub fn fact_first_held(tx: &mut Tx<'_>, matched: MatchId) -> Result<Option<Instant>> {
    let of_match = session_logs::table.filter(session_logs::match_id.eq(matched));
    Ok(of_match.select(diesel::dsl::min(session_logs::held_at)).first(tx.db())?)
}

/// When the first session of a course was held, whoever it was with; not after now, though a phone's clock may be ahead.
pub fn fact_first_held_in(tx: &mut Tx<'_>, course: CourseId) -> Result<Option<Instant>> {
    let of_course = matches::table.filter(matches::course_id.eq(course)).select(matches::id);
    let held = sessions::table.filter(sessions::match_id.eq_any(of_course)).filter(sessions::state.eq(State::Held));
    let first: Option<Instant> = held.order((sessions::starts_at, sessions::id)).select(sessions::starts_at).first(tx.db()).optional()?;
    Ok(first.map(|at| at.min(tx.now)))
}

/// All sessions of a person, in order of their start.
pub fn fact_of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Session>> {
    let query = sessions::table.filter(sessions::person_id.eq(person)).order((sessions::starts_at, sessions::id));
    Ok(query.select(Session::as_select()).load(tx.db())?)
}

/// Writes a new session.
pub(super) fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    insert_all(tx, std::slice::from_ref(session))
}

/// Writes new sessions in one statement.
pub(super) fn insert_all(tx: &mut Tx<'_>, new: &[Session]) -> Result<()> {
    let rows: Vec<Row> = new.iter().map(|session| (session.into(), session.into())).collect();
    insert_rows!(tx.db(), sessions::table, &rows)?;
    new.iter().for_each(|session| touched(tx, session));
    Ok(())
}

/// Saves a changed session over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    save_over!(tx.db(), sessions, session, Values::from(session))?;
    touched(tx, session);
    Ok(())
}

fn touched(tx: &mut Tx<'_>, session: &Session) {
    tx.changed(session.id);
    tx.changed(session.person);
}

/// When the last session of a person before a moment began that was held or is planned, whatever its match.
pub(super) fn fact_previous(tx: &mut Tx<'_>, person: PersonId, before: Instant, but: SessionId) -> Result<Option<Instant>> {
    let counts = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::starts_at.lt(before))
        .filter(sessions::state.eq(State::Planned).or(sessions::state.eq(State::Held)))
        .filter(sessions::id.ne(but));
    Ok(counts.order(sessions::starts_at.desc()).select(sessions::starts_at).first(tx.db()).optional()?)
}

/// When those sessions of a person between two moments begin that were held or are planned, in order.
pub(super) fn fact_starts(tx: &mut Tx<'_>, person: PersonId, from: Instant, until: Instant) -> Result<Vec<Instant>> {
    let counts = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::starts_at.ge(from))
        .filter(sessions::starts_at.lt(until))
        .filter(sessions::state.eq(State::Planned).or(sessions::state.eq(State::Held)));
    Ok(counts.order(sessions::starts_at).select(sessions::starts_at).load(tx.db())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::query_builder::QueryId;

    fn is_known_by_type<R: Insertable<sessions::table, Values: QueryId>>() -> bool {
        <R::Values as QueryId>::HAS_STATIC_QUERY_ID
    }

    /// A series is many rows: SQLite would compile the statement, or look its text up, for each.
    #[test]
    fn the_statement_of_an_insert_stays_prepared() {
        assert!(is_known_by_type::<&Row>());
    }
}
