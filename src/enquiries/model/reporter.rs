//! What was recorded of a reporter before they said who they are.

use serde::{Deserialize, Serialize};

use super::{Identity, ReporterKind};
use crate::base::ids::AgencyId;

/// The most reporters that a concern has, also as it comes in.
pub const REPORTERS_MOST: usize = 10;

/// A reporter as they were recorded before; sealed under the reporter, as the identity is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerReporter {
    /// Who they were to the matter.
    pub kind: ReporterKind,
    /// Their agency.
    pub agency: Option<AgencyId>,
    /// Whether they wished to hear what came of it.
    pub wants_feedback: bool,
    /// Who they were said to be.
    pub identity: Option<Identity>,
}
