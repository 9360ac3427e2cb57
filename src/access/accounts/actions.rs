//! Making, changing and closing accounts; entering agencies.

use super::model::{Account, AccountFilter, Agency, AgencyKind, ByAge, Contact, NewAccount, OpenAccount, Profile};
use super::rules;
use super::store;
use crate::access::sign_in::{SignedOut, sign_out_everywhere};
use crate::access::store::{is_barred_from, roles_of};
use crate::access::{Role, Tx};
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::{Expected, Page, Paged};
use crate::base::ids::{AccountId, AgencyId, AnyId};
use crate::base::language::Language;
use crate::base::value::{Email, Field, Flaw, Line, folded};
use crate::facts::Fact;

/// Makes an account. Also for the command line and the demo, whose first accounts nobody else could make.
///
/// # Errors
/// 409 when the name is taken; 422 for roles that do not go together or an unknown agency.
pub fn create(tx: &mut Tx<'_>, account: &NewAccount) -> Result<AccountId> {
    rules::check_roles(&account.roles, account.agency.is_some())?;
    if let Some(agency) = account.agency
        && store::find_agency(tx, agency)?.is_none()
    {
        return Err(invalid("/agency_id", Flaw::Unknown, "Stedet findes ikke", "The agency does not exist"));
    }
    let id: AccountId = tx.new_id();
    let profile = tx.seal(store::holder(id), store::profile_place(id), &account.profile)?;
    store::insert(tx, id, account, &profile)?;
    let (_, begun) = rules::role_changes(&[], &account.roles);
    store::change_roles(tx, id, &[], &begun)?;
    tx.changed(id);
    Ok(id)
}

/// The caller's own account.
pub(super) fn get_own(tx: &mut Tx<'_>) -> Result<OpenAccount> {
    let id = tx.account()?;
    get(tx, id)
}

/// One account, opened.
///
/// # Errors
/// 404 when there is none.
pub(super) fn get(tx: &mut Tx<'_>, id: AccountId) -> Result<OpenAccount> {
    let account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    open(tx, account)
}

/// A page of accounts, oldest first.
pub(super) fn list(tx: &mut Tx<'_>, filter: &AccountFilter, page: &Page<ByAge<AccountId>>) -> Result<Paged<OpenAccount>> {
    let Paged { items, next } = store::list(tx, filter, page)?;
    let items = items.into_iter().map(|account| open(tx, account)).collect::<Result<_>>()?;
    Ok(Paged { items, next })
}

fn open(tx: &mut Tx<'_>, account: Account) -> Result<OpenAccount> {
    let profile = tx.open(store::holder(account.id), store::profile_place(account.id), &account.profile)?;
    let now = tx.now;
    let roles = roles_of(tx.db(), account.id, now)?;
    Ok(OpenAccount { account, profile, roles })
}

/// What of an account is set; absent stays.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The name shown to colleagues.
    pub(super) display_name: Option<Line>,
    /// Where its mail goes.
    pub(super) email: Field<Email>,
    /// The language of its messages.
    pub(super) language: Option<Language>,
}

/// Sets the name that colleagues see, where the account's own mail goes, and the language of its messages, also of those that wait. What changes
/// nothing makes no new version.
///
/// # Errors
/// 404; 412.
pub(super) fn update(tx: &mut Tx<'_>, id: AccountId, expected: &Expected, change: Change) -> Result<OpenAccount> {
    let OpenAccount { mut account, profile: before, .. } = get(tx, id)?;
    expected.check(account.version)?;
    let profile =
        Profile { display_name: change.display_name.unwrap_or(before.display_name.clone()), email: change.email.or(before.email.clone()) };
    let spoken_before = account.language;
    if profile == before && change.language.is_none_or(|language| language == spoken_before) {
        return get(tx, id);
    }
    account.profile = tx.seal(store::holder(id), store::profile_place(id), &profile)?;
    account.language = change.language.unwrap_or(spoken_before);
    account.version += 1;
    store::save(tx, &account)?;
    tx.changed(id);
    // In other capitals it is the same mailbox.
    let mailbox = |email: &Option<Email>| email.as_ref().map(|email| folded(email.as_str()));
    if mailbox(&profile.email) != mailbox(&before.email) {
        tx.tell(Fact::AccountMailChanged { account: id, former: before.email });
    }
    if account.language != spoken_before {
        tx.tell(Fact::AccountLanguageChanged { account: id, language: account.language });
    }
    get(tx, id)
}

/// Sets what an account may do, from its next request on.
///
/// # Errors
/// 404; 412; 422 for roles that do not go together; 409 for the last coordinator's.
pub(super) fn set_roles(tx: &mut Tx<'_>, id: AccountId, expected: &Expected, wanted: &[Role]) -> Result<OpenAccount> {
    let mut account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    expected.check(account.version)?;
    rules::check_roles(wanted, account.agency.is_some())?;
    let now = tx.now;
    let (ended, begun) = rules::role_changes(&roles_of(tx.db(), id, now)?, wanted);
    if ended.contains(&Role::Coordinator) {
        keep_a_coordinator(tx, id)?;
    }
    store::change_roles(tx, id, &ended, &begun)?;
    account.version += 1;
    store::save(tx, &account)?;
    tx.changed(id);
    if !ended.is_empty() {
        tx.tell(Fact::RightsLost { account: id });
    }
    if !begun.is_empty() {
        tx.tell(Fact::RightsRegained { account: id });
    }
    if ended.contains(&Role::Coordinator) {
        tx.tell(Fact::CoordinatorLost { account: id });
    }
    open(tx, account)
}

