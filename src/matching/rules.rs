//! What a match may do, and when.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};

use super::model::{Agreed, Answer, DeclineReason, EndReason, Given, Match, Rhythm, Side, State};
use crate::base::calendar::{Zone, plus_months};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::value::Flaw;
use crate::enquiries;

/// How long a match is expected to last when nothing is said (domain section 5, "Match").
const EXPECTED_MONTHS: i32 = 12;
/// How many minutes a meeting may last.
pub const LENGTHS_MIN: RangeInclusive<u32> = 5..=24 * 60;
/// How long a meeting lasts when nothing is said: the tested dose is 1 to 1.5 hours (domain section 8).
const LENGTH_MIN: i32 = 90;

/// What a proposal says where nothing is wished: weekly, an hour and a half, twelve months.
pub fn default_agreement(proposed_on: NaiveDate) -> Agreed {
    Agreed {
        rhythm: Rhythm::Weekly,
        weekday: None,
        at_min: None,
        length_min: LENGTH_MIN,
        place: None,
        expected_end_on: plus_months(proposed_on, EXPECTED_MONTHS),
        first_meeting_at: None,
        facilitator: None,
    }
}

/// When a match that begins now is expected to end: as it was agreed, or, where that is over, as where nothing is said.
pub fn expected_end(agreed: &Agreed, today: NaiveDate) -> NaiveDate {
    if agreed.expected_end_on < today { default_agreement(today).expected_end_on } else { agreed.expected_end_on }
}

