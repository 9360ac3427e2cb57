//! Record a yes or no, and ask whether links may be sent.

use super::model::LinkChoice;
use super::store;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{LinkChoiceId, PersonId};
use crate::people::actions as people;
use crate::people::rules::check_happened;
use crate::people::store as people_store;

/// Writes down what whoever got a person's reminders when it was said (stated) said to links: what was said before the 15th birthday is the custody
/// holder's word, whenever it is written down.
///
/// # Errors
/// 404, also for whoever only covers; 409 where nobody got them then, or another custody holder was chosen to then or since, and for a yes of
/// somebody who wants no messages at all; 422 for a moment after now.
pub fn record(tx: &mut Tx<'_>, person: PersonId, wants_links: bool, happened_at: Option<Instant>) -> Result<LinkChoiceId> {
    people_store::check_met(tx, person)?;
    let happened_at = happened_at.unwrap_or(tx.now);
    check_happened(happened_at, tx.now)?;
    let Some(chooser) = people::find_reader(tx, person, happened_at)? else {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Ingen er valgt til at få påmindelserne", "Nobody is chosen to get the reminders").into());
    };
    if chooser != person && people::was_another_chosen_since(tx, person, happened_at)? {
        let problem = Problem::new(Code::WrongState);
        let words = ("Modtageren af påmindelserne blev først valgt senere", "Whoever gets the reminders was chosen only later");
        return Err(problem.say(words.0, words.1).into());
    }
    if wants_links && people_store::fact_contact(tx, chooser)?.is_some_and(|(contact, _)| contact.no_messages) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Modtageren ønsker ingen beskeder", "The recipient wants no messages").into());
    }
    let recorded_at = store::fact_next_at(tx, person)?;
    let choice = LinkChoice { id: tx.new_id(), person, chooser, wants_links, happened_at, recorded_at, recorded_by: tx.account()? };
    store::insert(tx, &choice)?;
    Ok(choice.id)
}

/// A choice that was just made.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: LinkChoiceId) -> Result<LinkChoice> {
    let choice = store::find(tx, id)?.ok_or(Code::NotFound)?;
    people_store::check_met(tx, choice.person)?;
    Ok(choice)
}

/// The choices made for the appointments of a person the caller may see, the latest first.
///
/// # Errors
/// 404, also for whoever only covers.
pub fn list(tx: &mut Tx<'_>, person: PersonId, after: Option<(Instant, Instant, LinkChoiceId)>, fetch: i64) -> Result<Vec<LinkChoice>> {
    people_store::check_met(tx, person)?;
    store::list(tx, person, after, fetch)
}

/// Whether a choice is the one that counts today: the latest of whoever gets the reminders.
///
/// # Errors
/// The database's.
pub fn stands(tx: &mut Tx<'_>, choice: &LinkChoice) -> Result<bool> {
    let now = tx.now;
    let is_reader = people::find_reader(tx, choice.person, now)? == Some(choice.chooser);
    Ok(is_reader && store::fact_latest(tx, choice.person, choice.chooser)?.is_some_and(|latest| latest.id == choice.id))
}

/// Whether somebody has said yes to links for a person's appointments, and not no since.
///
/// # Errors
/// The database's.
pub fn wants_links(tx: &mut Tx<'_>, person: PersonId, chooser: PersonId) -> Result<bool> {
    Ok(store::fact_latest(tx, person, chooser)?.is_some_and(|choice| choice.wants_links))
}
