//! Bars and supervision as rows of `relations`.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Bar, BarCause, BarFilter, ByAge};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::http::{Page, Paged};
use crate::base::ids::{AccountId, AnyId, CaseId, EnquiryId, MatchId, PersonId, RelationId};
use crate::journal::{Subject, SubjectKind};
use crate::schema::{accounts, case_people, cases, enquiries, enquiry_subjects, matches, people, relations};

#[derive(Queryable, Selectable)]
#[diesel(table_name = relations)]
struct Row {
    id: RelationId,
    account_id: AccountId,
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
            person: row.subject_id.cast(),
            cause: row.cause,
            from_at: row.from_at,
            until_at: row.until_at,
        }
    }
}

/// What a bar covers from now on.
pub(super) fn cover(tx: &mut Tx<'_>, bar: &Bar, subject: Subject) -> Result<()> {
    let is_itself = subject.kind == SubjectKind::Person;
    let id: RelationId = if is_itself { bar.id } else { tx.new_id() };
    diesel::insert_into(relations::table)
        .values((
            relations::id.eq(id),
            relations::account_id.eq(bar.account),
            relations::kind.eq(RelationKind::Bar),
            relations::subject_kind.eq(subject.kind),
            relations::subject_id.eq(subject.id),
            relations::from_at.eq(tx.now),
            relations::cause.eq(bar.cause),
            relations::cause_id.eq(bar.id.cast::<crate::base::ids::noun::Any>()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Whether a bar covers a subject already.
pub(super) fn covers(tx: &mut Tx<'_>, bar: RelationId, subject: AnyId) -> Result<bool> {
    let rows = relations::table
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::cause_id.eq(bar.cast::<crate::base::ids::noun::Any>()))
        .filter(relations::subject_id.eq(subject))
        .filter(relations::until_at.is_null());
    Ok(diesel::select(exists(rows)).get_result(tx.db())?)
}

/// Every case of a person with its enquiries, and every enquiry about them, however long ago.
pub(super) fn files_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Subject>> {
    let cases: Vec<CaseId> = case_people::table
        .filter(case_people::person_id.eq(person))
        .select(case_people::case_id)
        .order(case_people::case_id)
        .load(tx.db())?;
    let about: Vec<EnquiryId> =
        enquiry_subjects::table.filter(enquiry_subjects::person_id.eq(person)).select(enquiry_subjects::enquiry_id).load(tx.db())?;
    let enquiries: BTreeSet<EnquiryId> = about.into_iter().chain(enquiries_of(tx, &cases)?).collect();
    Ok(cases.into_iter().map(Subject::from).chain(enquiries.into_iter().map(Subject::from)).collect())
}

/// The open cases in which a person stands.
pub(super) fn open_cases_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<CaseId>> {
    let theirs = case_people::table.filter(case_people::person_id.eq(person)).filter(case_people::left_at.is_null());
    let open = cases::table.filter(cases::state.eq("open")).filter(cases::id.eq_any(theirs.select(case_people::case_id)));
    Ok(open.select(cases::id).order(cases::id).load(tx.db())?)
}

/// The enquiries that opened or joined these cases: each is about somebody who stands, or stood, in its case.
pub(super) fn enquiries_of(tx: &mut Tx<'_>, cases: &[CaseId]) -> Result<Vec<EnquiryId>> {
    let members: Vec<PersonId> =
        case_people::table.filter(case_people::case_id.eq_any(cases.to_vec())).select(case_people::person_id).load(tx.db())?;
    let about: Vec<EnquiryId> =
        enquiry_subjects::table.filter(enquiry_subjects::person_id.eq_any(members)).select(enquiry_subjects::enquiry_id).load(tx.db())?;
    let theirs = enquiries::table.filter(enquiries::id.eq_any(about)).filter(enquiries::case_id.eq_any(cases.to_vec()));
    Ok(theirs.select(enquiries::id).order(enquiries::id).load(tx.db())?)
}

/// A bar, standing or ended, whoever it is for.
pub(super) fn find(tx: &mut Tx<'_>, id: RelationId) -> Result<Option<Bar>> {
    let row: Option<Row> = relations::table
        .find(id)
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::subject_kind.eq(SubjectKind::Person))
        .select(Row::as_select())
        .first(tx.db())
        .optional()?;
    Ok(row.map(Bar::from))
}

/// The bars on a person that stand now.
pub(super) fn standing_on(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Bar>> {
    let rows: Vec<Row> = relations::table
        .filter(relations::subject_id.eq(person.cast::<crate::base::ids::noun::Any>()))
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::until_at.is_null())
        .order((relations::from_at, relations::id))
        .select(Row::as_select())
        .load(tx.db())?;
    Ok(rows.into_iter().map(Bar::from).collect())
}

/// A page of bars on persons whom the actor may see, oldest first.
pub(super) fn list(tx: &mut Tx<'_>, filter: &BarFilter, page: &Page<ByAge>) -> Result<Paged<Bar>> {
    let mut query: relations::BoxedQuery<'_, MultiBackend> =
        relations::table.into_boxed().filter(relations::kind.eq(RelationKind::Bar)).filter(relations::subject_kind.eq(SubjectKind::Person));
    // By a second alias of the table it would be one query; the list of one account's bars is short.
    let hidden: Vec<AnyId> = tx.barred().load(tx.db())?;
    query = query.filter(relations::subject_id.ne_all(hidden));
    if let Some(account) = filter.account {
        query = query.filter(relations::account_id.eq(account));
    }
    if let Some(person) = filter.person {
        query = query.filter(relations::subject_id.eq(person.cast::<crate::base::ids::noun::Any>()));
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

/// Whose match it is, and in which case.
pub(super) fn find_match(tx: &mut Tx<'_>, id: MatchId) -> Result<Option<(PersonId, CaseId)>> {
    Ok(matches::table.find(id).select((matches::person_id, matches::case_id)).first(tx.db()).optional()?)
}
