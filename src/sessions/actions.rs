//! Plan, move and cancel; and what follows from a changed session.

pub mod places;
pub mod steps;
pub mod taken_back;

use std::collections::BTreeSet;

use chrono::NaiveDate;

pub use super::store::{Filter, get, list};

use super::changes::{self, Because, ChangeKind, Reason};
use super::free::actions::{TimeSet, check_arranged, check_rules, or_alternatives};
use super::model::{Arrangement, Occurrence, Plan, Session, Side, State, Telling};
use super::{answers, attendance, covers, joint, reminders, rules, store};
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::{AccountId, CourseId, MatchId, MessageId, PersonId, SessionId};
use crate::courses::{self, Standing};
use crate::duties::store::Which;
use crate::duties::{self, About, Kind, Promise};
use crate::facts::Fact;
use crate::journal::Subject;
use crate::matching::{self, Match};
use crate::staff;

/// As [`get`], of one that is changed and that a path names first: a precondition is held against the version that the caller is shown.
///
/// # Errors
/// 404.
pub(in crate::sessions) fn get_to_change(tx: &mut Tx<'_>, id: SessionId) -> Result<Session> {
    let session = get(tx, id)?;
    if let Some(covered) = covers::actions::find_shown_as_cover(tx, &session)? {
        tx.seen_at(covered.version);
    }
    Ok(session)
}

/// A match that may have (new) sessions on a date; with what decides about the dates of its course.
///
/// # Errors
/// 409.
pub(super) fn check_match(tx: &mut Tx<'_>, matched: &Match, on: NaiveDate) -> Result<Standing> {
    let standing = check_running(tx, matched)?;
    let zone = tx.programme.calendar().zone;
    if matched.loan_ends_at.is_some_and(|ends_at| zone.date(ends_at) < on) {
        return Err(refusal(matched, "Udlånet er slut inden mødet", "The loan is over by then"));
    }
    if consents(&standing)(on) {
        return Ok(standing);
    }
    Err(refusal(matched, "Et nødvendigt samtykke mangler", "A needed consent is missing"))
}

/// A match that runs, of a course that neither ended nor stands still; with what decides about its dates.
///
/// # Errors
/// 409.
pub(super) fn check_running(tx: &mut Tx<'_>, matched: &Match) -> Result<Standing> {
    if matched.state != matching::State::Running {
        return Err(refusal(matched, "Matchet er ikke i gang", "The match is not running"));
    }
    let standing = courses::actions::standing(tx, matched.course)?;
    if standing.course.ended_at.is_some() {
        return Err(refusal(matched, "Forløbet er afsluttet", "The course has ended"));
    }
    if standing.course.paused_at.is_some() {
        return Err(refusal(matched, "Forløbet er sat på pause", "The course is paused"));
    }
    Ok(standing)
}

fn refusal(matched: &Match, da: &'static str, en: &'static str) -> Error {
    Problem::new(Code::WrongState).say(da, en).blocked_by("match", matched.id.uuid()).into()
}

/// On which dates the consents allow a session to be planned today.
pub(super) fn consents(standing: &Standing) -> impl Fn(NaiveDate) -> bool {
    let (may_today, grace) = (standing.may_run(standing.today), standing.grace());
    move |on| rules::consent_allows(may_today, standing.may_run(on), on, grace.as_ref())
}

/// Plans a session of a running match: both have that time from now on.
///
/// # Errors
/// 422 for an unknown match or an impossible time; 409 while the match or course plans nothing, when the id is used, `not_available` when
/// a rule stands against the time, and `claims_overlap`, with other times, when either has something else then.
pub fn plan(tx: &mut Tx<'_>, plan: &Plan) -> Result<SessionId> {
    steps::plan_in(tx, plan, State::Planned)
}

