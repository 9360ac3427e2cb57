//! Logs and their earlier versions as rows.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::dsl::{exists, max};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Body, Content, Log, OldVersion, Outcome, Tray};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, CourseId, Id, LogId, MatchId, PersonId, RowId, SessionId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::{session_log_numbers as numbers, session_log_versions as versions, session_logs as logs};
use crate::{read_as, save_over};

/// What a log has from its first version.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = logs, treat_none_as_default_value = false)]
pub struct Key {
    id: LogId,
    writer_id: AccountId,
    late: bool,
    version: i64,
}

/// What of it changes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = logs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Values {
    session_id: SessionId,
    match_id: MatchId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    recorded_by: AccountId,
    outcome: Outcome,
    starts_at: Instant,
    minutes: Option<i32>,
    body: Sealed<Body>,
    revision: i32,
    written_at: Instant,
    received_at: Instant,
    clock_ahead: bool,
    in_tray: bool,
    wants_supervision: bool,
    welfare_report: bool,
    changed_at: Instant,
    held_at: Option<Instant>,
    left_session_id: Option<SessionId>,
    apart_session_id: Option<SessionId>,
    next_waits: bool,
    tray_account_id: Option<AccountId>,
}

type Row = (Key, Values);

read_as!(Log, Row);

impl From<Row> for Log {
    fn from((key, row): Row) -> Self {
        Self {
            id: key.id,
            session: row.session_id,
            matched: row.match_id,
            course: row.course_id,
            case: row.case_id,
            person: row.person_id,
            writer: key.writer_id,
            recorded_by: row.recorded_by,
            outcome: row.outcome,
            starts_at: row.starts_at,
            minutes: row.minutes,
            body: row.body,
            revision: row.revision,
            written_at: row.written_at,
            received_at: row.received_at,
            late: key.late,
            clock_ahead: row.clock_ahead,
            tray: if row.in_tray { row.tray_account_id.map_or(Tray::Unit, Tray::Of) } else { Tray::Out },
            wants_supervision: row.wants_supervision,
            welfare_report: row.welfare_report,
            held_at: row.held_at,
            left: row.left_session_id,
            apart: row.apart_session_id,
            next_waits: row.next_waits,
            changed_at: row.changed_at,
            version: key.version,
        }
    }
}

impl From<&Log> for Values {
    fn from(log: &Log) -> Self {
        Self {
            session_id: log.session,
            match_id: log.matched,
            course_id: log.course,
            case_id: log.case,
            person_id: log.person,
            recorded_by: log.recorded_by,
            outcome: log.outcome,
            starts_at: log.starts_at,
            minutes: log.minutes,
            body: log.body.clone(),
            revision: log.revision,
            written_at: log.written_at,
            received_at: log.received_at,
            clock_ahead: log.clock_ahead,
            in_tray: log.in_tray(),
            wants_supervision: log.wants_supervision,
            welfare_report: log.welfare_report,
            changed_at: log.changed_at,
            held_at: log.held_at,
            left_session_id: log.left,
            apart_session_id: log.apart,
            next_waits: log.next_waits,
            tray_account_id: match log.tray {
                Tray::Of(account) => Some(account),
                Tray::Out | Tray::Unit => None,
            },
        }
    }
}

