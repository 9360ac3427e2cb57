//! Series over HTTP. A single session of one is moved and cancelled as any other (`sessions.move`, `sessions.cancel`) and keeps its date.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Filter};
use super::model::{EndReason, Gap, GapReason, GapState, Scope, Series, Wish};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{CaseId, CourseId, MatchId, RowId, SeriesId, SessionId};
use crate::base::value::{Day, Field, Flaw, Line};
use crate::matching::{self, PlaceCode};
use crate::sessions::changes::{Because, Reason};
use crate::sessions::http as sessions;
use crate::sessions::model::{Cancellation, Kind, Side};

/// Adds the routes of series.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(make).service(list).service(show).service(change).service(cancel).service(fill_gap).service(dismiss_gap);
}

/// A date of a series that could not be used.
#[derive(Serialize, ToSchema)]
struct GapView {
    id: RowId,
    /// The local date.
    on: NaiveDate,
    reason: GapReason,
    /// Another time near it; null: none was found, or it cannot be used any more. In a list of series as it was when it
    /// was found.
    suggested_at: Option<Instant>,
    /// Of `certificate`: the last day of the proof that is over by then; once it is renewed the date is planned by itself. Null: there never was one.
    proof_until_on: Option<NaiveDate>,
    state: GapState,
    /// The session that fills it.
    session_id: Option<SessionId>,
}

impl From<Gap> for GapView {
    fn from(gap: Gap) -> Self {
        Self {
            id: gap.id,
            on: gap.on,
            reason: gap.reason,
            suggested_at: gap.suggested_at,
            proof_until_on: gap.proof_until_on,
            state: gap.state,
            session_id: gap.session,
        }
    }
}

/// Sessions that come again. Its terms hold for what is still to come.
#[derive(Serialize, ToSchema)]
struct SeriesView {
    id: SeriesId,
    match_id: MatchId,
    course_id: CourseId,
    /// For coordinators.
    case_id: Option<CaseId>,
    /// RFC 5545, without its end: `FREQ=WEEKLY;BYDAY=WE`, `FREQ=WEEKLY;INTERVAL=2;BYDAY=WE`, `FREQ=MONTHLY;BYDAY=2TU` or `…=-1FR`.
    rule: String,
    /// The local date from which its weeks are counted.
    from_on: NaiveDate,
    /// The last local date that there can be.
    until_on: NaiveDate,
    /// Minutes after local midnight: the wall time stays when clocks change.
    at_min: i32,
    length_min: i32,
    /// Whose clock is meant, e.g. `Europe/Copenhagen`.
    zone: String,
    kind: Kind,
    place_code: Option<PlaceCode>,
    /// The series that this one continues with other terms.
    follows_id: Option<SeriesId>,
    /// When it ended, if before its last date.
    ended_at: Option<Instant>,
    end_reason: Option<EndReason>,
    /// Sessions planned and still to come; `GET /v1/sessions?series=` shows them.
    coming: i64,
    /// Those of them, by start, that begin when the series has none: moved by themselves, left as they were by a change while somebody covered them, or
    /// of a week whose new date was past. Once a cover is over the next change takes its session along, also one without members.
    sessions_apart: Vec<sessions::SessionView>,
    /// By date; in lists only those that are open. The night closes those whose date is past, with what was suggested instead, and plans what waited for
    /// a consent or a certificate that is not missing any more.
    gaps: Vec<GapView>,
    recorded_at: Instant,
    version: i64,
}

