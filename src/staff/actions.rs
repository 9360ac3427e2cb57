//! Write members of staff down, change what is known of them, let them leave.

use chrono::NaiveDate;

use super::model::{Certificate, Kind, LanguageTag, Leave, LeaveKind, Staff, Terms};
use super::rules;
use super::store;
pub use super::store::{Filter, get, list, names};
use crate::access::{Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::{Code, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, RowId, StaffId};
use crate::base::value::{Field, Flaw, Line};
use crate::facts::Fact;

/// Writes a new member of staff down.
///
/// # Errors
/// 422 for terms that make no sense, proofs with impossible dates, or an account that is unknown, another's or without the role; for a language by
/// another code than its own.
pub fn create(tx: &mut Tx<'_>, terms: &Terms, certificates: &[Certificate]) -> Result<StaffId> {
    rules::check_languages("/languages", &terms.languages)?;
    let terms = tidied(terms.clone());
    check(tx, &terms)?;
    rules::check_certificates(certificates, today(tx))?;
    let id: StaffId = tx.new_id();
    store::insert(tx, id, &terms)?;
    store::accounts::remember(tx, id, terms.account)?;
    store::set_certificates(tx, id, certificates)?;
    Ok(id)
}

/// The caller's own record.
///
/// # Errors
/// 404 when the account is nobody's.
pub fn get_own(tx: &mut Tx<'_>) -> Result<Staff> {
    let account = tx.account()?;
    store::find_by_account(tx, account)?.ok_or_else(|| Code::NotFound.into())
}

/// What of a member of staff is set; absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The whole name.
    pub name: Option<Line>,
    /// What they do.
    pub kinds: Option<Vec<Kind>>,
    /// What they speak.
    pub languages: Option<Vec<LanguageTag>>,
    /// Home municipality.
    pub municipality: Option<Line>,
    /// The last day of a loan.
    pub loan_until_on: Field<NaiveDate>,
    /// Matches at a time.
    pub capacity: Option<i32>,
    /// First day.
    pub from_on: Option<NaiveDate>,
    /// The account they sign in with.
    pub account: Field<AccountId>,
}

/// Changes what is known of a member of staff. With another account go the relations of what they run, and the bars of those they had.
/// What changes nothing makes no new version.
///
/// # Errors
/// 404, 412, 409 when they left, or run a match that takes what they do no more; 422 as [`create`].
pub fn update(tx: &mut Tx<'_>, id: StaffId, expected: &Expected, change: Change) -> Result<()> {
    let mut member = get_in_service(tx, id, Some(expected))?;
    rules::check_languages("/languages", change.languages.as_deref().unwrap_or_default())?;
    let (before, terms) = (member.terms.clone(), member.terms);
    let (kinds, from, loan, first) = (terms.kinds.clone(), terms.account, terms.loan_until_on, terms.from_on);
    member.terms = tidied(Terms {
        name: change.name.unwrap_or(terms.name),
        kinds: change.kinds.unwrap_or(terms.kinds),
        languages: change.languages.unwrap_or(terms.languages),
        municipality: change.municipality.unwrap_or(terms.municipality),
        loan_until_on: change.loan_until_on.or(terms.loan_until_on),
        capacity: change.capacity.unwrap_or(terms.capacity),
        from_on: change.from_on.unwrap_or(terms.from_on),
        account: change.account.or(terms.account),
    });
    check(tx, &member.terms)?;
    if member.terms == before {
        return Ok(());
    }
    let to = member.terms.account;
    store::save(tx, &member)?;
    if to != from {
        store::accounts::remember(tx, id, to)?;
        tx.tell(Fact::StaffAccountChanged { staff: id, from, to });
    }
    if member.terms.kinds != kinds {
        tx.tell(Fact::StaffKindsChanged { staff: id });
    }
    if member.terms.loan_until_on != loan {
        tx.tell(Fact::StaffLoanChanged { staff: id });
    }
    if member.terms.from_on != first {
        tx.tell(Fact::StaffFirstDayChanged { staff: id });
    }
    Ok(())
}

