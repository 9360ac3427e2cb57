//! The room's routes.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{notes, results, rhythm, signals};

/// Adds the room's routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    notes::http::routes(config);
    results::http::routes(config);
    rhythm::http::routes(config);
    signals::http::routes(config);
}
