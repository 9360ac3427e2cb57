//! Who must consent to taking part, and since when it is enough (domain section 4, "Consents"). Pure.

use chrono::NaiveDate;

use crate::base::calendar::{Zone, age_on, birthday};
use crate::base::clock::Instant;
use crate::base::ids::PersonId;
use crate::courses::model::{Participant, Said, Word};

/// Why a consent is not enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nobody knows the young person's age.
    BirthDate,
    /// A minor without a custody holder on record.
    CustodyHolder,
    /// These have not said yes; with each, whether they said no.
    Words(Vec<(PersonId, bool)>),
}

/// Whose words count on a date.
#[derive(Clone, Copy)]
struct Asked {
    /// The custody holders of that date.
    holders: bool,
    /// Whoever takes part.
    own: bool,
}

fn asked(participant: &Participant, on: NaiveDate) -> Option<Asked> {
    let adult = Asked { holders: false, own: true };
    match participant.born_on {
        None if participant.is_young => None,
        None => Some(adult),
        Some(born_on) => Some(match age_on(born_on, on) {
            0..=9 => Asked { holders: true, own: false },
            10..=17 => Asked { holders: true, own: true },
            _ => adult,
        }),
    }
}

/// What somebody has said by a moment that counts then, in the order in which it was said. A yes that was said before it is asked for counts for
/// nothing; a word for the time from 18 on is none before: neither a no that withdraws nor a yes that stands against one.
pub(super) fn words<'a>(
    participant: &'a Participant,
    said: &'a [Said],
    zone: Zone,
    giver: PersonId,
    at: Instant,
) -> impl DoubleEndedIterator<Item = &'a Said> {
    let is_minor = participant.born_on.is_some_and(|born_on| zone.date(at) < birthday(born_on, 18));
    let is_unasked = move |said: &Said| {
        let from = if said.adult_basis { participant.adult_from } else { participant.own_from };
        said.giver == participant.person && said.answer == Word::Yes && from.is_some_and(|from| said.at < from)
    };
    let is_early = move |said: &Said| is_minor && said.adult_basis;
    said.iter().filter(move |said| said.giver == giver && said.at <= at && !is_unasked(said) && !is_early(said))
}

/// What holds of somebody at a moment: the last they said by then.
fn word(participant: &Participant, said: &[Said], zone: Zone, giver: PersonId, at: Instant) -> Option<Word> {
    words(participant, said, zone, giver, at).next_back().map(|last| last.answer)
}

/// Whether the words said by a moment are enough on its local date: under 10 every custody holder of that date, from 10 the child too, from
/// 18 the person alone. One no among the needed is no consent; somebody must have said yes.
///
/// # Errors
/// What is lacking.
pub fn enough(participant: &Participant, said: &[Said], zone: Zone, at: Instant) -> Result<(), Lack> {
    enough_of(participant, said, zone, asked(participant, zone.date(at)), at)
}

/// As [`enough`], of those who are asked.
fn enough_of(participant: &Participant, said: &[Said], zone: Zone, asked: Option<Asked>, at: Instant) -> Result<(), Lack> {
    let Asked { holders, own } = asked.ok_or(Lack::BirthDate)?;
    let holding = if holders { participant.holders_on(zone.date(at)) } else { Vec::new() };
    if holders && holding.is_empty() {
        return Err(Lack::CustodyHolder);
    }
    let givers = own.then_some(participant.person).into_iter().chain(holding);
    let words: Vec<(PersonId, Option<Word>)> = givers.map(|giver| (giver, word(participant, said, zone, giver, at))).collect();
    let stands = |(giver, word): &(PersonId, Option<Word>)| match word {
        Some(Word::Yes) => true,
        Some(Word::NotNeeded) => *giver != participant.person,
        Some(Word::No) | None => false,
    };
    let missing: Vec<_> = words.iter().filter(|word| !stands(word)).map(|(giver, word)| (*giver, *word == Some(Word::No))).collect();
    if missing.is_empty() && words.iter().any(|(_, word)| *word == Some(Word::Yes)) {
        return Ok(());
    }
    // Every custody holder of a child under 10 recorded as not needed: then nobody consents for it, and one of them must.
    let missing = if missing.is_empty() { words.iter().map(|(giver, _)| (*giver, false)).collect() } else { missing };
    Err(Lack::Words(missing))
}

