//! Write people down, change what is known of them, and ask how they are reached.

mod reaching;

pub use reaching::{
    address, as_met, find_chosen, find_not_own, find_own_from, find_reader, is_address_of, is_reached_at, is_read_at, is_reader_since,
    list_lacking_recipient, peek_address, reach, read_by, was_another_chosen_since,
};

use chrono::NaiveDate;

use super::model::{ADULT_AGE, Contact, Kind, Name, NewPerson, Person, Registration, StaysOver};
use super::rules;
use super::store::{self, Changes};
pub use super::store::{get, keep_unbarred, list, list_retracted};
use crate::access::Tx;
use crate::base::calendar::age_on;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, PersonId};
use crate::base::language::Language;
use crate::base::value::{Field, Flaw, Line, Text};
use crate::facts::Fact;

/// Writes a new person down.
///
/// # Errors
/// 409 when the registration number is on record; 422 for a birth date after today.
pub fn create(tx: &mut Tx<'_>, new: &NewPerson) -> Result<PersonId> {
    check_born(tx, new.born_on)?;
    check_contact(&new.contact, "/contact/channel")?;
    let id = store::insert(tx, new)?;
    if new.born_on.is_some() {
        tx.tell(Fact::BirthDateSet { person: id });
    }
    Ok(id)
}

/// What of a person a client may set; contact and custody have verbs of their own.
pub struct Update {
    /// Name.
    pub name: Name,
    /// The civil registration number, where it is set or taken off.
    pub registration: Field<Registration>,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The language of messages.
    pub language: Language,
    /// Protected address.
    pub protected_address: bool,
    /// Warnings.
    pub warnings: Option<Text>,
}

/// What somebody must look at after another birth date.
pub struct BornAnew {
    /// The running courses in which somebody who is asked at that age has said nothing yet.
    pub lacking: Vec<CourseId>,
    /// Whose custody the person holds, and is too young for.
    pub too_young_for: Vec<PersonId>,
}

/// Sets name, registration number, birth date, language, protection and warnings. Returns, where the birth date is another, what somebody must
/// look at. What changes nothing makes no new version.
///
/// # Errors
/// 404 when invisible, 412 when changed meanwhile, 409 when the registration number is somebody else's, 422 for a birth date after today.
pub fn update(tx: &mut Tx<'_>, id: PersonId, expected: &Expected, update: &Update) -> Result<Option<BornAnew>> {
    let person = store::get(tx, id)?;
    expected.check(person.version)?;
    check_born(tx, update.born_on)?;
    let registration = match &update.registration {
        Field::Null if !person.has_registration => Field::Absent,
        Field::Set(number) if store::find_id_by_registration(tx, number)? == Some(id) => Field::Absent,
        said => said.as_ref(),
    };
    let changes = Changes {
        name: &update.name,
        registration,
        born_on: update.born_on,
        language: update.language,
        protected_address: update.protected_address,
        warnings: &update.warnings,
        ..same(&person)
    };
    if changes == same(&person) {
        return Ok(None);
    }
    store::update(tx, id, person.version, &changes)?;
    let zone = tx.programme.calendar().zone;
    let (is_another, today) = (update.born_on != person.born_on, zone.date(tx.now));
    if is_another {
        if person.kind == Kind::YoungPerson
            && let Some(alike_on) = rules::read_alike_from(person.born_on, update.born_on, today)
        {
            let until = if alike_on > today { tx.now } else { zone.start_of(alike_on) };
            store::note_aged(tx, id, until)?;
        }
        tx.tell(Fact::BirthDateSet { person: id });
    }
    tx.tell(Fact::ContactChanged { person: id });
    if !is_another {
        return Ok(None);
    }
    let holders = custody_holders(tx, id)?;
    let lacking = list_lacking(tx, &Person { born_on: update.born_on, ..person }, &holders)?;
    let too_young_for = if rules::may_hold_custody(update.born_on, today) {
        Vec::new()
    } else {
        let children = store::fact_held_by(tx, id, today)?;
        store::keep_unbarred(tx, children)?
    };
    Ok(Some(BornAnew { lacking, too_young_for }))
}

