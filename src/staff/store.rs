//! Members of staff as rows.

pub mod accounts;
mod leaves;
mod service;

pub use leaves::fact_leaves;
pub(super) use leaves::{delete_leave, insert_leave};
pub use service::{list_certificates, list_service};

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Certificate, CertificateKind, Kind, LanguageTag, Leave, LeaveKind, Staff, StaffFacts, Terms};
use super::profile;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::{MultiBackend, is_unique};
use crate::base::error::{Code, Error, Result, invalid};
use crate::base::ids::{AccountId, RowId, StaffId};
use crate::base::value::{Flaw, Line};
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::{staff, staff_certificates, staff_languages, staff_leaves};
use crate::{among, lists, save_over};

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
struct Row {
    id: StaffId,
    account_id: Option<AccountId>,
    name: Sealed<Line>,
    mentor: bool,
    parent_coach: bool,
    coordinator: bool,
    supervisor: bool,
    municipality: String,
    loan_until_on: Option<NaiveDate>,
    capacity: i32,
    from_on: NaiveDate,
    left_on: Option<NaiveDate>,
    recorded_at: Instant,
    version: i64,
}

impl Row {
    fn kinds(&self) -> Vec<Kind> {
        let all = [
            (Kind::Mentor, self.mentor),
            (Kind::ParentCoach, self.parent_coach),
            (Kind::Coordinator, self.coordinator),
            (Kind::Supervisor, self.supervisor),
        ];
        all.into_iter().filter_map(|(kind, is)| is.then_some(kind)).collect()
    }
}

const fn place(id: StaffId) -> Place {
    Place { table: "staff", column: "name", row: id.cast() }
}

/// What lies in tables of its own, by member.
#[derive(Default)]
struct Details {
    languages: BTreeMap<StaffId, Vec<LanguageTag>>,
    certificates: BTreeMap<StaffId, Vec<Certificate>>,
    leaves: BTreeMap<StaffId, Vec<Leave>>,
}

