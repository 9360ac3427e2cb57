//! Look at the matches in their first months.

use super::model::Seen;
use super::rules;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::matching::{self, Match};
use crate::{people, sessions};

/// A match in its first months.
#[derive(Clone, Debug)]
pub struct Early {
    /// The match.
    pub matched: Match,
    /// The person's first name.
    pub given_name: String,
    /// What there is to see; often nothing.
    pub signals: Vec<Seen>,
}

/// One page of the running matches in their first three months, the latest begun first.
///
/// # Errors
/// The database's and the vault's.
pub fn list(tx: &mut Tx<'_>, after: Option<(Instant, MatchId)>, fetch: i64) -> Result<Vec<Early>> {
    let (zone, now) = (tx.programme.calendar().zone, tx.now);
    let found = matching::store::list_running_since(tx, rules::early_since(now, zone), after, fetch)?;
    let mut early = Vec::with_capacity(found.len());
    for matched in found {
        let sessions = sessions::store::fact_of_match(tx, matched.id)?;
        tx.saw(matched.id);
        early.push(Early {
            given_name: people::store::find_name(tx, matched.person)?.map(|name| name.given.into_string()).unwrap_or_default(),
            signals: rules::signals(&matched, &sessions, zone, now),
            matched,
        });
    }
    Ok(early)
}
