//! Who waits, over HTTP: for coordinators.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions;
use super::model::{Asked, Hurdle, Interest, NewCheck, Waiting};
use crate::access::{Capability, Door, Tx};
use crate::availability::model::Stretch;
use crate::base::clock::{Instant, Stated};
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, CourseId, PersonId};
use crate::base::value::Text;
use crate::courses::model::Track;
use crate::matching::ranking::Missing;
use crate::matching::wishes::http::WishesView;
use crate::staff::model::LanguageTag;

pub(in crate::matching) fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(list_interest).service(record);
}

/// Whether a match is still wanted.
#[derive(Serialize, ToSchema)]
struct InterestView {
    still_wanted: bool,
    /// When that was last said: by accepting, by the end of a match, or when asked.
    said_at: Instant,
    /// When to ask again: after that nobody can be proposed. Null: never.
    ask_again_at: Option<Instant>,
}

impl From<Interest> for InterestView {
    fn from(interest: Interest) -> Self {
        match interest {
            Interest::Wanted { said_at, ask_again_at } => Self { still_wanted: true, said_at, ask_again_at },
            Interest::Gone { said_at } => Self { still_wanted: false, said_at, ask_again_at: None },
        }
    }
}

/// A course that waits for a match.
#[derive(Serialize, ToSchema)]
struct WaitingView {
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    given_name: String,
    track: Track,
    /// From the acceptance, or from the end of the last match in which a session was held.
    waiting_since: Instant,
    /// Whole days since then.
    waited_days: i64,
    /// Whole years, where the birth date is known.
    age: Option<u16>,
    /// Any of these will do: what is wished, else the language of the person's messages.
    languages: Vec<LanguageTag>,
    wishes: WishesView,
    /// When they wish to meet, on the programme's clock; none: they never said.
    times: Vec<Stretch>,
    /// What is not known and would match better.
    missing: Vec<Missing>,
    /// What must come first before anybody can be proposed; until then a matching run seeks nobody for them.
    hurdles: Vec<Hurdle>,
    interest: InterestView,
    /// What was said when they were last asked whether a match is still wanted.
    interest_words: Option<Text>,
    /// How many of the staff could run a match today.
    eligible: usize,
}

fn view(waiting: Waiting, now: Instant) -> WaitingView {
    let Waiting { ask, given_name, wishes, times, missing, interest, interest_words, eligible } = waiting;
    WaitingView {
        course_id: ask.course,
        case_id: ask.case,
        person_id: ask.person,
        given_name,
        track: ask.track,
        waiting_since: ask.waiting_since,
        waited_days: now.since(ask.waiting_since).num_days(),
        age: ask.age(),
        languages: ask.languages,
        wishes: wishes.into(),
        times,
        missing: missing.iter().collect(),
        hurdles: ask.hurdles.iter().collect(),
        interest: interest.into(),
        interest_words,
        eligible,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only courses of this track.
    #[param(inline)]
    track: Option<Track>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Who waits for a match
///
/// Accepted courses that are not paused, run by nobody and with nobody proposed, the longest waiting first.
#[utoipa::path(operation_id = "waiting.list", tag = "matching", params(Which), responses((status = 200, body = List<WaitingView>, description = "One page")))]
#[get("/waiting-courses")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, CourseId)>::read("waiting", which.limit, which.cursor.as_ref())?;
        let fetch = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
        let found = actions::list(tx, which.track, page.after, fetch)?;
        let now = tx.now;
        Ok(page.cut(found, |waiting| (waiting.ask.waiting_since, waiting.ask.course)).map(|waiting| view(waiting, now)))
    };
    call.answer_list(door.read(&call, Capability::WaitingList, look_up).await?)
}

/// What was said when it was asked whether a match is still wanted.
#[derive(Serialize, ToSchema)]
struct SaidView {
    still_wanted: bool,
    /// When it was asked (stated).
    asked_at: Instant,
    words: Option<Text>,
    /// Who wrote it down.
    recorded_by: AccountId,
}

/// What was said whenever it was asked whether a match is still wanted
///
/// The latest first; all of it, also of a course that waits no longer.
#[utoipa::path(operation_id = "waiting.list_interest", tag = "matching", params(("course_id" = CourseId, Path, description = "Of which course")),
    responses((status = 200, body = List<SaidView>, description = "All of it")))]
#[get("/courses/{course_id}/interest")]
async fn list_interest(door: web::Data<Door>, call: Call, path: Path<CourseId>) -> Answer {
    let said = door.read(&call, Capability::WaitingListInterest, move |tx| actions::list_said(tx, path.get()?)).await?;
    let view =
        |Asked { check, words, by }: Asked| SaidView { still_wanted: check.still_wanted, asked_at: check.asked_at, words, recorded_by: by };
    call.answer_list(Paged { items: said.into_iter().map(view).collect(), next: None })
}

/// Whether a match is still wanted.
#[derive(Deserialize, ToSchema)]
struct RecordInterest {
    still_wanted: bool,
    /// When it was asked, if not now.
    happened_at: Option<Stated>,
    /// What was said.
    words: Option<Text>,
}

/// Where interest stands after it was asked.
#[derive(Serialize, ToSchema)]
struct Recorded {
    course_id: CourseId,
    interest: InterestView,
    /// The course's.
    version: i64,
}

/// Record whether a match is still wanted
///
/// Asked of whoever waits after a set time; until then nobody can be proposed. Who no longer wants one is proposed to nobody; ending the
/// course is an operation of its own.
#[utoipa::path(operation_id = "waiting.record_interest", tag = "matching", params(("course_id" = CourseId, Path, description = "Of which course"), IdempotencyKey), request_body = RecordInterest,
    responses((status = 201, body = Recorded, description = "Recorded")))]
#[post("/courses/{course_id}/interest")]
async fn record(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<RecordInterest>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let check = NewCheck { still_wanted: body.still_wanted, happened_at: body.happened_at.map(Stated::at), words: body.words.clone() };
        actions::record(tx, id, &check)
    };
    let view = |tx: &mut Tx<'_>, id| {
        let version = actions::get_course(tx, id)?.version;
        Ok(Recorded { course_id: id, interest: actions::interest_of(tx, id)?.into(), version })
    };
    let recorded = door.command(&call, Capability::WaitingRecordInterest, verb, view).await?.view;
    call.created(&format!("/v1/courses/{}", recorded.course_id), recorded.version, &recorded)
}
