//! What changes of a promise that stands, over the version it was read at.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, DutyId};
use crate::duties::model::{Duty, Promise, State};
use crate::schema::duties;

/// When the unit was told that a promise is late, as it stands once that is due at another moment: what moves to later may be told late anew; what
/// was late stays so where it was due sooner, and is told once.
fn told_at(duty: &Duty, due_at: Instant) -> Option<Instant> {
    duty.late_told_at.filter(|_| due_at <= duty.due_at)
}

/// Whoever else gets a promise was not given it by hand.
fn taken_from(duty: &Duty, owner: Option<AccountId>) -> Option<diesel::dsl::Eq<duties::assigned_id, Option<AccountId>>> {
    (owner != duty.owner).then(|| duties::assigned_id.eq(None))
}

/// Moves an open promise, or brings an ended one back.
pub(in crate::duties) fn reopen(tx: &mut Tx<'_>, duty: &Duty, promise: &Promise) -> Result<()> {
    let changes = (
        duties::state.eq(State::Open),
        duties::owner_id.eq(promise.owner),
        taken_from(duty, promise.owner),
        duties::from_at.eq(promise.from_at),
        duties::opens_at.eq(promise.opens_at),
        duties::due_at.eq(promise.due_at),
        duties::closed_at.eq(None::<Instant>),
        duties::closed_recorded_at.eq(None::<Instant>),
        duties::closed_by.eq(None::<AccountId>),
        duties::reason.eq(None::<String>),
        duties::late_told_at.eq(told_at(duty, promise.due_at)),
        duties::version.eq(duty.version.saturating_add(1)),
    );
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

/// Closes an open promise: met, or ended undone.
pub(in crate::duties) fn close(tx: &mut Tx<'_>, duty: &Duty, state: State, at: Instant, reason: Option<&str>) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.account);
    let changes = (
        duties::state.eq(state),
        duties::closed_at.eq(Some(at)),
        duties::closed_recorded_at.eq(Some(now)),
        duties::closed_by.eq(by),
        duties::reason.eq(reason),
        duties::version.eq(duty.version.saturating_add(1)),
    );
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

/// To whom a promise was given by hand, while it is theirs. `None`: to nobody, to the unit, or before that was kept.
pub(in crate::duties) fn fact_assigned(tx: &mut Tx<'_>, id: DutyId) -> Result<Option<AccountId>> {
    let found: Option<Option<AccountId>> = duties::table.find(id).select(duties::assigned_id).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// Who recorded that a promise was met or ended; `None`: it is open, or the system did.
pub(in crate::duties) fn find_closed_by(tx: &mut Tx<'_>, id: DutyId) -> Result<Option<AccountId>> {
    let found: Option<Option<AccountId>> = duties::table.find(id).select(duties::closed_by).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// Says when a closed promise was met or ended.
pub(in crate::duties) fn set_closed_at(tx: &mut Tx<'_>, duty: &Duty, at: Instant) -> Result<()> {
    let changes = (duties::closed_at.eq(Some(at)), duties::version.eq(duty.version.saturating_add(1)));
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

/// Says when a promise began, is on a list and is due.
pub(in crate::duties) fn set_term(tx: &mut Tx<'_>, duty: &Duty, promise: &Promise) -> Result<()> {
    let changes = (
        duties::late_told_at.eq(told_at(duty, promise.due_at)),
        duties::from_at.eq(promise.from_at),
        duties::opens_at.eq(promise.opens_at),
        duties::due_at.eq(promise.due_at),
        duties::version.eq(duty.version.saturating_add(1)),
    );
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

/// Gives a promise to an account, or to the unit; `assigned`: to whom by hand.
pub(in crate::duties) fn set_owner(tx: &mut Tx<'_>, duty: &Duty, owner: Option<AccountId>, assigned: Option<AccountId>) -> Result<()> {
    let changes = (duties::owner_id.eq(owner), duties::assigned_id.eq(assigned), duties::version.eq(duty.version.saturating_add(1)));
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

/// Files a promise under a case, or under none any more, with its owner there.
pub(in crate::duties) fn file_under(tx: &mut Tx<'_>, duty: &Duty, case: Option<CaseId>, owner: Option<AccountId>) -> Result<()> {
    let changes =
        (duties::case_id.eq(case), duties::owner_id.eq(owner), taken_from(duty, owner), duties::version.eq(duty.version.saturating_add(1)));
    let rows = diesel::update(at_version(duty)).set(changes).execute(tx.db())?;
    written(tx, duty, rows)
}

type AtVersion = diesel::dsl::Filter<diesel::dsl::Find<duties::table, DutyId>, diesel::dsl::Eq<duties::version, i64>>;

fn at_version(duty: &Duty) -> AtVersion {
    QueryDsl::filter(duties::table.find(duty.id), duties::version.eq(duty.version))
}

fn written(tx: &mut Tx<'_>, duty: &Duty, rows: usize) -> Result<()> {
    if rows != 1 {
        return Err(Code::StaleVersion.into());
    }
    tx.changed(duty.id);
    Ok(())
}
