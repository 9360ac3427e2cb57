//! Accounts, their roles and agencies as rows.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Account, AccountFilter, Agency, AgencyKind, ByAge, NewAccount, Profile};
use crate::access::{Role, Tx};
use crate::base::clock::Instant;
use crate::base::db::{CodeSet, MultiBackend, is_unique};
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::{Page, Paged};
use crate::base::ids::{AccountId, AgencyId, RowId};
use crate::base::language::Language;
use crate::base::value::Flaw;
use crate::base::vault::{Holder, Place, Sealed};
use crate::save_over;
use crate::schema::{account_roles, accounts, agencies};

/// Whose key a profile is sealed under.
pub(super) const fn holder(account: AccountId) -> Holder {
    Holder::account(account)
}

/// Where a profile lies.
pub(super) const fn profile_place(account: AccountId) -> Place {
    Place::new("accounts", "profile", account)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountRow {
    id: AccountId,
    name: String,
    profile: Vec<u8>,
    language: String,
    agency_id: Option<AgencyId>,
    disabled_at: Option<Instant>,
    recorded_at: Instant,
    version: i64,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            profile: Sealed::from_bytes(row.profile),
            language: Language::of_tag(&row.language).unwrap_or_default(),
            agency: row.agency_id,
            disabled_at: row.disabled_at,
            recorded_at: row.recorded_at,
            version: row.version,
        }
    }
}

/// A new account, with its roles from now on.
///
/// # Errors
/// 409 when the name is taken.
pub(super) fn insert(tx: &mut Tx<'_>, id: AccountId, account: &NewAccount, profile: &Sealed<Profile>) -> Result<()> {
    let inserted = tx.attempt(|tx| {
        diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(id),
                accounts::name.eq(account.name.as_str()),
                accounts::password_hash.eq(&account.password_hash),
                accounts::profile.eq(profile.as_bytes()),
                accounts::language.eq(account.language.tag()),
                accounts::agency_id.eq(account.agency),
                accounts::recorded_at.eq(tx.now),
                accounts::version.eq(1),
            ))
            .execute(tx.db())?;
        Ok(())
    });
    match inserted {
        Err(error) if is_unique(&error, "accounts.name") => {
            Err(Problem::new(Code::AlreadyExists).field("/name", Flaw::Taken, "Navnet er optaget", "The name is taken").into())
        }
        other => other,
    }
}

/// One account.
pub(super) fn find(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>> {
    let row: Option<AccountRow> = accounts::table.find(id).select(AccountRow::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Account::from))
}

/// A page of accounts, oldest first.
pub(super) fn list(tx: &mut Tx<'_>, filter: &AccountFilter, page: &Page<ByAge<AccountId>>) -> Result<Paged<Account>> {
    let mut query: accounts::BoxedQuery<'_, MultiBackend> = accounts::table.into_boxed();
    if let Some(role) = filter.role {
        let now = tx.now;
        let holders = account_roles::table
            .filter(account_roles::role.eq(role))
            .filter(account_roles::from_at.le(now))
            .filter(account_roles::until_at.is_null().or(account_roles::until_at.gt(now)))
            .select(account_roles::account_id);
        query = query.filter(accounts::id.eq_any(holders));
    }
    if let Some(agency) = filter.agency {
        query = query.filter(accounts::agency_id.eq(agency));
    }
    match filter.disabled {
        Some(true) => query = query.filter(accounts::disabled_at.is_not_null()),
        Some(false) => query = query.filter(accounts::disabled_at.is_null()),
        None => {}
    }
    if let Some((at, id)) = page.after {
        query = query.filter(accounts::recorded_at.gt(at).or(accounts::recorded_at.eq(at).and(accounts::id.gt(id))));
    }
    let order = (accounts::recorded_at, accounts::id);
    let rows: Vec<AccountRow> = query.order(order).limit(page.fetch()).select(AccountRow::as_select()).load(tx.db())?;
    Ok(page.cut(rows, |row| (row.recorded_at, row.id)).map(Account::from))
}

