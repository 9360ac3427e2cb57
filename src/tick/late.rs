//! Promises that became late are told once: a count to each coordinator, at most one message a day, without a name (domain section 8).

use super::{Report, Ticker};
use crate::access::sign_in::push_targets;
use crate::access::{Role, Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, DeviceId};
use crate::duties;
use crate::messages::channels::{Channel, Senders};
use crate::messages::{self, Kind};

/// Promises noticed in one transaction.
const CHUNK: u32 = 100;

impl Ticker {
    /// Notices what became late, and plans what the unit is told.
    pub(super) async fn tell_late(&self, now: Instant, report: &mut Report) -> Result<()> {
        loop {
            let senders = self.senders.clone();
            let notice = move |tx: &mut Tx<'_>| {
                let noticed = duties::lateness::actions::notice(tx, CHUNK)?.len();
                if noticed > 0 {
                    for coordinator in accounts::accounts_with(tx, Role::Coordinator)? {
                        plan(tx, coordinator, &senders)?;
                    }
                }
                Ok(noticed)
            };
            let noticed = self.write(now, notice).await?;
            report.late += noticed;
            if noticed == 0 || self.is_stopping() {
                return Ok(());
            }
        }
    }
}

/// Plans to tell a coordinator: on every phone on which they are signed in, else by mail; today, or tomorrow if they were told today.
/// Whoever has neither sees it on top of their list.
pub(super) fn plan(tx: &mut Tx<'_>, account: AccountId, senders: &Senders) -> Result<()> {
    let Some(contact) = accounts::get_contact(tx, account)? else { return Ok(()) };
    let mut ways: Vec<(Channel, Option<DeviceId>)> = Vec::new();
    if senders.is_on(Channel::Push) {
        ways.extend(push_targets(tx, account)?.into_iter().map(|(device, _)| (Channel::Push, Some(device))));
    }
    if ways.is_empty() && contact.email.is_some() {
        ways.push((Channel::Email, None));
    }
    messages::actions::tell_once_a_day(tx, Kind::DutiesLate, account, contact.language, &ways)
}

/// How many are late as far as the account may know, or why it is not told after all.
pub(super) fn count(tx: &mut Tx<'_>, account: AccountId) -> Result<Result<usize, &'static str>> {
    if !accounts::accounts_with(tx, Role::Coordinator)?.contains(&account) {
        return Ok(Err("no_coordinator"));
    }
    let count = duties::lateness::actions::count_for(tx, account)?;
    Ok(if count > 0 { Ok(count) } else { Err("nothing_late") })
}
