//! Follow-up results over HTTP.

use actix_web::{get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Filter};
use super::model::{AtRisk, Content, Followup, Kind, Version, Way};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, CourseId, FollowupId, PersonId};
use crate::base::value::{Day, Text};
use crate::courses::model::Activity;

/// Adds the routes of results.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(record).service(list).service(show).service(correct).service(retract).service(versions);
}

/// What a result says.
#[derive(Deserialize, ToSchema)]
struct SayResult {
    /// When it was held, or learned: after the end of the course.
    held_at: Stated,
    /// How it was learned. Contacting the person takes their consent.
    way: Way,
    /// After 6 months: whether somebody judged the person to be at risk.
    at_risk: Option<AtRisk>,
    /// A new concern came up. It is handed in as an enquiry of its own.
    #[serde(default)]
    new_concern: bool,
    /// After 12 months: what they do by day.
    activity: Option<Activity>,
    /// After 12 months: on which day that was so.
    as_of_on: Option<Day>,
    /// The basis of the judgement, or the source of the fact.
    basis: Text,
    /// Who did it; the caller unless told otherwise.
    done_by: Option<AccountId>,
}

impl SayResult {
    fn content(&self, tx: &Tx<'_>) -> Result<Content> {
        Ok(Content {
            held_at: self.held_at.at(),
            way: self.way,
            at_risk: self.at_risk,
            new_concern: self.new_concern,
            activity: self.activity,
            as_of_on: self.as_of_on.map(|on| tx.programme.calendar().zone.stated(on.date(), tx.now)),
            basis: self.basis.clone(),
            done_by: self.done_by.map_or_else(|| tx.account(), Ok)?,
        })
    }
}

/// A result to be recorded.
#[derive(Deserialize, ToSchema)]
struct RecordFollowup {
    /// A course that was gone through.
    course_id: CourseId,
    kind: Kind,
    /// What it says.
    result: SayResult,
}

/// What a result says instead.
#[derive(Deserialize, ToSchema)]
struct CorrectFollowup {
    /// The whole of it.
    result: SayResult,
}

/// What one version of a result says.
#[derive(Serialize, ToSchema)]
struct ResultView {
    /// When it was held, or learned (stated).
    held_at: Instant,
    way: Way,
    at_risk: Option<AtRisk>,
    new_concern: bool,
    activity: Option<Activity>,
    as_of_on: Option<NaiveDate>,
    basis: Text,
    done_by: AccountId,
}

impl From<Content> for ResultView {
    fn from(content: Content) -> Self {
        Self {
            held_at: content.held_at,
            way: content.way,
            at_risk: content.at_risk,
            new_concern: content.new_concern,
            activity: content.activity,
            as_of_on: content.as_of_on,
            basis: content.basis,
            done_by: content.done_by,
        }
    }
}

/// A follow-up result.
#[derive(Serialize, ToSchema)]
struct FollowupView {
    id: FollowupId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    kind: Kind,
    /// What its present version says.
    result: ResultView,
    /// When it was due.
    due_at: Instant,
    /// Held after that.
    late: bool,
    /// Who typed it.
    recorded_by: AccountId,
    recorded_at: Instant,
    /// Which version this is: 1, 2, 3 …
    revision: i32,
    /// When this version was recorded.
    changed_at: Instant,
    version: i64,
    /// When it was taken back: it never was, keeps no promise and is in no figure.
    retracted_at: Option<Instant>,
    retracted_by: Option<AccountId>,
}

fn view(tx: &mut Tx<'_>, followup: Followup) -> Result<FollowupView> {
    let (content, due_at) = actions::open(tx, &followup)?;
    tx.saw(followup.id);
    Ok(FollowupView {
        id: followup.id,
        course_id: followup.course,
        case_id: followup.case,
        person_id: followup.person,
        kind: followup.kind,
        late: content.held_at > due_at,
        result: content.into(),
        due_at,
        recorded_by: followup.recorded_by,
        recorded_at: followup.recorded_at,
        revision: followup.revision,
        changed_at: followup.changed_at,
        version: followup.version,
        retracted_at: followup.retracted_at,
        retracted_by: followup.retracted_by,
    })
}

fn get_view(tx: &mut Tx<'_>, id: FollowupId) -> Result<FollowupView> {
    let followup = actions::get(tx, id)?;
    view(tx, followup)
}

/// Record what became of it
///
/// After 6 months once; after 12 months any day since the course ended may be recorded, several too. Late ones are taken with their true
/// date.
#[utoipa::path(operation_id = "followups.record", tag = "followups", params(IdempotencyKey), request_body = RecordFollowup,
    responses((status = 201, body = FollowupView, description = "Recorded")))]
