//! A death takes what is open of a person, and what they are said to have answered after it; one that is taken back never was.

use super::corrections::{agree_end, forget_answer};
use super::ends::promise_again_to;
use super::offers::{end_reoffers, promise_answer, take_back};
use super::{birthdays, discontinue, finish, participant, pauses, plans, said, unsaid};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Result};
use crate::base::ids::{CaseId, CourseId, PersonId};
use crate::base::vault::Holder;
use crate::cases;
use crate::cases::model::CloseReason;
use crate::corrections::{self, Correction};
use crate::courses::model::{Course, CourseState, FormerAnswer, Offer, OfferState, StopReason, Track};
use crate::courses::rules::{consent, fits};
use crate::courses::store::{self, offers};
use crate::duties::store::{Which, find};
use crate::duties::{self, Kind};
use crate::facts::Fact;
use crate::people;

/// Consequence of a death: offers are withdrawn, courses broken off, and nothing is offered again. What they are said to have answered after the
/// day on which they died never was, also of others whose custody they held. How far each was is kept with it, for a death that was recorded of the wrong person.
///
/// # Errors
/// The database's and the vault's.
pub fn person_died(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<()> {
    let_go(tx, person)?;
    died_before_answering(tx, person, at)?;
    for offer in offers::fact_open(tx, Some(person), None)? {
        take_back(tx, Offer { before_death: Some(offer.state), ..offer }, at, false)?;
    }
    for course in store::fact_unended_of(tx, person)? {
        discontinue(tx, Course { before_death: Some(course.state), ..course }, at)?;
    }
    end_reoffers(tx, person, None, None, at, StopReason::Dead.code())?;
    unsaid::holder_died(tx, person)
}

/// What an earlier death had taken, and did not come back with it, is as it stands.
fn let_go(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    for offer in offers::fact_taken_by_death(tx, person)? {
        offers::save(tx, &Offer { before_death: None, ..offer })?;
    }
    for course in store::fact_taken_by_death(tx, person)? {
        store::save(tx, &Course { before_death: None, ..course })?;
    }
    Ok(())
}

/// An offer that was answered after the day of the death is withdrawn, and its course in no figure.
fn died_before_answering(tx: &mut Tx<'_>, person: PersonId, died_at: Instant) -> Result<()> {
    let zone = tx.programme.calendar().zone;
    for track in [Track::Mentor, Track::ParentCoach] {
        for mut offer in offers::fact_of_person(tx, person, track)? {
            let is_answered = matches!(offer.state, OfferState::Accepted | OfferState::Declined);
            let Some(answered_at) = offer.answered_at.filter(|at| is_answered && zone.date(*at) > zone.date(died_at)) else { continue };
            if let Some(course) = store::fact_of_offer(tx, offer.id)? {
                let course = Course { before_death: Some(course.state), ..course };
                if course.ended_at.is_none() {
                    let at = course.started_at.unwrap_or(course.accepted_at);
                    finish(tx, course, CourseState::Retracted, at, None)?;
                } else {
                    store::save(tx, &Course { state: CourseState::Retracted, ..course })?;
                    duties::actions::end(tx, &Which::subject(course.id, &[Kind::EndInDoubt]), died_at, "dead")?;
                }
            }
            offer.before_death = Some(offer.state);
            forget_answer(tx, &mut offer, answered_at)?;
            take_back(tx, offer, died_at, false)?;
        }
    }
    Ok(())
}

/// Consequence of a death that is taken back: what it had taken is as it was, and what was left of the re-offers is promised again in each case
/// of the person, as after a stop.
///
/// # Errors
/// The database's and the vault's.
pub fn death_retracted(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    give_back(tx, person, None)?;
    for course in store::fact_taken_by_death(tx, person)? {
        break_off(tx, course)?;
    }
    for (case, of) in cases::store::list_ever_members(tx, Some(&[person]))? {
        if of == person {
            promise_again_to(tx, case, person, None)?;
        }
    }
    unsaid::holder_lives(tx, person)
}

/// Of what a death took from somebody who is alive, in one case or all, each thing is as it was. What was recorded since comes first: an offer that was
/// open, or a course that ran, stays over while its case is closed or they are out of it, where they withdrew or were offered another, or it is
/// recorded why they have none. Twice is once.
pub(super) fn give_back(tx: &mut Tx<'_>, person: PersonId, case: Option<CaseId>) -> Result<()> {
    if people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some()) {
        return Ok(());
    }
    let is_meant = |of| case.is_none_or(|case| case == of);
    for offer in offers::fact_taken_by_death(tx, person)?.into_iter().filter(|offer| is_meant(offer.case)) {
        match offer.before_death {
            Some(OfferState::Open) => give_back_open(tx, offer)?,
            Some(OfferState::Accepted | OfferState::Declined) => give_back_answer(tx, offer)?,
            Some(OfferState::Withdrawn) | None => {}
        }
    }
    for course in store::fact_taken_by_death(tx, person)?.into_iter().filter(|course| is_meant(course.case)) {
        give_back_course(tx, course)?;
    }
    Ok(())
}

