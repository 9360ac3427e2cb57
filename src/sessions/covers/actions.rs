//! Show what lies in a leave, decide about it in one step, and take a cover back.

mod errands;
mod following;
mod leaves;

pub use errands::{errand, is_errand};
pub use following::{account_changed, agree, limits_changed, limits_changed_for, rights_lost, staff_left};
pub use leaves::{agree_leaves, agree_leaves_around, agree_leaves_in, leave_taken_back};

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Cover, CoverList, CoverState, Covered, Decision, Record, ShownAsCover, What};
use super::{rules, store};
use crate::access::Tx;
use crate::availability::actions::zone_of;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, FieldError, Problem, Result, invalid, or_invalid};
use crate::base::ids::{AccountId, AnyId, MatchId, RowId, SessionId, StaffId};
use crate::base::value::Flaw;
use crate::duties::{self, State as DutyState};
use crate::facts::Fact;
use crate::matching::actions::covers::{check, list};
use crate::matching::ranking::{Candidate, Exclusion};
use crate::matching::{self, Match};
use crate::messages;
use crate::sessions::changes::{self, Because, ChangeKind};
use crate::sessions::free::actions::{TimeSet, check_rules, leaves_of, or_alternatives};
use crate::sessions::model::{Session, Side, State};
use crate::sessions::{actions as sessions, joint, rules as session_rules, store as session_store};
use crate::staff;

/// The most of each that a list shows, and that one step decides.
pub const MOST: usize = 200;

/// What lies in a leave: sessions, promises and messages.
///
/// # Errors
/// 404.
pub fn show(tx: &mut Tx<'_>, staff: StaffId, leave: RowId) -> Result<CoverList> {
    let member = staff::store::get(tx, staff)?;
    let leave = member.leaves.iter().find(|known| known.id == leave).ok_or(Code::NotFound)?;
    let zone = zone_of(tx, staff)?;
    let (from, until) = rules::span(leave.from_on, leave.until_on, zone);
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let mut sessions = session_store::list_of_staff(tx, staff, from, until, most + 1)?;
    let mut duties = match member.terms.account {
        Some(account) => {
            let due = duties::store::Filter {
                state: DutyState::Open,
                owner: Some(Some(account)),
                enquiry: None,
                case: None,
                person: None,
                matched: None,
                kind: None,
                due_from: Some(from),
                due_before: Some(until),
                opened: None,
                late: None,
            };
            duties::store::list(tx, &due, None, most + 1)?
        }
        None => Vec::new(),
    };
    let subjects: Vec<AnyId> = sessions.iter().map(|session| session.id.cast()).collect();
    let mut messages = messages::actions::list_waiting(tx, &subjects, most + 1)?;
    let is_complete = [sessions.len(), duties.len(), messages.len()].iter().all(|count| *count <= MOST);
    sessions.truncate(MOST);
    duties.truncate(MOST);
    messages.truncate(MOST);
    let refused = store::list_refused(tx, &sessions)?;
    let (from_on, until_on) = (leave.from_on, leave.until_on);
    Ok(CoverList { staff, leave: leave.id, from_on, until_on, sessions, refused, duties, messages, is_complete })
}

