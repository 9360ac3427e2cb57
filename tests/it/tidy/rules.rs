//! The rules of the house, one function each, and a broken example for every one.

use std::collections::BTreeMap;

use super::source::{Path, Source};
use super::{Fault, ROOMS, UNDER_ALL};

/// The files of a room that have a place in its order.
const LAYERS: [&str; 5] = ["model", "rules", "store", "actions", "http"];

/// Something that only a few places may touch.
struct Fence {
    what: &'static str,
    /// Paths, or parts of paths.
    names: &'static [&'static str],
    /// Beginnings of file names below `src`; a bare `store.rs` or `http.rs` means that file of every room.
    lawful: &'static [&'static str],
    instead: &'static str,
}

const FENCES: [Fence; 8] = [
    Fence {
        what: "SQL",
        names: &["diesel", "crate::schema"],
        lawful: &["base/db", "schema.rs", "store.rs", "lib.rs"],
        instead: "put the query into the room's store.rs and call it",
    },
    Fence {
        what: "the web server",
        names: &["actix_web", "actix_http", "actix_rt", "utoipa_actix_web", "utoipa_swagger_ui"],
        lawful: &["base/http", "base/telemetry", "http.rs", "app.rs", "app/", "main.rs"],
        instead: "take typed values from http.rs",
    },
    Fence {
        what: "mail and HTTP clients",
        names: &["lettre", "reqwest"],
        lawful: &["messages/channels", "demo"],
        instead: "plan a message and let a channel carry it",
    },
    Fence {
        what: "the clock",
        names: &["Utc::now", "Local::now", "SystemTime::now", "time::Instant::now"],
        lawful: &["base", "messages/channels", "demo"],
        instead: "take `now` as a value",
    },
    Fence {
        what: "chance",
        names: &["getrandom", "rand", "Uuid::new_v4", "Uuid::now_v7", "OsRng"],
        lawful: &["base"],
        instead: "take ids and secrets from base",
    },
    Fence {
        what: "the environment",
        names: &["std::env"],
        lawful: &["base", "demo", "main.rs"],
        instead: "take a typed setting from base::config",
    },
    Fence {
        what: "sockets",
        names: &["TcpListener", "TcpStream", "UdpSocket", "UnixListener", "UnixStream", "ToSocketAddrs"],
        lawful: &["base", "messages/channels", "demo", "app.rs", "app/", "main.rs"],
        instead: "leave the network to base and the channels",
    },
    Fence {
        what: "a journal that keeps nothing",
        names: &["Journal::keeping_nothing"],
        lawful: &["journal/writer.rs"],
        instead: "no journal, no answer: start the real one",
    },
];

/// Everything that is wrong in `sources`.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    // What an actions.rs hands on it answers for; a mod.rs hides where a thing stands.
    let handed_on = sources.iter().filter(|source| source.file.ends_with("mod.rs")).flat_map(|source| &source.handed_on).collect();
    let mut faults = Vec::new();
    let mut schemas = BTreeMap::new();
    for source in sources {
        let mut fault = |line: usize, says: String| faults.push(Fault { file: source.file.clone(), line, says });
        writing(source, &mut fault);
        if !source.file.ends_with(".rs") {
            continue;
        }
        looks(source, &mut fault);
        attributes(source, &mut fault);
        log_lines(source, &mut fault);
        if let Some(inside) = source.file.strip_prefix("src/") {
            place(inside, &mut fault);
            for (name, line) in schemas_of(inside, source) {
                if let Some(other) = schemas.insert(name.clone(), &source.file) {
                    fault(line, format!("`{name}` is the schema of something in {other} already: the contract would show one for both"));
                }
            }
            for path in &source.paths {
                let names = real(&path.names, &handed_on);
                rooms(inside, path.line, &names, &mut fault);
                layers(inside, path.line, &names, &mut fault);
                fences(inside, path, &names, &mut fault);
            }
        }
    }
    faults
}

/// Follows a name through the `pub use` that handed it on.
fn real(names: &[String], handed_on: &BTreeMap<&Vec<String>, &Vec<String>>) -> Vec<String> {
    for length in (2..=names.len()).rev() {
        if let Some(target) = handed_on.get(&names[..length].to_vec()) {
            return [target.as_slice(), &names[length..]].concat();
        }
    }
    names.to_vec()
}

