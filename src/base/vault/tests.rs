//! The vault as a whole: places, holders, damage, races, erasure, and the three that belong together.

use std::cell::RefCell;
use std::fs;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use super::*;
use crate::base::db::{Access, DatabaseUrl, connect, migrations};
use crate::base::error::{Code, Error};
use crate::base::ids::{IdSource, PersonId};

const NOW: Instant = Instant::from_micros(1_500_000_000_000_000);

struct Fixture {
    dir: TempDir,
    settings: VaultSettings,
    vault: Vault,
    database: RefCell<Db>,
    person: PersonId,
    other: PersonId,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = VaultSettings::for_testing(dir.path());
        let vault = Vault::unlock(&settings, true, NOW).unwrap();
        let mut database = connect(&DatabaseUrl::Sqlite(dir.path().join("makker.db")), Access::Write { create: true }).unwrap();
        migrations::apply(&mut database, NOW).unwrap();
        vault.bind(&mut database, NOW).unwrap();
        let ids = IdSource::seeded(1);
        Self { dir, settings, vault, database: database.into(), person: ids.next(), other: ids.next() }
    }

    fn holder(&self) -> Holder {
        Holder::person(self.person)
    }

    fn place(&self) -> Place {
        Place::new("persons", "name", self.person)
    }

    fn seal(&self, value: &str) -> Sealed<String> {
        self.enter(self.holder());
        self.vault.seal(&mut self.database.borrow_mut(), self.holder(), self.place(), &value.to_owned()).unwrap()
    }

    fn open<T: DeserializeOwned>(&self, holder: Holder, place: Place, sealed: &Sealed<T>) -> Result<T, VaultError> {
        self.vault.open(&mut self.database.borrow_mut(), holder, place, sealed)
    }

    fn enter(&self, holder: Holder) {
        self.vault.enter(&mut self.database.borrow_mut(), holder, NOW).unwrap();
    }

    fn unlock_again(&self) -> Result<Vault, StartError> {
        Vault::unlock(&self.settings, false, NOW)
    }
}

#[test]
fn opens_what_it_sealed_and_shows_nothing_of_it() {
    let f = Fixture::new();
    let sealed = f.seal("Bo Møller");
    assert_eq!(f.open(f.holder(), f.place(), &sealed).unwrap(), "Bo Møller");
    assert_eq!(format!("{sealed:?} {:?}", Some(sealed.clone())), "Sealed Some(Sealed)");
    assert!(!sealed.as_bytes().windows(2).any(|two| two == b"Bo"));
    assert_ne!(sealed.as_bytes(), f.seal("Bo Møller").as_bytes(), "each with a nonce of its own");
    assert_eq!(sealed.as_bytes().len(), 1 + 1 + 16 + 24 + "\"Bo Møller\"".len() + 16);
}

#[test]
fn opens_only_at_its_place_for_its_holder() {
    let f = Fixture::new();
    let sealed = f.seal("Bo");
    let (holder, place) = (f.holder(), f.place());
    let other = Holder::person(f.other);
    f.enter(other);
    f.enter(Holder { kind: HolderKind::Staff, ..holder });
    for (holder, place) in [
        (holder, Place { table: "staff", ..place }),
        (holder, Place { column: "note", ..place }),
        (holder, Place { row: f.other.cast(), ..place }),
        // The same letters in a row, cut elsewhere.
        (holder, Place { table: "personsn", column: "ame", ..place }),
        (other, place),
        (Holder { kind: HolderKind::Staff, ..holder }, place),
    ] {
        assert!(matches!(f.open(holder, place, &sealed), Err(VaultError::DoesNotFit)), "{holder:?} {place:?}");
    }
    let without_key = Holder { kind: HolderKind::Case, ..holder };
    assert!(matches!(f.open(without_key, place, &sealed), Err(VaultError::KeyLost)));
    assert!(matches!(f.vault.seal(&mut f.database.borrow_mut(), without_key, place, &""), Err(VaultError::KeyLost)));
}

