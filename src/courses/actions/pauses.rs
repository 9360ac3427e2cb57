//! When a course stands still (by the unit, a withdrawal, a word that turns out to be missing), and how it goes on.

use super::offers::refusal;
use super::{consents, get_unended, participant, promise, said};
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{ConsentId, CourseId, PersonId, RowId};
use crate::base::value::Text;
use crate::base::vault::Holder;
use crate::cases::rules::check_stated;
use crate::courses::model::{Course, Pause};
use crate::courses::rules::Dated;
use crate::courses::rules::consent::{Lack, enough};
use crate::courses::store;
use crate::duties::store::{Which, find, list_open};
use crate::duties::{self, Kind};
use crate::facts::Fact;

/// When a course stood still, the first first.
pub fn list(tx: &mut Tx<'_>, id: CourseId) -> Result<Vec<Pause>> {
    store::list_pauses(tx, id)
}

/// What a course stands still for, the first first.
pub(super) fn standing(tx: &mut Tx<'_>, id: CourseId) -> Result<Vec<Pause>> {
    Ok(store::list_pauses(tx, id)?.into_iter().filter(|pause| pause.resumed_at.is_none()).collect())
}

/// Since when a course stands still, by what still holds it.
pub(super) fn standing_since(tx: &mut Tx<'_>, id: CourseId) -> Result<Option<Instant>> {
    Ok(standing(tx, id)?.first().map(|pause| pause.paused_at))
}

/// Pauses a course for a stated reason of the unit's own.
///
/// # Errors
/// 404, 409 when it has ended or stands still already, 422 for an impossible time.
pub fn pause(tx: &mut Tx<'_>, id: CourseId, at: Instant, grounds: &Text) -> Result<CourseId> {
    let course = get_unended(tx, id)?;
    if course.paused_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Forløbet står allerede stille", "The course is paused already").into());
    }
    check_stated("/happened_at", at, tx.now, course.accepted_at)?;
    let pause: RowId = tx.new_id();
    let grounds = tx.seal(Holder::person(course.person), store::pause_place("grounds", pause), grounds)?;
    stand_still(tx, course, &Pause { id: pause, consent: None, paused_at: at, grounds: Some(grounds), resumed_at: None, basis: None })?;
    Ok(id)
}

/// Several may hold a course: it stands still since the earliest.
fn stand_still(tx: &mut Tx<'_>, course: Course, pause: &Pause) -> Result<()> {
    let (id, at, by) = (course.id, pause.paused_at, tx.account()?);
    store::insert_pause(tx, id, pause, by)?;
    let since = course.paused_at.map_or(at, |since| since.min(at));
    store::save(tx, &Course { paused_at: Some(since), ..course })?;
    tx.tell(Fact::CoursePaused { course: id, at });
    Ok(())
}

/// Lets a paused course run on. On what basis is recorded; it stands in for the custody holders who had withdrawn by then. What paused it
/// later goes on holding it.
///
/// # Errors
/// 404; 409 when it is not paused, or with whose word is missing still where it stands still for that; 422 for an impossible time.
pub fn resume(tx: &mut Tx<'_>, id: CourseId, at: Instant, basis: &Text) -> Result<CourseId> {
    let course = get_unended(tx, id)?;
    let Some(paused_at) = course.paused_at else {
        return Err(Problem::new(Code::WrongState).say("Forløbet står ikke stille", "The course is not paused").into());
    };
    check_stated("/happened_at", at, tx.now, paused_at)?;
    let (over, later): (Vec<Pause>, Vec<Pause>) = standing(tx, id)?.into_iter().partition(|pause| pause.paused_at <= at);
    for pause in &over {
        let sealed = tx.seal(Holder::person(course.person), store::pause_place("basis", pause.id), basis)?;
        store::end_pause(tx, pause.id, at, Some(&sealed))?;
        if let Some(consent) = pause.consent {
            consents::stand_in(tx, consent, at, basis)?;
        }
    }
    if over.iter().any(Pause::lacks_consent) {
        let (participant, said) = (participant(tx, course.person)?, said(tx, course.offer)?);
        if let Err(lack) = enough(&participant, &said, tx.programme.calendar().zone, tx.now) {
            return refusal(tx, lack);
        }
    }
    store::save(tx, &Course { paused_at: later.first().map(|pause| pause.paused_at), ..course })?;
    tx.tell(Fact::CourseResumed { course: id, at });
    Ok(id)
}