/// Plans or proposes a session for whoever may: its match was looked up by the caller's rights, or by those of the session's date. It may
/// stand for a date of a series.
///
/// # Errors
/// As [`plan`].
pub(super) fn take_up(tx: &mut Tx<'_>, plan: &Plan, state: State, occurrence: Option<Occurrence>) -> Result<SessionId> {
    // Asked first: a plan that is sent again may lie in the past by now, and nothing of it is to be corrected.
    let id = plan.id.unwrap_or_else(|| tx.new_id());
    if store::find_fact(tx, id)?.is_some() {
        let problem = Problem::new(Code::AlreadyExists);
        let is_seen = store::find_visible(tx, id)?.is_some();
        return Err(if is_seen { problem.blocked_by("session", id.uuid()) } else { problem }.into());
    }
    let matched = check_time(tx, plan.matched, plan.starts_at, plan.ends_at)?;
    let telling = (state == State::Proposed).then_some(Telling::Nobody);
    let agreed_at = (state == State::Planned).then_some(plan.agreed_at.unwrap_or(tx.now));
    let session = Session { state, occurrence, telling, agreed_at, ..timed(tx, id, &matched, plan)? };
    tx.lock(&session.both())?;
    check_rules(tx, std::slice::from_ref(&session), TimeSet::Now)?;
    take(tx, &session)?;
    Ok(id)
}

/// Takes the time of a new session that was judged under the lock of both.
pub(super) fn take(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let taken = tx.attempt(|tx| {
        store::insert(tx, session)?;
        store::claim(tx, session)
    });
    or_alternatives(tx, std::slice::from_ref(session), taken)?;
    tx.tell(Fact::SessionChanged { session: session.id });
    Ok(())
}

/// The match of a session that may be at a time to come.
///
/// # Errors
/// 422 for an impossible time; 409 while the match or course plans nothing.
fn check_time(tx: &mut Tx<'_>, matched: MatchId, starts_at: Instant, ends_at: Instant) -> Result<Match> {
    let zone = tx.programme.calendar().zone;
    rules::check_time(starts_at, ends_at, tx.now, zone)?;
    let matched = matching::store::find_fact(tx, matched)?.ok_or(Code::NotFound)?;
    let on = zone.date(starts_at);
    check_match(tx, &matched, on)?;
    Ok(matched)
}

fn timed(tx: &Tx<'_>, id: SessionId, matched: &Match, plan: &Plan) -> Result<Session> {
    let blank = blank(tx, id, matched, tx.account()?);
    Ok(Session { starts_at: plan.starts_at, ends_at: plan.ends_at, kind: plan.kind, place: plan.place.clone(), ..blank })
}

/// A planned session of a match that is agreed on now, its time still to be set; by whose word it is planned.
pub(super) const fn blank(tx: &Tx<'_>, id: SessionId, matched: &Match, by: AccountId) -> Session {
    Session {
        id,
        matched: matched.id,
        course: matched.course,
        case: matched.case,
        person: matched.person,
        staff: matched.staff,
        state: State::Planned,
        starts_at: tx.now,
        ends_at: tx.now,
        timed_at: tx.now,
        agreed_at: Some(tx.now),
        kind: super::model::Kind::InPerson,
        place: None,
        was_planned: true,
        moved_count: 0,
        cancelled_by: None,
        cancelled_at: None,
        new_time_agreed: None,
        late_cancellation: false,
        minutes: None,
        recorded_at: tx.now,
        recorded_by: by,
        cover: None,
        occurrence: None,
        telling: None,
        version: 1,
    }
}

