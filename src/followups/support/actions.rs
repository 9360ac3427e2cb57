//! Makes the promised support contacts of a match agree with its facts.

use super::rules::{self, Slot};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::duties::store::{Which, find, list_all};
use crate::duties::{self, About, CORRECTED, Kind, Promise, State};
use crate::followups::notes::{self, model::Contact};
use crate::journal::Subject;
use crate::matching::{self, Match};
use crate::{cases, sessions};

const KINDS: [Kind; 1] = [Kind::SupportContact];

/// Promises the support contacts of a running match from its first session held, and marks those as kept that a contact or supervision
/// keeps, and no others. Of a match that has ended nothing is promised; what was done before its end is kept all the same, and what a corrected
/// contact keeps no more ended with the match. Where the first session was corrected, what was kept is told by its limit as it is counted now.
/// Called whenever a first session, a note or the agreement changed, and each night; twice is once.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = matching::store::find_fact(tx, id)? else { return Ok(()) };
    let (slots, contacts) = (slots(tx, &matched)?, notes::store::fact_contacts(tx, id)?);
    let promises = promises(tx, &matched, &slots)?;
    recount(tx, &promises)?;
    take_back(tx, id, &slots, &contacts)?;
    if matched.state == matching::State::Running {
        let now = tx.now;
        duties::actions::sync(tx, id, &KINDS, &promises, CORRECTED, now)?;
    }
    for slot in &slots {
        let duty = find(tx, Kind::SupportContact, id.cast(), &slot.name)?;
        if let (Some(duty), Some(at)) = (duty, rules::met_at(slot, &contacts)) {
            duties::actions::keep(tx, &duty, at)?;
        }
    }
    if let Some(ended_at) = matched.ended_at {
        duties::actions::end(tx, &Which::matched(id).kinds(&KINDS), ended_at, "match_ended")?;
    }
    Ok(())
}

/// Where the first session is another than the promises were counted from, each is counted from it, the kept ones too. A setting that changed
/// moves only what is to come.
fn recount(tx: &mut Tx<'_>, promises: &[Promise]) -> Result<()> {
    let Some(first) = promises.first() else { return Ok(()) };
    let known = find(tx, first.kind, first.subject.id, &first.slot)?;
    if known.is_none_or(|duty| duty.from_at == first.from_at) {
        return Ok(());
    }
    for promise in promises {
        if let Some(duty) = find(tx, promise.kind, promise.subject.id, &promise.slot)? {
            duties::actions::redate(tx, &duty, promise)?;
        }
    }
    Ok(())
}

fn promises(tx: &mut Tx<'_>, matched: &Match, slots: &[Slot]) -> Result<Vec<Promise>> {
    let owner = cases::actions::find_owner(tx, matched.case)?;
    let promise = |slot: &Slot| Promise {
        kind: Kind::SupportContact,
        subject: Subject::from(matched.id),
        slot: slot.name.clone(),
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(matched.id), ..About::default() },
        owner,
        from_at: slot.from_at,
        opens_at: slot.opens_at,
        due_at: slot.due_at,
    };
    Ok(slots.iter().map(promise).collect())
}

/// Opens the promises again that no contact keeps as they were kept: the contact, or the first session they are counted from, was corrected.
fn take_back(tx: &mut Tx<'_>, id: MatchId, slots: &[Slot], contacts: &[Contact]) -> Result<()> {
    for slot in slots {
        let duty = find(tx, Kind::SupportContact, id.cast(), &slot.name)?;
        if let Some(duty) = duty.filter(|duty| duty.state == State::Done && duty.closed_at != rules::met_at(slot, contacts)) {
            duties::actions::take_back(tx, duty.id)?;
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
    let slots = rules::slots(calendar, &tx.programme.deadlines, first_held_at, matched.agreed.expected_end_on, today);
    let promised = list_all(tx, Kind::SupportContact, matched.id.cast())?;
    Ok(rules::of_use(slots, now, |name| promised.iter().any(|duty| duty.slot == name)))
}
