//! The promises of a person's birthdays in a course of theirs, and what is said to its offer that keeps them.

use super::{check_unended, participant, promise, said};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::courses::model::Course;
use crate::courses::rules::birthdays::{KINDS, answered_at, asks_for_a_word, birthdays, was_kept_by_word};
use crate::courses::store;
use crate::duties::store::{Which, find, list_open};
use crate::duties::{self, Duty, State};

/// Consequence of a birth date: the birthdays are promised in each course of theirs that is open.
///
/// # Errors
/// The database's.
pub fn agree_all(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<()> {
    store::fact_unended_of(tx, person)?.iter().try_for_each(|course| agree(tx, course, at))
}

/// Consequence: that a birthday which asks for no word was settled by hand is taken back; it is as the birth date has it.
///
/// # Errors
/// 409 when the course has ended.
pub fn settlement_retracted(tx: &mut Tx<'_>, duty: &Duty) -> Result<()> {
    let Some(course) = store::find_fact(tx, duty.subject_id.cast())? else { return Ok(()) };
    check_unended(&course)?;
    let now = tx.now;
    agree(tx, &course, now)
}

/// While a course is open, each birthday after its acceptance is promised once, and kept by the word that it asks for, if that was said to the
/// course's own offer: whoever has said it is not asked again, unless they took it back. A birth date corrected at a moment moves what is
/// still to be kept. Told again it changes nothing.
pub(super) fn agree(tx: &mut Tx<'_>, course: &Course, at: Instant) -> Result<()> {
    if course.ended_at.is_some() {
        return Ok(());
    }
    let (calendar, lead_days, now) = (tx.programme.calendar(), tx.programme.deadlines.birthday_lead_days, tx.now);
    let (participant, said) = (participant(tx, course.person)?, said(tx, course.offer)?);
    let open = list_open(tx, &Which::subject(course.id, &KINDS))?;
    let dates = participant.born_on.map_or_else(Vec::new, |born_on| birthdays(calendar, lead_days, born_on, course.accepted_at));
    let mut wanted = Vec::new();
    for mut dated in dates {
        let kind = dated.kind;
        let mut known = find(tx, kind, course.id.cast(), &dated.slot)?;
        if known.is_none()
            && let Some(duty) = open.iter().find(|duty| duty.kind == kind)
        {
            dated.slot.clone_from(&duty.slot);
            known = Some(duty.clone());
        }
        if let Some(said_at) = answered_at(&participant, &said, calendar.zone, kind, now) {
            if let Some(duty) = known.filter(|duty| duty.state == State::Open) {
                duties::actions::keep(tx, &duty, said_at)?;
            }
            continue;
        }
        if asks_for_a_word(kind)
            && let Some(kept) = known.filter(|duty| duty.state == State::Done)
        {
            match kept.closed_at.filter(|at| !was_kept_by_word(&participant, &said, calendar.zone, kind, *at)) {
                // No word had: an earlier version let it be settled by hand.
                Some(settled_at) => duties::actions::ask_again(tx, &kept, settled_at)?,
                // The word that kept it was taken back.
                None => duties::actions::take_back(tx, kept.id)?,
            }
        }
        wanted.push(promise(tx, course.id, course.case, course.person, course.accepted_at, dated)?);
    }
    duties::actions::sync(tx, course.id, &KINDS, &wanted, "birth_date_corrected", at)
}
