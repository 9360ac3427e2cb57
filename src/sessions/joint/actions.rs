//! Plan, move and cancel over all parts in one step; who reads of which part stands beside.

mod reading;

use std::collections::{BTreeMap, BTreeSet};

pub use reading::{came_along, is_back_beside, is_read_beside, is_read_by, is_wished_along, off_along, reach, read_along};

use super::model::{Joint, JointCancellation, JointPlan, Met, Part};
use super::rules::{self, Asking};
use super::store;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AnyId, CaseId, JointId, MatchId, PersonId, SessionId, StaffId};
use crate::base::value::{Flaw, Text};
use crate::cases;
use crate::facts::Fact;
use crate::matching::{self, Match};
use crate::sessions::changes::{self, Because};
use crate::sessions::covers::model::ShownAsCover;
use crate::sessions::free::actions::{TimeSet, check_arranged, check_rules, or_alternatives};
use crate::sessions::model::{Arrangement, Session, State};
use crate::sessions::{actions as sessions, covers, reminders, rules as session_rules, store as session_store};

/// Plans one session a match at one time.
///
/// # Errors
/// 403 for whoever is no coordinator, across matches of different staff and where the custody holders disagree; 409 `custody_conflict`
/// without grounds or without a side to be told, and as for one session; 422 for an unknown match, one of another case or an impossible time.
pub fn plan(tx: &mut Tx<'_>, plan: &JointPlan) -> Result<JointId> {
    let mut matches = Vec::new();
    for (at, id) in plan.matches.iter().enumerate() {
        matches.push(matching::actions::get_named(tx, *id, format!("/match_ids/{at}"))?);
    }
    let case = rules::one_case(&matches)?;
    let staff: Vec<StaffId> = matches.iter().map(|matched| matched.staff).collect();
    check(tx, case, plan.grounds.is_some(), plan.told, &staff, &plan.matches)?;
    session_rules::check_time(plan.starts_at, plan.ends_at, tx.now, tx.programme.zone)?;
    lock(tx, matches.iter().map(|matched| (matched.staff, matched.person)))?;
    let on = tx.programme.calendar().zone.date(plan.starts_at);
    let (by, now) = (tx.account()?, tx.now);
    let mut parts = Vec::new();
    for matched in &matches {
        sessions::check_match(tx, matched, on)?;
        let blank = sessions::blank(tx, tx.new_id(), matched, by);
        let part = Session { starts_at: plan.starts_at, ends_at: plan.ends_at, kind: plan.kind, place: plan.place.clone(), ..blank };
        parts.push(part);
    }
    check_rules(tx, &parts, TimeSet::Now)?;
    let taken = tx.attempt(|tx| {
        parts.iter().try_for_each(|part| session_store::insert(tx, part))?;
        store::claim(tx, &parts)
    });
    or_alternatives(tx, &parts, taken)?;
    let id: JointId = tx.new_id();
    let grounds = plan.grounds.as_ref().map(|grounds| store::seal(tx, id, case, grounds)).transpose()?;
    let joint = Joint {
        id,
        case,
        grounds_at: grounds.as_ref().map(|_| now),
        grounds_by: grounds.as_ref().map(|_| by),
        grounds,
        told: plan.told,
        recorded_at: now,
        recorded_by: by,
        version: 1,
    };
    let ids: Vec<SessionId> = parts.iter().map(|part| part.id).collect();
    store::insert(tx, joint, &ids)?;
    tell_changed(tx, &parts);
    Ok(id)
}

fn check(tx: &mut Tx<'_>, case: CaseId, has_grounds: bool, told: Option<MatchId>, staff: &[StaffId], matches: &[MatchId]) -> Result<()> {
    let has_conflict = cases::store::fact(tx, case)?.is_some_and(|case| case.custody_conflict);
    let asking = Asking { is_coordinator: tx.reaches(Reach::All), has_conflict, has_grounds, told };
    rules::check(&asking, staff, matches)
}

/// Makes verbs over the same people wait for each other.
fn lock(tx: &mut Tx<'_>, people: impl Iterator<Item = (StaffId, PersonId)>) -> Result<()> {
    let subjects: Vec<AnyId> = people.flat_map(|(staff, person)| [staff.cast(), person.cast()]).collect();
    tx.lock(&subjects)
}