/// Moves a planned session that the caller was shown to another time, or changes how long, how and where they meet; it keeps its id.
///
/// # Errors
/// 409 when it is not planned, the match or course plans nothing, a rule stands against the time, or either has something else then, with
/// other times; 422.
pub(super) fn move_seen(tx: &mut Tx<'_>, before: &Session, to: Arrangement, because: Because) -> Result<SessionId> {
    let id = before.id;
    rules::check_open(before.state)?;
    joint::actions::check_alone(tx, id)?;
    check_time(tx, before.matched, to.starts_at, to.ends_at)?;
    let mut session = rules::arranged(before, to, tx.now);
    if session == *before {
        return Ok(id);
    }
    tx.lock(&session.everybody())?;
    changes::actions::note_arranged(tx, before, &session, because)?;
    store::release(tx, id)?;
    covers::actions::judge(tx, &mut session)?;
    check_arranged(tx, std::slice::from_ref(before), std::slice::from_ref(&session))?;
    store::save(tx, &session)?;
    let claimed = tx.attempt(|tx| store::claim(tx, &session));
    or_alternatives(tx, std::slice::from_ref(&session), claimed)?;
    tx.tell(Fact::SessionChanged { session: id });
    Ok(id)
}

/// Takes a session off, by whose side and why: its time is given back.
pub(super) fn take_off(
    tx: &mut Tx<'_>,
    mut session: Session,
    (by, reason): (Side, Option<Reason>),
    at: Instant,
    new_time_agreed: bool,
    telling: Option<Telling>,
) -> Result<()> {
    changes::actions::note(tx, &session, ChangeKind::Cancelled, Because { by: Some(by), reason }, at)?;
    if !session.was_only_proposed() {
        session.telling = telling;
    }
    rules::cancelled(&mut session, by, at, new_time_agreed, tx.programme.reminders.late_cancel_hours);
    store::release(tx, session.id)?;
    store::save(tx, &session)?;
    joint::actions::reclaim(tx, session.id)
}

/// Consequence of a match's end: what was planned after it is cancelled by the unit. What lies before it still waits for its log.
///
/// # Errors
/// The database's.
pub fn match_ended(tx: &mut Tx<'_>, matched: MatchId, at: Instant) -> Result<()> {
    let (now, all) = (tx.now, store::fact_of_match(tx, matched)?);
    let open = all.into_iter().filter(|session| session.state.is_open() && session.starts_at > at);
    let open: Vec<Session> = open.collect();
    for session in &open {
        end_log(tx, session.id, at)?;
    }
    take_all_off(tx, open, (Side::Unit, None), now, false)
}

/// Takes several sessions of a person off, in order of their start: the first to come speaks for all of them.
pub(super) fn take_all_off(
    tx: &mut Tx<'_>,
    sessions: Vec<Session>,
    by: (Side, Option<Reason>),
    at: Instant,
    new_time_agreed: bool,
) -> Result<()> {
    let now = tx.now;
    let tellings = rules::tellings(sessions.iter().filter(|session| session.starts_at > now));
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let matches: BTreeSet<MatchId> = sessions.iter().map(|session| session.matched).collect();
    for session in sessions {
        let telling = tellings.get(&session.id).copied().flatten();
        take_off(tx, session, by, at, new_time_agreed, telling)?;
    }
    // When all are off, so that whoever speaks for them names what is really next. One fact a match, not one a session.
    for id in ids {
        follow(tx, id)?;
    }
    matches.into_iter().for_each(|matched| tx.tell(Fact::SessionsChanged { matched }));
    Ok(())
}

/// Consequence of a changed session: its log is promised or not, and what waits to be told agrees with it.
///
/// # Errors
/// The database's and the vault's.
pub fn follow(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let session = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    promise_log(tx, &session)?;
    answers::actions::session_changed(tx, &session)?;
    sync_messages(tx, &session, None)?;
    reminders::actions::beside::agree(tx, &session)?;
    covers::actions::agree(tx, &session)
}

/// What is told of a session, and of the other parts of a joint one: who is told of one need not be told of another. And of what was changed
/// together with it: where one speaks no more, another does, and what is over is told by hand until one did.
fn sync_messages(tx: &mut Tx<'_>, session: &Session, asking: Option<MessageId>) -> Result<()> {
    reminders::actions::sync_for(tx, session, asking)?;
    let mut others = joint::actions::all_others_of(tx, session.id)?;
    others.extend(reminders::actions::speaking::concerned(tx, session)?);
    others.extend(reminders::actions::speaking::left_behind(tx, session)?);
    others.iter().try_for_each(|other| reminders::actions::sync(tx, other))
}