/// Words that mean nothing outside one machine or one conversation, and unfinished work.
fn writing(source: &Source, fault: &mut impl FnMut(usize, String)) {
    let machine = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let tracker = [concat!("iss", "ue 1"), concat!("iss", "ue 2"), concat!("iss", "ue #")];
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!"), concat!("unimpl", "emented!")];
    for (number, line) in source.text.lines().enumerate() {
        if let Some(word) = machine.iter().find(|word| line.contains(**word)) {
            fault(number + 1, format!("`{word}` is a place on one machine: say what stands in the repository instead"));
        }
        if tracker.iter().any(|word| line.to_lowercase().contains(word)) {
            fault(number + 1, "a number of a tracker explains nothing here: write the reason itself".into());
        }
        if let Some(word) = unfinished.iter().find(|word| line.contains(**word)) {
            fault(number + 1, format!("`{word}`: finish it, or write it down under known limits in the README"));
        }
    }
}

/// First line, length and name of a file.
fn looks(source: &Source, fault: &mut impl FnMut(usize, String)) {
    if !source.text.starts_with("//! ") {
        fault(1, "begin the file with a `//!` line that says what it is for".into());
    }
    let lines = source.text.lines().count();
    if lines > 400 && source.file != "src/schema.rs" {
        fault(lines, format!("{lines} lines are too long (400 at most): split it by noun"));
    }
    if let Some(name) = source.file.split(['/', '.']).find(|part| ["util", "utils", "common", "helper", "helpers", "misc"].contains(part)) {
        fault(1, format!("`{name}` says nothing: name the file after the noun it is about"));
    }
}

/// Switched-off lints and sleeping tests.
fn attributes(source: &Source, fault: &mut impl FnMut(usize, String)) {
    for (at, word) in source.words.iter().enumerate() {
        if word.text == "allow" && source.is(at + 1, "(") && at > 0 && (source.is(at - 1, "[") || source.is(at - 1, ",")) {
            fault(word.line, "write `#[expect(.., reason = \"..\")]`: it ends when its cause does, `allow` never".into());
        }
        if word.text == "expect" && source.is(at + 1, "(") && at > 0 && source.is(at - 1, "[") {
            let inside = source.words[at..].iter().take_while(|word| word.text != "]");
            if !inside.into_iter().any(|word| word.text == "reason") {
                fault(word.line, "say why this lint is switched off: `reason = \"..\"`".into());
            }
        }
        if word.text == "sleep" && word.in_test {
            fault(word.line, "a test never sleeps: move the clock, or wait for the thing itself".into());
        }
    }
}

/// A line of the log has one `message`: its text. A field of that name would stand beside it in the same object.
fn log_lines(source: &Source, fault: &mut impl FnMut(usize, String)) {
    for (at, word) in source.words.iter().enumerate().filter(|(_, word)| word.text == "message") {
        let is_part = source.is(at + 1, ".") || at > 0 && source.is(at - 1, ".");
        let mut before = source.words[..at].iter().rev().take_while(|word| ![";", "{", "}"].contains(&word.text.as_str()));
        if !is_part && before.any(|word| word.text == "tracing") {
            fault(word.line, "a line of the log has its text as `message`: name the field after what it holds".into());
        }
    }
}

/// Every folder and file directly below `src` has its place in the order.
fn place(inside: &str, fault: &mut impl FnMut(usize, String)) {
    let first = inside.split('/').next().unwrap().trim_end_matches(".rs");
    if ![&ROOMS[..], &UNDER_ALL, &["lib", "schema"]].concat().contains(&first) {
        fault(1, format!("`{first}` has no place in the house: give it one in ROOMS (tests/it/tidy), as high as it can stand"));
    }
}

