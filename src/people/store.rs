//! People as rows.

mod consents;
mod deaths;
mod holders;
mod parents;

pub(super) use consents::list_lacking;
pub use deaths::{fact_death_recorded_at, list_retracted};
pub(super) use deaths::{keep_recorded, keep_retracted, list_over};
pub use holders::{fact_custody, fact_ever_held, list_ever_custody, list_ever_held, list_protected};
pub(super) use holders::{fact_held_by, fact_read_since, fact_replaced_at, note_aged, note_chosen, set_custody};
pub use parents::fact_children_of;
pub(super) use parents::list_parents;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Contact, Kind, Name, NewPerson, Person, Registration};
use crate::access::{Reach, Tx};
use crate::base::db::{IDS_MOST, MultiBackend, is_unique};
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::ids::PersonId;
use crate::base::language::Language;
use crate::base::value::{Field, Text};
use crate::base::vault::{Holder, LookUpKind, Place, Sealed};
use crate::schema::{matches, people, sessions};

#[derive(Queryable, Selectable)]
#[diesel(table_name = people)]
struct Row {
    id: PersonId,
    kind: Kind,
    name: Sealed<Name>,
    registration_hash: Option<Vec<u8>>,
    contact: Sealed<Contact>,
    warnings: Sealed<Option<Text>>,
    born_on: Option<NaiveDate>,
    language: String,
    protected_address: bool,
    recipient_id: Option<PersonId>,
    died_on: Option<NaiveDate>,
    version: i64,
}

const fn place(column: &'static str, id: PersonId) -> Place {
    Place { table: "people", column, row: id.cast() }
}

fn open(tx: &mut Tx<'_>, row: &Row) -> Result<Person> {
    let holder = Holder::person(row.id);
    Ok(Person {
        id: row.id,
        kind: row.kind,
        name: tx.open(holder, place("name", row.id), &row.name)?,
        born_on: row.born_on,
        language: Language::of_tag(&row.language).unwrap_or_default(),
        protected_address: row.protected_address,
        recipient: row.recipient_id,
        died_on: row.died_on,
        contact: tx.open(holder, place("contact", row.id), &row.contact)?,
        warnings: tx.open(holder, place("warnings", row.id), &row.warnings)?,
        has_registration: row.registration_hash.is_some(),
        version: row.version,
    })
}

