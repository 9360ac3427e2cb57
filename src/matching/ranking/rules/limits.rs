//! The hard limits (domain section 8): they filter, and each says so. What is not known passes no wish.

use chrono::NaiveDate;

use super::Common;
use crate::base::calendar::plus_months;
use crate::base::config::Pairing;
use crate::base::db::CodeSet;
use crate::courses::model::Track;
use crate::matching::proofs::Needs;
use crate::matching::ranking::model::{Ask, Between, Candidate, Exclusion};
use crate::staff::CertificateKind;

/// Everything that excludes a candidate who has this in common with the person; empty: eligible.
pub(super) fn exclusions(candidate: &Candidate, ask: &Ask, between: &Between, common: &Common, settings: &Pairing) -> CodeSet<Exclusion> {
    let (on, needs) = (ask.on, Needs::of(ask, settings));
    let on_leave = match candidate.leaves.as_slice() {
        [] => false,
        [leave] => is_away(*leave, ask),
        several => joined(several.to_vec()).into_iter().any(|absence| is_away(absence, ask)),
    };
    let employed = is_employed(candidate, on);
    let lent = candidate.loan_until_on.is_none_or(|last| ask.until <= last);
    let (too_far, far_unknown) = travel(candidate, ask, common);
    let (no_hour, hours_unknown) = hours(candidate, ask, common, settings);
    CodeSet::of_flags([
        !has_kind(candidate, ask),
        common.languages == 0,
        needs.is_child_on(on) && !holds(candidate, CertificateKind::ChildProtection, on),
        lacks_qualification(candidate, ask, &needs),
        ask.gender.is_some_and(|wished| candidate.gender != Some(wished)),
        no_hour,
        hours_unknown,
        too_far,
        far_unknown,
        is_full(candidate),
        on_leave,
        !employed,
        candidate.account_closed,
        !lent,
        between.in_family.iter().any(|track| track != ask.track),
        !ask.asked.same_family && between.in_family.contains(ask.track),
        between.supervises,
        between.is_barred,
        between.ended_badly,
        between.veto_of_person,
        between.veto_of_staff,
        between.was_declined && !ask.asked.again,
        between.knows_family && !ask.asked.again,
        between.is_proposed,
        // A no to a cover is about covers alone: whoever lists those adds it.
        false,
        between.is_unseen,
    ])
}

/// What excludes somebody as it is told to the caller: of `all` what they see by themselves (`seen`, in their own eyes); the rest is not available.
pub fn as_seen(all: CodeSet<Exclusion>, seen: CodeSet<Exclusion>) -> CodeSet<Exclusion> {
    all.iter().map(|exclusion| if seen.contains(exclusion) { exclusion } else { Exclusion::NotAvailable }).collect()
}

/// Whether a limit tells of the family, or of other matches of the two: of more than the person and the member of staff.
pub const fn tells_of_others(exclusion: Exclusion) -> bool {
    matches!(
        exclusion,
        Exclusion::OtherTrack
            | Exclusion::Sibling
            | Exclusion::Supervises
            | Exclusion::Bar
            | Exclusion::EarlierMatch
            | Exclusion::Declined
            | Exclusion::KnowsFamily
            | Exclusion::NotAvailable
    )
}

/// Whether a candidate meets such people at all.
pub fn has_kind(candidate: &Candidate, ask: &Ask) -> bool {
    match ask.track {
        Track::Mentor => candidate.mentor,
        Track::ParentCoach => candidate.parent_coach,
    }
}

/// Whether a candidate has no place left.
pub(super) fn is_full(candidate: &Candidate) -> bool {
    candidate.matches >= candidate.capacity
}

fn is_employed(candidate: &Candidate, on: NaiveDate) -> bool {
    candidate.from_on <= on && candidate.left_on.is_none_or(|left| on < left)
}

/// Whether somebody is at work on a day and may meet people, so that their places count.
pub fn is_there(candidate: &Candidate, on: NaiveDate) -> bool {
    let on_leave = candidate.leaves.iter().any(|(first, last)| *first <= on && on <= *last);
    let meets = !candidate.account_closed && (candidate.mentor || candidate.parent_coach);
    is_employed(candidate, on) && !on_leave && meets
}