/// A room knows only rooms above it.
fn rooms(inside: &str, line: usize, names: &[String], fault: &mut impl FnMut(usize, String)) {
    let rank = |name: &str| ROOMS.iter().position(|room| *room == name);
    let own = inside.split(['/', '.']).next().unwrap();
    let (Some(own_rank), Some("crate"), Some(other)) = (rank(own), names.first().map(String::as_str), names.get(1)) else { return };
    // The demo is a user of the whole house: it starts the app, with settings and a tick of its own.
    let starts_the_app = own == "demo" && ["app", "config", "tick"].contains(&other.as_str());
    if rank(other).is_some_and(|rank| rank > own_rank) || (UNDER_ALL.contains(&other.as_str()) && !starts_the_app) {
        let advice = "tell a fact and let consequences.rs answer it, or move the knowledge up";
        fault(line, format!("`{own}` stands above `{other}` and must not know it ({}): {advice}", names.join("::")));
    }
}

/// The names under which a file's types stand in the contract, with their lines: a vocabulary's begins with its room.
fn schemas_of(inside: &str, source: &Source) -> Vec<(String, usize)> {
    let text = |at: usize| source.words.get(at).map_or("", |word| word.text.as_str());
    let mut found = Vec::new();
    for at in (0..source.words.len()).filter(|at| !source.words[*at].in_test) {
        let end = |from: usize, until: &[&str]| (from..source.words.len()).find(|at| until.contains(&text(*at)));
        if text(at) == "coded" && text(at + 1) == "!" {
            let room = inside.split('/').next().unwrap();
            let name = end(at, &["enum"]).map(|at| format!("{}{}{}", room[..1].to_uppercase(), &room[1..], text(at + 1)));
            found.extend(name.map(|name| (name, source.words[at].line)));
        } else if text(at) == "derive"
            && let Some(closed) = end(at, &[")"])
            && (at..closed).any(|at| text(at) == "ToSchema")
            && let Some(kind) = end(closed, &["struct", "enum"])
        {
            // `#[schema(as = Name)]` gives it another.
            let name = (closed..kind).find(|at| text(*at) == "as" && text(at + 1) == "=").map_or(kind + 1, |at| at + 2);
            found.push((text(name).to_owned(), source.words[kind].line));
        }
    }
    found
}

/// The place of a file or path in its room: the last of its names that is one.
fn layer<'a>(parts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    parts.filter_map(|part| LAYERS.into_iter().find(|layer| *layer == part)).last()
}

fn layer_of_file(inside: &str) -> Option<&'static str> {
    layer(inside.trim_end_matches(".rs").split('/').skip(1))
}

/// Inside a room: http -> actions -> {rules, store} -> model; `base` has an order of its own.
fn layers(inside: &str, line: usize, names: &[String], fault: &mut impl FnMut(usize, String)) {
    let [first, room, rest @ ..] = names else { return };
    if first != "crate" || room == "base" || inside.starts_with("base/") || !ROOMS.contains(&room.as_str()) {
        return;
    }
    let (Some(from), Some(to)) = (layer_of_file(inside), layer(rest.iter().map(String::as_str).take(2))) else { return };
    let advice = match (from, to) {
        ("model", "rules" | "store" | "actions" | "http") => "facts know nobody: move the decision to rules.rs",
        ("rules", "store" | "actions" | "http") => "rules decide on what they are given: load it in actions.rs and hand it in",
        ("store", "rules" | "actions" | "http") => "the store turns rows into facts: decide in rules.rs, call both from actions.rs",
        ("actions", "http") => "a verb does not know how it was asked: move the type to model.rs",
        ("http", "store") => {
            "handlers call verbs: put one into actions.rs, which may hand a plain look-up on (`pub use super::store::get`)"
        }
        _ => return,
    };
    fault(line, format!("{from} must not see {to} ({}): {advice}", names.join("::")));
}

