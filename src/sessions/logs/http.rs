//! Session logs over HTTP. Whoever runs the match reads and writes its logs; no name stands in them but what their writer wrote.

mod form;

use actix_web::{get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::form::PutLog;
use super::actions::{self, Filter};
use super::model::{Content, Log, NextAppointment, Outcome, Progress, Taken, Warning};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::Instant;
use crate::base::config::Welfare;
use crate::base::error::{Code, Result};
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, LogId, MatchId, PersonId, SessionId};
use crate::base::language::Language;
use crate::base::value::{Line, Text};

/// Adds the routes of logs.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(set).service(list).service(show).service(versions).service(take_in);
}

/// What one version says.
#[derive(Serialize, ToSchema)]
struct ContentView {
    outcome: Outcome,
    starts_at: Instant,
    minutes: Option<i32>,
    /// When it was written (stated).
    written_at: Instant,
    kind: Option<Line>,
    by: Option<Line>,
    new_time_agreed: Option<bool>,
    warned: Option<bool>,
    contact_attempts: Option<u16>,
    action_taken: Option<Text>,
    topics: Vec<Line>,
    facts: Option<Text>,
    assessment: Option<Text>,
    progress: Vec<Progress>,
    school_or_job_change: Option<Text>,
    next_appointment: Option<NextAppointment>,
    wants_supervision: bool,
    welfare_report: bool,
}

impl From<Content> for ContentView {
    fn from(content: Content) -> Self {
        let body = content.body;
        Self {
            outcome: content.outcome,
            starts_at: content.starts_at,
            minutes: content.minutes,
            written_at: content.written_at,
            kind: body.kind,
            by: body.by,
            new_time_agreed: body.new_time_agreed,
            warned: body.warned,
            contact_attempts: body.contact_attempts,
            action_taken: body.action_taken,
            topics: body.topics,
            facts: body.facts,
            assessment: body.assessment,
            progress: body.progress,
            school_or_job_change: body.school_or_job_change,
            next_appointment: body.next,
            wants_supervision: body.wants_supervision,
            welfare_report: body.welfare_report,
        }
    }
}

/// Whom to tell when a child may need protection. Nobody has been told yet.
#[derive(Serialize, ToSchema)]
struct WelfareNotice {
    /// Always false: the service tells nobody; the duty is the writer's.
    told: bool,
    /// The same in the caller's language.
    message: &'static str,
    /// Where a report is sent.
    address: String,
    day_phone: String,
    night_phone: String,
}

impl WelfareNotice {
    fn of(settings: &Welfare, language: Language) -> Self {
        let message = match language {
            Language::Danish => "Ingen har fået besked endnu. Underretningspligten er din: brug adressen eller ring.",
            Language::English => "Nobody has been told yet. The duty to report is yours: use the address or call.",
        };
        Self {
            told: false,
            message,
            address: settings.address.clone(),
            day_phone: settings.day_phone.clone(),
            night_phone: settings.night_phone.clone(),
        }
    }
}

/// A session log.
#[derive(Serialize, ToSchema)]
struct LogView {
    id: LogId,
    session_id: SessionId,
    match_id: MatchId,
    /// Whose log it is.
    writer_id: AccountId,
    /// Who typed it.
    recorded_by: AccountId,
    /// Which version, others' corrections counted: the number that its writer sent may be a lower one.
    revision: i32,
    received_at: Instant,
    /// When it was last written down, corrected or taken in; never before that of what was stored earlier, so that it may lie ahead of the server's
    /// clock where that was set back.
    changed_at: Instant,
    /// Written after its limit.
    late: bool,
    /// Stated ahead of the server's clock.
    clock_ahead: bool,
    /// Delivered after the grace, say, or by somebody without a say: a coordinator looks at it, also at what lies among the earlier versions.
    in_tray: bool,
    /// What it says.
    content: ContentView,
    /// What could not be done as the log said; only in the answer to a PUT.
    warnings: Vec<Warning>,
    /// Where it may require a welfare report: whom to tell.
    welfare: Option<WelfareNotice>,
    version: i64,
}

/// What is said of a log that was taken in and is not shown.
#[derive(Serialize, ToSchema)]
struct TakenInView {
    /// What could not be done as the log said; never what became of the case or the course.
    warnings: Vec<Warning>,
    /// Where what was sent may require a welfare report: whom to tell.
    welfare: Option<WelfareNotice>,
}

impl TakenInView {
    fn new(tx: &Tx<'_>, warnings: Vec<Warning>, welfare_report: bool, language: Language) -> Self {
        let is_told = |warning: &Warning| !matches!(warning, Warning::CaseClosed | Warning::EndInDoubt);
        let warnings = warnings.into_iter().filter(is_told).collect();
        Self { warnings, welfare: welfare_report.then(|| WelfareNotice::of(&tx.programme.welfare, language)) }
    }
}

fn views(tx: &mut Tx<'_>, logs: &[Log], language: Language) -> Result<Vec<LogView>> {
    let contents = actions::open_all(tx, logs)?;
    Ok(logs.iter().zip(contents).map(|(log, content)| view(tx, log, content, language)).collect())
}

