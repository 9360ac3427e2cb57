//! Who waits, over HTTP: for coordinators.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Interest, NewCheck, Waiting};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Path, Query};
use crate::base::ids::{CaseId, CourseId, PersonId};
use crate::base::value::Text;
use crate::courses::model::Track;
use crate::matching::ranking::Missing;
use crate::matching::wishes::http::WishesView;
use crate::staff::model::LanguageTag;

pub(in crate::matching) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(record);
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
    /// From the acceptance, or from the end of the last match.
    waiting_since: Instant,
    /// Whole days since then.
    waited_days: i64,
    /// Whole years, where the birth date is known.
    age: Option<u16>,
    /// Any of these will do: what is wished, else the language of the person's messages.
    languages: Vec<LanguageTag>,
    wishes: WishesView,
    /// What is not known and would match better.
    missing: Vec<Missing>,
    interest: InterestView,
    /// How many of the staff could run a match today.
    eligible: usize,
}

fn view(waiting: Waiting, now: Instant) -> WaitingView {
    let Waiting { ask, given_name, wishes, missing, interest, eligible } = waiting;
    WaitingView {
        course_id: ask.course,
        case_id: ask.case,
        person_id: ask.person,
        given_name,
        track: ask.track,
        waiting_since: ask.waiting_since,
        waited_days: now.since(ask.waiting_since).num_days(),
        age: ask.age,
        languages: ask.languages,
        wishes: wishes.into(),
        missing: missing.iter().collect(),
        interest: interest.into(),
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

/// Whether a match is still wanted.
#[derive(Deserialize, ToSchema)]
struct RecordInterest {
    still_wanted: bool,
    /// When it was asked, if not now.
    happened_at: Option<Instant>,
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
        let check = NewCheck { still_wanted: body.still_wanted, happened_at: body.happened_at, words: body.words.clone() };
        actions::record(tx, id, &check)
    };
    let view = |tx: &mut Tx<'_>, id| {
        let version = actions::get_course(tx, id)?.version;
        Ok(Recorded { course_id: id, interest: actions::interest_of(tx, id)?.into(), version })
    };
    let recorded = door.command(&call, Capability::WaitingRecordInterest, verb, view).await?.view;
    call.created(&format!("/v1/courses/{}", recorded.course_id), recorded.version, &recorded)
}
