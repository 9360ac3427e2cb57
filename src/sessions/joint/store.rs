//! Joint sessions and their parts as rows, and the time of whoever takes part in several.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::model::{Joint, Met, Part};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, JointId, MatchId, PersonId, SessionId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::{claims, joint_parts, joint_sessions, session_changes, sessions};
use crate::sessions::model::{Session, State};
use crate::{row, save_over};

row! {
    Row of Joint in joint_sessions {
        id: JointId,
        case: CaseId = case_id,
        grounds: Option<Sealed<Text>>,
        grounds_at: Option<Instant>,
        grounds_by: Option<AccountId>,
        told: Option<MatchId> = told_match_id,
        recorded_at: Instant,
        recorded_by: AccountId,
        version: i64,
    }
}

const fn place(id: JointId) -> Place {
    Place::new("joint_sessions", "grounds", id)
}

/// Seals grounds under the case.
pub(super) fn seal(tx: &mut Tx<'_>, id: JointId, case: CaseId, grounds: &Text) -> Result<Sealed<Text>> {
    tx.seal(Holder::case(case), place(id), grounds)
}

/// Opens the grounds of a joint session.
pub(super) fn open(tx: &mut Tx<'_>, joint: &Joint) -> Result<Option<Text>> {
    joint.grounds.as_ref().map(|grounds| tx.open(Holder::case(joint.case), place(joint.id), grounds)).transpose()
}

/// Writes a new joint session with its parts.
pub(super) fn insert(tx: &mut Tx<'_>, joint: Joint, parts: &[SessionId]) -> Result<()> {
    let id = joint.id;
    diesel::insert_into(joint_sessions::table).values(Row::from(joint)).execute(tx.db())?;
    for part in parts {
        diesel::insert_into(joint_parts::table)
            .values((joint_parts::session_id.eq(*part), joint_parts::joint_id.eq(id)))
            .execute(tx.db())?;
    }
    tx.changed(id);
    Ok(())
}

/// Saves a changed joint session over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, joint: &Joint) -> Result<()> {
    let changes = (
        joint_sessions::grounds.eq(&joint.grounds),
        joint_sessions::grounds_at.eq(joint.grounds_at),
        joint_sessions::grounds_by.eq(joint.grounds_by),
        joint_sessions::told_match_id.eq(joint.told),
    );
    save_over!(tx.db(), joint_sessions, joint, changes)?;
    tx.changed(joint.id);
    Ok(())
}

/// A joint session for a rule or a consequence; not for the caller's eyes.
pub(super) fn find_fact(tx: &mut Tx<'_>, id: JointId) -> Result<Option<Joint>> {
    Ok(joint_sessions::table.find(id).select(Joint::as_select()).first(tx.db()).optional()?)
}

/// The joint session that a session is part of.
pub(super) fn find_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<JointId>> {
    Ok(joint_parts::table.find(session).select(joint_parts::joint_id).first(tx.db()).optional()?)
}

/// Which of these sessions are parts, and of what.
pub(super) fn list_of(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, JointId>> {
    let parts = joint_parts::table.filter(joint_parts::session_id.eq_any(sessions.to_vec()));
    let found: Vec<(SessionId, JointId)> = parts.select((joint_parts::session_id, joint_parts::joint_id)).load(tx.db())?;
    Ok(found.into_iter().collect())
}

/// The parts of a joint session, by session.
pub(super) fn parts(tx: &mut Tx<'_>, id: JointId) -> Result<Vec<Part>> {
    let rows: Vec<(SessionId, MatchId)> = joint_parts::table
        .inner_join(sessions::table.on(sessions::id.eq(joint_parts::session_id)))
        .filter(joint_parts::joint_id.eq(id))
        .order(joint_parts::session_id)
        .select((sessions::id, sessions::match_id))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(session, matched)| Part { session, matched }).collect())
}

