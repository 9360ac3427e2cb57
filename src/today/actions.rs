//! Gather what the caller's phone is to hold.

use std::collections::BTreeSet;

use super::model::{Covered, Ended, GoalLine, Proposed, Running, Today};
use super::rules;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::ids::{PersonId, SessionId};
use crate::courses::actions::plans;
use crate::duties;
use crate::matching::actions::Sight;
use crate::matching::{self, Match};
use crate::people::{self, Person};
use crate::sessions::{self, Session};

/// More matches than anybody runs at once.
const MATCHES_MOST: i64 = 50;
/// More sessions than fit into 29 days.
const SESSIONS_MOST: i64 = 500;
/// More promises than anybody keeps, and more sessions without a log.
const OPEN_MOST: i64 = 500;

/// Everything of the answer, each thing as far as the caller may see it now.
///
/// # Errors
/// The database's and the vault's.
pub fn look(tx: &mut Tx<'_>) -> Result<Today> {
    let carried = rules::carried(tx.now, tx.programme.calendar().zone);
    let mut matches = Vec::new();
    for matched in own(tx, matching::State::Running)? {
        let person = met(tx, matched.person)?;
        let plan = plans::current(tx, matched.course)?;
        let goals = plan.map(|body| body.goals).unwrap_or_default();
        let goals = goals.iter().map(|goal| GoalLine { area: goal.area, line: rules::in_a_line(goal.goal.as_str()) }).collect();
        matches.push(Running { matched, person, goals });
    }
    let (mut ended, grace_days) = (Vec::new(), tx.programme.match_grace_days);
    for matched in own(tx, matching::State::Ended)? {
        // One that never ran has no logs.
        let (Some(_), Some(ended_at)) = (matched.starts_at, matched.ended_at) else { continue };
        // The person is shown no more: a log needs to say whose it is, and nothing else.
        let given_name = matching::actions::person_label(tx, &matched, Sight::Staff)?;
        let logs_until = matching::rules::grace_until(ended_at, grace_days);
        ended.push(Ended { matched, given_name, ended_at, logs_until });
    }
    let mut proposals = Vec::new();
    for matched in own(tx, matching::State::Proposed)? {
        let given_name = matching::actions::person_label(tx, &matched, matching::actions::Sight::Staff)?;
        proposals.push(Proposed { matched, given_name });
    }
    let (mut sessions, duties) = (own_sessions(tx, carried.from, carried.until)?, own_duties(tx)?);
    let covered = covered(tx, &matches, &sessions)?;
    let answers = sessions::answers::actions::standing(tx, &sessions)?;
    for answer in answers.values().filter(|answer| answer.is_open()) {
        tx.saw(answer.id);
    }
    add_owed(tx, &mut sessions, &duties)?;
    let met = matches.iter().map(|running| &running.person).chain(covered.iter().map(|covered| &covered.person));
    let known: BTreeSet<PersonId> = met.map(|person| person.id).chain(ended.iter().map(|ended| ended.matched.person)).collect();
    // Of whom nothing is known here no place is shown either.
    for session in sessions.iter_mut().filter(|session| !known.contains(&session.person)) {
        session.place = None;
    }
    let ids: Vec<SessionId> = sessions.iter().filter(|session| session.place.is_some()).map(|session| session.id).collect();
    let joints = sessions::joint::actions::joint_of(tx, &ids)?;
    let mut sessions = sessions::actions::places::shown(tx, sessions, &joints)?;
    sessions::covers::actions::count_as_shown(tx, &mut sessions)?;
    hide_agreed(tx, &mut matches)?;
    Ok(Today { carried, proposals, matches, covered, ended, sessions, answers, duties })
}

/// Takes out the places agreed on that the caller may not see.
fn hide_agreed(tx: &mut Tx<'_>, matches: &mut [Running]) -> Result<()> {
    let placed: Vec<PersonId> =
        matches.iter().filter(|running| running.matched.agreed.place.is_some()).map(|running| running.person.id).collect();
    let hidden = matching::actions::hidden_places(tx, &placed)?;
    for running in matches.iter_mut().filter(|running| hidden.contains(&running.person.id)) {
        running.matched.agreed.place = None;
    }
    Ok(())
}

