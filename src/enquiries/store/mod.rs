//! Enquiries, reporters and subjects as rows.

pub(super) mod corrections;
pub mod decisions;
pub mod named;
pub mod receipts;
pub mod steps;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{
    Assessment, CaseKind, Channel, Concern, Conclusion, Description, Enquiry, EnquirySubject, Filter, Identity, Intake, NewReporter,
    NewSubject, ReceiptWay, Reporter, ReporterKind, Severity, Source, State, TargetGroup, Urgency,
};
use crate::access::accounts::AgencyKind;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AgencyId, CaseId, EnquiryId, PersonId, ReporterId, RowId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::save_over;
use crate::schema::{accounts, agencies, case_people, cases, enquiries, enquiry_subjects, reporters};

#[derive(Queryable, Selectable)]
#[diesel(table_name = enquiries)]
struct Row {
    id: EnquiryId,
    state: State,
    received_at: Instant,
    recorded_at: Instant,
    recorded_by: Option<AccountId>,
    channel: Channel,
    source: Source,
    urgency: Urgency,
    concern: Sealed<Concern>,
    qualification: Option<Sealed<Assessment>>,
    case_kind: Option<CaseKind>,
    target_group: Option<TargetGroup>,
    severity: Option<Severity>,
    police_statement_at: Option<Instant>,
    responsible_authority: Option<String>,
    needs_local_effort: bool,
    decided_at: Option<Instant>,
    decided_recorded_at: Option<Instant>,
    decided_by: Option<AccountId>,
    case_id: Option<CaseId>,
    version: i64,
}

impl From<Row> for Enquiry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            state: row.state,
            received_at: row.received_at,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
            channel: row.channel,
            source: row.source,
            urgency: row.urgency,
            concern: row.concern,
            assessment: row.qualification,
            case_kind: row.case_kind,
            target_group: row.target_group,
            severity: row.severity,
            police_statement_at: row.police_statement_at,
            responsible_authority: row.responsible_authority,
            needs_local_effort: row.needs_local_effort,
            decided_at: row.decided_at,
            decided_recorded_at: row.decided_recorded_at,
            decided_by: row.decided_by,
            case: row.case_id,
            version: row.version,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = reporters)]
struct ReporterRow {
    id: ReporterId,
    enquiry_id: EnquiryId,
    kind: ReporterKind,
    agency_id: Option<AgencyId>,
    account_id: Option<AccountId>,
    wants_feedback: bool,
    identity: Option<Sealed<Identity>>,
    receipt_at: Option<Instant>,
    receipt_how: Option<ReceiptWay>,
}

impl From<ReporterRow> for Reporter {
    fn from(row: ReporterRow) -> Self {
        Self {
            id: row.id,
            enquiry: row.enquiry_id,
            kind: row.kind,
            agency: row.agency_id,
            account: row.account_id,
            wants_feedback: row.wants_feedback,
            identity: row.identity,
            receipt_at: row.receipt_at,
            receipt_way: row.receipt_how,
        }
    }
}

