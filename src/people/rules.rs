//! Who is told, and how, and which names are the same: pure decisions.

use chrono::NaiveDate;

use super::model::{Contact, Reached};
use crate::base::calendar::{age_on, birthday};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::base::language::Language;
use crate::base::value::{Email, Flaw, folded};
use crate::messages::channels::Channel;

/// From this birthday on a young person's own number is used (domain section 7.2, our decision).
pub const OWN_NUMBER_AGE: u16 = 15;
/// From this birthday on a child's own word is asked for, too (domain section 4).
pub const OWN_WORD_AGE: u16 = 10;

/// A stated moment is not after now.
///
/// # Errors
/// 422 at `/happened_at`.
pub fn check_happened(at: Instant, now: Instant) -> Result<()> {
    if at > now {
        return Err(Flaw::AfterNow.refused("/happened_at"));
    }
    Ok(())
}

/// Whether somebody is old enough on a date to hold custody: parents under 18 do, too. An unknown birth date is an adult's.
pub fn may_hold_custody(born_on: Option<NaiveDate>, on: NaiveDate) -> bool {
    born_on.is_none_or(|born_on| age_on(born_on, on) >= OWN_NUMBER_AGE)
}

/// Whether a person's own contact is used on a date: an unknown birth date counts as a child's, since a child's reminder must not reach a number that
/// was given for somebody older.
pub fn has_own_contact(is_child_kind: bool, born_on: Option<NaiveDate>, on: NaiveDate) -> bool {
    born_on.map_or(!is_child_kind, |born_on| age_on(born_on, on) >= OWN_NUMBER_AGE)
}

/// The first day from which a young person's own contact is used by either of two birth dates, where by today it was used by the one and not by the
/// other. `None`: it was not; a day after today: it is so still.
pub fn read_alike_from(was_born_on: Option<NaiveDate>, born_on: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let own_from = |born_on: Option<NaiveDate>| born_on.map_or(NaiveDate::MAX, |born_on| birthday(born_on, OWN_NUMBER_AGE));
    let (before, after) = (own_from(was_born_on), own_from(born_on));
    (before != after && before.min(after) <= today).then_some(before.max(after))
}

/// Whose contact is used for a person's messages on a date.
pub fn recipient(
    person: PersonId,
    is_child_kind: bool,
    born_on: Option<NaiveDate>,
    chosen: Option<PersonId>,
    on: NaiveDate,
) -> Option<PersonId> {
    if has_own_contact(is_child_kind, born_on, on) { Some(person) } else { chosen }
}

/// How a contact can be used: the wished channel where it has an address, else the one that has.
pub fn reached(recipient: PersonId, contact: &Contact, language: Language) -> Reached {
    if contact.no_messages {
        return Reached::ByHand("no_messages");
    }
    let wished = contact.channel.filter(|channel| contact.address(*channel).is_some());
    let any = [Channel::Sms, Channel::Email].into_iter().find(|channel| contact.address(*channel).is_some());
    match wished.or(any) {
        Some(channel) => Reached::At { recipient, channel, language },
        None => Reached::ByHand("no_channel"),
    }
}

/// A contact without the addresses that are somebody else's, too, and without a wish for the channel of one: what is left does not tell of them.
pub fn without(contact: Contact, theirs: &Contact) -> Contact {
    let is_theirs = |email: &Email| theirs.email.as_ref().is_some_and(|other| folded(other.as_str()) == folded(email.as_str()));
    let phone = contact.phone.filter(|phone| theirs.phone.as_ref() != Some(phone));
    let email = contact.email.filter(|email| !is_theirs(email));
    let left = Contact { phone, email, ..contact };
    let channel = left.channel.filter(|channel| left.address(*channel).is_some());
    Contact { channel, ..left }
}

/// Whether a told name may be a known one: every part of the shorter stands in the longer, however it is written.
pub fn is_likely_name(told: &str, known: &str) -> bool {
    let (told, known) = (plain_name(told), plain_name(known));
    let (told, known): (Vec<&str>, Vec<&str>) = (told.split_whitespace().collect(), known.split_whitespace().collect());
    let (few, many) = if told.len() <= known.len() { (&told, &known) } else { (&known, &told) };
    !few.is_empty() && few.iter().all(|part| many.contains(part))
}