/// The running courses in which somebody who is asked at the person's age has said nothing yet: nothing new is planned in those.
fn list_lacking(tx: &mut Tx<'_>, person: &Person, holders: &[PersonId]) -> Result<Vec<CourseId>> {
    let today = tx.programme.calendar().zone.date(tx.now);
    let age = person.born_on.map(|born_on| age_on(born_on, today));
    if age.map_or(person.kind != Kind::YoungPerson, |age| age >= ADULT_AGE) {
        return Ok(Vec::new());
    }
    let own = age.is_some_and(|age| age >= rules::OWN_WORD_AGE).then_some(person.id);
    store::list_lacking(tx, person.id, holders, own)
}

/// Sets safe contact.
///
/// # Errors
/// 404, 412, 422 when the wished channel has no address.
pub fn set_contact(tx: &mut Tx<'_>, id: PersonId, expected: &Expected, contact: &Contact) -> Result<()> {
    let person = store::get(tx, id)?;
    expected.check(person.version)?;
    check_contact(contact, "/channel")?;
    store::update(tx, id, person.version, &Changes { contact, ..same(&person) })?;
    tx.tell(Fact::ContactChanged { person: id });
    Ok(())
}

/// Who holds custody from now on.
#[derive(Clone, Debug)]
pub struct CustodyChange {
    /// All holders.
    pub holders: Vec<PersonId>,
    /// Which of them gets the child's reminders under 15.
    pub recipient: Option<PersonId>,
    /// Since when; today where it is not said.
    pub from_on: Option<NaiveDate>,
}

/// Sets who holds custody of a child, and which of them gets the child's reminders under 15. Returns the child's running courses in which
/// somebody who is asked has said nothing yet: nothing new is planned in those.
///
/// # Errors
/// 404, 412; 403 for whoever may not see all who hold it: they cannot say whose custody ends; 422 for an unknown holder, one who died or is
/// a child, the child itself, a recipient who holds no custody, or a day after today, before the last change or before the child was born.
pub fn set_custody(tx: &mut Tx<'_>, child: PersonId, expected: &Expected, change: &CustodyChange) -> Result<Vec<CourseId>> {
    let (holders, recipient) = (change.holders.as_slice(), change.recipient);
    let person = store::get(tx, child)?;
    expected.check(person.version)?;
    let standing = custody_holders(tx, child)?;
    if store::keep_unbarred(tx, standing.clone())? != standing {
        let words = ("En anden koordinator må ændre forældremyndigheden", "Another coordinator must change the custody");
        return Err(Problem::new(Code::Forbidden).say(words.0, words.1).into());
    }
    for (at, holder) in holders.iter().enumerate() {
        let is_known = *holder != child && !holders.iter().take(at).any(|other| other == holder) && is_visible(tx, *holder)?;
        if !is_known {
            return Err(Flaw::UnknownPerson.refused(format!("/holder_ids/{at}")));
        }
        check_holder(tx, *holder, &format!("/holder_ids/{at}"))?;
    }
    if recipient.is_some_and(|recipient| !holders.contains(&recipient)) {
        return Err(Flaw::NoCustody.refused("/recipient_id"));
    }
    check_since(tx, &person, change.from_on)?;
    let today = tx.programme.calendar().zone.date(tx.now);
    store::set_custody(tx, child, holders, change.from_on, today)?;
    store::update(tx, child, person.version, &Changes { recipient, ..same(&person) })?;
    if recipient != person.recipient {
        store::note_chosen(tx, child, person.recipient.is_some())?;
    }
    tx.tell(Fact::CustodyChanged { child });
    list_lacking(tx, &person, holders)
}

