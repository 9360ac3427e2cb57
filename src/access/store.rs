//! Accounts, relations and used keys as rows; the sub-selects from which every room's visibility is made.

pub(super) mod versions;

use diesel::dsl::{self, exists};
use diesel::prelude::*;

use super::model::{Actor, ActorKind, RelationKind, Role};
use super::rights::Reach;
use super::sign_in::model::SOURCE_KNOWN_DAYS;
use super::tx::Tx;
use crate::base::clock::Instant;
use crate::base::db::{Db, is_unique};
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::{AccountId, AgencyId, AnyId, CaseId, DeviceId, EnquiryId, PersonId, RelationId};
use crate::base::vault::LookUpKind;
use crate::journal::Subject;
use crate::schema::{
    access_tokens, account_roles, accounts, case_people, devices, enquiries, enquiry_subjects, idempotency_keys, refresh_tokens, relations,
    throttles,
};

/// Ids of everything an account is barred from at a moment.
#[diesel::dsl::auto_type]
fn barred_ids(account: AccountId, at: Instant) -> _ {
    let bar: RelationKind = RelationKind::Bar;
    relations::table
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(bar))
        .filter(relations::from_at.le(at))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(at)))
        .select(relations::subject_id)
}

/// Ids of everything an account stands in one of these relations to, at a moment; `None` is no relation. As many as a reach can be made of,
/// so that the statement is always the same and stays prepared.
#[diesel::dsl::auto_type]
fn related_ids(
    account: AccountId,
    first: Option<RelationKind>,
    second: Option<RelationKind>,
    third: Option<RelationKind>,
    fourth: Option<RelationKind>,
    at: Instant,
) -> _ {
    let kind: dsl::Nullable<relations::kind> = relations::kind.nullable();
    relations::table
        .filter(relations::account_id.eq(account))
        .filter(kind.eq(first).or(kind.eq(second)).or(kind.eq(third)).or(kind.eq(fourth)))
        .filter(relations::from_at.le(at))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(at)))
        .select(relations::subject_id)
}

/// The sub-select of what an actor is barred from: for `column.ne_all(..)`.
pub type BarredIds = barred_ids;
/// The sub-select of what an actor is related to: for `column.eq_any(..)`.
pub type RelatedIds = related_ids;

/// Who holds the access token now: `None` when it is unknown, signed out or of a disabled account.
///
/// # Errors
/// 401 `token_expired` for one of a sign-in that still holds: whoever has it can change it for another.
pub(super) fn find_actor(db: &mut Db, token_hash: &[u8], now: Instant) -> Result<Option<Actor>> {
    let found: Option<(DeviceId, AccountId, Option<AgencyId>, Instant)> = access_tokens::table
        .inner_join(devices::table.on(devices::id.eq(access_tokens::device_id)))
        .inner_join(accounts::table.on(accounts::id.eq(devices::account_id)))
        .filter(access_tokens::hash.eq(token_hash))
        .filter(devices::signed_out_at.is_null())
        .filter(devices::ends_at.gt(now))
        .filter(accounts::disabled_at.is_null())
        .select((devices::id, accounts::id, accounts::agency_id, access_tokens::expires_at))
        .first(db)
        .optional()?;
    let Some((device, account, agency, expires_at)) = found else { return Ok(None) };
    if expires_at <= now {
        return Err(Code::TokenExpired.into());
    }
    Ok(Some(Actor { kind: ActorKind::Account, account: Some(account), device: Some(device), roles: roles_of(db, account, now)?, agency }))
}

/// The roles an account holds at a moment.
pub fn roles_of(db: &mut Db, account: AccountId, now: Instant) -> Result<Vec<Role>> {
    Ok(account_roles::table
        .filter(account_roles::account_id.eq(account))
        .filter(account_roles::from_at.le(now))
        .filter(account_roles::until_at.is_null().or(account_roles::until_at.gt(now)))
        .select(account_roles::role)
        .order(account_roles::role)
        .load(db)?)
}

/// What somebody else than the actor is barred from at a moment: for what the tick tells them.
pub fn barred_from(account: AccountId, at: Instant) -> BarredIds {
    barred_ids(account, at)
}

/// Whether a bar stands between an account and any of these, now.
pub fn is_barred_from(tx: &mut Tx<'_>, account: AccountId, subjects: &[AnyId]) -> Result<bool> {
    let query = barred_ids(account, tx.now).filter(relations::subject_id.eq_any(subjects.to_vec()));
    Ok(diesel::select(exists(query)).get_result(tx.db())?)
}