/// A name as it is compared: its parts in lower case with the common accents gone; hyphens and apostrophes part or join nothing.
pub fn plain_name(name: &str) -> String {
    let mut plain = String::new();
    for c in folded(name).chars() {
        match c {
            'å' => plain.push_str("aa"),
            'æ' | 'ä' => plain.push_str("ae"),
            'ø' | 'ö' => plain.push_str("oe"),
            'á' | 'à' | 'â' | 'ã' | 'ā' => plain.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ē' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' | 'ī' => plain.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' => plain.push('o'),
            'ú' | 'ù' | 'û' | 'ü' | 'ū' => plain.push('u'),
            'ý' | 'ÿ' => plain.push('y'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'ñ' | 'ń' => plain.push('n'),
            'š' | 'ś' | 'ş' => plain.push('s'),
            'ž' | 'ź' | 'ż' => plain.push('z'),
            'ğ' => plain.push('g'),
            'ł' => plain.push('l'),
            '-' => plain.push(' '),
            // The dot that lower case leaves of the Turkish capital I, and apostrophes.
            '\u{307}' | '\'' | '’' => {}
            c => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::IdSource;
    use crate::base::value::Phone;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn custody_is_held_from_the_fifteenth_birthday_on() {
        for (born_on, may) in [(None, true), (Some("2011-05-10"), true), (Some("2011-05-11"), false), (Some("2012-02-29"), false)] {
            assert_eq!(may_hold_custody(born_on.map(on), on("2026-05-10")), may, "{born_on:?}");
        }
    }

    #[test]
    fn two_birth_dates_have_the_own_contact_used_alike_from_the_later_fifteenth_birthday_on() {
        #[rustfmt::skip]
        let cases = [
            // one, the other; alike from, as of 2 March 2026
            (Some("2011-03-01"), Some("2010-03-01"), Some("2026-03-01")),
            (Some("2009-05-01"), Some("2009-05-11"), Some("2024-05-11")),
            (Some("2011-03-02"), Some("2011-03-03"), Some("2026-03-03")),
            (Some("2011-03-03"), Some("2011-03-04"), None),
            (Some("2010-05-01"), Some("2010-05-01"), None),
            (None, Some("2011-03-03"), None),
        ];
        for (one, other, expected) in cases {
            for (was, is) in [(one, other), (other, one)] {
                assert_eq!(read_alike_from(was.map(on), is.map(on), on("2026-03-02")), expected.map(on), "{was:?} {is:?}");
            }
        }
        assert!(read_alike_from(None, Some(on("2010-05-01")), on("2026-03-02")).is_some_and(|alike_on| alike_on > on("2026-03-02")));
    }

    #[test]
    fn a_parents_number_leaves_on_the_fifteenth_birthday() {
        let ids = IdSource::seeded(1);
        let (child, parent) = (ids.next(), ids.next());
        #[rustfmt::skip]
        let cases = [
            (true, Some("2011-05-10"), "2026-05-09", Some(parent)),
            (true, Some("2011-05-10"), "2026-05-10", Some(child)),
            // 29 February: the age is reached on 1 March in common years.
            (true, Some("2012-02-29"), "2027-02-28", Some(parent)),
            (true, Some("2012-02-29"), "2027-03-01", Some(child)),
            (true, None, "2026-05-10", Some(parent)),
            (false, None, "2026-05-10", Some(child)),
        ];
        for (is_child, born, day, expected) in cases {
            assert_eq!(recipient(child, is_child, born.map(on), Some(parent), on(day)), expected, "{born:?} {day}");
        }
        assert_eq!(recipient(child, true, Some(on("2015-01-01")), None, on("2026-01-01")), None, "none chosen, none told");
    }

    #[test]
    fn a_wish_without_an_address_falls_back_and_silence_is_kept() {
        let id = IdSource::seeded(1).next();
        let at = |channel| Reached::At { recipient: id, channel, language: Language::Danish };
        let (phone, email) = (Phone::parse("+4570101155").ok(), Email::parse("a@example.org").ok());
        let contact = |channel, phone: &Option<Phone>, email: &Option<Email>, no_messages| Contact {
            channel,
            phone: phone.clone(),
            email: email.clone(),
            no_messages,
            ..Contact::default()
        };
        #[rustfmt::skip]
        let cases = [
            (contact(Some(Channel::Email), &phone, &email, false), at(Channel::Email)),
            (contact(Some(Channel::Email), &phone, &None, false), at(Channel::Sms)),
            (contact(None, &phone, &email, false), at(Channel::Sms)),
            (contact(None, &None, &None, false), Reached::ByHand("no_channel")),
            (contact(Some(Channel::Sms), &phone, &email, true), Reached::ByHand("no_messages")),
        ];
        for (contact, expected) in cases {
            assert_eq!(reached(id, &contact, Language::Danish), expected);
        }
    }

    #[test]
    fn what_is_somebody_elses_too_is_not_theirs() {
        let contact =
            |phone: &str, email: &str| Contact { phone: Phone::parse(phone).ok(), email: Email::parse(email).ok(), ..Contact::default() };
        let own = contact("+4570101155", "a@example.org");
        assert_eq!(without(own.clone(), &contact("+4570101155", "b@example.org")), Contact { phone: None, ..own.clone() });
        for capitals in ["a@example.org", "A@example.org", "A@EXAMPLE.org"] {
            assert_eq!(without(own.clone(), &contact("+4570101166", capitals)), Contact { email: None, ..own.clone() }, "{capitals}");
        }
        let by_sms = Contact { channel: Some(Channel::Sms), ..own.clone() };
        assert_eq!(without(by_sms.clone(), &contact("+4570101155", "b@example.org")), Contact { phone: None, ..own.clone() });
        assert_eq!(without(by_sms.clone(), &contact("+4570101166", "a@example.org")), Contact { email: None, ..by_sms });
        assert_eq!(without(own.clone(), &Contact::default()), own);
    }

    #[test]
    fn names_are_known_however_they_are_written() {
        #[rustfmt::skip]
        let cases = [
            ("Søren Ågård", "soeren aagaard", true),
            ("José", "JOSE Álvarez", true),
            ("Anne-Marie  Holm", "Holm Anne Marie", true),
            ("Ali Hassan", "Ali Omar Hassan", true),
            ("İbrahim", "ibrahim yılmaz", true),
            ("D'Angelo", "dangelo", true),
            ("Ali Hassan", "Ali Hussein", false),
            ("Zoe\u{308} A\u{30a}kjær", "Zoë Åkjær", true),
            ("Al", "Ali", false),
            ("", "Ali", false),
            ("  ", "", false),
        ];
        for (told, known, likely) in cases {
            assert_eq!(is_likely_name(told, known), likely, "{told} {known}");
        }
    }
}