/// Leaves as absences: those that overlap or adjoin are one.
fn joined(mut leaves: Vec<(NaiveDate, NaiveDate)>) -> Vec<(NaiveDate, NaiveDate)> {
    leaves.sort_unstable();
    let mut absences: Vec<(NaiveDate, NaiveDate)> = Vec::with_capacity(leaves.len());
    for (first, last) in leaves {
        match absences.last_mut() {
            Some((_, until)) if until.succ_opt().is_none_or(|next| first <= next) => *until = last.max(*until),
            _ => absences.push((first, last)),
        }
    }
    absences
}

/// On leave on the day, or for a month or more that begins within the match's first: nobody is to begin and lose their mentor at once.
fn is_away((first, last): (NaiveDate, NaiveDate), ask: &Ask) -> bool {
    let now = first <= ask.on && ask.on <= last;
    let is_month = last.succ_opt().is_none_or(|back_on| plus_months(first, 1) <= back_on);
    let soon = ask.on < first && first < plus_months(ask.on, 1) && first <= ask.until && is_month;
    now || soon
}

/// The first day of the next leave, where that begins before the match is expected to end.
pub fn leave_begins_on(candidate: &Candidate, ask: &Ask) -> Option<NaiveDate> {
    candidate.leaves.iter().map(|(first, _)| *first).filter(|first| ask.on < *first && *first <= ask.until).min()
}

fn holds(candidate: &Candidate, kind: CertificateKind, on: NaiveDate) -> bool {
    candidate.certificates.iter().any(|proof| proof.kind == kind && proof.is_valid_on(on))
}

fn lacks_qualification(candidate: &Candidate, ask: &Ask, needs: &Needs<'_>) -> bool {
    needs.on(ask.on).any(|kind| kind != CertificateKind::ChildProtection && !holds(candidate, kind, ask.on))
}

/// Whether they have no hour of the week in common; and whether that cannot be told, since one of them never said. Who said
/// nothing wishes for nothing in particular, unless the settings ask for it.
fn hours(candidate: &Candidate, ask: &Ask, common: &Common, settings: &Pairing) -> (bool, bool) {
    match (&candidate.hours, &ask.times) {
        (Some(_), Some(_)) => (common.shared_min == Some(0), false),
        (None, Some(_)) => (false, true),
        (_, None) => (false, settings.times_needed),
    }
}

