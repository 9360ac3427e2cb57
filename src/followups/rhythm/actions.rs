//! Look at a match's rhythm.

use super::rules::{self, Month};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::matching::{self, Match};
use crate::sessions;

/// What was held of a match, beside what was agreed.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The match.
    pub matched: Match,
    /// When the last session was held.
    pub last_held_at: Option<Instant>,
    /// How many local days ago; to its end where the match is over.
    pub days_since: Option<i64>,
    /// Each month since it began; none before it runs.
    pub months: Vec<Month>,
}

/// The rhythm of a match the caller may see.
///
/// # Errors
/// 404.
pub fn measure(tx: &mut Tx<'_>, id: MatchId) -> Result<Measure> {
    let matched = matching::actions::get(tx, id)?;
    tx.saw(id);
    tx.saw(matched.person);
    let sessions = sessions::store::fact_of_match(tx, id)?;
    let (zone, until) = (tx.programme.calendar().zone, matched.ended_at.unwrap_or(tx.now));
    let last = rules::last_held(&sessions, zone, until);
    Ok(Measure {
        last_held_at: last.map(|(at, _)| at),
        days_since: last.map(|(_, days)| days),
        months: matched.starts_at.map_or_else(Vec::new, |starts_at| rules::months(&sessions, zone, starts_at, until)),
        matched,
    })
}