fn view(tx: &mut Tx<'_>, series: Series, gaps: Vec<Gap>) -> Result<SeriesView> {
    tx.saw(series.id);
    tx.saw(series.person);
    let (coming, apart) = actions::coming(tx, &series)?;
    let terms = series.terms;
    Ok(SeriesView {
        id: series.id,
        match_id: series.matched,
        course_id: series.course,
        case_id: tx.reaches(Reach::All).then_some(series.case),
        rule: terms.recurrence.to_string(),
        from_on: terms.from_on,
        until_on: terms.until_on,
        at_min: terms.at_min,
        length_min: terms.length_min,
        zone: terms.zone.to_string(),
        kind: terms.kind,
        place_code: matching::actions::shown_place(tx, series.person, terms.place)?,
        follows_id: series.follows,
        ended_at: series.ended_at,
        end_reason: series.end_reason,
        coming,
        sessions_apart: sessions::views(tx, apart)?,
        gaps: gaps.into_iter().map(GapView::from).collect(),
        recorded_at: series.recorded_at,
        version: series.version,
    })
}

fn get_view(tx: &mut Tx<'_>, id: SeriesId) -> Result<SeriesView> {
    let series = actions::get(tx, id)?;
    let gaps = actions::list_gaps(tx, &series)?;
    view(tx, series, gaps)
}

fn created(call: &Call, series: &SeriesView) -> Answer {
    call.created(&format!("/v1/series/{}", series.id), series.version, series)
}

/// A series to be made; what is left out is what the match agreed on.
#[derive(Deserialize, ToSchema)]
struct MakeSeries {
    match_id: MatchId,
    /// RFC 5545, of which this is read: `FREQ=WEEKLY` with `INTERVAL` 1 or 2 and one `BYDAY`, or `FREQ=MONTHLY` with one `BYDAY` like `2TU` or
    /// `-1FR`; `WKST=MO`; and `COUNT` (110 at most) or `UNTIL`, a date or a moment in UTC.
    #[schema(example = "FREQ=WEEKLY;BYDAY=WE")]
    rule: Option<Line>,
    /// From which local date, today or later, within two years; today when not said. Weeks are counted from the first date that fits, and today fits
    /// until its hour is past.
    from_on: Option<Day>,
    /// The last local date, within two years of today; the match's expected end when not said.
    until_on: Option<Day>,
    /// Minutes after local midnight, 0 to 1439.
    #[schema(minimum = 0, maximum = 1439)]
    at_min: Option<i32>,
    /// 5 to 1440 minutes.
    #[schema(minimum = 5, maximum = 1440)]
    length_min: Option<i32>,
    /// In person when not said.
    kind: Option<Kind>,
    /// Null: no place, whatever was agreed.
    #[serde(default)]
    #[schema(value_type = Option<PlaceCode>)]
    place_code: Field<PlaceCode>,
}

/// Make a series
///
/// From a match's agreed rhythm, weekday and time until its expected end, or as said. All of it is planned at once: each date that can be used is a
/// session, and a date that cannot (public holiday, leave, a consent or certificate that will be missing, a time that is taken) is a gap with its
/// reason and, where there is one near, another time. 409 `wrong_state` while the match is not running, the course is paused or ended, or a needed consent is
/// missing today. Every rule but the ones named is 422, and so is a series that ends later than two years from today.
#[utoipa::path(operation_id = "series.make", tag = "series", params(IdempotencyKey), request_body = MakeSeries,
    responses((status = 201, body = SeriesView, description = "Planned, with its gaps")))]
#[post("/series")]
async fn make(door: web::Data<Door>, call: Call, body: Body<MakeSeries>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let wish = Wish {
            rule: body.rule.clone(),
            from_on: body.from_on.map(Day::date),
            until_on: body.until_on.map(Day::date),
            at_min: body.at_min,
            length_min: body.length_min,
            kind: body.kind,
            place: body.place_code.clone(),
        };
        actions::make(tx, body.match_id, &wish)
    };
    created(&call, &door.command(&call, Capability::SeriesMake, verb, get_view).await?.view)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only series of this match.
    #[serde(rename = "match")]
    #[param(rename = "match")]
    matched: Option<MatchId>,
    /// Only series of this case.
    case: Option<CaseId>,
    /// Only those that ended before their last date (`true`) or did not (`false`).
    ended: Option<bool>,
    /// Only those with gaps that somebody must decide on (`true`) or without (`false`).
    open_gaps: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The series the caller may see
