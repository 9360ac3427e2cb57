//! The journal and the consents as the officer reads them; narrow columns, nothing sealed.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{Eq, InnerJoinOn, IntoBoxed, sql};
use diesel::prelude::*;

use super::model::{ConsentFact, EntryFilter, EntryKey, NamingEntry, Whose};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::types::Moment;
use crate::base::db::{Engine, MultiBackend};
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, ConsentId, DeviceId, EnquiryId, OfferId, PersonId};
use crate::journal::{self, Act, Subject, SubjectKind};
use crate::schema::{accounts, case_people, cases, consents, enquiries, enquiry_subjects, journal_calls, journal_subjects, offers};

#[derive(Queryable, Selectable)]
#[diesel(table_name = journal_calls)]
struct CallRow {
    id: i64,
    at: Instant,
    request: String,
    actor: String,
    account_id: Option<AccountId>,
    device_id: Option<DeviceId>,
    operation: String,
    purpose: String,
}

impl From<(CallRow, Act)> for NamingEntry {
    fn from((row, act): (CallRow, Act)) -> Self {
        Self {
            id: row.id,
            at: row.at,
            act,
            operation: row.operation,
            purpose: row.purpose,
            actor: row.actor,
            account: row.account_id,
            device: row.device_id,
            request: row.request,
        }
    }
}

/// Of each call what it was about, which stands with it or with another that was about the same.
type Naming = IntoBoxed<'static, InnerJoinOn<journal_subjects::table, journal_calls::table, About>, MultiBackend>;
type About = Eq<journal_calls::subjects_of, journal_subjects::call_id>;

fn naming(subject: Subject, filter: &EntryFilter) -> Naming {
    let mut query = journal_subjects::table
        .inner_join(journal_calls::table.on(journal_calls::subjects_of.eq(journal_subjects::call_id)))
        .filter(journal::is_asked_about())
        .filter(journal_subjects::subject_id.eq(subject.id))
        .filter(journal_subjects::subject_kind.eq(subject.kind))
        .into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(journal_calls::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(journal_calls::at.lt(until));
    }
    if let Some(account) = filter.account {
        query = query.filter(journal_calls::account_id.eq(account));
    }
    if let Some(purpose) = filter.purpose.clone() {
        query = query.filter(journal_calls::purpose.eq(purpose));
    }
    if let Some(act) = filter.act {
        query = query.filter(journal_subjects::act.eq(act));
    }
    query
}

/// One page of the entries that name a subject, the newest first. The caller must have been found to see it.
pub(super) fn list_entries(
    tx: &mut Tx<'_>,
    subject: Subject,
    filter: &EntryFilter,
    after: Option<EntryKey>,
    fetch: i64,
) -> Result<Vec<NamingEntry>> {
    let mut query = naming(subject, filter);
    if let Some((at, id)) = after {
        query = query.filter(journal_calls::at.lt(at).or(journal_calls::at.eq(at).and(journal_calls::id.lt(id))));
    }
    let order = (journal_calls::at.desc(), journal_calls::id.desc());
    let columns = (CallRow::as_select(), journal_subjects::act);
    let rows: Vec<(CallRow, Act)> = query.order(order).limit(fetch).select(columns).load(tx.db())?;
    Ok(rows.into_iter().map(NamingEntry::from).collect())
}

/// Which enquiries about a person the calls of these entries name, too, as far as no bar hides them.
pub(super) fn enquiries_of(tx: &mut Tx<'_>, person: PersonId, calls: Vec<i64>) -> Result<BTreeMap<i64, BTreeSet<EnquiryId>>> {
    let found: Vec<(i64, EnquiryId)> = journal_subjects::table
        .inner_join(journal_calls::table.on(journal_calls::subjects_of.eq(journal_subjects::call_id)))
        .inner_join(enquiry_subjects::table.on(enquiry_subjects::enquiry_id.eq(journal_subjects::subject_id)))
        .filter(journal_calls::id.eq_any(calls))
        .filter(journal_subjects::subject_kind.eq(SubjectKind::Enquiry))
        .filter(enquiry_subjects::person_id.eq(person))
        .filter(enquiry_subjects::enquiry_id.ne_all(tx.barred()))
        .select((journal_calls::id, enquiry_subjects::enquiry_id))
        .load(tx.db())?;
    let mut all: BTreeMap<i64, BTreeSet<EnquiryId>> = BTreeMap::new();
    for (call, enquiry) in found {
        all.entry(call).or_default().insert(enquiry);
    }
    Ok(all)
}

