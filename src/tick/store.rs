//! What the tick remembers: which nights are done; and what it lets be forgotten.

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::is_unique;
use crate::base::error::Result;
use crate::base::ids::RowId;
use crate::journal::{self, Border};
use crate::schema::nights;

/// Nights are remembered this long.
const KEPT_DAYS: i64 = 30;

/// Takes a night's work until a moment. `None`: it is done, or somebody is at it. What was done at a moment that is still to come, and not just by
/// the clock of a process beside, was done by a clock that was wrong: it is done anew. Nor does a lease hold that lasts longer than any taken now.
pub(super) fn take_night(tx: &mut Tx<'_>, on: NaiveDate, until: Instant) -> Result<Option<RowId>> {
    let (now, token): (Instant, RowId) = (tx.now, tx.new_id());
    let known: Option<(Instant, Option<Instant>)> =
        nights::table.find(on).select((nights::lease_until, nights::done_at)).first(tx.db()).optional()?;
    let taken = match known {
        Some((_, Some(done_at))) if done_at <= now.latest_now() => false,
        Some((lease_until, None)) if now < lease_until && lease_until <= until.latest_now() => false,
        Some(_) => {
            let changes = (nights::lease_until.eq(until), nights::lease_token.eq(token), nights::done_at.eq(None::<Instant>));
            diesel::update(nights::table.find(on)).set(changes).execute(tx.db())?;
            true
        }
        None => {
            let inserted = tx.attempt(|tx| {
                diesel::insert_into(nights::table)
                    .values((nights::on_date.eq(on), nights::lease_until.eq(until), nights::lease_token.eq(token)))
                    .execute(tx.db())?;
                Ok(())
            });
            match inserted {
                Ok(()) => true,
                Err(error) if is_unique(&error, "nights.on_date") => false,
                Err(error) => return Err(error),
            }
        }
    };
    Ok(taken.then_some(token))
}

/// Goes on with a night's work. False: it is somebody else's now.
pub(super) fn keep_night(tx: &mut Tx<'_>, on: NaiveDate, token: RowId, until: Instant) -> Result<bool> {
    let mine = nights::table.find(on).filter(nights::lease_token.eq(token)).filter(nights::done_at.is_null());
    Ok(diesel::update(mine).set(nights::lease_until.eq(until)).execute(tx.db())? == 1)
}

/// A night's work is done.
pub(super) fn end_night(tx: &mut Tx<'_>, on: NaiveDate, token: RowId) -> Result<()> {
    let now = tx.now;
    let mine = nights::table.find(on).filter(nights::lease_token.eq(token));
    diesel::update(mine).set(nights::done_at.eq(Some(now))).execute(tx.db())?;
    diesel::delete(nights::table.filter(nights::on_date.lt(on - TimeDelta::days(KEPT_DAYS)))).execute(tx.db())?;
    Ok(())
}

/// Cuts the journal's calls of before a border, among the next `most`. `None`: there was none to go.
pub(super) fn cut_journal(tx: &mut Tx<'_>, border: Border, after: Option<i64>, most: i64) -> Result<Option<i64>> {
    let id: RowId = tx.new_id();
    journal::cut(tx.db(), id, border, after, most)
}