/// Since when the consents are enough: the moment the last needed one was given, or the birthday or end of custody that dropped those still
/// missing. Who is needed goes by the age on that day: a birthday after it asks nobody else, and from 18 on it is the person alone, whatever the
/// custody holders say, or whoever they are, by then. It must hold until now, at each moment with the custody holders of its date, and without a no of
/// whoever takes part since they decide; one that a small child said stands against it from the 10th birthday until it says yes.
///
/// # Errors
/// What is lacking now.
pub fn accepted_at(participant: &Participant, said: &[Said], zone: Zone, offered_at: Instant, now: Instant) -> Result<Instant, Lack> {
    let birthdays = participant.born_on.into_iter().flat_map(|born_on| [10, 18].map(|age| zone.start_of(birthday(born_on, age))));
    let custody = participant.custody.iter().flat_map(|custody| [custody.from_on, custody.until_on]).flatten();
    let turns = said.iter().map(|said| said.at).chain(birthdays).chain(custody.map(|on| zone.start_of(on)));
    let mut moments: Vec<Instant> = turns.filter(|at| *at >= offered_at && *at <= now).chain([now]).collect();
    moments.sort();
    let asked_at = |at: Instant| asked(participant, zone.date(at));
    let is_asked = asked_at(now).is_some_and(|asked| asked.own);
    let is_against = is_asked && word(participant, said, zone, participant.person, now) == Some(Word::No);
    let holds_at = |since: Instant, at: Instant| {
        let of_age = asked_at(at).filter(|asked| !asked.holders);
        let is_enough = || enough_of(participant, said, zone, of_age.or_else(|| asked_at(since)), at).is_ok();
        withdrew_at(participant, said, zone, at).is_none() && is_enough()
    };
    // A word taken back and given again counts from the second time.
    let holds = |since: &Instant| !is_against && moments.iter().filter(|at| *at >= since).all(|at| holds_at(*since, *at));
    match moments.iter().find(|since| holds(since)) {
        Some(since) => Ok(*since),
        None => enough(participant, said, zone, now).map(|()| now),
    }
}

/// Whether a course may run on a date: tested when a match starts, when a session is planned and when a consent ends, never by the
/// calendar alone. Whoever was accepted as a minor needs, from 18, an own consent on the adult basis, or one given as an adult.
pub fn may_run(participant: &Participant, said: &[Said], zone: Zone, accepted_as_adult: bool, on: NaiveDate) -> bool {
    let at = zone.end_of(on);
    let grown_up_at = participant.born_on.map(|born_on| zone.start_of(birthday(born_on, 18))).filter(|grown_up_at| *grown_up_at <= at);
    if enough(participant, said, zone, at).is_err() {
        return false;
    }
    let Some(grown_up_at) = grown_up_at.filter(|_| !accepted_as_adult) else { return true };
    // Of their own words those since the last no.
    let mut own = words(participant, said, zone, participant.person, at).rev().take_while(|said| said.answer == Word::Yes);
    own.any(|said| said.adult_basis || said.at >= grown_up_at)
}

/// When whoever takes part withdrew, if that is the last they had said at a moment: under 10 they decide nothing, and before 18 nothing for the time
/// from then on.
pub fn withdrew_at(participant: &Participant, said: &[Said], zone: Zone, at: Instant) -> Option<Instant> {
    let decides = |said: &Said| {
        let age = if said.adult_basis { 18 } else { 10 };
        participant.born_on.is_none_or(|born_on| zone.date(said.at) >= birthday(born_on, age))
    };
    let mut counting = words(participant, said, zone, participant.person, at);
    let last = counting.rfind(|said| said.answer != Word::No || decides(said))?;
    (last.answer == Word::No).then_some(last.at)
}

#[cfg(test)]
pub(super) mod tests;