/// What the caller may see: a bar on the enquiry hides it; a partner sees what a reporter of the own agency handed in.
fn visible(tx: &Tx<'_>) -> enquiries::BoxedQuery<'static, MultiBackend> {
    let query = enquiries::table.filter(enquiries::id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) {
        return query;
    }
    let of_agency = reporters::table.filter(reporters::agency_id.eq(tx.actor.agency)).select(reporters::enquiry_id);
    query.filter(enquiries::id.eq_any(of_agency))
}

/// An enquiry the caller may see.
///
/// # Errors
/// 404 when it does not exist or is hidden: identical.
pub fn get(tx: &mut Tx<'_>, id: EnquiryId) -> Result<Enquiry> {
    let row: Option<Row> = visible(tx).filter(enquiries::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    let enquiry = row.map(Enquiry::from).ok_or(Code::NotFound)?;
    tx.saw(id);
    Ok(enquiry)
}

/// An enquiry for a rule; not for the caller's eyes.
pub fn fact(tx: &mut Tx<'_>, id: EnquiryId) -> Result<Enquiry> {
    let row: Row = enquiries::table.find(id).select(Row::as_select()).first(tx.db())?;
    Ok(row.into())
}

/// A page of enquiries, the latest received first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, EnquiryId)>, fetch: i64) -> Result<Vec<Enquiry>> {
    let mut query = visible(tx);
    if let Some(state) = filter.state {
        query = query.filter(enquiries::state.eq(state));
    }
    if let Some(source) = filter.source {
        query = query.filter(enquiries::source.eq(source));
    }
    if let Some(agency) = filter.agency {
        let of_agency = reporters::table.filter(reporters::agency_id.eq(agency)).select(reporters::enquiry_id);
        query = query.filter(enquiries::id.eq_any(of_agency));
    }
    if let Some(from) = filter.received_from {
        query = query.filter(enquiries::received_at.ge(from));
    }
    if let Some(before) = filter.received_before {
        query = query.filter(enquiries::received_at.lt(before));
    }
    if let Some((at, id)) = after {
        query = query.filter(enquiries::received_at.lt(at).or(enquiries::received_at.eq(at).and(enquiries::id.lt(id))));
    }
    let query = query.order((enquiries::received_at.desc(), enquiries::id.desc())).limit(fetch);
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    rows.iter().for_each(|row| tx.saw(row.id));
    Ok(rows.into_iter().map(Enquiry::from).collect())
}

/// Opens what was seen or heard.
pub fn open_concern(tx: &mut Tx<'_>, enquiry: &Enquiry) -> Result<Concern> {
    tx.open(Holder::enquiry(enquiry.id), Place::new("enquiries", "concern", enquiry.id), &enquiry.concern)
}

/// Opens factors and conclusion.
pub fn open_assessment(tx: &mut Tx<'_>, enquiry: &Enquiry) -> Result<Option<Assessment>> {
    let place = Place::new("enquiries", "qualification", enquiry.id);
    enquiry.assessment.as_ref().map(|sealed| tx.open(Holder::enquiry(enquiry.id), place, sealed)).transpose()
}

/// The reporters of these enquiries; for a partner those of the own agency.
pub fn reporters_of(tx: &mut Tx<'_>, ids: &[EnquiryId]) -> Result<Vec<Reporter>> {
    let mut query = reporters::table.filter(reporters::enquiry_id.eq_any(ids.to_vec())).into_boxed();
    if !tx.reaches(Reach::All) {
        query = query.filter(reporters::agency_id.eq(tx.actor.agency));
    }
    let rows: Vec<ReporterRow> = query.order(reporters::id).select(ReporterRow::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Reporter::from).collect())
}

/// All reporters of an enquiry, for a rule.
pub fn fact_reporters(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<Reporter>> {
    let query = reporters::table.filter(reporters::enquiry_id.eq(enquiry)).order(reporters::id);
    let rows: Vec<ReporterRow> = query.select(ReporterRow::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Reporter::from).collect())
}

/// Opens who a reporter is.
pub fn open_identity(tx: &mut Tx<'_>, reporter: &Reporter) -> Result<Option<Identity>> {
    tx.saw(reporter.id);
    let place = Place::new("reporters", "identity", reporter.id);
    reporter.identity.as_ref().map(|sealed| tx.open(Holder::reporter(reporter.id), place, sealed)).transpose()
}

/// The subjects of an enquiry, opened.
pub fn subjects_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<EnquirySubject>> {
    type Columns = (RowId, Option<PersonId>, Sealed<Description>, Option<chrono::NaiveDate>, Option<Instant>);
    let rows: Vec<Columns> = enquiry_subjects::table
        .filter(enquiry_subjects::enquiry_id.eq(enquiry))
        .order(enquiry_subjects::id)
        .select((
            enquiry_subjects::id,
            enquiry_subjects::person_id,
            enquiry_subjects::description,
            enquiry_subjects::born_on,
            enquiry_subjects::settled_at,
        ))
        .load(tx.db())?;
    let open = |(id, person, sealed, born_on, settled_at): Columns| {
        let place = Place::new("enquiry_subjects", "description", id);
        Ok(EnquirySubject { id, description: tx.open(Holder::enquiry(enquiry), place, &sealed)?, born_on, person, settled_at })
    };
    rows.into_iter().map(open).collect()
}