impl Tx<'_> {
    /// Ids of everything the actor is barred from, now. A room's list takes them off by each of its subject columns.
    /// The tick and the command line are barred from nothing.
    pub fn barred(&self) -> BarredIds {
        barred_ids(self.account_or_nobody(), self.now)
    }

    /// Ids of everything the actor is barred from, now.
    pub fn all_barred(&mut self) -> Result<Vec<AnyId>> {
        Ok(self.barred().load(self.db())?)
    }

    /// The sub-select that takes nothing off, for what is only counted: a number is no person, and one that was smaller for somebody
    /// barred would tell them why.
    pub fn barred_from_nothing(&self) -> BarredIds {
        barred_ids(AccountId::from_uuid(uuid::Uuid::nil()), self.now)
    }

    /// Ids of everything the actor is related to by the operation's reach, now (matches, and with them courses and people).
    /// Empty where the reach is `All`: ask [`Tx::reaches`] first.
    pub fn related(&self) -> RelatedIds {
        let matched = self.reaches(Reach::Matched);
        related_ids(
            self.account_or_nobody(),
            matched.then_some(RelationKind::Runs),
            matched.then_some(RelationKind::Covers),
            (matched && self.capability.reads_released()).then_some(RelationKind::Reads),
            self.reaches(Reach::Supervised).then_some(RelationKind::Supervises),
            self.now,
        )
    }

    /// Whether a bar stands between the actor and any of these, now.
    pub fn is_barred(&mut self, subjects: &[AnyId]) -> Result<bool> {
        Ok(!self.barred_among(subjects)?.is_empty())
    }

    /// Those of these from whom a bar keeps the actor, now.
    pub fn barred_among(&mut self, subjects: &[AnyId]) -> Result<Vec<AnyId>> {
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.barred().filter(relations::subject_id.eq_any(subjects.to_vec())).load(self.db())?)
    }

    /// Ids of everything that the actor runs, now: not of what they only cover, read or supervise.
    pub fn running(&self) -> RelatedIds {
        related_ids(self.account_or_nobody(), Some(RelationKind::Runs), None, None, None, self.now)
    }

    /// Whether the actor runs what this belongs to, now: not whoever only covers or reads.
    pub fn runs(&mut self, subject: impl Into<Subject>) -> Result<bool> {
        let query = self.running().filter(relations::subject_id.eq(subject.into().id));
        Ok(diesel::select(exists(query)).get_result(self.db())?)
    }

    fn account_or_nobody(&self) -> AccountId {
        self.actor.account.unwrap_or_else(|| AccountId::from_uuid(uuid::Uuid::nil()))
    }
}

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
/// it once more, so that the end of one cause leaves what stands by the other.
pub fn grant(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: RelationKind,
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
    insert(tx, account, kind, subject, (from, None), cause, cause_id)
}

/// Writes down that an account stands in a relation to a subject between two moments.
pub fn grant_between(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: RelationKind,
    subject: impl Into<Subject>,
    (from, until): (Instant, Instant),
    cause: &'static str,
    cause_id: AnyId,
) -> Result<()> {
    insert(tx, account, kind, subject.into(), (from, Some(until)), cause, Some(cause_id))
}

fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: RelationKind,
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

/// Who stands in a case, for the journal.
pub(super) fn people_of_case(db: &mut Db, case: CaseId) -> Result<Vec<PersonId>> {
    Ok(case_people::table.filter(case_people::case_id.eq(case)).select(case_people::person_id).load(db)?)
}

/// Whom an enquiry is about, as far as that was said.
pub(super) fn subjects_of_enquiry(db: &mut Db, enquiry: EnquiryId) -> Result<Vec<PersonId>> {
    Ok(enquiry_subjects::table
        .filter(enquiry_subjects::enquiry_id.eq(enquiry))
        .filter(enquiry_subjects::person_id.is_not_null())
        .select(enquiry_subjects::person_id.assume_not_null())
        .load(db)?)
}

