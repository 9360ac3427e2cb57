//! Which logs were released to whoever runs a later match, as relations.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::access::{RelationKind, Tx};
use crate::base::error::Result;
use crate::base::ids::{AnyId, MatchId, noun};
use crate::schema::relations;

/// The matches whose logs were released to whoever runs this one, whoever that was then.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn list_to(tx: &mut Tx<'_>, next: MatchId) -> Result<BTreeSet<MatchId>> {
    let ids: Vec<AnyId> = relations::table
        .filter(relations::cause_id.eq(next.cast::<noun::Any>()))
        .filter(relations::kind.eq(RelationKind::Reads))
        .select(relations::subject_id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(AnyId::cast).collect())
}