/// Who could cover a session, and what excludes the others.
///
/// # Errors
/// 404, 409 when it is not planned.
pub fn list_eligible(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<(Candidate, Vec<Exclusion>)>> {
    let session = session_store::get(tx, id)?;
    session_rules::check_open(session.state)?;
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    let on = tx.programme.calendar().zone.date(session.starts_at);
    tx.saw(session.person);
    let refused = store::fact_refused(tx, matched.id)?;
    let all = list(tx, &matched, on, None, &refused)?;
    all.iter().for_each(|(candidate, _)| tx.saw(candidate.staff));
    Ok(all)
}

/// One decision, with what it is about.
struct Item {
    session: Session,
    matched: Match,
    what: What,
}

/// Decides about sessions in a leave: somebody covers, it is moved, or it is cancelled; all of it or nothing.
///
/// # Errors
/// 404; 422 for a session that is not in the leave, is decided twice, an impossible time, or each limit that excludes whoever covers; 409 for
/// moving a part of a joint session alone, for what speaks against a time (`not_available`), and for a time that is taken, naming every session
/// that this is so of.
pub fn decide(tx: &mut Tx<'_>, staff: StaffId, leave: RowId, decisions: &[Decision]) -> Result<StaffId> {
    let member = staff::store::get(tx, staff)?;
    let leave = member.leaves.iter().find(|known| known.id == leave).ok_or(Code::NotFound)?;
    let span = rules::span(leave.from_on, leave.until_on, zone_of(tx, staff)?);
    let items = decisions.iter().enumerate().map(|(place, decision)| load(tx, staff, span, place, decision, decisions));
    let items: Vec<Item> = items.collect::<Result<_>>()?;
    lock(tx, &items)?;
    for item in &items {
        session_store::release(tx, item.session.id)?;
    }
    let mut changed = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        changed.push((apply(tx, place, &item)?, item));
    }
    let noticed: Vec<Session> =
        changed.iter().filter(|(_, item)| !matches!(item.what, What::Cover(_))).map(|(new, _)| new.clone()).collect();
    let tellings = session_rules::tellings(&noticed);
    let mut new: Vec<(Session, Item)> = Vec::with_capacity(changed.len());
    for (mut session, item) in changed {
        session.telling = tellings.get(&session.id).copied().unwrap_or(session.telling);
        session_store::save(tx, &session)?;
        new.push((session, item));
    }
    take(tx, &new)?;
    for (session, _) in new.iter().filter(|(session, _)| session.state == State::Cancelled) {
        joint::actions::reclaim(tx, session.id)?;
    }
    new.sort_by_key(|(session, _)| session.starts_at);
    for (session, item) in &new {
        if let What::Cover(by) = item.what {
            let own = (session.staff == staff).then_some(leave.id);
            following::begin(tx, session, by, own)?;
        } else if item.session.cover.is_some() {
            following::end_standing(tx, session, CoverState::TakenBack)?;
        }
    }
    // When all are decided, so that of several covered sessions the person is told by hand of the first. One fact a match, not one a session. What
    // staff cancel or move is no miss.
    for (session, _) in &new {
        sessions::follow(tx, session.id)?;
    }
    let matches: BTreeSet<MatchId> = new.iter().map(|(session, _)| session.matched).collect();
    matches.into_iter().for_each(|matched| tx.tell(Fact::SessionsChanged { matched }));
    Ok(staff)
}

fn load(tx: &mut Tx<'_>, staff: StaffId, span: (Instant, Instant), place: usize, decision: &Decision, all: &[Decision]) -> Result<Item> {
    let pointer = format!("/decisions/{place}/session_id");
    if all.iter().take(place).any(|earlier| earlier.session == decision.session) {
        return Err(invalid(pointer, Flaw::Twice, "Mødet står to gange", "The session stands twice"));
    }
    let found = session_store::get(tx, decision.session).and_then(|session| {
        let is_theirs = session.staff == staff || session.cover == Some(staff);
        if is_theirs && session.state.is_open() && rules::lies_in(&session, span) { Ok(session) } else { Err(Code::NotFound.into()) }
    });
    let session = or_invalid(found, Flaw::NotInLeave.at(pointer.clone()))?;
    // Who went in the place of somebody who fell ill is what happened; nothing else that has begun is still to be decided.
    if session.starts_at <= tx.now && !matches!(decision.what, What::Cover(_)) {
        return Err(Flaw::HasBegun.refused(pointer));
    }
    if matches!(decision.what, What::Move { .. }) {
        joint::actions::check_alone(tx, session.id)?;
    }
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    Ok(Item { session, matched, what: decision.what })
}

/// Makes verbs over everybody concerned wait for each other, in one order.
fn lock(tx: &mut Tx<'_>, items: &[Item]) -> Result<()> {
    let mut subjects: Vec<AnyId> = Vec::new();
    for item in items {
        subjects.extend(item.session.everybody());
        if let What::Cover(by) = item.what {
            subjects.push(by.cast());
        }
    }
    tx.lock(&subjects)
}

