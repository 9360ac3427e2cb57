//! What the journal holds from before the months that it is kept goes, a part at a time.
//!
//! The months are counted from a call that an account made a week ago, not from now: that they have passed is believed once somebody has
//! worked since. What the tick does by itself is no witness. So a clock that is wrong takes nothing before somebody worked by it a week ago, and
//! whoever comes back after half a year waits a week for the cut.

use chrono::TimeDelta;

use super::night::kept_from;
use super::store;
use crate::access::Tx;
use crate::base::error::Result;
use crate::journal::{self, Border};

/// Where nobody called for so long before now, the log says that the cut waits.
const SILENCE: TimeDelta = TimeDelta::days(14);

/// How far a night's cut has come: its border, and the last call that went.
pub(super) type Cut = (Border, i64);

/// Cuts what is to go among the next `most` calls. `None`: there is no more.
pub(super) fn go_on(tx: &mut Tx<'_>, begun: Option<Cut>, most: i64) -> Result<Option<Cut>> {
    let (border, after) = match begun {
        Some((border, last)) => (border, Some(last)),
        None => match find_border(tx)? {
            Some(border) => (border, None),
            None => return Ok(None),
        },
    };
    Ok(store::cut_journal(tx, border, after, most)?.map(|last| (border, last)))
}

/// From when the journal is kept; `None`: nothing that somebody called is a week old.
fn find_border(tx: &mut Tx<'_>) -> Result<Option<Border>> {
    let (now, programme) = (tx.now, tx.programme);
    let Some(counted_from) = journal::find_counted_from(tx.db(), now)? else { return Ok(None) };
    let is_silent = now.since(counted_from) > SILENCE;
    if is_silent && journal::find_first(tx.db())?.is_some_and(|first| first < kept_from(now, programme)) {
        let last_call_at = counted_from;
        tracing::warn!(%now, %last_call_at, "the journal's cut waits until somebody has worked for a week by this clock: is it right?");
    }
    Ok(Some(Border { before: kept_from(counted_from, programme), counted_from, made_at: now }))
}