/// Whether it is farther than one of the two goes; and whether one of them has a limit while nobody knows how far it is. Of a protected
/// address neither is asked: a coordinator finds a place for the two.
fn travel(candidate: &Candidate, ask: &Ask, common: &Common) -> (bool, bool) {
    if ask.is_protected {
        return (false, false);
    }
    let Some(limit) = [ask.travel_limit_km, candidate.travel_limit_km].into_iter().flatten().min() else { return (false, false) };
    match common.km {
        Some(km) => (km > limit, false),
        None => (false, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::db::Coded;
    use crate::matching::ranking::Asked;
    use crate::matching::ranking::rules::tests::{able, ask, lang, on};
    use crate::staff::model::Certificate;
    use crate::staff::profile::Gender;

    fn proof(kind: CertificateKind, issued: &str) -> Certificate {
        Certificate { kind, issued_on: on(issued), valid_until_on: None }
    }

    /// Born so long ago, to the day, on the day of [`ask`].
    fn aged(years: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026 - years, 3, 2)
    }

    type Change = fn(&mut Candidate, &mut Ask, &mut Between, &mut Pairing);

    /// What each limit is about: the pair as it must be for that one exclusion, and its removal. Day, set up, expected, removed.
    #[rustfmt::skip]
    const CASES: &[(&str, Change, &[Exclusion], Change)] = &[
        ("not a mentor", |c, _, _, _| c.mentor = false, &[Exclusion::Kind], |c, _, _, _| c.mentor = true),
        ("a mentor is no coach", |c, a, _, _| { c.parent_coach = false; a.track = Track::ParentCoach; }, &[Exclusion::Kind],
            |c, _, _, _| c.parent_coach = true),
        ("no language in common", |_, a, _, _| a.languages = vec![lang("so")], &[Exclusion::Language],
            |c, _, _, _| c.languages.push(lang("so"))),
        ("none of the languages that will do", |_, a, _, _| a.languages = vec![lang("so"), lang("ti")], &[Exclusion::Language],
            |c, _, _, _| c.languages.push(lang("ti"))),
        ("no certificate at 14", |c, a, _, _| { c.certificates.clear(); a.born_on = aged(14); }, &[Exclusion::Certificate],
            |_, a, _, _| a.born_on = aged(15)),
        ("another proof does not help", |c, _, _, _| c.certificates[0].kind = CertificateKind::QualificationUnder15, &[Exclusion::Certificate],
            |c, _, _, _| c.certificates[0].kind = CertificateKind::ChildProtection),
        ("certificate until the day before", |c, _, _, _| c.certificates[0].valid_until_on = Some(on("2026-03-01")), &[Exclusion::Certificate],
            |c, _, _, _| c.certificates[0].valid_until_on = Some(on("2026-03-02"))),
        ("certificate from the day after", |c, _, _, _| c.certificates[0].issued_on = on("2026-03-03"), &[Exclusion::Certificate],
            |c, _, _, _| c.certificates[0].issued_on = on("2026-03-02")),
        ("unknown age of a young person", |c, a, _, _| { c.certificates.clear(); a.born_on = None; }, &[Exclusion::Certificate],
            |_, a, _, _| a.track = Track::ParentCoach),
        ("not trained for children", |_, _, _, s| s.under_15_qualification = true, &[Exclusion::Qualification],
            |c, _, _, _| c.certificates.push(proof(CertificateKind::QualificationUnder15, "2026-03-02"))),
        ("training for children is not asked for at 15", |_, a, _, s| { s.under_15_qualification = true; a.born_on = None; }, &[Exclusion::Qualification],
            |_, a, _, _| a.born_on = aged(15)),
        ("not trained for adults", |_, a, _, s| { s.adult_qualification = true; a.born_on = aged(18); }, &[Exclusion::Qualification],
            |_, a, _, _| a.born_on = aged(17)),
        ("unknown age of a parent", |_, a, _, s| { s.adult_qualification = true; a.born_on = None; a.track = Track::ParentCoach; },
            &[Exclusion::Qualification], |c, _, _, _| c.certificates.push(proof(CertificateKind::QualificationAdults, "2020-01-01"))),
        ("another gender", |_, a, _, _| a.gender = Some(Gender::Man), &[Exclusion::Gender], |c, _, _, _| c.gender = Some(Gender::Man)),
        ("unknown gender", |c, a, _, _| { c.gender = None; a.gender = Some(Gender::Man); }, &[Exclusion::Gender], |_, a, _, _| a.gender = None),
        ("59 minutes in common", |_, a, _, _| a.times = Some(vec![(541, 600), (700, 800)]), &[Exclusion::Hours],
            |_, a, _, _| a.times = Some(vec![(540, 600), (700, 800)])),
        ("never the same hour", |_, a, _, _| a.times = Some(Vec::new()), &[Exclusion::Hours], |_, a, _, _| a.times = None),
        ("nobody knows when the mentor works", |c, a, _, _| { c.hours = None; a.times = Some(vec![(0, 10_080)]); }, &[Exclusion::HoursUnknown],
            |c, _, _, _| c.hours = Some(vec![(0, 60)])),
        ("nobody knows when the person can", |_, _, _, s| s.times_needed = true, &[Exclusion::HoursUnknown], |_, a, _, _| a.times = Some(vec![(480, 600)])),
        ("farther than the person goes", |_, a, _, _| a.travel_limit_km = Some(4), &[Exclusion::Travel], |_, a, _, _| a.travel_limit_km = Some(5)),
        ("farther than the mentor goes", |c, _, _, _| c.travel_limit_km = Some(4), &[Exclusion::Travel], |c, _, _, _| c.travel_limit_km = None),
        ("nobody knows where the mentor is", |c, a, _, _| { c.spot = None; a.travel_limit_km = Some(99); }, &[Exclusion::TravelUnknown],
            |_, a, _, _| a.travel_limit_km = None),
        ("nobody knows where the person is", |c, a, _, _| { a.spot = None; c.travel_limit_km = Some(99); }, &[Exclusion::TravelUnknown],
            |_, a, _, _| a.is_protected = true),
        ("full", |c, _, _, _| c.matches = 3, &[Exclusion::Capacity], |c, _, _, _| c.capacity = 4),
        ("last day of leave", |c, _, _, _| c.leaves[0] = (on("2026-02-01"), on("2026-03-02")), &[Exclusion::Leave],
            |c, _, _, _| c.leaves[0].1 = on("2026-03-01")),
        ("first day of leave", |c, _, _, _| c.leaves[0] = (on("2026-03-02"), on("2026-04-01")), &[Exclusion::Leave],
            |c, _, _, _| c.leaves[0].0 = on("2026-03-03")),
        ("a long leave begins tomorrow", |c, _, _, _| c.leaves[0] = (on("2026-03-03"), on("2026-04-02")), &[Exclusion::Leave],
            |c, _, _, _| c.leaves[0].1 = on("2026-04-01")),
        ("a long leave begins in the first month", |c, _, _, _| c.leaves[0] = (on("2026-04-01"), on("2026-12-01")), &[Exclusion::Leave],
            |c, _, _, _| c.leaves[0].0 = on("2026-04-02")),
        ("it begins after a short match", |c, a, _, _| { c.leaves[0] = (on("2026-03-20"), on("2026-12-01")); a.until = on("2026-03-20"); },
            &[Exclusion::Leave], |_, a, _, _| a.until = on("2026-03-19")),
        ("left that day", |c, _, _, _| c.left_on = Some(on("2026-03-02")), &[Exclusion::Left], |c, _, _, _| c.left_on = Some(on("2026-03-03"))),
        ("begins later", |c, _, _, _| c.from_on = on("2026-03-03"), &[Exclusion::Left], |c, _, _, _| c.from_on = on("2026-03-02")),
        ("cannot sign in", |c, _, _, _| c.account_closed = true, &[Exclusion::AccountClosed], |c, _, _, _| c.account_closed = false),
        ("the loan ends a day early", |c, _, _, _| c.loan_until_on = Some(on("2027-03-01")), &[Exclusion::Loan],
            |c, _, _, _| c.loan_until_on = Some(on("2027-03-02"))),
        ("coach of the father", |_, _, b, _| b.in_family.insert(Track::ParentCoach), &[Exclusion::OtherTrack], |_, _, b, _| b.in_family = CodeSet::new()),
        ("asking does not help there", |_, a, b, _| { b.in_family.insert(Track::ParentCoach); a.asked.same_family = true; }, &[Exclusion::OtherTrack],
            |_, _, b, _| b.in_family = CodeSet::new()),
        ("mentor of the sister", |_, _, b, _| b.in_family.insert(Track::Mentor), &[Exclusion::Sibling], |_, a, _, _| a.asked.same_family = true),
        ("supervises the father's coach", |_, a, b, _| { b.supervises = true; a.asked = Asked { same_family: true, again: true }; }, &[Exclusion::Supervises],
            |_, _, b, _| b.supervises = false),
        ("barred", |_, _, b, _| b.is_barred = true, &[Exclusion::Bar], |_, _, b, _| b.is_barred = false),
        ("it ended badly", |_, _, b, _| b.ended_badly = true, &[Exclusion::EarlierMatch], |_, _, b, _| b.ended_badly = false),
        ("the person will not", |_, _, b, _| b.veto_of_person = true, &[Exclusion::VetoOfPerson], |_, _, b, _| b.veto_of_person = false),
        ("the mentor will not", |_, _, b, _| b.veto_of_staff = true, &[Exclusion::VetoOfStaff], |_, _, b, _| b.veto_of_staff = false),
        ("said no before", |_, _, b, _| b.was_declined = true, &[Exclusion::Declined], |_, a, _, _| a.asked.again = true),
        ("knows the family", |_, _, b, _| b.knows_family = true, &[Exclusion::KnowsFamily], |_, a, _, _| a.asked.again = true),
        ("an hour in pieces", |c, a, _, _| { c.hours = Some(vec![(480, 520), (530, 600)]); a.times = Some(vec![(490, 580)]); },
            &[Exclusion::Hours], |_, a, _, _| a.times = Some(vec![(490, 590)])),
        ("twice the same pair", |_, _, b, _| b.is_proposed = true, &[Exclusion::Proposed], |_, _, b, _| b.is_proposed = false),
        ("something that is not for the caller to see", |_, a, b, _| { b.is_unseen = true; a.asked = Asked { same_family: true, again: true }; },
            &[Exclusion::NotAvailable], |_, _, b, _| b.is_unseen = false),
    ];

    fn exclusions(c: &Candidate, a: &Ask, b: &Between, s: &Pairing) -> CodeSet<Exclusion> {
        super::exclusions(c, a, b, &Common::of(c, a), s)
    }

    #[test]
    fn each_limit_excludes_says_so_and_is_the_only_one_in_the_way() {
        let mut seen: CodeSet<Exclusion> = CodeSet::default();
        for (name, set_up, expected, remove) in CASES {
            let (mut c, mut a, mut b, mut s) = (able(), ask(), Between::default(), Pairing::default());
            assert!(exclusions(&c, &a, &b, &s).is_empty(), "nothing is wrong to begin with");
            set_up(&mut c, &mut a, &mut b, &mut s);
            assert_eq!(exclusions(&c, &a, &b, &s).iter().collect::<Vec<_>>(), *expected, "{name}");
            expected.iter().for_each(|exclusion| seen.insert(*exclusion));
            remove(&mut c, &mut a, &mut b, &mut s);
            assert_eq!(exclusions(&c, &a, &b, &s).iter().collect::<Vec<_>>(), [], "{name}: removed");
        }
        // Covers add it.
        seen.insert(Exclusion::SaidNo);
        assert_eq!(seen.iter().collect::<Vec<_>>(), Exclusion::ALL, "each limit has a case");
    }

    #[test]
    fn what_excludes_is_told_as_far_as_the_caller_sees_it() {
        let set = |of: &[Exclusion]| of.iter().copied().collect::<CodeSet<_>>();
        let all = set(&[Exclusion::Capacity, Exclusion::Sibling, Exclusion::Bar]);
        let seen = set(&[Exclusion::Capacity, Exclusion::KnowsFamily, Exclusion::NotAvailable]);
        assert_eq!(as_seen(all, seen), set(&[Exclusion::Capacity, Exclusion::NotAvailable]));
        assert_eq!((as_seen(all, all), as_seen(all, set(&[]))), (all, set(&[Exclusion::NotAvailable])));
    }

    #[test]
    fn places_are_of_whoever_is_at_work_and_may_meet_people() {
        let (able, day) = (able(), on("2026-03-02"));
        assert!(is_there(&Candidate { mentor: false, ..able.clone() }, day), "a coach");
        for (name, gone) in [
            ("neither", Candidate { mentor: false, parent_coach: false, ..able.clone() }),
            ("closed", Candidate { account_closed: true, ..able.clone() }),
            ("left", Candidate { left_on: Some(day), ..able.clone() }),
            ("away", Candidate { leaves: vec![(day, day)], ..able.clone() }),
        ] {
            assert!(!is_there(&gone, day), "{name}");
        }
    }

    #[test]
    fn a_leave_that_begins_during_the_match_is_told() {
        let (mut c, mut a) = (able(), ask());
        c.leaves.push((on("2026-06-01"), on("2026-06-02")));
        assert_eq!(leave_begins_on(&c, &a), Some(on("2026-06-01")), "the first");
        a.until = on("2026-05-31");
        assert_eq!(leave_begins_on(&c, &a), None, "the match is over by then");
    }

    #[test]
    fn leaves_that_adjoin_are_one_absence() {
        let days = |days: &[(&str, &str)]| days.iter().map(|(first, last)| (on(first), on(last))).collect::<Vec<_>>();
        let joined_of = |leaves: &[(&str, &str)]| joined(days(leaves));
        let two = [("2026-03-21", "2026-04-10"), ("2026-03-01", "2026-03-20")];
        assert_eq!(joined_of(&two), days(&[("2026-03-01", "2026-04-10")]));
        assert_eq!(joined_of(&[("2026-03-01", "2026-03-31"), ("2026-03-05", "2026-03-10")]), days(&[("2026-03-01", "2026-03-31")]));
        assert_eq!(joined_of(&[("2026-03-01", "2026-03-10"), ("2026-03-12", "2026-03-20")]).len(), 2, "a day between");
        assert_eq!(joined_of(&[]), days(&[]));
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let (mut c, mut b) = (able(), Between::default());
        c.mentor = false;
        c.capacity = 0;
        b.is_barred = true;
        let found: Vec<Exclusion> = exclusions(&c, &ask(), &b, &Pairing::default()).iter().collect();
        assert_eq!(found, [Exclusion::Kind, Exclusion::Capacity, Exclusion::Bar]);
    }
}
