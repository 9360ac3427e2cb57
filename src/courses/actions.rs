//! Verbs on courses: start, end; what else ends or begins with them, and whether they may run.

pub mod birthdays;
pub mod consents;
pub mod corrections;
pub mod deaths;
pub mod ends;
pub mod offers;
pub mod pauses;
pub mod plans;
pub mod stops;
mod unsaid;

use std::collections::HashSet;

use chrono::NaiveDate;

use super::model::{Closing, Consent, Course, CourseState, Participant, Said, Scope, Word};
use super::rules::birthdays::{KINDS as BIRTHDAYS, asked_from};
use super::rules::consent::{self, enough};
use super::rules::standing::Standing;
use super::rules::{Dated, check_closing, may_end};
use super::store;
pub use super::store::{Filter, get, list};
use crate::access::{Reach, Tx};
use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, or_invalid};
use crate::base::ids::{CaseId, CourseId, MatchId, OfferId, PersonId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::cases;
use crate::cases::rules::check_stated;
use crate::duties::store::Which;
use crate::duties::{self, About, Kind, Promise};
use crate::facts::Fact;
use crate::people::{self, Custody};

/// A course that a body names.
///
/// # Errors
/// 422 at `/course_id` when the caller sees no such course.
pub fn get_named(tx: &mut Tx<'_>, id: CourseId) -> Result<Course> {
    or_invalid(store::get(tx, id), Flaw::UnknownCourse.at("/course_id"))
}

/// Says of these courses, which the caller sees, when they began as far as they see that: a mentor or coach by the sessions of their own match, for what
/// was held in another's before is none of theirs.
///
/// # Errors
/// The database's.
pub fn begun_as_seen(tx: &mut Tx<'_>, courses: &mut [Course]) -> Result<()> {
    let begun: Vec<CourseId> = courses.iter().filter(|course| course.started_at.is_some()).map(|course| course.id).collect();
    if tx.reaches(Reach::All) || begun.is_empty() {
        return Ok(());
    }
    let (now, first) = (tx.now, store::list_first_seen(tx, &begun)?);
    for course in courses {
        let own = first.iter().find(|(id, _)| *id == course.id).and_then(|(_, at)| *at);
        // Their own may be that by which the course began: then it is that moment, whatever a phone's clock said.
        course.started_at = course.started_at.and_then(|started_at| own.map(|at| at.min(now).max(started_at)));
    }
    Ok(())
}

/// Whose consent is asked for, with whoever ever held custody of them; for a rule.
pub fn participant(tx: &mut Tx<'_>, person: PersonId) -> Result<Participant> {
    let facts = people::store::find_facts(tx, person)?.ok_or(Code::NotFound)?;
    let custody = people::store::fact_ever_held(tx, person)?;
    Ok(participant_of(tx, person, facts.kind, facts.born_on, custody))
}

fn participant_of(tx: &Tx<'_>, person: PersonId, kind: people::Kind, born_on: Option<NaiveDate>, custody: Vec<Custody>) -> Participant {
    let (zone, lead_days) = (tx.programme.calendar().zone, tx.programme.deadlines.birthday_lead_days);
    let asked = |age| born_on.map(|born_on| asked_from(born_on, age, lead_days, zone));
    let is_young = kind == people::Kind::YoungPerson;
    Participant { person, born_on, is_young, own_from: asked(10), adult_from: asked(18), custody }
}

/// What was said about taking part, for a rule, in the order in which it was said.
pub(super) fn said(tx: &mut Tx<'_>, offer: OfferId) -> Result<Vec<Said>> {
    let zone = tx.programme.calendar().zone;
    Ok(words_of(store::consents::fact_of_offer(tx, offer)?, Scope::Participation, zone))
}

/// What was said at one moment is in the order in which it was written down; what somebody is said to have said after their death never was.
fn words_of(consents: Vec<Consent>, scope: Scope, zone: Zone) -> Vec<Said> {
    let word = |not_needed, given| match (not_needed, given) {
        (true, _) => Word::NotNeeded,
        (false, true) => Word::Yes,
        (false, false) => Word::No,
    };
    let said = consents.into_iter().filter(|consent| consent.scope == scope).flat_map(|consent| {
        let answer = word(consent.not_needed, consent.given);
        let said = Said { giver: consent.giver, answer, adult_basis: consent.adult_basis, at: consent.given_at };
        let taken_back =
            consent.withdrawn_at.map(|at| (consent.withdrawn_recorded_at, Said { answer: Word::No, adult_basis: false, at, ..said }));
        let first = consent.is_own_word(zone).then_some((Some(consent.recorded_at), said));
        [first, taken_back.filter(|_| consent.is_own_last_word(zone))]
    });
    let mut said: Vec<(Option<Instant>, Said)> = said.flatten().collect();
    said.sort_by_key(|(recorded_at, said)| (said.at, *recorded_at));
    said.into_iter().map(|(_, said)| said).collect()
}

/// What decides about the dates of a course, looked up once for all of them. Asked when a match starts and when a session is planned.
///
/// # Errors
/// The database's.
pub fn standing(tx: &mut Tx<'_>, id: CourseId) -> Result<Standing> {
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let (participant, said) = (participant(tx, course.person)?, said(tx, course.offer)?);
    let (zone, grace_days) = (tx.programme.calendar().zone, tx.programme.adult_grace_days);
    Ok(Standing { course, participant, said, zone, today: zone.date(tx.now), grace_days })
}

/// Which of these courses lack a needed consent on a date, as [`consent::may_run`] has it; in a handful of queries, whatever their number.
///
/// # Errors
/// The database's.
pub fn lacking_consent(tx: &mut Tx<'_>, ids: &[CourseId], on: NaiveDate) -> Result<HashSet<CourseId>> {
    let (courses, zone) = (store::list_many(tx, ids)?, tx.programme.calendar().zone);
    let persons: Vec<PersonId> = courses.iter().map(|course| course.person).collect();
    let offers: Vec<OfferId> = courses.iter().map(|course| course.offer).collect();
    let (met, custody) = (people::store::list_met(tx, &persons)?, people::store::list_ever_held(tx, &persons)?);
    let mut said = store::consents::list_of_offers(tx, &offers)?;
    let lacks = |course: &Course| {
        let person = met.get(&course.person)?;
        let custody = custody.get(&course.person).cloned().unwrap_or_default();
        let participant = participant_of(tx, course.person, person.kind, person.born_on, custody);
        let said = words_of(said.remove(&course.offer).unwrap_or_default(), Scope::Participation, zone);
        (!consent::may_run(&participant, &said, zone, course.adult_at_acceptance, on)).then_some(course.id)
    };
    Ok(courses.iter().filter_map(lacks).collect())
}

/// Whether all who are asked at the participant's age consented, by the last they had said at a moment, to their being contacted after the
/// course.
pub fn may_contact_after(tx: &mut Tx<'_>, id: CourseId, at: Instant) -> Result<bool> {
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let participant = participant(tx, course.person)?;
    let zone = tx.programme.calendar().zone;
    let said = words_of(store::consents::fact_of_offer(tx, course.offer)?, Scope::ContactAfter, zone);
    Ok(enough(&participant, &said, zone, at).is_ok())
}

/// Makes a course agree with the first session held in it, as its logs have it by now: active since then; waiting again where a
/// correction left none. One that has ended stays as it ended; where it counts as gone through, and nothing was held, the unit is asked to put
/// that right. Told again it changes nothing.
pub fn agree_start(tx: &mut Tx<'_>, id: CourseId, first_held_at: Option<Instant>) -> Result<()> {
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let since = first_held_at.map(|at| at.max(course.accepted_at));
    let (state, started_at) = match (course.ended_at, since) {
        (None, Some(at)) => (CourseState::Active, Some(at)),
        (None, None) => (CourseState::Waiting, None),
        (Some(ended_at), since) => (course.state, since.map(|at| at.min(ended_at))),
    };
    if (state, started_at) == (course.state, course.started_at) {
        return Ok(());
    }
    let started_recorded_at = started_at.map(|_| course.started_recorded_at.unwrap_or(tx.now));
    let course = Course { state, started_at, started_recorded_at, ..course };
    store::save(tx, &course)?;
    if course.ended_at.is_some() { corrections::agree_end(tx, &course) } else { Ok(()) }
}

/// Ends a course: by joint decision with a closing form, or broken off.
///
/// # Errors
/// 404, 409 when its state does not allow it, 422 for an impossible time, one before the last session that was held, or a form that says too
/// little.
pub fn end(tx: &mut Tx<'_>, id: CourseId, kind: CourseState, at: Instant, closing: &Closing) -> Result<CourseId> {
    let course = get_unended(tx, id)?;
    check_end(tx, &course, kind, at, closing)?;
    finish(tx, course, kind, at, Some(closing))?;
    Ok(id)
}

/// An end that can be, of a course that has not ended yet, or another way than was recorded.
fn check_end(tx: &mut Tx<'_>, course: &Course, kind: CourseState, at: Instant, closing: &Closing) -> Result<()> {
    if !kind.is_end() {
        return Err(Flaw::NotAnEnd.refused("/kind"));
    }
    let has_begun = if course.started_at.is_some() { CourseState::Active } else { CourseState::Waiting };
    if !may_end(has_begun, kind) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem
            .say("Forløbet er aldrig kommet i gang; det kan kun afbrydes", "The course never began; it can only be broken off")
            .into());
    }
    check_held(tx, course.id, None, at)?;
    check_stated("/happened_at", at, tx.now, course.started_at.unwrap_or(course.accepted_at))?;
    check_closing(kind, closing)?;
    for (pointer, stated) in
        [("/closing/joint_meeting_at", closing.joint_meeting_at), ("/closing/handover_accepted_at", closing.handover_accepted_at)]
    {
        if let Some(stated) = stated {
            check_stated(pointer, stated, tx.now, course.accepted_at)?;
        }
    }
    Ok(())
}

