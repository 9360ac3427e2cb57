//! What a match may do, as tables of cases.

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn says(accepted: bool, when: &str) -> Option<Answer> {
    Some(Answer { accepted, at: at(when) })
}

#[test]
fn an_unseen_match_is_mended_before_its_next_session() {
    let at = |text: &str| Instant::parse(text).unwrap();
    let (days, now) = ("2026-06-08T21:59:59.999999Z", "2026-06-04T10:00:00Z");
    #[rustfmt::skip]
    let cases = [
        ("nothing is planned", None, now, None, days),
        ("later than that", Some("2026-06-12T08:00:00Z"), now, None, days),
        ("on Saturday: by Friday", Some("2026-06-06T08:00:00Z"), now, None, "2026-06-05T21:59:59.999999Z"),
        ("today: before it", Some("2026-06-04T14:00:00Z"), now, None, "2026-06-04T14:00:00Z"),
        ("moved away", Some("2026-06-12T08:00:00Z"), now, Some("2026-06-05T21:59:59.999999Z"), days),
        ("late stays late", Some("2026-06-12T08:00:00Z"), "2026-06-06T08:00:00Z", Some("2026-06-05T21:59:59.999999Z"), "2026-06-05T21:59:59.999999Z"),
    ];
    for (name, next, now, known, expected) in cases {
        assert_eq!(mended_by(at(days), next.map(at), at(now), known.map(at), Zone::COPENHAGEN), at(expected), "{name}");
    }
}

#[test]
fn a_match_runs_from_the_later_of_two_yeses() {
    let (monday, friday) = ("2026-03-02T10:00:00Z", "2026-03-06T10:00:00Z");
    #[rustfmt::skip]
    let cases = [
        (None, None, None),
        (says(true, monday), None, None),
        (None, says(true, monday), None),
        (says(true, monday), says(true, friday), Some(at(friday))),
        (says(true, friday), says(true, monday), Some(at(friday))),
        (says(true, friday), says(false, monday), None),
        (says(false, friday), says(true, monday), None),
    ];
    for (staff, person, expected) in cases {
        assert_eq!(starts_at(staff, person), expected, "{staff:?} {person:?}");
    }
}

#[test]
fn a_yes_becomes_a_no_until_the_match_runs_and_a_no_stays() {
    use State::{Ended, Expired, Proposed, Refused, Running};
    let (monday, friday, late) = ("2026-03-02T10:00:00Z", "2026-03-06T10:00:00Z", "2026-04-01T10:00:00Z");
    // State, what the side has said, what it says now, whether that is taken.
    #[rustfmt::skip]
    let cases = [
        (Proposed, None, says(true, friday), true),
        (Proposed, None, says(false, friday), true),
        (Proposed, says(true, monday), says(false, friday), true),
        (Proposed, says(true, friday), says(false, friday), true),
        (Proposed, says(true, friday), says(false, monday), false),
        (Proposed, says(true, monday), says(true, friday), false),
        (Proposed, says(true, monday), says(false, late), false),
        (Refused, says(false, monday), says(true, friday), false),
        (Refused, says(false, monday), says(false, friday), false),
        (Refused, says(true, monday), says(false, late), true),
        (Expired, says(true, monday), says(false, late), true),
        (Expired, None, says(true, friday), false),
        (Running, says(true, monday), says(false, friday), false),
        (Ended, says(true, monday), says(false, friday), false),
    ];
    for (state, present, answer, expected) in cases {
        let found = check_answer((state, at("2026-03-16T22:59:59Z")), present, answer.unwrap());
        assert_eq!(found.is_ok(), expected, "{state:?} {present:?} {answer:?}");
    }
}

#[test]
fn a_no_has_its_reason_and_a_yes_says_that_they_do_not_know_them() {
    use DeclineReason::{KnowsThem, NoTime, TooFar};
    use Side::{Person, Staff};
    let given = |reason, knows_person| Given { reason, knows_person };
    // Side, yes or no, what is given with it, and the flaw.
    #[rustfmt::skip]
    let cases = [
        (Staff, true, given(None, Some(false)), None),
        (Staff, true, given(None, None), Some("required")),
        (Staff, true, given(None, Some(true)), Some("conflict_of_interest")),
        (Person, true, given(None, None), None),
        (Person, true, given(Some(NoTime), None), Some("not_declined")),
        (Staff, false, given(None, None), Some("required")),
        (Person, false, given(None, None), Some("required")),
        (Staff, false, given(Some(NoTime), Some(true)), None),
        (Staff, false, given(Some(KnowsThem), None), None),
        (Staff, false, given(Some(KnowsThem), Some(false)), Some("contradiction")),
        (Person, false, given(Some(TooFar), None), None),
    ];
    for (side, accepted, given, expected) in cases {
        let found = match check_given(side, accepted, given, false) {
            Err(crate::base::error::Error::Refused(problem)) => Some(problem.errors[0].code),
            other => other.map(|()| None).unwrap(),
        };
        assert_eq!(found, expected, "{side:?} {accepted} {given:?}");
    }
    assert!(check_given(Staff, true, given(None, Some(true)), true).is_ok(), "the unit knew when it asked again");
}