fn tell_changed(tx: &mut Tx<'_>, parts: &[Session]) {
    for part in parts {
        tx.tell(Fact::SessionChanged { session: part.id });
    }
}

/// A joint session of which the caller may see a part, with the parts they may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: JointId) -> Result<(Joint, Vec<Session>)> {
    let joint = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let mut seen = Vec::new();
    for part in store::parts(tx, id)? {
        seen.extend(session_store::find_visible(tx, part.session)?);
    }
    if seen.is_empty() {
        return Err(Code::NotFound.into());
    }
    Ok((joint, seen))
}

/// How a joint session, of which the caller sees these parts, is shown to whoever only covers all of these: it counts with them, so that it says
/// nothing of before. Whoever coordinates sees the whole by each operation.
///
/// # Errors
/// The database's.
pub fn find_shown_as_cover(tx: &mut Tx<'_>, seen: &[Session]) -> Result<Option<ShownAsCover>> {
    if tx.reaches(Reach::All) {
        return Ok(None);
    }
    let covered = covers::actions::shown_as_cover(tx, seen)?;
    if covered.len() < seen.len() {
        return Ok(None);
    }
    Ok(covered.into_values().reduce(|one, other| ShownAsCover {
        since: one.since.min(other.since),
        version: one.version.saturating_add(other.version),
        hides_before: one.hides_before && other.hides_before,
    }))
}

/// The version of a joint session that the caller is shown.
fn shown_version(tx: &mut Tx<'_>, joint: &Joint, seen: &[Session]) -> Result<i64> {
    Ok(find_shown_as_cover(tx, seen)?.map_or(joint.version, |covered| covered.version))
}

/// The grounds of a joint session, opened.
///
/// # Errors
/// The vault's.
pub fn grounds(tx: &mut Tx<'_>, joint: &Joint) -> Result<Option<Text>> {
    store::open(tx, joint)
}

/// A joint session whose every part the caller may see, of which something is planned, with all its parts: whoever sees one side alone moves
/// nothing of it.
fn get_whole(tx: &mut Tx<'_>, id: JointId) -> Result<(Joint, Vec<Session>)> {
    let (joint, seen) = get(tx, id)?;
    if seen.len() < store::parts(tx, id)?.len() {
        return Err(Problem::new(Code::Forbidden).say("Det gør en koordinator", "A coordinator does this").into());
    }
    if !seen.iter().any(|part| part.state.is_open()) {
        seen.first().map_or_else(|| Err(Code::NotFound.into()), |part| session_rules::check_open(part.state))?;
    }
    Ok((joint, seen))
}

/// Moves every planned part that has not begun to another time, or changes how long, how and where they meet, by whom and why; each keeps its id.
/// What began stays as it is and waits for its log. Where it is the wish of one match's side (`own`), the others are moved by the unit.
///
/// # Errors
/// 403 for whoever sees one side alone; 404, 412; 409 when nothing is planned, or all that is has begun, as for one session, and
/// `custody_conflict`; 422, also for a person's wish without its match, one of staff where several meet the parts, and a match that is no part or
/// whose part is not planned, or has begun.
pub fn move_to(
    tx: &mut Tx<'_>,
    id: JointId,
    expected: &Expected,
    to: &Arrangement,
    (because, own): (Because, Option<MatchId>),
) -> Result<JointId> {
    let (joint, mut before) = get_whole(tx, id)?;
    expected.check(shown_version(tx, &joint, &before)?)?;
    let now = tx.now;
    if !before.iter().any(|part| rules::may_move(part, now)) {
        return Err(Problem::new(Code::WrongState).say("Mødet er begyndt", "The session has begun").into());
    }
    rules::check_asked(because.by, own, &before, |part| rules::may_move(part, now))?;
    before.retain(|part| rules::may_move(part, now));
    let staff: Vec<StaffId> = before.iter().map(|part| part.staff).collect();
    let matches: Vec<MatchId> = store::parts(tx, id)?.iter().map(|part| part.matched).collect();
    check(tx, joint.case, joint.grounds.is_some(), joint.told, &staff, &matches)?;
    session_rules::check_time(to.starts_at, to.ends_at, tx.now, tx.programme.zone)?;
    lock(tx, before.iter().flat_map(|part| [(part.staff, part.person), (part.host(), part.person)]))?;
    let on = tx.programme.calendar().zone.date(to.starts_at);
    for part in &before {
        let matched: Match = matching::store::find_fact(tx, part.matched)?.ok_or(Code::NotFound)?;
        sessions::check_match(tx, &matched, on)?;
        session_store::release(tx, part.id)?;
    }
    let mut parts: Vec<Session> = before.iter().map(|part| session_rules::arranged(part, to.clone(), tx.now)).collect();
    for (before, part) in before.iter().zip(&mut parts) {
        let (by, reason) = rules::said_of((because.by, because.reason), own, part.matched);
        changes::actions::note_arranged(tx, before, part, Because { by, reason })?;
        covers::actions::judge(tx, part)?;
    }
    check_arranged(tx, &before, &parts)?;
    parts.iter().try_for_each(|part| session_store::save(tx, part))?;
    let taken = tx.attempt(|tx| store::claim(tx, &parts));
    or_alternatives(tx, &parts, taken)?;
    store::save(tx, &joint)?;
    tell_changed(tx, &parts);
    Ok(id)
}

