//! Today over HTTP.

use std::collections::BTreeSet;

use actix_web::middleware::from_fn;
use actix_web::{get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::actions;
use super::model::{Covered, Ended, GoalLine, Proposed, Running, Today};
use super::rules;
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Registry, packed};
use crate::base::ids::{AnswerId, AnyId, CourseId, DutyId, MatchId, PersonId, SessionId, StaffId};
use crate::base::language::Language;
use crate::base::value::Text;
use crate::courses::Track;
use crate::courses::model::Area;
use crate::duties::{self, Duty};
use crate::journal::SubjectKind;
use crate::matching::{PlaceCode, Rhythm};
use crate::people::model::{Contact, Person};
use crate::sessions::answers::{Answer as Answered, Reply};
use crate::sessions::{Kind, Session, State};

/// Adds the room's route.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(show);
}

/// Whom the caller meets, as far as meeting needs it.
#[derive(Serialize, ToSchema)]
struct MetView {
    id: PersonId,
    given_name: String,
    /// The language of their messages.
    language: Language,
    /// How they may safely be reached. From 15 an address that is a parent's, too, is not theirs, and left out.
    contact: Contact,
    /// What whoever meets them must know.
    warnings: Option<Text>,
}

/// What the pair agreed on: the defaults of the next plan or log.
#[derive(Serialize, ToSchema)]
struct AgreedView {
    rhythm: Rhythm,
    /// 1 Monday to 7 Sunday; null: not agreed yet.
    weekday: Option<i32>,
    /// Minutes after local midnight.
    at_min: Option<i32>,
    length_min: i32,
    /// Null also where the address is protected.
    place_code: Option<PlaceCode>,
}

/// A goal of the present plan, in a line.
#[derive(Serialize, ToSchema)]
struct GoalLineView {
    area: Area,
    /// At most 120 characters; the whole goal stands in the plan.
    line: String,
}

/// A match that the caller is proposed for: `GET /v1/matches/{id}` shows what they may know of the person before they answer.
#[derive(Serialize, ToSchema)]
struct ProposedView {
    id: MatchId,
    track: Track,
    given_name: String,
    /// Until when it may be answered.
    expires_at: Instant,
    /// The caller's own answer is still to come.
    needs_answer: bool,
}

/// A running match.
#[derive(Serialize, ToSchema)]
struct RunningView {
    id: MatchId,
    course_id: CourseId,
    track: Track,
    person: MetView,
    agreed: AgreedView,
    goals: Vec<GoalLineView>,
}

/// Whom the caller meets in somebody's place: seen from some days before the first covered session until some days after the last.
#[derive(Serialize, ToSchema)]
struct CoveredView {
    /// Of the sessions that say so.
    match_id: MatchId,
    person: MetView,
}

/// A match that is over: nothing is left of it but what its last logs need.
#[derive(Serialize, ToSchema)]
struct EndedView {
    id: MatchId,
    given_name: String,
    /// When it ended (stated).
    ended_at: Instant,
    /// Until when its logs are taken in as usual; from that moment on they are still taken in, and answered without content.
    logs_until: Instant,
    length_min: i32,
}

/// A session of the days carried, or an earlier one whose log is missing: also one that the caller covered and sees no more, without its place.
#[derive(Serialize, ToSchema)]
struct CarriedSessionView {
    id: SessionId,
    match_id: MatchId,
    state: State,
    starts_at: Instant,
    ends_at: Instant,
    kind: Kind,
    /// Null also where the address of somebody who is met there is protected.
    place_code: Option<PlaceCode>,
    /// It has begun, and there is no log of it. A phone without signal asks the same of a planned one whose start has passed, unless
    /// somebody else covers it (`covered_by`): its log is theirs.
    needs_log: bool,
    /// Who meets the person in the place of whoever runs the match.
    covered_by: Option<StaffId>,
    /// What was answered by a link, while nobody has said what came of it.
    answer: Option<Reply>,
    /// Which answer that is: `answers.settle` says what came of it.
    answer_id: Option<AnswerId>,
    /// For `If-Match`, in quotes: `"3"`.
    version: i64,
}

/// A promise of the caller's that is to be kept.
#[derive(Serialize, ToSchema)]
struct OwnDutyView {
    id: DutyId,
    kind: duties::Kind,
    /// The last moment in time.
    due_at: Instant,
    is_late: bool,
    /// The noun that made it.
    subject_kind: SubjectKind,
    /// Its id.
    subject_id: AnyId,
    match_id: Option<MatchId>,
}

/// What the phone is to hold, and nothing else.
#[derive(Serialize, ToSchema)]
struct TodayView {
    /// The local date it was made on.
    on: NaiveDate,
    /// The zone of dates, weekdays and minutes after midnight.
    zone: String,
    /// The sessions carried begin at this moment or later, those without a log excepted.
    from: Instant,
    /// They begin before this moment.
    until: Instant,
    /// What the caller is asked, or has said yes to and waits for.
    proposals: Vec<ProposedView>,
    matches: Vec<RunningView>,
    /// Not the caller's matches: sessions that they cover.
    covered: Vec<CoveredView>,
    ended: Vec<EndedView>,
    /// In order of their start.
    sessions: Vec<CarriedSessionView>,
    /// The earliest due first.
    duties: Vec<OwnDutyView>,
}

