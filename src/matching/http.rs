//! Matches over HTTP. A mentor or coach sees own matches, with the person's first name; a supervisor a label instead of it.

mod agreed;
mod answers;
mod eligible;
mod ends;

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Filter, Glimpse, Sight};
use super::model::{
    Answer as Answered, DeclineReason, EndReason, EndStep, Given, Match, PlaceCode, Proposal, RepairOutcome, Rhythm, Side, State, Wish,
};
use super::ranking::model::Kept;
use super::ranking::{Asked, Exclusion};
use super::waiting::model::Hurdle;
use super::{rules, runs, supervision, waiting, wishes};
use crate::access::{Capability, Door, Tx};
use crate::availability::model::Stretch;
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::base::value::{Day, Line, Text};
use crate::courses::model::Track;
use crate::staff::actions::names;
use crate::staff::model::LanguageTag;
use crate::staff::profile::Interest;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    eligible::routes(registry);
    wishes::http::routes(registry);
    runs::http::routes(registry);
    registry.service(propose).service(list).service(show);
    agreed::routes(registry);
    answers::routes(registry);
    ends::routes(registry);
    supervision::http::routes(registry);
    waiting::http::routes(registry);
}

/// One side's answer.
#[derive(Serialize, ToSchema)]
struct AnswerView {
    accepted: bool,
    /// When it was given (stated).
    at: Instant,
    /// Why it says no; for coordinators, and for whoever said it.
    reason: Option<DeclineReason>,
    /// What the member of staff said to whether they know the person or the family; null: not asked.
    knows_person: Option<bool>,
    /// The reason in words; the other side does not see it.
    words: Option<Text>,
}

/// What whoever is proposed sees of the person before both said yes.
#[derive(Serialize, ToSchema)]
struct GlimpseView {
    /// Whole years, where the birth date is known.
    age: Option<u16>,
    /// Any of these will do.
    languages: Vec<LanguageTag>,
    /// Likes to do.
    interests: Vec<Interest>,
    /// When they wish to meet, on the programme's clock; none: they never said.
    times: Vec<Stretch>,
}

/// What keeps a proposal from running although both sides said yes.
#[derive(Serialize, ToSchema)]
struct HeldView {
    /// What must come first.
    hurdles: Vec<Hurdle>,
    /// Each limit that excludes the member of staff today.
    exclusions: Vec<Exclusion>,
}

/// A match, as far as the caller may see.
#[derive(Serialize, ToSchema)]
struct MatchView {
    id: MatchId,
    course_id: CourseId,
    /// For coordinators.
    case_id: Option<CaseId>,
    /// Once it runs, for whoever runs it; never for supervisors.
    person_id: Option<PersonId>,
    /// The first name; for supervisors a label like `Match 3f2a`.
    person_label: String,
    /// For whoever is proposed, until it runs.
    about_person: Option<GlimpseView>,
    staff_id: StaffId,
    /// For coordinators.
    staff_name: Option<Line>,
    track: Track,
    state: State,
    proposed_at: Instant,
    /// For coordinators.
    proposed_by: Option<AccountId>,
    /// Until when both sides may answer.
    expires_at: Instant,
    /// Why these two.
    sentence: Option<Text>,
    /// Asked for although a sibling has the same mentor, or together with one; for coordinators.
    same_family: Option<bool>,
    /// How the member of staff ranked when they were proposed, with the weights and facts of that day; for coordinators.
    ranking: Option<Kept>,
    staff_answer: Option<AnswerView>,
    person_answer: Option<AnswerView>,
    /// The yeses that became a no; for coordinators.
    former_yeses: Vec<answers::FormerYesView>,
    /// Both said yes, and still it does not run: the pair holds no longer as it was proposed. The unit will be in touch.
    is_held: bool,
    /// Why, as of now; for coordinators, who may start it once nothing is in its way.
    held_by: Option<HeldView>,
    /// What came of the talk that is asked for before somebody else is proposed; for coordinators.
    repair_talk: Option<RepairOutcome>,
    /// What was said in it; for coordinators.
    repair_words: Option<Text>,
    /// When it was (stated); for coordinators.
    repair_held_at: Option<Instant>,
    /// What was recorded of it before each correction; for coordinators.
    former_repair_talks: Vec<ends::FormerTalkView>,
    /// The match that this one took over from; for coordinators.
    taken_over_from: Option<MatchId>,
    /// The matches whose logs are released to whoever runs this one; for coordinators.
    released_logs_of: Vec<MatchId>,
    /// What was done of the list that an ended match leaves (`end_steps`); for coordinators.
    end_steps: Vec<EndStep>,
    first_meeting_at: Option<Instant>,
    /// The account of the coordinator who is at the first joint meeting with the two.
    facilitator_id: Option<AccountId>,
    /// The account of whoever supervises it; for coordinators.
    supervisor_id: Option<AccountId>,
    /// From when it runs: the later of two yeses.
    starts_at: Option<Instant>,
    ended_at: Option<Instant>,
    end_reason: Option<EndReason>,
    /// For coordinators.
    end_words: Option<Text>,
    /// What was recorded of its end before each correction; for coordinators.
    former_ends: Vec<ends::FormerMatchEndView>,
    rhythm: Rhythm,
    /// 1 Monday to 7 Sunday; null: not agreed yet.
    weekday: Option<i32>,
    /// Minutes after local midnight.
    at_min: Option<i32>,
    length_min: i32,
    /// Where the address is protected, for coordinators.
    place_code: Option<PlaceCode>,
    expected_end_on: NaiveDate,
    version: i64,
}

