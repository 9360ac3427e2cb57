//! What a person's 10th, 15th and 18th birthday ask for while a course of theirs is open, and what answers it (domain section 4). Pure.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};

use super::Dated;
use super::consent::words;
use crate::base::calendar::{Calendar, Zone, birthday};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, Words};
use crate::base::value::Flaw;
use crate::courses::model::{Participant, Said, Word};
use crate::duties::Kind;

/// What birthdays ask for while a course is open: ask the child; the child's own number; own consent on the adult basis.
pub const KINDS: [Kind; 3] = [Kind::Turns10, Kind::Turns15, Kind::Turns18];

/// The ages reached on them.
const AGES: [u16; 3] = [10, 15, 18];

/// The birthdays after the day a course was accepted, on which the age was asked; each opens `lead_days` before and is due at its end.
pub fn birthdays(calendar: Calendar, lead_days: u32, born_on: NaiveDate, accepted_at: Instant) -> Vec<Dated> {
    let accepted_on = calendar.zone.date(accepted_at);
    let days = KINDS.into_iter().zip(AGES.map(|age| birthday(born_on, age))).filter(|(_, day)| *day > accepted_on);
    let dated = |(kind, day): (Kind, NaiveDate)| Dated {
        kind,
        slot: day.to_string(),
        opens_at: calendar.opens_before(accepted_at, day, lead_days),
        due_at: calendar.zone.end_of(day),
    };
    days.map(dated).collect()
}

/// Since when somebody is asked for what a birthday asks: some days before it, from the beginning of that day.
pub fn asked_from(born_on: NaiveDate, age: u16, lead_days: u32, zone: Zone) -> Instant {
    let day = birthday(born_on, age);
    zone.start_of(day.checked_sub_days(Days::new(u64::from(lead_days))).unwrap_or(day))
}

/// A word for the time from 18 on is given once it is asked for, and not before.
///
/// # Errors
/// 422 at `/happened_at`, and the first day on which it may be given; at `/adult_basis` where nobody knows a young person's age.
pub fn check_adult_basis(participant: &Participant, zone: Zone, at: Instant) -> Result<()> {
    let Some(from) = participant.adult_from else {
        return if participant.is_young { Err(Flaw::NoBirthDate.refused("/adult_basis")) } else { Ok(()) };
    };
    if at >= from {
        return Ok(());
    }
    let first_on = zone.date(from);
    let mut problem = Problem::new(Code::Invalid).wrong(Flaw::BeforeAsked.at("/happened_at"));
    problem.detail = Some(Box::new(Words {
        da: Cow::Owned(format!("For tiden fra 18 år kan der tidligst siges noget den {first_on}")),
        en: Cow::Owned(format!("Nothing can be said for the time from 18 on before {first_on}")),
    }));
    Err(problem.into())
}

/// Whether a birthday asks for a word of whoever takes part, without which their course may not run from then on. At 15 nothing is to be said.
pub const fn asks_for_a_word(birthday_of: Kind) -> bool {
    matches!(birthday_of, Kind::Turns10 | Kind::Turns18)
}

/// Whether a word is one that a birthday asks for: at 10 the child's own yes, at 18 one for the time from then on.
fn answers(participant: &Participant, zone: Zone, birthday_of: Kind, said: &Said) -> bool {
    let is_own_yes = said.giver == participant.person && said.answer == Word::Yes;
    let is_adults = || participant.born_on.is_some_and(|born_on| said.at >= zone.start_of(birthday(born_on, 18)));
    is_own_yes && (birthday_of == Kind::Turns10 || birthday_of == Kind::Turns18 && (said.adult_basis || is_adults()))
}

/// What whoever takes part has said themselves by a moment that counts for a birthday; what is said for the time from 18 on is asked for as of then.
fn own_words<'a>(
    participant: &'a Participant,
    said: &'a [Said],
    zone: Zone,
    birthday_of: Kind,
    by: Instant,
) -> Option<impl DoubleEndedIterator<Item = &'a Said>> {
    let grown_up_at = zone.start_of(birthday(participant.born_on?, 18));
    let at = if birthday_of == Kind::Turns18 { by.max(grown_up_at) } else { by };
    Some(words(participant, said, zone, participant.person, at))
}

