//! Look-ups of the data protection officer. Each notes for the journal whom it showed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::model::{About, ConsentFact, EntryFilter, EntryKey, ExtractLine, NamingEntry, Whose};
use super::{rules, store};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, ConsentId, EnquiryId, OfferId, PersonId};
use crate::base::value::{Flaw, Line};
use crate::people::{self, model::Registration};

/// By what the officer knows somebody.
#[derive(Clone, Debug)]
pub enum Known {
    /// Their civil registration number.
    Number(Registration),
    /// Their whole name and birth date, as the person tells them.
    Name(Line, NaiveDate),
    /// A case that they stand in.
    Case(CaseId),
}

/// Who it is, by id alone: the officer needs no name to read the journal.
///
/// # Errors
/// The database's and the vault's.
pub fn find_people(tx: &mut Tx<'_>, known: &Known) -> Result<Vec<PersonId>> {
    let found = match known {
        Known::Number(number) => people::store::find_id_by_registration(tx, number)?.into_iter().collect(),
        Known::Name(name, born_on) => people::actions::find_ids_by_name(tx, name, *born_on)?,
        Known::Case(case) => store::people_of_case(tx, *case)?,
    };
    found.iter().for_each(|person| tx.saw(*person));
    Ok(found)
}

/// One page of the entries that name a person or an enquiry, the newest first.
///
/// # Errors
/// 404, 422 when the span ends before it begins.
pub fn list_entries(tx: &mut Tx<'_>, about: About, filter: &EntryFilter, after: Option<EntryKey>, fetch: i64) -> Result<Vec<NamingEntry>> {
    match about {
        About::Person(person) => people::store::check_visible(tx, person)?,
        About::Enquiry(enquiry) => store::check_enquiry(tx, enquiry)?,
    }
    if filter.from.zip(filter.until).is_some_and(|(from, until)| until < from) {
        return Err(backwards("query/until_at"));
    }
    tx.saw(about);
    store::list_entries(tx, about.into(), filter, after, fetch)
}

fn backwards(pointer: &'static str) -> crate::base::error::Error {
    Flaw::BeforeItsStart.refused(pointer)
}

/// Which enquiries about a person were opened or changed with them, by the number of the entry: the officer may read those entries, too.
///
/// # Errors
/// The database's.
pub fn enquiries_of(tx: &mut Tx<'_>, about: About, entries: &[NamingEntry]) -> Result<BTreeMap<i64, BTreeSet<EnquiryId>>> {
    match about {
        About::Person(person) => store::enquiries_of(tx, person, entries.iter().map(|entry| entry.id).collect()),
        About::Enquiry(_) => Ok(BTreeMap::new()),
    }
}

/// The sign-in names of the accounts that entries name.
///
/// # Errors
/// The database's.
pub fn account_names(tx: &mut Tx<'_>, entries: &[NamingEntry]) -> Result<BTreeMap<AccountId, String>> {
    let names = store::account_names(tx, entries.iter().filter_map(|entry| entry.account).collect())?;
    names.keys().for_each(|account| tx.saw(*account));
    Ok(names)
}

/// One page of consents and withdrawals, the earliest given first.
///
/// # Errors
/// 404.
pub fn list_consents(tx: &mut Tx<'_>, whose: Whose, after: Option<(Instant, ConsentId)>, fetch: i64) -> Result<Vec<ConsentFact>> {
    match whose {
        Whose::Person(person) => {
            people::store::check_visible(tx, person)?;
            tx.saw(person);
        }
        Whose::Case(case) => {
            store::check_case(tx, case)?;
            tx.saw(case);
        }
    }
    store::list_consents(tx, whose, after, fetch)
}

/// To which track each consent's offer was, as a code; notes who is shown.
///
/// # Errors
/// The database's.
pub fn tracks(tx: &mut Tx<'_>, consents: &[ConsentFact]) -> Result<BTreeMap<OfferId, String>> {
    for consent in consents {
        tx.saw(consent.id);
        tx.saw(consent.person);
        tx.saw(consent.giver);
    }
    store::tracks(tx, consents.iter().map(|consent| consent.offer).collect())
}

/// A person's own extract of the journal between two local dates, both included: as far back as the journal goes when not said.
///
/// # Errors
/// 404, 422 when the span ends before it begins.
pub fn extract(tx: &mut Tx<'_>, person: PersonId, from_on: Option<NaiveDate>, until_on: Option<NaiveDate>) -> Result<Vec<ExtractLine>> {
    people::store::check_visible(tx, person)?;
    let zone = tx.programme.calendar().zone;
    let (from, until) = rules::days(zone, from_on, until_on).ok_or_else(|| backwards("query/until_on"))?;
    tx.saw(person);
    let entries = store::list_purposes(tx, person, &EntryFilter { from, until, ..EntryFilter::default() })?;
    Ok(rules::lines(zone, entries))
}