/// An offer waits for its answer again, which is due as it was.
fn give_back_open(tx: &mut Tx<'_>, offer: Offer) -> Result<()> {
    if !is_free(tx, &offer, offer.answered_recorded_at, |_| true)? {
        return Ok(());
    }
    let id = offer.id;
    let (answered_at, answered_recorded_at, answered_by) = (None, None, None);
    let open = Offer { state: OfferState::Open, answered_at, answered_recorded_at, answered_by, before_death: None, ..offer };
    offers::save(tx, &open)?;
    promise_answer(tx, id)
}

/// An answer stands again, as it was recorded. A case that it had opened again is open from then.
fn give_back_answer(tx: &mut Tx<'_>, offer: Offer) -> Result<()> {
    let (id, case, holder) = (offer.id, offer.case, Holder::person(offer.person));
    let former = corrections::list::<FormerAnswer>(tx, corrections::Kind::Answer, id.cast(), holder)?.pop();
    let Some(Correction { former, .. }) = former else { return Ok(()) };
    let (state, at) = (former.state, former.answered_at);
    let words = former.words.map(|words| tx.seal(holder, offers::place("answer_words", id), &words)).transpose()?;
    let answered = Offer {
        state,
        answered_at: Some(at),
        answered_recorded_at: former.recorded_at,
        answered_by: former.recorded_by,
        decline_reason: former.decline_reason,
        answer_words: words,
        before_death: None,
        ..offer
    };
    offers::save(tx, &answered)?;
    if let Some(duty) = find(tx, Kind::Answer, id.cast(), "")? {
        duties::actions::open(tx, &duty.promise())?;
        duties::actions::meet(tx, &Which::subject(id, &[Kind::Answer]), at)?;
    }
    let closed = cases::store::fact(tx, case)?.filter(|case| case.state == cases::State::Closed);
    let was_closed = closed.is_some_and(|case| {
        let has_police = case.close_reason == Some(CloseReason::TakenOverByPolice);
        case.closed_at.is_some_and(|closed_at| closed_at <= at) && !has_police
    });
    if state == OfferState::Accepted && was_closed {
        cases::actions::reopening::reopen(tx, case, id, at)?;
    }
    Ok(())
}

/// A course that was over is so as it was; one that ran runs on, without its match.
fn give_back_course(tx: &mut Tx<'_>, course: Course) -> Result<()> {
    let Some(before) = course.before_death else { return Ok(()) };
    let (Some(ended_at), Some(recorded_at), false) = (course.ended_at, course.ended_recorded_at, before.is_ended()) else {
        let course = Course { state: before, before_death: None, ..course };
        store::save(tx, &course)?;
        return agree_end(tx, &course);
    };
    let offer = offers::find_fact(tx, course.offer)?.ok_or(Code::NotFound)?;
    let may_run = withdrew_at(tx, &course)?.is_none() && is_free(tx, &offer, Some(recorded_at), |reason| reason == StopReason::Moved)?;
    if may_run {
        let id = course.id;
        let state = if course.started_at.is_some() { CourseState::Active } else { CourseState::Waiting };
        let paused_at = pauses::standing_since(tx, id)?;
        store::save(tx, &Course { state, paused_at, ended_at: None, ended_recorded_at: None, before_death: None, ..course })?;
        tx.tell(Fact::CourseGivenBack { course: id, ended_at, recorded_at });
    }
    Ok(())
}