/// A person as whoever meets them may know them.
fn met(tx: &mut Tx<'_>, person: PersonId) -> Result<Person> {
    let person = people::actions::get(tx, person)?;
    people::actions::as_met(tx, person)
}

/// The people of the sessions that the caller covers, each once.
fn covered(tx: &mut Tx<'_>, running: &[Running], sessions: &[Session]) -> Result<Vec<Covered>> {
    let mut covered: Vec<Covered> = Vec::new();
    for session in sessions.iter().filter(|session| session.cover.is_some()) {
        let is_own = running.iter().any(|running| running.matched.id == session.matched);
        if is_own || covered.iter().any(|known| known.matched == session.matched) {
            continue;
        }
        match met(tx, session.person) {
            Ok(person) => covered.push(Covered { matched: session.matched, person }),
            // The session is cancelled, or the match was theirs once: then the person is not shown any more.
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(covered)
}

/// The matches in a state that the caller runs.
fn own(tx: &mut Tx<'_>, state: matching::State) -> Result<Vec<Match>> {
    let filter = matching::actions::Filter { state: Some(state), ..matching::actions::Filter::default() };
    let mut own = Vec::new();
    for matched in matching::actions::list(tx, &filter, None, MATCHES_MOST)? {
        if tx.runs(matched.id)? {
            tx.saw(matched.id);
            own.push(matched);
        }
    }
    Ok(own)
}

/// The sessions of the span, after the earlier ones that wait for a log.
fn own_sessions(tx: &mut Tx<'_>, from: Instant, until: Instant) -> Result<Vec<Session>> {
    let unlogged =
        sessions::actions::Filter { state: Some(sessions::State::Planned), until: Some(from), ..sessions::actions::Filter::default() };
    let carried = sessions::actions::Filter { from: Some(from), until: Some(until), ..sessions::actions::Filter::default() };
    let mut all = sessions::actions::list(tx, &unlogged, None, OPEN_MOST)?;
    all.extend(sessions::actions::list(tx, &carried, None, SESSIONS_MOST)?);
    for session in &all {
        tx.saw(session.id);
        tx.saw(session.person);
    }
    Ok(all)
}

/// Adds the sessions that the caller held or covered, sees no more, and is still to log: whoever met somebody can always deliver their log (domain
/// section 5), so they see of what, until it is written. Nothing of the person, nor what was answered by a link.
fn add_owed(tx: &mut Tx<'_>, sessions: &mut Vec<Session>, duties: &[duties::Duty]) -> Result<()> {
    let owed = duties.iter().filter(|duty| duty.kind == duties::Kind::LogMissing).map(|duty| duty.subject_id.cast());
    let owed: Vec<SessionId> = owed.filter(|id| sessions.iter().all(|known| known.id != *id)).collect();
    if owed.is_empty() {
        return Ok(());
    }
    for session in sessions::store::fact_all(tx, &owed)? {
        tx.saw(session.id);
        tx.saw(session.person);
        sessions.push(Session { place: None, ..session });
    }
    sessions.sort_by_key(|session| session.starts_at);
    Ok(())
}

/// What is on the caller's list of what to do.
fn own_duties(tx: &mut Tx<'_>) -> Result<Vec<duties::Duty>> {
    let filter = duties::actions::Filter {
        state: duties::State::Open,
        owner: Some(Some(tx.account()?)),
        enquiry: None,
        case: None,
        person: None,
        matched: None,
        kind: None,
        due_from: None,
        due_before: None,
        opened: Some(true),
        late: None,
    };
    let all = duties::actions::list(tx, &filter, None, OPEN_MOST)?;
    for duty in &all {
        tx.saw(duty.id);
        if let Some(person) = duty.about.person {
            tx.saw(person);
        }
    }
    Ok(all)
}
