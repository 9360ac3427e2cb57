//! The vault over both engines: restarts, races, erasure, and sealed values as columns.

use std::sync::Barrier;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use makker::app::{Missing, Stores};
use makker::base::clock::Instant;
use makker::base::db::{Access, DatabaseUrl, Engine, connect, write_transaction};
use makker::base::error::Error;
use makker::base::ids::{IdSource, PersonId};
use makker::base::vault::{Holder, LookUpKind, Place, Sealed, StartError, Vault, VaultError, VaultSettings};

use crate::support::{OnEngine, TestDatabase, has_postgres};

const NOW: Instant = Instant::from_micros(1_500_000_000_000_000);

/// A vault on a store of its own, and one person.
struct TestVault {
    database: TestDatabase,
    settings: VaultSettings,
    vault: Vault,
    holder: Holder,
    place: Place,
}

impl OnEngine for TestVault {
    fn on(engine: Engine) -> Self {
        let database = TestDatabase::on(engine);
        let mut settings = VaultSettings::for_testing(database.dir());
        if let DatabaseUrl::Postgres(url) = &database.url {
            // A schema of its own is as empty as a database of its own.
            database.connect().batch_execute("CREATE SCHEMA keys").unwrap();
            let joint = if url.contains('?') { '&' } else { '?' };
            settings.key_store = DatabaseUrl::Postgres(format!("{url}{joint}options=-csearch_path%3Dkeys"));
        }
        let vault = Vault::unlock(&settings, true, NOW).unwrap();
        // It was made with keys of its own.
        database.connect().batch_execute("DELETE FROM vaults").unwrap();
        vault.bind(&mut database.connect(), NOW).unwrap();
        let person: PersonId = IdSource::seeded(1).next();
        Self { database, settings, vault, holder: Holder::person(person), place: Place::new("persons", "name", person) }
    }
}

impl TestVault {
    fn seal(&self, name: &str) -> Sealed<String> {
        self.seal_for(self.holder, self.place, name).unwrap()
    }

    fn seal_for(&self, holder: Holder, place: Place, name: &str) -> Result<Sealed<String>, VaultError> {
        seal(&self.vault, &self.database, holder, place, name)
    }

    /// As another process, or after a restart.
    fn unlock_again(&self) -> Vault {
        Vault::unlock(&self.settings, false, NOW).unwrap()
    }
}

/// Seals as the door does, in a transaction of its own.
fn seal(vault: &Vault, database: &TestDatabase, holder: Holder, place: Place, name: &str) -> Result<Sealed<String>, VaultError> {
    let mut outcome = Ok(());
    let entered = write_transaction(&mut database.connect(), |db| {
        outcome = vault.enter(db, holder, NOW);
        match &outcome {
            Err(VaultError::KeyStore(Error::RunAgain)) => Err(Error::RunAgain),
            _ => Ok(()),
        }
    });
    entered.unwrap();
    outcome?;
    vault.seal(&mut database.connect(), holder, place, &name.to_owned())
}

fn open(vault: &Vault, database: &TestDatabase, holder: Holder, place: Place, sealed: &Sealed<String>) -> Result<String, VaultError> {
    vault.open(&mut database.connect(), holder, place, sealed)
}

diesel::table! {
    sealed_rows (id) {
        id -> Integer,
        name -> Binary,
        note -> Nullable<Binary>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = sealed_rows)]
struct NewRow<'a> {
    id: i32,
    name: &'a Sealed<String>,
    note: Option<Sealed<Vec<u8>>>,
}

#[derive(Queryable)]
struct Row {
    name: Sealed<String>,
    note: Option<Sealed<Vec<u8>>>,
}

