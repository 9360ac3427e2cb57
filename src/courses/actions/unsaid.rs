//! What a custody holder is said to have said after the day of their death never was: what stood still for that alone goes on, and what it was needed
//! for stands still. A death that is taken back gives it back.

use std::collections::BTreeSet;

use super::{participant, pauses, said};
use crate::access::Tx;
use crate::base::error::{Code, Result};
use crate::base::ids::{CourseId, PersonId};
use crate::courses::model::{Consent, Course, Pause, Scope, Word};
use crate::courses::rules::consent::enough;
use crate::courses::store;
use crate::facts::Fact;
use crate::people;

/// The courses of whoever somebody ever held custody of, in which they may have said something for another: those that have not ended, and those that
/// a death took, for they run on where that is taken back.
fn list_held(tx: &mut Tx<'_>, holder: PersonId) -> Result<Vec<Course>> {
    let ever = people::store::list_ever_custody(tx, Some(&[holder]))?;
    let children: BTreeSet<PersonId> = ever.into_iter().filter(|(_, of)| *of == holder).map(|(child, _)| child).collect();
    let mut courses = Vec::new();
    for child in children {
        courses.extend(store::fact_unended_of(tx, child)?);
        let taken = store::fact_taken_by_death(tx, child)?;
        courses.extend(taken.into_iter().filter(|course| course.before_death.is_some_and(|before| !before.is_ended())));
    }
    Ok(courses)
}

/// What a custody holder is said to have said about taking part in a course.
fn list_theirs(tx: &mut Tx<'_>, course: &Course, holder: PersonId) -> Result<Vec<Consent>> {
    let mut theirs = store::consents::fact_of_offer(tx, course.offer)?;
    theirs.retain(|consent| consent.giver == holder && consent.scope == Scope::Participation);
    Ok(theirs)
}

/// Whether it was this that a pause is for.
fn is_for(pause: &Pause, said: &Consent) -> bool {
    pause.consent == Some(said.id)
}

/// Consequence of a death.
pub(super) fn holder_died(tx: &mut Tx<'_>, holder: PersonId) -> Result<()> {
    let zone = tx.programme.calendar().zone;
    for course in list_held(tx, holder)? {
        let theirs = list_theirs(tx, &course, holder)?;
        let mut over = pauses::standing(tx, course.id)?;
        over.retain(|pause| theirs.iter().any(|said| is_for(pause, said) && !said.is_own_last_word(zone)));
        go_on(tx, &course, &over)?;
        if course.ended_at.is_none() && theirs.iter().any(|said| said.given && !said.is_own_word(zone)) {
            pauses::agree_course(tx, course.id)?;
        }
    }
    Ok(())
}

/// Consequence of a death that is taken back, as far as nothing that was recorded since says otherwise: a course that stood still for a word that is
/// there after all goes on, and one that went on stands still where their last word is a no, unless the person decides alone by now.
pub(super) fn holder_lives(tx: &mut Tx<'_>, holder: PersonId) -> Result<()> {
    let (zone, now) = (tx.programme.calendar().zone, tx.now);
    let Some(recorded_at) = people::store::fact_death_recorded_at(tx, holder)? else { return Ok(()) };
    for course in list_held(tx, holder)? {
        let (id, theirs) = (course.id, list_theirs(tx, &course, holder)?);
        let (participant, words) = (participant(tx, course.person)?, said(tx, course.offer)?);
        if enough(&participant, &words, zone, now).is_ok() {
            let mut over = pauses::standing(tx, id)?;
            over.retain(|pause| pause.lacks_consent() && pause.paused_at == recorded_at);
            go_on(tx, &course, &over)?;
        }
        let decides = !participant.is_adult_on(zone.date(now));
        if decides && words.iter().rfind(|word| word.giver == holder).is_some_and(|word| word.answer == Word::No) {
            let mut back = store::list_pauses(tx, id)?;
            back.retain(|pause| pause.went_on_at(recorded_at) && theirs.iter().any(|said| is_for(pause, said)));
            stand_still_again(tx, &course, &back)?;
        }
    }
    Ok(())
}

/// A course goes on, as by a resumption, but for what else holds it: what these pauses were for never was, and on that basis nobody resumed it. One
/// that has ended goes on without them, if it does.
fn go_on(tx: &mut Tx<'_>, course: &Course, over: &[Pause]) -> Result<()> {
    let (id, now) = (course.id, tx.now);
    for pause in over {
        store::end_pause(tx, pause.id, now, None)?;
    }
    if over.is_empty() || course.ended_at.is_some() {
        return Ok(());
    }
    agree_since(tx, id)?;
    tx.tell(Fact::CourseResumed { course: id, at: now });
    Ok(())
}

/// A course stands still as it did, and what was promised of that is to be decided still. One that has ended does where it runs on after all.
fn stand_still_again(tx: &mut Tx<'_>, course: &Course, back: &[Pause]) -> Result<()> {
    let id = course.id;
    for pause in back {
        store::hold_again(tx, pause.id)?;
    }
    if course.ended_at.is_some() {
        return Ok(());
    }
    pauses::decide_again(tx, id, back)?;
    if let Some(first) = back.first() {
        agree_since(tx, id)?;
        tx.tell(Fact::CoursePaused { course: id, at: first.paused_at });
    }
    Ok(())
}

/// A course stands still since the first of what holds it.
fn agree_since(tx: &mut Tx<'_>, id: CourseId) -> Result<()> {
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let paused_at = pauses::standing_since(tx, id)?;
    store::save(tx, &Course { paused_at, ..course })
}