/// What was held is not undone by an end that is stated later: a course, or a match of it, ends after the last session that was held.
///
/// # Errors
/// 422 at `/happened_at`, with the session.
pub fn check_held(tx: &mut Tx<'_>, id: CourseId, matched: Option<MatchId>, at: Instant) -> Result<()> {
    let Some((session, _)) = store::fact_last_held(tx, id, matched)?.filter(|(_, held_at)| *held_at > at) else { return Ok(()) };
    let problem = Problem::new(Code::Invalid).blocked_by("session", session.uuid());
    Err(problem.wrong(Flaw::BeforeHeld.at("/happened_at")).into())
}

fn finish(tx: &mut Tx<'_>, mut course: Course, kind: CourseState, at: Instant, closing: Option<&Closing>) -> Result<()> {
    let (id, now) = (course.id, tx.now);
    let closing = closing.map(|form| tx.seal(Holder::person(course.person), store::closing_place(id), form)).transpose()?;
    course.state = kind;
    course.ended_at = Some(at);
    course.ended_recorded_at = Some(now);
    course.paused_at = None;
    course.closing = closing;
    store::save(tx, &course)?;
    tx.tell(Fact::CourseEnded { course: id, at });
    Ok(())
}

/// Breaks a course off without a form: a withdrawal, a death or the police end it by themselves. Never before it began.
pub(super) fn discontinue(tx: &mut Tx<'_>, course: Course, at: Instant) -> Result<()> {
    let at = at.max(course.started_at.unwrap_or(course.accepted_at));
    finish(tx, course, CourseState::Discontinued, at, None)
}

