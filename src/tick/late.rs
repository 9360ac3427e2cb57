//! Promises that became late are told once: a count to each coordinator, at most one message a day, without a name (domain section 8).

use super::{Report, Ticker};
use crate::access::{Role, Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::language::Language;
use crate::duties::lateness::actions as lateness;
use crate::messages::actions::{daily, ways};
use crate::messages::channels::{Channel, Senders};
use crate::messages::{Kind, Message, Way};

/// Promises noticed in one transaction.
const CHUNK: u32 = 100;

impl Ticker {
    /// Notices what became late, and plans what the unit is told: each coordinator who may know of any of it, whoever else cannot be. To the others
    /// nothing became late: a message today, though for what was late before, would say that something hidden did.
    pub(super) async fn tell_late(&self, now: Instant, report: &mut Report) -> Result<()> {
        loop {
            let senders = self.senders.clone();
            let notice = move |tx: &mut Tx<'_>| {
                let (noticed, mut failed) = (lateness::notice(tx, CHUNK)?, 0);
                if !noticed.is_empty() {
                    for coordinator in accounts::accounts_with(tx, Role::Coordinator)? {
                        let tell = |tx: &mut Tx<'_>| {
                            if lateness::knows_any(tx, coordinator, &noticed)? { plan(tx, coordinator, &senders) } else { Ok(()) }
                        };
                        if let Err(error) = tx.alone(tell)? {
                            let words = "telling a coordinator what is late failed; they are told of all with what becomes late next";
                            tracing::error!(%coordinator, %error, "{words}");
                            failed += 1;
                        }
                    }
                }
                Ok((noticed.len(), failed))
            };
            let (noticed, failed) = self.write(now, notice).await?;
            report.late += noticed;
            report.failed += failed;
            if noticed == 0 || self.is_stopping() {
                return Ok(());
            }
        }
    }
}

/// Plans to tell a coordinator: on every phone on which they are signed in, else by mail; today, or tomorrow if they were told today.
/// Whoever has neither sees it on top of their list.
pub(super) fn plan(tx: &mut Tx<'_>, account: AccountId, senders: &Senders) -> Result<()> {
    let Some((language, ways)) = find_ways(tx, account, senders)? else { return Ok(()) };
    daily::tell(tx, Kind::DutiesLate, account, language, &ways)
}

/// Plans to tell a coordinator by the next way what failed by its own.
pub(super) fn plan_next(tx: &mut Tx<'_>, failed: &Message, senders: &Senders) -> Result<()> {
    let account = failed.subject_id.cast();
    let Some((language, ways)) = find_ways(tx, account, senders)? else { return Ok(()) };
    daily::tell_by_next_way(tx, failed, account, language, &ways)
}

/// How a coordinator is told, the best way first; `None`: their account is closed.
fn find_ways(tx: &mut Tx<'_>, account: AccountId, senders: &Senders) -> Result<Option<(Language, Vec<Way>)>> {
    let Some(contact) = accounts::get_contact(tx, account)? else { return Ok(None) };
    let ways = ways::to(tx, account, senders.is_on(Channel::Push), contact.email.is_some())?;
    Ok(Some((contact.language, ways)))
}

/// How many are late as far as the account may know, or why it is not told after all.
pub(super) fn count(tx: &mut Tx<'_>, account: AccountId) -> Result<Result<usize, &'static str>> {
    if !accounts::accounts_with(tx, Role::Coordinator)?.contains(&account) {
        return Ok(Err("no_coordinator"));
    }
    let count = lateness::count_for(tx, account)?;
    Ok(if count > 0 { Ok(count) } else { Err("nothing_late") })
}
