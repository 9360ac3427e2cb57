//! Who gets a person's messages, and where.

use std::collections::BTreeSet;
use std::iter;

use crate::access::Tx;
use crate::base::calendar::birthday;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{AnyId, CaseId, PersonId};
use crate::base::language::Language;
use crate::base::value::folded;
use crate::messages::actions::is_kept_of;
use crate::messages::channels::Channel;
use crate::people::model::{Contact, Kind, Parent, Person, Reached};
use crate::people::store::PersonFacts;
use crate::people::{rules, store};

/// Whoever gets what goes to a person at a moment, as far as is known by now: under 15 the chosen custody holder, from 15 the person. `None`:
/// nobody is chosen, or who was holds custody no more, or died.
///
/// # Errors
/// 404 when there is no such person; the database's.
pub fn find_reader(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<Option<PersonId>> {
    let facts = store::find_facts(tx, person)?.ok_or(Code::NotFound)?;
    reader_of(tx, person, &facts, at)
}

fn reader_of(tx: &mut Tx<'_>, person: PersonId, facts: &PersonFacts, at: Instant) -> Result<Option<PersonId>> {
    let on = tx.programme.calendar().zone.date(at);
    let is_child_kind = facts.kind == Kind::YoungPerson;
    let chosen = match facts.recipient {
        // A recipient whose custody ended is nobody's choice any more.
        Some(holder) if store::fact_custody(tx, person, on)?.contains(&holder) => Some(holder),
        _ => None,
    };
    let reader = rules::recipient(person, is_child_kind, facts.born_on, chosen, on);
    match reader {
        Some(holder) if holder != person => living(tx, holder),
        own => Ok(own),
    }
}

/// Somebody, if they live.
fn living(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<PersonId>> {
    let lives = store::find_facts(tx, id)?.is_some_and(|facts| facts.died_on.is_none());
    Ok(lives.then_some(id))
}

/// Who is chosen to get a child's reminders. `None`: nobody is, or who was died.
///
/// # Errors
/// The database's.
pub fn find_chosen(tx: &mut Tx<'_>, child: &Person) -> Result<Option<PersonId>> {
    match child.recipient {
        Some(chosen) => living(tx, chosen),
        None => Ok(None),
    }
}

/// The children whose reminders somebody was chosen to get, and that nobody gets by now, as far as the caller is not barred from them; in the order
/// of their ids.
///
/// # Errors
/// The database's.
pub fn list_lacking_recipient(tx: &mut Tx<'_>, chosen: PersonId) -> Result<Vec<PersonId>> {
    let (mut lacking, now) = (Vec::new(), tx.now);
    for child in store::fact_chosen_for(tx, chosen)? {
        if living(tx, child)?.is_some() && find_reader(tx, child, now)?.is_none() {
            lacking.push(child);
        }
    }
    store::keep_unbarred(tx, lacking)
}

/// Whether whoever gets what goes to a person by now did so at an earlier moment, too: by the birth date that was on record then. Where nobody does, for
/// whoever was chosen died after that day, it was another.
///
/// # Errors
/// As [`find_reader`].
pub fn is_reader_since(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<bool> {
    let now = tx.now;
    let reader = find_reader(tx, person, now)?;
    if reader.is_none() && lived_after(tx, person, at)? {
        return Ok(false);
    }
    let (chosen_at, aged_at) = store::fact_read_since(tx, person)?;
    // Whom they chose says nothing of whoever reads for themselves.
    let chosen_at = chosen_at.filter(|_| reader != Some(person));
    let is_since = [chosen_at, aged_at].into_iter().flatten().all(|since| since <= at);
    Ok(is_since && find_reader(tx, person, at)? == reader)
}

/// Whether whoever was chosen to get a child's reminders, and held custody on the day of a moment, died on a later one.
fn lived_after(tx: &mut Tx<'_>, child: PersonId, at: Instant) -> Result<bool> {
    let on = tx.programme.calendar().zone.date(at);
    let Some(chosen) = store::find_facts(tx, child)?.and_then(|facts| facts.recipient) else { return Ok(false) };
    let has_died = store::find_facts(tx, chosen)?.and_then(|facts| facts.died_on).is_some_and(|died_on| died_on > on);
    Ok(has_died && store::fact_custody(tx, child, on)?.contains(&chosen))
}

/// Whether another than whoever gets a child's reminders by now was chosen to at a moment, or since. Of a choice that was made before this was kept it
/// is taken to be so until then; by a clock that was ahead, until now.
///
/// # Errors
/// The database's.
pub fn was_another_chosen_since(tx: &mut Tx<'_>, child: PersonId, at: Instant) -> Result<bool> {
    Ok(store::fact_replaced_at(tx, child)?.is_some_and(|replaced_at| replaced_at.min(tx.now) > at))
}

/// From when a person's own contact is used, where that is still to come: the first moment of the 15th birthday.
///
/// # Errors
/// The database's.
pub fn find_own_from(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<Instant>> {
    let zone = tx.programme.calendar().zone;
    let own_from = store::fact_born_on(tx, person)?.map(|born_on| zone.start_of(birthday(born_on, rules::OWN_NUMBER_AGE)));
    Ok(own_from.filter(|own_from| *own_from > tx.now))
}

/// Everybody whose reminders a person gets today: their own, and those of the children that they are chosen for.
///
/// # Errors
/// The database's.
pub fn read_by(tx: &mut Tx<'_>, reader: PersonId) -> Result<Vec<PersonId>> {
    let (mut read, now) = (Vec::new(), tx.now);
    for person in iter::once(reader).chain(store::fact_chosen_for(tx, reader)?) {
        if find_reader(tx, person, now)? == Some(reader) {
            read.push(person);
        }
    }
    Ok(read)
}

/// How a person is told of an appointment at a moment: under 15 by the chosen custody holder, from 15 by their own contact.
///
/// # Errors
/// The database's and the vault's.
pub fn reach(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<Reached> {
    let facts = store::find_facts(tx, person)?.ok_or(Code::NotFound)?;
    if facts.died_on.is_some() {
        return Ok(Reached::ByHand("died"));
    }
    let Some(recipient) = reader_of(tx, person, &facts, at)? else { return Ok(Reached::ByHand("no_recipient_chosen")) };
    let Some((contact, language)) = store::fact_contact(tx, recipient)? else { return Ok(Reached::ByHand("no_channel")) };
    let contact = own(tx, recipient, contact)?;
    Ok(rules::reached(recipient, &contact, language))
}

/// A contact without what is a parent's, too: at 15 a parent's number leaves the young person's messages, whoever it was written down for, and does not
/// come back with the end of the parent's custody.
fn own(tx: &mut Tx<'_>, person: PersonId, contact: Contact) -> Result<Contact> {
    if contact.phone.is_none() && contact.email.is_none() {
        return Ok(contact);
    }
    let parents = store::list_parents(tx, person)?;
    without_theirs(tx, contact, &parents)
}

fn without_theirs(tx: &mut Tx<'_>, contact: Contact, parents: &[Parent]) -> Result<Contact> {
    let mut own = contact;
    let each: BTreeSet<PersonId> = parents.iter().map(|parent| parent.id).collect();
    for parent in each {
        if let Some(theirs) = store::peek_contact(tx, parent)? {
            own = rules::without(own, &theirs);
        }
    }
    Ok(own)
}

/// Whether a person's own contact is used today.
fn has_own_contact(tx: &Tx<'_>, person: &Person) -> bool {
    rules::has_own_contact(person.kind == Kind::YoungPerson, person.born_on, tx.programme.calendar().zone.date(tx.now))
}

/// A person as whoever meets them may know them: from 15 without an address that is a parent's, too, as if it were not on record.
///
/// # Errors
/// The database's and the vault's.
pub fn as_met(tx: &mut Tx<'_>, person: Person) -> Result<Person> {
    if !has_own_contact(tx, &person) {
        return Ok(person);
    }
    let contact = own(tx, person.id, person.contact)?;
    Ok(Person { contact, ..person })
}

/// The channels whose address is on a person's record and not used, since it is a parent's, too: none before 15. As far as the caller may know of the
/// parent, and of the case by which they are one.
///
/// # Errors
/// The database's and the vault's.
pub fn find_not_own(tx: &mut Tx<'_>, person: &Person) -> Result<Vec<Channel>> {
    if !has_own_contact(tx, person) {
        return Ok(Vec::new());
    }
    let mut parents = store::list_parents(tx, person.id)?;
    let ids = |parent: &Parent| -> Vec<AnyId> { iter::once(parent.id.cast()).chain(parent.case.map(CaseId::cast)).collect() };
    let barred = tx.barred_among(&parents.iter().flat_map(ids).collect::<Vec<_>>())?;
    parents.retain(|parent| !ids(parent).iter().any(|id| barred.contains(id)));
    let own = without_theirs(tx, person.contact.clone(), &parents)?;
    let is_left_out = |channel: &Channel| person.contact.address(*channel).is_some() && own.address(*channel).is_none();
    Ok([Channel::Sms, Channel::Email].into_iter().filter(is_left_out).collect())
}

/// The address of a channel as it is now, for a message that is about to leave; `None` when it must not or cannot be used.
///
/// # Errors
/// The database's and the vault's.
pub fn address(tx: &mut Tx<'_>, recipient: PersonId, channel: Channel) -> Result<Option<String>> {
    let contact = store::fact_contact(tx, recipient)?.map(|(contact, _)| contact);
    usable(tx, recipient, contact, channel)
}

/// As [`address`], to hold it against another: nobody is noted, and nothing of it is shown.
///
/// # Errors
/// As [`address`].
pub fn peek_address(tx: &mut Tx<'_>, recipient: PersonId, channel: Channel) -> Result<Option<String>> {
    let contact = store::peek_contact(tx, recipient)?;
    usable(tx, recipient, contact, channel)
}

fn usable(tx: &mut Tx<'_>, recipient: PersonId, contact: Option<Contact>, channel: Channel) -> Result<Option<String>> {
    let Some(contact) = contact.filter(|contact| !contact.no_messages) else { return Ok(None) };
    Ok(own(tx, recipient, contact)?.address(channel).map(str::to_owned))
}

/// Whether a person's messages are read at an address today: on that phone or in that mailbox, however it is written.
///
/// # Errors
/// As [`address`].
pub fn is_read_at(tx: &mut Tx<'_>, person: PersonId, address: &str) -> Result<bool> {
    let now = tx.now;
    let Some(reader) = find_reader(tx, person, now)? else { return Ok(false) };
    let Some(contact) = store::peek_contact(tx, reader)? else { return Ok(false) };
    let contact = own(tx, reader, contact)?;
    match rules::reached(reader, &contact, Language::default()) {
        Reached::At { channel, .. } => Ok(contact.address(channel).is_some_and(|theirs| folded(theirs) == folded(address))),
        Reached::ByHand(_) => Ok(false),
    }
}

/// Whether the address of this hash is still a person's, be it that they want no messages there by now: what went to it was read.
///
/// # Errors
/// The database's and the vault's.
pub fn is_address_of(tx: &mut Tx<'_>, person: PersonId, channel: Channel, hash: &[u8]) -> Result<bool> {
    let Some(contact) = store::peek_contact(tx, person)? else { return Ok(false) };
    Ok(own(tx, person, contact)?.address(channel).is_some_and(|theirs| is_kept_of(tx, hash, theirs)))
}

/// Whether a message by a channel to the address of this hash still reaches a person.
///
/// # Errors
/// The database's and the vault's.
pub fn is_reached_at(tx: &mut Tx<'_>, recipient: PersonId, channel: Channel, hash: &[u8]) -> Result<bool> {
    Ok(address(tx, recipient, channel)?.is_some_and(|address| is_kept_of(tx, hash, &address)))
}
