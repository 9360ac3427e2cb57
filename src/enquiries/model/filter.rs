//! What a list of enquiries is asked for.

use super::{Source, State};
use crate::base::clock::Instant;
use crate::base::ids::AgencyId;

/// Which enquiries a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only these states.
    pub state: Option<State>,
    /// Only from there.
    pub source: Option<Source>,
    /// Only what a reporter of this agency handed in.
    pub agency: Option<AgencyId>,
    /// Received at or after.
    pub received_from: Option<Instant>,
    /// Received before.
    pub received_before: Option<Instant>,
}
