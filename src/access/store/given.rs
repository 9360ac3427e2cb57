//! Relations as they are given and ended: dated, each by a cause, for a role.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::access::model::{RelationKind, Role};
use crate::access::tx::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, RelationId};
use crate::journal::Subject;
use crate::schema::relations;

/// Which accounts stand in a relation to a subject at a moment, oldest first.
pub fn related_accounts(tx: &mut Tx<'_>, kind: RelationKind, subject: impl Into<Subject>, at: Instant) -> Result<Vec<AccountId>> {
    Ok(relations::table
        .filter(relations::subject_id.eq(subject.into().id))
        .filter(relations::kind.eq(kind))
        .filter(relations::from_at.le(at))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(at)))
        .order((relations::from_at, relations::id))
        .select(relations::account_id)
        .load(tx.db())?)
}

/// Writes down that an account stands in a relation to a subject from a moment on. Told twice, it is granted once; another cause grants
/// it once more, so that the end of one cause leaves what stands by the other. It counts as long as the account holds the role.
pub fn grant(
    tx: &mut Tx<'_>,
    account: AccountId,
    (kind, role): (RelationKind, Role),
    subject: impl Into<Subject>,
    from: Instant,
    cause: &'static str,
    cause_id: Option<AnyId>,
) -> Result<()> {
    let subject = subject.into();
    let standing: Vec<Option<AnyId>> = relations::table
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(kind))
        .filter(relations::subject_id.eq(subject.id))
        .filter(relations::until_at.is_null())
        .select(relations::cause_id)
        .load(tx.db())?;
    if standing.contains(&cause_id) {
        return Ok(());
    }
    insert(tx, account, (kind, role), subject, (from, None), cause, cause_id)
}

/// Writes down that an account stands in a relation to a subject between two moments, as long as it holds the role.
pub fn grant_between(
    tx: &mut Tx<'_>,
    account: AccountId,
    (kind, role): (RelationKind, Role),
    subject: impl Into<Subject>,
    (from, until): (Instant, Instant),
    cause: &'static str,
    cause_id: AnyId,
) -> Result<()> {
    insert(tx, account, (kind, role), subject.into(), (from, Some(until)), cause, Some(cause_id))
}

fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    (kind, role): (RelationKind, Role),
    subject: Subject,
    (from, until): (Instant, Option<Instant>),
    cause: &'static str,
    cause_id: Option<AnyId>,
) -> Result<()> {
    let id: RelationId = tx.new_id();
    diesel::insert_into(relations::table)
        .values((
            relations::id.eq(id),
            relations::account_id.eq(account),
            relations::kind.eq(kind),
            relations::subject_kind.eq(subject.kind),
            relations::subject_id.eq(subject.id),
            relations::from_at.eq(from),
            relations::until_at.eq(until),
            relations::cause.eq(cause),
            relations::cause_id.eq(cause_id),
            relations::role.eq(Some(role)),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Whether a cause gave a relation to a subject that ends at exactly this moment.
pub fn stands_until(tx: &mut Tx<'_>, kind: RelationKind, subject: impl Into<Subject>, cause_id: AnyId, until: Instant) -> Result<bool> {
    let query = relations::table
        .filter(relations::kind.eq(kind))
        .filter(relations::subject_id.eq(subject.into().id))
        .filter(relations::cause_id.eq(cause_id))
        .filter(relations::until_at.eq(until));
    Ok(diesel::select(exists(query)).get_result(tx.db())?)
}

/// The relations of a kind that a cause gave and that stand at a moment, or later.
#[diesel::dsl::auto_type]
fn given_by(kind: RelationKind, cause_id: AnyId, at: Instant) -> _ {
    relations::table
        .filter(relations::kind.eq(kind))
        .filter(relations::cause_id.eq(cause_id))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(at)))
}

/// Ends every standing relation of a kind that a cause gave (a match, a bar), from a moment on.
pub fn end_by_cause(tx: &mut Tx<'_>, kind: RelationKind, cause_id: AnyId, until: Instant) -> Result<()> {
    diesel::update(given_by(kind, cause_id, until)).set(relations::until_at.eq(until)).execute(tx.db())?;
    Ok(())
}

/// Ends, of what a cause gave, the standing relations of a kind to these subjects alone.
pub fn end_by_cause_to(tx: &mut Tx<'_>, kind: RelationKind, cause_id: AnyId, subjects: &[AnyId], until: Instant) -> Result<()> {
    let theirs = given_by(kind, cause_id, until).filter(relations::subject_id.eq_any(subjects.to_vec()));
    diesel::update(theirs).set(relations::until_at.eq(until)).execute(tx.db())?;
    Ok(())
}

/// Ends every standing relation of a kind that an account has, from a moment on.
pub fn end_of_account(tx: &mut Tx<'_>, account: AccountId, kind: RelationKind, until: Instant) -> Result<()> {
    let theirs = relations::table
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(kind))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(until)));
    diesel::update(theirs).set(relations::until_at.eq(until)).execute(tx.db())?;
    Ok(())
}