///
/// In the order they were made, each with its open gaps.
#[utoipa::path(operation_id = "series.list", tag = "series", params(Which), responses((status = 200, body = List<SeriesView>, description = "One page")))]
#[get("/series")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, SeriesId)>::read("series", which.limit, which.cursor.as_ref())?;
        let filter = Filter { matched: which.matched, case: which.case, ended: which.ended, open_gaps: which.open_gaps };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |series| (series.recorded_at, series.id));
        let ids: Vec<SeriesId> = items.iter().map(|series| series.id).collect();
        let mut gaps = actions::list_open_gaps(tx, &ids)?;
        let mut views = Vec::with_capacity(items.len());
        for series in items {
            let (own, others) = gaps.into_iter().partition(|gap| gap.series == series.id);
            gaps = others;
            views.push(view(tx, series, own)?);
        }
        Ok(Paged { items: views, next })
    };
    call.answer_list(door.read(&call, Capability::SeriesList, look_up).await?)
}

/// One series
#[utoipa::path(operation_id = "series.get", tag = "series", params(("series_id" = SeriesId, Path, description = "Which series")),
    responses((status = 200, body = SeriesView, description = "The series with its gaps")))]
#[get("/series/{series_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<SeriesId>) -> Answer {
    let series = door.read(&call, Capability::SeriesGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(series.version, &series)
}

/// What of a series is changed; absent members stay.
#[derive(Deserialize, ToSchema)]
struct ChangeSeries {
    /// This date of the series and the rest: a new series continues the old one. By a rule with an earlier day its session moves to that day of its week (its
    /// month, where the series is and stays monthly), which the new series begins with then. Without it all that is still to come changes.
    from_on: Option<Day>,
    /// As when it is made.
    rule: Option<Line>,
    /// The last local date, within two years of today, and before a later part of the series begins, where there is one: that one is extended.
    until_on: Option<Day>,
    #[schema(minimum = 0, maximum = 1439)]
    at_min: Option<i32>,
    #[schema(minimum = 5, maximum = 1440)]
    length_min: Option<i32>,
    kind: Option<Kind>,
    #[serde(default)]
    #[schema(value_type = Option<PlaceCode>)]
    place_code: Field<PlaceCode>,
    /// Whose side wished it; the caller's when not said.
    by: Option<Side>,
    /// Why.
    reason: Option<Reason>,
}

/// Change what is still to come of a series
///
/// All of it, or a date and the rest. Sessions keep their ids and move to the new date of their week; one without a date is cancelled, a new date is
/// planned or is a gap. Sessions that were moved or cancelled by themselves or are covered, and gaps that were dismissed, stay as they are; the answer
/// names each that begins when the series has none. Once a cover is over the next change takes its session along. Open gaps are judged anew, so a
/// change without members plans what has become free. A session that keeps its start stays, unless it becomes longer than there is time, or another kind
/// asks for more than there is (time between two meetings, meetings a day and week): then it is cancelled, and its date is a gap.
/// The person gets one message: that appointments have changed, and when the next is.
#[utoipa::path(operation_id = "series.change", tag = "series", params(("series_id" = SeriesId, Path, description = "Which series"), IdempotencyKey, Expected), request_body = ChangeSeries,
    responses((status = 201, body = SeriesView, description = "The series that holds from now on, or from the date")))]
#[post("/series/{series_id}/change")]
async fn change(door: web::Data<Door>, call: Call, path: Path<SeriesId>, body: Body<ChangeSeries>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        let scope = body.from_on.map_or(Scope::All, |on| Scope::Rest(on.date()));
        let wish = Wish {
            rule: body.rule.clone(),
            from_on: None,
            until_on: body.until_on.map(Day::date),
            at_min: body.at_min,
            length_min: body.length_min,
            kind: body.kind,
            place: body.place_code.clone(),
        };
        actions::change(tx, id, &expected, scope, &wish, Because { by: body.by, reason: body.reason })
    };
    created(&call, &door.command(&call, Capability::SeriesChange, verb, get_view).await?.view)
}

