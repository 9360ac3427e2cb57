//! That a leave is decided before it begins, promised to the unit: one promise a leave and match, so that a bar hides it as it hides the match.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::following;
use crate::access::Tx;
use crate::base::error::{Code, Result};
use crate::base::ids::{MatchId, SessionId, StaffId};
use crate::duties::store::Which;
use crate::duties::{self, About, Duty, Kind, Promise, State as DutyState};
use crate::journal::Subject;
use crate::sessions::covers::model::{CoverState, First};
use crate::sessions::covers::{rules, store};
use crate::sessions::free::actions::{leaves_of, zone_of};
use crate::sessions::store as session_store;
use crate::staff::{self, model::Leave};

/// Makes the promises of a member of staff's leaves agree with what lies in them: one a match, open while there is a session of it to come that they
/// would hold, due before the first of these. Called by whatever changes a leave, a cover or a session, and every night; twice is once.
///
/// # Errors
/// The database's.
pub fn agree_leaves(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let yesterday = tx.programme.calendar().zone.date(tx.now.minus(chrono::TimeDelta::days(1)));
    let leaves = staff::store::fact_leaves(tx, staff, yesterday)?;
    let mut wanted = BTreeSet::new();
    for leave in &leaves {
        for first in list_first(tx, staff, leave)? {
            let slot = slot_of(leave, first.matched);
            agree_one(tx, staff, &slot, &first)?;
            wanted.insert(slot);
        }
    }
    for duty in list_open(tx, staff)?.into_iter().filter(|duty| !wanted.contains(&duty.slot)) {
        // The day of the leave is over, or it is struck.
        let reason = if leaves.iter().any(|leave| is_of(&duty, leave)) { "not_needed" } else { "leave_over" };
        let now = tx.now;
        duties::actions::end(tx, &of_slot(staff, &duty.slot), now, reason)?;
    }
    Ok(())
}

/// Consequence of a changed session: the leaves of whoever would hold it.
///
/// # Errors
/// The database's.
pub fn agree_leaves_around(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    let Some(session) = session_store::find_fact(tx, session)? else { return Ok(()) };
    agree_leaves(tx, session.staff)?;
    session.cover.map_or(Ok(()), |cover| agree_leaves(tx, cover))
}

/// Consequence of a leave that was taken back: what others were to cover in it is with whoever was away, but for what lies in another leave of
/// theirs. Where they have something else by now, whoever covers still comes.
///
/// # Errors
/// The database's.
pub fn leave_taken_back(tx: &mut Tx<'_>, staff: StaffId, from_on: NaiveDate, until_on: NaiveDate) -> Result<()> {
    let zone = zone_of(tx, staff)?;
    let others: Vec<_> = leaves_of(tx, staff)?.into_iter().map(|(from_on, until_on)| rules::span(from_on, until_on, zone)).collect();
    let mut back = Vec::new();
    for cover in store::fact_standing_for(tx, staff, rules::span(from_on, until_on, zone))? {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        if !others.iter().any(|span| rules::lies_in(&session, *span)) && following::take_over_time(tx, &session)? {
            back.push(cover);
        }
    }
    let now = tx.now;
    following::withdraw(tx, &back, now, CoverState::TakenBack)
}

fn agree_one(tx: &mut Tx<'_>, staff: StaffId, slot: &str, first: &First) -> Result<()> {
    let now = tx.now;
    let known = duties::store::find(tx, Kind::UndecidedLeave, staff.cast(), slot)?;
    if let Some(done) = known.as_ref().filter(|known| known.state == DutyState::Done) {
        // Something came into it after all was decided.
        duties::actions::take_back(tx, done.id)?;
    }
    let open = known.filter(|known| known.state == DutyState::Open);
    let since = open.as_ref().map_or(now, |open| open.from_at);
    let due_at = rules::decided_by(first.at, now, open.map(|open| open.due_at), tx.programme.calendar());
    let promise = Promise {
        kind: Kind::UndecidedLeave,
        subject: Subject::from(staff),
        slot: slot.to_owned(),
        about: About { case: Some(first.case), person: Some(first.person), matched: Some(first.matched), ..About::default() },
        // One step decides a leave, whosever cases lie in it.
        owner: None,
        from_at: since,
        opens_at: since,
        due_at,
    };
    duties::actions::open(tx, &promise).map(drop)
}

/// A step of decisions about a leave was the last that it needed for some of the matches: these promises are kept.
pub(super) fn decided(tx: &mut Tx<'_>, staff: StaffId, leave: &Leave) -> Result<()> {
    let undecided: BTreeSet<String> = list_first(tx, staff, leave)?.iter().map(|first| slot_of(leave, first.matched)).collect();
    let now = tx.now;
    for duty in list_open(tx, staff)?.iter().filter(|duty| is_of(duty, leave) && !undecided.contains(&duty.slot)) {
        duties::actions::meet(tx, &of_slot(staff, &duty.slot), now)?;
    }
    Ok(())
}

/// Of each match when the first session to come begins that they would hold in a leave.
fn list_first(tx: &mut Tx<'_>, staff: StaffId, leave: &Leave) -> Result<Vec<First>> {
    let span = rules::span(leave.from_on, leave.until_on, zone_of(tx, staff)?);
    store::fact_first_in(tx, staff, span)
}

fn list_open(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<Duty>> {
    duties::store::list_open(tx, &Which::subject(staff).kinds(&[Kind::UndecidedLeave]))
}

/// A promise a leave and match: who may not see the match learns of none.
fn slot_of(leave: &Leave, matched: MatchId) -> String {
    format!("{} {matched}", leave.id)
}

fn is_of(duty: &Duty, leave: &Leave) -> bool {
    duty.slot.starts_with(&leave.id.to_string())
}

fn of_slot(staff: StaffId, slot: &str) -> Which<'_> {
    Which::subject(staff).kinds(&[Kind::UndecidedLeave]).slot(slot)
}