fn proposed(Proposed { matched, given_name }: Proposed) -> ProposedView {
    ProposedView {
        id: matched.id,
        track: matched.track,
        given_name,
        expires_at: matched.expires_at,
        needs_answer: matched.staff_answer.is_none(),
    }
}

fn running(running: Running) -> RunningView {
    let (matched, person) = (running.matched, running.person);
    let agreed = matched.agreed;
    RunningView {
        id: matched.id,
        course_id: matched.course,
        track: matched.track,
        agreed: AgreedView {
            rhythm: agreed.rhythm,
            weekday: agreed.weekday,
            at_min: agreed.at_min,
            length_min: agreed.length_min,
            place_code: agreed.place,
        },
        person: met(person),
        goals: running.goals.into_iter().map(|GoalLine { area, line }| GoalLineView { area, line }).collect(),
    }
}

fn met(person: Person) -> MetView {
    MetView {
        id: person.id,
        given_name: person.name.given.into_string(),
        language: person.language,
        contact: person.contact,
        warnings: person.warnings,
    }
}

fn covered(covered: Covered) -> CoveredView {
    CoveredView { match_id: covered.matched, person: met(covered.person) }
}

fn ended(ended: Ended) -> EndedView {
    EndedView {
        id: ended.matched.id,
        given_name: ended.given_name,
        ended_at: ended.ended_at,
        logs_until: ended.logs_until,
        length_min: ended.matched.agreed.length_min,
    }
}

fn session(session: Session, is_own: bool, answer: Option<&Answered>, now: Instant) -> CarriedSessionView {
    CarriedSessionView {
        answer: answer.map(|answer| answer.reply),
        answer_id: answer.map(|answer| answer.id),
        needs_log: is_own && rules::needs_log(&session, now),
        covered_by: session.cover,
        id: session.id,
        match_id: session.matched,
        state: session.state,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        kind: session.kind,
        place_code: session.place,
        version: session.version,
    }
}

fn duty(duty: Duty, now: Instant) -> OwnDutyView {
    OwnDutyView {
        is_late: duty.is_late(now),
        id: duty.id,
        kind: duty.kind,
        due_at: duty.due_at,
        subject_kind: duty.subject_kind,
        subject_id: duty.subject_id,
        match_id: duty.about.matched,
    }
}

fn view(tx: &Tx<'_>, today: Today) -> TodayView {
    let (now, zone, carried) = (tx.now, tx.programme.calendar().zone, today.carried);
    let own = today.matches.iter().map(|running| running.matched.id);
    let run: BTreeSet<MatchId> = own.chain(today.ended.iter().map(|ended| ended.matched.id)).collect();
    let answers = today.answers;
    TodayView {
        on: carried.on,
        zone: zone.to_string(),
        from: carried.from,
        until: carried.until,
        proposals: today.proposals.into_iter().map(proposed).collect(),
        matches: today.matches.into_iter().map(running).collect(),
        covered: today.covered.into_iter().map(covered).collect(),
        ended: today.ended.into_iter().map(ended).collect(),
        sessions: today
            .sessions
            .into_iter()
            .map(|one| {
                // The log of a session that somebody covers is theirs, not whose match it is.
                let is_own = one.cover.is_none() || !run.contains(&one.matched);
                let answer = answers.get(&one.id).filter(|answer| answer.is_open());
                session(one, is_own, answer, now)
            })
            .collect(),
        duties: today.duties.into_iter().map(|one| duty(one, now)).collect(),
    }
}

/// What a mentor's or coach's phone is to hold
///
/// The first screen, and enough for two days without signal: whom the caller is proposed for and whom they meet, the sessions of the last 14 and the next 14 days, those
/// without a log however old, and the caller's own promises. **It is the whole of what a phone may keep: whatever it has stored from this
/// programme and is not in the latest answer is to be deleted from it**, with one exception: logs that it has not delivered yet.
///
/// The ETag changes when the content does, at the latest at local midnight; the server's time is the `Date` of every answer, a 304 too.
#[utoipa::path(operation_id = "today.get", tag = "today",
    responses((status = 200, body = TodayView, description = "All of it"), (status = 304, description = "The phone holds this very answer")))]
#[get("/today", wrap = "from_fn(packed)")]
async fn show(door: web::Data<Door>, call: Call) -> Answer {
    let look_up = |tx: &mut Tx<'_>| {
        let today = actions::look(tx)?;
        Ok(view(tx, today))
    };
    call.answer_plain(&door.read(&call, Capability::TodayGet, look_up).await?)
}
