//! Who was seen, and was it written down: names that tests plant, and the search for them wherever they must not be.

use std::collections::BTreeSet;

use makker::base::clock::Instant;
use serde_json::Value;

/// Names, places and words that stand in nothing but the data of tests. Whatever leaves the building, and every line of the log,
/// is searched for them; an answer that holds a person's name must have that person in the journal.
pub const PLANTED: [&str; 8] =
    ["Frodemund", "Bertramius", "Gudrunette", "Mathildur", "Kaspersson", "Vintermarken", "Egernvang Skole", "0101901234"];

/// An answer that was given.
pub struct Seen {
    /// When, by the app's clock.
    pub at: Instant,
    /// Its `X-Request-Id`.
    pub request: String,
    /// What was asked, for the complaint.
    pub to: String,
    pub body: String,
}

/// A person, with what they can be known by.
pub struct Known {
    pub id: String,
    pub names: Vec<String>,
}

/// The people that answers may show, with the planted names that answers themselves gave them (`id` beside `given_name`).
pub fn known(seen: &[Seen], people: Vec<String>) -> Vec<Known> {
    let mut known: Vec<_> = people.into_iter().map(|id| Known { id, names: Vec::new() }).collect();
    for body in seen.iter().filter_map(|answer| serde_json::from_str(&answer.body).ok()) {
        learn(&body, &mut known);
    }
    known
}

fn learn(value: &Value, known: &mut [Known]) {
    if let (Some(id), Some(name)) = (value["id"].as_str(), value["given_name"].as_str())
        && let Some(person) = known.iter_mut().find(|person| person.id == id)
    {
        person.names.extend(PLANTED.iter().filter(|word| name.contains(**word)).map(|word| (*word).to_owned()));
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| learn(member, known)),
        Value::Array(items) => items.iter().for_each(|item| learn(item, known)),
        _ => {}
    }
}

/// Answers that showed somebody of whom the journal has no entry; `journal` is request and subject.
pub fn unjournaled<'a>(seen: impl IntoIterator<Item = &'a Seen>, people: &[Known], journal: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut missing = Vec::new();
    for answer in seen {
        for person in people {
            let shown = std::iter::once(&person.id).chain(&person.names).find(|word| answer.body.contains(word.as_str()));
            if let Some(word) = shown
                && !journal.contains(&(answer.request.clone(), person.id.clone()))
            {
                missing.push(format!("{} showed {word} and the journal has no entry of person {} for it", answer.to, person.id));
            }
        }
    }
    missing
}

/// Planted words in what left the building or went into the log; `captured` is what it is and its bytes.
pub fn leaks<'a>(captured: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<String> {
    let mut found = Vec::new();
    for (what, bytes) in captured {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let words = PLANTED.iter().filter(|word| text.contains(&word.to_lowercase()));
        found.extend(words.map(|word| format!("{what} holds {word:?}: say it without a name, or not at all")));
    }
    found
}

#[test]
fn the_search_finds_names_and_missing_entries() {
    let seen = [Seen {
        at: Instant::from_micros(0),
        request: "r1".into(),
        to: "GET /v1/people/p1".into(),
        body: r#"{"id":"p1","name":"Gudrunette"}"#.into(),
    }];
    let people = [Known { id: "p1".into(), names: vec!["Gudrunette".into()] }, Known { id: "p2".into(), names: vec!["Mathildur".into()] }];
    let entry = |request: &str, person: &str| BTreeSet::from([(request.to_owned(), person.to_owned())]);
    assert!(unjournaled(&seen, &people, &entry("r1", "p1")).is_empty());
    assert_eq!(unjournaled(&seen, &people, &entry("r2", "p1")).len(), 1);
    assert_eq!(unjournaled(&seen, &people, &entry("r1", "p2")).len(), 1);

    assert!(leaks([("a mail", "Du har en aftale kl. 15".as_bytes())]).is_empty());
    assert_eq!(leaks([("a mail", "Kære BERTRAMIUS".as_bytes())]).len(), 1);
}