/// What the caller may see: bars taken off, and without full reach only logs of matches they are related to and of sessions
/// they cover. The match, not the person:
/// a coach never reads the mentor's log, nor the next mentor the last one's.
fn visible(tx: &Tx<'_>) -> logs::BoxedQuery<'static, MultiBackend> {
    let query = logs::table.filter(logs::case_id.ne_all(tx.barred())).filter(logs::person_id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(logs::match_id.eq_any(tx.related()).or(logs::session_id.eq_any(tx.related()))) }
}

/// A log the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: LogId) -> Result<Log> {
    visible(tx).filter(logs::id.eq(id)).select(Log::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// What is changed while a copy is fetched, page after page, lies before the last that is seen: a look back by more than that takes misses nothing.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// Which logs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this match.
    pub matched: Option<MatchId>,
    /// Of this session.
    pub session: Option<SessionId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of a session beginning at this moment or later.
    pub from: Option<Instant>,
    /// Of a session beginning before this moment.
    pub until: Option<Instant>,
    /// Written down or changed after this moment, or in the `OVERLAP` before it, by their `changed_at`.
    pub changed_after: Option<Instant>,
    /// In the coordinator's tray or not.
    pub in_tray: Option<bool>,
    /// Asking for supervision or not, by what stands or by what a coordinator has to look at beside it.
    pub wants_supervision: Option<bool>,
    /// Saying, one or the other, that it may require a welfare report, or not.
    pub welfare_report: Option<bool>,
}

/// Whether anything that was heard beside a log asks for what a column says, or, as long as it lies in the tray, any of its earlier versions; as far as the
/// caller may read them. What the program kept before it wrote that down may: only who opens it knows.
macro_rules! is_asked_beside {
    ($tx:expr, $column:expr) => {
        exists(
            versions::table
                .filter(versions::log_id.eq(logs::id))
                .filter(versions::revision.eq(OldVersion::HEARD).or(logs::in_tray))
                .filter(versions::person_id.eq(logs::person_id.nullable()).or($tx.reaches(Reach::All).into_sql::<Bool>().nullable()))
                .filter(versions::person_id.assume_not_null().ne_all($tx.barred()))
                .filter($column.is_null().or($column.assume_not_null())),
        )
    };
}

/// One page of the logs a caller may see, in order of their session's start.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, LogId)>, fetch: i64) -> Result<Vec<Log>> {
    let mut query = visible(tx);
    // Who is behind a label is told by no filter, as with matches.
    if filter.case.is_some() && !tx.reaches(Reach::All) {
        query = query.filter(logs::match_id.eq_any(tx.running()));
    }
    if let Some(matched) = filter.matched {
        query = query.filter(logs::match_id.eq(matched));
    }
    if let Some(case) = filter.case {
        query = query.filter(logs::case_id.eq(case));
    }
    if let Some(from) = filter.from {
        query = query.filter(logs::starts_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(logs::starts_at.lt(until));
    }
    if let Some(changed_after) = filter.changed_after {
        query = query.filter(logs::changed_at.gt(changed_after.minus(OVERLAP)));
    }
    if let Some(session) = filter.session {
        query = query.filter(logs::session_id.eq(session));
    }
    if let Some(in_tray) = filter.in_tray {
        query = query.filter(logs::in_tray.eq(in_tray));
    }
    if let Some(wants) = filter.wants_supervision {
        query = query.filter(logs::wants_supervision.or(is_asked_beside!(tx, versions::wants_supervision)).eq(wants));
    }
    if let Some(may) = filter.welfare_report {
        query = query.filter(logs::welfare_report.or(is_asked_beside!(tx, versions::welfare_report)).eq(may));
    }
    if let Some((at, id)) = after {
        query = query.filter(logs::starts_at.gt(at).or(logs::starts_at.eq(at).and(logs::id.gt(id))));
    }
    Ok(query.order((logs::starts_at, logs::id)).limit(fetch).select(Log::as_select()).load(tx.db())?)
}

/// The logs of these sessions that the caller may see, by id.
pub(super) fn list_ids(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, LogId>> {
    let of_these = visible(tx).filter(logs::session_id.eq_any(sessions.to_vec()));
    let found: Vec<(SessionId, LogId)> = of_these.select((logs::session_id, logs::id)).load(tx.db())?;
    Ok(found.into_iter().collect())
}

/// A log by its id, for the judgement of a PUT; not for the caller's eyes.
pub(super) fn fact(tx: &mut Tx<'_>, id: LogId) -> Result<Option<Log>> {
    Ok(logs::table.find(id).select(Log::as_select()).first(tx.db()).optional()?)
}

/// The log of a session, by id.
pub(super) fn fact_of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<LogId>> {
    Ok(logs::table.filter(logs::session_id.eq(session)).select(logs::id).first(tx.db()).optional()?)
}

const fn place<N>(table: &'static str, row: Id<N>) -> Place {
    Place { table, column: "body", row: row.cast() }
}

/// Opens a log's present version.
pub(super) fn open(tx: &mut Tx<'_>, log: &Log) -> Result<Content> {
    let body = tx.open(Holder::person(log.person), place("session_logs", log.id), &log.body)?;
    Ok(Content { outcome: log.outcome, starts_at: log.starts_at, minutes: log.minutes, written_at: log.written_at, body })
}

/// The earlier versions of a log and late copies, in the order they came, opened.
pub(super) fn open_versions(tx: &mut Tx<'_>, log: &Log) -> Result<Vec<(OldVersion, Content)>> {
    type Columns = (RowId, Option<PersonId>, i32, Outcome, Instant, Option<i32>, Sealed<Body>, AccountId, Instant, Instant);
    let rows: Vec<Columns> = versions::table
        .filter(versions::log_id.eq(log.id))
        .order((versions::received_at, versions::revision, versions::id))
        .select((
            versions::id,
            versions::person_id,
            versions::revision,
            versions::outcome,
            versions::starts_at,
            versions::minutes,
            versions::body,
            versions::recorded_by,
            versions::written_at,
            versions::received_at,
        ))
        .load(tx.db())?;
    rows.into_iter()
        .map(|(id, person, revision, outcome, starts_at, minutes, body, recorded_by, written_at, received_at)| {
            let person = person.unwrap_or(log.person);
            let opened = tx.open(Holder::person(person), place("session_log_versions", id), &body)?;
            let content = Content { outcome, starts_at, minutes, written_at, body: opened };
            Ok((OldVersion { person, revision, recorded_by, received_at }, content))
        })
        .collect()
}

/// The highest number that an account ever sent of a log; 0 where it sent none.
pub(super) fn fact_last_sent(tx: &mut Tx<'_>, log: LogId, account: AccountId) -> Result<i32> {
    let sent = numbers::table.filter(numbers::log_id.eq(log)).filter(numbers::account_id.eq(account));
    let last: Option<i32> = sent.select(max(numbers::revision)).first(tx.db())?;
    Ok(last.unwrap_or_default())
}

/// Writes down the number that an account sent of a log, where it is their highest.
pub(super) fn note_sent(tx: &mut Tx<'_>, log: LogId, account: AccountId, number: i32) -> Result<()> {
    if number > fact_last_sent(tx, log, account)? {
        let sent = (numbers::log_id.eq(log), numbers::account_id.eq(account), numbers::revision.eq(number));
        diesel::insert_into(numbers::table).values(sent).execute(tx.db())?;
    }
    Ok(())
}

/// Whether the caller may read a log by now.
pub(super) fn is_shown(tx: &mut Tx<'_>, log: &Log) -> Result<bool> {
    Ok(list_ids(tx, &[log.session])?.contains_key(&log.session))
}

/// When the versions of a log came in, those that lie in the history, and when what was sent again last made a session.
pub(super) fn fact_received(tx: &mut Tx<'_>, log: LogId) -> Result<Vec<Instant>> {
    let mut received: Vec<Instant> = versions::table.filter(versions::log_id.eq(log)).select(versions::received_at).load(tx.db())?;
    let again: Option<Instant> = logs::table.find(log).select(logs::next_planned_at).first(tx.db())?;
    received.extend(again);
    Ok(received)
}

/// Notes that a log that was sent again made a session for its next appointment now.
pub(super) fn note_planned_again(tx: &mut Tx<'_>, log: LogId) -> Result<()> {
    let now = tx.now;
    diesel::update(logs::table.find(log)).set(logs::next_planned_at.eq(Some(now))).execute(tx.db())?;
    Ok(())
}

/// Puts a version of a log into the history, under the person it was filed under, or names.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    (log, person): (LogId, PersonId),
    revision: i32,
    content: &Content,
    recorded_by: AccountId,
    received_at: Instant,
) -> Result<()> {
    let id: RowId = tx.new_id();
    let body = tx.seal(Holder::person(person), place("session_log_versions", id), &content.body)?;
    diesel::insert_into(versions::table)
        .values((
            versions::id.eq(id),
            versions::log_id.eq(log),
            versions::person_id.eq(Some(person)),
            versions::revision.eq(revision),
            versions::outcome.eq(content.outcome),
            versions::starts_at.eq(content.starts_at),
            versions::minutes.eq(content.minutes),
            versions::body.eq(&body),
            versions::recorded_by.eq(recorded_by),
            versions::written_at.eq(content.written_at),
            versions::received_at.eq(received_at),
            versions::wants_supervision.eq(Some(content.body.wants_supervision)),
            versions::welfare_report.eq(Some(content.body.welfare_report)),
        ))
        .execute(tx.db())?;
    tx.changed(log);
    Ok(())
}

/// Seals the body of a log.
pub(super) fn seal(tx: &mut Tx<'_>, id: LogId, person: PersonId, body: &Body) -> Result<Sealed<Body>> {
    tx.seal(Holder::person(person), place("session_logs", id), body)
}

/// When what is written down of a log now counts as changed: now, but never before the latest that is stored, whose request came in later and had its
/// turn sooner, or whose clock is ahead, or was. So whoever has seen a log and asks for what came after it misses nothing: SQLite has one writer, and of
/// two transactions on PostgreSQL that looked and wrote without seeing each other one runs again, whatever their clocks say.
pub(super) fn next_change(tx: &mut Tx<'_>) -> Result<Instant> {
    let latest: Option<Instant> = logs::table.select(max(logs::changed_at)).first(tx.db())?;
    Ok(latest.map_or(tx.now, |latest| latest.max(tx.now)))
}

/// Writes a new log.
pub(super) fn insert(tx: &mut Tx<'_>, log: &Log) -> Result<()> {
    let key = Key { id: log.id, writer_id: log.writer, late: log.late, version: log.version };
    diesel::insert_into(logs::table).values((key, Values::from(log))).execute(tx.db())?;
    tx.changed(log.id);
    tx.changed(log.person);
    Ok(())
}

/// Saves a changed log over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, log: &Log) -> Result<()> {
    save_over!(tx.db(), logs, log, Values::from(log))?;
    tx.changed(log.id);
    tx.changed(log.person);
    Ok(())
}

/// Writes down whether a log's next appointment waits to be planned. What the log says stays, and so does its version.
pub(super) fn note_waits(tx: &mut Tx<'_>, log: &mut Log, waits: bool) -> Result<()> {
    if log.next_waits != waits {
        log.next_waits = waits;
        diesel::update(logs::table.find(log.id)).set(logs::next_waits.eq(waits)).execute(tx.db())?;
    }
    Ok(())
}