/// A change of custody is stated to have been today at the latest, and neither before the child was born nor before the one that was recorded
/// last.
fn check_since(tx: &mut Tx<'_>, child: &Person, from_on: Option<NaiveDate>) -> Result<()> {
    let Some(from_on) = from_on else { return Ok(()) };
    if from_on > tx.programme.calendar().zone.date(tx.now) {
        return Err(Flaw::AfterToday.refused("/from_on"));
    }
    if child.born_on.is_some_and(|born_on| from_on < born_on) {
        return Err(Flaw::BeforeBirth.refused("/from_on"));
    }
    let changes = store::fact_ever_held(tx, child.id)?.into_iter().flat_map(|custody| [custody.from_on, custody.until_on]).flatten();
    if changes.max().is_some_and(|last_on| from_on < last_on) {
        return Err(Flaw::BeforeLast.refused("/from_on"));
    }
    Ok(())
}

/// Whoever holds custody is alive, and old enough to be written to: parents under 18 hold it, too.
fn check_holder(tx: &mut Tx<'_>, holder: PersonId, pointer: &str) -> Result<()> {
    let facts = store::find_facts(tx, holder)?.ok_or(Code::NotFound)?;
    let today = tx.programme.calendar().zone.date(tx.now);
    if facts.died_on.is_some() {
        return Err(Flaw::Died.refused(pointer));
    }
    if !rules::may_hold_custody(facts.born_on, today) {
        return Err(Flaw::TooYoung.refused(pointer));
    }
    Ok(())
}

/// Writes down that a person died, which leads out of every open state.
///
/// # Errors
/// 404; 422 for a moment after now or before birth.
pub fn record_death(tx: &mut Tx<'_>, id: PersonId, at: Instant) -> Result<()> {
    let person = store::get(tx, id)?;
    if person.died_on.is_some() {
        return Err(Code::WrongState.into());
    }
    let died_on = tx.programme.calendar().zone.date(at);
    rules::check_happened(at, tx.now)?;
    if person.born_on.is_some_and(|born_on| died_on < born_on) {
        return Err(Flaw::NotPossible.refused("/happened_at"));
    }
    store::update(tx, id, person.version, &Changes { died_on: Some(died_on), ..same(&person) })?;
    store::keep_recorded(tx, id)?;
    tx.tell(Fact::PersonDied { person: id, at });
    Ok(())
}

/// Takes a death back that was written down of the wrong person; what was recorded is kept beside it. Offers, answers and courses are as they were,
/// and what was promised with them, unless something that was recorded since says otherwise; [`list_over`] names what stays over. Of a death that was
/// recorded before this was kept it names nothing, and of these gives back what was promised alone.
///
/// # Errors
/// 404; 409 when no death is recorded.
pub fn retract_death(tx: &mut Tx<'_>, id: PersonId) -> Result<()> {
    let person = store::get(tx, id)?;
    let Some(died_on) = person.died_on else { return Err(Code::WrongState.into()) };
    store::keep_retracted(tx, id, died_on)?;
    store::update(tx, id, person.version, &Changes { died_on: None, ..same(&person) })?;
    tx.tell(Fact::DeathRetracted { person: id });
    tx.tell(Fact::ContactChanged { person: id });
    Ok(())
}

/// What a death that was taken back had ended, and that is over all the same. The caller must have been shown the person.
///
/// # Errors
/// The database's.
pub fn list_over(tx: &mut Tx<'_>, person: PersonId) -> Result<StaysOver> {
    store::list_over(tx, person)
}

/// How many people a search shows.
const SEARCH_MOST: usize = 50;
/// How many names are compared at a time: there is no index of names.
const NAMES_AT_ONCE: i64 = 1_000;