#[test]
fn a_first_meeting_is_still_to_come() {
    let (before, now) = (at("2026-03-02T09:59:59Z"), at("2026-03-02T10:00:00Z"));
    assert!(check_first_meeting(Some(before), now).is_err());
    assert!(check_first_meeting(Some(now), now).is_ok() && check_first_meeting(None, now).is_ok());
}

#[test]
fn a_stated_moment_lies_between_its_cause_and_now() {
    let (cause, now) = (at("2026-03-02T10:00:00Z"), at("2026-03-06T10:00:00Z"));
    for (stated_at, expected) in [
        (None, Some(now)),
        (Some(now), Some(now)),
        (Some(cause), Some(cause)),
        (Some(at("2026-03-06T10:00:01Z")), None),
        (Some(at("2026-03-02T09:59:59Z")), None),
    ] {
        assert_eq!(stated(stated_at, now, cause).ok(), expected);
    }
}

#[test]
fn an_agreement_is_possible() {
    let day: NaiveDate = "2026-03-02".parse().unwrap();
    let good = default_agreement(day);
    assert_eq!(good.expected_end_on, "2027-03-02".parse().unwrap());
    type Change = fn(&mut Agreed);
    #[rustfmt::skip]
    let cases: &[(Change, bool)] = &[
        (|_| {}, true),
        (|a| a.weekday = Some(0), false), (|a| a.weekday = Some(1), true), (|a| a.weekday = Some(7), true), (|a| a.weekday = Some(8), false),
        (|a| a.at_min = Some(0), true), (|a| a.at_min = Some(1439), true), (|a| a.at_min = Some(1440), false), (|a| a.at_min = Some(-1), false),
        (|a| a.length_min = 0, false), (|a| a.length_min = 4, false), (|a| a.length_min = 5, true), (|a| a.length_min = 1440, true),
        (|a| a.length_min = 1441, false),
        (|a| a.expected_end_on = "2026-03-01".parse().unwrap(), false), (|a| a.expected_end_on = "2026-03-02".parse().unwrap(), true),
    ];
    for (index, (change, possible)) in cases.iter().enumerate() {
        let mut agreed = good.clone();
        change(&mut agreed);
        assert_eq!(check_agreement(&agreed, None, day).is_ok(), *possible, "{index}");
    }
    // What stands stays, until it is another.
    let short = Agreed { length_min: 1, ..good };
    assert!(check_agreement(&short, Some(1), day).is_ok() && check_agreement(&short, Some(90), day).is_err());
}

#[test]
fn an_expected_end_that_is_over_is_as_if_nothing_was_said() {
    let on = |text: &str| text.parse::<NaiveDate>().unwrap();
    let agreed = default_agreement(on("2026-03-02"));
    let cases = [("2026-03-02", "2027-03-02"), ("2027-03-02", "2027-03-02"), ("2027-03-03", "2028-03-03")];
    for (today, expected) in cases {
        assert_eq!(expected_end(&agreed, on(today)), on(expected), "{today}");
    }
}

#[test]
fn the_grace_is_counted_in_elapsed_days() {
    assert_eq!(grace_until(at("2026-03-02T10:00:00Z"), 14), at("2026-03-16T10:00:00Z"));
    assert_eq!(grace_until(at("2026-03-02T10:00:00Z"), 0), at("2026-03-02T10:00:00Z"));
    for (ended_at, grace_days, now, expected) in [
        (None, 14, "2026-03-30T10:00:00Z", true),
        (Some("2026-03-02T10:00:00Z"), 14, "2026-03-16T09:59:59.999999Z", true),
        (Some("2026-03-02T10:00:00Z"), 14, "2026-03-16T10:00:00Z", false),
        (Some("2026-03-02T10:00:00Z"), 0, "2026-03-02T10:00:00Z", false),
    ] {
        assert_eq!(is_in_grace(ended_at.map(at), grace_days, at(now)), expected, "{ended_at:?} {grace_days} {now}");
    }
}