/// What the caller may see: bars taken off, and without full reach only whom they meet, by a match or a covered session that no bar hides: a
/// bar from a relative hides the case, and whom somebody met by it alone.
fn visible(tx: &Tx<'_>) -> people::BoxedQuery<'static, MultiBackend> {
    let query = people::table.filter(people::id.ne_all(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) {
        return query;
    }
    let run = matches::table.filter(matches::id.eq_any(tx.related())).filter(matches::case_id.ne_all(tx.barred()));
    let covered = sessions::table.filter(sessions::id.eq_any(tx.related())).filter(sessions::case_id.ne_all(tx.barred()));
    let is_met = people::id.eq_any(run.select(matches::person_id)).or(people::id.eq_any(covered.select(sessions::person_id)));
    query.filter(people::id.eq_any(tx.related())).filter(is_met)
}

/// A person the caller may see.
pub fn get(tx: &mut Tx<'_>, id: PersonId) -> Result<Person> {
    let row: Option<Row> = visible(tx).filter(people::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    let row = row.ok_or(Code::NotFound)?;
    open(tx, &row)
}

/// Refuses with 404 when the caller may not see the person, without opening them.
pub fn check_visible(tx: &mut Tx<'_>, id: PersonId) -> Result<()> {
    let found: Option<PersonId> = visible(tx).filter(people::id.eq(id)).select(people::id).first(tx.db()).optional()?;
    found.map(|_| ()).ok_or_else(|| Code::NotFound.into())
}

/// Refuses with 404 when the caller may not see the person, or neither meets them for good nor is a coordinator: whoever only covers a session reads
/// and changes nothing that outlasts it.
pub fn check_met(tx: &mut Tx<'_>, id: PersonId) -> Result<()> {
    check_visible(tx, id)?;
    if tx.reaches(Reach::All) || tx.runs(id)? { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// Those of these people from whom the caller is not barred, in the order given: ids are shown of no others.
///
/// # Errors
/// The database's.
pub fn keep_unbarred(tx: &mut Tx<'_>, ids: Vec<PersonId>) -> Result<Vec<PersonId>> {
    let barred = tx.barred_among(&ids.iter().map(|id| id.cast()).collect::<Vec<_>>())?;
    Ok(ids.into_iter().filter(|id| !barred.contains(&id.cast())).collect())
}

/// One page of the people a caller may see, by id.
pub fn list(tx: &mut Tx<'_>, kind: Option<Kind>, after: Option<PersonId>, fetch: i64) -> Result<Vec<Person>> {
    let mut query = visible(tx);
    if let Some(kind) = kind {
        query = query.filter(people::kind.eq(kind));
    }
    if let Some(after) = after {
        query = query.filter(people::id.gt(after));
    }
    let rows: Vec<Row> = query.order(people::id).limit(fetch).select(Row::as_select()).load(tx.db())?;
    rows.iter().map(|row| open(tx, row)).collect()
}

/// The person of a registration number, as far as the caller may see them.
pub fn find_by_registration(tx: &mut Tx<'_>, number: &Registration) -> Result<Option<Person>> {
    let hash = registration_hash(tx, number);
    let row: Option<Row> = visible(tx).filter(people::registration_hash.eq(hash)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(|row| open(tx, &row)).transpose()
}

/// Who has a registration number, as far as the caller may see them, without opening anything of them.
pub fn find_id_by_registration(tx: &mut Tx<'_>, number: &Registration) -> Result<Option<PersonId>> {
    let hash = registration_hash(tx, number);
    Ok(visible(tx).filter(people::registration_hash.eq(hash)).select(people::id).first(tx.db()).optional()?)
}

/// Those born on a day whom the caller may see, with their names to compare; nobody is noted.
pub(super) fn peek_names_born_on(tx: &mut Tx<'_>, born_on: NaiveDate) -> Result<Vec<(PersonId, Name)>> {
    let query = visible(tx).filter(people::born_on.eq(born_on)).order(people::id);
    let rows: Vec<(PersonId, Sealed<Name>)> = query.select((people::id, people::name)).load(tx.db())?;
    rows.into_iter().map(|row| peek(tx, row)).collect()
}

/// The next people by id whom the caller may see, with their names to compare; nobody is noted.
pub(super) fn peek_names(tx: &mut Tx<'_>, after: Option<PersonId>, fetch: i64) -> Result<Vec<(PersonId, Name)>> {
    let mut query = visible(tx);
    if let Some(after) = after {
        query = query.filter(people::id.gt(after));
    }
    let rows: Vec<(PersonId, Sealed<Name>)> = query.order(people::id).limit(fetch).select((people::id, people::name)).load(tx.db())?;
    rows.into_iter().map(|row| peek(tx, row)).collect()
}

fn peek(tx: &mut Tx<'_>, (id, name): (PersonId, Sealed<Name>)) -> Result<(PersonId, Name)> {
    Ok((id, tx.peek(Holder::person(id), place("name", id), &name)?))
}

fn registration_hash(tx: &Tx<'_>, number: &Registration) -> Vec<u8> {
    tx.look_up_hash(LookUpKind::RegistrationNumber, number.digits()).to_vec()
}

/// Writes a new person.
pub(super) fn insert(tx: &mut Tx<'_>, new: &NewPerson) -> Result<PersonId> {
    let id: PersonId = tx.new_id();
    let holder = Holder::person(id);
    let name = tx.seal(holder, place("name", id), &new.name)?;
    let contact = tx.seal(holder, place("contact", id), &new.contact)?;
    let warnings = tx.seal(holder, place("warnings", id), &new.warnings)?;
    let registration = new.registration.as_ref().map(|number| tx.seal(holder, place("registration", id), number)).transpose()?;
    let hash = new.registration.as_ref().map(|number| registration_hash(tx, number));
    let inserted = tx.attempt(|tx| {
        let now = tx.now;
        diesel::insert_into(people::table)
            .values((
                people::id.eq(id),
                people::kind.eq(new.kind),
                people::name.eq(&name),
                people::registration.eq(&registration),
                people::registration_hash.eq(&hash),
                people::contact.eq(&contact),
                people::warnings.eq(&warnings),
                people::born_on.eq(new.born_on),
                people::language.eq(new.language.tag()),
                people::protected_address.eq(new.protected_address),
                people::recorded_at.eq(now),
                people::version.eq(1),
            ))
            .execute(tx.db())?;
        Ok(())
    });
    inserted.map_err(known_number)?;
    tx.changed(id);
    Ok(id)
}

/// A number that is on record already: intake shows the likely person; the answer here names nobody.
fn known_number(error: Error) -> Error {
    if is_unique(&error, "people.registration_hash") {
        let problem = Problem::new(Code::AlreadyExists);
        return problem.say("Nummeret findes allerede; søg personen frem", "The number is on record; look the person up").into();
    }
    error
}

/// What of a person can be set.
#[derive(PartialEq, Eq)]
pub struct Changes<'a> {
    /// Name.
    pub name: &'a Name,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The language of messages.
    pub language: Language,
    /// Protected address.
    pub protected_address: bool,
    /// Who gets a child's reminders.
    pub recipient: Option<PersonId>,
    /// Safe contact.
    pub contact: &'a Contact,
    /// Warnings.
    pub warnings: &'a Option<Text>,
    /// Local date of death.
    pub died_on: Option<NaiveDate>,
    /// The civil registration number, where it is set or taken off; what is on record stays else.
    pub registration: Field<&'a Registration>,
}

/// Saves a changed person over the version it was read at.
pub(super) fn update(tx: &mut Tx<'_>, id: PersonId, version: i64, changes: &Changes<'_>) -> Result<()> {
    let holder = Holder::person(id);
    let name = tx.seal(holder, place("name", id), changes.name)?;
    let contact = tx.seal(holder, place("contact", id), changes.contact)?;
    let warnings = tx.seal(holder, place("warnings", id), changes.warnings)?;
    match changes.registration {
        Field::Absent => {}
        Field::Null => set_registration(tx, id, None)?,
        Field::Set(number) => set_registration(tx, id, Some(number))?,
    }
    let rows = diesel::update(people::table.find(id).filter(people::version.eq(version)))
        .set((
            people::name.eq(&name),
            people::contact.eq(&contact),
            people::warnings.eq(&warnings),
            people::born_on.eq(changes.born_on),
            people::language.eq(changes.language.tag()),
            people::protected_address.eq(changes.protected_address),
            people::recipient_id.eq(changes.recipient),
            people::died_on.eq(changes.died_on),
            people::version.eq(version.saturating_add(1)),
        ))
        .execute(tx.db())?;
    if rows != 1 {
        return Err(Code::StaleVersion.into());
    }
    tx.changed(id);
    Ok(())
}

fn set_registration(tx: &mut Tx<'_>, id: PersonId, number: Option<&Registration>) -> Result<()> {
    let sealed = number.map(|number| tx.seal(Holder::person(id), place("registration", id), number)).transpose()?;
    let hash = number.map(|number| registration_hash(tx, number));
    let set = tx.attempt(|tx| {
        let columns = (people::registration.eq(&sealed), people::registration_hash.eq(&hash));
        diesel::update(people::table.find(id)).set(columns).execute(tx.db())?;
        Ok(())
    });
    set.map_err(known_number)
}

/// What a rule needs of a person without showing them: kind, birth date, chosen recipient, death.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct PersonFacts {
    /// Who they are to the programme.
    pub kind: Kind,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The chosen custody holder.
    pub recipient: Option<PersonId>,
    /// Local date of death.
    pub died_on: Option<NaiveDate>,
    /// No place of any kind is on record or shown.
    pub protected_address: bool,
}

/// What matching needs of a person.
#[derive(Clone, Copy, Debug)]
pub struct Met {
    /// Who they are to the programme.
    pub kind: Kind,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The language of messages.
    pub language: Language,
    /// No place of any kind is on record or shown.
    pub protected_address: bool,
}

/// What matching needs of these people; not for the caller's eyes.
///
/// # Errors
/// The database's.
pub fn list_met(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<HashMap<PersonId, Met>> {
    let mut all = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_MOST) {
        let rows: Vec<(PersonId, Kind, Option<NaiveDate>, String, bool)> = people::table
            .filter(people::id.eq_any(chunk.to_vec()))
            .select((people::id, people::kind, people::born_on, people::language, people::protected_address))
            .load(tx.db())?;
        let met = |(id, kind, born_on, language, protected_address): (_, _, _, String, _)| {
            (id, Met { kind, born_on, language: Language::of_tag(&language).unwrap_or_default(), protected_address })
        };
        all.extend(rows.into_iter().map(met));
    }
    Ok(all)
}

/// Facts of a person for a rule; not for the caller's eyes. `None` when there is no such person.
pub fn find_facts(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<PersonFacts>> {
    Ok(people::table
        .find(id)
        .select((people::kind, people::born_on, people::recipient_id, people::died_on, people::protected_address))
        .first(tx.db())
        .optional()?)
}

/// For whom somebody was chosen to get the reminders.
pub fn fact_chosen_for(tx: &mut Tx<'_>, reader: PersonId) -> Result<Vec<PersonId>> {
    Ok(people::table.filter(people::recipient_id.eq(reader)).order(people::id).select(people::id).load(tx.db())?)
}

/// The name of a person, opened (the journal notes it), for whoever may see no more of them.
pub fn find_name(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Name>> {
    let name: Option<Sealed<Name>> = people::table.find(id).select(people::name).first(tx.db()).optional()?;
    name.map(|name| tx.open(Holder::person(id), place("name", id), &name)).transpose()
}

/// The birth date, for a rule.
pub fn fact_born_on(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<NaiveDate>> {
    Ok(find_facts(tx, id)?.and_then(|facts| facts.born_on))
}

/// The language a person is spoken to in, for a rule.
pub fn fact_language(tx: &mut Tx<'_>, id: PersonId) -> Result<Language> {
    let tag: Option<String> = people::table.find(id).select(people::language).first(tx.db()).optional()?;
    Ok(tag.and_then(|tag| Language::of_tag(&tag)).unwrap_or_default())
}

/// Safe contact and language, opened for a message (the journal notes it).
pub fn fact_contact(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<(Contact, Language)>> {
    let found: Option<(Sealed<Contact>, String)> =
        people::table.find(id).select((people::contact, people::language)).first(tx.db()).optional()?;
    let Some((contact, language)) = found else { return Ok(None) };
    let contact = tx.open(Holder::person(id), place("contact", id), &contact)?;
    Ok(Some((contact, Language::of_tag(&language).unwrap_or_default())))
}

/// Safe contact, to hold it against another's: nobody is noted.
pub(super) fn peek_contact(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Contact>> {
    let contact: Option<Sealed<Contact>> = people::table.find(id).select(people::contact).first(tx.db()).optional()?;
    contact.map(|contact| tx.peek(Holder::person(id), place("contact", id), &contact)).transpose()
}