/// What only a few places may touch; tests inside a file are free.
fn fences(inside: &str, path: &Path, names: &[String], fault: &mut impl FnMut(usize, String)) {
    if path.in_test {
        return;
    }
    for fence in &FENCES {
        let touched = fence.names.iter().any(|name| {
            let parts: Vec<&str> = name.split("::").collect();
            names.windows(parts.len()).any(|window| window.iter().map(String::as_str).eq(parts.iter().copied()))
        });
        let own = layer_of_file(inside).map(|layer| format!("{layer}.rs"));
        let lawful = fence.lawful.iter().any(|place| inside.starts_with(place) || own.as_deref() == Some(*place));
        if touched && !lawful {
            let lawful = fence.lawful.join(", ");
            fault(path.line, format!("{} belongs to {lawful} ({}): {}", fence.what, names.join("::"), fence.instead));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(files: &[(&str, &str)]) -> Vec<Fault> {
        check(&files.iter().map(|(file, text)| Source::new(file, text)).collect::<Vec<_>>())
    }

    /// File, what follows its first line, and what is said about it (nothing: it is tidy).
    const CASES: &[(&str, &str, &str)] = &[
        // Rooms.
        ("src/duties/rules.rs", "use crate::cases::model::Case;", "`duties` stands above `cases`"),
        ("src/cases/rules.rs", "use crate::duties::model::Duty;", ""),
        ("src/cases/actions.rs", "fn f() { crate::consequences::follow() }", "`cases` stands above `consequences`"),
        ("src/cases/actions.rs", "use crate::{base::ids, courses};", "`cases` stands above `courses`"),
        ("src/base/db/mod.rs", "use crate::journal;", "`base` stands above `journal`"),
        ("src/facts.rs", "use crate::people;", "`facts` stands above `people`"),
        ("src/lib.rs", "mod schema;", ""),
        ("src/consequences.rs", "use crate::{sessions, duties};", ""),
        ("src/demo/mod.rs", "use crate::app;", ""),
        ("src/demo/mod.rs", "use crate::consequences;", "`demo` stands above `consequences`"),
        ("src/cases/actions.rs", "use crate::config;", "`cases` stands above `config`"),
        ("src/helpdesk/mod.rs", "", "`helpdesk` has no place"),
        // Inside a room.
        ("src/cases/http.rs", "use super::store;", "http must not see store"),
        ("src/cases/http.rs", "use super::{actions, model::Case};", ""),
        ("src/cases/http.rs", "use crate::people;\nfn f() { people::store::find() }", "http must not see store"),
        ("src/cases/rules.rs", "use super::store::Row;", "rules must not see store"),
        ("src/cases/store.rs", "use super::rules::decide;", "store must not see rules"),
        ("src/cases/store.rs", "use crate::people::store::rows;", ""),
        ("src/cases/model.rs", "use super::rules::decide;", "model must not see rules"),
        ("src/cases/actions.rs", "use super::http::View;", "actions must not see http"),
        ("src/cases/alerts/http.rs", "use super::store;", "http must not see store"),
        ("src/cases/rules.rs", "use crate::base::vault::store;", ""),
        // Fences.
        ("src/cases/actions.rs", "use diesel::prelude::*;", "SQL belongs to"),
        ("src/cases/store.rs", "use diesel::prelude::*;", ""),
        ("src/base/vault/store.rs", "use diesel::prelude::*;", ""),
        ("src/cases/actions.rs", "fn f() { crate::schema::cases::table; }", "SQL belongs to"),
        ("src/cases/rules.rs", "use actix_web::HttpResponse;", "the web server belongs to"),
        ("src/cases/http.rs", "use actix_web::web;", ""),
        ("src/duties/actions.rs", "fn f() { reqwest::get(1); }", "mail and HTTP clients belongs to"),
        ("src/messages/channels/push.rs", "use reqwest::Client;", ""),
        ("src/cases/actions.rs", "use chrono::Utc;\nfn f() { Utc::now(); }", "the clock belongs to"),
        ("src/cases/actions.rs", "use chrono::Utc;\nfn f(at: Utc) {}", ""),
        ("src/app.rs", "use crate::journal::Journal;\nfn f() { Journal::keeping_nothing(); }", "a journal that keeps nothing belongs to"),
        ("src/access/rules.rs", "fn f() { getrandom::fill(&mut [0]); }", "chance belongs to"),
        ("src/access/rules.rs", "#[cfg(test)]\nmod tests { fn f() { getrandom::fill(&mut [0]); } }", ""),
        ("src/cases/rules.rs", "use std::env;\nfn f() { env::var(\"A\"); }", "the environment belongs to"),
        ("src/cases/rules.rs", "use std::net::IpAddr;", ""),
        ("src/tick.rs", "use std::net::TcpStream;", "sockets belongs to"),
        // Looks.
        ("src/cases/utils.rs", "", "`utils` says nothing"),
        ("tests/it/common/mod.rs", "", "`common` says nothing"),
        ("src/cases/rules.rs", "#[allow(dead_code)]\nfn f() {}", "`allow` never"),
        ("src/cases/rules.rs", "#![cfg_attr(test, allow(unused))]", "`allow` never"),
        ("src/cases/rules.rs", "#[expect(dead_code)]\nfn f() {}", "say why"),
        ("src/cases/rules.rs", "#[expect(dead_code, reason = \"soon\")]\nfn f() { x.expect(\"y\") }", ""),
        ("src/cases/actions.rs", "fn f() { tracing::info!(message = %x.id, \"sent\"); }", "has its text as `message`"),
        ("src/cases/actions.rs", "fn f() { let message = 1; tracing::info!(message_id = %message.id, \"a message\"); }", ""),
        ("tests/it/cases.rs", "fn f() { std::thread::sleep(x); }", "a test never sleeps"),
        ("src/cases/rules.rs", "#[cfg(test)]\nmod tests { fn f() { sleep(x) } }", "a test never sleeps"),
        ("src/app.rs", "async fn f() { tokio::time::sleep(x).await }", ""),
        ("README.md", concat!("See /wo", "rk/x."), "a place on one machine"),
        ("migrations/0001_cases/up.sql", concat!("-- as in Iss", "ue 2"), "a number of a tracker"),
        ("src/cases/rules.rs", concat!("fn f() { to", "do!() }"), "finish it"),
    ];

    #[test]
    fn each_rule_sees_its_fault_and_nothing_else() {
        for (file, text, says) in CASES {
            let found = faults(&[(file, &format!("//! A sign.\n{text}\n"))]);
            let all: Vec<&str> = found.iter().map(|fault| fault.says.as_str()).collect();
            let right = if says.is_empty() { all.is_empty() } else { !all.is_empty() && all.iter().all(|fault| fault.contains(says)) };
            assert!(right, "{file}: {text}\nexpected: {says}\nfound: {all:?}");
        }
    }

    #[test]
    fn sees_missing_signs_and_long_files() {
        assert!(faults(&[("src/cases/rules.rs", "fn f() {}\n")])[0].says.contains("begin the file"));
        let long = format!("//! A sign.\n{}", "\n".repeat(400));
        assert!(faults(&[("src/cases/rules.rs", &long)])[0].says.contains("401 lines"));
        assert!(faults(&[("src/schema.rs", &long)]).is_empty());
    }

    #[test]
    fn sees_two_schemas_of_one_name() {
        let coded = "//! A sign.\ncoded! { /// Kinds.\npub enum Kind { A } }\n";
        let view = "//! A sign.\n#[derive(Serialize, utoipa::ToSchema)]\nstruct View { id: u8 }\n";
        let other = view.replace("struct", "#[schema(as = Other)]\nstruct");
        let other = other.as_str();
        for (files, says) in [
            ([("src/cases/alerts/model.rs", coded), ("src/cases/visits/model.rs", coded)], "`CasesKind` is the schema"),
            ([("src/cases/model.rs", coded), ("src/courses/model.rs", coded)], ""),
            ([("src/cases/http.rs", view), ("src/courses/http.rs", view)], "`View` is the schema"),
            ([("src/cases/http.rs", view), ("src/courses/http.rs", other)], ""),
        ] {
            let found = faults(&files);
            assert!(if says.is_empty() { found.is_empty() } else { found.len() == 1 && found[0].says.contains(says) }, "{says}: {found:?}");
        }
    }

    #[test]
    fn sees_through_names_that_were_handed_on() {
        let found = faults(&[
            ("src/people/mod.rs", "//! A sign.\nmod store;\npub use store::find_person;\n"),
            ("src/cases/http.rs", "//! A sign.\nuse crate::people::find_person;\n"),
        ]);
        assert!(found.len() == 1 && found[0].says.contains("http must not see store"), "{found:?}");
    }
}
