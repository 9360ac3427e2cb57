//! What a member of staff's comings and goings do to their matches: relations, ends, whose the logs are.

use super::end_all;
use crate::access::store::{end_by_cause, grant};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, StaffId};
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::matching::model::{EndReason, Match};
use crate::matching::{rules, store};

/// Relates an account to a match that it runs; once that has started, to its course and person, too.
pub(super) fn relate(tx: &mut Tx<'_>, matched: &Match, account: AccountId, from: Instant) -> Result<()> {
    let cause = Some(matched.id.cast());
    grant(tx, account, RelationKind::Runs, matched.id, from, "match", cause)?;
    if matched.starts_at.is_some() {
        grant(tx, account, RelationKind::Runs, matched.course, from, "match", cause)?;
        grant(tx, account, RelationKind::Runs, matched.person, from, "match", cause)?;
    }
    Ok(())
}

/// Consequence of a member of staff's leaving: their matches end, the courses wait for another.
///
/// # Errors
/// The database's.
pub fn left(tx: &mut Tx<'_>, staff: StaffId, at: Instant) -> Result<()> {
    let live = store::fact_live(tx, None, Some(staff))?;
    end_all(tx, live, EndReason::StaffLeft, at)
}

/// Consequence of another account: from now on it runs what the member of staff runs, through the grace of what ended, and theirs are
/// the logs that are missing. The former account runs nothing of it any more.
///
/// # Errors
/// The database's.
pub fn account_changed(tx: &mut Tx<'_>, staff: StaffId, from: Option<AccountId>, to: Option<AccountId>) -> Result<()> {
    let (now, grace_days) = (tx.now, tx.programme.match_grace_days);
    let ended_after = now.minus(chrono::TimeDelta::days(i64::from(grace_days)));
    for matched in store::fact_of_staff(tx, staff, ended_after)? {
        end_by_cause(tx, RelationKind::Runs, matched.id.cast(), now)?;
        if let Some(account) = to {
            relate(tx, &matched, account, now)?;
        }
        if let Some(ended_at) = matched.ended_at {
            end_by_cause(tx, RelationKind::Runs, matched.id.cast(), rules::grace_until(ended_at, grace_days))?;
        }
        let logs = Which::matched(matched.id).kinds(&[Kind::LogMissing]).of_owner(from);
        duties::actions::hand_over(tx, &logs, to)?;
    }
    Ok(())
}