/// Cancels every planned part. Where one match's side cancelled, the others are cancelled by the unit, for no reason that is said, and count for
/// nobody.
///
/// # Errors
/// 403 for whoever sees one side alone; 404, 409 when nothing is planned; 422 for a person's cancellation without its match, one of staff where
/// several meet the parts, a match that is no part or whose part is not planned, or an impossible moment.
pub fn cancel(tx: &mut Tx<'_>, id: JointId, cancellation: &JointCancellation) -> Result<JointId> {
    let (joint, mut parts) = get_whole(tx, id)?;
    let shown = shown_version(tx, &joint, &parts)?;
    tx.seen_at(shown);
    rules::check_asked(Some(cancellation.by), cancellation.matched, &parts, |part| part.state.is_open())?;
    parts.retain(|part| part.state.is_open());
    let since = parts.iter().map(|part| part.recorded_at).max().unwrap_or(joint.recorded_at);
    let at = matching::rules::stated(cancellation.happened_at, tx.now, since)?;
    for part in parts {
        let said = rules::said_of((cancellation.by, cancellation.reason), cancellation.matched, part.matched);
        let (session, person) = (part.id, part.person);
        sessions::take_off(tx, part, said, at, cancellation.new_time_agreed, None)?;
        tx.tell(Fact::SessionChanged { session });
        tx.tell(Fact::AttendanceChanged { person });
    }
    store::save(tx, &joint)?;
    Ok(id)
}

/// Says why a joint session is right although the custody holders disagree, and whose side gets the messages.
///
/// # Errors
/// 404, 412; 422 for a match that is no part of it.
pub fn ground(tx: &mut Tx<'_>, id: JointId, expected: &Expected, grounds: &Text, told: MatchId) -> Result<()> {
    let (mut joint, _) = get(tx, id)?;
    expected.check(joint.version)?;
    let parts = store::parts(tx, id)?;
    if !parts.iter().any(|part| part.matched == told) {
        return Err(Flaw::NotAmongThem.refused("/told_match_id"));
    }
    joint.grounds = Some(store::seal(tx, id, joint.case, grounds)?);
    (joint.grounds_at, joint.grounds_by, joint.told) = (Some(tx.now), Some(tx.account()?), Some(told));
    store::save(tx, &joint)?;
    replan(tx, &parts)
}

fn replan(tx: &mut Tx<'_>, parts: &[Part]) -> Result<()> {
    for part in parts {
        if let Some(session) = session_store::find_fact(tx, part.session)? {
            reminders::actions::sync(tx, &session)?;
        }
    }
    Ok(())
}

/// Consequence of a custody conflict that began or ended: what is told of the case's joint sessions to come is planned anew.
///
/// # Errors
/// The database's and the vault's.
pub fn conflict_changed(tx: &mut Tx<'_>, case: CaseId) -> Result<()> {
    for joint in store::fact_coming(tx, case)? {
        let parts = store::parts(tx, joint)?;
        replan(tx, &parts)?;
    }
    Ok(())
}

