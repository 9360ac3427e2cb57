//! The room's routes.

use super::{notes, results, rhythm, signals};
use crate::base::http::Registry;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    notes::http::routes(registry);
    results::http::routes(registry);
    rhythm::http::routes(registry);
    signals::http::routes(registry);
}