#[test]
fn says_nothing_of_the_content_when_the_type_is_wrong() {
    let f = Fixture::new();
    #[derive(Debug, Deserialize)]
    struct Name {
        _given: String,
    }
    let sealed = Sealed::<Name>::from_bytes(f.seal("Bo").as_bytes().to_vec());
    let error = f.open(f.holder(), f.place(), &sealed).unwrap_err();
    assert!(matches!(error, VaultError::WrongType));
    assert!(!format!("{error} {error:?} {:?}", Error::from(VaultError::WrongType)).contains("Bo"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_sealed_opens_and_no_damaged_copy_does(text in ".{0,300}", cut in any::<prop::sample::Index>(), bit in 0..8_u8) {
        thread_local!(static FIXTURE: Fixture = Fixture::new());
        FIXTURE.with(|f| {
            let bytes = f.seal(&text).as_bytes().to_vec();
            let open = |bytes: &[u8]| f.open(f.holder(), f.place(), &Sealed::<String>::from_bytes(bytes.to_vec()));
            prop_assert_eq!(open(&bytes).unwrap(), text);
            let at = cut.index(bytes.len());
            prop_assert!(open(&bytes[..at]).is_err());
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            prop_assert!(open(&flipped).is_err());
            let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
            prop_assert!(open(&longer).is_err());
            Ok(())
        })?;
    }
}

#[test]
fn what_is_erased_does_not_exist() {
    assert!(matches!(Error::from(VaultError::Erased), Error::Refused(problem) if problem.code == Code::NotFound));
}

#[test]
fn a_long_text_leaves_its_buffer_and_comes_back() {
    let f = Fixture::new();
    let text = "æ\"\n".repeat(100_000);
    assert_eq!(f.open(f.holder(), f.place(), &f.seal(&text)).unwrap(), text);
}

#[test]
fn a_destroyed_key_is_gone_from_the_files() {
    let f = Fixture::new();
    f.seal("Bo");
    let wrapped = f.vault.store.find(f.holder()).unwrap().unwrap().unwrap().wrapped.unwrap();
    let files = || -> Vec<u8> { fs::read_dir(f.dir.path()).unwrap().flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect() };
    let holds = |bytes: &[u8]| bytes.windows(wrapped.len()).any(|part| part == wrapped);
    assert!(holds(&files()));
    f.vault.destroy(f.holder(), NOW).unwrap();
    assert!(!holds(&files()));
}

#[test]
fn a_wrapped_key_of_one_holder_does_not_serve_another() {
    let f = Fixture::new();
    let (key, wrapping) = (DataKey::make(), f.vault.key.wrapping());
    let wrapped = key.wrap(wrapping, f.holder()).unwrap();
    assert!(DataKey::unwrap(wrapping, f.holder(), key.id(), &wrapped).is_ok());
    let staff = Holder { kind: HolderKind::Staff, ..f.holder() };
    for (holder, id) in [(Holder::person(f.other), key.id()), (staff, key.id()), (f.holder(), DataKey::make().id())] {
        assert!(matches!(DataKey::unwrap(wrapping, holder, id, &wrapped), Err(VaultError::DoesNotFit)));
    }
}

#[test]
fn refuses_to_start_where_one_is_there_without_the_others() {
    let Fixture { dir, settings, vault, .. } = Fixture::new();
    drop(vault);
    let (key, store) = (settings.key_file.clone(), dir.path().join("makker-keys.db"));
    let start = |database_is_new| Vault::unlock(&settings, database_is_new, NOW).map(drop);
    start(false).unwrap();
    assert!(matches!(start(true), Err(StartError::KeyFileWithoutDatabase(_))));

    let moved = dir.path().join("moved");
    fs::rename(&key, &moved).unwrap();
    assert!(matches!(start(false), Err(StartError::NoKeyFile(_))));
    assert!(matches!(start(true), Err(StartError::StoreWithoutDatabase)));
    assert!(!key.exists(), "a refused start makes nothing");
    fs::rename(&moved, &key).unwrap();

    fs::rename(&store, &moved).unwrap();
    assert!(matches!(start(false), Err(StartError::NoStore)));
    assert!(!store.exists(), "a refused start makes nothing");
    fs::write(&store, "").unwrap();
    assert!(matches!(start(false), Err(StartError::NoStore)));
    fs::rename(&moved, &store).unwrap();
    start(false).unwrap();
}

#[test]
fn a_making_that_was_broken_off_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let settings = VaultSettings::for_testing(dir.path());
    // Killed before a byte of the key was written.
    fs::write(settings.unfinished(), "").unwrap();
    fs::set_permissions(settings.unfinished(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let first = Vault::unlock(&settings, true, NOW).unwrap();
    let hash = |vault: &Vault| vault.look_up_hash(LookUpKind::RegistrationNumber, "0101010000");
    // Killed before the database had a table, and then before it had all.
    for database_is_new in [true, false] {
        assert_eq!(hash(&Vault::unlock(&settings, database_is_new, NOW).unwrap()), hash(&first));
    }
    assert!(!settings.key_file.exists());
    let mut database = connect(&DatabaseUrl::Sqlite(dir.path().join("makker.db")), Access::Write { create: true }).unwrap();
    migrations::apply(&mut database, NOW).unwrap();
    Vault::unlock(&settings, false, NOW).unwrap().bind(&mut database, NOW).unwrap();
    assert!(settings.key_file.exists() && !settings.unfinished().exists());
}

#[test]
fn an_older_key_store_is_seen_and_gets_no_second_key() {
    let f = Fixture::new();
    let (store, older) = (f.dir.path().join("makker-keys.db"), f.dir.path().join("older.db"));
    f.enter(Holder::person(f.other));
    // While it is open: the file alone has every key.
    fs::copy(&store, &older).unwrap();
    let sealed = f.seal("Bo");
    let bind = |vault: &Vault| vault.bind(&mut f.database.borrow_mut(), NOW);
    bind(&f.unlock_again().unwrap()).unwrap();

    let newest = f.dir.path().join("newest.db");
    fs::copy(&store, &newest).unwrap();
    fs::copy(&older, &store).unwrap();
    let vault = f.unlock_again().unwrap();
    assert!(matches!(bind(&vault), Err(StartError::KeysLost { count: 1, since: NOW })));
    let open = |vault: &Vault| vault.open(&mut f.database.borrow_mut(), f.holder(), f.place(), &sealed);
    assert!(matches!(open(&vault), Err(VaultError::KeyLost)));
    // Neither those who have one nor who is new: what that store would be given would be lost with it.
    let enter = |vault: &Vault, holder| vault.enter(&mut f.database.borrow_mut(), holder, NOW);
    for holder in [f.holder(), Holder::person(f.other), Holder { kind: HolderKind::Agency, ..f.holder() }] {
        assert!(matches!(enter(&vault, holder), Err(VaultError::KeyLost)), "{holder:?}");
    }
    assert!(matches!(Error::from(VaultError::KeyLost), Error::Unavailable(_)));
    assert_eq!(vault.store.all().unwrap().0.len(), 1, "no second key was made");

    // The same where it becomes older under a server: nobody asks before it is connected anew.
    assert_eq!(open(&f.vault).unwrap(), "Bo");
    f.vault.store.let_go();
    let probe = || f.vault.probe(&mut f.database.borrow_mut());
    assert!(matches!(probe(), Err(VaultError::KeyLost)));
    assert!(matches!(open(&f.vault), Err(VaultError::KeyLost)), "nor from memory");
    fs::copy(&newest, &store).unwrap();
    f.vault.store.let_go();
    probe().unwrap();
    assert_eq!(open(&f.vault).unwrap(), "Bo");
}

#[test]
fn whose_key_was_made_and_never_used_gets_it_with_the_first_value() {
    let f = Fixture::new();
    let rolled_back = Holder { kind: HolderKind::Case, ..f.holder() };
    let id = f.vault.make_key(&mut f.database.borrow_mut(), rolled_back, NOW).unwrap().id();
    // More in the store than the database knows is lawful.
    let vault = f.unlock_again().unwrap();
    vault.bind(&mut f.database.borrow_mut(), NOW).unwrap();
    for _ in 0..2 {
        vault.enter(&mut f.database.borrow_mut(), rolled_back, NOW).unwrap();
    }
    assert_eq!(store::book::find(&mut f.database.borrow_mut(), rolled_back).unwrap(), Some(id));
}

#[test]
fn key_file_and_key_store_of_another_database_are_refused() {
    let (f, g) = (Fixture::new(), Fixture::new());
    assert!(matches!(f.vault.bind(&mut g.database.borrow_mut(), NOW), Err(StartError::AnotherDatabase(_))));
}

#[test]
fn a_database_that_knows_no_keys_yet_takes_them_over() {
    let f = Fixture::new();
    f.seal("Bo");
    let destroyed = Holder::person(f.other);
    f.vault.destroy(destroyed, NOW).unwrap();
    let mut database = f.database.borrow_mut();
    diesel::connection::SimpleConnection::batch_execute(&mut *database, "DELETE FROM holder_keys; DELETE FROM vaults").unwrap();
    let vault = f.unlock_again().unwrap();
    vault.bind(&mut database, NOW).unwrap();
    assert_eq!(store::book::all(&mut database).unwrap().len(), 2);
    vault.enter(&mut database, f.holder(), NOW).unwrap();
    assert!(matches!(vault.enter(&mut database, destroyed, NOW), Err(VaultError::Erased)));
}

#[test]
fn refuses_the_key_of_another_store() {
    let (f, g) = (Fixture::new(), Fixture::new());
    fs::copy(&g.settings.key_file, &f.settings.key_file).unwrap();
    assert!(matches!(f.unlock_again(), Err(StartError::WrongKey(_))));
    fs::write(&f.settings.key_file, "something else").unwrap();
    assert!(matches!(f.unlock_again(), Err(StartError::KeyFileMalformed(_))));
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let f = Fixture::new();
    f.seal("Bo");
    for file in fs::read_dir(f.dir.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&f.settings.key_file, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(f.unlock_again(), Err(StartError::KeyFileReadable(_))), "{mode:o}");
    }
    fs::set_permissions(&f.settings.key_file, fs::Permissions::from_mode(0o400)).unwrap();
    f.unlock_again().unwrap();
}