/// Ends roles and begins others, now.
pub(super) fn change_roles(tx: &mut Tx<'_>, account: AccountId, ended: &[Role], begun: &[Role]) -> Result<()> {
    let now = tx.now;
    diesel::update(
        account_roles::table
            .filter(account_roles::account_id.eq(account))
            .filter(account_roles::role.eq_any(ended.to_vec()))
            .filter(account_roles::until_at.is_null()),
    )
    .set(account_roles::until_at.eq(now))
    .execute(tx.db())?;
    for role in begun {
        let id: RowId = tx.new_id();
        diesel::insert_into(account_roles::table)
            .values((
                account_roles::id.eq(id),
                account_roles::account_id.eq(account),
                account_roles::role.eq(*role),
                account_roles::from_at.eq(now),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Saves who an account is, its language and whether it is open, its version counted up.
pub(super) fn save(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    diesel::update(accounts::table.find(account.id))
        .set((
            accounts::profile.eq(account.profile.as_bytes()),
            accounts::language.eq(account.language.tag()),
            accounts::disabled_at.eq(account.disabled_at),
            accounts::version.eq(account.version),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The accounts that hold a role now and can sign in, in the order of their making: the unit, for `Coordinator`.
///
/// # Errors
/// The database's.
pub fn accounts_with(tx: &mut Tx<'_>, role: Role) -> Result<Vec<AccountId>> {
    let now = tx.now;
    Ok(accounts::table
        .filter(accounts::disabled_at.is_null())
        .filter(exists(
            account_roles::table
                .filter(account_roles::account_id.eq(accounts::id))
                .filter(account_roles::role.eq(role))
                .filter(account_roles::from_at.le(now))
                .filter(account_roles::until_at.is_null().or(account_roles::until_at.gt(now))),
        ))
        .order((accounts::recorded_at, accounts::id))
        .select(accounts::id)
        .load(tx.db())?)
}

/// What an account may be used for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The roles it holds.
    pub roles: CodeSet<Role>,
    /// Nobody can sign in with it.
    pub is_closed: bool,
}

/// What these accounts (all: `None`) may be used for now, for a rule.
///
/// # Errors
/// The database's.
pub fn standings(tx: &mut Tx<'_>, of: Option<&[AccountId]>) -> Result<HashMap<AccountId, Standing>> {
    let now = tx.now;
    let holds = account_roles::account_id
        .eq(accounts::id)
        .and(account_roles::from_at.le(now))
        .and(account_roles::until_at.is_null().or(account_roles::until_at.gt(now)));
    let roles = accounts::table.left_join(account_roles::table.on(holds));
    let mut query = roles.select((accounts::id, accounts::disabled_at.is_not_null(), account_roles::role.nullable())).into_boxed();
    if let Some(ids) = of {
        query = query.filter(accounts::id.eq_any(ids.to_vec()));
    }
    let mut standings: HashMap<AccountId, Standing> = HashMap::new();
    for (id, is_closed, role) in query.load::<(AccountId, bool, Option<Role>)>(tx.db())? {
        let standing = standings.entry(id).or_default();
        standing.is_closed = is_closed;
        role.into_iter().for_each(|role| standing.roles.insert(role));
    }
    Ok(standings)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = agencies)]
struct AgencyRow {
    id: AgencyId,
    name: String,
    kind: AgencyKind,
    recorded_at: Instant,
    version: i64,
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self { id: row.id, name: row.name, kind: row.kind, recorded_at: row.recorded_at, version: row.version }
    }
}

/// A new agency.
pub(super) fn insert_agency(tx: &mut Tx<'_>, agency: &Agency) -> Result<()> {
    diesel::insert_into(agencies::table)
        .values((
            agencies::id.eq(agency.id),
            agencies::name.eq(&agency.name),
            agencies::kind.eq(agency.kind),
            agencies::recorded_at.eq(agency.recorded_at),
            agencies::version.eq(agency.version),
        ))
        .execute(tx.db())
        .map_err(Error::from)?;
    Ok(())
}

/// Saves an agency over the version it was read at.
pub(super) fn save_agency(tx: &mut Tx<'_>, agency: &Agency) -> Result<()> {
    let changes = (agencies::name.eq(&agency.name), agencies::kind.eq(agency.kind));
    save_over!(tx.db(), agencies, agency, changes)
}

/// One agency.
pub(super) fn find_agency(tx: &mut Tx<'_>, id: AgencyId) -> Result<Option<Agency>> {
    let row: Option<AgencyRow> = agencies::table.find(id).select(AgencyRow::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Agency::from))
}

/// A page of agencies, oldest first.
pub(super) fn list_agencies(tx: &mut Tx<'_>, kind: Option<AgencyKind>, page: &Page<ByAge<AgencyId>>) -> Result<Paged<Agency>> {
    let mut query: agencies::BoxedQuery<'_, MultiBackend> = agencies::table.into_boxed();
    if let Some(kind) = kind {
        query = query.filter(agencies::kind.eq(kind));
    }
    if let Some((at, id)) = page.after {
        query = query.filter(agencies::recorded_at.gt(at).or(agencies::recorded_at.eq(at).and(agencies::id.gt(id))));
    }
    let order = (agencies::recorded_at, agencies::id);
    let rows: Vec<AgencyRow> = query.order(order).limit(page.fetch()).select(AgencyRow::as_select()).load(tx.db())?;
    Ok(page.cut(rows, |row| (row.recorded_at, row.id)).map(Agency::from))
}
