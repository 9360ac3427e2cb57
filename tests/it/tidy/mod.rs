//! Holds the order of the house: which room may know which, what only certain files may touch, and how files look.
//!
//! Every rule is a function from one file to what is wrong with it; the tests at the end break each rule once.

mod rules;
mod source;
mod words;

use std::fs;
use std::path::Path;

use self::source::Source;

/// The folders of `src` (and `facts.rs`, the vocabulary that rooms tell) from top to bottom: a room knows only rooms above it.
const ROOMS: [&str; 21] = [
    "base",
    "facts",
    "journal",
    "access",
    "corrections",
    "messages",
    "duties",
    "people",
    "oversight",
    "staff",
    "availability",
    "enquiries",
    "cases",
    "courses",
    "matching",
    "sessions",
    "calendars",
    "followups",
    "today",
    "reports",
    "demo",
];

/// The files of `src` that stand under all rooms and may know them all.
const UNDER_ALL: [&str; 6] = ["tick", "consequences", "config", "app", "commands", "main"];

/// The folders and files that are read, from the top of the repository.
const READ: [&str; 8] = ["src", "tests", "benches", "migrations", "api-spec", ".ci", "README.md", "Cargo.toml"];

/// What is wrong in one place, and what to do about it.
#[derive(Debug)]
struct Fault {
    file: String,
    line: usize,
    says: String,
}

fn read_all(at: &Path, top: &Path, into: &mut Vec<Source>) {
    if at.is_dir() {
        let mut inside: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        inside.iter().for_each(|path| read_all(path, top, into));
    } else if let Ok(text) = fs::read_to_string(at) {
        into.push(Source::new(&at.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/"), &text));
    }
}

#[test]
fn the_house_is_tidy() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    READ.iter().for_each(|place| read_all(&top.join(place), top, &mut sources));
    assert!(sources.iter().any(|source| source.file == "src/lib.rs"), "nothing was read: run the tests in the repository");
    let mut faults = rules::check(&sources);
    faults.extend(words::check(&sources));
    let list: String = faults.iter().map(|fault| format!("\n  {}:{}: {}", fault.file, fault.line, fault.says)).collect();
    assert!(faults.is_empty(), "{} places to tidy up:{list}", faults.len());
}
