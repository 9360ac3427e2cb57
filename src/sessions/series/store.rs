//! Series and their gaps as rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{EndReason, Gap, GapReason, GapState, Series, Terms};
use crate::access::{Reach, Tx};
use crate::base::calendar::{Recurrence, Zone};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, RowId, SeriesId, SessionId};
use crate::matching::PlaceCode;
use crate::schema::{series, series_gaps as gaps};
use crate::sessions::model::Kind;
use crate::{insert_rows, row, save_over};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = series, treat_none_as_default_value = false)]
struct Row {
    id: SeriesId,
    match_id: MatchId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    rule: String,
    from_on: NaiveDate,
    until_on: NaiveDate,
    at_min: i32,
    length_min: i32,
    zone: String,
    kind: Kind,
    place_code: Option<String>,
    follows_id: Option<SeriesId>,
    ended_at: Option<Instant>,
    end_reason: Option<EndReason>,
    recorded_at: Instant,
    recorded_by: AccountId,
    version: i64,
}

impl TryFrom<Row> for Series {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            matched: row.match_id,
            course: row.course_id,
            case: row.case_id,
            person: row.person_id,
            terms: Terms {
                recurrence: Recurrence::parse(&row.rule).map_err(Error::internal)?.recurrence,
                from_on: row.from_on,
                until_on: row.until_on,
                at_min: row.at_min,
                length_min: row.length_min,
                zone: row.zone.parse::<Zone>().map_err(Error::internal)?,
                kind: row.kind,
                place: row.place_code.map(PlaceCode::stored),
            },
            follows: row.follows_id,
            ended_at: row.ended_at,
            end_reason: row.end_reason,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
            version: row.version,
        })
    }
}

row! {
    GapRow of Gap in gaps {
        id: RowId,
        series: SeriesId = series_id,
        on: NaiveDate = occurs_on,
        reason: GapReason,
        suggested_at: Option<Instant>,
        state: GapState,
        session: Option<SessionId> = session_id,
        recorded_at: Instant,
        proof_until_on: Option<NaiveDate>,
    }
}

/// What the caller may see: bars taken off, and without full reach only series of matches they are related to.
fn visible(tx: &Tx<'_>) -> series::BoxedQuery<'static, MultiBackend> {
    let query = series::table.filter(series::case_id.ne_all(tx.barred())).filter(series::person_id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(series::match_id.eq_any(tx.related())) }
}

/// A series the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: SeriesId) -> Result<Series> {
    let row: Option<Row> = visible(tx).filter(series::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.ok_or(Code::NotFound)?.try_into()
}

/// Which series are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this match.
    pub matched: Option<MatchId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Ended before their last date, or not.
    pub ended: Option<bool>,
    /// With gaps that somebody must decide on, or without.
    pub open_gaps: Option<bool>,
}