/// As [`follow`], for sessions of one match that were planned in this very verb, in order of their start.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn follow_new(tx: &mut Tx<'_>, new: &[Session]) -> Result<()> {
    let Some(first) = new.first() else { return Ok(()) };
    let owner = staff::store::fact_account(tx, first.host())?;
    let promises: Vec<Promise> = new.iter().map(|session| log_of(tx, session, owner)).collect();
    duties::actions::open_new(tx, &promises)?;
    tx.tell(Fact::SessionsChanged { matched: first.matched });
    reminders::actions::plan_new(tx, new)?;
    reminders::actions::beside::agree_new(tx, new)
}

/// The log of what is planned is asked for, also where one was written: what is planned has none, so that was another's.
fn promise_log(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    match session.state {
        State::Planned => {
            let owner = staff::store::fact_account(tx, session.host())?;
            let promise = log_of(tx, session, owner);
            duties::actions::open_again(tx, &promise)
        }
        State::Cancelled => end_log(tx, session.id, session.cancelled_at.unwrap_or(tx.now)),
        // Kept by the log, which says when it was written.
        State::Proposed | State::Held | State::NoShow | State::Tried => Ok(()),
    }
}

/// No log is asked for any more of a session that was off at a stated moment.
fn end_log(tx: &mut Tx<'_>, session: SessionId, at: Instant) -> Result<()> {
    duties::actions::end(tx, &Which::subject(session, &[Kind::LogMissing]), at, "cancelled").map(drop)
}

/// The promise of a planned session's log.
fn log_of(tx: &Tx<'_>, session: &Session, owner: Option<AccountId>) -> Promise {
    Promise {
        kind: Kind::LogMissing,
        subject: Subject::from(session.id),
        slot: String::new(),
        about: About { case: Some(session.case), person: Some(session.person), matched: Some(session.matched), ..About::default() },
        owner,
        from_at: session.ends_at,
        opens_at: session.ends_at,
        due_at: tx.programme.calendar().due(session.ends_at, Span::Days(tx.programme.deadlines.log_missing_days)),
    }
}

/// What is told about one session, planned anew.
///
/// # Errors
/// The database's and the vault's.
pub fn replan_messages(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    replan(tx, &[id], None)
}

/// As [`replan_messages`], asked when a message of it is due, which is retracted if it no longer holds.
///
/// # Errors
/// The database's and the vault's.
pub fn ask_again(tx: &mut Tx<'_>, id: SessionId, message: MessageId) -> Result<()> {
    replan(tx, &[id], Some(message))
}

/// What is told about the sessions to come of a course, planned anew: it was paused, or runs on.
///
/// # Errors
/// The database's and the vault's.
pub fn replan_messages_of_course(tx: &mut Tx<'_>, course: CourseId) -> Result<()> {
    let coming = store::fact_coming_of_course(tx, course)?;
    replan(tx, &coming, None)
}

/// What is told about the sessions to come of a person, and of the children whose reminders they get or of whom they are a parent, planned anew:
/// contact, language, birth date, custody or a part in a case changed, or the person died.
///
/// # Errors
/// The database's and the vault's.
pub fn replan_messages_of(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let coming = store::fact_coming_of_reader(tx, person)?;
    replan(tx, &coming, None)
}

fn replan(tx: &mut Tx<'_>, sessions: &[SessionId], asking: Option<MessageId>) -> Result<()> {
    for id in sessions {
        if let Some(session) = store::find_fact(tx, *id)? {
            sync_messages(tx, &session, asking)?;
        }
    }
    Ok(())
}

/// Consequence of anything that counts otherwise: the person's misses in a row.
///
/// # Errors
/// The database's.
pub fn count_missed(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    attendance::actions::count(tx, person)
}
