//! Backups while people work, and what comes back from them.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::commands::{Serving, code, makker, said, tell};
use crate::support::http::Request;

/// Somebody at a server that runs as a process of its own.
struct Desk {
    address: SocketAddr,
    token: String,
}

impl Desk {
    fn sign_in(serving: &Serving) -> Self {
        let address = serving.address.parse().unwrap();
        let body = json!({"name": "eva", "password": "cyclist harbour 7", "device": {"kind": "desk", "label": "Office"}});
        let answer = Request::new("POST", "/v1/sign-ins").json(&body).send(address);
        Self { address, token: answer.ok()["tokens"]["access_token"].as_str().unwrap().to_owned() }
    }

    fn send(&self, request: Request) -> crate::support::http::Answer {
        request.header("Authorization", &format!("Bearer {}", self.token)).send(self.address)
    }

    /// Writes a person down, with a key of their own.
    fn write(&self, n: usize) -> String {
        let body = json!({"kind": "young_person", "name": {"given": format!("Barn {n}"), "family": "Prøve"}});
        self.send(Request::new("POST", "/v1/people").header("Idempotency-Key", &format!("key-{n}")).json(&body)).id()
    }

    fn name(&self, id: &str) -> String {
        self.send(Request::new("GET", &format!("/v1/people/{id}"))).ok()["given_name"].as_str().unwrap().to_owned()
    }
}

/// A folder with the files of another, each under the name that the settings have for it.
fn restored(files: &[(&Path, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, name) in files {
        fs::copy(from, folder.path().join(name)).unwrap();
    }
    folder
}

#[test]
fn what_was_acknowledged_comes_back_from_a_backup_that_was_made_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    makker(folder.path(), "migrate --create", &[]);
    let made = tell(folder.path(), &["user", "add", "eva", "--role", "coordinator"], "cyclist harbour 7\n");
    assert_eq!(code(&made), Some(0), "{}", said(&made));
    let serving = Serving::start(folder.path(), &[]);
    let desk = Desk::sign_in(&serving);
    let before: Vec<String> = (0..5).map(|n| desk.write(n)).collect();

    let is_enough = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| (5..).take_while(|_| !is_enough.load(Ordering::Relaxed)).for_each(|n| drop(desk.write(n))));
        let output = makker(folder.path(), "backup copies", &[]);
        is_enough.store(true, Ordering::Relaxed);
        output
    });
    assert_eq!((code(&output), said(&output).lines().count()), (Some(0), 2), "{}", said(&output));
    let (database, keys) = (at("copies/database/makker.db"), at("copies/keys/makker-keys.db"));
    for file in [&database, &keys] {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing lies beside it, least of all the key file");
    }
    // The file of the key store alone has every key, too, also of what was written last.
    let last = desk.write(usize::MAX);
    let plain = at("plain-keys.db");
    fs::copy(at("makker-keys.db"), &plain).unwrap();
    let second = makker(folder.path(), "backup later --only database", &[]);
    assert_eq!(code(&second), Some(0), "{}", said(&second));

    let again = makker(folder.path(), "backup copies", &[]);
    assert!(code(&again) == Some(1) && said(&again).contains("is there already"), "{}", said(&again));
    assert_eq!(serving.stop("-TERM").0, Some(0));

    let key_file = at("makker.key");
    let (later, whole) = (at("later/database/makker.db"), [before.clone(), vec![last]].concat());
    for (database, keys, ids) in [(&database, &keys, &before), (&later, &plain, &whole)] {
        let back = restored(&[(database.as_path(), "makker.db"), (keys.as_path(), "makker-keys.db"), (key_file.as_path(), "makker.key")]);
        let serving = Serving::start(back.path(), &[]);
        let desk = Desk::sign_in(&serving);
        for (n, id) in ids.iter().take(5).enumerate() {
            assert_eq!(desk.name(id), format!("Barn {n}"));
        }
        ids.iter().for_each(|id| assert!(desk.name(id).starts_with("Barn ")));
        assert_eq!(serving.stop("-TERM").0, Some(0));
    }
}

#[test]
fn a_backup_that_was_killed_does_not_stand_in_the_way_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    makker(folder.path(), "migrate --create", &[]);
    fs::create_dir_all(at("copies/database")).unwrap();
    fs::write(at("copies/database/makker.db.unfinished"), "half of it").unwrap();
    // One that is still being made is left alone.
    let other = fs::File::open(at("copies/database")).unwrap();
    other.lock().unwrap();
    let second = makker(folder.path(), "backup copies", &[]);
    assert!(code(&second) == Some(1) && said(&second).contains("is being made by another copy"), "{}", said(&second));
    assert_eq!(fs::read(at("copies/database/makker.db.unfinished")).unwrap(), b"half of it");
    drop(other);
    let output = makker(folder.path(), "backup copies", &[]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let left: Vec<_> = fs::read_dir(at("copies/database")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["makker.db"]);

    // Of several at once one is the first, and the others are told so.
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| makker(folder.path(), "backup together --only database", &[]))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let words = ["is there already", "is being made by another copy"];
    let is_told = |output: &std::process::Output| code(output) == Some(1) && words.iter().any(|word| said(output).contains(word));
    let made = outputs.iter().filter(|output| code(output) == Some(0)).count();
    assert!(made == 1 && outputs.iter().filter(|output| is_told(output)).count() == 3, "{outputs:?}");
}

/// An unattended backup of what nothing can be started from is made, and does not pass for one.
#[test]
fn a_backup_of_a_database_whose_keys_are_older_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    makker(folder.path(), "migrate --create", &[]);
    fs::copy(at("makker-keys.db"), at("older.db")).unwrap();
    let made = tell(folder.path(), &["user", "add", "eva", "--role", "coordinator"], "cyclist harbour 7\n");
    assert_eq!(code(&made), Some(0), "{}", said(&made));
    fs::rename(at("older.db"), at("makker-keys.db")).unwrap();
    let output = makker(folder.path(), "backup copies", &[]);
    assert!(code(&output) == Some(1) && said(&output).contains("of the keys that the database knows"), "{}", said(&output));
    assert!(at("copies/database/makker.db").exists() && at("copies/keys/makker-keys.db").exists());
}

#[test]
fn a_backup_of_postgres_is_told_and_one_that_cannot_be_made_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let on_postgres = [("MAKKER_DATABASE__URL", "postgres:///it's?host=/run/x"), ("MAKKER_VAULT__KEY_STORE_URL", "postgres:///keys")];
    let told = makker(folder.path(), "backup copies", &on_postgres);
    let lines = "nothing was done: PostgreSQL is dumped by its own programs, in this order:
  mkdir -p -m 700 'copies/database' 'copies/keys'
  pg_dump --format=custom --file='copies/database/makker.dump' 'postgres:///it'\\''s?host=/run/x'
  pg_dump --format=custom --file='copies/keys/makker.dump' 'postgres:///keys'";
    assert_eq!((code(&told), said(&told)), (Some(1), format!("makker: {lines}\n")));
    let mixed = makker(folder.path(), "backup copies", &on_postgres[..1]);
    assert!(said(&mixed).ends_with("\n  makker backup 'copies' --only keys\n"), "{}", said(&mixed));

    let missing = makker(folder.path(), "backup copies", &[]);
    assert!(code(&missing) == Some(1) && said(&missing).contains("makker.db does not exist: is this the folder"), "{}", said(&missing));
    assert!(!folder.path().join("copies").exists(), "no folder without a copy in it");
}