/// Numbers inside their ranges; the expected end no earlier than a date. A length that was agreed on formerly stands.
///
/// # Errors
/// 422 with each member that is not.
pub fn check_agreement(agreed: &Agreed, former_length: Option<i32>, earliest_end_on: NaiveDate) -> Result<()> {
    let is_length = |minutes| former_length == Some(minutes) || u32::try_from(minutes).is_ok_and(|minutes| LENGTHS_MIN.contains(&minutes));
    let wrong = [
        ("/weekday", agreed.weekday.is_some_and(|day| !(1..=7).contains(&day))),
        ("/at_min", agreed.at_min.is_some_and(|minute| !(0..1440).contains(&minute))),
        ("/length_min", !is_length(agreed.length_min)),
    ];
    let mut problem = Problem::new(Code::Invalid);
    for (pointer, _) in wrong.iter().filter(|(_, is_wrong)| *is_wrong) {
        problem = problem.wrong(Flaw::OutOfRange.at(*pointer));
    }
    if agreed.expected_end_on < earliest_end_on {
        problem = problem.field("/expected_end_on", Flaw::OutOfRange, "Datoen er passeret", "The date is over");
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// A stated moment: not after now, not before its cause.
///
/// # Errors
/// 422 at `/happened_at`.
pub fn stated(happened_at: Option<Instant>, now: Instant, cause: Instant) -> Result<Instant> {
    enquiries::rules::stated("/happened_at", happened_at, now, cause)
}

/// Whether a side may give an answer to a proposal in a state that expires at a moment: it is open, not expired at the stated moment, and this
/// side has not answered already. A yes becomes a no for as long as the match does not run: whoever finds out what speaks against it says so.
/// A no stays, for it ended the proposal: whoever changes their mind is proposed again. Once a proposal came to nothing, a no is for what is
/// proposed next, and holds whenever it is said.
///
/// # Errors
/// 409.
pub fn check_answer((state, expires_at): (State, Instant), present: Option<Answer>, answer: Answer) -> Result<()> {
    let refuse = |da, en| Err(Problem::new(Code::WrongState).say(da, en).into());
    let is_for_the_next = !answer.accepted && matches!(state, State::Refused | State::Expired);
    if state != State::Proposed && !is_for_the_next {
        return refuse("Forslaget er ikke åbent", "The proposal is not open");
    }
    if answer.at > expires_at && !is_for_the_next {
        return refuse("Forslaget er udløbet", "The proposal has expired");
    }
    let is_turned = |present: Answer| present.accepted && !answer.accepted && answer.at >= present.at;
    if present.is_some_and(|present| !is_turned(present)) {
        return refuse("Der er allerede svaret", "It was answered already");
    }
    Ok(())
}

/// Whether what a side gave goes with its answer. A no has a reason, a yes of the member of staff says that they know neither the person nor
/// the family; who does says no, unless a coordinator who knew proposed them `again`.
///
/// # Errors
/// 422.
pub fn check_given(side: Side, accepted: bool, given: Given, again: bool) -> Result<()> {
    if accepted && given.reason.is_some() {
        return Err(Flaw::NotDeclined.refused("/reason"));
    }
    if !accepted && given.reason.is_none() {
        return Err(invalid("/reason", Flaw::Required, "Angiv en grund", "Give a reason"));
    }
    if accepted && given.knows_person == Some(true) && !again {
        return Err(Flaw::ConflictOfInterest.refused("/knows_person"));
    }
    if accepted && side == Side::Staff && given.knows_person.is_none() {
        let words = ("Sig, om du kender personen eller familien", "Say whether you know the person or the family");
        return Err(invalid("/knows_person", Flaw::Required, words.0, words.1));
    }
    if given.reason == Some(DeclineReason::KnowsThem) && given.knows_person == Some(false) {
        return Err(Flaw::Contradiction.refused("/knows_person"));
    }
    Ok(())
}

/// What ends with something else says so by that operation: by hand a match ends because somebody wished it, or for what is told in words. A
/// proposal is only taken back by hand: whose wish it is not, says no to it.
///
/// # Errors
/// 422 at `/reason`.
pub fn check_end_reason(reason: EndReason, state: State) -> Result<()> {
    match reason {
        EndReason::PersonWish | EndReason::StaffWish if matches!(state, State::Proposed | State::Expired) => {
            Err(Flaw::IsAnAnswer.refused("/reason"))
        }
        EndReason::PersonWish | EndReason::StaffWish | EndReason::Other => Ok(()),
        EndReason::CourseEnded | EndReason::HandedOver | EndReason::StaffLeft | EndReason::LoanEnded => {
            Err(Flaw::NotByHand.refused("/reason"))
        }
    }
}

/// Whether a match ended by itself, not with something else: such an end is corrected by itself, too.
pub const fn ended_by_hand(matched: &Match) -> bool {
    let is_by_hand = matches!(matched.end_reason, Some(EndReason::PersonWish | EndReason::StaffWish | EndReason::Other));
    matches!(matched.state, State::Ended) && is_by_hand
}

/// A first meeting is still to come when it is agreed on.
///
/// # Errors
/// 422 at `/first_meeting_at`.
pub fn check_first_meeting(first_meeting_at: Option<Instant>, now: Instant) -> Result<()> {
    match first_meeting_at.filter(|at| *at < now) {
        Some(_) => Err(Flaw::BeforeNow.refused("/first_meeting_at")),
        None => Ok(()),
    }
}

/// A proposal that never ran and is over.
pub const fn came_to_nothing(matched: &Match) -> bool {
    matches!(matched.state, State::Refused | State::Expired)
}

/// A proposal that nobody ended, and whose time is over.
pub fn has_lapsed(matched: &Match) -> bool {
    matched.state == State::Expired && matched.ended_at == Some(matched.expires_at) && matched.end_reason.is_none()
}

/// A proposal that both sides said yes to, and that the unit neither started nor ended in time.
pub fn was_left(matched: &Match) -> bool {
    has_lapsed(matched) && starts_at(matched.staff_answer, matched.person_answer).is_some()
}

/// Until when whoever runs a match sees it, and its course and person: a proposal until it expires, a loan until it ends, and the match through
/// the grace after it. `None`: until something ends it.
pub fn seen_until(matched: &Match, grace_days: u32) -> (Option<Instant>, Option<Instant>) {
    match matched.state {
        State::Proposed => (Some(matched.expires_at), None),
        _ => (matched.loan_ends_at.map(|ends_at| grace_until(ends_at, grace_days)), matched.loan_ends_at),
    }
}

/// A match does not last longer than the loan of its member of staff.
///
/// # Errors
/// 422 at `/expected_end_on`.
pub fn check_loan(expected_end_on: NaiveDate, loan_until_on: Option<NaiveDate>) -> Result<()> {
    if loan_until_on.is_none_or(|last| expected_end_on <= last) {
        return Ok(());
    }
    Err(Flaw::Loan.refused("/expected_end_on"))
}

/// A loan ends today at the earliest while its member of staff runs something: of that sessions may have been held since, and a day that was
/// typed wrong could not be put right. What is over already is ended by hand.
///
/// # Errors
/// 422 at `/loan_until_on`.
pub fn check_loan_day(last: NaiveDate, today: NaiveDate) -> Result<()> {
    if last >= today {
        return Ok(());
    }
    let words = ("Datoen er passeret, og der er match i gang: afslut dem først", "The date is over, and matches run: end them first");
    Err(invalid("/loan_until_on", Flaw::BeforeToday, words.0, words.1))
}

/// Both sides said yes to the proposal, and it does not run.
pub fn is_held(matched: &Match) -> bool {
    matched.state == State::Proposed && starts_at(matched.staff_answer, matched.person_answer).is_some()
}

/// Whether the unit may start it: it is held, and has not expired.
///
/// # Errors
/// 409.
pub fn check_held(matched: &Match, now: Instant) -> Result<()> {
    let refuse = |da, en| Err(Problem::new(Code::WrongState).say(da, en).into());
    if !is_held(matched) {
        return refuse("Ikke begge har sagt ja, eller det er afgjort", "Not both have said yes, or it is settled");
    }
    if now > matched.expires_at {
        return refuse("Forslaget er udløbet", "The proposal has expired");
    }
    Ok(())
}

/// Whether another of the same member of staff has its place before a pair that both said yes to: it runs, or both had said yes to it before.
/// What is only proposed has none.
pub fn has_place_before(other: &Match, matched: &Match) -> bool {
    let since = |one: &Match| starts_at(one.staff_answer, one.person_answer).map(|at| (at, one.id));
    let was_first = since(other).is_some_and(|first| since(matched).is_some_and(|then| first < then));
    other.id != matched.id && (other.state == State::Running || was_first)
}

/// From when a match runs: the later of two yeses; `None` until there are two.
pub fn starts_at(staff: Option<Answer>, person: Option<Answer>) -> Option<Instant> {
    match (staff, person) {
        (Some(staff), Some(person)) if staff.accepted && person.accepted => Some(staff.at.max(person.at)),
        _ => None,
    }
}

/// Until when the member of staff sees an ended match, for the last logs.
pub fn grace_until(ended_at: Instant, grace_days: u32) -> Instant {
    ended_at.plus(TimeDelta::days(i64::from(grace_days)))
}

/// Whether a match goes on, or the grace after its end does. At the very moment it is over it is over: writing ends with reading.
pub fn is_in_grace(ended_at: Option<Instant>, grace_days: u32, now: Instant) -> bool {
    ended_at.is_none_or(|ended_at| now < grace_until(ended_at, grace_days))
}

/// By when a match that its mentor may not see any more is mended: `days` from then on, or the day before the next session at which the person
/// would stand alone, or where that is over and was never the limit (`known`), before it begins. What is late stays so.
pub fn mended_by(days: Instant, next_at: Option<Instant>, now: Instant, known: Option<Instant>, zone: Zone) -> Instant {
    if let Some(late) = known.filter(|known| *known <= now) {
        return late;
    }
    let before = next_at.map(|next_at| {
        let day_before = zone.end_of(zone.date(next_at) - TimeDelta::days(1));
        if day_before > now { day_before } else { next_at }
    });
    before.map_or(days, |before| before.min(days))
}

#[cfg(test)]
mod tests;