pub(super) fn get_unended(tx: &mut Tx<'_>, id: CourseId) -> Result<Course> {
    let course = store::get(tx, id)?;
    check_unended(&course)?;
    Ok(course)
}

/// Refuses what only a course allows that has not ended.
pub(super) fn check_unended(course: &Course) -> Result<()> {
    if course.ended_at.is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::WrongState).say("Forløbet er afsluttet", "The course has ended").into())
}

/// A promise about a person of a case, owned by its coordinator.
pub(super) fn promise(
    tx: &mut Tx<'_>,
    subject: impl Into<crate::journal::Subject>,
    case: CaseId,
    person: PersonId,
    from_at: Instant,
    dated: Dated,
) -> Result<Promise> {
    Ok(Promise {
        kind: dated.kind,
        subject: subject.into(),
        slot: dated.slot,
        about: About { case: Some(case), person: Some(person), ..About::default() },
        owner: cases::actions::find_owner(tx, case)?,
        from_at,
        opens_at: dated.opens_at,
        due_at: dated.due_at,
    })
}

/// Consequence of an end: what was promised while the course was open is made or falls away.
pub fn ended(tx: &mut Tx<'_>, id: CourseId, at: Instant) -> Result<()> {
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Paused]), at)?;
    duties::actions::end(tx, &Which::subject(id, &[Kind::PlanReview]), at, "course_ended")?;
    duties::actions::end(tx, &Which::subject(id, &BIRTHDAYS), at, "course_ended").map(drop)
}

/// Plans anew what follows from a case's open offers and courses as they stand. Twice is once.
pub fn plan_anew(tx: &mut Tx<'_>, case: CaseId) -> Result<()> {
    let now = tx.now;
    for offer in store::offers::fact_open(tx, None, Some(case))? {
        offers::promise_answer(tx, offer.id)?;
    }
    for course in store::fact_unended_in(tx, case)? {
        birthdays::agree(tx, &course, now)?;
    }
    Ok(())
}
