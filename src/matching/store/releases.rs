//! Which logs were released to whoever runs a later match, as relations.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::access::{RelationKind, Tx};
use crate::base::error::Result;
use crate::base::ids::{AnyId, MatchId, noun};
use crate::schema::relations;

/// What stands as the cause of a release that was taken back: it says who read until when, and is given to nobody any more.
const TAKEN_BACK: &str = "taken_back";

/// The matches whose logs are released to whoever runs this one, whoever that is, by id.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn list_to(tx: &mut Tx<'_>, next: MatchId) -> Result<Vec<MatchId>> {
    let ids: Vec<AnyId> = relations::table
        .filter(relations::cause_id.eq(next.cast::<noun::Any>()))
        .filter(relations::kind.eq(RelationKind::Reads))
        .filter(relations::cause.ne(TAKEN_BACK))
        .select(relations::subject_id)
        .load(tx.db())?;
    // One account after the other read the same.
    let ids: BTreeSet<MatchId> = ids.into_iter().map(AnyId::cast).collect();
    Ok(ids.into_iter().collect())
}

/// Notes that the logs of a match are released to whoever runs this one no more.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn take_back(tx: &mut Tx<'_>, next: MatchId, old: MatchId) -> Result<()> {
    let given = relations::table
        .filter(relations::cause_id.eq(next.cast::<noun::Any>()))
        .filter(relations::kind.eq(RelationKind::Reads))
        .filter(relations::subject_id.eq(old.cast::<noun::Any>()));
    diesel::update(given).set(relations::cause.eq(TAKEN_BACK)).execute(tx.db())?;
    Ok(())
}