fn view(tx: &mut Tx<'_>, matched: Match) -> Result<MatchView> {
    let sight = actions::sight(tx, matched.id)?;
    tx.saw(matched.id);
    let person_label = actions::person_label(tx, &matched, sight)?;
    let criteria = if sight == Sight::Supervisor { None } else { Some(actions::criteria(tx, &matched)?) }.unwrap_or_default();
    let (unit, staff) = (sight == Sight::Unit, sight == Sight::Staff);
    let about_person = if staff && matched.state == State::Proposed { Some(actions::glimpse(tx, &matched)?) } else { None };
    let about_person = about_person.map(|Glimpse { age, languages, interests, times }| GlimpseView { age, languages, interests, times });
    let said = |answer: Option<Answered>, given: Given, words: Option<Text>| {
        let Given { reason, knows_person } = given;
        answer.map(|Answered { accepted, at }| AnswerView { accepted, at, reason, knows_person, words })
    };
    let by_staff = actions::given(tx, &matched, Side::Staff, sight)?;
    let by_person = actions::given(tx, &matched, Side::Person, sight)?;
    let former_ends = if unit && matched.state == State::Ended { ends::former(tx, &matched)? } else { Vec::new() };
    let end_steps = if unit && matched.state == State::Ended { actions::end_steps(tx, matched.id)? } else { Vec::new() };
    let released_logs_of = if unit && matched.state == State::Running { actions::list_released(tx, matched.id)? } else { Vec::new() };
    let talk = if unit && matched.state == State::Ended { actions::talk(tx, &matched)? } else { None };
    let (repair_talk, repair_held_at) = (talk.as_ref().map(|talk| talk.outcome), talk.as_ref().map(|talk| talk.held_at));
    let former_repair_talks = if unit && matched.state == State::Ended { ends::former_talks(tx, &matched)? } else { Vec::new() };
    let former_yeses = if unit && rules::came_to_nothing(&matched) { answers::former(tx, &matched)? } else { Vec::new() };
    let is_held = rules::is_held(&matched);
    let held_by = if unit { actions::held_by(tx, &matched)? } else { None };
    let held_by =
        held_by.map(|(hurdles, exclusions)| HeldView { hurdles: hurdles.iter().collect(), exclusions: exclusions.iter().collect() });
    let (staff_answer, person_answer) =
        (actions::seen_answer(&matched, Side::Staff, sight), actions::seen_answer(&matched, Side::Person, sight));
    let staff_name = if unit { names(tx, &[matched.staff])?.remove(&matched.staff) } else { None };
    let place_code = actions::shown_place(tx, matched.person, matched.agreed.place.clone())?;
    let supervisor_id = if unit { supervision::actions::find(tx, &matched)? } else { None };
    let version = actions::seen_version(&matched, sight);
    let agreed = matched.agreed;
    Ok(MatchView {
        id: matched.id,
        course_id: matched.course,
        case_id: unit.then_some(matched.case),
        person_id: (unit || staff && matched.starts_at.is_some()).then_some(matched.person),
        person_label,
        about_person,
        staff_id: matched.staff,
        staff_name,
        track: matched.track,
        state: matched.state,
        proposed_at: matched.proposed_at,
        proposed_by: unit.then_some(matched.proposed_by),
        expires_at: matched.expires_at,
        sentence: criteria.sentence,
        same_family: unit.then_some(criteria.same_family || !criteria.beside.is_empty()),
        ranking: criteria.ranking.filter(|_| unit),
        staff_answer: said(staff_answer, by_staff, criteria.staff_words.filter(|_| unit || staff)),
        person_answer: said(person_answer, by_person, criteria.person_words.filter(|_| unit)),
        former_yeses,
        is_held,
        held_by,
        repair_talk,
        repair_words: talk.and_then(|talk| talk.words),
        repair_held_at,
        former_repair_talks,
        taken_over_from: matched.taken_over_from.filter(|_| unit),
        released_logs_of,
        end_steps,
        first_meeting_at: agreed.first_meeting_at,
        facilitator_id: agreed.facilitator,
        supervisor_id,
        starts_at: matched.starts_at,
        ended_at: matched.ended_at,
        end_reason: matched.end_reason,
        end_words: criteria.end_words.filter(|_| unit),
        former_ends,
        rhythm: agreed.rhythm,
        weekday: agreed.weekday,
        at_min: agreed.at_min,
        length_min: agreed.length_min,
        place_code,
        expected_end_on: agreed.expected_end_on,
        version,
    })
}