both_engines! {
    fn opens_after_a_restart(t: TestVault) {
        let (sealed, hash) = (t.seal("Bo"), t.vault.look_up_hash(LookUpKind::RegistrationNumber, "0101010000"));
        let again = t.unlock_again();
        assert_eq!(open(&again, &t.database, t.holder, t.place, &sealed).unwrap(), "Bo");
        assert_eq!(again.look_up_hash(LookUpKind::RegistrationNumber, "0101010000"), hash);
        assert_ne!(again.look_up_hash(LookUpKind::RegistrationNumber, "0101010001"), hash);
    }

    fn a_destroyed_key_erases_for_good_and_nobody_elses(t: TestVault) {
        let sealed = t.seal("Bo");
        let other: PersonId = IdSource::seeded(2).next();
        let (other, others_place) = (Holder::person(other), Place::new("persons", "name", other));
        let others = t.seal_for(other, others_place, "Eva").unwrap();
        for _ in 0..2 {
            t.vault.destroy(t.holder, NOW).unwrap();
            for vault in [&t.vault, &t.unlock_again()] {
                assert!(matches!(open(vault, &t.database, t.holder, t.place, &sealed), Err(VaultError::Erased)));
                assert!(matches!(seal(vault, &t.database, t.holder, t.place, ""), Err(VaultError::Erased)));
                assert_eq!(open(vault, &t.database, other, others_place, &others).unwrap(), "Eva");
            }
        }
    }

    fn a_holder_destroyed_before_its_first_value_never_gets_a_key(t: TestVault) {
        t.vault.destroy(t.holder, NOW).unwrap();
        assert!(matches!(t.seal_for(t.holder, t.place, ""), Err(VaultError::Erased)));
    }

    fn processes_agree_on_the_first_key(t: TestVault) {
        let vaults = [t.unlock_again(), t.unlock_again(), t.unlock_again()];
        // As a process does: the last to close an SQLite file has it to itself for a moment.
        let _open = t.database.connect();
        for seed in 0..20 {
            let person: PersonId = IdSource::seeded(seed).next();
            let (holder, place) = (Holder::person(person), Place::new("persons", "name", person));
            let start = Barrier::new(vaults.len());
            std::thread::scope(|scope| {
                let seal = |vault: &Vault| {
                    start.wait();
                    seal(vault, &t.database, holder, place, "Bo").unwrap()
                };
                let threads = vaults.each_ref().map(|vault| scope.spawn(move || seal(vault)));
                for sealed in threads.map(|thread| thread.join().unwrap()) {
                    assert!(vaults.iter().all(|vault| open(vault, &t.database, holder, place, &sealed).unwrap() == "Bo"));
                }
            });
        }
    }

    fn an_older_key_store_is_refused_at_the_start(database: TestDatabase) {
        let config = database.config();
        let open = || Stores::open(&config, Missing::Refuse, NOW);
        let stores = open().unwrap();
        let holders = [1, 2].map(|seed| Holder::person(IdSource::seeded(seed).next()));
        for holder in holders {
            stores.vault.enter(&mut database.connect(), holder, NOW).unwrap();
        }
        stores.database.close();
        drop(stores);
        let mut keys = connect(&config.vault.settings().unwrap().key_store, Access::Write { create: false }).unwrap();
        keys.batch_execute("CREATE TEMP TABLE kept AS SELECT * FROM data_keys; DELETE FROM data_keys").unwrap();
        let words = open().err().unwrap().to_string();
        assert!(words.contains("lacks 2 of the keys that the database knows, the first made at 2017-07-14T02:40:00Z"), "{words}");
        keys.batch_execute("INSERT INTO data_keys SELECT * FROM kept").unwrap();
        drop(keys);
        open().unwrap().database.close();
    }

    fn the_key_of_another_store_is_refused(t: TestVault) {
        let other = VaultSettings::for_testing(&t.database.dir().join("other"));
        std::fs::create_dir(t.database.dir().join("other")).unwrap();
        Vault::unlock(&other, true, NOW).unwrap();
        let mixed = VaultSettings { key_file: other.key_file, ..t.settings };
        assert!(matches!(Vault::unlock(&mixed, false, NOW), Err(StartError::WrongKey(_))));
    }

    fn the_store_is_apart_from_every_other_table(t: TestVault) {
        let beside = VaultSettings { key_file: t.database.dir().join("new.key"), key_store: t.database.url.clone() };
        assert!(matches!(Vault::unlock(&beside, true, NOW), Err(StartError::NotApart(_))));
        assert!(!beside.key_file.exists(), "a refused start makes nothing");
    }

    fn a_sealed_value_is_a_column(t: TestVault) {
        let mut db = t.database.connect();
        let blob = if db.engine() == Engine::Sqlite { "BLOB" } else { "bytea" };
        db.batch_execute(&format!("CREATE TABLE sealed_rows (id integer PRIMARY KEY, name {blob} NOT NULL, note {blob})")).unwrap();
        let note_place = Place { column: "note", ..t.place };
        let (name, note) = (t.seal("Bo"), t.vault.seal(&mut db, t.holder, note_place, &vec![1]).unwrap());
        for (id, note) in [(1, Some(note)), (2, None)] {
            let insert = diesel::insert_into(sealed_rows::table).values(NewRow { id, name: &name, note });
            assert!(diesel::debug_query::<diesel::sqlite::Sqlite, _>(&insert).to_string().contains(", Sealed"));
            insert.execute(&mut db).unwrap();
        }
        diesel::update(sealed_rows::table.find(2)).set(sealed_rows::name.eq(t.seal("Eva"))).execute(&mut db).unwrap();

        let rows: Vec<Row> = sealed_rows::table.order(sealed_rows::id).select((sealed_rows::name, sealed_rows::note)).load(&mut db).unwrap();
        let names: Vec<_> = rows.iter().map(|row| t.vault.open(&mut db, t.holder, t.place, &row.name).unwrap()).collect();
        assert_eq!(names, ["Bo", "Eva"]);
        assert_eq!(t.vault.open(&mut db, t.holder, note_place, rows[0].note.as_ref().unwrap()).unwrap(), [1]);
        assert!(rows[1].note.is_none());
    }
}

