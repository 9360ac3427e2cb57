//! Makes the promised support contacts of a match agree with its facts.

use super::rules::{self, Slot};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::duties::store::{Which, find};
use crate::duties::{self, About, Kind, Promise, State};
use crate::followups::notes;
use crate::journal::Subject;
use crate::matching::{self, Match};
use crate::{cases, sessions};

const KINDS: [Kind; 1] = [Kind::SupportContact];

/// Promises the support contacts of a running match from its first session held, and marks those as kept that a contact or supervision
/// keeps. Called whenever a first session, a note or the agreement changed, and each night; twice is once.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let running = |matched: &Match| matched.state == matching::State::Running;
    let Some(matched) = matching::store::find_fact(tx, id)?.filter(running) else { return Ok(()) };
    let (slots, owner) = (slots(tx, &matched)?, cases::store::fact_coordinator(tx, matched.case)?);
    let promise = |slot: &Slot| Promise {
        kind: Kind::SupportContact,
        subject: Subject::from(id),
        slot: slot.name.clone(),
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(id), ..About::default() },
        owner,
        from_at: slot.from_at,
        opens_at: slot.opens_at,
        due_at: slot.due_at,
    };
    let wanted: Vec<Promise> = slots.iter().map(promise).collect();
    duties::actions::sync(tx, id, &KINDS, &wanted, "corrected")?;
    let contacts = notes::store::fact_contacts(tx, id)?;
    for slot in &slots {
        if let Some(at) = rules::met_at(slot, &contacts) {
            duties::actions::meet(tx, &Which::subject(id).kinds(&KINDS).slot(&slot.name), at)?;
        }
    }
    Ok(())
}

/// None before the first session was held, nor when a correction left none.
fn slots(tx: &mut Tx<'_>, matched: &Match) -> Result<Vec<Slot>> {
    let Some(first_held_at) = sessions::store::fact_first_held(tx, matched.id)? else { return Ok(Vec::new()) };
    let (calendar, now) = (tx.programme.calendar(), tx.now);
    let today = calendar.zone.date(now);
    // A phone whose clock is ahead may have logged a session to come, and a wrong year is long before the two were matched.
    let first_held_at = first_held_at.max(matched.starts_at.unwrap_or(first_held_at)).min(now);
    Ok(rules::slots(calendar, &tx.programme.deadlines, first_held_at, matched.agreed.expected_end_on, today))
}

/// Opens the promises again that a contact kept which was corrected: [`agree`] marks those as kept that still are.
///
/// # Errors
/// The database's.
pub(in crate::followups) fn take_back(tx: &mut Tx<'_>, id: MatchId, contact_at: Instant) -> Result<()> {
    let running = |matched: &Match| matched.state == matching::State::Running;
    let Some(matched) = matching::store::find_fact(tx, id)?.filter(running) else { return Ok(()) };
    for slot in slots(tx, &matched)? {
        let kept = |duty: &duties::Duty| duty.state == State::Done && duty.closed_at == Some(contact_at);
        if let Some(duty) = find(tx, Kind::SupportContact, id.cast(), &slot.name)?.filter(kept) {
            duties::actions::take_back(tx, duty.id)?;
        }
    }
    Ok(())
}