fn get_view(tx: &mut Tx<'_>, id: MatchId) -> Result<MatchView> {
    let matched = actions::get(tx, id)?;
    view(tx, matched)
}

fn created(call: &Call, matched: &MatchView) -> Answer {
    call.created(&format!("/v1/matches/{}", matched.id), matched.version, matched)
}

/// A pair to be proposed.
#[derive(Deserialize, ToSchema)]
struct ProposeMatch {
    course_id: CourseId,
    staff_id: StaffId,
    /// When it was proposed, if not now: from the acceptance, or the end of the person's last match of the track.
    happened_at: Option<Stated>,
    /// Ask for the same mentor as a sibling's.
    #[serde(default)]
    same_family: bool,
    /// Ask once more for a pair of whom one said no before, or that knows the family.
    #[serde(default)]
    again: bool,
    /// Why these two; the mentor or coach reads it.
    sentence: Option<Text>,
    /// Weekly unless told otherwise.
    rhythm: Option<Rhythm>,
    /// 1 Monday to 7 Sunday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: Option<i32>,
    /// Minutes after local midnight.
    #[schema(minimum = 0, maximum = 1439)]
    at_min: Option<i32>,
    /// 5 to 1440 minutes; 90 unless told otherwise.
    #[schema(minimum = 5, maximum = 1440)]
    length_min: Option<i32>,
    place_code: Option<PlaceCode>,
    /// After twelve months unless told otherwise.
    expected_end_on: Option<Day>,
    /// The first joint meeting.
    first_meeting_at: Option<Instant>,
    /// The account of the coordinator who is at it with the two.
    facilitator_id: Option<AccountId>,
}

/// Propose a match
///
/// Both sides may say no. 409 names what must come first: asking, when it is time to, whether a match is still wanted; a talk about the last
/// match where one of the two had wished its end; a consent. 422 names each limit that excludes the member of staff; `not_available` is one that
/// is not for the caller to see. One that is written down after it expired is over; answers that were given in time may still be written down, too.
#[utoipa::path(operation_id = "matches.propose", tag = "matching", params(IdempotencyKey), request_body = ProposeMatch,
    responses((status = 201, body = MatchView, description = "Proposed to both sides")))]
#[post("/matches")]
async fn propose(door: web::Data<Door>, call: Call, body: Body<ProposeMatch>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let agreed = Wish {
            rhythm: body.rhythm,
            weekday: body.weekday.map(Some),
            at_min: body.at_min.map(Some),
            length_min: body.length_min,
            place: body.place_code.clone().map(Some),
            expected_end_on: body.expected_end_on.map(Day::date),
            first_meeting_at: body.first_meeting_at.map(Some),
            facilitator: body.facilitator_id.map(Some),
        };
        let proposal = Proposal {
            course: body.course_id,
            staff: body.staff_id,
            happened_at: body.happened_at.map(Stated::at),
            asked: Asked { same_family: body.same_family, again: body.again },
            beside: Vec::new(),
            sentence: body.sentence.clone(),
            agreed,
        };
        actions::propose(tx, proposal)
    };
    created(&call, &door.command(&call, Capability::MatchesPropose, verb, get_view).await?.view)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only matches of this course.
    course: Option<CourseId>,
    /// Only matches of this case.
    case: Option<CaseId>,
    /// Only matches of this person.
    person: Option<PersonId>,
    /// Only matches of this member of staff.
    staff: Option<StaffId>,
    /// Only matches in this state.
    #[param(inline)]
    state: Option<State>,
    /// Only pairs that both said yes to and that do not run (`true`), or all others (`false`).
    held: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The matches the caller may see
///
/// In the order they were proposed. A mentor or coach gets their own, a supervisor those they supervise.
#[utoipa::path(operation_id = "matches.list", tag = "matching", params(Which), responses((status = 200, body = List<MatchView>, description = "One page")))]
#[get("/matches")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, MatchId)>::read("matches", which.limit, which.cursor.as_ref())?;
        let Which { course, case, person, staff, state, held, .. } = *which;
        let filter = Filter { course, case, person, staff, state, held };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |matched| (matched.proposed_at, matched.id));
        let items = items.into_iter().map(|matched| view(tx, matched)).collect::<Result<Vec<_>>>()?;
        Ok(Paged { items, next })
    };
    call.answer_list(door.read(&call, Capability::MatchesList, look_up).await?)
}

/// One match
#[utoipa::path(operation_id = "matches.get", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match")),
    responses((status = 200, body = MatchView, description = "The match, as far as the caller may see")))]
#[get("/matches/{match_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<MatchId>) -> Answer {
    let matched = door.read(&call, Capability::MatchesGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(matched.version, &matched)
}