/// The session as it is decided.
fn apply(tx: &mut Tx<'_>, place: usize, item: &Item) -> Result<Session> {
    let (mut session, now, zone) = (item.session.clone(), tx.now, tx.programme.calendar().zone);
    let away = |reason| Because { by: Some(Side::Staff), reason };
    match item.what {
        What::Cover(by) => {
            let (on, refused) = (zone.date(session.starts_at), store::fact_refused(tx, session.matched)?);
            check(tx, &item.matched, on, by, &refused, &format!("/decisions/{place}/cover/staff_id"))?;
            session.cover = Some(by);
        }
        What::Move { starts_at, ends_at, reason } => {
            let at = |error| under(error, &format!("/decisions/{place}/move"));
            session_rules::check_time(starts_at, ends_at, now, zone).map_err(at)?;
            sessions::check_match(tx, &item.matched, zone.date(starts_at))?;
            (session.starts_at, session.ends_at, session.cover) = (starts_at, ends_at, None);
            let (leaves, zone) = (leaves_of(tx, session.staff)?, zone_of(tx, session.staff)?);
            if leaves.iter().any(|(from_on, until_on)| rules::lies_in(&session, rules::span(*from_on, *until_on, zone))) {
                let pointer = format!("/decisions/{place}/move/starts_at");
                return Err(Flaw::InLeave.refused(pointer));
            }
            changes::actions::note_arranged(tx, &item.session, &session, away(reason))?;
            if session.starts_at != item.session.starts_at {
                session_rules::moved(&mut session, now);
            }
        }
        What::Cancel { new_time_agreed, reason } => {
            changes::actions::note(tx, &item.session, ChangeKind::Cancelled, away(reason), now)?;
            session.cover = None;
            let hours = tx.programme.reminders.late_cancel_hours;
            session_rules::cancelled(&mut session, Side::Staff, now, new_time_agreed, hours);
        }
    }
    Ok(session)
}

/// Takes the time of everybody. What cannot be is refused together: each session is named, and other times for the first of them.
fn take(tx: &mut Tx<'_>, decided: &[(Session, Item)]) -> Result<()> {
    let mut refused: Option<Problem> = None;
    for (place, (session, item)) in decided.iter().enumerate().filter(|(_, (session, _))| session.state != State::Cancelled) {
        let problem = match take_one(tx, session, item) {
            Ok(()) => continue,
            Err(Error::Refused(problem)) => problem.blocked_by("session", session.id.uuid()),
            Err(error) => return Err(error),
        };
        let member = if matches!(item.what, What::Move { .. }) { "move/starts_at" } else { "cover/staff_id" };
        let errors = problem.errors.into_iter().map(|error| FieldError { pointer: format!("/decisions/{place}/{member}"), ..error });
        match &mut refused {
            Some(first) => {
                first.errors.extend(errors);
                first.blocking.extend(problem.blocking);
            }
            None => refused = Some(Problem { errors: errors.collect(), ..problem }),
        }
    }
    refused.map_or(Ok(()), |problem| Err(problem.into()))
}

fn take_one(tx: &mut Tx<'_>, session: &Session, item: &Item) -> Result<()> {
    let set = if session.starts_at == item.session.starts_at { TimeSet::Before } else { TimeSet::Now };
    let together = joint::actions::met_at_once(tx, session)?;
    check_rules(tx, &together, set)?;
    let taken = tx.attempt(|tx| joint::actions::claim(tx, session));
    or_alternatives(tx, std::slice::from_ref(session), taken)
}

/// The same refusal, its pointers below another.
fn under(error: Error, pointer: &str) -> Error {
    match error {
        Error::Refused(mut problem) => {
            problem.errors.iter_mut().for_each(|error| error.pointer = format!("{pointer}{}", error.pointer));
            Error::Refused(problem)
        }
        other => other,
    }
}

/// Takes a cover back: whoever covers cannot; or the person said no, which holds for all that they cover in the match. The session stays planned
/// and is open to decide again.
///
/// # Errors
/// 404, 409 when nobody covers it, it is not planned any more, or it has begun.
pub fn end(tx: &mut Tx<'_>, id: SessionId, by: Side) -> Result<SessionId> {
    let session = sessions::get_to_change(tx, id)?;
    session_rules::check_open(session.state)?;
    let Some(cover) = session.cover else {
        return Err(Problem::new(Code::WrongState).say("Ingen vikarierer ved mødet", "Nobody covers the session").into());
    };
    if session.starts_at <= tx.now {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Mødet er begyndt: det er vikarens", "The session has begun: it is whoever covers who held it").into());
    }
    if by == Side::Person {
        // A no holds for the match.
        following::refuse(tx, cover, session.matched)?;
    } else {
        following::take_back(tx, session, CoverState::TakenBack)?;
        tx.tell(Fact::SessionChanged { session: id });
    }
    Ok(id)
}

/// Ends the cover of a session that comes back at a time which whoever covered it does not have any more.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn give_up(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    following::end_standing(tx, session, CoverState::TakenBack).map(drop)
}

