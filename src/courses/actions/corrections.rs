//! What was recorded wrongly is put right: an answer is taken back and recorded anew, an end becomes what it was, an age too.

use super::consents::check_alive;
use super::ends::{LEFT_CASE, is_declined_still};
use super::offers::{check_free, end_reoffers_of};
use super::{check_end, finish, participant, promise, stops};
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, OfferId, PersonId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::cases;
use crate::cases::model::Member;
use crate::corrections::{self, Correction};
use crate::courses::model::{Closing, Course, CourseState, FormerAnswer, FormerEnd, Offer, OfferState};
use crate::courses::rules::{Dated, fits};
use crate::courses::store::{self, closing_place, offers};
use crate::duties::store::{Which, find, list_all, list_open};
use crate::duties::{self, CORRECTED, Duty, Kind, Promise, State};
use crate::facts::Fact;
use crate::people;

/// Why what an answer had promised is not asked for: it was taken back.
pub(super) const ANSWER_RETRACTED: &str = "answer_retracted";

/// What a decline promises, and an acceptance ends.
const AFTER_DECLINE: [Kind; 3] = [Kind::Reoffer3m, Kind::Reoffer6m, Kind::SupportProfessionals];

/// Working days until an end is put right that the logs do not bear out.
const MEND_DAYS: u32 = 2;

/// The answers to an offer that were taken back. The caller must have been shown the offer.
///
/// # Errors
/// The database's and the vault's.
pub fn former_answers(tx: &mut Tx<'_>, offer: &Offer) -> Result<Vec<Correction<FormerAnswer>>> {
    corrections::list(tx, corrections::Kind::Answer, offer.id.cast(), Holder::person(offer.person))
}

/// What was recorded of a course's end before each correction. The caller must have been shown the course.
///
/// # Errors
/// The database's and the vault's.
pub fn former_ends(tx: &mut Tx<'_>, course: &Course) -> Result<Vec<Correction<FormerEnd>>> {
    corrections::list(tx, corrections::Kind::CourseEnd, course.id.cast(), Holder::person(course.person))
}

/// Takes back an acceptance or a decline that was recorded by mistake: the offer waits for its answer again, which is recorded as any other.
/// The course that it became never was.
///
/// # Errors
/// 404; 409 when there is no such answer, or with what was built on it since: a later offer, a course that began or has a match; and where
/// nothing could be offered any more.
pub fn retract_answer(tx: &mut Tx<'_>, id: OfferId) -> Result<OfferId> {
    let mut offer = offers::get(tx, id)?;
    let is_answered = matches!(offer.state, OfferState::Accepted | OfferState::Declined);
    let Some(answered_at) = offer.answered_at.filter(|_| is_answered) else {
        return refuse("Tilbuddet har intet svar at tage tilbage", "The offer has no answer to take back");
    };
    check_last(tx, &offer)?;
    if offer.state == OfferState::Accepted {
        retract_course(tx, id)?;
    }
    check_open_again(tx, &offer)?;
    forget_answer(tx, &mut offer, answered_at)?;
    offers::save(tx, &offer)?;
    Ok(id)
}

/// An offer waits again, still to be saved; what was answered is kept beside it.
pub(super) fn forget_answer(tx: &mut Tx<'_>, offer: &mut Offer, answered_at: Instant) -> Result<()> {
    let (id, holder) = (offer.id, Holder::person(offer.person));
    let place = offers::place("answer_words", id);
    let former = FormerAnswer {
        state: offer.state,
        answered_at,
        recorded_at: offer.answered_recorded_at.take(),
        recorded_by: offer.answered_by.take(),
        decline_reason: offer.decline_reason.take(),
        words: offer.answer_words.take().map(|words| tx.open(holder, place, &words)).transpose()?,
    };
    corrections::keep(tx, corrections::Kind::Answer, id.cast(), holder, &former)?;
    (offer.state, offer.answered_at) = (OfferState::Open, None);
    tx.tell(Fact::AnswerRetracted { offer: id, at: answered_at });
    Ok(())
}

fn refuse<T>(da: &'static str, en: &'static str) -> Result<T> {
    Err(Problem::new(Code::WrongState).say(da, en).into())
}

/// The person's last offer of the track in the case: a later one was made because of the answer.
fn check_last(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    let all = offers::fact_of_person(tx, offer.person, offer.track)?;
    match all.into_iter().rfind(|other| other.case == offer.case).filter(|last| last.id != offer.id) {
        Some(later) => {
            let words = (
                "Der er givet et nyt tilbud siden: tag dets svar tilbage, og træk det tilbage først",
                "An offer was made since: take its answer back, and withdraw it first",
            );
            Err(Problem::new(Code::Blocked).say(words.0, words.1).blocked_by("offer", later.id.uuid()).into())
        }
        None => Ok(()),
    }
}

