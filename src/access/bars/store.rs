//! Bars as rows of `relations`.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Bar, BarCause, BarFilter, ByAge};
use crate::access::store::{barred_from, subjects_of_enquiry};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::http::{Page, Paged};
use crate::base::ids::{AccountId, AnyId, CaseId, EnquiryId, PersonId, RelationId, StaffId, noun};
use crate::journal::{Subject, SubjectKind};
use crate::schema::{accounts, case_people, cases, enquiries, enquiry_subjects, people, relations, staff, staff_accounts};

#[derive(Queryable, Selectable)]
#[diesel(table_name = relations)]
struct Row {
    id: RelationId,
    account_id: AccountId,
    subject_kind: SubjectKind,
    subject_id: AnyId,
    cause: BarCause,
    from_at: Instant,
    until_at: Option<Instant>,
}

impl From<Row> for Bar {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            subject: Subject::new(row.subject_kind, row.subject_id),
            cause: row.cause,
            from_at: row.from_at,
            until_at: row.until_at,
        }
    }
}

/// What a bar covers from now on.
pub(super) fn cover(tx: &mut Tx<'_>, bar: &Bar, subject: Subject) -> Result<()> {
    let id: RelationId = if subject == bar.subject { bar.id } else { tx.new_id() };
    diesel::insert_into(relations::table)
        .values((
            relations::id.eq(id),
            relations::account_id.eq(bar.account),
            relations::kind.eq(RelationKind::Bar),
            relations::subject_kind.eq(subject.kind),
            relations::subject_id.eq(subject.id),
            relations::from_at.eq(tx.now),
            relations::cause.eq(bar.cause),
            relations::cause_id.eq(bar.id.cast::<noun::Any>()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What a bar covers now.
pub(super) fn covered(tx: &mut Tx<'_>, bar: RelationId) -> Result<Vec<AnyId>> {
    Ok(relations::table
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::cause_id.eq(bar.cast::<noun::Any>()))
        .filter(relations::until_at.is_null())
        .select(relations::subject_id)
        .load(tx.db())?)
}

/// What a bar on this has to cover: whom it is about, and every case and enquiry of theirs.
pub(super) fn reach_of(tx: &mut Tx<'_>, subject: Subject) -> Result<Vec<Subject>> {
    let people = match subject.kind {
        SubjectKind::Person => vec![subject.id.cast()],
        _ => subjects_of_enquiry(tx.db(), subject.id.cast())?,
    };
    let mut reach = vec![subject];
    for person in people {
        reach.push(person.into());
        reach.extend(files_of(tx, person)?);
    }
    reach.sort_unstable();
    reach.dedup();
    Ok(reach)
}

/// Every case of a person with its enquiries, and every enquiry about them with its case, however long ago. A case to which they were added by
/// mistake is none of theirs. Cases belong to a room below this one, which therefore reads their rows.
fn files_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Subject>> {
    let about: Vec<EnquiryId> =
        enquiry_subjects::table.filter(enquiry_subjects::person_id.eq(person)).select(enquiry_subjects::enquiry_id).load(tx.db())?;
    let of_enquiries = enquiries::table.filter(enquiries::id.eq_any(about.clone())).filter(enquiries::case_id.is_not_null());
    let mut cases: Vec<CaseId> = of_enquiries.select(enquiries::case_id.assume_not_null()).load(tx.db())?;
    let stood = case_people::left_reason.is_null().or(case_people::left_reason.ne("added_by_mistake"));
    let theirs = case_people::table.filter(case_people::person_id.eq(person)).filter(stood);
    cases.extend(theirs.select(case_people::case_id).load::<CaseId>(tx.db())?);
    cases.sort_unstable();
    cases.dedup();
    let enquiries: BTreeSet<EnquiryId> = about.into_iter().chain(enquiries_of(tx, &cases)?).collect();
    Ok(cases.into_iter().map(Subject::from).chain(enquiries.into_iter().map(Subject::from)).collect())
}

/// The bars themselves, each of which is the cause of its own relation and of those to all else that it covers.
#[diesel::dsl::auto_type]
fn entered() -> _ {
    let bar: RelationKind = RelationKind::Bar;
    relations::table.filter(relations::kind.eq(bar)).filter(relations::cause_id.eq(relations::id.nullable()))
}

/// The bars that cover a subject, by that relation: standing ones alone, or all there ever were.
fn covering(tx: &mut Tx<'_>, subject: AnyId, ended: bool) -> Result<Vec<RelationId>> {
    let mut query: relations::BoxedQuery<'_, MultiBackend> =
        relations::table.into_boxed().filter(relations::subject_id.eq(subject)).filter(relations::kind.eq(RelationKind::Bar));
    if !ended {
        query = query.filter(relations::until_at.is_null());
    }
    Ok(query.filter(relations::cause_id.is_not_null()).select(relations::cause_id.assume_not_null()).load(tx.db())?)
}

/// The open cases in which a person stands.
pub(super) fn open_cases_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<CaseId>> {
    let theirs = case_people::table.filter(case_people::person_id.eq(person)).filter(case_people::left_at.is_null());
    let open = cases::table.filter(cases::state.eq("open")).filter(cases::id.eq_any(theirs.select(case_people::case_id)));
    Ok(open.select(cases::id).order(cases::id).load(tx.db())?)
}

/// The enquiries that opened or joined these cases.
pub(super) fn enquiries_of(tx: &mut Tx<'_>, cases: &[CaseId]) -> Result<Vec<EnquiryId>> {
    let theirs = enquiries::table.filter(enquiries::case_id.eq_any(cases.to_vec()));
    Ok(theirs.select(enquiries::id).order(enquiries::id).load(tx.db())?)
}

/// A bar, standing or ended, whoever it is for.
pub(super) fn find(tx: &mut Tx<'_>, id: RelationId) -> Result<Option<Bar>> {
    let row: Option<Row> = entered().filter(relations::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Bar::from))
}

/// The bars that cover a subject now, oldest first.
pub(super) fn standing_on(tx: &mut Tx<'_>, subject: impl Into<Subject>) -> Result<Vec<Bar>> {
    let ids = covering(tx, subject.into().id, false)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = entered().filter(relations::id.eq_any(ids)).order((relations::from_at, relations::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Bar::from).collect())
}

/// The standing bars of an account, oldest first.
pub(super) fn standing_for(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Bar>> {
    let query = entered().filter(relations::account_id.eq(account)).filter(relations::until_at.is_null());
    let rows: Vec<Row> = query.order((relations::from_at, relations::id)).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Bar::from).collect())
}

/// The accounts that a member of staff (everybody: `None`) ever had, each with when it was given to another: a bar from then on is about that
/// other.
///
/// # Errors
/// The database's.
pub fn accounts_of(tx: &mut Tx<'_>, member: Option<StaffId>) -> Result<Vec<(StaffId, AccountId, Option<Instant>)>> {
    use staff_accounts as a;
    let mut had = a::table.order((a::staff_id, a::account_id)).select((a::staff_id, a::account_id, a::until_at)).into_boxed();
    if let Some(member) = member {
        had = had.filter(a::staff_id.eq(member));
    }
    Ok(had.load(tx.db())?)
}

/// Whether a bar stands now between any of these and an account that a member of staff ever had, entered before that was another's.
///
/// # Errors
/// The database's.
pub fn is_member_barred(tx: &mut Tx<'_>, member: StaffId, subjects: &[AnyId]) -> Result<bool> {
    let now = tx.now;
    for (_, account, until) in accounts_of(tx, Some(member))? {
        let bars = barred_from(account, now).filter(relations::subject_id.eq_any(subjects.to_vec()));
        let about_them = bars.filter(relations::from_at.lt(until.unwrap_or_else(|| now.next())));
        if diesel::select(exists(about_them)).get_result(tx.db())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The accounts that whoever had this one last has instead.
pub(super) fn successors_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<AccountId>> {
    use staff_accounts as a;
    Ok(staff::table
        .inner_join(a::table.on(a::staff_id.eq(staff::id)))
        .filter(a::account_id.eq(account))
        .filter(a::until_at.is_null())
        .filter(staff::account_id.ne(account))
        .filter(staff::account_id.is_not_null())
        .order(staff::id)
        .select(staff::account_id.assume_not_null())
        .load(tx.db())?)
}

/// A page of bars on whom and what the actor may see, oldest first.
pub(super) fn list(tx: &mut Tx<'_>, filter: &BarFilter, page: &Page<ByAge>) -> Result<Paged<Bar>> {
    // By a second alias of the table it would be one query; the lists of one account's bars, and of those on one person, are short.
    let hidden: Vec<AnyId> = tx.barred().load(tx.db())?;
    let mut query: relations::BoxedQuery<'_, MultiBackend> = entered().filter(relations::subject_id.ne_all(hidden)).into_boxed();
    if let Some(account) = filter.account {
        query = query.filter(relations::account_id.eq(account));
    }
    if let Some(person) = filter.person {
        let covering = covering(tx, person.cast(), filter.ended)?;
        query = query.filter(relations::id.eq_any(covering));
    }
    query = if filter.ended { query.filter(relations::until_at.is_not_null()) } else { query.filter(relations::until_at.is_null()) };
    if let Some((at, id)) = page.after {
        query = query.filter(relations::from_at.gt(at).or(relations::from_at.eq(at).and(relations::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((relations::from_at, relations::id)).limit(page.fetch()).select(Row::as_select()).load(tx.db())?;
    Ok(page.cut(rows, |row| (row.from_at, row.id)).map(Bar::from))
}

/// Whether there is such an account.
pub(super) fn is_account(tx: &mut Tx<'_>, id: AccountId) -> Result<bool> {
    Ok(diesel::select(exists(accounts::table.find(id))).get_result(tx.db())?)
}

/// Whether there is such a person.
pub(super) fn is_person(tx: &mut Tx<'_>, id: PersonId) -> Result<bool> {
    Ok(diesel::select(exists(people::table.find(id))).get_result(tx.db())?)
}
