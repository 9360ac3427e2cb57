//! What a set promises, on fields made by chance from a seed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::*;
use crate::base::config::Pairing;
use crate::base::db::{CodeSet, Coded};
use crate::base::ids::{CourseId, IdSource};
use crate::courses::model::Track;
use crate::matching::ranking::model::TraitSets;
use crate::matching::ranking::{Ask, Asked};
use crate::matching::runs::model::ChangeKind;
use crate::staff::CertificateKind;
use crate::staff::model::LanguageTag;

/// The same numbers in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn languages(&mut self) -> Vec<LanguageTag> {
        let all = ["da", "so", "ar"].map(|tag| LanguageTag::parse(tag).unwrap());
        all.into_iter().filter(|_| self.below(3) > 0).collect()
    }
}

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn member(ids: &IdSource, chance: &mut Chance) -> Candidate {
    let certificate = Certificate { kind: CertificateKind::ChildProtection, issued_on: on("2025-01-01"), valid_until_on: None };
    Candidate {
        staff: ids.next(),
        account: None,
        account_closed: false,
        mentor: chance.below(6) > 0,
        parent_coach: chance.below(3) == 0,
        languages: chance.languages(),
        certificates: if chance.below(2) == 0 { vec![certificate] } else { Vec::new() },
        leaves: Vec::new(),
        capacity: i32::try_from(chance.below(4)).unwrap(),
        matches: i32::try_from(chance.below(2)).unwrap(),
        has_begun: false,
        from_on: on("2020-01-01"),
        left_on: None,
        loan_until_on: None,
        gender: None,
        hours: None,
        spot: None,
        travel_limit_km: None,
        traits: TraitSets::default(),
    }
}