#[test]
fn a_lost_connection_is_replaced() {
    if !has_postgres() {
        return;
    }
    let t = TestVault::on(Engine::Postgres);
    for seed in 0..2 {
        let person: PersonId = IdSource::seeded(seed).next();
        t.database.connect().batch_execute(HANG_UP).unwrap();
        t.seal_for(Holder::person(person), t.place, "Bo").unwrap();
    }
}

const HANG_UP: &str =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[test]
fn a_key_store_that_comes_back_older_is_refused_until_the_right_one_does() {
    if !has_postgres() {
        return;
    }
    let t = TestVault::on(Engine::Postgres);
    let sealed = t.seal("Bo");
    let mut elsewhere = t.database.connect();
    elsewhere.batch_execute("CREATE TEMP TABLE kept AS SELECT * FROM keys.data_keys; DELETE FROM keys.data_keys").unwrap();
    elsewhere.batch_execute(HANG_UP).unwrap();
    let lost = |outcome: Result<(), VaultError>| matches!(outcome, Err(VaultError::KeyLost));
    assert!(lost(t.vault.probe(&mut t.database.connect())));
    // Nor is used what was in memory, and nobody new gets a key there.
    assert!(lost(open(&t.vault, &t.database, t.holder, t.place, &sealed).map(drop)));
    let new: PersonId = IdSource::seeded(2).next();
    assert!(lost(t.seal_for(Holder::person(new), t.place, "Eva").map(drop)));
    assert!(lost(t.vault.probe(&mut t.database.connect())));
    elsewhere.batch_execute("INSERT INTO keys.data_keys SELECT * FROM kept").unwrap();
    t.vault.probe(&mut t.database.connect()).unwrap();
    assert_eq!(open(&t.vault, &t.database, t.holder, t.place, &sealed).unwrap(), "Bo");
    t.seal_for(Holder::person(new), t.place, "Eva").unwrap();
}
