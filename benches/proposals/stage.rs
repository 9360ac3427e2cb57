//! A generated programme in a database of its own, with members of staff and wishes that differ.

use makker::access::sign_in::Password;
use makker::access::{Actor, ActorKind, Capability, Door, Role, Tx};
use makker::app::{Missing, Stores, open_door};
use makker::availability::{PartOfWeek, Stretch, actions as availability};
use makker::base::clock::{Clock, Instant};
use makker::base::db::Coded;
use makker::base::error::Result;
use makker::base::http::Expected;
use makker::base::ids::{AccountId, IdSource, StaffId};
use makker::base::value::Line;
use makker::config::Config;
use makker::demo::generator::{self, Programme, Size};
use makker::matching::wishes::{WishFacts, actions as wishes};
use makker::staff::model::{Certificate, CertificateKind, Kind, LanguageTag, Terms};
use makker::staff::profile::{CoreValue, Dislike, DistrictCode, Gender, Interest, Profile, ProfileFacts, Traits, actions as profiles};
use tempfile::TempDir;

const NOW: &str = "2026-03-02T08:00:00Z";
/// Rows of one transaction.
const CHUNK: usize = 100;
const OTHERS: [&str; 6] = ["ar", "so", "ti", "tr", "ur", "en"];

/// A programme whose database is gone afterwards.
pub struct Stage {
    door: Door,
    now: Instant,
    pub programme: Programme,
    _folder: TempDir,
}

impl Stage {
    pub fn open(size: Size) -> Self {
        let folder = TempDir::with_prefix_in("proposals-", env!("CARGO_TARGET_TMPDIR")).expect("a folder in target/");
        let mut config = Config::for_testing();
        config.database.url = folder.path().join("makker.db").to_string_lossy().into_owned();
        config.vault.key_file = folder.path().join("makker.key");
        config.vault.key_store_url = folder.path().join("makker-keys.db").to_string_lossy().into_owned();
        let now = Instant::parse(NOW).unwrap();
        let stores = Stores::open(&config, Missing::Make, now).expect("the stores open");
        let door = open_door(&config, stores, Clock::manual(now), IdSource::seeded(7)).expect("a door");
        let hash = door.house().porter.hasher().hash_now(&Password::parse("korrekt hest batteri".into()).unwrap()).unwrap();
        let programme = generator::fill(&door, size, now, &hash).expect("a programme");
        Self { door, now, programme, _folder: folder }
    }

    /// One verb of the coordinator's, in one transaction.
    pub fn act<T: Send + 'static>(&self, capability: Capability, verb: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.door.blocking_write_as(unit(self.programme.coordinator), self.now, capability, verb).expect("it is done")
    }

    /// Members of staff with languages, proofs and profiles that differ.
    pub fn hire(&self, members: usize) -> Vec<StaffId> {
        let mut staff = Vec::new();
        for chunk in (0..members).collect::<Vec<_>>().chunks(CHUNK) {
            let chunk = chunk.to_vec();
            staff.extend(
                self.act(Capability::StaffCreate, move |tx| chunk.iter().map(|number| hire(tx, *number)).collect::<Result<Vec<_>>>()),
            );
        }
        staff
    }

    /// Most say when they can meet: some afternoons of the week.
    pub fn state_hours(&self, staff: Vec<StaffId>) {
        let numbered: Vec<_> = staff.into_iter().enumerate().filter(|(number, _)| number % 8 > 0).collect();
        for chunk in numbered.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            self.act(Capability::AvailabilitySetHours, move |tx| {
                chunk.iter().try_for_each(|(number, id)| {
                    let days = (1_u8..=7).filter(|day| (number / 3 + usize::from(*day)) % 3 == 0);
                    let week: Vec<_> = days.map(|day| Stretch { weekday: day.into(), from_min: 900, until_min: 1140 }).collect();
                    availability::set_hours(tx, *id, &Expected::Any, None, Some(&week))
                })
            });
        }
    }

    /// Half of those who wait say when, a quarter speak another language, some wish for a woman or a man.
    pub fn state_wishes(&self) {
        for chunk in self.programme.waiting.iter().copied().enumerate().collect::<Vec<_>>().chunks(CHUNK) {
            let (courses, people) = (chunk.to_vec(), chunk.to_vec());
            self.act(Capability::WishesSet, move |tx| {
                courses
                    .iter()
                    .try_for_each(|(number, (course, _))| wishes::set(tx, *course, &Expected::Any, wish(*number), Vec::new(), None))
            });
            self.act(Capability::AvailabilitySetTimes, move |tx| {
                people.iter().filter(|(number, _)| number % 2 == 0).try_for_each(|(number, (_, person))| {
                    let parts = [if number % 4 == 0 { PartOfWeek::AfterSchool } else { PartOfWeek::Weekends }];
                    availability::set_times(tx, *person, &Expected::Any, &parts, &[], &[])
                })
            });
        }
    }
}

fn unit(account: AccountId) -> Actor {
    Actor { kind: ActorKind::Account, account: Some(account), device: None, roles: vec![Role::Coordinator], agency: None }
}

fn tag(text: &str) -> LanguageTag {
    LanguageTag::parse(text).unwrap()
}

fn traits(number: usize) -> Traits {
    let some = |length: usize| (0..4).map(move |turn| (number * 7 + turn * 3) % length);
    Traits {
        interests: some(Interest::ALL.len()).map(|at| Interest::ALL[at]).collect(),
        dislikes: some(Dislike::ALL.len()).map(|at| Dislike::ALL[at]).collect(),
        values: some(CoreValue::ALL.len()).map(|at| CoreValue::ALL[at]).collect(),
    }
}

fn hire(tx: &mut Tx<'_>, number: usize) -> Result<StaffId> {
    let terms = Terms {
        name: Line::parse(&format!("Mentor {number}")).unwrap(),
        kinds: vec![Kind::Mentor],
        languages: vec![tag("da"), tag(OTHERS[number % OTHERS.len()])],
        municipality: Line::parse("Byen").unwrap(),
        loan_until_on: None,
        capacity: 3,
        from_on: "2020-01-01".parse().unwrap(),
        account: None,
    };
    let proof = Certificate { kind: CertificateKind::ChildProtection, issued_on: "2025-01-01".parse().unwrap(), valid_until_on: None };
    let id = makker::staff::actions::create(tx, &terms, &[proof])?;
    let facts = ProfileFacts {
        gender: Some(Gender::ALL[number % 2]),
        district: DistrictCode::parse(["centre", "north", "east"][number % 3]),
        travel_limit_km: Some(10),
        traits: traits(number),
    };
    profiles::set(tx, id, &Expected::Any, Profile { facts, prefers: None }).map(|()| id)
}

fn wish(number: usize) -> WishFacts {
    WishFacts {
        languages: if number.is_multiple_of(4) { vec![tag(OTHERS[number / 4 % OTHERS.len()])] } else { Vec::new() },
        gender: number.is_multiple_of(5).then_some(Gender::ALL[number / 5 % 2]),
        district: DistrictCode::parse(["centre", "north", "east"][number % 3]),
        travel_limit_km: number.is_multiple_of(3).then_some(12),
        traits: traits(number + 1),
    }
}
