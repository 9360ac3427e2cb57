//! Decisions about members of staff: what may be set, linked, certified, entered. Pure.

use chrono::NaiveDate;

use super::model::{Certificate, Kind, LanguageTag, Leave, Terms};
use crate::access::Role;
use crate::base::calendar::two_years_from;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::value::Flaw;

/// More matches at a time than anybody could meet.
const CAPACITY_MOST: i32 = 50;

/// Every living language by one code: the two letters of ISO 639-1, or the three of ISO 639-3 where it has none (the registry's table of
/// February 2026).
const LANGUAGES: &str = include_str!("languages.txt");

/// Whether each language goes by its one code: with two codes of one language, nobody would have it in common.
///
/// # Errors
/// 422 at the first that does not.
pub fn check_languages(pointer: &str, languages: &[LanguageTag]) -> Result<()> {
    let is_unknown = |tag: &LanguageTag| LANGUAGES.split_ascii_whitespace().all(|known| known != tag.as_str());
    match languages.iter().position(is_unknown) {
        Some(at) => Err(Flaw::UnknownLanguage.refused(format!("{pointer}/{at}"))),
        None => Ok(()),
    }
}

/// Whether what is set makes sense by itself.
///
/// # Errors
/// 422.
pub fn check_terms(terms: &Terms) -> Result<()> {
    if terms.kinds.is_empty() {
        return Err(invalid("/kinds", Flaw::Empty, "Angiv mindst én", "Give at least one"));
    }
    if terms.languages.is_empty() {
        return Err(invalid("/languages", Flaw::Empty, "Angiv mindst ét sprog", "Give at least one language"));
    }
    if !(0..=CAPACITY_MOST).contains(&terms.capacity) {
        return Err(invalid("/capacity", Flaw::OutOfRange, "Antallet skal være 0 til 50", "The number must be 0 to 50"));
    }
    if terms.loan_until_on.is_some_and(|until| until < terms.from_on) {
        return Err(invalid("/loan_until_on", Flaw::BeforeStart, "Udlånet slutter, før det begynder", "The loan ends before it begins"));
    }
    Ok(())
}

/// Whether an account can be somebody's who does this: it can sign in, and holds the role of each kind. `None`: it cannot sign in.
///
/// # Errors
/// 422.
pub fn check_account(kinds: &[Kind], roles: Option<&[Role]>) -> Result<()> {
    let Some(roles) = roles else {
        return Err(invalid(
            "/account_id",
            Flaw::Unknown,
            "Kontoen findes ikke eller er lukket",
            "The account does not exist or is closed",
        ));
    };
    if kinds.iter().all(|kind| roles.contains(&kind.role())) {
        return Ok(());
    }
    Err(Flaw::LacksRole.refused("/account_id"))
}

/// Whether proofs can be as stated, seen from today.
///
/// # Errors
/// 422, naming the wrong one by its place in the list.
pub fn check_certificates(certificates: &[Certificate], today: NaiveDate) -> Result<()> {
    for (at, certificate) in certificates.iter().enumerate() {
        if certificate.issued_on > today {
            let pointer = format!("/certificates/{at}/issued_on");
            return Err(Flaw::AfterToday.refused(pointer));
        }
        if certificate.valid_until_on.is_some_and(|until| until < certificate.issued_on) {
            let pointer = format!("/certificates/{at}/valid_until_on");
            return Err(invalid(pointer, Flaw::BeforeStart, "Den udløber, før den er udstedt", "It ends before it was issued"));
        }
    }
    Ok(())
}

/// Whether a time away can be as stated, seen from today, beside those that stand. They may overlap; the very same stands once. It begins within two
/// years of today, before or after, and lasts two at most, which every illness and parental leave fits into, those too that are entered when they
/// have long begun. What lies beyond was typed wrong, and would close somebody for good.
///
/// # Errors
/// 422.
pub fn check_leave(new: &Leave, standing: &[Leave], today: NaiveDate) -> Result<()> {
    let Leave { kind, from_on, until_on, .. } = *new;
    if until_on < from_on {
        return Err(invalid("/until_on", Flaw::BeforeStart, "Fraværet slutter, før det begynder", "The leave ends before it begins"));
    }
    if from_on.max(today) > two_years_from(from_on.min(today)) {
        let (da, en) = ("Fravær begynder højst to år før eller efter i dag", "A leave begins within two years of today, before or after");
        return Err(invalid("/from_on", Flaw::TooFar, da, en));
    }
    if until_on > two_years_from(from_on) {
        return Err(invalid("/until_on", Flaw::TooLong, "Fravær varer højst to år", "A leave lasts two years at most"));
    }
    if standing.iter().any(|known| (known.kind, known.from_on, known.until_on) == (kind, from_on, until_on)) {
        return Err(invalid("/from_on", Flaw::Twice, "Det fravær er allerede skrevet ind", "That leave was entered already"));
    }
    Ok(())
}