/// Of these members of staff; `None`: of all.
fn details(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<Details> {
    use staff_languages as g;
    let mut details = Details::default();
    let languages: Vec<(StaffId, String)> = lists!(g::table, g::staff_id, g::language, of).load(tx.db())?;
    for (id, list) in languages {
        details.languages.insert(id, LanguageTag::stored_list(&list));
    }
    for (id, proof) in certificates(tx, of)? {
        details.certificates.entry(id).or_default().push(proof);
    }
    for (id, leave) in leaves(tx, of)? {
        details.leaves.entry(id).or_default().push(leave);
    }
    Ok(details)
}

/// Times away by their first day, of these or of all.
fn leaves(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<Vec<(StaffId, Leave)>> {
    use staff_leaves as l;
    let mut query = l::table.order((l::from_on, l::id)).select((l::staff_id, l::id, l::kind, l::from_on, l::until_on)).into_boxed();
    if let Some(ids) = of {
        query = among!(query, l::staff_id, ids);
    }
    let rows: Vec<(StaffId, RowId, LeaveKind, NaiveDate, NaiveDate)> = query.load(tx.db())?;
    Ok(rows.into_iter().map(|(staff, id, kind, from_on, until_on)| (staff, Leave { id, kind, from_on, until_on })).collect())
}

fn certificates(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<Vec<(StaffId, Certificate)>> {
    use staff_certificates as c;
    let mut query = c::table.into_boxed();
    if let Some(ids) = of {
        query = among!(query, c::staff_id, ids);
    }
    let rows: Vec<(StaffId, CertificateKind, NaiveDate, Option<NaiveDate>)> =
        query.order((c::kind, c::issued_on, c::id)).select((c::staff_id, c::kind, c::issued_on, c::valid_until_on)).load(tx.db())?;
    Ok(rows.into_iter().map(|(id, kind, issued_on, valid_until_on)| (id, Certificate { kind, issued_on, valid_until_on })).collect())
}

fn open(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Staff>> {
    let ids: Vec<StaffId> = rows.iter().map(|row| row.id).collect();
    let mut details = details(tx, Some(&ids))?;
    let mut profiles = profile::store::list(tx, &ids)?;
    let mut open = |row: Row| {
        Ok(Staff {
            id: row.id,
            terms: Terms {
                kinds: row.kinds(),
                name: tx.open(Holder::staff(row.id), place(row.id), &row.name)?,
                languages: details.languages.remove(&row.id).unwrap_or_default(),
                municipality: Line::stored(row.municipality),
                loan_until_on: row.loan_until_on,
                capacity: row.capacity,
                from_on: row.from_on,
                account: row.account_id,
            },
            left_on: row.left_on,
            certificates: details.certificates.remove(&row.id).unwrap_or_default(),
            leaves: details.leaves.remove(&row.id).unwrap_or_default(),
            profile: profiles.remove(&row.id).unwrap_or_default(),
            recorded_at: row.recorded_at,
            version: row.version,
        })
    };
    rows.into_iter().map(&mut open).collect()
}

/// Who is no coordinator sees their own record.
fn visible(tx: &Tx<'_>) -> staff::BoxedQuery<'static, MultiBackend> {
    let query = staff::table.into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(staff::account_id.eq(tx.actor.account)) }
}

/// A member of staff the caller may see.
///
/// # Errors
/// 404 when there is none or the caller may not see them: identical.
pub fn get(tx: &mut Tx<'_>, id: StaffId) -> Result<Staff> {
    let row: Option<Row> = visible(tx).filter(staff::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    open(tx, row.into_iter().collect())?.pop().ok_or_else(|| Code::NotFound.into())
}

/// The day a member of staff left whom the caller may see, without opening them.
///
/// # Errors
/// 404 as [`get`].
pub fn get_left_on(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<NaiveDate>> {
    let found: Option<Option<NaiveDate>> = visible(tx).filter(staff::id.eq(id)).select(staff::left_on).first(tx.db()).optional()?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// The member of staff who signs in with an account.
///
/// # Errors
/// The database's and the vault's.
pub fn find_by_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Staff>> {
    let row: Option<Row> = staff::table.filter(staff::account_id.eq(account)).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(open(tx, row.into_iter().collect())?.pop())
}

/// Who is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Who does this.
    pub kind: Option<Kind>,
    /// Who has left, or has not.
    pub left: Option<bool>,
    /// Whose account this is.
    pub account: Option<AccountId>,
}

/// One page of the staff, in the order they were written down.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, StaffId)>, fetch: i64) -> Result<Vec<Staff>> {
    let mut query = of_kind(visible(tx), filter.kind);
    match filter.left {
        Some(true) => query = query.filter(staff::left_on.is_not_null()),
        Some(false) => query = query.filter(staff::left_on.is_null()),
        None => {}
    }
    if let Some(account) = filter.account {
        query = query.filter(staff::account_id.eq(account));
    }
    if let Some((at, id)) = after {
        query = query.filter(staff::recorded_at.gt(at).or(staff::recorded_at.eq(at).and(staff::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((staff::recorded_at, staff::id)).limit(fetch).select(Row::as_select()).load(tx.db())?;
    open(tx, rows)
}

fn of_kind(query: staff::BoxedQuery<'static, MultiBackend>, kind: Option<Kind>) -> staff::BoxedQuery<'static, MultiBackend> {
    match kind {
        Some(Kind::Mentor) => query.filter(staff::mentor.eq(true)),
        Some(Kind::ParentCoach) => query.filter(staff::parent_coach.eq(true)),
        Some(Kind::Coordinator) => query.filter(staff::coordinator.eq(true)),
        Some(Kind::Supervisor) => query.filter(staff::supervisor.eq(true)),
        None => query,
    }
}

/// What rules look at, of everybody who was ever on the staff (or of the one asked for), by id; nothing is opened.
///
/// # Errors
/// The database's.
pub fn list_facts(tx: &mut Tx<'_>, only: Option<StaffId>) -> Result<Vec<StaffFacts>> {
    let mut query = staff::table.into_boxed();
    if let Some(id) = only {
        query = query.filter(staff::id.eq(id));
    }
    let rows: Vec<Row> = query.order(staff::id).select(Row::as_select()).load(tx.db())?;
    let of = only.as_ref().map(std::slice::from_ref);
    let mut details = details(tx, of)?;
    let mut profiles = profile::store::list_facts(tx, of)?;
    let fact = |row: Row| StaffFacts {
        id: row.id,
        account: row.account_id,
        kinds: row.kinds(),
        languages: details.languages.remove(&row.id).unwrap_or_default(),
        certificates: details.certificates.remove(&row.id).unwrap_or_default(),
        leaves: details.leaves.remove(&row.id).unwrap_or_default(),
        capacity: row.capacity,
        from_on: row.from_on,
        left_on: row.left_on,
        loan_until_on: row.loan_until_on,
        profile: profiles.remove(&row.id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(fact).collect())
}

/// Those of these ids that are members of staff, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_known(tx: &mut Tx<'_>, ids: &[StaffId]) -> Result<Vec<StaffId>> {
    Ok(staff::table.filter(staff::id.eq_any(ids.to_vec())).select(staff::id).load(tx.db())?)
}

/// The proofs of a member of staff, by kind and issue, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_certificates(tx: &mut Tx<'_>, id: StaffId) -> Result<Vec<Certificate>> {
    Ok(certificates(tx, Some(&[id]))?.into_iter().map(|(_, proof)| proof).collect())
}

/// The last day of a member of staff's loan from another municipality, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_loan(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<NaiveDate>> {
    let found: Option<Option<NaiveDate>> = staff::table.find(id).select(staff::loan_until_on).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// The account of a member of staff, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_account(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<AccountId>> {
    let found: Option<Option<AccountId>> = staff::table.find(id).select(staff::account_id).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// Everybody who was ever on the staff, a chunk at a time: for the nightly pass.
///
/// # Errors
/// The database's.
pub fn fact_everybody(tx: &mut Tx<'_>, after: Option<StaffId>, most: i64) -> Result<Vec<StaffId>> {
    let mut query = staff::table.into_boxed();
    if let Some(after) = after {
        query = query.filter(staff::id.gt(after));
    }
    Ok(query.order(staff::id).limit(most).select(staff::id).load(tx.db())?)
}

/// The member of staff who signs in with an account, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<StaffId>> {
    Ok(staff::table.filter(staff::account_id.eq(account)).select(staff::id).first(tx.db()).optional()?)
}

/// The names of these members of staff, opened.
///
/// # Errors
/// The database's and the vault's.
pub fn names(tx: &mut Tx<'_>, ids: &[StaffId]) -> Result<BTreeMap<StaffId, Line>> {
    let rows: Vec<(StaffId, Sealed<Line>)> =
        staff::table.filter(staff::id.eq_any(ids.to_vec())).select((staff::id, staff::name)).load(tx.db())?;
    rows.into_iter().map(|(id, name)| Ok((id, tx.open(Holder::staff(id), place(id), &name)?))).collect()
}

/// Writes a new member of staff.
///
/// # Errors
/// 422 when the account is another's.
pub(super) fn insert(tx: &mut Tx<'_>, id: StaffId, terms: &Terms) -> Result<()> {
    let (now, name) = (tx.now, tx.seal(Holder::staff(id), place(id), &terms.name)?);
    let is = |kind| terms.kinds.contains(&kind);
    let values = (
        staff::id.eq(id),
        staff::account_id.eq(terms.account),
        staff::name.eq(&name),
        staff::mentor.eq(is(Kind::Mentor)),
        staff::parent_coach.eq(is(Kind::ParentCoach)),
        staff::coordinator.eq(is(Kind::Coordinator)),
        staff::supervisor.eq(is(Kind::Supervisor)),
        staff::municipality.eq(terms.municipality.as_str()),
        staff::loan_until_on.eq(terms.loan_until_on),
        staff::capacity.eq(terms.capacity),
        staff::from_on.eq(terms.from_on),
        staff::recorded_at.eq(now),
        staff::version.eq(1),
    );
    or_taken(tx.attempt(|tx| Ok(diesel::insert_into(staff::table).values(values).execute(tx.db())?)))?;
    set_languages(tx, id, &terms.languages)?;
    tx.changed(id);
    Ok(())
}

/// Saves changed terms, or the day of leaving, over the version they were read at.
///
/// # Errors
/// 412 when somebody was faster, 422 when the account is another's.
pub(super) fn save(tx: &mut Tx<'_>, member: &Staff) -> Result<()> {
    let (id, terms) = (member.id, &member.terms);
    let name = tx.seal(Holder::staff(id), place(id), &terms.name)?;
    let is = |kind| terms.kinds.contains(&kind);
    let changes = (
        staff::account_id.eq(terms.account),
        staff::name.eq(&name),
        staff::mentor.eq(is(Kind::Mentor)),
        staff::parent_coach.eq(is(Kind::ParentCoach)),
        staff::coordinator.eq(is(Kind::Coordinator)),
        staff::supervisor.eq(is(Kind::Supervisor)),
        staff::municipality.eq(terms.municipality.as_str()),
        staff::loan_until_on.eq(terms.loan_until_on),
        staff::capacity.eq(terms.capacity),
        staff::from_on.eq(terms.from_on),
        staff::left_on.eq(member.left_on),
    );
    or_taken(tx.attempt(|tx| save_over!(tx.db(), staff, member, changes)))?;
    set_languages(tx, id, &terms.languages)?;
    tx.changed(id);
    Ok(())
}

fn or_taken<T>(written: Result<T>) -> Result<T> {
    match written {
        Err(error @ Error::Violation(_)) if is_unique(&error, "staff.account_id") => {
            Err(invalid("/account_id", Flaw::Taken, "Kontoen er en andens", "The account is somebody else's"))
        }
        other => other,
    }
}

fn set_languages(tx: &mut Tx<'_>, id: StaffId, languages: &[LanguageTag]) -> Result<()> {
    use staff_languages as l;
    diesel::delete(l::table.filter(l::staff_id.eq(id))).execute(tx.db())?;
    for tag in languages {
        diesel::insert_into(l::table).values((l::staff_id.eq(id), l::language.eq(tag.as_str()))).execute(tx.db())?;
    }
    Ok(())
}

/// Puts these proofs in the place of all there were.
pub(super) fn set_certificates(tx: &mut Tx<'_>, id: StaffId, certificates: &[Certificate]) -> Result<()> {
    use staff_certificates as c;
    diesel::delete(c::table.filter(c::staff_id.eq(id))).execute(tx.db())?;
    for certificate in certificates {
        let row: RowId = tx.new_id();
        diesel::insert_into(c::table)
            .values((
                c::id.eq(row),
                c::staff_id.eq(id),
                c::kind.eq(certificate.kind),
                c::issued_on.eq(certificate.issued_on),
                c::valid_until_on.eq(certificate.valid_until_on),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}