/// One page of the series a caller may see, in the order they were made.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, SeriesId)>, fetch: i64) -> Result<Vec<Series>> {
    let mut query = visible(tx);
    // Who is behind a label is told by no filter, as with matches.
    if filter.case.is_some() && !tx.reaches(Reach::All) {
        query = query.filter(series::match_id.eq_any(tx.running()));
    }
    if let Some(matched) = filter.matched {
        query = query.filter(series::match_id.eq(matched));
    }
    if let Some(case) = filter.case {
        query = query.filter(series::case_id.eq(case));
    }
    match filter.ended {
        Some(true) => query = query.filter(series::ended_at.is_not_null()),
        Some(false) => query = query.filter(series::ended_at.is_null()),
        None => {}
    }
    let open = gaps::table.filter(gaps::state.eq(GapState::Open)).select(gaps::series_id);
    match filter.open_gaps {
        Some(true) => query = query.filter(series::id.eq_any(open)),
        Some(false) => query = query.filter(series::id.ne_all(open)),
        None => {}
    }
    if let Some((at, id)) = after {
        query = query.filter(series::recorded_at.gt(at).or(series::recorded_at.eq(at).and(series::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((series::recorded_at, series::id)).limit(fetch).select(Row::as_select()).load(tx.db())?;
    rows.into_iter().map(Series::try_from).collect()
}

/// The series of a match, also those that have ended, for a consequence.
pub fn fact_of_match(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<Series>> {
    let query = series::table.filter(series::match_id.eq(matched));
    let rows: Vec<Row> = query.order((series::recorded_at, series::id)).select(Row::as_select()).load(tx.db())?;
    rows.into_iter().map(Series::try_from).collect()
}

/// The series of a match that have not ended, for a consequence.
pub fn fact_running(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<Series>> {
    let mut all = fact_of_match(tx, matched)?;
    all.retain(|series| series.ended_at.is_none());
    Ok(all)
}

/// Writes a new series.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Series) -> Result<()> {
    let terms = &new.terms;
    let row = Row {
        id: new.id,
        match_id: new.matched,
        course_id: new.course,
        case_id: new.case,
        person_id: new.person,
        rule: terms.recurrence.to_string(),
        from_on: terms.from_on,
        until_on: terms.until_on,
        at_min: terms.at_min,
        length_min: terms.length_min,
        zone: terms.zone.to_string(),
        kind: terms.kind,
        place_code: terms.place.as_ref().map(|place| place.as_str().to_owned()),
        follows_id: new.follows,
        ended_at: new.ended_at,
        end_reason: new.end_reason,
        recorded_at: new.recorded_at,
        recorded_by: new.recorded_by,
        version: new.version,
    };
    diesel::insert_into(series::table).values(&row).execute(tx.db())?;
    touched(tx, new);
    Ok(())
}

/// Saves a changed series over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, changed: &Series) -> Result<()> {
    let terms = &changed.terms;
    let changes = (
        series::rule.eq(terms.recurrence.to_string()),
        series::from_on.eq(terms.from_on),
        series::until_on.eq(terms.until_on),
        series::at_min.eq(terms.at_min),
        series::length_min.eq(terms.length_min),
        series::kind.eq(terms.kind),
        series::place_code.eq(terms.place.as_ref().map(PlaceCode::as_str)),
        series::ended_at.eq(changed.ended_at),
        series::end_reason.eq(changed.end_reason),
    );
    save_over!(tx.db(), series, changed, changes)?;
    touched(tx, changed);
    Ok(())
}

fn touched(tx: &mut Tx<'_>, series: &Series) {
    tx.changed(series.id);
    tx.changed(series.person);
}

/// The gaps of these series, by date: those that are open, or all.
pub fn list_gaps(tx: &mut Tx<'_>, of: &[SeriesId], only_open: bool) -> Result<Vec<Gap>> {
    let mut query = gaps::table.into_boxed::<MultiBackend>().filter(gaps::series_id.eq_any(of.to_vec()));
    if only_open {
        query = query.filter(gaps::state.eq(GapState::Open));
    }
    Ok(query.order((gaps::occurs_on, gaps::id)).select(Gap::as_select()).load(tx.db())?)
}

/// A gap of a series.
pub fn find_gap(tx: &mut Tx<'_>, of: SeriesId, id: RowId) -> Result<Option<Gap>> {
    Ok(gaps::table.find(id).filter(gaps::series_id.eq(of)).select(Gap::as_select()).first(tx.db()).optional()?)
}

/// Writes gaps down. One that stands on the same date of the series keeps its id, so that whoever was shown it can decide on it; where nothing is
/// said anew it stays as it is.
pub(super) fn put_gaps(tx: &mut Tx<'_>, of: SeriesId, new: &[Gap]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let dates: Vec<NaiveDate> = new.iter().map(|gap| gap.on).collect();
    let on_these = gaps::table.filter(gaps::series_id.eq(of)).filter(gaps::occurs_on.eq_any(dates));
    let standing: Vec<Gap> = on_these.select(Gap::as_select()).load(tx.db())?;
    let standing: BTreeMap<NaiveDate, Gap> = standing.into_iter().map(|gap| (gap.on, gap)).collect();
    let mut added: Vec<GapRow> = Vec::new();
    for gap in new {
        match standing.get(&gap.on) {
            None => added.push(GapRow::from(gap.clone())),
            Some(known) => put_over(tx, known, gap)?,
        }
    }
    insert_rows!(tx.db(), gaps::table, &added)?;
    Ok(())
}

/// Says a gap anew under its id.
fn put_over(tx: &mut Tx<'_>, known: &Gap, new: &Gap) -> Result<()> {
    if (Gap { id: known.id, recorded_at: known.recorded_at, ..new.clone() }) == *known {
        return Ok(());
    }
    let changes = (
        gaps::reason.eq(new.reason),
        gaps::suggested_at.eq(new.suggested_at),
        gaps::proof_until_on.eq(new.proof_until_on),
        gaps::state.eq(new.state),
        gaps::session_id.eq(new.session),
        gaps::recorded_at.eq(new.recorded_at),
        gaps::settled_at.eq(None::<Instant>),
    );
    diesel::update(gaps::table.find(known.id)).set(changes).execute(tx.db())?;
    Ok(())
}

/// Writes down what became of an open gap.
///
/// # Errors
/// 412 when somebody was faster.
pub(super) fn settle_gap(tx: &mut Tx<'_>, gap: &Gap, state: GapState, session: Option<SessionId>) -> Result<()> {
    let now = tx.now;
    let open = gaps::table.find(gap.id).filter(gaps::state.eq(GapState::Open));
    let changes = (gaps::state.eq(state), gaps::session_id.eq(session), gaps::settled_at.eq(Some(now)));
    if diesel::update(open).set(changes).execute(tx.db())? != 1 {
        return Err(Code::StaleVersion.into());
    }
    tx.changed(gap.series);
    Ok(())
}

/// Closes the open gaps of a series, from a date on where one is given.
pub(super) fn close_gaps(tx: &mut Tx<'_>, of: SeriesId, from: Option<NaiveDate>) -> Result<()> {
    let now = tx.now;
    let open = gaps::table.filter(gaps::series_id.eq(of)).filter(gaps::state.eq(GapState::Open));
    let changes = (gaps::state.eq(GapState::Closed), gaps::settled_at.eq(Some(now)));
    match from {
        Some(from) => diesel::update(open.filter(gaps::occurs_on.ge(from))).set(changes).execute(tx.db())?,
        None => diesel::update(open).set(changes).execute(tx.db())?,
    };
    Ok(())
}

/// What was decided of a series' gaps from a date on goes with the series that continues it.
pub(super) fn hand_over_gaps(tx: &mut Tx<'_>, of: SeriesId, to: SeriesId, from: NaiveDate) -> Result<()> {
    let decided = gaps::table.filter(gaps::series_id.eq(of)).filter(gaps::occurs_on.ge(from)).filter(gaps::state.ne(GapState::Closed));
    diesel::update(decided).set(gaps::series_id.eq(to)).execute(tx.db())?;
    Ok(())
}
