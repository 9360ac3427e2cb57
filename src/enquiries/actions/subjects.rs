//! Find out whom a concern is about; who was not told of at first is added.

use super::intake::check_subject;
use super::{begin, not_found, refuse};
use crate::access::Tx;
use crate::base::error::{Code, Error, Problem, Result, invalid};
use crate::base::ids::{EnquiryId, PersonId, RowId};
use crate::base::language::Language;
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::corrections;
use crate::enquiries::model::{Enquiry, EnquirySubject, Former, Likeness, NewSubject, SUBJECTS_MOST, State};
use crate::enquiries::rules::{self, Step};
use crate::enquiries::store;
use crate::facts::Fact;
use crate::people::{self, Contact, Name, NewPerson, Person};

/// Adds somebody to whom a concern is about: who was not known, or not named, when it was taken in. Who it is is said afterwards, as at intake.
///
/// # Errors
/// 404; 409 when it is concluded, the police have it, or it has as many as it may; 422 for somebody who was born after it was received.
pub fn add(tx: &mut Tx<'_>, id: EnquiryId, new: &NewSubject) -> Result<EnquiryId> {
    let (enquiry, state) = begin(tx, id, Step::ChangeSubjects)?;
    if store::subjects_of(tx, id)?.len() >= SUBJECTS_MOST {
        return refuse("Henvendelsen handler om så mange, som den kan", "The enquiry is about as many as it may be");
    }
    check_subject(tx, new, enquiry.received_at, "")?;
    store::insert_subject(tx, id, new)?;
    store::step(tx, &enquiry, state)?;
    Ok(id)
}

/// Strikes out a subject that was entered by mistake, as long as nobody said who it is; what was told of it is kept.
///
/// # Errors
/// 404; 409 when it was said who it is, the enquiry is concluded, or the police have it.
pub fn retract(tx: &mut Tx<'_>, id: EnquiryId, subject: RowId) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let subject = find(tx, id, subject)?;
    let state = rules::after(enquiry.state, Step::ChangeSubjects)?;
    if subject.person.is_some() {
        return refuse("Det er sagt, hvem det er: ret det i stedet", "It was said who it is: correct that instead");
    }
    let former = Former::Subject(NewSubject { description: subject.description, born_on: subject.born_on });
    corrections::keep(tx, corrections::Kind::Finding, subject.id.cast(), Holder::enquiry(id), &former)?;
    store::delete_subject(tx, subject.id)?;
    store::step(tx, &enquiry, state)?;
    Ok(id)
}

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
    let is_likely = |name: &Name| people::rules::is_likely_name(&told, &format!("{} {}", name.given.as_str(), name.family.as_str()));
    let likely = people::actions::find_born_on(tx, born_on, is_likely)?;
    likely.into_iter().map(|id| Ok((people::store::get(tx, id)?, Likeness::NameAndBirthDate))).collect()
}

/// Who a coordinator says a subject is.
#[derive(Clone, Debug)]
pub enum Settled {
    /// A person on record.
    Known(PersonId),
    /// Somebody new, with a name where the told one will not do; number and birth date are taken from what was told.
    New(people::Kind, Option<Name>),
}

/// Says who a subject is; said again, it is corrected. Of a founded enquiry whoever is still unknown can be told as long as its case is open, and
/// corrected once whom it was said to be is out of it; after another conclusion somebody is corrected, not found out.
///
/// # Errors
/// 404; 409 where the conclusion forbids it, or when the number is on record; 422 for an unknown person, one who is another subject already, or a
/// missing name.
pub fn link(tx: &mut Tx<'_>, id: EnquiryId, subject: RowId, settled: &Settled) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let subject = find(tx, id, subject)?;
    let state = rules::after(enquiry.state, Step::LinkSubject)?;
    check_concluded(tx, &enquiry, subject.person)?;
    let person = match settled {
        Settled::Known(person) => {
            check_known(tx, *person)?;
            if store::fact_people(tx, id)?.contains(person) && subject.person != Some(*person) {
                return Err(Flaw::LinkedAlready.refused("/person_id"));
            }
            *person
        }
        Settled::New(kind, name) => {
            let told = || Some(Name { given: subject.description.given.clone()?, family: subject.description.family.clone()? });
            let name = name.clone().or_else(told);
            let name = name.ok_or_else(|| invalid("/new_person/name", Flaw::Required, "Navnet mangler", "The name is missing"))?;
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

/// What can still be said of a subject after the conclusion. With somebody who stands in the case, their offers and courses would go over to
/// another.
fn check_concluded(tx: &mut Tx<'_>, enquiry: &Enquiry, known: Option<PersonId>) -> Result<()> {
    let is_over = match (enquiry.state, enquiry.case) {
        (State::Founded, Some(case)) => !store::find_case(tx, case)?.is_some_and(|(_, is_open)| is_open),
        (State::Founded, None) => true,
        (State::Unfounded | State::OtherMunicipality, _) => known.is_none(),
        _ => false,
    };
    if is_over {
        return refuse("Henvendelsen er afsluttet", "The enquiry is concluded");
    }
    if let (Some(case), Some(known)) = (enquiry.case, known)
        && store::stands_in(tx, case, known)?
    {
        return refuse("Tag først den udpegede person ud af sagen", "Take whom it names out of the case first");
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
            Err(Problem::new(Code::Invalid).field("/person_id", Flaw::Unknown, "Personen findes ikke", "The person does not exist").into())
        }
        other => other,
    }
}
