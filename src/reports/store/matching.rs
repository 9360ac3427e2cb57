//! From an acceptance to a match: courses accepted, proposals answered, the staff's load.

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{Bars, dated};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::courses::model::{CourseState, Track};
use crate::matching::{DeclineReason, State};
use crate::reports::model::{AcceptedThing, FirstProposal, Ground, ProposalThing, StaffThing};
use crate::schema::{courses, match_answers, matches, staff};
use crate::sessions::model::Side;

/// When something happened (stated), and when that was recorded.
type Stated = (Option<Instant>, Option<Instant>);

const START: (matches::starts_at, matches::starts_recorded_at) = (matches::starts_at, matches::starts_recorded_at);
const END: (matches::ended_at, matches::ended_recorded_at) = (matches::ended_at, matches::ended_recorded_at);

/// When somebody began, and when that was written down.
type Begun = (Instant, Option<Instant>);

type AskedRow = (CourseId, State, Instant, Stated, Stated);

type CourseRow = (CourseId, CaseId, PersonId, Track, bool, Instant, Option<Instant>);

/// Courses accepted in the year, each with its first proposal and its first match.
pub fn courses_accepted(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<AcceptedThing>> {
    use courses as c;
    let rows: Vec<CourseRow> = c::table
        .filter(c::accepted_at.ge(ground.from))
        .filter(c::accepted_at.lt(ground.until))
        // An acceptance that was taken back never was one.
        .filter(c::state.ne(CourseState::Retracted))
        .filter(c::case_id.ne_all(bars.ids(tx)))
        .filter(c::person_id.ne_all(bars.ids(tx)))
        .select((c::id, c::case_id, c::person_id, c::track, c::adult_at_acceptance, c::accepted_at, c::ended_at))
        .load(tx.db())?;
    let proposals: Vec<AskedRow> = matches::table
        .inner_join(c::table.on(c::id.eq(matches::course_id)))
        .filter(c::accepted_at.ge(ground.from))
        .filter(c::accepted_at.lt(ground.until))
        .order((matches::proposed_at, matches::id))
        .select((matches::course_id, matches::state, matches::expires_at, START, END))
        .load(tx.db())?;
    let mut of: HashMap<CourseId, (FirstProposal, Option<Begun>)> = HashMap::new();
    for (course, state, expires_at, (starts_at, starts_recorded_at), (ended_at, ended_recorded_at)) in proposals {
        let (state, answered_at, answered_recorded_at) = match state {
            // Over by its own moment, whether or not a night has passed that wrote it down.
            State::Proposed if expires_at < ground.now => (State::Expired, None, None),
            State::Refused => (state, ended_at, ended_recorded_at),
            // Nobody answered it.
            State::Proposed | State::Expired => (state, None, None),
            State::Running | State::Ended => (state, starts_at, starts_recorded_at),
        };
        let proposal = FirstProposal { state, answered_at, answered_recorded_at };
        let (_, first) = of.entry(course).or_insert((proposal, None));
        let start = starts_at.map(|at| (at, starts_recorded_at));
        *first = first.iter().chain(&start).min().copied();
    }
    let dated = dated(tx, rows.iter().map(|row| row.2))?;
    let thing = |(id, case, person, track, is_adult, accepted_at, ended_at): CourseRow| {
        let is_adult = dated.contains(&person).then_some(is_adult);
        let (first_proposal, first) = of.get(&id).map_or((None, None), |(proposal, first)| (Some(*proposal), *first));
        let (matched_at, matched_recorded_at) = (first.map(|(at, _)| at), first.and_then(|(_, recorded_at)| recorded_at));
        AcceptedThing { id, case, person, track, is_adult, accepted_at, ended_at, matched_at, matched_recorded_at, first_proposal }
    };
    Ok(rows.into_iter().map(thing).collect())
}

type ProposalRow = (MatchId, CaseId, PersonId, Track, State, Answers, Stated, Stated);

/// What the member of staff answered and when, and the person.
type Answers = (Option<bool>, Option<Instant>, Option<bool>, Option<Instant>);

/// Proposals that were declined, or became a match, in the year.
pub fn proposals(tx: &mut Tx<'_>, ground: &Ground, bars: Bars) -> Result<Vec<ProposalThing>> {
    use matches as m;
    let declined = m::state.eq(State::Refused).and(m::ended_at.ge(ground.from)).and(m::ended_at.lt(ground.until));
    let taken = m::starts_at.ge(ground.from).and(m::starts_at.lt(ground.until));
    let rows: Vec<ProposalRow> = m::table
        .filter(declined.or(taken))
        // Handed over, nobody was asked by a proposal.
        .filter(m::taken_over_from.is_null())
        .filter(m::case_id.ne_all(bars.ids(tx)))
        .filter(m::person_id.ne_all(bars.ids(tx)))
        .select((
            m::id,
            m::case_id,
            m::person_id,
            m::track,
            m::state,
            (m::staff_answer, m::staff_answered_at, m::person_answer, m::person_answered_at),
            START,
            END,
        ))
        .load(tx.db())?;
    let reasons: Vec<((MatchId, bool), Option<DeclineReason>)> = match_answers::table
        .inner_join(m::table.on(m::id.eq(match_answers::match_id)))
        .filter(m::state.eq(State::Refused))
        .filter(m::ended_at.ge(ground.from))
        .filter(m::ended_at.lt(ground.until))
        .filter(match_answers::decline_reason.is_not_null())
        .select(((match_answers::match_id, match_answers::by_staff), match_answers::decline_reason))
        .load(tx.db())?;
    let reasons: HashMap<(MatchId, bool), Option<DeclineReason>> = reasons.into_iter().collect();
    let thing = |(id, case, person, track, state, answers, start, ended): ProposalRow| {
        let is_declined = state == State::Refused;
        // Of two who said no the first ended it.
        let (of_staff, staff_at, of_person, person_at) = answers;
        let by_staff = of_staff == Some(false) && (of_person != Some(false) || staff_at <= person_at);
        let by = if by_staff { Side::Staff } else { Side::Person };
        let (answered_at, answered_recorded_at) = if is_declined { ended } else { start };
        let (answered_at, declined_by) = (answered_at?, is_declined.then_some(by));
        let reason = reasons.get(&(id, by_staff)).copied().flatten();
        Some(ProposalThing { id, case, person, track, answered_at, answered_recorded_at, declined_by, reason })
    };
    Ok(rows.into_iter().filter_map(thing).collect())
}

/// Mentors and coaches in service at the year's end (today, while the year lasts), with how many matches they ran then.
pub fn staff_load(tx: &mut Tx<'_>, ground: &Ground) -> Result<Vec<StaffThing>> {
    use {matches as m, staff as s};
    // The last moment of the year belongs to its last day.
    let at = ground.until.minus(TimeDelta::microseconds(1)).min(ground.now);
    let on = ground.zone.date(at);
    let members: Vec<(StaffId, i32)> = s::table
        .filter(s::mentor.eq(true).or(s::parent_coach.eq(true)))
        .filter(s::from_on.le(on))
        .filter(s::left_on.is_null().or(s::left_on.gt(on)))
        .filter(s::loan_until_on.is_null().or(s::loan_until_on.ge(on)))
        .select((s::id, s::capacity))
        .load(tx.db())?;
    // A loan is over by its own moment, whether or not a night has passed that wrote it down.
    let is_lent = m::ended_at.is_not_null().or(m::loan_ends_at.is_null()).or(m::loan_ends_at.ge(at));
    let running: Vec<StaffId> = m::table
        .filter(m::starts_at.le(at))
        .filter(m::ended_at.is_null().or(m::ended_at.gt(at)))
        .filter(is_lent)
        .select(m::staff_id)
        .load(tx.db())?;
    let mut matches: HashMap<StaffId, i32> = HashMap::new();
    for staff in running {
        let count = matches.entry(staff).or_default();
        *count = count.saturating_add(1);
    }
    let thing = |(id, capacity)| StaffThing { id, capacity, matches: matches.get(&id).copied().unwrap_or(0) };
    Ok(members.into_iter().map(thing).collect())
}