#[post("/followups")]
async fn record(door: web::Data<Door>, call: Call, body: Body<RecordFollowup>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let content = body.result.content(tx)?;
        actions::record(tx, body.course_id, body.kind, &content)
    };
    let followup = door.command(&call, Capability::FollowupsRecord, verb, get_view).await?.view;
    call.created(&format!("/v1/followups/{}", followup.id), followup.version, &followup)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only results of this case.
    case: Option<CaseId>,
    /// Only results of this course.
    course: Option<CourseId>,
    /// Only results about this person.
    person: Option<PersonId>,
    /// Only results of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only results held at this moment or later.
    from: Option<Instant>,
    /// Only results held before this moment.
    until: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The follow-up results the caller may see
///
/// The latest held first, with what was taken back. What is still to come stands among the duties.
#[utoipa::path(operation_id = "followups.list", tag = "followups", params(Which), responses((status = 200, body = List<FollowupView>, description = "One page")))]
#[get("/followups")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, FollowupId)>::read("followups", which.limit, which.cursor.as_ref())?;
        let filter =
            Filter { case: which.case, course: which.course, person: which.person, kind: which.kind, from: which.from, until: which.until };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |followup| (followup.held_at, followup.id));
        let items = items.into_iter().map(|followup| view(tx, followup)).collect::<Result<Vec<_>>>()?;
        Ok(Paged { items, next })
    };
    call.answer_list(door.read(&call, Capability::FollowupsList, look_up).await?)
}

/// One follow-up result
#[utoipa::path(operation_id = "followups.get", tag = "followups", params(("followup_id" = FollowupId, Path, description = "Which result")),
    responses((status = 200, body = FollowupView, description = "Its present version")))]
#[get("/followups/{followup_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<FollowupId>) -> Answer {
    let followup = door.read(&call, Capability::FollowupsGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(followup.version, &followup)
}

/// Correct a follow-up result
///
/// The whole result anew: its next version, and the original stays. The same again changes nothing. 409 when it was taken back.
#[utoipa::path(operation_id = "followups.correct", tag = "followups", params(("followup_id" = FollowupId, Path, description = "Which result"), Expected), request_body = CorrectFollowup,
    responses((status = 200, body = FollowupView, description = "Its present version")))]
#[put("/followups/{followup_id}")]
async fn correct(door: web::Data<Door>, call: Call, path: Path<FollowupId>, body: Body<CorrectFollowup>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        let content = body.result.content(tx)?;
        actions::correct(tx, id, &expected, &content)?;
        get_view(tx, id)
    };
    let followup = door.write(&call, Capability::FollowupsCorrect, verb).await?;
    call.answer(followup.version, &followup)
}

/// Take back a follow-up result that never was
///
/// For one that was recorded by mistake: of somebody else, or of a course that was broken off, whose end is corrected after that. It is kept with
/// all its versions, and is in no figure. The promise that it alone kept is open again, late or not. 409 when it was taken back already.
#[utoipa::path(operation_id = "followups.retract", tag = "followups",
    params(("followup_id" = FollowupId, Path, description = "Which result"), IdempotencyKey),
    responses((status = 201, body = FollowupView, description = "Taken back")))]
#[post("/followups/{followup_id}/retract")]
async fn retract(door: web::Data<Door>, call: Call, path: Path<FollowupId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::retract(tx, id)
    };
    let followup = door.command(&call, Capability::FollowupsRetract, verb, get_view).await?.view;
    call.created(&format!("/v1/followups/{}", followup.id), followup.version, &followup)
}

/// One version of a result.
#[derive(Serialize, ToSchema)]
#[schema(as = FollowupVersionView)]
struct VersionView {
    /// 1, 2, 3 …
    revision: i32,
    /// Who typed it.
    recorded_by: AccountId,
    recorded_at: Instant,
    /// What it says.
    result: ResultView,
}

/// What a follow-up result said in each of its versions
///
/// The first first, the present one last; nothing is ever overwritten.
#[utoipa::path(operation_id = "followups.versions", tag = "followups", params(("followup_id" = FollowupId, Path, description = "Which result")),
    responses((status = 200, body = List<VersionView>, description = "All of them, in one page")))]
#[get("/followups/{followup_id}/versions")]
async fn versions(door: web::Data<Door>, call: Call, path: Path<FollowupId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        tx.saw(id);
        let all = actions::versions(tx, id)?;
        let view = |(version, content): (Version, Content)| VersionView {
            revision: version.revision,
            recorded_by: version.recorded_by,
            recorded_at: version.recorded_at,
            result: content.into(),
        };
        Ok(Paged::all(all.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::FollowupsVersions, look_up).await?)
}
