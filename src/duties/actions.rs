//! Open, move, meet and end promises. Called in the transaction of the fact that causes it.

use std::collections::BTreeSet;

use super::model::{Duty, Kind, Promise, State};
use super::store::{self, Which};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DutyId};
use crate::journal::Subject;

/// Writes a promise down. Told again it moves (due time, owner) while it is open, comes back when it had ended undone, and stays as it
/// is when it was kept.
pub fn open(tx: &mut Tx<'_>, promise: &Promise) -> Result<DutyId> {
    match store::find(tx, promise.kind, promise.subject.id, &promise.slot)? {
        None => store::insert(tx, promise),
        Some(duty) => {
            if duty.state != State::Done && differs(&duty, promise) {
                store::reopen(tx, &duty, promise)?;
            }
            Ok(duty.id)
        }
    }
}

fn differs(duty: &Duty, promise: &Promise) -> bool {
    duty.state == State::Ended
        || duty.due_at != promise.due_at
        || duty.opens_at != promise.opens_at
        || duty.from_at != promise.from_at
        || duty.owner != promise.owner
}

/// Makes a subject's open promises of these kinds what is wanted: adds, moves, and ends the rest with `reason`. Twice is once.
pub fn sync(tx: &mut Tx<'_>, subject: impl Into<Subject>, kinds: &[Kind], wanted: &[Promise], reason: &'static str) -> Result<()> {
    let subject = subject.into();
    let keep: BTreeSet<(Kind, &str)> = wanted.iter().map(|promise| (promise.kind, promise.slot.as_str())).collect();
    for duty in store::list_open(tx, &Which::subject(subject).kinds(kinds))? {
        if !keep.contains(&(duty.kind, duty.slot.as_str())) {
            store::close(tx, &duty, State::Ended, tx.now, Some(reason))?;
        }
    }
    for promise in wanted {
        open(tx, promise)?;
    }
    Ok(())
}

/// Marks open promises as kept at the stated time. Returns how many there were.
pub fn meet(tx: &mut Tx<'_>, which: &Which<'_>, at: Instant) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::close(tx, duty, State::Done, at, None)?;
    }
    Ok(open.len())
}

/// Ends open promises undone at the stated time, with a reason (a short code, e.g. `accepted`). Returns how many there were.
pub fn end(tx: &mut Tx<'_>, which: &Which<'_>, at: Instant, reason: &str) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::close(tx, duty, State::Ended, at, Some(reason))?;
    }
    Ok(open.len())
}

/// Gives an owner's open promises to another, or to the unit.
pub fn hand_over(tx: &mut Tx<'_>, which: &Which<'_>, to: Option<AccountId>) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::set_owner(tx, duty, to)?;
    }
    Ok(open.len())
}

/// Opens a kept promise again: what kept it was taken back. One that is open or ended stays as it is.
pub fn take_back(tx: &mut Tx<'_>, id: DutyId) -> Result<()> {
    if let Some(duty) = store::find_fact(tx, id)?.filter(|duty| duty.state == State::Done) {
        store::reopen(tx, &duty, &duty.promise())?;
    }
    Ok(())
}
