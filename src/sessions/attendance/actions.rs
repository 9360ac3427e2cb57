//! Count, and promise.

use std::collections::BTreeSet;

use super::model::{Effect, Event, Report, Run};
use super::{rules, store};
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, NoteId, PersonId};
use crate::duties::store::Which;
use crate::duties::{self, About, CASE_CLOSED, CORRECTED, Duty, Kind, Promise};
use crate::facts::Fact;
use crate::journal::Subject;
use crate::sessions;
use crate::{cases, courses, people};

/// Counts a person's misses anew and makes the promises agree: one a run, further misses join it, at either end, and a run that a
/// correction broke ends as `corrected`. One that ended with its case is another open case's, if the run reaches into one. What was done, or
/// ended otherwise, stays. Nothing is promised of whoever died; where that turns out to be wrong, what it had ended is.
///
/// # Errors
/// The database's.
pub fn count(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    if people::store::find_facts(tx, person)?.is_some_and(|facts| facts.died_on.is_some()) {
        return Ok(());
    }
    let mut events: Vec<Event> = sessions::store::fact_of_person(tx, person)?
        .into_iter()
        .map(|session| Event {
            id: session.id.cast(),
            case: session.case,
            starts_at: session.starts_at,
            missed_at: rules::missed_at(&session),
            effect: rules::effect_of(&session),
        })
        .collect();
    for reported in store::fact_reported(tx, person)? {
        events.push(Event {
            id: reported.id,
            case: reported.case_id,
            starts_at: reported.starts_at,
            missed_at: reported.starts_at,
            effect: rules::effect(reported.outcome.state(), reported.cancelled_by, reported.new_time_agreed),
        });
    }
    let mut events = rules::as_they_were(events);
    for (course, case, ended_at) in courses::store::fact_ends_of(tx, person)? {
        events.push(Event { id: course.cast(), case, starts_at: ended_at, missed_at: ended_at, effect: Effect::Ends });
    }
    let runs = rules::runs(events);

    let promises = duties::store::list_all(tx, Kind::MissedTwice, person.cast())?;
    // Whoever settled a run has looked at all of it that was missed by then, also when a correction took away the miss that named it.
    let covers = |duty: &Duty, run: &Run| rank(duty) == Rank::Settled && run.spans(duty.from_at) && duty.closed_at >= Some(run.second_at);
    let mut named = Vec::new();
    for run in runs {
        let known = find_promise(&promises, &run).cloned();
        let first = run.misses.first().map(ToString::to_string).unwrap_or_default();
        named.push((known.as_ref().map_or(first, |duty| duty.slot.clone()), known, run));
    }
    let mine = Which::subject(person, &[Kind::MissedTwice]);
    for duty in duties::store::list_open(tx, &mine)? {
        if !named.iter().any(|(slot, ..)| *slot == duty.slot) {
            let now = tx.now;
            duties::actions::end(tx, &mine.clone().slot(&duty.slot), now, CORRECTED)?;
        }
    }
    for (slot, known, run) in named {
        let subject = Subject::from(person);
        let settled = match known.as_ref().map(rank) {
            Some(Rank::Open) => false,
            Some(Rank::Settled) => true,
            Some(Rank::Lapsed) | None => promises.iter().any(|duty| covers(duty, &run)),
        };
        if settled {
            continue;
        }
        let Some(case) = find_case(tx, &run, known.as_ref())? else { continue };
        let calendar = tx.programme.calendar();
        let promise = Promise {
            kind: Kind::MissedTwice,
            subject,
            slot,
            about: About { case: Some(case), person: Some(person), ..About::default() },
            owner: cases::actions::find_owner(tx, case)?,
            from_at: run.second_at,
            opens_at: run.second_at,
            due_at: calendar.due(run.second_at, Span::WorkingDays(tx.programme.deadlines.missed_twice_working_days)),
        };
        duties::actions::open(tx, &promise)?;
        if known.is_some_and(|duty| duty.about.case != Some(case)) {
            duties::actions::file_under(tx, &mine.clone().slot(&promise.slot), case, promise.owner)?;
        }
    }
    Ok(())
}

/// Consequence of a closing that is taken back: what was promised about a run, and ended with it, is the case's again, unless the run went on in
/// another meanwhile; and what was missed while it was closed counts.
///
/// # Errors
/// The database's.
pub fn closing_retracted(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<()> {
    let owner = cases::actions::find_owner(tx, case)?;
    let ended = duties::store::list_ended(tx, case, at, &[CASE_CLOSED])?;
    for duty in ended.iter().filter(|duty| duty.kind == Kind::MissedTwice) {
        duties::actions::open(tx, &Promise { owner, ..duty.promise() })?;
    }
    for member in cases::store::fact_members(tx, case)? {
        count(tx, member.person)?;
    }
    Ok(())
}

/// The open case that a run's promise is about: the one it has, else that of a miss; never the one with whose closing it ended, for that stays
/// ended where the case is open again.
fn find_case(tx: &mut Tx<'_>, run: &Run, known: Option<&Duty>) -> Result<Option<CaseId>> {
    let (own, left) = match known {
        Some(duty) if rank(duty) == Rank::Open => (duty.about.case, None),
        Some(duty) if duty.reason.as_deref() == Some(CASE_CLOSED) => (None, duty.about.case),
        _ => (None, None),
    };
    for case in own.iter().chain(&run.cases).filter(|case| Some(**case) != left) {
        if cases::store::fact_state(tx, *case)? == Some(cases::model::State::Open) {
            return Ok(Some(*case));
        }
    }
    Ok(None)
}

/// How well a promise stands for a run that several could.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Done, or ended for good: where a correction makes one run of two, it is settled.
    Settled,
    /// Still to be kept.
    Open,
    /// Ended by a correction, with its case, or by a death: it may come back.
    Lapsed,
}

fn rank(duty: &Duty) -> Rank {
    match (duty.state, duty.reason.as_deref()) {
        (duties::State::Open, _) => Rank::Open,
        (_, Some(CORRECTED | "dead" | CASE_CLOSED)) => Rank::Lapsed,
        _ => Rank::Settled,
    }
}

/// The promise of a run: it bears the name of one of its misses. A miss that is told of late may come before that one.
fn find_promise<'a>(promises: &'a [Duty], run: &Run) -> Option<&'a Duty> {
    let names: BTreeSet<String> = run.misses.iter().map(ToString::to_string).collect();
    promises.iter().filter(|duty| names.contains(&duty.slot)).min_by_key(|duty| rank(duty))
}

/// Makes the meetings that a contact note reported these. One that stays keeps its id, which may name a run.
///
/// # Errors
/// The database's.
pub fn report(tx: &mut Tx<'_>, note: NoteId, case: CaseId, reports: &[Report]) -> Result<()> {
    let standing = store::fact_of_note(tx, note)?;
    let known = |report: &Report| standing.iter().find(|(_, person, at)| (*person, *at) == (report.person_id, report.starts_at));
    let kept: Vec<_> = reports.iter().map(|report| (known(report).map_or_else(|| tx.new_id(), |(id, ..)| *id), *report)).collect();
    store::replace(tx, note, case, &kept)?;
    let people: BTreeSet<PersonId> =
        standing.iter().map(|(_, person, _)| *person).chain(reports.iter().map(|report| report.person_id)).collect();
    for person in people {
        tx.tell(Fact::AttendanceChanged { person });
    }
    Ok(())
}
