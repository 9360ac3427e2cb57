//! That a leave is decided before it begins, promised to the unit: one promise a leave and match, so that a bar hides it as it hides the match.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::following;
use crate::access::Tx;
use crate::availability::actions::zone_of;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{MatchId, RowId, SessionId, StaffId};
use crate::duties::rules::numbered;
use crate::duties::store::Which;
use crate::duties::{self, About, Duty, Kind, Promise, State as DutyState};
use crate::journal::Subject;
use crate::matching;
use crate::sessions::covers::model::{CoverState, Undecided};
use crate::sessions::covers::{rules, store};
use crate::sessions::store as session_store;
use crate::staff::{self, model::Leave};

/// Makes the promises of a member of staff's leaves agree with what lies in them: one a match, open while there is a session of it that they would
/// hold and that nobody decided about, due before the first of these. What begins undecided stays so until it is logged, cancelled or moved, or it is
/// said who went; a proposal that is past needs no decision. Where nothing is left the promise is kept, whichever verb decided; with a leave that is
/// struck in time it is not asked for any more. A limit that was missed stays missed. Called by whatever changes a leave, the clock it lies on, a cover
/// or a session, and every night; twice is once.
///
/// # Errors
/// The database's.
pub fn agree_leaves(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let now = tx.now;
    let promised = duties::store::list_all(tx, Kind::UndecidedLeave, staff.cast())?;
    let open: Vec<&Duty> = promised.iter().filter(|duty| duty.state == DutyState::Open).collect();
    // What lies in a leave was to come when its promise was made.
    let since = open.iter().map(|duty| duty.from_at).fold(now, Instant::min);
    let leaves = list_leaves(tx, staff, since)?;
    let mut wanted = BTreeSet::new();
    for leave in &leaves {
        for first in list_first(tx, staff, leave, &open)? {
            let slot = slot_of(leave, first.matched, &promised, now);
            agree_one(tx, staff, &slot, &first, promised.iter().find(|duty| duty.slot == slot))?;
            wanted.insert(slot);
        }
    }
    for duty in open.into_iter().filter(|duty| !wanted.contains(&duty.slot)) {
        if duty.is_late(now) || leaves.iter().any(|leave| is_of(duty, leave)) {
            duties::actions::keep(tx, duty, now)?;
        } else {
            let struck = Which::subject(staff, &[Kind::UndecidedLeave]).slot(&duty.slot);
            duties::actions::end(tx, &struck, now, "leave_over")?;
        }
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

/// Consequence of changed sessions of a match: the leaves of whoever runs it, and of whoever was to cover in one.
///
/// # Errors
/// The database's.
pub fn agree_leaves_in(tx: &mut Tx<'_>, matched: MatchId) -> Result<()> {
    let open = duties::store::list_open(tx, &Which::matched(matched).kinds(&[Kind::UndecidedLeave]))?;
    let mut away: BTreeSet<StaffId> = open.iter().map(|duty| duty.subject_id.cast()).collect();
    away.extend(matching::store::find_fact(tx, matched)?.map(|matched| matched.staff));
    away.into_iter().try_for_each(|staff| agree_leaves(tx, staff))
}

/// Consequence of a leave that was taken back: what others were to cover for it is with whoever was away, wherever session and clock were moved
/// since. What lies in another leave of theirs is covered for that one from now on; where they have something else by now, whoever covers still
/// comes.
///
/// # Errors
/// The database's.
pub fn leave_taken_back(tx: &mut Tx<'_>, staff: StaffId, struck: RowId, (from_on, until_on): (NaiveDate, NaiveDate)) -> Result<()> {
    let (now, zone) = (tx.now, zone_of(tx, staff)?);
    let others = list_leaves(tx, staff, now)?;
    let mut back = Vec::new();
    for cover in store::fact_standing_for(tx, staff)? {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        if !rules::is_for(&cover, &session, struck, rules::span(from_on, until_on, zone)) {
            continue;
        }
        let other = others.iter().find(|other| rules::lies_in(&session, rules::span(other.from_on, other.until_on, zone)));
        if let Some(other) = other {
            store::set_leave(tx, &cover, other.id)?;
        } else if following::take_over_time(tx, &session)? {
            back.push(cover);
        }
    }
    following::withdraw(tx, &back, now, CoverState::TakenBack)
}

/// The leaves of a member of staff that were not over at a moment, on whatever clock.
fn list_leaves(tx: &mut Tx<'_>, staff: StaffId, since: Instant) -> Result<Vec<Leave>> {
    let until_on = tx.programme.calendar().zone.date(since.minus(TimeDelta::days(2)));
    staff::store::fact_leaves(tx, staff, until_on)
}

fn agree_one(tx: &mut Tx<'_>, staff: StaffId, slot: &str, first: &Undecided, known: Option<&Duty>) -> Result<()> {
    let now = tx.now;
    if let Some(done) = known.filter(|known| known.state == DutyState::Done) {
        // Something came into it after all was decided.
        duties::actions::take_back(tx, done.id)?;
    }
    let open = known.filter(|known| known.state == DutyState::Open);
    let since = open.map_or(now, |open| open.from_at);
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

/// Of each match the first session that they would hold in a leave and that is undecided: to come, or begun since the promise was made that is open.
fn list_first(tx: &mut Tx<'_>, staff: StaffId, leave: &Leave, open: &[&Duty]) -> Result<Vec<Undecided>> {
    let now = tx.now;
    let own: BTreeMap<MatchId, Instant> =
        open.iter().filter(|duty| is_of(duty, leave)).filter_map(|duty| Some((duty.about.matched?, duty.from_at))).collect();
    let after = own.values().copied().fold(now, Instant::min);
    let span = rules::span(leave.from_on, leave.until_on, zone_of(tx, staff)?);
    let undecided = store::fact_undecided_in(tx, staff, span, after)?;
    Ok(rules::first_of_each(&undecided, |matched| own.get(&matched).copied().unwrap_or(now)))
}

/// A promise a leave and match: who may not see the match learns of none. One that was kept late stays so, and what comes into the leave after it
/// is promised anew.
fn slot_of(leave: &Leave, matched: MatchId, promised: &[Duty], now: Instant) -> String {
    let slot = format!("{} {matched}", leave.id);
    let is_missed = |duty: &&Duty| duty.state == DutyState::Done && duty.is_late(now);
    let missed = promised.iter().filter(|duty| duty.slot.starts_with(&slot)).filter(is_missed).count();
    numbered(&slot, missed.saturating_add(1))
}

fn is_of(duty: &Duty, leave: &Leave) -> bool {
    duty.slot.starts_with(&leave.id.to_string())
}
