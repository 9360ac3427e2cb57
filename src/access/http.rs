//! The operations of this room.

use super::{accounts, bars, sign_in};
use crate::base::http::Registry;

/// Signing in, the caller's own account, accounts of others, agencies, bars and supervision.
pub fn routes(registry: &mut Registry<'_>) {
    sign_in::http::routes(registry);
    accounts::http::routes(registry);
    bars::http::routes(registry);
}
