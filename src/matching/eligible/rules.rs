//! The hard limits (domain section 8): they filter, and each says so. What ranks softly is left to a person.

use super::model::{Ask, Candidate, Exclusion};
use crate::base::calendar::age_on;
use crate::courses::model::Track;

/// From this age on nobody needs a child-protection certificate to meet somebody (domain section 5, "Match").
const CERTIFICATE_UNTIL: u16 = 15;

/// Everything that excludes a candidate, in the order of the vocabulary; empty: eligible.
pub fn exclusions(candidate: &Candidate, ask: &Ask) -> Vec<Exclusion> {
    let on = ask.on;
    let has_kind = match ask.track {
        Track::Mentor => candidate.mentor,
        Track::ParentCoach => candidate.parent_coach,
    };
    let certified = candidate.certificates.iter().any(|(issued, until)| *issued <= on && until.is_none_or(|until| on <= until));
    let on_leave = candidate.leaves.iter().any(|(first, last)| *first <= on && on <= *last);
    let employed = candidate.from_on <= on && candidate.left_on.is_none_or(|left| on < left);
    let lent = candidate.loan_until_on.is_none_or(|last| on <= last);
    [
        (Exclusion::Kind, !has_kind),
        (Exclusion::Language, !candidate.languages.contains(&ask.language)),
        (Exclusion::Certificate, needs_certificate(ask) && !certified),
        (Exclusion::Capacity, candidate.matches >= i64::from(candidate.capacity)),
        (Exclusion::Leave, on_leave),
        (Exclusion::Left, !employed),
        (Exclusion::Loan, !lent),
        (Exclusion::OtherTrack, candidate.in_family.iter().any(|track| *track != ask.track)),
        (Exclusion::Sibling, !ask.same_family && candidate.in_family.contains(&ask.track)),
        (Exclusion::Bar, candidate.is_barred),
        (Exclusion::Proposed, candidate.is_proposed),
    ]
    .into_iter()
    .filter_map(|(exclusion, holds)| holds.then_some(exclusion))
    .collect()
}

/// Under 15 on the day; a young person whose birth date is not known counts as a child.
fn needs_certificate(ask: &Ask) -> bool {
    match ask.born_on {
        Some(born_on) => age_on(born_on, ask.on) < CERTIFICATE_UNTIL,
        None => ask.track == Track::Mentor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::StaffId;
    use chrono::NaiveDate;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn able() -> Candidate {
        Candidate {
            staff: StaffId::from_uuid(uuid::Uuid::nil()),
            account: None,
            mentor: true,
            parent_coach: true,
            languages: vec!["da".into(), "ar".into()],
            certificates: vec![(on("2025-01-01"), Some(on("2026-12-31")))],
            leaves: vec![(on("2026-07-01"), on("2026-07-14"))],
            capacity: 3,
            from_on: on("2020-01-01"),
            left_on: None,
            loan_until_on: None,
            matches: 2,
            in_family: Vec::new(),
            is_proposed: false,
            is_barred: false,
        }
    }

    /// A boy who turns 15 on 10 May 2026.
    fn ask(day: &str) -> Ask {
        Ask { track: Track::Mentor, on: on(day), born_on: Some(on("2011-05-10")), language: "da".into(), same_family: false }
    }

    #[test]
    fn each_limit_excludes_and_says_so() {
        type Change = fn(&mut Candidate, &mut Ask);
        #[rustfmt::skip]
        let cases: &[(&str, &str, Change, &[Exclusion])] = &[
            ("nothing is wrong", "2026-03-02", |_, _| {}, &[]),
            ("not a mentor", "2026-03-02", |c, _| c.mentor = false, &[Exclusion::Kind]),
            ("a mentor is no coach", "2026-03-02", |c, a| { c.parent_coach = false; a.track = Track::ParentCoach; }, &[Exclusion::Kind]),
            ("no language in common", "2026-03-02", |_, a| a.language = "so".into(), &[Exclusion::Language]),
            ("no certificate", "2026-03-02", |c, _| c.certificates.clear(), &[Exclusion::Certificate]),
            ("last day of the certificate", "2026-03-02", |c, _| c.certificates = vec![(on("2025-01-01"), Some(on("2026-03-02")))], &[]),
            ("the day after it", "2026-03-02", |c, _| c.certificates = vec![(on("2025-01-01"), Some(on("2026-03-01")))], &[Exclusion::Certificate]),
            ("issued later", "2026-03-02", |c, _| c.certificates = vec![(on("2026-03-03"), None)], &[Exclusion::Certificate]),
            ("none needed on the 15th birthday", "2026-05-10", |c, _| c.certificates.clear(), &[]),
            ("but the day before", "2026-05-09", |c, _| c.certificates.clear(), &[Exclusion::Certificate]),
            ("unknown age of a young person", "2026-03-02", |c, a| { c.certificates.clear(); a.born_on = None; }, &[Exclusion::Certificate]),
            ("unknown age of a parent", "2026-03-02", |c, a| { c.certificates.clear(); a.born_on = None; a.track = Track::ParentCoach; }, &[]),
            ("full", "2026-03-02", |c, _| c.matches = 3, &[Exclusion::Capacity]),
            ("first day of leave", "2026-07-01", |_, _| {}, &[Exclusion::Leave]),
            ("last day of leave", "2026-07-14", |_, _| {}, &[Exclusion::Leave]),
            ("back", "2026-07-15", |_, _| {}, &[]),
            ("left that day", "2026-03-02", |c, _| c.left_on = Some(on("2026-03-02")), &[Exclusion::Left]),
            ("begins later", "2026-03-02", |c, _| c.from_on = on("2026-03-03"), &[Exclusion::Left]),
            ("last day of the loan", "2026-03-02", |c, _| c.loan_until_on = Some(on("2026-03-02")), &[]),
            ("the loan is over", "2026-03-02", |c, _| c.loan_until_on = Some(on("2026-03-01")), &[Exclusion::Loan]),
            ("coach of the father", "2026-03-02", |c, _| c.in_family = vec![Track::ParentCoach], &[Exclusion::OtherTrack]),
            ("asking does not help there", "2026-03-02", |c, a| { c.in_family = vec![Track::ParentCoach]; a.same_family = true; }, &[Exclusion::OtherTrack]),
            ("mentor of the sister", "2026-03-02", |c, _| c.in_family = vec![Track::Mentor], &[Exclusion::Sibling]),
            ("asked for", "2026-03-02", |c, a| { c.in_family = vec![Track::Mentor]; a.same_family = true; }, &[]),
            ("barred", "2026-03-02", |c, _| c.is_barred = true, &[Exclusion::Bar]),
            ("twice the same pair", "2026-03-02", |c, _| c.is_proposed = true, &[Exclusion::Proposed]),
            ("all that is wrong is said", "2026-03-02", |c, _| { c.mentor = false; c.capacity = 0; c.is_barred = true; },
                &[Exclusion::Kind, Exclusion::Capacity, Exclusion::Bar]),
        ];
        for (name, day, change, expected) in cases {
            let (mut candidate, mut ask) = (able(), ask(day));
            change(&mut candidate, &mut ask);
            assert_eq!(exclusions(&candidate, &ask), *expected, "{name}");
        }
    }
}