/// How what is still to come is cancelled.
#[derive(Deserialize, ToSchema)]
struct CancelSeries {
    /// From this date of the series on; all that is still to come when not said.
    from_on: Option<Day>,
    /// By whose side.
    by: Side,
    /// When it was cancelled, if not now.
    happened_at: Option<Stated>,
    /// Whether a new time was agreed; by the person without one it counts as missed, once.
    #[serde(default)]
    new_time_agreed: bool,
    /// Why.
    reason: Option<Reason>,
}

/// Cancel what is still to come of a series
///
/// The person gets one message. What was held, missed or logged stays.
#[utoipa::path(operation_id = "series.cancel", tag = "series", params(("series_id" = SeriesId, Path, description = "Which series"), IdempotencyKey), request_body = CancelSeries,
    responses((status = 201, body = SeriesView, description = "Cancelled")))]
#[post("/series/{series_id}/cancel")]
async fn cancel(door: web::Data<Door>, call: Call, path: Path<SeriesId>, body: Body<CancelSeries>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let cancellation =
            Cancellation { by: body.by, happened_at: body.happened_at.map(Stated::at), new_time_agreed: body.new_time_agreed };
        actions::cancel(tx, id, body.from_on.map(Day::date), &cancellation, body.reason)
    };
    created(&call, &door.command(&call, Capability::SeriesCancel, verb, get_view).await?.view)
}

/// When a session is instead; both or neither.
#[derive(Deserialize, ToSchema)]
struct FillGap {
    /// The suggested time when not said.
    starts_at: Option<Instant>,
    /// At most 24 hours later.
    ends_at: Option<Instant>,
}

/// Plan a session for a gap
///
/// At another time, as by hand; or at the suggested one, which is judged anew as every date of a series is: 409 `not_available`, with what speaks
/// against it by now and other times. The session keeps the gap's date in the series.
#[utoipa::path(operation_id = "series.fill_gap", tag = "series",
    params(("series_id" = SeriesId, Path, description = "Which series"), ("gap_id" = RowId, Path, description = "Which gap"), IdempotencyKey), request_body = FillGap,
    responses((status = 201, body = sessions::SessionView, description = "Planned")))]
#[post("/series/{series_id}/gaps/{gap_id}/fill")]
async fn fill_gap(door: web::Data<Door>, call: Call, path: Path<(SeriesId, RowId)>, body: Body<FillGap>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let ((id, gap), body) = (path.get()?, body.get()?);
        let time = match (body.starts_at, body.ends_at) {
            (Some(starts_at), Some(ends_at)) => Some((starts_at, ends_at)),
            (None, None) => None,
            (Some(_), None) => return Err(Flaw::Required.refused("/ends_at")),
            (None, Some(_)) => return Err(Flaw::Required.refused("/starts_at")),
        };
        actions::fill_gap(tx, id, gap, time)
    };
    sessions::created(&call, &door.command(&call, Capability::SeriesFillGap, verb, sessions::get_view).await?.view)
}

/// Decide that there is no session for a gap
#[utoipa::path(operation_id = "series.dismiss_gap", tag = "series",
    params(("series_id" = SeriesId, Path, description = "Which series"), ("gap_id" = RowId, Path, description = "Which gap"), IdempotencyKey),
    responses((status = 201, body = SeriesView, description = "Decided")))]
#[post("/series/{series_id}/gaps/{gap_id}/dismiss")]
async fn dismiss_gap(door: web::Data<Door>, call: Call, path: Path<(SeriesId, RowId)>, body: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, gap) = path.get()?;
        body.get()?;
        actions::dismiss_gap(tx, id, gap)
    };
    created(&call, &door.command(&call, Capability::SeriesDismissGap, verb, get_view).await?.view)
}
