//! The operations of this room.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{accounts, bars, sign_in};

/// Signing in, the caller's own account, accounts of others, agencies, bars and supervision.
pub fn routes(config: &mut ServiceConfig<'_>) {
    sign_in::http::routes(config);
    accounts::http::routes(config);
    bars::http::routes(config);
}