/// The course of an acceptance never was, if nothing came of it.
fn retract_course(tx: &mut Tx<'_>, id: OfferId) -> Result<()> {
    let Some(course) = store::fact_of_offer(tx, id)? else { return Ok(()) };
    let problem = Problem::new(Code::Blocked);
    if course.state != CourseState::Waiting || course.paused_at.is_some() {
        let words = (
            "Forløbet er begyndt, sat på pause eller slut: afslut det, eller ret dets afslutning, i stedet",
            "The course has begun, stands still or is over: end it, or correct its end, instead",
        );
        return Err(problem.say(words.0, words.1).blocked_by("course", course.id.uuid()).into());
    }
    if let Some(matched) = store::fact_match(tx, course.id)? {
        let words = (
            "Et match er foreslået eller har været i gang: træk forslaget tilbage, eller afslut forløbet i stedet",
            "A match is proposed, or has run: withdraw the proposal, or end the course instead",
        );
        return Err(problem.say(words.0, words.1).blocked_by("match", matched.uuid()).into());
    }
    let at = course.accepted_at;
    finish(tx, course, CourseState::Retracted, at, None)
}

/// Nobody waits for an answer where nothing could be offered any more.
fn check_open_again(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    let (case, person) = (offer.case, offer.person);
    if cases::store::fact(tx, case)?.is_none_or(|case| case.state != cases::State::Open) {
        return refuse("Sagen er lukket: giv det lovede nye tilbud i stedet", "The case is closed: make the promised re-offer instead");
    }
    let members = cases::store::fact_members(tx, case)?;
    let member = members.iter().find(|member| member.person == person);
    if member.is_some_and(|member| !member.stands()) {
        return refuse("Personen er ikke i sagen mere", "The person is not in the case any more");
    }
    if member.and_then(|member| member.taken_since(offer.recorded_at)).is_some() {
        return refuse("Politiet har overtaget siden", "The police took over since");
    }
    if people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some()) {
        return refuse("Personen er død", "The person has died");
    }
    if stops::holds(tx, case, person, offer.track, Some(offer.offered_at))? {
        return refuse("Det er noteret, hvorfor der ikke tilbydes mere", "It is recorded why nothing is offered any more");
    }
    check_free(tx, case, person, offer.track)
}

/// Consequence: an answer was taken back. It is due again; what its decline had promised is not asked for, as of then, and what its
/// acceptance had ended is promised again.
///
/// # Errors
/// The database's.
pub fn answer_retracted(tx: &mut Tx<'_>, id: OfferId, at: Instant) -> Result<()> {
    let Some(offer) = offers::find_fact(tx, id)? else { return Ok(()) };
    if let Some(duty) = find(tx, Kind::Answer, id.cast(), "")? {
        duties::actions::take_back(tx, duty.id)?;
    }
    duties::actions::end(tx, &Which::subject(id, &AFTER_DECLINE), at, ANSWER_RETRACTED)?;
    for first in offers::fact_of_person(tx, offer.person, offer.track)?.into_iter().filter(|offer| offer.first) {
        promise_again(tx, &first, |duty| has_lapsed(duty, &["accepted"]) && duty.closed_at == Some(at))?;
    }
    Ok(())
}

/// Whether a promise ended undone for one of these reasons.
pub(super) fn has_lapsed(duty: &Duty, reasons: &[&str]) -> bool {
    duty.state == State::Ended && duty.reason.as_deref().is_some_and(|reason| reasons.contains(&reason))
}

/// Whoever declined a first offer, as they are in its case, if they may be offered its track again; not where it is recorded why nothing is offered
/// any more, nor who died, whom the police took over since, or who is in the case in a role that the track is not for.
fn find_wanting(tx: &mut Tx<'_>, first: &Offer) -> Result<Option<Member>> {
    let members = cases::store::fact_members(tx, first.case)?;
    let may_be = |member: &Member| fits(first.track, member.role) && member.taken_since(first.recorded_at).is_none();
    let member = members.into_iter().find(|member| member.person == first.person && may_be(member));
    let is_dead = people::store::find_facts(tx, first.person)?.is_none_or(|facts| facts.died_on.is_some());
    if is_dead || stops::holds(tx, first.case, first.person, first.track, Some(first.offered_at))? {
        return Ok(None);
    }
    Ok(member)
}

/// Of what the decline of a first offer promised that which is meant is promised again to whoever may be offered it. Of whoever left the case it
/// ends with that.
pub(super) fn promise_again(tx: &mut Tx<'_>, first: &Offer, is_meant: impl Fn(&Duty) -> bool) -> Result<()> {
    let Some(member) = find_wanting(tx, first)? else { return Ok(()) };
    let owner = cases::actions::find_owner(tx, first.case)?;
    for kind in AFTER_DECLINE {
        for duty in list_all(tx, kind, first.id.cast())?.iter().filter(|duty| is_meant(duty)) {
            duties::actions::open(tx, &Promise { owner, ..duty.promise() })?;
        }
    }
    match member.left_at {
        Some(left_at) => end_reoffers_of(tx, first.id, left_at, LEFT_CASE),
        None => Ok(()),
    }
}