/// Puts these proofs in the place of all there were: one that was typed wrong is corrected so.
///
/// # Errors
/// 404, 412, 409 when they left, 422 for impossible dates.
pub fn certify(tx: &mut Tx<'_>, id: StaffId, expected: &Expected, certificates: &[Certificate]) -> Result<()> {
    let member = get_in_service(tx, id, Some(expected))?;
    rules::check_certificates(certificates, today(tx))?;
    store::set_certificates(tx, id, certificates)?;
    store::save(tx, &member)?;
    tx.tell(Fact::StaffCertified { staff: id });
    Ok(())
}

/// Enters a time away.
///
/// # Errors
/// 404, 409 when they left, 422 for days out of order or far away, or a leave that stands already.
pub fn enter_leave(tx: &mut Tx<'_>, id: StaffId, kind: LeaveKind, from_on: NaiveDate, until_on: NaiveDate) -> Result<StaffId> {
    let member = get_in_service(tx, id, None)?;
    let leave = Leave { id: tx.new_id(), kind, from_on, until_on };
    rules::check_leave(&leave, &member.leaves, today(tx))?;
    store::insert_leave(tx, id, &leave)?;
    store::save(tx, &member)?;
    tx.tell(Fact::LeaveEntered { staff: id });
    Ok(id)
}

/// Strikes a time away: what others were to cover in it is theirs again.
///
/// # Errors
/// 404 for a member or a leave that is not there, 409 when they left.
pub fn remove_leave(tx: &mut Tx<'_>, id: StaffId, leave: RowId) -> Result<()> {
    let member = get_in_service(tx, id, None)?;
    let known = member.leaves.iter().find(|known| known.id == leave).ok_or(Code::NotFound)?;
    let (from_on, until_on) = (known.from_on, known.until_on);
    store::delete_leave(tx, leave)?;
    store::save(tx, &member)?;
    tx.tell(Fact::LeaveTakenBack { staff: id, leave, from_on, until_on });
    Ok(())
}

/// A member of staff leaves the service: their matches end, and what they promised is the unit's.
///
/// # Errors
/// 404, 409 when they left already, 422 for a moment after now or before their first day.
pub fn leave(tx: &mut Tx<'_>, id: StaffId, at: Instant) -> Result<StaffId> {
    let mut member = get_in_service(tx, id, None)?;
    let left_on = tx.programme.calendar().zone.date(at);
    if at > tx.now {
        return Err(Flaw::AfterNow.refused("/happened_at"));
    }
    if left_on < member.terms.from_on {
        return Err(invalid(
            "/happened_at",
            Flaw::BeforeCause,
            "Tidspunktet ligger før ansættelsen",
            "The time lies before their first day",
        ));
    }
    member.left_on = Some(left_on);
    store::save(tx, &member)?;
    tx.tell(Fact::StaffLeft { staff: id, account: member.terms.account, at });
    Ok(id)
}

/// Counts a member of staff's record up for a change to what belongs to it.
///
/// # Errors
/// 404, 412, 409 when they left.
pub(super) fn touch(tx: &mut Tx<'_>, id: StaffId, expected: &Expected) -> Result<()> {
    let member = get_in_service(tx, id, Some(expected))?;
    store::save(tx, &member)
}

fn get_in_service(tx: &mut Tx<'_>, id: StaffId, expected: Option<&Expected>) -> Result<Staff> {
    let member = store::get(tx, id)?;
    if let Some(expected) = expected {
        expected.check(member.version)?;
    }
    rules::check_in_service(member.left_on)?;
    Ok(member)
}

fn check(tx: &mut Tx<'_>, terms: &Terms) -> Result<()> {
    rules::check_terms(terms)?;
    match terms.account {
        Some(account) => rules::check_account(&terms.kinds, accounts::find_roles(tx, account)?.as_deref()),
        None => Ok(()),
    }
}

/// Each kind and language once, in one order.
fn tidied(mut terms: Terms) -> Terms {
    terms.kinds.sort_unstable();
    terms.kinds.dedup();
    terms.languages.sort_unstable();
    terms.languages.dedup();
    terms
}

fn today(tx: &Tx<'_>) -> NaiveDate {
    tx.programme.calendar().zone.date(tx.now)
}
