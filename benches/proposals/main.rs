//! What it takes to say of everybody on the staff where they stand for one course, from the database, and of everybody for all that wait.
//! No assertions.
//!
//!     cargo bench --bench proposals                     # 1,000 members of staff
//!     cargo bench --bench proposals -- --staff 3000

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on stops here")]

use std::time::{Duration, Instant as Wall};

use makker::access::sign_in::Password;
use makker::access::{Actor, ActorKind, Capability, Door, Role, Tx};
use makker::app::{Missing, Stores, open_door};
use makker::base::clock::{Clock, Instant};
use makker::base::db::Coded;
use makker::base::http::Expected;
use makker::base::ids::{AccountId, IdSource};
use makker::base::value::Line;
use makker::config::Config;
use makker::demo::generator::{self, Size};
use makker::matching::actions as matching;
use makker::matching::ranking::Asked;
use makker::staff::model::{CertificateKind, Kind, LanguageTag, Terms};
use makker::staff::profile::{CoreValue, Dislike, DistrictCode, Gender, Interest, Profile, ProfileFacts, Traits, actions as profiles};

const NOW: &str = "2026-03-02T08:00:00Z";
/// Courses of a generated programme: each has a case, a family and past matches.
const COURSES: u32 = 400;
const ROUNDS: usize = 50;

fn main() {
    let number =
        |name: &str| -> Option<usize> { std::env::args().skip_while(|arg| arg != name).nth(1).and_then(|value| value.parse().ok()) };
    let members = number("--staff").unwrap_or(1_000);
    let folder = tempfile::TempDir::with_prefix_in("proposals-", env!("CARGO_TARGET_TMPDIR")).expect("a folder in target/");
    let mut config = Config::for_testing();
    config.database.url = folder.path().join("makker.db").to_string_lossy().into_owned();
    config.vault.key_file = folder.path().join("makker.key");
    config.vault.key_store_url = folder.path().join("makker-keys.db").to_string_lossy().into_owned();
    let now = Instant::parse(NOW).unwrap();
    let stores = Stores::open(&config, Missing::Make, now).expect("the stores open");
    let door = open_door(&config, stores, Clock::manual(now), IdSource::seeded(7)).expect("a door");
    let hash = door.house().porter.hasher().hash_now(&Password::parse("korrekt hest batteri".into()).unwrap()).unwrap();
    let size = Size { cases: COURSES, running: 100, logs: 1, matches_a_mentor: 8 };
    let programme = generator::fill(&door, size, now, &hash).expect("a programme");
    hire(&door, programme.coordinator, now, members);

    let course = door
        .blocking_write_as(unit(programme.coordinator), now, Capability::MatchesGet, move |tx| {
            matching::get(tx, programme.running[0].matched).map(|matched| matched.course)
        })
        .expect("a course");
    let (mut spans, mut ranked) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let begin = Wall::now();
        let look = move |tx: &mut Tx<'_>| {
            let (field, standings) = matching::list_candidates(tx, course, Asked::default(), None)?;
            let ids: Vec<_> = standings.iter().take(50).filter_map(|(place, _)| Some(field.candidates.get(*place)?.staff)).collect();
            makker::staff::actions::names(tx, &ids).map(|names| (standings.len(), names.len()))
        };
        let found = door.blocking_write_as(unit(programme.coordinator), now, Capability::MatchesEligible, look).expect("everybody");
        spans.push(begin.elapsed());
        ranked = found.0;
    }
    say(&format!("where {ranked} members of staff stand for one course, fifty names opened"), spans);
}

/// Members of staff with languages, proofs and profiles that differ.
fn hire(door: &Door, coordinator: AccountId, now: Instant, members: usize) {
    let tag = |text: &str| LanguageTag::parse(text).unwrap();
    let others = ["ar", "so", "ti", "tr", "ur", "en"];
    for chunk in (0..members).collect::<Vec<_>>().chunks(100) {
        let chunk = chunk.to_vec();
        let verb = move |tx: &mut Tx<'_>| {
            for number in &chunk {
                let terms = Terms {
                    name: Line::parse(&format!("Mentor {number}")).unwrap(),
                    kinds: vec![Kind::Mentor],
                    languages: vec![tag("da"), tag(others[number % others.len()])],
                    municipality: Line::parse("Byen").unwrap(),
                    loan_until_on: None,
                    capacity: 3,
                    from_on: "2020-01-01".parse().unwrap(),
                    account: None,
                };
                let proof = makker::staff::model::Certificate {
                    kind: CertificateKind::ChildProtection,
                    issued_on: "2025-01-01".parse().unwrap(),
                    valid_until_on: None,
                };
                let id = makker::staff::actions::create(tx, &terms, &[proof])?;
                let some = |length: usize| (0..4).map(move |turn| (number * 7 + turn * 3) % length);
                let traits = Traits {
                    interests: some(Interest::ALL.len()).map(|at| Interest::ALL[at]).collect(),
                    dislikes: some(Dislike::ALL.len()).map(|at| Dislike::ALL[at]).collect(),
                    values: some(CoreValue::ALL.len()).map(|at| CoreValue::ALL[at]).collect(),
                };
                let facts = ProfileFacts {
                    gender: Some(Gender::ALL[number % 2]),
                    district: DistrictCode::parse(["centre", "north", "east"][number % 3]),
                    travel_limit_km: Some(10),
                    traits,
                };
                profiles::set(tx, id, &Expected::Any, Profile { facts, prefers: None })?;
            }
            Ok(())
        };
        door.blocking_write_as(unit(coordinator), now, Capability::StaffCreate, verb).expect("they are hired");
    }
}

fn unit(account: AccountId) -> Actor {
    Actor { kind: ActorKind::Account, account: Some(account), device: None, roles: vec![Role::Coordinator], agency: None }
}

fn say(what: &str, mut spans: Vec<Duration>) {
    spans.sort_unstable();
    println!("{what}: median {:?}, least {:?}, most {:?}", spans[spans.len() / 2], spans[0], spans[spans.len() - 1]);
}