/// Whom the parts of these joint sessions are with.
pub(super) fn fact_met(tx: &mut Tx<'_>, joints: &BTreeSet<JointId>) -> Result<Vec<Met>> {
    let rows: Vec<(JointId, PersonId, State)> = joint_parts::table
        .inner_join(sessions::table.on(sessions::id.eq(joint_parts::session_id)))
        .filter(joint_parts::joint_id.eq_any(joints.iter().copied().collect::<Vec<_>>()))
        .select((joint_parts::joint_id, sessions::person_id, sessions::state))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(joint, person, state)| Met { joint, person, state }).collect())
}

/// The joint sessions of which a session of one of these matches is, or was before it was moved, a part at one of these times.
pub(super) fn fact_parts_at(tx: &mut Tx<'_>, times: &BTreeSet<(MatchId, Instant)>) -> Result<Vec<((MatchId, Instant), JointId)>> {
    use session_changes as c;
    let (matches, starts): (BTreeSet<MatchId>, BTreeSet<Instant>) = times.iter().copied().unzip();
    let (matches, starts): (Vec<MatchId>, Vec<Instant>) = (matches.into_iter().collect(), starts.into_iter().collect());
    let mut parts: Vec<((MatchId, Instant), JointId)> = joint_parts::table
        .inner_join(sessions::table.on(sessions::id.eq(joint_parts::session_id)))
        .filter(sessions::match_id.eq_any(matches.clone()))
        .filter(sessions::starts_at.eq_any(starts.clone()))
        .select(((sessions::match_id, sessions::starts_at), joint_parts::joint_id))
        .load(tx.db())?;
    let before: Vec<((MatchId, Instant), JointId)> = c::table
        .inner_join(sessions::table.on(sessions::id.eq(c::session_id)))
        .inner_join(joint_parts::table.on(joint_parts::session_id.eq(c::session_id)))
        .filter(sessions::match_id.eq_any(matches))
        .filter(c::starts_at.eq_any(starts))
        .select(((sessions::match_id, c::starts_at), joint_parts::joint_id))
        .load(tx.db())?;
    parts.extend(before);
    Ok(parts)
}

/// The joint sessions of a case of which a part is still to come.
pub(super) fn fact_coming(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<JointId>> {
    let now = tx.now;
    Ok(joint_parts::table
        .inner_join(sessions::table.on(sessions::id.eq(joint_parts::session_id)))
        .filter(joint_parts::joint_id.eq_any(joint_sessions::table.filter(joint_sessions::case_id.eq(case)).select(joint_sessions::id)))
        .filter(sessions::state.eq(State::Planned))
        .filter(sessions::starts_at.gt(now))
        .select(joint_parts::joint_id)
        .distinct()
        .load(tx.db())?)
}

/// Takes the time of whoever takes part in these, at each time once: 409 `claims_overlap` when anybody has something else then. What they hold of
/// these already, they keep; a part that is at another time is another meeting of theirs.
pub(super) fn claim(tx: &mut Tx<'_>, parts: &[Session]) -> Result<()> {
    let ids: Vec<SessionId> = parts.iter().map(|part| part.id).collect();
    let people: Vec<AnyId> = parts.iter().flat_map(Session::both).collect();
    let held = claims::table.filter(claims::person.eq_any(people)).filter(claims::session_id.eq_any(ids));
    let mut held: Vec<(AnyId, Instant, Instant)> = held.select((claims::person, claims::starts_at, claims::ends_at)).load(tx.db())?;
    for part in parts {
        let (starts_at, ends_at) = (part.starts_at, part.ends_at);
        for person in part.both() {
            if held.iter().any(|(holder, from, until)| *holder == person && *from < ends_at && starts_at < *until) {
                continue;
            }
            let taken =
                (claims::session_id.eq(part.id), claims::person.eq(person), claims::starts_at.eq(starts_at), claims::ends_at.eq(ends_at));
            diesel::insert_into(claims::table).values(taken).execute(tx.db())?;
            held.push((person, starts_at, ends_at));
        }
    }
    Ok(())
}