/// A course that did not come back was broken off all the same: when they withdrew, else when the death was recorded, or what led out of it before.
fn break_off(tx: &mut Tx<'_>, course: Course) -> Result<()> {
    let (Some(from), Some(recorded_at)) = (course.ended_at, course.ended_recorded_at) else { return Ok(()) };
    let at = match withdrew_at(tx, &course)? {
        Some(at) => at.max(course.started_at.unwrap_or(course.accepted_at)),
        None => left_at(tx, &course, from)?.map_or(recorded_at, |left_at| left_at.min(recorded_at)).max(from),
    };
    let id = course.id;
    store::save(tx, &Course { state: CourseState::Discontinued, ended_at: Some(at), ..course })?;
    if at != from {
        tx.tell(Fact::CourseStaysOver { course: id, from, at });
    }
    Ok(())
}

/// When whoever takes part withdrew, if that is their last word; also while they were said to be dead.
fn withdrew_at(tx: &mut Tx<'_>, course: &Course) -> Result<Option<Instant>> {
    let (participant, said) = (participant(tx, course.person)?, said(tx, course.offer)?);
    Ok(consent::withdrew_at(&participant, &said, tx.programme.calendar().zone, tx.now))
}

/// The first moment, of what was recorded since the end of a course, that leads out of it: its case was closed, they left it or moved, the police took
/// them over, or they had their next course.
fn left_at(tx: &mut Tx<'_>, course: &Course, from: Instant) -> Result<Option<Instant>> {
    let (case, person) = (course.case, course.person);
    let closed_at = cases::store::fact(tx, case)?.and_then(|case| case.closed_at);
    let member = cases::store::fact_members(tx, case)?.into_iter().find(|member| member.person == person);
    let left_at = member.and_then(|member| member.left_at);
    // Stated for before that end, it left nothing to run on.
    let taken_at = member.and_then(|member| member.taken_since(course.recorded_at)).map(|at| at.max(from));
    let stops = store::stops::fact_of(tx, case, person)?;
    let moved = stops.iter().filter(|stop| stop.track == course.track && stop.reason == StopReason::Moved && stop.stopped_at >= from);
    let moved_at = moved.map(|stop| stop.stopped_at).min();
    let next_at = store::fact_next_at(tx, course, from)?;
    Ok([closed_at, left_at, moved_at, next_at, taken_at].into_iter().flatten().filter(|at| *at >= from).min())
}

/// Whether nothing that was recorded since a death was stands in the way of an offer, or of the course that it became: its case is open, they stand in
/// it in a role that the track is for, have and were offered no other, and neither did the police take them over nor is a reason recorded that ends it.
fn is_free(tx: &mut Tx<'_>, offer: &Offer, since: Option<Instant>, ends: impl Fn(StopReason) -> bool) -> Result<bool> {
    let (case, person, track) = (offer.case, offer.person, offer.track);
    let is_open = cases::store::fact(tx, case)?.is_some_and(|case| case.state == cases::State::Open);
    let members = cases::store::fact_members(tx, case)?;
    let member = members.iter().find(|member| member.person == person && member.stands() && fits(track, member.role));
    let is_theirs = member.is_some_and(|member| member.taken_since(offer.recorded_at).is_none());
    let is_offered = offers::fact_open(tx, Some(person), None)?.iter().any(|other| other.track == track);
    let is_made_anew = match since {
        Some(since) => offers::is_made_anew(tx, offer, since)?,
        None => false,
    };
    let has_course = store::fact_unended_of(tx, person)?.iter().any(|other| other.track == track);
    let stops = store::stops::fact_of(tx, case, person)?;
    let is_stopped = stops.iter().any(|stop| stop.track == track && ends(stop.reason) && stop.holds(Some(offer.offered_at)));
    Ok(is_open && is_theirs && !is_offered && !is_made_anew && !has_course && !is_stopped)
}

/// Consequence of a course that runs on after all: what was promised while it was open, and ended with it, is promised again, of what still holds it,
/// too; it stands still where a word is missing by now.
///
/// # Errors
/// The database's.
pub fn course_given_back(tx: &mut Tx<'_>, id: CourseId) -> Result<()> {
    let (course, now) = (store::find_fact(tx, id)?.ok_or(Code::NotFound)?, tx.now);
    birthdays::agree(tx, &course, now)?;
    plans::accepted_again(tx, &course)?;
    let held = pauses::standing(tx, id)?;
    pauses::decide_again(tx, id, &held)?;
    pauses::agree_consents(tx, course.person)
}
