//! A matching run without its database: from facts to the best set and its reasons.

use std::collections::BTreeSet;
use std::time::Instant as Wall;

use chrono::{NaiveDate, TimeDelta};
use makker::base::clock::Instant;
use makker::base::config::{Pairing, Spot};
use makker::base::db::{CodeSet, Coded};
use makker::base::ids::{IdSource, PersonId};
use makker::courses::model::Track;
use makker::matching::ranking::model::TraitSets;
use makker::matching::ranking::{Ask, Asked, Candidate, Field};
use makker::matching::runs::actions::{pairs, result, solve};
use makker::matching::runs::model::{Snapshot, Terms};
use makker::staff::model::{Certificate, CertificateKind, LanguageTag};
use makker::staff::profile::{CoreValue, Dislike, Gender, Interest};

use super::{Chance, ms};

/// Solves and explains for so many who wait, so many of the staff.
pub fn measure(name: &str, waiting: usize, staff: usize, rounds: usize) {
    let snapshot = snapshot(waiting, staff, &mut Chance(99));
    let mut spans = Vec::new();
    let mut matched = 0;
    for _ in 0..rounds {
        let snapshot = snapshot.clone();
        let start = Wall::now();
        let solved = solve(snapshot, Terms::default()).unwrap();
        spans.push(start.elapsed());
        matched = result(&solved).0;
        assert_eq!(pairs(&solved).count(), waiting);
    }
    spans.sort_unstable();
    println!("{name:<44} {:>7.1} ms, {waiting} waiting, {staff} staff, {matched} matched", ms(spans[spans.len() / 2]));
}

fn some<T: Copy>(all: &[T], chance: &mut Chance) -> Vec<T> {
    all.iter().copied().filter(|_| chance.below(5) == 0).collect()
}

fn traits(chance: &mut Chance) -> TraitSets {
    TraitSets {
        interests: some(Interest::ALL, chance).into_iter().collect(),
        dislikes: some(Dislike::ALL, chance).into_iter().collect(),
        values: some(CoreValue::ALL, chance).into_iter().collect(),
    }
}

fn languages(chance: &mut Chance) -> Vec<LanguageTag> {
    let rare = ["so", "ar", "ur", "tr", "fa", "ti"][usize::try_from(chance.below(6)).unwrap()];
    let mut tags = if chance.below(10) == 0 { Vec::new() } else { vec!["da"] };
    if tags.is_empty() || chance.below(4) == 0 {
        tags.push(rare);
    }
    tags.into_iter().map(|tag| LanguageTag::parse(tag).unwrap()).collect()
}

fn spot(chance: &mut Chance) -> Option<Spot> {
    let mut metres = || u32::try_from(chance.below(25_000)).unwrap();
    Some(Spot { east_m: metres(), north_m: metres() })
}

/// Some afternoons of the week, in minutes from its beginning.
fn hours(chance: &mut Chance) -> Option<Vec<(i32, i32)>> {
    let afternoons = (0..7).filter(|_| chance.below(3) == 0).map(|day| (day * 1440 + 900, day * 1440 + 1140));
    Some(afternoons.collect())
}

fn snapshot(waiting: usize, staff: usize, chance: &mut Chance) -> Snapshot {
    let ids = IdSource::seeded(1);
    let on = |text: &str| -> NaiveDate { text.parse().unwrap() };
    let gender = |chance: &mut Chance| Some(if chance.below(2) == 0 { Gender::Woman } else { Gender::Man });
    let certificate = Certificate { kind: CertificateKind::ChildProtection, issued_on: on("2025-01-01"), valid_until_on: None };
    let member = |chance: &mut Chance| Candidate {
        staff: ids.next(),
        account: None,
        account_closed: false,
        mentor: chance.below(4) > 0,
        parent_coach: chance.below(3) == 0,
        languages: languages(chance),
        certificates: if chance.below(4) > 0 { vec![certificate] } else { Vec::new() },
        leaves: Vec::new(),
        capacity: i32::try_from(chance.below(5)).unwrap(),
        matches: i32::try_from(chance.below(3)).unwrap(),
        has_begun: false,
        from_on: on("2020-01-01"),
        left_on: None,
        loan_until_on: None,
        gender: gender(chance),
        hours: hours(chance),
        spot: spot(chance),
        travel_limit_km: (chance.below(3) == 0).then_some(10),
        traits: traits(chance),
    };
    let mut candidates: Vec<Candidate> = (0..staff).map(|_| member(chance)).collect();
    candidates.sort_by_key(|candidate| candidate.staff);
    let now = Instant::parse("2026-03-02T08:00:00Z").unwrap();
    let mut family: PersonId = ids.next();
    let mut asks = Vec::new();
    for _ in 0..waiting {
        if chance.below(2) == 0 {
            family = ids.next();
        }
        asks.push(Ask {
            course: ids.next(),
            case: ids.next(),
            person: ids.next(),
            family,
            hurdles: CodeSet::default(),
            track: if chance.below(3) == 0 { Track::ParentCoach } else { Track::Mentor },
            waiting_since: now.minus(TimeDelta::hours(chance.below(4_000))),
            on: on("2026-03-02"),
            until: on("2027-03-02"),
            born_on: Some(on(if chance.below(3) == 0 { "2013-01-01" } else { "2009-01-01" })),
            languages: languages(chance),
            languages_assumed: false,
            gender: if chance.below(4) == 0 { gender(chance) } else { None },
            times: hours(chance),
            spot: spot(chance),
            travel_limit_km: (chance.below(3) == 0).then_some(12),
            is_protected: false,
            traits: traits(chance),
            asked: Asked::default(),
        });
    }
    let between = asks.iter().map(|_| Vec::new()).collect();
    Snapshot {
        field: Field { candidates, asks, between, ..Field::default() },
        last: BTreeSet::new(),
        settings: Pairing::default(),
        now,
        on: on("2026-03-02"),
    }
}