fn snapshot(seed: u64) -> Snapshot {
    let (ids, mut chance) = (IdSource::seeded(seed), Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
    let candidates: Vec<Candidate> = (0..1 + chance.below(8)).map(|_| member(&ids, &mut chance)).collect();
    let now = Instant::parse("2026-03-02T08:00:00Z").unwrap();
    let families: Vec<PersonId> = (0..4).map(|_| ids.next()).collect();
    let mut ask = || Ask {
        course: ids.next(),
        case: ids.next(),
        person: ids.next(),
        family: families[chance.below(4)],
        hurdles: CodeSet::default(),
        track: if chance.below(4) == 0 { Track::ParentCoach } else { Track::Mentor },
        waiting_since: now.minus(TimeDelta::days(i64::try_from(chance.below(5)).unwrap() * 10)),
        on: on("2026-03-02"),
        until: on("2027-03-02"),
        born_on: Some(on(if chance.below(2) == 0 { "2014-01-01" } else { "2010-01-01" })),
        languages: chance.languages(),
        languages_assumed: false,
        gender: None,
        times: None,
        spot: None,
        travel_limit_km: None,
        is_protected: false,
        traits: TraitSets::default(),
        asked: Asked::default(),
    };
    let asks: Vec<Ask> = (0..10).map(|_| ask()).collect();
    let between = asks.iter().map(|_| vec![(0, Between { is_barred: chance.below(2) == 0, ..Between::default() })]).collect();
    Snapshot {
        field: Field { candidates, asks, between, ..Field::default() },
        last: BTreeSet::new(),
        settings: Pairing::for_testing(),
        now,
        on: on("2026-03-02"),
    }
}

/// Course to member of staff.
fn pairs(snapshot: &Snapshot, set: &Set) -> BTreeMap<CourseId, StaffId> {
    let pair = |placed: &Placed| (snapshot.field.asks[placed.ask].course, snapshot.field.candidates[placed.candidate].staff);
    set.placed.iter().map(pair).collect()
}

#[test]
fn the_order_that_facts_are_read_in_changes_nothing() {
    for seed in 1..=200 {
        let mut snapshot = snapshot(seed);
        let set = solve(&mut snapshot, &Terms::default()).unwrap();
        let mut turned = snapshot.clone();
        let last = turned.field.candidates.len() - 1;
        turned.field.candidates.reverse();
        turned.field.asks.reverse();
        turned.field.between.reverse();
        turned.field.between.iter_mut().flatten().for_each(|(candidate, _)| *candidate = last - *candidate);
        let other = solve(&mut turned, &Terms::default()).unwrap();
        assert_eq!((pairs(&snapshot, &set), set.total, set.facts_hash), (pairs(&turned, &other), other.total, other.facts_hash), "{seed}");
        let why = |set: &Set| set.alone.iter().map(|alone| alone.why.clone()).collect::<Vec<_>>();
        assert_eq!(why(&set).len(), why(&other).len());
    }
}

#[test]
fn what_tells_of_others_is_one_line_for_whoever_may_not_see_them() {
    let excluded = |exclusion, count| Excluded { exclusion, count };
    let why = Why {
        excluded: vec![
            excluded(Exclusion::Sibling, 4),
            excluded(Exclusion::Capacity, 3),
            excluded(Exclusion::KnowsFamily, 1),
            excluded(Exclusion::NotAvailable, 1),
        ],
        taken: 2,
        ..Why::default()
    };
    let told = without_others(why);
    assert_eq!(told.excluded, [excluded(Exclusion::NotAvailable, 4), excluded(Exclusion::Capacity, 3)]);
    assert_eq!((told.taken, without_others(Why::default())), (2, Why::default()));
}

#[test]
fn no_limit_is_broken_and_no_family_has_somebody_twice() {
    for seed in 1..=200 {
        let mut snapshot = snapshot(seed);
        let set = solve(&mut snapshot, &Terms::default()).unwrap();
        let mut families = BTreeSet::new();
        let mut loads: BTreeMap<usize, i32> = BTreeMap::new();
        for placed in &set.placed {
            assert!(matches!(standing(&snapshot, placed.ask, placed.candidate), Some(Standing::Ranked(_))), "{seed}");
            assert!(families.insert((snapshot.field.asks[placed.ask].family, placed.candidate)), "{seed}");
            *loads.entry(placed.candidate).or_default() += 1;
        }
        for (candidate, load) in loads {
            let candidate = &snapshot.field.candidates[candidate];
            assert!(candidate.matches + load <= candidate.capacity, "{seed}");
        }
        assert_eq!(set.placed.len() + set.alone.len(), snapshot.field.asks.len());
        assert_eq!(set.total, set.placed.iter().map(|placed| placed.points).sum::<i64>());
    }
}

#[test]
fn each_change_makes_a_place_while_all_others_keep_theirs() {
    let mut tried: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=200 {
        let mut before = snapshot(seed);
        let set = solve(&mut before, &Terms::default()).unwrap();
        let pins = pairs(&before, &set).into_iter().map(|(course_id, staff_id)| Pair { course_id, staff_id }).collect();
        let terms = Terms { pins, ..Terms::default() };
        for alone in &set.alone {
            for change in &alone.why.changes {
                let mut then = before.clone();
                let ids = IdSource::seeded(9_000);
                let whose = change.staff_id.and_then(|staff| then.field.candidates.iter_mut().find(|one| one.staff == staff));
                let proof = |kind| Certificate { kind, issued_on: on("2026-01-01"), valid_until_on: None };
                match (change.kind, whose) {
                    (ChangeKind::Place, Some(whose)) => whose.capacity += 1,
                    (ChangeKind::Certificate, Some(whose)) => whose.certificates.push(proof(CertificateKind::ChildProtection)),
                    (ChangeKind::Newcomer, None) => {
                        let one = Candidate {
                            mentor: change.track == Some(Track::Mentor),
                            parent_coach: change.track == Some(Track::ParentCoach),
                            languages: change.languages.clone(),
                            certificates: change.certificates.iter().map(|kind| proof(*kind)).collect(),
                            capacity: 1,
                            matches: 0,
                            ..member(&ids, &mut Chance(7))
                        };
                        then.field.candidates.push(one);
                    }
                    (kind, _) => unreachable!("{kind:?} for nobody"),
                }
                let after = solve(&mut then, &terms).unwrap();
                let helped = after.placed.iter().any(|placed| placed.ask == alone.ask) || after.placed.len() > set.placed.len();
                assert!(helped, "{seed}: {change:?}");
                *tried.entry(change.kind.code()).or_default() += 1;
            }
        }
    }
    assert!(tried.len() == 3 && tried.values().all(|count| *count > 20), "{tried:?}");
}

#[test]
fn whoever_must_be_asked_first_holds_no_place_and_nothing_is_insisted_on_for_them() {
    use crate::matching::waiting::model::Hurdle;
    let mut held = 0;
    for seed in 1..=100 {
        let mut snapshot = snapshot(seed);
        let set = solve(&mut snapshot, &Terms::default()).unwrap();
        let Some(first) = set.placed.first() else { continue };
        let (course_id, staff_id) = (snapshot.field.asks[first.ask].course, snapshot.field.candidates[first.candidate].staff);
        snapshot.field.asks[first.ask].hurdles.insert(Hurdle::AskInterest);
        let then = solve(&mut snapshot, &Terms::default()).unwrap();
        let alone = then.alone.iter().find(|alone| alone.ask == first.ask).expect("nobody is sought for them");
        assert_eq!((&alone.why.hurdles[..], alone.why.changes.len()), (&[Hurdle::AskInterest][..], 0), "{seed}");
        let pinned = Terms { pins: vec![Pair { course_id, staff_id }], ..Terms::default() };
        let refused = match solve(&mut snapshot, &pinned) {
            Err(crate::base::error::Error::Refused(problem)) => Some(problem),
            _ => None,
        };
        let problem = refused.unwrap();
        assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code), ("/pins/0/course_id", "ask_interest"), "{seed}");
        held += 1;
    }
    assert!(held > 20, "{held}");
}