/// In which quarters of an hour, and why, a person was shown or changed: what an extract is made from, however often somebody looked. No
/// local day begins within a quarter. Who asked and saw nothing is no part of it.
pub(super) fn list_purposes(tx: &mut Tx<'_>, person: PersonId, filter: &EntryFilter) -> Result<Vec<(Instant, String)>> {
    let quarter = match tx.db().engine() {
        Engine::Sqlite => "at - at % 900000000",
        Engine::Postgres => "date_bin('15 minutes', at, 'epoch')",
    };
    let shown = naming(person.into(), filter).filter(journal_subjects::act.eq_any([Act::Read, Act::Change]));
    Ok(shown.select((sql::<Moment>(quarter), journal_calls::purpose)).distinct().load(tx.db())?)
}

/// The sign-in names of accounts.
pub(super) fn account_names(tx: &mut Tx<'_>, ids: Vec<AccountId>) -> Result<BTreeMap<AccountId, String>> {
    let found: Vec<(AccountId, String)> =
        accounts::table.filter(accounts::id.eq_any(ids)).select((accounts::id, accounts::name)).load(tx.db())?;
    Ok(found.into_iter().collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
struct ConsentRow {
    id: ConsentId,
    offer_id: OfferId,
    case_id: CaseId,
    person_id: PersonId,
    giver_id: PersonId,
    scope: String,
    text_version: String,
    given: bool,
    adult_basis: bool,
    not_needed: bool,
    given_at: Instant,
    withdrawn_at: Option<Instant>,
    withdrawn_recorded_at: Option<Instant>,
    recorded_at: Instant,
}

impl From<ConsentRow> for ConsentFact {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id,
            offer: row.offer_id,
            case: row.case_id,
            person: row.person_id,
            giver: row.giver_id,
            scope: row.scope,
            text_version: row.text_version,
            given: row.given,
            adult_basis: row.adult_basis,
            not_needed: row.not_needed,
            given_at: row.given_at,
            withdrawn_at: row.withdrawn_at,
            withdrawn_recorded_at: row.withdrawn_recorded_at,
            recorded_at: row.recorded_at,
        }
    }
}

/// One page of the consents of a person or a case that no bar hides, the earliest given first.
pub(super) fn list_consents(tx: &mut Tx<'_>, whose: Whose, after: Option<(Instant, ConsentId)>, fetch: i64) -> Result<Vec<ConsentFact>> {
    let mut query = consents::table
        .filter(consents::case_id.ne_all(tx.barred()))
        .filter(consents::person_id.ne_all(tx.barred()))
        .filter(consents::giver_id.ne_all(tx.barred()))
        .into_boxed();
    query = match whose {
        Whose::Person(person) => query.filter(consents::person_id.eq(person).or(consents::giver_id.eq(person))),
        Whose::Case(case) => query.filter(consents::case_id.eq(case)),
    };
    if let Some((at, id)) = after {
        query = query.filter(consents::given_at.gt(at).or(consents::given_at.eq(at).and(consents::id.gt(id))));
    }
    let order = (consents::given_at, consents::id);
    let rows: Vec<ConsentRow> = query.order(order).limit(fetch).select(ConsentRow::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(ConsentFact::from).collect())
}

/// The tracks of offers, as codes.
pub(super) fn tracks(tx: &mut Tx<'_>, ids: Vec<OfferId>) -> Result<BTreeMap<OfferId, String>> {
    let found: Vec<(OfferId, String)> = offers::table.filter(offers::id.eq_any(ids)).select((offers::id, offers::track)).load(tx.db())?;
    Ok(found.into_iter().collect())
}

/// Refuses with 404 when there is no such case or a bar hides it: identical.
pub(super) fn check_case(tx: &mut Tx<'_>, case: CaseId) -> Result<()> {
    let found: Option<CaseId> =
        cases::table.filter(cases::id.ne_all(tx.barred())).filter(cases::id.eq(case)).select(cases::id).first(tx.db()).optional()?;
    found.map(|_| ()).ok_or_else(|| Code::NotFound.into())
}

/// Refuses with 404 when there is no such enquiry or a bar hides it: identical.
pub(super) fn check_enquiry(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<()> {
    let query = enquiries::table.filter(enquiries::id.ne_all(tx.barred())).filter(enquiries::id.eq(enquiry));
    let found: Option<EnquiryId> = query.select(enquiries::id).first(tx.db()).optional()?;
    found.map(|_| ()).ok_or_else(|| Code::NotFound.into())
}

/// Who stands or stood in a case, as far as no bar hides it, by id.
pub(super) fn people_of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<PersonId>> {
    Ok(case_people::table
        .filter(case_people::case_id.eq(case))
        .filter(case_people::case_id.ne_all(tx.barred()))
        .filter(case_people::person_id.ne_all(tx.barred()))
        .order(case_people::person_id)
        .select(case_people::person_id)
        .load(tx.db())?)
}
