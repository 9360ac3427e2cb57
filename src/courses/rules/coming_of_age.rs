//! What stays planned from an 18th birthday on while the adult's own consent is missing (domain section 4, "Consents"). Pure.

use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate};

use super::consent::{may_run, words};
use crate::base::calendar::{Zone, birthday};
use crate::courses::model::{Participant, Said, Word};

/// The dates on which a session that is planned already stays without the adult's own consent: the 18th birthday and some days after it. `None`
/// where the birth date is not known, an adult accepted the course, or the last that they said for that time, by today, is a no.
pub fn grace(
    participant: &Participant,
    said: &[Said],
    zone: Zone,
    accepted_as_adult: bool,
    days: u32,
    today: NaiveDate,
) -> Option<RangeInclusive<NaiveDate>> {
    let of_age_on = birthday(participant.born_on?, 18);
    let by = zone.end_of(of_age_on.max(today));
    let has_refused = words(participant, said, zone, participant.person, by).next_back().is_some_and(|last| last.answer == Word::No);
    let last_on = of_age_on.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    (!accepted_as_adult && !has_refused).then_some(of_age_on..=last_on)
}

/// From which date on nothing stays planned of a course, by what was said by today: from the end of the grace on without the adult's own consent, from
/// the birthday itself where there is no grace. `None` where their own consent stands, or nobody knows the birthday.
pub fn lapses_on(
    participant: &Participant,
    said: &[Said],
    zone: Zone,
    accepted_as_adult: bool,
    days: u32,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let of_age_on = birthday(participant.born_on?, 18);
    if may_run(participant, said, zone, accepted_as_adult, of_age_on.max(today)) {
        return None;
    }
    match grace(participant, said, zone, accepted_as_adult, days, today) {
        Some(grace) => grace.end().succ_opt(),
        None => Some(of_age_on),
    }
}

#[cfg(test)]
mod tests {
    use super::super::consent::tests::{CHILD, MOTHER, Words, child, said};
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_planned_stays_for_some_days_after_the_birthday() {
        let words = said(&[(CHILD, '+', "2025-06-01", ""), (MOTHER, '+', "2025-06-01", "")]);
        let of = |born_on: &str, days| grace(&child(born_on, &[MOTHER]), &words, Zone::COPENHAGEN, false, days, on("2026-02-01"));
        assert_eq!(of("2008-02-29", 30), Some(on("2026-03-01")..=on("2026-03-31")));
        assert_eq!(of("2008-11-23", 0), Some(on("2026-11-23")..=on("2026-11-23")));
        assert_eq!(of("?", 30), None);
    }

    #[test]
    fn from_when_on_nothing_stays_planned() {
        let minor: Words<'_> = &[(CHILD, '+', "2025-06-01", ""), (MOTHER, '+', "2025-06-01", "")];
        let (birthday, beyond) = (Some("2026-04-01"), Some("2026-05-02"));
        let cases: &[(Words<'_>, bool, &str, Option<&str>)] = &[
            // further words, accepted as an adult, today, from when on nothing stays; 18 on 1 April 2026, and 30 days
            (&[], false, "2026-03-10", beyond),
            (&[], false, "2026-04-01", beyond),
            (&[], false, "2026-06-01", beyond),
            (&[(CHILD, 'a', "2026-02-20", "")], false, "2026-03-10", None),
            // Before it was asked for it is nothing.
            (&[(CHILD, 'a', "2026-01-30", "")], false, "2026-03-10", beyond),
            (&[(CHILD, '+', "2026-04-10", "")], false, "2026-04-20", None),
            // A no for the time from 18 on takes the grace as well; taken back it is as if nothing had been said.
            (&[(CHILD, 'n', "2026-02-20", "")], false, "2026-03-10", birthday),
            (&[(CHILD, 'a', "2026-02-20", ""), (CHILD, 'n', "2026-02-21", "")], false, "2026-03-10", birthday),
            (&[(CHILD, 'n', "2026-02-20", ""), (CHILD, 'a', "2026-03-01", "")], false, "2026-03-10", None),
            (&[(CHILD, 'n', "2026-02-20", ""), (CHILD, '+', "2026-03-01", "")], false, "2026-03-10", beyond),
            (&[(CHILD, 'a', "2026-02-20", "2026-03-01"), (CHILD, '+', "2026-03-02", "")], false, "2026-03-10", beyond),
            // A custody holder's word is nothing from then on.
            (&[(CHILD, 'a', "2026-02-20", ""), (MOTHER, '-', "2026-03-01", "")], false, "2026-03-10", None),
            (&[], true, "2026-06-01", None),
        ];
        for (further, as_adult, today, expected) in cases {
            let words = said(&[minor, further].concat());
            let found = lapses_on(&child("2008-04-01", &[MOTHER]), &words, Zone::COPENHAGEN, *as_adult, 30, on(today));
            assert_eq!(found, expected.map(on), "{further:?} on {today}");
        }
        let nobody_knows = lapses_on(&child("?", &[MOTHER]), &said(minor), Zone::COPENHAGEN, false, 30, on("2026-03-10"));
        assert_eq!(nobody_knows, None);
    }
}
