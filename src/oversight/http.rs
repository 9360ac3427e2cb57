//! Oversight over HTTP: for the data protection officer alone.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Known};
use super::model::{About, ConsentFact, EntryFilter, EntryKey, ExtractLine, NamingEntry, Whose};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, ConsentId, DeviceId, EnquiryId, OfferId, PersonId};
use crate::base::value::{Day, Flaw, Line};
use crate::journal::Act;
use crate::people::model::Registration;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry
        .service(find_people)
        .service(list_entries)
        .service(list_enquiry_entries)
        .service(list_consents)
        .service(list_case_consents)
        .service(extract);
}

/// By what somebody is known: one of a registration number, a name with a birth date, or a case.
#[derive(Deserialize, ToSchema)]
struct FindPeople {
    /// Civil registration number, ten digits.
    #[schema(pattern = "^[0-9]{6}-?[0-9]{4}$")]
    registration_number: Option<String>,
    /// The whole name, given names first; capital letters and accents do not matter.
    name: Option<Line>,
    born_on: Option<Day>,
    case_id: Option<CaseId>,
}

impl FindPeople {
    fn known(&self) -> Result<Known> {
        match (&self.registration_number, &self.name, self.born_on, self.case_id) {
            (Some(number), None, None, None) => {
                Registration::parse(number).map(Known::Number).ok_or_else(|| Flaw::WrongValue.refused("/registration_number"))
            }
            (None, Some(name), Some(born_on), None) => Ok(Known::Name(name.clone(), born_on.date())),
            (None, None, None, Some(case)) => Ok(Known::Case(case)),
            _ => Err(Flaw::OneOfThree.refused("")),
        }
    }
}

/// Somebody who fits.
#[derive(Serialize, ToSchema)]
struct FoundPerson {
    person_id: PersonId,
}

/// Which entries, and which page of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Entries {
    /// Made at this moment or later.
    from_at: Option<Instant>,
    /// Made before this moment.
    until_at: Option<Instant>,
    /// By this account.
    account_id: Option<AccountId>,
    /// For this purpose: a code of `purposes`, or of `open_reasons` or `case_leave_reasons` where a reason was asked for.
    purpose: Option<Line>,
    /// What was done.
    #[param(inline)]
    act: Option<Act>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Somebody opened or changed it, or asked for it in vain.
#[derive(Serialize, ToSchema)]
struct NamingEntryView {
    at: Instant,
    act: Act,
    /// By which operation, e.g. `people.get`.
    operation: String,
    /// Why: a code of `purposes`, or of `open_reasons` or `case_leave_reasons` where a reason was asked for.
    purpose: String,
    /// `account`, `system` (the reminders), `operator` (the command line) or `public`.
    actor: String,
    account_id: Option<AccountId>,
    /// The name that the account signs in with.
    account_name: Option<String>,
    device_id: Option<DeviceId>,
    /// The request, as the log and the answer name it.
    request_id: String,
    /// The enquiries about the person that the same call named: each has a journal of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    enquiry_ids: Vec<EnquiryId>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A consent and its withdrawal, without the words.
#[derive(Serialize, ToSchema)]
struct RecordedConsent {
    id: ConsentId,
    case_id: CaseId,
    offer_id: OfferId,
    /// What was offered, a code of `tracks`.
    track: Option<String>,
    /// Whose participation it is about.
    person_id: PersonId,
    /// Who said yes or no.
    giver_id: PersonId,
    /// To what, a code of `consent_scopes`.
    scope: String,
    /// Which text was shown.
    text_version: String,
    given: bool,
    /// The participant's own, for the time from the 18th birthday on.
    adult_basis: bool,
    /// Not asked: somebody recorded why this custody holder is not needed.
    not_needed: bool,
    given_at: Instant,
    recorded_at: Instant,
    withdrawn_at: Option<Instant>,
    withdrawn_recorded_at: Option<Instant>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// The first local date.
    from_on: Option<Day>,
    /// The last local date.
    until_on: Option<Day>,
}

/// What a person may get of the journal about them.
#[derive(Serialize, ToSchema)]
struct ExtractView {
    person_id: PersonId,
    /// The earliest date first.
    lines: Vec<ExtractLineView>,
}

/// The person was looked up or changed on that date, for that purpose.
#[derive(Serialize, ToSchema)]
struct ExtractLineView {
    on: NaiveDate,
    /// Why: a code of `purposes`, or of `open_reasons` or `case_leave_reasons` where a reason was asked for.
    purpose: String,
}

impl From<ExtractLine> for ExtractLineView {
    fn from(line: ExtractLine) -> Self {
        Self { on: line.on, purpose: line.purpose }
    }
}

/// Find out who somebody is, by id alone
///
/// By registration number, by name and birth date, or by a case; given in the body, so that nothing personal stands in an address.
#[utoipa::path(operation_id = "oversight.find_people", tag = "oversight", request_body = FindPeople,
    responses((status = 200, body = Vec<FoundPerson>, description = "Who fits; no names")))]
#[post("/oversight/people/search")]
async fn find_people(door: web::Data<Door>, call: Call, body: Body<FindPeople>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let found = actions::find_people(tx, &body.get()?.known()?)?;
        Ok(found.into_iter().map(|person_id| FoundPerson { person_id }).collect::<Vec<_>>())
    };
    call.answer_plain(&door.read(&call, Capability::OversightFindPeople, look_up).await?)
}