/// Ends the cover of a session that gets another time, or comes back, on a day on which whoever covers it could not: it is with whoever runs the
/// match. To be called under the lock of both, before its time is taken.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn judge(tx: &mut Tx<'_>, session: &mut Session) -> Result<()> {
    match session.cover {
        Some(by) if !following::may_cover(tx, session, by)? => {
            give_up(tx, session)?;
            session.cover = None;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Who covered a session, or would have, in the order of the decisions: for whoever sees its match.
///
/// # Errors
/// 404.
pub fn history(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Record>> {
    let session = session_store::get(tx, id)?;
    // Whoever only covers learns of no other cover.
    matching::actions::get(tx, session.matched)?;
    tx.saw(session.id);
    tx.saw(session.person);
    let records = store::list_of(tx, &session)?;
    records.iter().for_each(|record| tx.saw(record.staff));
    Ok(records)
}

/// Those of these sessions, which the caller sees, that they cover themselves, or of whose match they see nothing else.
///
/// # Errors
/// The database's.
pub fn shown_as_cover(tx: &mut Tx<'_>, sessions: &[Session]) -> Result<BTreeMap<SessionId, ShownAsCover>> {
    let covered: Vec<&Session> = sessions.iter().filter(|session| session.cover.is_some()).collect();
    if covered.is_empty() {
        return Ok(BTreeMap::new());
    }
    let matches: BTreeSet<MatchId> = covered.iter().map(|session| session.matched).collect();
    let seen = matching::store::seen_among(tx, &matches.into_iter().collect::<Vec<_>>())?;
    let standing: BTreeMap<SessionId, (Cover, Instant)> =
        store::fact_standing_among(tx, &covered)?.into_iter().map(|(cover, since)| (cover.session, (cover, since))).collect();
    let (now, me) = (tx.now, tx.actor.account);
    let of = |session: &Session| {
        let hides_before = !seen.contains(&session.matched);
        match standing.get(&session.id) {
            Some((cover, since)) if hides_before || (me.is_some() && cover.account == me) => {
                Some(ShownAsCover { since: *since, version: cover.shown_version(session), hides_before })
            }
            None if hides_before => Some(ShownAsCover { since: now, version: 1, hides_before }),
            _ => None,
        }
    };
    Ok(covered.into_iter().filter_map(|session| Some((session.id, of(session)?))).collect())
}

/// As [`shown_as_cover`], of one.
///
/// # Errors
/// The database's.
pub fn find_shown_as_cover(tx: &mut Tx<'_>, session: &Session) -> Result<Option<ShownAsCover>> {
    Ok(shown_as_cover(tx, std::slice::from_ref(session))?.remove(&session.id))
}

/// Which version of a session whoever only covers it is shown, for what they are told; where nobody covers it, its own.
///
/// # Errors
/// The database's.
pub fn fact_shown_version(tx: &mut Tx<'_>, session: &Session) -> Result<i64> {
    let standing = store::find_standing(tx, session.id)?;
    Ok(standing.map_or(session.version, |cover| cover.shown_version(session)))
}

/// Says which version of these sessions, which the caller sees, they are shown: by the version itself whoever only covers one would know how often it
/// was changed before.
///
/// # Errors
/// The database's.
pub fn count_as_shown(tx: &mut Tx<'_>, sessions: &mut [Session]) -> Result<()> {
    let only = shown_as_cover(tx, sessions)?;
    for session in sessions {
        session.version = only.get(&session.id).map_or(session.version, |covered| covered.version);
    }
    Ok(())
}

/// The sessions of a match that an account covers, and those that it, or one of these members of staff, was ever to cover: for the judgement of
/// a log.
///
/// # Errors
/// The database's.
pub fn covered(tx: &mut Tx<'_>, account: AccountId, members: &[StaffId], matched: MatchId) -> Result<Vec<Covered>> {
    let decided = store::fact_with_start(tx, matched)?;
    let stands = |cover: &Cover| cover.state == CoverState::Standing && cover.account == Some(account);
    let theirs = decided.into_iter().filter(|(cover, ..)| stands(cover) || members.contains(&cover.staff));
    let of = |(cover, starts_at, ended_at): (Cover, _, _)| Covered { session: cover.session, starts_at, stands: stands(&cover), ended_at };
    Ok(theirs.map(of).collect())
}
