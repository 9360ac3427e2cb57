//! The demo as its user runs it: the replay on both engines, what it refuses, what it leaves behind.

use std::path::PathBuf;
use std::process::Command;

use makker::base::db::{DatabaseUrl, migrations};
use makker::demo::{self, Options};

use crate::support::TestDatabase;

/// Plays the demo in this process and gives its timeline.
fn play(options: &Options) -> Result<String, String> {
    let mut timeline = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let played = runtime.block_on(demo::run(options, &mut timeline, std::future::pending::<()>()));
    let timeline = String::from_utf8(timeline).unwrap();
    played.map(|()| timeline.clone()).map_err(|error| format!("{error}\n{timeline}"))
}

/// A demo that ends after the replay, in a new folder beside the database.
fn options(db: &TestDatabase) -> Options {
    let database_url = match &db.url {
        DatabaseUrl::Sqlite(_) => None,
        DatabaseUrl::Postgres(url) => Some(url.clone()),
    };
    Options { data: Some(db.dir().join("demo")), database_url, exit: true, listen: ([127, 0, 0, 1], 0).into() }
}

both_engines! {
    fn everything_holds(db: TestDatabase) {
        let options = options(&db);
        if options.database_url.is_some() {
            let words = play(&options).unwrap_err();
            assert!(words.contains("holds something already"), "{words}");
            let mut db = db.connect();
            while migrations::revert(&mut db).unwrap().is_some() {}
        }
        let timeline = play(&options).unwrap_or_else(|words| panic!("{words}"));
        for line in ["takes a concern", "+ promised: referral, due Wed 15 Jan 2025 10:00", "+ kept: referral"] {
            assert!(timeline.contains(line), "{line} is not in\n{timeline}");
        }
    }
}

#[test]
fn the_program_plays_it_and_leaves_nothing_behind() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let makker = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makker"));
        command.args(arguments).current_dir(folder.path()).env_clear().env("TMPDIR", temporary.path()).output().unwrap()
    };
    let played = makker(&["demo", "--exit"]);
    let said = format!("{}{}", String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert_eq!(played.status.code(), Some(0), "{said}");
    for place in [&folder, &temporary] {
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "{said}");
    }
    for (arguments, code, words) in [
        (["demo", "--listen", "0.0.0.0:8080"], 2, "on this machine only"),
        (["demo", "--database-url", "sqlite://x.db"], 1, "takes a PostgreSQL address"),
    ] {
        let refused = makker(&arguments);
        assert_eq!(refused.status.code(), Some(code));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(words), "{words}");
    }
    let theirs: PathBuf = folder.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    std::fs::write(theirs.join("makker.db"), "x").unwrap();
    let refused = makker(&["demo", "--exit", "--data", "theirs"]);
    assert_eq!((refused.status.code(), std::fs::read(theirs.join("makker.db")).unwrap()), (Some(1), b"x".to_vec()));
}
