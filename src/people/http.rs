//! People over HTTP. A mentor or coach sees first name, safe contact and warnings of whom they meet, and nothing else.

mod deaths;

use actix_web::{get, patch, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::deaths::{RetractedDeathView, StaysOverView};
use super::actions::{self, CustodyChange, Update};
use super::links;
use super::model::{Contact, Kind, Name, NewPerson, Person, Registration};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Expected, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{CourseId, PersonId};
use crate::base::language::Language;
use crate::base::value::{Day, Few, Field, Flaw, Line, Text};
use crate::messages::channels::Channel;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(create).service(list).service(search).service(show).service(change).service(set_contact).service(set_custody);
    deaths::routes(registry);
    links::http::routes(registry);
}

/// A person to be written down.
#[derive(Deserialize, ToSchema)]
struct CreatePerson {
    kind: Kind,
    name: Name,
    /// Civil registration number, ten digits; kept sealed, never shown.
    #[schema(pattern = "^[0-9]{6}-?[0-9]{4}$")]
    registration_number: Option<String>,
    born_on: Option<Day>,
    /// Language of messages; Danish unless told otherwise.
    #[serde(default)]
    language: Language,
    #[serde(default)]
    protected_address: bool,
    #[serde(default)]
    contact: Contact,
    warnings: Option<Text>,
}

/// What is changed; absent members stay.
#[derive(Deserialize, ToSchema)]
struct ChangePerson {
    #[schema(nullable = false)]
    name: Option<Name>,
    /// Civil registration number, ten digits; kept sealed, never shown. Null takes one off that is another's: nobody is found by it then.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{6}-?[0-9]{4}$")]
    registration_number: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    born_on: Field<Day>,
    #[schema(nullable = false)]
    language: Option<Language>,
    #[schema(nullable = false)]
    protected_address: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<Text>)]
    warnings: Field<Text>,
}

/// Who holds custody.
#[derive(Deserialize, ToSchema)]
struct SetCustody {
    /// All holders; who is missing ends that day.
    holder_ids: Few<PersonId, 10>,
    /// The one of them who gets the reminders of a child under 15.
    recipient_id: Option<PersonId>,
    /// Since when it is so; today when not said. Not before the change that was recorded last.
    from_on: Option<Day>,
}

