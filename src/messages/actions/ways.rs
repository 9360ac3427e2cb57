//! By which ways an account can be told of something.

use crate::access::Tx;
use crate::access::sign_in::push_devices;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::messages::channels::Channel;
use crate::messages::model::Way;

/// The ways to an account, the best first: push to each phone on which it is signed in, where there is push, then mail, where that is a way to it.
///
/// # Errors
/// The database's.
pub fn to(tx: &mut Tx<'_>, account: AccountId, has_push: bool, has_mail: bool) -> Result<Vec<Way>> {
    let phones = if has_push { push_devices(tx, account)? } else { Vec::new() };
    let pushes = phones.into_iter().map(|phone| (Channel::Push, Some(phone)));
    Ok(pushes.chain(has_mail.then_some((Channel::Email, None))).collect())
}