/// Pauses a course because a custody holder withdrew, and promises a decision. Nobody else is told.
pub(super) fn pause_for(tx: &mut Tx<'_>, course: Course, consent: Option<ConsentId>, at: Instant) -> Result<()> {
    let pause = Pause { id: tx.new_id(), consent, paused_at: at, grounds: None, resumed_at: None, basis: None };
    promise_decision(tx, &course, &pause)?;
    stand_still(tx, course, &pause)
}

/// By the next working day it is decided: end the course, or record on what basis it goes on.
fn promise_decision(tx: &mut Tx<'_>, course: &Course, pause: &Pause) -> Result<()> {
    let (calendar, days, at) = (tx.programme.calendar(), tx.programme.deadlines.paused_working_days, pause.paused_at);
    let dated = Dated { kind: Kind::Paused, slot: slot_of(pause), opens_at: at, due_at: calendar.due(at, Span::WorkingDays(days)) };
    let promise = promise(tx, course.id, course.case, course.person, at, dated)?;
    duties::actions::open(tx, &promise).map(drop)
}

fn slot_of(pause: &Pause) -> String {
    pause.consent.map_or_else(|| pause.id.to_string(), |consent| consent.to_string())
}

/// What was promised of pauses, and counted as decided, is to be decided still.
pub(super) fn decide_again(tx: &mut Tx<'_>, id: CourseId, pauses: &[Pause]) -> Result<()> {
    for pause in pauses {
        if let Some(decision) = find(tx, Kind::Paused, id.cast(), &slot_of(pause))? {
            duties::actions::take_back(tx, decision.id)?;
        }
    }
    Ok(())
}

/// Consequence of a resumption: the decisions that were promised are made, but for what goes on holding the course.
pub fn resumed(tx: &mut Tx<'_>, id: CourseId, at: Instant) -> Result<()> {
    let held: Vec<String> = standing(tx, id)?.iter().map(slot_of).collect();
    let open = list_open(tx, &Which::subject(id, &[Kind::Paused]))?;
    for duty in open.iter().filter(|duty| !held.contains(&duty.slot)) {
        duties::actions::keep(tx, duty, at)?;
    }
    Ok(())
}

/// Consequence of a birth date that was put right: where a word is missing of whoever is asked at that age, a course stands still as for a
/// withdrawal, until it is there. From 18 the birthday's promise asks.
pub fn agree_consents(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    for course in store::fact_unended_of(tx, person)? {
        agree_course(tx, course.id)?;
    }
    Ok(())
}

/// As [`agree_consents`], of one course that runs. Whose withdrawal holds it already is asked for with that.
pub(super) fn agree_course(tx: &mut Tx<'_>, id: CourseId) -> Result<()> {
    let (now, zone) = (tx.now, tx.programme.calendar().zone);
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let (participant, said) = (participant(tx, course.person)?, said(tx, course.offer)?);
    let held = standing(tx, id)?;
    if held.iter().any(Pause::lacks_consent) || participant.is_adult_on(zone.date(now)) {
        return Ok(());
    }
    let mut withdrew = Vec::new();
    for consent in held.iter().filter_map(|pause| pause.consent) {
        withdrew.extend(store::consents::find_fact(tx, consent)?.map(|consent| consent.giver));
    }
    match enough(&participant, &said, zone, now) {
        Ok(()) => Ok(()),
        Err(Lack::Words(missing)) if missing.iter().all(|(giver, _)| withdrew.contains(giver)) => Ok(()),
        Err(_) => pause_for(tx, course, None, now),
    }
}