/// Consequence: that the professionals around somebody who declined were supported is taken back; that is to be done still, as long as whoever
/// declined may be offered the track again.
///
/// # Errors
/// 409 when the answer was taken back, or nothing is offered again by now.
pub fn support_retracted(tx: &mut Tx<'_>, support: &Duty) -> Result<()> {
    let Some(first) = offers::find_fact(tx, support.subject_id.cast())? else { return Ok(()) };
    let is_wanting = find_wanting(tx, &first)?.is_some_and(|member| member.stands());
    if is_wanting && is_declined_still(tx, &first)? {
        return Ok(());
    }
    refuse("Der gives ikke nye tilbud mere", "Nothing is offered again any more")
}

/// Corrects how and when a course ended by joint decision: the whole anew, and what was recorded before stays beside it. What ended by something
/// else (a withdrawal, a death, the police) ended with that. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when it did not end by such an end, or never was, or never began by its logs and can only be broken off; 422 as for the end, and
/// for a moment after the person's next course, the case's closing or the person's death.
pub fn correct_end(tx: &mut Tx<'_>, id: CourseId, expected: &Expected, kind: CourseState, at: Instant, closing: &Closing) -> Result<()> {
    let course = store::get(tx, id)?;
    expected.check(course.version)?;
    let (Some(from), Some(sealed), true) = (course.ended_at, &course.closing, course.state != CourseState::Retracted) else {
        let words = ("Forløbet har ingen afslutning, der kan rettes", "The course has no end that can be corrected");
        return refuse(words.0, words.1);
    };
    let holder = Holder::person(course.person);
    let former = FormerEnd { kind: course.state, ended_at: from, closing: tx.open(holder, closing_place(id), sealed)? };
    if (former.kind, former.ended_at, &former.closing) == (kind, at, closing) && !is_in_doubt(&course) {
        return Ok(());
    }
    check_end(tx, &course, kind, at, closing)?;
    check_latest(tx, &course, from, at)?;
    corrections::keep(tx, corrections::Kind::CourseEnd, id.cast(), holder, &former)?;
    let closing = Some(tx.seal(holder, closing_place(id), closing)?);
    store::save(tx, &Course { state: kind, ended_at: Some(at), closing, ..course })?;
    tx.tell(Fact::CourseEndCorrected { course: id, from, at });
    Ok(())
}

/// Whether a course counts as gone through in which nothing was held, as the logs have it by now.
const fn is_in_doubt(course: &Course) -> bool {
    course.state.is_gone_through() && course.started_at.is_none()
}

/// Makes the promise to put an end right agree with how the course stands. It falls away where a session was held after all, and is kept by another
/// end. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub(super) fn agree_end(tx: &mut Tx<'_>, course: &Course) -> Result<()> {
    let (now, doubt) = (tx.now, Which::subject(course.id, &[Kind::EndInDoubt]));
    if !is_in_doubt(course) {
        let was_held = course.started_at.is_some();
        let ended = if was_held { duties::actions::end(tx, &doubt, now, CORRECTED) } else { duties::actions::meet(tx, &doubt, now) };
        return ended.map(drop);
    }
    if !list_open(tx, &doubt)?.is_empty() {
        return Ok(());
    }
    let due_at = tx.programme.calendar().due(now, Span::WorkingDays(MEND_DAYS));
    let dated = Dated { kind: Kind::EndInDoubt, slot: String::new(), opens_at: now, due_at };
    let promise = promise(tx, course.id, course.case, course.person, now, dated)?;
    duties::actions::open_again(tx, &promise)
}

/// Consequence of a corrected end: what asked for it is done.
///
/// # Errors
/// The database's.
pub fn end_corrected(tx: &mut Tx<'_>, id: CourseId) -> Result<()> {
    let course = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    agree_end(tx, &course)
}

/// What came after the recorded end came after the corrected one, too.
fn check_latest(tx: &mut Tx<'_>, course: &Course, from: Instant, at: Instant) -> Result<()> {
    if store::fact_next_at(tx, course, from)?.is_some_and(|accepted_at| accepted_at < at) {
        return Err(Flaw::AfterNext.refused("/happened_at"));
    }
    let closed_at = cases::store::fact(tx, course.case)?.and_then(|case| case.closed_at);
    if closed_at.is_some_and(|closed_at| closed_at < at) {
        return Err(Flaw::AfterClosing.refused("/happened_at"));
    }
    check_alive(tx, course.person, at)
}

/// Consequence of a birth date: whoever was accepted was under 18 or an adult on that day by the date as it is known now.
///
/// # Errors
/// The database's.
pub fn age_corrected(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let courses = store::fact_all_of(tx, person)?;
    if courses.is_empty() {
        return Ok(());
    }
    let (participant, zone) = (participant(tx, person)?, tx.programme.calendar().zone);
    for course in courses {
        let adult = participant.is_adult_on(zone.date(course.accepted_at));
        if adult != course.adult_at_acceptance {
            store::set_adult(tx, &course, adult)?;
        }
    }
    Ok(())
}