/// Whom the subjects of an enquiry were linked to, for a rule.
pub fn fact_people(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<PersonId>> {
    Ok(enquiry_subjects::table
        .filter(enquiry_subjects::enquiry_id.eq(enquiry))
        .filter(enquiry_subjects::person_id.is_not_null())
        .order(enquiry_subjects::id)
        .select(enquiry_subjects::person_id.assume_not_null())
        .load(tx.db())?)
}

/// Writes a concern down. `received_at`, `channel` and `source` are settled by now.
pub fn insert(tx: &mut Tx<'_>, intake: &Intake, received_at: Instant, channel: Channel, source: Source) -> Result<EnquiryId> {
    let (id, now, by): (EnquiryId, _, _) = (tx.new_id(), tx.now, tx.actor.account);
    let concern = tx.seal(Holder::enquiry(id), Place::new("enquiries", "concern", id), &intake.concern)?;
    diesel::insert_into(enquiries::table)
        .values((
            enquiries::id.eq(id),
            enquiries::state.eq(State::Received),
            enquiries::received_at.eq(received_at),
            enquiries::recorded_at.eq(now),
            enquiries::recorded_by.eq(by),
            enquiries::channel.eq(channel),
            enquiries::source.eq(source),
            enquiries::agency_id.eq(intake.reporters.iter().find_map(|reporter| reporter.agency)),
            enquiries::urgency.eq(intake.urgency),
            enquiries::concern.eq(&concern),
            enquiries::needs_local_effort.eq(false),
            enquiries::version.eq(1),
        ))
        .execute(tx.db())?;
    for reporter in &intake.reporters {
        insert_reporter(tx, id, reporter)?;
    }
    for subject in &intake.subjects {
        insert_subject(tx, id, subject)?;
    }
    tx.changed(id);
    Ok(id)
}

/// Writes a reporter of a concern down.
pub fn insert_reporter(tx: &mut Tx<'_>, enquiry: EnquiryId, new: &NewReporter) -> Result<ReporterId> {
    let id: ReporterId = tx.new_id();
    let place = Place::new("reporters", "identity", id);
    let identity = new.identity.as_ref().map(|identity| tx.seal(Holder::reporter(id), place, identity)).transpose()?;
    diesel::insert_into(reporters::table)
        .values((
            reporters::id.eq(id),
            reporters::enquiry_id.eq(enquiry),
            reporters::kind.eq(new.kind),
            reporters::agency_id.eq(new.agency),
            reporters::account_id.eq(new.account),
            reporters::wants_feedback.eq(new.wants_feedback),
            reporters::identity.eq(&identity),
        ))
        .execute(tx.db())?;
    tx.changed(id);
    Ok(id)
}

/// Writes a subject of a concern down.
pub fn insert_subject(tx: &mut Tx<'_>, enquiry: EnquiryId, new: &NewSubject) -> Result<()> {
    let id: RowId = tx.new_id();
    let place = Place::new("enquiry_subjects", "description", id);
    let description = tx.seal(Holder::enquiry(enquiry), place, &new.description)?;
    diesel::insert_into(enquiry_subjects::table)
        .values((
            enquiry_subjects::id.eq(id),
            enquiry_subjects::enquiry_id.eq(enquiry),
            enquiry_subjects::description.eq(&description),
            enquiry_subjects::born_on.eq(new.born_on),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Strikes a subject out that nobody was said to be.
pub fn delete_subject(tx: &mut Tx<'_>, subject: RowId) -> Result<()> {
    diesel::delete(enquiry_subjects::table.find(subject)).execute(tx.db())?;
    Ok(())
}

/// Saves a step over the version it was read at.
pub fn step(tx: &mut Tx<'_>, enquiry: &Enquiry, state: State) -> Result<()> {
    save_over!(tx.db(), enquiries, enquiry, enquiries::state.eq(state))?;
    tx.changed(enquiry.id);
    Ok(())
}

/// Saves what a conclusion says; its step is saved apart.
pub fn conclude(
    tx: &mut Tx<'_>,
    id: EnquiryId,
    conclusion: &Conclusion,
    (at, recorded_at): (Instant, Instant),
    by: AccountId,
) -> Result<()> {
    let founding = &conclusion.founding;
    let sealed = tx.seal(Holder::enquiry(id), Place::new("enquiries", "qualification", id), &conclusion.assessment)?;
    diesel::update(enquiries::table.find(id))
        .set((
            enquiries::qualification.eq(Some(&sealed)),
            enquiries::case_kind.eq(founding.case_kind),
            enquiries::target_group.eq(founding.target_group),
            enquiries::severity.eq(founding.severity),
            enquiries::police_statement_at.eq(founding.police_statement_at),
            enquiries::responsible_authority.eq(founding.responsible_authority.as_ref().map(|line| line.as_str().to_owned())),
            enquiries::needs_local_effort.eq(founding.needs_local_effort.unwrap_or(false)),
            enquiries::decided_at.eq(Some(at)),
            enquiries::decided_recorded_at.eq(Some(recorded_at)),
            enquiries::decided_by.eq(Some(by)),
            // The case it joins; the one it opens is written by what follows.
            enquiries::case_id.eq(founding.joins),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Says who a subject is.
pub fn settle_subject(tx: &mut Tx<'_>, subject: RowId, person: PersonId) -> Result<()> {
    let now = tx.now;
    diesel::update(enquiry_subjects::table.find(subject))
        .set((enquiry_subjects::person_id.eq(Some(person)), enquiry_subjects::settled_at.eq(Some(now))))
        .execute(tx.db())?;
    tx.changed(person);
    Ok(())
}

/// Writes down that a reporter got a receipt.
pub fn give_receipt(tx: &mut Tx<'_>, reporter: ReporterId, at: Instant, way: ReceiptWay, by: AccountId) -> Result<()> {
    let now = tx.now;
    diesel::update(reporters::table.find(reporter))
        .set((
            reporters::receipt_at.eq(Some(at)),
            reporters::receipt_recorded_at.eq(Some(now)),
            reporters::receipt_by.eq(Some(by)),
            reporters::receipt_how.eq(Some(way)),
        ))
        .execute(tx.db())?;
    tx.changed(reporter);
    Ok(())
}

/// The kind of an agency; `None`: there is none.
pub fn find_agency(tx: &mut Tx<'_>, id: AgencyId) -> Result<Option<AgencyKind>> {
    Ok(agencies::table.find(id).select(agencies::kind).first(tx.db()).optional()?)
}

/// Whether there is such an account.
pub fn is_account(tx: &mut Tx<'_>, id: AccountId) -> Result<bool> {
    Ok(diesel::select(exists(accounts::table.find(id))).get_result(tx.db())?)
}

/// Whether a person stands in a case now, for a rule.
pub fn stands_in(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<bool> {
    let standing = case_people::table.find((case, person)).filter(case_people::left_at.is_null());
    Ok(diesel::select(exists(standing)).get_result(tx.db())?)
}

/// When a case was founded and whether it is open; `None` when it does not exist or a bar hides it.
pub fn find_case(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<(Instant, bool)>> {
    let query = cases::table.filter(cases::id.eq(id)).filter(cases::id.ne_all(tx.barred()));
    let found: Option<(Instant, String)> = query.select((cases::founded_at, cases::state)).first(tx.db()).optional()?;
    Ok(found.map(|(at, state)| (at, state == "open")))
}
