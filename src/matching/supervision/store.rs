//! Supervision as rows of `relations`, and whom an account meets.

use diesel::prelude::*;

use crate::access::{RelationKind, Tx};
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, MatchId, PersonId};
use crate::schema::{matches, relations, sessions};

/// A match that somebody supervises: also while a bar or a lost role hides it from them, and until the grace after its end is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervised {
    /// Who was given it.
    pub account: AccountId,
    /// Which.
    pub matched: MatchId,
    /// Its case.
    pub case: CaseId,
    /// Its person.
    pub person: PersonId,
}

/// What is supervised of the matches of these people, or of all; for a rule.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, of: Option<&[PersonId]>) -> Result<Vec<Supervised>> {
    let now = tx.now;
    let mut query = matches::table
        .inner_join(relations::table.on(relations::subject_id.eq(matches::id)))
        .filter(relations::kind.eq(RelationKind::Supervises))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(now)))
        .into_boxed();
    if let Some(people) = of {
        query = query.filter(matches::person_id.eq_any(people.to_vec()));
    }
    let of_one = (relations::account_id, matches::id, matches::case_id, matches::person_id);
    let rows: Vec<(AccountId, MatchId, CaseId, PersonId)> = query.order(matches::id).select(of_one).load(tx.db())?;
    Ok(rows.into_iter().map(|(account, matched, case, person)| Supervised { account, matched, case, person }).collect())
}

/// The people of what an account supervises; for a rule.
///
/// # Errors
/// The database's.
pub fn people_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PersonId>> {
    let now = tx.now;
    Ok(relations::table
        .inner_join(matches::table.on(relations::subject_id.eq(matches::id)))
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(RelationKind::Supervises))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(now)))
        .order(matches::person_id)
        .select(matches::person_id)
        .load(tx.db())?)
}

/// Whom an account meets in other matches than this one: of those that it runs or is proposed for, and of those of which it covers a session, as
/// long as it sees them. Sessions belong to a room below this one, which therefore reads their rows.
///
/// # Errors
/// The database's.
pub fn met_in_others(tx: &mut Tx<'_>, account: AccountId, but: MatchId) -> Result<Vec<PersonId>> {
    let now = tx.now;
    let related: Vec<AnyId> = relations::table
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(RelationKind::Runs).or(relations::kind.eq(RelationKind::Covers)))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(now)))
        .select(relations::subject_id)
        .load(tx.db())?;
    let theirs = matches::table.filter(matches::id.eq_any(related.clone())).filter(matches::id.ne(but));
    let mut people: Vec<PersonId> = theirs.select(matches::person_id).load(tx.db())?;
    let covered = sessions::table.filter(sessions::id.eq_any(related)).filter(sessions::match_id.ne(but));
    people.extend(covered.select(sessions::person_id).load::<PersonId>(tx.db())?);
    Ok(people)
}