/// Refuses to change what is known of somebody who left.
///
/// # Errors
/// 409.
pub fn check_in_service(left_on: Option<NaiveDate>) -> Result<()> {
    match left_on {
        None => Ok(()),
        Some(_) => Err(Problem::new(Code::WrongState).say("Medarbejderen er fratrådt", "The member of staff has left").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_code() {
        let tags = |tags: &[&str]| tags.iter().map(|tag| LanguageTag::parse(tag).unwrap()).collect::<Vec<_>>();
        assert!(check_languages("/languages", &tags(&["da", "ar", "so", "ku", "ckb", "kmr", "prs", "dsl"])).is_ok());
        for wrong in ["ara", "som", "xq", "und"] {
            let pointer = match check_languages("/languages", &tags(&["da", wrong])) {
                Err(crate::base::error::Error::Refused(problem)) => problem.errors[0].pointer.clone(),
                other => unreachable!("{wrong}: {other:?}"),
            };
            assert_eq!(pointer, "/languages/1");
        }
    }

    #[test]
    fn a_language_that_was_stored_by_another_code_is_read_by_its_one() {
        let read = |list: &str| LanguageTag::stored_list(list).iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(read("som da so ara kmr alb sqi"), ["ar", "da", "kmr", "so", "sq"]);
        let known = |code: &str| LANGUAGES.split_ascii_whitespace().any(|known| known == code);
        for pair in crate::staff::model::LANGUAGES_BEFORE.split_ascii_whitespace() {
            assert!(pair.split_once('=').is_some_and(|(before, code)| !known(before) && known(code)), "{pair}");
        }
    }
    use crate::base::error::Error;
    use crate::base::value::Line;
    use crate::staff::model::{CertificateKind, LeaveKind};

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    type Refusal = Option<(String, &'static str)>;

    fn flaw(result: Result<()>) -> Refusal {
        match result {
            Err(Error::Refused(problem)) => Some((problem.errors[0].pointer.clone(), problem.errors[0].code)),
            other => other.map(|()| None).unwrap(),
        }
    }

    fn is(pointer: &str, code: &'static str) -> Refusal {
        Some((pointer.to_owned(), code))
    }

    #[test]
    fn terms_make_sense() {
        type Change = fn(&mut Terms);
        let cases: &[(&str, Change, Refusal)] = &[
            ("sound", |_| {}, None),
            ("does nothing", |terms| terms.kinds.clear(), is("/kinds", "empty")),
            ("speaks nothing", |terms| terms.languages.clear(), is("/languages", "empty")),
            ("takes nobody for now", |terms| terms.capacity = 0, None),
            ("fewer than nobody", |terms| terms.capacity = -1, is("/capacity", "out_of_range")),
            ("most", |terms| terms.capacity = 50, None),
            ("too many", |terms| terms.capacity = 51, is("/capacity", "out_of_range")),
            ("lent for a day", |terms| terms.loan_until_on = Some(terms.from_on), None),
            ("lent backwards", |terms| terms.loan_until_on = Some(on("2026-02-28")), is("/loan_until_on", "before_start")),
        ];
        for (name, change, expected) in cases {
            let mut terms = Terms {
                name: Line::parse("Malte").unwrap(),
                kinds: vec![Kind::Mentor],
                languages: vec![LanguageTag::parse("da").unwrap()],
                municipality: Line::parse("Byen").unwrap(),
                loan_until_on: None,
                capacity: 3,
                from_on: on("2026-03-01"),
                account: None,
            };
            change(&mut terms);
            assert_eq!(flaw(check_terms(&terms)), *expected, "{name}");
        }
    }

    #[test]
    fn an_account_holds_the_role_of_each_kind() {
        use Kind::{Coordinator, Mentor, ParentCoach, Supervisor};
        let lacks = || is("/account_id", "lacks_role");
        let cases: [(&[Kind], Option<&[Role]>, _); 7] = [
            (&[Mentor], None, is("/account_id", "unknown")),
            (&[Mentor], Some(&[Role::Mentor]), None),
            (&[Mentor], Some(&[Role::ParentCoach]), lacks()),
            (&[Mentor, ParentCoach], Some(&[Role::Mentor]), lacks()),
            (&[Mentor, ParentCoach], Some(&[Role::Mentor, Role::ParentCoach]), None),
            (&[Coordinator, Supervisor], Some(&[Role::Supervisor, Role::Coordinator]), None),
            (&[Coordinator], Some(&[Role::Partner]), lacks()),
        ];
        for (kinds, roles, expected) in cases {
            assert_eq!(flaw(check_account(kinds, roles)), expected, "{kinds:?} {roles:?}");
        }
    }

    #[test]
    fn proofs_have_their_dates_in_order() {
        let proof = |issued: &str, until: Option<&str>| Certificate {
            kind: CertificateKind::ChildProtection,
            issued_on: on(issued),
            valid_until_on: until.map(on),
        };
        let sound = proof("2025-01-01", None);
        for (second, expected) in [
            (proof("2026-03-02", None), None),
            (proof("2026-03-03", None), is("/certificates/1/issued_on", "after_today")),
            (proof("2025-01-01", Some("2025-01-01")), None),
            (proof("2025-01-01", Some("2024-12-31")), is("/certificates/1/valid_until_on", "before_start")),
        ] {
            assert_eq!(flaw(check_certificates(&[sound, second], on("2026-03-02"))), expected, "{second:?}");
        }
        assert!(check_in_service(None).is_ok() && check_in_service(Some(on("2026-03-02"))).is_err());
    }

    #[test]
    fn a_leave_lies_near_today_and_is_entered_once() {
        let leave = |kind, from: &str, until: &str| {
            let id = crate::base::ids::Id::from_uuid(uuid::Uuid::nil());
            Leave { id, kind, from_on: on(from), until_on: on(until) }
        };
        let standing = [leave(LeaveKind::Holiday, "2026-07-01", "2026-07-14")];
        let (holiday, illness, parental) = (LeaveKind::Holiday, LeaveKind::Illness, LeaveKind::Parental);
        #[rustfmt::skip]
        let cases = [
            (holiday, "2026-07-20", "2026-07-20", None),
            (holiday, "2026-07-20", "2026-07-19", is("/until_on", "before_start")),
            (parental, "2026-05-01", "2027-10-31", None),
            (illness, "2024-09-02", "2026-08-31", None),
            (illness, "2024-03-02", "2026-03-02", None),
            (illness, "2024-03-01", "2026-03-01", is("/from_on", "too_far")),
            (holiday, "1900-01-01", "2199-12-31", is("/from_on", "too_far")),
            (holiday, "2028-03-02", "2028-03-20", None),
            (holiday, "2028-03-03", "2028-03-20", is("/from_on", "too_far")),
            (holiday, "2026-07-01", "2028-07-01", None),
            (holiday, "2026-07-01", "2028-07-02", is("/until_on", "too_long")),
            (parental, "2028-02-29", "2030-02-28", None),
            (parental, "2028-02-29", "2030-03-01", is("/until_on", "too_long")),
            // The very same; of another kind, or for longer, it is another.
            (holiday, "2026-07-01", "2026-07-14", is("/from_on", "twice")),
            (illness, "2026-07-01", "2026-07-14", None),
            (holiday, "2026-07-01", "2026-07-15", None),
        ];
        for (kind, from, until, expected) in cases {
            assert_eq!(flaw(check_leave(&leave(kind, from, until), &standing, on("2026-03-02"))), expected, "{from} {until}");
        }
    }

    #[test]
    fn language_tags_are_two_or_three_letters() {
        for (text, sound) in [("da", true), ("som", true), ("d", false), ("dans", false), ("DA", false), ("d1", false), ("", false)] {
            assert_eq!(LanguageTag::parse(text).is_some(), sound, "{text}");
        }
    }
}