fn entries(tx: &mut Tx<'_>, about: About, list: &'static str, query: &Entries) -> Result<Paged<NamingEntryView>> {
    let page = Page::<EntryKey>::read(list, query.limit, query.cursor.as_ref())?;
    let filter = EntryFilter {
        from: query.from_at,
        until: query.until_at,
        account: query.account_id,
        purpose: query.purpose.clone().map(Line::into_string),
        act: query.act,
    };
    let found = actions::list_entries(tx, about, &filter, page.after, page.fetch())?;
    let page = page.cut(found, |entry: &NamingEntry| (entry.at, entry.id));
    let names = actions::account_names(tx, &page.items)?;
    let mut enquiries = actions::enquiries_of(tx, about, &page.items)?;
    Ok(page.map(|entry| NamingEntryView {
        at: entry.at,
        act: entry.act,
        operation: entry.operation,
        purpose: entry.purpose,
        actor: entry.actor,
        account_id: entry.account,
        account_name: entry.account.and_then(|account| names.get(&account).cloned()),
        device_id: entry.device,
        request_id: entry.request,
        enquiry_ids: enquiries.remove(&entry.id).unwrap_or_default().into_iter().collect(),
    }))
}

/// Who opened or changed a person, and why
///
/// The newest first. Reading it is an entry itself.
#[utoipa::path(operation_id = "oversight.journal", tag = "oversight",
    params(("person_id" = PersonId, Path, description = "Who was looked up"), Entries),
    responses((status = 200, body = List<NamingEntryView>, description = "One page")))]
#[get("/oversight/people/{person_id}/journal")]
async fn list_entries(door: web::Data<Door>, call: Call, path: Path<PersonId>, query: Query<Entries>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| entries(tx, About::Person(path.get()?), "oversight.journal", query.get()?);
    call.answer_list(door.read(&call, Capability::OversightJournal, look_up).await?)
}

/// Who opened or changed an enquiry, and why
///
/// Also who opened the identity of a reporter, while nobody is linked to it. The newest first. Reading it is an entry itself.
#[utoipa::path(operation_id = "oversight.enquiry_journal", tag = "oversight",
    params(("enquiry_id" = EnquiryId, Path, description = "What was looked up"), Entries),
    responses((status = 200, body = List<NamingEntryView>, description = "One page")))]
#[get("/oversight/enquiries/{enquiry_id}/journal")]
async fn list_enquiry_entries(door: web::Data<Door>, call: Call, path: Path<EnquiryId>, query: Query<Entries>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| entries(tx, About::Enquiry(path.get()?), "oversight.enquiry_journal", query.get()?);
    call.answer_list(door.read(&call, Capability::OversightEnquiryJournal, look_up).await?)
}

fn consents(tx: &mut Tx<'_>, whose: Whose, which: &Which) -> Result<Paged<RecordedConsent>> {
    let page = Page::<(Instant, ConsentId)>::read("oversight.consents", which.limit, which.cursor.as_ref())?;
    let found = actions::list_consents(tx, whose, page.after, page.fetch())?;
    let page = page.cut(found, |consent: &ConsentFact| (consent.given_at, consent.id));
    let tracks = actions::tracks(tx, &page.items)?;
    Ok(page.map(|consent| RecordedConsent {
        id: consent.id,
        case_id: consent.case,
        offer_id: consent.offer,
        track: tracks.get(&consent.offer).cloned(),
        person_id: consent.person,
        giver_id: consent.giver,
        scope: consent.scope,
        text_version: consent.text_version,
        given: consent.given,
        adult_basis: consent.adult_basis,
        not_needed: consent.not_needed,
        given_at: consent.given_at,
        recorded_at: consent.recorded_at,
        withdrawn_at: consent.withdrawn_at,
        withdrawn_recorded_at: consent.withdrawn_recorded_at,
    }))
}

/// A person's consents and withdrawals
///
/// About their own participation, and those they gave for somebody else; the earliest given first.
#[utoipa::path(operation_id = "oversight.consents", tag = "oversight",
    params(("person_id" = PersonId, Path, description = "Whose"), Which),
    responses((status = 200, body = List<RecordedConsent>, description = "One page")))]
#[get("/oversight/people/{person_id}/consents")]
async fn list_consents(door: web::Data<Door>, call: Call, path: Path<PersonId>, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| consents(tx, Whose::Person(path.get()?), which.get()?);
    call.answer_list(door.read(&call, Capability::OversightConsents, look_up).await?)
}

/// The consents and withdrawals of a case
///
/// The earliest given first.
#[utoipa::path(operation_id = "oversight.case_consents", tag = "oversight",
    params(("case_id" = CaseId, Path, description = "Which case"), Which),
    responses((status = 200, body = List<RecordedConsent>, description = "One page")))]
#[get("/oversight/cases/{case_id}/consents")]
async fn list_case_consents(door: web::Data<Door>, call: Call, path: Path<CaseId>, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| consents(tx, Whose::Case(path.get()?), which.get()?);
    call.answer_list(door.read(&call, Capability::OversightCaseConsents, look_up).await?)
}

/// A person's own extract
///
/// On which dates they were looked up or changed, and for which purposes, as far back as the journal goes: fit to be handed to the
/// person. Nobody's name is in it.
#[utoipa::path(operation_id = "oversight.extract", tag = "oversight",
    params(("person_id" = PersonId, Path, description = "Whose"), Span),
    responses((status = 200, body = ExtractView, description = "Dates and purposes")))]
#[get("/oversight/people/{person_id}/extract")]
async fn extract(door: web::Data<Door>, call: Call, path: Path<PersonId>, span: Query<Span>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (person_id, span) = (path.get()?, span.get()?);
        let lines = actions::extract(tx, person_id, span.from_on.map(Day::date), span.until_on.map(Day::date))?;
        Ok(ExtractView { person_id, lines: lines.into_iter().map(ExtractLineView::from).collect() })
    };
    call.answer_plain(&door.read(&call, Capability::OversightExtract, look_up).await?)
}