/// Refuses to move one part alone.
///
/// # Errors
/// 409 for a part of a joint session.
pub fn check_alone(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    match store::find_of(tx, session)? {
        None => Ok(()),
        Some(joint) => {
            let problem = Problem::new(Code::WrongState).say("Mødet er fælles: flyt det hele", "It is a joint session: move the whole");
            Err(problem.blocked_by("joint_session", joint.uuid()).into())
        }
    }
}

/// The other parts of a session's joint session that are still planned.
///
/// # Errors
/// The database's.
pub fn others_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<Session>> {
    let mut others = all_others_of(tx, session)?;
    others.retain(|other| other.state == State::Planned);
    Ok(others)
}

/// The other parts of a session's joint session, whatever became of them.
///
/// # Errors
/// The database's.
pub fn all_others_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<Session>> {
    let Some(joint) = store::find_of(tx, session)? else { return Ok(Vec::new()) };
    let mut others = Vec::new();
    for part in store::parts(tx, joint)?.into_iter().filter(|part| part.session != session) {
        others.extend(session_store::find_fact(tx, part.session)?);
    }
    Ok(others)
}

/// A planned part at the time of a cancelled one of the same joint session, beside which that can come back: it was planned by whoever may, and where
/// the custody holders disagree, or grounds were given, a coordinator decides anew. `None`: it is no part.
///
/// # Errors
/// 403 for whoever is no coordinator where that is needed; 409 when nothing of it stands at that time any more, and `custody_conflict`.
pub fn find_rest(tx: &mut Tx<'_>, cancelled: &Session) -> Result<Option<Session>> {
    let Some(id) = store::find_of(tx, cancelled.id)? else { return Ok(None) };
    let rest = others_of(tx, cancelled.id)?.into_iter().find(|other| other.starts_at == cancelled.starts_at);
    let Some(rest) = rest else {
        let (da, en) = ("Mødet var fælles: planlæg et nyt fælles møde", "It was a joint session: plan a new one");
        return Err(Problem::new(Code::WrongState).say(da, en).blocked_by("joint_session", id.uuid()).into());
    };
    let joint = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let matches: Vec<MatchId> = store::parts(tx, id)?.iter().map(|part| part.matched).collect();
    // Of its own side alone: that the sides meet together is decided.
    check(tx, joint.case, joint.grounds.is_some(), joint.told, &[cancelled.staff], &matches)?;
    Ok(Some(rest))
}

/// A session with the planned parts of its joint session that the same member of staff meets: one meeting of theirs.
///
/// # Errors
/// The database's.
pub fn met_at_once(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Session>> {
    let mut together = vec![session.clone()];
    together.extend(others_of(tx, session.id)?.into_iter().filter(|other| other.host() == session.host()));
    Ok(together)
}

/// Takes the time of both; as a part of a joint session only what no other part of it at that time holds already.
///
/// # Errors
/// 409 `claims_overlap`.
pub fn claim(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let mut parts = others_of(tx, session.id)?;
    if parts.is_empty() {
        return session_store::claim(tx, session);
    }
    parts.push(session.clone());
    store::claim(tx, &parts)
}

/// After a part gave its time back: whoever takes part in another keeps theirs.
///
/// # Errors
/// The database's.
pub fn reclaim(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    let others = others_of(tx, session)?;
    if others.is_empty() { Ok(()) } else { store::claim(tx, &others) }
}

/// Which of these sessions are parts, and of what.
///
/// # Errors
/// The database's.
pub fn joint_of(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, JointId>> {
    store::list_of(tx, sessions)
}

/// Whom the parts of these joint sessions are with, whoever may see them: for a rule.
///
/// # Errors
/// The database's.
pub fn list_met(tx: &mut Tx<'_>, joints: &BTreeSet<JointId>) -> Result<Vec<Met>> {
    if joints.is_empty() { Ok(Vec::new()) } else { store::fact_met(tx, joints) }
}

/// The joint sessions of which a session of a match is a part, or was at that time before it was moved, for each of these matches and times: for a rule.
///
/// # Errors
/// The database's.
pub fn parts_at(tx: &mut Tx<'_>, times: &BTreeSet<(MatchId, Instant)>) -> Result<Vec<((MatchId, Instant), JointId)>> {
    store::fact_parts_at(tx, times)
}