/// Whom an enquiry was linked to, and who stands in the case that it opened or joined, for the journal.
pub(super) fn people_of_enquiry(db: &mut Db, enquiry: EnquiryId) -> Result<Vec<PersonId>> {
    let mut people = subjects_of_enquiry(db, enquiry)?;
    let case: Option<Option<CaseId>> = enquiries::table.find(enquiry).select(enquiries::case_id).first(db).optional()?;
    if let Some(case) = case.flatten() {
        people.extend(people_of_case(db, case)?);
    }
    Ok(people)
}

/// What a used key stands for.
pub(super) enum KeyUse {
    /// It is new and now taken by this verb.
    Fresh,
    /// The same call was done before: its result.
    Replay(AnyId),
}

/// What the same call made before, where it was made before: a look, which takes no key.
///
/// # Errors
/// 422 when the key was used for something else.
pub(super) fn find_key(tx: &mut Tx<'_>, account: AccountId, key: &str, fingerprint: &[u8; 32]) -> Result<Option<AnyId>> {
    let (operation, request_hash) = (tx.capability.operation(), tx.look_up_hash(LookUpKind::Request, fingerprint));
    let found: Option<(Vec<u8>, Option<AnyId>)> = idempotency_keys::table
        .find((account, operation, key))
        .select((idempotency_keys::request_hash, idempotency_keys::result_id))
        .first(tx.db())
        .optional()?;
    match found {
        None => Ok(None),
        Some((hash, Some(id))) if hash == request_hash => Ok(Some(id)),
        Some(_) => Err(Problem::new(Code::KeyReused).into()),
    }
}

/// Takes an idempotency key as the first thing in the verb's transaction, or finds what the same call made before.
pub(super) fn take_key(tx: &mut Tx<'_>, account: AccountId, key: &str, fingerprint: &[u8; 32]) -> Result<KeyUse> {
    let (operation, now, request_hash) = (tx.capability.operation(), tx.now, tx.look_up_hash(LookUpKind::Request, fingerprint));
    let taken = tx.attempt(|tx| {
        diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::account_id.eq(account),
                idempotency_keys::operation.eq(operation),
                idempotency_keys::key.eq(key),
                idempotency_keys::request_hash.eq(request_hash.as_slice()),
                idempotency_keys::status.eq(201),
                idempotency_keys::made_at.eq(now),
            ))
            .execute(tx.db())?;
        Ok(())
    });
    match taken {
        Ok(()) => Ok(KeyUse::Fresh),
        Err(error) if is_unique(&error, "idempotency_keys.account_id,operation,key") => {
            // The other call may have committed after this one's snapshot was taken: only a new one sees it.
            find_key(tx, account, key, fingerprint)?.map(KeyUse::Replay).ok_or(Error::RunAgain)
        }
        Err(error) => Err(error),
    }
}

/// Writes down what the call made, for its replay.
pub(super) fn keep_result(tx: &mut Tx<'_>, account: AccountId, key: &str, result: AnyId) -> Result<()> {
    let operation = tx.capability.operation();
    diesel::update(idempotency_keys::table.find((account, operation, key)))
        .set(idempotency_keys::result_id.eq(Some(result)))
        .execute(tx.db())?;
    Ok(())
}

/// Forgets keys older than 7 days, tokens of no use any more, wrong tries older than a day and where somebody signed in long ago; part of the
/// nightly pass.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now;
    let (week_ago, day_ago) = (now.minus(chrono::TimeDelta::days(7)), now.minus(chrono::TimeDelta::days(1)));
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::made_at.lt(week_ago))).execute(tx.db())?;
    // The last access token of a device is known as long as the device may be signed in: it is expired, not unknown. A used refresh token,
    // too: its next use would be a theft.
    let ended = devices::table.filter(devices::ends_at.lt(now).or(devices::signed_out_at.is_not_null())).select(devices::id);
    diesel::delete(access_tokens::table.filter(access_tokens::device_id.eq_any(ended))).execute(tx.db())?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::device_id.eq_any(ended))).execute(tx.db())?;
    let is_over = throttles::locked_until.is_null().or(throttles::locked_until.assume_not_null().lt(day_ago));
    // Without any wrong try it says that somebody signed in from there.
    let of_use = now.minus(chrono::TimeDelta::days(SOURCE_KNOWN_DAYS));
    let is_of_use = throttles::failures.eq(0).and(throttles::first_at.ge(of_use));
    diesel::delete(throttles::table.filter(throttles::first_at.lt(day_ago)).filter(is_over).filter(diesel::dsl::not(is_of_use)))
        .execute(tx.db())?;
    Ok(())
}
