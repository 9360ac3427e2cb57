//! Who gets a person's messages, and where.

use super::custody_holders;
use crate::access::Tx;
use crate::base::calendar::birthday;
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::PersonId;
use crate::base::language::Language;
use crate::messages::actions::address_hash;
use crate::messages::channels::Channel;
use crate::people::model::{Contact, Kind, Reached};
use crate::people::{rules, store};

/// Whoever gets what goes to a person at a moment, as far as is known by now: under 15 the chosen custody holder, from 15 the person. `None`:
/// nobody is chosen, or who was holds custody no more, or died.
///
/// # Errors
/// 404 when there is no such person; the database's.
pub fn find_reader(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<Option<PersonId>> {
    let on = tx.programme.calendar().zone.date(at);
    let facts = store::find_facts(tx, person)?.ok_or(Code::NotFound)?;
    let is_child_kind = facts.kind == Kind::YoungPerson;
    let chosen = match facts.recipient {
        // A recipient whose custody ended is nobody's choice any more.
        Some(holder) if store::fact_custody(tx, person, on)?.contains(&holder) => Some(holder),
        _ => None,
    };
    let reader = rules::recipient(person, is_child_kind, facts.born_on, chosen, on);
    match reader {
        Some(holder) if holder != person => {
            let is_alive = store::find_facts(tx, holder)?.is_some_and(|facts| facts.died_on.is_none());
            Ok(is_alive.then_some(holder))
        }
        own => Ok(own),
    }
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
    for person in std::iter::once(reader).chain(store::fact_chosen_for(tx, reader)?) {
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
    if store::find_facts(tx, person)?.ok_or(Code::NotFound)?.died_on.is_some() {
        return Ok(Reached::ByHand("died"));
    }
    let Some(recipient) = find_reader(tx, person, at)? else { return Ok(Reached::ByHand("no_recipient_chosen")) };
    let Some((contact, language)) = store::fact_contact(tx, recipient)? else { return Ok(Reached::ByHand("no_channel")) };
    let contact = own(tx, recipient, contact)?;
    Ok(rules::reached(recipient, &contact, language))
}

/// A contact without what is a custody holder's, too: at 15 a parent's number leaves the young person's messages, whoever it was written down for.
fn own(tx: &mut Tx<'_>, person: PersonId, contact: Contact) -> Result<Contact> {
    let mut own = contact;
    for holder in custody_holders(tx, person)? {
        if let Some(theirs) = store::peek_contact(tx, holder)? {
            own = rules::without(own, &theirs);
        }
    }
    Ok(own)
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

/// Where a person's messages are read today, to hold it against another address; `None`: nowhere.
///
/// # Errors
/// As [`address`].
pub fn find_read_at(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<String>> {
    let now = tx.now;
    let Some(reader) = find_reader(tx, person, now)? else { return Ok(None) };
    let Some(contact) = store::peek_contact(tx, reader)? else { return Ok(None) };
    let contact = own(tx, reader, contact)?;
    match rules::reached(reader, &contact, Language::default()) {
        Reached::At { channel, .. } => Ok(contact.address(channel).map(str::to_owned)),
        Reached::ByHand(_) => Ok(None),
    }
}

/// Whether a message by a channel to the address of this hash still reaches a person.
///
/// # Errors
/// The database's and the vault's.
pub fn is_reached_at(tx: &mut Tx<'_>, recipient: PersonId, channel: Channel, hash: &[u8]) -> Result<bool> {
    Ok(address(tx, recipient, channel)?.is_some_and(|address| address_hash(tx, &address) == *hash))
}