#[test]
fn a_newcomer_is_not_flooded_unless_somebody_would_have_nobody() {
    let (ids, mut chance) = (IdSource::seeded(5), Chance(77));
    let mut snapshot = snapshot(3);
    let da = || vec![LanguageTag::parse("da").unwrap()];
    let mut mentor = |from_on: &str, capacity: i32, matches: i32| Candidate {
        mentor: true,
        parent_coach: false,
        languages: da(),
        from_on: on(from_on),
        capacity,
        matches,
        ..member(&ids, &mut chance)
    };
    let (newcomer, known) = (mentor("2026-03-01", 3, 0), mentor("2020-01-01", 4, 2));
    let (new_id, known_id) = (newcomer.staff, known.staff);
    snapshot.field.candidates = vec![newcomer, known];
    snapshot.field.asks.truncate(3);
    snapshot.field.between = vec![Vec::new(); 3];
    for ask in &mut snapshot.field.asks {
        (ask.family, ask.track, ask.born_on, ask.languages) = (ask.person, Track::Mentor, Some(on("2010-01-01")), da());
    }
    let count = |set: &Set, snapshot: &Snapshot, of: StaffId| pairs(snapshot, set).values().filter(|staff| **staff == of).count();
    let set = solve(&mut snapshot.clone(), &Terms::default()).unwrap();
    assert_eq!((count(&set, &snapshot, new_id), count(&set, &snapshot, known_id)), (1, 2), "the first comes to the newcomer, no more");
    // With one place less elsewhere somebody would have nobody.
    snapshot.field.candidates[1].matches = 3;
    let mut solved = snapshot.clone();
    let set = solve(&mut solved, &Terms::default()).unwrap();
    assert_eq!((count(&set, &snapshot, new_id), count(&set, &snapshot, known_id)), (2, 1));
    assert_eq!(set.total, set.placed.iter().map(|placed| placed.points).sum::<i64>());
    // The first match changes nothing of that.
    let mut later = snapshot.clone();
    (later.field.candidates[0].matches, later.field.candidates[0].capacity, later.field.candidates[1].matches) = (1, 4, 2);
    let set = solve(&mut later.clone(), &Terms::default()).unwrap();
    assert_eq!((count(&set, &later, new_id), count(&set, &later, known_id)), (1, 2));
    // What a coordinator insists on holds.
    let pins = snapshot.field.asks.iter().map(|ask| Pair { course_id: ask.course, staff_id: new_id }).collect();
    let set = solve(&mut snapshot, &Terms { pins, ..Terms::default() }).unwrap();
    assert_eq!(set.placed.len(), 3);
}