/// Whether it was a word that kept the promise of a birthday at a moment: one that it asks for, perhaps taken back since, or a no. One for the time
/// from 18 on was asked for when it was recorded, also where by now that begins later.
pub fn was_kept_by_word(participant: &Participant, said: &[Said], zone: Zone, birthday_of: Kind, at: Instant) -> bool {
    let as_recorded = Participant { adult_from: None, ..participant.clone() };
    own_words(&as_recorded, said, zone, birthday_of, at)
        .into_iter()
        .flatten()
        .any(|said| said.at == at && (said.answer == Word::No || answers(participant, zone, birthday_of, said)))
}

/// When what a birthday asks for was said, as it stands now: the first such word since the last no. `None`: it is still to be asked.
pub fn answered_at(participant: &Participant, said: &[Said], zone: Zone, birthday_of: Kind, now: Instant) -> Option<Instant> {
    let own = own_words(participant, said, zone, birthday_of, now)?.rev().take_while(|said| said.answer == Word::Yes);
    own.filter(|said| answers(participant, zone, birthday_of, said)).last().map(|said| said.at)
}

#[cfg(test)]
mod tests {
    use super::super::consent::tests::{self as consent, CHILD, MOTHER, child, day, said};
    use super::*;
    use crate::base::error::Error;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Born, accepted, and what is promised: kind, opens, due.
    type Birthdays<'a> = (&'a str, &'a str, &'a [(Kind, &'a str, &'a str)]);

    #[test]
    fn birthdays_that_are_still_to_come() {
        #[rustfmt::skip]
        let cases: [Birthdays<'_>; 6] = [
            ("2010-06-20", "2026-01-10T12:00:00Z", &[(Kind::Turns18, "2028-04-20T22:00:00Z", "2028-06-20T21:59:59.999999Z")]),
            // On the birthday itself it was accepted as an adult.
            ("2008-01-10", "2026-01-10T12:00:00Z", &[]),
            ("2008-01-11", "2026-01-10T12:00:00Z", &[(Kind::Turns18, "2026-01-10T12:00:00Z", "2026-01-11T22:59:59.999999Z")]),
            ("2008-01-09", "2026-01-10T12:00:00Z", &[]),
            // 29 February: 1 March in a common year.
            ("2012-02-29", "2026-01-10T12:00:00Z", &[
                (Kind::Turns15, "2026-12-30T23:00:00Z", "2027-03-01T22:59:59.999999Z"),
                (Kind::Turns18, "2029-12-30T23:00:00Z", "2030-03-01T22:59:59.999999Z"),
            ]),
            ("2016-03-01", "2026-01-10T12:00:00Z", &[
                (Kind::Turns10, "2026-01-10T12:00:00Z", "2026-03-01T22:59:59.999999Z"),
                (Kind::Turns15, "2030-12-30T23:00:00Z", "2031-03-01T22:59:59.999999Z"),
                (Kind::Turns18, "2033-12-30T23:00:00Z", "2034-03-01T22:59:59.999999Z"),
            ]),
        ];
        for (born, accepted, expected) in cases {
            let found = birthdays(Calendar::default(), 60, on(born), at(accepted));
            let found: Vec<_> = found.iter().map(|dated| (dated.kind, dated.opens_at, dated.due_at)).collect();
            assert_eq!(found, expected.iter().map(|(kind, opens, due)| (*kind, at(opens), at(due))).collect::<Vec<_>>(), "{born}");
        }
    }

    #[test]
    fn a_birthday_is_answered_by_the_word_that_it_asks_for() {
        let minor: consent::Words<'_> = &[(CHILD, '+', "2025-06-01", ""), (MOTHER, '+', "2025-06-01", "")];
        let cases: &[(&str, Kind, consent::Words<'_>, &str, Option<&str>)] = &[
            // born, which birthday, further words, asked on, answered on
            ("2008-04-01", Kind::Turns18, &[], "2026-03-10", None),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-02-20", "")], "2026-03-10", Some("2026-02-20")),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-01-30", "")], "2026-03-10", None),
            // What is said besides leaves it; a no, or its withdrawal, takes it back.
            (
                "2008-04-01",
                Kind::Turns18,
                &[(CHILD, 'a', "2026-02-20", ""), (CHILD, '+', "2026-03-01", "")],
                "2026-03-10",
                Some("2026-02-20"),
            ),
            (
                "2008-04-01",
                Kind::Turns18,
                &[(CHILD, 'a', "2026-02-20", ""), (MOTHER, '-', "2026-03-01", "")],
                "2026-03-10",
                Some("2026-02-20"),
            ),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-02-20", ""), (CHILD, 'n', "2026-03-01", "")], "2026-03-10", None),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-02-20", "2026-03-01"), (CHILD, '+', "2026-03-02", "")], "2026-03-10", None),
            // From the birthday on any yes of theirs is for the time from then on.
            ("2008-04-01", Kind::Turns18, &[(CHILD, '+', "2026-04-02", "")], "2026-04-03", Some("2026-04-02")),
            ("2008-04-01", Kind::Turns18, &[(MOTHER, '+', "2026-04-02", "")], "2026-04-03", None),
            // The child's own, since it is asked for before the 10th birthday.
            ("2016-04-01", Kind::Turns10, &[], "2026-04-01", None),
            ("2016-04-01", Kind::Turns10, &[(CHILD, '+', "2026-01-30", "")], "2026-04-01", None),
            (
                "2016-04-01",
                Kind::Turns10,
                &[(CHILD, '+', "2026-01-31", ""), (CHILD, '+', "2026-03-01", "")],
                "2026-04-01",
                Some("2026-01-31"),
            ),
            ("2011-04-01", Kind::Turns15, &[(CHILD, '+', "2026-03-01", "")], "2026-04-01", None),
        ];
        for (born_on, kind, further, now, expected) in cases {
            let words = said(&[minor, further].concat());
            let found = answered_at(&child(born_on, &[MOTHER]), &words, Zone::COPENHAGEN, *kind, day(now));
            assert_eq!(found, expected.map(day), "{born_on} {kind} {further:?}");
        }
    }

    #[test]
    fn what_kept_a_birthday_was_a_word_or_a_hand() {
        #[rustfmt::skip]
        let cases: &[(&str, Kind, consent::Words<'_>, &str, bool)] = &[
            // born, which birthday, what was said, kept on, by a word
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-02-20", "2026-03-01")], "2026-02-20", true),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-02-20", "")], "2026-02-21", false),
            // By now it would be asked for only from the day after.
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'a', "2026-01-30", "")], "2026-01-30", true),
            ("2008-04-01", Kind::Turns18, &[(CHILD, 'n', "2026-02-20", "")], "2026-02-20", true),
            ("2008-04-01", Kind::Turns18, &[(CHILD, '+', "2026-02-20", "")], "2026-02-20", false),
            ("2008-04-01", Kind::Turns18, &[(MOTHER, '-', "2026-02-20", "")], "2026-02-20", false),
            ("2016-04-01", Kind::Turns10, &[(CHILD, '+', "2026-03-01", "2026-03-05")], "2026-03-01", true),
            ("2016-04-01", Kind::Turns10, &[(MOTHER, '+', "2026-03-01", "")], "2026-03-01", false),
        ];
        for (born_on, kind, words, kept_on, expected) in cases {
            let by_word = was_kept_by_word(&child(born_on, &[MOTHER]), &said(words), Zone::COPENHAGEN, *kind, day(kept_on));
            assert_eq!(by_word, *expected, "{born_on} {kind} {words:?} {kept_on}");
        }
    }

    #[test]
    fn a_word_for_the_time_from_18_on_is_given_once_it_is_asked_for() {
        let zone = Zone::COPENHAGEN;
        let refused = |participant: &Participant, stated: &str| match check_adult_basis(participant, zone, at(stated)) {
            Err(Error::Refused(problem)) => Some((problem.errors[0].code, problem.detail.map(|words| words.en.into_owned()))),
            other => other.map(|()| None).unwrap(),
        };
        let boy = child("2008-04-01", &[MOTHER]);
        let first_on = "Nothing can be said for the time from 18 on before 2026-01-31".to_owned();
        assert_eq!(refused(&boy, "2026-01-30T22:59:59Z"), Some(("before_asked", Some(first_on))));
        assert_eq!(refused(&boy, "2026-01-30T23:00:00Z"), None);
        assert_eq!(refused(&child("?", &[MOTHER]), "2026-01-30T23:00:00Z"), Some(("no_birth_date", None)));
        let parent = Participant { is_young: false, ..child("?", &[]) };
        assert_eq!(refused(&parent, "2026-01-30T23:00:00Z"), None);
    }
}