fn one_view(tx: &mut Tx<'_>, log: Log, language: Language) -> Result<LogView> {
    views(tx, &[log], language)?.pop().ok_or_else(|| Code::NotFound.into())
}

fn view(tx: &mut Tx<'_>, log: &Log, content: Content, language: Language) -> LogView {
    tx.saw(log.id);
    let welfare = log.welfare_report.then(|| WelfareNotice::of(&tx.programme.welfare, language));
    LogView {
        id: log.id,
        session_id: log.session,
        match_id: log.matched,
        writer_id: log.writer,
        recorded_by: log.recorded_by,
        revision: log.revision,
        received_at: log.received_at,
        changed_at: log.changed_at,
        late: log.late,
        clock_ahead: log.clock_ahead,
        in_tray: log.in_tray(),
        content: content.into(),
        warnings: Vec::new(),
        welfare,
        version: log.version,
    }
}

/// What a log that was sent is answered with.
enum Written {
    New(LogView),
    Known(LogView),
    TakenIn(TakenInView),
}

/// Write or correct a log
///
/// The id is the phone's own. The same content again is 200 and changes nothing, with the same `warnings` as far as they still hold; only a next
/// appointment that could not be planned is tried once more, as it is by the next version that names it, where none was agreed on since. Other content
/// by the same writer is the next version; another writer who may read the log needs If-Match. Written after the grace, or told of a day outside the match, it is taken in
/// with 202 and not shown: a coordinator looks at it; so is what comes of whoever ran or covered the match once, with whatever account, role or cover
/// they had then. It lies in the tray until a coordinator decides, or whoever alone sent what lies there puts it right. Only a
/// match that never was the writer's is 404, or one that a bar hides. Of what is to come a log changes what its writer could change
/// themselves: of whoever has the match no more, or covers another session, it leaves that as it is, and says of a next appointment only
/// that it was not planned. Put right in time a log is like any other. Whoever may read the log no more gets 202 for what it said once,
/// too. Filed under the wrong session or match it is put right by the same call, with the right one: what it was filed under is as if it
/// never was; where its writer has no say in that any more it stays, and the log is taken in with 202, as is what they send of it, the same
/// again, too, until a coordinator decided. What was kept apart from the session that it names stays apart once that began. A second id for the same session is 409
/// `already_exists` and names the first, for whoever may read that: fetch it, and send yours under its id. Whoever may not (after the grace, without
/// the role, or in a cover that was taken back) gets 202, under whatever id, without `If-Match` or over an older version: theirs is kept among the
/// earlier versions, what stands stays, and the log lies in the tray. What was answered with 202 is delivered: fetch nothing, and send the next
/// version under the same id. What could not be done as the log said is in `warnings`.
#[utoipa::path(operation_id = "logs.put", tag = "sessions", params(("log_id" = LogId, Path, description = "The phone's own id"),
        ("If-Match" = Option<String>, Header, description = "The ETag it was read with; needed to correct another's log, and whenever it is sent it holds. `*` names no version that was read: with a `revision`, one's own log is judged by that, and another's where that was sent before; what whoever was to cover its session, and lost that before it began, wrote since is kept beside what stands. Whoever may not read the log need not send it")), request_body = PutLog,
    responses((status = 200, body = LogView, description = "Stored, or known already"), (status = 201, body = LogView, description = "Stored for the first time"),
        (status = 202, body = TakenInView, description = "Taken in and not shown: a coordinator looks at it")))]
