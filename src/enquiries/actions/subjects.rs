//! Find out whom a concern is about.

use super::{begin, not_found};
use crate::access::Tx;
use crate::access::bars;
use crate::base::error::{Code, Error, Problem, Result, invalid};
use crate::base::ids::{EnquiryId, PersonId, RowId};
use crate::base::language::Language;
use crate::enquiries::model::{EnquirySubject, Likeness};
use crate::enquiries::rules::Step;
use crate::enquiries::store;
use crate::facts::Fact;
use crate::people::{self, Contact, Name, NewPerson, Person};

/// How many people of one birth date are looked at.
const BORN_ON_MOST: i64 = 1_000;

/// Known persons who may be the subject: by registration number, else by opened name and birth date. Only whom the caller may see.
///
/// # Errors
/// 404.
pub fn likely_people(tx: &mut Tx<'_>, id: EnquiryId, subject: RowId) -> Result<Vec<(Person, Likeness)>> {
    store::get(tx, id)?;
    let subject = find(tx, id, subject)?;
    if let Some(number) = &subject.description.registration
        && let Some(person) = people::store::find_by_registration(tx, number)?
    {
        return Ok(vec![(person, Likeness::RegistrationNumber)]);
    }
    let Some(born_on) = subject.born_on else { return Ok(Vec::new()) };
    let told =
        [&subject.description.given, &subject.description.family].map(|part| part.as_ref().map_or("", |line| line.as_str())).join(" ");
    let born = people::store::list_born_on(tx, born_on, BORN_ON_MOST)?;
    let likely =
        |person: &Person| people::rules::is_likely_name(&told, &format!("{} {}", person.name.given.as_str(), person.name.family.as_str()));
    Ok(born.into_iter().filter(likely).map(|person| (person, Likeness::NameAndBirthDate)).collect())
}

/// Who a coordinator says a subject is.
#[derive(Clone, Debug)]
pub enum Settled {
    /// A person on record.
    Known(PersonId),
    /// Somebody new, with a name where the told one will not do; number and birth date are taken from what was told.
    New(people::Kind, Option<Name>),
}

/// Says who a subject is. Said again, before the conclusion, it is corrected.
///
/// # Errors
/// 404; 409 after the conclusion or when the number is on record; 422 for an unknown person, one who is another subject already, or a
/// missing name.
pub fn link(tx: &mut Tx<'_>, id: EnquiryId, subject: RowId, settled: &Settled) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let subject = find(tx, id, subject)?;
    let (_, state) = begin(tx, id, Step::LinkSubject)?;
    let person = match settled {
        Settled::Known(person) => {
            check_known(tx, *person)?;
            if store::fact_people(tx, id)?.contains(person) && subject.person != Some(*person) {
                return Err(invalid("/person_id", "linked_already", "Personen er allerede udpeget", "The person is a subject already"));
            }
            *person
        }
        Settled::New(kind, name) => {
            let told = || Some(Name { given: subject.description.given.clone()?, family: subject.description.family.clone()? });
            let name = name.clone().or_else(told);
            let name = name.ok_or_else(|| invalid("/new_person/name", "required", "Navnet mangler", "The name is missing"))?;
            let new = NewPerson {
                kind: *kind,
                name,
                registration: subject.description.registration.clone(),
                born_on: subject.born_on,
                language: Language::default(),
                protected_address: false,
                contact: Contact::default(),
                warnings: None,
            };
            people::actions::create(tx, &new)?
        }
    };
    store::settle_subject(tx, subject.id, person)?;
    store::step(tx, &enquiry, state)?;
    tx.tell(Fact::SubjectLinked { enquiry: id, person });
    Ok(id)
}

/// A subject is a person now: whoever is barred from the person is barred from the enquiry, and whoever was barred at intake from the
/// person as well.
///
/// # Errors
/// The database's.
pub fn extend_bars(tx: &mut Tx<'_>, id: EnquiryId, person: PersonId) -> Result<()> {
    bars::extend(tx, person, id)?;
    for (account, cause) in store::bars_at_intake(tx, id)? {
        match bars::bar(tx, account, person, cause) {
            // It stands already.
            Err(Error::Refused(problem)) if problem.code == Code::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(_) => {}
        }
    }
    Ok(())
}

fn find(tx: &mut Tx<'_>, id: EnquiryId, subject: RowId) -> Result<EnquirySubject> {
    match store::subjects_of(tx, id)?.into_iter().find(|known| known.id == subject) {
        Some(subject) => Ok(subject),
        None => not_found(),
    }
}

fn check_known(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    match people::store::check_visible(tx, person) {
        Err(Error::Refused(_)) => {
            Err(Problem::new(Code::Invalid).field("/person_id", "unknown", "Personen findes ikke", "The person does not exist").into())
        }
        other => other,
    }
}
