//! Whose words are enough, and since when: tables of families.

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
    let is_moment = text.contains('T');
    Instant::parse(&if is_moment { text.to_owned() } else { format!("{text}T12:00:00Z") }).unwrap()
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
fn whoever_is_asked_no_more_changes_nothing() {
    let (moment, before) = ("2026-03-19T23:00:00Z", "2026-03-19T22:59:59.999999Z");
    let all: Words<'_> = &[(CHILD, '+', "2026-03-13", ""), (MOTHER, '+', "2026-03-13", ""), (FATHER, '+', "2026-03-13", "")];
    let holders: Words<'_> = &[(MOTHER, '+', "2026-03-13", ""), (FATHER, '+', "2026-03-13", "")];
    let (turns_18, turns_15, turns_10) = ("2008-03-20", "2011-03-20", "2016-03-20");
    #[rustfmt::skip]
    let cases: &[(&str, Words<'_>, Words<'_>, Result<&str, &str>)] = &[
        // born, said, and said further; accepted at, or who is missing; offered on 1 March 2026, asked on 1 April 2026
        // From 18 a custody holder's word is nothing; before, it is what it is.
        (turns_18, all, &[(FATHER, '-', "2026-03-26", "")], Ok("2026-03-13")),
        (turns_18, all, &[(FATHER, '+', "2026-03-14", "2026-03-26")], Ok("2026-03-13")),
        (turns_18, all, &[(FATHER, '-', moment, "")], Ok("2026-03-13")),
        (turns_18, all, &[(FATHER, '-', before, "")], Ok(moment)),
        (turns_18, all, &[(FATHER, '-', "2026-03-18", ""), (FATHER, '+', "2026-03-19", "")], Ok("2026-03-19")),
        (turns_18, all, &[(FATHER, '-', "2026-03-18", ""), (FATHER, '+', "2026-03-26", "")], Ok(moment)),
        // Their own word is.
        (turns_18, all, &[(CHILD, '-', "2026-03-26", "")], Err("1-")),
        (turns_18, all, &[(CHILD, '-', "2026-03-26", ""), (CHILD, '+', "2026-03-28", "")], Ok("2026-03-28")),
        (turns_18, all, &[(CHILD, 'n', "2026-03-15", "")], Err("1-")),
        (turns_18, all, &[(CHILD, 'n', "2026-03-15", ""), (CHILD, 'a', "2026-03-18", "")], Ok("2026-03-13")),
        // Both said at the moment of the birthday, or just before it.
        (turns_18, &[(CHILD, '+', moment, ""), (MOTHER, '+', moment, ""), (FATHER, '+', moment, "")], &[], Ok(moment)),
        (turns_18, &[(CHILD, '+', moment, ""), (FATHER, '-', moment, "")], &[], Ok(moment)),
        (turns_18, &[(CHILD, '+', before, ""), (MOTHER, '+', before, ""), (FATHER, '+', before, "")], &[], Ok(before)),
        (turns_18, &[(CHILD, '+', before, ""), (MOTHER, '+', before, ""), (FATHER, '+', moment, "")], &[], Ok(moment)),
        // The 15th birthday asks the same.
        (turns_15, all, &[(FATHER, '-', "2026-03-26", "")], Err("3-")),
        (turns_15, all, &[(FATHER, '-', "2026-03-18", ""), (FATHER, '+', moment, "")], Ok(moment)),
        // So do the custody holders at the 10th; the child decides from then on.
        (turns_10, holders, &[(FATHER, '-', "2026-03-26", "")], Err("1 3-")),
        (turns_10, holders, &[(FATHER, '-', "2026-03-18", ""), (FATHER, '+', before, "")], Ok(before)),
        (turns_10, holders, &[(FATHER, '-', "2026-03-18", ""), (FATHER, '+', moment, "")], Err("1")),
        (turns_10, holders, &[(CHILD, '-', "2026-03-18", "")], Err("1-")),
        (turns_10, holders, &[(CHILD, '-', "2026-03-18", ""), (CHILD, '+', "2026-03-25", "")], Ok("2026-03-13")),
        (turns_10, holders, &[(CHILD, '-', moment, "")], Err("1-")),
        (turns_10, holders, &[(CHILD, '-', moment, ""), (CHILD, '+', "2026-03-25", "")], Ok("2026-03-25")),
    ];
    for (born_on, first, further, expected) in cases {
        let words = said(&[*first, *further].concat());
        let found = accepted_at(&child(born_on, &[MOTHER, FATHER]), &words, Zone::COPENHAGEN, day("2026-03-01"), day("2026-04-01"));
        match expected {
            Ok(at) => assert_eq!(found, Ok(day(at)), "born {born_on}: {further:?}"),
            Err(missing) => assert_eq!(lack(found), *missing, "born {born_on}: {further:?}"),
        }
    }
}

#[test]
fn custody_from_18_on_changes_nothing() {
    let on = |text: &str| text.parse::<NaiveDate>().ok();
    let words = said(&[(CHILD, '+', "2026-03-13", ""), (MOTHER, '+', "2026-03-13", "")]);
    // the mother's custody until, the father's from; accepted on: 18 on 20 March 2026, asked on 1 April 2026
    for (until_on, from_on, expected) in [
        (None, None, "2026-03-13"),
        (None, on("2026-03-25"), "2026-03-13"),
        (None, on("2026-03-20"), "2026-03-13"),
        (None, on("2026-03-19"), "2026-03-20"),
        (on("2026-03-25"), None, "2026-03-13"),
        (on("2026-03-20"), None, "2026-03-13"),
        (on("2026-03-19"), None, "2026-03-20"),
    ] {
        let mut grown = child("2008-03-20", &[]);
        grown.custody.push(Custody { holder: id(MOTHER), from_on: None, until_on });
        grown.custody.extend(from_on.map(|from_on| Custody { holder: id(FATHER), from_on: Some(from_on), until_on: None }));
        let found = accepted_at(&grown, &words, Zone::COPENHAGEN, day("2026-03-01"), day("2026-04-01"));
        assert_eq!(lack(found), expected, "{until_on:?} {from_on:?}");
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