#[put("/session-logs/{log_id}")]
async fn set(door: web::Data<Door>, call: Call, path: Path<LogId>, body: Body<PutLog>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let new = body.read(id, tx.now)?;
        let Taken { is_new, is_hidden, warnings, .. } = actions::put(tx, &new, asked.if_match()?)?;
        if is_hidden {
            return Ok(Written::TakenIn(TakenInView::new(tx, warnings, new.content.body.welfare_report, asked.language())));
        }
        let log = actions::get_written(tx, id)?;
        let shown = LogView { warnings, ..one_view(tx, log, asked.language())? };
        Ok(if is_new { Written::New(shown) } else { Written::Known(shown) })
    };
    match door.write(&call, Capability::LogsPut, verb).await? {
        Written::TakenIn(said) => call.accepted_with(&said),
        Written::New(log) => call.created(&format!("/v1/session-logs/{}", log.id), log.version, &log),
        Written::Known(log) => call.answer(log.version, &log),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only logs of this match.
    #[serde(rename = "match")]
    #[param(rename = "match")]
    matched: Option<MatchId>,
    /// Only the log of this session.
    session: Option<SessionId>,
    /// Only logs of this case.
    case: Option<CaseId>,
    /// Only logs of sessions that begin at this moment or later.
    from: Option<Instant>,
    /// Only logs of sessions that begin before this moment.
    until: Option<Instant>,
    /// Only logs written down or changed after this moment, and those of the 5 minutes before it: what was changed while you fetched page after page
    /// may lie before the last that you saw. To keep a copy, send the largest `changed_at` that a list gave you (not the time of an answer), and know by
    /// id and version what you have already. What is stored later bears no earlier one, also where the server's clock was set back: as long as that is
    /// behind what it once said, each fetch gives again what was stored since.
    changed_after: Option<Instant>,
    /// Only logs in the coordinator's tray (`true`) or not (`false`).
    in_tray: Option<bool>,
    /// Only logs that ask for supervision (`true`) or do not (`false`): by their present version, by what was heard beside it of whoever may not read the
    /// log (the versions with the number 0), or, while it lies in the tray, by any of its versions.
    wants_supervision: Option<bool>,
    /// Only logs that may require a welfare report (`true`) or do not say so (`false`), by any of the same.
    welfare_report: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The logs the caller may see
///
/// In order of the stated start. A mentor or coach gets those of their own matches, a supervisor those they supervise.
#[utoipa::path(operation_id = "logs.list", tag = "sessions", params(Which), responses((status = 200, body = List<LogView>, description = "One page")))]
#[get("/session-logs")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let language = call.language();
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, LogId)>::read("logs", which.limit, which.cursor.as_ref())?;
        let filter = Filter {
            matched: which.matched,
            session: which.session,
            case: which.case,
            from: which.from,
            until: which.until,
            changed_after: which.changed_after,
            in_tray: which.in_tray,
            wants_supervision: which.wants_supervision,
            welfare_report: which.welfare_report,
        };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |log| (log.starts_at, log.id));
        Ok(Paged { items: views(tx, &items, language)?, next })
    };
    call.answer_list(door.read(&call, Capability::LogsList, look_up).await?)
}

/// One log
#[utoipa::path(operation_id = "logs.get", tag = "sessions", params(("log_id" = LogId, Path, description = "Which log")),
    responses((status = 200, body = LogView, description = "Its present version")))]
#[get("/session-logs/{log_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<LogId>) -> Answer {
    let language = call.language();
    let look_up = move |tx: &mut Tx<'_>| {
        let log = actions::get(tx, path.get()?)?;
        one_view(tx, log, language)
    };
    let log = door.read(&call, Capability::LogsGet, look_up).await?;
    call.answer(log.version, &log)
}

/// An earlier version of a log, a late copy of one, or what somebody said of it who may not read it.
#[derive(Serialize, ToSchema)]
struct VersionView {
    /// 0 of what never stood: whoever said so may not read the log, and a coordinator finds what is right.
    revision: i32,
    /// Who typed it.
    recorded_by: AccountId,
    received_at: Instant,
    /// The session that it names, which need not be the log's; only for the coordinator, where it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    /// Whom it is about, who need not be the log's person; only for the coordinator.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<PersonId>,
    /// What it says.
    content: ContentView,
}

/// What a log said before
///
/// The earlier versions, late copies, and what was said by whoever may not read the log, in the order they came; nothing is ever overwritten. What was
/// filed under another person is a coordinator's to read, and so is which session a version names: that may be all that it says anew.
#[utoipa::path(operation_id = "logs.versions", tag = "sessions", params(("log_id" = LogId, Path, description = "Which log")),
    responses((status = 200, body = List<VersionView>, description = "All of them, in one page")))]
#[get("/session-logs/{log_id}/versions")]
async fn versions(door: web::Data<Door>, call: Call, path: Path<LogId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (old, all) = (actions::versions(tx, path.get()?)?, tx.reaches(Reach::All));
        let view = |(version, content): (super::model::OldVersion, Content)| VersionView {
            revision: version.revision,
            recorded_by: version.recorded_by,
            received_at: version.received_at,
            session_id: content.body.named.filter(|_| all),
            person_id: all.then_some(version.person),
            content: content.into(),
        };
        Ok(Paged::all(old.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::LogsVersions, look_up).await?)
}

/// Take a log out of the tray
///
/// It was delivered after the grace, say; it stays there until a coordinator takes it in or corrects it, or whoever alone sent what lies there puts it
/// right. From now on it is like any other. What its writer could not change, a session to come or a next appointment, it
/// does not change by that either, nor what it says, where what is to be looked at lies among the earlier versions: whoever finds it right does so.
#[utoipa::path(operation_id = "logs.take_in", tag = "sessions", params(("log_id" = LogId, Path, description = "Which log"), IdempotencyKey),
    responses((status = 201, body = LogView, description = "Taken in")))]
#[post("/session-logs/{log_id}/take-in")]
async fn take_in(door: web::Data<Door>, call: Call, path: Path<LogId>, empty: crate::base::http::Empty) -> Answer {
    let language = call.language();
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::take_in(tx, id)
    };
    let shown = move |tx: &mut Tx<'_>, id| {
        let log = actions::get(tx, id)?;
        one_view(tx, log, language)
    };
    let log = door.command(&call, Capability::LogsTakeIn, verb, shown).await?.view;
    call.created(&format!("/v1/session-logs/{}", log.id), log.version, &log)
}