#[test]
fn newcomers_get_as_many_more_places_as_are_needed_and_no_more() {
    let mut floods = 0;
    for seed in 1..=200 {
        let mut before = snapshot(seed);
        for candidate in before.field.candidates.iter_mut().skip(1).step_by(2) {
            (candidate.from_on, candidate.capacity) = (on("2026-02-20"), candidate.matches + 4);
        }
        let is_new = |candidate: &Candidate| candidate.from_on == on("2026-02-20");
        // Newcomers with one place each, with all of theirs, and as it is.
        let with = |places: i32| {
            let mut then = before.clone();
            for candidate in then.field.candidates.iter_mut().filter(|candidate| is_new(candidate)) {
                (candidate.capacity, candidate.from_on) = (candidate.matches + places, on("2020-01-01"));
            }
            solve(&mut then, &Terms::default()).unwrap().placed.len()
        };
        let (few, many) = (with(1), with(4));
        let mut solved = before.clone();
        let set = solve(&mut solved, &Terms::default()).unwrap();
        let mut loads: BTreeMap<usize, usize> = BTreeMap::new();
        set.placed.iter().for_each(|placed| *loads.entry(placed.candidate).or_default() += 1);
        let new = loads.iter().filter(|(candidate, _)| is_new(&solved.field.candidates[**candidate]));
        let more: usize = new.map(|(_, load)| load - 1).sum();
        assert_eq!((set.placed.len(), more), (many, many - few), "{seed}");
        floods += usize::from(more > 0);
    }
    assert!(floods > 20, "{floods}");
}

#[test]
fn hours_are_asked_of_whom_an_answer_would_help() {
    type Hours = Option<Vec<(i32, i32)>>;
    let (ids, mut chance) = (IdSource::seeded(6), Chance(78));
    let mut field = snapshot(3);
    let da = vec![LanguageTag::parse("da").unwrap()];
    let mentor = Candidate { mentor: true, languages: da.clone(), capacity: 1, matches: 0, ..member(&ids, &mut chance) };
    field.field.candidates = vec![mentor];
    field.field.asks.truncate(1);
    field.field.between = vec![Vec::new()];
    field.settings.times_needed = true;
    let asked = |hours: &Hours, times: &Hours| {
        let mut one = field.clone();
        one.field.candidates[0].hours = hours.clone();
        for ask in &mut one.field.asks {
            (ask.track, ask.born_on, ask.languages, ask.times) = (Track::Mentor, Some(on("2010-01-01")), da.clone(), times.clone());
        }
        let set = solve(&mut one, &Terms::default()).unwrap();
        let changes = set.alone.into_iter().flat_map(|alone| alone.why.changes);
        changes.filter(|change| change.kind == ChangeKind::AskHours).map(|change| change.staff_id.is_some()).collect::<Vec<_>>()
    };
    let (short, long) = (Some(vec![(900, 945)]), Some(vec![(900, 960)]));
    assert_eq!(asked(&None, &long), [true], "the member of staff");
    assert_eq!(asked(&long, &None), [false], "the person");
    for (hours, times) in [(&None, &short), (&short, &None), (&None, &None), (&long, &long)] {
        assert!(asked(hours, times).is_empty(), "{hours:?} {times:?}");
    }
}

#[test]
fn a_run_seen_in_part_is_adopted_with_what_is_seen_of_it() {
    let [first, second] = ["2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z"].map(|text| Instant::parse(text).unwrap());
    assert_eq!(adopted(&[]), (RunState::Draft, None, 1));
    assert_eq!(adopted(&[second, first]), (RunState::Adopted, Some(first), 3));
}
