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

/// Whose words count at an age.
enum Needed {
    Holders,
    ChildAndHolders,
    Adult,
}

fn needed(participant: &Participant, on: NaiveDate) -> Option<Needed> {
    match participant.born_on {
        None if participant.is_young => None,
        None => Some(Needed::Adult),
        Some(born_on) => Some(match age_on(born_on, on) {
            0..=9 => Needed::Holders,
            10..=17 => Needed::ChildAndHolders,
            _ => Needed::Adult,
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
    enough_for(participant, said, zone, zone.date(at), at)
}

/// As [`enough`], of those who are needed at the participant's age on a date.
fn enough_for(participant: &Participant, said: &[Said], zone: Zone, on: NaiveDate, at: Instant) -> Result<(), Lack> {
    let needed = needed(participant, on).ok_or(Lack::BirthDate)?;
    let (holders, own) = match needed {
        Needed::Holders => (true, false),
        Needed::ChildAndHolders => (true, true),
        Needed::Adult => (false, true),
    };
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
/// missing. Who is needed goes by the age on that day: a birthday after it asks nobody else. It must hold until now, at each moment with
/// the custody holders of its date, and whoever takes part, and is old enough to be asked by now, must not have said no.
///
/// # Errors
/// What is lacking now.
pub fn accepted_at(participant: &Participant, said: &[Said], zone: Zone, offered_at: Instant, now: Instant) -> Result<Instant, Lack> {
    let birthdays = participant.born_on.into_iter().flat_map(|born_on| [10, 18].map(|age| zone.start_of(birthday(born_on, age))));
    let custody = participant.custody.iter().flat_map(|custody| [custody.from_on, custody.until_on]).flatten();
    let turns = said.iter().map(|said| said.at).chain(birthdays).chain(custody.map(|on| zone.start_of(on)));
    let mut moments: Vec<Instant> = turns.filter(|at| *at >= offered_at && *at <= now).chain([now]).collect();
    moments.sort();
    let is_asked = matches!(needed(participant, zone.date(now)), Some(Needed::ChildAndHolders | Needed::Adult));
    if is_asked && word(participant, said, zone, participant.person, now) == Some(Word::No) {
        return enough(participant, said, zone, now).map(|()| now);
    }
    // A word taken back and given again counts from the second time.
    let holds = |since: &Instant| {
        let mut later = moments.iter().filter(|at| *at >= since);
        later.all(|at| enough_for(participant, said, zone, zone.date(*since), *at).is_ok())
    };
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
pub(super) mod tests {
    use super::super::birthdays::asked_from;
    use super::*;
    use crate::people::Custody;
    use uuid::Uuid;

    pub(in crate::courses::rules) const CHILD: u128 = 1;
    pub(in crate::courses::rules) const MOTHER: u128 = 2;
    const FATHER: u128 = 3;

    fn id(of: u128) -> PersonId {
        PersonId::from_uuid(Uuid::from_u128(of))
    }

    pub(in crate::courses::rules) fn day(text: &str) -> Instant {
        Instant::parse(&format!("{text}T12:00:00Z")).unwrap()
    }

    /// Who, what (`+` yes, `-` no, `0` not needed; `a` yes, `n` no on the adult basis), when; and withdrawn when.
    pub(in crate::courses::rules) type Words<'a> = &'a [(u128, char, &'a str, &'a str)];

    pub(in crate::courses::rules) fn said(words: Words<'_>) -> Vec<Said> {
        let one = |(giver, what, at, withdrawn): &(u128, char, &str, &str)| {
            let (giver, adult_basis) = (id(*giver), ['a', 'n'].contains(what));
            let answer = match what {
                '-' | 'n' => Word::No,
                '0' => Word::NotNeeded,
                _ => Word::Yes,
            };
            let word = Said { giver, answer, adult_basis, at: day(at) };
            let taken_back = (!withdrawn.is_empty()).then(|| Said { answer: Word::No, adult_basis: false, at: day(withdrawn), ..word });
            [Some(word), taken_back]
        };
        let mut said: Vec<Said> = words.iter().flat_map(one).flatten().collect();
        said.sort_by_key(|said| said.at);
        said
    }

    pub(in crate::courses::rules) fn child(born_on: &str, holders: &[u128]) -> Participant {
        let custody = holders.iter().map(|holder| Custody { holder: id(*holder), from_on: None, until_on: None }).collect();
        let born_on: Option<NaiveDate> = born_on.parse().ok();
        let asked = |age| born_on.map(|born_on| asked_from(born_on, age, 60, Zone::COPENHAGEN));
        Participant { person: id(CHILD), born_on, is_young: true, own_from: asked(10), adult_from: asked(18), custody }
    }

    fn lack(found: Result<Instant, Lack>) -> String {
        match found {
            Ok(at) => Zone::COPENHAGEN.date(at).to_string(),
            Err(Lack::BirthDate) => "birth date".into(),
            Err(Lack::CustodyHolder) => "custody holder".into(),
            Err(Lack::Words(words)) => words
                .iter()
                .map(|(giver, no)| format!("{}{}", giver.uuid().as_u128(), if *no { "-" } else { "" }))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn the_last_word_of_whoever_takes_part_is_a_withdrawal_once_they_decide() {
        #[rustfmt::skip]
        let cases: &[(&str, Words<'_>, Option<&str>)] = &[
            // born, said, withdrawn on; asked on 1 April 2026
            ("2006-01-01", &[(CHILD, '+', "2026-03-05", "2026-03-09")], Some("2026-03-09")),
            ("2006-01-01", &[(CHILD, '+', "2026-03-05", ""), (CHILD, '-', "2026-03-09", "")], Some("2026-03-09")),
            ("2006-01-01", &[(CHILD, '+', "2026-03-05", "2026-03-09"), (CHILD, '+', "2026-03-10", "")], None),
            ("2006-01-01", &[(CHILD, '+', "2026-03-05", "2026-04-02")], None),
            ("2010-01-01", &[(CHILD, '+', "2026-03-05", ""), (MOTHER, '+', "2026-03-05", "2026-03-09")], None),
            ("2010-01-01", &[(CHILD, '+', "2026-03-05", "2026-03-09"), (CHILD, 'a', "2026-03-10", "")], Some("2026-03-09")),
            // A small child's no, and one for the time from 18 on, are no withdrawals when they are said.
            ("2016-03-20", &[(CHILD, '-', "2026-03-19", "")], None),
            ("2016-03-20", &[(CHILD, '-', "2026-03-20", "")], Some("2026-03-20")),
            ("2008-03-20", &[(CHILD, '+', "2026-03-05", ""), (CHILD, 'n', "2026-03-19", "")], None),
            ("2008-03-20", &[(CHILD, '+', "2026-03-05", ""), (CHILD, 'n', "2026-03-20", "")], Some("2026-03-20")),
            ("?", &[(CHILD, '+', "2026-03-05", "2026-03-09")], Some("2026-03-09")),
            ("?", &[], None),
        ];
        for (born_on, words, expected) in cases {
            let found = withdrew_at(&child(born_on, &[MOTHER]), &said(words), Zone::COPENHAGEN, day("2026-04-01"));
            assert_eq!(found, expected.map(day), "born {born_on}: {words:?}");
        }
    }

    #[test]
    fn who_is_needed_goes_by_age_on_the_day_of_acceptance() {
        let both: &[u128] = &[MOTHER, FATHER];
        #[rustfmt::skip]
        let cases: &[(&str, &[u128], Words<'_>, &str)] = &[
            // born, custody holders, said, accepted on or who is missing; offered on 1 March 2026, asked on 1 April 2026
            // Under 10: every custody holder, not the child.
            ("2016-04-02", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "2026-03-09"),
            ("2016-04-02", both, &[(MOTHER, '+', "2026-03-05", "")], "3"),
            ("2016-04-02", both, &[(CHILD, '+', "2026-03-05", "")], "2 3"),
            // The 10th birthday is today: all who were needed had said yes before it. Not over the child's own no.
            ("2016-04-01", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "2026-03-09"),
            ("2016-04-01", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", ""), (CHILD, '-', "2026-04-01", "")], "1-"),
            ("2016-04-01", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "2026-03-20")], "1 3-"),
            // Who was needed had not: the child too.
            ("2016-03-20", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-21", "")], "1"),
            ("2016-03-20", both, &[(MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-21", ""), (CHILD, '+', "2026-04-01", "")], "2026-04-01"),
            // What a small child said counts from 60 days before the 10th birthday; a no stands until it says yes.
            ("2016-03-20", both, &[(CHILD, '+', "2026-01-18", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-21", "")], "1"),
            ("2016-03-20", both, &[(CHILD, '+', "2026-01-19", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-21", "")], "2026-03-21"),
            ("2016-03-20", both, &[(CHILD, '-', "2026-01-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-21", "")], "1-"),
            // 10 to 17.
            ("2010-01-01", both, &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "2026-03-10"),
            ("2010-01-01", both, &[(CHILD, '+', "2026-03-10", "")], "2 3"),
            ("2010-01-01", both, &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '-', "2026-03-09", "")], "3-"),
            ("2010-01-01", both, &[(CHILD, '-', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "1-"),
            // A recorded basis stands in for a custody holder, never for the child.
            ("2010-01-01", both, &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '0', "2026-03-12", "")], "2026-03-12"),
            ("2010-01-01", both, &[(CHILD, '0', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "1"),
            ("2018-01-01", both, &[(MOTHER, '0', "2026-03-05", ""), (FATHER, '0', "2026-03-09", "")], "2 3"),
            ("2010-01-01", &[], &[(CHILD, '+', "2026-03-10", "")], "custody holder"),
            // The last word of each counts; a withdrawn yes is a no.
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '-', "2026-03-05", ""), (MOTHER, '+', "2026-03-15", "")], "2026-03-15"),
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (MOTHER, '-', "2026-03-15", "")], "2-"),
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "2026-03-20")], "2-"),
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "2026-03-20"), (MOTHER, '+', "2026-03-25", "")], "2026-03-25"),
            // A withdrawal ends every yes before it, and none after it.
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "2026-03-20"), (MOTHER, '+', "2026-03-15", "")], "2-"),
            ("2010-01-01", &[MOTHER], &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "2026-03-12"), (MOTHER, '+', "2026-03-15", "")], "2026-03-15"),
            // From 18 the person alone.
            ("2008-04-01", both, &[(CHILD, '+', "2026-04-01", ""), (MOTHER, '-', "2026-03-05", "")], "2026-04-01"),
            ("2008-04-02", both, &[(CHILD, '+', "2026-03-10", "")], "2 3"),
            // The 18th birthday drops the custody holders of an open offer: it counts from the birthday.
            ("2008-03-20", both, &[(CHILD, '+', "2026-03-10", "")], "2026-03-20"),
            ("2008-03-20", both, &[(CHILD, '+', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", ""), (FATHER, '+', "2026-03-09", "")], "2026-03-10"),
            // A yes for the time from 18 on is none before, and stands against no no.
            ("2010-01-01", &[MOTHER], &[(CHILD, 'a', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "")], "1"),
            ("2010-01-01", &[MOTHER], &[(CHILD, '-', "2026-03-08", ""), (CHILD, 'a', "2026-03-10", ""), (MOTHER, '+', "2026-03-05", "")], "1-"),
            ("2008-03-20", both, &[(CHILD, 'a', "2026-03-10", "")], "2026-03-20"),
            // Born on 29 February: of age on 1 March in a common year.
            ("2008-02-29", both, &[(CHILD, '+', "2026-03-01", "")], "2026-03-01"),
            // Nothing said at all; nobody knows the age.
            ("2008-02-29", both, &[], "1"),
            ("?", both, &[(CHILD, '+', "2026-03-10", "")], "birth date"),
        ];
        for (born_on, holders, words, expected) in cases {
            let found = accepted_at(&child(born_on, holders), &said(words), Zone::COPENHAGEN, day("2026-03-01"), day("2026-04-01"));
            assert_eq!(lack(found), *expected, "born {born_on}: {words:?}");
        }
    }

    #[test]
    fn each_moment_is_judged_with_the_custody_holders_of_its_date() {
        let on = |text: &str| text.parse::<NaiveDate>().ok();
        let yes: Words<'_> = &[(CHILD, '+', "2026-03-05", ""), (MOTHER, '+', "2026-03-06", "")];
        #[rustfmt::skip]
        let cases: &[(Option<NaiveDate>, Option<NaiveDate>, Words<'_>, &str)] = &[
            // the father's custody from and until, what he said, accepted on or who is missing; offered on 1 March 2026, asked on 1 April 2026
            (None, None, &[(FATHER, '-', "2026-03-09", "")], "3-"),
            // He said no, or nothing, while he held it: it counts from the day on which he did no longer.
            (None, on("2026-03-20"), &[(FATHER, '-', "2026-03-09", "")], "2026-03-20"),
            (None, on("2026-03-20"), &[], "2026-03-20"),
            // He said yes while he held it; he held it no more when the last of the others did; not since the offer.
            (None, on("2026-03-20"), &[(FATHER, '+', "2026-03-09", "")], "2026-03-09"),
            (None, on("2026-03-06"), &[(FATHER, '-', "2026-03-05", "")], "2026-03-06"),
            (None, on("2026-02-20"), &[], "2026-03-06"),
            // He holds it again: he is asked.
            (on("2026-03-25"), None, &[], "3"),
            (on("2026-03-25"), None, &[(FATHER, '+', "2026-03-26", "")], "2026-03-26"),
        ];
        for (from_on, until_on, his, expected) in cases {
            let mut child = child("2010-01-01", &[MOTHER]);
            child.custody.push(Custody { holder: id(FATHER), from_on: *from_on, until_on: *until_on });
            let found = accepted_at(&child, &said(&[yes, his].concat()), Zone::COPENHAGEN, day("2026-03-01"), day("2026-04-01"));
            assert_eq!(lack(found), *expected, "{from_on:?} {until_on:?} {his:?}");
        }
    }

    #[test]
    fn a_parent_without_a_birth_date_is_an_adult() {
        let parent = Participant { is_young: false, ..child("?", &[]) };
        let words = said(&[(CHILD, '+', "2026-03-10", "")]);
        assert_eq!(lack(accepted_at(&parent, &words, Zone::COPENHAGEN, day("2026-03-01"), day("2026-04-01"))), "2026-03-10");
    }

    #[test]
    fn from_18_a_course_runs_on_the_adults_own_consent() {
        let minor: Words<'_> = &[(CHILD, '+', "2025-06-01", ""), (MOTHER, '+', "2025-06-01", "")];
        let cases: &[(Words<'_>, bool, &str, bool)] = &[
            // further words, accepted as an adult, date, may run; 18 on 1 April 2026
            (&[], false, "2026-03-31", true),
            (&[], false, "2026-04-01", false),
            (&[(CHILD, 'a', "2026-02-20", "")], false, "2026-04-01", true),
            // Before it was asked for (60 days before, by the birth date as it is known now) it is nothing.
            (&[(CHILD, 'a', "2026-01-30", "")], false, "2026-04-01", false),
            (&[(CHILD, 'a', "2026-01-31", "")], false, "2026-04-01", true),
            (&[(CHILD, 'a', "2026-02-20", "2026-03-01")], false, "2026-04-01", false),
            (&[(CHILD, 'a', "2026-02-20", ""), (CHILD, '-', "2026-03-01", ""), (CHILD, '+', "2026-03-10", "")], false, "2026-04-01", false),
            (&[(CHILD, '+', "2026-02-20", "")], false, "2026-04-01", false),
            (&[(CHILD, '+', "2026-04-01", "")], false, "2026-04-01", true),
            (&[(CHILD, '+', "2026-04-10", "")], false, "2026-04-09", false),
            (&[(MOTHER, '-', "2026-03-01", "")], false, "2026-03-31", false),
            // A no for the time from 18 on is nothing before.
            (&[(CHILD, 'n', "2026-02-20", "")], false, "2026-03-31", true),
            (&[(CHILD, 'n', "2026-02-20", "")], false, "2026-04-01", false),
            (&[(CHILD, 'n', "2026-02-20", ""), (CHILD, 'a', "2026-03-01", "")], false, "2026-04-01", true),
            (&[(CHILD, 'a', "2026-02-20", ""), (CHILD, 'n', "2026-04-02", "")], false, "2026-04-03", false),
            // From 18 a custody holder's word is nothing.
            (&[(CHILD, 'a', "2026-02-20", ""), (MOTHER, '-', "2026-05-01", "")], false, "2026-05-02", true),
            (&[], true, "2026-04-01", true),
        ];
        for (further, as_adult, on, expected) in cases {
            let words = said(&[minor, further].concat());
            let found = may_run(&child("2008-04-01", &[MOTHER]), &words, Zone::COPENHAGEN, *as_adult, on.parse().unwrap());
            assert_eq!(found, *expected, "{further:?} on {on}");
        }
    }
}