/// Whom to look for. One of number, or birth date, or name.
#[derive(Deserialize, ToSchema)]
struct SearchPeople {
    #[schema(pattern = "^[0-9]{6}-?[0-9]{4}$")]
    registration_number: Option<String>,
    born_on: Option<Day>,
    /// Part of a given or family name; capital letters and accents do not matter.
    name: Option<Line>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only this kind.
    #[param(inline)]
    kind: Option<Kind>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A person, as far as the caller may see: a mentor or coach gets the members that their work needs.
#[derive(Serialize, ToSchema)]
struct PersonView {
    id: PersonId,
    kind: Kind,
    /// Given name; the whole name is the coordinators'.
    given_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    born_on: Option<NaiveDate>,
    language: Language,
    protected_address: bool,
    /// Whoever meets the person gets what is their own: from 15 an address that is a parent's, too, is left out. Coordinators get what is on record.
    contact: Contact,
    /// The channels whose address stands in `contact` and is not used, since it is a parent's, too (`sms`, `email`): from 15 what somebody has who
    /// ever held custody of the person, or is a parent in a case of theirs, is not the person's own. For coordinators, as far as they may know of
    /// the parent; lists leave it out.
    #[schema(value_type = Option<Vec<String>>, example = json!([]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    channels_not_own: Option<Vec<Channel>>,
    /// What whoever meets the person must know.
    warnings: Option<Text>,
    /// The custody holder who is chosen to get the reminders of a child under 15: absent where nobody is, or who was died.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_id: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custody_holder_ids: Option<Vec<PersonId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    died_on: Option<NaiveDate>,
    /// Whether a civil registration number is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_registration_number: Option<bool>,
    /// After a change of custody or birth date: the running courses in which somebody who is asked at that age has said nothing yet. Nothing new
    /// is planned in them until then; after another birth date they stand still, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    course_ids_lacking_consent: Option<Vec<CourseId>>,
    /// After another birth date: the children whose custody the person holds, and is too young for (under 15). It stays until it is set anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_young_for_custody_of_ids: Option<Vec<PersonId>>,
    /// After a death: the children under 15 whose reminders the person was chosen to get. Nobody gets them until somebody else is chosen: set their
    /// custody anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    child_ids_lacking_recipient: Option<Vec<PersonId>>,
    /// Deaths that were recorded of the wrong person, and taken back, the first first. Lists leave them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted_deaths: Option<Vec<RetractedDeathView>>,
    /// After a death was taken back: what it had ended, and that is over all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    stays_over: Option<StaysOverView>,
    version: i64,
}

fn view(tx: &mut Tx<'_>, person: Person) -> Result<PersonView> {
    let all = tx.reaches(Reach::All);
    let person = if all { person } else { actions::as_met(tx, person)? };
    let (holders, recipient) = if all { custody(tx, &person)? } else { (None, None) };
    holders.iter().flatten().chain(&recipient).for_each(|shown| tx.saw(*shown));
    Ok(PersonView {
        id: person.id,
        kind: person.kind,
        given_name: person.name.given.into_string(),
        family_name: all.then(|| person.name.family.into_string()),
        born_on: person.born_on.filter(|_| all),
        language: person.language,
        protected_address: person.protected_address,
        contact: person.contact,
        channels_not_own: None,
        warnings: person.warnings,
        recipient_id: recipient,
        custody_holder_ids: holders,
        died_on: person.died_on.filter(|_| all),
        has_registration_number: all.then_some(person.has_registration),
        course_ids_lacking_consent: None,
        too_young_for_custody_of_ids: None,
        child_ids_lacking_recipient: None,
        retracted_deaths: None,
        stays_over: None,
        version: person.version,
    })
}

/// Who holds custody and who is chosen to get the reminders, without whom the caller is barred from.
fn custody(tx: &mut Tx<'_>, person: &Person) -> Result<(Option<Vec<PersonId>>, Option<PersonId>)> {
    let holders = actions::custody_holders(tx, person.id)?;
    let chosen = actions::find_chosen(tx, person)?;
    let known = actions::keep_unbarred(tx, holders.iter().copied().chain(chosen).collect())?;
    let recipient = chosen.filter(|recipient| known.contains(recipient));
    Ok((Some(holders.into_iter().filter(|holder| known.contains(holder)).collect()), recipient))
}

fn get_view(tx: &mut Tx<'_>, id: PersonId) -> Result<PersonView> {
    let person = actions::get(tx, id)?;
    if !tx.reaches(Reach::All) {
        return view(tx, person);
    }
    let channels_not_own = Some(actions::find_not_own(tx, &person)?);
    let retracted_deaths = Some(actions::list_retracted(tx, id)?.into_iter().map(Into::into).collect());
    Ok(PersonView { channels_not_own, retracted_deaths, ..view(tx, person)? })
}

fn registration(text: Option<&String>) -> Result<Option<Registration>> {
    text.map(|text| Registration::parse(text).ok_or_else(|| Flaw::WrongValue.refused("/registration_number"))).transpose()
}

/// Write a person down
#[utoipa::path(operation_id = "people.create", tag = "people", params(IdempotencyKey), request_body = CreatePerson,
    responses((status = 201, body = PersonView, description = "Written down")))]
#[post("/people")]
async fn create(door: web::Data<Door>, call: Call, body: Body<CreatePerson>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let new = NewPerson {
            kind: body.kind,
            name: body.name.clone(),
            registration: registration(body.registration_number.as_ref())?,
            born_on: body.born_on.map(Day::date),
            language: body.language,
            protected_address: body.protected_address,
            contact: body.contact.clone(),
            warnings: body.warnings.clone(),
        };
        actions::create(tx, &new)
    };
    let person = door.command(&call, Capability::PeopleCreate, verb, get_view).await?.view;
    call.created(&format!("/v1/people/{}", person.id), person.version, &person)
}

/// The people the caller may see
///
/// In the order of their ids. A mentor or coach gets whom they meet now.
#[utoipa::path(operation_id = "people.list", tag = "people", params(Filter), responses((status = 200, body = List<PersonView>, description = "One page")))]
#[get("/people")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<PersonId>::read("people", filter.limit, filter.cursor.as_ref())?;
        let people = actions::list(tx, filter.kind, page.after, page.fetch())?;
        let views = people.into_iter().map(|person| view(tx, person)).collect::<Result<Vec<_>>>()?;
        Ok(page.cut(views, |person| person.id))
    };
    call.answer_list(door.read(&call, Capability::PeopleList, look_up).await?)
}