/// Looks people up by number, else by birth date and part of a name. Only whom the caller may see; the journal notes whom it shows.
///
/// # Errors
/// 422 when nothing to look for is given.
pub fn search(tx: &mut Tx<'_>, number: Option<&Registration>, born_on: Option<NaiveDate>, name: Option<&Line>) -> Result<Vec<Person>> {
    if let Some(number) = number {
        return Ok(store::find_by_registration(tx, number)?.into_iter().collect());
    }
    let wanted = name.map(|name| rules::plain_name(name.as_str()));
    let fits = |name: &Name| wanted.as_ref().is_none_or(|wanted| !wanted.is_empty() && whole(name).contains(wanted.as_str()));
    let found = match (born_on, &wanted) {
        (None, None) => {
            return Err(Flaw::NothingToLookFor.refused(""));
        }
        (Some(born_on), _) => find_born_on(tx, born_on, fits)?,
        (None, Some(_)) => find_called(tx, fits)?,
    };
    found.into_iter().take(SEARCH_MOST).map(|id| store::get(tx, id)).collect()
}

/// Who has exactly this name (capital letters and accents do not matter) and birth date, by id.
///
/// # Errors
/// The database's and the vault's.
pub fn find_ids_by_name(tx: &mut Tx<'_>, name: &Line, born_on: NaiveDate) -> Result<Vec<PersonId>> {
    let wanted = rules::plain_name(name.as_str());
    find_born_on(tx, born_on, |name| whole(name) == wanted)
}

/// Who was born on a day and has a name that fits, by id: to compare them nothing but the names of that day is opened, and nobody is noted.
///
/// # Errors
/// The database's and the vault's.
pub fn find_born_on(tx: &mut Tx<'_>, born_on: NaiveDate, fits: impl Fn(&Name) -> bool) -> Result<Vec<PersonId>> {
    let names = store::peek_names_born_on(tx, born_on)?;
    Ok(names.into_iter().filter(|(_, name)| fits(name)).map(|(id, _)| id).collect())
}

/// The first people whose name fits, by id: enough for a search.
fn find_called(tx: &mut Tx<'_>, fits: impl Fn(&Name) -> bool) -> Result<Vec<PersonId>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let names = store::peek_names(tx, after, NAMES_AT_ONCE)?;
        after = names.last().map(|(id, _)| *id);
        found.extend(names.into_iter().filter(|(_, name)| fits(name)).map(|(id, _)| id));
        if after.is_none() || found.len() >= SEARCH_MOST {
            return Ok(found);
        }
    }
}

/// Given and family name, as names are compared.
fn whole(name: &Name) -> String {
    rules::plain_name(&format!("{} {}", name.given.as_str(), name.family.as_str()))
}

/// Who holds custody of a child today, by id.
///
/// # Errors
/// The database's.
pub fn custody_holders(tx: &mut Tx<'_>, child: PersonId) -> Result<Vec<PersonId>> {
    let today = tx.programme.calendar().zone.date(tx.now);
    store::fact_custody(tx, child, today)
}

fn is_visible(tx: &mut Tx<'_>, id: PersonId) -> Result<bool> {
    match store::check_visible(tx, id) {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

const fn same(person: &Person) -> Changes<'_> {
    Changes {
        name: &person.name,
        born_on: person.born_on,
        language: person.language,
        protected_address: person.protected_address,
        recipient: person.recipient,
        contact: &person.contact,
        warnings: &person.warnings,
        died_on: person.died_on,
        registration: Field::Absent,
    }
}

fn check_born(tx: &Tx<'_>, born_on: Option<NaiveDate>) -> Result<()> {
    let today = tx.programme.calendar().zone.date(tx.now);
    if born_on.is_some_and(|born_on| born_on > today) {
        return Err(Flaw::AfterToday.refused("/born_on"));
    }
    Ok(())
}

/// `pointer`: where the wished channel stands in what was sent.
fn check_contact(contact: &Contact, pointer: &'static str) -> Result<()> {
    match contact.channel {
        Some(channel) if contact.address(channel).is_none() => Err(Flaw::NoAddress.refused(pointer)),
        _ => Ok(()),
    }
}
