//! Accounts, relations and used keys as rows; the sub-selects from which every room's visibility is made.

mod given;
pub(super) mod versions;

pub use given::{end_by_cause, end_by_cause_to, end_of_account, grant, grant_between, related_accounts, stands_until};

use chrono::TimeDelta;
use diesel::dsl::{self, exists};
use diesel::prelude::*;

use super::model::{Actor, ActorKind, RelationKind, Role};
use super::rights::Reach;
use super::sign_in::model::SOURCE_KNOWN_DAYS;
use super::tx::Tx;
use crate::base::clock::Instant;
use crate::base::db::{Db, is_unique};
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::{AccountId, AgencyId, AnyId, CaseId, DeviceId, EnquiryId, PersonId};
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

/// Whether a relation was given for one of these roles; `None` is no role. As many as relations are given for. Without one it was written by an
/// earlier version, while this one took its place.
#[diesel::dsl::auto_type]
fn by_role(first: Option<Role>, second: Option<Role>, third: Option<Role>) -> _ {
    relations::role.is_null().or(relations::role.eq(first)).or(relations::role.eq(second)).or(relations::role.eq(third))
}

/// Ids of everything an account stands in one of these relations to, at a moment, in a role that it holds; `None` is no relation. As many as a
/// reach can be made of, so that the statement is always the same and stays prepared.
#[diesel::dsl::auto_type]
fn related_ids(
    account: AccountId,
    in_role: by_role,
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
        .filter(in_role)
        .filter(relations::from_at.le(at))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(at)))
        .select(relations::subject_id)
}

/// Ids of everything an account runs or covers, or did, for one of these roles, whatever else it holds by now; `None` is no role.
#[diesel::dsl::auto_type]
fn given_for(account: AccountId, first: Option<Role>, second: Option<Role>) -> _ {
    let runs: RelationKind = RelationKind::Runs;
    let covers: RelationKind = RelationKind::Covers;
    relations::table
        .filter(relations::account_id.eq(account))
        .filter(relations::kind.eq(runs).or(relations::kind.eq(covers)))
        .filter(relations::role.eq(first).or(relations::role.eq(second)))
        .select(relations::subject_id)
}

/// The sub-select of what an actor is barred from: for `column.ne_all(..)`.
pub type BarredIds = barred_ids;
/// The sub-select of what an actor is related to: for `column.eq_any(..)`.
pub type RelatedIds = related_ids;
/// The sub-select of what an actor ran or covered in a role that it lost: for `column.ne_all(..)`.
pub type LostIds = given_for;

/// Who holds the access token now, which holds for a span at most: `None` when it is unknown, signed out or of a disabled account.
///
/// # Errors
/// 401 `token_expired` for one of a sign-in that still holds: whoever has it can change it for another. So is one that would hold for longer: a clock
/// gave it that was wrong.
pub(super) fn find_actor(db: &mut Db, token_hash: &[u8], now: Instant, span: TimeDelta) -> Result<Option<Actor>> {
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
    if expires_at <= now || expires_at > now.latest_now().plus(span) {
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

    /// Ids of everything the actor is related to by the operation's reach, now (matches, and with them courses and people): in a role that they
    /// hold, for whoever lost the one of a match's track sees it no more by the other's.
    /// Empty where the reach is `All`: ask [`Tx::reaches`] first.
    pub fn related(&self) -> RelatedIds {
        let matched = self.reaches(Reach::Matched);
        related_ids(
            self.account_or_nobody(),
            self.in_role(),
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

    /// Ids of everything that the actor runs, now, in a role that they hold: not of what they only cover, read or supervise.
    pub fn running(&self) -> RelatedIds {
        related_ids(self.account_or_nobody(), self.in_role(), Some(RelationKind::Runs), None, None, None, self.now)
    }

    /// Whether the actor runs what this belongs to, now: not whoever only covers or reads.
    pub fn runs(&mut self, subject: impl Into<Subject>) -> Result<bool> {
        let query = self.running().filter(relations::subject_id.eq(subject.into().id));
        Ok(diesel::select(exists(query)).get_result(self.db())?)
    }

    /// Ids of everything that the actor runs or covers, or did, for a role that they do not hold: what is left to them there (a log that is
    /// owed) is not shown.
    pub fn lost(&self) -> LostIds {
        let [mentor, coach] = [Role::Mentor, Role::ParentCoach].map(|role| (!self.actor.is(role)).then_some(role));
        given_for(self.account_or_nobody(), mentor, coach)
    }

    /// Whether a relation was given for a role that the actor holds.
    fn in_role(&self) -> by_role {
        let [mentor, coach, supervisor] =
            [Role::Mentor, Role::ParentCoach, Role::Supervisor].map(|role| self.actor.is(role).then_some(role));
        by_role(mentor, coach, supervisor)
    }

    fn account_or_nobody(&self) -> AccountId {
        self.actor.account.unwrap_or_else(|| AccountId::from_uuid(uuid::Uuid::nil()))
    }
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
    let (week_ago, day_ago) = (now.minus(TimeDelta::days(7)), now.minus(TimeDelta::days(1)));
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::made_at.lt(week_ago))).execute(tx.db())?;
    // The last access token of a device is known as long as the device may be signed in: it is expired, not unknown. A used refresh token,
    // too: its next use would be a theft.
    let ended = devices::table.filter(devices::ends_at.lt(now).or(devices::signed_out_at.is_not_null())).select(devices::id);
    diesel::delete(access_tokens::table.filter(access_tokens::device_id.eq_any(ended))).execute(tx.db())?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::device_id.eq_any(ended))).execute(tx.db())?;
    let is_over = throttles::locked_until.is_null().or(throttles::locked_until.assume_not_null().lt(day_ago));
    // Without any wrong try it says that somebody signed in from there.
    let of_use = now.minus(TimeDelta::days(SOURCE_KNOWN_DAYS));
    let is_of_use = throttles::failures.eq(0).and(throttles::first_at.ge(of_use));
    diesel::delete(throttles::table.filter(throttles::first_at.lt(day_ago)).filter(is_over).filter(diesel::dsl::not(is_of_use)))
        .execute(tx.db())?;
    Ok(())
}