/// Look a person up
///
/// By number, birth date or part of a name, given in the body so that nothing personal stands in an address. At most 50.
#[utoipa::path(operation_id = "people.search", tag = "people", request_body = SearchPeople,
    responses((status = 200, body = Vec<PersonView>, description = "Who fits")))]
#[post("/people/search")]
async fn search(door: web::Data<Door>, call: Call, body: Body<SearchPeople>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let number = registration(body.registration_number.as_ref())?;
        let found = actions::search(tx, number.as_ref(), body.born_on.map(Day::date), body.name.as_ref())?;
        found.into_iter().map(|person| view(tx, person)).collect::<Result<Vec<_>>>()
    };
    call.answer_plain(&door.read(&call, Capability::PeopleSearch, look_up).await?)
}

/// One person
#[utoipa::path(operation_id = "people.get", tag = "people", params(("person_id" = PersonId, Path, description = "Who")),
    responses((status = 200, body = PersonView, description = "The person, as far as the caller may see")))]
#[get("/people/{person_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<PersonId>) -> Answer {
    let person = door.read(&call, Capability::PeopleGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(person.version, &person)
}

/// Correct a person's name, registration number, birth date, language, protection or warnings
#[utoipa::path(operation_id = "people.update", tag = "people", params(("person_id" = PersonId, Path, description = "Who"), Expected), request_body = ChangePerson,
    responses((status = 200, body = PersonView, description = "Changed")))]
#[patch("/people/{person_id}")]
async fn change(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<ChangePerson>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let person = actions::get(tx, id)?;
        let update = Update {
            name: body.name.clone().unwrap_or(person.name),
            registration: match &body.registration_number {
                Field::Absent => Field::Absent,
                Field::Null => Field::Null,
                Field::Set(number) => registration(Some(number))?.map_or(Field::Absent, Field::Set),
            },
            born_on: set(&body.born_on, person.born_on, |day| day.date()),
            language: body.language.unwrap_or(person.language),
            protected_address: body.protected_address.unwrap_or(person.protected_address),
            warnings: set(&body.warnings, person.warnings, Text::clone),
        };
        let after = actions::update(tx, id, &expected.expected()?, &update)?;
        let (lacking, too_young_for) = after.map(|after| (after.lacking, after.too_young_for)).unzip();
        too_young_for.iter().flatten().for_each(|child| tx.saw(*child));
        Ok(PersonView { course_ids_lacking_consent: lacking, too_young_for_custody_of_ids: too_young_for, ..get_view(tx, id)? })
    };
    let person = door.write(&call, Capability::PeopleUpdate, verb).await?;
    call.answer(person.version, &person)
}

fn set<T, U>(field: &Field<T>, old: Option<U>, new: impl Fn(&T) -> U) -> Option<U> {
    match field {
        Field::Absent => old,
        Field::Null => None,
        Field::Set(value) => Some(new(value)),
    }
}

/// Set how a person may safely be reached
#[utoipa::path(operation_id = "people.set_contact", tag = "people", params(("person_id" = PersonId, Path, description = "Who"), Expected), request_body = Contact,
    responses((status = 200, body = PersonView, description = "Changed; waiting messages are planned anew")))]
#[put("/people/{person_id}/contact")]
async fn set_contact(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<Contact>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        actions::set_contact(tx, id, &expected.expected()?, body.get()?)?;
        get_view(tx, id)
    };
    let person = door.write(&call, Capability::PeopleSetContact, verb).await?;
    call.answer(person.version, &person)
}

/// Set who holds custody of a child, and which of them gets its reminders under 15
#[utoipa::path(operation_id = "people.set_custody", tag = "people", params(("person_id" = PersonId, Path, description = "The child"), Expected), request_body = SetCustody,
    responses((status = 200, body = PersonView, description = "Changed")))]
#[put("/people/{person_id}/custody")]
async fn set_custody(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<SetCustody>) -> Answer {
    let expected = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        let (holders, from_on) = (body.holder_ids.to_vec(), body.from_on.map(Day::date));
        let custody = CustodyChange { holders, recipient: body.recipient_id, from_on };
        let lacking = actions::set_custody(tx, id, &expected.expected()?, &custody)?;
        Ok(PersonView { course_ids_lacking_consent: Some(lacking), ..get_view(tx, id)? })
    };
    let person = door.write(&call, Capability::PeopleSetCustody, verb).await?;
    call.answer(person.version, &person)
}
