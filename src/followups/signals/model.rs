//! What may tell that a match is about to end early.

use crate::coded;

coded! {
    /// A fact of a match's first months that matches which ended early have in common.
    pub enum Signal {
        /// Days since its start without a session held: more than 14.
        NotBegun = "not_begun" : "Ikke begyndt" / "Not begun",
        /// Days since the last session held: more than two of the agreed spans.
        LongAgo = "long_ago" : "Længe siden sidste møde" / "Long since the last session",
        /// Sessions in the last 30 days that the person or the member of staff did not come to: two or more.
        Missed = "missed" : "Udeblivelser" / "Missed sessions",
        /// Sessions in the last 30 days that were cancelled: two or more.
        Cancelled = "cancelled" : "Aflysninger" / "Cancelled sessions",
        /// Planned sessions in the last 30 days whose log is missing: two or more.
        NotLogged = "not_logged" : "Manglende mødenotater" / "Sessions not logged",
    }
}

/// One of them with its number, of days or sessions as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub signal: Signal,
    /// How many days, or sessions.
    pub number: i64,
}