/// Closes an account: it is signed out everywhere and no password is right until it is opened again; its promises are the unit's. Again
/// changes nothing.
///
/// # Errors
/// 404; 409 for the last coordinator's.
pub(super) fn disable(tx: &mut Tx<'_>, id: AccountId) -> Result<AccountId> {
    let mut account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if account.disabled_at.is_some() {
        return Ok(id);
    }
    keep_a_coordinator(tx, id)?;
    account.disabled_at = Some(tx.now);
    account.version += 1;
    store::save(tx, &account)?;
    tx.changed(id);
    sign_out_everywhere(tx, id, SignedOut::AccountDisabled)?;
    tx.tell(Fact::AccountClosed { account: id });
    Ok(id)
}

/// Opens a closed account again: with its password and roles, signed in nowhere; what was promised stays with whoever has it. Again changes
/// nothing.
///
/// # Errors
/// 404.
pub(super) fn enable(tx: &mut Tx<'_>, id: AccountId) -> Result<AccountId> {
    let mut account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if account.disabled_at.take().is_some() {
        account.version += 1;
        store::save(tx, &account)?;
        tx.changed(id);
        tx.tell(Fact::RightsRegained { account: id });
    }
    Ok(id)
}

/// Signs all devices of an account out.
///
/// # Errors
/// 404.
pub(super) fn sign_out(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    store::find(tx, id)?.ok_or(Code::NotFound)?;
    tx.changed(id);
    sign_out_everywhere(tx, id, SignedOut::ByCoordinator)
}

/// Nobody could make accounts or open cases any more.
fn keep_a_coordinator(tx: &mut Tx<'_>, leaving: AccountId) -> Result<()> {
    if store::accounts_with(tx, Role::Coordinator)? == [leaving] {
        let last = Problem::new(Code::Blocked).blocked_by("account", leaving.uuid());
        return Err(last.say("Kontoen er den sidste koordinators", "It is the last coordinator's account").into());
    }
    Ok(())
}

/// The roles of an account; `None` for one that is closed or was never made.
///
/// # Errors
/// The database's.
pub fn find_roles(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Vec<Role>>> {
    match store::find(tx, id)?.filter(|account| account.disabled_at.is_none()) {
        Some(_) => {
            let now = tx.now;
            Ok(Some(roles_of(tx.db(), id, now)?))
        }
        None => Ok(None),
    }
}

/// Whether an account is one of a coordinator who may see these: open, and barred from none of them.
///
/// # Errors
/// The database's.
pub fn may_coordinate(tx: &mut Tx<'_>, id: AccountId, what: &[AnyId]) -> Result<bool> {
    let is_coordinator = find_roles(tx, id)?.is_some_and(|roles| roles.contains(&Role::Coordinator));
    Ok(is_coordinator && !is_barred_from(tx, id, what)?)
}

/// How an account's messages reach it; `None` for one that is closed.
///
/// # Errors
/// 404; the key store's.
pub fn get_contact(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Contact>> {
    let account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if account.disabled_at.is_some() { Ok(None) } else { contact(tx, &account).map(Some) }
}

/// The contact that an account has which is closed, for what takes back what it was told, and nothing else; `None` for one that is open: see
/// [`get_contact`].
///
/// # Errors
/// As [`get_contact`].
pub fn find_contact_of_closed(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Contact>> {
    let account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if account.disabled_at.is_some() { contact(tx, &account).map(Some) } else { Ok(None) }
}

fn contact(tx: &mut Tx<'_>, account: &Account) -> Result<Contact> {
    let profile = tx.open(store::holder(account.id), store::profile_place(account.id), &account.profile)?;
    Ok(Contact { email: profile.email, language: account.language })
}

/// The language an account reads, without opening who it is; `None` when it is disabled.
///
/// # Errors
/// 404 when there is no such account.
pub fn fact_language(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Language>> {
    let account = store::find(tx, id)?.ok_or(Code::NotFound)?;
    Ok(account.disabled_at.is_none().then_some(account.language))
}

/// Enters an agency.
///
/// # Errors
/// The database's.
pub fn make_agency(tx: &mut Tx<'_>, name: &Line, kind: AgencyKind) -> Result<AgencyId> {
    let agency = Agency { id: tx.new_id(), name: name.as_str().to_owned(), kind, recorded_at: tx.now, version: 1 };
    store::insert_agency(tx, &agency)?;
    tx.changed(agency.id);
    Ok(agency.id)
}

/// Puts right what an agency is called, and its kind. What changes nothing makes no new version.
///
/// # Errors
/// 404; 412.
pub(super) fn update_agency(
    tx: &mut Tx<'_>,
    id: AgencyId,
    expected: &Expected,
    name: Option<&Line>,
    kind: Option<AgencyKind>,
) -> Result<Agency> {
    let mut agency = store::find_agency(tx, id)?.ok_or(Code::NotFound)?;
    expected.check(agency.version)?;
    let before = agency.clone();
    if let Some(name) = name {
        agency.name = name.as_str().to_owned();
    }
    agency.kind = kind.unwrap_or(agency.kind);
    if agency != before {
        store::save_agency(tx, &agency)?;
        tx.changed(id);
    }
    get_agency(tx, id)
}

/// One agency.
///
/// # Errors
/// 404.
pub(super) fn get_agency(tx: &mut Tx<'_>, id: AgencyId) -> Result<Agency> {
    let agency = store::find_agency(tx, id)?.ok_or(Code::NotFound)?;
    tx.saw(id);
    Ok(agency)
}

/// A page of agencies, oldest first.
pub(super) fn list_agencies(tx: &mut Tx<'_>, kind: Option<AgencyKind>, page: &Page<ByAge<AgencyId>>) -> Result<Paged<Agency>> {
    let agencies = store::list_agencies(tx, kind, page)?;
    for agency in &agencies.items {
        tx.saw(agency.id);
    }
    Ok(agencies)
}
